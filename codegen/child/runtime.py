# Keeps a training run safe: events, checkpoints, stop. Copied beside train.py as it is.
"""Writes `run.json`, `events.jsonl` (one object a line), `checkpoints/` and at the end
`weights.safetensors` and `result.json`; a kill leaves each as it was or as it is meant.
"""

import hashlib
import json
import math
import os
import platform
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Self

import safetensors.torch
import torch
from torch import Tensor

CHECKPOINT_SECONDS = 300.0  # between two checkpoints inside one epoch
STEP_EVENTS = 400  # logged in each doubling of the number of steps
VERSIONS = {"torch": str(torch.__version__), "safetensors": safetensors.__version__}


class Failure(Exception):
    """Ends a run with the status "failed"; its text is for people."""


def choose_device(name: str) -> tuple[torch.device, str]:
    """The device for auto, cpu, cuda or mps, and why; SystemExit if it is not there."""
    if name in ("auto", "cuda") and torch.cuda.is_available():
        return torch.device("cuda"), f"GPU: {torch.cuda.get_device_name()} (CUDA)"
    if name in ("auto", "mps") and torch.backends.mps.is_available():
        return torch.device("mps"), "GPU: Apple (MPS)"
    built = torch.version.cuda or torch.version.hip
    why = "no CUDA device answers" if built else "this torch has no CUDA"
    if name in ("auto", "cpu"):
        return torch.device("cpu"), f"CPU: {why if name == 'auto' else 'asked for'}"
    why = why if name == "cuda" else "this machine or torch has no MPS"
    raise SystemExit(f"--device {name}: {why}; use --device auto or --device cpu.")


def write_atomically(path: Path, content: bytes) -> None:
    """Writes so that `path` is the old or the new file, whatever happens meanwhile."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    if os.name == "posix":
        os.fsync(folder := os.open(path.parent, os.O_RDONLY))
        os.close(folder)


def _json(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode() + b"\n"


def packed(tensors: dict[str, Tensor]) -> bytes:
    copies = {k: t.detach().cpu().clone().contiguous() for k, t in tensors.items()}
    return safetensors.torch.save(copies)


def _finite(value: Any) -> bool:
    parts = value if isinstance(value, (list, tuple)) else [value]
    return all(bool(part.isfinite().all()) for part in parts if torch.is_tensor(part))


class Run:
    """One training in its folder: `with Run(...) as run:`, whatever ends it."""

    def __init__(self, folder: Path, model: Any, optimizer: Any, device: str) -> None:
        self.folder, self.device, self.last = folder, device, ""
        self.model, self.optimizer = model, optimizer
        self.given: Any = ()  # what the model was called with last
        self.epochs = self.steps = self.batch = self.batches = self.begun = 0
        self.result: Any = {"metrics": {"train": {}, "validation": {}, "test": {}}}
        model.register_forward_pre_hook(lambda _, given: setattr(self, "given", given))

    def __enter__(self) -> Self:
        if (self.folder / "events.jsonl").exists():
            raise SystemExit(f"{self.folder} holds a run; give another --run-dir.")
        now = round(time.time(), 3)
        facts = {"pid": os.getpid(), "started": now, "device": self.device}
        facts |= {"python": platform.python_version(), "versions": VERSIONS}
        self.clock = self.saved = time.monotonic()
        try:
            (self.folder / "checkpoints").mkdir(parents=True, exist_ok=True)
            write_atomically(self.folder / "run.json", _json(facts))
        except OSError as error:
            raise SystemExit(self._explain(error)) from None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: (self.folder / "stop").touch())
        return self

    def event(self, event: str, **facts: Any) -> None:
        """Appends a line to `events.jsonl`, and shows those that are rare."""
        entry = {"time": round(time.time(), 3), "event": event, "epoch": self.epochs}
        with open(self.folder / "events.jsonl", "ab", buffering=0) as log:
            log.write(_json(entry | {"step": self.steps} | facts))
        if event not in ("step", "checkpoint"):
            numbers = (f"{name} {value:.4f}" for name, value in facts.items())
            text = facts.get("message") or "  ".join(numbers)
            print(f"{event} {self.epochs}: {text}", flush=True)

    def each(self, batches: Any) -> Iterator[Any]:
        """The batches; between two, a stop is heeded and a due checkpoint written."""
        for self.batch, batch in enumerate(batches, 1):
            self.batches = len(batches)
            if (self.folder / "stop").exists():
                raise KeyboardInterrupt("stopped as asked.")
            if time.monotonic() > self.saved + CHECKPOINT_SECONDS:
                self.checkpoint()
            yield batch

    def step(self, loss: Tensor) -> float:
        """Counts a batch; returns its loss, or raises Failure if that is no number."""
        value = float(loss.detach())
        if not math.isfinite(value):
            raise Failure(self._blame())
        self.steps += 1
        rarity = max(0, (self.steps // STEP_EVENTS).bit_length() - 1)
        if self.steps % 2**rarity == 0:
            now = {"batch": self.batch, "batches": self.batches, "loss": value}
            self.event("step", **now | {"epoch": self.epochs + 1})
        return value

    def end_epoch(self, **metrics: dict[str, float]) -> None:
        """Logs `train` and `validation`; the latter's loss scores the checkpoint."""
        score = metrics["validation"]["loss"]
        if not math.isfinite(score):
            raise Failure(self._blame())
        self.epochs, self.begun = self.epochs + 1, self.steps
        self.result["metrics"] |= metrics
        parts = metrics.items()
        self.event("epoch", **{f"{p}_{k}": v for p, kv in parts for k, v in kv.items()})
        self.checkpoint(score)

    def finish(self, metrics: dict[str, dict[str, float]], **extra: Any) -> None:
        """Keeps the final numbers and writes the weights as they are now."""
        self.result = {"metrics": metrics} | extra
        weights = packed(self.model.state_dict())
        write_atomically(self.folder / "weights.safetensors", weights)

    def manifests(self, best: bool = False) -> list[dict[str, Any]]:
        """The readable manifests: newest first, or those with a score, best first."""
        found: list[dict[str, Any]] = []
        for path in sorted((self.folder / "checkpoints").glob("step-*.json")):
            try:
                found.insert(0, json.loads(path.read_bytes()) | {"name": path.stem})
            except (OSError, ValueError, TypeError):
                self.event("warning", message=f"{path.name} is damaged and left out.")
        scored = [one for one in found if one["score"] is not None]
        return sorted(scored, key=lambda one: one["score"]) if best else found

    def checkpoint(self, score: float | None = None) -> None:
        """Writes a checkpoint (no pickle) and keeps the last two and the best."""
        name, folder = f"step-{self.steps:09d}", self.folder / "checkpoints"
        if score is None and self.last == name:
            return
        tensors = {f"model//{key}": t for key, t in self.model.state_dict().items()}
        if not _finite(list(tensors.values())):
            raise Failure("the weights are not finite; try a smaller learning rate.")
        optimizer = self.optimizer.state_dict()
        for index, state in optimizer["state"].items():
            kept = {key: t for key, t in state.items() if isinstance(t, Tensor)}
            tensors |= {f"optimizer/{index}/{key}": t for key, t in kept.items()}
        content = packed(tensors | {"random//": torch.get_rng_state()})
        manifest: Any = {"step": self.steps, "epoch": self.epochs, "score": score}
        manifest |= {"batch": self.steps - self.begun, "versions": VERSIONS}
        manifest |= {"sha256": hashlib.sha256(content).hexdigest()}
        manifest |= {"param_groups": optimizer["param_groups"]}
        write_atomically(folder / f"{name}.safetensors", content)
        write_atomically(folder / f"{name}.json", _json(manifest))
        best = self.manifests(best=True)[:1]
        for old in (one["name"] for one in self.manifests()[2:] if one not in best):
            for suffix in ("json", "safetensors"):  # never a manifest without tensors
                (folder / f"{old}.{suffix}").unlink(missing_ok=True)
        self.last, self.saved = name, time.monotonic()
        self.event("checkpoint", file=f"checkpoints/{name}.safetensors")

    def restore(self, best: bool = False) -> dict[str, Any] | None:
        """Loads the newest (or best) sound checkpoint; its manifest, or None."""
        for manifest in self.manifests(best):
            path = self.folder / "checkpoints" / f"{manifest['name']}.safetensors"
            content = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
                self.event("warning", message=f"{path.name} is damaged and left out.")
                continue
            parts: Any = {"optimizer": {}}
            for key, tensor in safetensors.torch.load(content).items():
                part, index, name = key.split("/", 2)
                parts.setdefault(part, {}).setdefault(index, {})[name] = tensor
            self.model.load_state_dict(parts["model"][""])
            state = {int(index): value for index, value in parts["optimizer"].items()}
            self.optimizer.load_state_dict(manifest | {"state": state})
            torch.set_rng_state(parts["random"][""][""])
            return manifest
        return None

    def _blame(self) -> str:
        """Says where the first number that is not finite stands, and what to try."""
        named = [("the data", self.given), *self.model.named_parameters()]
        found = [name for name, value in named if not _finite(value)]

        def look(name: str, part: object, given: object, result: object) -> None:
            found.extend([] if _finite(result) else [name])

        for name, part in self.model.named_modules():
            part.register_forward_hook(partial(look, name or "the output"))
        with torch.no_grad():
            self.model(*self.given)
        first = [*found, "the loss"][0]
        return f"{first} is the first not to be finite; try a smaller learning rate."

    def _explain(self, error: BaseException) -> str:
        text = (str(error) or type(error).__name__).rstrip(".") + "."
        if isinstance(error, OSError):
            why = f"{error.strerror}; free some space or give another --run-dir"
            text = f"cannot write to {self.folder}: {why}."
        elif isinstance(error, MemoryError) or ("memory" in text and "alloc" in text):
            text = "out of memory; try a smaller --batch-size."
        place = f"Epoch {self.epochs + 1}, batch {self.batch}: "
        last = f" The last checkpoint is {self.last}." if self.last else ""
        return f"{place}{text}{last}"

    def __exit__(self, kind: object, error: BaseException | None, *_: object) -> bool:
        stopped = isinstance(error, KeyboardInterrupt)
        status = "stopped" if stopped else "failed" if error else "finished"
        end: Any = {"status": status, "epochs": self.epochs, "steps": self.steps}
        end["seconds"] = round(time.monotonic() - self.clock, 3)
        try:
            if stopped:
                self.checkpoint()
            end["message"] = self._explain(error) if error else "Finished."
            write_atomically(self.folder / "result.json", _json(end | self.result))
            self.event("end", **end)
        except (OSError, Failure) as late:
            if isinstance(error, OSError):
                raise SystemExit(self._explain(error)) from None
            return self.__exit__(None, late, None)
        if isinstance(error, (Failure, OSError)) or "out of memory" in end["message"]:
            raise SystemExit(end["message"])
        return status != "failed"
