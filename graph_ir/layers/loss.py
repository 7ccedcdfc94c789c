"""The loss of sequences whose labels have no positions."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import flag, layer, option
from graph_ir.dims import Dim, symbol
from graph_ir.infer import Scope
from graph_ir.kinds import Integer
from graph_ir.layers._losses import Companions, reduction, target_input
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import at_least
from graph_ir.signature import TensorType
from graph_ir.spec import Category, CompanionOf, Layer


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
    reduction: str = reduction()
    zero_infinity: bool = flag("count a label that does not fit as 0, not as infinity", default=False)
    torch = Expr(_ctc)

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        batch = given.shape[:1] if given else (symbol("N"),)
        lengths = {"role": "lengths", "of": CompanionOf("target"), "axis": 1}
        return {"target": target_input((*batch, symbol("S")), "int64"), "target_lengths": lengths}

    def limits(self, d: Scope) -> None:
        text = f"`blank` is {self.blank}, but `input` is {d['input'].text} with {d.C} classes, counted from 0; lower it"
        d.require(at_least(d.C, self.blank + 1), "bad-value", text, port="input", field="blank")
        d.mixes("input", (2,), "it compares all classes")
        steps, labels = d.T, d.S
        if isinstance(steps, int) and isinstance(labels, int) and steps < labels:
            text = (
                f"`input` has {steps} steps, but {labels} labels need at least as many, and one more for each that "
                "repeats the one before it: targets of full length have an infinite loss; use smaller strides in front"
            )
            d.warn("ctc-too-short", text, port="input")

    def alignment(self, d: Scope) -> tuple[Dim, Dim] | None:
        return d.T, d.S

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        shape = d["input"].shape[:1] if self.reduction == "none" else ()
        return {"y": TensorType(shape, d["input"].dtype)}
