"""What is there and what is missing, each with the command that mends it: `layerloom doctor`.

Qt, torch and Graphviz are tried in child processes: what is broken may crash only there.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from codegen.training.devices import TorchFacts, probe_torch

# What Qt's wheels ask of a Debian or Ubuntu beside glibc, for the screen and for no screen.
QT_PACKAGES = (
    "libgl1 libegl1 libglib2.0-0 libxkbcommon0 libdbus-1-3 libfontconfig1 "
    "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0 libxcb-shape0"
)
_TRY_QT = """
from PySide6.QtWidgets import QApplication
print(QApplication(["layerloom"]).platformName())
"""
_TRY_PYGRAPHVIZ = """
import pygraphviz
picture = pygraphviz.AGraph(string="digraph { a -> b }").draw(format="svg", prog="dot")
print("draws" if b"<svg" in picture else "draws nothing")
"""


@dataclass(frozen=True)
class Finding:
    """One line of the report. `mend` is the command that helps, "" where nothing needs mending."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def examine() -> list[Finding]:
    """Looks at everything; about 2 s, nearly all of it torch's import in a child."""
    with ThreadPoolExecutor() as pool:
        torch = pool.submit(probe_torch)
        dot, drawing, qt = (pool.submit(look) for look in (_dot, _pygraphviz, _qt))
        return [
            Finding("python", True, f"{platform.python_version()} ({sys.executable})"),
            *_torch(torch.result()),
            _package("data packages", ("numpy", "safetensors", "scikit-learn"), "train"),
            dot.result(),
            drawing.result(),
            _display(),
            qt.result(),
            _package("curves", ("pyqtgraph",), "gui"),
            _package("notebooks", ("nbformat", "matplotlib"), "notebook"),
            _package("ONNX", ("onnx", "onnxscript", "onnxruntime"), "onnx"),
        ]


def report(findings: Sequence[Finding]) -> str:
    """The findings as plain text, the command that mends below each thing that is missing."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        mark = "ok     " if finding.ok else "missing"
        lines.append(f"{mark}  {finding.name:{width}}  {finding.found}")
        if finding.mend:
            lines.append(f"{'':{width + 11}}mend: {finding.mend}")
    return "\n".join(lines) + "\n"


def _torch(facts: TorchFacts) -> list[Finding]:
    if facts.version is None:
        return [
            Finding("torch", False, facts.reason, _install("train")),
            Finding("device", False, "training and proving need torch"),
        ]
    mend = ""
    if facts.device == "cpu" and shutil.which("nvidia-smi"):
        mend = _install("train", "LAYERLOOM_TORCH=cuda")
    return [Finding("torch", True, facts.version), Finding("device", True, facts.reason, mend)]


def _dot() -> Finding:
    program = shutil.which("dot")
    if program is None:
        mend = _system("graphviz", brew="graphviz", winget="Graphviz.Graphviz")
        return Finding("dot", False, "no program of that name; pygraphviz draws instead", mend)
    done = _ask([program, "-V"])
    version = (done.stderr or done.stdout).strip().removeprefix("dot - ")
    if done.returncode:
        return Finding("dot", False, f"{program} does not answer ({_message(version)})", _system("graphviz"))
    return Finding("dot", True, version)


def _pygraphviz() -> Finding:
    return _try("pygraphviz", _TRY_PYGRAPHVIZ, "", "libglib2.0-0 libx11-6 libxext6 libxrender1")


def _qt() -> Finding:
    return _try("PySide6-Essentials", _TRY_QT, "gui", QT_PACKAGES, label="Qt")


def _try(package: str, code: str, extra: str, libraries: str, label: str = "") -> Finding:
    """Whether a package is installed and its code runs; else the install line, or the system libraries."""
    name = label or package
    version = _version(package)
    if version is None:
        return Finding(name, False, f"{package} is not installed", _install(extra))
    done = _ask([sys.executable, "-P", "-c", code])
    if done.returncode:
        why = _message(done.stderr)
        mend = "set DISPLAY to a screen that answers" if "connect to display" in why else _system(libraries)
        return Finding(name, False, f"{package} {version} does not run: {why}", mend)
    return Finding(name, True, f"{package} {version} ({done.stdout.strip()})")


def _display() -> Finding:
    if sys.platform != "linux":
        return Finding("display", True, platform.system())
    for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
        if os.environ.get(variable):
            return Finding("display", True, f"{variable}={os.environ[variable]}")
    found = "none (neither DISPLAY nor WAYLAND_DISPLAY is set): every command but the window works"
    return Finding("display", False, found, "start it from a desktop session, or through `ssh -X`")


def _package(name: str, packages: Sequence[str], extra: str) -> Finding:
    versions = {package: _version(package) for package in packages}
    missing = [package for package, version in versions.items() if version is None]
    if missing:
        return Finding(name, False, f"not installed: {', '.join(missing)}", _install(extra))
    return Finding(name, True, ", ".join(f"{package} {version}" for package, version in versions.items()))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _install(extra: str, setting: str = "") -> str:
    """The set-up script where this is a checkout, which knows the right torch; else pip."""
    script = Path(__file__).resolve().parents[1] / "run"
    if script.is_file():
        return f"{setting} {shlex.quote(str(script))} doctor".strip()
    return f"{shlex.quote(sys.executable)} -m pip install 'layerloom{f'[{extra}]' if extra else ''}'"


def _system(debian: str, brew: str = "", winget: str = "") -> str:
    if sys.platform == "darwin":
        return f"brew install {brew}" if brew else ""
    if sys.platform == "win32":
        return f"winget install {winget}" if winget else ""
    return (
        f"sudo apt-get install {debian}" if shutil.which("apt-get") else f"install {debian} (Debian's names)"
    )


def _ask(command: list[str], timeout: float = 30) -> subprocess.CompletedProcess[str]:
    """Runs a short command; a hang or a missing program reads like a failure."""
    environment = dict(os.environ)
    if not _display().ok:
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            env=environment,
            cwd=tempfile.gettempdir(),
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {timeout:g} s")
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", str(error.strerror))


def _message(text: str) -> str:
    """The line that says most: the end of a traceback, else the first complaint."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return "no message"
    return lines[-1] if lines[0].startswith("Traceback") else lines[0]
