"""Bypassed layers in printed code: nothing of them stands there, and torch computes what is drawn (requirement 7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.module import print_module
from codegen.onnx_export import print_onnx
from codegen.prove import Prover
from codegen.training import runs
from graph_ir import templates
from graph_ir.bypass_edits import bypass
from graph_ir.check import check
from graph_ir.edits import apply
from graph_ir.graph import Design
from tests import networks
from tests.codegen.training_samples import sample
from tests.graph_ir.block_samples import DENSE, design, linear, through, use
from tests.proving import warm_prover


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


PLACES = {
    "a block": ("alexnet", "", "features"),
    "in a chain of modules": ("alexnet", "Features", "1"),
    "AdaptiveAvgPool2d": ("alexnet", "", "avgpool"),
    "Conv2d": ("alexnet", "Features", "0"),
    "Dropout": ("alexnet", "Classifier", "0"),
    "GRU": ("attention-pooling", "", "gru"),
    "LearnedPositions": ("bert-base", "", "position"),
    "Add": ("bert-base", "", "sum"),
    "TiedLinear": ("bert-base", "", "scores"),
    "MultiheadAttention": ("bert-base", "Layer", "attention"),
    "LSTM": ("bilstm-tagger", "", "lstm"),
    "Transpose": ("char-gpt", "", "scores"),
    "BatchNorm2d": ("dcgan-discriminator", "", "norm2"),
    "Concat": ("dense-block", "DenseLayer", "join"),
    "AvgPool2d": ("dense-block", "Transition", "pool"),
    "LogSoftmax": ("digit-strings", "", "log_probs"),
    "a convolution over lengths": ("speech-ctc", "", "clip1"),
    "TransformerEncoderLayer": ("table-transformer", "Layer", "layer"),
    "PairwiseDistance": ("siamese", "", "distance"),
}


def left_out(name: str, network: str, *ids: str) -> Design:
    made = templates.load(name)
    apply(made, bypass(made, network, ids, True))
    return made


@pytest.mark.parametrize("place", PLACES)
def test_torch_computes_what_is_drawn_with_a_layer_left_out(prover: Prover, place: str) -> None:
    made = left_out(*PLACES[place])
    report = check(made)
    assert report.ok, report.problems
    proof = prover.prove(made, report)
    assert proof.ok, proof.problems


def test_nothing_of_it_stands_in_the_code() -> None:
    made = networks.small_cnn()
    apply(made, bypass(made, "", ["norm1", "relu1"], True))
    source = print_module(made, check(made)).source
    assert "norm1" not in source and "relu" not in source and "Identity" not in source
    assert "F.max_pool2d(self.conv1(image), 2)" in source


def test_two_in_a_row_and_one_in_front_of_an_output_hand_on_the_same_value(prover: Prover) -> None:
    made = networks.design(
        {
            "x": {"type": "Input", "shape": ["N", 4]},
            "fc": linear(4),
            "act": {"type": "ReLU"},
            "drop": {"type": "Dropout"},
            "plain": {"type": "Output"},
            "also": {"type": "Output"},
        },
        ["x -> fc", "fc -> act", "act -> drop", "drop -> plain", "fc -> also"],
    )
    apply(made, bypass(made, "", ["act", "drop"], True))
    report = check(made)
    assert prover.prove(made, report).ok
    assert print_module(made, report).source.count("self.fc(") == 1


def test_what_only_an_ignored_input_reads_is_not_computed(prover: Prover) -> None:
    made = networks.design(
        {
            "x": {"type": "Input", "shape": ["N", 4]},
            "branch": {"type": "Tanh"},
            "add": {"type": "Add"},
            "out": {"type": "Output"},
        },
        ["x -> add.x1", "x -> branch", "branch -> add.x2", "add -> out"],
    )
    apply(made, bypass(made, "", ["add"], True))
    report = check(made)
    assert "tanh" not in print_module(made, report).source
    assert prover.prove(made, report).ok


def test_a_block_of_which_every_use_is_bypassed_is_not_printed(prover: Prover) -> None:
    made = design(
        {"in": {"type": "Input", "shape": ["N", 4]}, "use": use("Dense", width=4), "out": {"type": "Output"}},
        ["in -> use", "use -> out"],
        Dense=DENSE,
    )
    apply(made, bypass(made, "", ["use"], True))
    report = check(made)
    assert "class Dense" not in print_module(made, report).source
    assert prover.prove(made, report).ok


def test_inside_a_repeated_block_it_is_left_out_of_every_repetition(prover: Prover) -> None:
    made = through(
        {"fc": linear("=width"), "act": {"type": "ReLU"}},
        ["x -> fc", "fc -> act", "act -> y"],
        ["N", 4],
        {"width": None},
        width=4,
        repeat=3,
    )
    apply(made, bypass(made, "B", ["act"], True))
    report = check(made)
    assert "relu" not in print_module(made, report).source.lower()
    assert prover.prove(made, report).ok


def test_a_model_with_a_layer_left_out_is_trained_and_saved_as_onnx(tmp_path: Path) -> None:
    made = sample("digits", epochs=1)
    relu = next(node.id for node in made.top if node.type == "ReLU")
    apply(made, bypass(made, "", [relu], True))
    report = check(made)
    (tmp_path / "onnx").mkdir()
    runs.prepare(made, report, tmp_path / "run", device="cpu")
    runs.start(tmp_path / "run", device="cpu").wait(250)
    state = runs.state(tmp_path / "run")
    assert state.status == "finished", state.message
    found = print_onnx(made, report, print_module(made, report), tmp_path / "onnx")
    assert found.files and found.largest < 1e-4
