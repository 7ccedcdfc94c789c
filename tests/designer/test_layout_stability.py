"""Laying out again after an edit moves what it must: a person finds the rest where it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from designer.canvas.arranging.places import Places, chips, tidy
from designer.theme import load_theme
from graph_ir import edits, templates
from graph_ir.check import check
from graph_ir.graph import Design, Wire

SIZES = load_theme("light").sizes
MOST = 4  # wires of a network that get a layer put into them
SHARE = 0.04  # of the edits, after which more than what is below them may move


def laid_out(design: Design, network: str, known: Places | None = None) -> Places:
    return tidy(design, check(design, network), SIZES, network, known=known)


def chain_wires(design: Design, network: str) -> list[Wire]:
    """Wires whose source has no other reader, and whose target no other source."""
    graph = design.networks[network]
    on_chips = {name for chip in chips(graph, check(design, network)) for name, _ in chip.parts}
    found = [
        wire
        for wire in graph.wires()
        if wire.source not in on_chips
        and len({other.target for other in graph.wires_from(wire.source)}) == 1
        and len({other.source for other in graph.wires_into(wire.target)}) == 1
    ]
    return found[:: max(1, len(found) // MOST)]


def edited(design: Design) -> Iterator[tuple[str, Wire, Places, Places]]:
    """Places before and with one more layer in a wire; it is taken out again, which must bring all of them back."""
    for network in design.networks:
        before = laid_out(design, network)
        for wire in chain_wires(design, network):
            edit = edits.insert_on_wire(design, network, wire, "Identity")
            edits.apply(design, edit)
            after = laid_out(design, network, before)
            edits.apply(design, edit.inverse())
            assert laid_out(design, network, after) == before, (network, wire)
            yield network, wire, before, after


@pytest.mark.parametrize("start", range(0, 88, 8))
def test_a_layer_more_in_a_chain_moves_only_what_is_below_it(start: int) -> None:
    many, strayed = 0, list[object]()
    for name in templates.names()[start : start + 8]:
        design = templates.load(name)
        for network, wire, before, after in edited(design):
            feeds = feeders(design, network)
            row = before[wire.source][1]
            many += 1
            strayed += [
                (name, network, wire, layer)
                for layer, (x, y) in before.items()
                if layer not in feeds and (after[layer][0] != x or (y <= row and after[layer][1] != y))
            ][:1]
    assert many
    assert len(strayed) <= 1 + SHARE * many, strayed


def feeders(design: Design, network: str) -> set[str]:
    """Inputs and what is made of one of them alone: they stand with their reader, wherever that goes."""
    graph, found = design.networks[network], set[str]()
    for name in check(design, network).order:
        sources = {wire.source for wire in graph.wires_into(name)}
        if sources <= found and len({wire.target for wire in graph.wires_from(name)}) == 1:
            found.add(name)
    return found


@pytest.mark.parametrize("network", ["Inception"])
def test_the_order_in_which_a_person_has_put_branches_is_kept(network: str) -> None:
    design = templates.load("inception-block")
    before = laid_out(design, network)
    row = sorted((x, name) for name, (x, y) in before.items() if y == 96)
    (left, one), (right, other) = row[0], row[1]
    swapped = before | {one: (right, 96), other: (left, 96)}
    order = [name for _, name in sorted((laid_out(design, network, swapped)[name], name) for _, name in row)]
    assert order == [name for _, name in row]  # they cross there: the ports of what reads them decide


def test_heads_stay_on_the_side_to_which_a_person_has_put_them() -> None:
    design = templates.load("vgg11")
    before = laid_out(design, "")
    swapped = before | {"out": before["loss"], "loss": before["out"]}
    after = laid_out(design, "", swapped)
    assert (before["out"][0] < before["loss"][0], after["out"][0] > after["loss"][0]) == (True, True)
    assert {name: after[name] for name in ("image", "features", "classifier")} == {
        name: before[name] for name in ("image", "features", "classifier")
    }


def test_the_whole_stays_where_it_was_put() -> None:
    design = templates.load("googlenet")
    moved = {name: (x + 480, y - 240) for name, (x, y) in laid_out(design, "").items()}
    assert laid_out(design, "", moved) == moved
