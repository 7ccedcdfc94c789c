"""What losses compute: values against their formulas, weights, sampling; what they say of what does not fit.

Shapes, dtypes and limits of every loss are the contract test's business.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from graph_ir.build import build
from graph_ir.check import check
from graph_ir.edits import add_layer, apply
from graph_ir.infer import infer
from graph_ir.layers import catalogue
from graph_ir.signature import TensorType
from tests.graph_ir.loss_cases import LOSSES, close, loss_of
from tests.networks import design


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)


def test_the_focal_loss_is_that_of_the_paper() -> None:
    scores, yes = 3 * torch.randn(6, 4), (torch.rand(6, 4) > 0.5).float()
    p = torch.where(yes == 1, scores.sigmoid(), 1 - scores.sigmoid())
    alpha = torch.where(yes == 1, 0.3, 0.7)
    direct = -alpha * (1 - p) ** 1.5 * p.log()
    tensors = {"input": scores, "target": yes}
    close(loss_of("FocalLoss", tensors, alpha=0.3, gamma=1.5, reduction="none")[0], direct)
    close(loss_of("FocalLoss", tensors, alpha=0.3, gamma=1.5)[0], direct.mean())
    plain = F.binary_cross_entropy_with_logits(scores, yes)
    close(loss_of("FocalLoss", tensors, alpha=None, gamma=0)[0], plain)


def test_the_focal_loss_has_a_slope_where_probabilities_are_0_or_1() -> None:
    scores = torch.tensor([-300.0, 300.0, -300.0, 300.0], requires_grad=True)
    loss, _ = loss_of("FocalLoss", {"input": scores, "target": torch.tensor([0.0, 1.0, 1.0, 0.0])}, gamma=0.5)
    torch.autograd.backward(loss)
    assert math.isfinite(loss.item()) and scores.grad is not None and scores.grad.isfinite().all()
    assert scores.grad[2] < 0 < scores.grad[3], "what is wrong is pulled the right way"


@pytest.mark.parametrize("smooth", [1.0, 0.1])
def test_the_dice_loss_is_one_minus_the_overlap(smooth: float) -> None:
    given, mask = torch.rand(3, 2, 5, 4), (torch.rand(3, 2, 5, 4) > 0.5).float()
    above = 2 * (given * mask).sum((2, 3)) + smooth
    direct = 1 - above / (given.square().sum((2, 3)) + mask.square().sum((2, 3)) + smooth)
    tensors = {"input": given, "target": mask}
    close(loss_of("DiceLoss", tensors, smooth=smooth, reduction="none")[0], direct)
    close(loss_of("DiceLoss", tensors, smooth=smooth)[0], direct.mean())
    close(loss_of("DiceLoss", {"input": mask, "target": mask}, smooth=smooth)[0], 0.0)


def test_the_contrastive_loss_is_that_of_the_paper() -> None:
    a, b, unlike = torch.randn(8, 3), torch.randn(8, 3), torch.tensor([0, 1] * 4)
    d = (a - b + 1e-6).norm(dim=1)
    direct = torch.where(unlike == 1, (2.5 - d).clamp(min=0) ** 2 / 2, d**2 / 2)
    tensors = {"input1": a, "input2": b, "target": unlike}
    close(loss_of("ContrastiveLoss", tensors, margin=2.5, reduction="none")[0], direct)
    same = a.clone().requires_grad_()
    torch.autograd.backward(loss_of("ContrastiveLoss", {"input1": same, "input2": a, "target": unlike})[0])
    assert same.grad is not None and same.grad.isfinite().all(), "a distance of 0 has a slope"


def test_the_gaussian_kl_is_the_closed_form() -> None:
    mu, logvar = torch.randn(5, 7), torch.randn(5, 7)
    normal = torch.distributions.Normal
    direct = torch.distributions.kl_divergence(normal(mu, (logvar / 2).exp()), normal(0.0, 1.0))
    tensors = {"mu": mu, "logvar": logvar}
    close(loss_of("GaussianKLLoss", tensors, reduction="none")[0], direct)
    close(loss_of("GaussianKLLoss", tensors)[0], direct.sum(1).mean())
    close(loss_of("GaussianKLLoss", tensors, reduction="mean")[0], direct.mean())
    small = torch.full((1, 1), 1e-4)
    tiny, _ = loss_of("GaussianKLLoss", {"mu": 0 * small, "logvar": small}, reduction="sum")
    assert tiny.item() == pytest.approx(2.5e-9, rel=0.01), "no digits are lost near the standard distribution"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_classes_and_labels_count_by_their_weights(dtype: torch.dtype) -> None:
    scores, classes, weight = torch.randn(6, 3, 2, dtype=dtype), torch.randint(3, (6, 2)), [0.5, 2.0, 0.0]
    tensor = torch.tensor(weight, dtype=dtype)
    found, _ = loss_of("CrossEntropyLoss", {"input": scores, "target": classes}, weight=weight)
    close(found, F.cross_entropy(scores, classes, weight=tensor))
    found, _ = loss_of("NLLLoss", {"input": scores, "target": classes}, weight=weight, ignore_index=1)
    close(found, F.nll_loss(scores, classes, weight=tensor, ignore_index=1))
    flat, labels = scores[:, :, 0], (torch.rand(6, 3) > 0.5).to(dtype)
    found, _ = loss_of("BCEWithLogitsLoss", {"input": flat, "target": labels}, pos_weight=weight)
    close(found, F.binary_cross_entropy_with_logits(flat, labels, pos_weight=tensor))
    found, _ = loss_of("MultiMarginLoss", {"input": flat, "target": classes[:, 0]}, weight=weight, p=2)
    close(found, F.multi_margin_loss(flat, classes[:, 0], p=2, weight=tensor))


def test_a_softmax_of_all_classes_is_the_full_one() -> None:
    tensors = {"input": torch.randn(9, 4), "target": torch.randint(20, (9,))}
    loss, module = loss_of("SampledSoftmaxLoss", tensors, n_classes=20, num_sampled=20)
    full = F.cross_entropy(F.linear(tensors["input"], module.weight, module.bias), tensors["target"])
    close(loss, full)
    module.eval()
    close(module(*tensors.values()), full)


def test_a_sampled_softmax_estimates_the_full_one_and_learns() -> None:
    x, words = torch.randn(40, 6), torch.randint(300, (40,))
    _, module = loss_of("SampledSoftmaxLoss", {"input": x, "target": words}, n_classes=300, num_sampled=30)
    rounds = torch.stack([module(x, words).detach() for _ in range(200)])
    full = module.eval()(x, words).detach()
    assert rounds.std() > 0 and abs(rounds.mean() - full) < 0.05 * full, "drawn anew, right on average"
    module.train()
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
    for _ in range(150):
        optimizer.zero_grad()
        torch.autograd.backward(module(x, words))
        optimizer.step()
    assert module.eval()(x, words) < 0.3 * full


def test_the_adaptive_softmax_is_torchs() -> None:
    x, words = torch.randn(2, 5, 8), torch.randint(30, (2, 5))
    fields: dict[str, Any] = {"n_classes": 30, "cutoffs": [6, 20], "div_value": 2.0, "head_bias": True}
    loss, module = loss_of("AdaptiveLogSoftmaxWithLoss", {"input": x, "target": words}, **fields)
    torchs = nn.AdaptiveLogSoftmaxWithLoss(8, 30, [6, 20], div_value=2.0, head_bias=True)
    torchs.load_state_dict(module.state_dict())
    close(loss, torchs(x.flatten(0, 1), words.flatten()).loss)


def error_of(type: str, shapes: Mapping[str, tuple[Any, ...]], **values: Any) -> str:
    """What is said about this use; dtypes are what each port takes first."""
    layer, bad = build(catalogue()[type], values)
    if layer is None:
        return bad[0].text
    ports = catalogue()[type].spec.inputs
    types = {p.name: TensorType(shapes[p.name], p.dtypes[0]) for p in ports if p.name in shapes}
    found = infer(layer, tuple(types.items()))
    return found.error.text if found.error else " / ".join(text for _, _, text in found.warnings)


WORDS: dict[str, tuple[tuple[str, dict[str, tuple[int, ...]], dict[str, Any]], str]] = {
    "the weights": (
        ("NLLLoss", {"input": (2, 5), "target": (2,)}, {"weight": [1.0, 2.0]}),
        "`weight` has 2 numbers, but `input` is (2, 5) with 5 classes; give one for each",
    ),
    "no list": (
        ("NLLLoss", {"input": (2, 5), "target": (2,)}, {"weight": []}),
        "`weight` is empty, but must be a list, each entry a number",
    ),
    "too many drawn": (
        ("SampledSoftmaxLoss", {"input": (2, 5), "target": (2,)}, {"n_classes": 8, "num_sampled": 9}),
        "`num_sampled` is 9, but there are only 8 classes; lower it",
    ),
    "groups that fall": (
        (
            "AdaptiveLogSoftmaxWithLoss",
            {"input": (2, 5), "target": (2,)},
            {"n_classes": 9, "cutoffs": [4, 3]},
        ),
        "`cutoffs` is [4, 3], but must rise and stay below the 9 classes; mend it",
    ),
    "a width that is no number": (
        (
            "AdaptiveLogSoftmaxWithLoss",
            {"input": (2, 5), "target": (2,)},
            {"n_classes": 9, "cutoffs": [3, 4], "div_value": 1e300},
        ),
        "`div_value` is 1e+300, which no width can be divided by",
    ),
    "too few steps": (
        ("CTCLoss", {"input": (2, 5, 4), "target": (2, 7)}, {}),
        "`input` has 5 steps, but 7 labels need at least as many, and one more for each that repeats the one before "
        "it: targets of full length have an infinite loss; use smaller strides in front",
    ),
    "a mean over classes": (
        ("KLDivLoss", {"input": (2, 5), "target": (2, 5)}, {}),
        "which makes it no divergence; set `reduction` to 'batchmean'",
    ),
    "no places": (
        ("DiceLoss", {"input": (2, 5), "target": (2, 5)}, {}),
        "`input` is (2, 5), but needs places behind batch and channels; wire a map N C H W, or N C T",
    ),
}


@pytest.mark.parametrize("case", WORDS)
def test_what_does_not_fit_is_said(case: str) -> None:
    (type, shapes, values), wanted = WORDS[case]
    assert wanted in error_of(type, shapes, **values)


@pytest.mark.parametrize("type", LOSSES)
def test_a_loss_brings_targets_that_fit(type: str) -> None:
    """Dropped behind a layer whose axes it takes, a loss has no error left but for what the network must give."""
    cls = catalogue()[type]
    axes = {"CTCLoss": ["N", "T", 9], "DiceLoss": ["N", 3, 8, 8]}.get(type, ["N", 12])
    drawn = design({"x": {"type": "Input", "shape": axes}, "out": {"type": "Output"}}, ["x -> out"])
    apply(drawn, add_layer(drawn, "", type, after=("x", "y")))
    brought = cls.companions(None)
    missing = [p.name for p in cls.spec.inputs[1:] if not p.optional and p.name not in brought]
    wrong = [problem for problem in check(drawn).problems if problem.severity == "error"]
    assert {problem.code for problem in wrong} <= {"missing-input"} and len(wrong) == len(missing)
