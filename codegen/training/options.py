"""The optimisers and metrics that can be chosen, as declarations: the window and the printer read them from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """A number (or a flag, where the default is one) with torch's name and torch's default."""

    name: str
    help: str
    default: float | bool
    low: float = 0.0
    high: float = 1e9


@dataclass(frozen=True)
class Optimizer:
    """An optimiser of `torch.optim`; `lr` is a learning rate to begin with."""

    name: str
    summary: str
    lr: float
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class Metric:
    """A number that says how good a model is; `scores` are the kinds of losses (Layer.scores) it goes with."""

    name: str
    title: str
    higher_is_better: bool
    scores: tuple[str, ...]


_DECAY = Setting("weight_decay", "how strongly weights are pulled to zero", 0.0)
_EPS = Setting("eps", "added to a divisor so that it is never zero", 1e-8)
_MOMENTUM = Setting("momentum", "share of the last step that is kept", 0.0, high=1.0)

OPTIMIZERS: Mapping[str, Optimizer] = {
    one.name: one
    for one in (
        Optimizer("Adam", "adapts the step of every weight; a good first choice", 1e-3, (_DECAY, _EPS)),
        Optimizer(
            "AdamW",
            "Adam with weight decay of its own",
            1e-3,
            (Setting("weight_decay", _DECAY.help, 0.01), _EPS),
        ),
        Optimizer(
            "SGD",
            "plain gradient steps, with momentum if wanted",
            1e-2,
            (_MOMENTUM, _DECAY, Setting("nesterov", "look ahead along the momentum", False)),
        ),
        Optimizer(
            "RMSprop",
            "divides by the recent size of the gradient",
            1e-3,
            (Setting("alpha", "how slowly that size changes", 0.99, high=1.0), _MOMENTUM, _DECAY, _EPS),
        ),
        Optimizer("Adagrad", "steps that only become smaller: for rare features", 1e-2, (_DECAY,)),
    )
}

METRICS: Mapping[str, Metric] = {
    one.name: one
    for one in (
        Metric("loss", "Loss", False, ("", "classes", "labels", "values", "sequence")),
        Metric("accuracy", "Accuracy", True, ("classes", "labels")),
        Metric("f1", "F1, mean over the classes", True, ("classes", "labels")),
        Metric("perplexity", "Perplexity", False, ("classes",)),
        Metric("iou", "Intersection over union", True, ("labels",)),
        Metric("auroc", "Area under the ROC curve", True, ("labels",)),
        Metric("mae", "Mean absolute error", False, ("values",)),
        Metric("label_error_rate", "Label error rate", False, ("sequence",)),
    )
}
