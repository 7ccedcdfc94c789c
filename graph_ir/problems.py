"""What is wrong with a design, in one sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from graph_ir.dims import Dim

Severity = Literal["error", "warning", "hint"]


def visible(text: str) -> str:
    """The text as one line: line ends, control and direction characters become escapes such as `\\x1b`."""
    return (
        text
        if text.isprintable()
        else "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    )


@dataclass(frozen=True)
class Problem:
    """One problem: cause before consequence, reported once, at the layer where shapes first do not fit.

    `network` is "" for the top network or a block's name; `layer` and `port` are None where the problem is not at
    one. `path` leads to the layer through uses of blocks. `wanted` and `got` are the two shapes of a misfit.
    """

    severity: Severity
    code: str
    message: str
    layer: str | None = None
    port: str | None = None
    field: str | None = None
    network: str = ""
    path: tuple[str | int, ...] = ()
    wanted: tuple[Dim | str, ...] | None = None
    got: tuple[Dim, ...] | None = None

    def __post_init__(self) -> None:
        """Ids, types and fields in the sentence are any text at all: whoever shows it needs to know nothing of that."""
        object.__setattr__(self, "message", visible(self.message))

    @property
    def at(self) -> str | None:
        """The layer of the checked network itself at which to show it: `layer`, or the use of a block it lies in."""
        return str(self.path[0]) if self.path else self.layer

    def as_json(self) -> dict[str, Any]:
        """The form promised by `layerloom check --format json`."""
        return {
            "severity": self.severity,
            "code": self.code,
            "layer": self.layer,
            "port": self.port,
            "path": list(self.path),
            "message": self.message,
            "fixes": [],
        }


class Misfit(Exception):
    """A layer can't take what its wires bring. Raised by the rules of a layer, turned into a Problem by the check.

    `text` says what is wrong and what is to be done, without naming the layer: `code`, `port` and `field` say where.
    """

    def __init__(
        self,
        code: str,
        text: str,
        *,
        port: str | None = None,
        field: str | None = None,
        wanted: tuple[Dim | str, ...] | None = None,
    ) -> None:
        super().__init__(text)
        self.code, self.text, self.port, self.field, self.wanted = code, text, port, field, wanted
