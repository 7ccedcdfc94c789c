"""The JSON Schema of the file: the templates and everything the writer writes fit it, typical slips do not."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from codegen.diagram.options import section_schema
from graph_ir.file import dump
from graph_ir.graph import Design, Node
from graph_ir.layers import catalogue
from graph_ir.schema import schema

TEMPLATES = sorted(
    path for path in (files("assets") / "templates").iterdir() if path.name.endswith(".loom.json")
)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    made = schema({"diagram": section_schema()})
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def a_design(layers: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"format": "layerloom", "version": 1, "network": {"layers": layers, "wires": []}} | rest


def test_there_are_templates_to_hold_it_against() -> None:
    assert len(TEMPLATES) >= 3


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_template_fits(path: Any, validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(json.loads(path.read_bytes()))] == []


@pytest.mark.parametrize("type", catalogue())
def test_what_the_palette_makes_and_the_writer_writes_fits(
    type: str, validator: Draft202012Validator
) -> None:
    design = Design()
    design.top.add(Node("a", type, catalogue()[type].spec.start_values(), "shown"))
    assert [error.message for error in validator.iter_errors(json.loads(dump(design)))] == []


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "Conv2d", "out_channels": "=width", "kernel_size": ["=k", 3], "padding": "same"},
        {"type": "Conv2d", "out_channels": 8, "kernel_size": [3, 5], "stride": 2, "label": "stem"},
        {"type": "MaxPool2d", "kernel_size": 2, "stride": None},
        {"type": "Input", "shape": ["N", "=channels", "H", 32]},
        {"type": "Reshape", "shape": [-1, "T"]},
        {"type": "AdaptiveAvgPool2d", "output_size": [None, 1]},
        {"type": "Linear", "out_features": 10, "init": "kaiming_normal", "trainable": False},
    ],
)
def test_what_a_file_may_hold_fits(layer: dict[str, Any], validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(a_design({"a": layer}))] == []


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "Conv2d", "kernel_size": 3},  # a required field is missing
        {"type": "Conv2d", "out_channels": 8, "kernel_size": 3, "strides": 2},  # Keras' name
        {"type": "Conv2d", "out_channels": 8, "kernel_size": 3, "bias": 1},
        {"type": "Conv2d", "out_channels": 0, "kernel_size": 3},
        {"type": "Conv2d", "out_channels": 8, "kernel_size": [3, 3, 3]},
        {"type": "Conv2d", "out_channels": "8", "kernel_size": 3},
        {"type": "Conv2d", "out_channels": 64.5, "kernel_size": 3},
        {"type": "LSTM", "hidden_size": 8, "batch_first": True},
        {"type": "ReLU", "inplace": True},
        {"type": "Dropout", "p": 1.5},
        {"type": "Dense", "units": 8},
        {"out_features": 8},
    ],
)
def test_slips_in_a_layer_do_not_fit(layer: dict[str, Any], validator: Draft202012Validator) -> None:
    assert not validator.is_valid(a_design({"a": layer}))


@pytest.mark.parametrize(
    "design",
    [
        {},
        a_design({}, version=2),
        a_design({}, version="1"),
        a_design({}, format="keras"),
        a_design({"": {"type": "ReLU"}}),
        a_design({"a" * 201: {"type": "ReLU"}}),
        {"format": "layerloom", "version": 1, "network": {"layers": [], "wires": []}},
        {"format": "layerloom", "version": 1, "network": {"wires": [["a.y"]]}},
        {"format": "layerloom", "version": 1, "network": {"wires": [["a.y", "b.x", "c.x"]]}},
        {"format": "layerloom", "version": 1, "network": {"wires": ["a -> b"]}},
        {"format": "layerloom", "version": 1, "network": {"nodes": {}}},
        a_design({}, training={"epochs": 0}),
        a_design({}, training={"optimizer": {"lr": 0.1}}),
        a_design({}, layout={"network": {"layers": {"a": [1]}}}),
        a_design({}, layout={"network": {"frames": [{"title": "no place"}]}}),
        a_design({}, layout={"network": {"frames": [{"rect": [0, 0, 0, 5]}]}}),
        a_design({}, layout={"network": {"frames": [{"rect": [0, 0, 5, 5], "colour": "pink"}]}}),
        a_design({}, layout={"network": {"comments": [{"rect": [0, 0, 5, 5]}]}}),
        a_design({}, layout={"network": {"wires": [{"wire": ["a.y", "b.x"], "points": []}]}}),
        a_design({}, layout={"network": {"wires": [{"wire": ["a", "b"], "points": [[0, 0]]}]}}),
        a_design({}, layout={"blocks": {"Stage": {"notes": {"a": 3}}}}),
        a_design({}, layout={"network": {"hidden": [1]}}),
        a_design({}, diagram={"rankdir": "down"}),
        a_design({}, diagram={"dpi": "200"}),
    ],
)
def test_slips_around_the_layers_do_not_fit(design: dict[str, Any], validator: Draft202012Validator) -> None:
    assert not validator.is_valid(design)


def test_sections_keep_unknown_keys(validator: Draft202012Validator) -> None:
    design = a_design({}, mine=1, training={"mine": 1}, diagram={"mine": 1}, layout={"mine": 1})
    assert validator.is_valid(design)


def test_every_field_is_described_with_its_default() -> None:
    made = schema()["$defs"]
    for type, cls in catalogue().items():
        properties = made[type]["properties"]
        assert set(properties) == {"type", "label", "bypass", "weights", *cls.spec.fields}
        for field in cls.spec.fields.values():
            assert properties[field.name]["description"] == field.help
            assert ("default" in properties[field.name]) is not field.required
