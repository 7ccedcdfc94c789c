"""The gallery: every template is right, complete and laid out; its parameters take the type of their default."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from itertools import combinations

import pytest

from codegen.training.settings import read as read_training
from codegen.training.sources import SOURCES
from graph_ir import templates
from graph_ir.check import check
from graph_ir.file import dump
from graph_ir.templates import BadParameter, NoTemplate, describe, load, set_parameter

CARD = (196, 50)  # pixels
GROUPS = {
    *(
        "Images",
        "Classic image nets",
        "Residual nets",
        "Efficient image nets",
        "Image to image",
        "Generative",
    ),
    *("Blocks to reuse", "Sequences", "Text", "Speech and signals", "Transformers", "Tables"),
}


@pytest.mark.parametrize("name", templates.names())
class TestEach:
    """What holds for every template."""

    def test_it_has_no_problem_at_all(self, name: str) -> None:
        report = check(load(name))
        assert report.ok and not report.problems

    def test_it_can_be_trained_as_it_is(self, name: str) -> None:
        design = load(name)
        if not design.training:
            return
        settings, problems = read_training(design, check(design))
        assert settings is not None and not problems
        wanted = {"data", "epochs", "batch_size", "optimizer", "losses", "metrics"}
        assert set(design.training) == wanted, "nothing is left to a default that a reader would look for"

    def test_it_says_what_it_is_and_where_it_is_from(self, name: str) -> None:
        about = load(name).about
        assert {*about} - {"state_dict"} == {
            *("title", "group", "order", "summary", "teaches", "source", "licence")
        }
        assert re.search(r"\b(19|20)\d\d\b", about["source"]), "a paper or a data set has its year"
        assert about["licence"].startswith("design: CC0-1.0")
        assert about["group"] in GROUPS

    def test_the_licence_of_its_data_is_told(self, name: str) -> None:
        design = load(name)
        if design.training:
            source = SOURCES[design.training["data"]["source"]]
            assert f"data: {source.licence}" in design.about["licence"]

    def test_its_file_is_canonical(self, name: str) -> None:
        file = files("assets") / "templates" / f"{name}.loom.json"
        assert dump(load(name)) == file.read_text("utf-8")

    def test_every_parameter_is_used(self, name: str) -> None:
        design = load(name)
        for network in design.networks.values():
            written = json.dumps([node.values for node in network])
            for parameter in network.parameters:
                assert re.search(rf'"=[^"]*\b{parameter}\b', written)

    def test_no_card_lies_on_another(self, name: str) -> None:
        design = load(name)
        if not design.layout:
            return  # laid out by the window
        places = design.layout["network"]["layers"]
        assert list(places) == design.top.ids()
        for (x1, y1), (x2, y2) in combinations(places.values(), 2):
            assert abs(x1 - x2) >= CARD[0] or abs(y1 - y2) >= CARD[1]

    def test_a_copy_is_ones_own(self, name: str) -> None:
        before = dump(load(name))
        mine = load(name)
        mine.top.parameters.clear()
        mine.training["epochs"] = 1
        assert dump(load(name)) == before

    def test_the_gallery_shows_it(self, name: str) -> None:
        design = load(name)
        shown = describe(name, design).as_json()
        assert all(shown.values()) or not design.training
        assert all(shown[key] for key in ("title", "group", "summary"))


def test_an_unknown_template_is_a_sentence() -> None:
    with pytest.raises(NoTemplate) as near:
        load("digit")
    assert near.value.text == "there is no template 'digit'; did you mean 'digits'?"
    with pytest.raises(NoTemplate) as far:
        load("../../etc/passwd")
    assert all(name in far.value.text for name in templates.names())


def test_hyphen_and_underscore_are_the_same() -> None:
    assert dump(load("digits_lstm")) == dump(load("digits-lstm"))


def test_the_gallery_goes_from_group_to_group() -> None:
    groups = [template.group for template in templates.gallery()]
    changes = [group for before, group in zip(["", *groups], groups, strict=False) if group != before]
    assert sorted(changes) == sorted(set(groups))


def test_no_two_titles_are_the_same() -> None:
    titles = [template.title for template in templates.gallery()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [
        (10, "5", 5),
        (10, "-3", -3),
        (0.5, "1", 1.0),
        (0.5, "1e-3", 0.001),
        (True, "false", False),
        (False, "True", True),
        ("wide", "7", "7"),
        ("wide", "=", "="),
    ],
)
def test_a_parameter_takes_the_type_of_its_default(default: object, text: str, value: object) -> None:
    design = load("digits")
    design.top.parameters["p"] = default
    set_parameter(design, "p", text)
    assert design.top.parameters["p"] == value
    assert type(design.top.parameters["p"]) is type(default)


@pytest.mark.parametrize(
    ("default", "text"),
    [(10, "5.0"), (10, "1e3"), (10, ""), (10, "٥"), (10, str(2**63)), (10, "9" * 5000), (10, "true"),
     (0.5, "nan"), (0.5, "inf"), (0.5, "1e999"), (0.5, "0x1"), (True, "1"), (True, "yes")],
)  # fmt: skip
def test_another_type_is_refused(default: object, text: str) -> None:
    design = load("digits")
    design.top.parameters["p"] = default
    with pytest.raises(BadParameter, match="must be"):
        set_parameter(design, "p", text)
    assert design.top.parameters["p"] == default
