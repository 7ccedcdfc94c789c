"""One use of a block as its class would be printed for it: in words, and with its own numbers, to compare the two."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from codegen.body import Body, Identifiers
from codegen.flow import Value
from codegen.instances import Instance
from codegen.origins import Origins
from codegen.spelled import worked_out
from codegen.uses import BuiltClass
from graph_ir.block_graphs import boundary, letters
from graph_ir.expressions import Value as Given
from graph_ir.report import Report
from graph_ir.spelling import TOKEN, words_of

Texts = dict[str, list[str]]
"""Statements by layer."""


@dataclass(eq=False)
class Candidate:
    """One use of a block as it would be printed: in words, and with its own numbers."""

    use: Instance
    identifiers: Identifiers
    classes: Mapping[int, BuiltClass]

    @cached_property
    def body(self) -> Body:
        """The body in words."""
        words = self.use.words
        return self._body(words.report, words.names, words.origins)

    @cached_property
    def numbers(self) -> Body:
        """The body with the numbers of this use."""
        use = self.use
        return self._body(use.report, {**letters(use.graph, use.types), **use.parameters}, Origins())

    def _body(self, report: Report, names: Mapping[str, Given | None], origins: Origins) -> Body:
        use, local = self.use, self.identifiers.locals
        known = {(node.id, "y"): local[node.id] for node in boundary(use.graph, "input")}
        brought = {length.of for given in use.types.values() for length in given.lengths if length}
        return Body(
            report,
            use.report,
            use.report.order,
            known,
            results_of(use),
            self.identifiers,
            self.classes,
            names,
            origins,
            _lengths_names(sorted(brought), local),
        )

    @cached_property
    def written(self) -> tuple[Texts, list[str]]:
        """What is built and computed, in full, in words."""
        return _in_full(self.body)

    @cached_property
    def counted(self) -> tuple[Texts, list[str]]:
        """The same with numbers."""
        built, lines = _in_full(self.numbers)
        return {id: list(map(_plain_words, texts)) for id, texts in built.items()}, list(
            map(_plain_words, lines)
        )

    @property
    def extent(self) -> int:
        """How much of what is drawn is there."""
        return sum(bool(text) for texts in self.counted[0].values() for text in texts)


def _in_full(body: Body) -> tuple[Texts, list[str]]:
    lines = [f"{line.loop}{line.target} = {line.source}" for line in body.exact_lines]
    return body.exactly_built, lines


def _plain_words(text: str) -> str:
    return alike(TOKEN.sub(lambda found: words_of(found[0]), text))


def alike(text: str) -> str:
    """Equal numbers written alike: 1.0 is 1."""
    return re.sub(r"(?<![\w.])(\d+)\.0\b", r"\1", text)


def results_of(use: Instance) -> list[Value]:
    """What the block's network returns, in the order of its Outputs."""
    into = {wire.target: (wire.source, wire.source_port) for wire in use.report.wires}
    return [into[node.id] for node in boundary(use.graph, "output")]


def _lengths_names(carriers: Collection[str], local: Mapping[str, str]) -> dict[str, str]:
    """What the lengths of each carrier (`x.1`: axis 1 of the port x) are called as an argument: `x_lengths`."""
    ports = [each.rpartition(".")[0] for each in carriers]
    found: dict[str, str] = {}
    for carrier in carriers:
        port, _, axis = carrier.rpartition(".")
        found[carrier] = (
            f"{local[port]}_lengths" if ports.count(port) == 1 else f"{local[port]}_lengths_{axis}"
        )
    return found


def covers(written: Sequence[str], counted: Sequence[str], known: Mapping[str, Given | None]) -> bool:
    """Whether what is written gives the constructors of another use; what that leaves out may be anything."""
    if len(written) < len(counted):
        return False
    pairs = zip(written, counted, strict=False)
    return all(not own or (text and alike(worked_out(text, known)) == own) for text, own in pairs)
