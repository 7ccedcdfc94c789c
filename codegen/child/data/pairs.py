"""Digits to be read backwards."""

from collections.abc import Sequence

import torch
from torch import Tensor

from codegen.child.data.shared import SEED, SHARES, Splits, deal

MIN_DIGITS = 3
MAX_DIGITS = 8
COUNT = 3000
START, END, ZERO = 1, 2, 3  # 0 is padding


def pairs(generator: torch.Generator) -> dict[str, Tensor]:
    """Returns digits, and the same backwards with an end; both are padded with 0."""
    counts = torch.randint(MIN_DIGITS, MAX_DIGITS + 1, (COUNT,), generator=generator)
    digits = ZERO + torch.randint(10, (COUNT, MAX_DIGITS), generator=generator)
    place = torch.arange(MAX_DIGITS + 1)
    source = digits.where(place[:-1] < counts[:, None], 0)
    back = (counts[:, None] - 1 - place).clamp(min=0)
    target = digits.gather(1, back).where(place < counts[:, None], 0)
    target = target.where(place != counts[:, None], END)
    target_in = target.roll(1, dims=1)
    target_in[:, 0] = START
    return {
        "source": source,
        "source_count": counts,
        "target_in": target_in.where(place <= counts[:, None], 0),
        "target_in_count": counts + 1,
        "target": target,
        "target_count": counts + 1,
    }


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    generator = torch.Generator().manual_seed(seed)
    return deal(pairs(generator), shares, generator)
