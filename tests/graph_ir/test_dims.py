"""Symbolic sizes: canonical, exact, and never a wrong yes."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from graph_ir.dims import Dim, ceil_div, product, smallest, substitute, symbol, symbols, to_json
from graph_ir.requirements import Requirement, at_least, contradiction, divisible, equal

H, W, T = symbol("H"), symbol("W"), symbol("T")


def sizes(names: tuple[str, ...] = ("H", "W")) -> st.SearchStrategy[Dim]:
    leaves = st.one_of(st.integers(-9, 9), st.sampled_from([symbol(name) for name in names]))

    def combined(inner: st.SearchStrategy[Dim]) -> st.SearchStrategy[Dim]:
        return st.one_of(
            st.builds(lambda a, b: a + b, inner, inner),
            st.builds(lambda a, b: a - b, inner, inner),
            st.builds(lambda a, b: a * b, inner, inner),
            st.builds(lambda a, b: a // b, inner, st.integers(1, 6)),
            st.builds(smallest, inner, inner),
        )

    return st.recursive(leaves, combined, max_leaves=8)


@given(sizes(), st.integers(1, 60), st.integers(1, 60))
@settings(max_examples=500, deadline=None)
def test_the_text_is_python_arithmetic_with_the_same_value(size: Dim, h: int, w: int) -> None:
    computed = substitute(size, {"H": h, "W": w})
    assert computed == eval(str(to_json(size)), {"__builtins__": {"min": min}}, {"H": h, "W": w})


@given(sizes(("H",)), sizes(("H",)))
@settings(max_examples=400, deadline=None)
def test_equality_is_exact_at_every_size(a: Dim, b: Dim) -> None:
    answer = equal(a, b)
    for h in range(1, 50):
        truly = substitute(a, {"H": h}) == substitute(b, {"H": h})
        told = answer.holds({"H": h}) if isinstance(answer, Requirement) else answer
        assert told == truly


@given(sizes(("H",)), st.integers(-5, 40))
@settings(max_examples=400, deadline=None)
def test_lower_bounds_are_exact_at_every_size(a: Dim, low: int) -> None:
    answer = at_least(a, low)
    for h in range(1, 50):
        truly = int(substitute(a, {"H": h})) >= low
        told = answer.holds({"H": h}) if isinstance(answer, Requirement) else answer
        assert told == truly


@given(sizes(("H",)), st.integers(1, 12))
@settings(max_examples=300, deadline=None)
def test_divisibility_is_exact_at_every_size(a: Dim, by: int) -> None:
    answer = divisible(a, by)
    for h in range(1, 50):
        truly = int(substitute(a, {"H": h})) % by == 0
        told = answer.holds({"H": h}) if isinstance(answer, Requirement) else answer
        assert told == truly


@given(st.lists(st.tuples(sizes(("H",)), st.sampled_from("=>%"), st.integers(1, 12)), min_size=2, max_size=4))
@settings(max_examples=300, deadline=None)
def test_a_contradiction_is_only_told_where_no_size_works(parts: list[tuple[Dim, str, int]]) -> None:
    ask = {"=": equal, ">": at_least, "%": divisible}
    asked = [ask[kind](size, number) for size, kind, number in parts]
    requirements = [answer for answer in asked if isinstance(answer, Requirement)]
    if contradiction(requirements) is not None:
        assert not any(all(r.holds({"H": h}) for r in requirements) for h in range(1, 400))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        ((H + 2 * 3 - 7) // 2 + 1, "(H + 1)//2"),
        (H // 2 // 2, "H//4"),
        ((H // 2 + 1) // 3, "(H + 2)//6"),
        (2 * (H // 2), "2*(H//2)"),
        (-(H // 2), "-(H//2)"),
        (9 - H, "9 - H"),
        (H * W * 4 // (H * 2), "2*W"),
        (3 * H // 2, "H + H//2"),
        (ceil_div(H, 4), "(H + 3)//4"),
        (H % 4, "H - 4*(H//4)"),
        (product([H, W, 3]), "3*H*W"),
    ],
)
def test_canonical_forms(size: Dim, text: str) -> None:
    assert str(size) == text


def test_what_cancels_is_an_int() -> None:
    assert H - H == 0
    assert to_json(H // 1 - H + 7) == 7
    assert symbols(H * (W // 2)) == {"H", "W"}


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (equal(2 * (H // 2), H), "H % 2 == 0"),
        (equal(16 * (H // 2 // 2 // 4), H), "H % 16 == 0"),
        (equal(H, 28), "H == 28"),
        (equal(T, H), "T == H"),
        (at_least((H - 7) // 2 + 1, 3), "H >= 11"),
        (divisible(H * W, 4), "(H*W) % 4 == 0"),
        (at_least(6 - T, 0), "T <= 6"),
        (at_least(H - 2 * (H // 2), 1), "H % 2 == 1"),
    ],
)
def test_requirements_read_as_people_write_them(answer: Requirement, text: str) -> None:
    assert str(answer) == text


def test_yes_and_no_are_plain_booleans() -> None:
    assert equal(H // 2 // 2, H // 4) is True
    assert equal(H, H + 1) is False
    assert equal(2 * H, 5) is False
    assert at_least(H, 1) is True
    assert at_least(H - 2 * (H // 2), 0) is True
    assert at_least(3 * (H // 3) - H, 1) is False


def test_a_contradiction_names_its_requirements() -> None:
    clash = contradiction([Requirement(H, "==", 5), Requirement(H, ">=", 7)])
    assert clash is not None
    assert [str(r) for r in clash] == ["H == 5", "H >= 7"]
    assert contradiction([Requirement(H, "==", 9), Requirement(H, ">=", 7), Requirement(T, "==", H)]) is None


def test_a_contradiction_is_seen_through_equations() -> None:
    N, S = symbol("N"), symbol("S")
    tied = [
        Requirement(N, "==", T),
        Requirement(T, "==", 6),
        Requirement(N, "==", 3),
        Requirement(S, ">=", 4),
    ]
    clash = contradiction(tied)
    assert clash is not None
    assert {str(r) for r in clash} == {"N == T", "T == 6", "N == 3"}
    assert contradiction([Requirement(N, "==", T), Requirement(T, ">=", 6), Requirement(N, "==", 7)]) is None
    assert contradiction([Requirement(N, "==", T + 4), Requirement(N, "==", 3)]) is not None
    assert contradiction(
        [Requirement(N, "==", 2 * T), Requirement(N, "==", 0, modulus=4), Requirement(T, "==", 3)]
    )
