"""The summary of a network as text, JSON, CSV, Markdown and LaTeX: one table, several printers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graph_ir.check import check
from graph_ir.costs import Costs
from graph_ir.dims import Dim, to_json
from graph_ir.graph import Design
from graph_ir.receptive import View
from graph_ir.report import LayerReport, Report
from graph_ir.signature import TensorType
from graph_ir.use_words import sharing, type_words

WIDEST = 60
"""Characters of the widest cell in the table for the terminal; the other forms hold all."""
_CALCULATED = ("parameters", "buffers", "macs", "activation_bytes")
HEADER = ("layer", "type", "input", "output", "parameters", "MACs")


Cells = tuple[str, str, str, str, str, str]
"""What stands in a row, column by column."""


def cells(entry: LayerReport, macs: Dim, *, shares: bool = False) -> Cells:
    """The row of one layer; `shares`: others have the same weights."""
    return (
        entry.node.id,
        type_words(entry, shares=shares),
        _shapes(entry.inputs.values()),
        _shapes(entry.outputs.values()),
        f"{entry.parameters:,}",
        _number(macs),
    )


@dataclass(frozen=True)
class Summary:
    """What a network is made of and what it costs. Read off the check: nothing is computed again.

    With `only` the table holds those layers, in that order, and no totals.
    """

    report: Report
    only: tuple[str, ...] | None = None

    def rows(self) -> list[Cells]:
        """One row a layer: id, type (of a use its block), input and output shapes, parameters, multiply-adds."""
        shared, layers = sharing(self.report), self.report.layers
        return [
            cells(layers[id], self.report.macs_by_layer.get(id, 0), shares=id in shared)
            for id in (layers if self.only is None else self.only)
        ]

    def totals(self) -> list[str]:
        """The sums and conditions below the table."""
        report = self.report
        if self.only is not None:
            return []
        lines = [
            f"parameters: {report.parameters:,} ({report.trainable_parameters:,} trainable)",
            f"MACs for one sample: {_number(report.macs)}",
        ]
        if report.requires:
            lines.append(f"requires: {', '.join(report.requires)}")
        lines += [f"aligned where (the data decides): {text}" for text in report.alignments.values()]
        errors = sum(problem.severity == "error" for problem in report.problems)
        if errors:
            lines.append(f"errors: {errors} (sizes behind them are not known)")
        return lines

    def as_json(self) -> dict[str, Any]:
        """The form promised by `layerloom summary --format json`, less the file's name."""
        report = self.report
        found: dict[str, Any] = {
            "ok": report.ok,
            "inputs": self._boundary("input"),
            "outputs": self._boundary("output"),
            "layers": [
                _layer(entry, report.macs_by_layer.get(id, 0), report.costs.get(id))
                for id, entry in report.layers.items()
            ],
            "parameters": report.parameters,
            "trainable_parameters": report.trainable_parameters,
            "buffers": report.buffers,
            "macs": to_json(report.macs),
            "activation_bytes": to_json(report.activation_bytes),
            "requires": list(report.requires),
            "alignments": report.alignments,
        }
        if not report.ok:
            found["problems"] = [problem.as_json() for problem in report.problems]
        return found

    def _boundary(self, trait: str) -> dict[str, list[int | str] | None]:
        ends = {id: entry for id, entry in self.report.layers.items() if entry.trait == trait}
        types = {id: next(iter((entry.outputs or entry.inputs).values()), None) for id, entry in ends.items()}
        return {id: _shape(type) for id, type in types.items()}

    def as_text(self) -> str:
        """A table for the terminal."""
        rows = [tuple(_clipped(printable(cell)) for cell in row) for row in (HEADER, *self.rows())]
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
        lines = [_text_row(row, widths) for row in rows]
        rule = "─" * len(lines[0])
        totals = self.totals()
        return "\n".join([lines[0], rule, *lines[1:], *([rule, *totals] if totals else [])]) + "\n"

    def as_csv(self) -> str:
        """Comma-separated values; a cell that a spreadsheet would take for a formula gets a leading apostrophe."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for row in self.rows():
            cells = [cell.replace(",", "") if cell.replace(",", "").isdigit() else cell for cell in row]
            writer.writerow(
                [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells]
            )
        return text.getvalue()

    def as_markdown(self) -> str:
        """A Markdown table; user text is escaped."""
        lines = [f"| {' | '.join(HEADER)} |", "|---|---|---|---|---:|---:|"]
        lines += [f"| {' | '.join(escape_markdown(cell) for cell in row)} |" for row in self.rows()]
        totals = [f"{line}  " for line in map(escape_markdown, self.totals())]
        return "\n".join([*lines, *(["", *totals] if totals else [])]) + "\n"

    def as_latex(self) -> str:
        """A LaTeX `tabular` without packages; user text is escaped."""
        body = [" & ".join(escape_latex(cell) for cell in row) + r" \\" for row in (HEADER, *self.rows())]
        body.insert(1, r"\hline")
        return "\n".join([r"\begin{tabular}{llllrr}", *body, r"\end{tabular}"]) + "\n"


def summary(design: Design, report: Report | None = None) -> Summary:
    """The summary of a design's top network."""
    return Summary(report or check(design))


def _layer(entry: LayerReport, macs: Dim, costs: Costs | None) -> dict[str, Any]:
    return {
        "id": entry.node.id,
        "type": entry.node.type,
        "inputs": {port: _shape(type) for port, type in entry.inputs.items()},
        "outputs": {port: _shape(type) for port, type in entry.outputs.items()},
        "input_dtypes": {port: type.dtype if type else None for port, type in entry.inputs.items()},
        "output_dtypes": {port: type.dtype for port, type in entry.outputs.items()},
        "parameters": entry.parameters,
        "trainable_parameters": entry.trainable_parameters,
        "buffers": entry.buffer_elements,
        "macs": to_json(macs),
        "nested": _nested(entry, costs),
        **_costs(costs),
    }


def _nested(entry: LayerReport, costs: Costs | None) -> list[dict[str, Any]]:
    """The layers inside a use of a block, one repetition after the other; `repetition` counts them from 0."""
    found: list[dict[str, Any]] = []
    for nested in entry.nested:
        known = (costs.inside[nested.index] if costs and costs.inside else None) or {}
        for id, inner in nested.report.layers.items() if nested.report else ():
            one = known.get(id)
            found.append(_layer(inner, one.macs.value if one else 0, one) | {"repetition": nested.index})
    return found


def _costs(costs: Costs | None) -> dict[str, Any]:
    """Memory and receptive field, and the calculations behind the figures; nothing is known of what does not fit."""
    if costs is None:
        return {"activation_bytes": None, "receptive_field": [], "arithmetic": {}}
    return {
        "activation_bytes": to_json(costs.activation_bytes.value),
        "receptive_field": [_view(view) for view in costs.receptive_field],
        "arithmetic": {name: getattr(costs, name).words for name in _CALCULATED},
    }


def _view(view: View) -> dict[str, Any]:
    return {
        "input": view.input,
        "axis": view.axis,
        "role": view.role,
        "entries": "all" if view.entries is None else view.entries,
        "step": None if view.entries is None else float(view.step),
        "arithmetic": view.words,
    }


def _shape(type: TensorType | None) -> list[int | str] | None:
    return None if type is None else [to_json(dim) for dim in type.shape]


def _shapes(types: Iterable[TensorType | None]) -> str:
    return ", ".join("?" if type is None else type.text for type in types)


def _number(value: Dim) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _text_row(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row[:4], widths, strict=False)]
    cells += [cell.rjust(width) for cell, width in zip(row[4:], widths[4:], strict=True)]
    return "  ".join(cells).rstrip().ljust(sum(widths) + 2 * (len(widths) - 1))


def _clipped(cell: str) -> str:
    """One cell sets the width of its column in every row: a layer with 3,000 inputs must not fill the memory."""
    return cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…"


def printable(text: str) -> str:
    """Text for one line of a terminal: control, bidi and other invisible characters become escapes."""
    return (
        text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    )


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(
        f"\\{c}" if c in r"\`*_{}[]<>()#+-.!|&~$" and not c.isalnum() else c for c in printable(text)
    )


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
} | {c: f"\\{c}" for c in "&%$#_{}"}


def escape_latex(text: str) -> str:
    """Text that TeX shows as it is."""
    return "".join(_LATEX.get(c, c) for c in printable(text))
