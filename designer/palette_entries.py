"""What can be searched for in the command palette, and in which order it is found. No widgets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from designer.canvas.adding.search import Near, meets, plain_name

LATER = 2  # so many steps of nearness
LAYERS = "@"
"""What a query begins with that goes to a layer."""


@dataclass(frozen=True)
class Entry:
    """One line: its words, where it stands elsewhere (a menu, a page), its keys, and what it does.

    `name` tells it from all others. With `why` it can't be done now. `is_on` says how a switch stands.
    """

    name: str
    words: str
    where: str
    act: Callable[[], object]
    keys: str = ""
    why: str = ""
    is_on: bool | None = None
    always: bool = True
    """Whether it is listed before anything is typed."""


def find_entries(query: str, entries: Iterable[Entry], recent: Sequence[str] = ()) -> list[Entry]:
    """Entries that match, the closest first, what can't be done now a little later; of equals what was used last."""
    place = {name: number for number, name in enumerate(recent)}
    wanted, words = plain_name(query), _words(query).split()
    if not wanted:
        listed = [entry for entry in entries if entry.always]
        return sorted(listed, key=lambda entry: place.get(entry.name, len(place)))
    found = [(near, entry) for entry in entries if (near := _near(wanted, words, entry)) is not None]
    found.sort(key=lambda pair: (pair[0] + LATER * bool(pair[1].why), place.get(pair[1].name, len(place))))
    return [entry for _, entry in found]


def _near(wanted: str, words: Sequence[str], entry: Entry) -> Near | None:
    own = meets(wanted, entry.words)
    if own is not None and own <= Near.INSIDE:
        return own
    known = f" {_words(f'{entry.words} {entry.where}')}"
    if all(f" {word}" in known for word in words):
        return Near.INSIDE
    return own


def _words(text: str) -> str:
    return re.sub(r"[^\w.@]+", " ", text.casefold())
