"""Blocks, sentence by sentence as promised in the file format: ports, expressions and parameters."""

from __future__ import annotations

from typing import Any

import pytest

from graph_ir.check import check
from graph_ir.file import dump, parse
from graph_ir.graph import Design
from graph_ir.resolve import layer_type
from tests.graph_ir.block_samples import (
    codes,
    design,
    linear,
    residual_net,
    shape,
    through,
    use,
)

# Ports


def test_inputs_and_outputs_in_the_order_of_the_file_are_the_ports() -> None:
    made = design(
        {"use": use("B")},
        [],
        B=(
            {},
            {
                "late": {"type": "Output"},
                "b": {"type": "Input"},
                "a": {"type": "Input"},
                "add": {"type": "Add"},
                "early": {"type": "Output"},
            },
            ["b -> add.x1", "a -> add.x2", "add -> late", "a -> early"],
        ),
    )
    cls = layer_type(made.top.node("use"), made.top)
    assert cls is not None
    assert [port.name for port in cls.spec.inputs] == ["b", "a"]
    assert [port.name for port in cls.spec.outputs] == ["late", "early"]
    problems = {(problem.code, problem.port) for problem in check(made).problems}
    assert problems == {("missing-input", "b"), ("missing-input", "a")}


def test_the_id_of_a_port_is_an_identifier() -> None:
    made = design(
        {"in": {"type": "Input", "shape": ["N", 4]}, "use": use("B"), "out": {"type": "Output"}},
        ["in -> use.the input", "use -> out"],
        B=({}, {"the input": {"type": "Input"}, "y": {"type": "Output"}}, ["the input -> y"]),
    )
    assert codes(check(made)) == ["bad-port-name"]


@pytest.mark.parametrize(
    ("pattern", "given", "code"),
    [
        (["N", "C", "H", "W"], ["N", 3, 8, "W"], None),
        (["N", "C", "S", "S"], ["N", 3, 8, 8], None),
        (["N", "C", "S", "S"], ["N", 3, 8, 9], "size-mismatch"),
        (["N", 3, "H", "W"], ["N", 3, 8, 8], None),
        (["N", 3, "H", "W"], ["N", 4, 8, 8], "size-mismatch"),
        (["N", "C", "L"], ["N", 3, 8, 8], "rank"),
        (["N", "channels", "H", "=2*H"], ["N", 3, 8, 16], None),
        (["N", "=channels", "H", "=2*H"], ["N", 3, 8, 8], "size-mismatch"),
        (["N", "C", "H", "2*H"], ["N", 3, 8, 16], "bad-value"),
        (["N", "channels", "H", "W"], ["N", 5, 8, 8], "size-mismatch"),
        (["N", "C", "=open('x')", "W"], ["N", 3, 8, 8], "bad-expression"),
        (["N", "C", "='text'", "W"], ["N", 3, 8, 8], "bad-value"),
        (None, ["N", 3, 8, 8], None),
        (None, ["N", 3], None),
    ],
)
def test_a_shape_is_a_pattern_bound_from_the_wire_by_position(
    pattern: list[Any] | None, given: list[Any], code: str | None
) -> None:
    port = {"type": "Input", **({"shape": pattern} if pattern else {})}
    made = through({"x": port, "act": {"type": "ReLU"}}, ["x -> act", "act -> y"], given, {"channels": 3})
    assert codes(check(made)) == ([code] if code else [])


def test_equal_letters_of_two_ports_must_agree_and_symbols_become_a_requirement() -> None:
    def made(second: list[Any]) -> Design:
        return design(
            {
                "a": {"type": "Input", "shape": ["N", "T", 4]},
                "b": {"type": "Input", "shape": second},
                "use": use("B"),
                "out": {"type": "Output"},
            },
            ["a -> use.q", "b -> use.k", "use -> out"],
            B=(
                {},
                {
                    "q": {"type": "Input", "shape": ["N", "L", "F"]},
                    "k": {"type": "Input", "shape": ["N", "L", "F"]},
                    "join": {"type": "Concat", "dim": 2},
                    "y": {"type": "Output"},
                },
                ["q -> join.x1", "k -> join.x2", "join -> y"],
            ),
        )

    assert check(made(["N", "S", 4])).requires == ("S == T",)
    report = check(made(["N", "T", 5]))
    assert codes(report) == ["size-mismatch"]
    assert report.problems[0].port == "k" and "(N, T, 4)" in report.problems[0].message


def test_expressions_use_the_letters_of_patterns() -> None:
    inner = {
        "x": {"type": "Input", "shape": ["N", "C", "L"]},
        "conv": {"type": "Conv1d", "out_channels": "=C*2", "kernel_size": "=min(C, 3)"},
        "shaped": {"type": "Reshape", "shape": ["=C", 2, "=L - min(C, 3) + 1"]},
    }
    made = through(inner, ["x -> conv", "conv -> shaped", "shaped -> y"], ["N", 5, "T"])
    assert shape(check(made)) == "(N, 5, 2, T - 2)"


def test_a_port_that_names_a_dtype_takes_only_that() -> None:
    port = {"type": "Input", "dtype": "int64"}
    made = through({"x": port}, ["x -> y"], ["N", 4])
    assert codes(check(made)) == ["dtype"]


def test_no_use_can_name_the_top_network() -> None:
    made = residual_net()
    for network, id in (("", "stage1"), ("Residual", "project")):
        graph = made.networks[network]
        graph.replace(type(made.top.node("stem"))(id, "Block", {**graph.node(id).values, "block": ""}))
    read = parse(dump(made))
    assert codes(check(read))[0] == "unknown-block"


# Expressions and parameters


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("=2*n + 1", 9),
        ("=n - 1", 3),
        ("=n // 3", 1),
        ("=n % 3", 1),
        ("=-n + 9", 5),
        ("=max(n, 7, 2)", 7),
        ("=min(n, 7)", 4),
        ("=(n + 1)*2", 10),
        ("=3 if n > 3 and not deep else 5", 3),
        ("=1 if n <= 3 or deep else 2", 2),
        ("=3 if mode == 'wide' else 6", 3),
        ("=3 if n != 4 else 8", 8),
        ("=3 if 2 < n < 5 else 8", 3),
        ("=1 if ratio * 2 == 1.0 else 2", 1),
        ("=True", None),
        ("=n / 2", None),
        ("=other", None),
        ("=n.real", None),
        ("=abs(n)", None),
        ("=n if deep", None),
        ("=n**2", None),
        ("=[n][0]", None),
        ("=mode", None),
    ],
)
def test_an_expression_gives_a_value_or_a_reason(text: str, wanted: int | None) -> None:
    parameters = {"n": 4, "deep": False, "mode": "wide", "ratio": 0.5}
    made = through({"fc": linear(text)}, ["x -> fc", "fc -> y"], ["N", 8], parameters)
    report = check(made)
    if wanted is None:
        assert len(codes(report)) == 1 and report.problems[0].path == ("use", 0, "fc")
    else:
        assert shape(report) == f"(N, {wanted})"
    top = design({"x": {"type": "Input", "shape": ["N", 8]}, "fc": linear(text)}, ["x -> fc"])
    top.top.parameters.update(parameters)
    assert (codes(check(top)) == []) == (wanted is not None)


def test_expressions_stand_inside_lists_too() -> None:
    inner = {"conv": {"type": "Conv2d", "out_channels": 2, "kernel_size": [1, "=k*2 + 1"]}}
    made = through(inner, ["x -> conv", "conv -> y"], ["N", 3, 8, 8], {"k": 1})
    assert shape(check(made)) == "(N, 2, 8, 6)"


@pytest.mark.parametrize(
    ("default", "given", "code"),
    [
        (None, {"p": 3}, None),
        (None, {}, "missing-parameter"),
        (2, {}, None),
        (2, {"p": 3}, None),
        (2, {"p": 3.0}, "bad-value"),
        (2, {"p": True}, "bad-value"),
        (2, {"p": "3"}, "bad-value"),
        (2, {"p": "=1 + 2"}, None),
        (2, {"p": "=1 / 2"}, "bad-value"),
        (2, {"p": "=T"}, None),
        (0.5, {"p": 1}, None),
        (True, {"p": 1}, "bad-value"),
        ("text", {"p": 1}, "bad-value"),
        ("text", {"p": "='other'"}, None),
        (2, {"q": 3}, "unknown-parameter"),
    ],
)
def test_a_parameter_has_the_type_of_its_default_and_null_must_be_given(
    default: Any, given: dict[str, Any], code: str | None
) -> None:
    made = through({"act": {"type": "ReLU"}}, ["x -> act", "act -> y"], ["N", "T"], {"p": default}, **given)
    assert codes(check(made)) == ([code] if code else [])


def test_only_the_own_repetition_is_called_i() -> None:
    made = through({"fc": linear("=i + 1")}, ["x -> fc", "fc -> y"], ["N", 8], repeat=2)
    assert codes(check(made)) == ["bad-expression"]
