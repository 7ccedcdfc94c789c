"""What the Train page asks for beside the data: settings with their limits and defaults, and metrics that fit."""

from __future__ import annotations

from graph_ir.kinds import Choice as Words
from graph_ir.kinds import Integer, Json, Kind, Number
from graph_ir.report import Report

MOST = 1 << 31


def fitting_metrics(report: Report) -> list[str]:
    """The first two metrics that go with the design's loss, beside the loss itself."""
    from codegen.training.answers import answer_of
    from codegen.training.options import METRICS

    answer = answer_of(report)
    if answer is None or answer.target is None:
        return []
    return [name for name, metric in METRICS.items() if answer.scores in metric.scores and name != "loss"][:2]


def settings() -> list[tuple[tuple[str, ...], str, Kind, str, Json]]:
    """The settings of the page: where they stand in the design, their name, what they may be, help and default."""
    from codegen.training.options import OPTIMIZERS
    from codegen.training.settings import BATCH_SIZE, EPOCHS

    rate = OPTIMIZERS["Adam"].lr
    return [
        (("training", "epochs"), "epochs", Integer(1, MOST), "how often all data is seen", EPOCHS),
        (("training", "batch_size"), "batch_size", Integer(1, MOST), "samples in one step", BATCH_SIZE),
        (
            ("training", "optimizer", "type"),
            "optimizer",
            Words(tuple(OPTIMIZERS)),
            "how weights are changed",
            "Adam",
        ),
        (
            ("training", "optimizer", "lr"),
            "lr",
            Number(0, 1000, True),
            "learning rate: how far one step goes",
            rate,
        ),
    ]
