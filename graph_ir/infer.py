"""Binding wires to a signature and asking a layer's rules: one layer, no graph.

`infer` is a pure function of the layer and the types on its wires, and is remembered: an edit costs only what it
changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from graph_ir.bind import bind
from graph_ir.declare import PLAIN_INITIALISERS
from graph_ir.dims import MOST_TERMS, Dim, TooLarge, product
from graph_ir.problems import Misfit, Problem
from graph_ir.requirements import Answer, Requirement
from graph_ir.signature import STEPS, Length, Port, TensorType, Token, shape_text
from graph_ir.spec import Layer, variadic_index

if TYPE_CHECKING:
    from graph_ir.blocks import Nested

Types = tuple[tuple[str, TensorType], ...]


class Scope:
    """What a layer's rules see: the types on its ports (`d["x"]`), the bound letters (`d.C`) and the runs.

    Rules state what must hold with `require`, refuse with `fail` and leave a warning with `warn`.
    """

    def __init__(self, layer: Layer, types: Types, referred: TensorType | None = None) -> None:
        self.layer = layer
        self.types: dict[str, TensorType] = dict(types)
        self.referred = referred
        self.letters: dict[str, Dim] = {}
        self.roles: dict[str, str] = {}
        self.lengths: dict[str, Length] = {}
        self.runs: dict[str, tuple[tuple[Dim, ...], tuple[str, ...], tuple[Length | None, ...]]] = {}
        self.requirements: list[Requirement] = []
        self.warnings: list[tuple[str, str | None, str]] = []
        self.out: Mapping[str, TensorType] = {}
        self.nested: list[Nested] = []
        self.inner: list[Problem] = []

    def __getitem__(self, port: str) -> TensorType:
        return self.types[port]

    def __getattr__(self, letter: str) -> Dim:
        try:
            return self.__dict__["letters"][letter]  # type: ignore[no-any-return]  # __dict__ has no types
        except KeyError:
            raise AttributeError(letter) from None

    def wired(self, port: str) -> bool:
        """Whether the optional input `port` has a wire."""
        return port in self.types

    def many(self, port: str) -> list[tuple[str, TensorType]]:
        """The wires of a variadic port, in order: `[("x1", …), ("x2", …)]`."""
        declared = next(p for p in self.layer.spec.inputs if p.name == port)
        return [(name, t) for name, t in self.types.items() if variadic_index(declared, name)]

    def run(self, name: str) -> tuple[Dim, ...]:
        """The axes that `*S` stands for."""
        return self.runs[name][0]

    def require(
        self,
        answer: Answer,
        code: str,
        text: str,
        *,
        port: str | None = None,
        field: str | None = None,
        wanted: tuple[Dim | str, ...] | None = None,
    ) -> None:
        """Goes on if the answer is yes, notes the requirement if it is *only if*, else raises Misfit."""
        if isinstance(answer, Requirement):
            self.requirements.append(answer)
        elif not answer:
            raise Misfit(code, text, port=port, field=field, wanted=wanted)

    def fail(self, code: str, text: str, *, port: str | None = None, field: str | None = None) -> NoReturn:
        """Refuses. Raises Misfit."""
        raise Misfit(code, text, port=port, field=field)

    def warn(self, code: str, text: str, *, port: str | None = None) -> None:
        """Leaves a warning: sizes fit, but it is likely not what is meant."""
        self.warnings.append((code, port, text))

    def note_inner(self, index: int, problems: Iterable[Problem]) -> None:
        """Keeps what is wrong inside one repetition of a block; one cause is told once, at the first."""
        told = {(problem.code, problem.network, problem.path[1:], problem.port) for problem in self.inner}
        for problem in problems:
            if (problem.code, problem.network, problem.path, problem.port) not in told:
                self.inner.append(replace(problem, path=(index, *problem.path)))

    def axis(self, port: str, dim: int, *, field: str = "dim", extra: int = 0) -> int:
        """`dim` counted from the front. Raises Misfit where the tensor has no such axis; `extra` axes may be added."""
        rank = len(self[port].shape) + extra
        if -rank <= dim < rank:
            return dim % rank
        text = f"`{field}` is {dim}, but {self[port].text} has the axes {-rank} to {rank - 1}; choose one of them"
        return self.fail(
            "bad-axis", text if rank else f"`{field}` needs an axis, but the input has none", field=field
        )

    def warn_if_batch(self, port: str, axes: tuple[int, ...], does: str) -> None:
        """Warns where a layer mixes the samples of a batch."""
        if 0 in axes and self[port].roles[:1] == ("N",):
            text = (
                f"{does} over axis 0, the batch, so that samples influence each other; choose another `dim`"
            )
            self.warn("mixes-batch", text, port=port)

    def mixes(self, port: str, axes: Iterable[int], does: str) -> None:
        """Refuses where one of these axes carries lengths: valid steps would depend on the padding behind them."""
        axis = next((axis for axis in axes if self[port].length(axis)), None)
        if axis is None:
            return
        text = (
            f"{does} over axis {axis} of {self[port].text}, whose steps behind each sample's length are padding, so "
            "that results would depend on the longest sample of the batch; use a layer that reads lengths, such as "
            "MaskedPool"
        )
        self.fail("mixes-padding", text, port=port)

    def rearranged(
        self,
        port: str,
        shape: tuple[Dim, ...],
        sources: Sequence[int | None],
        *,
        dtype: str | None = None,
        rewrites: Mapping[int, tuple[Dim, int | None]] | None = None,
    ) -> TensorType:
        """A type whose axes are, one by one, axes of the input (`sources`; None for a new one): roles and lengths
        go along. `rewrites` says, by axis of the result, what becomes of a length (an expression of `STEPS`, and
        what it is at most).
        """
        given = self[port]
        lengths = [None if axis is None else given.length(axis) for axis in sources]
        for axis, (size, most) in (rewrites or {}).items():
            length = lengths[axis]
            lengths[axis] = length.rewritten(size, most) if length else None
        roles = tuple("" if axis is None else given.roles[axis] for axis in sources)
        return TensorType(shape, dtype or given.dtype, roles, tuple(lengths))

    def outputs_from_signature(self, sizes: Mapping[str, Dim]) -> dict[str, TensorType]:
        """Every output as its signature says, with the primed letters from `sizes`."""
        given = next(iter(self.types.values()), None)
        default = given.dtype if given else "float32"
        return {
            port.name: self._output(port, sizes, port.dtypes[0] if port.dtypes else default)
            for port in self.layer.spec.outputs
        }

    def _output(self, port: Port, sizes: Mapping[str, Dim], dtype: str) -> TensorType:
        shape: list[Dim] = []
        roles: list[str] = []
        lengths: list[Length | None] = []
        for token in port.tokens:
            if token.is_run:
                dims, run_roles, run_lengths = self.runs[token.text]
                shape += dims
                roles += run_roles
                lengths += run_lengths
                continue
            shape.append(self._size(token, sizes))
            roles.append(self._role(token))
            lengths.append(self._length(token) if self.lengths else None)
        return TensorType(tuple(shape), dtype, tuple(roles), tuple(lengths))

    def _length(self, token: Token) -> Length | None:
        """The letter's own length; a primed letter's is rewritten as its size is."""
        length = self.lengths.get(token.text.rstrip("'"))
        if length is None or not token.text.endswith("'"):
            return length
        return length.rewritten(self._as_length(token.text))

    def _as_length(self, primed: str) -> Dim:
        """What `sizes` makes of the letter, as an expression of its length."""
        other = Scope(self.layer, tuple(self.types.items()))
        other.letters = self.letters | {primed.rstrip("'"): STEPS}
        other.runs = self.runs
        return self.layer.sizes(other)[primed]

    def _size(self, token: Token, sizes: Mapping[str, Dim]) -> Dim:
        if token.is_field:
            return getattr(self.layer, token.text)  # type: ignore[no-any-return]  # a count field is an int
        if token.text in sizes:
            return sizes[token.text]
        return self.letters[token.text] if token.is_letter else int(token.text)

    def _role(self, token: Token) -> str:
        if token.is_field:
            return self.layer.spec.fields[token.text].role
        return token.role if token.is_renewed else self.roles.get(token.letter, token.role)


@dataclass(frozen=True)
class Inference:
    """What a layer makes of the types on its wires. `error` excludes everything behind it."""

    outputs: Mapping[str, TensorType] = field(default_factory=dict)
    weights: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    buffers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    macs: Dim = 0
    declared: int | None = 0
    """How many further parameters the user says there are; None: not said."""
    requirements: tuple[Requirement, ...] = ()
    warnings: tuple[tuple[str, str | None, str], ...] = ()
    error: Misfit | None = None
    scope: Scope | None = None
    nested: tuple[Nested, ...] = ()
    """Of a block: its repetitions."""
    inner: tuple[Problem, ...] = ()
    """What is wrong inside a block, with paths that begin with the repetition."""

    @property
    def parameters(self) -> int:
        """The number of parameters."""
        return (self.declared or 0) + sum(int(product(shape)) for shape in self.weights.values())  # type: ignore[arg-type,misc]  # known ints

    @property
    def buffer_elements(self) -> int:
        """The number of elements in buffers."""
        return sum(int(product(shape)) for shape in self.buffers.values())  # type: ignore[arg-type,misc]  # known ints


MOST_ENTRIES = 1 << 63


_forgetful = ContextVar("forgetful", default=False)


@contextmanager
def fresh() -> Iterator[None]:
    """Within it nothing is remembered, nor looked up in what is: for sizes that are more than their number."""
    token = _forgetful.set(True)
    try:
        yield
    finally:
        _forgetful.reset(token)


def infer(layer: Layer, types: Types, referred: TensorType | None = None) -> Inference:
    """Shapes, weights and costs of `layer` with these types on its wires; never raises for bad input."""
    return _inferred(layer, types, referred) if _forgetful.get() else remembered(layer, types, referred)


def _inferred(layer: Layer, types: Types, referred: TensorType | None) -> Inference:
    d = Scope(layer, types, referred)
    macs: Dim = 0
    try:
        bind(d)
        layer.limits(d)
        d.out = layer.result(d)
        _keep_lengths(d)
        weights = _known(d, layer.weights(d))
        _check_init(layer, weights)
        buffers = _known(d, layer.buffers(d))
        if not _forgetful.get():  # nobody asks what spelled sizes cost
            macs = layer.macs(d)
            _check_extent(d.out, weights)
    except Misfit as error:
        nested, inner = tuple(d.nested), tuple(d.inner)
        return Inference(error=error, warnings=tuple(d.warnings), nested=nested, inner=inner)
    except TooLarge:
        return Inference(error=_too_large("its sizes depend on so many symbols that they can't be computed"))
    return Inference(
        outputs=d.out,
        weights=weights,
        buffers=buffers,
        macs=macs,
        declared=layer.declared_parameters(d),
        requirements=tuple(d.requirements),
        warnings=tuple(d.warnings),
        scope=d,
        nested=tuple(d.nested),
        inner=tuple(d.inner),
    )


remembered = lru_cache(maxsize=1 << 16)(_inferred)
"""`infer`, as long as nothing is `fresh`: what a layer makes of the same types is worked out once."""


def _keep_lengths(d: Scope) -> None:
    """Lengths go on with the axis they belong to, or are read by the layer; nothing may lose them silently."""
    carried = any(given.lengths for given in d.types.values())
    if not carried or not d.layer.spec.outputs:
        return
    _keep_lengths_of_steps(d)
    if d.layer.consumes:
        return
    kept = {length.of for given in d.out.values() for length in given.lengths if length}
    for port, given in d.types.items():
        lost = [axis for axis, length in enumerate(given.lengths) if length and length.of not in kept]
        d.mixes(port, lost, "it takes valid steps and padding together")


def _keep_lengths_of_steps(d: Scope) -> None:
    """There is a length for every sample, or for every sentence of a document: these must stay what they are."""
    if d.layer.nests:
        return
    reads = d.layer.consumes or d.layer.tail() is not None
    for port, given in d.types.items():
        for axis, length in enumerate(given.lengths):
            if length is None:
                continue
            on = [out for out in d.out.values() if any(one and one.of == length.of for one in out.lengths)]
            if length.over == 1 and any(given.shape[0] not in out.shape for out in on):
                text = f"axis {axis} of {given.text} has a length for each of {given.shape[0]} samples"
                d.fail(
                    "mixes-padding",
                    f"{text}, which this layer makes others; leave axis 0 as it is",
                    port=port,
                )
            leading = given.shape[: length.over]
            if length.over > 1 and (reads or any(out.shape[: length.over] != leading for out in on)):
                text = (
                    f"axis {axis} of {given.text} has a length for every entry of the first {length.over} axes, which "
                    "this layer can't read; make a block of it and apply that to every step with `each`"
                )
                d.fail("mixes-padding", text, port=port)


def _check_extent(outputs: Mapping[str, TensorType], weights: Mapping[str, tuple[int, ...]]) -> None:
    """No tensor may have more entries than torch can count, and no size more terms than can be computed with."""
    for name, given in outputs.items():
        _check_shape("its output", name, given.shape)
    for name, shape in weights.items():
        _check_shape("its", name, shape)


def _check_shape(whose: str, name: str, shape: tuple[Dim, ...]) -> None:
    """Stops where it is too large: a product of ever more sizes would itself fill the memory."""
    entries = 1
    for dim in shape:
        if isinstance(dim, int):
            entries *= max(1, dim)
        elif len(dim.terms) > MOST_TERMS:
            raise _too_large(f"{whose} `{name}` would have a size of more than {MOST_TERMS} terms")
        else:
            entries *= max(1, *(abs(factor) for _, factor in dim.terms))
        if entries >= MOST_ENTRIES:
            raise _too_large(f"{whose} `{name}` would have 2^63 entries or more, which torch can't count")


def _too_large(what: str) -> Misfit:
    return Misfit("too-large", f"{what}; make the sizes in front of it smaller")


def _check_init(layer: Layer, weights: Mapping[str, tuple[int, ...]]) -> None:
    """Initialisers that look at rows and columns need a weight of two or more axes."""
    init = getattr(layer, "init", None)
    if init is None or init in PLAIN_INITIALISERS or not weights:
        return
    flat = [name for name, shape in weights.items() if ("weight" in name or not name) and len(shape) < 2]
    if flat:
        text = (
            f"`init` is {init!r}, which needs a matrix, but {f'`{flat[0]}`' if flat[0] else 'it'} has one axis; "
            "use 'normal' or 'ones'"
        )
        raise Misfit("bad-value", text, field="init")


def _known(d: Scope, shapes: Mapping[str, tuple[Dim, ...]]) -> dict[str, tuple[int, ...]]:
    for name, shape in shapes.items():
        open_sizes = [dim for dim in shape if not isinstance(dim, int)]
        if open_sizes:
            port = next(iter(d.types), None)
            given = f" with the input {d.types[port].text}" if port else ""
            text = (
                f"its `{name}` would have the shape {shape_text(shape)}{given}, and {open_sizes[0]} is not known "
                "when the network is built; give the Input a number for this axis, or pool it to a fixed size first"
            )
            raise Misfit("size-unknown", text, port=port)
    return shapes  # type: ignore[return-value]  # every size was just seen to be an int
