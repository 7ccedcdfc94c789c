"""What a picture shows of a design, whatever language it is written in."""

from __future__ import annotations

from typing import Any

import pytest

from codegen.diagram.cards import Card, Picture
from codegen.diagram.options import SPECS, DiagramOptions, read_section
from codegen.diagram.picture import picture
from graph_ir.graph import Design, Node, Wire
from graph_ir.kinds import BadValue
from graph_ir.templates import load, names
from tests.block_designs import attention_network, siamese, small_resnet
from tests.codegen.diagram_samples import checked, misfit, recurrent, residual
from tests.networks import design


def shown(made: Design, **options: Any) -> Picture:
    return picture(*checked(made), DiagramOptions().replaced(**options))


def card(found: Picture, title: str) -> Card:
    return next(card for card in found.cards if " ".join(card.title) == title)


def titles(found: Picture) -> set[str]:
    return {" ".join(card.title) for card in found.cards}


def arrows(found: Picture) -> dict[tuple[str, str], str]:
    names = {card.name: " ".join(card.title) for card in found.cards}
    return {(names[arrow.source], names[arrow.target]): arrow.label for arrow in found.arrows}


def test_shapes_stand_on_every_card() -> None:
    found = shown(residual())
    assert card(found, "conv1").inputs == ["(N, 1, 8, 8)"]
    assert card(found, "conv1").outputs == ["(N, 16, 8, 8)"]
    assert card(found, "add").inputs == ["x1, x2: (N, 16, 8, 8)"]
    assert card(found, "image").inputs == []
    assert card(found, "scores").outputs == []


def test_training_is_shown_only_when_asked_for() -> None:
    assert titles(shown(residual())).isdisjoint({"label", "loss"})
    found = shown(residual(), show_training=True)
    assert {"label", "loss"} <= titles(found)
    assert arrows(found)["fc", "loss"] == "input"
    assert arrows(found)["label", "loss"] == "target"
    assert card(found, "label").type == "Input, target"


def test_lengths_are_shown_only_when_asked_for() -> None:
    made = load("digit-strings")
    assert "label_count" not in titles(shown(made))
    assert card(shown(made, show_training=True), "label_count").type == "Input, lengths"


def test_a_label_stands_instead_of_the_id() -> None:
    made = residual()
    made.top.replace(Node("add", "Add", {}, "skip connection"))
    assert "skip connection" in titles(shown(made))
    assert "add" not in titles(shown(made))


def test_the_only_output_in_use_needs_no_name_unless_it_is_not_the_first() -> None:
    made = recurrent()
    made.top.remove_wire(Wire("lstm", "y", "attend", "key"))
    made.top.remove_wire(Wire("lstm", "y", "attend", "value"))
    found = shown(made)
    assert card(found, "lstm").outputs == ["last: (N, 64)"]
    assert arrows(found)["lstm", "query"] == ""


def test_several_outputs_in_use_are_named_on_their_wires() -> None:
    found = shown(recurrent())
    assert card(found, "lstm").outputs == ["y: (N, T, 64)", "last: (N, 64)"]
    assert arrows(found)["lstm", "query"] == "last"
    assert arrows(found)["lstm", "attend"] == "y → key, value"
    assert arrows(found)["query", "attend"] == "query"


def test_activations_move_into_the_layer_they_follow() -> None:
    found = shown(residual(), show_layer_activations=True)
    assert titles(found).isdisjoint({"relu1", "relu2"})
    assert card(found, "norm1").activations == ["ReLU"]
    assert ("norm1", "conv2") in arrows(found)
    assert ("norm1", "add") in arrows(found)


def test_an_activation_whose_layer_is_read_elsewhere_too_stays_apart() -> None:
    made = residual()
    made.top.add_wire(Wire("norm1", "y", "add", "x3"))
    assert "relu1" in titles(shown(made, show_layer_activations=True))


@pytest.mark.parametrize(
    ("option", "row"),
    [
        ("show_dtype", "dtype"),
        ("show_parameters", "parameters"),
        ("show_fields", "fields"),
        ("show_trainable", "trainable"),
    ],
)
def test_rows_are_there_only_when_asked_for(option: str, row: str) -> None:
    assert not getattr(card(shown(residual()), "conv1"), row)
    assert getattr(card(shown(residual(), **{option: True}), "conv1"), row)


def test_rows_say_what_the_check_knows() -> None:
    options = dict.fromkeys(("show_dtype", "show_parameters", "show_fields", "show_trainable"), True)
    found = card(shown(residual(), **options), "conv2")
    assert found.dtype == "float32"
    assert found.parameters == 16 * 16 * 9 + 16
    assert found.trainable is False
    assert found.fields == ["out_channels=16, kernel_size=3, padding=1"]
    assert card(shown(residual(), **options), "flat").trainable is None


def test_names_and_shapes_can_be_left_out() -> None:
    found = shown(residual(), show_layer_names=False, show_shapes=False)
    assert all(not card.title and not card.inputs and not card.outputs for card in found.cards)


def test_a_misfit_is_marked_on_its_wire_and_told_on_its_card() -> None:
    found = shown(misfit())
    bad = [arrow for arrow in found.arrows if arrow.misfit]
    names = {card.name: " ".join(card.title) for card in found.cards}
    assert [(names[arrow.source], names[arrow.target]) for arrow in bad] == [("relu1", "add")]
    assert "(N, 32, 8, 8)" in " ".join(card(found, "add").problem)
    assert card(found, "add").outputs == ["?"]
    assert card(found, "relu2").inputs == ["?"]


def test_a_cycle_is_drawn_and_told() -> None:
    made = design(
        {"a": {"type": "ReLU"}, "b": {"type": "ReLU"}, "c": {"type": "ReLU"}}, ["a -> b", "b -> a", "b -> c"]
    )
    for options in ({}, {"show_layer_activations": True}):
        found = shown(made, **options)
        assert titles(found) == {"a", "b", "c"}
        assert "circle" in " ".join(line for entry in found.cards for line in entry.problem)


def test_an_unknown_type_and_a_missing_field_are_drawn() -> None:
    found = shown(design({"a": {"type": "Dense", "units": 3}, "b": {"type": "Conv2d"}}, ["a -> b"]))
    assert card(found, "a").type == "Dense"
    assert card(found, "a").category == ""
    assert "Dense" in " ".join(card(found, "a").problem)
    assert "out_channels" in " ".join(card(found, "b").problem)


def test_an_empty_design_is_an_empty_picture() -> None:
    assert shown(Design()) == Picture([], (), ())


@pytest.mark.parametrize("name", names())
def test_every_template_leads_from_data_to_outputs(name: str) -> None:
    made, report = checked(load(name))
    found = picture(made, report, DiagramOptions())
    hidden = {id for id in report.layers if report.role_of(id) in ("target", "lengths")} | {
        *report.training_only
    }
    drawn = [entry.node for id, entry in report.layers.items() if id not in hidden]
    assert titles(found) == {node.label or node.id for node in drawn}
    reached = {arrow.target for arrow in found.arrows} | {arrow.source for arrow in found.arrows}
    assert reached == {card.name for card in found.cards}


def test_options_are_those_of_keras_and_ours() -> None:
    keras = {
        *("show_shapes", "show_dtype", "show_layer_names", "rankdir", "expand_nested", "dpi"),
        *("show_layer_activations", "show_trainable"),
    }
    assert keras <= SPECS.keys()
    assert all(spec.help and spec.kind.accepts(spec.default) for spec in SPECS.values())


def test_options_go_through_the_section_of_a_design() -> None:
    options = DiagramOptions().replaced(rankdir="LR", dpi=300, show_dtype=True, width=8)
    assert options.section() == {"rankdir": "LR", "dpi": 300, "show_dtype": True, "width": 8.0}
    assert read_section(options.section()) == (options, [])
    assert DiagramOptions().section() == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rankdir", "down"),
        ("rankdir", 1),
        ("dpi", "200"),
        ("dpi", 0),
        ("dpi", 1e9),
        ("show_dtype", 1),
        ("width", -1),
        ("theme", None),
        ("width", [1]),
    ],
)
def test_a_bad_value_is_one_sentence(name: str, value: Any) -> None:
    options, problems = read_section({name: value, "show_title": True, "mine": 1})
    assert options == DiagramOptions(show_title=True)
    assert len(problems) == 1
    assert name in problems[0]
    assert "\n" not in problems[0]
    with pytest.raises(BadValue, match=name):
        DiagramOptions().replaced(**{name: value})


def test_a_use_of_a_block_is_one_card_that_says_what_holds_of_it() -> None:
    assert card(shown(small_resnet()), "layer2").type == "Residual × 3"
    assert card(shown(attention_network()), "sentence").type == "Encoder, each step"
    assert {card(shown(siamese()), f"encode_{side}").type for side in ("left", "right")} == {"Tower, shared"}
    fields = card(shown(small_resnet(), show_fields=True), "layer2").fields
    assert fields == ["channels=32, stride=2 if i == 0 else 1"]
    assert shown(small_resnet()).frames == ()


def frames(found: Picture) -> dict[str, str]:
    return {" ".join(frame.title): frame.type for frame in found.frames}


def inside(found: Picture, frame: str) -> list[str]:
    (chosen,) = [each for each in found.frames if " ".join(each.title) == frame]
    return [" ".join(item.title) for item in chosen.inside]


def test_equal_repetitions_are_drawn_once_and_others_apart() -> None:
    found = shown(small_resnet(), expand_nested=True)
    assert frames(found) == {
        "layer1[0–2]": "Residual × 3",
        "layer2[0]": "Residual",
        "project": "Projection",
        "layer2[1–2]": "Residual × 2",
    }
    assert "project" in inside(found, "layer2[0]")
    assert inside(found, "layer2[1–2]") == ["conv1", "norm1", "relu1", "conv2", "norm2", "add", "relu2"]


def test_wires_run_through_the_ports_of_a_block_to_what_is_inside() -> None:
    found = shown(small_resnet(), expand_nested=True)
    names = {item.name: " ".join(item.title) for item in found.cards}
    first = next(arrow for arrow in found.arrows if names[arrow.source] == "relu").source
    assert [names[arrow.target] for arrow in found.arrows if arrow.source == first] == ["conv1", "add"]
    into_add = [names[arrow.source] for arrow in found.arrows if names[arrow.target] == "add"]
    assert into_add == ["norm2", "relu", "norm2", "norm", "norm2", "relu2"]
    held = {" ".join(frame.title): {item.name for item in frame.inside} for frame in found.frames}
    (through,) = {arrow.source for arrow in found.arrows if arrow.target in held["layer2[1–2]"]} - held[
        "layer2[1–2]"
    ]
    assert through in held["layer2[0]"]
    (before_pool,) = [names[arrow.source] for arrow in found.arrows if names[arrow.target] == "gap"]
    assert before_pool == "relu2"


def test_an_error_inside_a_block_stands_at_the_use_and_inside_it() -> None:
    made = small_resnet()
    made.networks["Residual"].replace(Node("relu1", "Linear", {"out_features": 7}))
    assert card(shown(made), "layer1").problem
    found = shown(made, expand_nested=True)
    wrong = {" ".join(each.title) for each in found.cards if each.problem}
    assert wrong == {"add"}


def test_a_use_that_is_wrong_itself_stays_closed() -> None:
    made = siamese()
    made.top.replace(
        Node("encode_right", "Block", {"block": "Tower", "parameters": {"size": 3}, "weights": "tower"})
    )
    found = shown(made, expand_nested=True)
    assert frames(found) == {"encode_left": "Tower, shared"}
    assert "differ" in " ".join(card(found, "encode_right").problem)


def test_a_block_that_leaves_everything_as_it_is_draws_nothing() -> None:
    made = small_resnet()
    for id in made.networks["Projection"].ids():
        if id not in ("x", "y"):
            made.networks["Projection"].remove(id)
    made.networks["Projection"].add_wire(Wire("x", "y", "y", "x"))
    made.top.replace(Node("layer1", "Block", {"block": "Projection", "parameters": {"channels": 3}}))
    found = shown(made, expand_nested=True)
    assert list(frames(found)) == ["layer2[0]"]
    names = {item.name: " ".join(item.title) for item in found.cards}
    assert [names[arrow.target] for arrow in found.arrows if names[arrow.source] == "relu"] == [
        "conv1",
        "add",
    ]
