"""The summary: one table in five forms, in none of which user text becomes markup."""

from __future__ import annotations

import csv
import io
import json

from graph_ir.file import parse
from graph_ir.graph import Design
from graph_ir.summary import summary

HOSTILE = "=1+1|`x`\n\\input{/etc/passwd}\u202e<b>"


def small(id: str = "fc") -> Design:
    layers = {
        "x": {"type": "Input", "shape": ["N", 4]},
        id: {"type": "Linear", "out_features": 3},
        "out": {"type": "Output"},
    }
    wires = [["x.y", f"{id}.x"], [f"{id}.y", "out.x"]]
    network = {"layers": layers, "wires": wires}
    return parse(json.dumps({"format": "layerloom", "version": 1, "network": network}))


def test_json_is_what_was_promised() -> None:
    found = summary(small()).as_json()
    assert found["ok"] is True
    assert (found["inputs"], found["outputs"]) == ({"x": ["N", 4]}, {"out": ["N", 3]})
    assert (found["parameters"], found["trainable_parameters"], found["macs"]) == (15, 15, 12)
    assert found["layers"][1] == {
        "id": "fc",
        "type": "Linear",
        "inputs": {"x": ["N", 4]},
        "outputs": {"y": ["N", 3]},
        "input_dtypes": {"x": "float32"},
        "output_dtypes": {"y": "float32"},
        "parameters": 15,
        "trainable_parameters": 15,
        "buffers": 0,
        "macs": 12,
        "nested": [],
    }


def test_a_design_with_errors_tells_what_is_known() -> None:
    raw = json.loads(json.dumps({"format": "layerloom", "version": 1}))
    raw["network"] = {
        "layers": {
            "x": {"type": "Input", "shape": ["N", 4]},
            "conv": {"type": "Conv2d", "out_channels": 2, "kernel_size": 3},
        },
        "wires": [["x", "conv"]],
    }
    found = summary(parse(json.dumps(raw))).as_json()
    assert found["ok"] is False
    assert found["inputs"] == {"x": ["N", 4]}
    assert [problem["code"] for problem in found["problems"]] == ["rank"]


def test_hostile_names_stay_text_in_every_form() -> None:
    made = summary(small(HOSTILE))
    rows = list(csv.reader(io.StringIO(made.as_csv())))
    assert rows[2][0] == "'" + HOSTILE
    assert "\u202e" not in made.as_text() + made.as_markdown() + made.as_latex()
    assert all(len(line.split("  ")) > 1 or set(line) == {"─"} for line in made.as_text().splitlines()[:5])
    assert "<b>" not in made.as_markdown()
    assert r"\input" not in made.as_latex()
    assert len([line for line in made.as_markdown().splitlines() if line.startswith("|")]) == 5
