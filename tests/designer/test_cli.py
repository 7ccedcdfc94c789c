"""The command line's own parts: reading words, writing to terminals, following a run."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.diagram.options import SPECS
from designer.commandline.output import plain, result_json
from designer.commandline.parser import command_parser, split, spread
from designer.commandline.progress import follow, metrics_text
from designer.commandline.table import COMMANDS, LATER
from tests.commandline import Run, environment, layerloom
from tests.graph_ir import hostile

__all__ = ["layerloom"]

ESCAPES = "\x1b]0;title\x07\x1b[2J\u202e\u2066\r\x00\x9b31m"


# ---- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "command", "rest"),
    [
        ("", "gui", ""),
        ("--debug", "gui", ""),
        ("--screenshot a.png", "gui", "--screenshot a.png"),
        ("gui a.loom.json", "gui", "a.loom.json"),
        ("check --debug a", "check", "a"),
        ("--help", "", "--help"),
        ("fix a", "fix", "a"),
    ],
)
def test_the_command_is_the_first_word(given: str, command: str, rest: str) -> None:
    assert split(given.split()) == (command, rest.split())


@pytest.mark.parametrize(
    ("command", "given", "wanted"),
    [
        ("new", "--set a=1 b=2 digits", "--set a=1 --set b=2 digits"),
        ("new", "digits --set a=1 --set b=2", "digits --set a=1 --set b=2"),
        ("new", "--set a digits", "--set a digits"),
        ("train", "f --set a=1 b=2 --epochs 3", "f --set a=1 --set b=2 --epochs 3"),
        ("render", "-o a.svg b.PNG net.loom.json", "-o a.svg -o b.PNG net.loom.json"),
        (
            "render",
            "net.loom.json --output a.svg b.tex --dpi 72",
            "net.loom.json --output a.svg --output b.tex --dpi 72",
        ),
        ("check", "a=1 b=2", "a=1 b=2"),
    ],
)
def test_several_values_may_follow_an_option(command: str, given: str, wanted: str) -> None:
    assert spread(command, given.split()) == wanted.split()


def test_no_command_is_promised_and_planned() -> None:
    assert not set(COMMANDS) & set(LATER)


def test_every_option_of_a_picture_is_a_flag() -> None:
    flags = command_parser("render").format_help()
    for name in SPECS:
        assert f"--{name.replace('_', '-')}" in flags


@pytest.mark.parametrize(
    ("words", "said"), [("chek", "did you mean check?"), ("qqq", "--help"), ("--x", "unrecognized arguments")]
)
def test_an_unknown_word_gets_a_hint(layerloom: Run, words: str, said: str) -> None:
    done = layerloom(words)
    assert done.code == 2
    assert said in done.err


# ---- terminals -------------------------------------------------------------------------------------


def test_nothing_that_a_terminal_obeys_is_written() -> None:
    assert plain(ESCAPES).isprintable()
    assert plain("two\nlines, naïve – 8 × 8") == "two\nlines, naïve – 8 × 8"


def test_hostile_texts_of_a_design_reach_no_terminal(layerloom: Run, tmp_path: Path) -> None:
    id = f"a{ESCAPES}b"
    design = hostile.changed(
        lambda d: (
            d.update(about={"title": ESCAPES}),
            d["network"]["layers"].update({id: {"type": f"Re{ESCAPES}LU", "label": ESCAPES, ESCAPES: 1}}),
            d["network"]["wires"].append(["image.y", f"{id}.{ESCAPES}"]),
        )
    )
    (tmp_path / "net.loom.json").write_bytes(design)
    commands = ("check", "summary", "summary --format csv", "summary --format md", "summary --format latex")
    for words in (*commands, "prove", "train", "export -o x", "format --check", "render -o a.mmd"):
        name, *flags = words.split()
        done = layerloom(name, "net.loom.json", *flags)
        assert done.code == 1
        for line in (done.out + done.err).split("\n"):
            assert line.isprintable(), words
    (line,) = layerloom("check", "net.loom.json", "--format", "json").lines
    assert line["problems"][0]["layer"] == id, "for programs it is as it is"


def test_a_hostile_name_of_a_file_is_only_shown(layerloom: Run, tmp_path: Path) -> None:
    name = "a\n\x1b[2J; rm -rf ~ #.loom.json"
    (tmp_path / name).write_bytes(hostile.encoded(hostile.SMALL))
    shown, broken = layerloom("check", name), layerloom("check", f"no {name}")
    assert (shown.code, broken.code) == (0, 2)
    assert "\x1b" not in shown.out + broken.err
    assert layerloom("check", name, "--format", "json").lines[0]["file"] == name


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_terminal_will_do(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "n.loom.json").write_bytes(hostile.with_layer("слой 中 ×", type="ReLU"))
    for words in (["check", "n.loom.json"], ["check", "n.loom.json", "--format", "json"], ["templates"]):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "designer", *words],
            cwd=tmp_path,
            env=environment() | {"PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        assert done.returncode == (0 if words == ["templates"] else 1), done.stderr
        assert b"Traceback" not in done.stderr
        if "json" in words:
            assert json.loads(done.stdout)["problems"][0]["layer"] == "слой 中 ×"


def test_json_is_one_line_of_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    result_json({"file": "слой\n\u2028"})
    out = capsys.readouterr().out
    assert out.isascii() and out.count("\n") == 1
    assert json.loads(out) == {"file": "слой\n\u2028"}


# ---- following a run -------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """What a run of two epochs leaves behind."""
    lines = [
        {"event": "step", "epoch": 1, "batch": 1, "batches": 2, "loss": 2.0},
        {"event": "warning", "epoch": 1, "message": f"careful{ESCAPES}"},
        {
            "event": "epoch",
            "epoch": 1,
            "train_loss": 1.5,
            "validation_loss": 1.25,
            "validation_accuracy": 0.5,
        },
        {"event": "step", "epoch": 2, "batch": "x", "batches": 0, "loss": None},
        {"event": "step", "epoch": 2, "batch": 1, "batches": 2, "loss": 0.5},
    ]
    log = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "events.jsonl").write_text(log + '{"event": "st')
    (tmp_path / "run.json").write_text(
        json.dumps({"pid": 1 << 30, "device": "CPU: asked for", "versions": {}})
    )
    (tmp_path / "result.json").write_text(
        json.dumps({"status": "finished", "metrics": {"train": {}, "test": {"loss": 0.5, "accuracy": 0.75}}})
    )
    return tmp_path


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown(run_folder: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "60")
    with subprocess.Popen([sys.executable, "-c", "pass"]) as child:
        child.wait()
        state, interrupted = follow(run_folder, child, epochs=2)
    shown = stream.getvalue()
    assert (state.status, interrupted) == ("finished", False)
    assert "training on CPU: asked for" in shown
    assert "careful" in shown and "\x1b" not in shown
    if terminal:
        assert "epoch 2/2 ██████████████████░░░░░░  75% loss 0.5000  " in shown
        assert max(map(len, shown.split("\r")[1:])) < 60, "no line is wrapped"
        assert shown.endswith("\r"), "the bar is taken away"
    else:
        assert "epoch 1/2    train loss 1.5000  validation loss 1.2500  validation accuracy 0.5000" in shown
        assert "█" not in shown
    assert metrics_text(state.result) == ["test        loss 0.5000  accuracy 0.7500"]


def test_a_training_that_fails_is_exit_code_1(
    layerloom: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script itself ends in an error: here, because what it imports is broken."""
    layerloom("new", "digits")
    (tmp_path / "broken" / "torch").mkdir(parents=True)
    (tmp_path / "broken" / "torch" / "__init__.py").write_text("raise ImportError('this torch is broken')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"))
    done = layerloom("train", "digits.loom.json", "--run-dir", "run")
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith("run: the training failed: ImportError: this torch is broken\n")


@pytest.mark.parametrize(
    "words",
    [
        "new digits-lstm -o old.loom.json --force",
        "format old.loom.json",
        "render net.loom.json -o old.mmd",
        "export net.loom.json -o code --no-prove",
    ],
)
def test_a_full_disk_leaves_everything_as_it_was(
    layerloom: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    layerloom("new", "digits", "-o", "net.loom.json")
    (tmp_path / "old.loom.json").write_bytes(hostile.encoded(hostile.SMALL))
    (tmp_path / "old.mmd").write_text("old")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = layerloom(*words.split())
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "disk is full" in done.err or "No space left" in done.err
    assert done.err.startswith(("old.", "layerloom export: code"))
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
