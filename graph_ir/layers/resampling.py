"""More or fewer pixels or steps: interpolation, and cropping to the size of another wire."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import choice, flag, layer, option
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Flag, Integer, Integers, Nothing, Number, Numbers
from graph_ir.layers._resizing import MODES, Resize
from graph_ir.recipes import Expr, Function, Module, Variables
from graph_ir.requirements import at_least
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Layer

_SIZE = Either(Nothing(), Integer(1), Integers(Integer(1)))
_FACTOR = Either(Nothing(), Number(0, above=True), Numbers(Number(0, above=True)))
_ALIGN = Either(Nothing(), Flag())


@layer(
    Category.POOLING,
    source="torch.nn.Upsample",
    aliases=("UpSampling1D", "UpSampling2D", "UpSampling3D"),
    common=False,
)
class Upsample(Resize):
    """Enlarges a sequence, image or volume to `size` or by `scale_factor`, copying or interpolating its entries.

    Formula: y[i] = x[⌊i / scale_factor⌋] ('nearest'), else a weighted mean of the neighbours of i / scale_factor
    """

    inputs = {"x": "N C A *S"}
    outputs = {"y": "N C A' *K"}
    size: int | tuple[int, ...] | None = option(
        _SIZE, "size of the result, one or one per axis", default=None
    )
    scale_factor: float | tuple[float, ...] | None = option(
        _FACTOR, "how many times as large, one or one per axis", default=None, start=2.0
    )
    mode: str = choice(MODES, "how entries between the old ones are found", default="nearest")
    align_corners: bool | None = option(
        _ALIGN, "corner entries keep their values (linear, bilinear, bicubic, trilinear)", default=None
    )
    torch = Module("nn.Upsample")


@layer(
    Category.POOLING, source="torch.nn.functional.interpolate", aliases=("Resizing", "Resize"), common=False
)
class Interpolate(Resize):
    """Resizes a sequence, image or volume to `size`, by `scale_factor`, or to the last axes of the wire on `like`.

    Formula: y[i] = x[⌊i·A / A'⌋] ('nearest'), the mean of what it covers ('area'), else a weighted mean of neighbours
    """

    inputs = {"x": "N C A *S", "like?": "*L : any"}
    outputs = {"y": "N C A' *K"}
    size: int | tuple[int, ...] | None = option(
        _SIZE, "size of the result, one or one per axis", default=None
    )
    scale_factor: float | tuple[float, ...] | None = option(
        _FACTOR, "how many times as large, one or one per axis", default=None, start=2.0
    )
    mode: str = choice(MODES, "how entries between the old ones are found", default="nearest")
    align_corners: bool | None = option(
        _ALIGN, "corner entries keep their values (linear, bilinear, bicubic, trilinear)", default=None
    )
    antialias: bool = flag("smooth before shrinking (bilinear, bicubic)", default=False)
    torch = Function(
        "F.interpolate",
        named={"like": lambda layer, v: f"size={v['like']}.shape[{2 - v.rank('x')}:]"},
    )

    def limits(self, d: Scope) -> None:
        super().limits(d)
        if not self.antialias:
            return
        if self.mode not in ("bilinear", "bicubic"):
            text = (
                f"`antialias` works with 'bilinear' and 'bicubic', not with {self.mode!r}; change one of them"
            )
            d.fail("bad-value", text, field="antialias")
        if d["x"].dtype not in ("float32", "float64"):
            text = f"`antialias` takes float32 or float64, but `x` is {d['x'].dtype}; set the `dtype` of its Input"
            d.fail("dtype", text, port="x", field="antialias")


def _cropped(layer: CropLike, v: Variables) -> str:
    x, like, rank = v["x"], v["like"], v.rank("x")
    text = x
    for axis in range(2, max(3, rank)):
        size = f"{like}.shape[{axis - rank}]"
        text = f"torch.narrow({text}, {axis}, ({x}.shape[{axis}] - {size}) // 2, {size})"
    return text


@layer(
    Category.POOLING,
    source="torch.narrow; Ronneberger et al., U-Net, MICCAI 2015",
    aliases=("CenterCrop", "Cropping1D", "Cropping2D", "Cropping3D"),
    common=False,
)
class CropLike(Layer):
    """Cuts the middle out of an image, as large as the last axes of the wire on `like`.

    Formula: y[i] = x[i + ⌊(A - A') / 2⌋] on every axis behind batch and channels
    """

    inputs = {"x": "N C A *S : any", "like": "*L : any"}
    outputs = {"y": "N C A' *K"}
    torch = Expr(_cropped)

    def limits(self, d: Scope) -> None:
        given, like = (d.A, *d.run("*S")), d.run("*L")
        text = (
            f"`like` is {d['like'].text}, but {len(given)} axes of `x` are to be as large; wire another layer"
        )
        d.require(len(like) >= len(given), "rank", text, port="like", wanted=d["x"].shape)
        text = (
            f"`x` is {d['x'].text} and `like` {d['like'].text}, larger on an axis; wire the larger one to `x`, "
            "or use Interpolate or Pad"
        )
        for size, wanted in zip(given, like[-len(given) :], strict=True):
            d.require(at_least(size - wanted, 0), "too-small", text, port="like", wanted=d["x"].shape)
        d.mixes("x", range(2, 2 + len(given)), "it cuts out the middle")
        d.mixes("like", range(len(like))[-len(given) :], "it takes the size")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        axes = len(d["x"].shape) - 2
        return {"y": d.rearranged("x", (d.N, d.C, *d.run("*L")[-axes:]), range(axes + 2))}
