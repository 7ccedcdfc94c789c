"""What happens when a person edits, tries or leaves a field of the layer that the inspector shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from designer.document import Document
from designer.panels.field_row import FieldRow
from designer.panels.layer_page import ID, LABEL, NOTE, OWN, LayerPage
from designer.panels.line_editors import StepEditor
from designer.panels.presets import Preset, has_presets, presets
from designer.trail import Trail
from graph_ir import edits
from graph_ir.edits import REMOVE, Refused
from graph_ir.graph import Node
from graph_ir.kinds import Json
from graph_ir.resolve import is_input

if TYPE_CHECKING:
    from designer.panels.inspector import Inspector


class LayerEditing(QObject):
    """From fields to intents of the document. Keeps text that is not allowed yet, until it is."""

    def __init__(self, inspector: Inspector, document: Document, trail: Trail) -> None:
        super().__init__(inspector)
        self._inspector, self._document, self._trail = inspector, document, trail
        self.unfinished: dict[tuple[str, str, str], str] = {}
        self._session = 0
        self._menu: QMenu | None = None

    def connect_page(self, page: LayerPage) -> None:
        """Take what a page tells."""
        for row in page.rows.values():
            row.edited.connect(self._edit)
            row.reset_wanted.connect(lambda name: self._edit(name, REMOVE))
            row.left.connect(lambda _name: self.end())
            row.text_refused.connect(self._keep)
            row.tried.connect(self._try)
            row.untried.connect(lambda _name: self._document.preview(None))
            if row.name not in OWN:
                row.editor.offer(self.names)
            self._offer_presets(page, row)
        page.enter_wanted.connect(lambda: self._trail.enter(str(self._inspector.layer_id)))
        page.reset_all_wanted.connect(self._reset_all)
        page.bypass_wanted.connect(self._bypass)
        page.hide_wanted.connect(self._hide)

    def names(self) -> list[str]:
        """What an expression may name here: parameters, and the letters in the shapes of Inputs."""
        graph = self._trail.graph
        shapes = [node.values.get("shape") for node in graph if is_input(node)]
        letters = [
            one for shape in shapes if isinstance(shape, list) for one in shape if isinstance(one, str)
        ]
        return list(dict.fromkeys((*graph.parameters, *letters)))

    def end(self) -> None:
        """What comes next is another step."""
        self._session += 1

    def _attempt(self, intent: Callable[[], object]) -> None:
        try:
            intent()
        except Refused as error:
            self._inspector.told.emit(str(error))
            self._inspector.refresh()

    def _edit(self, name: str, raw: Json) -> None:
        layer = self._inspector.layer_id
        if layer is None:
            return
        network, text = self._inspector.network, "" if raw is REMOVE else str(raw)
        own: Mapping[str, Callable[[], object]] = {
            ID: lambda: self._rename(layer, text),
            LABEL: lambda: self._document.set_label(network, layer, text),
            NOTE: lambda: self._document.set_note(network, layer, text),
        }
        merge = f"{network}\0{layer}\0{name}\0{self._session}"
        self._attempt(
            own.get(name)
            or (
                lambda: self._document.set_fields(network, layer, self._values(layer, name, raw), merge=merge)
            )
        )

    def _values(self, layer: str, name: str, raw: Json) -> dict[str, Json]:
        """The field to set so that the value of a row is another."""
        page = self._inspector.page
        assert page is not None, "a row of the page has told it"
        return page.slots[name].change(self._node(layer), raw)

    def _node(self, layer: str) -> Node:
        """The layer as it is; the inspector may be about to show another network."""
        return self._document.design.networks[self._inspector.network].node(layer)

    def _try(self, name: str, raw: Json) -> None:
        layer = self._inspector.layer_id
        if layer is not None and name not in OWN:
            self._preview(layer, name, self._values(layer, name, raw))

    def _preview(self, layer: str, name: str, values: Mapping[str, Json]) -> None:
        try:
            edit = edits.set_fields(self._document.design, self._inspector.network, layer, values)
        except Refused as error:
            self._document.preview(None)
            self._inspector.row(name).doubt(str(error))
            return
        self._document.preview(edit)

    def _rename(self, layer: str, new: str) -> None:
        if new.strip() == layer:
            self._inspector.refresh()
            return
        self._inspector.follow_name(new.strip())  # before the facts come: the editors stay where they are
        try:
            self._document.rename(self._inspector.network, layer, new)
        except Refused:
            self._inspector.follow_name(layer)
            raise
        self._inspector.renamed.emit(layer, new.strip())

    def _reset_all(self) -> None:
        layer, page = self._inspector.layer_id, self._inspector.page
        if layer is None or page is None:
            return
        node = self._node(layer)
        values: dict[str, Json] = {}
        for slot in page.changed(node).values():
            values |= {"parameters": REMOVE} if slot.inside else {slot.name: REMOVE}
        if values:
            self._attempt(lambda: self._document.set_fields(self._inspector.network, layer, values))

    def _bypass(self, on: bool) -> None:
        layer = self._inspector.layer_id
        if layer is not None:
            self._attempt(lambda: self._document.bypass(self._inspector.network, [layer], on))

    def _hide(self, on: bool) -> None:
        layer = self._inspector.layer_id
        if layer is not None:
            self._attempt(lambda: self._document.set_hidden(self._inspector.network, [layer], on))

    # Text that is not allowed yet

    def _keep(self, field: str, text: str) -> None:
        layer = self._inspector.layer_id
        if layer is None:
            return
        self.unfinished.pop((self._inspector.network, layer, field), None)
        if text:
            self.unfinished[self._inspector.network, layer, field] = text

    def put_back(self, layer: str, rows: Mapping[str, FieldRow]) -> None:
        """Show again what was typed into a layer's fields and is not allowed yet."""
        for (network, name, field), text in list(self.unfinished.items()):
            if (network, name) == (self._inspector.network, layer) and field in rows:
                rows[field].keep_text(text)

    # Good values

    def _offer_presets(self, page: LayerPage, row: FieldRow) -> None:
        slot = page.slots.get(row.name)
        entry = self._trail.report.layers.get(str(self._inspector.layer_id))
        spec = entry.layer.spec if entry is not None and entry.layer is not None else None
        field = (
            spec.fields.get(slot.name) if spec is not None and slot is not None and not slot.inside else None
        )
        if field is not None and isinstance(row.editor, StepEditor) and has_presets(field):
            row.editor.offer_presets(lambda: self._show_presets(row.name))

    def _show_presets(self, name: str) -> None:
        layer = self._inspector.layer_id
        entry = self._trail.report.layers.get(layer) if layer is not None else None
        if layer is None or entry is None or entry.layer is None:
            return
        row = self._inspector.row(name)
        row.editor.give_up()
        menu = QMenu(self._inspector)
        menu.setToolTipsVisible(False)
        found: dict[object, Preset] = {}
        for preset in presets(entry, entry.layer.spec.fields[name]):
            words = f"{preset.words}\t{preset.result}" if preset.result else preset.words
            found[menu.addAction(words.replace("&", "&&"))] = preset
        menu.hovered.connect(lambda action: self._preview(layer, name, found[action].values))
        menu.triggered.connect(lambda action: self._take(layer, found[action]))
        menu.aboutToHide.connect(lambda: self._document.preview(None))
        menu.aboutToHide.connect(menu.deleteLater)
        self._menu = menu
        menu.popup(row.editor.mapToGlobal(QPoint(0, row.editor.height())))

    def _take(self, layer: str, preset: Preset) -> None:
        if layer == self._inspector.layer_id:
            self._attempt(lambda: self._document.set_fields(self._inspector.network, layer, preset.values))
