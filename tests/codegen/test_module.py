"""The printed module: golden files, style, types, the map from layers to lines, and hostile text."""

from __future__ import annotations

import ast
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.module import Printed, print_module
from codegen.objective import print_objective
from codegen.parts import FIRST_LINE
from codegen.prove import Prover
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.graph import TOP, Design, Graph, Node, Wire
from tests.codegen.code_samples import GOLDEN, SAMPLES, printed
from tests.graph_ir.random_graphs import RandomGraph
from tests.networks import chain, design, small_cnn, two_heads
from tests.proving import warm_prover

HOSTILE = (
    "forward",
    "training",
    "class",
    "__init__",
    "self",
    "x",
    "torch",
    'a"; import os; os.system("id") #',
    "a'''\"\"\"\nraise SystemExit(1)\n",
    "# -*- coding: utf-7 -*-",
    "+AAo-raise SystemExit(1)+AAo-",
    "cr\rraise SystemExit(2)",
    "\u202eevil\u2066",
    "ｒｅｌｕ",
    "relu",
    "{0.__class__} %s ${x} {{x}}",
    "\\N{BULLET} \\x00 \\",
    "\x00\x1b[31m\x7f",
    "é" * 200,
    "1" * 200,
    "None",
    "батч",
)


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


def module_of(made: Design) -> Printed:
    return print_module(made, check(made))


@pytest.mark.parametrize("name", SAMPLES)
def test_code_is_the_golden_one(name: str) -> None:
    expected = (GOLDEN / f"{name}.py.txt").read_text("ascii")
    assert printed(SAMPLES[name]()) == expected, (
        "read the difference, then python -m tests.codegen.code_samples"
    )


def tool(*arguments: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_a_formatter_and_a_linter_have_nothing_to_say(tmp_path: Path) -> None:
    """`ruff format` in its own width leaves random networks and all samples as they are, and `ruff check` is silent."""
    for name, make in SAMPLES.items():
        (tmp_path / f"{name}.py").write_text(printed(make()))
    for i in range(150):
        made = RandomGraph(random.Random(f"style/{i}")).grow()
        if check(made).ok:
            (tmp_path / f"random_{i}.py").write_text(printed(made))
    assert not tool("ruff", "format", "--isolated", "--check", ".", folder=tmp_path)
    rules = (
        "--select",
        "E,F,W,I,N,UP,B,SIM",
        "--ignore",
        "N812",
    )  # `functional as F` is how torch itself writes it
    assert not tool("ruff", "check", "--isolated", "--no-cache", *rules, ".", folder=tmp_path)


def test_strict_types_hold(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What mypy makes of torch itself is kept from run to run: that is nearly all of its work."""
    for name, make in SAMPLES.items():
        (tmp_path / f"{name}.py").write_text(printed(make()))
    cache = request.config.cache
    assert cache is not None
    kept = cache.mkdir("mypy of printed code")
    assert not tool("mypy", "--strict", "--cache-dir", str(kept), ".", folder=tmp_path)


def test_lines_lead_from_layers_to_their_code() -> None:
    code = module_of(two_heads())
    rows = code.source.splitlines()
    assert set(code.lines) == {"embed", "lstm", "topic", "mood"}
    assert [rows[i - 1].strip() for i in code.lines["embed"]] == [
        "self.embed = nn.Embedding(20, 6)",
        "self.embed.requires_grad_(False)",
        "x = self.embed(words)  # (N, T, 6)",
    ]
    assert [rows[i - 1].strip() for i in code.lines["mood"]] == [
        "self.mood = nn.Linear(10, 1)",
        "mood = self.mood(lstm_last)  # (N, 1)",
    ]


def test_inputs_and_outputs_come_in_their_order() -> None:
    code = module_of(two_heads())
    assert code.inputs == [("words", "words")]
    assert code.outputs == [("topics", "topics"), ("state", "state"), (("mood", "y"), "mood")]
    assert code.output_class == "TwoHeadsOutput"
    assert [(p.attribute, p.l1, p.l2) for p in code.penalties] == [("mood", 0.0, 0.01)]


def test_state_leads_from_layers_to_their_weights() -> None:
    assert module_of(small_cnn()).state == {("conv1",): "conv1", ("norm1",): "norm1", ("fc",): "fc"}


def test_an_objective_is_printed_alike_each_time() -> None:
    """A layer behind a target with several results needs new names: they do not depend on what was printed before."""
    made = design(
        {
            "steps": {"type": "Input", "shape": ["N", 3, 4]},
            "wished": {"type": "Input", "shape": ["N", 3, 4], "role": "target"},
            "read": {"type": "GRU", "hidden_size": 4},
            "mean": {"type": "Mean", "dim": 1},
            "out": {"type": "Output"},
            "loss": {"type": "MSELoss"},
        },
        ["steps -> mean", "mean -> out", "wished -> read", "mean -> loss.input", "read.last -> loss.target"],
    )
    report, code = check(made), module_of(made)
    first, second = (print_objective(made, report, code) for _ in range(2))
    assert first is not None and first == second
    assert any("_, read_h_n = self.read(" in row for row in first.rows)


def test_a_design_with_errors_is_not_printed() -> None:
    made = chain(
        {"type": "Input", "shape": ["N", 4]}, {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}
    )
    with pytest.raises(Refused, match=r"errors.*conv2d2"):
        module_of(made)


def test_a_design_without_a_result_is_not_printed() -> None:
    made = design({"a": {"type": "Input", "shape": ["N", 4]}, "b": {"type": "ReLU"}}, ["a -> b"])
    with pytest.raises(Refused, match="add an Output"):
        module_of(made)


def test_a_size_that_cannot_be_read_is_named() -> None:
    made = design(
        {
            "a": {"type": "Input", "shape": ["N", 6]},
            "twice": {"type": "Input", "shape": ["N", "S"], "role": "target"},
            "cut": {"type": "Reshape", "shape": ["S"]},
            "out": {"type": "Output"},
            "loss": {"type": "MSELoss"},
        },
        ["a -> cut", "cut -> out", "cut -> loss.input", "twice -> loss.target"],
    )
    with pytest.raises(Refused, match="'cut' needs the size S"):
        module_of(made)


def word(rng: random.Random) -> str:
    """A hostile word, two of them, or any characters at all (no lone surrogates: the reader refuses them)."""
    way = rng.random()
    if way < 0.5:
        return rng.choice(HOSTILE)
    if way < 0.7:
        return (rng.choice(HOSTILE) + rng.choice(HOSTILE))[:200]
    letters = (
        chr(rng.choice((rng.randrange(128), rng.randrange(0x3000), rng.randrange(0x110000))))
        for _ in range(20)
    )
    return "".join(letter for letter in letters if not 0xD800 <= ord(letter) < 0xE000) or "empty"


def hostile_design(rng: random.Random) -> Design:
    """Hostile words as title, ids and labels of Inputs, layers, losses and Outputs."""
    words: dict[str, None] = {}
    while len(words) < 7:
        words[word(rng)] = None
    a, b, c, d, e, f, g = words
    made = Design(
        about={"title": word(rng), "summary": word(rng), "source": word(rng)}, networks={TOP: Graph()}
    )
    for id, type, values in (
        (a, "Input", {"shape": ["N", 3, 5]}),
        (b, "LSTM", {"hidden_size": 4}),
        (c, "Linear", {"out_features": 2, "init": "orthogonal", "trainable": False}),
        (d, "Output", {}),
        (e, "Output", {}),
        (f, "Input", {"shape": ["N"], "dtype": "int64", "role": "target"}),
        (g, "CrossEntropyLoss", {}),
    ):
        made.top.add(Node(id, type, values, word(rng)))
    ends = ((a, "y", b, "x"), (b, "last", c, "x"), (c, "y", d, "x"), (b, "h_n", e, "x"), (c, "y", g, "input"))
    for wire in (*ends, (f, "y", g, "target")):
        made.top.add_wire(Wire(*wire))
    return made


def check_hostile(made: Design) -> Printed:
    """The code compiles, is ASCII, and no word of the user is more than part of a constant or of our own names."""
    report = check(made)
    code = print_module(made, report)
    objective = print_objective(made, report, code)
    assert objective is not None
    source = code.source + "\n".join(objective.rows)
    assert source.isascii() and "\r" not in source and "\0" not in source
    first, second = source.splitlines()[:2]
    assert first == FIRST_LINE and second in ("import torch", "from typing import NamedTuple")
    names = {name for node in ast.walk(ast.parse(source)) for name in identifiers(node)}
    assert all(re.fullmatch(r"_|__init__|[A-Za-z][A-Za-z0-9_]*", name) for name in names)
    assert not names & {"os", "system", "SystemExit", "print", "eval", "exec", "open"}
    return code


def test_hostile_text_stays_text(prover: Prover) -> None:
    for i in range(500):
        made = hostile_design(random.Random(f"hostile/{i}"))
        code = check_hostile(made)
        if i < 60:
            assert prover.prove(made, check(made), code).ok


@pytest.mark.campaign
def test_hostile_text_stays_text_in_many_designs(prover: Prover) -> None:
    for i in range(10_000):
        made = hostile_design(random.Random(f"campaign/{i}"))
        assert prover.prove(made, check(made), check_hostile(made)).ok


def identifiers(node: ast.AST) -> Iterator[str]:
    for field in ("id", "attr", "arg", "name", "module"):
        value = getattr(node, field, None)
        if isinstance(value, str):
            yield from value.split(".")


def test_the_code_runs_by_itself(tmp_path: Path) -> None:
    """As a user would: import it, build it without arguments, call it."""
    (tmp_path / "model.py").write_text(module_of(small_cnn()).source)
    text = "import torch; from model import SmallCNN; print(tuple(SmallCNN()(torch.rand(2, 3, 9, 8)).shape))"
    done = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "(2, 10)", done.stderr
