"""One real sample on every wire after a run: the numbers are those of the exported module on the same sample."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest
import torch
from safetensors.torch import load_file

from codegen.module import print_module
from codegen.sampling import SAMPLE, WEIGHTS, sample
from codegen.training import runs
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.file import read
from tests.codegen.training_samples import sample as training_design

FEW = {"train_strings": 64, "validation_strings": 32, "test_strings": 32}


@pytest.fixture(scope="module", params=["digits", "digit-strings"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch."""
    folder = tmp_path_factory.mktemp("sampled") / "run"
    design = training_design(request.param, epochs=1, data={"options": FEW})
    runs.prepare(design, check(design), folder, device="cpu")
    runs.start(folder, device="cpu").wait(300)
    assert runs.state(folder).status == "finished", runs.state(folder).message
    return folder


def module(folder: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"of_run_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_what_is_told_is_what_the_exported_module_gives(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = sample(run)
    design = read(run / "design.loom.json")
    report = check(design)
    assert set(told) >= {id for id in report.order if report.layers[id].trait not in ("loss", "output")}
    monkeypatch.chdir(run)
    data, printed = module(run, "data"), print_module(design, report)
    network = getattr(module(run, "model"), printed.class_name)()
    network.load_state_dict(load_file(run / WEIGHTS))
    network.eval()
    batch = next(iter(data.Batches(data.load()["test"], 1, torch.device("cpu"))))
    with torch.no_grad():
        given = network(*(batch[name] for _, name in printed.inputs))
    for (layer, port), name in printed.returned:
        real = getattr(given, name) if printed.output_class else given
        mine = told[layer][port]
        assert mine["shape"] == list(real.shape)
        for kind in ("min", "mean", "max"):
            assert mine[kind] == pytest.approx(float(getattr(real.double(), kind)()), rel=1e-5, abs=1e-6)


def test_it_is_kept_beside_the_run_and_a_damaged_one_is_made_anew(run: Path) -> None:
    first = sample(run)
    kept = json.loads((run / SAMPLE).read_bytes())
    assert kept == first
    (run / SAMPLE).write_text('{"conv1": 3')
    assert sample(run) == first


def test_pictures_are_small_and_within_their_bounds(run: Path) -> None:
    for ports in sample(run).values():
        for told in ports.values():
            for shown in told.get("maps", ()):
                assert len(shown["shades"]) == shown["width"] * shown["height"] <= 48 * 48
                assert all(0 <= shade <= 255 for shade in shown["shades"])
            assert len(told.get("curve", ())) <= 64
            assert len(told.get("maps", ())) <= 8


def test_a_run_without_weights_or_data_is_refused_in_a_sentence(run: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(run, broken)
    (broken / SAMPLE).unlink()
    (broken / "data.py").write_text("raise RuntimeError('gone')\n")
    with pytest.raises(Refused, match="could not be run"):
        sample(broken)
    (broken / WEIGHTS).unlink()
    with pytest.raises(Refused, match="not finished"):
        sample(broken)
    assert not (broken / SAMPLE).exists()
