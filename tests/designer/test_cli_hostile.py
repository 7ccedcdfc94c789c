"""Hostile design files through the commands: no traceback, no payload run, the file as it was."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.commandline import Run, layerloom
from tests.graph_ir import hostile

__all__ = ["layerloom"]

PAYLOADS = [
    "__import__('pathlib').Path('pwned').touch()",
    "');__import__('os').system('touch pwned')#",
    '"""\nopen("pwned", "w")\n"""',
    "\\\\'''+open('pwned','w').name+'''",
    "coding: utf-7 +AG8AcABlAG4-('pwned','w')",
    "{open('pwned','w')}",
    "{{ ''.__class__.__mro__ }}",
    "$(touch pwned)`touch pwned`",
    "../../../pwned",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "\\immediate\\write18{touch pwned}",
    "\\input{/etc/passwd}",
    '"]; evil [shapefile="/etc/passwd" URL="javascript:alert(1)"]; "',
    "<<b>bold</b>>",
    "click A call pwned()",
    "forward",
    "training",
    "self",
    "__class__",
    "None",
    "import",
    "Ⅳ",
    "ﬁ",
    "\u202e\u2066evil",
    "\r\nimport os",
    "\x00",
    "a" * 200,
]


@pytest.fixture
def disguised(layerloom: Run, tmp_path: Path) -> Path:
    """The template `digits` with payloads for ids, labels, title and everything else that is text."""
    design = layerloom("new", "digits", "-o", "-").json
    layers, wires = design["network"]["layers"], design["network"]["wires"]
    names = dict(zip(layers, PAYLOADS, strict=False))
    named = {names.get(id, id): {**entry, "label": PAYLOADS[3]} for id, entry in layers.items()}
    design["network"]["layers"] = named
    design["network"]["wires"] = [[_renamed(end, names) for end in wire] for wire in wires]
    design["about"] = {key: PAYLOADS[i] for i, key in enumerate(("title", "summary", "source", "licence"))}
    training = design["training"]
    training["data"]["inputs"] = {names[id]: field for id, field in (("image", "image"),)}
    training["data"]["inputs"][names.get("label", "label")] = "label"
    training["losses"] = {names.get("loss", "loss"): 1.0}
    training["note"], design["diagram"] = PAYLOADS[0], {"theme": PAYLOADS[1]}
    path = tmp_path / "disguised.loom.json"
    path.write_text(json.dumps(design))
    return path


def _renamed(end: str, names: dict[str, str]) -> str:
    id, _, port = end.rpartition(".")
    return f"{names.get(id, id)}.{port}"


def test_payloads_stay_text_in_everything_that_is_written(
    layerloom: Run, disguised: Path, tmp_path: Path
) -> None:
    before = disguised.read_bytes()
    pictures = [f"a.{suffix}" for suffix in ("svg", "dot", "mmd", "tex", "png", "pdf")]
    for words in (
        ("check", disguised),
        *(("summary", disguised, "--format", form) for form in ("text", "json", "csv", "md", "latex")),
        ("render", disguised, "--show-training", "--show-title", "-o", *pictures),
        ("export", disguised, "-o", "code", "--no-prove"),
        ("prove", disguised),
        ("format", disguised),
    ):
        done = layerloom(*words)
        assert done.code == 0, (words, done.err)
        assert not list(tmp_path.parent.rglob("pwned*"))
    assert (
        json.loads(before)["network"]["layers"].keys()
        == json.loads(disguised.read_bytes())["network"]["layers"].keys()
    )
    for path in (tmp_path / "code").glob("*.py"):
        _assert_harmless(path)
    svg = (tmp_path / "a.svg").read_text()
    for markup in ("<img", "<script", "xlink:href", 'javascript:alert(1)"', 'onerror="'):
        assert markup not in svg


def _assert_harmless(path: Path) -> None:
    """ASCII, and no payload became code: its words are strings, or cleaned names of our own."""
    text = path.read_bytes().decode("ascii")
    tree = ast.parse(text)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not names & {"__import__", "eval", "exec"}
    assert not attributes & {"__mro__", "system"}
    for line in text.splitlines()[:2]:
        assert "coding" not in line


def test_variants_through_the_commands(layerloom: Run, tmp_path: Path) -> None:
    made: dict[Path, bytes] = {}
    for i, data in enumerate(hostile.variants(seed=7, count=120)):
        path = tmp_path / f"{i}.loom.json"
        path.write_bytes(data)
        made[path] = data
    done = layerloom("check", "--format", "json", *made)
    assert [line["file"] for line in done.lines] == [str(path) for path in made]
    verdicts: dict[bool, list[Any]] = {True: [], False: []}
    for line in done.lines:
        verdicts[line["ok"]].append(line["file"])
    assert done.code == 2 and all(verdicts.values())
    for command in ("check", "summary", "format --check"):
        name, *flags = command.split()
        assert layerloom(name, *made, *flags).code == 2
    for path in made:
        assert layerloom(
            "export", path, "-o", tmp_path / "code", "--no-prove", "--module-only", "--force"
        ).code in (0, 1, 2)
        assert layerloom("render", path, "-o", tmp_path / "a.dot").code in (0, 1, 2)
    assert {path: path.read_bytes() for path in made} == made, "every file is as it was"
    assert {path.name for path in tmp_path.iterdir()} - {path.name for path in made} == {"code", "a.dot"}


@pytest.mark.parametrize(
    "command", ["check", "summary", "format", "render -o a.svg", "export -o x", "prove", "train"]
)
def test_what_is_no_file_is_a_sentence(layerloom: Run, tmp_path: Path, command: str) -> None:
    name, *flags = command.split()
    for path in (tmp_path, "/dev/null", "/dev/zero", "no/such", "a\0b", ""):
        done = layerloom(name, path, *flags)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), (path, done.err)
