"""The runtime that is copied beside every training script: events, checkpoints, stop, failures."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from codegen.child import runtime

SOURCE = Path(runtime.__file__)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """One thread (a fork is made of this process), and signals as they were."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def network(width: int = 8) -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, width), nn.BatchNorm1d(width), nn.Dropout(0.5), nn.Linear(width, 1))


def new_run(folder: Path, model: nn.Module | None = None, rate: float = 0.01) -> runtime.Run:
    model = model or network()
    return runtime.Run(folder, model, torch.optim.Adam(model.parameters(), lr=rate), "CPU: a test")


def train(run: runtime.Run, steps: int) -> None:
    """Steps on data that a seed of its own gives, so that only model, optimiser and dropout decide what comes out."""
    for _ in range(steps):
        data = torch.randn(16, 4, generator=torch.Generator().manual_seed(run.steps))
        loss = run.model(data).square().mean()
        run.optimizer.zero_grad()
        run.step(loss)
        loss.backward()
        run.optimizer.step()


def events(folder: Path, kind: str) -> list[dict[str, Any]]:
    lines = (folder / "events.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def result(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return found


def batches(count: int) -> list[Tensor]:
    return [torch.full((16, 4), float(i)) for i in range(count)]


def test_going_on_from_a_checkpoint_is_bit_equal_to_never_having_stopped(tmp_path: Path) -> None:
    torch.manual_seed(1)
    with new_run(tmp_path / "a") as run:
        train(run, 5)
        run.checkpoint()
        train(run, 5)
    wanted = run.model.state_dict()
    torch.manual_seed(99)
    again = new_run(tmp_path / "a")
    manifest = again.restore()
    assert manifest is not None and manifest["step"] == 5
    again.steps = manifest["step"]
    train(again, 5)
    found = again.model.state_dict()
    assert wanted.keys() == found.keys()
    assert all(torch.equal(wanted[name], found[name]) for name in wanted)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_the_state_of_every_optimiser_comes_back(tmp_path: Path, name: str) -> None:
    def made(folder: Path) -> runtime.Run:
        torch.manual_seed(0)
        model = network()
        options = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
        return runtime.Run(
            folder, model, getattr(torch.optim, name)(model.parameters(), lr=0.01, **options), "CPU"
        )

    with made(tmp_path) as run:
        train(run, 3)
        run.checkpoint()
        train(run, 3)
    again = made(tmp_path)
    again.restore()
    again.steps = 3
    train(again, 3)
    assert all(
        torch.equal(a, b) for a, b in zip(run.model.parameters(), again.model.parameters(), strict=True)
    )


def test_the_last_two_checkpoints_and_the_best_are_kept(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        for score in (3.0, 1.0, 2.0, 2.5, 2.2):
            train(run, 1)
            run.checkpoint(score)
    names = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    assert names == [f"step-00000000{n}.{suffix}" for n in (2, 4, 5) for suffix in ("json", "safetensors")]
    best = run.restore(best=True)
    assert best is not None and best["score"] == 1.0


@pytest.mark.parametrize("what", ["flipped bit", "cut short", "gone", "manifest"])
def test_a_damaged_checkpoint_is_left_out_and_said(tmp_path: Path, what: str) -> None:
    with new_run(tmp_path) as run:
        for score in (2.0, 1.0):
            train(run, 1)
            run.checkpoint(score)
    path = (
        tmp_path
        / "checkpoints"
        / ("step-000000002.json" if what == "manifest" else "step-000000002.safetensors")
    )
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    damaged = {"flipped bit": bytes(content), "cut short": bytes(content[:100]), "manifest": b'{"step": '}
    path.unlink() if what == "gone" else path.write_bytes(damaged[what])
    for best in (False, True):
        manifest = run.restore(best=best)
        assert manifest is not None and manifest["step"] == 1
    assert any("step-000000002" in event["message"] for event in events(tmp_path, "warning"))


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.campaign)])
def test_killed_while_it_writes_checkpoints_a_sound_one_is_there(tmp_path: Path, kills: int) -> None:
    def forever() -> None:
        model = nn.Linear(300, 300, bias=False)
        run = runtime.Run(tmp_path, model, torch.optim.SGD(model.parameters()), "CPU: a test")
        (tmp_path / "checkpoints").mkdir(exist_ok=True)
        found = run.restore()
        run.steps = found["step"] if found else 0
        while True:
            run.steps += 1
            nn.init.constant_(model.weight, run.steps)
            run.checkpoint(score=-run.steps)

    chance, last = random.Random(7), 0
    for _ in range(kills):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a fork of a process with threads
            pid = os.fork()
        if not pid:
            with open(os.devnull, "w") as silence:
                os.dup2(silence.fileno(), 1)
                forever()
        time.sleep(chance.uniform(0.02, 0.15))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        model = nn.Linear(300, 300, bias=False)
        found = runtime.Run(tmp_path, model, torch.optim.SGD(model.parameters()), "CPU").restore()
        if found is None:
            assert not last
            continue
        assert found["step"] >= last and bool((model.weight == found["step"]).all())
        last = found["step"]
    assert last > 3  # it did get to write
    assert not (tmp_path / "events.jsonl").read_text().count("damaged")


def test_the_log_stays_small_however_long_the_run(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        loss = torch.tensor(1.0)
        for _ in range(20_000):
            run.step(loss)
    steps = [event["step"] for event in events(tmp_path, "step")]
    assert steps[:800] == list(range(1, 801)) and steps[-1] > 19_900
    assert len(steps) < 400 * 8


def test_an_epoch_is_logged_and_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with new_run(tmp_path) as run:
        for _ in run.each(batches(3)):
            train(run, 1)
        run.end_epoch(train={"loss": 0.5}, validation={"loss": 0.4, "accuracy": 0.9})
        run.finish({"train": {}, "validation": {}, "test": {"accuracy": 0.8}}, classes=("a", "b"))
    (epoch,) = events(tmp_path, "epoch")
    assert (epoch["epoch"], epoch["step"]) == (1, 3)
    assert (epoch["train_loss"], epoch["validation_loss"], epoch["validation_accuracy"]) == (0.5, 0.4, 0.9)
    assert [event["batch"] for event in events(tmp_path, "step")] == [1, 2, 3]
    assert result(tmp_path)["metrics"]["test"] == {"accuracy": 0.8} and result(tmp_path)["classes"] == [
        "a",
        "b",
    ]
    assert result(tmp_path)["status"] == "finished" and events(tmp_path, "end")[0]["status"] == "finished"
    assert "validation_accuracy 0.9000" in capsys.readouterr().out
    assert {"pid", "started", "device", "python", "versions"} <= json.loads(
        (tmp_path / "run.json").read_text()
    ).keys()
    assert (tmp_path / "weights.safetensors").stat().st_size > 100


def test_a_long_epoch_has_checkpoints_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "CHECKPOINT_SECONDS", 0.0)
    with new_run(tmp_path) as run:
        for _ in run.each(batches(4)):
            train(run, 1)
    assert [event["step"] for event in events(tmp_path, "checkpoint")] == [0, 1, 2, 3]
    manifest = run.restore()
    assert manifest is not None and (manifest["epoch"], manifest["batch"], manifest["score"]) == (0, 3, None)


@pytest.mark.parametrize("how", ["file", "SIGTERM", "SIGINT"])
def test_a_stop_leaves_a_checkpoint(tmp_path: Path, how: str) -> None:
    with new_run(tmp_path) as run:
        for i, _ in enumerate(run.each(batches(9))):
            train(run, 1)
            if i == 3:
                (tmp_path / "stop").touch() if how == "file" else os.kill(os.getpid(), getattr(signal, how))
    assert result(tmp_path)["status"] == "stopped" and result(tmp_path)["steps"] == 4
    assert "batch 5: stopped as asked" in result(tmp_path)["message"]
    manifest = new_run(tmp_path).restore()
    assert manifest is not None and (manifest["step"], manifest["epoch"], manifest["batch"]) == (4, 0, 4)


def test_a_loss_that_is_no_number_ends_the_run_and_names_the_layer(tmp_path: Path) -> None:
    class Broken(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(4, 4)
            self.logarithm = nn.Softplus(beta=0.0)  # divides by zero
            self.last = nn.Linear(4, 1)

        def forward(self, x: Tensor) -> Tensor:
            y: Tensor = self.first(x)
            return self.last(self.logarithm(y) if float(x.mean()) > 2 else y)

    with pytest.raises(SystemExit) as stopped, new_run(tmp_path, Broken()) as run:
        for data in run.each(batches(9)):
            loss = run.model(data).mean()
            run.step(loss)
            run.checkpoint()
    assert str(stopped.value).startswith(
        "Epoch 1, batch 4: logarithm is the first not to be finite; try a smaller"
    )
    assert "The last checkpoint is step-000000003" in str(stopped.value)
    assert result(tmp_path)["status"] == "failed" and result(tmp_path)["message"] == str(stopped.value)


def test_weights_that_are_no_numbers_are_not_kept(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="weights are not finite"), new_run(tmp_path) as run:
        train(run, 1)
        run.checkpoint()
        with torch.no_grad():
            run.model[0].weight.fill_(float("nan"))
        run.steps += 1
        run.checkpoint()
    assert [path.stem for path in (tmp_path / "checkpoints").glob("*.json")] == ["step-000000001"]


def test_a_lack_of_memory_says_what_to_try(tmp_path: Path) -> None:
    with (
        pytest.raises(SystemExit, match="batch 1: out of memory; try a smaller --batch-size"),
        new_run(tmp_path) as run,
    ):
        for _ in run.each(batches(1)):
            torch.empty(1 << 50)
    assert result(tmp_path)["status"] == "failed"


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """What a full disk does: a write fails in the middle of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    runtime.write_atomically(path, b"old")
    with files_of_at_most(1000), pytest.raises(OSError, match="too large"):
        runtime.write_atomically(path, b"n" * 5000)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_full_disk_ends_the_run_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped, new_run(tmp_path, network(64)) as run:
        train(run, 1)
        run.checkpoint()
        train(run, 1)
        with files_of_at_most(3000):
            run.checkpoint()
    assert "cannot write to" in str(stopped.value) and "free some space" in str(stopped.value)
    assert result(tmp_path)["status"] == "failed"
    manifest = new_run(tmp_path, network(64)).restore()
    assert manifest is not None and manifest["step"] == 1


def test_a_fault_of_the_script_is_recorded_and_shown(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_run(tmp_path):
        _ = 1 / 0
    assert result(tmp_path)["status"] == "failed" and "division by zero" in result(tmp_path)["message"]


def test_a_folder_with_a_run_is_not_written_into(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        train(run, 1)
    before = (tmp_path / "result.json").read_bytes()
    with pytest.raises(SystemExit, match="holds a run; give another --run-dir"), new_run(tmp_path):
        pass
    assert (tmp_path / "result.json").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SystemExit, match="cannot write to"), new_run(tmp_path / "file" / "run"):
        pass


def test_the_device_comes_with_a_reason() -> None:
    device, reason = runtime.choose_device("cpu")
    assert (device.type, reason) == ("cpu", "CPU: asked for")
    device, reason = runtime.choose_device("auto")
    assert reason.startswith("GPU:" if device.type != "cpu" else "CPU: ")
    if not torch.cuda.is_available():
        with pytest.raises(SystemExit, match=r"--device cuda: .*; use --device auto"):
            runtime.choose_device("cuda")


def test_it_can_be_copied_as_it_is(tmp_path: Path) -> None:
    """At most 250 lines of ASCII that ruff leaves alone in a folder of the user's, without any setting of ours."""
    text = SOURCE.read_bytes()
    assert text.isascii() and len(text.splitlines()) <= 250
    copy = tmp_path / "runtime.py"
    copy.write_bytes(text)
    for arguments in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--isolated", copy],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
