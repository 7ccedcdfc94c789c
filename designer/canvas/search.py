"""The search of the quick-add list: which layers a few letters mean, best first. Plain Python, no Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

WHOLE_NAME, FAR = 1, 12
"""Scores: up to the first the query is a whole name; from the second on letters are scattered or in the description."""


class Fit(IntEnum):
    """How a layer goes with the port it would be wired to; the order is the order of the list."""

    FITS = 0
    ADAPTED = 1
    REFUSED = 2


@dataclass(frozen=True)
class Hit:
    """One layer type as the list shows it; `note` names the adapter or the reason of a refusal.

    With `block`, a use of that block of the design: `type` is the block's name then.
    """

    type: str
    summary: str
    signature: str
    category: str
    aliases: tuple[str, ...] = ()
    fit: Fit = Fit.FITS
    note: str = ""
    block: bool = False


def find(query: str, hits: Iterable[Hit]) -> list[Hit]:
    """Hits that match `query` in name, alias or description: the closest first, what does not fit last.

    Of what is equally close (all of it, where nothing is asked) what fits as it is comes before what needs an adapter.
    Upper and lower case, spaces and underscores make no difference; ties keep the order of `hits`.
    """
    wanted = _plain(query)
    scored = [(score, hit) for hit in hits if (score := _score(wanted, query, hit)) is not None]
    scored.sort(key=lambda pair: _place(*pair))
    return [hit for _, hit in scored]


def _place(score: int, hit: Hit) -> tuple[bool, bool, bool, int, Fit]:
    """A name that was written out comes first even where it does not fit: Enter must not add another layer."""
    return score > WHOLE_NAME, score >= FAR, hit.fit is Fit.REFUSED, score, hit.fit


def matched_alias(query: str, hit: Hit) -> str:
    """The other library's name that the query meant, or nothing where it meant the type's own."""
    wanted = _plain(query)
    if not wanted or wanted in _plain(hit.type):
        return ""
    return next((alias for alias in hit.aliases if wanted in _plain(alias)), "")


def _plain(text: str) -> str:
    return re.sub(r"[\s_.]", "", text).casefold()


def _score(wanted: str, query: str, hit: Hit) -> int | None:
    """Smaller is closer; None is no match."""
    if not wanted:
        return 0
    best: int | None = None
    for step, names in ((0, (hit.type,)), (1, hit.aliases)):
        for name in names:
            found = _name_score(wanted, name)
            if found is not None and (best is None or 2 * found + step < best):
                best = 2 * found + step
    if best is not None:
        return best
    words = query.casefold().split()
    return 20 if all(word in hit.summary.casefold() for word in words) else None


def _name_score(wanted: str, name: str) -> int | None:
    plain = _plain(name)
    if plain == wanted:
        return 0
    if plain.startswith(wanted):
        return 1
    if any(part.casefold().startswith(wanted) for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+d?", name)):
        return 2
    if wanted in plain:
        return 3
    letters = iter(plain)
    return 6 if len(wanted) > 2 and all(letter in letters for letter in wanted) else None
