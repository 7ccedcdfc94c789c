"""Drawing DOT: with the `dot` program where there is one, else with the Graphviz inside pygraphviz, in a child.

Either is a foreign C program that reads text made from a design: it gets a timeout, a memory limit and an empty
folder, and what comes back is taken as bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

TIMEOUT = 10.0
"""Seconds for one picture."""
MEMORY = 2 << 30
"""Bytes of address space for one picture."""
NO_PYGRAPHVIZ = 3
"""The exit status by which the child says that pygraphviz is missing."""

_CHILD = Path(__file__).parents[1] / "child" / "draw.py"


class NotDrawn(Exception):
    """The picture could not be drawn; the text is one sentence with the reason and what to do."""


class Missing(NotDrawn):
    """There is no Graphviz of either kind; the text names the command that installs it."""


def draw(dot: str, format: str, timeout: float = TIMEOUT) -> bytes:
    """The picture as `svg`, `pdf` or `png`.

    Raises Missing where there is no Graphviz, NotDrawn where it fails or takes longer than `timeout` seconds.
    """
    data = dot.encode("utf-8", "backslashreplace")
    program = shutil.which("dot")
    drawn = _run([program, f"-T{format}"], data, timeout) if program else None
    if drawn and drawn.returncode == 0 and drawn.stdout:
        return drawn.stdout
    # No `dot`, or one that lacks this format.
    child = _run([sys.executable, "-P", str(_CHILD), format], data, timeout)
    if child and child.returncode == 0 and child.stdout:
        return child.stdout
    if child and child.returncode == NO_PYGRAPHVIZ and program is None:
        raise Missing(f"there is no Graphviz to draw with; install it with {install_command()}")
    failed = drawn or child
    said = failed.stderr.decode("utf-8", "replace").split("\n")[0][:200] if failed else ""
    raise NotDrawn(
        f"Graphviz could not draw this design ({said or 'it said nothing'}); save it as .dot, .mmd or .tex instead"
    )


def install_command() -> str:
    """What a user types to get Graphviz."""
    if sys.platform == "darwin":
        return "`brew install graphviz`"
    if sys.platform == "win32":
        return "`winget install graphviz`"
    return "`sudo apt-get install graphviz` or, without root, `pip install pygraphviz`"


def _run(command: Sequence[str], data: bytes, timeout: float) -> subprocess.CompletedProcess[bytes] | None:
    """None where the program can't be started. Raises NotDrawn where time is up."""
    with (
        TemporaryDirectory(prefix="layerloom-", ignore_cleanup_errors=True) as folder,
        _fonts(folder) as settings,
    ):
        pipe = subprocess.PIPE
        # Older Graphviz opens no file named in a graph where it believes to serve a web page.
        environment = os.environ | settings | {"SERVER_NAME": "layerloom"}
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, close_fds=True
            )
        except OSError:
            return None
        with process:
            limit_memory(process.pid)  # before the graph is written, so that nothing was allocated for it
            try:
                out, err = process.communicate(data, timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise NotDrawn(f"Graphviz was not done after {timeout:g} s; {_remedy(command)}") from None
            return subprocess.CompletedProcess(command, process.returncode, out, err)


def _remedy(command: Sequence[str]) -> str:
    """Pixels take the time of a large picture, not its layout."""
    if command[-1].endswith("png"):
        return "choose a lower dpi, or save the picture as .svg"
    return "save the picture as .dot, .mmd or .tex instead"


def limit_memory(pid: int) -> None:
    """Caps the address space of a process that was just started, where the system can (Linux)."""
    if sys.platform != "linux":
        return
    import resource

    try:
        resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (OSError, ValueError):  # it has ended already, or its own limit is lower
        return


@contextmanager
def _fonts(folder: str) -> Iterator[dict[str, str]]:
    """Lets fontconfig find our font beside the system's, so that text is measured alike everywhere."""
    with as_file(files("assets") / "fonts") as fonts:
        config = Path(folder) / "fonts.conf"
        config.write_text(
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
            '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
            f"<dir>{escape(str(fonts))}</dir></fontconfig>",
            encoding="utf-8",
        )
        yield {"FONTCONFIG_FILE": str(config)} if sys.platform == "linux" else {}
