"""Walks through what `docs/commands.md` promises to scripts, editors and CI of other people, as they would see it."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from designer.commandline.reference import page
from designer.commandline.table import COMMANDS, LATER
from graph_ir.layers import catalogue
from tests.commandline import ROOT, Run, environment, layerloom, process
from tests.graph_ir import hostile

__all__ = ["layerloom"]

TEMPLATES = ("digit-strings", "digits", "digits-lstm")
PROBLEM = {"severity", "code", "layer", "port", "path", "message", "fixes"}


@pytest.fixture
def digits(layerloom: Run, tmp_path: Path) -> Path:
    """A design file made by `layerloom new`."""
    assert layerloom("new", "digits", "-o", "digits.loom.json").code == 0
    return tmp_path / "digits.loom.json"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A good design, one with an error, one that can't be read, one that is not there."""
    contents = {
        "good": hostile.encoded(hostile.SMALL),
        "wrong": hostile.with_field("fc", out_features=0),
        "broken": hostile.encoded(hostile.SMALL)[:200],
    }
    for name, data in contents.items():
        (tmp_path / f"{name}.loom.json").write_bytes(data)
    return {name: tmp_path / f"{name}.loom.json" for name in (*contents, "missing")}


# ---- the page itself -------------------------------------------------------------------------------


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


# ---- exit codes, streams, sentences ----------------------------------------------------------------


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
    "command", ["check", "summary", "prove", "format", "render -o x.svg", "export -o x", "train"]
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
        == f"{files['wrong']}: fc (Linear): `out_features` is 0, but must be an integer of at least 1\n"
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


# ---- templates, new, layers, schema ----------------------------------------------------------------


def test_templates(layerloom: Run) -> None:
    entries = layerloom("templates", "--format", "json").json
    assert [entry["name"] for entry in entries] == list(TEMPLATES)
    for entry in entries:
        assert set(entry) == {"name", "title", "group", "summary", "parameters", "data"}
        assert all(entry.values())
        assert entry["title"] in layerloom("templates").out


@pytest.mark.parametrize("name", TEMPLATES)
def test_new_makes_a_design_that_is_right_and_canonical(layerloom: Run, tmp_path: Path, name: str) -> None:
    done = layerloom("new", name)
    assert (done.code, done.out) == (0, f"{name}.loom.json\n")
    file = tmp_path / f"{name}.loom.json"
    assert layerloom("check", file).code == 0
    assert layerloom("format", "--check", file).code == 0
    shown = layerloom("new", name, "-o", "-")
    assert shown.out.encode() == file.read_bytes()


def test_new_sets_parameters(layerloom: Run, tmp_path: Path) -> None:
    assert layerloom("new", "--set", "width=16", "num_classes=5", "digits", "-o", "a.loom.json").code == 0
    assert json.loads((tmp_path / "a.loom.json").read_text())["network"]["parameters"] == {
        "num_classes": 5,
        "width": 16,
    }
    summary = layerloom("summary", "a.loom.json", "--format", "json").json
    assert summary["outputs"] == {"out": ["N", 5]}


def test_new_writes_nothing_that_would_have_an_error(layerloom: Run, tmp_path: Path) -> None:
    done = layerloom("new", "digits", "--set", "width=0")
    assert (done.code, list(tmp_path.iterdir())) == (1, [])


def test_new_replaces_nothing_unless_told_to(layerloom: Run, digits: Path) -> None:
    digits.write_text("mine")
    done = layerloom("new", "digits", "-o", digits)
    assert (done.code, digits.read_text()) == (1, "mine")
    assert layerloom("new", "digits", "-o", digits, "--force").code == 0
    before = digits.stat().st_mtime_ns
    assert layerloom("new", "digits", "-o", digits).code == 0, "the same once more is no loss"
    assert digits.stat().st_mtime_ns >= before


def test_layers(layerloom: Run) -> None:
    entries = layerloom("layers", "--format", "json").json
    assert [entry["type"] for entry in entries] == list(catalogue())
    for entry in entries:
        assert set(entry) == {"type", "category", "summary", "fields", "inputs", "outputs", "source"}
        for field in entry["fields"]:
            assert set(field) == {"name", "kind", "required", "default", "start", "help"}
        assert all(set(port) == {"name", "axes", "variadic", "optional"} for port in entry["inputs"])
        assert all(set(port) == {"name", "axes"} for port in entry["outputs"])
    (conv,) = layerloom("layers", "Conv2d", "--format", "json").json
    fields = {field["name"]: field for field in conv["fields"]}
    assert fields["out_channels"]["required"] and fields["out_channels"]["start"] == 32
    assert not fields["stride"]["required"] and fields["stride"]["default"] == 1
    for form in ("text", "md"):
        assert "Conv2d" in layerloom("layers", "--format", form).out
        assert "out_channels" in layerloom("layers", "Conv2d", "--format", form).out


def test_the_schema_holds_the_templates_and_refuses_what_is_wrong(layerloom: Run) -> None:
    schema = layerloom("schema").json
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for name in TEMPLATES:
        validator.validate(layerloom("new", name, "-o", "-").json)
    for bad in (hostile.with_field("fc", out_features=64.5), hostile.with_field("fc", bias=1)):
        assert not validator.is_valid(json.loads(bad)), bad


# ---- check, summary, format ------------------------------------------------------------------------


def test_check_has_one_object_per_file_and_line(layerloom: Run, files: dict[str, Path]) -> None:
    order = ["wrong", "broken", "good", "missing", "good"]
    done = layerloom("check", "--format", "json", *(files[name] for name in order))
    assert done.code == 2, "the worst of all"
    assert [line["file"] for line in done.lines] == [str(files[name]) for name in order]
    assert [line["ok"] for line in done.lines] == [False, False, True, False, True]
    for line in done.lines:
        assert set(line) == {"file", "ok", "problems", "requires"}
        assert line["ok"] == (not line["problems"])
        for problem in line["problems"]:
            assert set(problem) == PROBLEM
            assert problem["severity"] in ("error", "warning", "hint")
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", problem["code"]), "kebab-case"
    assert done.lines[0]["problems"][0]["layer"] == "fc"


@pytest.mark.parametrize(
    ("names", "code"), [("good", 0), ("good wrong good", 1), ("wrong broken", 2), ("good missing", 2)]
)
def test_the_exit_code_is_the_worst_of_all(
    layerloom: Run, files: dict[str, Path], names: str, code: int
) -> None:
    for command in ("check", "summary"):
        assert layerloom(command, *(files[name] for name in names.split())).code == code


def test_check_says_it_in_words(layerloom: Run, files: dict[str, Path]) -> None:
    done = layerloom("check", files["good"], files["wrong"])
    assert f"{files['good']}: ok" in done.out
    assert "error: fc (Linear): `out_features` is 0" in done.out
    assert done.err == ""


def test_a_mismatch_is_reported_once_at_the_merge(layerloom: Run, tmp_path: Path) -> None:
    (tmp_path / "m.loom.json").write_bytes(hostile.MARKED["shapes that do not fit"]())
    (line,) = layerloom("check", "m.loom.json", "--format", "json").lines
    (problem,) = line["problems"]
    assert (problem["layer"], problem["port"], problem["path"]) == ("add", "x2", ["add"])


def test_summary_as_json(layerloom: Run, digits: Path) -> None:
    (line,) = layerloom("summary", digits, "--format", "json").lines
    assert line["file"] == str(digits) and line["ok"]
    assert line["inputs"] == {"image": ["N", 1, 8, 8], "label": ["N"]}
    assert line["outputs"] == {"out": ["N", 10]}
    layers = {layer["id"]: layer for layer in line["layers"]}
    for layer in line["layers"]:
        assert set(layer) == {
            *("id", "type", "inputs", "outputs", "input_dtypes", "output_dtypes"),
            *("parameters", "trainable_parameters", "buffers", "macs", "nested"),
        }
    assert layers["conv1"]["inputs"] == {"x": ["N", 1, 8, 8]}
    assert layers["conv1"]["parameters"] == 1 * 32 * 9
    assert layers["conv1"]["macs"] == 8 * 8 * 32 * 1 * 9
    assert layers["norm1"]["buffers"] == 32 + 32 + 1
    for total in ("parameters", "trainable_parameters", "macs"):
        assert line[total] == sum(layer[total] for layer in line["layers"])
    assert line["requires"] == []


def test_summary_of_a_design_with_errors_says_what_is_known(layerloom: Run, files: dict[str, Path]) -> None:
    done = layerloom("summary", files["wrong"], "--format", "json")
    (line,) = done.lines
    assert (done.code, line["ok"]) == (1, False)
    assert [problem["code"] for problem in line["problems"]] == ["bad-value"]
    assert next(layer for layer in line["layers"] if layer["id"] == "conv1")["outputs"] == {
        "y": ["N", 8, 8, 8]
    }


def test_summary_in_other_forms(layerloom: Run, digits: Path) -> None:
    rows = list(csv.reader(layerloom("summary", digits, "--format", "csv").out.splitlines()))
    assert [row[0] for row in rows[1:]][:2] == ["image", "conv1"]
    assert layerloom("summary", digits).out.startswith("layer")
    assert layerloom("summary", digits, "--format", "md").out.startswith("| layer |")
    assert layerloom("summary", digits, "--format", "latex").out.startswith(r"\begin{tabular}")


def test_format_makes_canonical_bytes(layerloom: Run, files: dict[str, Path]) -> None:
    assert layerloom("format", "--check", files["good"]).code == 1
    untouched = files["good"].read_bytes()
    done = layerloom("format", "--check", files["good"], files["broken"])
    assert (done.code, done.out) == (2, f"{files['good']}\n")
    assert files["good"].read_bytes() == untouched
    assert layerloom("format", files["good"]).out == f"{files['good']}\n"
    assert files["good"].read_bytes() != untouched
    assert layerloom("format", files["good"]).out == "", "nothing left to change"
    assert layerloom("format", "--check", files["good"]).code == 0


# ---- render ----------------------------------------------------------------------------------------

BEGINNINGS = {
    "svg": b"<svg",
    "pdf": b"%PDF",
    "png": b"\x89PNG",
    "dot": b"digraph",
    "mmd": b"flowchart",
    "tex": b"\\",
}


def test_render_writes_every_format(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    names = [f"picture.{suffix}" for suffix in BEGINNINGS]
    done = layerloom("render", digits, "-o", *names)
    assert (done.code, done.out.split()) == (0, names)
    for suffix, beginning in BEGINNINGS.items():
        assert beginning in (tmp_path / f"picture.{suffix}").read_bytes()[:400]


def test_render_takes_the_options_of_plot_model(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    def drawn(*flags: str) -> str:
        assert layerloom("render", "-o", "p.dot", *flags, "--", digits).code == 0
        return (tmp_path / "p.dot").read_text()

    plain = drawn()
    assert "(N, 32, 8, 8)" in plain and "loss" not in plain and "label" not in plain.replace("label=", "")
    assert "(N, 32, 8, 8)" not in drawn("--no-show-shapes")
    assert "float32" in drawn("--show-dtype") and "float32" not in plain
    assert "conv1" in plain and "conv1" not in drawn("--no-show-layer-names").replace('"conv1"', "")
    assert "LR" in drawn("--rankdir", "LR")
    assert "CrossEntropyLoss" in drawn("--show-training")
    for flags in ("--expand-nested", "--show-layer-activations", "--show-trainable", "--dpi 72"):
        drawn(*flags.split())


def test_a_label_stands_in_the_picture_instead_of_the_id(layerloom: Run, tmp_path: Path) -> None:
    (tmp_path / "l.loom.json").write_bytes(hostile.with_field("conv1", label="Stem"))
    layerloom("render", "l.loom.json", "-o", "l.mmd")
    picture = (tmp_path / "l.mmd").read_text()
    assert "Stem" in picture
    assert "conv1" not in picture


# ---- export, prove, train, demo --------------------------------------------------------------------

EXPORTED = {"model.py", "data.py", "train.py", "runtime.py", "requirements.txt", "design.loom.json"}


def test_export_proves_and_writes(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    done = layerloom("export", digits, "-o", "code")
    assert done.code == 0, done.err
    assert {Path(line).name for line in done.out.splitlines()} == EXPORTED
    assert {path.name for path in (tmp_path / "code").iterdir() if path.name[0] != "."} == EXPORTED
    assert layerloom("format", "--check", "code/design.loom.json").code == 0


def test_export_of_the_module_alone_unproved(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    assert layerloom("export", digits, "-o", "code", "--module-only", "--no-prove").out == "code/model.py\n"
    assert [path.name for path in (tmp_path / "code").glob("*.py")] == ["model.py"]


def test_export_as_a_single_file(layerloom: Run, digits: Path) -> None:
    done = layerloom("export", digits, "-o", "code", "--single-file", "--no-prove")
    assert done.out.split() == ["code/train.py", "code/requirements.txt", "code/design.loom.json"]


def test_export_overwrites_nobodys_edits(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    words = ("export", digits, "-o", "code", "--no-prove")
    assert layerloom(*words).code == 0
    assert layerloom(*words).code == 0, "what we wrote ourselves may be written anew"
    (tmp_path / "code" / "train.py").write_text("# mine\n")
    done = layerloom(*words)
    assert (done.code, (tmp_path / "code" / "train.py").read_text()) == (1, "# mine\n")
    assert layerloom(*words, "--force").code == 0


def test_prove_compares_with_real_torch(layerloom: Run, digits: Path) -> None:
    done = layerloom("prove", digits)
    assert done.code == 0, done.err
    assert done.out.startswith(f"{digits}: proved in")


def test_train_leaves_the_promised_run_folder(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    done = layerloom(
        *("train", digits, "--run-dir", "run", "--epochs", 2, "--device", "cpu"),
        *("--set", "batch_size=256", "optimizer.lr=0.005", 'metrics=["accuracy"]'),
    )
    assert done.code == 0, done.err
    run = tmp_path / "run"
    wanted = {
        "design.loom.json",
        "model.py",
        "data.py",
        "train.py",
        "runtime.py",
        "settings.json",
        "run.json",
    }
    assert wanted | {"events.jsonl", "checkpoints", "result.json", "report.html"} <= {
        path.name for path in run.iterdir()
    }
    assert {"pid", "started", "device", "python", "versions"} == set(
        json.loads((run / "run.json").read_text())
    )
    settings = json.loads((run / "settings.json").read_text())
    assert (settings["epochs"], settings["batch_size"], settings["optimizer"]["lr"]) == (2, 256, 0.005)
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    assert {event["event"] for event in events} == {"step", "epoch", "checkpoint", "end"}
    assert all({"time", "event", "epoch", "step"} <= set(event) for event in events)
    result = json.loads((run / "result.json").read_text())
    assert {"status", "epochs", "steps", "seconds", "metrics", "message"} <= set(result)
    assert (result["status"], result["epochs"], set(result["metrics"])) == (
        "finished",
        2,
        {"train", "validation", "test"},
    )
    assert list((run / "checkpoints").glob("*.safetensors"))
    assert f"accuracy {result['metrics']['test']['accuracy']:.4f}" in done.out
    assert "epoch 2/2" in done.err, "progress goes to stderr"
    again = layerloom("train", digits, "--run-dir", "run")
    assert again.code == 1, "a run is never written over"


@pytest.mark.parametrize(
    ("setting", "code"),
    [("epoch=3", 2), ("epochs.more=1", 2), ("epochs=many", 1), ("data.source=mnist", 1), ("epochs=0", 1)],
)
def test_train_refuses_settings_that_nothing_reads(
    layerloom: Run, digits: Path, tmp_path: Path, setting: str, code: int
) -> None:
    done = layerloom("train", digits, "--set", setting)
    assert (done.code, done.err.count("\n")) == (code, 1)
    assert [path.name for path in tmp_path.iterdir()] == [digits.name]


def test_ctrl_c_stops_a_run_with_a_checkpoint(digits: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-P",
        "-m",
        "designer",
        "train",
        digits.name,
        "--run-dir",
        "run",
        "--epochs",
        "5000",
    ]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        _until(lambda: "epoch" in _text(tmp_path / "run" / "events.jsonl"))
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert "Traceback" not in err
    assert json.loads(_text(tmp_path / "run" / "result.json"))["status"] == "stopped"
    assert list((tmp_path / "run" / "checkpoints").glob("*.safetensors"))
    assert "report" in out


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_the_demonstration_does_the_main_job(tmp_path: Path) -> None:
    done = process("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "layerloom-demo"
    for name in (
        "digits.loom.json",
        "digits.svg",
        "code/model.py",
        "code/train.py",
        "weights.safetensors",
        "report.html",
    ):
        assert (folder / name).stat().st_size > 100
        assert name.partition("/")[0] in done.stdout
    (test,) = [line for line in done.stdout.splitlines() if line.startswith("test")]
    accuracy = re.search(r"accuracy (\d\.\d+)", test)
    assert accuracy and float(accuracy[1]) >= 0.97
    other = process("demo", "-o", tmp_path, cwd=tmp_path)
    assert other.returncode == 1 and "holds something else" in other.stderr


# ---- without Qt, torch, a display ------------------------------------------------------------------


def _without(packages: tuple[str, ...], words: list[str], cwd: Path) -> Any:
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({packages!r}))\n"
        f"from designer.commandline.main import main; sys.exit(main({words!r}))"
    )
    command = [sys.executable, "-P", "-c", code]
    return subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)


BARE = ("PySide6", "shiboken6", "pyqtgraph", "torch", "numpy", "sklearn", "safetensors")


def test_what_needs_neither_qt_nor_torch_works_without(digits: Path, tmp_path: Path) -> None:
    for words in (
        ["templates"],
        ["layers", "--format", "json"],
        ["schema"],
        ["check", "digits.loom.json"],
        ["summary", "digits.loom.json"],
        ["render", "digits.loom.json", "-o", "a.svg", "a.mmd"],
        ["export", "digits.loom.json", "-o", "code", "--no-prove"],
        ["format", "--check", "digits.loom.json"],
        ["doctor"],
    ):
        done = _without(BARE, words, tmp_path)
        assert done.returncode == 0, (words, done.stderr)


@pytest.mark.parametrize(
    ("words", "extra"),
    [("train digits.loom.json", "train"), ("prove digits.loom.json", "train"), ("demo", "train"), ("gui", "gui"),
     ("export digits.loom.json -o code", "train")],
)  # fmt: skip
def test_what_is_missing_is_said_with_the_command_that_installs_it(
    digits: Path, tmp_path: Path, words: str, extra: str
) -> None:
    done = _without(BARE, words.split(), tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"pip install 'layerloom[{extra}]'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["digits.loom.json"]


def test_the_window_without_a_display_is_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "designer"],
        env={key: value for key, value in environment().items() if key != "QT_QPA_PLATFORM"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no display" in done.stderr
