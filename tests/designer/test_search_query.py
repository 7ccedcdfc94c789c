"""The language of Find, by itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.search_query import EXAMPLES, BadQuery, Subject, parse, search
from graph_ir import edits
from graph_ir.check import check
from graph_ir.graph import Design
from graph_ir.layers import catalogue
from graph_ir.templates import load


@cache
def subjects(name: str = "digits") -> list[Subject]:
    return subjects_of(load(name))


def subjects_of(design: Design) -> list[Subject]:
    report = check(design)
    return [
        Subject(
            entry,
            note="the stem" if id == "conv1" else "",
            costs=lambda name, id=id: report.macs_by_layer[id] if name == "macs" else None,  # type: ignore[misc]  # the default binds the loop variable
        )
        for id, entry in report.layers.items()
    ]


def found(query: str, name: str = "digits") -> list[str]:
    known = subjects(name)
    return [known[place].entry.node.id for place in search(parse(query), known)]


def test_words_are_found_in_id_type_label_and_note_and_all_must_hold() -> None:
    assert found("CONV 2d 3") == ["conv3"]
    assert found("stem") == ["conv1"]
    assert "conv1" in found("Conv2d")


def test_letters_may_be_left_out_where_nothing_else_is_meant() -> None:
    assert found("fltn") == ["flat"], "by its type, Flatten"
    assert found("fc") == ["fc"], "no looser hit beside a true one"


def test_what_is_called_so_comes_first() -> None:
    hits = found("conv2")
    assert hits[0] == "conv2"
    assert sorted(hits) == sorted(found("type:Conv2d")), "and each of the type that is called so behind it"


def test_a_minus_turns_a_term_round() -> None:
    convs = found("type:conv")
    assert found("type:conv -conv1") == [id for id in convs if id != "conv1"]
    assert found("-type:conv") == [s.entry.node.id for s in subjects() if s.entry.node.id not in convs]


def test_a_type_is_also_found_by_the_name_another_library_gives_it() -> None:
    aliased = next(
        (cls.spec.type, alias)
        for cls in catalogue().values()
        for alias in cls.spec.aliases
        if cls.spec.type == "Conv2d"
    )
    assert found(f"type:{aliased[1]}") == found("type:Conv2d")


@pytest.mark.parametrize(
    "query, holds",
    [
        ("C=64", lambda shape: shape[1:2] == (64,) and len(shape) == 4),
        ("H<8", lambda shape: len(shape) == 4 and shape[2] < 8),
        ("H>=8 W!=4", lambda shape: len(shape) == 4 and shape[2] >= 8 and shape[3] != 4),
    ],
)
def test_axes_are_compared_behind_the_layer(query: str, holds) -> None:
    known = subjects()
    expected = [
        subject.entry.node.id
        for subject in known
        if any(
            holds(given.shape)
            for given in (subject.entry.outputs or subject.entry.inputs).values()
            if given is not None
        )
    ]
    assert found(query) == expected
    assert expected


def test_a_size_that_varies_is_compared_as_it_is_written() -> None:
    batches = [
        s.entry for s in subjects() if any(given.roles[:1] == ("N",) for given in s.entry.outputs.values())
    ]
    assert {entry.node.id for entry in batches} <= set(found("N=N"))
    assert len(batches) > 9
    assert found("N=5") == []
    with pytest.raises(BadQuery, match="no number"):
        parse("N<N")


def test_shapes_are_matched_whole_with_places_left_open() -> None:
    assert found("shape:N,64,*,*") == found("C=64 rank=4")
    assert set(found("shape:N,...")) > set(found("shape:N,*"))
    assert found("shape:...,8,8") == found("H=8 W=8")
    assert found("shape:9,9") == []


def test_costs_are_compared_with_units() -> None:
    report = check(load("digits"))
    most = max(report.layers.values(), key=lambda entry: entry.parameters)
    assert most.node.id in found(f"params>={most.parameters / 1000}k")
    assert found("params>1e12") == []
    assert found("macs>0.5M") == [
        id for id in report.layers if isinstance(n := report.macs_by_layer[id], int) and n > 500_000
    ]


def test_fields_are_compared_with_the_values_that_were_worked_out() -> None:
    report = check(load("digits"))
    expected = [id for id, entry in report.layers.items() if getattr(entry.layer, "out_channels", None) == 64]
    assert found("out_channels=64") == expected
    assert expected
    assert found("kernel_size=3") == found("kernel_size=3x3") == found("type:Conv2d")
    assert found("out_channels>32 out_channels<=64") == expected
    assert found("affine=true") == [
        id for id, e in report.layers.items() if getattr(e.layer, "affine", None) is True
    ]


def test_uses_of_a_block_are_found_by_its_name() -> None:
    uses = found("block:basic", "resnet18")
    assert uses
    assert set(uses) <= {s.entry.node.id for s in subjects("resnet18") if s.entry.nested}


def test_what_is_wrong_is_found_by_its_severity() -> None:
    design = load("digits")
    edits.apply(design, edits.set_fields(design, "", "conv4", {"kernel_size": 99}))
    known = subjects_of(design)
    (place,) = search(parse("error"), known)
    assert known[place].entry.node.id == "conv4"
    assert place in search(parse("problem"), known)


@pytest.mark.parametrize(
    "query, says",
    [
        ("params>many", "“many” is no number"),
        ("channels=3", "did you mean"),
        ("nothing=3", "no axis letter"),
        ("C=", "Say a value"),
        ("type:", "as in type:conv"),
        ("colour:red", "is not known"),
        ("shape:...,3,...", "at most once"),
        ("x" * 501, "too long"),
    ],
)
def test_a_wrong_query_is_told_in_one_sentence(query: str, says: str) -> None:
    with pytest.raises(BadQuery) as told:
        parse(query)
    sentence = str(told.value)
    assert says in sentence
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence


def test_quotes_keep_a_text_together() -> None:
    design = load("digits")
    edits.apply(design, edits.set_label(design, "", "conv1", "the first: one"))
    known = subjects_of(design)
    assert [known[place].entry.node.id for place in search(parse('"first: one"'), known)] == ["conv1"]
    assert [known[place].entry.node.id for place in search(parse('label:"the first"'), known)] == ["conv1"]


def test_an_empty_query_means_nothing() -> None:
    assert found("") == found("   ") == []


def test_every_example_of_the_help_is_understood() -> None:
    for text, _ in EXAMPLES:
        for query in text.split("  "):
            search(parse(query), subjects())


def test_the_page_about_find_tells_what_the_bar_tells() -> None:
    page = (Path(__file__).parents[2] / "docs" / "looking.md").read_text(encoding="utf-8")
    asked = re.findall(r"^\| `([^|]+)` \|", page, re.MULTILINE)
    assert asked == [query for query, _ in EXAMPLES]
    for query in re.findall(r"`([a-z_]+[:=<>][^` ]*)`", page):
        if not query.endswith(":"):
            parse(query)


PIECES = [
    "-",
    ":",
    "=",
    "<",
    ">=",
    '"',
    "type",
    "shape",
    "C",
    "params",
    "1e",
    "...",
    ",",
    "×",
    " ",
    "out_channels",
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
def test_no_text_at_all_breaks_a_search(text: str) -> None:
    try:
        query = parse(text)
    except BadQuery as told:
        assert str(told).endswith((".", "?"))
        return
    hits = search(query, subjects())
    assert len(set(hits)) == len(hits) <= len(subjects())
