"""The open design: the only thing a view may call. Every change is a checked edit and one step that can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from designer.commands import EditCommand
from designer.field_intents import FieldIntents
from designer.preview import Preview, preview
from designer.sheet_intents import SheetIntents
from graph_ir import block_edits, edits
from graph_ir.annotations import sheet_path
from graph_ir.changes import RenameNetwork, SetNetwork, SetNode, SetParameter, SetSection, SetWire
from graph_ir.check import check
from graph_ir.edits import Edit
from graph_ir.file import SUFFIX
from graph_ir.graph import TOP, Design, Wire
from graph_ir.kinds import Json
from graph_ir.report import Report

Position = tuple[float, float]


class Document(QObject, SheetIntents, FieldIntents):
    """A design, its report, its undo stack and its file.

    Intents mirror `graph_ir.edits` and raise `Refused`, having changed nothing. After a change the document tells the
    facts; `checked` comes last, when `report` is about the design as it is now.
    """

    layer_added = Signal(str, str)  # network, id
    layer_removed = Signal(str, str)
    layer_changed = Signal(str, str)
    wire_added = Signal(str, object)  # network, Wire
    wire_removed = Signal(str, object)
    layout_changed = Signal(str, object)  # network, list of ids
    section_changed = Signal(str)  # about, training, diagram, parameters, blocks
    checked = Signal(object)  # Report
    previewed = Signal(object)  # Preview, or None: nothing is tried any more
    reset = Signal()  # another design
    path_changed = Signal()
    edited_changed = Signal(bool)

    def __init__(self, design: Design | None = None, path: Path | None = None) -> None:
        super().__init__()
        self._design = design or Design()
        self._path = path
        self._report = check(self._design)
        self._group: list[Edit] | None = None
        self._changes = 0
        self._preview: Preview | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(self._clean_changed)

    @property
    def design(self) -> Design:
        """The design. Views read it and never change it."""
        return self._design

    @property
    def report(self) -> Report:
        """The check of the top network, always of the design as it is."""
        return self._report

    @property
    def previewing(self) -> Preview | None:
        """What the edit that is being made would come to; None where there is none."""
        return self._preview

    def preview(self, edit: Edit | None) -> None:
        """Tell what an edit of the design would come to, and leave no trace of it; None ends that."""
        wanted = edit if edit is not None and edit.changes else None
        if wanted is None and self._preview is None:
            return
        self._preview = preview(self._design, wanted) if wanted is not None else None
        self.previewed.emit(self._preview)

    @property
    def path(self) -> Path | None:
        """The file it is kept in, or None."""
        return self._path

    @property
    def is_edited(self) -> bool:
        """Whether the file (or the start) and the design differ."""
        return not self.undo_stack.isClean()

    @property
    def changes(self) -> int:
        """How often the design was changed since it was opened, undoing included: tells one state from the next."""
        return self._changes

    @property
    def name(self) -> str:
        """What the window calls it: the file's name without its ending; without a file its title, or "untitled"."""
        if self._path is not None:
            return self._path.name.removesuffix(SUFFIX)
        title = self._design.about.get("title")
        return (" ".join(title.split()) if isinstance(title, str) else "") or "untitled"

    def load(self, design: Design, path: Path | None = None, *, edited: bool = False) -> None:
        """Show another design; the undo stack starts anew. `edited` ones differ from their file already."""
        self.preview(None)
        self.undo_stack.clear()  # before the rest: who hears of it still looks at the old design
        self._design, self._path = design, path
        self._report = check(design)
        self._changes = 0
        if edited:
            self.undo_stack.resetClean()
        self.reset.emit()
        self.path_changed.emit()
        self.checked.emit(self._report)

    def saved(self, path: Path) -> None:
        """The design now is what the file at `path` holds."""
        self._path = path
        self.undo_stack.setClean()
        self.path_changed.emit()

    def _clean_changed(self, clean: bool) -> None:
        self.edited_changed.emit(not clean)

    # Intents

    def add_layer(
        self,
        network: str,
        type: str,
        *,
        after: tuple[str, str] | None = None,
        position: Position | None = None,
        bare: bool = False,
        values: Mapping[str, Json] | None = None,
    ) -> tuple[str, ...]:
        """Add a layer and what comes with it; returns the new ids, the layer's own first. Raises Refused."""
        edit = edits.add_layer(
            self._design, network, type, after=after, position=position, bare=bare, values=values
        )
        return self._push(edit)

    def insert_on_wire(
        self, network: str, wire: Wire, type: str, *, position: Position | None = None
    ) -> tuple[str, ...]:
        """Put a new layer into a wire; returns the new ids. Raises Refused."""
        return self._push(edits.insert_on_wire(self._design, network, wire, type, position=position))

    def perform(self, edit: Edit) -> tuple[str, ...]:
        """Carry out an edit that was made for the design as it is now; returns the ids of what it adds."""
        return self._push(edit)

    def remove_layers(self, network: str, ids: Iterable[str], *, heal: bool = True) -> None:
        """Remove layers; `heal` joins the wires around them where that adds no error. Raises Refused."""
        self._push(edits.remove_layers(self._design, network, ids, heal=heal))

    def set_fields(self, network: str, id: str, values: Mapping[str, Json], *, merge: str = "") -> None:
        """Give fields other values; steps with the same `merge` key become one. Raises Refused."""
        self._push(edits.set_fields(self._design, network, id, values), merge=merge)

    def set_label(self, network: str, id: str, label: str) -> None:
        """Show another text than the id. Raises Refused."""
        self._push(edits.set_label(self._design, network, id, label))

    def rename(self, network: str, old: str, new: str) -> None:
        """Give a layer another id, everywhere. Raises Refused."""
        self._push(edits.rename(self._design, network, old, new))

    def connect(self, network: str, wire: Wire) -> None:  # type: ignore[override]  # an intent, not Qt's signals
        """Draw a wire. Raises Refused."""
        self._push(edits.connect(self._design, network, wire))

    def disconnect(self, network: str, wire: Wire) -> None:  # type: ignore[override]  # an intent, as above
        """Remove a wire. Raises Refused."""
        self._push(edits.disconnect(self._design, network, wire))

    def move(self, network: str, positions: Mapping[str, Position]) -> None:
        """Put layers at places. Raises Refused."""
        self._push(edits.move(self._design, network, positions))

    def set_section(self, path: tuple[str, ...], value: Any, *, merge: str = "") -> None:
        """Set a value such as ("training", "epochs"), REMOVE to take it away. Raises Refused."""
        self._push(edits.set_section(self._design, path, value), merge=merge)

    def set_parameter(self, network: str, name: str, value: Json, *, merge: str = "") -> None:
        """Set a parameter of a network; REMOVE takes it away. Raises Refused."""
        set_it = block_edits.set_block_parameter if network else edits.set_parameter
        self._push(set_it(self._design, network, name, value), merge=merge)

    def make_block(self, network: str, ids: Iterable[str], name: str) -> tuple[str, ...]:
        """Make a block of layers, and put a use of it in their place; returns its id. Raises Refused."""
        return self._push(block_edits.make_block(self._design, network, ids, name))

    def dissolve(self, network: str, use: str) -> tuple[str, ...]:
        """Put what is in a block in the place of one use. Raises Refused."""
        return self._push(block_edits.dissolve(self._design, network, use))

    def make_unique(self, network: str, use: str, name: str) -> tuple[str, ...]:
        """Give one use a block of its own, a copy called `name`. Raises Refused."""
        return self._push(block_edits.make_unique(self._design, network, use, name))

    def rename_block(self, old: str, new: str) -> None:
        """Give a block another name, everywhere. Raises Refused."""
        self._push(block_edits.rename_block(self._design, old, new))

    @contextmanager
    def one_step(self, title: str) -> Iterator[None]:
        """All that is done inside becomes one undo step; nothing done, no step. An exception takes all of it back."""
        outer, self._group = self._group, []
        try:
            yield
        except BaseException:
            done, self._group = self._group, None
            for edit in reversed(done):
                self._carry_out(edit.inverse())
            self._group = outer
            raise
        done, self._group = self._group, outer
        if outer is not None:
            outer.extend(done)
        elif done:
            self.undo_stack.push(EditCommand(title, done, self._carry_out))

    def _push(self, edit: Edit, merge: str = "") -> tuple[str, ...]:
        if not edit.changes:
            return edit.added
        self._carry_out(edit)
        if self._group is not None:
            self._group.append(edit)
        else:
            self.undo_stack.push(EditCommand(edit.title, [edit], self._carry_out, merge))
        return edit.added

    def _carry_out(self, edit: Edit) -> None:
        tried, self._preview = self._preview, None
        edits.apply(self._design, edit)
        self._changes += 1
        sections = {change.path[0] for change in edit.changes if isinstance(change, SetSection)}
        only_sections = all(isinstance(change, SetSection) for change in edit.changes)
        if not only_sections:
            self._report = check(self._design)
        self._tell_graph(edit)
        self._tell_layout(edit)
        if any(isinstance(change, SetNetwork | RenameNetwork) for change in edit.changes):
            sections.add("blocks")
        for name in sorted(sections - {"layout"}):
            self.section_changed.emit(name)
        if not only_sections:
            self.checked.emit(self._report)
        if tried is not None:
            self.previewed.emit(None)

    def _tell_graph(self, edit: Edit) -> None:
        for change in edit.changes:
            if isinstance(change, SetNode):
                told = (
                    self.layer_added
                    if change.old is None
                    else self.layer_removed
                    if change.new is None
                    else self.layer_changed
                )
                told.emit(change.network, change.id)
            elif isinstance(change, SetWire):
                (self.wire_added if change.present else self.wire_removed).emit(change.network, change.wire)
            elif isinstance(change, SetParameter):
                self.section_changed.emit("parameters")

    def _tell_layout(self, edit: Edit) -> None:
        """Which layers stand elsewhere; none where only something beside the layers has changed on a sheet."""
        moved: dict[str, list[str]] = {}
        for change in edit.changes:
            if not isinstance(change, SetSection) or change.path[0] != "layout":
                continue
            network = change.path[2] if change.path[1:2] == ("blocks",) and len(change.path) > 2 else TOP
            if network in self._design.networks:
                within = change.path[len(sheet_path(network)) :]
                told = moved.setdefault(network, [])
                if not within:  # the section itself came or went
                    told.extend(self._design.networks[network].ids())
                elif within[0] == "layers":
                    told.extend(within[1:] or self._design.networks[network].ids())
        for network, ids in moved.items():
            self.layout_changed.emit(network, ids)
