"""The contract of every layer: what its declaration says is what real torch does with the code printed for it."""

from __future__ import annotations

import random

import pytest
import torch

from graph_ir.build import build
from graph_ir.infer import Inference
from graph_ir.kinds import Number
from graph_ir.layers import catalogue
from graph_ir.recipes import Absent, Module
from tests.graph_ir.cases import Case, random_case, with_symbols
from tests.graph_ir.contract import Applies, Refusal, Seen, disagreement, macs_disagree, symbols_disagree

CASES = 250
CASES_OF_A_CAMPAIGN = 2000

# What a user declares of a module of his own is compared in test_external.py.
LAYERS = sorted(name for name, cls in catalogue().items() if not cls.spec.own_ports)


def _has_error(code: str, *types: str) -> Applies:
    def applies(case: Case, inference: Inference, seen: Seen) -> bool:
        return inference.error is not None and inference.error.code == code and case.cls.__name__ in types

    return applies


def _unbatched(case: Case, inference: Inference, seen: Seen) -> bool:
    error = inference.error
    if error is None or error.code != "rank":
        return False
    port = case.cls.spec.input(error.port or "")
    least = sum(not token.is_run for token in port.tokens) if port else 0
    return len(case.types[error.port or ""].shape) == least - 1


def _empty(case: Case, inference: Inference, seen: Seen) -> bool:
    shapes = [shape for shape, _ in seen.outputs.values()]
    return any(0 in shape for shape in (*shapes, *seen.weights.values()))


def _own_field(case: Case, inference: Inference, seen: Seen) -> bool:
    field = inference.error.field if inference.error else None
    return field is not None and not case.cls.spec.fields[field].in_torch


def _unlooked_at(case: Case, inference: Inference, seen: Seen) -> bool:
    fields = {
        "eps",
        "momentum",
        "dropout",
        "norm_type",
        "max_norm",
        "padding",
        "dilation",
        "kernel_size",
        "stride",
        "layer_norm_eps",
        "dropout_p",
        "weight",
    }
    bad = {problem.field for problem in build(case.cls, case.values)[1]}
    return bool(bad) and bad <= fields


def _mixed_precision(case: Case, inference: Inference, seen: Seen) -> bool:
    return case.cls.spec.weighted and inference.error is not None and inference.error.code == "dtype"


def _has_no_gradient(case: Case, inference: Inference, seen: Seen) -> bool:
    return inference.error is not None and inference.error.code == "no-gradient"


def _loss_of_ints(case: Case, inference: Inference, seen: Seen) -> bool:
    error = inference.error
    if case.cls.spec.trait != "loss" or error is None or error.code != "dtype":
        return False
    return error.port != "target" or case.cls.__name__ == "CTCLoss"


def _drops_all_or_nothing(case: Case, inference: Inference, seen: Seen) -> bool:
    share = case.cls.spec.fields.get("p")
    drops = share is not None and share.kind == Number(0, 1) and case.values.get("p") in (0, 1)
    return drops and inference.error is not None and inference.error.code in ("dtype", "rank")


def _own_class(case: Case, inference: Inference, seen: Seen) -> bool:
    recipe, error = case.cls.spec.recipe, inference.error
    return (
        isinstance(recipe, Module)
        and bool(recipe.helper)
        and error is not None
        and error.code in ("dtype", "rank")
    )


def _piece_is_missing(case: Case, inference: Inference, seen: Seen) -> bool:
    fewer = _has_error("too-small", "Chunk")(case, inference, seen)
    return fewer or (case.cls.__name__ == "Split" and 0 in case.values.get("sizes", ()))


# What we refuse although torch takes it: the whole list.
REFUSED: list[Refusal] = [
    ("torch's forms without a batch axis: here every tensor has one", _unbatched),
    ("sizes of 0: torch makes an empty tensor, from which nothing can be learnt", _empty),
    ("a field of our own: the printed code can't say what is wrong with it", _own_field),
    (
        "fields without meaning that torch looks at late or never: eps < 0, momentum > 1, padding < 0, no weights",
        _unlooked_at,
    ),
    ("weights are float32: mixed precision is autocast's business, not the drawing's", _mixed_precision),
    ("a class that is printed because torch has none takes the dtypes and axes that make sense", _own_class),
    ("dropout with p = 0 or 1 takes what it can't take otherwise", _drops_all_or_nothing),
    ("torch takes any other rank for one sample without a batch", _has_error("rank", "Dropout3d")),
    ("torch halves 3 into 2 and 1 and stretches the one", _has_error("shape-mismatch", "GEGLU")),
    ("MaxPool1d takes ints only where its indices are read", _has_error("dtype", "MaxPool1d")),
    ("what torch computes but has no gradient for can't be learnt from", _has_no_gradient),
    ("a loss of ints has no gradient; CTC cuts targets to ints", _loss_of_ints),
    ("lengths are one for each sample: torch would stretch them", _has_error("rank", "GatherLast")),
    ("lengths are one for each sample: torch would stretch them", _has_error("size-mismatch", "GatherLast")),
    ("every piece is there and none is empty, also where nothing reads it", _piece_is_missing),
    (
        "to a size of 1 torch pools tensors of any rank",
        _has_error("rank", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"),
    ),
    (
        "padding round a ring that was also cut: torch hands out memory that it never wrote",
        _has_error("cut-ring", "CircularPad1d", "CircularPad2d", "CircularPad3d"),
    ),
]


def _campaign(name: str, count: int, seed: int) -> None:
    cls = catalogue()[name]
    rng = random.Random(f"{name}/{seed}")
    found: list[str] = []
    taken = 0
    for _ in range(count):
        text, fine = disagreement(random_case(rng, cls), REFUSED)
        taken += fine
        found += [text] if text else []
    assert not found, f"{len(found)} of {count} disagree, such as:\n\n" + "\n\n".join(found[:3])
    if not isinstance(cls.spec.recipe, Absent):
        assert taken > count // 10, f"the cases prove little: torch takes {taken} of {count}"


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_does_what_its_declaration_says(name: str) -> None:
    """Verdict, every shape and dtype, names and shapes of parameters and buffers, on both sides of every limit."""
    _campaign(name, CASES, seed=0)


@pytest.mark.parametrize("name", LAYERS)
def test_multiply_adds_are_those_that_torch_counts(name: str) -> None:
    cls = catalogue()[name]
    if isinstance(cls.spec.recipe, Absent):
        return
    rng = random.Random(f"{name}/macs")
    found = [text for text in (macs_disagree(random_case(rng, cls)) for _ in range(CASES // 3)) if text]
    assert not found, f"{len(found)} disagree, such as:\n\n" + "\n\n".join(found[:3])


@pytest.mark.parametrize("name", LAYERS)
def test_symbols_say_what_ints_say(name: str) -> None:
    """Shapes, verdict under the requirements, weights and MACs with symbols, once their values are put in."""
    rng = random.Random(f"{name}/symbols")
    found = []
    for _ in range(CASES):
        case = random_case(rng, catalogue()[name])
        if case.layer[1] and case.types:
            text = symbols_disagree(case, *with_symbols(rng, case))
            found += [text] if text else []
    assert not found, f"{len(found)} of {CASES} disagree, such as:\n\n" + "\n\n".join(found[:3])


@pytest.mark.campaign
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_does_what_its_declaration_says_in_many_cases(name: str) -> None:
    _campaign(name, CASES_OF_A_CAMPAIGN, seed=1)
