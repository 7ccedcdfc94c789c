"""The document's intents about several layers at once, and about a network's parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph_ir import block_edits, bypass_edits, many_edits
from graph_ir.edits import Edit
from graph_ir.graph import Design
from graph_ir.kinds import Json


class FieldIntents:
    """What the inspector changes beside the fields of one layer; each intent is one undo step."""

    _design: Design

    def _push(self, edit: Edit, merge: str = "") -> tuple[str, ...]:
        """Carry an edit out as one undo step; those with the same `merge` key become one."""
        raise NotImplementedError

    def set_fields_of(
        self, network: str, values: Mapping[str, Mapping[str, Json]], *, merge: str = ""
    ) -> None:
        """Give fields of several layers other values, by layer and field. Raises Refused."""
        self._push(many_edits.set_fields_of(self._design, network, values), merge=merge)

    def bypass(self, network: str, ids: Iterable[str], on: bool) -> None:
        """Leave layers out, so that what comes in goes through, or put them back. Raises Refused."""
        self._push(bypass_edits.bypass(self._design, network, ids, on))

    def rename_parameter(self, network: str, old: str, new: str) -> None:
        """Give a parameter of a network another name, everywhere. Raises Refused."""
        self._push(block_edits.rename_parameter(self._design, network, old, new))

    def remove_parameter(self, network: str, name: str) -> None:
        """Remove a parameter of a network that no expression names. Raises Refused."""
        self._push(many_edits.remove_parameter(self._design, network, name))
