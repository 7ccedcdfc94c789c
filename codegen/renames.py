"""Weights that were published under other names: `about.state_dict` of a design, and the function printed from it.

`about.state_dict` is a list of pairs [ours, theirs]: how a key of the exported network begins, and how the published
key does. `{name}` stands for a word, the same on both sides, `{name+1}` on their side for a number that is larger by
one: `["features.{stage}.{layer}.", "features.{stage}.denselayer{layer+1}."]`. The first pair that fits a key holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from codegen.layout import statement
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.kinds import Json

SECTION = "state_dict"
MOST, LONGEST = 40, 60
_TEXT = re.compile(r"[A-Za-z0-9_.]+", re.ASCII)
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)(?:\+(\d{1,4}))?\}", re.ASCII)


@dataclass(frozen=True)
class _Field:
    name: str
    plus: int


_Part = str | _Field


@dataclass(frozen=True)
class Rename:
    """One pair; both sides begin a key."""

    ours: tuple[_Part, ...]
    theirs: tuple[_Part, ...]

    def published(self, key: str) -> str | None:
        """Their name of one of our keys; None where the pair says nothing of it."""
        found = self._our_key.match(key)
        return found and self._filled(self.theirs, found, 1) + key[found.end() :]

    def original(self, key: str) -> str | None:
        """Our name of one of their keys; None where the pair says nothing of it."""
        found = self._their_key.match(key)
        return found and self._filled(self.ours, found, -1) + key[found.end() :]

    @cached_property
    def steps(self) -> dict[str, int]:
        """By how much their number of each field is larger."""
        return {part.name: part.plus for part in self.theirs if isinstance(part, _Field)}

    @cached_property
    def their_pattern(self) -> str:
        """A regular expression with one group a field."""
        return self._pattern(self.theirs)

    @cached_property
    def our_template(self) -> str:
        """The inside of an f-string over `found`, a match of `their_pattern`."""
        places = {name: place for place, name in enumerate(self.steps, 1)}
        return "".join(
            part if isinstance(part, str) else _read(places[part.name], self.steps[part.name])
            for part in self.ours
        )

    @cached_property
    def _our_key(self) -> re.Pattern[str]:
        return re.compile(self._pattern(self.ours, named=True), re.ASCII)

    @cached_property
    def _their_key(self) -> re.Pattern[str]:
        return re.compile(self._pattern(self.theirs, named=True), re.ASCII)

    def _pattern(self, parts: Sequence[_Part], *, named: bool = False) -> str:
        def group(part: _Field) -> str:
            letters = r"\d+" if self.steps[part.name] else r"\w+"
            return f"(?P<{part.name}>{letters})" if named else f"({letters})"

        return "".join(part.replace(".", r"\.") if isinstance(part, str) else group(part) for part in parts)

    def _filled(self, parts: Sequence[_Part], found: re.Match[str], sign: int) -> str:
        def text(part: _Part) -> str:
            if isinstance(part, str):
                return part
            plus = sign * self.steps[part.name]
            return str(int(found[part.name]) + plus) if plus else found[part.name]

        return "".join(map(text, parts))


def renames(design: Design) -> tuple[Rename, ...]:
    """The pairs of a design, in its order. Raises Refused where they can't be read."""
    raw = design.about.get(SECTION, [])
    if not isinstance(raw, list) or len(raw) > MOST:
        raise Refused(f"`about.{SECTION}` must be a list of at most {MOST} pairs [ours, theirs]; mend it.")
    return tuple(_pair(entry) for entry in raw)


def published(key: str, pairs: Iterable[Rename]) -> str:
    """What a key of ours is called where its weights were published."""
    return next((name for pair in pairs if (name := pair.published(key)) is not None), key)


def original(key: str, pairs: Iterable[Rename]) -> str:
    """What a published key is called here; what the function from `source` does."""
    return next((name for pair in pairs if (name := pair.original(key)) is not None), key)


def source(pairs: Iterable[Rename], keys: Iterable[str]) -> list[str]:
    """The lines of `from_torchvision`, of those pairs that say something of these keys; none where none does.

    `keys` are how keys of the network begin, such as `features.conv0`. Raises Refused where a published key can't be
    told from another.
    """
    pairs, begun = tuple(pairs), [f"{key}." for key in keys]
    used = [pair for pair in pairs if any(pair.published(key) for key in begun)]
    for key in begun:
        if original(published(key, used), used) != key:
            text = f"`about.{SECTION}` calls the weights of {key[:-1]} {published(key, used)[:-1]}"
            raise Refused(f"{text}, which then stands for others too; mend its pairs.")
    if not used:
        return []
    return [
        *("", ""),
        "def from_torchvision(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:",
        '    """Weights published by torchvision, under the names that they have here."""',
        "    return {_renamed(key): tensor for key, tensor in state_dict.items()}",
        *("", ""),
        "def _renamed(key: str) -> str:",
        *(row for pair in used for row in _branch(pair)),
        "    return key",
    ]


def _branch(pair: Rename) -> list[str]:
    rest = len(pair.steps) + 1
    return [
        *statement(f'if found := re.match(r"{pair.their_pattern}(.*)", key):', 4),
        *statement(f'return f"{pair.our_template}{{found[{rest}]}}"', 8),
    ]


def _read(place: int, plus: int) -> str:
    return f"{{int(found[{place}]) - {plus}}}" if plus else f"{{found[{place}]}}"


def _pair(raw: Json) -> Rename:
    if not isinstance(raw, list) or len(raw) != 2 or not all(isinstance(side, str) for side in raw):
        raise Refused(f"`about.{SECTION}` holds {_shown(raw)}, which is no pair [ours, theirs]; mend it.")
    ours, theirs = (_parts(side) for side in raw)
    here, there = ([part.name for part in side if isinstance(part, _Field)] for side in (ours, theirs))
    once = len(set(here)) == len(here) and len(set(there)) == len(there)
    if not once or set(here) != set(there) or any(isinstance(part, _Field) and part.plus for part in ours):
        text = f"`about.{SECTION}` holds {_shown(raw)}, but a {{name}} stands once on both sides"
        raise Refused(f"{text}, {{name+1}} only on the right; mend it.")
    return Rename(ours, theirs)


def _parts(side: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    at = 0
    while at < len(side) <= LONGEST:
        if found := _FIELD.match(side, at):
            parts.append(_Field(found[1], int(found[2] or 0)))
        elif found := _TEXT.match(side, at):
            parts.append(found[0])
        else:
            break
        at = found.end()
    if not side or at < len(side):
        text = f"`about.{SECTION}` holds {_shown(side)}; a name is made of letters, digits, dots and {{name}}"
        raise Refused(f"{text}, at most {LONGEST} characters: mend it.")
    return tuple(parts)


def _shown(raw: Json) -> str:
    text = ascii(raw)
    return text if len(text) <= 80 else f"{text[:80]}…"
