"""The `training` section: what can be used, and a sentence with a stable code for everything that can't."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from codegen.training.options import METRICS, OPTIMIZERS
from codegen.training.settings import BadTraining, read, settings_of
from codegen.training.sources import SOURCES
from graph_ir.check import check
from graph_ir.graph import Design, Node
from tests.codegen.source_designs import characters
from tests.codegen.training_samples import TEMPLATES, sample
from tests.networks import design


def codes(drawn: Design) -> list[str]:
    settings, problems = read(drawn, check(drawn))
    assert (settings is None) == any(problem.severity == "error" for problem in problems)
    assert all(problem.message.endswith((".", "?")) and "\n" not in problem.message for problem in problems)
    return [problem.code for problem in problems]


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_templates_can_be_trained_as_they_are(template: str) -> None:
    assert codes(sample(template)) == []


def test_what_is_left_out_has_a_default() -> None:
    drawn = sample("digits")
    drawn.training = {"data": {"source": "digits"}}
    settings = settings_of(drawn, check(drawn))
    assert settings.inputs == {"image": "image", "label": "label"} and settings.metrics == ()
    assert settings.as_json() == {
        "data": {
            "source": "digits",
            "inputs": {"image": "image", "label": "label"},
            "options": {},
            "split": [0.7, 0.15, 0.15],
            "seed": 0,
        },
        "epochs": 20,
        "batch_size": 64,
        "seed": 0,
        "optimizer": {"type": "Adam", "lr": 0.001},
        "metrics": [],
    }


def test_unknown_keys_are_ignored() -> None:
    drawn = sample("digits", colour="red", optimizer={"type": "SGD", "warmth": 3}, data={"taste": []})
    assert codes(drawn) == [] and settings_of(drawn, check(drawn)).optimizer_options == {"lr": 0.01}


@pytest.mark.parametrize(
    "changes, code, words",
    [
        ({"epochs": 0}, "bad-setting", "`training.epochs` is 0, but must be a whole number from 1"),
        ({"epochs": True}, "bad-setting", "is True"),
        ({"epochs": 2.5}, "bad-setting", "is 2.5"),
        ({"batch_size": "64"}, "bad-setting", "is '64'"),
        ({"seed": -1}, "bad-setting", "from 0"),
        ({"optimizer": []}, "bad-setting", "must be an object"),
        ({"optimizer": {"type": "Adamm"}}, "unknown-optimizer", "no optimiser 'Adamm'; choose one of Adam"),
        ({"optimizer": {"lr": 0}}, "bad-setting", "nothing would change"),
        ({"optimizer": {"lr": "fast"}}, "bad-setting", "must be a number"),
        ({"optimizer": {"type": "SGD", "momentum": 2}}, "bad-setting", "from 0 to 1"),
        ({"optimizer": {"type": "SGD", "nesterov": True}}, "bad-setting", "needs a momentum above 0"),
        ({"optimizer": {"type": "SGD", "nesterov": 1}}, "bad-setting", "must be true or false"),
        ({"losses": {"lost": 1}}, "unknown-loss", "did you mean 'loss'?"),
        ({"losses": {"loss": "much"}}, "bad-setting", "must be a number"),
        ({"losses": {"fc": 1.0}}, "unknown-loss", "'fc', which is no loss"),
        ({"metrics": ["accuracies"]}, "unknown-metric", "no metric 'accuracies'"),
        (
            {"metrics": ["mae"]},
            "metric-does-not-fit",
            "mae does not go with the loss 'loss'; choose of loss, acc",
        ),
        ({"metrics": "accuracy"}, "bad-setting", "must be a list"),
        ({"data": {"source": None}}, "no-data", "choose one that fits: digits"),
        (
            {"data": {"source": "mnist"}},
            "unknown-source",
            "no data set 'mnist'; choose one of digits, digit-strings",
        ),
        (
            {"data": {"inputs": {"image": "image", "label": "lable"}}},
            "data-input",
            "'lable', which digits does not",
        ),
        ({"data": {"inputs": {"image": "image"}}}, "data-input", "'label' is fed from nothing"),
        (
            {"data": {"inputs": {"image": "rows", "label": "label"}}},
            "data-does-not-fit",
            "has rows (N, 8, 8)",
        ),
        (
            {"data": {"inputs": {"image": "image", "label": "image"}}},
            "data-does-not-fit",
            "has the role target",
        ),
        ({"data": {"split": [0.5, 0.5]}}, "bad-setting", "three shares"),
        ({"data": {"split": [0.7, 0.3, 0.2]}}, "bad-setting", "that make 1"),
        ({"data": {"split": [1, 0, 0]}}, "bad-setting", "three shares"),
        ({"data": {"seed": 1.5}}, "bad-setting", "`training.data.seed`"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_with_a_code(
    changes: dict[str, Any], code: str, words: str
) -> None:
    drawn = sample("digits", **copy.deepcopy(changes))
    settings, problems = read(drawn, check(drawn))
    assert settings is None
    assert [problem.code for problem in problems] == [code]
    assert words in problems[0].message and problems[0].field and problems[0].field.startswith("training")
    with pytest.raises(BadTraining, match=r"[.?]$"):
        settings_of(drawn, check(drawn))


@pytest.mark.parametrize(
    "options", [{"max_digits": 0}, {"min_digits": 8}, {"train_strings": 10**9}, {"max_gap": "wide"}]
)
def test_options_of_the_data_have_limits(options: dict[str, Any]) -> None:
    drawn = sample("digit-strings", data={"options": options})
    assert set(codes(drawn)) == {"bad-setting"} and settings_or_none(drawn) is None


def settings_or_none(drawn: Design) -> object:
    return read(drawn, check(drawn))[0]


@pytest.mark.parametrize(
    "stride, steps, found",
    [(4, 14, []), (5, 11, ["ctc-too-short"]), (7, 8, ["ctc-too-short"]), (10, 5, ["data-does-not-fit"])],
)
def test_whether_a_ctc_target_can_fit_is_known_before_training(
    stride: int, steps: int, found: list[str]
) -> None:
    """Up to 7 labels on 56 columns: 13 steps are needed if all are alike, and never fewer than 7 for seven."""
    drawn = sample("digit-strings", data={"options": {"max_digits": 7, "max_gap": 0}})
    pool = drawn.top.node("pool1")
    drawn.top.replace(Node(pool.id, pool.type, {"kernel_size": [2, stride]}))
    assert 56 // stride == steps and codes(drawn) == found


def test_a_design_without_a_loss_or_weights_cannot_be_trained() -> None:
    layers = {
        "image": {"type": "Input", "shape": ["N", 1, 8, 8]},
        "relu": {"type": "ReLU"},
        "out": {"type": "Output"},
    }
    drawn = design(layers, ["image -> relu", "relu -> out"], data={"source": "digits"})
    assert codes(drawn) == ["no-loss", "nothing-to-train"]


def test_more_classes_than_the_data_has_is_a_warning() -> None:
    drawn = sample("digits")
    drawn.top.parameters["num_classes"] = 12
    assert codes(drawn) == ["class-count"] and settings_or_none(drawn) is not None
    drawn.top.parameters["num_classes"] = 9
    assert codes(drawn) == ["data-does-not-fit"]


def test_declarations_name_what_torch_has() -> None:
    import inspect

    from torch import optim

    for name, optimizer in OPTIMIZERS.items():
        parameters = inspect.signature(getattr(optim, name)).parameters
        assert "lr" in parameters
        for setting in optimizer.settings:
            assert parameters[setting.name].default == setting.default, (name, setting.name)
    assert all(metric.title and metric.scores for metric in METRICS.values())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("data", "epochs", "batch_size", "optimizer", "losses", "metrics", "seed")
DATA_KEYS = ("source", "inputs", "options", "split", "seed", "carry")
IDS = st.sampled_from(["text", "next", "h_0", "c_0", "h_n", "c_n", "lstm", "out", "count", "window", ""])


@effort(deadline=None)  # the machine may be busy
@given(
    st.dictionaries(st.sampled_from(KEYS), JSON),
    st.dictionaries(st.sampled_from(DATA_KEYS), JSON),
    st.booleans(),
)
def test_nothing_that_a_file_can_hold_raises(
    section: dict[str, Any], data: dict[str, Any], inside: bool
) -> None:
    drawn = sample("digits")
    drawn.training = {**drawn.training, **section}
    if inside:
        drawn.training["data"] = {**sample("digits").training["data"], **data}
    codes(drawn)


@effort(deadline=None)
@given(
    st.sampled_from([*SOURCES, "nothing"]),
    st.dictionaries(IDS, JSON | IDS, max_size=4),
    st.dictionaries(IDS, JSON | IDS, max_size=4),
    st.dictionaries(IDS, JSON | st.integers(0, 2000), max_size=3),
)
def test_nothing_that_a_file_can_say_of_data_raises(
    source: str, inputs: dict[str, Any], carry: dict[str, Any], options: dict[str, Any]
) -> None:
    drawn = characters()
    drawn.training["data"] = {"source": source, "inputs": inputs, "carry": carry, "options": options}
    codes(drawn)
