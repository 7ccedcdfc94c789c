"""Weights that were published under other names: which names fit, and what the printed function makes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from codegen.renames import original, published, renames, source
from graph_ir.edits import Refused
from graph_ir.graph import Design

DENSE = ["features.{stage}.{layer}.", "features.{stage}.denselayer{layer+1}."]
KEYS = [
    "features.conv0",
    "features.denseblock1.0.norm1",
    "features.denseblock12.11.conv2",
    "mixed_5b.conv",
    "fc",
]
THEIRS = [
    *("features.conv0", "features.denseblock1.denselayer1.norm1"),
    *("features.denseblock12.denselayer12.conv2", "Mixed_5b.conv", "fc"),
]


def design(*pairs: Any) -> Design:
    return Design(about={"state_dict": list(pairs)})


def function(lines: list[str]) -> Any:
    """The printed `from_torchvision`."""
    space: dict[str, Any] = {"re": re, "Mapping": Mapping, "Tensor": object}
    exec("\n".join(lines), space)
    return space["from_torchvision"]


def test_names_lead_there_and_back() -> None:
    pairs = renames(design(DENSE, ["mixed_", "Mixed_"]))
    there = [published(f"{key}.weight", pairs) for key in KEYS]
    assert there == [f"{key}.weight" for key in THEIRS]
    assert [original(key, pairs) for key in there] == [f"{key}.weight" for key in KEYS]


def test_the_printed_function_gives_weights_our_names() -> None:
    lines = source(renames(design(DENSE, ["mixed_", "Mixed_"])), KEYS)
    given = {f"{key}.weight": number for number, key in enumerate(THEIRS)}
    assert function(lines)(given) == {f"{key}.weight": number for number, key in enumerate(KEYS)}
    assert "\n".join(lines).isascii()


def test_without_renamed_weights_nothing_is_printed() -> None:
    assert source(renames(Design()), KEYS) == []
    assert source(renames(design(["stem.", "Stem."])), KEYS) == []


def test_the_first_pair_that_fits_holds() -> None:
    pairs = renames(design(["a.0.", "first."], ["a.{i}.", "b{i}."]))
    assert [published(f"a.{i}.weight", pairs) for i in (0, 1)] == ["first.weight", "b1.weight"]
    assert [original(key, pairs) for key in ("first.weight", "b1.weight")] == ["a.0.weight", "a.1.weight"]


def test_two_layers_under_one_name_are_refused() -> None:
    with pytest.raises(Refused, match=r"calls the weights of b c, which then stands for others too"):
        source(renames(design(["a.", "c."], ["b.", "c."])), ["a", "b"])


@pytest.mark.parametrize(
    "pairs",
    [
        "mixed_",
        [["a."]],
        [["a.", 1]],
        [[DENSE]],
        [["", "a."]],
        [["a.{i}.", "b."]],
        [["a.", "b.{i}."]],
        [["a.{i+1}.", "b.{i}."]],
        [["a.{i}.{i}.", "b.{i}."]],
        [["a.{i!r}.", "b.{i!r}."]],
        [["a.(.*)", "b."]],
        [['a.", key): import os #', "b."]],
        [["a.\n", "b."]],
        [["ä.", "b."]],
        [["a" * 61, "b."]],
        [["a.", "b."]] * 41,
    ],
)
def test_what_is_no_pair_of_names_is_a_sentence(pairs: Any) -> None:
    with pytest.raises(Refused, match=r"^`about.state_dict` .*mend it\.$"):
        renames(Design(about={"state_dict": pairs}))
