"""Pairs of handwritten digits."""

from collections.abc import Sequence

import torch
from sklearn.datasets import load_digits
from torch import Tensor

from codegen.child.data.shared import SEED, SHARES, Splits, as_splits, rows_of_splits

COUNT = 4000


def pairs(
    scans: Tensor, digits: Tensor, count: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """Returns `count` pairs of these scans only; half of them show one digit twice."""
    first = torch.randint(len(digits), (count,), generator=generator)
    second = torch.randint(len(digits), (count,), generator=generator)
    for row in range(0, count, 2):  # every second pair is of one digit
        alike = (digits == digits[first[row]]).nonzero().flatten()
        second[row] = alike[torch.randint(len(alike), (), generator=generator)]
    same = (digits[first] == digits[second]).float()
    return {
        "first": scans[first],
        "second": scans[second],
        "same": same,
        "relation": 2 * same - 1,
    }


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors.

    No scan is in two splits: a pair is made of scans of its own split.
    """
    scans = load_digits()
    image = torch.tensor(scans.images, dtype=torch.float32).unsqueeze(1) / 16
    label = torch.tensor(scans.target, dtype=torch.int64)
    generator = torch.Generator().manual_seed(seed)
    parts = rows_of_splits(len(label), shares, generator)
    return as_splits(
        [
            pairs(image[rows], label[rows], max(1, round(share * COUNT)), generator)
            for rows, share in zip(parts, shares, strict=True)
        ]
    )
