"""Adding layers: the quick-add list, the palette's drops, and where what is added finds its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect

from designer.canvas.adding.offers import hits
from designer.canvas.adding.quick_add import QuickAdd
from designer.canvas.adding.search import Hit
from designer.canvas.adding.trial import Trial, edit_of, try_hit
from designer.canvas.arranging.free_spots import free_shift
from designer.canvas.arranging.places import Places, positions
from designer.canvas.arranging.room import make_room
from designer.canvas.project import output_ports
from designer.canvas.views import PortKey, Rect
from graph_ir import edits
from graph_ir.changes import Edit
from graph_ir.graph import Wire
from graph_ir.kinds import Json
from graph_ir.rewiring import put_into

if TYPE_CHECKING:
    from designer.canvas.view import Canvas


class Adder:
    """Opens the list, adds what is chosen, wires it, gives it a place and selects it: one undo step each."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.list = QuickAdd(canvas.viewport(), canvas.canvas_scene.theme)
        self.list.chosen.connect(self._chosen)
        self.list.closed.connect(canvas.setFocus)
        self.list.next_wanted.connect(self.open)
        self._at: QPointF | None = None
        self._source: PortKey | None = None
        self._target: PortKey | None = None
        self._wire: Wire | None = None

    def open_on(self, wire: Wire, at: QPoint) -> None:
        """Open the list at a place of the window for a layer that goes into a wire."""
        self.open(at, source=wire[:2], target=wire[2:])
        self._wire = wire

    def open(
        self, at: QPoint | None = None, *, source: PortKey | None = None, target: PortKey | None = None
    ) -> None:
        """Open the list at a place of the window; without a wire in hand the selected layer is the source."""
        canvas = self._canvas
        self._at = None if at is None else canvas.mapToScene(at)
        self._target, self._wire = target, None
        self._source = source if source or target else self._selected_output()
        offers = hits(canvas.document.design, canvas.report, canvas.network, self._source, target)
        card = self._selected_area()
        if at is not None:
            self.list.open(offers, at, try_hit=self._try)
        elif card is not None:
            self.list.open(offers, card.topRight() + QPoint(16, 0), card, try_hit=self._try)
        else:
            centre = canvas.viewport().rect().center()
            self.list.open(offers, centre - QPoint(330, 180), try_hit=self._try)

    def _try(self, hit: Hit) -> Trial:
        """What would come out of a hit where the list was opened."""
        canvas = self._canvas
        return try_hit(canvas.document.design, canvas.network, hit, self._source, self._target)

    def _selected_area(self) -> QRect | None:
        """Where the card selected last is in the window."""
        canvas = self._canvas
        selected = [name for name in canvas.selected() if name in canvas.canvas_scene.cards]
        return canvas.area_in_window(selected[-1]) if selected else None

    def _selected_output(self) -> PortKey | None:
        """The output of the one selected layer: what a layer added from the keyboard goes behind."""
        selected = self._canvas.selected()
        if len(selected) != 1 or selected[0] not in self._canvas.canvas_scene.cards:
            return None
        ports = output_ports(self._canvas.graph, selected[0])
        return (selected[0], ports[0]) if ports else None

    def _chosen(self, hit: Hit, bare: bool) -> None:
        self._canvas.setFocus()
        if self._wire is not None and not bare:
            self.insert(hit, self._wire, self._at)
            return
        self.add_hit(hit, source=self._source, at=self._at, bare=bare)

    def add(
        self,
        type: str,
        *,
        source: PortKey | None,
        at: QPointF | None,
        bare: bool = False,
        values: Mapping[str, Json] | None = None,
    ) -> None:
        """Add one layer (and what it brings along), wired behind `source` unless `bare`."""
        hit = Hit(type, "", "", "", values=values or {})
        self.add_hit(hit, source=source, at=at, bare=bare)

    def add_hit(self, hit: Hit, *, source: PortKey | None, at: QPointF | None, bare: bool) -> None:
        """Add what was chosen in the list, a block of the program's own with its network."""
        canvas = self._canvas
        known, target = positions_of(canvas), self._target
        self._target = None
        design, network, document = canvas.document.design, canvas.network, canvas.document
        edit = canvas.attempt(lambda: edit_of(design, network, hit, source, bare))
        if edit is None:
            return
        with document.one_step(edit.title):
            added = document.perform(edit)
            ports = output_ports(canvas.graph, added[0])
            if target is not None and ports:
                wire = Wire(added[0], ports[0], *target)
                canvas.attempt(lambda: document.connect(network, wire))
            self._place(known, added, at)
        self._finish(edit, added[0], reveal=at is None)

    def drop(self, type: str, at: QPointF, wire: Wire | None) -> None:
        """A layer dropped from the palette: into a wire, or bare at that place."""
        self._target = self._wire = None
        if wire is None:
            self.add(type, source=None, at=at)
            return
        self.insert(Hit(type, "", "", ""), wire, at)

    def insert(self, hit: Hit, wire: Wire, at: QPointF | None = None) -> None:
        """Put a new layer into a wire, as one undo step."""
        canvas, document, network = self._canvas, self._canvas.document, self._canvas.network
        known = positions_of(canvas)
        type, values = hit.made()

        def all_of_it() -> Edit:
            design = document.design
            with document.one_step(f"Insert {hit.name}"):
                if hit.library:  # its network comes with it
                    edit = edit_of(design, network, hit, bare=True)
                    document.perform(put_into(design, network, wire, document.perform(edit)[:1]))
                else:
                    edit = edits.insert_on_wire(design, network, wire, type, values=values)
                    document.perform(edit)
                self._make_room(known, edit.added, wire, at)
            return edit

        done = canvas.attempt(all_of_it, at)
        if done is not None:
            self._finish(done, done.added[0], reveal=at is None)

    def splice(self, names: Sequence[str], wire: Wire, at: QPointF) -> bool:
        """Put layers that are there, and have no wires to others, into a wire; False where that is refused."""
        canvas, document = self._canvas, self._canvas.document
        known = positions_of(canvas)
        done = canvas.attempt(
            lambda: document.perform(put_into(document.design, canvas.network, wire, names)), at
        )
        if done is None:
            return False
        self._make_room(known, names, wire, at)
        return True

    def _place(self, known: Places, added: tuple[str, ...], at: QPointF | None) -> None:
        """Places for what came along, found below what it reads; what was dropped lies there, or close by."""
        canvas = self._canvas
        sizes = canvas.canvas_scene.theme.sizes
        if at is not None:
            spot = canvas.snapped(at - QPointF(sizes.card_width / 2, sizes.card_height / 2))
            card = Rect(spot.x(), spot.y(), sizes.card_width, sizes.card_height)
            scene = canvas.canvas_scene
            there = [item.rect() for name, item in scene.cards.items() if name in known] + [
                chip.rect() for chip in scene.chips.values()
            ]
            dx, dy = free_shift([card], there, sizes.grid)
            known = known | {added[0]: (card.x + dx, card.y + dy)}
        fresh = positions(canvas.document.design, canvas.report, sizes, canvas.network, known)
        canvas.move_to(known | {other: fresh[other] for other in added})

    def _make_room(self, known: Places, added: Sequence[str], wire: Wire, at: QPointF | None) -> None:
        """Stand in the wire; what is below moves down by as many rows as that needs."""
        canvas = self._canvas
        sizes, cards = canvas.canvas_scene.theme.sizes, canvas.canvas_scene.cards
        chain = [name for name in canvas.report.order if name in added and name in cards] or list(added)
        moved = make_room(known, chain, wire, sizes, None if at is None else (at.x(), at.y()))
        fresh = positions(canvas.document.design, canvas.report, sizes, canvas.network, known | moved)
        canvas.move_to(known | moved | {name: fresh[name] for name in added if name not in moved})

    def _finish(self, edit: edits.Edit, name: str, *, reveal: bool) -> None:
        """Select the new layer and say what came along with it; the sheet does not move under the mouse."""
        if edit.note:
            self._canvas.status.emit(f"{edit.title}: {edit.note}.")
        self._canvas.select([name], reveal=reveal)


def positions_of(canvas: Canvas) -> Places:
    """Where every layer stands now."""
    return positions(canvas.document.design, canvas.report, canvas.canvas_scene.theme.sizes, canvas.network)
