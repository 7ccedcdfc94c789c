"""The summary: one table in five forms, in none of which user text becomes markup."""

from __future__ import annotations

import csv
import io
import json

from graph_ir import templates
from graph_ir.file import parse
from graph_ir.graph import Design
from graph_ir.summary import Summary, summary
from tests.networks import chain

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
        "activation_bytes": 12,
        "receptive_field": [],
        "arithmetic": {
            "parameters": "(4 + 1)·3 = 15",
            "buffers": "0",
            "macs": "4·3 = 12",
            "activation_bytes": "3·4 = 12",
        },
    }
    assert found["activation_bytes"] == 12 + 16


def test_json_tells_what_is_seen_of_the_input() -> None:
    image = {"type": "Input", "shape": ["N", 3, 32, "W"]}
    layers = ({"type": "MaxPool2d", "kernel_size": [2, 3]}, {"type": "AdaptiveAvgPool2d", "output_size": 1})
    found = summary(chain(image, *layers)).as_json()["layers"]
    height, width = found[1]["receptive_field"]
    assert height == {
        "input": "image",
        "axis": 2,
        "role": "H",
        "entries": 2,
        "step": 2.0,
        "arithmetic": "1 + (2 - 1)·1 = 2",
    }
    assert (width["role"], width["entries"], width["step"]) == ("W", 3, 3.0)
    assert found[1]["activation_bytes"] == "192*(W//3)"
    (height, _) = found[2]["receptive_field"]
    assert (height["entries"], height["step"], height["arithmetic"]) == ("all", None, "whole input")


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
    unknown = found["layers"][1]
    assert (unknown["activation_bytes"], unknown["receptive_field"], unknown["arithmetic"]) == (None, [], {})
    assert found["activation_bytes"] == 16


def test_hostile_names_stay_text_in_every_form() -> None:
    made = summary(small(HOSTILE))
    rows = list(csv.reader(io.StringIO(made.as_csv())))
    assert rows[2][0] == "'" + HOSTILE
    assert "\u202e" not in made.as_text() + made.as_markdown() + made.as_latex()
    assert all(len(line.split("  ")) > 1 or set(line) == {"─"} for line in made.as_text().splitlines()[:5])
    assert "<b>" not in made.as_markdown()
    assert r"\input" not in made.as_latex()
    assert len([line for line in made.as_markdown().splitlines() if line.startswith("|")]) == 5


def test_what_a_ctc_loss_needs_of_each_sample_is_said() -> None:
    told = summary(templates.load("digit-strings"))
    assert told.as_json()["alignments"] == {"loss": "W//2 >= S + repeats"}
    assert "aligned where (the data decides): W//2 >= S + repeats" in told.totals()


def test_single_rows_are_those_of_the_table_without_totals() -> None:
    whole = summary(templates.load("digits"))
    some = Summary(whole.report, ("fc", "conv1"))
    assert some.rows() == [next(row for row in whole.rows() if row[0] == id) for id in ("fc", "conv1")]
    assert some.totals() == []
    assert some.as_markdown().count("\n") == 4
    assert some.as_text().count("─\n") == 1
    assert [line.split(",")[0] for line in some.as_csv().splitlines()] == ["layer", "fc", "conv1"]
