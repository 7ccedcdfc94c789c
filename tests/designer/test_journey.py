"""Journeys with mouse and keyboard: from an empty canvas, and from a template, to a trained model and its code.

The same file is run again on a virtual screen, where the events are real ones of the X server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QRadioButton
from pytestqt.qtbot import QtBot

from designer.main_window import TRAIN, MainWindow
from graph_ir.graph import Wire
from tests.designer.hands import Hands
from tests.designer.windows import RUN_MS, a_window, template_at, words

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what the offscreen plug-in cannot do

DROPS = {
    "Input": (-230, -210),
    "Conv2d": (-230, -110),
    "ReLU": (-230, -10),
    "Flatten": (-230, 90),
    "Linear": (110, -160),
    "CrossEntropyLoss": (110, -40),
}
WIRES = [
    ("input1", "y", "conv1", "x"),
    ("conv1", "y", "relu1", "x"),
    ("relu1", "y", "flatten1", "x"),
    ("flatten1", "y", "linear1", "x"),
    ("linear1", "y", "loss1", "input"),
]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with a_window(qtbot, tmp_path) as made:
        made.activateWindow()
        yield made


def _picture(window: MainWindow, name: str) -> None:
    """A picture to look at, where a folder for them is given."""
    folder = os.environ.get("LAYERLOOM_PICTURES")
    if folder:
        window.grab().save(str(Path(folder) / f"journey-{name}.png"))


def _drop(hands: Hands, window: MainWindow, type: str, place: tuple[int, int]) -> None:
    palette, canvas = window.design.palette_panel, window.design.canvas
    hands.click(palette.field)
    hands.key("a", ctrl=True)
    hands.type(type)
    item = palette.item_of(type)
    assert item is not None
    start = palette.tree.visualItemRect(item).center()
    end = canvas.mapFromScene(QPointF(*place))
    assert canvas.viewport().rect().contains(end)
    hands.drag(palette.tree.viewport(), start, canvas.viewport(), end)


def _wire(hands: Hands, window: MainWindow, wire: tuple[str, str, str, str]) -> None:
    canvas = window.design.canvas
    source, out, target, into = wire
    start = canvas.mapFromScene(canvas.canvas_scene.port_point(source, "outputs", out))
    end = canvas.mapFromScene(canvas.canvas_scene.port_point(target, "inputs", into))
    hands.drag(canvas.viewport(), start, canvas.viewport(), end)


def _select(hands: Hands, window: MainWindow, layer: str) -> None:
    canvas = window.design.canvas
    rect = canvas.canvas_scene.cards[layer].rect()
    hands.click(canvas.viewport(), canvas.mapFromScene(QPointF(rect.x + 60, rect.y + rect.height / 2)))
    assert window.design.inspector.layer_id == layer


def _field(hands: Hands, window: MainWindow, field: str, text: str) -> None:
    row = window.design.inspector.row(field)
    window.design.inspector.ensureWidgetVisible(row)
    hands.qtbot.wait(20)
    hands.write(row.editor.field, text)


def _trained(qtbot: QtBot, window: MainWindow) -> dict[str, object]:
    qtbot.waitUntil(lambda: window.runs.is_running, timeout=5000)
    qtbot.waitUntil(lambda: not window.runs.is_running, timeout=RUN_MS)
    (folder,) = window.runs.folder.iterdir()
    return json.loads((folder / "result.json").read_text())


def _export(hands: Hands, window: MainWindow, folder: Path) -> None:
    wait = hands.qtbot.waitUntil
    hands.click(window.top.export)
    wait(lambda: QApplication.activePopupWidget() is not None, timeout=5000)
    hands.key("Down")
    hands.key("Return")
    _answer_with(hands, window, folder)


def _answer_with(hands: Hands, window: MainWindow, folder: Path) -> None:
    """Type the folder into the dialog that asks for one, and wait until the export is proved."""
    wait = hands.qtbot.waitUntil
    wait(lambda: isinstance(QApplication.activeWindow(), QFileDialog), timeout=10_000)
    wait(lambda: isinstance(QApplication.focusWidget(), QLineEdit), timeout=10_000)
    hands.qtbot.wait(300)
    hands.key("a", ctrl=True)
    hands.type(str(folder))
    wait(lambda: QApplication.focusWidget().text() == str(folder), timeout=10_000)
    hands.key("Return")
    wait(lambda: not window.findChildren(QFileDialog), timeout=10_000)
    hands.qtbot.waitUntil(lambda: "Proved" in window.message.text(), timeout=RUN_MS)


def test_from_an_empty_canvas_to_a_trained_net_and_its_code(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    hands, document = Hands(qtbot, window), window.document
    assert window.design.start.isVisible()
    _picture(window, "1-empty")
    for type, place in DROPS.items():
        _drop(hands, window, type, place)
    graph = document.design.top
    assert [node.type for node in graph if node.id != "target1"][:6] == [*DROPS]
    assert "target" in [document.report.role_of(id) for id in graph.ids()], "the loss brought its target"

    _select(hands, window, "input1")
    _field(hands, window, "shape", "N, 8, 8")
    for wire in WIRES:
        _wire(hands, window, wire)
    assert {Wire(*wire) for wire in WIRES} <= set(graph.wires())

    errors = [problem for problem in document.report.problems if problem.severity == "error"]
    assert [(error.layer, error.port) for error in errors] == [("conv1", "x")]
    assert window.design.canvas.canvas_scene.wires[("input1", "y"), ("conv1", "x")].view.error
    hands.key("F8")
    assert window.design.canvas.selected() == ["conv1"]
    assert "4 axes" in words(window.design.inspector)
    _picture(window, "2-error")

    _select(hands, window, "input1")
    _field(hands, window, "shape", "N, 1, 8, 8")
    _select(hands, window, "linear1")
    _field(hands, window, "out_features", "10")
    assert document.report.ok
    assert document.report.layers["linear1"].outputs["y"].shape[1] == 10
    _picture(window, "3-mended")

    hands.key("F5")
    assert window.pages.currentIndex() == TRAIN, "what to train on is asked on one page"
    fitting = [button for button in window.train.findChildren(QRadioButton) if button.isEnabled()]
    (digits,) = [button for button in fitting if button.text() == "Handwritten digits"]
    hands.click(digits, QPoint(8, digits.height() // 2))
    hands.write(window.train._rows["training", "epochs"].editor.field, "2")
    assert document.design.training["data"]["source"] == "digits"
    assert document.design.training["epochs"] == 2
    hands.click(window.train.run)
    result = _trained(qtbot, window)
    assert result["status"] == "finished"
    assert result["metrics"]["test"]["accuracy"] > 0.6
    assert "Test:" in words(window.train.run_view)
    assert window.train.run_view.confusion.isVisible()
    _picture(window, "4-trained")

    _export(hands, window, tmp_path / "out")
    for name in ("model.py", "data.py", "train.py", "runtime.py", "requirements.txt", "design.loom.json"):
        assert (tmp_path / "out" / name).is_file()
    assert "nn.Linear" in (tmp_path / "out" / "model.py").read_text()
    assert document.path is None, "nothing had to be saved"
    _picture(window, "5-exported")

    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert len(document.design.top) == 0
    assert not document.design.training


def test_from_a_template_to_script_in_four_clicks_and_enter(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    hands = Hands(qtbot, window)
    hands.click(window.design.start.gallery.list.viewport(), template_at(window, "digits"))
    window.document.set_section(
        ("training", "epochs"), 1
    )  # for the test's sake: the journey does not need it
    hands.click(window.top.run)
    result = _trained(qtbot, window)
    assert result["status"] == "finished"
    assert window.design.training.isVisible(), "the curve is seen without leaving the drawing"
    assert window.design.training._curves is not None
    _export(hands, window, tmp_path / "out")
    assert (tmp_path / "out" / "train.py").is_file()
    assert hands.clicks <= 4


def test_requirement_25_a_digit_network_is_built_trained_and_exported_with_the_keyboard_alone(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    hands, document = Hands(qtbot, window), window.document
    window.design.canvas.setFocus()
    for typed in (
        "input 1 8 8",
        "conv2d 16",
        "relu",
        "maxpool2d",
        "conv2d 32",
        "relu",
        "linear 10",
        "crossent",
    ):
        hands.key("space")
        hands.type(typed)
        hands.key("Return")
    types = [node.type for node in document.design.top if document.report.role_of(node.id) != "target"]
    assert types == [
        "Input",
        "Conv2d",
        "ReLU",
        "MaxPool2d",
        "Conv2d",
        "ReLU",
        "Flatten",
        "Linear",
        "CrossEntropyLoss",
    ]
    assert document.report.ok

    hands.key("F5")
    assert window.pages.currentIndex() == TRAIN
    _tab_to(hands, lambda: isinstance(hands.focus, QRadioButton))
    while hands.focus.text() != "Handwritten digits":
        hands.key("Down")
    hands.key("space")
    assert document.design.training["data"]["source"] == "digits"
    epochs = window.train._rows["training", "epochs"].editor
    _tab_to(hands, lambda: hands.focus is epochs.field)
    hands.key("a", ctrl=True)
    hands.type("2")
    hands.key("Return")
    assert document.design.training["epochs"] == 2
    hands.key("F5")
    result = _trained(qtbot, window)
    assert result["status"] == "finished"
    assert result["metrics"]["test"]["accuracy"] > 0.6

    hands.key("e", ctrl=True)
    _answer_with(hands, window, tmp_path / "out")
    assert "nn.Linear" in (tmp_path / "out" / "model.py").read_text()
    assert hands.clicks == 0


def _tab_to(hands: Hands, there: Callable[[], bool]) -> None:
    """Press Tab until the focus is there; it must not go round in vain."""
    for _ in range(80):
        if there():
            return
        hands.key("Tab")
    raise AssertionError("Tab does not lead there")


def test_a_run_survives_the_window_and_the_next_one_stops_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with a_window(qtbot, tmp_path) as first:
        first.files.new_from("digits")
        first.document.set_section(("training", "epochs"), 500)
        first.actions_["run"].trigger()
        qtbot.waitUntil(lambda: bool(first.runs._follower), timeout=30_000)
        (folder,) = first.runs.folder.iterdir()
    with a_window(qtbot, tmp_path) as second:
        second.runs.start()
        assert second.runs.is_running
        assert folder.name in words(second.design.training)
        qtbot.waitUntil(lambda: (folder / "events.jsonl").exists(), timeout=RUN_MS)
        second.actions_["stop"].trigger()
        qtbot.waitUntil(lambda: not second.runs.is_running, timeout=RUN_MS)
        assert json.loads((folder / "result.json").read_text())["status"] == "stopped"
        assert list((folder / "checkpoints").glob("*.safetensors"))
        assert "Stopped" in words(second.design.training)
        qtbot.waitUntil(lambda: second.runs.device_known, timeout=RUN_MS)


@pytest.mark.window
def test_the_journey_on_a_real_screen(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1440x960x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            display = f":{number.readline().strip()}"
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        test = f"{__file__}::test_from_an_empty_canvas_to_a_trained_net_and_its_code"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", test]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=400, check=False
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert "1 passed" in done.stdout
    finally:
        screen.terminate()
        screen.wait()
