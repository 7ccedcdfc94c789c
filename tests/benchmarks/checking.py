"""What the check costs: a large network from nothing, one edit in it, chains of up to 10,000 layers, many files.

Seconds are of processor time, all of it in one thread: what the work takes where the machine does nothing else.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from graph_ir import edits, resolve, templates
from graph_ir.check import check
from graph_ir.file import dump, parse
from graph_ir.graph import TOP, Design
from graph_ir.infer import remembered
from graph_ir.kinds import Choice, Flag, Kind
from graph_ir.layers import catalogue
from tests.benchmarks.measure import Figures, seconds
from tests.commandline import ROOT, environment, process
from tests.networks import resnet152, small_cnn

FILES = 4000


def figures() -> Figures:
    """All of them; every goal of issue 3 is a row."""
    yield from _digits()
    text = dump(resnet152())
    cold = _first_checks(text, forget=True)
    yield "ResNet-152, first check, nothing remembered", 1000 * cold, "ms", 5.0, False
    warm = _first_checks(text, forget=False)
    yield "ResNet-152, first check, layer types seen before", 1000 * warm, "ms", None, False
    yield from _edits(parse(text))
    yield from _keras(cold)
    for length in (1_000, 3_000, 10_000):
        goal = 150.0 if length == 10_000 else None
        yield (
            f"chain of {length:,} layers",
            1000 * _first_checks(_chain(length), 5, forget=True),
            "ms",
            goal,
            False,
        )
    yield "memory of a graph of 10,000 layers and its report", _memory(), "MB", 100.0, False
    yield from _summary()


def _digits() -> Figures:
    text = dump(templates.load("digits"))
    design = parse(text)
    wide = edits.set_fields(design, TOP, "conv2", {"out_channels": 32})

    def after_an_edit() -> None:
        edits.apply(design, wide)
        check(design)
        edits.apply(design, wide.inverse())

    yield (
        "digits, first check, nothing remembered",
        1000 * _first_checks(text, forget=True),
        "ms",
        None,
        False,
    )
    yield "digits, edit, check and undo", 1000 * seconds(after_an_edit, 100), "ms", None, False
    yield "digits, read", 1000 * seconds(lambda: parse(text), 50), "ms", None, False
    yield "digits, write", 1000 * seconds(lambda: dump(design), 50), "ms", None, False


def _first_checks(text: str, times: int = 25, *, forget: bool = False) -> float:
    """Seconds of the check of a design just read: no order, no wires, no report is there yet. With `forget`, no layer
    and no inference either, as in a process that has just started.
    """
    found = []
    for _ in range(times):
        design = parse(text)
        if forget:
            remembered.cache_clear()
            resolve.forget()
        gc.collect()  # what earlier designs left is not of this check
        began = time.process_time()
        assert check(design).ok
        found.append(time.process_time() - began)
    return median(found)


def _edits(design: Design) -> Figures:
    """Each is measured whole: the checked edit, its changes, the check; undoing it is one more edit."""
    hand = random.Random(0)
    check(design)
    yield "ResNet-152, again, untouched", 1000 * seconds(lambda: check(design), 200), "ms", None, False
    shapes = ("out_channels", "kernel_size", "stride", "padding")
    fields = [(id, name) for id in design.top.ids() for name in _fields(design, id)]
    sizes = [(id, name) for id, name in fields if name in shapes]
    took = [second for _ in range(300) for second in _edit(design, *hand.choice(fields), hand)]
    yield "edit of any field and check, median of 600", 1000 * median(took), "ms", 1.0, False
    yield "edit of any field and check, 95 of 100 below", 1000 * sorted(took)[569], "ms", None, False
    took = [second for _ in range(150) for second in _edit(design, *hand.choice(sizes), hand)]
    yield "edit of channels, kernel, stride, padding, median", 1000 * median(took), "ms", 1.0, False
    took = [second for size in range(200, 240) for second in _edit(design, "image", "shape", hand, size)]
    yield "edit of the input's size (every layer changes)", 1000 * median(took), "ms", None, False


def _fields(design: Design, id: str) -> list[str]:
    fields = catalogue()[design.top.node(id).type].spec.fields.values()
    return [field.name for field in fields if not field.kind.refers and field.name not in ("shape", "axis")]


def _edit(design: Design, id: str, name: str, hand: random.Random, size: int = 0) -> Iterator[float]:
    """Seconds of one edit with its check, and of its undoing."""
    kind = catalogue()[design.top.node(id).type].spec.fields[name].kind
    value = ["N", 3, size, size] if size else _value(kind, hand)
    began = time.process_time()
    edit = edits.set_fields(design, TOP, id, {name: value})
    edits.apply(design, edit)
    check(design)
    yield time.process_time() - began
    began = time.process_time()
    edits.apply(design, edit.inverse())
    assert check(design).ok
    yield time.process_time() - began


def _value(kind: Kind, hand: random.Random) -> Any:
    if isinstance(kind, Flag):
        return hand.random() < 0.5
    if isinstance(kind, Choice):
        return hand.choice(kind.options)
    return hand.choice(
        [value for value in (1, 2, 3, 5, 8, 64, 0.1, 0.5, None, "normal") if kind.accepts(value)]
    )


def _keras(ours: float) -> Figures:
    """The same network by Keras' functional API on torch; nothing where Keras is not installed."""
    if not find_spec("keras"):
        print("Keras: skipped, keras is not installed (`pip install --group bench`)", file=sys.stderr)
        return
    done = _child("tests.benchmarks.keras_resnet")
    yield "ResNet-152 built by Keras 3 on torch", 1000 * done["seconds"], "ms", None, False
    yield "that, as a multiple of our check from nothing", done["seconds"] / ours, "×", 150.0, True
    multiple = done["without_weights"] / ours
    yield "the same where Keras draws no weights (meta device)", multiple, "×", 150.0, True


def _chain(length: int) -> str:
    """Convolutions of growing width and activations, whose first axis and height may vary."""
    layers: dict[str, Any] = {"image": {"type": "Input", "shape": ["N", 3, "H", 64]}}
    for i in range(1, length - 1):
        conv = {"type": "Conv2d", "out_channels": 8 + i % 64, "kernel_size": 3, "padding": 1}
        layers[f"layer{i}"] = {"type": "ReLU"} if i % 2 else conv
    layers["out"] = {"type": "Output"}
    ids = list(layers)
    wires = [[f"{a}.y", f"{b}.x"] for a, b in itertools.pairwise(ids)]
    return json.dumps(
        {"format": "layerloom", "version": 1, "network": {"layers": layers, "wires": wires}}, indent=1
    )


def _memory() -> float:
    """What tracemalloc counts in a process of its own: design and report, and all that is remembered for them."""
    return float(_child("tests.benchmarks.memory")["megabytes"])


def _summary() -> Figures:
    with tempfile.TemporaryDirectory() as name:
        for i in range(FILES):
            (Path(name) / f"{i:04}.loom.json").write_text(_small(i))
        began, before = time.perf_counter(), os.times()
        done = process("summary", *sorted(os.listdir(name)), cwd=Path(name))
        took, after = time.perf_counter() - began, os.times()
    assert done.returncode == 0 and done.stdout.count("MACs for one sample") == FILES, done.stderr
    worked = sum(after[2:4]) - sum(before[2:4])
    yield f"summary of {FILES:,} files, the whole process", worked, "s", 8.0, False
    yield "the same by the clock on the wall", took, "s", None, False


def _small(i: int) -> str:
    """A classifier of its own widths."""
    design = small_cnn()
    for id, values in (("conv1", {"out_channels": 1 + i % 61}), ("fc", {"out_features": 2 + i % 97})):
        edits.apply(design, edits.set_fields(design, TOP, id, values))
    return dump(design)


def _child(module: str) -> dict[str, Any]:
    """What a module of the benchmarks prints as JSON, run as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
