"""The window, and what is there and what is missing."""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path

from designer.commandline.output import FINE, WRONG, Failure, result


def gui(options: Namespace) -> int:
    """Opens the window. Qt itself would abort where it is missing or has no screen: said before."""
    missing = [name for name in ("PySide6", "pyqtgraph") if find_spec(name) is None]
    if missing:
        raise Failure(
            f"layerloom gui: {missing[0]} is not installed; install it with: pip install 'layerloom[gui]'"
        )
    _require_screen(options.screenshot)
    gc.disable()  # nothing becomes garbage while modules load; `run_window` switches it on again
    if options.file is not None:
        from graph_ir.file import read

        read(options.file)  # a file that is no design is said here, with exit code 2, not in a window
    from designer.app import run_window

    code: int = run_window(options.file, options.screenshot)
    return code


def _require_screen(screenshot: str | None) -> None:
    if screenshot is not None and Path(screenshot).suffix.lower() != ".png":
        raise Failure(f"layerloom gui: a screenshot is a PNG, so {screenshot!r} must end in .png", WRONG)
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return
    if screenshot is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a picture needs no screen
        return
    raise Failure(
        "layerloom gui: there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set); start it from a desktop "
        "session, or use the other commands (`layerloom --help`)"
    )


def doctor(options: Namespace) -> int:
    """What is there and what is missing, each with the command that mends it."""
    from designer.doctor import examine, report

    result(report(examine()))
    return FINE
