"""Runs a printed module on real torch beside an evaluation of the graph and compares. Started as `python -P`.

Each line on stdin is a request (JSON, see `codegen.expectation`); its answer is written to the file that it names.
"""

import contextlib
import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

LIMIT = 20
"""So many differences are told; more are of no use."""


def main() -> None:
    """Answers every request on stdin."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    try:
        import torch

        from codegen.child import proof
    except ImportError as error:
        missing = str(error)
        _answer(lambda request: {"missing": missing})
        return
    del sys.path[0]  # what stands beside our packages is none of a user's module's business
    torch.set_num_threads(1)
    python = sys.version.split()[0]

    def proved(request: dict[str, Any]) -> dict[str, Any]:
        _limit_memory(request["memory"])
        problems, counted = _proved(proof, request)
        versions = {"torch": str(torch.__version__), "python": python}
        return {"problems": problems, "versions": versions, "compared": counted}

    _answer(proved)


def _answer(reply: Any) -> None:
    for line in sys.stdin:
        request = json.loads(line)
        started = time.perf_counter()
        found = reply(request)
        _write(request["answer"], {**found, "seconds": time.perf_counter() - started})


def _limit_memory(extra: int) -> None:
    """Lets this process grow by so many bytes; where the system can't, the time limit has to do."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as file:
            used = int(file.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (used + extra, hard))


def _write(path: str, answer: dict[str, Any]) -> None:
    with open(f"{path}.part", "w", encoding="ascii") as file:
        json.dump(answer, file)
    os.replace(f"{path}.part", path)


def _proved(proof: Any, request: dict[str, Any]) -> tuple[list[str], dict[str, int]]:
    one = proof.Proof(request)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            one.run()
        except Exception as error:  # such as a lack of memory while something is compared
            text = " ".join(str(error).split())[:300]
            one.found.append(
                f"the proof could not be finished ({type(error).__name__}: {text}); try smaller sizes"
            )
    return list(dict.fromkeys(one.found))[:LIMIT], one.counted


if __name__ == "__main__":
    main()
