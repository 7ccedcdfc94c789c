"""Identifiers: whatever an id says, what is printed is a harmless, unique name."""

from __future__ import annotations

import builtins
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.fx import GraphModule

from codegen.names import LONGEST, RESERVED, Names, class_name, cleaned

HOSTILE = (
    st.text(max_size=220) | st.sampled_from(sorted(RESERVED)) | st.from_regex(r"[A-Za-z_]\w*", fullmatch=True)
)


@given(st.lists(HOSTILE, max_size=30))
def test_identifiers_are_plain_unique_and_free(texts: list[str]) -> None:
    names = Names()
    given_out = [names.allocate(text, "relu") for text in texts]
    assert len(set(given_out)) == len(given_out)
    for name in given_out:
        assert name.isascii() and name.isidentifier() and name == name.lower()
        assert len(name) <= LONGEST and not name.startswith("_")
        assert not keyword.iskeyword(name) and not hasattr(builtins, name) and not hasattr(nn.Module(), name)


@pytest.mark.parametrize("cls", [nn.Module, GraphModule])
def test_every_attribute_of_a_module_is_reserved(cls: type[nn.Module]) -> None:
    assert {name for name in dir(cls) if not name.startswith("_")} <= RESERVED
    assert {name for name in dir(nn.Module()) if not name.startswith("_")} <= RESERVED


@given(st.text(max_size=220))
def test_class_names_are_in_capwords(text: str) -> None:
    name = class_name(text)
    assert name.isascii() and name.isidentifier() and name[0].isupper() and "_" not in name
    assert len(name) <= LONGEST + len("Net") and not keyword.iskeyword(name) and not hasattr(builtins, name)


def test_names_resemble_their_ids() -> None:
    names = Names()
    texts = ["conv1", "Conv 1", "conv1", "forward", "class", "x" * 90, "ｃｏｎｖ２", "图"]
    found = [names.allocate(text, "relu") for text in texts]
    assert found == ["conv1", "conv_1", "conv1_2", "forward_", "class_", "x" * LONGEST, "conv2", "relu"]
    assert cleaned("2nd layer", "linear") == "linear_2nd_layer"
    assert class_name("Digits: small CNN") == "DigitsSmallCNN"
