"""The layer reference says what the declarations say, and its pages in `docs/layers` are current."""

from __future__ import annotations

import json
import math
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from codegen.example import example
from codegen.layer_words import code, formula, lengths
from codegen.reference import NoLayer, pages, reference, write_pages
from graph_ir.dims import substitute
from graph_ir.layers import catalogue
from graph_ir.signature import TensorType

DOCS = Path(__file__).parents[2] / "docs" / "layers"


def test_json_has_the_promised_keys_and_every_type() -> None:
    found = json.loads(reference(format="json"))
    assert [entry["type"] for entry in found] == list(catalogue())
    for entry in found:
        assert list(entry) == ["type", "category", "summary", "fields", "inputs", "outputs", "source"]
        for field in entry["fields"]:
            assert list(field) == ["name", "kind", "required", "default", "start", "help"]
            assert field["default"] is None or not field["required"]
        assert all(list(port) == ["name", "axes", "variadic", "optional"] for port in entry["inputs"])
        assert all(list(port) == ["name", "axes"] for port in entry["outputs"])


def test_json_of_one_type() -> None:
    (entry,) = json.loads(reference("Conv2d", "json"))
    fields = {field["name"]: field for field in entry["fields"]}
    assert entry["inputs"] == [{"name": "x", "axes": "N C H W", "variadic": False, "optional": False}]
    assert fields["out_channels"] == {
        "name": "out_channels",
        "kind": "integer",
        "required": True,
        "default": None,
        "start": 32,
        "help": "number of filters",
    }
    assert (fields["padding"]["default"], fields["padding"]["start"]) == (0, 1)


def test_variadic_and_optional_ports_say_so() -> None:
    found = {entry["type"]: entry for entry in json.loads(reference(format="json"))}
    assert found["Add"]["inputs"] == [
        {"name": "x", "axes": "*S", "variadic": True, "optional": False},
    ]
    assert {port["name"]: port["optional"] for port in found["LSTM"]["inputs"]} == {
        "x": False,
        "h_0": True,
        "c_0": True,
    }


def test_text_lists_every_type_under_its_category() -> None:
    text = reference()
    for type, cls in catalogue().items():
        assert re.search(rf"^  {type} ", text, re.MULTILINE)
        assert f"\n{cls.spec.category.value}\n" in f"\n{text}"
    assert all(len(line) <= 100 for line in text.splitlines())


def test_text_page_of_a_convolution() -> None:
    text = reference("Conv2d")
    assert "out_channels: an integer of at least 1; must be set, the palette proposes 32" in text
    assert (
        "padding: an integer of at least 0, or a list of 2 of them, or 'valid' or 'same'; 0 unless set"
        in text
    )
    assert "self.conv2d = nn.Conv2d(16, 32, 3, padding=1)" in text
    assert "out  y: (N, 32, 28, 28) float32" in text
    assert "parameters: (16·3·3 + 1)·32 = 4,640" in text
    assert "MACs for one sample: 32·28·28·16·3·3 = 3,612,672" in text
    assert "Lengths: Carried on along H and W; padded steps are set to 0 first" in text
    assert "Source: torch.nn.Conv2d" in text


@pytest.mark.parametrize("type", catalogue())
def test_every_type_has_an_example_that_fits_without_a_warning(type: str) -> None:
    worked = example(catalogue()[type])
    assert worked.inference.error is None
    assert not worked.inference.warnings or catalogue()[type].spec.own_ports
    assert set(worked.inference.outputs) == {port.name for port in catalogue()[type].spec.outputs}


BATCH = 2


def tensor(given: TensorType) -> torch.Tensor:
    """Random floats; zeros for ints and bools, which are good indices and classes everywhere."""
    shape = [substitute(size, {"N": BATCH}) for size in given.shape]
    dtype = getattr(torch, given.dtype)
    return torch.rand(shape).to(dtype) if dtype.is_floating_point else torch.zeros(shape, dtype=dtype)


@pytest.mark.parametrize("type", [type for type, cls in catalogue().items() if not cls.spec.own_ports])
def test_every_example_runs_on_torch_and_gives_the_shapes_that_are_stated(type: str) -> None:
    worked = example(catalogue()[type])
    values: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "Tensor": Tensor, "math": math}
    values |= {"self": nn.Module()} | {port: tensor(given) for port, given in worked.inputs.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as LSTM's, of dropout without a second layer
        exec("\n".join(code(worked)), values)
    if not worked.code:
        return
    for port, given in worked.inference.outputs.items():
        shape = tuple(substitute(size, {"N": BATCH}) for size in given.shape)
        assert tuple(values[port].shape) == shape, port
        assert str(values[port].dtype) == f"torch.{given.dtype}", port
    learned = sum(parameter.numel() for parameter in values["self"].parameters())
    assert learned == worked.inference.parameters


@pytest.mark.parametrize("type", catalogue())
def test_every_page_names_every_field_port_and_source(type: str) -> None:
    spec = catalogue()[type].spec
    text, page = reference(type), reference(type, "md")
    assert text.startswith(f"{type} (")
    assert page.startswith(f"# {type}\n")
    for field in spec.fields.values():
        assert f"  {field.name}: {field.kind.describe()}; " in text
        assert f"      {field.help}\n" in text
        assert f"| `{field.name}` | " in page
    for port in (*spec.inputs, *spec.outputs):
        assert f": {port.axes}" in text
        assert f"| `{port.axes}` | " in page
    assert not spec.source or f"Source: {spec.source}\n" in text
    assert not formula(spec) or f"\nFormula: {formula(spec)}\n" in text
    assert ("## Formula" in page) == ("Formula:" in spec.doc)


@pytest.mark.parametrize(
    ("type", "said"),
    [
        ("MaxPool2d", "Carried on along H and W, changed as the size of the axis is."),
        ("ReLU", "Carried on along every axis."),
        ("LSTM", "The layer reads the lengths that its inputs carry, and what it gives carries them on."),
        ("MaskedPool", "The layer reads the lengths that its inputs carry; they end here."),
        ("Softmax", "Carried on along axis 1; refused along the others."),
        ("Flatten", "Refused along every axis: valid steps and the padding behind them would be mixed."),
        ("Input", ""),
    ],
)
def test_the_reference_says_what_becomes_of_lengths(type: str, said: str) -> None:
    assert lengths(example(catalogue()[type])) == said
    assert ("## Lengths" in reference(type, "md")) == bool(said)


def test_the_class_that_torch_lacks_is_shown() -> None:
    brought = [cls for cls in catalogue().values() if example(cls).helper]
    assert brought
    for cls in brought:
        assert example(cls).helper.strip() in reference(cls.spec.type, "md")


def test_the_code_of_examples_compiles() -> None:
    for cls in catalogue().values():
        compile("\n".join(example(cls).code), cls.spec.type, "exec")


@pytest.mark.parametrize(
    ("type", "meant"), [("Conv2", "Conv2d"), ("Dense", "Linear"), ("xyzzy", "layerloom layers")]
)
def test_an_unknown_type_is_told_in_one_sentence(type: str, meant: str) -> None:
    with pytest.raises(NoLayer) as caught:
        reference(type)
    assert meant in caught.value.text
    assert "\n" not in caught.value.text


def test_tables_keep_their_columns() -> None:
    """A `|` from a declaration would tear a row apart."""
    for name, text in pages().items():
        columns = 0
        for line in text.splitlines():
            if set(line) == {"|", "-"}:
                columns = line.count("|")
            elif line.startswith("| ") and columns:
                assert len(re.findall(r"(?<!\\)\|", line)) == columns, (name, line)
            elif not line.startswith("|"):
                columns = 0


def test_documentation_is_current() -> None:
    made = pages()
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    assert on_disk.keys() == made.keys(), "run: python -m codegen.reference docs/layers"
    stale = [name for name, text in made.items() if on_disk[name] != text]
    assert not stale, "run: python -m codegen.reference docs/layers"


def test_writing_pages_removes_those_of_layers_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "Gone.md").write_text("")
    write_pages(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(pages())
