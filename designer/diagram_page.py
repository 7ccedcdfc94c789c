"""The Diagram page: a live picture of the design beside its options."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from designer.document import Document
from designer.panels.field_row import MISSING, FieldRow
from designer.panels.widgets import plain_label
from designer.services.background import Job, in_background
from designer.services.files import Failed
from designer.services.rendering import picture, write_picture
from designer.theme import Theme, icon, load_theme
from graph_ir.edits import REMOVE, Refused
from graph_ir.kinds import Json

SETTLE_MS = 200
FORM_WIDTH, NAME_WIDTH = 360, 148
SMALLEST, LARGEST, STEP = 0.05, 6.0, 1.15


class Paper(QWidget):
    """The picture on white paper, as it will lie in a document."""

    def __init__(self) -> None:
        super().__init__()
        self._renderer = QSvgRenderer(self)
        self._zoom = 1.0
        self.setAccessibleName("Diagram")

    def show_picture(self, svg: bytes) -> bool:
        """Show an SVG; False where Qt cannot read it."""
        if not self._renderer.load(QByteArray(_one_family(svg))):
            return False
        self.set_zoom(self._zoom)
        self.update()
        return True

    @property
    def natural(self) -> QSize:
        """The picture's own size."""
        return self._renderer.defaultSize()

    @property
    def zoom(self) -> float:
        """1.0 is the picture's own size."""
        return self._zoom

    def set_zoom(self, zoom: float) -> None:
        """Larger or smaller."""
        self._zoom = max(SMALLEST, min(zoom, LARGEST))
        self.setFixedSize((self.natural * self._zoom).expandedTo(QSize(1, 1)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """White paper, whatever the window looks like: a dark picture brings its own ground."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), load_theme("light").colour("paper"))
        self._renderer.render(painter, QRectF(self.rect()))
        painter.end()


def _one_family(svg: bytes) -> bytes:
    """Qt's SVG takes one family, no list: the first, our own, which Graphviz measured too."""
    return re.sub(rb'font-family="([^",]*)[^"]*"', rb'font-family="\1"', svg)


class _Desk(QScrollArea):
    """Where the paper lies; Ctrl and the wheel zoom."""

    def __init__(self, paper: Paper) -> None:
        super().__init__()
        self.paper = paper
        self.setWidget(paper)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("desk")
        self.setAccessibleName("The diagram")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.paper.set_zoom(self.paper.zoom * STEP ** (event.angleDelta().y() / 120))
            event.accept()
            return
        super().wheelEvent(event)

    def fit(self) -> None:
        """All of it in sight, at its own size at most."""
        natural, room = self.paper.natural, self.viewport().size() - QSize(32, 32)
        if natural.isEmpty():
            return
        across, down = room.width() / natural.width(), room.height() / natural.height()
        self.paper.set_zoom(
            min(across, max(down, 0.55), 1.0)
        )  # a tall network is scrolled, not shrunk to nothing


class DiagramPage(QWidget):
    """Options are the design's `diagram` section: each change is an undo step."""

    told = Signal(str)
    save_wanted = Signal()

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._job: Job | None = None
        self._drawn: tuple[object, int] | None = None
        self._is_fitted = False
        self._rows: dict[str, FieldRow] = {}
        self.paper = Paper()
        self.desk = _Desk(self.paper)
        self.sentence = plain_label("", wrap=True, quiet=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._preview = QStackedWidget()
        self._preview.addWidget(self.desk)
        self._preview.addWidget(self.sentence)
        self._form = QScrollArea()
        self._form.setWidgetResizable(True)
        self._form.setFrameShape(QFrame.Shape.NoFrame)
        self._form.setFixedWidth(FORM_WIDTH)
        self._form.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._form.setAccessibleName("Options of the diagram")
        self.save = QPushButton("Save the diagram…")
        self.save.setProperty("primary", True)
        self.save.clicked.connect(self.save_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._preview, 1)
        row.addWidget(self._form)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._draw)
        document.checked.connect(lambda _report: self._changed())
        document.section_changed.connect(
            lambda name: self._changed() if name in ("diagram", "about") else None
        )
        document.reset.connect(self._reset)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.save.setIcon(icon(theme, "image", "on_selection"))
        for row in self._rows.values():
            row.set_theme(theme)

    def refresh(self) -> None:
        """Draw if what is shown is not the design as it is."""
        if not self._rows:
            self._build()
        state = (self._document.design, self._document.changes)
        if self._drawn is None or self._drawn[0] is not state[0] or self._drawn[1] != state[1]:
            self._draw()

    def write(self, path: Path) -> None:
        """Write the picture into a file."""
        design = self._document.design.copy()
        in_background(
            lambda: write_picture(design, path),
            lambda _none: None,
            self._failed,
        )

    def close_jobs(self) -> None:
        """Nothing is wanted any more."""
        if self._job is not None:
            self._job.drop()

    def _build(self) -> None:
        from codegen.diagram.options import SPECS

        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(16, 14, 14, 16)
        box.setSpacing(10)
        box.addWidget(plain_label("Diagram", heading=True))
        words = (
            "The way from data to Outputs, as it will lie in a document. Options are kept with the design."
        )
        box.addWidget(plain_label(words, wrap=True, quiet=True))
        box.addWidget(self.save)
        for spec in SPECS.values():
            row = FieldRow(
                spec.name, spec.kind, spec.help, spec.kind.dump(spec.default), self._theme, NAME_WIDTH
            )
            row.edited.connect(self._edit)
            row.reset_wanted.connect(lambda name: self._edit(name, REMOVE))
            self._rows[spec.name] = row
            box.addWidget(row)
        box.addStretch(1)
        self._form.setWidget(page)
        self.set_theme(self._theme)
        self._fill()

    def _fill(self) -> None:
        for name, row in self._rows.items():
            row.show_value(self._document.design.diagram.get(name, MISSING))

    def _edit(self, name: str, raw: Json) -> None:
        try:
            self._document.set_section(("diagram", name), raw)
        except Refused as error:
            self.told.emit(str(error))

    def _changed(self) -> None:
        self._fill()
        if self.isVisible():
            self._settle.start()

    def _reset(self) -> None:
        self._is_fitted = False
        self._changed()

    def _draw(self) -> None:
        self._settle.stop()
        self._drawn = (self._document.design, self._document.changes)
        if not len(self._document.design.top):
            self._say("Nothing is drawn yet: there is no picture to show.")
            return
        if self._job is not None:
            self._job.drop()
        design = self._document.design.copy()
        self._job = in_background(lambda: picture(design), self._show, self._failed)

    def _show(self, svg: bytes) -> None:
        if not self.paper.show_picture(svg):
            self._say("The picture could not be shown; save it as a file to look at it.")
            return
        self._preview.setCurrentWidget(self.desk)
        if not self._is_fitted:
            self._is_fitted = True
            self.desk.fit()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Failed):
            raise error
        self._say(str(error))
        self.told.emit(str(error))

    def _say(self, words: str) -> None:
        self.sentence.setText(words)
        self._preview.setCurrentWidget(self.sentence)
