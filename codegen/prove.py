"""Proves printed code: runs it in a child on real torch beside an evaluation of the graph, layer by layer.

Every parameter, every shape and dtype are those of the drawing, and what the code gives is, bit for bit, what the
evaluation gives with the same weights (`codegen.evaluation`), at a few tiny sizes.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any

from codegen.expectation import expectation
from codegen.module import Printed, print_module
from codegen.objective import print_objective
from codegen.sizes import small_sizes
from graph_ir.graph import Design
from graph_ir.report import Report
from graph_ir.version import version

TIMEOUT = 120.0
"""Seconds a proof may take; importing torch is most of it."""
MEMORY = 4 << 30
"""Bytes a proof may add to what torch itself needs."""


@dataclass(frozen=True)
class Proof:
    """The outcome: `problems` are sentences (none: the code does what was drawn), `versions` name torch and Python.

    `sizes` are those of the symbols that were tried; `compared` counts what was compared.
    """

    problems: tuple[str, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    sizes: tuple[Mapping[str, int], ...] = ()
    compared: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the code does what was drawn."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The verdict for people and programs: what was compared, with which versions, at which sizes."""
        return {
            "ok": self.ok,
            "problems": list(self.problems),
            "versions": {"layerloom": version(), **self.versions},
            "sizes": [dict(sizes) for sizes in self.sizes],
            "compared": dict(self.compared),
            "seconds": round(self.seconds, 3),
        }


def prove(design: Design, report: Report, printed: Printed | None = None, timeout: float = TIMEOUT) -> Proof:
    """Proves one design in a child of its own. Raises Refused where the design can't be printed."""
    with Prover() as prover:
        return prover.prove(design, report, printed, timeout)


class Prover:
    """A child with torch loaded that proves one design after another. Ends with the `with` block."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="layerloom-proof-")
        self._child: subprocess.Popen[bytes] | None = None
        self._count = 0

    def __enter__(self) -> Prover:
        self._running()  # torch is loaded while the caller still prints
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._folder.cleanup()

    def prove(
        self, design: Design, report: Report, printed: Printed | None = None, timeout: float = TIMEOUT
    ) -> Proof:
        """Runs the printed code and compares. Raises Refused where the design can't be printed."""
        printed = printed or print_module(design, report)
        sizes = small_sizes(sorted(report.symbols), report.requirements)
        if not sizes:
            text = f"no small sizes were found for which {', '.join(report.requires)} hold; give the Inputs numbers"
            return Proof((text,))
        objective = print_objective(design, report, printed)
        proof = self._ask(expectation(design, report, printed, objective, sizes), timeout)
        return replace(proof, sizes=tuple(sizes))

    def _ask(self, asked: dict[str, Any], timeout: float) -> Proof:
        self._count += 1
        answer = Path(self._folder.name) / f"{self._count}.json"
        child = self._running()
        assert child.stdin is not None
        line = json.dumps({**asked, "answer": str(answer), "memory": MEMORY}) + "\n"
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(line.encode())
            child.stdin.flush()
        trouble = self._wait(child, answer, timeout)
        if trouble:
            self._end()
            return Proof((trouble,), seconds=timeout)
        found = json.loads(answer.read_bytes())
        answer.unlink()
        if "missing" in found:
            text = (
                "PyTorch is not installed, so nothing can be proved; `pip install layerloom[train]` brings it"
            )
            return Proof((text,))
        return Proof(
            tuple(found["problems"]), found["versions"], found["seconds"], compared=found["compared"]
        )

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            script = Path(str(files("codegen"))) / "child" / "prove.py"
            # -P: a torch.py lying about is never imported; the folder is ours and holds no code.
            self._child = subprocess.Popen(
                [sys.executable, "-P", str(script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self._folder.name,
            )
        return self._child

    def _wait(self, child: subprocess.Popen[bytes], answer: Path, timeout: float) -> str:
        """Waits for the answer's file; a sentence if none comes."""
        end, pause = time.monotonic() + timeout, 0.0005
        while not answer.exists():
            if child.poll() is not None and not answer.exists():
                return f"the proof ended early (exit code {child.returncode}), perhaps out of memory; try smaller sizes"
            if time.monotonic() > end:
                return f"the proof took longer than {timeout:g} s and was stopped; try smaller sizes"
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)
        return ""

    def _end(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        if self._child.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
        self._child = None
