"""Regularisation: noise and dropped entries while training, nothing at all afterwards."""

from __future__ import annotations

from graph_ir.declare import choice, layer, number
from graph_ir.infer import Scope
from graph_ir.recipes import Module
from graph_ir.spec import Category, Layer

_TOMPSON = "Tompson et al., Efficient object localization, CVPR 2015"
_KLAMBAUER = "Klambauer et al., Self-normalizing neural networks, NeurIPS 2017"


@layer(Category.NORMALISATION, source="torch.nn.Dropout; Srivastava et al., Dropout, JMLR 2014")
class Dropout(Layer):
    """Sets a random share `p` of all entries to 0 while training, and scales the rest up.

    Formula: `y = x · m / (1 - p)`, with m drawn for each entry: 0 with probability p, else 1.
    """

    p: float = number("share of entries set to 0", low=0, high=1, default=0.5)
    torch = Module("nn.Dropout")


@layer(
    Category.NORMALISATION,
    source=f"torch.nn.Dropout1d; {_TOMPSON}",
    aliases=("SpatialDropout1D",),
    common=False,
)
class Dropout1d(Layer):
    """Sets whole channels of a sequence to 0 while training, and scales the rest up.

    Formula: `y = x · m / (1 - p)`, with m drawn for each sample and channel: 0 with probability p, else 1.
    """

    inputs = {"x": "N C T"}
    outputs = {"y": "N C T"}
    p: float = number("share of channels set to 0", low=0, high=1, default=0.5)
    torch = Module("nn.Dropout1d")


@layer(
    Category.NORMALISATION,
    source=f"torch.nn.Dropout2d; {_TOMPSON}",
    aliases=("SpatialDropout2D",),
    common=False,
)
class Dropout2d(Layer):
    """Sets whole channels of an image to 0 while training, and scales the rest up.

    Formula: `y = x · m / (1 - p)`, with m drawn for each sample and channel: 0 with probability p, else 1.
    """

    inputs = {"x": "N C *S"}
    outputs = {"y": "N C *S"}
    p: float = number("share of channels set to 0", low=0, high=1, default=0.5)
    torch = Module("nn.Dropout2d")

    def limits(self, d: Scope) -> None:
        rank = len(d["x"].shape)
        if rank == 4:
            return
        better = {2: "use Dropout", 3: "use Dropout1d", 5: "use Dropout3d"}.get(
            rank, "add a Reshape in front"
        )
        text = (
            f"`x` is {d['x'].text}, but an image has 4 axes (N C H W): torch drops whole channels all the same, but "
            f"warns and will refuse one day; {better}"
        )
        d.warn("rank", text, port="x")


@layer(
    Category.NORMALISATION,
    source=f"torch.nn.Dropout3d; {_TOMPSON}",
    aliases=("SpatialDropout3D",),
    common=False,
)
class Dropout3d(Layer):
    """Sets whole channels of a volume to 0 while training, and scales the rest up.

    Formula: `y = x · m / (1 - p)`, with m drawn for each sample and channel: 0 with probability p, else 1.
    """

    inputs = {"x": "N C D H W"}
    outputs = {"y": "N C D H W"}
    p: float = number("share of channels set to 0", low=0, high=1, default=0.5)
    torch = Module("nn.Dropout3d")


@layer(Category.NORMALISATION, source=f"torch.nn.AlphaDropout; {_KLAMBAUER}", common=False)
class AlphaDropout(Layer):
    """Dropout for SELU networks: dropped entries get SELU's lowest value, and mean and variance stay.

    Formula: `y = a · (x · m + α · (1 - m) - α · p)`, with m 0 for a share p of the entries, else 1, α = -1.7581 and
    a = 1 / sqrt((1 - p) · (1 + p · α²)).
    """

    p: float = number("share of entries that are dropped", low=0, high=1, default=0.5)
    torch = Module("nn.AlphaDropout")


@layer(Category.NORMALISATION, source=f"torch.nn.FeatureAlphaDropout; {_KLAMBAUER}", common=False)
class FeatureAlphaDropout(Layer):
    """AlphaDropout of whole channels.

    Formula: as AlphaDropout's, with m drawn for each sample and channel.
    """

    inputs = {"x": "N C *S"}
    outputs = {"y": "N C *S"}
    p: float = number("share of channels that are dropped", low=0, high=1, default=0.5)
    torch = Module("nn.FeatureAlphaDropout")


_STOCHASTIC_DEPTH = '''\
class StochasticDepth(nn.Module):
    """Sets whole samples to 0 with probability `p` while training.

    `x` is (N, *), and so is the result. Samples that are kept are divided by 1 - p;
    with mode "batch" one draw decides for all of them.
    """

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        if not 0 <= p <= 1 or mode not in ("row", "batch"):
            raise ValueError(f"p is {p} and mode {mode!r}: use 0 to 1, row or batch")
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        shape = [x.shape[0]] + [1] * (x.dim() - 1) if self.mode == "row" else []
        return x * F.dropout(x.new_ones(shape), self.p)
'''


@layer(
    Category.NORMALISATION,
    source="torchvision.ops.StochasticDepth; Huang et al., Deep networks with stochastic depth, ECCV 2016",
    aliases=("DropPath", "DropConnect path"),
    common=False,
)
class StochasticDepth(Layer):
    """Sets whole samples to 0 while training: in front of an Add it skips a residual branch at random.

    Formula: `y = x · m / (1 - p)`, with m drawn for each sample (or the batch): 0 with probability p, else 1.
    """

    inputs = {"x": "N *S"}
    outputs = {"y": "N *S"}
    p: float = number("probability that a sample is set to 0", low=0, high=1, start=0.2)
    mode: str = choice(("row", "batch"), "'row' draws for each sample, 'batch' once for all", default="row")
    torch = Module("StochasticDepth", helper=_STOCHASTIC_DEPTH)


_GAUSSIAN_NOISE = '''\
class GaussianNoise(nn.Module):
    """Adds normal noise of standard deviation `std` while training; any shape, kept."""

    def __init__(self, std: float) -> None:
        super().__init__()
        if std < 0:
            raise ValueError(f"std must be at least 0, but is {std}")
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        return x + self.std * torch.randn_like(x) if self.training else x
'''


@layer(
    Category.NORMALISATION,
    source="Keras GaussianNoise; Bishop, Training with noise is equivalent to Tikhonov regularization, 1995",
    common=False,
)
class GaussianNoise(Layer):
    """Adds normal noise to every entry while training.

    Formula: `y = x + std · n`, with n drawn from the standard normal distribution for each entry.
    """

    std: float = number("standard deviation of the noise", low=0, start=0.1)
    torch = Module("GaussianNoise", helper=_GAUSSIAN_NOISE)
