"""The data sets: what is declared is what the printed code loads, and no scan is in two splits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from codegen.training.data import bind, fits
from codegen.training.settings import read, settings_of
from codegen.training.sources import SOURCES
from graph_ir.check import check
from graph_ir.dims import symbol
from graph_ir.graph import Design
from graph_ir.signature import TensorType
from tests.codegen.training_samples import TEMPLATES, data_module, sample
from tests.networks import auto_encoder, design, small_cnn, two_heads

Splits = Mapping[str, Mapping[str, Tensor]]
FEW = {"train_strings": 300, "validation_strings": 100, "test_strings": 100}


def marked_scans() -> SimpleNamespace:
    """As many scans as there are, each filled with a grey value of its own."""
    marks = np.arange(1, 1798, dtype=np.float64)
    return SimpleNamespace(images=marks[:, None, None] * np.ones((1, 8, 8)), target=np.arange(1797) % 10)


def marks(splits: Splits, field: str) -> dict[str, set[int]]:
    """Which scans each split is made of."""
    return {
        name: {round(value * 16) for value in split[field].unique().tolist()} - {0}
        for name, split in splits.items()
    }


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_declared_is_what_is_loaded(template: str) -> None:
    design = sample(template, data={"options": FEW})
    settings = settings_of(design, check(design))
    fields = {field.name: field for field in settings.source.fields(settings.options)}
    splits: Splits = data_module(design).load()
    assert list(splits) == ["train", "validation", "test"]
    for split in splits.values():
        assert len({len(values) for values in split.values()}) == 1
        assert split.keys() == settings.inputs.keys()
        for id, values in split.items():
            field = fields[settings.inputs[id]]
            assert tuple(values.shape[1:]) == field.shape and str(values.dtype) == f"torch.{field.dtype}"
            assert len(field.axes.split()) == values.dim()
            if field.classes and not field.shape:
                assert int(values.min()) >= 0 and int(values.max()) == len(field.classes) - 1
            if field.role == "data":
                assert float(values.min()) == 0.0 and float(values.max()) == 1.0


@pytest.mark.parametrize("seed", [0, 5])
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_scan_is_in_two_splits(template: str, seed: int) -> None:
    design = sample(template, data={"options": FEW, "split": [0.5, 0.2, 0.3], "seed": seed})
    field = "rows" if template == "digits-lstm" else "image"
    found = marks(data_module(design, marked_scans()).load(), field)
    assert all(not found[a] & found[b] for a, b in combinations(found, 2))
    if template != "digit-strings":  # every scan is used, as many as asked for
        assert sum(map(len, found.values())) == 1797
        assert [len(found[name]) for name in ("train", "validation", "test")] == [898, 359, 540]


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_same_seed_gives_the_same_data(template: str) -> None:
    def loaded(seed: int) -> list[Tensor]:
        design = sample(template, data={"options": FEW, "seed": seed})
        return [values for split in data_module(design).load().values() for values in split.values()]

    assert all(torch.equal(a, b) for a, b in zip(loaded(1), loaded(1), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(loaded(1), loaded(2), strict=True))


def test_strings_are_digits_side_by_side_with_their_labels() -> None:
    options = {**FEW, "min_digits": 2, "max_digits": 4, "max_gap": 3}
    module = data_module(sample("digit-strings", data={"options": options}), marked_scans())
    split = module.load()["train"]
    assert split["image"].shape == (300, 1, 8, 4 * 8 + 5 * 3)
    assert set(split["label_count"].tolist()) == {2, 3, 4}
    gaps = set()
    for image, labels, count in zip(
        split["image"], split["labels"], split["label_count"].tolist(), strict=True
    ):
        columns = (image[0, 0] * 16).round().long().tolist()
        seen: list[int] = []
        start = gap = 0
        while start < len(columns):
            if not columns[start]:
                start, gap = start + 1, gap + 1
                continue
            assert columns[start : start + 8] == [columns[start]] * 8
            seen.append(columns[start])
            gaps.add(gap)
            start, gap = start + 8, 0
        assert [(mark - 1) % 10 + 1 for mark in seen] == labels[:count].tolist()
        assert labels[count:].eq(0).all()
    assert gaps == {0, 1, 2, 3}


@pytest.mark.parametrize("count, size", [(65, 64), (64, 64), (1, 64), (130, 64), (7, 1), (1258, 64)])
def test_batches_hold_every_sample_once_and_none_is_alone(count: int, size: int) -> None:
    module = data_module(sample("digits"))
    split = {"image": torch.arange(count)}
    ordered = [batch["image"] for batch in module.Batches(split, size, "cpu")]
    assert torch.equal(torch.cat(ordered), split["image"])
    batches = module.Batches(split, size, "cpu", seed=3)
    shuffled = [batch["image"] for batch in batches]
    assert len(batches) == len(shuffled)
    assert sorted(torch.cat(shuffled).tolist()) == list(range(count))
    assert all(len(batch) <= size for batch in shuffled)
    assert size == 1 or count == 1 or min(map(len, shuffled)) > 1
    again = [batch["image"] for batch in module.Batches(split, size, "cpu", seed=3)]
    assert all(torch.equal(a, b) for a, b in zip(shuffled, again, strict=True))


@pytest.mark.parametrize(
    "template, source", [("digits", "digits"), ("digits-lstm", "digits"), ("digit-strings", "digit-strings")]
)
def test_every_template_gets_its_own_data_first(template: str, source: str) -> None:
    design = sample(template)
    first, *others = fits(check(design))
    assert first.ok and first.source.name == source and first.inputs == design.training["data"]["inputs"]
    assert all(not one.ok or one.source.open_classes for one in others), "no other real data takes its place"
    assert all(one.ok or one.reason.endswith(".") for one in others)


def classifier(shape: list[int | str], classes: int = 10, **fields: object) -> dict[str, dict[str, object]]:
    return {
        "picture": {"type": "Input", "shape": shape, **fields},
        "flat": {"type": "Flatten"},
        "fc": {"type": "Linear", "out_features": classes},
        "out": {"type": "Output"},
        "wanted": {"type": "Input", "shape": ["N"], "dtype": "int64", "role": "target"},
        "loss": {"type": "CrossEntropyLoss"},
    }


WIRES = ["picture -> flat", "flat -> fc", "fc -> out", "fc -> loss.input", "wanted -> loss.target"]


@pytest.mark.parametrize(
    "layers, reason",
    [
        (
            classifier(["N", 3, 28, 28]),
            "'picture' is (N, 3, 28, 28) float32, but this data has image (N, 1, 8, 8)",
        ),
        (classifier(["N", 8, 8], 12), None),
        (classifier(["N", 8, 8], 7), "'fc' gives 7 classes, but the data has 10; give it 10"),
        (classifier(["N", 8, 8], axes="N F T"), "has the axes N F T, but rows has N T F; permute them"),
        (classifier(["N", 1, "S", "S"]), None),
        (classifier(["N", 1, 8, 8], dtype="float64"), "float64"),
    ],
)
def test_a_data_set_fits_or_says_why_not(layers: dict[str, dict[str, object]], reason: str | None) -> None:
    if "S" in str(layers["picture"]["shape"]):
        layers = {
            **layers,
            "flat": {"type": "AdaptiveAvgPool2d", "output_size": 1},
            "rest": {"type": "Flatten"},
        }
        wires = ["picture -> flat", "flat -> rest", "rest -> fc", *WIRES[2:]]
    else:
        wires = WIRES
    drawn = design(layers, wires)
    found = next(fit for fit in fits(check(drawn)) if fit.source.name == "digits")
    assert found.ok == (reason is None), found.reason
    assert (reason or "") in found.reason


def test_a_design_without_inputs_fits_nothing() -> None:
    assert all(not fit.ok and fit.reason for fit in fits(check(design({}))))


def test_the_source_and_its_licence_are_named() -> None:
    for source in SOURCES.values():
        assert source.licence and re.search(r"\d{4}|made up by data.py", source.origin)
    for template in TEMPLATES:
        text = " ".join((data_module(sample(template)).__doc__ or "").split())
        assert (
            "E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998" in text and "CC BY 4.0" in text
        )


def test_symbols_are_bound_once() -> None:
    n, h = symbol("N"), symbol("H")
    sizes: dict[str, int] = {}
    assert bind(TensorType((n, h, h)), (8, 8), sizes) and sizes == {"H": 8}
    assert not bind(TensorType((n, h)), (9,), sizes)
    assert not bind(TensorType((n, h)), (8, 8), {})


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_design_with_errors_is_no_fault(template: str) -> None:
    """The data page is shown while something is being drawn: every layer, wire and value may be missing."""
    whole = sample(template).top
    for id in whole.ids():
        for change in ("layer", "wires", "values"):
            drawn = sample(template)
            node = drawn.top.node(id)
            for wire in [*drawn.top.wires_into(id), *drawn.top.wires_from(id)] if change != "values" else []:
                drawn.top.remove_wire(wire)
            if change == "layer":
                drawn.top.remove(id)
            if change == "values":
                drawn.top.replace(type(node)(id, node.type, {"shape": ["N"], "dim": 7, "out_features": -1}))
            report = check(drawn)
            assert len(fits(report)) == len(SOURCES)
            read(drawn, report)


@pytest.mark.parametrize("drawn", [auto_encoder(), small_cnn(), two_heads()], ids=["auto", "cnn", "heads"])
def test_other_designs_get_a_reason(drawn: Design) -> None:
    for fit in fits(check(drawn)):
        assert fit.ok or (fit.reason.endswith(".") and "\n" not in fit.reason)
