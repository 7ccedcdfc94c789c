"""Writes a design as ONNX, in a child on real torch, and has onnxruntime verify the file at several sizes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from codegen.expectation import expectation
from codegen.module import Printed
from codegen.sizes import small_sizes
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import Report

TIMEOUT = 600.0
"""Seconds that writing and verifying may take."""
NAME = "model.onnx"
_NEEDED = {"torch": "train", "onnx": "onnx", "onnxscript": "onnx", "onnxruntime": "onnx"}


@dataclass(frozen=True)
class Onnx:
    """A file that was verified: `files` by name (large weights stand in one of their own), the `sizes` at which torch
    and onnxruntime were compared, their `largest` difference, the results that are `random` (compared by shape only).
    """

    files: Mapping[str, Path]
    sizes: tuple[Mapping[str, int], ...]
    largest: float
    random: tuple[str, ...]
    versions: Mapping[str, str]
    is_trained: bool = False

    def sentence(self) -> str:
        """What was verified, for people."""
        sizes = " and ".join(
            ", ".join(f"{name} = {size}" for name, size in one.items()) for one in self.sizes
        )
        at = f" at {sizes}" if sizes else ""
        text = f"verified with onnxruntime {self.versions['onnxruntime']}{at}"
        text += f": it differs from torch by at most {self.largest:.1g}"
        text += f"; {', '.join(self.random)} random, so compared by shape only" if self.random else ""
        return text if self.is_trained else f"{text}; its weights are first values, not trained"

    def as_json(self) -> dict[str, Any]:
        """For `proof.json`."""
        return {
            "versions": dict(self.versions),
            "sizes": [dict(one) for one in self.sizes],
            "largest_difference": self.largest,
            "random": list(self.random),
        }


def print_onnx(
    design: Design, report: Report, printed: Printed, folder: Path, weights: Path | None = None
) -> Onnx:
    """Writes `model.onnx` into an empty folder: symbolic sizes are dynamic axes, inputs and outputs have their names.

    `weights` are a `weights.safetensors` of a training; without them the file holds first values. Raises Refused (one
    sentence) where a package is missing, torch can't write the network as ONNX, or the file does not give what torch
    gives.
    """
    _need_packages()
    if weights is not None and not weights.is_file():
        raise Refused(f"{weights} is no file; give the weights.safetensors of a training.")
    sizes = small_sizes(sorted(report.symbols), report.requirements)
    if not sizes:
        raise Refused("No small sizes were found to verify the ONNX file with; give the Inputs numbers.")
    expected = expectation(design, report, printed, None, sizes)
    shapes = [report.layers[id].outputs["y"].shape for id in expected["arguments"]]
    request: dict[str, Any] = {
        **{key: expected[key] for key in ("source", "class", "arguments", "results", "inputs")},
        "names": [name for _, name in printed.inputs],
        "axes": [
            {i: str(size) for i, size in enumerate(shape) if not isinstance(size, int)} for shape in shapes
        ],
        "weights": str(weights.resolve()) if weights else "",
        "target": str(folder / NAME),
        "answer": str(folder / "answer.json"),
    }
    answer = _ask(request, folder)
    if "problem" in answer:
        raise Refused(f"The network can't be written as ONNX: {answer['problem']}. Nothing was written.")
    found = {path.name: path for path in sorted(folder.glob(f"{NAME}*"))}
    dynamic = {symbol for axes in request["axes"] for symbol in axes.values()}
    shown = [{name: size for name, size in one.items() if name in dynamic} for one in sizes]
    return Onnx(
        found,
        tuple(shown),
        answer["largest"],
        tuple(answer["random"]),
        answer["versions"],
        weights is not None,
    )


def _need_packages() -> None:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if not missing:
        return
    extras = ",".join(dict.fromkeys(_NEEDED[name] for name in missing))
    names = " and ".join(missing) if len(missing) < 3 else f"{', '.join(missing[:-1])} and {missing[-1]}"
    raise Refused(
        f"{names} {'are' if len(missing) > 1 else 'is'} not installed, so no ONNX file can be written; "
        f"install {'them' if len(missing) > 1 else 'it'} with: pip install 'layerloom[{extras}]'"
    )


def _ask(request: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    script = Path(str(files("codegen"))) / "child" / "onnx_export.py"
    try:
        # -P: an onnx.py lying about is never imported.
        done = subprocess.run(
            [sys.executable, "-P", str(script)],
            input=json.dumps(request).encode(),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"problem": f"it took longer than {TIMEOUT:g} s and was stopped"}
    try:
        found: dict[str, Any] = json.loads(Path(request["answer"]).read_bytes())
    except OSError:
        return {"problem": f"its process ended early (exit code {done.returncode}), perhaps out of memory"}
    return found
