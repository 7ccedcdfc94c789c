"""Pictures that a Graphviz draws: with the `dot` program, and without it."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from codegen.diagram import graphviz
from codegen.diagram.graphviz import Missing, NotDrawn, draw
from codegen.diagram.options import DiagramOptions
from codegen.diagram.render import SUFFIXES, render, render_to
from graph_ir.graph import Design
from graph_ir.templates import load, names
from tests.codegen.diagram_samples import (
    GOLDEN,
    HOSTILE,
    SAMPLES,
    SVG,
    checked,
    drawn,
    hostile,
    misfit,
    residual,
    structure,
)

ELEMENTS = {"svg", "g", "title", "text", "tspan", "polygon", "polyline", "path", "ellipse"}


@pytest.fixture(params=["dot", "pygraphviz"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test runs with the `dot` program and, as where there is none, with what is in pygraphviz."""
    if request.param == "dot" and shutil.which("dot") is None:
        pytest.skip("there is no dot program here")
    if request.param == "pygraphviz":
        pytest.importorskip("pygraphviz")
        _hide_dot(monkeypatch)
    return str(request.param)


def _hide_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz.shutil, "which", lambda name: None)


def picture(made: Design, suffix: str, **options: Any) -> bytes:
    return render(*checked(made), suffix, DiagramOptions().replaced(**options))


@pytest.mark.parametrize("name", SAMPLES)
def test_structure_is_as_before_with_either(name: str, way: str) -> None:
    wanted = json.loads((GOLDEN / f"{name}.svg.json").read_text(encoding="utf-8"))
    assert drawn(name) == wanted, "read the difference, then: python -m tests.codegen.diagram_samples"


def test_an_svg_is_the_same_twice(way: str) -> None:
    assert picture(residual(), "svg") == picture(residual(), "svg")


def test_an_svg_is_plain(way: str) -> None:
    for made in (residual(), misfit(), hostile()):
        root = ElementTree.fromstring(picture(made, "svg", show_title=True, show_fields=True))
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ELEMENTS
        names = {name for element in root.iter() for name in element.attrib}
        assert not [name for name in names if "href" in name or name.startswith("on") or name == "style"]
        assert all("transparent" not in element.attrib.values() for element in root.iter())


def test_hostile_text_is_shown_as_it_is(way: str) -> None:
    cards = structure(picture(hostile(), "svg"))["cards"]
    shown = {line for card in cards for line in card["lines"]}
    assert r"\N \G \E \l \r \n (ReLU)" in shown
    assert '<b>bold</b> &amp; <IMG SRC="/etc/passwd"/> (ReLU)' in shown
    assert r"\u202eevil\u2066 \u200b\u2028 \x00".replace("\\x", "\\u00") in " ".join(shown)
    assert len(cards) == len(hostile().top)


def test_a_misfit_is_dashed(way: str) -> None:
    arrows = structure(picture(misfit(), "svg"))["arrows"]
    assert [arrow["title"] for arrow in arrows if arrow.get("dashed")] == ["relu1 ReLU → add Add"]


def test_pixels_follow_dpi(way: str) -> None:
    small, large = (_png_size(picture(residual(), "png", dpi=dpi)) for dpi in (50, 100))
    assert large[0] == pytest.approx(2 * small[0], rel=0.03)
    assert large[1] == pytest.approx(2 * small[1], rel=0.03)


def test_a_width_in_centimetres_is_kept(way: str) -> None:
    root = ElementTree.fromstring(picture(residual(), "svg", width=7))
    assert float(str(root.get("width")).removesuffix("pt")) == pytest.approx(7 / 2.54 * 72, abs=12)


def test_a_pdf_is_a_pdf(way: str) -> None:
    assert picture(residual(), "pdf").startswith(b"%PDF-")


def test_themes_paint_other_grounds(way: str) -> None:
    def ground(theme: str) -> str | None:
        first = ElementTree.fromstring(picture(residual(), "svg", theme=theme)).find(f"{SVG}g/{SVG}polygon")
        return None if first is None else first.get("fill")

    assert ground("light") == ground("print") == "#ffffff"
    assert ground("dark") == "#171a20"


def test_print_has_no_colour(way: str) -> None:
    root = ElementTree.fromstring(picture(misfit(), "svg", theme="print", show_training=True))
    colours = {e.get(name, "none") for e in root.iter() for name in ("fill", "stroke")} - {
        "none",
        "black",
        "white",
    }
    assert colours
    assert all(colour[1:3] == colour[3:5] == colour[5:7] for colour in colours)


@pytest.mark.parametrize("name", names())
def test_every_template_is_drawn(name: str, way: str) -> None:
    made = load(name)
    assert len(structure(picture(made, "svg", show_training=True))["cards"]) == len(made.top)


def test_a_dot_that_lacks_a_format_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pygraphviz")
    _fake_dot(tmp_path, monkeypatch, "echo 'Format: not recognized' >&2; exit 1")
    assert picture(residual(), "pdf").startswith(b"%PDF-")


def test_an_endless_dot_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_dot(tmp_path, monkeypatch, "exec sleep 60")
    with pytest.raises(NotDrawn, match=r"not done after 0\.3 s"):
        draw("digraph {}", "svg", timeout=0.3)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process from outside")
def test_dot_has_limited_memory_an_empty_folder_and_nothing_to_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_dot(
        tmp_path, monkeypatch, 'read line; ulimit -v; ls -A | grep -v fonts.conf | wc -l; echo "$SERVER_NAME"'
    )
    limit, files, served = draw("digraph {}\n", "svg").decode().split()
    assert int(limit) == graphviz.MEMORY // 1024
    assert files == "0"
    assert served


def test_no_graphviz_at_all_names_the_command_that_installs_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pygraphviz.py").write_text("raise ImportError('hidden')\n")
    _hide_dot(monkeypatch)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for suffix in ("svg", "pdf", "png"):
        with pytest.raises(Missing, match="install it with") as caught:
            picture(residual(), suffix)
        assert "\n" not in str(caught.value)
    for suffix in ("dot", "mmd", "tex"):
        assert picture(residual(), suffix)


def test_a_broken_graphviz_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pygraphviz.py").write_text("raise RuntimeError('broken')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    _fake_dot(tmp_path, monkeypatch, "echo 'out of memory' >&2; exit 1")
    with pytest.raises(NotDrawn, match="out of memory") as caught:
        picture(residual(), "svg")
    assert not isinstance(caught.value, Missing)


def test_what_does_not_belong_into_an_svg_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    )
    _fake_dot(tmp_path, monkeypatch, f"cat '{tmp_path / 'odd.svg'}'")
    with pytest.raises(NotDrawn, match="script"):
        picture(residual(), "svg")


def _fake_dot(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_are_written_whole(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    path.write_bytes(b"old")
    render_to(path, *checked(residual()))
    assert path.read_bytes() not in (b"", b"old")
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_picture_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.gif"
    path.write_bytes(b"old")
    with pytest.raises(NotDrawn, match=r"\.svg, \.pdf, \.png, \.dot, \.mmd, \.tex"):
        render_to(path, *checked(residual()))
    assert path.read_bytes() == b"old"


def test_the_title_for_a_screen_reader_is_the_design_s(way: str) -> None:
    assert structure(picture(residual(), "svg"))["title"] == "Small residual net"
    assert structure(picture(hostile(), "svg"))["title"].startswith("#!/bin/sh")
    assert HOSTILE[2] in structure(picture(hostile(), "svg"))["title"]


def _png_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG whose every part is whole."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        part = data[at + 4 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(part),)
        at += 12 + length
    width, height = struct.unpack(">II", data[16:24])
    return width, height


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX here")
@pytest.mark.parametrize("made", [misfit(), hostile()], ids=["misfit", "hostile"])
def test_tikz_compiles_on_its_own(made: Design, tmp_path: Path) -> None:
    render_to(
        tmp_path / "picture.tex", *checked(made), DiagramOptions(show_title=True, show_fields=True, width=12)
    )
    done = subprocess.run(
        ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "picture.tex"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    if b"standalone.cls' not found" in done.stdout:
        pytest.skip("this LaTeX has no standalone class")
    assert done.returncode == 0, done.stdout[-2000:].decode(errors="replace")


@pytest.mark.parametrize(
    ("suffix", "remedy"), [("png", "a lower dpi, or save the picture as .svg"), ("svg", ".mmd")]
)
def test_a_picture_that_takes_too_long_says_what_would_be_quicker(way: str, suffix: str, remedy: str) -> None:
    with pytest.raises(NotDrawn, match=f"not done after 0.0001 s; .*{remedy}"):
        draw("digraph { a -> b }", suffix, timeout=0.0001)
