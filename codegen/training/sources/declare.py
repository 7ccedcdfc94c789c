"""What a data set declares: its fields, its options, where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graph_ir.signature import shape_text

MADE = "CC0-1.0"
"""The licence of what the printed code makes up."""


@dataclass(frozen=True)
class Field:
    """One tensor of a data set. `shape` is that of one sample, `axes` are the roles with the batch axis first.

    `of` and `axis` name the axis (of a batch) whose valid lengths a field of the role "lengths" holds. `classes` are
    what the numbers of a target mean; those of data are less than `below`, where that is known. `sized` names for each
    axis of a sample the option that is its size ("": none), `bounded` the option that bounds its numbers.
    """

    name: str
    help: str
    shape: tuple[int, ...]
    dtype: str
    axes: str
    role: str = "data"
    classes: tuple[str, ...] = ()
    of: str = ""
    axis: int = 1
    sized: tuple[str, ...] = ()
    below: int = 0
    bounded: str = ""

    @property
    def text(self) -> str:
        """`image (N, 1, 8, 8) float32`."""
        return f"{self.name} {shape_text(('N', *self.shape))} {self.dtype}"  # type: ignore[arg-type]  # only printed


@dataclass(frozen=True)
class Option:
    """A whole number that can be chosen for a data set; in data.py it is the constant of this name in capitals, or
    `constant`.

    `usual` gives the default where it hangs on other options: large samples are few.
    """

    name: str
    help: str
    default: int
    low: int
    high: int
    usual: Callable[[Mapping[str, int]], int] | None = None
    constant: str = ""


@dataclass(frozen=True)
class Source:
    """A data set: `fields` depend on its options; `origin` and `licence` are named wherever it is used.

    The code that loads or makes it is `codegen/child/data/<module>.py`. With `open_classes` its number of classes means
    little: a network that gives more is no mistake. With `is_ordered` a sample goes on where the last one ended.
    `text` is a file of assets/data that is printed as `TEXT`.
    """

    name: str
    title: str
    summary: str
    origin: str
    licence: str
    fields: Callable[[Mapping[str, int]], tuple[Field, ...]]
    options: tuple[Option, ...] = ()
    open_classes: bool = False
    is_ordered: bool = False
    text: str = ""

    @property
    def module(self) -> str:
        """The file of its code, without suffix."""
        return self.name.replace("-", "_")

    @property
    def defaults(self) -> dict[str, int]:
        """Every option with its default."""
        return self.completed({})

    def completed(self, given: Mapping[str, int]) -> dict[str, int]:
        """Every option: as given, or its default."""
        found = {option.name: given.get(option.name, option.default) for option in self.options}
        late = (option for option in self.options if option.usual and option.name not in given)
        return found | {option.name: option.usual(found) for option in late if option.usual}


def numbers(count: int) -> tuple[str, ...]:
    """Classes without names."""
    return tuple(map(str, range(count)))


def few(numbers_of_sample: Callable[[Mapping[str, int]], int], default: int) -> Callable[..., int]:
    """As many samples as a default says, but no more than some 50 MB of them, and at least 64."""
    return lambda o: max(64, min(default, 12_000_000 // max(1, numbers_of_sample(o))))
