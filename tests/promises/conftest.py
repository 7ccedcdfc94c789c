"""Files to run commands on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commandline import Run, layerloom
from tests.graph_ir import hostile

__all__ = ["layerloom"]


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
