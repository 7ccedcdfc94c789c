"""Published image networks, layer by layer as torchvision builds them, for 224×224 images and 1,000 classes.

Each function gives a flat design; nothing is shared with the code that is tested but the words of the file format.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from graph_ir.graph import Design
from tests.networks import design


class Net:
    """A design in the making: `add` puts a layer behind others and gives its id."""

    def __init__(self, size: int | str = 224) -> None:
        self.layers: dict[str, dict[str, Any]] = {"image": {"type": "Input", "shape": ["N", 3, size, size]}}
        self.wires: list[str] = []

    def add(self, type: str, *sources: str, port: str = "x", **values: Any) -> str:
        """A layer that reads `sources`: on `port`, or on `x1`, `x2`, … where there are several."""
        id = f"{type.lower()}{len(self.layers)}"
        self.layers[id] = {"type": type, **values}
        many = len(sources) > 1
        self.wires += [f"{source} -> {id}.{f'x{i}' if many else port}" for i, source in enumerate(sources, 1)]
        return id

    def conv(
        self, x: str, width: int, kernel: int, act: str = "ReLU", *, bn: bool = True, **values: Any
    ) -> str:
        """Convolution, batch norm, activation ("" for none), at the same size unless there is a stride."""
        values = {"padding": kernel // 2, **values}
        x = self.add("Conv2d", x, out_channels=width, kernel_size=kernel, bias=not bn, **values)
        x = self.add("BatchNorm2d", x) if bn else x
        return self.add(act, x) if act else x

    def pool(self, x: str, kernel: int, stride: int, **values: Any) -> str:
        """The maximum of windows."""
        return self.add("MaxPool2d", x, kernel_size=kernel, stride=stride, **values)

    def head(self, x: str, size: int = 1) -> str:
        """Means over the image, one vector a sample."""
        return self.add("Flatten", self.add("AdaptiveAvgPool2d", x, output_size=size))

    def scores(self, x: str, *hidden: int, act: str = "ReLU") -> Design:
        """Dense layers up to the 1,000 classes, and the Output."""
        for width in hidden:
            x = self.add(act, self.add("Linear", x, out_features=width))
        return self.done(self.add("Linear", x, out_features=1000))

    def done(self, x: str) -> Design:
        """The design with its Output."""
        self.add("Output", x)
        return design(self.layers, self.wires)


def resnet(
    depths: Sequence[int],
    *,
    bottleneck: bool = True,
    groups: int = 1,
    width: int = 64,
    size: int | str = 224,
    late: bool = False,
) -> Design:
    """He et al., Deep residual learning, CVPR 2016; ResNeXt and wide ResNet by `groups` and `width` per group.

    `late`: a stage ends with its stride instead of beginning with the last one's, as in TensorFlow's slim models.
    """
    net = Net(size)
    x = net.pool(net.conv("image", 64, 7, stride=2), 3, 2, padding=1)
    for stage, depth in enumerate(depths):
        planes = 64 << stage
        for block in range(depth):
            strided = stage < 3 and block == depth - 1 if late else stage and not block
            stride = 2 if strided else 1
            x = _residual(net, x, planes, stride, bottleneck, groups, width, widens=not block)
    return net.scores(net.head(x))


def _residual(
    net: Net, x: str, planes: int, stride: int, bottleneck: bool, groups: int, width: int, *, widens: bool
) -> str:
    if bottleneck:
        inner, out = planes * width // 64 * groups, 4 * planes
        y = net.conv(net.conv(x, inner, 1), inner, 3, stride=stride, groups=groups)
        y = net.conv(y, out, 1, act="")
    else:
        out = planes
        y = net.conv(net.conv(x, planes, 3, stride=stride), planes, 3, act="")
    if widens and (stride > 1 or bottleneck):
        x = net.conv(x, out, 1, act="", stride=stride)
    elif stride > 1:
        x = net.pool(x, 1, stride)
    return net.add("ReLU", net.add("Add", y, x))


def alexnet() -> Design:
    """Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014."""
    net = Net()
    x = net.conv("image", 64, 11, bn=False, stride=4, padding=2)
    x = net.conv(net.pool(x, 3, 2), 192, 5, bn=False)
    x = net.pool(x, 3, 2)
    for width in (384, 256, 256):
        x = net.conv(x, width, 3, bn=False)
    return net.scores(net.head(net.pool(x, 3, 2), 6), 4096, 4096)


def vgg(depths: Sequence[int]) -> Design:
    """Simonyan and Zisserman, Very deep convolutional networks, ICLR 2015."""
    net = Net()
    x = "image"
    for width, depth in zip((64, 128, 256, 512, 512), depths, strict=True):
        for _ in range(depth):
            x = net.conv(x, width, 3, bn=False)
        x = net.pool(x, 2, 2)
    return net.scores(net.head(x, 7), 4096, 4096)


def squeezenet1_1() -> Design:
    """Iandola et al., SqueezeNet, 2016, in its smaller form."""
    net = Net()
    x = net.conv("image", 64, 3, bn=False, stride=2, padding=0)
    for squeeze, expand, pooled in (
        *((16, 64, True), (16, 64, False), (32, 128, True), (32, 128, False)),
        *((48, 192, True), (48, 192, False), (64, 256, False), (64, 256, False)),
    ):
        x = net.pool(x, 3, 2, ceil_mode=True) if pooled else x
        x = net.conv(x, squeeze, 1, bn=False)
        x = net.add("Concat", *(net.conv(x, expand, kernel, bn=False) for kernel in (1, 3)), dim=1)
    return net.done(net.head(net.conv(x, 1000, 1, bn=False)))


def densenet121() -> Design:
    """Huang et al., Densely connected convolutional networks, CVPR 2017."""
    net = Net()
    x, width = net.pool(net.conv("image", 64, 7, stride=2), 3, 2, padding=1), 64
    for stage, depth in enumerate((6, 12, 24, 16)):
        features = [x]
        for _ in range(depth):
            y = net.add("Concat", *features, dim=1) if len(features) > 1 else x
            y = net.conv(_norm_relu(net, y), 128, 1)
            features.append(net.add("Conv2d", y, out_channels=32, kernel_size=3, padding=1, bias=False))
        x, width = net.add("Concat", *features, dim=1), width + 32 * depth
        if stage < 3:
            width //= 2
            x = net.add("Conv2d", _norm_relu(net, x), out_channels=width, kernel_size=1, bias=False)
            x = net.add("AvgPool2d", x, kernel_size=2)
    return net.scores(net.head(_norm_relu(net, x)))


def _norm_relu(net: Net, x: str) -> str:
    return net.add("ReLU", net.add("BatchNorm2d", x))


def mobilenet_v2() -> Design:
    """Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks, CVPR 2018."""
    net = Net()
    x, width = net.conv("image", 32, 3, "ReLU6", stride=2), 32
    for expand, out, depth, stride in (
        *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)),
        *((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)),
    ):
        for block in range(depth):
            inner, step = width * expand, 1 if block else stride
            y = net.conv(x, inner, 1, "ReLU6") if expand > 1 else x
            y = net.conv(y, inner, 3, "ReLU6", stride=step, groups=inner)
            y = net.conv(y, out, 1, act="")
            x, width = net.add("Add", y, x) if step == 1 and width == out else y, out
    return net.scores(net.head(net.conv(x, 1280, 1, "ReLU6")))


def mnasnet1_0() -> Design:
    """Tan et al., MnasNet, CVPR 2019."""
    net = Net()
    x = net.conv("image", 32, 3, stride=2)
    x, width = net.conv(net.conv(x, 32, 3, groups=32), 16, 1, act=""), 16
    for out, kernel, stride, expand, depth in (
        *((24, 3, 2, 3, 3), (40, 5, 2, 3, 3), (80, 5, 2, 6, 3)),
        *((96, 3, 1, 6, 2), (192, 5, 2, 6, 4), (320, 3, 1, 6, 1)),
    ):
        for block in range(depth):
            inner, step = width * expand, 1 if block else stride
            y = net.conv(net.conv(x, inner, 1), inner, kernel, stride=step, groups=inner)
            y = net.conv(y, out, 1, act="")
            x, width = net.add("Add", y, x) if block else y, out
    return net.scores(net.head(net.conv(x, 1280, 1)))


def googlenet() -> Design:
    """Szegedy et al., Going deeper with convolutions, CVPR 2015, without its helpers in training."""
    net = Net()
    x = net.pool(net.conv("image", 64, 7, stride=2), 3, 2, ceil_mode=True)
    x = net.pool(net.conv(net.conv(x, 64, 1), 192, 3), 3, 2, ceil_mode=True)
    for widths in ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)):
        x = _inception(net, x, widths)
    x = net.pool(x, 3, 2, ceil_mode=True)
    for widths in (
        *((192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64)),
        *((112, 144, 288, 32, 64, 64), (256, 160, 320, 32, 128, 128)),
    ):
        x = _inception(net, x, widths)
    x = net.pool(x, 2, 2, ceil_mode=True)
    for widths in ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)):
        x = _inception(net, x, widths)
    return net.scores(net.head(x))


def _inception(net: Net, x: str, widths: Iterable[int]) -> str:
    one, three_in, three, five_in, five, pooled = widths
    branches = [
        net.conv(x, one, 1),
        net.conv(net.conv(x, three_in, 1), three, 3),
        net.conv(net.conv(x, five_in, 1), five, 3),  # torchvision's 5×5 is 3×3
        net.conv(net.pool(x, 3, 1, padding=1, ceil_mode=True), pooled, 1),
    ]
    return net.add("Concat", *branches, dim=1)


def efficientnet_b0() -> Design:
    """Tan and Le, EfficientNet, ICML 2019; each block weighs its channels (squeeze and excitation)."""
    net = Net()
    x, width = net.conv("image", 32, 3, "SiLU", stride=2), 32
    for expand, kernel, stride, out, depth in (
        *((1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3)),
        *((6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)),
    ):
        for block in range(depth):
            inner, step = width * expand, 1 if block else stride
            y = net.conv(x, inner, 1, "SiLU") if expand > 1 else x
            y = net.conv(y, inner, kernel, "SiLU", stride=step, groups=inner)
            gate = net.add("AdaptiveAvgPool2d", y, output_size=1)
            gate = net.conv(net.conv(gate, width // 4, 1, "SiLU", bn=False), inner, 1, "Sigmoid", bn=False)
            y = net.conv(net.add("Multiply", gate, y), out, 1, act="")
            x, width = net.add("Add", y, x) if block else y, out
    return net.scores(net.head(net.conv(x, 1280, 1, "SiLU")))


def convnext_tiny() -> Design:
    """Liu et al., A ConvNet for the 2020s, CVPR 2022."""
    net = Net()
    x = net.add("Conv2d", "image", out_channels=96, kernel_size=4, stride=4)
    x = _channel_norm(net, x)
    for stage, (width, depth) in enumerate(((96, 3), (192, 3), (384, 9), (768, 3))):
        if stage:
            x = net.add("Conv2d", _channel_norm(net, x), out_channels=width, kernel_size=2, stride=2)
        for _ in range(depth):
            y = net.add("Conv2d", x, out_channels=width, kernel_size=7, padding=3, groups=width)
            y = net.add("LayerNorm", net.add("Permute", y, dims=[0, 2, 3, 1]), eps=1e-6)
            y = net.add("GELU", net.add("Linear", y, out_features=4 * width))
            y = net.add("Permute", net.add("Linear", y, out_features=width), dims=[0, 3, 1, 2])
            scale = net.add("Parameter", shape=[width, 1, 1])
            x = net.add("Add", net.add("Multiply", y, scale), x)
    x = _channel_norm(net, net.add("AdaptiveAvgPool2d", x, output_size=1))
    return net.scores(net.add("Flatten", x))


def _channel_norm(net: Net, x: str) -> str:
    x = net.add("LayerNorm", net.add("Permute", x, dims=[0, 2, 3, 1]), eps=1e-6)
    return net.add("Permute", x, dims=[0, 3, 1, 2])


def vit_b_16() -> Design:
    """Dosovitskiy et al., An image is worth 16×16 words, ICLR 2021."""
    net, width = Net(), 768
    x = net.add("Conv2d", "image", out_channels=width, kernel_size=16, stride=16)
    x = net.add("Permute", net.add("Flatten", x, start_dim=2), dims=[0, 2, 1])
    token = net.add("Expand", net.add("Parameter", shape=[1, 1, width]), size=["N", 1, width])
    x = net.add("Concat", token, x, dim=1)
    x = net.add("Add", x, net.add("Parameter", shape=[1, 197, width]))
    block = {"nhead": 12, "dim_feedforward": 4 * width, "activation": "gelu", "norm_first": True}
    for _ in range(12):
        x = net.add("TransformerEncoderLayer", x, port="src", **block)
    return net.scores(net.add("Select", net.add("LayerNorm", x, eps=1e-6), dim=1, index=0))
