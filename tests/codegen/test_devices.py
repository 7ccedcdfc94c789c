"""Tests of codegen.training.devices against stand-ins for torch: no machine here has every kind of card."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codegen.training.devices import TorchFacts, probe_torch

TORCH = """
class nothing: pass
__version__ = "9.9.0+fake"
version, cuda, backends = nothing(), nothing(), nothing()
backends.mps = nothing()
version.cuda, version.hip = {cuda_version!r}, None
cuda.is_available = lambda: {available}
cuda.get_device_name = lambda index: "NVIDIA H200"
backends.mps.is_available = lambda: {mps}
class ones:
    def __init__(self, *size, device): pass
    def sum(self): return self
    def item(self): {item}
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter without any package; its torch is whatever a test writes beside it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    return tmp_path / "venv" / "bin" / "python"


def give_torch(python: Path, text: str) -> None:
    packages = next(python.parents[1].glob("lib/python*/site-packages"))
    (packages / "torch.py").write_text(text)


@pytest.mark.parametrize(
    ("cuda_version", "available", "mps", "item", "device", "reason"),
    [
        (None, False, False, "return 2.0", "cpu", "CPU: this torch has no CUDA"),
        ("13.0", False, False, "return 2.0", "cpu", "CPU: torch finds no usable NVIDIA card"),
        ("13.0", True, False, "return 2.0", "cuda", "GPU: NVIDIA H200 (CUDA)"),
        ("13.0", True, False, "raise RuntimeError('no kernel\\n image')", "cpu",
         "CPU: the card refused a small sum (no kernel image)"),
        (None, False, True, "return 2.0", "mps", "GPU: Apple GPU (Metal)"),
    ],
)  # fmt: skip
def test_the_best_device_that_works_is_named_with_its_reason(
    python: Path, cuda_version: str | None, available: bool, mps: bool, item: str, device: str, reason: str
) -> None:
    give_torch(python, TORCH.format(cuda_version=cuda_version, available=available, mps=mps, item=item))
    facts = probe_torch(str(python))
    assert (facts.version, facts.device, facts.reason) == ("9.9.0+fake", device, reason)
    assert bool(facts.device_name) == (device != "cpu")


def test_no_torch(python: Path) -> None:
    assert probe_torch(str(python)) == TorchFacts(None, "cpu", "", "torch is not installed")


def test_a_torch_that_cannot_be_imported(python: Path) -> None:
    give_torch(python, "raise OSError('libcudnn.so.9: cannot open shared object file')")
    facts = probe_torch(str(python))
    assert facts.version is None
    assert facts.reason == (
        "torch is installed but cannot be imported (libcudnn.so.9: cannot open shared object file)"
    )


@pytest.mark.parametrize(
    ("torch", "timeout", "reason"),
    [
        ("import os; os.abort()", 60, "torch ended the process that asked for it (exit -6)"),
        ("import time; time.sleep(60)", 0.3, "torch did not answer within 0.3 s"),
        (
            "print('chatter'); import sys; sys.exit()",
            60,
            "torch ended the process that asked for it (exit 0)",
        ),
    ],
)
def test_a_torch_that_dies_or_hangs(python: Path, torch: str, timeout: float, reason: str) -> None:
    give_torch(python, torch)
    assert probe_torch(str(python), timeout=timeout) == TorchFacts(None, "cpu", "", reason)


def test_an_interpreter_that_is_not_there() -> None:
    reason = "/nowhere/python cannot be started (No such file or directory)"
    assert probe_torch("/nowhere/python") == TorchFacts(None, "cpu", "", reason)


def test_a_file_named_torch_in_the_working_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: Path
) -> None:
    (tmp_path / "torch.py").write_text("open('ran', 'w')")
    monkeypatch.chdir(tmp_path)
    assert probe_torch(str(python)).reason == "torch is not installed"
    assert not (tmp_path / "ran").exists()


def test_the_real_torch_answers_without_being_imported_here() -> None:
    facts = probe_torch()
    assert facts.version is not None
    assert facts.reason.startswith(("CPU: ", "GPU: "))
