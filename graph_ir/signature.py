"""The signature of a port: `"N C H W"`, `"*S out_features : float32"`, and what binding a wire to it gives.

* a capital letter (`N`, `C`, `H'` …) is an axis, bound from the wire; the same letter twice is the same size.
  The letter without marks is the axis's role: N batch, C channel, D H W space, T time, F feature, S target step;
* a word is a field of the layer, whose size it is;
* `*S` is any run of axes (one run per port);
* behind a colon stand the dtypes that are taken: names, or the groups `float`, `int`, `number`, `any`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from graph_ir.dims import Dim, symbol

FLOATS = ("float32", "float64", "float16", "bfloat16")
INTS = ("int64", "int32")
DTYPES = (*FLOATS, *INTS, "bool")
_GROUPS = {"float": FLOATS, "int": INTS, "number": (*FLOATS, *INTS), "any": DTYPES}
_TOKEN = re.compile(r"\*?[A-Z][0-9]*'?|[a-z][a-z0-9_]*|[0-9]+")
_LETTER_ROLES = frozenset("NCDHWTFS")
FEATURES, STEP_AXES = frozenset("CFEKV"), frozenset("TSL")
"""Letters of a signature whose axis holds features (channels), or steps of a sequence."""


STEPS = symbol("steps'")
"""The length that a `Rewrite` starts from; no symbol of a design can have this name."""


@dataclass(frozen=True)
class Rewrite:
    """What a layer makes of a length: `size` (an expression of `STEPS`), at least 0 and at most `most`."""

    size: Dim
    most: int | None = None


@dataclass(frozen=True)
class Length:
    """How many steps of each sample are valid along an axis: what the Input `of` brings, rewritten layer by layer.

    Equal lengths are the same numbers. There is one for every entry of the first `over` axes: 1 where each sample has
    its own, 2 where each sentence of a document does.
    """

    of: str
    rewrites: tuple[Rewrite, ...] = ()
    over: int = 1

    def rewritten(self, size: Dim, most: int | None = None) -> Length:
        """The length behind one more layer."""
        unchanged = size == STEPS and most is None
        return self if unchanged else replace(self, rewrites=(*self.rewrites, Rewrite(size, most)))


@dataclass(frozen=True)
class TensorType:
    """What flows through a wire: sizes, dtype, the role of each axis (a letter, or "" where it has none), and the
    lengths that some axes carry (empty where none does).
    """

    shape: tuple[Dim, ...]
    dtype: str = "float32"
    roles: tuple[str, ...] = ()
    lengths: tuple[Length | None, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        if len(self.roles) != len(self.shape):
            object.__setattr__(self, "roles", default_roles(self.shape, self.dtype))
        if self.lengths and not any(self.lengths):
            object.__setattr__(self, "lengths", ())
        object.__setattr__(self, "_hash", hash((self.shape, self.dtype, self.roles, self.lengths)))

    def __hash__(self) -> int:
        return self._hash

    def length(self, axis: int) -> Length | None:
        """The valid lengths along an axis, or None where every step counts."""
        return self.lengths[axis] if self.lengths else None

    @cached_property
    def text(self) -> str:
        """The shape as torch writes it: `(N, 3, 28, 28)`."""
        return shape_text(self.shape)


def shape_text(shape: tuple[Dim, ...]) -> str:
    """A shape as torch writes it: `(N, 3, 28, 28)`."""
    inner = ", ".join(str(dim) for dim in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


@lru_cache(maxsize=4096)
def default_roles(shape: tuple[Dim, ...], dtype: str) -> tuple[str, ...]:
    """Roles by convention (batch first, channels before space, features last); a symbol's own letter wins.

    Three axes may be `N T F` or `N C T`: only a symbol tells, else nothing is guessed.
    """
    last = "F" if dtype.startswith(("float", "bfloat")) else "T"
    by_rank = {0: "", 1: "N", 2: "N" + last, 3: "N  ", 4: "NCHW", 5: "NCDHW"}
    guess = list(by_rank.get(len(shape), "N" + " " * (len(shape) - 1)))
    named = {i: str(dim) for i, dim in enumerate(shape) if str(dim) in _LETTER_ROLES}
    if len(shape) == 3 and named.get(2) in ("T", "W", "H"):
        guess = ["N", "C", named[2]]
    elif len(shape) == 3 and named.get(1) == "T":
        guess = ["N", "T", "F"]
    for i, letter in named.items():
        if letter not in guess or guess[i] == letter:
            guess[i] = letter
    return tuple(letter.strip() for letter in guess)


@dataclass(frozen=True)
class Token:
    """One word of a signature."""

    text: str

    @cached_property
    def is_run(self) -> bool:
        """`*S`: any run of axes."""
        return self.text.startswith("*")

    @cached_property
    def is_letter(self) -> bool:
        """`N`, `H'`: one axis."""
        return self.text[0].isupper()

    @cached_property
    def is_field(self) -> bool:
        """`out_channels`: the size is a field of the layer."""
        return self.text[0].islower()

    @cached_property
    def letter(self) -> str:
        """The word without marks: what `H'` is made of is `H`."""
        return self.text.rstrip("'")

    @cached_property
    def is_renewed(self) -> bool:
        """Whether it is an axis of new features: `C'`."""
        return self.text.endswith("'") and self.text[0] in FEATURES

    @cached_property
    def role(self) -> str:
        """The letter by itself, where it is one that has a meaning."""
        letter = self.text.lstrip("*").rstrip("'0123456789")
        return letter if letter in _LETTER_ROLES else ""


@dataclass(frozen=True)
class Port:
    """A port as declared: its name, signature and the dtypes it takes (an input) or gives (an output)."""

    name: str
    axes: str
    tokens: tuple[Token, ...]
    dtypes: tuple[str, ...]
    variadic: bool = False
    optional: bool = False
    fewest: int = 1
    """How many wires a variadic port needs at least: as many as its declaration names."""

    @cached_property
    def least(self) -> int:
        """How many axes it has at least: all but its run."""
        return sum(not token.is_run for token in self.tokens)

    @cached_property
    def rank(self) -> int | None:
        """The number of axes, or None where a run leaves it open."""
        return None if any(token.is_run for token in self.tokens) else len(self.tokens)


def parse_port(name: str, signature: str, default_dtypes: tuple[str, ...]) -> Port:
    """A port from a line of a declaration: `"x"`, `"h_0?"` (optional) or `"x1 x2 …"` (variadic,
    two or more), and its signature.

    Raises ValueError where either can't be read.
    """
    axes, _, dtypes = (part.strip() for part in signature.partition(":"))
    tokens = tuple(Token(word) for word in axes.split())
    wrong = [token.text for token in tokens if not _TOKEN.fullmatch(token.text)]
    if wrong or sum(token.is_run for token in tokens) > 1:
        raise ValueError(f"the signature {signature!r} of port {name!r} can't be read")
    names = name.split()
    variadic = names[-1] == "…"
    return Port(
        name=names[0].rstrip("1") if variadic else names[0].rstrip("?"),
        axes=axes,
        tokens=tokens,
        dtypes=_dtypes(dtypes) or default_dtypes,
        variadic=variadic,
        optional=name.endswith("?"),
        fewest=len(names) - 1 if variadic else 1,
    )


def _dtypes(text: str) -> tuple[str, ...]:
    found = tuple(dtype for word in text.split() for dtype in _GROUPS.get(word, (word,)))
    unknown = [dtype for dtype in found if dtype not in DTYPES]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no dtype")
    return found
