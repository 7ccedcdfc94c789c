"""The Design page: palette, canvas, inspector and the panels below, kept in step with one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from designer.canvas.project import output_ports
from designer.canvas.view import Canvas
from designer.document import Document
from designer.panels.code_panel import MODULE, CodePanel
from designer.panels.inspector import Inspector
from designer.panels.outline import Outline
from designer.panels.palette import Palette
from designer.panels.printed import PrintedBlock, PrintedCode
from designer.panels.problems import SIGNS, Problems
from designer.panels.run_view import RunView
from designer.panels.start_page import BlankHint, StartPage
from designer.panels.summary import SummaryPanel
from designer.services.printing import Printer, Wish
from designer.theme import Theme, icon
from graph_ir.kinds import Json
from graph_ir.problems import Problem
from graph_ir.report import Report
from graph_ir.summary import Summary

MANY = 1000  # layers; beyond, code is printed for the Code panel alone
PALETTE_WIDTH, INSPECTOR_WIDTH, BOTTOM_HEIGHT, CODE_HEIGHT = 214, 330, 230, 340
READABLE = 0.8


class DesignPage(QWidget):
    """Selection goes from the canvas to all others; what they choose goes back to the canvas."""

    told = Signal(str)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._code = PrintedCode()
        self._is_laid_out = self._has_grown = False
        self.palette_panel = Palette(theme)
        self.canvas = Canvas(document, theme)
        self.outline = Outline(document, theme)
        self.left = QTabWidget()
        self.left.setDocumentMode(True)
        self.left.tabBar().setDrawBase(False)
        self.left.tabBar().setAccessibleName("Layers to add, and the outline")
        self.left.addTab(self.palette_panel, "Layers")
        self.left.addTab(self.outline, "Outline")
        self.start = StartPage(self.canvas.viewport(), theme)
        self.blank = BlankHint(self.canvas.viewport())
        self._wants_start: bool | None = None  # nobody has chosen: shown while nothing was done
        self.inspector = Inspector(document, theme, self.canvas.trail)
        self.problems = Problems(theme)
        self.summary = SummaryPanel(theme)
        self.training = RunView(theme)
        self.code = CodePanel(theme)
        self.bottom = QTabWidget()
        self.bottom.setDocumentMode(True)
        self.bottom.tabBar().setDrawBase(False)
        self.bottom.tabBar().setAccessibleName("Panels")
        panels = (self.problems, self.summary, self.training, self.code)
        for panel, name in zip(panels, ("Problems", "Summary", "Training", "Code"), strict=True):
            self.bottom.addTab(panel, name)
        self._printer = Printer(self._to_print, self)
        self._is_stale, self._is_whole = True, False  # the code on show: of an earlier state; with all files
        self._lay_out()
        self._connect()
        self._checked(document.report)

    def _lay_out(self) -> None:
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self.middle.addWidget(self.canvas)
        self.middle.addWidget(self.bottom)
        self.middle.setStretchFactor(0, 1)
        self.sides = QSplitter(Qt.Orientation.Horizontal)
        for panel in (self.left, self.middle, self.inspector):
            self.sides.addWidget(panel)
        self.sides.setStretchFactor(1, 1)
        for splitter in (self.middle, self.sides):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        self.left.setMinimumWidth(150)
        self.inspector.setMinimumWidth(250)
        self.canvas.setMinimumSize(240, 160)
        self.bottom.setMinimumHeight(90)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.sides)

    def _connect(self) -> None:
        self._document.checked.connect(self._checked)
        self._document.section_changed.connect(lambda _name: self._reprint())
        self.canvas.selection_changed.connect(self._selected)
        self.canvas.trail.changed.connect(self._entered)
        self.canvas.inspect.connect(self._inspect)
        self.canvas.status.connect(self.told)
        self.palette_panel.add_wanted.connect(self._add)
        self.inspector.told.connect(self.told)
        self.inspector.renamed.connect(lambda _old, new: self.canvas.select([new]))
        self.problems.chosen.connect(self.go_to)
        self.problems.count_changed.connect(self._count)
        self.problems.copied.connect(self.told)
        self.summary.layers_chosen.connect(lambda ids: self.canvas.select(ids, reveal=True))
        self.summary.enter_wanted.connect(lambda uses, id: self.show_layers([*self._uses(), *uses], [id]))
        self.summary.copied.connect(self.told)
        self.outline.chosen.connect(self.show_layers)
        self.outline.fields_wanted.connect(lambda: self.inspector.focus_field(None))
        self.outline.told.connect(self.told)
        self.code.layer_chosen.connect(self._choose)
        self.code.seen.connect(self._code_seen)
        self.code.copied.connect(self.told)
        self._printer.printed.connect(self._printed)
        self.start.add_wanted.connect(self.canvas.open_search)
        self.start.blank_wanted.connect(lambda: self._choose_start(False))
        self.blank.start_wanted.connect(lambda: self._choose_start(True))
        self._document.reset.connect(lambda: self._choose_start(None))
        self._document.edited_changed.connect(lambda _edited: self._show_start())
        self.canvas.moved.connect(self.start.centre)
        self.canvas.moved.connect(self.blank.centre)

    def showEvent(self, event: QShowEvent) -> None:
        """The side panels get their width once; from then on it is the person's."""
        super().showEvent(event)
        if not self._is_laid_out:
            self._is_laid_out = True
            rest = self.width() - PALETTE_WIDTH - INSPECTOR_WIDTH
            self.sides.setSizes([PALETTE_WIDTH, rest, INSPECTOR_WIDTH])
            self.middle.setSizes([self.height() - BOTTOM_HEIGHT, BOTTOM_HEIGHT])

    def layout_state(self) -> tuple[QByteArray, QByteArray]:
        """How wide and high the panels are."""
        return self.sides.saveState(), self.middle.saveState()

    def restore_layout(self, sides: QByteArray, middle: QByteArray) -> None:
        """Make the panels as wide and high as they were; what does not fit these panels is passed over."""
        self._is_laid_out = self.sides.restoreState(sides) and self.middle.restoreState(middle)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._count(len(self.problems.problems()))
        parts = (
            self.start,
            self.palette_panel,
            self.outline,
            self.canvas,
            self.inspector,
            self.problems,
            self.summary,
            self.code,
            self.training,
        )
        for part in parts:
            part.set_theme(theme)

    def show_all(self) -> None:
        """Fit the network; one too large to be read like that is shown from its top, with its first layer in view."""
        self.canvas.fit_all()
        if self.canvas.zoom >= READABLE:
            return
        area = self.canvas.canvas_scene.itemsBoundingRect()
        self.canvas.set_zoom(READABLE)
        width, height = (side / self.canvas.zoom for side in self.canvas.viewport().size().toTuple())
        first = next(iter(self.canvas.report.order), "")
        x = area.center().x()
        if area.width() > width and first in self.canvas.canvas_scene.cards:
            reach = width / 2 - 24
            x = min(
                max(self.canvas.canvas_scene.cards[first].rect().x, area.left() + reach), area.right() - reach
            )
        self.canvas.centerOn(x, area.top() - 24 - self.canvas.rooms.headroom + height / 2)

    def set_bottom(self, panel: QWidget, least: int = 0) -> None:
        """Bring a panel below the canvas to the front, at least so high where the window has the room."""
        self.bottom.show()
        self.bottom.setCurrentWidget(panel)
        above, below = self.middle.sizes()
        wanted = min(least, (above + below) // 2)
        if below < wanted:
            self.middle.setSizes([above + below - wanted, wanted])

    def next_panel(self) -> None:
        """Put the focus into the next panel that is shown, round and round: the way about without a mouse."""
        stops = [
            (self.palette_panel, self.palette_panel.field),
            (self.outline, self.outline.tree),
            (self.canvas, self.canvas),
            (self.inspector, None),
            (self.bottom, self.bottom.tabBar()),
        ]
        shown = [stop for stop in stops if stop[0].isVisible()]
        here = self.window().focusWidget()
        inside = [
            n for n, (panel, _) in enumerate(shown) if here is panel or (here and panel.isAncestorOf(here))
        ]
        _, target = shown[(inside[0] + 1) % len(shown) if inside else 0]
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif not self.inspector.focus_field(None):
            self.bottom.tabBar().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go_to(self, problem: Problem) -> None:
        """Select the layer of a problem, in its block, show it, and put the cursor into its field if it is about one.

        The list says what is wrong: it isn't said again beside the layer.
        """
        trail, way = self.canvas.trail, [str(step) for step in problem.path[:-1:2]]
        at = str(problem.path[-1]) if problem.path else problem.layer
        if at is None or not trail.follow(way) or at not in self.canvas.graph:
            self.told.emit(problem.message)
            return
        self._reveal(at)
        if self.problems.isVisible():
            self.canvas.notices.show_problems_of(None)
        if problem.field is not None:
            self.inspector.focus_field(problem.field)

    def _entered(self) -> None:
        """Another network is on show: the panels that are about one follow."""
        self.show_all()
        self.inspector.show_layers(self.canvas.selected())
        self.summary.show_summary(Summary(self.canvas.report))
        self.outline.select(self._uses(), self.canvas.selected())
        self._light(self.canvas.selected())

    def _uses(self) -> list[str]:
        """The uses of blocks on the way to the network on show."""
        return [step.use for step in self.canvas.trail.steps]

    def show_layers(self, uses: Sequence[str], ids: Sequence[str]) -> None:
        """Go to the network behind these uses of blocks, and select layers there."""
        if self.canvas.trail.follow(uses):
            self.canvas.select(ids, reveal=True)

    def _checked(self, report: Report) -> None:
        empty = not report.layers
        self.problems.show_problems(() if empty else report.problems, is_empty=empty)
        self.summary.show_summary(Summary(self.canvas.report))
        self._show_start()
        self._reprint()

    def _choose_start(self, wanted: bool | None) -> None:
        self._wants_start = wanted
        self._show_start()
        if wanted is False:
            self.canvas.setFocus()

    def _show_start(self) -> None:
        """Over an empty canvas: the start page where one begins, a hint where one draws."""
        empty = not self._document.report.layers
        if not empty:
            self._wants_start = None
        begins = not self._document.is_edited and self._document.path is None
        start = empty and (begins if self._wants_start is None else self._wants_start)
        self.start.setVisible(start)
        self.blank.setVisible(empty and not start)
        if self.blank.isVisible():
            self.blank.centre()

    def _reprint(self) -> None:
        self._is_stale = True
        self._ask_for_code()

    def _ask_for_code(self) -> None:
        """Print where somebody looks at code that is none of the design as it is."""
        if self._is_stale or (self.code.isVisible() and not self._is_whole):
            self._printer.ask(len(self._document.report.layers))

    def _to_print(self) -> Wish | None:
        """All files for the Code panel, the module for the lines of a layer in the inspector, else nothing."""
        whole, many = self.code.isVisible(), len(self._document.report.layers) > MANY
        if not whole and (many or not (self.inspector.isVisible() and self.canvas.selected())):
            return None
        self._is_stale, self._is_whole = False, whole
        return Wish(self._document.design.copy(), self._document.report, whole)

    def _printed(self, code: PrintedCode) -> None:
        self._code = code
        self.code.show_code(code)
        self._light(self.canvas.selected())

    def _code_seen(self) -> None:
        """Code wants more room than a list; how high the panel is from then on is the person's."""
        if not self._has_grown:
            self._has_grown = True
            self.set_bottom(self.code, CODE_HEIGHT)
        self._ask_for_code()

    def _selected(self, ids: Sequence[str]) -> None:
        self.inspector.show_layers(ids)
        self.summary.select(ids)
        self.outline.select(self._uses(), ids)
        self._light(ids)
        self._ask_for_code()

    def _light(self, ids: Sequence[str]) -> None:
        """The lines of these layers; in a block where nothing is selected, those of its use."""
        steps = self.canvas.trail.steps
        if ids or not steps:
            asked = ids, self.canvas.network, self.canvas.report
        else:
            asked = [steps[0].use], "", self._document.report
        self.code.light(*asked)
        lines = self._code.lines_of(*asked) if len(ids) == 1 else []
        self.inspector.show_code(self._code.files.get(MODULE, ""), lines)

    def _choose(self, block: PrintedBlock | None, layer: str) -> None:
        """A line of code belongs to a layer of the top network, or of a block: that is entered."""
        trail = self.canvas.trail
        way = () if block is None else trail.way_to(block.block, block.stands_for)
        if way is not None:
            self.show_layers(way, [layer])

    def _reveal(self, layer: str) -> None:
        self.canvas.select([layer], reveal=True)

    def _inspect(self, layer: str) -> None:
        self.inspector.show()
        self.inspector.focus_field(None)

    def _add(self, type: str, bare: bool, values: Mapping[str, Json] | None) -> None:
        """From the palette: behind the selected layer, which keeps the focus so that Enter adds the next."""
        selected = self.canvas.selected()
        ports = output_ports(self.canvas.graph, selected[-1]) if selected and not bare else []
        source = (selected[-1], ports[0]) if ports else None
        self.canvas.adder.add(type, source=source, at=None, bare=bare, values=values)

    def _count(self, count: int) -> None:
        tab = self.bottom.indexOf(self.problems)
        self.bottom.setTabText(tab, f"Problems {count}" if count else "Problems")
        worst = next((problem.severity for problem in self.problems.problems()), None)
        self.bottom.setTabIcon(tab, QIcon() if worst is None else icon(self._theme, SIGNS[worst], worst))
