"""How long laying out and routing take: large networks of the usual kinds, without a window."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from time import process_time

from designer.canvas.arranging.layout import Link, arrange
from designer.canvas.arranging.routing import Router, WireEnds
from designer.canvas.views import Rect

ROW, COLUMN, WIDTH, HEIGHT, PORTS = 96.0, 240.0, 196.0, 50.0, 44.0
LAYERS = 5000
MOVES = 20
Figure = tuple[str, float, str, float | None, bool]


def figures() -> Iterator[Figure]:
    """Seconds of this process: laying out, routing from nothing, and routing again after one layer has moved."""
    for title, names, links in _networks():
        began = process_time()
        places = arrange(names, links, row_pitch=ROW, column_pitch=COLUMN)
        yield f"layout, {title}: {len(names):,} layers", process_time() - began, "s", 1.0, False
        cards = {name: Rect(x, y, WIDTH, HEIGHT) for name, (x, y) in places.items()}
        ends = _ends(links, cards)
        router, began = Router(), process_time()
        router.change(dict(enumerate(ends)), cards)
        yield f"routes, {title}: {len(links):,} wires", process_time() - began, "s", 1.0, False
        yield f"routes, {title}: one layer moved", 1000 * _moved(router, links, cards), "ms", 8.0, False


def _moved(router: Router, links: list[Link], cards: dict[str, Rect]) -> float:
    """The seconds that routing takes after a layer was moved by a step: the median of some."""
    choose, seconds = random.Random(0), list[float]()
    for name in choose.sample(list(cards), MOVES):
        cards[name] = cards[name]._replace(x=cards[name].x + 24)
        ends = _ends(links, cards)
        touched = {n: ends[n] for n, link in enumerate(links) if name in (link.source, link.target)}
        began = process_time()
        router.change(touched, {name: cards[name]})
        seconds.append(process_time() - began)
    return sorted(seconds)[MOVES // 2]


def _ends(links: list[Link], cards: dict[str, Rect]) -> list[WireEnds]:
    many = Counter(link.target for link in links)
    found = []
    for link in links:
        source, target = cards[link.source], cards[link.target]
        into = target.x + WIDTH / 2 + (link.into - (many[link.target] - 1) / 2) * PORTS
        start = source.x + WIDTH / 2, source.bottom
        found.append(WireEnds(start, (into, target.y), source, target, (120.0, 18.0)))
    return found


def _networks() -> Iterator[tuple[str, list[str], list[Link]]]:
    names = [f"l{number}" for number in range(LAYERS)]
    chain = [Link(*pair) for pair in pairwise(names)]
    yield "chain", names, chain
    skips = [Link(names[n], names[n + 4], 0, 1) for n in range(0, LAYERS - 5, 5)]
    yield "residual chain", names, chain + skips
    yield "branches of four", *_branches()
    choose = random.Random(1)
    tangle = [
        Link(names[max(0, n - 1 - int(choose.expovariate(0.2)))], names[n], 0, port)
        for n in range(1, LAYERS)
        for port in range(choose.choice((1, 1, 1, 2)))
    ]
    yield "tangle", names, tangle


def _branches() -> tuple[list[str], list[Link]]:
    names, links = ["start"], list[Link]()
    while len(names) < LAYERS:
        stem, join = names[-1], f"join{len(names)}"
        for branch in range(4):
            upper, lower = f"upper{len(names)}", f"lower{len(names)}"
            names += [upper, lower]
            links += [Link(stem, upper), Link(upper, lower), Link(lower, join, 0, branch)]
        names.append(join)
    return names, links
