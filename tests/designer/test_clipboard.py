"""Cut, copy, paste and duplicate with real keys, across windows and through an editor (requirement 6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from designer.canvas.gestures.marks import Mark
from designer.main_window import MainWindow
from graph_ir.annotations import Frame, annotations_of
from graph_ir.clipboard import LAYERS, MIME
from graph_ir.file import dump
from graph_ir.graph import Design, Node
from tests.designer.windows import a_window, use_template

CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        made.resize(1400, 1000)
        use_template(made, "digits")
        made.design.show_all()
        made.activateWindow()
        made.design.canvas.setFocus()
        yield made


def press(
    window: MainWindow, key: Qt.Key, keys: Qt.KeyboardModifier = CTRL, on: QWidget | None = None
) -> None:
    QTest.keyClick(on or window.design.canvas, key, keys)


def on_clipboard() -> str:
    return QGuiApplication.clipboard().text()


def put(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def mouse_at(window: MainWindow, x: float, y: float) -> None:
    """The mouse over a place of the sheet."""
    canvas = window.design.canvas
    QTest.mouseMove(canvas.viewport(), canvas.mapFromScene(x, y))
    QTest.qWait(1)


def steps(window: MainWindow) -> int:
    return window.document.undo_stack.count()


def overlaps(window: MainWindow) -> list[tuple[str, str]]:
    cards = {name: card.rect() for name, card in window.design.canvas.canvas_scene.cards.items()}
    return [(a, b) for a in cards for b in cards if a < b and cards[a].meets(cards[b])]


def test_copy_and_paste_leave_a_copy_beside_with_its_wires_selected_in_one_step(window: MainWindow) -> None:
    canvas, before = window.design.canvas, dump(window.document.design)
    names = window.document.report.order
    inner = [name for name in names if name in canvas.canvas_scene.cards][1:3]
    canvas.select(inner)
    press(window, Key.Key_C)
    assert json.loads(on_clipboard())["format"] == LAYERS
    assert QGuiApplication.clipboard().mimeData().hasFormat(MIME)
    count = steps(window)
    mouse_at(window, *(canvas.canvas_scene.cards[inner[0]].rect()[:2]))
    press(window, Key.Key_V)
    assert steps(window) == count + 1
    new = canvas.selected()
    assert len(new) == 2 and not set(new) & set(names)
    assert [w.target for w in canvas.graph.wires_from(new[0])] == [new[1]]
    assert not overlaps(window)
    window.document.undo_stack.undo()
    assert dump(window.document.design) == before


def test_pasted_again_and_again_nothing_covers_anything(window: MainWindow) -> None:
    canvas = window.design.canvas
    canvas.select(["conv1"])
    press(window, Key.Key_C)
    spot = canvas.canvas_scene.cards["conv1"].rect()
    mouse_at(window, spot.x + 20, spot.y + 10)
    for _ in range(6):
        press(window, Key.Key_V)
        assert not overlaps(window)
    assert sum(name.startswith("conv") for name in canvas.graph.ids()) >= 7


def test_what_is_pasted_in_free_space_stands_under_the_mouse(window: MainWindow) -> None:
    canvas = window.design.canvas
    canvas.select(["conv1"])
    press(window, Key.Key_C)
    area = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
    x, y = area.left() + 130, area.center().y()
    mouse_at(window, x, y)
    press(window, Key.Key_V)
    rect = canvas.canvas_scene.cards[canvas.selected()[0]].rect()
    assert abs(rect.x + rect.width / 2 - x) <= 24 and abs(rect.y + rect.height / 2 - y) <= 24


def test_without_a_mouse_it_comes_below_what_is_selected(window: MainWindow) -> None:
    canvas = window.design.canvas
    canvas.select(["conv1"])
    press(window, Key.Key_C)
    canvas.hand.seen = None
    before = {name: card.rect() for name, card in canvas.canvas_scene.cards.items()}
    press(window, Key.Key_V)
    after = {name: card.rect() for name, card in canvas.canvas_scene.cards.items()}
    assert not overlaps(window) and after.pop(canvas.selected()[0]).y >= before["conv1"].y
    assert after == before, "all others stand where they stood"


def test_a_duplicate_stands_beside_and_keeps_its_inputs_with_shift(window: MainWindow) -> None:
    """Ctrl+D duplicates, Ctrl+Shift+D keeps the inputs (requirement 6)."""
    canvas = window.design.canvas
    source = canvas.graph.wires_into("conv1")[0]
    canvas.select(["conv1"])
    press(window, Key.Key_D)
    plain = canvas.selected()[0]
    assert not canvas.graph.wires_into(plain)
    canvas.select(["conv1"])
    press(window, Key.Key_D, CTRL | SHIFT)
    wired = canvas.selected()[0]
    assert [(w.source, w.source_port) for w in canvas.graph.wires_into(wired)] == [source[:2]]
    rects = {name: canvas.canvas_scene.cards[name].rect() for name in ("conv1", plain)}
    assert rects[plain].y == rects["conv1"].y and rects[plain].x > rects["conv1"].x
    assert not overlaps(window)
    assert canvas.graph.node(plain).values == canvas.graph.node("conv1").values


def test_a_duplicated_loss_brings_its_target_along(window: MainWindow) -> None:
    canvas = window.design.canvas
    loss = next(name for name, entry in window.document.report.layers.items() if entry.trait == "loss")
    canvas.select([loss])
    press(window, Key.Key_D)
    new = canvas.selected()
    assert len(new) == 1
    fed = {wire.source for wire in canvas.graph.wires_into(new[0])}
    assert len(fed) == 1 and window.document.report.role_of(fed.pop()) == "target"


def test_cut_takes_it_away_and_paste_brings_it_back_whole(window: MainWindow) -> None:
    canvas = window.design.canvas
    middle = next(n for n in window.document.report.order if n.startswith("relu"))
    node = canvas.graph.node(middle)
    before, count = dump(window.document.design), steps(window)
    canvas.select([middle])
    press(window, Key.Key_X)
    assert middle not in canvas.graph and steps(window) == count + 1
    press(window, Key.Key_V)
    assert canvas.graph.node(middle) == node
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert dump(window.document.design) == before


def test_everything_goes_into_another_window_and_back_unchanged(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    """Copy and paste across windows is the identity (requirement 6)."""
    canvas = window.design.canvas
    press(window, Key.Key_A)
    press(window, Key.Key_C)
    text = on_clipboard()
    with a_window(qtbot, tmp_path / "other") as other:
        other.resize(1400, 1000)
        other.activateWindow()
        other.design.canvas.setFocus()
        press(other, Key.Key_V)
        assert list(other.document.design.top) == list(window.document.design.top)
        assert other.document.design.top.wires() == window.document.design.top.wires()
        assert other.document.report.parameters == window.document.report.parameters
        press(other, Key.Key_A)
        press(other, Key.Key_C)
        there, here = json.loads(on_clipboard()), json.loads(text)
        assert there["network"] == here["network"]
        places = [raw["layout"]["network"]["layers"] for raw in (there, here)]
        moved = {(a[0] - b[0], a[1] - b[1]) for a, b in zip(*(p.values() for p in places), strict=True)}
        assert len(moved) == 1, "all moved by the same distance"
    assert canvas.selected()


def test_through_a_text_editor_it_is_the_same(window: MainWindow) -> None:
    """Through a text editor, which may set it differently, it comes back the same (requirement 6)."""
    canvas = window.design.canvas
    canvas.select(["conv1"])
    press(window, Key.Key_C)
    text = on_clipboard()
    put(json.dumps(json.loads(text)).replace('"out_channels": ', '"out_channels":   ') + "\r\n")
    press(window, Key.Key_V)
    assert canvas.graph.node(canvas.selected()[0]).values == canvas.graph.node("conv1").values


@pytest.mark.parametrize(
    "text",
    [
        "import torch",
        "",
        "{",
        '{"format": "layerloom/layers"}',
        '{"a":' * 100_000,
        json.dumps(
            {
                "format": LAYERS,
                "version": 1,
                "network": {"layers": {str(i): {"type": "ReLU"} for i in range(10_001)}},
            }
        ),
        "x" * 1_000_000,
        "\u202e\x00<b>bold</b>",
    ],
    ids=["python", "nothing", "half", "bare", "deep", "many", "long", "odd"],
)
def test_anything_else_is_said_in_the_bar_and_changes_nothing(window: MainWindow, text: str) -> None:
    before, count = dump(window.document.design), steps(window)
    put(text)
    press(window, Key.Key_V)
    assert "clipboard" in window.message.text()
    assert dump(window.document.design) == before and steps(window) == count


def test_half_of_a_wrong_paste_is_never_left(window: MainWindow) -> None:
    full = Design()
    for i in range(9_995):
        full.top.add(Node(f"n{i}", "ReLU"))
    put(dump(full))
    before, count = dump(window.document.design), steps(window)
    press(window, Key.Key_V)
    assert "at most 10,000" in window.message.text()
    assert dump(window.document.design) == before and steps(window) == count


def test_a_picture_on_the_clipboard_is_no_text(window: MainWindow) -> None:
    data = QMimeData()
    data.setData("image/png", b"\x89PNG")
    QGuiApplication.clipboard().setMimeData(data)
    press(window, Key.Key_V)
    assert "holds no layers" in window.message.text()


def test_in_a_text_field_the_keys_are_about_the_text(window: MainWindow, qtbot: QtBot) -> None:
    canvas = window.design.canvas
    canvas.select(["conv1"])
    field = QLineEdit("some words", window)
    field.show()
    field.setFocus()
    field.selectAll()
    press(window, Key.Key_C, on=field)
    assert on_clipboard() == "some words"
    count = steps(window)
    window.actions_["cut"].trigger()
    assert field.text() == "" and on_clipboard() == "some words"
    window.actions_["paste"].trigger()
    assert field.text() == "some words" and steps(window) == count
    field.deleteLater()


def test_a_frame_takes_along_what_lies_in_it(window: MainWindow) -> None:
    canvas, document = window.design.canvas, window.document
    rect = canvas.canvas_scene.cards["conv1"].rect()
    document.add_frame("", Frame("stem", (rect.x - 20, rect.y - 40, rect.width + 40, rect.height + 60)))
    canvas.choose([Mark("frame", 0)])
    press(window, Key.Key_C)
    assert list(json.loads(on_clipboard())["network"]["layers"]) == ["conv1"]
    press(window, Key.Key_V)
    frames = annotations_of(document.design.layout).frames
    assert [frame.title for frame in frames] == ["stem", "stem"]
    assert canvas.marks.chosen() == [Mark("frame", 1)]
    copied = canvas.canvas_scene.cards[canvas.selected()[0]].rect()
    assert copied.x - frames[1].rect[0] == rect.x - frames[0].rect[0]
    press(window, Key.Key_X)
    assert len(annotations_of(document.design.layout).frames) == 1


def test_nothing_selected_is_said_and_keeps_the_clipboard(window: MainWindow) -> None:
    put("before")
    window.design.canvas.select([])
    for key in (Key.Key_C, Key.Key_X, Key.Key_D):
        press(window, key)
    assert on_clipboard() == "before"


def test_on_another_page_nothing_is_pasted_unseen(window: MainWindow) -> None:
    canvas = window.design.canvas
    canvas.select(["conv1"])
    press(window, Key.Key_C)
    before = dump(window.document.design)
    window.show_page(2)
    window.actions_["paste"].trigger()
    window.actions_["duplicate"].trigger()
    assert dump(window.document.design) == before
