"""Small parts every panel is made of. All text is plain: a name from a design is never markup."""

from __future__ import annotations

from collections.abc import Container, Iterable
from html import escape

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QFont, QFontMetrics, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QSizePolicy, QToolButton, QWidget

from designer.theme import svg_renderer
from graph_ir.dims import Dim
from graph_ir.signature import TensorType


def plain_label(text: str, *, wrap: bool = False, **properties: object) -> QLabel:
    """A label that never reads its text as markup; `properties` are those of the style sheet."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setWordWrap(wrap)
    for name, value in properties.items():
        label.setProperty(name, value)
    return label


def plain_tip(widget: QWidget | QAction, text: str) -> None:
    """A tooltip in which nothing is markup."""
    widget.setToolTip(escaped(text))


def escaped(text: str) -> str:
    """Text for a tooltip, which Qt would else read as markup where it looks like it."""
    return f"<span>{escape(text)}</span>" if text else ""


def tool_button(action: QAction) -> QToolButton:
    """An icon button of an action, reachable by Tab."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(action.text().replace("&", ""))
    return button


def rule(vertical: bool = False) -> QFrame:
    """A thin line between two parts."""
    line = QFrame()
    line.setProperty("rule", True)
    policy = QSizePolicy.Policy
    if vertical:
        line.setFixedWidth(1)
        line.setSizePolicy(policy.Fixed, policy.Expanding)
    else:
        line.setFixedHeight(1)
        line.setSizePolicy(policy.Expanding, policy.Fixed)
    return line


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Change a property the style sheet looks at, and dress the widget anew."""
    before = widget.property(name)
    if before == value:
        return
    widget.setProperty(name, value)
    if before is None and value is False:
        return  # no rule of the style sheet tells these two apart, and dressing takes time
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def elided(widget: QWidget, text: str, room: int, pixels: int = 13) -> str:
    """The text cut to so many pixels in the widget's font of that height."""
    font = QFont(widget.font())
    font.setPixelSize(pixels)
    return QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)


class Choice(QComboBox):
    """A combo box that leaves the wheel to the page, with an arrow in the look's own colour."""

    closed = Signal()  # its list

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._is_open = False
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def showPopup(self) -> None:
        """Open the list."""
        self._is_open = True
        super().showPopup()

    def hidePopup(self) -> None:
        """Close the list, and tell; Qt asks for it also where none is open."""
        super().hidePopup()
        was_open, self._is_open = self._is_open, False
        if was_open:
            self.closed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling past a field never changes it."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style sheet's box, and our arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.palette().color(self.palette().ColorRole.PlaceholderText)
        place = QRectF(self.width() - 20, self.height() / 2 - 7, 14, 14)
        svg_renderer("lucide/chevron-down", colour.name()).render(painter, place)
        painter.end()


class Elided(QLabel):
    """A label that cuts what it has no room for; its tooltip may say more. Never markup."""

    def __init__(self, text: str, **properties: object) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for name, value in properties.items():
            self.setProperty(name, value)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As much of the text as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.contentsRect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


def axes_text(shape: Iterable[Dim], roles: Iterable[str], carried: Container[int] = ()) -> str:
    """Sizes with their axes' letters: `N · C32 · H28 · W28`; axes that carry lengths as `≤T`."""
    parts = []
    for axis, (size, role) in enumerate(zip(shape, roles, strict=True)):
        words = f"{'≤' if axis in carried else ''}{size}"
        parts.append(words if not role or str(size).startswith(role) else f"{role}{words}")
    return " · ".join(parts) or "a single number"


def type_text(tensor: TensorType) -> str:
    """A tensor in words: its axes, and its dtype where it is not the usual one."""
    carried = [axis for axis, length in enumerate(tensor.lengths) if length]
    words = axes_text(tensor.shape, tensor.roles, carried)
    return words if tensor.dtype == "float32" else f"{words}  {tensor.dtype}"


def amount(number: object) -> str:
    """A count people can read: `320`, `12,345`, `0.23 M`; an expression as it is."""
    if not isinstance(number, int):
        return str(number).replace("*", "·")
    if number >= 100_000_000:
        return f"{number / 1e9:.2f} G"
    return f"{number / 1e6:.2f} M" if number >= 100_000 else f"{number:,}"
