"""Frames, comments and bends of wires under the hand (requirements 7 and 9), in a window with real events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.canvas.gestures.bending import add_bend
from designer.canvas.gestures.marks import Mark
from designer.canvas.view import Canvas
from designer.canvas.views import FRAME_TITLE, CommentView, FrameView, Rect
from designer.main_window import MainWindow
from graph_ir.annotations import Comment, Frame, annotations_of
from graph_ir.file import dump
from graph_ir.graph import Wire
from tests.designer.canvases import (
    ALT,
    CTRL,
    LEFT,
    NONE,
    SHIFT,
    Key,
    click,
    corner_of,
    drag,
    empty,
    let_go,
    middle,
    on_wire,
    one_undo_takes_it_back,
    place,
    title_of,
)
from tests.designer.windows import a_window

FRAME, COMMENT = Mark("frame", 0), Mark("comment", 0)


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Canvas]:
    """The canvas of a window: input1 → conv1 → relu1, at 100 %."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as window:
        document = window.document
        for type, after in (("Input", None), ("Conv2d", "input1"), ("ReLU", "conv1")):
            document.add_layer("", type, after=(after, "y") if after else None)
        found = window.design.canvas
        found.put_layers({"input1": (0, 0), "conv1": (0, 96), "relu1": (0, 192)})
        found.fit_all()
        found.zoom_reset()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        found.setFocus()
        document.undo_stack.clear()
        yield found


def window_of(canvas: Canvas) -> MainWindow:
    window = canvas.window()
    assert isinstance(window, MainWindow)
    return window


def frame(canvas: Canvas, index: int = 0) -> FrameView:
    return canvas.canvas_scene.view.frames[index]


def comment(canvas: Canvas, index: int = 0) -> CommentView:
    return canvas.canvas_scene.view.comments[index]


AROUND_TWO = Rect(-48, 60, 288, 228)  # conv1 and relu1


def framed(canvas: Canvas, rect: Rect = AROUND_TWO) -> str:
    """A frame around conv1 and relu1, one behind the other; what the design is then."""
    canvas.document.add_frame("", Frame("Encoder", rect))
    canvas.document.undo_stack.clear()
    return dump(canvas.document.design)


def commented(canvas: Canvas, text: str = "why") -> str:
    canvas.document.add_comment("", Comment(text, (-312, 0, 216, 72)))
    canvas.document.undo_stack.clear()
    return dump(canvas.document.design)


# Frames


def test_requirement_7_a_frame_around_the_selection_asks_for_its_title_at_once(canvas: Canvas) -> None:
    canvas.select(["conv1", "relu1"])
    QTest.keyClick(canvas, Key.Key_F, SHIFT)
    rect = frame(canvas).rect
    for name in ("conv1", "relu1"):
        card = canvas.canvas_scene.cards[name].rect()
        assert rect.x < card.x < card.right < rect.right
        assert rect.y + FRAME_TITLE < card.y < card.bottom < rect.bottom
    assert not rect.meets(canvas.canvas_scene.cards["input1"].rect())
    title = canvas.writer.title
    assert QApplication.focusWidget() is title
    QTest.keyClicks(title, "Encoder")
    QTest.keyClick(title, Key.Key_Return)
    assert frame(canvas).title == "Encoder"
    assert title.isHidden()
    assert QApplication.focusWidget() is canvas
    assert len(canvas.graph) == 3, "the letters were no commands"


def test_the_title_of_a_new_frame_lies_above_the_pills_where_no_layer_stands(canvas: Canvas) -> None:
    """Requirement 7: what comes in from a row farther up has its pill between the title and the first row."""
    place = canvas.canvas_scene.cards["input1"].rect()
    canvas.document.move("", {"input1": (place.x, place.y - 96)})
    canvas.select(["conv1", "relu1"])
    QTest.keyClick(canvas, Key.Key_F, SHIFT)
    QTest.keyClick(canvas.writer.title, Key.Key_Return)
    strip = frame(canvas).rect._replace(height=FRAME_TITLE)
    first = canvas.canvas_scene.cards["conv1"].rect()
    row = Rect(first.x, first.y - 32, first.width, 18)  # where a pill lies over a row
    assert strip.bottom <= row.y
    assert not canvas.canvas_scene.cards_in(QRectF(*strip))


def test_escape_leaves_the_title_as_it_was(canvas: Canvas) -> None:
    before = framed(canvas)
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, title_of(canvas))
    title = canvas.writer.title
    assert title.text() == "Encoder"
    QTest.keyClicks(title, "something else")
    QTest.keyClick(title, Key.Key_Escape)
    assert title.isHidden()
    assert dump(canvas.document.design) == before


def test_a_double_click_on_the_title_renames_and_a_click_elsewhere_keeps_it(canvas: Canvas) -> None:
    before = framed(canvas)
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, title_of(canvas))
    QTest.keyClicks(canvas.writer.title, "Decoder")
    click(canvas, empty(canvas))
    assert frame(canvas).title == "Decoder"
    one_undo_takes_it_back(canvas, before)


def test_a_title_that_is_not_changed_is_no_step(canvas: Canvas) -> None:
    framed(canvas)
    click(canvas, title_of(canvas))
    QTest.keyClick(canvas, Key.Key_Return)
    assert canvas.writer.title.isVisible()
    QTest.keyClick(canvas.writer.title, Key.Key_Return)
    assert canvas.document.undo_stack.count() == 0


def test_requirement_7_the_title_drags_what_is_inside_in_one_step(canvas: Canvas) -> None:
    before = framed(canvas)
    start = title_of(canvas)
    drag(canvas, start, start + QPoint(96, 48))
    assert frame(canvas).rect == Rect(48, 108, 288, 228)
    assert place(canvas, "conv1") == (96, 144)
    assert place(canvas, "relu1") == (96, 240)
    assert place(canvas, "input1") == (0, 0)
    one_undo_takes_it_back(canvas, before)


def test_with_ctrl_the_frame_goes_alone(canvas: Canvas) -> None:
    before = framed(canvas)
    start = title_of(canvas)
    drag(canvas, start, start + QPoint(96, 48), held=CTRL)
    assert frame(canvas).rect == Rect(48, 108, 288, 228)
    assert place(canvas, "conv1") == (0, 96)
    one_undo_takes_it_back(canvas, before)


def test_a_frame_in_a_frame_goes_along(canvas: Canvas) -> None:
    framed(canvas, Rect(-96, 24, 480, 312))
    canvas.document.add_frame("", Frame("inner", (-24, 72, 240, 96)))
    canvas.document.add_comment("", Comment("note", (216, 100, 100, 40)))
    start = canvas.mapFromScene(QPointF(300, 38))
    drag(canvas, start, start + QPoint(48, 0))
    assert frame(canvas, 1).rect.x == 24
    assert comment(canvas).rect.x == 264
    assert place(canvas, "conv1") == (48, 96)


def test_a_frame_is_resized_by_its_edges_and_never_turned_inside_out(canvas: Canvas) -> None:
    before = framed(canvas)
    drag(canvas, corner_of(canvas, FRAME), corner_of(canvas, FRAME) + QPoint(48, 72))
    assert frame(canvas).rect == Rect(-48, 60, 336, 300)
    assert place(canvas, "conv1") == (0, 96)
    one_undo_takes_it_back(canvas, before)
    left = canvas.mapFromScene(QPointF(-48, 200))
    drag(canvas, left, left + QPoint(900, 0))
    assert 0 < frame(canvas).rect.width < 100
    assert frame(canvas).rect.right == 240


def test_inside_a_frame_the_hand_reaches_the_layers_and_the_ground(canvas: Canvas) -> None:
    framed(canvas)
    click(canvas, middle(canvas, "conv1"))
    assert canvas.things() == ["conv1"]
    click(canvas, canvas.mapFromScene(QPointF(-30, 270)))
    assert canvas.things() == []


def test_delete_takes_the_frame_and_leaves_the_layers(canvas: Canvas) -> None:
    before = framed(canvas)
    click(canvas, title_of(canvas))
    assert canvas.things() == [FRAME]
    QTest.keyClick(canvas, Key.Key_Delete)
    assert canvas.canvas_scene.view.frames == ()
    assert len(canvas.graph) == 3
    one_undo_takes_it_back(canvas, before)


def test_of_several_frames_exactly_the_selected_go(canvas: Canvas) -> None:
    for number in range(3):
        canvas.document.add_frame("", Frame(f"frame {number}", (400, number * 120, 100, 100)))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    canvas.choose([FRAME, Mark("frame", 1)])
    QTest.keyClick(canvas, Key.Key_Delete)
    assert [one.title for one in canvas.canvas_scene.view.frames] == ["frame 2"]
    one_undo_takes_it_back(canvas, before)


def test_a_layer_that_only_reaches_into_a_frame_stays(canvas: Canvas) -> None:
    framed(canvas, Rect(-48, 60, 288, 140))  # relu1 begins at 192: its middle lies below
    assert canvas.canvas_scene.cards["relu1"].rect().meets(frame(canvas).rect)
    drag(canvas, title_of(canvas), title_of(canvas) + QPoint(240, 0))
    assert place(canvas, "conv1") == (240, 96)
    assert place(canvas, "relu1") == (0, 192)


def test_layers_frames_and_comments_are_deleted_together_in_one_step(canvas: Canvas) -> None:
    framed(canvas)
    before = commented(canvas)
    QTest.keyClick(canvas, Key.Key_A, CTRL)
    assert set(canvas.things()) == {"input1", "conv1", "relu1", FRAME, COMMENT}
    QTest.keyClick(canvas, Key.Key_Delete)
    assert len(canvas.graph) == 0
    assert canvas.canvas_scene.view.frames == canvas.canvas_scene.view.comments == ()
    one_undo_takes_it_back(canvas, before)


def test_a_band_takes_comments_it_touches_and_frames_that_lie_in_it(canvas: Canvas) -> None:
    framed(canvas)
    commented(canvas)
    part = canvas.mapFromScene(QPointF(-200, 300))
    drag(canvas, part, canvas.mapFromScene(QPointF(-108, 50)))
    assert canvas.things() == [COMMENT]
    corner = canvas.mapFromScene(QPointF(-60, 300))
    drag(canvas, corner, canvas.mapFromScene(QPointF(260, 54)))
    assert set(canvas.things()) == {"conv1", "relu1", FRAME}


def test_keys_reach_frames_and_comments(canvas: Canvas) -> None:
    framed(canvas)
    commented(canvas)
    QTest.keyClick(canvas, Key.Key_M, SHIFT)
    assert canvas.things() == [FRAME]
    QTest.keyClick(canvas, Key.Key_Right, CTRL)
    assert frame(canvas).rect.x == -24
    assert place(canvas, "conv1") == (24, 96)
    QTest.keyClick(canvas, Key.Key_Down, CTRL | SHIFT)
    assert frame(canvas).rect.height == 252
    QTest.keyClick(canvas, Key.Key_M, SHIFT)
    assert canvas.things() == [COMMENT]
    QTest.keyClick(canvas, Key.Key_Return)
    assert QApplication.focusWidget() is canvas.writer.text


def test_undo_of_a_frame_before_it_keeps_the_right_one_selected(canvas: Canvas) -> None:
    framed(canvas)
    canvas.document.add_frame("", Frame("second", (400, 0, 100, 100)))
    canvas.choose([Mark("frame", 1)])
    canvas.document.remove_frame("", 0)
    assert canvas.things() == [FRAME]
    assert frame(canvas).title == "second"


def test_escape_in_the_middle_of_a_drag_leaves_no_trace(canvas: Canvas) -> None:
    before = framed(canvas)
    start = title_of(canvas)
    untouched = canvas.grab().toImage()
    drag(canvas, start, start + QPoint(90, 60), drop=False)
    assert canvas.guides.outlines
    assert canvas.grab().toImage() != untouched
    QTest.keyClick(canvas, Key.Key_Escape)
    let_go(canvas, start + QPoint(90, 60))
    assert not canvas.guides.outlines
    assert dump(canvas.document.design) == before
    assert canvas.canvas_scene.cards["conv1"].rect()[:2] == (0, 96)


# Comments


TEXTS = ("Zwei Zeilen\nund eine", "<b>no markup</b> & 'quotes'", "שלום עולם, هذا تعليق", "x" * 10_000)


@pytest.mark.parametrize("text", TEXTS)
def test_requirement_7_a_comment_is_written_in_place_as_plain_text(canvas: Canvas, text: str) -> None:
    before = dump(canvas.document.design)
    canvas.select(["conv1"])
    QTest.keyClick(canvas, Key.Key_C, SHIFT)
    field = canvas.writer.text
    assert QApplication.focusWidget() is field
    assert dump(canvas.document.design) == before, "nothing is there until something is written"
    field.insertPlainText(text)
    QTest.keyClick(field, Key.Key_Return, CTRL)
    assert comment(canvas).text == text
    assert not comment(canvas).rect.meets(canvas.canvas_scene.cards["conv1"].rect())
    assert canvas.things() == [COMMENT]
    one_undo_takes_it_back(canvas, before)


def test_a_comment_that_belongs_to_nothing_lies_on_no_layer(canvas: Canvas) -> None:
    canvas.select([])
    layers = [card.rect() for card in canvas.canvas_scene.cards.values()]
    canvas.centerOn(layers[1].x + layers[1].width / 2, layers[1].y + layers[1].height / 2)
    QTest.keyClick(canvas, Key.Key_C, SHIFT)
    canvas.writer.text.insertPlainText("why")
    QTest.keyClick(canvas.writer.text, Key.Key_Return, CTRL)
    assert not any(comment(canvas).rect.meets(layer) for layer in layers)


def test_a_long_comment_grows_high_enough_for_its_words(canvas: Canvas) -> None:
    commented(canvas)
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, canvas.mapFromScene(QPointF(-208, 30)))
    canvas.writer.text.setPlainText("word " * 60)
    click(canvas, empty(canvas))
    assert comment(canvas).rect.height > 120
    assert comment(canvas).rect.width == 216


def test_ten_thousand_characters_and_one_more_stay_in_the_field_with_a_sentence(canvas: Canvas) -> None:
    before = commented(canvas)
    canvas.writer.edit(COMMENT)
    canvas.writer.text.setPlainText("y" * 10_001)
    QTest.keyClick(canvas.writer.text, Key.Key_Return, CTRL)
    assert canvas.writer.text.isVisible()
    assert "10,001" in canvas.notices.bubble.text()
    assert dump(canvas.document.design) == before
    QTest.keyClick(canvas.writer.text, Key.Key_Escape)
    assert canvas.writer.text.isHidden()


def test_an_empty_comment_is_none(canvas: Canvas) -> None:
    before = dump(canvas.document.design)
    QTest.keyClick(canvas, Key.Key_C, SHIFT)
    QTest.keyClicks(canvas.writer.text, "   ")
    QTest.keyClick(canvas.writer.text, Key.Key_Return, CTRL)
    assert dump(canvas.document.design) == before
    assert canvas.document.undo_stack.count() == 0


def test_a_comment_without_words_any_more_goes(canvas: Canvas) -> None:
    before = commented(canvas)
    canvas.writer.edit(COMMENT)
    canvas.writer.text.setPlainText("")
    click(canvas, empty(canvas))
    assert canvas.canvas_scene.view.comments == ()
    one_undo_takes_it_back(canvas, before)


def test_a_comment_is_moved_resized_and_deleted(canvas: Canvas) -> None:
    commented(canvas)
    start = canvas.mapFromScene(QPointF(-208, 30))
    drag(canvas, start, start + QPoint(0, 120))
    assert comment(canvas).rect == Rect(-312, 120, 216, 72)
    drag(canvas, corner_of(canvas, COMMENT), corner_of(canvas, COMMENT) + QPoint(-48, 96))
    assert comment(canvas).rect == Rect(-312, 120, 168, 168)
    QTest.keyClick(canvas, Key.Key_Delete)
    assert canvas.canvas_scene.view.comments == ()


def test_what_is_written_about_may_go_while_it_is_written(canvas: Canvas) -> None:
    commented(canvas)
    canvas.writer.edit(COMMENT)
    QTest.keyClicks(canvas.writer.text, "half a")
    canvas.document.remove_comment("", 0)
    assert canvas.writer.text.isHidden()
    assert canvas.canvas_scene.view.comments == ()


# Bends


def bends(canvas: Canvas) -> dict[str, tuple[tuple[float, float], ...]]:
    found = annotations_of(canvas.document.design.layout).bends
    return {f"{wire.source}-{wire.target}": points for wire, points in found.items()}


def test_requirement_7_a_double_click_on_a_wire_bends_it_and_one_on_the_bend_straightens_it(
    canvas: Canvas,
) -> None:
    before = dump(canvas.document.design)
    spot = on_wire(canvas, "conv1")
    click(canvas, spot)
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, spot)
    ((x, y),) = bends(canvas)["conv1-relu1"]
    assert (canvas.mapFromScene(QPointF(x, y)) - spot).manhattanLength() <= 2
    assert canvas.document.undo_stack.count() == 1
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, spot)
    assert bends(canvas) == {}
    canvas.document.undo_stack.undo()
    canvas.document.undo_stack.undo()
    assert dump(canvas.document.design) == before


def test_a_bend_is_dragged_out_with_ctrl_moved_and_put_back(canvas: Canvas) -> None:
    start = on_wire(canvas, "conv1")
    drag(canvas, start, start + QPoint(120, 6), held=CTRL)
    ((x, y),) = bends(canvas)["conv1-relu1"]
    assert x > 190
    route = canvas.canvas_scene.routes[("conv1", "y"), ("relu1", "x")]
    assert max(point[0] for point in route.points) > 180, "the wire follows"
    at = canvas.mapFromScene(QPointF(x, y))
    drag(canvas, at, at + QPoint(60, 0))
    assert bends(canvas)["conv1-relu1"][0][0] == pytest.approx(x + 60, abs=12)
    at = canvas.mapFromScene(QPointF(*bends(canvas)["conv1-relu1"][0]))
    drag(canvas, at, start)
    assert bends(canvas) == {}
    assert canvas.document.undo_stack.count() == 3


def test_a_bend_comes_between_those_it_is_put_between(canvas: Canvas) -> None:
    canvas.put_layers({"relu1": (0, 480)})
    canvas.document.set_bends("", Wire("conv1", "y", "relu1", "x"), [(300, 250), (300, 400)])
    window_of(canvas).design.canvas.fit_all()
    for y in (200, 325, 440):
        key = (("conv1", "y"), ("relu1", "x"))
        add_bend(canvas, key, QPointF(290, y))
    assert [point[1] for point in bends(canvas)["conv1-relu1"]] == [200, 250, 325, 400, 440]


def test_straighten_takes_all_bends_of_what_is_selected(canvas: Canvas) -> None:
    for name in ("input1", "conv1"):
        QTest.mouseDClick(canvas.viewport(), LEFT, NONE, on_wire(canvas, name))
    assert len(bends(canvas)) == 2
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    canvas.select(["conv1"])
    window_of(canvas).actions_["straighten"].trigger()
    assert bends(canvas) == {}
    one_undo_takes_it_back(canvas, before)


def test_wires_are_selected_bent_and_taken_away_with_keys_alone(canvas: Canvas) -> None:
    canvas.select(["conv1"])
    QTest.keyClick(canvas, Key.Key_W, SHIFT)
    assert [wire[:2] for wire in canvas.chosen_wires()] == [("conv1", "y")]
    QTest.keyClick(canvas, Key.Key_B, SHIFT)
    assert list(bends(canvas)) == ["conv1-relu1"]
    QTest.keyClick(canvas, Key.Key_W, SHIFT)
    assert [wire[:2] for wire in canvas.chosen_wires()] == [("input1", "y")]
    QTest.keyClick(canvas, Key.Key_Delete)
    assert [wire.source for wire in canvas.graph.wires()] == ["conv1"]


def test_a_ctrl_click_on_wires_selects_several(canvas: Canvas) -> None:
    click(canvas, on_wire(canvas, "input1"))
    click(canvas, on_wire(canvas, "conv1"), CTRL)
    assert len(canvas.chosen_wires()) == 2
    click(canvas, on_wire(canvas, "input1"), CTRL)
    assert [wire.source for wire in canvas.chosen_wires()] == ["conv1"]


def test_alt_moves_a_comment_off_the_grid(canvas: Canvas) -> None:
    commented(canvas)
    start = canvas.mapFromScene(QPointF(-208, 30))
    drag(canvas, start, start + QPoint(7, 131), held=ALT)
    assert comment(canvas).rect[:2] == (-305, 131)
