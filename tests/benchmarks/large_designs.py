"""Designs as large as asked for: residual chains side by side, with branches, so that many layers are seen at once."""

from __future__ import annotations

import json
from math import isqrt
from typing import Any

BLOCK = ("Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d", "Add", "ReLU")
BRANCHED = 5
"""Every so many blocks have a layer beside the way, which goes into the sum as well."""
ACROSS, DOWN, BESIDE = 480.0, 96.0, 240.0
Place = tuple[float, float]


class _Maker:
    def __init__(self) -> None:
        self.layers: dict[str, dict[str, Any]] = {}
        self.places: dict[str, Place] = {}
        self.wires: list[list[str]] = []

    def add(self, id: str, type: str, place: Place, *sources: str, **fields: object) -> str:
        self.layers[id] = {"type": type, **fields}
        self.places[id] = place
        ports = ["x"] if len(sources) == 1 else [f"x{n + 1}" for n in range(len(sources))]
        self.wires += [[f"{source}.y", f"{id}.{port}"] for source, port in zip(sources, ports, strict=True)]
        return id

    def block(self, start: str, name: str, x: float, y: float, *, branched: bool) -> str:
        """One residual block behind `start`; the id of its last layer."""
        last, side = start, [start]
        if branched:
            side.append(self.add(f"{name}_side", "Tanh", (x + BESIDE, y + 2 * DOWN), start))
        for number, type in enumerate(BLOCK):
            place = (x, y + number * DOWN)
            sources = [last, *side] if type == "Add" else [last]
            fields: dict[str, object] = (
                {"out_channels": 16, "kernel_size": 3, "padding": 1} if type == "Conv2d" else {}
            )
            last = self.add(f"{name}_{type.lower()}{number}", type, place, *sources, **fields)
        return last


def large_design(layers: int) -> str:
    """The text of a design file with that many layers (a few more: the last block of each chain is whole)."""
    chains = max(1, isqrt(layers) * 2 // 3)
    blocks = max(1, round(layers / chains / (len(BLOCK) + 1 / BRANCHED)))
    made, ends = _Maker(), list[str]()
    made.add("image", "Input", (ACROSS * (chains // 2), -2 * DOWN), shape=["N", 16, 32, 32])
    for chain in range(chains):
        last = "image"
        for number in range(blocks):
            y = number * len(BLOCK) * DOWN
            last = made.block(last, f"c{chain}_b{number}", chain * ACROSS, y, branched=number % BRANCHED == 1)
        ends.append(last)
    bottom = (blocks * len(BLOCK) + 1) * DOWN
    total = made.add("total", "Add", (ACROSS * (chains // 2), bottom), *ends) if chains > 1 else ends[0]
    made.add("out", "Output", (ACROSS * (chains // 2), bottom + DOWN), total)
    return json.dumps(
        {
            "format": "layerloom",
            "version": 1,
            "network": {"layers": made.layers, "wires": made.wires},
            "layout": {"network": {"layers": made.places}},
        }
    )
