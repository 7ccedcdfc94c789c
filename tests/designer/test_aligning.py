"""Aligning, distributing, snapping, making room: plain geometry, by examples and at random (requirements 3, 7)."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.canvas.arranging.aligning import AIR, Edge, aligned, distributed
from designer.canvas.arranging.room import make_room
from designer.canvas.arranging.snapping import Snapping
from designer.canvas.views import Rect
from designer.theme import load_theme
from graph_ir.graph import Wire

SIZES = load_theme("light").sizes
numbers = st.integers(-2000, 2000)
lengths = st.integers(1, 400)
rect_lists = st.lists(st.builds(Rect, numbers, numbers, lengths, lengths), min_size=2, max_size=8)
many = rect_lists.map(lambda rects: dict(enumerate(rects)))

EDGES = {
    "left": lambda rect: rect.x,
    "centre": lambda rect: rect.x + rect.width / 2,
    "right": lambda rect: rect.right,
    "top": lambda rect: rect.y,
    "middle": lambda rect: rect.y + rect.height / 2,
    "bottom": lambda rect: rect.bottom,
}


def apart(rects: dict[int, Rect]) -> bool:
    shown = list(rects.values())
    return not any(one.meets(other) for n, one in enumerate(shown) for other in shown[n + 1 :])


@pytest.mark.parametrize("edge", get_args(Edge))
@given(rects=many)
def test_requirement_7_aligned_edges_lie_on_one_line_and_nothing_covers_anything(
    edge: Edge, rects: dict[int, Rect]
) -> None:
    found = aligned(rects, edge)
    places = [EDGES[edge](rect) for rect in found.values()]
    assert max(places) - min(places) < 1e-6
    assert apart(found)
    assert {key: rect[2:] for key, rect in found.items()} == {key: rect[2:] for key, rect in rects.items()}


@pytest.mark.parametrize(("edge", "line"), [("left", 0), ("right", 300), ("centre", 150)])
def test_the_line_is_that_of_the_common_frame_and_the_other_direction_stays(edge: Edge, line: int) -> None:
    rects = {"a": Rect(0, 0, 100, 50), "b": Rect(200, 100, 100, 50)}
    found = aligned(rects, edge)
    assert {EDGES[edge](rect) for rect in found.values()} == {line}
    assert [rect.y for rect in found.values()] == [0, 100]


def test_what_would_lie_on_something_is_set_beside_it_in_its_order() -> None:
    rects = {"right": Rect(300, 200, 100, 50), "left": Rect(0, 0, 100, 50), "between": Rect(50, 90, 100, 50)}
    found = aligned(rects, "top")
    assert [found[name].x for name in ("left", "between", "right")] == [0, 100 + AIR, 300]
    assert {rect.y for rect in found.values()} == {0}


@pytest.mark.parametrize("way", ["across", "down"])
@given(rects=many)
def test_requirement_7_gaps_become_equal(way: str, rects: dict[int, Rect]) -> None:
    found = distributed(rects, "across" if way == "across" else "down")
    first, last = ("x", "right") if way == "across" else ("y", "bottom")
    order = sorted(found.values(), key=lambda rect: getattr(rect, first))
    gaps = [getattr(after, first) - getattr(before, last) for before, after in pairwise(order)]
    assert max(gaps) - min(gaps) < 1e-6
    assert min(gaps) >= -1e-9


def test_the_outer_ones_stay_where_there_is_room_between_them() -> None:
    rects = {"a": Rect(0, 0, 10, 10), "c": Rect(5, 90, 10, 10), "b": Rect(7, 15, 10, 10)}
    found = distributed(rects, "down")
    assert [found[name].y for name in "abc"] == [0, 45, 90]
    assert [found[name].x for name in "abc"] == [0, 7, 5]


def test_nothing_is_aligned_without_anything() -> None:
    assert aligned({}, "left") == {}
    assert distributed({1: Rect(3, 4, 5, 6)}, "down") == {1: Rect(3, 4, 5, 6)}


# Snapping


def test_a_drag_catches_on_the_grid_where_no_neighbour_is_near() -> None:
    caught = Snapping([], 24).catch(Rect(100, 35, 196, 50), 6)
    assert (caught.dx, caught.dy) == (-4, -11)
    assert caught.guides == ()


def test_a_neighbour_s_line_comes_before_the_grid_and_is_shown() -> None:
    neighbour = Rect(7, 0, 100, 50)
    caught = Snapping([neighbour], 24).catch(Rect(10, 130, 100, 50), 6)
    assert caught.dx == -3, "left edge on left edge, though the grid is nearer elsewhere"
    (left, centre, right) = sorted(line.x1 for line in caught.guides)
    assert (left, centre, right) == (7, 57, 107)
    for line in caught.guides:
        assert line.x1 == line.x2
        assert line.y1 < neighbour.y
        assert line.y2 > 130 + caught.dy + 50


def test_centres_catch_where_widths_differ() -> None:
    caught = Snapping([Rect(0, 0, 200, 50)], 24).catch(Rect(78, 200, 40, 20), 6)
    assert caught.dx == 2
    assert [line.x1 for line in caught.guides] == [100]


@given(rects=rect_lists, grid=st.sampled_from([8, 24]))
def test_what_has_caught_stays_where_it_is(rects: list[Rect], grid: int) -> None:
    moving, around = rects[0], rects[1:]
    snapping = Snapping(around, grid)
    first = snapping.catch(moving, 6)
    moved = moving._replace(x=moving.x + first.dx, y=moving.y + first.dy)
    again = snapping.catch(moved, 0)
    assert abs(first.dx) <= max(6, grid / 2)
    assert abs(first.dy) <= max(6, grid / 2)
    assert (again.dx, again.dy) == (0, 0)


# Room in a wire


def cards(places: dict[str, tuple[float, float]]) -> dict[str, Rect]:
    return {name: Rect(*place, SIZES.card_width, SIZES.card_height) for name, place in places.items()}


def test_requirement_3_what_is_below_moves_down_by_as_many_rows_as_are_needed() -> None:
    known = {"a": (0.0, 0.0), "b": (0.0, 96.0), "c": (0.0, 192.0), "other": (240.0, 96.0)}
    moved = make_room(known, ["new1", "new2"], Wire("a", "y", "b", "x"), SIZES)
    assert (moved["new1"], moved["new2"]) == ((0, 96), (0, 192))
    assert (moved["b"], moved["c"]) == ((0, 288), (0, 384))
    assert moved["other"] == (240, 288), "what stands beside keeps beside"


def test_where_there_is_room_nothing_else_moves() -> None:
    known = {"a": (0.0, 0.0), "b": (0.0, 480.0)}
    moved = make_room(known, ["new"], Wire("a", "y", "b", "x"), SIZES, at=(98, 230))
    assert moved == {"new": (0, 192)}, "in the row that is nearest to where it was dropped"


def test_a_layer_in_a_wire_that_passes_others_stands_beside_them() -> None:
    known = {"a": (0.0, 0.0), "b": (0.0, 96.0), "c": (0.0, 192.0), "sum": (0.0, 288.0)}
    moved = make_room(known, ["new"], Wire("a", "y", "sum", "x2"), SIZES, at=(250, 150))
    assert set(moved) == {"new"}
    x, y = moved["new"]
    assert x >= SIZES.card_width
    assert 0 < y < 288


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 7)), max_size=12, unique=True),
    count=st.integers(1, 3),
    at=st.none() | st.tuples(st.integers(-300, 1000), st.integers(-100, 900)),
)
def test_what_is_put_into_a_wire_never_lies_on_anything(
    rows: list[tuple[int, int]], count: int, at: tuple[float, float] | None
) -> None:
    known = {f"l{n}": (column * 240.0, row * 96.0) for n, (column, row) in enumerate(rows)}
    known |= {"a": (0.0, 0.0), "b": (240.0, 768.0)}
    new = [f"new{n}" for n in range(count)]
    shown = cards(known | make_room(known, new, Wire("a", "y", "b", "x"), SIZES, at))
    for name in new:
        assert not any(shown[name].meets(rect) for other, rect in shown.items() if other != name)
        assert shown["a"].y < shown[name].y < shown["b"].y
