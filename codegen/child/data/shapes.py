"""How the made-up pictures are drawn."""

import math

import torch
from torch import Tensor

SHAPES = 10


def drawn(shape: int, u: Tensor, v: Tensor) -> Tensor:
    """Returns where a shape is: `u` and `v` are places as seen from its middle."""
    far, near = torch.maximum(u.abs(), v.abs()), torch.minimum(u.abs(), v.abs())
    round_ = u.square() + v.square()
    return (
        round_ < 1,  # disc
        far < 0.85,  # square
        far + near < 1.1,  # diamond
        (round_ < 1) & (round_ > 0.36),  # ring
        (far < 1) & (near < 0.25),  # plus
        (far < 0.9) & (far - near < 0.3),  # cross
        (v < 0.8) & (v > 2 * u.abs() - 1),  # triangle
        (u.abs() < 1) & (v.abs() < 0.3),  # bar
        (u.abs() < 0.3) & (v.abs() < 1),  # post
        (far < 0.9) & (far > 0.55),  # frame
    )[shape]


def placed(height: int, width: int, place: Tensor) -> tuple[Tensor, Tensor]:
    """Returns `u` and `v` of every pixel; `place` is x, y, size (of 1) and turn."""
    x, y, size, turn = place.tolist()
    rows = torch.arange(height)[:, None] + 0.5 - y * height
    columns = torch.arange(width) + 0.5 - x * width
    scale = 2 / (size * min(height, width))
    sine, cosine = math.sin(turn) * scale, math.cos(turn) * scale
    return columns * cosine + rows * sine, rows * cosine - columns * sine


def places(
    count: int, smallest: float, largest: float, generator: torch.Generator
) -> Tensor:
    """Returns x, y, size and turn of shapes that lie inside a picture."""
    u = torch.rand(count, 4, generator=generator)
    size = smallest + (largest - smallest) * u[:, 2]
    x, y = (0.5 + (1 - size) * (u[:, axis] - 0.5) for axis in (0, 1))
    return torch.stack((x, y, size, 0.5 * (u[:, 3] - 0.5)), dim=1)
