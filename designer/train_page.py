"""The Train page: data and settings on the left, the run on the right. Everything chosen is kept in the design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from designer.document import Document
from designer.panels.field_row import MISSING, FieldRow
from designer.panels.run_view import RunView
from designer.panels.widgets import Choice, plain_label, plain_tip, rule
from designer.theme import Theme, icon
from designer.train_settings import fitting_metrics, settings
from graph_ir.changes import stored
from graph_ir.edits import REMOVE, Refused
from graph_ir.kinds import Json

if TYPE_CHECKING:
    from codegen.training.data import Fit

FORM_WIDTH = 360
DEVICES = {"auto": "the best there is", "cpu": "CPU", "cuda": "NVIDIA card (CUDA)", "mps": "Apple GPU (MPS)"}


class TrainPage(QWidget):
    """One page from a design to a run."""

    told = Signal(str)
    run_wanted = Signal()
    run_chosen = Signal(object)  # a run's folder

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._rows: dict[tuple[str, ...], FieldRow] = {}
        self._session = 0
        self.run = QPushButton("Run training")
        self.run.setProperty("primary", True)
        self.run.clicked.connect(self.run_wanted)
        self.run_view = RunView(theme)
        self.runs = Choice()
        self.runs.setAccessibleName("Runs")
        self.runs.activated.connect(lambda index: self.run_chosen.emit(self.runs.itemData(index)))
        self.device = Choice()
        self.device.setAccessibleName("Device")
        for name, words in DEVICES.items():
            self.device.addItem(f"{name} – {words}", name)
        self.device_reason = plain_label("", wrap=True, quiet=True, small=True)
        self.why_not = plain_label("", wrap=True, severity="error")
        self._sources = QVBoxLayout()
        self._sources.setSpacing(6)
        self._group: QButtonGroup | None = None
        self._shows_all = False
        self._lay_out()
        document.checked.connect(lambda _report: self.refresh())
        document.section_changed.connect(lambda name: self.refresh() if name == "training" else None)

    def _lay_out(self) -> None:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(16, 14, 14, 16)
        box.setSpacing(10)
        box.addWidget(plain_label("Train", heading=True))
        box.addWidget(plain_label("Data", section=True))
        box.addLayout(self._sources)
        box.addWidget(rule())
        box.addWidget(plain_label("Settings", section=True))
        self._settings = QVBoxLayout()
        self._settings.setSpacing(10)
        box.addLayout(self._settings)
        device = QHBoxLayout()
        device.setSpacing(8)
        name = plain_label("device")
        name.setFixedWidth(104)
        name.setBuddy(self.device)
        device.addWidget(name)
        device.addWidget(self.device, 1)
        device.addSpacing(30)
        box.addLayout(device)
        box.addWidget(self.device_reason)
        box.addWidget(self.why_not)
        box.addWidget(self.run)
        box.addStretch(1)
        form = QScrollArea()
        form.setWidget(page)
        form.setWidgetResizable(True)
        form.setFrameShape(QFrame.Shape.NoFrame)
        form.setFixedWidth(FORM_WIDTH)
        form.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        form.setAccessibleName("Data and settings")
        right = QVBoxLayout()
        right.setContentsMargins(0, 8, 0, 0)
        choose = QHBoxLayout()
        choose.setContentsMargins(14, 0, 14, 0)
        choose.setSpacing(12)
        choose.addWidget(plain_label("Runs", section=True))
        choose.addWidget(self.runs, 1)
        right.addLayout(choose)
        right.addWidget(self.run_view, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(form)
        row.addWidget(rule(vertical=True))
        row.addLayout(right, 1)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.run.setIcon(icon(theme, "play", "on_selection"))
        self.run_view.set_theme(theme)
        for row in self._rows.values():
            row.set_theme(theme)

    def showEvent(self, event: Any) -> None:
        """Read the design when the page comes to the front."""
        super().showEvent(event)
        self.refresh()

    def show_device(self, reason: str) -> None:
        """Which device `auto` is, and why."""
        self.device_reason.setText(f"auto is here: {reason}")

    def chosen_device(self) -> str:
        """What the run is to take."""
        return str(self.device.currentData())

    def show_runs(self, runs: Sequence[tuple[str, object]], current: object) -> None:
        """Offer these runs (words, folder), the newest first."""
        self.runs.clear()
        for words, folder in runs:
            self.runs.addItem(words, folder)
        self.runs.setEnabled(bool(runs))
        self.runs.setCurrentIndex(max(0, self.runs.findData(current)))

    def refresh(self) -> None:
        """Read the design again, where the page is in sight."""
        if not self.isVisible():
            return
        if not self._rows:
            self._build_settings()
        self._fill_sources()
        for path, row in self._rows.items():
            raw = stored(self._document.design, path)
            row.show_value(MISSING if raw is REMOVE else raw)

    def focus_setting(self, path: tuple[str, ...]) -> None:
        """Put the cursor into a setting of the page, which is in sight."""
        self.refresh()
        row = self._rows.get(path)
        if row is not None:
            row.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def say_why_not(self, sentence: str) -> None:
        """Why no run can be started as it is; empty where one can."""
        self.why_not.setText(sentence)
        self.why_not.setVisible(bool(sentence))

    def _build_settings(self) -> None:
        for path, title, kind, help, default in settings():
            row = FieldRow(title, kind, help, default, self._theme)
            row.edited.connect(lambda _name, raw, path=path: self._edit(path, raw))
            row.reset_wanted.connect(lambda _name, path=path: self._edit(path, REMOVE))
            row.left.connect(self._end_session)
            self._rows[path] = row
            self._settings.addWidget(row)
        self.set_theme(self._theme)

    def _end_session(self, _name: str) -> None:
        self._session += 1

    def _edit(self, path: tuple[str, ...], raw: Json) -> None:
        try:
            self._document.set_section(path, raw, merge=f"{path}{self._session}")
        except Refused as error:
            self.told.emit(str(error))

    def _fill_sources(self) -> None:
        from codegen.training.data import carried_inputs, fits

        while (item := self._sources.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._group = QButtonGroup(self)
        chosen = stored(self._document.design, ("training", "data", "source"))
        carried = carried_inputs(self._document.design.training)
        found = fits(self._document.report, carried=carried)
        good = [fit for fit in found if fit.ok or fit.source.name == chosen]
        others = [fit for fit in found if fit not in good]
        if not good:
            self._sources.addWidget(plain_label("No data set fits this design.", wrap=True, quiet=True))
        for fit in good:
            self._offer(fit, is_chosen=fit.source.name == chosen)
        if others:
            self._sources.addWidget(self._more(len(others)), 0, Qt.AlignmentFlag.AlignLeft)
        for fit in others if self._shows_all else []:
            self._offer(fit, is_chosen=False)

    def _offer(self, fit: Fit, *, is_chosen: bool) -> None:
        """A data set with what it is, or why it does not fit."""
        button = QRadioButton(fit.source.title)
        button.setEnabled(fit.ok or is_chosen)
        button.setChecked(is_chosen)
        plain_tip(button, f"{fit.source.origin}. Licence: {fit.source.licence}.")
        button.clicked.connect(lambda: self._choose(fit.source.name, fit.inputs))
        if self._group is not None:
            self._group.addButton(button)
        self._sources.addWidget(button)
        words = fit.source.summary if fit.ok else fit.reason
        label = plain_label(words, wrap=True, quiet=True, small=True)
        label.setContentsMargins(24, 0, 0, 4)
        button.setAccessibleDescription(words)
        self._sources.addWidget(label)

    def _more(self, count: int) -> QPushButton:
        """Opens and closes the list of what does not fit, and why."""
        words = "Hide those that do not fit" if self._shows_all else f"{count} more that do not fit, and why"
        button = QPushButton(words)
        button.setProperty("link", True)
        button.clicked.connect(self._show_more)
        return button

    def _show_more(self) -> None:
        self._shows_all = not self._shows_all
        self._fill_sources()

    def _choose(self, source: str, inputs: Mapping[str, str]) -> None:
        try:
            with self._document.one_step("Choose the data"):
                self._document.set_section(("training", "data"), {"source": source, "inputs": dict(inputs)})
                if "metrics" not in self._document.design.training:
                    self._document.set_section(
                        ("training", "metrics"), fitting_metrics(self._document.report)
                    )
        except Refused as error:
            self.told.emit(str(error))
