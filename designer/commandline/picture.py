"""`layerloom render`; its flags are made from the options of a picture."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from codegen.diagram.options import SPECS, DiagramOptions, OptionSpec, read_section
from designer.commandline.output import FAILED, FINE, WRONG, Failure, result, say
from graph_ir.kinds import BadValue, Choice, Flag, Integer


def add_options(parser: ArgumentParser) -> None:
    """A flag for every option of a picture; what is not given is as the design's `diagram` section says."""
    for spec in SPECS.values():
        flag = f"--{spec.name.replace('_', '-')}"
        help = f"{spec.help} ({_shown(spec.default)})".replace("%", "%%")
        if isinstance(spec.kind, Flag):
            parser.add_argument(flag, action=BooleanOptionalAction, default=None, help=help)
        elif isinstance(spec.kind, Choice):
            parser.add_argument(flag, choices=spec.kind.options, default=None, help=help)
        else:
            name = "N" if isinstance(spec.kind, Integer) else "X"
            parser.add_argument(flag, metavar=name, type=_reader(spec), default=None, help=help)


def _shown(default: Any) -> str:
    return {True: "on", False: "off"}[default] if isinstance(default, bool) else f"{default}"


def _reader(spec: OptionSpec) -> Callable[[str], Any]:
    """Reads the text of a flag as the option's kind does."""

    def read(text: str) -> Any:
        try:
            value = int(text) if isinstance(spec.kind, Integer) else float(text)
            return spec.kind.convert(value)
        except (ValueError, BadValue):
            raise ArgumentTypeError(f"must be {spec.kind.describe()}, not {text[:40]!r}") from None

    return read


def render(options: Namespace) -> int:
    """Draws the design into every file asked for; one with errors is drawn with its errors, and is exit code 1."""
    from codegen.diagram.render import SUFFIXES, NotDrawn, render_to
    from graph_ir.check import check
    from graph_ir.file import read

    for out in options.output:
        if Path(out).suffix.lower().removeprefix(".") not in SUFFIXES:
            known = ", ".join(f".{suffix}" for suffix in SUFFIXES)
            raise Failure(f"{out}: its suffix says no picture format; use one of {known}", WRONG)
    design = read(options.file)
    report = check(design)
    look, problems = read_section(design.diagram)
    for problem in problems:
        say(f"{options.file}: {problem}")
    given = {name: value for name in SPECS if (value := getattr(options, name)) is not None}
    for out in options.output:
        try:
            render_to(Path(out), design, report, _replaced(look, given))
        except NotDrawn as error:
            raise Failure(f"{out}: {error}") from None
        result(out)
    if not report.ok:
        say(f"{options.file}: drawn with its errors; `layerloom check` lists them")
    return FINE if report.ok else FAILED


def _replaced(look: DiagramOptions, given: dict[str, Any]) -> DiagramOptions:
    return look.replaced(**given)
