"""A run as the window shows it: numbers from events, words, curves and the confusion matrix; jobs and faults beside."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.panels.confusion import Confusion
from designer.panels.curves import Curves
from designer.panels.run_view import RunView
from designer.services.background import in_background
from designer.services.run_follower import RunFollower
from designer.services.run_state import RunState, duration
from designer.theme import load_theme
from tests.designer.windows import words

STEPS = [
    {"event": "step", "epoch": 1, "step": n, "batch": n, "batches": 4, "loss": 3.0 / n} for n in (1, 2, 3, 4)
]
EPOCH = {
    "event": "epoch",
    "epoch": 1,
    "step": 4,
    "train_loss": 1.5,
    "validation_loss": 1.2,
    "validation_accuracy": 0.5,
}
RESULT = {
    "status": "finished",
    "epochs": 2,
    "seconds": 65.0,
    "metrics": {"test": {"loss": 0.25, "accuracy": 0.987}},
    "confusion": [[5, 1], [0, 7]],
    "classes": ["cat", "dog"],
}


def _state() -> RunState:
    return RunState(name="net", wanted_epochs=2, started=100.0, device="CPU: asked for")


def test_events_become_curves_and_progress() -> None:
    state = _state()
    state.take(STEPS[:2])
    assert state.progress == 0.25
    assert state.left(now=110.0) == pytest.approx(30.0)
    state.take([*STEPS[2:], EPOCH])
    assert state.progress == 0.5
    assert state.losses == [(0.25, 3.0), (0.5, 1.5), (0.75, 1.0), (1.0, 0.75)]
    assert state.series["validation", "accuracy"] == [(1, 0.5)]
    assert state.metrics == ["loss", "accuracy"]
    state.take([{"event": "end", "status": "finished", "epochs": 2, "seconds": 5}])
    assert (state.progress, state.is_over, state.left()) == (1.0, True, None)


def test_odd_events_are_passed_over() -> None:
    state = _state()
    state.take(
        [
            {},
            {"event": "step", "epoch": "x", "loss": None},
            {"event": "epoch", "train_loss": "nan"},
            {"event": 3},
        ]
    )
    assert state.losses == []
    assert state.series == {}
    state.result = {"confusion": [[1], [2, 3]], "metrics": []}
    assert state.confusion() == []
    assert state.test_metrics() == {}


def test_times_read_well() -> None:
    assert [duration(s) for s in (0.4, 42, 185, 7800)] == ["0 s", "42 s", "3 min 5 s", "2 h 10 min"]


def test_a_run_is_followed_from_beginning_to_end(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"epochs": 2}')
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in [*STEPS, EPOCH]))
    (tmp_path / "run.json").write_text(json.dumps({"pid": 1, "started": 5.0, "device": "CPU: asked for"}))
    (tmp_path / "result.json").write_text(json.dumps(RESULT))
    follower = RunFollower()
    ended: list[RunState] = []
    follower.ended.connect(ended.append)
    follower.follow(tmp_path)
    (state,) = ended
    assert state.wanted_epochs == 2
    assert state.device == "CPU: asked for"
    assert state.test_metrics() == {"loss": 0.25, "accuracy": 0.987}
    assert state.class_names() == ["cat", "dog"]
    assert not follower.is_running


def test_a_run_that_died_says_its_last_words(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"pid": 2**22 + 1, "started": 5.0, "device": "auto"}))
    (tmp_path / "stderr.txt").write_text("loading\nout of memory; try a smaller --batch-size.\n")
    follower = RunFollower()
    follower.follow(tmp_path)
    assert follower.state is not None
    assert follower.state.status == "failed"
    assert "out of memory" in follower.state.message


def test_the_view_tells_what_goes_on_and_how_it_ended(qtbot: QtBot) -> None:
    view = RunView(load_theme("light"))
    qtbot.addWidget(view)
    view.resize(900, 320)
    view.show()
    assert "No run yet" in words(view)
    state = _state()
    view.show_state(state)
    assert "Starting" in words(view)
    state.take([*STEPS, EPOCH])
    view.show_state(state)
    assert "epoch 2 of 2 · CPU: asked for" in words(view)
    assert view.stop.isVisible()
    assert view.progress.value() == 500
    state.status, state.result, state.seconds = "finished", RESULT, 65.0
    view.show_state(state)
    assert "Test: loss 0.2500, accuracy 98.7 %" in words(view)
    assert "1 min 5 s" in words(view)
    assert not view.stop.isVisible()
    assert view.report.isVisible()
    assert view.confusion.isVisible()


def test_curves_draw_what_the_state_holds(qtbot: QtBot) -> None:
    curves = Curves(load_theme("dark"))
    qtbot.addWidget(curves)
    curves.resize(700, 260)
    curves.show()
    state = _state()
    state.take([*STEPS, EPOCH])
    curves.show_state(state)
    assert set(curves._lines) == {("train", "loss"), ("validation", "loss"), ("validation", "accuracy")}
    x, y = curves._lines["validation", "accuracy"].getData()
    assert (list(x), list(y)) == ([1], [0.5])
    before = curves.grab().toImage()
    curves.set_theme(load_theme("light"))
    assert curves.grab().toImage() != before
    curves.resize(700, 600)
    qtbot.wait(20)
    plots = list(curves._plots.values())
    assert plots[0].scenePos().y() < plots[1].scenePos().y(), "one below the other where it is tall"


def test_a_cell_of_the_matrix_is_explained(qtbot: QtBot) -> None:
    matrix = Confusion(load_theme("light"))
    qtbot.addWidget(matrix)
    matrix.resize(200, 200)
    matrix.show_matrix(RESULT["confusion"], RESULT["classes"])
    matrix.show()
    assert matrix.accessibleDescription() == "12 of 13 right"
    cell = matrix._cell()
    assert matrix._words_at(QPointF(34 + 1.5 * cell, 34 + 0.5 * cell)) == "cat taken for dog: 1"
    assert matrix._words_at(QPointF(34 + 0.5 * cell, 34 + 0.5 * cell)) == "cat: 5 right"
    assert matrix._words_at(QPointF(0, 0)) == ""
    assert not matrix.grab().toImage().isNull()


def test_work_in_the_background_comes_back_to_this_thread(qtbot: QtBot, qapp: QApplication) -> None:
    told: list[object] = []
    main = QThread.currentThread()

    def then(name: object) -> None:
        told.append((name, QThread.currentThread() is main))

    in_background(lambda: threading.current_thread() is not threading.main_thread(), then, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert told == [(True, True)]
    told.clear()
    in_background(lambda: 1 / 0, then, lambda error: told.append(type(error)))
    qtbot.waitUntil(lambda: bool(told))
    assert told == [ZeroDivisionError]


def test_a_dropped_job_stays_silent(qtbot: QtBot) -> None:
    told: list[object] = []
    gate = threading.Event()
    job = in_background(gate.wait, told.append, told.append)
    job.drop()
    gate.set()
    qtbot.wait(80)
    assert told == []
