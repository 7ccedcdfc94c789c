"""Noisy pictures of some shapes, and what to make of them."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from codegen.child.data.shapes import drawn, placed, places
from codegen.child.data.shared import SEED, SHARES, Splits, deal

HEIGHT = 32
WIDTH = 32
CHANNELS = 3
KINDS = 4  # of a pixel: the ground and so many shapes but one
COUNT = 600
MOST = 3  # shapes in a picture


def pictures(generator: torch.Generator) -> dict[str, Tensor]:
    """Returns pictures of one to three shapes, with noise and without, and masks."""
    target = torch.full((COUNT, CHANNELS, HEIGHT, WIDTH), 0.2)
    mask = torch.zeros(COUNT, HEIGHT, WIDTH, dtype=torch.int64)
    counts = torch.randint(1, MOST + 1, (COUNT,), generator=generator)
    kinds = torch.randint(1, KINDS, (COUNT, MOST), generator=generator)
    colours = 0.5 + 0.5 * torch.rand(COUNT, MOST, CHANNELS, generator=generator)
    where = places(COUNT * MOST, 0.3, 0.6, generator).view(COUNT, MOST, 4)
    for row, count in enumerate(counts.tolist()):
        for kind, colour, place in zip(
            kinds[row, :count].tolist(), colours[row], where[row], strict=False
        ):
            inside = drawn(kind - 1, *placed(HEIGHT, WIDTH, place))
            target[row] = torch.where(inside, colour[:, None, None], target[row])
            mask[row] = torch.where(inside, kind, mask[row])
    image = target + 0.2 * torch.randn(target.shape, generator=generator)
    seen = F.one_hot(mask, KINDS).sum((1, 2))[:, 1:]
    return {
        "image": image,
        "small": F.avg_pool2d(image, 2),
        "target": target,
        "inside": (mask > 0).float().unsqueeze(1),
        "mask": mask,
        "label": seen.argmax(1),
    }


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    generator = torch.Generator().manual_seed(seed)
    return deal(pictures(generator), shares, generator)
