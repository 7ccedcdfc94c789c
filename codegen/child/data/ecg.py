"""Electrocardiograms."""

from collections.abc import Sequence

import torch
from torch import Tensor

from codegen.child.data.shared import SEED, SHARES, Splits, deal

MIN_SAMPLES = 1500
MAX_SAMPLES = 3000
COUNT = 800
RATE = 300  # samples a second


def wave(seconds: Tensor, middle: float, width: float) -> Tensor:
    """Returns a hump of height 1."""
    return (-((seconds - middle) / width).square()).exp()


def heart(findings: Tensor, samples: int, generator: torch.Generator) -> Tensor:
    """Returns `samples` millivolts of a heart with these findings."""
    irregular, fast, wide, no_p = findings.tolist()
    seconds = torch.arange(samples) / RATE
    period = (0.5 if fast else 0.9) * (
        1 + 0.1 * float(torch.rand((), generator=generator))
    )
    count = int(samples / RATE / period * 2) + 3
    spread = 0.3 if irregular else 0.02
    gaps = 1 + spread * (2 * torch.rand(count, generator=generator) - 1)
    beats = (period * gaps).cumsum(0) - period
    after = torch.searchsorted(beats, seconds).clamp(1, count - 1)
    since, until = seconds - beats[after - 1], seconds - beats[after]
    spike = 0.06 if wide else 0.02
    signal = wave(since, 0.0, spike) + wave(until, 0.0, spike)
    signal -= 0.25 * wave(since, 2 * spike, spike) + 0.15 * wave(until, -spike, spike)
    signal += 0.3 * wave(since, 0.27, 0.05)
    return signal if no_p else signal + 0.15 * wave(until, -0.16, 0.025)


def records(generator: torch.Generator) -> dict[str, Tensor]:
    """Returns records, padded with 0 at their end, and what is to be found in them."""
    labels = (torch.rand(COUNT, 4, generator=generator) < 0.4).float()
    samples = torch.randint(MIN_SAMPLES, MAX_SAMPLES + 1, (COUNT,), generator=generator)
    signal = torch.zeros(COUNT, 1, MAX_SAMPLES)
    for row, length in enumerate(samples.tolist()):
        beats = heart(labels[row] > 0, length, generator)
        noise = 0.05 * torch.randn(length, generator=generator)
        signal[row, 0, :length] = beats + noise
    return {"signal": signal, "samples": samples, "labels": labels}


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    generator = torch.Generator().manual_seed(seed)
    return deal(records(generator), shares, generator)
