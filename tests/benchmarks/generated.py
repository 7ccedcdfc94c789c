"""Printed code against torchvision's: the same operations, the same numbers, as fast, no longer.

torchvision stands in the dependency group `bench`. Only its model definitions are used, which are plain Python: where
its compiled part does not load, the operators that its modules name at import are declared and never called.
"""

from __future__ import annotations

import ast
import inspect
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import library
from torch.profiler import ProfilerActivity, profile

from codegen.export import printed_files
from codegen.export import write as write_files
from codegen.module import print_module
from codegen.prove import Prover
from graph_ir.check import check
from graph_ir.templates import load
from tests.benchmarks.measure import Figure, seconds

RUNS = 20
"""Alternating runs of either network."""


def figures() -> Iterator[Figure]:
    """Printing and proving, and ResNet-50 side by side."""
    deep = load("resnet152")
    report = check(deep)
    yield (
        "ResNet-152, its module printed",
        _processor_time(lambda: print_module(deep, report)) * 1e3,
        "ms",
        10,
        False,
    )
    yield "digits, template to proved folder, torch loaded", _template_to_folder(), "s", 3, False
    models = torchvision_models()
    if models is None:
        return
    design = load("resnet50")
    printed = print_module(design, check(design))
    namespace: dict[str, Any] = {"__name__": "model"}
    exec(compile(printed.source, "model.py", "exec"), namespace)
    ours, theirs = namespace[printed.class_name]().eval(), models.resnet50().eval()
    ours.load_state_dict(theirs.state_dict())
    image = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        yield "ResNet-50, largest difference of outputs", _difference(ours, theirs, image), "", 1e-6, False
        same = _operations(ours, image) == _operations(theirs, image)
        yield "ResNet-50, the same ATen operations in order", float(same), "", 1, True
        yield "ResNet-50, speed as a share of torchvision's", _speed(ours, theirs, image), "×", 0.97, True
    share = _lines(printed.source) / _lines(_their_source(models.resnet))
    yield "ResNet-50, lines of code as a share of torchvision's", share, "×", 1, False


def torchvision_models() -> Any:
    """`torchvision.models`, or None where torchvision is not installed."""
    operators = library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that its compiled part does not load is expected
            from torchvision import models
    except ImportError:
        return None
    return models


def _processor_time(work: Callable[[], object]) -> float:
    """The median of a few runs, whatever else the machine does."""
    found = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return median(found)


def _template_to_folder() -> float:
    with Prover() as prover, tempfile.TemporaryDirectory() as folder:

        def once() -> None:
            design = load("digits")
            report = check(design)
            printed = print_module(design, report)
            contents = printed_files(design, report, printed)
            assert prover.prove(design, report, printed).ok
            write_files(Path(folder), {name: text.encode() for name, text in contents.items()})

        once()
        return seconds(once)


def _difference(ours: torch.nn.Module, theirs: torch.nn.Module, image: torch.Tensor) -> float:
    return float((ours(image) - theirs(image)).abs().max())


def _operations(model: torch.nn.Module, image: torch.Tensor) -> list[str]:
    """The operations in the order in which they begin. `relu_` counts as `relu`: ours never work in place."""
    with profile(activities=[ProfilerActivity.CPU]) as found:
        model(image)
    events = sorted(found.events(), key=lambda event: event.time_range.start)
    return [event.name.rstrip("_") for event in events if event.name.startswith("aten::")]


def _speed(ours: torch.nn.Module, theirs: torch.nn.Module, image: torch.Tensor) -> float:
    """Their time over ours, each the median of alternating runs."""
    times: dict[int, list[float]] = {0: [], 1: []}
    for run in range(2 * RUNS + 2):
        began = time.perf_counter()
        (ours, theirs)[run % 2](image)
        if run >= 2:
            times[run % 2].append(time.perf_counter() - began)
    return median(times[1]) / median(times[0])


def _their_source(module: Any) -> str:
    """What of torchvision's file a ResNet-50 needs."""
    parts: list[Callable[..., Any]] = [module.conv3x3, module.conv1x1, module.Bottleneck, module.ResNet]
    return "\n\n".join(map(inspect.getsource, parts))


def _lines(source: str) -> int:
    """Lines of code: without empty ones, comments, docstrings and imports."""
    tree = ast.parse(source)
    gone: set[int] = set()
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, ast.Import | ast.ImportFrom):
            gone |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in gone
        for number, line in enumerate(source.splitlines(), 1)
    )
