"""Writing on the sheet itself: a frame's title, a comment's text, in a field that lies where it will stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from designer.canvas.gestures.deeds import change_mark, tuple_of
from designer.canvas.gestures.marks import Mark
from designer.canvas.views import FRAME_TITLE, CommentView, Rect
from designer.theme import Theme
from graph_ir.annotations import LONGEST_TEXT, Comment

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

PAD, TALLEST = (
    10.0,
    480.0,
)  # pixels of the sheet: the air around a comment's words; how far one grows by itself
SMALLEST_FONT, TITLE_FONT, TEXT_FONT = 9, 13, 12  # pixels
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Writer(QObject):
    """Enter ends a title, Ctrl+Enter a comment, a click elsewhere both; Esc leaves everything as it was."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._mark: Mark | None = None
        self._rect: Rect | None = None  # of a comment that is not there yet
        self.title = QLineEdit(canvas.viewport())
        self.title.setAccessibleName("Title of the frame")
        self.title.setPlaceholderText("Title")
        self.title.setMaxLength(LONGEST_TEXT)
        self.text = QPlainTextEdit(canvas.viewport())
        self.text.setAccessibleName("Comment")
        self.text.setPlaceholderText("A comment; Ctrl+Enter ends it")
        self.text.setTabChangesFocus(True)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for field in (self.title, self.text):
            field.hide()
            field.installEventFilter(self)
        canvas.moved.connect(self.follow)

    @property
    def field(self) -> QWidget | None:
        """The field that is being written in."""
        return next((field for field in (self.title, self.text) if not field.isHidden()), None)

    def set_theme(self, theme: Theme) -> None:
        """The fields are dressed by the application's style sheet; their letters follow the zoom."""
        self.follow()

    def edit(self, mark: Mark) -> None:
        """Write the title or the text of a mark."""
        self.end()
        view = self._canvas.marks.views().get(mark)
        if view is None:
            return
        self._mark = mark
        self._canvas.choose([mark])
        if isinstance(view, CommentView):
            self.text.setPlainText(view.text)
            self._open(self.text)
            self.text.selectAll()
            return
        self.title.setText(view.title)
        self._open(self.title)
        self.title.selectAll()

    def new_comment(self, rect: Rect) -> None:
        """Write a comment that is there once something is written."""
        self.end()
        self._rect = rect
        self.text.setPlainText("")
        self._open(self.text)

    def _open(self, field: QWidget) -> None:
        field.show()
        field.raise_()
        self.follow()
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self) -> None:
        """Lie where the words will stand, and as large."""
        area = self._area()
        field = self.field
        if area is None or field is None:
            return
        zoom, theme = self._canvas.zoom, self._canvas.canvas_scene.theme
        size = TITLE_FONT if field is self.title else TEXT_FONT
        field.setFont(theme.ui_font(max(SMALLEST_FONT, round(size * zoom)), field is self.title))
        place = self._canvas.mapFromScene(QRectF(*area)).boundingRect()
        least = field.fontMetrics().height() + 8
        field.setGeometry(QRect(place.topLeft(), place.size().expandedTo(field.minimumSizeHint())))
        field.resize(max(field.width(), 120), max(place.height(), least))

    def _area(self) -> Rect | None:
        if self._rect is not None:
            return self._rect
        if self._mark is None or self._mark not in self._canvas.marks.views():
            return None
        rect = self._canvas.marks.rect(self._mark)
        return rect._replace(height=FRAME_TITLE) if self._mark.kind == "frame" else rect

    def refresh(self) -> None:
        """What is written about may have been moved, or be gone."""
        if self.field is not None and self._area() is None:
            self.end(keep=False)
        self.follow()

    def end(self, keep: bool = True) -> None:
        """Close the field; `keep` what was written."""
        field = self.field
        if field is None:
            return
        words = self.title.text() if field is self.title else self.text.toPlainText()
        if keep and len(words) > LONGEST_TEXT:
            spot = self._canvas.mapToScene(field.geometry().topLeft())
            sentence = (
                f"A comment has at most {LONGEST_TEXT:,} characters, this one {len(words):,}: shorten it."
            )
            self._canvas.notices.say(sentence, spot, lingers=True)
            return
        mark, rect, self._mark, self._rect = self._mark, self._rect, None, None
        had_focus = field.hasFocus()
        field.hide()
        if had_focus:
            self._canvas.setFocus()
        if not keep:
            return
        if rect is not None and words.strip():
            self._add(rect, words)
        elif mark is not None and mark in self._canvas.marks.views():
            self._change(mark, words)

    def _add(self, rect: Rect, words: str) -> None:
        canvas = self._canvas
        comment = Comment(words, tuple_of(self._grown(rect, words)))
        canvas.attempt(lambda: canvas.document.add_comment(canvas.network, comment))
        marks = [mark for mark in canvas.marks.views() if mark.kind == "comment"]
        canvas.choose(marks[-1:])

    def _change(self, mark: Mark, words: str) -> None:
        view = self._canvas.marks.views()[mark]
        if not isinstance(view, CommentView):
            if words != view.title:
                change_mark(self._canvas, mark, words=words)
            return
        if not words.strip():
            self._canvas.attempt(
                lambda: self._canvas.document.remove_comment(self._canvas.network, mark.index)
            )
        elif words != view.text:
            change_mark(self._canvas, mark, words=words, rect=self._grown(view.rect, words))

    def _grown(self, rect: Rect, words: str) -> Rect:
        """High enough for the words, within reason."""
        metrics = QFontMetricsF(self._canvas.canvas_scene.theme.ui_font(TEXT_FONT))
        room = QRectF(0, 0, rect.width - 2 * PAD, 1e6)
        height = metrics.boundingRect(
            room, Qt.TextFlag.TextWrapAnywhere | Qt.TextFlag.TextWordWrap, words
        ).height()
        return rect._replace(height=max(rect.height, min(TALLEST, height + 2 * PAD)))

    def eventFilter(self, field: QObject, event: QEvent) -> bool:
        """The keys that end writing; a field that loses the focus keeps what is in it."""
        if (
            event.type() == QEvent.Type.FocusOut
            and field is self.field
            and self._canvas.window().isActiveWindow()
        ):
            self.end()
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.end(keep=False)
            return True
        held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in ENTER and (field is self.title or held):
            self.end()
            return True
        return False
