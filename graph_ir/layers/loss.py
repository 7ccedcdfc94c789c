"""Losses: one number that training makes small. `input` comes from the network, `target` from the data."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import choice, flag, layer, number, option
from graph_ir.dims import Dim, symbol, to_json
from graph_ir.infer import Scope
from graph_ir.kinds import Integer, Json
from graph_ir.layers.merge import broadcast, promote
from graph_ir.recipes import Expr, Function, Variables
from graph_ir.requirements import at_least, equal
from graph_ir.signature import FLOATS, TensorType
from graph_ir.spec import Category, CompanionOf, Layer

Companions = Mapping[str, Mapping[str, Json]]
_REDUCTIONS = ("mean", "sum", "none")


def _reduction() -> str:
    text = "how the entries become one number; 'none' keeps them"
    return choice(_REDUCTIONS, text, default="mean")  # type: ignore[no-any-return]  # a dataclass field


def _target(shape: tuple[Dim, ...], dtype: str) -> dict[str, Json]:
    return {"shape": [to_json(dim) for dim in shape], "dtype": dtype, "role": "target"}


def _require_same_shape(d: Scope, wanted: tuple[Dim, ...]) -> None:
    given = d["target"]
    text = f"`target` is {given.text}, but `input` is {d['input'].text}, so that {TensorType(wanted).text} is wanted"
    text += "; wire a target of that shape"
    d.require(len(given.shape) == len(wanted), "target-shape", text, port="target", wanted=wanted)
    for size, other in zip(given.shape, wanted, strict=True):
        d.require(equal(size, other), "target-shape", text, port="target", wanted=wanted)


@layer(
    Category.LOSS,
    source="torch.nn.CrossEntropyLoss",
    aliases=("SparseCategoricalCrossentropy", "CategoricalCrossentropy"),
    trait="loss",
)
class CrossEntropyLoss(Layer):
    """Compares scores per class with class indices (int64), or with shares per class; contains the softmax."""

    inputs = {"input": "N C *S", "target": "*T : float int64"}
    scores = "classes"
    outputs = {"y": "*R"}
    ignore_index: int = option(Integer(), "target index that does not count", default=-100)
    reduction: str = _reduction()
    label_smoothing: float = number(
        "share taken from the true class and spread over all", low=0, high=1, default=0.0
    )
    torch = Function("F.cross_entropy")

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        shape = given.shape[:1] + given.shape[2:] if given else (symbol("N"),)
        return {"target": _target(shape, "int64")}

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given, target = d["input"], d["target"]
        indices = given.shape[:1] + given.shape[2:]
        if target.dtype not in FLOATS:
            _require_same_shape(d, indices)
        elif len(target.shape) == len(given.shape):
            _require_same_shape(d, given.shape)
        else:
            text = (
                f"`target` is {target.text} {target.dtype}, but class indices must be int64 and shares must have the "
                f"shape {given.text} of `input`; set the target's dtype to int64, or its shape to that"
            )
            d.fail("target-dtype", text, port="target")
        if self.ignore_index >= 0 and target.dtype in FLOATS:
            d.fail(
                "bad-value",
                "`ignore_index` is for class indices, but `target` holds shares; leave it out",
                field="ignore_index",
            )
        kept = self.reduction == "none"
        dtype = promote(given.dtype, target.dtype) if target.dtype in FLOATS else given.dtype
        return {"y": TensorType(indices if kept else (), dtype)}


class _Pairwise(Layer):
    """A loss of entry against entry."""

    inputs = {"input": "*S", "target": "*T"}
    outputs = {"y": "*R"}
    reduction: str

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        shape, dtype = (given.shape, given.dtype) if given else ((symbol("N"), 1), "float32")
        return {"target": _target(shape, dtype)}

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        dtype = self.result_dtype(d)
        shape = self.compared(d)
        return {"y": TensorType(shape if self.reduction == "none" else (), dtype)}

    def result_dtype(self, d: Scope) -> str:
        """The dtype of the loss."""
        return promote(d["input"].dtype, d["target"].dtype)

    def compared(self, d: Scope) -> tuple[Dim, ...]:
        """The shape of what is compared."""
        _require_same_shape(d, d["input"].shape)
        return d["input"].shape


@layer(Category.LOSS, source="torch.nn.BCEWithLogitsLoss", aliases=("BinaryCrossentropy",), trait="loss")
class BCEWithLogitsLoss(_Pairwise):
    """Compares scores with yes (1) or no (0), each on its own: several labels at once; contains the sigmoid."""

    scores = "labels"
    reduction: str = _reduction()
    torch = Function("F.binary_cross_entropy_with_logits")

    def result_dtype(self, d: Scope) -> str:
        """Torch computes it in place of `1 - target`."""
        return d["target"].dtype


@layer(Category.LOSS, source="torch.nn.MSELoss", aliases=("MeanSquaredError",), trait="loss")
class MSELoss(_Pairwise):
    """The mean of squared differences: for numbers, and for auto-encoders."""

    scores = "values"
    reduction: str = _reduction()
    torch = Function("F.mse_loss")

    def compared(self, d: Scope) -> tuple[Dim, ...]:
        total = broadcast(d, "target-shape", [("input", d["input"]), ("target", d["target"])]).shape
        if d["input"].shape != d["target"].shape:
            text = (
                f"`input` is {d['input'].text} and `target` {d['target'].text}, so torch compares every entry with "
                f"several ({TensorType(total).text}); wire a target of the input's shape"
            )
            d.warn("target-broadcast", text, port="target")
        return total


def _ctc(layer: CTCLoss, v: Variables) -> str:
    steps = v["input"]
    lengths = [_lengths(v, "input", "input_lengths"), _lengths(v, "target", "target_lengths")]
    arguments = [f"{steps}.transpose(0, 1)", v["target"], *lengths]
    if layer.blank:
        arguments.append(f"blank={layer.blank}")
    if layer.reduction != "mean":
        arguments.append(f'reduction="{layer.reduction}"')
    if layer.zero_infinity:
        arguments.append("zero_infinity=True")
    return f"F.ctc_loss({', '.join(arguments)})"


def _lengths(v: Variables, port: str, lengths: str) -> str:
    """What is wired; else what the tensor carries; else its full length for every sample."""
    if lengths in v:
        return v[lengths]
    carried = v.lengths(port, 1)
    tensor = v[port]
    return carried or f"torch.full(({tensor}.shape[0],), {tensor}.shape[1])"


@layer(
    Category.LOSS,
    source="torch.nn.CTCLoss; Graves et al., Connectionist temporal classification, ICML 2006",
    trait="loss",
)
class CTCLoss(Layer):
    """Compares log-probabilities per step (N T C) with labels that have no positions, over all ways to align them."""

    inputs = {
        "input": "N T C : float32 float64",
        "target": "N S : int",
        "input_lengths?": "N : int",
        "target_lengths?": "N : int",
    }
    scores = "sequence"
    consumes = True
    outputs = {"y": "*R"}
    blank: int = option(Integer(0), "class that means: no label", default=0)
    reduction: str = _reduction()
    zero_infinity: bool = flag("count a label that does not fit as 0, not as infinity", default=False)
    torch = Expr(_ctc)

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        batch = given.shape[:1] if given else (symbol("N"),)
        lengths = {"role": "lengths", "of": CompanionOf("target"), "axis": 1}
        return {"target": _target((*batch, symbol("S")), "int64"), "target_lengths": lengths}

    def limits(self, d: Scope) -> None:
        text = f"`blank` is {self.blank}, but `input` is {d['input'].text} with {d.C} classes, counted from 0; lower it"
        d.require(at_least(d.C, self.blank + 1), "bad-value", text, port="input", field="blank")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        shape = d["input"].shape[:1] if self.reduction == "none" else ()
        return {"y": TensorType(shape, d["input"].dtype)}
