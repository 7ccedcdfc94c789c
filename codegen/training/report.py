"""Writes `report.html` of a run: one page that stands alone, with figures, curves, confusion matrix and sources.

Everything that comes from files is text: it is escaped, and no script, link or picture is loaded from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from codegen.training.charts import chart
from codegen.training.events import Follower, curves
from codegen.training.options import METRICS
from codegen.training.runs import SETTINGS, State, state
from codegen.training.sources import SOURCES
from graph_ir.atomic import atomic_write
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.file import Unreadable, read

REPORT = "report.html"
_LARGEST_MATRIX = 60

_STYLE = """
:root { color-scheme: light dark; --ground: #f4f5f7; --card: #fff; --edge: #c3c8d0; --text: #1b1f26;
  --quiet: #565e6b; --line1: #3962c1; --line2: #9f5003; --heat: 57, 98, 193; }
@media (prefers-color-scheme: dark) { :root { --ground: #171a20; --card: #232730; --edge: #3a404c; --text: #e8ebf0;
  --quiet: #a6aebb; --line1: #8ab4f8; --line2: #f2b84b; } }
body { background: var(--ground); color: var(--text); font: 15px/1.5 Inter, system-ui, sans-serif; margin: 0 auto;
  max-width: 60rem; padding: 1.5rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
section { background: var(--card); border: 1px solid var(--edge); border-radius: 7px; margin: 1rem 0; padding: 1rem;
  overflow-x: auto; }
table { border-collapse: collapse; } th, td { padding: .2rem .7rem; text-align: right; }
th { color: var(--quiet); font-weight: 500; } th:first-child, td:first-child { text-align: left; }
.matrix td, .matrix th { text-align: center; min-width: 1.8rem; padding: .2rem; }
td { font-variant-numeric: tabular-nums; } p { margin: .3rem 0; } .quiet { color: var(--quiet); }
svg { max-width: 100%; height: auto; } svg text { fill: var(--quiet); font-size: 12px; }
""".strip()


def write_report(folder: Path) -> Path:
    """Writes the report of the run in `folder` and gives its path; also of a run that goes on or failed.

    Raises Refused where the file can't be written.
    """
    path = folder / REPORT
    try:
        atomic_write(path, report_html(folder).encode("utf-8"))
    except OSError as error:
        raise Refused(f"{path} can't be written ({error.strerror}); free some space.") from None
    return path


def report_html(folder: Path) -> str:
    """The page as text."""
    run, settings = state(folder), _settings(folder)
    title, network = _design(folder)
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="quiet">{escape(_verdict(run))}</p>',
        _section("Results", _metrics(run)),
        _section("Curves", _curves(folder)),
        _section("Confusion matrix", _confusion(run.result)),
        _section("Classes", _classes(run.result)),
        _section("Example", _example(run.result)),
        _section("Data", _data(settings)),
        _section("Network", network),
        _section("Run", _facts(run, settings)),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style></head><body>",
            *filter(None, parts),
            '<p class="quiet">Written by Layerloom.</p></body></html>\n',
        ]
    )


def _verdict(run: State) -> str:
    if run.status == "finished":
        return "The training came to its end."
    return f"The training: {run.status}. {run.message}"


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>" if content else ""


def _table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = ["".join(f"<td>{_cell(value)}</td>" for value in row) for row in rows]
    top = "".join(f"<th>{_cell(value)}</th>" for value in head)
    return f"<table><tr>{top}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else escape("" if value is None else str(value))


def _metrics(run: State) -> str:
    metrics = run.result.get("metrics")
    if not isinstance(metrics, Mapping):
        return ""
    parts = [name for name in ("train", "validation", "test") if isinstance(metrics.get(name), Mapping)]
    names = list(dict.fromkeys(name for part in parts for name in metrics[part]))
    titles = {name: METRICS[name].title if name in METRICS else name for name in names}
    rows = [[titles[name], *(metrics[part].get(name) for part in parts)] for name in names]
    return _table(["", *parts], rows) if rows else ""


def _curves(folder: Path) -> str:
    found = curves(Follower(folder).read())
    losses = {
        "training": found.get("train_loss", []),
        "validation": found.get("validation_loss", []),
    }
    if len(losses["training"]) < 2:
        losses["training"] = found.get("step_loss", [])
    charts = [chart("Loss", losses)]
    for name, points in found.items():
        metric = name.removeprefix("validation_")
        if name.startswith("validation_") and metric != "loss":
            title = METRICS[metric].title if metric in METRICS else metric
            charts.append(chart(title, {"validation": points}))
    return "".join(charts)


def _confusion(result: Mapping[str, Any]) -> str:
    counts, classes = _matrix(result)
    if not counts:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in classes)
    rows = []
    for name, row in zip(classes, counts, strict=True):
        total = max(1, sum(row))
        cells = (
            f'<td style="background: rgba(var(--heat), {0.5 * n / total:.3f})">{n or ""}</td>' for n in row
        )
        rows.append(f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>")
    note = '<p class="quiet">Test samples: a row is the true class, a column the answer.</p>'
    return f'{note}<table class="matrix"><tr><th></th>{head}</tr>{"".join(rows)}</table>'


def _classes(result: Mapping[str, Any]) -> str:
    counts, classes = _matrix(result)
    rows = []
    for i, name in enumerate(classes if counts else []):
        true, answered, hits = sum(counts[i]), sum(row[i] for row in counts), counts[i][i]
        f1 = 2 * hits / max(1, true + answered)
        rows.append([name, hits / max(1, answered), hits / max(1, true), f1, true])
    return _table(["class", "precision", "recall", "F1", "samples"], rows) if rows else ""


def _matrix(result: Mapping[str, Any]) -> tuple[list[list[int]], list[str]]:
    """The counts and class names of a result, [] where there is no square matrix of counts of a size to show."""
    counts: Any = result.get("confusion")
    if not isinstance(counts, list) or not 0 < len(counts) <= _LARGEST_MATRIX:
        return [], []
    if not all(isinstance(row, list) and len(row) == len(counts) for row in counts):
        return [], []
    if not all(isinstance(n, int) and n >= 0 for row in counts for n in row):
        return [], []
    names: Any = result.get("classes")
    names = names if isinstance(names, list) and len(names) == len(counts) else range(len(counts))
    return counts, [str(name) for name in names]


def _example(result: Mapping[str, Any]) -> str:
    example, classes = result.get("example"), result.get("classes")
    if not isinstance(example, Mapping) or not isinstance(classes, list):
        return ""
    rows = []
    for key in ("true", "read"):
        labels = example.get(key)
        known = isinstance(labels, list) and all(isinstance(n, int) and 0 <= n < len(classes) for n in labels)
        rows.append([key, " ".join(str(classes[n]) for n in labels) if known and labels else ""])
    return _table(["", "labels"], rows)


def _data(settings: Mapping[str, Any]) -> str:
    data = settings.get("data")
    source = SOURCES.get(str(data.get("source"))) if isinstance(data, Mapping) else None
    if source is None or not isinstance(data, Mapping):
        return ""
    lines = [
        f"<p>{escape(source.title)}: {escape(source.summary)}</p>",
        f'<p class="quiet">Source: {escape(source.origin)}. Licence: {escape(source.licence)}.</p>',
        f'<p class="quiet">Shares of training, validation and test: {escape(str(data.get("split")))}, '
        f"by seed {escape(str(data.get('seed')))}; no sample is in two of them.</p>",
    ]
    return "".join(lines)


def _facts(run: State, settings: Mapping[str, Any]) -> str:
    versions = run.facts.get("versions")
    facts = {
        "device": run.facts.get("device"),
        "epochs": run.result.get("epochs"),
        "steps": run.result.get("steps"),
        "seconds": _rounded(run.result.get("seconds")),
        "python": run.facts.get("python"),
        **(versions if isinstance(versions, Mapping) else {}),
        "batch size": settings.get("batch_size"),
        "optimizer": json.dumps(settings.get("optimizer")),
        "seed": settings.get("seed"),
    }
    return _table(["", ""], [[name, value] for name, value in facts.items() if value not in (None, "null")])


def _rounded(seconds: object) -> object:
    return round(seconds) if isinstance(seconds, int | float) else seconds


def _design(folder: Path) -> tuple[str, str]:
    """The title of the design, and a table of its layers."""
    try:
        design = read(folder / "design.loom.json")
    except Unreadable:
        return "Training", ""
    report = check(design)
    rows = []
    for id, entry in report.layers.items():
        shape = next(iter(entry.outputs.values())).text if entry.outputs else ""
        rows.append([id, entry.node.type, shape, f"{entry.parameters:,}" if entry.parameters else ""])
    head = f"<p>{report.parameters:,} parameters</p>"
    return str(design.about.get("title") or "Training"), head + _table(
        ["layer", "type", "output", "parameters"], rows
    )


def _settings(folder: Path) -> Mapping[str, Any]:
    try:
        found = json.loads((folder / SETTINGS).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}
