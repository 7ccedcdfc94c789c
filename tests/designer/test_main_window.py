"""The window as a whole: commands, pages, problems, undo for everything, faults, looks and access."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import SIGNAL, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from designer.actions import LINE, MENUS
from designer.main_window import DESIGN, DIAGRAM, TRAIN, MainWindow
from designer.services.faults import Faults, log
from graph_ir import templates
from graph_ir.dims import symbol
from graph_ir.file import dump, write
from tests.designer.windows import a_window, template_at, use_template, words


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


def test_the_empty_window_says_what_to_do(qtbot: QtBot, window: MainWindow) -> None:
    said = words(window.design.start)
    assert "Drag a layer" in said
    assert window.design.start.gallery.shown() == [template.name for template in templates.gallery()]
    assert "Nothing is drawn yet" in words(window.design.problems)


def test_a_template_opens_with_one_click_and_is_not_edited(qtbot: QtBot, window: MainWindow) -> None:
    place = template_at(window, "digits")
    QTest.mouseClick(window.design.start.gallery.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dump(window.document.design) == dump(templates.load("digits"))
    assert not window.document.is_edited
    assert window.design.start.isHidden()
    assert "29 layers" in words(window.status)


def test_a_template_is_found_by_words_and_opens_with_enter(qtbot: QtBot, window: MainWindow) -> None:
    gallery = window.design.start.gallery
    gallery.field.setFocus()
    QTest.keyClicks(gallery.field, "ATTENTION hierarchical")
    assert gallery.shown() == ["hierarchical-attention"]
    QTest.keyClick(gallery.field, Qt.Key.Key_Escape)
    assert len(gallery.shown()) == len(templates.names())
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(gallery.field, key)
    assert dump(window.document.design) == dump(templates.load(gallery.shown()[0]))


def test_a_search_for_what_no_template_says_is_told(qtbot: QtBot, window: MainWindow) -> None:
    gallery = window.design.start.gallery
    QTest.keyClicks(gallery.field, "xyzzy")
    assert not gallery.shown()
    assert "No template" in words(gallery)
    QTest.keyClick(gallery.field, Qt.Key.Key_Return)
    assert not len(window.document.design.top)


def test_every_command_has_words_and_does_something(window: MainWindow) -> None:
    for commands in MENUS.values():
        for command in commands:
            if command is LINE:
                continue
            action = window.actions_[command.name]
            assert action.text()
            if not action.isVisible():
                continue
            heard = action.receivers(SIGNAL("triggered(bool)")) + action.receivers(SIGNAL("toggled(bool)"))
            assert heard, f"{command.name} does nothing"
    keys = [key for commands in MENUS.values() for command in commands for key in command.keys]
    assert len(keys) == len(set(keys)), "two commands with one key"


def test_palette_keyboard_builds_a_chain(window: MainWindow) -> None:
    field = window.design.palette_panel.field
    for name in ("input", "conv2d", "relu", "linear"):
        field.clear()
        QTest.keyClicks(field, name)
        QTest.keyClick(field, Qt.Key.Key_Return)
    design = window.document.design
    assert [node.type for node in design.top][:3] == ["Input", "Conv2d", "ReLU"]
    assert "Flatten" in [node.type for node in design.top]
    assert window.document.report.ok
    assert window.document.undo_stack.count() == 4


def test_a_net_is_built_wired_and_set_up_with_the_keyboard_alone(qtbot: QtBot, window: MainWindow) -> None:
    def press(key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(window.focusWidget() or window, key, held)

    def write(text: str) -> None:
        QTest.keyClicks(window.focusWidget(), text)

    ctrl = Qt.KeyboardModifier.ControlModifier
    for name in ("input", "conv2d", "relu", "linear", "crossent"):
        press(Qt.Key.Key_F, ctrl | Qt.KeyboardModifier.AltModifier)
        write(name)
        press(Qt.Key.Key_Return)
    press(Qt.Key.Key_F6)
    assert window.focusWidget() is window.design.canvas
    while window.design.canvas.selected() != ["input1"]:
        before = window.design.canvas.selected()
        press(Qt.Key.Key_Up)
        assert window.design.canvas.selected() != before
    press(Qt.Key.Key_F2)
    press(Qt.Key.Key_A, ctrl)
    write("N, 1, 8, 8")
    press(Qt.Key.Key_Return)
    assert window.document.report.ok
    assert window.document.report.layers["linear1"].inputs["x"].shape == (symbol("N"), 2048)
    press(Qt.Key.Key_F5)
    assert window.pages.currentIndex() == TRAIN
    qtbot.wait(20)
    for _ in range(60):
        focus = window.focusWidget()
        if isinstance(focus, QRadioButton):
            break
        press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Space)
    assert window.document.design.training["data"]["source"] == "digits"


def test_selection_goes_to_inspector_summary_and_code(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    window.design.set_bottom(window.design.code)
    qtbot.waitUntil(lambda: "class " in window.design.code.views["model.py"].toPlainText())
    window.design.canvas.select(["conv4"])
    assert window.design.inspector.layer_id == "conv4"
    assert window.design.code.views["model.py"].lit()
    assert "self.conv4" in window.design.inspector._code_view.toPlainText()
    window.design.summary.layers_chosen.emit(["fc"])
    assert window.design.canvas.selected() == ["fc"]


def test_f8_goes_to_the_problem_and_its_field(window: MainWindow) -> None:
    use_template(window)
    window.document.set_fields("", "conv4", {"out_channels": "=nothing"})
    window.show_page(TRAIN)
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert window.pages.currentIndex() == DESIGN
    assert window.design.canvas.selected() == ["conv4"]
    assert window.design.inspector.row("out_channels").editor.field.hasFocus()
    count = len(window.document.report.problems)
    assert window.design.bottom.tabText(0) == f"Problems {count}"


def test_errors_block_training_and_export_and_show_the_place(window: MainWindow) -> None:
    use_template(window)
    window.document.set_fields("", "conv4", {"kernel_size": 99})
    for name in ("run", "export"):
        window.design.canvas.select([])
        window.actions_[name].trigger()
        assert window.design.canvas.selected() == ["conv4"]
        assert "errors" in window.message.text()
    assert not window.runs.is_running


def test_training_without_data_asks_on_one_page(qtbot: QtBot, window: MainWindow) -> None:
    design = templates.load("digits")
    design.training = {}
    window.document.load(design)
    window.actions_["run"].trigger()
    assert window.pages.currentIndex() == TRAIN
    assert "data set" in window.train.why_not.text()
    more = next(b for b in window.train.findChildren(QAbstractButton) if "more that do not fit" in b.text())
    assert "(N, 1, 8, 88)" not in words(window.train)
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    buttons = {b.text(): b for b in window.train.findChildren(QAbstractButton) if b.text()}
    assert not buttons["Strings of handwritten digits"].isEnabled()
    assert "(N, 1, 8, 88)" in words(window.train)
    before = dump(design)
    QTest.mouseClick(buttons["Handwritten digits"], Qt.MouseButton.LeftButton)
    chosen = window.document.design.training["data"]
    assert chosen == {"source": "digits", "inputs": {"image": "image", "label": "label"}}
    assert window.runs.settings_fit()
    window.document.undo_stack.undo()
    assert dump(window.document.design) == before, "the choice of data can be undone"


def test_settings_are_undo_steps_of_the_design(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    before = dump(window.document.design)
    window.show_page(TRAIN)
    qtbot.wait(10)
    row = window.train._rows["training", "epochs"]
    assert row.editor.text() == "20"
    row.editor.field.selectAll()
    QTest.keyClicks(row.editor.field, "3")
    QTest.keyClick(row.editor.field, Qt.Key.Key_Return)
    assert window.document.design.training["epochs"] == 3
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dump(window.document.design) == before
    assert row.editor.text() == "20"


def test_undo_from_within_a_field_is_the_designs(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    before = dump(window.document.design)
    window.design.canvas.select(["conv1"])
    field = window.design.inspector.row("kernel_size").editor.field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.document.is_edited
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dump(window.document.design) == before
    assert field.text() == "3"
    QTest.keyClicks(field, "7")
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "3", "what is half typed is undone first"
    assert dump(window.document.design) == before


def test_the_diagram_is_live_and_its_options_are_kept_with_the_design(
    qtbot: QtBot, window: MainWindow
) -> None:
    use_template(window)
    window.show_page(DIAGRAM)
    paper = window.diagram.paper
    qtbot.waitUntil(lambda: not paper.natural.isEmpty(), timeout=20_000)
    tall = paper.natural
    window.diagram._rows["rankdir"].edited.emit("rankdir", "LR")
    assert window.document.design.diagram == {"rankdir": "LR"}
    qtbot.waitUntil(lambda: paper.natural != tall, timeout=20_000)
    assert paper.natural.width() > paper.natural.height()


def test_command_search_runs_a_command(window: MainWindow) -> None:
    QTest.keyClick(
        window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert window.palette_.isVisible()
    QTest.keyClicks(window.palette_.field, "diagram")
    assert "Diagram" in window.palette_.shown()
    QTest.keyClick(window.palette_.field, Qt.Key.Key_Return)
    assert window.pages.currentIndex() == DIAGRAM


def test_the_look_changes_at_once_and_is_remembered(window: MainWindow) -> None:
    use_template(window)
    for mode in ("dark", "light"):
        window.set_mode(mode)
        assert window.themes.theme.name == mode
        assert window.settings.mode() == mode
        assert window.actions_[f"look_{mode}"].isChecked()
        corner = window.grab().toImage().pixelColor(4, 120)
        assert (corner.lightness() < 100) == (mode == "dark")


def test_panels_can_be_hidden(window: MainWindow) -> None:
    window.actions_["show_palette"].trigger()
    assert not window.design.palette_panel.isVisible()
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(window, Qt.Key.Key_F, held)
    assert not window.design.palette_panel.isHidden()
    assert window.design.palette_panel.field.hasFocus()


def test_a_small_screen_is_enough(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    window.resize(1000, 640)
    qtbot.wait(20)
    assert (window.width(), window.height()) == (1000, 640)
    for button in (window.top.run, window.top.export, window.top.commands):
        assert window.top.rect().contains(button.geometry())


def test_a_dropped_design_opens(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "dropped.loom.json"
    write(path, templates.load("digits-lstm"))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    actions, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(9, 9), actions, data, left, Qt.KeyboardModifier.NoModifier)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(QPointF(9, 9), actions, data, left, Qt.KeyboardModifier.NoModifier))
    assert window.document.path == path


def test_controls_have_names_for_screen_readers(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    for page in (TRAIN, DIAGRAM, DESIGN):
        window.show_page(page)
        qtbot.wait(20)
    window.design.canvas.select(["conv1"])
    nameless = []
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for widget in window.findChildren(kind):
            inner = isinstance(widget.parent(), QComboBox | QLineEdit) or widget.objectName().startswith(
                "qt_"
            )
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            if not inner and not (widget.accessibleName() or text):
                nameless.append((type(widget).__name__, type(widget.parent()).__name__))
    assert not nameless


def test_labels_are_plain_text(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    window.show_page(TRAIN)
    qtbot.wait(10)
    rich = [
        label.text()
        for label in window.findChildren(QLabel)
        if label.text() and label.textFormat() != Qt.TextFormat.PlainText
    ]
    assert not rich


def test_tab_goes_through_the_window(window: MainWindow) -> None:
    window.design.palette_panel.field.setFocus()
    seen: list[QWidget] = []
    for _ in range(40):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        seen.append(window.focusWidget())
    assert window.design.palette_panel.tree in seen
    assert window.design.canvas in seen
    assert len(set(seen)) > 8


def test_a_fault_in_a_slot_is_logged_told_and_recovered(
    window: MainWindow, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    faults = Faults()
    faults.caught.connect(window._fault)
    window.document.add_layer("", "Input")
    try:
        raise ValueError("the <b>reason</b>")
    except ValueError as error:
        log.propagate = False
        faults.on_exception(type(error), error, error.__traceback__)
    assert "ValueError: the <b>reason</b>" in window.message.text()
    assert "Traceback" not in window.message.text()
    assert list(tmp_path.rglob("recovery/*.loom.json"))
    caplog.clear()


_FAULTY = """
import os, sys
from PySide6.QtCore import QTimer, qWarning
from designer.app import make_application, make_windows
from designer.services.faults import Faults
from designer.services.settings import Settings, data_folder
application = make_application()
faults = Faults(application)
window = make_windows(application, Settings(), faults).add()
faults.install(data_folder())
window.files.start()
window.show()
window.document.add_layer("", "Input")
def fail():
    raise KeyError("in a slot")
QTimer.singleShot(0, fail)
QTimer.singleShot(0, lambda: qWarning("from Qt"))
def done():
    print(window.message.text(), flush=True)
    os._exit(0)
QTimer.singleShot(300, done)
application.exec()
"""


def test_no_fault_reaches_the_terminal_and_none_is_lost(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [sys.executable, "-c", _FAULTY]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "KeyError: 'in a slot'" in done.stdout
    log = (tmp_path / "layerloom" / "layerloom.log").read_text()
    assert "Traceback" in log
    assert "Qt: from Qt" in log
    assert list(tmp_path.rglob("recovery/*.loom.json")), "the design was kept at once"


def test_the_window_imports_neither_torch_nor_what_only_some_need() -> None:
    code = (
        "import sys\n"
        "from designer.app import make_application, make_windows\n"
        "from designer.services.faults import Faults\n"
        "from designer.services.settings import Settings\n"
        "application = make_application()\n"
        "window = make_windows(application, Settings(), Faults()).add()\n"
        "window.show(); application.processEvents()\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'pyqtgraph', 'pydot', 'pygraphviz'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
