"""DOT, Mermaid and TikZ as text: golden bytes, and strings from a design that stay text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from codegen.diagram.escape import html, mermaid, plain, tex
from codegen.diagram.graphviz import draw
from codegen.diagram.layered import Box, arrange
from codegen.diagram.options import DiagramOptions
from codegen.diagram.render import render
from graph_ir.graph import Design
from tests.block_designs import small_resnet
from tests.codegen.diagram_samples import (
    GOLDEN,
    HOSTILE,
    SAMPLES,
    checked,
    hostile,
    hostile_blocks,
    misfit,
    residual,
    texts,
)

GRAPH = {"rankdir", "bgcolor", "charset", "nodesep", "ranksep", "pad", "dpi", "size", "label", "labelloc"}
NODE = {"shape", "fontname", "fontsize", "fontcolor", "label"}
EDGE = {"color", "arrowsize", "penwidth", "fontname", "fontsize", "fontcolor", "label", "style"}
FRAME = {"label", "labeljust", "fontname", "fontsize", "fontcolor", "style", "bgcolor", "color", "margin"}
TAGS = {"TABLE", "TR", "TD", "FONT", "B", "BR"}


def written(made: Design, suffix: str, **options: Any) -> str:
    return render(*checked(made), suffix, DiagramOptions().replaced(**options)).decode()


@pytest.mark.parametrize("name", SAMPLES)
def test_texts_are_as_before(name: str) -> None:
    for suffix, data in texts(name).items():
        wanted = (GOLDEN / f"{name}.{suffix}").read_bytes()
        assert data == wanted, "read the difference, then: python -m tests.codegen.diagram_samples"


def test_every_golden_file_has_a_sample() -> None:
    assert {path.name.partition(".")[0] for path in GOLDEN.iterdir()} == set(SAMPLES)


@pytest.mark.parametrize("made", [residual(), misfit(), hostile()], ids=["residual", "misfit", "hostile"])
def test_dot_has_our_names_and_whitelisted_attributes_only(made: Design) -> None:
    text = written(made, "dot", show_title=True, show_fields=True, width=10)
    graph = json.loads(draw(text, "dot_json"))
    cards, wires = graph.pop("objects"), graph.pop("edges")
    assert set(graph) <= GRAPH | {"fontname", "fontcolor"} | {"name", "directed", "strict", "_subgraph_cnt"}
    assert [card["name"] for card in cards] == [f"n{i}" for i in range(len(made.top) - _hidden(made))]
    assert {key for card in cards for key in card} <= NODE | {"name", "_gvid"}
    assert {key for wire in wires for key in wire} <= EDGE | {"head", "tail", "_gvid"}
    assert graph["_subgraph_cnt"] == 0


def test_dot_of_blocks_has_our_names_and_whitelisted_attributes_only() -> None:
    text = written(hostile_blocks(), "dot", expand_nested=True, show_fields=True)
    graph = json.loads(draw(text, "dot_json"))
    frames = [each for each in graph["objects"] if "cluster" in each["name"]]
    assert len(frames) == graph["_subgraph_cnt"] == len(HOSTILE)
    assert {frame["name"] for frame in frames} == {f"cluster_{i}" for i in range(len(HOSTILE))}
    assert {key for frame in frames for key in frame} <= FRAME | GRAPH | {"name", "nodes", "_gvid"}
    assert set(re.findall(r"</?([A-Z]+)\b", text)) == TAGS


def _hidden(made: Design) -> int:
    return sum(id in ("label", "loss") for id in made.top.ids())


def test_labels_hold_our_own_tags_only() -> None:
    text = written(hostile(), "dot", show_title=True, show_fields=True)
    assert set(re.findall(r"</?([A-Z]+)\b", text)) == TAGS
    assert set(re.findall(r"<[^/A-Z<]", text)) <= {"<&"}  # the label of a wire begins with a space
    assert "\\" not in text


@pytest.mark.parametrize("made", [hostile(), hostile_blocks()], ids=["layers", "blocks"])
def test_mermaid_holds_nothing_between_quotes_that_could_end_them(made: Design) -> None:
    text = written(made, "mmd", show_title=True, show_fields=True, expand_nested=True)
    number = r"n\d+"
    lines = [
        rf'{number}\["[^"\[\]{{}}`%\\|]*"\]:::is_\w+',
        rf'{number} (-->|-\.->)(\|"[^"\[\]{{}}`%\\|]*"\|)? {number}',
        r"classDef is_\w+ fill:#\w{6},stroke:#\w{6},color:#\w{6}",
        r"linkStyle [\d,]+ stroke:#\w{6}",
        r'subgraph cluster_\d+\["[^"\[\]{}`%\\|]*"\]',
        r"end",
        r"style cluster_\d+ fill:#\w{6},stroke:#\w{6},color:#\w{6}",
        r'accTitle: [^"\[\]{}`%\\|]*',
    ]
    first, *rest = text.splitlines()
    assert first == "flowchart TB"
    for line in rest:
        assert re.fullmatch("|".join(lines), line.strip()), line
    assert set(re.findall(r"</?(\w+)", text)) == {"b", "br"}


@pytest.mark.parametrize("made", [hostile(), hostile_blocks()], ids=["layers", "blocks"])
def test_tikz_is_ascii_and_has_our_commands_only(made: Design) -> None:
    text = written(made, "tex", show_title=True, show_fields=True, expand_nested=True)
    assert text.isascii()
    body = text[text.index(r"\begin{tikzpicture}") :]
    ours = {
        "begin",
        "end",
        "node",
        "draw",
        "nodepart",
        "textbf",
        "sffamily",
        "footnotesize",
        "scriptsize",
        "bfseries",
    }
    marks = {
        "char",
        "textbackslash",
        "textasciicircum",
        "textasciitilde",
        "textless",
        "textgreater",
        "textbar",
    }
    maths = {"times", "rightarrow", "lambda", "Omega", "ldots"}
    assert set(re.findall(r"\\([A-Za-z]+)", body)) <= ours | marks | maths
    assert text.count(r"\end{document}") == 1
    assert body.count("%") == body.count(r"\%") + 1  # our own, behind the picture
    for line in re.findall(r"^  \\(?:node|draw).*", body, re.MULTILINE):
        bare = re.sub(r"\\[\\{}]", "", line)
        assert bare.count("{") == bare.count("}"), line


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_text_has_nothing_hidden(text: str) -> None:
    assert plain(text).isprintable()
    assert plain(text).encode("utf-8")
    if text.isprintable():
        assert plain(text) == text


@pytest.mark.parametrize(
    ("escape", "given", "wanted"),
    [
        (html, 'a<b>"&\\N', "a&lt;b&gt;&quot;&amp;&#92;&#92;N"),
        (html, "a\nb", "a&#92;&#92;nb"),
        (mermaid, 'end"]#1', "end#34;#93;#35;1"),
        (tex, "50%_a", r"50\%\_a"),
        (tex, "é λ 中", r"\'{e} \(\lambda\) U+4E2D"),
        (tex, "Ω Α", r"\(\Omega\) U+0391"),
        (tex, "\u202e", r"\textbackslash{}u202e"),
    ],
)
def test_escapes(escape: Any, given: str, wanted: str) -> None:
    assert escape(given) == wanted


def test_no_card_covers_another_and_no_wire_runs_through_a_card() -> None:
    boxes = [Box(2.0, 1.0)] * 7
    wires = [(0, 1), (1, 2), (2, 3), (0, 3), (3, 6), (0, 6), (4, 6), (5, 6), (1, 5)]
    layout = arrange(boxes, wires, gap=0.5, pitch=1.0)
    for i, (x, y) in enumerate(layout.centres):
        for a, b in layout.centres[i + 1 :]:
            assert abs(x - a) >= 2.5 or abs(y - b) >= 1.5
    for (start, end), bends in zip(wires, layout.bends, strict=True):
        assert layout.centres[start][1] < layout.centres[end][1]
        for across, along in bends:
            covering = [c for c in layout.centres if abs(c[0] - across) < 1.0 and abs(c[1] - along) < 0.499]
            assert not covering


def test_a_chain_is_straight_beside_its_skip_wire() -> None:
    layout = arrange([Box(2.0, 1.0)] * 4, [(0, 1), (1, 2), (2, 3), (0, 3)], gap=0.5, pitch=1.0)
    assert len({round(across, 2) for across, _ in layout.centres}) == 1
    assert len(layout.bends[3]) == 4


def test_wires_in_a_circle_are_placed() -> None:
    layout = arrange([Box(1, 1)] * 3, [(0, 1), (1, 2), (2, 0), (1, 1)], gap=0.5, pitch=1.0)
    assert len(set(layout.centres)) == 3
    assert layout.bends[3] == []


def test_a_design_of_thousands_of_layers_is_written_at_once() -> None:
    boxes, wires = [Box(2.0, 1.0)] * 5000, [(i, i + 1) for i in range(4999)] + [(0, 4999)] * 2
    assert len(arrange(boxes, wires, gap=0.5, pitch=1.0).centres) == 5000


@pytest.mark.parametrize("rankdir", ["TB", "LR", "BT", "RL"])
def test_frames_hold_their_cards_and_no_other(rankdir: str) -> None:
    """Read off the TikZ text itself: rectangles of frames, centres of cards."""
    text = written(small_resnet(), "tex", expand_nested=True, rankdir=rankdir)
    number = r"\((-?[\d.]+),(-?[\d.]+)\)"
    rectangles = [
        tuple(map(float, found.groups()))
        for found in re.finditer(rf"\\draw\[frame=\w+\] {number} rectangle {number}", text)
    ]
    centres = [(float(x), float(y)) for x, y in re.findall(rf"\\node\[\w+=\w+\] \(n\d+\) at {number}", text)]
    held = [
        sum(left < x < right and low < y < high for x, y in centres) for left, low, right, high in rectangles
    ]
    assert sorted(held) == [2, 7, 7, 9]
