"""Batches in the order of the data, for a network that goes on where it was."""

from collections.abc import Iterator

import torch
from torch import Tensor

STATES: dict[str, tuple[int | None, ...]] = {"h_0": (1, None, 8)}


class Batches:
    """Goes through a split in order: each row goes on where it was in the last batch.

    The split is cut into `size` strands as long as one another; what is left is not
    used. States begin with zeros.
    """

    def __init__(
        self, split: dict[str, Tensor], size: int, device: torch.device | str
    ) -> None:
        self.split, self.device = split, device
        count = len(next(iter(split.values())))
        size = min(size, count)
        length = count // size
        self.rows = torch.arange(size * length).view(size, length).T

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        for rows in self.rows:
            batch = {key: part[rows] for key, part in self.split.items()}
            for key, shape in STATES.items():
                batch[key] = torch.zeros([size or len(rows) for size in shape])
            yield {key: part.to(self.device) for key, part in batch.items()}
