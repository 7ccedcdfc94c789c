"""Whether labels without positions can be aligned is decided on the data, before training."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from codegen.module import print_module
from codegen.training.alignment import FUNCTION, print_alignment
from codegen.training.answers import answer_of
from graph_ir.check import check
from tests.networks import design


def short_of_steps(labels: list[list[int]], lengths: list[int], steps: Any) -> int:
    namespace: dict[str, Any] = {"torch": torch}
    exec("\n".join(FUNCTION), namespace)
    found: int = namespace["short_of_steps"](torch.tensor(labels), torch.tensor(lengths), steps)
    return found


@pytest.mark.parametrize(
    ("labels", "length", "needed"),
    [
        ([1, 2, 3], 3, 3),
        ([1, 1, 3], 3, 4),
        ([1, 1, 1], 3, 5),
        ([1, 2, 0], 2, 2),
        ([1, 0, 0], 1, 1),
        ([0, 0, 0], 0, 0),
    ],
)
def test_labels_need_a_step_each_and_one_more_between_equal_ones(
    labels: list[int], length: int, needed: int
) -> None:
    assert short_of_steps([labels], [length], needed) == 0
    if needed:
        assert short_of_steps([labels], [length], needed - 1) == 1
        blank_first = torch.zeros(needed, 1, 5).log_softmax(2)
        loss = torch.nn.functional.ctc_loss(
            blank_first, torch.tensor([labels]) + 1, torch.tensor([needed]), torch.tensor([length])
        )
        assert torch.isfinite(loss), "torch says the same"


def test_steps_may_differ_from_sample_to_sample() -> None:
    assert short_of_steps([[1, 2], [1, 2], [2, 2]], [2, 2, 2], torch.tensor([2, 1, 2])) == 2


def spoken(*, lengths: bool) -> list[str]:
    """The lines printed for a network on spectrograms that halves the steps."""
    layers: dict[str, dict[str, Any]] = {
        "speech": {"type": "Input", "shape": ["N", 40, "T"]},
        "steps": {"type": "Input", "role": "lengths", "of": "speech", "axis": 2},
        "conv": {"type": "Conv1d", "out_channels": 5, "kernel_size": 3, "stride": 2},
        "turn": {"type": "Permute", "dims": [0, 2, 1]},
        "log": {"type": "LogSoftmax", "dim": -1},
        "text": {"type": "Input", "shape": ["N", "S"], "dtype": "int64", "role": "target"},
        "loss": {"type": "CTCLoss"},
    }
    if not lengths:
        del layers["steps"]
    made = design(
        layers, ["speech -> conv", "conv -> turn", "turn -> log", "log -> loss.input", "text -> loss.target"]
    )
    report = check(made)
    assert report.ok, report.problems
    answer = answer_of(report)
    assert answer is not None
    inputs = [id for id in report.layers if report.role_of(id)]
    return print_alignment(report, print_module(made, report), answer, inputs)


def test_the_steps_are_the_symbolic_size_read_off_the_data() -> None:
    assert '(split["speech"].shape[2] + 1) // 2 - 1' in "".join(spoken(lengths=False))


def test_the_steps_of_each_sample_are_its_rewritten_length() -> None:
    assert '((split["steps"] + 1) // 2 - 1).clamp(min=0)' in "".join(spoken(lengths=True))
