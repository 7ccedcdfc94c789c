"""ONNX: the file gives what torch gives at every size, or nothing is written and it is said why."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from codegen.export import export
from codegen.module import Printed, print_module
from codegen.onnx_export import NAME, Onnx, print_onnx
from graph_ir import templates
from graph_ir.check import check
from graph_ir.edits import Refused

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


def model(printed: Printed) -> torch.nn.Module:
    """The printed module itself."""
    namespace: dict[str, object] = {"__name__": "model"}
    exec(printed.source, namespace)
    made = namespace[printed.class_name]()  # type: ignore[operator]  # a class, printed just now
    assert isinstance(made, torch.nn.Module)
    return made.eval()


def written(name: str, folder: Path, weights: Path | None = None) -> tuple[Printed, Onnx]:
    design = templates.load(name)
    report = check(design)
    printed = print_module(design, report)
    return printed, print_onnx(design, report, printed, folder, weights)


def test_the_file_gives_what_trained_weights_give_at_any_size(tmp_path: Path) -> None:
    design = templates.load("digits")
    network = model(print_module(design, check(design)))
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.01)
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    paths = export(
        design,
        check(design),
        tmp_path / "out",
        onnx=True,
        weights=tmp_path / "weights.safetensors",
        proved=False,
        module_only=True,
    )
    assert [path.name for path in paths.paths] == ["model.py", NAME]
    assert "verified with onnxruntime" in paths.notes[0] and "N = 2 and N = 3" in paths.notes[0]
    session = onnxruntime.InferenceSession(str(tmp_path / "out" / NAME))
    (given,), (result,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape, result.name) == ("image", ["N", 1, 8, 8], "out")
    image = torch.rand(7, 1, 8, 8)
    (found,) = session.run(None, {"image": image.numpy()})
    with torch.no_grad():
        assert torch.allclose(torch.from_numpy(found), network(image), atol=1e-5)
    place = str(Path(torch.__file__).parent).encode()
    assert place not in (tmp_path / "out" / NAME).read_bytes(), "the file tells nothing of this machine"


def test_packed_sequences_are_written_too(tmp_path: Path) -> None:
    """torch.export can't capture them; lengths differ from one compared size to the next."""
    _, done = written("bilstm-tagger", tmp_path)
    assert [set(one) for one in done.sizes] == [{"N", "T"}] * 2 and done.largest < 1e-5
    inputs = onnxruntime.InferenceSession(str(done.files[NAME])).get_inputs()
    assert [(one.name, one.shape) for one in inputs] == [("tokens", ["N", "T"]), ("token_count", ["N"])]


def test_blocks_with_attention_over_padding_are_written(tmp_path: Path) -> None:
    """Tracing alone would fix their sizes: onnxruntime shows it, and the file of torch.export is taken."""
    _, done = written("transformer-classifier", tmp_path)
    assert [set(one) for one in done.sizes] == [{"N", "T"}] * 2 and done.largest < 1e-4


def test_random_results_are_told(tmp_path: Path) -> None:
    _, done = written("vae", tmp_path)
    assert done.random == ("out",)
    assert "out random, so compared by shape only" in done.sentence()


def test_a_file_that_gives_other_numbers_is_refused(tmp_path: Path) -> None:
    design = templates.load("digits")
    report = check(design)
    printed = print_module(design, report)
    wrong = printed.source + (
        "\n\nright = DigitsSmallCNN.forward\n\n\n"
        "def forward(self, image):\n"
        "    while_written = torch.compiler.is_exporting() or torch.jit.is_tracing()\n"
        "    return right(self, image) + (1 if while_written else 0)\n\n\n"
        "DigitsSmallCNN.forward = forward\n"
    )
    wrong = wrong.replace("import torch.nn.functional as F", "import torch\nimport torch.nn.functional as F")
    with pytest.raises(Refused, match=r"other numbers than torch for out \(difference 1\)"):
        print_onnx(design, report, replace(printed, source=wrong), tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "is no file"), (b"no tensors", "SafetensorError"), ({"fc.weight": (3, 3)}, "RuntimeError")],
    ids=["missing", "no tensors", "of another network"],
)
def test_weights_that_do_not_fit_are_refused(
    content: bytes | dict[str, tuple[int, int]] | None, said: str, tmp_path: Path
) -> None:
    weights = tmp_path / "weights.safetensors"
    if isinstance(content, bytes):
        weights.write_bytes(content)
    elif content:
        save_file({name: torch.zeros(shape) for name, shape in content.items()}, weights)
    design = templates.load("digits")
    with pytest.raises(Refused, match=said) as caught:
        export(design, check(design), tmp_path / "out", onnx=True, weights=weights, proved=False)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_missing_packages_are_named_with_what_brings_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(Refused, match=r"onnxruntime is not.*pip install 'layerloom\[onnx\]'"):
        written("digits", tmp_path)
