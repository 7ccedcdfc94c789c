"""Strings of handwritten digits."""

from collections.abc import Sequence

import torch
from sklearn.datasets import load_digits
from torch import Tensor

from codegen.child.data.shared import SEED, SHARES, Splits, as_splits, rows_of_splits

MIN_DIGITS = 3
MAX_DIGITS = 7
MAX_GAP = 4  # pixels
TRAIN_STRINGS = 3000
VALIDATION_STRINGS = 400
TEST_STRINGS = 400


def compose(
    scans: Tensor, digits: Tensor, count: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """Returns `count` strings of these scans only: side by side, with random gaps."""
    width = 8 * MAX_DIGITS + MAX_GAP * (MAX_DIGITS + 1)
    image = torch.zeros(count, 1, 8, width)
    labels = torch.zeros(count, MAX_DIGITS, dtype=torch.int64)
    lengths = torch.randint(MIN_DIGITS, MAX_DIGITS + 1, (count,), generator=generator)
    for row, length in enumerate(lengths.tolist()):
        chosen = torch.randint(len(digits), (length,), generator=generator)
        gaps = torch.randint(MAX_GAP + 1, (length,), generator=generator)
        left = (gaps.cumsum(0) + 8 * torch.arange(length)).tolist()
        for start, scan in zip(left, scans[chosen], strict=True):
            image[row, :, :, start : start + 8] = scan
        labels[row, :length] = digits[chosen] + 1  # class 0 is the blank
    return {"image": image, "labels": labels, "label_count": lengths}


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors.

    No scan is in two splits: a string is made of scans of its own split.
    """
    scans = load_digits()
    image = torch.tensor(scans.images, dtype=torch.float32).unsqueeze(1) / 16
    label = torch.tensor(scans.target, dtype=torch.int64)
    generator = torch.Generator().manual_seed(seed)
    parts = rows_of_splits(len(label), shares, generator)
    counts = (TRAIN_STRINGS, VALIDATION_STRINGS, TEST_STRINGS)
    return as_splits(
        [
            compose(image[rows], label[rows], count, generator)
            for rows, count in zip(parts, counts, strict=True)
        ]
    )
