"""Every place in JSON text has the line it stands in."""

from __future__ import annotations

import json

import pytest

from graph_ir.locate import layer_lines, line_of, line_of_second_key, line_of_surrogate, line_of_token

TEXT = """{
  "a": [1, {"b": "x{[,]}:\\"",
     "c": [
        [], {}, 1e999]}],
  "network": {"layers": {"conv.1": {"type": "Conv2d",
      "bias": true},
    "fc": {"type": "Linear"}}}
}
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 1),
        (("a",), 2),
        (("a", 1, "b"), 2),
        (("a", 1, "c"), 3),
        (("a", 1, "c", 2), 4),
        (("network", "layers", "conv.1", "bias"), 6),
        (("network", "layers", "fc"), 7),
        (("network", "layers", "fc", "missing"), 7),
        (("network", "layers", "gone", "x"), 5),
        (("nothing",), 1),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_place_or_its_nearest_parent(place: tuple[str | int, ...], line: int, end: str) -> None:
    assert line_of(TEXT.replace("\n", end), place) == line


def test_layers_and_fields() -> None:
    lines = layer_lines(TEXT)
    assert lines == {
        ("", "conv.1", ""): 5,
        ("", "conv.1", "type"): 5,
        ("", "conv.1", "bias"): 6,
        ("", "fc", ""): 7,
        ("", "fc", "type"): 7,
    }
    assert set(layer_lines(json.dumps(json.loads(TEXT))).values()) == {1}, "all in one line"


def test_tokens_are_no_texts() -> None:
    assert line_of_token('["NaN",\n"x NaN",\nNaN]', "NaN") == 3


def test_the_second_key_of_one_object() -> None:
    assert line_of_second_key('{"a": {"a": 1},\n"b": [{"a": 1}, {"a": 2}],\n"c": 1,\n"b": 2}') == 4
    assert line_of_second_key('[{"a": [1, {"b": 1}],\n"a": 2}]') == 2


def test_half_of_a_surrogate_pair() -> None:
    assert line_of_surrogate('["\\ud83d\\ude00",\n"\\\\ud800",\n"\\ud800"]') == 3
