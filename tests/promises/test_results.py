"""Pictures, code, proof, training, the demonstration."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commandline import Run, environment, process
from tests.graph_ir import hostile

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


EXPORTED = {
    *("model.py", "data.py", "train.py", "runtime.py"),
    *("requirements.txt", "design.loom.json", "proof.json"),
}


def test_export_proves_and_writes(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    done = layerloom("export", digits, "-o", "code")
    assert done.code == 0, done.err
    assert {Path(line).name for line in done.out.splitlines()} == EXPORTED
    assert {path.name for path in (tmp_path / "code").iterdir() if path.name[0] != "."} == EXPORTED
    assert layerloom("format", "--check", "code/design.loom.json").code == 0
    proof = json.loads((tmp_path / "code" / "proof.json").read_text())
    assert proof["ok"] is True and proof["problems"] == [] and {"torch", "python"} <= set(proof["versions"])


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
    assert (done.code, done.out, (tmp_path / "code" / "train.py").read_text()) == (1, "", "# mine\n")
    *shown, sentence = done.err.splitlines()
    assert shown[:2] == ["--- train.py (as it is)", "+++ train.py (to be written)"] and "-# mine" in shown
    assert len(shown) < 50, "a difference is shortened"
    assert "code/train.py was changed by somebody" in sentence and "--force" in sentence
    assert layerloom(*words, "--force").code == 0


def test_export_takes_away_what_it_no_longer_writes(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    assert layerloom("export", digits, "-o", "code", "--no-prove").code == 0
    (tmp_path / "code" / "data.py").write_text("# mine\n")
    done = layerloom("export", digits, "-o", "code", "--module-only", "--no-prove")
    assert (done.code, done.out) == (0, "code/model.py\n")
    assert "code/train.py: removed" in done.err and "code/data.py: kept" in done.err
    left = {path.name for path in (tmp_path / "code").iterdir() if path.name[0] != "."}
    assert left == {"model.py", "data.py"}


def test_export_as_a_notebook(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    done = layerloom("export", digits, "-o", "code", "--notebook", "--no-prove")
    assert done.out.split() == [
        f"code/{name}" for name in ("digits-small-cnn.ipynb", "requirements.txt", "design.loom.json")
    ]
    found = json.loads((tmp_path / "code" / "digits-small-cnn.ipynb").read_text())
    assert found["nbformat"] == 4 and all(not cell.get("outputs") for cell in found["cells"])


def test_export_as_onnx(layerloom: Run, digits: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    done = layerloom("export", digits, "-o", "code", "--module-only", "--onnx", "--no-prove")
    assert (done.code, done.out.split()) == (0, ["code/model.py", "code/model.onnx"]), done.err
    assert "code/model.onnx: verified with onnxruntime" in done.err


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
    done = process("demo", cwd=tmp_path, timeout=400)
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
