# Written by Layerloom from a drawing. The code is yours: change it as you like.
"""Scans side by side with random gaps, labels without positions: a true CTC task.

Source: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI
Machine Learning Repository, 1998, doi:10.24432/C50P49; the 1,797 scans that come with
scikit-learn. Licence: CC BY 4.0.
"""

import math
from collections.abc import Iterator, Sequence

import torch
from sklearn.datasets import load_digits
from torch import Tensor

CLASSES = ("blank", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
MIN_DIGITS = 3  # digits in the shortest string
MAX_DIGITS = 7  # digits in the longest string
MAX_GAP = 4  # pixels in the widest gap
TRAIN_STRINGS = 3000  # strings for training
VALIDATION_STRINGS = 400  # strings for validation
TEST_STRINGS = 400  # strings for the test
SHARES = (0.7, 0.15, 0.15)  # train, validation, test
SEED = 0
INPUTS = {  # what the network calls it: what the data calls it
    "image": "image",  # (N, 1, 8, 88) float32: grey values, digits side by side
    "labels": "labels",  # (N, 7) int64: class 0 is the blank, digit d is class d + 1
    "label_count": "label_count",  # (N,) int64: how many digits the string has
}
Splits = dict[str, dict[str, Tensor]]


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


def as_splits(parts: Sequence[dict[str, Tensor]]) -> Splits:
    """Names the splits, and in each what the network takes."""
    names = ("train", "validation", "test")
    return {
        name: {argument: fields[field] for argument, field in INPUTS.items()}
        for name, fields in zip(names, parts, strict=True)
    }


def rows_of_splits(
    count: int, shares: Sequence[float], generator: torch.Generator
) -> tuple[Tensor, ...]:
    """Returns which rows are for train, validation and test: each for one of them."""
    order = torch.randperm(count, generator=generator)
    first = round(shares[0] * count)
    second = first + round(shares[1] * count)
    return order[:first], order[first:second], order[second:]


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


class Batches:
    """Goes through a split in batches of at most `size`, shuffled if there is a seed.

    The batches are nearly alike in size, so that none is left with a single sample.
    """

    def __init__(
        self,
        split: dict[str, Tensor],
        size: int,
        device: torch.device | str,
        seed: int | None = None,
    ) -> None:
        self.split, self.device = split, device
        order = torch.arange(len(next(iter(split.values()))))
        if seed is not None:
            generator = torch.Generator().manual_seed(seed)
            order = order[torch.randperm(len(order), generator=generator)]
        self.rows = order.tensor_split(math.ceil(len(order) / size))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        for rows in self.rows:
            yield {key: part[rows].to(self.device) for key, part in self.split.items()}
