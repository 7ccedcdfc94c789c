"""The page itself, exit codes, streams, sentences."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from designer.commandline.reference import page
from designer.commandline.table import COMMANDS, LATER
from tests.commandline import ROOT, Run, environment


def test_the_page_is_made_from_the_parsers() -> None:
    made = page()
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == made, (
        "run python -m designer.commandline.reference > docs/commands.md"
    )
    for name in (*COMMANDS, *LATER):
        assert f"layerloom {name}" in made


def test_every_command_has_help(layerloom: Run) -> None:
    assert layerloom("--help").code == 0
    for name in COMMANDS:
        shown = layerloom(name, "--help")
        assert shown.code == 0
        assert shown.out.startswith(f"usage: layerloom {name}")
        assert name in layerloom("--help").out


def test_the_version_is_told(layerloom: Run) -> None:
    assert re.fullmatch(r"layerloom \d+\.\d+\.\d+\n", layerloom("--version").out)


@pytest.mark.parametrize("name", LATER)
def test_commands_of_a_later_version_say_so(layerloom: Run, name: str) -> None:
    done = layerloom(name, "a.loom.json", "--whatever")
    assert (done.code, done.out) == (2, "")
    assert "later version" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("chek", "x.json"),
        ("check",),
        ("check", "x.json", "--format", "yaml"),
        ("check", "--no-such-flag", "x.json"),
        ("new", "no-such-template"),
        ("new", "digits", "--set", "width"),
        ("new", "digits", "--set", "no_such=1"),
        ("new", "digits", "--set", "width=wide"),
        ("new", "digits", "--set", "width=2.5"),
        ("layers", "NoSuchLayer"),
        ("render", "x.loom.json"),
        ("render", "x.loom.json", "-o", "x.jpeg"),
        ("render", "x.loom.json", "-o", "x.svg", "--rankdir", "UP"),
        ("render", "x.loom.json", "-o", "x.svg", "--dpi", "many"),
        ("export", "x.loom.json"),
        ("export", "x.loom.json", "-o", "x", "--single-file", "--module-only"),
        ("export", "x.loom.json", "-o", "x", "--single-file", "--notebook"),
        ("export", "x.loom.json", "-o", "x", "--weights", "w.safetensors"),
        ("train", "x.loom.json", "--epochs", "0"),
        ("train", "x.loom.json", "--device", "tpu"),
        ("prove", "x.loom.json", "y.loom.json"),
        ("--no-such-flag",),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(layerloom: Run, words: tuple[str, ...]) -> None:
    done = layerloom(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1, "one sentence"
    assert done.err.startswith(("layerloom", "x."))


@pytest.mark.parametrize(
    "command",
    [
        "check",
        "summary",
        "prove",
        "format",
        "render -o x.svg",
        "export -o x",
        "train",
        "gui --screenshot x.png",
    ],
)
def test_an_unreadable_file_is_exit_code_2(layerloom: Run, files: dict[str, Path], command: str) -> None:
    name, *flags = command.split()
    for file in ("broken", "missing"):
        done = layerloom(name, files[file], *flags)
        assert done.code == 2
        assert re.match(rf"{re.escape(str(files[file]))}:\d+: [^\n]+; [^\n]+\n$", done.err), (
            "file:line: what; what next"
        )
    assert not (files["good"].parent / "x.svg").exists()


@pytest.mark.parametrize("command", ["prove", "export -o x", "train"])
def test_a_design_with_errors_is_exit_code_1(layerloom: Run, files: dict[str, Path], command: str) -> None:
    name, *flags = command.split()
    done = layerloom(name, files["wrong"], *flags)
    assert done.code == 1
    assert (
        done.err
        == f"{files['wrong']}:29: fc (Linear): `out_features` is 0, but must be an integer of at least 1\n"
    )
    assert not (files["good"].parent / "x").exists()


def test_debug_shows_the_traceback(layerloom: Run, files: dict[str, Path]) -> None:
    for words in (
        ("check", files["broken"], "--debug"),
        ("--debug", "render", files["broken"], "-o", "x.svg"),
    ):
        done = layerloom(*words)
        assert done.code == 2
    assert "Traceback" in done.err


def test_stopping_is_quiet(layerloom: Run, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("designer.commandline.look.read", interrupted)
    done = layerloom("check", files["good"])
    assert (done.code, done.err) == (130, "layerloom check: stopped\n")


def test_a_fault_of_our_own_is_a_sentence_too(
    layerloom: Run, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("surprise")

    monkeypatch.setattr("designer.commandline.look.check_design", broken)
    done = layerloom("check", files["good"])
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        "layerloom check: stopped by a fault of its own (ValueError: surprise); run it again with"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-P", "-m", "designer", "templates"]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=environment(), text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "disk is full" in done.stderr


def test_a_reader_that_goes_away_is_no_error_to_talk_about(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "designer", "layers", "--format", "json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""


@pytest.mark.parametrize("place", ["no/such/folder/x", "", "file/x"])
def test_what_cannot_be_written_is_a_sentence(
    layerloom: Run, digits: Path, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("")
    for words in (
        ("new", "digits", "-o", tmp_path / place),
        ("render", digits, "-o", tmp_path / f"{place}.svg" / "y.svg"),
    ):
        done = layerloom(*words)
        assert (done.code, done.out) == (1, "")
        assert done.err.count("\n") == 1
        assert str(tmp_path) in done.err
        assert ".tmp" not in done.err, "the name the reader knows, not that of a temp file"
    assert {path.name for path in tmp_path.iterdir()} == {"file", digits.name}
