"""The language of Find: `conv -1x1 C=512 params>1M`. What a query asks, and whether a layer answers it.

Words stand for any text of a layer; all must hold; `-` in front turns one round. Knows no layer by name: axis letters,
fields, ports and roles are those of the declarations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from designer.search_terms import (
    BadQuery,
    Subject,
    Test,
    comparison,
    dtypes,
    in_text,
    plain,
    shape_test,
    types,
    words_test,
)
from graph_ir.use_words import block_of

__all__ = ["EXAMPLES", "BadQuery", "Query", "Subject", "parse", "search"]

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("conv1", "id, label, type or note, loosely too"),
    ("type:conv", "layers of a type"),
    ("block:encoder", "uses of a block"),
    ("C=512  H<14", "the size of an axis behind the layer"),
    ("shape:N,64,*", "a shape; * is any size, ... any sizes"),
    ("params>1M  macs>1e9", "what it costs; memory>4MB too"),
    ("out_channels=64", "a field's value"),
    ("error", "has one; also warning, hint, problem"),
    ("conv -type:Conv1d", "all must hold; - turns one round"),
)
_TERM = re.compile(r'-?(?:[^\s":=<>!]+:)?"[^"]*"?|\S+')
_COMPARED = re.compile(r"([^\s=<>!]+?)(>=|<=|!=|=|<|>)(.*)", re.DOTALL)
LONGEST = 500


@dataclass(frozen=True)
class Query:
    """All of `tests` must hold; `loose` ones take scattered letters for a word too; `words` are those asked for."""

    tests: tuple[Test, ...]
    loose: tuple[Test, ...]
    words: frozenset[str] = frozenset()

    def names(self, subject: Subject) -> bool:
        """Whether one of the words is what a layer is called."""
        node = subject.entry.node
        return plain(node.id) in self.words or (bool(node.label) and plain(str(node.label)) in self.words)

    def matches(self, subject: Subject) -> bool:
        """Whether a layer is meant."""
        return bool(self.tests) and all(test(subject) for test in self.tests)

    def nearly(self, subject: Subject) -> bool:
        """Whether a layer may be meant, with letters left out."""
        return bool(self.loose) and all(test(subject) for test in self.loose)


def parse(text: str, known: Collection[str] = ()) -> Query:
    """What a text asks. `known` are names of fields beside those of the catalogue. Raises BadQuery (one sentence)."""
    if len(text) > LONGEST:
        raise BadQuery(f"A search of {len(text):,} characters is too long; {LONGEST} are the most.")
    tests, loose, words = list[Test](), list[Test](), set[str]()
    for term in _TERM.findall(text):
        is_not = term.startswith("-") and len(term) > 1
        strict, near = _term(term[1:] if is_not else term, known)
        if strict is not near and not is_not:
            words.add(plain(term.strip('"')))
        tests.append(_turned(strict) if is_not else strict)
        loose.append(_turned(strict) if is_not else near)
    return Query(tuple(tests), tuple(loose), frozenset(words))


def search(query: Query, subjects: Iterable[Subject]) -> list[int]:
    """The places of the layers that are meant; where none is, of those that may be. What is called so comes first."""
    known = list(subjects)
    found = [place for place, subject in enumerate(known) if query.matches(subject)]
    found = found or [place for place, subject in enumerate(known) if query.nearly(subject)]
    return sorted(found, key=lambda place: not query.names(known[place]))


def _turned(test: Test) -> Test:
    return lambda subject: not test(subject)


def _term(term: str, known: Collection[str]) -> tuple[Test, Test]:
    compared = _COMPARED.fullmatch(term)
    key, colon, value = term.partition(":")
    if colon and key.casefold() in _KEYS and (not compared or len(key) < len(compared[1])):
        if not _bare(value):
            raise BadQuery(f"Say what is looked for behind “{key}:”, as in {_KEYS[key.casefold()][1]}.")
        test = _KEYS[key.casefold()][0](_bare(value))
        return test, test
    if compared:
        test = comparison(compared[1], compared[2], _bare(compared[3]), known)
        return test, test
    if colon and key.isidentifier() and not term.startswith('"'):
        keys = ", ".join(f"{name}:" for name in sorted(_KEYS))
        raise BadQuery(f'“{key}:” is not known; there are {keys}. Put “"” around a text with a colon.')
    return words_test(_bare(term))


def _bare(text: str) -> str:
    return text.strip('"')


_KEYS: Mapping[str, tuple[Callable[[str], Test], str]] = {
    "type": (in_text(types), "type:conv"),
    "id": (in_text(lambda subject: [subject.entry.node.id]), "id:conv1"),
    "label": (in_text(lambda subject: [subject.entry.node.label or ""]), "label:stem"),
    "note": (in_text(lambda subject: [subject.note]), "note:check"),
    "block": (in_text(lambda subject: [block_of(subject.entry.node)]), "block:encoder"),
    "dtype": (in_text(dtypes), "dtype:int64"),
    "shape": (shape_test, "shape:N,64,*"),
}
