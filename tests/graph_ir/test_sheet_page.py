"""The page about the sheet: its examples are read as they stand there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from graph_ir.annotations import annotations_of
from graph_ir.check import check
from graph_ir.clipboard import paste
from graph_ir.edits import apply
from graph_ir.file import dump, parse
from graph_ir.graph import Design

PAGE = Path(__file__).parents[2] / "docs" / "sheet.md"
FILE, PIECE = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_file_on_the_page_is_a_design_with_all_of_it_on_its_sheet() -> None:
    made = parse(FILE)
    assert check(made).ok and made.top.node("act").bypass
    found = annotations_of(made.layout)
    assert found.frames and found.comments and found.bends and found.notes and found.hidden
    kept = json.loads(dump(made))
    assert kept["layout"] == json.loads(FILE)["layout"]


def test_the_piece_on_the_page_can_be_pasted() -> None:
    made = parse(FILE)
    edit = paste(made, "", PIECE, at=(500, 0), keep_inputs=True)
    apply(made, edit)
    assert edit.added == ("conv1", "act1")
    assert [str(wire) for wire in made.top.wires_into("conv1")] == ["image.y → conv1.x"]
    alone = Design()
    apply(alone, paste(alone, "", PIECE))
    assert alone.top.ids() == ["conv", "act"]
