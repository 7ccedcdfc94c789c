"""The data sets that need no download: what they hold, where they come from, which options they have.

Plain declarations: nothing here reads data. `codegen.training.data_code` prints the Python that does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graph_ir.signature import shape_text

DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Field:
    """One tensor of a data set. `shape` is that of one sample, `axes` are the roles with the batch axis first.

    `of` names the field whose valid lengths a field of the role "lengths" holds; `classes` are what the numbers of a
    target mean.
    """

    name: str
    help: str
    shape: tuple[int, ...]
    dtype: str
    axes: str
    role: str = "data"
    classes: tuple[str, ...] = ()
    of: str = ""

    @property
    def text(self) -> str:
        """`image (N, 1, 8, 8) float32`."""
        return f"{self.name} {shape_text(('N', *self.shape))} {self.dtype}"  # type: ignore[arg-type]  # only printed


@dataclass(frozen=True)
class Option:
    """A whole number that can be chosen for a data set."""

    name: str
    help: str
    default: int
    low: int
    high: int


@dataclass(frozen=True)
class Source:
    """A data set: `fields` depend on its options; `origin` and `licence` are named wherever it is used."""

    name: str
    title: str
    summary: str
    origin: str
    licence: str
    scans: int
    fields: Callable[[Mapping[str, int]], tuple[Field, ...]]
    options: tuple[Option, ...] = ()

    @property
    def defaults(self) -> dict[str, int]:
        """Every option with its default."""
        return {option.name: option.default for option in self.options}


_UCI = (
    "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998, "
    "doi:10.24432/C50P49; the 1,797 scans that come with scikit-learn"
)
_CC_BY = "CC BY 4.0"


def _digit_fields(options: Mapping[str, int]) -> tuple[Field, ...]:
    return (
        Field("image", "grey values from 0 to 1", (1, 8, 8), "float32", "N C H W"),
        Field("rows", "the same, each row a time step", (8, 8), "float32", "N T F"),
        Field("label", "which digit it is", (), "int64", "N", "target", DIGITS),
    )


def string_width(options: Mapping[str, int]) -> int:
    """The width in pixels of every image of a digit string: the longest string with the widest gaps."""
    return 8 * options["max_digits"] + (options["max_digits"] + 1) * options["max_gap"]


def _string_fields(options: Mapping[str, int]) -> tuple[Field, ...]:
    longest = options["max_digits"]
    classes = ("blank", *DIGITS)
    return (
        Field(
            "image", "grey values, digits side by side", (1, 8, string_width(options)), "float32", "N C H W"
        ),
        Field(
            "labels",
            "class 0 is the blank, digit d is class d + 1",
            (longest,),
            "int64",
            "N S",
            "target",
            classes,
        ),
        Field("label_count", "how many digits the string has", (), "int64", "N", "lengths", of="labels"),
    )


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source(
            "digits",
            "Handwritten digits",
            "1,797 scans of 8x8 pixels, ten classes; as images, or their rows as a time series.",
            _UCI,
            _CC_BY,
            1797,
            _digit_fields,
        ),
        Source(
            "digit-strings",
            "Strings of handwritten digits",
            "Scans side by side with random gaps, labels without positions: a true CTC task.",
            _UCI,
            _CC_BY,
            1797,
            _string_fields,
            (
                Option("min_digits", "digits in the shortest string", 3, 1, 30),
                Option("max_digits", "digits in the longest string", 7, 1, 30),
                Option("max_gap", "pixels in the widest gap", 4, 0, 16),
                Option("train_strings", "strings for training", 3000, 1, 100_000),
                Option("validation_strings", "strings for validation", 400, 1, 100_000),
                Option("test_strings", "strings for the test", 400, 1, 100_000),
            ),
        ),
    )
}
