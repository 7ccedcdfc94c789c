"""Live curves of a run with pyqtgraph: one plot a metric, training and validation."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtGui import QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from codegen.training.options import METRICS
from designer.services.run_state import RunState
from designer.theme import Theme

SHOWN = 2  # plots: the loss and the first metric
TALL = 420
POINTS = 2000


class Curves(pg.GraphicsLayoutWidget):
    """Draws a run's state; colour and line both tell training (plain) from validation (with dots)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plots: dict[str, pg.PlotItem] = {}
        self._kinds: list[tuple[str, str]] = []
        self._is_tall = False
        self._lines: dict[tuple[str, str], pg.PlotDataItem] = {}
        self._raw: pg.PlotDataItem | None = None
        self._state: RunState | None = None
        self.setAccessibleName("Training curves")
        self.setMinimumHeight(80)
        self.setAntialiasing(True)
        self.setBackground(theme.colour("panel"))

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.setBackground(theme.colour("panel"))
        self._plots = {}
        if self._state is not None:
            self.show_state(self._state)

    def show_state(self, state: RunState) -> None:
        """Bring the curves up to date."""
        self._state = state
        metrics = (state.metrics or ["loss"])[:SHOWN]
        kinds = [key for key in state.series if key[1] in metrics]
        tall = self.height() > TALL
        if list(self._plots) != metrics or kinds != self._kinds or tall != self._is_tall:
            self._kinds, self._is_tall = kinds, tall
            self._build(metrics)
        if self._raw is not None:
            self._raw.setData(*_columns(_thinned(state.losses)))
        for key, line in self._lines.items():
            line.setData(*_columns(_thinned(state.series.get(key, []))))
        for plot in self._plots.values():
            plot.setXRange(0, max(1, state.wanted_epochs, state.epochs), padding=0.02)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where it is low, one below the other where it is tall."""
        super().resizeEvent(event)
        state: RunState | None = getattr(self, "_state", None)  # Qt resizes it while it is being made
        if state is not None and self._is_tall != (self.height() > TALL):
            self.show_state(state)

    def _build(self, metrics: Sequence[str]) -> None:
        self.clear()
        self._plots, self._lines, self._raw = {}, {}, None
        for number, metric in enumerate(metrics):
            plot = self.addPlot(row=number, col=0) if self._is_tall else self.addPlot(row=0, col=number)
            self._plots[metric] = plot
            self._dress(plot, metric)
            if metric == "loss":
                faint = self._theme.colour("selection")
                faint.setAlpha(110)
                self._raw = plot.plot(pen=pg.mkPen(faint, width=1), name="each step")
            for part, name in self._kinds:
                if name == metric:
                    line = plot.plot(name=part, pen=self._pen(part), **self._dots(part))
                    self._lines[part, metric] = line

    def _dress(self, plot: pg.PlotItem, metric: str) -> None:
        quiet = self._theme.colour("quiet")
        rises = metric in METRICS and METRICS[metric].higher_is_better
        below_or_above = (-6, -6) if rises else (-6, 2)  # where the curve is not
        legend = plot.addLegend(below_or_above, labelTextColor=quiet, labelTextSize="8pt", colCount=3)
        legend.setBrush(None)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.showGrid(x=False, y=True, alpha=0.15)
        plot.setTitle(f"{metric.replace('_', ' ')} by epoch", color=quiet, size="9pt", justify="left")
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(self._theme.colour("edge")))
            axis.setTextPen(quiet)
            axis.setStyle(tickFont=self._theme.ui_font(11))
            axis.enableAutoSIPrefix(False)

    def _pen(self, part: str) -> QPen:
        role = "selection" if part == "train" else "warning"
        return pg.mkPen(self._theme.colour(role), width=2)

    def _dots(self, part: str) -> dict[str, object]:
        if part == "train":
            return {}
        colour = self._theme.colour("warning")
        return {"symbol": "o", "symbolSize": 5, "symbolBrush": colour, "symbolPen": None}


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    return points if len(points) <= POINTS else points[:: len(points) // POINTS + 1]
