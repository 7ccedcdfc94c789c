"""What gestures, keys and commands do to the things on the sheet: carry, change, delete them; one undo step each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from designer.canvas.arranging.places import Places, whole
from designer.canvas.gestures.marks import Mark, Thing
from designer.canvas.views import Rect
from graph_ir.annotations import Comment, Frame, annotations_of
from graph_ir.graph import Wire

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

SMALLEST = 48.0  # pixels of the sheet: how small a frame or comment may be drawn


def whole_load(canvas: Canvas, *, with_insides: bool = True) -> list[Thing]:
    """What moves when the selection is moved: a frame takes along what lies in it."""
    chosen = canvas.things()
    inside = (
        [
            thing
            for mark in chosen
            if isinstance(mark, Mark) and mark.kind == "frame"
            for thing in canvas.marks.inside(mark)
        ]
        if with_insides
        else []
    )
    return list(dict.fromkeys([*chosen, *inside]))


def carry(canvas: Canvas, things: Iterable[Thing], dx: float, dy: float) -> None:
    """Move layers and marks by so many pixels."""
    if dx or dy:
        put(
            canvas,
            {
                thing: rect._replace(x=rect.x + dx, y=rect.y + dy)
                for thing, rect in areas(canvas, things).items()
            },
        )


def areas(canvas: Canvas, things: Iterable[Thing]) -> dict[Thing, Rect]:
    """Where things are; what is on a chip or gone is left out."""
    found = ((thing, canvas.area(thing)) for thing in things)
    return {thing: rect for thing, rect in found if rect is not None}


def put(canvas: Canvas, rects: Mapping[Thing, Rect], title: str = "") -> None:
    """Give layers and marks other places, marks other sizes as well."""
    layers: Places = {thing: (rect.x, rect.y) for thing, rect in rects.items() if isinstance(thing, str)}
    marks = {thing: rect for thing, rect in rects.items() if isinstance(thing, Mark)}
    count = len(rects)
    with canvas.document.one_step(title or f"Move {count} {'thing' if count == 1 else 'things'}"):
        if layers:
            canvas.put_layers(layers)
        for mark, rect in marks.items():
            change_mark(canvas, mark, rect=rect)


def change_mark(
    canvas: Canvas,
    mark: Mark,
    *,
    rect: Rect | None = None,
    words: str | None = None,
    colour: str | None = None,
    merge: str = "",
) -> None:
    """Give a frame or a comment another place, text or colour; what is not given stays."""
    document, network = canvas.document, canvas.network
    sheet = annotations_of(document.design.layout, network)
    place = None if rect is None else tuple_of(rect)
    if mark.kind == "frame":
        frame = sheet.frames[mark.index]
        new = Frame(
            frame.title if words is None else words,
            place or frame.rect,
            frame.colour if colour is None else colour,
        )
        canvas.attempt(lambda: document.change_frame(network, mark.index, new, merge=merge))
        return
    comment = sheet.comments[mark.index]
    said = Comment(comment.text if words is None else words, place or comment.rect)
    canvas.attempt(lambda: document.change_comment(network, mark.index, said, merge=merge))


def tuple_of(rect: Rect) -> tuple[float, float, float, float]:
    """As a file holds it: whole pixels as ints."""
    return whole(rect.x), whole(rect.y), whole(rect.width), whole(rect.height)


def delete(canvas: Canvas, heal: bool = True) -> None:
    """Remove what is selected; `heal` joins what was before a layer to what is behind it where shapes allow."""
    document, network = canvas.document, canvas.network
    wires, layers, marks = canvas.chosen_wires(), canvas.selected(), canvas.marks.chosen()
    if wires:
        disconnect(canvas, wires)
        return
    if not layers and not marks:
        return
    count = len(layers) + len(marks)
    one = layers[0] if layers else f"the {marks[0].kind}" if marks else ""
    with document.one_step(f"Delete {one}" if count == 1 else f"Delete {count} things"):
        if layers:
            canvas.attempt(lambda: document.remove_layers(network, layers, heal=heal))
        for mark in sorted(
            marks, key=lambda mark: -mark.index
        ):  # the last first: the others keep their place
            remove = document.remove_frame if mark.kind == "frame" else document.remove_comment
            canvas.attempt(_call(remove, network, mark.index))


def _call(intent: Callable[[str, int], None], network: str, index: int) -> Callable[[], None]:
    return lambda: intent(network, index)


def disconnect(canvas: Canvas, wires: Iterable[Wire]) -> None:
    """Take wires away."""
    document, network = canvas.document, canvas.network
    with document.one_step("Disconnect"):
        for wire in wires:
            canvas.attempt(lambda wire=wire: document.disconnect(network, wire))  # type: ignore[misc]  # the default binds the loop variable


def rewire(canvas: Canvas, old: Wire | None, new: Wire) -> None:
    """Draw a wire, in place of `old` if one is given; refused, everything stays as it was."""
    document, network = canvas.document, canvas.network

    def both() -> None:
        with document.one_step("Move wire" if old is not None else "Connect"):
            if old is not None:
                document.disconnect(network, old)
            document.connect(network, new)

    canvas.attempt(both, canvas.canvas_scene.port_point(new.target, "inputs", new.target_port))
    canvas.show_problems_of(new.target)
