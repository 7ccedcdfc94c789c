"""Prints a design as a Jupyter notebook: what it is, its picture, the model, the data, training and its curves.

The cells hold the very code of a single-file export, one part a cell; the outputs are left to whoever runs it. The same
design gives the same bytes.
"""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codegen import cells
from codegen.diagram.options import read_section
from codegen.diagram.render import NotDrawn, render
from codegen.layout import literal
from codegen.single import single_file
from codegen.syntax import parse
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import Report
from graph_ir.summary import escape_markdown

EPOCHS = 5
"""A notebook is looked at while it runs: at most so many epochs at first."""
IMPORTS = """\
import json
import signal
import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import safetensors.torch
"""
"""What the cells about training import besides the printed files."""
_PICTURE = "network.svg"


@dataclass(frozen=True)
class _Part:
    """A cell of code: its id, the text above it, whether the file's own words follow, whether it is folded at first."""

    id: str
    text: str
    told: bool = False
    folded: bool = False


_PARTS: Mapping[str, _Part] = {
    "model.py": _Part("model", "## The network"),
    "data.py": _Part("data", "## The data", told=True),
    "runtime.py": _Part(
        "runtime",
        "## What keeps a run safe\n\nCheckpoints, a log of events and errors in plain words; the cell is folded.",
        folded=True,
    ),
    "train.py": _Part(
        "training",
        "## Training\n\nThe loss, how an answer is judged, and the loop. `main` takes the flags of a command line.",
    ),
}

_RUN = """\
epoch_count = {epochs}
run_folder = Path("runs") / time.strftime("%Y-%m-%d-%H%M%S")

signals = (signal.SIGINT, signal.SIGTERM)
handlers = [signal.getsignal(number) for number in signals]
sys.argv = ["train.py", "--epochs", str(epoch_count), "--run-dir", str(run_folder)]
try:
    main()
finally:  # a run takes the kernel's signals for itself
    for number, handler in zip(signals, handlers, strict=True):
        signal.signal(number, handler)"""

_CURVES = """\
lines = (run_folder / "events.jsonl").read_text().splitlines()
epochs = [event for event in map(json.loads, lines) if event["event"] == "epoch"]
keys = [key for key in epochs[0] if key.startswith(("train_", "validation_"))]
measures = list(dict.fromkeys(key.partition("_")[2] for key in keys))

figure, axes = plt.subplots(1, len(measures), squeeze=False)
figure.set_size_inches(4.5 * len(measures), 3.2)
for axis, measure in zip(axes[0], measures, strict=True):
    for part, color in (("train", "C0"), ("validation", "C1")):
        if f"{part}_{measure}" in keys:
            values = [event[f"{part}_{measure}"] for event in epochs]
            numbers = range(1, len(epochs) + 1)
            axis.plot(numbers, values, color=color, marker="o", label=part)
    axis.set(title=measure.replace("_", " "), xlabel="epoch")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.legend()
figure.tight_layout()
plt.show()"""

_RESULT = """\
result = json.loads((run_folder / "result.json").read_text())
for measure, value in result["metrics"]["test"].items():
    print(f"{{measure:16}} {{value:.4f}}")

if "confusion" in result:
    figure, axis = plt.subplots(figsize=(4.5, 4))
    figure.colorbar(axis.imshow(result["confusion"]))
    axis.set(title="test data", xlabel="answer", ylabel="true class")
    axis.set_xticks(range(len(result["classes"])), result["classes"], rotation=90)
    axis.set_yticks(range(len(result["classes"])), result["classes"])
    plt.show()"""

_MODEL = """\
model = {network}()
model.load_state_dict(safetensors.torch.load_file(run_folder / "weights.safetensors"))
model.eval()"""

_ALONE = """\
model = {network}()
print(f"{{sum(weight.numel() for weight in model.parameters()):,}} parameters")
model"""


def print_notebook(
    design: Design,
    report: Report,
    sources: Mapping[str, str],
    class_name: str,
    *,
    epochs: int,
    requirements: Sequence[str],
) -> bytes:
    """The notebook as the bytes of a file, valid by `nbformat`.

    `sources` are the printed files by name (`train.py` and what it needs, or `model.py` alone), `epochs` how many the
    design asks for, `requirements` what pip has to bring. Raises Refused where `nbformat` is missing, or the files
    can't be joined.
    """
    nbformat = _nbformat()
    trains = "train.py" in sources
    text = single_file(sources, class_name) if trains else sources["model.py"]
    parts = cells.parts(text, sources, literal(file_name(design)))
    made = _Cells(nbformat.v4)
    made.text("title", _title(design, requirements))
    made.picture(design, report)
    made.code("imports", cells.imports(text, IMPORTS if trains else ""))
    for file, part in _PARTS.items():
        if file in parts:
            made.text(f"about-{part.id}", _about(part, sources[file]))
            made.code(part.id, parts[file], folded=part.folded)
    if trains:
        made.text("about-run", _about_run(epochs))
        made.code("run", _RUN.format(epochs=min(EPOCHS, epochs)))
        made.text("about-result", "## What came of it")
        made.code("curves", _CURVES)
        made.code("result", _RESULT.format())
        made.text("about-use", "The trained network, with the weights of the least validation loss:")
        made.code("use", _MODEL.format(network=class_name))
    else:
        made.code("use", _ALONE.format(network=class_name))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = nbformat.v4.new_notebook(cells=made.cells, metadata=metadata)
    nbformat.validate(notebook)
    return f"{nbformat.writes(notebook)}\n".encode()


def file_name(design: Design) -> str:
    """What the notebook of a design is called: its title, in small plain letters."""
    title = design.about.get("title")
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] if isinstance(title, str) else ""
    return f"{name or 'network'}.ipynb"


def _nbformat() -> Any:
    try:
        import nbformat
    except ImportError:
        remedy = "install it with: pip install 'layerloom[notebook]'"
        raise Refused(f"nbformat is not installed, so no notebook can be written; {remedy}") from None
    return nbformat


class _Cells:
    """Gathers cells whose ids are chosen, not drawn: the same design gives the same bytes."""

    def __init__(self, v4: Any) -> None:
        self._v4, self.cells = v4, list[Any]()

    def text(self, id: str, source: str, **more: Any) -> None:
        """A cell of Markdown."""
        self.cells.append(self._v4.new_markdown_cell(source, id=id, **more))

    def code(self, id: str, source: str, *, folded: bool = False) -> None:
        """A cell of code without outputs."""
        metadata = {"jupyter": {"source_hidden": True}} if folded else {}
        self.cells.append(self._v4.new_code_cell(source, id=id, metadata=metadata))

    def picture(self, design: Design, report: Report) -> None:
        """The diagram, within the file; without Graphviz as Mermaid, which most notebooks draw by themselves."""
        look, _ = read_section(design.diagram)
        try:
            drawn = base64.b64encode(render(design, report, "svg", look)).decode("ascii")
        except NotDrawn:
            text = render(design, report, "mmd", look).decode()
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
            self.text("picture", f"{fence}mermaid\n{text.rstrip()}\n{fence}")
            return
        attachments = {_PICTURE: {"image/svg+xml": drawn}}
        self.text("picture", f"![The network](attachment:{_PICTURE})", attachments=attachments)


def _title(design: Design, requirements: Sequence[str]) -> str:
    about = {key: escape_markdown(value) for key, value in design.about.items() if isinstance(value, str)}
    rows = [f"# {about.get('title') or 'A network'}"]
    rows += [about[key] for key in ("summary",) if about.get(key)]
    rows += [f"{key.capitalize()}: {about[key]}" for key in ("source", "licence") if about.get(key)]
    install = "pip install " + " ".join(f'"{requirement}"' for requirement in requirements)
    rows += ["Written by Layerloom from a drawing; the code is yours. It needs", f"```sh\n{install}\n```"]
    return "\n\n".join(rows)


def _about(part: _Part, source: str) -> str:
    words = ast.get_docstring(parse(source)) if part.told else None
    paragraphs = (words or "").split("\n\n")
    return "\n\n".join([part.text, *(escape_markdown(" ".join(one.split())) for one in paragraphs if one)])


def _about_run(epochs: int) -> str:
    if epochs <= EPOCHS:
        return "The training runs for as many epochs as the design asks for."
    return f"A first run, of {EPOCHS} epochs; the design asks for {epochs}."
