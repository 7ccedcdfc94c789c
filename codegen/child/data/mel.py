"""Speech, as bands of pitch over time."""

from collections.abc import Sequence

import torch
from torch import Tensor

from codegen.child.data.shared import SEED, SHARES, Splits, deal

MIN_SOUNDS = 3
MAX_SOUNDS = 7
BANDS = 40
COUNT = 1500
SOUNDS = 10
LONGEST = 12  # frames of a sound and the pause behind it


def spectra() -> Tensor:
    """Returns how loud each sound is in each band: two peaks, in places of its own."""
    band = torch.arange(BANDS) / BANDS
    low = 0.05 + 0.09 * torch.arange(SOUNDS)[:, None] % 0.45
    high = 0.5 + 0.17 * torch.arange(SOUNDS)[:, None] % 0.45
    return (-((band - low) / 0.05).square()).exp() + (
        -((band - high) / 0.05).square()
    ).exp()


def utterances(generator: torch.Generator) -> dict[str, Tensor]:
    """Returns sounds of four to eight frames, pauses of up to four between them."""
    frames = LONGEST * MAX_SOUNDS + 4
    mel = torch.zeros(COUNT, frames, BANDS)
    labels = torch.randint(1, SOUNDS + 1, (COUNT, MAX_SOUNDS), generator=generator)
    counts = torch.randint(MIN_SOUNDS, MAX_SOUNDS + 1, (COUNT,), generator=generator)
    long = torch.randint(4, 9, (COUNT, MAX_SOUNDS), generator=generator)
    pause = torch.randint(1, 5, (COUNT, MAX_SOUNDS), generator=generator)
    start = 2 + (long + pause).cumsum(1) - long - pause
    loudness = spectra()
    for row, count in enumerate(counts.tolist()):
        for sound, first, length in zip(
            labels[row, :count], start[row].tolist(), long[row].tolist(), strict=False
        ):
            mel[row, first : first + length] = loudness[sound - 1]
    mel += 0.2 * torch.randn(mel.shape, generator=generator)
    own = torch.arange(MAX_SOUNDS) < counts[:, None]
    total = 4 + ((long + pause) * own).sum(1)
    mel[torch.arange(frames) >= total[:, None]] = 0.0
    return {
        "mel": mel,
        "frames": total,
        "labels": labels.where(own, 0),
        "label_count": counts,
    }


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    generator = torch.Generator().manual_seed(seed)
    return deal(utterances(generator), shares, generator)
