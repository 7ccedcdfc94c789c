"""The nets for sequences, texts, signals and tables have the sizes of their papers."""

from __future__ import annotations

import pytest

from graph_ir.check import check
from graph_ir.graph import Design
from graph_ir.templates import load, set_parameter


def dense(before: int, after: int) -> int:
    """A matrix and an offset."""
    return (before + 1) * after


def recurrent(gates: int, before: int, hidden: int, *, directions: int = 1) -> int:
    """A matrix for what comes in, one for the state, two offsets; all for each gate and direction."""
    return directions * gates * hidden * (before + hidden + 2)


def conv(before: int, after: int, size: int, *, bias: bool = True) -> int:
    """A kernel for each pair of channels, an offset for each channel."""
    return before * after * size + bias * after


def transformer(width: int, inner: int, *, attentions: int = 1) -> int:
    """Four matrices for each attention, two dense layers, norms behind each."""
    attention = 4 * dense(width, width) + 2 * width
    return attentions * attention + dense(width, inner) + dense(inner, width) + 2 * width


def context(width: int, hidden: int) -> int:
    """Additive attention: a dense layer and the context vector."""
    return dense(width, hidden) + hidden


_BIG = recurrent(4, 512, 512) + 2 * 40_000 * 512 + 40_000

COUNTS = {
    "gpt2": 124_439_808,
    "bert-base": 109_482_240,
    "char-gpt": (39 + 256) * 64 + 2 * transformer(64, 256) + 2 * 64,
    "transformer": 13 * 64 + 2 * transformer(64, 128) + 2 * transformer(64, 128, attentions=2),
    "transformer-classifier": 200 * 64 + 2 * transformer(64, 128) + dense(64, 2),
    "table-transformer": 121 * 32 + 2 * transformer(32, 64) + 2 * 32 + dense(32, 2),
    "hierarchical-attention": 1000 * 100
    + recurrent(4, 100, 150, directions=2)
    + recurrent(4, 200, 150, directions=2)
    + 2 * (dense(300, 200) + context(200, 200))
    + dense(200, 30),
    "text-cnn": 200 * 128 + sum(conv(128, 100, size) for size in (3, 4, 5)) + dense(300, 2),
    "attention-pooling": 200 * 64 + recurrent(3, 64, 64, directions=2) + context(128, 64) + dense(128, 2),
    "bag-of-words": 200 * 64 + dense(64, 2),
    "gru-tagger": 200 * 64 + recurrent(3, 64, 64) + dense(64, 7),
    "bilstm-tagger": 200 * 64
    + recurrent(4, 64, 64, directions=2)
    + recurrent(4, 128, 64, directions=2)
    + dense(128, 7),
    "seq2seq-attention": 2 * (13 * 64 + recurrent(4, 64, 128))
    + (dense(128, 64) + 128 * 64 + 64)
    + dense(256, 128)
    + dense(128, 13),
    "char-language-model": 39 * 32 + recurrent(4, 32, 32) + dense(32, 39),
    "word-language-model-40k": _BIG,
    "word-language-model-sampled": _BIG,
    "rnn-vanilla": recurrent(1, 8, 64) + dense(64, 10),
    "lstm-many-to-one": recurrent(4, 1, 32) + dense(32, 1),
    "lstm-many-to-many": recurrent(4, 1, 32) + dense(32, 1),
    "lstm-one-to-many": dense(4, 64) + recurrent(4, 64, 64) + dense(64, 1),
    "lstm-pooled-features": recurrent(4, 8, 64) + recurrent(4, 64, 64) + dense(16, 16) + dense(80, 10),
    "time-distributed": conv(1, 32, 9)
    + conv(32, 64, 9)
    + dense(64 * 16, 64)
    + recurrent(4, 64, 64)
    + dense(64, 1),
    "line-ctc": conv(1, 32, 9, bias=False)
    + conv(32, 64, 9, bias=False)
    + conv(64, 128, 9, bias=False)
    + 2 * (32 + 64 + 128)
    + recurrent(4, 128, 96, directions=2)
    + recurrent(4, 192, 96, directions=2)
    + dense(192, 11),
    "speech-ctc": conv(1, 16, 25, bias=False)
    + conv(16, 16, 25, bias=False)
    + 2 * (20 + 10)
    + recurrent(3, 160, 96, directions=2)
    + recurrent(3, 192, 96, directions=2)
    + dense(192, 11),
    "ecg": conv(1, 32, 15)
    + conv(32, 64, 15)
    + conv(64, 96, 15)
    + 2 * (32 + 64 + 96)
    + recurrent(4, 96, 64, directions=2)
    + dense(128, 4),
    "wavenet": 39 * 32
    + conv(32, 32, 2)
    + 16 * (2 * conv(32, 32, 2) + conv(32, 32, 1) + conv(32, 64, 1))
    + conv(32, 64, 1)
    + conv(64, 64, 1)
    + conv(64, 39, 1),
    "tcn": conv(1, 32, 3) + 7 * conv(32, 32, 3) + conv(1, 32, 1) + dense(32, 1),
    "mlp-table": dense(13, 64) + dense(64, 64) + 2 * 2 * 64 + dense(64, 3),
    "table-regression": dense(10, 32) + dense(32, 32) + dense(32, 1),
    "wide-and-deep": 120 * 2 + 120 * 4 + dense(150, 64) + dense(64, 32) + dense(32, 2),
    "lstm-auto-encoder": recurrent(4, 1, 64) + dense(64, 8) + recurrent(4, 8, 64) + dense(64, 1),
    "multi-task-text": 200 * 64 + recurrent(4, 64, 64, directions=2) + dense(128, 7) + dense(128, 2),
    "word-language-model-adaptive": 40_000 * 512
    + recurrent(4, 512, 512)
    + (2000 + 2) * 512
    + (512 + 8000) * 128
    + (512 + 30_000) * 32,
    "gated-conv-language-model": 39 * 64 + 4 * conv(64, 128, 4) + conv(64, 39, 1),
    "highway-table": dense(30, 32) + 10 * 2 * dense(32, 32) + dense(32, 2),
    "lasso": dense(10, 1),
    "image-kernels": 5 * 9 + 2 * 5 + dense(5 * 16, 10),
    "pooling-compared": conv(1, 16, 9) + dense(4 * 16 * 16, 10),
    "lenet5-connections": 156 + 1516 + 48_120 + 10_164 + dense(84, 10),
    "multi-input-metadata": conv(3, 16, 9, bias=False)
    + conv(16, 32, 9, bias=False)
    + conv(32, 48, 9, bias=False)
    + 2 * (16 + 32 + 48)
    + dense(4, 16)
    + dense(48 * 4 + 16, 64)
    + dense(64, 10),
}
"""By hand: for GPT-2 and BERT what was published, else the formulas of the papers."""

SCALED: list[tuple[str, dict[str, object], int]] = [
    ("gpt2", {"width": 1024, "depth": 24, "heads": 16}, 354_823_168),
    ("gpt2", {"width": 1600, "depth": 48, "heads": 25}, 1_557_611_200),
    ("bert-base", {"width": 1024, "depth": 24, "heads": 16}, 335_141_888),
    (
        "transformer",
        {"width": 512, "depth": 6, "heads": 8, "feedforward": 2048, "vocabulary": 37_000},
        63_082_496,
    ),
]
"""GPT-2 medium and XL, BERT large, and the base model of Vaswani et al. with one matrix for all words."""


def made(name: str, **parameters: object) -> Design:
    """A template with other parameters."""
    design = load(name)
    for key, value in parameters.items():
        set_parameter(design, key, str(value))
    return design


@pytest.mark.parametrize("name", COUNTS)
def test_it_has_as_many_parameters_as_the_paper_says(name: str) -> None:
    assert check(load(name)).parameters == COUNTS[name]


@pytest.mark.parametrize(("name", "parameters", "count"), SCALED)
def test_a_few_parameters_make_it_the_larger_model(
    name: str, parameters: dict[str, object], count: int
) -> None:
    report = check(made(name, **parameters))
    assert report.ok and report.parameters == count
