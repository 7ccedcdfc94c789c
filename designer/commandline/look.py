"""Commands that only look: templates, layers, schema, check, summary."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from designer.commandline.output import FAILED, FINE, WRONG, Failure, plain, result, result_json, say
from designer.commandline.places import Places
from graph_ir.check import check as check_design
from graph_ir.file import Unreadable, read
from graph_ir.graph import Design
from graph_ir.report import Report


def templates(options: Namespace) -> int:
    """The gallery."""
    from graph_ir.templates import gallery

    entries = list(gallery())
    if options.format == "json":
        result_json([entry.as_json() for entry in entries], indent=1)
        return FINE
    width = max(len(entry.name) for entry in entries)
    for group, members in groupby(entries, key=lambda entry: entry.group):
        result(group)
        for entry in members:
            result(f"  {entry.name:{width}}  {entry.title}")
            result(f"  {'':{width}}  {entry.summary}")
            parameters = ", ".join(f"{key}={value}" for key, value in entry.parameters.items())
            result(f"  {'':{width}}  data: {entry.data or 'none'}; parameters: {parameters or 'none'}")
    return FINE


def layers(options: Namespace) -> int:
    """The layer reference."""
    from codegen.reference import NoLayer, reference

    try:
        text = reference(options.type, options.format)
    except NoLayer as error:
        raise Failure(f"layerloom layers: {error.text}", WRONG) from None
    result(text)
    return FINE


def schema(options: Namespace) -> int:
    """JSON Schema of the design file."""
    from codegen.diagram.options import section_schema
    from graph_ir.schema import schema as file_schema

    result_json(file_schema({"diagram": section_schema()}), indent=1)
    return FINE


def check(options: Namespace) -> int:
    """The verdict on each file, its problems and requirements."""
    as_json = options.format == "json"
    return _each(options.files, _check_json if as_json else _check_text, unreadable=as_json)


def _check_json(file: str, design: Design, report: Report) -> None:
    problems = [problem.as_json() for problem in report.problems]
    result_json({"file": file, "ok": report.ok, "problems": problems, "requires": list(report.requires)})


def _check_text(file: str, design: Design, report: Report) -> None:
    errors = sum(problem.severity == "error" for problem in report.problems)
    verdict = "ok" if report.ok else f"{errors} {'error' if errors == 1 else 'errors'}"
    places = Places(file)
    for problem in report.problems:
        result(f"{places.of(problem)}: {problem.severity}: {problem.message} [{problem.code}]")
    for requirement in report.requires:
        result(f"{file}: requires: {requirement}")
    result(f"{file}: {verdict}{', ' + _size(report) if report.ok else ''}")


def _size(report: Report) -> str:
    layers = len(report.layers)
    return f"{layers} {'layer' if layers == 1 else 'layers'}, {report.parameters:,} parameters"


def summary(options: Namespace) -> int:
    """Layers, shapes, parameters and multiply-adds of each file."""
    from graph_ir.summary import summary as summarise

    def show(file: str, design: Design, report: Report) -> None:
        found = summarise(design, report)
        if options.format == "json":
            result_json({"file": file, **found.as_json()})
            return
        if len(options.files) > 1 and options.format == "text":
            result(f"{file}:")
        result(getattr(found, _FORMS[options.format])())
        if not report.ok:
            _say_errors(file, report)

    return _each(options.files, show, unreadable=options.format == "json")


_FORMS = {"text": "as_text", "csv": "as_csv", "md": "as_markdown", "latex": "as_latex"}


def _say_errors(file: str, report: Report) -> None:
    places = Places(file)
    for problem in report.problems:
        if problem.severity == "error":
            say(f"{places.of(problem)}: {problem.message}")


def _each(files: Iterable[str], show: Callable[[str, Design, Report], None], *, unreadable: bool) -> int:
    """Shows every file that can be read; the worst exit code. An unreadable one is told on stderr and, with
    `unreadable`, has its line on stdout too."""
    worst = FINE
    for file in files:
        try:
            design = read(file)
        except Unreadable as error:
            say(error.text)
            if unreadable:
                result_json(_unreadable(file, error.text))
            worst = WRONG
            continue
        report = check_design(design)
        show(file, design, report)
        worst = max(worst, FINE if report.ok else FAILED)
    return worst


def _unreadable(file: str, sentence: str) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "severity": "error",
        "code": "unreadable",
        "layer": None,
        "port": None,
        "path": [],
        "message": plain(sentence),
        "fixes": [],
    }
    return {"file": file, "ok": False, "problems": [problem], "requires": []}


def opened(file: str) -> tuple[Design, Report]:
    """A design without errors and its report, for a command that goes on to use it.

    Raises Unreadable, or Failure with the first error.
    """
    design = read(file)
    report = check_design(design)
    errors = [problem for problem in report.problems if problem.severity == "error"]
    if errors:
        more = f" (and {len(errors) - 1} more: `layerloom check` lists them)" if len(errors) > 1 else ""
        raise Failure(f"{Places(file).of(errors[0])}: {errors[0].message}{more}")
    return design, report
