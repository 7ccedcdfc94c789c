"""What one real sample is on every wire, after a run: its data and its weights, in a child with torch.

The sample goes through the graph as the proof evaluates it (`codegen.evaluation`), with the weights of the run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from threading import Timer
from typing import Any

from codegen.evaluation import evaluation
from codegen.export import DESIGN
from codegen.module import print_module
from graph_ir.atomic import atomic_write
from graph_ir.check import check
from graph_ir.dims import substitute
from graph_ir.edits import Refused
from graph_ir.file import Unreadable, read
from graph_ir.report import Report

SAMPLE, WEIGHTS = "sample.json", "weights.safetensors"
TIMEOUT = 120.0
"""Seconds that loading the data and running one sample may take."""


def sample(folder: Path, timeout: float = TIMEOUT, python: str = sys.executable) -> dict[str, dict[str, Any]]:
    """Of every output that is computed, by layer and port: statistics and a small picture, kept beside the run.

    Raises Refused where the run has no weights, or its data or its network can't be run again.
    """
    kept = _kept(folder / SAMPLE)
    if kept is not None:
        return kept
    if not (folder / WEIGHTS).is_file():
        raise Refused("The run has not finished, so there are no trained weights to run a sample with.")
    found = _run(folder, timeout, python)
    atomic_write(folder / SAMPLE, json.dumps(found).encode("ascii"))
    return found


def _kept(path: Path) -> dict[str, dict[str, Any]] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    whole = isinstance(found, dict) and all(isinstance(ports, dict) for ports in found.values())
    return found if whole else None


def _run(folder: Path, timeout: float, python: str) -> dict[str, dict[str, Any]]:
    try:
        design = read(folder / DESIGN)
    except Unreadable as error:
        raise Refused(str(error)) from None
    report = check(design)
    printed = print_module(design, report)
    script = Path(str(files("codegen"))) / "child" / "sample.py"
    child = subprocess.Popen(
        [python, "-P", str(script)],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdin is not None and child.stdout is not None
    limit = Timer(timeout, child.kill)
    limit.start()
    with child, _cancelled(limit):
        shapes = _line(child.stdout.readline())
        inputs = {id: printed.attributes.get(id, id) for id in report.layers if report.role_of(id)}
        sizes = _sizes(report, {id: shapes.get(name) for id, name in inputs.items()})
        asked = {
            "evaluation": evaluation(design, report, [sizes]),
            "state": [[list(path), prefix] for path, prefix in printed.state.items()],
            "inputs": inputs,
            "sizes": sizes,
        }
        answer, _ = child.communicate((json.dumps(asked) + "\n").encode())
    return dict(_line(answer)["wires"])


@contextmanager
def _cancelled(limit: Timer) -> Iterator[None]:
    """Nobody is killed any more once all is said."""
    try:
        yield
    finally:
        limit.cancel()


def _line(answer: bytes) -> dict[str, Any]:
    """What the child has said. Raises Refused where it has said nothing."""
    try:
        found = json.loads(answer)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("A sample could not be run through the network of the last run; train it again.")
    return found


def _sizes(report: Report, shapes: Mapping[str, Sequence[int] | None]) -> dict[str, int]:
    """What the symbols of the network are for tensors of these shapes. Raises Refused where something is open."""
    sizes: dict[str, int] = {}
    for id, shape in shapes.items():
        drawn = report.layers[id].outputs["y"].shape
        if shape is None or len(shape) != len(drawn):
            raise Refused(f"The data of the run has nothing of the shape that {id} takes; train it again.")
        sizes |= {str(d): size for d, size in zip(drawn, shape, strict=True) if str(d) in report.symbols}
    left = [name for name in report.symbols if name not in sizes]
    fits = all(
        substitute(dim, sizes) == size
        for id, shape in shapes.items()
        for dim, size in zip(report.layers[id].outputs["y"].shape, shape or (), strict=True)
    )
    if left or not fits:
        raise Refused("The data of the run has other shapes than its network takes; train it again.")
    return sizes
