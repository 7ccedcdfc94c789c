"""Every data set: what is declared is what is loaded, at any options; the code is clean; sizes follow the design."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

from codegen import support
from codegen.training.data import fits
from codegen.training.data_code import print_data
from codegen.training.settings import Settings, read, settings_of
from codegen.training.sources import SOURCES, Source
from codegen.training.sources.reference import page
from graph_ir.check import check
from graph_ir.graph import Design, Graph, Node, Wire
from tests.codegen.source_designs import DESIGNS, SMALL, characters, counts, data, linear, target, trained
from tests.codegen.training_samples import data_module
from tests.networks import design

Splits = Mapping[str, Mapping[str, Tensor]]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def whole(source: Source, options: Mapping[str, int], seed: int = 0) -> Settings:
    """Settings that ask for every field of a data set."""
    options = source.completed(options)
    fields = source.fields(options)
    return Settings(
        source=source,
        inputs={one.name: one.name for one in fields},
        options=options,
        split=(0.6, 0.2, 0.2),
        data_seed=seed,
        epochs=1,
        batch_size=8,
        seed=0,
        optimizer="Adam",
        optimizer_options={"lr": 0.1},
        metrics=(),
        sizes={},
        classes=next((one.classes for one in fields if one.classes and one.role == "target"), None),
    )


def text_of(settings: Settings) -> str:
    return print_data(settings, {name: name for name in settings.inputs})


def loaded(settings: Settings) -> Splits:
    module = ModuleType("data")
    exec(compile(text_of(settings), "data.py", "exec"), module.__dict__)
    splits: Splits = module.load()
    return splits


def lowest(source: Source) -> dict[str, int]:
    return {
        option.name: max(option.low, 20) if option.name == "count" else option.low
        for option in source.options
    }


CASES = [
    *((source, SMALL.get(source.name, {})) for source in SOURCES.values()),
    *((source, lowest(source)) for source in SOURCES.values() if source.options),
    (SOURCES["images"], {"classes": 25, "count": 60, "height": 9, "width": 40, "channels": 2}),
    (SOURCES["image-pairs"], {"classes": 11, "count": 30, "height": 33, "width": 17}),
    (SOURCES["documents"], {"classes": 500, "count": 50}),
    (SOURCES["ecg"], {"min_samples": 9000, "max_samples": 18000, "count": 20}),
]


@pytest.mark.parametrize("source, options", CASES, ids=lambda value: getattr(value, "name", "options"))
def test_what_is_declared_is_what_is_loaded(source: Source, options: Mapping[str, int]) -> None:
    settings = whole(source, options)
    splits = loaded(settings)
    fields = {one.name: one for one in settings.fields}
    for split in splits.values():
        assert split.keys() == fields.keys() and len({len(values) for values in split.values()}) == 1
        for name, values in split.items():
            one = fields[name]
            assert tuple(values.shape[1:]) == one.shape and str(values.dtype) == f"torch.{one.dtype}"
            assert values.isfinite().all() and len(one.axes.split()) == values.dim()
            if values.dtype == torch.int64 and one.role != "lengths":
                assert int(values.min()) >= 0 and int(values.max()) < (len(one.classes) or one.below)
            if one.role == "lengths":
                _lengths_fit(values, split[one.of], one.axis)


def _lengths_fit(lengths: Tensor, values: Tensor, axis: int) -> None:
    """No length is beyond the axis; behind it all is 0, in front of it nothing is."""
    size = values.shape[axis]
    assert int(lengths.min()) >= 0 and int(lengths.max()) <= size
    tail = torch.arange(size) >= lengths[..., None]
    moved = values.movedim(axis, lengths.dim())
    valid = moved[~tail]
    assert not moved[tail].any() and valid.reshape(len(valid), -1).any(1).all()


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_the_same_seed_gives_the_same_data(source: Source) -> None:
    first, again, other = (
        [
            values
            for split in loaded(whole(source, SMALL.get(source.name, {}), seed)).values()
            for values in split.values()
        ]
        for seed in (1, 1, 2)
    )
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    same = [a.shape == b.shape and torch.equal(a, b) for a, b in zip(first, other, strict=True)]
    assert all(same) if source.is_ordered else not all(same)


def test_in_a_single_file_no_name_is_given_twice() -> None:
    """Everything at the top of data.py stands beside the runtime, the script and what a network brings along."""
    others = {
        "DEVICES",
        "main",
        "evaluate",
        "objective",
        "penalty",
        "auroc",
        "edit_distance",
        "short_of_steps",
    }
    others |= {*support.NAMES, *_tops((files("codegen") / "child" / "runtime.py").read_text("utf-8"))}
    for source in SOURCES.values():
        assert not _tops(text_of(whole(source, {}))) & others


def _tops(text: str) -> set[str]:
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        for target_ in node.targets if isinstance(node, ast.Assign) else ():
            found |= {one.id for one in ast.walk(target_) if isinstance(one, ast.Name)}
    return found


def test_a_formatter_and_a_linter_find_nothing(tmp_path: Path) -> None:
    """The types are checked where the code stands, in codegen/child/data."""
    for source in SOURCES.values():
        (tmp_path / f"data_{source.module}.py").write_text(text_of(whole(source, {})), "ascii")
    for name in ("characters", "digits-with-noise"):
        drawn = DESIGNS[name]()
        text = print_data(settings_of(drawn, check(drawn)), {id: id for id in drawn.top.ids()})
        (tmp_path / f"design_{name.replace('-', '_')}.py").write_text(text, "ascii")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (
        [*ruff, "format", "--check", "--diff", "--isolated", "."],
        [*ruff, "check", "--extend-select", "E,F,W,I,B,UP,RUF", "--isolated", "."],
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_page_about_data_is_the_one_that_is_made() -> None:
    """If this is meant: `python -m codegen.training.sources.reference > docs/data.md`."""
    assert page() == (Path(__file__).parents[2] / "docs" / "data.md").read_text("utf-8")


def test_pairs_are_read_backwards() -> None:
    split = loaded(whole(SOURCES["pairs"], SMALL["pairs"]))["train"]
    rows = zip(
        split["source"], split["target_in"], split["target"], split["source_count"].tolist(), strict=True
    )
    for source, given, wanted, count in rows:
        back = source[:count].flip(0).tolist()
        assert wanted[: count + 1].tolist() == [*back, 2] and given[: count + 1].tolist() == [1, *back]


def test_windows_follow_on_each_other() -> None:
    split = loaded(whole(SOURCES["characters"], {"window": 20}))["train"]
    text = split["text"].flatten()
    assert torch.equal(split["next"].flatten()[:-1], text[1:]) and torch.equal(
        split["following"], split["next"][:, -1]
    )


@pytest.mark.parametrize("size", [1, 4, 7, 1000])
def test_each_row_of_a_batch_goes_on_where_it_was(size: int) -> None:
    module = data_module(characters())
    split = {"text": torch.arange(45)}
    batches = list(module.Batches(split, size, "cpu"))
    assert len(batches) == 45 // min(size, 45) == len(module.Batches(split, size, "cpu"))
    texts = torch.stack([batch["text"] for batch in batches])
    assert torch.equal(texts[1:], texts[:-1] + 1), "row by row, one behind the other"
    assert all(batch["h_0"].shape == (1, min(size, 45), 32) and not batch["h_0"].any() for batch in batches)


def test_noise_is_fresh_in_each_batch_and_the_same_by_seed() -> None:
    module = data_module(DESIGNS["digits-with-noise"]())
    split = module.load()["test"]
    first, again = (list(module.Batches(split, 50, "cpu", 3)) for _ in range(2))
    assert all(torch.equal(a["noise"], b["noise"]) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0]["noise"][:40], first[1]["noise"][:40])
    assert not torch.equal(first[0]["noise"], next(iter(module.Batches(split, 50, "cpu", 4)))["noise"])
    noise = torch.cat([batch["noise"] for batch in first])
    assert abs(float(noise.mean())) < 0.05 and abs(float(noise.std()) - 1) < 0.05


@pytest.mark.parametrize("name", ["wine", "breast-cancer", "diabetes"])
def test_scales_are_those_of_the_rows_for_training(name: str) -> None:
    splits = loaded(whole(SOURCES[name], {}))
    features = splits["train"]["features"]
    assert features.mean(0).abs().max() < 1e-4 and (features.std(0) - 1).abs().max() < 1e-4
    assert splits["test"]["features"].mean(0).abs().max() > 0.01
    codes = splits["train"]["codes"] % 4
    shares = torch.stack([(codes == quarter).float().mean() for quarter in range(4)])
    assert (shares - 0.25).abs().max() < 0.05
    assert torch.equal(splits["train"]["codes"] // 4, torch.arange(features.shape[1]).expand(features.shape))


def classifier(shape: list[Any], classes: int) -> Design:
    layers = {
        "picture": data(shape),
        "flat": {"type": "Flatten"},
        "fc": linear(classes),
        "out": {"type": "Output"},
        "label": target(["N"]),
        "loss": {"type": "CrossEntropyLoss"},
    }
    return design(
        layers,
        ["picture -> flat", "flat -> fc", "fc -> out", "fc -> loss.input", "label -> loss.target"],
        data={"source": "images"},
    )


@pytest.mark.parametrize(
    "shape, classes, expected",
    [
        (["N", 3, 224, 224], 1000, {"height": 224, "width": 224, "channels": 3, "classes": 10, "count": 79}),
        (["N", 1, 28, 28], 4, {"height": 28, "width": 28, "channels": 1, "classes": 4, "count": 1200}),
    ],
)
def test_pictures_are_as_the_design_needs_them(
    shape: list[Any], classes: int, expected: dict[str, int]
) -> None:
    """One click is enough: nobody has to copy sizes from the drawing."""
    drawn = classifier(shape, classes)
    settings, problems = read(drawn, check(drawn))
    assert settings is not None and not problems and settings.options == expected
    found = next(fit for fit in fits(check(drawn)) if fit.source.name == "images")
    assert found.ok and found.inputs == {"picture": "image", "label": "label"}


def test_what_the_file_says_is_not_adapted() -> None:
    drawn = classifier(["N", 3, 64, 64], 10)
    drawn.training["data"]["options"] = {"height": 48, "count": 50}
    settings, problems = read(drawn, check(drawn))
    assert settings is None and [problem.code for problem in problems] == ["data-does-not-fit"]
    assert "(N, 3, 48, 64)" in problems[0].message


def test_data_beyond_any_machine_is_refused() -> None:
    drawn = classifier(["N", 3, 1024, 1024], 10)
    drawn.training["data"]["options"] = {"count": 100_000}
    settings, problems = read(drawn, check(drawn))
    assert settings is None and [problem.code for problem in problems] == ["too-much-data"]


def sentence_labels(rows: int, **options: int) -> Design:
    layers = {
        "tokens": data(["N", "T"], dtype="int64"),
        "token_count": counts("tokens"),
        "embed": {"type": "Embedding", "num_embeddings": rows, "embedding_dim": 4},
        "pool": {"type": "MaskedPool"},
        "fc": linear(2),
        "out": {"type": "Output"},
        "label": target(["N"]),
        "loss": {"type": "CrossEntropyLoss"},
    }
    wires = ["tokens -> embed", "embed -> pool", "pool -> fc", "fc -> out", "fc -> loss.input"]
    drawn = trained("sentences", layers, [*wires, "label -> loss.target"], ["accuracy"])
    drawn.training["data"]["options"] = options
    return drawn


def test_no_number_is_looked_up_behind_the_end_of_a_table() -> None:
    settings, problems = read(small := sentence_labels(150), check(small))
    assert settings is not None and not problems and settings.options["vocabulary"] == 150
    settings, problems = read(large := sentence_labels(5000), check(large))
    assert settings is not None and not problems and settings.options["vocabulary"] == 200
    settings, problems = read(drawn := sentence_labels(150, vocabulary=300), check(drawn))
    assert settings is None and [problem.code for problem in problems] == ["data-does-not-fit"]
    assert "'tokens' is looked up in has 150 rows, but tokens goes up to 299" in problems[0].message


def test_a_table_inside_a_block_counts_too() -> None:
    drawn = sentence_labels(200, vocabulary=300)
    node, inner = drawn.top.node("embed"), Graph()
    inner.add(Node("x", "Input"))
    inner.add(Node("embed", "Embedding", {"num_embeddings": 250, "embedding_dim": 4}))
    inner.add(Node("y", "Output"))
    inner.add_wire(Wire("x", "y", "embed", "x"))
    inner.add_wire(Wire("embed", "y", "y", "x"))
    drawn.networks["Table"] = inner
    drawn.top.replace(Node(node.id, "Block", {"block": "Table"}))
    _, problems = read(drawn, report := check(drawn))
    assert report.ok, report.problems
    assert "has 250 rows, but tokens goes up to 299" in problems[0].message
    drawn.training["data"]["options"] = {}
    settings, problems = read(drawn, check(drawn))
    assert settings is not None and not problems and settings.options["vocabulary"] == 200


def test_lengths_belong_to_their_axis() -> None:
    drawn = DESIGNS["ecg"]()
    node = drawn.top.node("samples")
    drawn.top.replace(type(node)(node.id, node.type, {**node.values, "axis": 1}))
    reasons = [fit.reason for fit in fits(check(drawn)) if fit.source.name == "ecg"]
    assert reasons == ["samples are lengths of axis 2, but 'samples' belongs to axis 1."]


@pytest.mark.parametrize(
    "change, words",
    [
        ({"source": "series"}, "don't follow on each other, so that nothing can be carried on"),
        ({"carry": {"h_0": "h_n", "c_0": "lstm"}}, "'c_0' is to get 'lstm', which is no Output"),
        ({"carry": {"h_0": "h_n", "next": "c_n"}}, "names 'next', which is no Input of the role data"),
        (
            {"carry": {"h_0": "out", "c_0": "c_n"}},
            "'h_0' is (1, N, 32) float32, but 'out' is (N, T, 39) float32",
        ),
        ({"carry": ["h_0"]}, "must be an object"),
        ({"carry": {}}, "'h_0' is fed from nothing"),
    ],
)
def test_what_cannot_be_carried_on_is_told(change: dict[str, Any], words: str) -> None:
    drawn = characters()
    drawn.training["data"].update(change)
    settings, problems = read(drawn, check(drawn))
    assert settings is None and any(words in problem.message for problem in problems), problems
    assert all(problem.message.endswith(".") and "\n" not in problem.message for problem in problems)


def test_noise_needs_sizes() -> None:
    drawn = DESIGNS["digits-with-noise"]()
    node = drawn.top.node("noise")
    drawn.top.replace(type(node)(node.id, node.type, {**node.values, "shape": ["N", 1, "K", 8]}))
    _, problems = read(drawn, check(drawn))
    assert "noise-size" in [problem.code for problem in problems]
