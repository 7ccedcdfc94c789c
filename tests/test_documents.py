"""What the documents say of the project is so: numbers, files, tests and commands that they name."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from codegen.training.sources import SOURCES
from graph_ir import templates
from graph_ir.layers import catalogue
from graph_ir.recipes import Module
from tests.benchmarks.__main__ import GROUPS
from tests.codegen import test_lengths
from tests.graph_ir import test_incremental, test_layers_contract, test_random_graphs
from tests.graph_ir.test_costs import PUBLISHED

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    str(path.relative_to(ROOT)) for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.md")
)
MEASUREMENTS = "docs/measurements.md"
WORDS = 1_130
"""Of ARCHITECTURE.md, which is to stay one page."""


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def row(command: str) -> str:
    """The first row of the measurements with this command."""
    return next(line for line in read(MEASUREMENTS).splitlines() if f"| `{command}` |" in line)


def refused() -> int:
    return len({reason for reason, _ in test_layers_contract.REFUSED})


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md"])
def test_as_many_layer_types_are_told_as_there_are(document: str) -> None:
    told = re.findall(r"(\d+) layer types", read(document))
    assert told and set(told) == {str(len(catalogue()))}


def test_as_many_templates_and_data_sets_are_told_as_there_are() -> None:
    text = read("README.md")
    assert set(re.findall(r"(\d+) (?:templates|designs)", text)) == {str(len(templates.names()))}
    assert "sixteen data sets" in text and len(SOURCES) == 16


def test_as_many_losses_are_told_as_there_are() -> None:
    (told,) = re.findall(r"(\d+) losses", read("CHANGELOG.md"))
    assert int(told) == sum(cls.spec.trait == "loss" for cls in catalogue().values())


def test_as_many_cases_are_told_as_a_run_has() -> None:
    types, cases = len(test_layers_contract.LAYERS), test_layers_contract.CASES
    each = [n * types for n in (cases, cases, cases // 3)]
    rows = read(MEASUREMENTS).split("## Against real torch")[1].split("\n\n")[1].splitlines()[2:5]
    told = [re.search(r"\| ([\d,]+) × (\d+) \| 0 \|$", line) for line in rows]
    assert [int(found[1]) * int(found[2]) for found in told if found] == each

    campaign = f"{test_layers_contract.CASES_OF_A_CAMPAIGN:,} × {types}"
    assert f"| {campaign} |" in row("./test -m campaign -k test_layers_contract")
    networks = test_random_graphs.GRAPHS * len(test_random_graphs.SEEDS)
    assert f"| {networks:,} |" in row("./test -k test_random_graphs")
    assert f"| {2 * test_lengths.GRAPHS}, of which" in row("./test -k no_result_depends")
    edits = test_incremental.SEEDS * test_incremental.EDITS * len(test_incremental.STARTS)
    assert f"| {edits:,} |" in row("./test -k test_incremental")
    assert f"| {len(PUBLISHED)} |" in row("./test -k torchvision")


def test_as_many_reasons_are_told_as_there_are() -> None:
    (told,) = re.findall(r"list of (\d+) reasons", read(MEASUREMENTS))
    assert int(told) == refused()


def test_at_most_one_type_in_ten_brings_a_class_along() -> None:
    recipes = [cls.spec.recipe for cls in catalogue().values()]
    brought = [r for r in recipes if isinstance(r, Module) and r.helper]
    assert brought and len(brought) <= len(recipes) / 10


def test_the_architecture_is_one_page() -> None:
    assert len(read("ARCHITECTURE.md").split()) <= WORDS


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    text = read(document)
    links = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    local = [link for link in links if "://" not in link]
    missing = [link for link in local if not (ROOT / document).parent.joinpath(link).exists()]
    assert not missing


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", MEASUREMENTS])
def test_files_that_are_named_are_there(document: str) -> None:
    walked = re.search(r"write\n`(\S+)`", read(document))  # the file that the walk of CONTRIBUTING.md adds
    named = re.findall(r"`((?:graph_ir|codegen|designer|assets|tests|docs)/[\w./]*)`", read(document))
    missing = [name for name in named if not (ROOT / name).exists() and not (walked and name == walked[1])]
    assert not missing
    alone = re.findall(r"\(`(\w+\.py)`", read(document))
    assert not [name for name in alone if not (ROOT / "graph_ir" / name).exists()]


def test_there_are_files_and_links_to_look_at() -> None:
    assert len(re.findall(r"`(?:graph_ir|codegen|designer)/[\w./]+`", read("ARCHITECTURE.md"))) > 10
    assert len(re.findall(r"\]\([^)#]+\)", read("README.md"))) > 4


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_that_are_named_can_be_run(document: str) -> None:
    for module, arguments in re.findall(r"`python -m ([\w.]+)([^`]*)`", read(document)):
        assert find_spec(module), module
        groups = arguments.split() if module == "tests.benchmarks" else []
        assert set(groups) <= GROUPS.keys()


def test_tests_that_are_named_are_there() -> None:
    """What follows `-k` is a part of a test's name or file; a campaign's test is marked as one."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    wanted = re.findall(r"`\./test( -m campaign)? -k (\w+)`", read(MEASUREMENTS))
    assert len(wanted) > 10
    for campaign, word in wanted:
        found = [text for path, text in sources.items() if word in path.stem]
        tests = re.compile(rf"def test_\w*{word.removeprefix('test_')}\w*\(")
        found += [text for text in sources.values() if tests.search(text)]
        assert found, word
        assert not campaign or any("mark.campaign" in text for text in found), word
