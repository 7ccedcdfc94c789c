"""The document's intents about what lies on a sheet beside the layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph_ir import annotation_edits
from graph_ir.annotations import Comment, Frame, Point
from graph_ir.edits import Edit
from graph_ir.graph import Design, Wire


class SheetIntents:
    """Frames, comments, bends, notes and what pictures leave out; each intent is one undo step."""

    _design: Design

    def _push(self, edit: Edit, merge: str = "") -> tuple[str, ...]:
        """Carry an edit out as one undo step; those with the same `merge` key become one."""
        raise NotImplementedError

    def add_frame(self, network: str, frame: Frame) -> None:
        """Draw a frame behind layers. Raises Refused."""
        self._push(annotation_edits.add_frame(self._design, network, frame))

    def change_frame(self, network: str, index: int, frame: Frame, *, merge: str = "") -> None:
        """Give a frame another title, place or colour. Raises Refused."""
        self._push(annotation_edits.change_frame(self._design, network, index, frame), merge=merge)

    def remove_frame(self, network: str, index: int) -> None:
        """Remove a frame; what lies in it stays. Raises Refused."""
        self._push(annotation_edits.remove_frame(self._design, network, index))

    def add_comment(self, network: str, comment: Comment) -> None:
        """Put a comment on the sheet. Raises Refused."""
        self._push(annotation_edits.add_comment(self._design, network, comment))

    def change_comment(self, network: str, index: int, comment: Comment, *, merge: str = "") -> None:
        """Give a comment another text or place. Raises Refused."""
        self._push(annotation_edits.change_comment(self._design, network, index, comment), merge=merge)

    def remove_comment(self, network: str, index: int) -> None:
        """Remove a comment. Raises Refused."""
        self._push(annotation_edits.remove_comment(self._design, network, index))

    def set_bends(self, network: str, wire: Wire, points: Sequence[Point], *, merge: str = "") -> None:
        """Say through which points a wire runs; none for a straight one. Raises Refused."""
        self._push(annotation_edits.set_bends(self._design, network, wire, points), merge=merge)

    def straighten(self, network: str, wires: Iterable[Wire]) -> None:
        """Take the bends of wires away."""
        self._push(annotation_edits.straighten(self._design, network, wires))

    def set_note(self, network: str, id: str, text: str, *, merge: str = "") -> None:
        """Note something about a layer; empty for nothing. Raises Refused."""
        self._push(annotation_edits.set_note(self._design, network, id, text), merge=merge)

    def set_hidden(self, network: str, ids: Iterable[str], on: bool) -> None:
        """Leave layers out of pictures, or show them there again. Raises Refused."""
        self._push(annotation_edits.set_hidden(self._design, network, ids, on))
