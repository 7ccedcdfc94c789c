"""Which torch is installed and which device it will train on, found out in a child process.

torch is never imported here: its import takes longer than everything else together.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Literal

Device = Literal["cpu", "cuda", "mps"]

# A card can be listed and yet be unusable (driver too old, card too new): only a sum done on it proves it.
_PROBE = """
import json, sys, warnings
warnings.simplefilter("ignore")
facts = {"version": None, "device": "cpu", "name": "", "reason": ""}
def tell(**more):
    print(json.dumps(facts | more))
    sys.exit()
try:
    import torch
except ModuleNotFoundError:
    tell(reason="torch is not installed")
except Exception as error:
    tell(reason=f"torch is installed but cannot be imported ({error})")
facts["version"] = str(torch.__version__)
if torch.version.cuda is None and torch.version.hip is None:
    reason = "this torch has no CUDA"
elif not torch.cuda.is_available():
    reason = "torch finds no usable NVIDIA card"
else:
    try:
        torch.ones(2, device="cuda").sum().item()
        tell(device="cuda", name=torch.cuda.get_device_name(0))
    except Exception as error:
        reason = f"the card refused a small sum ({error})"
if torch.backends.mps.is_available():
    tell(device="mps", name="Apple GPU")
tell(reason=reason)
"""


@dataclass(frozen=True)
class TorchFacts:
    """What a child process found.

    `version` is None where torch is missing or broken; it keeps the build, as in "2.13.0+cpu".
    `device` is the best one that works, `device_name` its maker's name (empty for the CPU), and
    `reason` one short text for people: "GPU: NVIDIA H200 (CUDA)", "CPU: this torch has no CUDA".
    """

    version: str | None
    device: Device
    device_name: str
    reason: str


def probe_torch(python: str = sys.executable, timeout: float = 60) -> TorchFacts:
    """Asks the interpreter `python` for its torch; waits at most `timeout` seconds. Never raises."""
    try:
        done = subprocess.run(
            [python, "-P", "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _no_torch(f"torch did not answer within {timeout:g} s")
    except OSError as error:
        return _no_torch(f"{python} cannot be started ({error.strerror})")
    return _read(done.stdout) or _no_torch(
        f"torch ended the process that asked for it (exit {done.returncode})"
    )


def _read(answer: str) -> TorchFacts | None:
    """The facts in the last line that a probe wrote; a library may have chattered before it."""
    lines = answer.splitlines()
    try:
        facts = json.loads(lines[-1])
        version, device, name, reason = (facts[key] for key in ("version", "device", "name", "reason"))
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    reason = " ".join(str(reason).split())
    if version is None:
        return _no_torch(reason)
    if device == "cpu":
        return TorchFacts(version, "cpu", "", f"CPU: {reason}")
    api = "CUDA" if device == "cuda" else "Metal"
    return TorchFacts(version, device, name, f"GPU: {name} ({api})")


def _no_torch(reason: str) -> TorchFacts:
    return TorchFacts(None, "cpu", "", reason)
