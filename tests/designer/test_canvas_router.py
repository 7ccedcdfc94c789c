"""A router that is told of changes says what one says that sees everything for the first time."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from designer.canvas.arranging.routing import Router, WireEnds
from designer.canvas.views import Rect
from tests.designer.wire_geometry import shared_lanes, through

WIDTH, HEIGHT, ROW, COLUMN = 196.0, 50.0, 96.0, 240.0
Pairs = dict[int, tuple[int, int]]


class Sheet:
    """Cards at places, and wires between them by their numbers."""

    def __init__(self, places: list[tuple[float, float]], pairs: Pairs) -> None:
        self.cards = {number: Rect(x, y, WIDTH, HEIGHT) for number, (x, y) in enumerate(places)}
        self.pairs = pairs

    def ends(self) -> dict[int, WireEnds]:
        return {key: self._ends(key, *pair) for key, pair in self.pairs.items()}

    def _ends(self, key: int, one: int, other: int) -> WireEnds:
        source, target = self.cards[one], self.cards[other]
        return WireEnds(
            (source.x + WIDTH / 2, source.bottom),
            (target.x + WIDTH / 2 + 22 * (key % 3 - 1), target.y),
            source,
            target,
            (90.0 + 10 * (key % 5), 18.0),
            side_exit=key % 2 == 0,
        )

    def move(self, number: int, x: float, y: float) -> None:
        self.cards[number] = Rect(x, y, WIDTH, HEIGHT)


def fresh(sheet: Sheet) -> Router:
    router = Router()
    router.change(sheet.ends(), dict(sheet.cards))
    return router


cells = st.tuples(st.integers(0, 3), st.integers(0, 5)).map(lambda cell: (cell[0] * COLUMN, cell[1] * ROW))
anywhere = st.tuples(st.integers(-10, 40), st.integers(-4, 30)).map(
    lambda cell: (cell[0] * 24.0, cell[1] * 24.0)
)


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    places = draw(st.lists(cells, min_size=3, max_size=10, unique=True))
    numbers = st.integers(0, len(places) - 1)
    pairs = draw(
        st.lists(st.tuples(numbers, numbers).filter(lambda p: p[0] != p[1]), min_size=2, max_size=14)
    )
    return Sheet(places, dict(enumerate(pairs)))


@settings(max_examples=80, deadline=None)
@given(sheets(), st.data())
def test_after_any_changes_the_routes_are_those_of_a_new_router(sheet: Sheet, data: st.DataObject) -> None:
    router = fresh(sheet)
    for _ in range(data.draw(st.integers(1, 4))):
        before, shown = sheet.ends(), dict(router.routes)
        number = data.draw(st.sampled_from(sorted(sheet.cards)))
        match data.draw(st.sampled_from(["move", "take", "draw"])):
            case "move":
                sheet.move(number, *data.draw(anywhere))
            case "take" if sheet.pairs:
                del sheet.pairs[data.draw(st.sampled_from(sorted(sheet.pairs)))]
            case _:
                other = data.draw(st.sampled_from(sorted(set(sheet.cards) - {number})))
                sheet.pairs[max(sheet.pairs, default=0) + 1] = number, other
        now = sheet.ends()
        gone = dict.fromkeys(before.keys() - now.keys())
        told = router.change(now | gone, dict(sheet.cards))
        assert router.routes == fresh(sheet).routes
        assert told == {key for key in before.keys() | now.keys() if shown.get(key) != router.routes.get(key)}


@settings(max_examples=40, deadline=None)
@given(sheets(), st.data())
def test_cards_come_and_go(sheet: Sheet, data: st.DataObject) -> None:
    router = fresh(sheet)
    place = data.draw(anywhere)
    router.change({}, {"new": Rect(*place, WIDTH, HEIGHT)})
    wanted = Router()
    wanted.change(sheet.ends(), {**sheet.cards, "new": Rect(*place, WIDTH, HEIGHT)})
    assert router.routes == wanted.routes
    router.change({}, {"new": None})
    assert router.routes == fresh(sheet).routes


def test_a_change_concerns_only_what_is_near() -> None:
    chain = Sheet([(0, row * ROW) for row in range(400)], dict(enumerate(pairwise(range(400)))))
    router = fresh(chain)
    chain.move(200, 24, 200 * ROW)
    assert router.change(chain.ends(), dict(chain.cards)) == {199, 200}
    assert router.change(chain.ends(), dict(chain.cards)) == set()


def test_a_wire_runs_through_the_points_that_a_person_has_set() -> None:
    sheet = Sheet([(0, 0), (0, ROW), (0, 2 * ROW)], {0: (0, 1), 1: (0, 2)})
    bends = ((300.0, 60.0), (320.0, 180.0))
    router, ends = Router(), sheet.ends()
    router.change({0: ends[0], 1: replace(ends[1], bends=bends)}, dict(sheet.cards))
    route = router.routes[1]
    assert [point for point in route.points if point in bends] == list(bends)
    assert (route.points[0], route.points[-1]) == (ends[1].start, ends[1].end)
    assert route.pill is not None
    assert router.change({1: ends[1]}) >= {1}
    assert router.routes == fresh(sheet).routes


def test_skips_beside_a_chain_lie_in_each_other_and_cross_nothing() -> None:
    rows = 8
    pairs = dict(enumerate([*pairwise(range(rows)), (2, 5), (1, 6), (0, 7)]))
    sheet = Sheet([(0, row * ROW) for row in range(rows)], pairs)
    ends = {key: replace(wire, side_exit=True) for key, wire in sheet.ends().items()}
    router = Router()
    router.change(ends, dict(sheet.cards))
    routes = [router.routes[key] for key in sorted(pairs)]
    skips = [route.points for route in routes[rows - 1 :]]
    assert {len(points) for points in skips} == {5}  # out of the side, along the lane, and down into the port
    lanes = [points[1][0] for points in skips]
    beside = [[x - WIDTH for x in lanes if x > WIDTH], [-x for x in lanes if x < 0]]
    assert sum(map(len, beside)) == len(skips)
    assert all(distances == sorted(distances) for distances in beside)  # the shortest skip is the innermost
    assert not shared_lanes(routes)
    pills = [(number, route.pill) for number, route in enumerate(routes) if route.pill is not None]
    assert len(pills) == len(routes)
    assert not [
        number
        for number, pill in pills
        for other, points in enumerate(skips, rows - 1)
        if number != other and pill.x < points[1][0] < pill.right and points[1][1] < pill.y < points[2][1]
    ]


def test_one_bend_moves_a_lane_and_its_corners_stay_upright() -> None:
    sheet = Sheet([(0, row * ROW) for row in range(4)], dict(enumerate([*pairwise(range(4)), (0, 3)])))
    ends, router = sheet.ends(), Router()
    skip = replace(ends[3], side_exit=True, bends=((350.0, 200.0),))
    router.change(ends | {3: skip}, dict(sheet.cards))
    route = router.routes[3]
    assert {x for x, _ in route.points[1:-2]} == {350.0}
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(route.points))
    assert not through({("skip", 0): route}, dict(sheet.cards))
