"""Automatic layout and wire routing, on geometry alone."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.canvas.arranging.layout import Link, arrange
from designer.canvas.arranging.routing import Route, WireEnds, route_all
from designer.canvas.views import Rect
from tests.designer.wire_geometry import covered, dense_points, overlaps, shared_lanes, through

WIDTH, HEIGHT, ROW, COLUMN = 196.0, 50.0, 96.0, 240.0
Wires = list[tuple[str, str]]


def linked(wires: Wires) -> list[Link]:
    """The wires of a layer go to its ports in the order in which they are given."""
    into = Counter[str]()
    found = []
    for source, target in wires:
        found.append(Link(source, target, 0, into[target]))
        into[target] += 1
    return found


def place(ids: list[str], wires: Wires) -> dict[str, tuple[float, float]]:
    return arrange(ids, linked(wires), row_pitch=ROW, column_pitch=COLUMN)


def routed(ids: list[str], wires: Wires) -> tuple[dict[str, Rect], list[Route]]:
    cards = {name: Rect(x, y, WIDTH, HEIGHT) for name, (x, y) in place(ids, wires).items()}
    ends = []
    for number, (source, target) in enumerate(wires):
        into = [wire for wire in wires if wire[1] == target].index((source, target))
        ports = sum(wire[1] == target for wire in wires)
        x = (
            cards[target].x
            + WIDTH / 2
            + (into - (ports - 1) / 2) * min(44.0, (WIDTH - 40) / max(ports - 1, 1))
        )
        start = (cards[source].x + WIDTH / 2, cards[source].bottom)
        ends.append(
            WireEnds(start, (x, cards[target].y), cards[source], cards[target], (120.0 + number % 3, 18.0))
        )
    return cards, route_all(ends, cards.values())


def test_a_chain_is_straight_on_the_row_pitch() -> None:
    names = list("abcd")
    assert place(names, list(pairwise(names))) == {name: (0, row * ROW) for row, name in enumerate(names)}


def middle(found: dict[str, tuple[float, float]], *names: str) -> float:
    return sum(found[name][0] for name in names) / len(names)


def test_branches_stand_beside_each_other_under_the_middle_and_meet_again_there() -> None:
    found = place(
        ["in", "left", "right", "add"], [("in", "left"), ("in", "right"), ("left", "add"), ("right", "add")]
    )
    assert found == {"left": (0, ROW), "right": (COLUMN, ROW), "in": (120, 0), "add": (120, 2 * ROW)}


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_the_columns_of_an_inception_block_have_one_top_and_its_ends_stand_in_the_middle(count: int) -> None:
    firsts, seconds = [f"a{n}" for n in range(count)], [f"b{n}" for n in range(1, count)]
    wires = [("in", name) for name in firsts] + [(f"a{n}", f"b{n}") for n in range(1, count)]
    wires += [("a0", "join"), *((name, "join") for name in seconds), ("join", "out")]
    found = place(["in", *firsts, *seconds, "join", "out"], wires)
    assert [found[name] for name in firsts] == [(n * COLUMN, ROW) for n in range(count)]
    assert [found[name] for name in seconds] == [(n * COLUMN, 2 * ROW) for n in range(1, count)]
    assert {found[name][0] for name in ("in", "join", "out")} == {middle(found, *firsts)}


@pytest.mark.parametrize("first", ["skip", "chain"])
def test_a_residual_chain_is_straight_and_its_skips_run_beside_it_where_their_port_is(first: str) -> None:
    names = ["in", "conv", "relu", "add", "conv2", "relu2", "add2", "out"]
    chain, wires = list(pairwise(names)), Wires()
    for source, target in chain:
        skip = {"add": ("in", "add"), "add2": ("add", "add2")}.get(target)
        pair = [(source, target), *([skip] if skip else [])]
        wires += pair[::-1] if first == "skip" else pair
    assert {x for x, _ in place(names, wires).values()} == {0}


def test_a_side_branch_does_not_bend_the_main_way() -> None:
    main = [f"m{n}" for n in range(8)]
    found = place([*main, "head", "aux"], [*pairwise(main), ("m3", "head"), ("head", "aux")])
    assert {found[name][0] for name in main} == {found["m0"][0]}
    assert found["head"][0] == found["aux"][0] == found["m0"][0] + COLUMN


def test_a_split_keeps_the_order_of_its_ports_and_of_those_it_leads_to() -> None:
    names = ["in", "one", "two", "three", "join"]
    links = [
        Link("in", "three", 2),
        Link("in", "two", 1),
        Link("in", "one", 0),
        Link("three", "join", 0, 2),
        Link("one", "join", 0, 0),
        Link("two", "join", 0, 1),
    ]
    found = arrange(names, links, row_pitch=ROW, column_pitch=COLUMN)
    assert found["one"][0] < found["two"][0] < found["three"][0]


def test_a_late_input_stands_just_above_its_reader() -> None:
    found = place(["a", "b", "c", "late"], [("a", "b"), ("b", "c"), ("late", "c")])
    assert found == {"a": (0, 0), "b": (0, ROW), "c": (0, 2 * ROW), "late": (COLUMN, ROW)}


def test_a_late_input_brings_what_is_made_of_it() -> None:
    found = place(
        ["a", "b", "c", "d", "late", "embed"],
        [("a", "b"), ("b", "c"), ("c", "d"), ("embed", "d"), ("late", "embed")],
    )
    assert (found["late"], found["embed"]) == ((COLUMN, ROW), (COLUMN, 2 * ROW))


def test_unconnected_networks_stand_apart() -> None:
    found = place(["a", "b", "x", "y"], [("a", "b"), ("x", "y")])
    assert (found["x"], found["y"]) == ((COLUMN, 0), (COLUMN, ROW))


def test_a_layer_that_needs_more_room_keeps_its_neighbour_off() -> None:
    found = arrange(
        ["a", "loss", "c"],
        [Link("a", "loss"), Link("a", "c")],
        row_pitch=ROW,
        column_pitch=COLUMN,
        room={"loss": 200},
    )
    assert found["c"][0] - found["loss"][0] >= COLUMN + 200
    assert all(x % 24 == 0 and y % 24 == 0 for x, y in found.values())


def test_a_cycle_is_laid_out_too() -> None:
    found = place(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "b"), ("c", "c"), ("ghost", "a")])
    assert len(set(found.values())) == 3


def test_ten_thousand_layers_in_a_row_need_no_recursion() -> None:
    names = [f"l{number}" for number in range(10_000)]
    assert place(names, list(pairwise(names)))["l9999"] == (0, 9999 * ROW)


@st.composite
def networks(draw: st.DrawFn, most: int = 14) -> tuple[list[str], Wires]:
    names = [f"l{number}" for number in range(draw(st.integers(2, most)))]
    pairs = st.tuples(st.integers(0, len(names) - 1), st.integers(0, len(names) - 1))
    wires = draw(st.lists(pairs, max_size=2 * len(names), unique=True))
    return names, [(names[a], names[b]) for a, b in wires if a < b]


@settings(max_examples=60, deadline=None)
@given(networks(60))
def test_requirement_8_no_two_layers_overlap_and_the_flow_is_downwards(
    network: tuple[list[str], Wires],
) -> None:
    """Requirement 8, on any network: every layer has its own place, below all that it reads, and always the same."""
    names, wires = network
    found = place(names, wires)
    cards = {name: Rect(x, y, WIDTH, HEIGHT) for name, (x, y) in found.items()}
    assert not overlaps({name: rect.grown(20) for name, rect in cards.items()})
    assert all(found[source][1] < found[target][1] for source, target in wires)
    assert found == place(names, wires)


@settings(max_examples=60, deadline=None)
@given(networks(60))
def test_requirement_12_pills_cover_no_layer_and_no_pill(network: tuple[list[str], Wires]) -> None:
    """Requirement 12, on any network: what pills there are lie in the clear."""
    cards, routes = routed(*network)
    pills = {number: route.pill for number, route in enumerate(routes) if route.pill is not None}
    assert not covered(pills.values(), cards)
    assert not overlaps(pills)


@settings(max_examples=60, deadline=None)
@given(networks(60))
def test_requirement_8_wires_run_through_no_layer(network: tuple[list[str], Wires]) -> None:
    """Requirement 8, on any network: a wire finds a way round all layers."""
    names, wires = network
    cards, routes = routed(names, wires)
    assert not through(dict(zip(wires, routes, strict=True)), cards)


@settings(max_examples=60, deadline=None)
@given(networks())
def test_no_two_wires_share_a_lane(network: tuple[list[str], Wires]) -> None:
    _, routes = routed(*network)
    assert not shared_lanes(routes)


def test_a_skip_leaves_from_the_side_and_keeps_to_its_lane() -> None:
    names = ["in", "conv", "relu", "add"]
    wires = [("in", "conv"), ("conv", "relu"), ("relu", "add"), ("in", "add")]
    _, routes = routed(names, wires)
    assert [route.is_lane for route in routes] == [False, False, False, True]
    lane = routes[3]
    assert lane.points[0] == (WIDTH, HEIGHT / 2)
    assert lane.points[1][0] > WIDTH + 60
    assert lane.pill is not None
    assert lane.pill.x > WIDTH


def test_two_skips_have_lanes_of_their_own() -> None:
    names = ["a", "b", "c", "d", "e"]
    wires = [*pairwise(names), ("a", "d"), ("b", "e")]
    _, routes = routed(names, wires)
    (one, other) = (route.points[-3][0] for route in routes[-2:])
    assert abs(one - other) >= 16
    assert all(route.pill is not None for route in routes)


def test_a_wire_upwards_goes_round() -> None:
    upper, lower = Rect(0, 0, WIDTH, HEIGHT), Rect(0, 200, WIDTH, HEIGHT)
    (route,) = route_all([WireEnds((98, 250), (98, 0), lower, upper, (100, 18))], [upper, lower])
    assert route.is_lane
    assert not [1 for x, y in dense_points(route) if 0 < x < WIDTH and (0 < y < HEIGHT or 200 < y < 250)]
