"""Learned vectors: looked up by an index, or there without any input."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import PLAIN_INITIALISERS, Weighted, choice, count, flag, layer, number, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, FileName, Integer, Nothing, Number, Sizes
from graph_ir.recipes import Module, Stored
from graph_ir.signature import TensorType, shape_text
from graph_ir.spec import Category

_PADDING = Either(Nothing(), Integer())
_MAX_NORM = Either(Nothing(), Number(0, above=True))
_FILE = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*\.(pt|txt)", re.ASCII)
"""A file in the folder of the code or below it: never `..`, `~`, a drive or another root."""


def _check_padding(d: Scope, padding_idx: int | None, n: int) -> None:
    if padding_idx is not None and not -n <= padding_idx < n:
        text = f"`padding_idx` is {padding_idx}, but there are {n} vectors; use -{n} to {n - 1}"
        d.fail("bad-value", text, field="padding_idx")


def _start(layer: Embedding, module: str) -> list[str]:
    """Torch compares the file's shape with the weight's. A missing file is told, since a trained model needs it no
    more: its own weights are loaded later.
    """
    if layer.from_file is None:
        return []
    path = "vectors_file"
    if layer.from_file.endswith(".pt"):
        read = [f'    vectors = torch.load({path}, map_location="cpu", weights_only=True)']
    else:
        read = [
            f'    with {path}.open(encoding="utf-8") as file:',
            f"        rows = (map(float, line.split()[-{layer.embedding_dim}:]) for line in file)",
            "        vectors = torch.stack([torch.tensor(list(row)) for row in rows])",
        ]
    return [
        f'vectors_file = Path(__file__).parent / "{layer.from_file}"',
        f"if {path}.exists():",
        *read,
        f'    {module}.load_state_dict({{"weight": vectors}})',
        "else:",
        f'    print("{layer.from_file} is not here: its vectors start at random")',
    ]


@layer(Category.DENSE, source="torch.nn.Embedding")
class Embedding(Weighted):
    """Looks up a learned vector for every index.

    With `from_file` the vectors start as those of a file, in the order of the indices: a tensor written by torch.save
    (`.pt`), or text as GloVe's with a word and its numbers on each line (`.txt`). The file lies beside the design;
    exports and training runs get a copy, which is read when the network is built. Where it is missing the code says
    so and starts at random. Set `trainable` to false to keep the vectors as they are.

    Formula: y = weight[x].
    """

    inputs = {"x": "*S : int"}
    outputs = {"y": "*S embedding_dim : float32", "weight": "num_embeddings embedding_dim : float32"}
    num_embeddings: int = count("number of different indices", start=1000)
    embedding_dim: int = count("length of each vector", start=32, role="F")
    padding_idx: int | None = option(_PADDING, "index whose vector stays 0; null: none", default=None)
    max_norm: float | None = option(
        _MAX_NORM, "vectors longer than this are shortened; null: never", default=None
    )
    norm_type: float = number("the p of the norm that `max_norm` measures", low=0, above=True, default=2.0)
    scale_grad_by_freq: bool = flag(
        "divide gradients by how often an index occurs in the batch", default=False
    )
    sparse: bool = flag("sparse gradients (only some optimisers take them)", default=False)
    from_file: str | None = option(
        Either(Nothing(), FileName(50)),
        "file beside the design with the vectors to start with, .pt or .txt; null: random",
        default=None,
        in_torch=False,
    )
    torch = Module("nn.Embedding", attributes={"weight": "weight"}, start=_start)

    def limits(self, d: Scope) -> None:
        _check_padding(d, self.padding_idx, self.num_embeddings)
        if self.from_file is not None and not _FILE.fullmatch(self.from_file):
            text = (
                f"`from_file` is {self.from_file!r}, but must name a .pt or .txt file in the folder of the design or "
                "below it, with letters, digits, `_`, `-` and `.` only, such as 'vectors/glove.txt'; move or rename it"
            )
            d.fail("bad-value", text, field="from_file")
        if self.from_file is not None and self.init is not None:
            text = f"`init` is {self.init!r}, but the vectors come from {self.from_file!r}; leave one of them out"
            d.fail("bad-value", text, field="init")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}


@layer(Category.DENSE, source="torch.nn.EmbeddingBag", aliases=("BagOfWords",), common=False)
class EmbeddingBag(Weighted):
    """Looks up a learned vector for every index of a sample and gives their mean, sum or largest entries.

    Indices equal to `padding_idx` don't count; so, with it, don't those behind the lengths that `x` carries. A sample
    without any index that counts gives zeros.

    Formula: y = Σ_t weight[x_t] / T for "mean", without the division for "sum", max_t weight[x_t] for "max".
    """

    inputs = {"x": "N T : int"}
    outputs = {"y": "N embedding_dim : float32"}
    consumes: ClassVar[bool] = True
    num_embeddings: int = count("number of different indices", start=1000)
    embedding_dim: int = count("length of each vector", start=32, role="F")
    max_norm: float | None = option(
        _MAX_NORM, "vectors longer than this are shortened; null: never", default=None
    )
    norm_type: float = number("the p of the norm that `max_norm` measures", low=0, above=True, default=2.0)
    scale_grad_by_freq: bool = flag(
        "divide gradients by how often an index occurs in the batch", default=False
    )
    mode: str = choice(("sum", "mean", "max"), "how the vectors of a sample become one", default="mean")
    sparse: bool = flag("sparse gradients (only some optimisers take them)", default=False)
    padding_idx: int | None = option(_PADDING, "index that does not count; null: none", default=None)
    torch = Module("nn.EmbeddingBag")

    def tail(self) -> float | None:
        return None if self.padding_idx is None else self.padding_idx % self.num_embeddings

    def limits(self, d: Scope) -> None:
        _check_padding(d, self.padding_idx, self.num_embeddings)
        for field in ("scale_grad_by_freq", "sparse"):
            if self.mode == "max" and getattr(self, field):
                d.fail("bad-value", f"`{field}` does not work with `mode` 'max'; leave it out", field=field)
        if self.padding_idx is None:
            d.mixes("x", (1,), "without a `padding_idx` it takes all indices together")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}


def _parameter(layer: Parameter, d: Scope) -> str:
    sizes = ", ".join(map(str, layer.shape)) or "()"
    return f"nn.Parameter(0.02 * torch.randn({sizes}))"


@layer(
    Category.DENSE,
    source="torch.nn.Parameter; Dosovitskiy et al., An image is worth 16×16 words, ICLR 2021",
    aliases=("ClassToken", "add_weight", "Variable"),
    common=False,
)
class Parameter(Weighted):
    """A learned tensor that no input changes: a class token, positions, a temperature.

    `shape` is the whole shape; a class token is (1, 1, F). Without `init` it starts with small random numbers, normal
    with the deviation 0.02.
    """

    inputs: ClassVar[Mapping[str, str]] = {}
    outputs = {"y": "*S : float32"}
    shape: tuple[Dim, ...] = option(Sizes(), "sizes of all axes; there is no batch axis", start=[1, 1, 64])
    torch = Stored(_parameter)

    def limits(self, d: Scope) -> None:
        unknown = [size for size in self.shape if not isinstance(size, int)]
        if unknown:
            text = (
                f"`shape` is {shape_text(self.shape)}, and {unknown[0]} is not known when the network is built; give "
                "numbers"
            )
            d.fail("size-unknown", text, field="shape")
        if self.init is not None and self.init not in PLAIN_INITIALISERS and len(self.shape) < 2:
            text = (
                f"`init` is {self.init!r}, which needs two axes or more, but `shape` is {shape_text(self.shape)}; use "
                "'normal', 'zeros' or 'ones'"
            )
            d.fail("bad-value", text, field="init")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        return {"y": TensorType(self.shape, "float32", ("",) * len(self.shape))}

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"": self.shape}
