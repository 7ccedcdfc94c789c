"""Padded steps never count: a loss of a padded batch is that of its samples without padding, in a row."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.graph_ir.loss_cases import LOSSES, close, loss_of, reductions

pytestmark = pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # torch, of its own default


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)


# What a loss compares: ports with the axes of one step, and whether classes stand before the steps.
STEPWISE: dict[str, dict[str, Any]] = {
    "MSELoss": {"input": "4", "target": "4"},
    "L1Loss": {"input": "4", "target": "4"},
    "SmoothL1Loss": {"input": "4", "target": "4"},
    "HuberLoss": {"input": "4", "target": "4"},
    "PoissonNLLLoss": {"input": "4", "target": "4"},
    "SoftMarginLoss": {"input": "4", "target": "4"},
    "HingeEmbeddingLoss": {"input": "4", "target": "sign 4"},
    "BCEWithLogitsLoss": {"input": "4", "target": "4"},
    "BCELoss": {"input": "share 4", "target": "share 4"},
    "FocalLoss": {"input": "4", "target": "share 4"},
    "KLDivLoss": {"input": "4", "target": "share 4"},
    "GaussianNLLLoss": {"input": "4", "target": "4", "var": "share 4"},
    "GaussianKLLoss": {"mu": "4", "logvar": "4"},
    "MultiLabelSoftMarginLoss": {"input": "4", "target": "share 4"},
    "MarginRankingLoss": {"input1": "4", "input2": "4", "target": "sign 4"},
    "TripletMarginLoss": {"anchor": "4", "positive": "4", "negative": "4"},
    "ContrastiveLoss": {"input1": "4", "input2": "4", "target": "index"},
    "CrossEntropyLoss": {"input": "classes 4", "target": "index"},
    "NLLLoss": {"input": "classes 4", "target": "index"},
}
VOCABULARIES: dict[str, dict[str, Any]] = {
    "SampledSoftmaxLoss": {"n_classes": 12, "num_sampled": 12},
    "AdaptiveLogSoftmaxWithLoss": {"n_classes": 12, "cutoffs": [4, 8]},
}
WITHOUT_STEPS = {"CosineEmbeddingLoss", "MultiMarginLoss"}
COUNTS = torch.tensor([5, 2, 0])


def _tensor(kind: str) -> Tensor:
    """Steps of three samples, (3, 5) and what the kind says behind them."""
    if kind.startswith("index"):
        return torch.randint(2, (3, 5))
    made = torch.randn(3, 5, 4)
    return made.sigmoid() if "share" in kind else made.sign() if "sign" in kind else made


def _flat(given: Tensor) -> Tensor:
    """The valid steps of all samples in a row."""
    return torch.cat([sample[:count] for sample, count in zip(given, COUNTS, strict=True)])


def _case(type: str) -> tuple[dict[str, Tensor], dict[str, tuple[int, Tensor]], dict[str, Tensor]]:
    """The padded batch, the lengths that its ports carry, and the same steps in a row."""
    kinds = STEPWISE[type]
    steps = {port: _tensor(kind) for port, kind in kinds.items()}
    batch = {port: t.movedim(2, 1) if "classes" in kinds[port] else t for port, t in steps.items()}
    lengths = {port: (2 if "classes" in kinds[port] else 1, COUNTS) for port in batch}
    return batch, lengths, {port: _flat(t) for port, t in steps.items()}


def test_every_loss_has_a_test_of_padding() -> None:
    assert {*STEPWISE, *VOCABULARIES, *WITHOUT_STEPS, "DiceLoss", "CTCLoss"} == {*LOSSES}


@pytest.mark.parametrize("type", STEPWISE)
def test_padded_steps_do_not_count(type: str) -> None:
    """A padded batch gives what its samples give without padding, in a row."""
    batch, lengths, row = _case(type)
    first = next(iter(row))
    for word in reductions(type):
        found, _ = loss_of(type, batch, lengths, reduction=word)
        wanted, _ = loss_of(type, row, reduction=word)
        if word == "none":
            close(_flat(found), wanted)
            assert found[1, 2:].eq(0).all() and found[2].eq(0).all()
        else:
            close(found, wanted * (len(row[first]) / 3) if word == "batchmean" else wanted)


@pytest.mark.parametrize("type", STEPWISE)
def test_lengths_may_come_from_any_port(type: str) -> None:
    batch, lengths, row = _case(type)
    wanted, _ = loss_of(type, row, reduction="sum")
    for port, carried in lengths.items():
        close(loss_of(type, batch, {port: carried}, reduction="sum")[0], wanted)


@pytest.mark.parametrize("type", STEPWISE)
def test_a_batch_of_empty_samples_is_no_loss(type: str) -> None:
    batch, lengths, _ = _case(type)
    given = {p: t.requires_grad_(t.is_floating_point() and p != "target") for p, t in batch.items()}
    empty = {port: (axis, torch.zeros(3, dtype=torch.int64)) for port, (axis, _) in lengths.items()}
    for word in reductions(type):
        found, _ = loss_of(type, given, empty, reduction=word)
        torch.autograd.backward(found.sum())
        assert found.eq(0).all()
        assert all(t.grad is None or t.grad.eq(0).all() for t in given.values()), "no slope, and none is NaN"


def test_shares_per_class_leave_out_padding() -> None:
    scores, shares = torch.randn(3, 5, 4), torch.randn(3, 5, 4).softmax(2)
    batch = {"input": scores.movedim(2, 1), "target": shares.movedim(2, 1)}
    for word in ("mean", "sum"):
        found, _ = loss_of(
            "CrossEntropyLoss", batch, {"input": (2, COUNTS)}, reduction=word, weight=[1, 2, 3, 4]
        )
        weight = torch.tensor([1.0, 2, 3, 4])
        close(found, F.cross_entropy(_flat(scores), _flat(shares), weight, reduction=word))
    kept, _ = loss_of("CrossEntropyLoss", batch, {"target": (2, COUNTS)}, reduction="none")
    close(_flat(kept), F.cross_entropy(_flat(scores), _flat(shares), reduction="none"))
    assert kept[1, 2:].eq(0).all()


def test_weights_of_classes_leave_out_padding() -> None:
    batch, lengths, row = _case("CrossEntropyLoss")
    fields: dict[str, Any] = {"weight": [1.0, 3.0, 1.0, 1.0], "label_smoothing": 0.2}
    close(
        loss_of("CrossEntropyLoss", batch, lengths, **fields)[0],
        loss_of("CrossEntropyLoss", row, **fields)[0],
    )


@pytest.mark.parametrize("axis", [1, 2])
def test_two_axes_of_lengths_and_a_late_one(axis: int) -> None:
    """(N, T, S): steps behind the lengths of either axis don't count."""
    a, b = torch.randn(3, 4, 5), torch.randn(3, 4, 5)
    rows, columns = torch.tensor([4, 2, 1]), torch.tensor([1, 5, 3])
    counts = rows if axis == 1 else columns
    keep = torch.arange(a.shape[axis]) < counts[:, None]
    mask = (keep[:, :, None] if axis == 1 else keep[:, None, :]).expand_as(a)
    close(
        loss_of("MSELoss", {"input": a, "target": b}, {"input": (axis, counts)})[0],
        (a - b)[mask].square().mean(),
    )
    both = mask & (torch.arange(9 - a.shape[axis]) < (columns if axis == 1 else rows)[:, None]).unsqueeze(
        axis
    )
    lengths = {"input": (axis, counts), "target": (3 - axis, columns if axis == 1 else rows)}
    for type, each in (("MSELoss", (a - b).square()), ("L1Loss", (a - b).abs())):
        close(loss_of(type, {"input": a, "target": b}, lengths)[0], each[both].mean())


def test_the_dice_of_a_padded_batch_is_that_of_its_samples() -> None:
    given, mask = torch.rand(3, 2, 5), (torch.rand(3, 2, 5) > 0.5).float()
    found, _ = loss_of("DiceLoss", {"input": given, "target": mask}, {"input": (2, COUNTS)}, reduction="none")
    for i, count in enumerate(COUNTS[:2].tolist()):
        alone = {"input": given[i : i + 1, :, :count], "target": mask[i : i + 1, :, :count]}
        close(found[i], loss_of("DiceLoss", alone, reduction="none")[0][0])
    close(found[2], torch.zeros(2))


@pytest.mark.parametrize("type", VOCABULARIES)
def test_words_behind_the_end_do_not_count(type: str) -> None:
    x, words = torch.randn(3, 5, 16), torch.randint(12, (3, 5))
    found, module = loss_of(type, {"input": x, "target": words}, {"input": (1, COUNTS)}, **VOCABULARIES[type])
    close(found, module(_flat(x), _flat(words)))
    none = {"target": (1, torch.zeros(3, dtype=torch.int64))}
    empty, _ = loss_of(type, {"input": x, "target": words}, none, **VOCABULARIES[type])
    assert empty == 0


def test_ctc_reads_the_lengths_that_its_tensors_carry() -> None:
    steps, labels = torch.randn(3, 6, 4).log_softmax(2), torch.randint(1, 4, (3, 3))
    counts, sizes = torch.tensor([6, 5, 0]), torch.tensor([2, 1, 0])
    tensors, lengths = {"input": steps, "target": labels}, {"input": (1, counts), "target": (1, sizes)}
    found, _ = loss_of("CTCLoss", tensors, lengths, reduction="none", zero_infinity=True)
    for i in range(2):
        alone = {"input": steps[i : i + 1, : counts[i]], "target": labels[i : i + 1, : sizes[i]]}
        close(found[i], loss_of("CTCLoss", alone, reduction="sum")[0])
    assert found[2] == 0
