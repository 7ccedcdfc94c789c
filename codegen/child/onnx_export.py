"""Writes a printed module as ONNX and compares what onnxruntime makes of it with torch. Started as `python -P`.

One request on stdin (JSON, see `codegen.onnx_export`); its answer is written to the file that it names.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TOLERANCE, NOISE = 1e-4, 1e-6
"""Two results are alike if they differ nowhere by more than this share of the largest number, plus rounding about 0."""
INLINE = 1_500_000_000
"""Bytes of weights that fit into the file itself; protobuf takes 2 GiB."""
OPSET = 18


class Unequal(Exception):
    """The file gives something else than the module."""


def main() -> None:
    """Answers the request."""
    request = json.loads(sys.stdin.read())
    started = time.perf_counter()
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from codegen.child import compare

    del sys.path[0]  # what stands beside our packages is none of a user's module's business
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            answer = _Export(request, compare.made).answer()
        except Exception as error:  # whatever torch, the weights or the module raise is told
            answer = {"problem": _said(error)}
    answer["seconds"] = time.perf_counter() - started
    partial = Path(request["answer"] + ".part")
    partial.write_text(json.dumps(answer), encoding="ascii")
    os.replace(partial, request["answer"])


def _said(error: BaseException) -> str:
    """The innermost cause in one line: torch wraps it in pages of advice."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, Unequal):
        return str(error)
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


class _Export:
    def __init__(self, request: dict[str, Any], made: Callable[..., Any]) -> None:
        self.request, self.made = request, made
        self.path = Path(request["target"])

    def answer(self) -> dict[str, Any]:
        """How it went, by the first of the two exporters of torch whose file does what the module does."""
        import onnx
        import onnxruntime
        import torch

        torch.manual_seed(0)
        namespace: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}
        exec(compile(self.request["source"], "model.py", "exec"), namespace)
        self.model = namespace[self.request["class"]]().eval()
        if self.request["weights"]:
            import safetensors.torch

            self.model.load_state_dict(safetensors.torch.load_file(self.request["weights"]))
        versions = {"torch": torch.__version__, "onnx": onnx.__version__}
        versions["onnxruntime"] = onnxruntime.__version__
        problems: list[Exception] = []
        for way in (self._captured, self._traced):
            try:
                way()
                largest, random = self._compared()
            except Exception as error:  # what one exporter can't do, the other may
                problems.append(error)
                continue
            versions = {name: str(version) for name, version in versions.items()}
            return {"largest": largest, "random": random, "versions": versions}
        told = [error for error in problems if isinstance(error, Unequal)] or problems
        return {"problem": _said(told[0])}

    def _captured(self) -> None:
        """By torch.export."""
        import torch

        program = torch.onnx.export(
            self.model,
            self._inputs(0),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            dynamic_shapes=tuple({int(axis): name for axis, name in axes.items()} for axes in self._axes()),
            input_names=self.request["names"],
            output_names=self.request["results"],
        )
        assert program is not None
        for node in program.model.graph.all_nodes():
            node.metadata_props.clear()  # stack traces: where things lie on this machine
        size = sum(t.numel() * t.element_size() for t in self.model.state_dict().values())
        program.save(self.path, external_data=size > INLINE)

    def _traced(self) -> None:
        """By running it once: for packed sequences, which torch.export can't capture."""
        import torch

        axes = zip(self.request["names"], self._axes(), strict=True)
        torch.onnx.export(
            self.model,
            self._inputs(0),
            str(self.path),
            dynamo=False,
            opset_version=OPSET,
            dynamic_axes={
                name: {int(axis): symbol for axis, symbol in found.items()} for name, found in axes if found
            },
            input_names=self.request["names"],
            output_names=self.request["results"],
        )

    def _axes(self) -> list[dict[str, str]]:
        axes: list[dict[str, str]] = self.request["axes"]
        return axes

    def _inputs(self, case: int) -> tuple[Any, ...]:
        import torch

        torch.manual_seed(case)
        specs = self.request["inputs"][case]
        return tuple(self.made(specs[id], False) for id in self.request["arguments"])

    def _compared(self) -> tuple[float, list[str]]:
        """The largest difference at any of the sizes, and the results that are random: only their shape is compared."""
        import onnx
        import onnxruntime

        onnx.checker.check_model(str(self.path))
        session = onnxruntime.InferenceSession(str(self.path), providers=["CPUExecutionProvider"])
        taken = {given.name for given in session.get_inputs()}
        largest, random = 0.0, set[str]()
        for case in range(len(self.request["inputs"])):
            inputs = self._inputs(case)
            named = dict(zip(self.request["names"], inputs, strict=True))
            found = session.run(None, {name: named[name].numpy() for name in named if name in taken})
            pairs = zip(
                self.request["results"], self._run(inputs, 1), self._run(inputs, 2), found, strict=True
            )
            for name, wanted, again, given in pairs:
                if not _same(wanted, again):
                    random.add(name)
                largest = max(largest, _difference(name, wanted, given, compare=name not in random))
        return largest, sorted(random)

    def _run(self, inputs: tuple[Any, ...], seed: int) -> Iterator[Any]:
        import torch

        torch.manual_seed(seed)
        with torch.no_grad():
            found = self.model(*inputs)
        yield from found if isinstance(found, tuple) else (found,)


def _same(one: Any, other: Any) -> bool:
    import torch

    return bool(torch.allclose(one.double(), other.double(), rtol=0, atol=0, equal_nan=True))


def _difference(name: str, wanted: Any, given: Any, *, compare: bool) -> float:
    """The largest difference of one result. Raises Unequal where it is too large, or of another shape or type."""
    import torch

    found = torch.from_numpy(given)
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        there, here = [f"{list(t.shape)} {str(t.dtype).removeprefix('torch.')}" for t in (found, wanted)]
        raise Unequal(f"{name} is {there} by onnxruntime, but {here} by torch")
    if not compare or not found.numel():
        return 0.0
    one, other = found.double(), wanted.double()
    gap = (one - other).abs()
    largest = other[other.isfinite()].abs().amax() if bool(other.isfinite().any()) else 0.0
    alike = (gap <= TOLERANCE * largest + NOISE) | (one == other) | (one.isnan() & other.isnan())
    if not bool(alike.all()):
        raise Unequal(
            f"onnxruntime gives other numbers than torch for {name} (difference {float(gap.max()):.2g})"
        )
    return float(gap.nan_to_num(0, 0, 0).max())


if __name__ == "__main__":
    main()
