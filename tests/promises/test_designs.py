"""Templates, new, layers, schema, check, summary, format."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import jsonschema
import pytest

from graph_ir.layers import catalogue
from tests.commandline import Run
from tests.graph_ir import hostile, hostile_cases

TEMPLATES = ("digits", "digits-lstm", "digit-strings")  # the first of them is what the gallery begins with
PROBLEM = {"severity", "code", "layer", "port", "path", "message", "fixes"}


def test_templates(layerloom: Run) -> None:
    entries = layerloom("templates", "--format", "json").json
    names = [entry["name"] for entry in entries]
    assert names[0] == TEMPLATES[0] and set(TEMPLATES) <= set(names) and len(names) >= 60
    text = layerloom("templates").out
    for entry in entries:
        assert set(entry) == {"name", "title", "group", "summary", "parameters", "data"}
        assert all(value for key, value in entry.items() if key not in ("parameters", "data"))
        assert entry["title"] in text


@pytest.mark.parametrize("name", TEMPLATES)
def test_new_makes_a_design_that_is_right_and_canonical(layerloom: Run, tmp_path: Path, name: str) -> None:
    done = layerloom("new", name)
    assert (done.code, done.out) == (0, f"{name}.loom.json\n")
    file = tmp_path / f"{name}.loom.json"
    assert layerloom("check", file).code == 0
    assert layerloom("format", "--check", file).code == 0
    shown = layerloom("new", name, "-o", "-")
    assert shown.out.encode() == file.read_bytes()


def test_new_sets_parameters(layerloom: Run, tmp_path: Path) -> None:
    assert layerloom("new", "--set", "width=16", "num_classes=5", "digits", "-o", "a.loom.json").code == 0
    assert json.loads((tmp_path / "a.loom.json").read_text())["network"]["parameters"] == {
        "num_classes": 5,
        "width": 16,
    }
    summary = layerloom("summary", "a.loom.json", "--format", "json").json
    assert summary["outputs"] == {"out": ["N", 5]}


def test_new_writes_nothing_that_would_have_an_error(layerloom: Run, tmp_path: Path) -> None:
    done = layerloom("new", "digits", "--set", "width=0")
    assert (done.code, list(tmp_path.iterdir())) == (1, [])


def test_new_replaces_nothing_unless_told_to(layerloom: Run, digits: Path) -> None:
    digits.write_text("mine")
    done = layerloom("new", "digits", "-o", digits)
    assert (done.code, digits.read_text()) == (1, "mine")
    assert layerloom("new", "digits", "-o", digits, "--force").code == 0
    before = digits.stat().st_mtime_ns
    assert layerloom("new", "digits", "-o", digits).code == 0, "the same once more is no loss"
    assert digits.stat().st_mtime_ns >= before


def test_layers(layerloom: Run) -> None:
    entries = layerloom("layers", "--format", "json").json
    assert [entry["type"] for entry in entries] == list(catalogue())
    for entry in entries:
        assert set(entry) == {"type", "category", "summary", "fields", "inputs", "outputs", "source"}
        for field in entry["fields"]:
            assert set(field) == {"name", "kind", "required", "default", "start", "help"}
        assert all(set(port) == {"name", "axes", "variadic", "optional"} for port in entry["inputs"])
        assert all(set(port) == {"name", "axes"} for port in entry["outputs"])
    (conv,) = layerloom("layers", "Conv2d", "--format", "json").json
    fields = {field["name"]: field for field in conv["fields"]}
    assert fields["out_channels"]["required"] and fields["out_channels"]["start"] == 32
    assert not fields["stride"]["required"] and fields["stride"]["default"] == 1
    for form in ("text", "md"):
        assert "Conv2d" in layerloom("layers", "--format", form).out
        assert "out_channels" in layerloom("layers", "Conv2d", "--format", form).out


def test_the_schema_holds_the_templates_and_refuses_what_is_wrong(layerloom: Run) -> None:
    schema = layerloom("schema").json
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for name in TEMPLATES:
        validator.validate(layerloom("new", name, "-o", "-").json)
    for bad in (hostile.with_field("fc", out_features=64.5), hostile.with_field("fc", bias=1)):
        assert not validator.is_valid(json.loads(bad)), bad


def test_check_has_one_object_per_file_and_line(layerloom: Run, files: dict[str, Path]) -> None:
    order = ["wrong", "broken", "good", "missing", "good"]
    done = layerloom("check", "--format", "json", *(files[name] for name in order))
    assert done.code == 2, "the worst of all"
    assert [line["file"] for line in done.lines] == [str(files[name]) for name in order]
    assert [line["ok"] for line in done.lines] == [False, False, True, False, True]
    for line in done.lines:
        assert set(line) == {"file", "ok", "problems", "requires"}
        assert line["ok"] == (not line["problems"])
        for problem in line["problems"]:
            assert set(problem) == PROBLEM
            assert problem["severity"] in ("error", "warning", "hint")
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", problem["code"]), "kebab-case"
    assert done.lines[0]["problems"][0]["layer"] == "fc"


@pytest.mark.parametrize(
    ("names", "code"), [("good", 0), ("good wrong good", 1), ("wrong broken", 2), ("good missing", 2)]
)
def test_the_exit_code_is_the_worst_of_all(
    layerloom: Run, files: dict[str, Path], names: str, code: int
) -> None:
    for command in ("check", "summary"):
        assert layerloom(command, *(files[name] for name in names.split())).code == code


def test_check_says_it_in_words(layerloom: Run, files: dict[str, Path]) -> None:
    done = layerloom("check", files["good"], files["wrong"])
    assert f"{files['good']}: ok" in done.out
    assert f"{files['wrong']}:29: error: fc (Linear): `out_features` is 0" in done.out
    assert f"{files['wrong']}: 1 error" in done.out
    assert done.err == ""


def test_a_mismatch_is_reported_once_at_the_merge(layerloom: Run, tmp_path: Path) -> None:
    (tmp_path / "m.loom.json").write_bytes(hostile_cases.MARKED["shapes that do not fit"]())
    (line,) = layerloom("check", "m.loom.json", "--format", "json").lines
    (problem,) = line["problems"]
    assert (problem["layer"], problem["port"], problem["path"]) == ("add", "x2", ["add"])


def test_summary_as_json(layerloom: Run, digits: Path) -> None:
    (line,) = layerloom("summary", digits, "--format", "json").lines
    assert line["file"] == str(digits) and line["ok"]
    assert line["inputs"] == {"image": ["N", 1, 8, 8], "label": ["N"]}
    assert line["outputs"] == {"out": ["N", 10]}
    layers = {layer["id"]: layer for layer in line["layers"]}
    for layer in line["layers"]:
        assert set(layer) == {
            *("id", "type", "inputs", "outputs", "input_dtypes", "output_dtypes"),
            *("parameters", "trainable_parameters", "buffers", "macs", "nested"),
            *("activation_bytes", "receptive_field", "arithmetic"),
        }
    assert layers["conv1"]["inputs"] == {"x": ["N", 1, 8, 8]}
    assert layers["conv1"]["parameters"] == 1 * 32 * 9
    assert layers["conv1"]["macs"] == 8 * 8 * 32 * 1 * 9
    assert layers["norm1"]["buffers"] == 32 + 32 + 1
    assert layers["conv1"]["arithmetic"]["parameters"] == "32·3·3 = 288"
    assert [view["entries"] for view in layers["conv1"]["receptive_field"]] == [3, 3]
    for total in ("parameters", "trainable_parameters", "buffers", "macs", "activation_bytes"):
        assert line[total] == sum(layer[total] for layer in line["layers"])
    assert line["requires"] == []


def test_summary_of_a_design_with_errors_says_what_is_known(layerloom: Run, files: dict[str, Path]) -> None:
    done = layerloom("summary", files["wrong"], "--format", "json")
    (line,) = done.lines
    assert (done.code, line["ok"]) == (1, False)
    assert [problem["code"] for problem in line["problems"]] == ["bad-value"]
    assert next(layer for layer in line["layers"] if layer["id"] == "conv1")["outputs"] == {
        "y": ["N", 8, 8, 8]
    }


def test_summary_in_other_forms(layerloom: Run, digits: Path) -> None:
    rows = list(csv.reader(layerloom("summary", digits, "--format", "csv").out.splitlines()))
    assert [row[0] for row in rows[1:]][:2] == ["image", "conv1"]
    assert layerloom("summary", digits).out.startswith("layer")
    assert layerloom("summary", digits, "--format", "md").out.startswith("| layer |")
    assert layerloom("summary", digits, "--format", "latex").out.startswith(r"\begin{tabular}")


def test_format_makes_canonical_bytes(layerloom: Run, files: dict[str, Path]) -> None:
    assert layerloom("format", "--check", files["good"]).code == 1
    untouched = files["good"].read_bytes()
    done = layerloom("format", "--check", files["good"], files["broken"])
    assert (done.code, done.out) == (2, f"{files['good']}\n")
    assert files["good"].read_bytes() == untouched
    assert layerloom("format", files["good"]).out == f"{files['good']}\n"
    assert files["good"].read_bytes() != untouched
    assert layerloom("format", files["good"]).out == "", "nothing left to change"
    assert layerloom("format", "--check", files["good"]).code == 0
