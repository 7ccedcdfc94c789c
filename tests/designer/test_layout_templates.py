"""The automatic layout and the wires of every template and of every block in it, as the canvas shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from designer.canvas.arranging.places import Places, tidy
from designer.canvas.project import project
from designer.canvas.scene import CanvasScene
from designer.canvas.views import Rect
from designer.theme import Theme, load_fonts, load_theme
from graph_ir import templates
from graph_ir.check import check
from graph_ir.graph import Design
from tests.designer.wire_geometry import covered, overlaps, shared_lanes, through

ALL = templates.names()


@pytest.fixture(scope="module")
def theme(qapp: object) -> Theme:
    load_fonts()
    return load_theme("light")


def scenes(design: Design, theme: Theme, tidied: bool) -> Iterator[tuple[str, CanvasScene]]:
    for network in design.networks:
        report = check(design, network)
        view = project(design, report, theme.sizes, network)
        if tidied:
            places: Places = tidy(design, report, theme.sizes, network)
            view = replace(view, cards=tuple(replace(card, position=places[card.id]) for card in view.cards))
        scene = CanvasScene(theme)
        scene.show_canvas(view)
        yield network, scene


def faults(scene: CanvasScene) -> dict[str, object]:
    """All that must not be in a picture at 100 %."""
    rects: dict[str, Rect] = {name: card.rect() for name, card in scene.cards.items()}
    rects |= {f"chip of {name}": chip.rect() for name, chip in scene.chips.items()}
    pills = {key: route.pill for key, route in scene.routes.items() if route.pill is not None}
    wanted = {
        (wire.source, wire.target[0]) for wire in scene.view.wires if wire.axes
    }  # wires side by side share one
    shown = {(source, target[0]) for source, target in pills}
    return {
        "layers overlap": overlaps(rects),
        "wires through layers": through(scene.routes, rects),
        "wires without a pill": sorted(wanted - shown),
        "pills over layers": covered(pills.values(), rects),
        "pills over pills": overlaps(pills),
        "wires on wires": shared_lanes(list(scene.routes.values())),
    }


@pytest.mark.parametrize("tidied", [True, False], ids=["tidied", "as shipped"])
@pytest.mark.parametrize("name", ALL)
def test_requirements_8_and_12_nothing_covers_anything(name: str, tidied: bool, theme: Theme) -> None:
    """Requirements 8 and 12: no layer over a layer, no wire through one, a pill on every wire and each in the clear."""
    for network, scene in scenes(templates.load(name), theme, tidied):
        found = {fault: what for fault, what in faults(scene).items() if what}
        assert not found, (network, found)


@pytest.mark.parametrize("name", ["vgg16", "resnet18", "googlenet", "lenet5", "digits-lstm", "line-ctc"])
def test_a_chain_is_straight_whatever_else_its_layers_could_give(name: str, theme: Theme) -> None:
    """Every wire between two layers of one input and one output in use runs straight down."""
    for network, scene in scenes(templates.load(name), theme, True):
        ins = Counter(wire.target[0] for wire in scene.view.wires)
        outs = Counter(wire.source[0] for wire in scene.view.wires)
        chain = [w for w in scene.view.wires if outs[w.source[0]] == 1 and ins[w.target[0]] == 1]
        assert chain, network
        bent = [w.key for w in chain if len({x for x, _ in scene.routes[w.key].points}) > 1]
        assert not bent, (network, bent)
