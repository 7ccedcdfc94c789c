"""The list of layers to add (requirements 1 and 2), under real keys and mouse events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.canvas.adding.offers import hits
from designer.canvas.adding.quick_add import QuickAdd
from designer.canvas.adding.search import Fit, Hit, find
from designer.canvas.adding.typed import split, with_values
from designer.canvas.painting.card_item import Side
from designer.canvas.view import Canvas
from designer.design_page import DesignPage
from graph_ir.check import check
from graph_ir.edits import add_layer, apply
from graph_ir.graph import BLOCK, Design, Graph, Node
from graph_ir.kinds import is_expression
from graph_ir.layers import catalogue
from tests.designer.pages import a_page, graph, state, undo_all
from tests.designer.windows import a_window, use_template

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
ENTER = Qt.Key.Key_Return
COMMON = [type for type, cls in catalogue().items() if cls.spec.common]
# The four letters of a common layer whose first four begin another one's name just as well.
LETTERS = {"Conv1d": "con1", "BatchNorm1d": "bn1"}
OTHER_NAMES = {
    "Dense": "Linear",
    "Conv2D": "Conv2d",
    "GlobalAveragePooling2D": "AdaptiveAvgPool2d",
    "MaxPooling1D": "MaxPool1d",
    "BatchNormalization": "BatchNorm2d",
    "Concatenate": "Concat",
    "SimpleRNN": "RNN",
    "SparseCategoricalCrossentropy": "CrossEntropyLoss",
    "Conv2DTranspose": "ConvTranspose2d",
    "swish": "SiLU",
    "residual": "Add",
    "average": "Average",
    "positional encoding": "SinusoidalPositions",
    "skip connection": "Add",
    "Bidirectional": "LSTM",
    "TimeDistributed": "Linear",
    "Activation": "ReLU",
    "normalize": "BatchNorm2d",
    "normalise": "BatchNorm2d",
    "batch normalisation": "BatchNorm2d",
}


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[DesignPage]:
    with a_page(qtbot) as made:
        made.canvas.setFocus()
        yield made


@pytest.fixture
def chain(page: DesignPage) -> Canvas:
    """input1 → conv1, which is selected."""
    document = page.canvas.document
    document.add_layer("", "Input")
    document.add_layer("", "Conv2d", after=("input1", "y"))
    document.undo_stack.clear()
    page.canvas.select(["conv1"])
    return page.canvas


def listed(canvas: Canvas) -> QuickAdd:
    return canvas.adder.list


def ask(canvas: Canvas, letters: str) -> list[Hit]:
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    QTest.keyClicks(listed(canvas).field, letters)
    return listed(canvas).shown()


def add(canvas: Canvas, letters: str, held: Qt.KeyboardModifier = NONE) -> None:
    ask(canvas, letters)
    QTest.keyClick(listed(canvas).field, ENTER, held)


def empty(canvas: Canvas) -> QPoint:
    spot = QPoint(24, canvas.viewport().height() - 24)
    assert canvas.canvas_scene.card_at(canvas.mapToScene(spot)) is None
    return spot


# Requirement 1: the search


def ways(canvas: Canvas) -> dict[str, Callable[[], None]]:
    return {
        "space": lambda: QTest.keyClick(canvas, Qt.Key.Key_Space),
        "double click": lambda: QTest.mouseDClick(canvas.viewport(), LEFT, NONE, empty(canvas)),
        "right click": lambda: QTest.mouseClick(canvas.viewport(), RIGHT, NONE, empty(canvas)),
        "command": canvas.open_search,
    }


@pytest.mark.parametrize("way", ["space", "double click", "right click", "command"])
def test_requirement_1_every_way_opens_the_same_search(chain: Canvas, way: str) -> None:
    ways(chain)[way]()
    assert listed(chain).isVisible()
    assert listed(chain).field.hasFocus()
    assert {hit.type for hit in listed(chain).shown()} >= set(catalogue())
    QTest.keyClick(listed(chain).field, Qt.Key.Key_Escape)
    assert listed(chain).isHidden()
    assert chain.hasFocus()


def test_requirement_1_space_opens_on_release_and_tab_stays_traversal(chain: Canvas) -> None:
    QTest.keyPress(chain, Qt.Key.Key_Space)
    assert listed(chain).isHidden()
    QTest.keyRelease(chain, Qt.Key.Key_Space)
    assert listed(chain).isVisible()
    QTest.keyClick(listed(chain).field, Qt.Key.Key_Escape)
    QTest.keyClick(chain, Qt.Key.Key_Tab)
    assert listed(chain).isHidden()
    assert not chain.hasFocus()


@pytest.mark.parametrize("type", COMMON)
def test_requirement_1_four_letters_and_enter_add_a_common_layer(page: DesignPage, type: str) -> None:
    canvas = page.canvas
    letters = LETTERS.get(type, type[:4])
    assert len(letters) <= 4
    add(canvas, letters)
    assert graph(page).node(canvas.selected()[0]).type == type


def test_requirement_1_what_is_added_is_wired_behind_the_selection_and_selected(chain: Canvas) -> None:
    before = state_of(chain)
    add(chain, "relu")
    assert chain.selected() == ["relu1"]
    assert [tuple(wire) for wire in chain.graph.wires_into("relu1")] == [("conv1", "y", "relu1", "x")]
    assert chain.document.undo_stack.count() == 1
    chain.document.undo_stack.undo()
    assert state_of(chain) == before


def state_of(canvas: Canvas) -> tuple[object, ...]:
    graph = canvas.graph
    return (list(graph), sorted(graph.wires()), canvas.document.undo_stack.index())


def test_requirement_1_every_hit_has_one_line_and_a_signature(chain: Canvas) -> None:
    for hit in ask(chain, ""):
        assert hit.summary
        assert "\n" not in hit.summary
        assert "→" in hit.signature


@pytest.mark.parametrize(("query", "type"), OTHER_NAMES.items())
def test_requirement_1_other_names_find_the_layer(page: DesignPage, query: str, type: str) -> None:
    assert ask(page.canvas, query)[0].type == type


def test_requirement_1_linear_behind_an_image_brings_flatten_in_one_step_and_says_so(
    qtbot: QtBot, chain: Canvas
) -> None:
    with qtbot.waitSignal(chain.status) as told:
        add(chain, "linear")
    assert "Flatten" in told.args[0]
    assert [wire.source for wire in chain.graph.wires_into("linear1")] == ["flatten1"]
    assert chain.document.undo_stack.count() == 1
    chain.document.undo_stack.undo()
    assert chain.graph.ids() == ["input1", "conv1"]
    chain.select(["conv1"])
    add(chain, "linear", SHIFT)
    assert [wire.source for wire in chain.graph.wires_into("linear1")] == ["conv1"]
    assert "flatten1" not in chain.graph


@pytest.mark.parametrize("shape", [["N", 8, 20], ["N", 8, 20, 20], ["N", 8, 20, 20, 20]])
def test_requirement_1_start_values_keep_the_size(shape: list[object]) -> None:
    rank = len(shape) - 2
    tried = [f"{stem}{rank}d" for stem in ("Conv", "DepthwiseConv", "SeparableConv")]
    for type in set(tried) & set(catalogue()):
        design = Design()
        apply(design, add_layer(design, "", "Input", values={"shape": shape}))
        apply(design, add_layer(design, "", type, after=("input1", "y")))
        given = check(design).layers[design.top.ids()[-1]].outputs["y"].shape
        assert list(map(str, given[2:])) == list(map(str, shape[2:])), type


@pytest.mark.parametrize(("query", "roles"), [("cross", ["target"]), ("ctcl", ["lengths", "target"])])
def test_requirement_1_a_loss_brings_what_it_compares_with_as_a_chip(
    page: DesignPage, query: str, roles: list[str]
) -> None:
    canvas = page.canvas
    canvas.document.add_layer("", "Input", values={"shape": ["N", "T", 12]})
    canvas.select(["input1"])
    add(canvas, query)
    (loss,) = canvas.selected()
    brought = [wire.source for wire in canvas.graph.wires_into(loss) if wire.source != "input1"]
    assert sorted(str(canvas.report.role_of(id)) for id in brought) == sorted(roles)
    (chip,) = canvas.canvas_scene.chips.values()
    assert {name for name, _ in chip.view.parts} == set(brought)
    assert not set(brought) & set(canvas.canvas_scene.cards)
    assert canvas.document.undo_stack.count() == 2, "one step for the Input, one for the loss"


def test_requirement_1_the_palette_shows_the_common_layers_and_the_rest_under_all(page: DesignPage) -> None:
    palette = page.palette_panel
    assert set(palette.shown()) == set(COMMON)
    assert len(COMMON) <= 30
    QTest.mouseClick(palette._all, LEFT)
    assert set(palette.shown()) == set(catalogue())


def test_the_palette_takes_values_behind_a_name_as_well(page: DesignPage) -> None:
    field = page.palette_panel.field
    QTest.keyClicks(field, "linear 10")
    assert page.palette_panel.shown()[0] == "Linear"
    QTest.keyClick(field, ENTER)
    assert graph(page).node("linear1").values["out_features"] == 10
    QTest.keyClicks(field, " 20 30 40 50")
    QTest.keyClick(field, ENTER)
    assert "has no field left" in page.palette_panel.nothing.text()
    assert page.palette_panel.nothing.isVisible()
    assert len(graph(page)) == 1
    field.clear()
    assert page.palette_panel.nothing.isHidden()


# Requirement 2: a wire released on empty canvas


def drag_out(canvas: Canvas, name: str, side: Side, port: str) -> None:
    start = canvas.mapFromScene(canvas.canvas_scene.port_point(name, side, port))
    spot, view = empty(canvas), canvas.viewport()
    QTest.mousePress(view, LEFT, NONE, start)
    for share in (0.3, 0.7, 1.0):
        QTest.mouseMove(
            view,
            QPoint(
                *(round(a + (b - a) * share) for a, b in zip(start.toTuple(), spot.toTuple(), strict=True))
            ),
        )
    QTest.mouseRelease(view, LEFT, NONE, spot)


def test_requirement_2_a_wire_let_go_on_nothing_lists_what_fits_then_adapted_then_refused(
    chain: Canvas,
) -> None:
    chain.fit_all()
    drag_out(chain, "conv1", "outputs", "y")
    shown = listed(chain).shown()
    assert [hit.fit for hit in shown] == sorted(hit.fit for hit in shown)
    by_type = {hit.type: hit for hit in shown}
    assert by_type["MaxPool2d"].fit is Fit.FITS
    assert (by_type["Linear"].fit, by_type["Linear"].note) == (
        Fit.ADAPTED,
        "after a Flatten, which comes with it",
    )
    for type in ("LSTM", "Conv1d", "Input"):
        assert by_type[type].fit is Fit.REFUSED
        assert len(by_type[type].note.split()) > 4, "a reason in words"
    QTest.keyClicks(listed(chain).field, "lstm")
    QTest.keyClick(listed(chain).field, ENTER)
    assert listed(chain).isVisible(), "what does not fit is said, not added"
    assert listed(chain).hint.text() == by_type["LSTM"].note
    assert len(chain.graph) == 2
    listed(chain).field.clear()
    QTest.keyClicks(listed(chain).field, "maxp")
    QTest.keyClick(listed(chain).field, ENTER)
    assert [wire.source for wire in chain.graph.wires_into("maxpool1")] == ["conv1"]


def test_requirement_2_a_wire_drawn_from_an_input_lists_what_could_feed_it(page: DesignPage) -> None:
    canvas = page.canvas
    canvas.document.add_layer("", "Conv2d")
    canvas.fit_all()
    drag_out(canvas, "conv1", "inputs", "x")
    shown = listed(canvas).shown()
    assert [hit.fit for hit in shown] == sorted(hit.fit for hit in shown)
    by_type = {hit.type: hit for hit in shown}
    assert by_type["MaxPool2d"].fit is Fit.FITS
    assert by_type["Input"].fit is Fit.FITS
    assert by_type["LSTM"].fit is Fit.REFUSED
    assert by_type["LSTM"].note == "`x` of Conv2d takes 4 axes, LSTM gives 3"
    assert by_type["CrossEntropyLoss"].fit is not Fit.REFUSED or by_type["CrossEntropyLoss"].note
    QTest.keyClicks(listed(canvas).field, "inpu")
    QTest.keyClick(listed(canvas).field, ENTER)
    assert [wire.source for wire in canvas.graph.wires_into("conv1")] == ["input1"]


def test_requirement_2_what_begins_a_network_says_what_is_to_be_set(page: DesignPage) -> None:
    canvas = page.canvas
    canvas.document.add_layer("", "Conv1d")
    offers = {hit.type: hit for hit in hits(canvas.document.design, canvas.report, target=("conv1", "x"))}
    assert offers["Input"].fit is Fit.ADAPTED
    assert offers["Input"].note.startswith("set its fields then")
    assert offers["Output"].fit is Fit.FITS or "no output" in offers["Output"].note


# Values behind the name


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("conv2d 64 k5 s2", {"out_channels": 64, "kernel_size": 5, "stride": 2, "padding": 2}),
        ("conv2d 64 3 p0", {"out_channels": 64, "kernel_size": 3, "padding": 0}),
        ("conv 2d 48", {"out_channels": 48, "kernel_size": 3, "padding": 1}),
        (
            "conv2d k3x5 bias=no",
            {"out_channels": 32, "kernel_size": [3, 5], "padding": [1, 2], "bias": False},
        ),
        ("conv2d =2*width", {"out_channels": "=2*width", "kernel_size": 3, "padding": 1}),
        ("linear 10", {"out_features": 10}),
        ("dropout .3", {"p": 0.3}),
        ("dropout p=0.3", {"p": 0.3}),
        ("input 1 28 28", {"shape": ["N", 1, 28, 28]}),
        ("input 1x28x28", {"shape": ["N", 1, 28, 28]}),
        ("input B T 40", {"shape": ["B", "T", 40]}),
        ("maxpool2d 3 2", {"kernel_size": 3, "stride": 2}),
        ("permute 0 2 1", {"dims": [0, 2, 1]}),
        ("lstm 128 num_l=2", {"hidden_size": 128, "num_layers": 2}),
        ("multihead h8", {"num_heads": 8}),
    ],
)
def test_values_may_follow_the_name(page: DesignPage, query: str, values: dict[str, object]) -> None:
    add(page.canvas, query)
    made = graph(page).node(page.canvas.selected()[0]).values
    assert {name: made.get(name) for name in values} == values


def test_typed_values_stand_in_the_list_as_they_will_on_the_card(page: DesignPage) -> None:
    assert ask(page.canvas, "conv2d 64 k5 s2")[0].typed == "64 · 5×5 · stride 2 · padding 2"
    listed(page.canvas).field.clear()
    QTest.keyClicks(listed(page.canvas).field, "inception 16")
    assert listed(page.canvas).shown()[0].typed == "width 16"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("conv2d 64 k5 z9", "has no field that begins with `z`"),
        ("relu 3", "has no field left for `3`"),
        ("dropout p=7", "must be"),
        ("linear 0", "must be"),
        ("dropout 2", "must be"),
        ("linear out_features=0", "must be"),
    ],
)
def test_a_value_that_no_field_takes_is_said_and_nothing_is_added(
    page: DesignPage, query: str, reason: str
) -> None:
    add(page.canvas, query)
    assert reason in listed(page.canvas).hint.text()
    assert listed(page.canvas).field.text() == query
    assert len(graph(page)) == 0


@pytest.mark.parametrize("query", ["", " ", "conv 2d", "max pool2", "=", "1", "k5", "conv2d k", "a b c d"])
def test_what_holds_no_values_stays_a_name(query: str) -> None:
    assert split(query) == (query, ())


@pytest.mark.parametrize(
    "words",
    [
        ["64"],
        ["=2*width"],
        ["k5", "s2"],
        ["3x5"],
        ["0"],
        ["-1"],
        ["1e300"],
        ["x=y"],
        ["T", "8"],
        ["9" * 30, "1,2"],
    ],
)
def test_whatever_is_typed_is_a_value_that_a_file_may_hold_or_a_sentence(words: list[str]) -> None:
    for hit in offers():
        made = with_values(hit, words)
        if made.fit is Fit.REFUSED:
            assert made.note
            assert made.note == made.note.strip()
            continue
        fields = {} if hit.block else catalogue()[hit.type].spec.fields
        for name, raw in made.values.items() if not hit.block else ():
            assert is_expression(raw) or fields[name].kind.accepts(raw), (hit.type, name, raw)


# The list itself


def test_ctrl_enter_adds_and_asks_for_the_next(page: DesignPage) -> None:
    canvas = page.canvas
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    for letters in ("inpu", "conv", "relu"):
        QTest.keyClicks(listed(canvas).field, letters)
        QTest.keyClick(listed(canvas).field, ENTER, CTRL)
        assert listed(canvas).isVisible()
        assert listed(canvas).field.text() == ""
    assert [node.type for node in canvas.graph] == ["Input", "Conv2d", "ReLU"]
    assert canvas.report.ok
    assert canvas.document.undo_stack.count() == 3


def test_the_detail_tells_what_would_come_out_and_leaves_no_trace(qtbot: QtBot, chain: Canvas) -> None:
    before, changes = state_of(chain), chain.document.changes
    report = chain.document.report
    ask(chain, "conv2d 64 s2")
    detail = listed(chain).detail
    assert detail.name.text() == "Conv2d"
    qtbot.waitUntil(lambda: detail.result.text() == "y → N · C64 · H14 · W14")
    assert detail.along.text() == "+18,496 parameters"
    listed(chain).field.clear()
    QTest.keyClicks(listed(chain).field, "linear 10")
    qtbot.waitUntil(lambda: "flatten1" in detail.along.text())
    assert detail.result.text() == "y → N · F10"
    listed(chain).field.clear()
    QTest.keyClicks(listed(chain).field, "lstm")
    qtbot.waitUntil(lambda: detail.heading.text() == "Does not fit here")
    assert (state_of(chain), chain.document.changes) == (before, changes)
    assert chain.document.report is report


def test_a_name_that_is_nowhere_is_said(page: DesignPage) -> None:
    assert ask(page.canvas, "qqqq") == []
    assert "No layer is called “qqqq”" in listed(page.canvas).hint.text()
    QTest.keyClick(listed(page.canvas).field, ENTER)
    assert len(graph(page)) == 0


def test_a_click_chooses_and_page_keys_go_far(chain: Canvas) -> None:
    ask(chain, "norm")
    view, wanted = listed(chain).list, listed(chain).shown()[2]
    QTest.keyClick(listed(chain).field, Qt.Key.Key_PageDown)
    assert view.currentIndex().row() > 3
    QTest.mouseClick(view.viewport(), LEFT, NONE, view.visualRect(listed(chain).model.index(2)).center())
    assert chain.graph.node(chain.selected()[0]).type == wanted.type


def test_in_a_narrow_window_the_list_stands_alone_is_seen_whole_and_tells_the_result_below(
    qtbot: QtBot, page: DesignPage
) -> None:
    page.resize(700, 600)
    page.sides.setSizes([150, 300, 250])
    page.canvas.document.add_layer("", "Input")
    page.canvas.select(["input1"])
    ask(page.canvas, "linear 10")
    assert page.canvas.viewport().rect().contains(listed(page.canvas).geometry())
    assert listed(page.canvas).detail.isHidden()
    outcome = listed(page.canvas).outcome
    assert outcome.isVisible()
    qtbot.waitUntil(lambda: outcome.text().startswith("→ N · F10   +7,850 parameters"))


@pytest.mark.parametrize("size", [(1440, 900), (1366, 768), (1280, 800)])
def test_the_list_does_not_cover_the_layer_it_adds_behind(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as window:
        window.resize(*size)
        use_template(window, "digits")
        window.design.show_all()
        qtbot.wait(30)
        canvas = window.design.canvas
        for layer in ("image", "relu3", "fc"):
            canvas.select([layer], reveal=True)
            canvas.setFocus()
            ask(canvas, "")
            area, shown = canvas.area_in_window(layer), listed(canvas).geometry()
            assert not area.intersects(shown)
            assert canvas.viewport().rect().contains(shown)
            QTest.keyClick(listed(canvas).field, Qt.Key.Key_Escape)


def test_what_was_used_last_comes_before_its_equals(page: DesignPage) -> None:
    canvas = page.canvas
    first, second = (hit.type for hit in ask(canvas, "hard")[:2])
    QTest.keyClick(listed(canvas).field, Qt.Key.Key_Down)
    QTest.keyClick(listed(canvas).field, ENTER)
    assert graph(page).node(canvas.selected()[0]).type == second
    canvas.select([])
    assert [hit.type for hit in ask(canvas, "hard")[:2]] == [second, first]


# Blocks that come with the program


def test_a_block_of_the_library_is_added_with_its_network_as_one_step(page: DesignPage) -> None:
    canvas = page.canvas
    canvas.document.add_layer("", "Input", values={"shape": ["N", 32, 16, 16]})
    before = state(page)
    canvas.select(["input1"])
    add(canvas, "inception")
    design = canvas.document.design
    assert list(design.networks) == ["", "ConvReLU", "Inception"]
    (use,) = canvas.selected()
    assert graph(page).node(use).type == BLOCK
    assert canvas.report.layers[use].outputs["y"].shape[1:] == (96, 16, 16)
    add(canvas, "inception")
    assert list(design.networks) == ["", "ConvReLU", "Inception"], "the same block once"
    undo_all_but_first(canvas)
    assert state(page) == before


def undo_all_but_first(canvas: Canvas) -> None:
    while canvas.document.undo_stack.index() > 1:
        canvas.document.undo_stack.undo()


def test_a_block_whose_name_is_taken_gets_another(page: DesignPage) -> None:
    canvas = page.canvas
    other = Graph()
    other.add(Node("x", "Input"))
    design = canvas.document.design.copy()
    design.networks["Inception"] = other
    canvas.document.load(design)
    canvas.document.add_layer("", "Input", values={"shape": ["N", 32, 16, 16]})
    canvas.select(["input1"])
    add(canvas, "inception block")
    assert graph(page).node(canvas.selected()[0]).values["block"] == "Inception2"
    assert canvas.report.layers[canvas.selected()[0]].outputs["y"].shape[1] == 96
    undo_all(page)
    assert set(canvas.document.design.networks) == {"", "Inception"}


def test_values_behind_the_name_of_a_block_are_its_parameters(page: DesignPage) -> None:
    canvas = page.canvas
    canvas.document.add_layer("", "Input", values={"shape": ["N", 32, 16, 16]})
    canvas.select(["input1"])
    add(canvas, "inception 16")
    use = canvas.selected()[0]
    assert graph(page).node(use).values["parameters"] == {"width": 16}
    canvas.select(["input1"])
    add(canvas, "inception 16 17")
    assert "no parameter left for `17`" in listed(canvas).hint.text()


# The search by itself


def offers() -> list[Hit]:
    design = Design()
    return hits(design, check(design))


@pytest.mark.parametrize(
    ("query", "type"),
    [
        ("lienar", "Linear"),  # two letters that changed places
        ("lnear", "Linear"),  # one is missing
        ("linnear", "Linear"),  # one too many
        ("lisear", "Linear"),  # a wrong one
        ("mp2", "MaxPool2d"),
        ("bn2", "BatchNorm2d"),
        ("mha", "MultiheadAttention"),
        ("con1", "Conv1d"),
        ("pool max", "MaxPool2d"),
        ("batch norm", "BatchNorm2d"),
        ("CONV_2D", "Conv2d"),
    ],
)
def test_typos_initials_and_words_in_any_order(query: str, type: str) -> None:
    assert find(query, offers())[0].type == type


def test_most_types_are_first_after_four_letters() -> None:
    found = offers()
    types = [hit.type for hit in found if not hit.block]
    first = [type for type in types if find(type[:4], found)[0].type == type]
    print(f"{len(first)} of {len(types)} types are first after their first four letters")
    assert len(first) >= 150
    assert all(find(type, found)[0].type == type for type in types), "and all by their whole name"


def test_what_fits_comes_before_what_is_common() -> None:
    found = [
        replace(hit, fit=Fit.FITS if hit.type == "Conv3d" else Fit.REFUSED, note="no") for hit in offers()
    ]
    assert find("conv", found)[0].type == "Conv3d"
    assert find("conv2d", found)[0].type == "Conv2d", "a name written out is what is meant"
