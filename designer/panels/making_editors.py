"""Which editor suits a kind of value."""

from __future__ import annotations

from designer.panels.choice_editors import ChoiceEditor, FlagEditor
from designer.panels.field_editors import FieldEditor
from designer.panels.field_text import choices, counts, is_nested
from designer.panels.line_editors import StepEditor, TextEditor
from designer.panels.table_editor import LinesEditor, TableEditor
from graph_ir.kinds import Flag, Json, Kind, Text

LONG = 1_000
"""Text that may be longer gets several lines."""


def editor_for(kind: Kind, name: str, raw: Json) -> FieldEditor:
    """The editor that suits a kind: check box, words to choose, a number with arrows, lines of a table, or text."""
    made: FieldEditor
    if isinstance(kind, Flag):
        made = FlagEditor(kind, name)
    elif choices(kind):
        made = ChoiceEditor(kind, name)
    elif counts(kind):
        made = StepEditor(kind, name)
    elif is_nested(kind):
        made = TableEditor(kind, name)
    elif isinstance(kind, Text) and kind.longest > LONG:
        made = LinesEditor(kind, name)
    else:
        made = TextEditor(kind, name)
    made.show_raw(raw)
    return made
