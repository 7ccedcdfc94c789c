"""Pictures of one shape each."""

from collections.abc import Sequence

import torch
from torch import Tensor

from codegen.child.data.shapes import SHAPES, drawn, placed, places
from codegen.child.data.shared import SEED, SHARES, Splits, deal

HEIGHT = 32
WIDTH = 32
CHANNELS = 3
KINDS = 10
COUNT = 1200


def pictures(generator: torch.Generator) -> dict[str, Tensor]:
    """Returns noisy pictures of one shape each; from ten kinds on its colour counts."""
    image = 0.2 * torch.randn(COUNT, CHANNELS, HEIGHT, WIDTH, generator=generator)
    label = torch.randint(KINDS, (COUNT,), generator=generator)
    features = places(COUNT, 0.5, 0.9, generator)
    palette = torch.rand(KINDS // SHAPES + 1, CHANNELS, generator=generator)
    for picture, kind, place in zip(image, label.tolist(), features, strict=True):
        inside = drawn(kind % SHAPES, *placed(HEIGHT, WIDTH, place))
        colour = 0.4 + 0.6 * palette[kind // SHAPES]
        picture += torch.where(inside, colour[:, None, None], torch.tensor(-0.5))
    return {"image": image, "features": features, "label": label}


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    generator = torch.Generator().manual_seed(seed)
    return deal(pictures(generator), shares, generator)
