"""Curves of two waves and noise."""

from collections.abc import Sequence

import torch
from torch import Tensor

from codegen.child.data.shared import SEED, SHARES, Splits, deal

STEPS = 40
COUNT = 1500


def curves(generator: torch.Generator) -> dict[str, Tensor]:
    """Returns curves, what comes one step later, and what they are made of."""
    heights = 0.3 + 0.7 * torch.rand(COUNT, 2, 1, generator=generator)
    lengths = 6 + 24 * torch.rand(COUNT, 2, 1, generator=generator)
    waves = heights * torch.sin(2 * torch.pi * torch.arange(STEPS + 1) / lengths)
    clean = waves.sum(1).unsqueeze(2)
    series = clean + 0.05 * torch.randn(clean.shape, generator=generator)
    return {
        "series": series[:, :-1],
        "features": torch.cat((heights, lengths / 20), dim=1).squeeze(2),
        "value": clean[:, -1],
        "next": series[:, 1:],
        "curve": series[:, :-1],
        "label": (lengths[:, 0, 0] > lengths[:, 1, 0]).long(),
    }


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    generator = torch.Generator().manual_seed(seed)
    return deal(curves(generator), shares, generator)
