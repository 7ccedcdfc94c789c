"""Batches with fresh noise for a network that asks for some."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

NOISE = {"z": (16,)}


class Batches:
    """Goes through a split in batches of at most `size`, shuffled if there is a seed.

    The batches are nearly alike in size, so that none is left with a single sample;
    each has noise of its own.
    """

    def __init__(
        self,
        split: dict[str, Tensor],
        size: int,
        device: torch.device | str,
        seed: int | None = None,
    ) -> None:
        self.split, self.device = split, device
        self.seed = seed or 0
        order = torch.arange(len(next(iter(split.values()))))
        if seed is not None:
            generator = torch.Generator().manual_seed(seed)
            order = order[torch.randperm(len(order), generator=generator)]
        self.rows = order.tensor_split(math.ceil(len(order) / size))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        generator = torch.Generator().manual_seed(self.seed)
        for rows in self.rows:
            batch = {key: part[rows] for key, part in self.split.items()}
            for key, shape in NOISE.items():
                batch[key] = torch.randn(len(rows), *shape, generator=generator)
            yield {key: part.to(self.device) for key, part in batch.items()}
