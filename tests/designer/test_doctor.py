"""Tests of `layerloom doctor`."""

from __future__ import annotations

import shutil
import sys
from importlib import metadata
from pathlib import Path

import pytest

from designer import doctor
from designer.doctor import Finding


def found(name: str) -> Finding:
    return {finding.name: finding for finding in doctor.examine()}[name]


def test_everything_is_looked_at_and_torch_and_qt_answer() -> None:
    findings = {finding.name: finding for finding in doctor.examine()}
    assert list(findings) == [
        "python", "torch", "device", "data packages", "dot", "pygraphviz", "display", "Qt", "curves",
        "notebooks", "ONNX",
    ]  # fmt: skip
    assert findings["python"].found.endswith(f"({sys.executable})")
    for name in ("torch", "device", "data packages", "pygraphviz", "Qt", "curves"):
        assert findings[name].ok, findings[name]
    assert metadata.version("torch") == findings["torch"].found


def test_everything_that_is_missing_says_what_mends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nothing(package: str) -> str:
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(doctor.metadata, "version", nothing)
    monkeypatch.setattr(
        doctor, "probe_torch", lambda: doctor.TorchFacts(None, "cpu", "", "torch is not installed")
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    missing = [finding for finding in doctor.examine() if not finding.ok]
    assert {finding.name for finding in missing} >= {
        "torch", "device", "data packages", "dot", "pygraphviz", "Qt", "curves", "notebooks", "ONNX",
    }  # fmt: skip
    assert all(finding.mend for finding in missing if finding.name != "device")


@pytest.mark.skipif(sys.platform != "linux", reason="X and Wayland")
def test_a_screen_that_does_not_answer_is_told_from_missing_libraries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":9999")
    qt = found("Qt")
    assert not qt.ok
    assert "could not connect to display :9999" in qt.found
    assert qt.mend == "set DISPLAY to a screen that answers"


@pytest.mark.skipif(shutil.which("sh") is None, reason="the program is written in sh")
def test_a_dot_that_does_not_run_is_no_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho 'libgvc.so.6: cannot open shared object file' >&2\nexit 127\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    dot = found("dot")
    assert not dot.ok
    assert dot.found == f"{program} does not answer (libgvc.so.6: cannot open shared object file)"


def test_the_report_is_aligned_plain_text() -> None:
    report = doctor.report(
        [Finding("python", True, "3.11.7"), Finding("data packages", False, "not installed: numpy", "./run")]
    )
    assert report == (
        "ok       python         3.11.7\n"
        "missing  data packages  not installed: numpy\n"
        "                        mend: ./run\n"
    )  # fmt: skip


def test_a_card_behind_a_cpu_build_is_worth_a_word(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    facts = doctor.TorchFacts("2.13.0+cpu", "cpu", "", "CPU: this torch has no CUDA")
    monkeypatch.setattr(doctor, "probe_torch", lambda: facts)
    assert found("device").mend.startswith("LAYERLOOM_TORCH=cuda ")
