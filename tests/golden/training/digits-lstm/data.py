# Written by Layerloom from a drawing. The code is yours: change it as you like.
"""1,797 scans of 8x8 pixels, ten classes; as images, or their rows as a time series.

Source: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI
Machine Learning Repository, 1998, doi:10.24432/C50P49; the 1,797 scans that come with
scikit-learn. Licence: CC BY 4.0.
"""

import math
from collections.abc import Iterator, Sequence

import torch
from sklearn.datasets import load_digits
from torch import Tensor

CLASSES = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
SHARES = (0.7, 0.15, 0.15)  # train, validation, test
SEED = 0
INPUTS = {  # what the network calls it: what the data calls it
    "rows": "rows",  # (N, 8, 8) float32: the same, each row a time step
    "label": "label",  # (N,) int64: which digit it is
}
Splits = dict[str, dict[str, Tensor]]


def rows_of_splits(
    count: int, shares: Sequence[float], generator: torch.Generator
) -> tuple[Tensor, ...]:
    """Returns which rows are for train, validation and test: each for one of them."""
    order = torch.randperm(count, generator=generator)
    first = round(shares[0] * count)
    second = first + round(shares[1] * count)
    return order[:first], order[first:second], order[second:]


def as_splits(parts: Sequence[dict[str, Tensor]]) -> Splits:
    """Names the splits, and in each what the network takes."""
    names = ("train", "validation", "test")
    return {
        name: {argument: fields[field] for argument, field in INPUTS.items()}
        for name, fields in zip(names, parts, strict=True)
    }


def deal(
    fields: dict[str, Tensor], shares: Sequence[float], generator: torch.Generator
) -> Splits:
    """Deals the samples out to train, validation and test."""
    count = len(next(iter(fields.values())))
    rows = rows_of_splits(count, shares, generator)
    return as_splits([{key: part[own] for key, part in fields.items()} for own in rows])


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    scans = load_digits()
    rows = torch.tensor(scans.images, dtype=torch.float32) / 16
    label = torch.tensor(scans.target, dtype=torch.int64)
    fields = {"image": rows.unsqueeze(1), "rows": rows, "label": label}
    return deal(fields, shares, torch.Generator().manual_seed(seed))


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
