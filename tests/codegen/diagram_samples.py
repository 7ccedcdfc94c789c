"""Designs and options that pictures are tested with, and the golden files made of them.

`python -m tests.codegen.diagram_samples` writes `tests/golden/diagrams` anew; read the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from codegen.diagram.options import DiagramOptions
from codegen.diagram.render import render
from graph_ir.check import check
from graph_ir.graph import Design, Graph, Node, Wire
from graph_ir.report import Report
from tests.block_designs import attention_network, siamese, small_resnet
from tests.networks import design

GOLDEN = Path(__file__).parents[1] / "golden" / "diagrams"
SVG = "{http://www.w3.org/2000/svg}"

HOSTILE = (
    "#!/bin/sh\n\nimport os; os.system('true')",
    '"]; n99 [label="x", URL="javascript:alert(1)"]; n0 [label="',
    "</svg><script>alert(1)</script>",
    r"\N \G \E \l \r \n",
    r"\input{/etc/passwd} \write18{ls} \end{document}",
    "%%{init: {'theme': 'dark'}}%%",
    '<b>bold</b> &amp; <IMG SRC="/etc/passwd"/>',
    "\u202eevil\u2066 \u200b\u2028 \x00\x07\x1b[31m \ud800",
    "end",
    "]] --> n0; click n0 call alert()",
    "`code` **bold** [link](javascript:x)",
    "ünïcödé λ Ω 中文 → ×",
    "?`!`''--",
    "#quot;#35;&#60;",
    "x\r\ny\tz",
    "$x^2_1~|{}",
    "A" * 200,
)


def residual() -> Design:
    """A residual block with a loss."""
    return design(
        {
            "image": {"type": "Input", "shape": ["N", 1, 8, 8]},
            "label": {"type": "Input", "shape": ["N"], "dtype": "int64", "role": "target"},
            "conv1": {"type": "Conv2d", "out_channels": 16, "kernel_size": 3, "padding": 1, "bias": False},
            "norm1": {"type": "BatchNorm2d"},
            "relu1": {"type": "ReLU"},
            "conv2": {
                "type": "Conv2d",
                "out_channels": 16,
                "kernel_size": 3,
                "padding": 1,
                "trainable": False,
            },
            "add": {"type": "Add"},
            "relu2": {"type": "ReLU"},
            "pool": {"type": "AdaptiveAvgPool2d", "output_size": 1},
            "flat": {"type": "Flatten"},
            "fc": {"type": "Linear", "out_features": 10},
            "scores": {"type": "Output"},
            "loss": {"type": "CrossEntropyLoss"},
        },
        [
            *("image -> conv1", "conv1 -> norm1", "norm1 -> relu1", "relu1 -> conv2", "conv2 -> add.x1"),
            *(
                "relu1 -> add.x2",
                "add -> relu2",
                "relu2 -> pool",
                "pool -> flat",
                "flat -> fc",
                "fc -> scores",
            ),
            *("fc -> loss.input", "label -> loss.target"),
        ],
        title="Small residual net",
    )


def recurrent() -> Design:
    """An LSTM of which the sequence and the last state are used."""
    return design(
        {
            "rows": {"type": "Input", "shape": ["N", "T", 8]},
            "lstm": {"type": "LSTM", "hidden_size": 32, "bidirectional": True},
            "query": {"type": "Reshape", "shape": [1, 64]},
            "attend": {"type": "MultiheadAttention", "num_heads": 4},
            "flat": {"type": "Flatten"},
            "scores": {"type": "Output"},
        },
        [
            *("rows -> lstm", "lstm.last -> query", "query -> attend.query", "lstm.y -> attend.key"),
            *("lstm.y -> attend.value", "attend -> flat", "flat -> scores"),
        ],
    )


def misfit() -> Design:
    """The residual block with branches of different widths."""
    made = residual()
    made.top.replace(Node("conv2", "Conv2d", {"out_channels": 32, "kernel_size": 3, "padding": 1}))
    return made


def hostile() -> Design:
    """Every hostile text as an id or a label, as type, field, value and title."""
    made = Design(about={"title": " ".join(HOSTILE)})
    made.top.add(Node("x", "Input", {"shape": ["N", 3]}, HOSTILE[0]))
    last = "x"
    for i, text in enumerate(HOSTILE):
        id, label = (text, "") if i % 2 else (f"layer {i}", text)
        made.top.add(Node(id, "ReLU", {}, label))
        made.top.add_wire(Wire(last, "y", id, "x"))
        last = id
    for i, text in enumerate(HOSTILE):
        made.top.add(Node(f"odd {i}", text, {text: text}))
        made.top.add_wire(Wire(last, text, f"odd {i}", text))
    return made


def hostile_blocks() -> Design:
    """Every hostile text as the name of a block, of a use, of a parameter's value and of a layer inside."""
    made = Design(about={"title": "x"})
    made.top.add(Node("x", "Input", {"shape": ["N", 3]}))
    last = "x"
    for text in HOSTILE:
        inner = made.networks[text] = Graph({"p": ""})
        for node in (Node("x", "Input"), Node(text + text, "ReLU"), Node("y", "Output")):
            inner.add(node)
        inner.add_wire(Wire("x", "y", text + text, "x"))
        inner.add_wire(Wire(text + text, "y", "y", "x"))
        made.top.add(Node(text, "Block", {"block": text, "parameters": {"p": text}}))
        made.top.add_wire(Wire(last, "y", text, "x"))
        last = text
    return made


def checked(made: Design) -> tuple[Design, Report]:
    """The two things every picture is made from."""
    return made, check(made)


SAMPLES: dict[str, tuple[Design, dict[str, Any]]] = {
    "residual": (residual(), {}),
    "residual-all": (
        residual(),
        {
            **dict.fromkeys(("show_dtype", "show_trainable", "show_training", "show_parameters"), True),
            **dict.fromkeys(("show_fields", "show_title", "show_layer_activations"), True),
        },
    ),
    "residual-bare": (residual(), {"show_shapes": False, "show_layer_names": False, "rankdir": "BT"}),
    "residual-dark": (residual(), {"rankdir": "LR", "theme": "dark", "width": 16.0}),
    "recurrent": (recurrent(), {"show_fields": True, "rankdir": "RL"}),
    "recurrent-print": (recurrent(), {"theme": "print", "dpi": 300}),
    "blocks": (small_resnet(), {"show_fields": True, "show_parameters": True}),
    "blocks-inside": (small_resnet(), {"expand_nested": True, "show_layer_activations": True}),
    "blocks-each-step": (
        attention_network(),
        {"expand_nested": True, "show_fields": True, "rankdir": "LR", "theme": "dark"},
    ),
    "blocks-shared": (siamese(), {"expand_nested": True, "rankdir": "BT", "theme": "print"}),
}
"""What golden files are made of: designs of this module, whose pictures change only when pictures do."""


def structure(svg: bytes) -> dict[str, Any]:
    """What an SVG shows, without coordinates: every Graphviz gives others."""
    graph = ElementTree.fromstring(svg).find(f"{SVG}g")
    assert graph is not None
    found: dict[str, Any] = {"title": graph.findtext(f"{SVG}title"), "cards": [], "arrows": []}
    kinds = {"node": "cards", "cluster": "frames"}
    for group in graph.findall(f"{SVG}g"):
        lines = ["".join(text.itertext()) for text in group.iter(f"{SVG}text")]
        kind = kinds.get(group.get("class", ""), "arrows")
        dashed = any("stroke-dasharray" in path.attrib for path in group.iter(f"{SVG}path"))
        entry = {"title": group.findtext(f"{SVG}title"), "lines": [line.strip("\xa0 ") for line in lines]}
        found.setdefault(kind, []).append(entry | ({"dashed": True} if dashed else {}))
    entries = {kind: found[kind] for kind in found if kind != "title"}
    return found | {kind: sorted(entries[kind], key=lambda entry: str(entry)) for kind in entries}


def texts(name: str) -> dict[str, bytes]:
    """The golden files of one sample that do not depend on a Graphviz, by suffix."""
    made, values = SAMPLES[name]
    options = DiagramOptions().replaced(**values)
    return {suffix: render(*checked(made), suffix, options) for suffix in ("dot", "mmd", "tex")}


def drawn(name: str) -> dict[str, Any]:
    """The structure of one sample's SVG, drawn by the Graphviz that is there."""
    made, values = SAMPLES[name]
    return structure(render(*checked(made), "svg", DiagramOptions().replaced(**values)))


def main() -> None:
    """Writes every golden file."""
    for name in SAMPLES:
        for suffix, data in texts(name).items():
            (GOLDEN / f"{name}.{suffix}").write_bytes(data)
        text = json.dumps(drawn(name), ensure_ascii=False, indent=1)
        (GOLDEN / f"{name}.svg.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
