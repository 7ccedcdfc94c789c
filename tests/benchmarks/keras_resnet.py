"""Prints how many seconds Keras 3 takes to build ResNet-152 with its functional API on the torch backend.

Processor time of one thread: as one does it, and on torch's meta device, where no weights are drawn. The very first
building, which also pays for what Keras loads late, does not count. Run in a new process.
"""

from __future__ import annotations

import json
import os
import time
from math import prod
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

import keras  # it reads the variable when it is imported
import torch
from keras import layers


def _conv(x: Any, channels: int, kernel: int, stride: int = 1) -> Any:
    x = layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def _bottleneck(x: Any, width: int, stride: int, *, projects: bool) -> Any:
    y = layers.ReLU()(_conv(x, width, 1))
    y = layers.ReLU()(_conv(y, width, 3, stride))
    shortcut = _conv(x, 4 * width, 1, stride) if projects else x
    return layers.ReLU()(layers.Add()([_conv(y, 4 * width, 1), shortcut]))


def resnet152() -> Any:
    """The same layers as `tests.networks.resnet152`."""
    image = keras.Input((224, 224, 3))
    x = layers.ReLU()(_conv(image, 64, 7, 2))
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for stage, count in enumerate((3, 8, 36, 3)):
        for i in range(count):
            x = _bottleneck(x, 64 << stage, 2 if stage and not i else 1, projects=not i)
    return keras.Model(image, layers.Dense(1000)(layers.GlobalAveragePooling2D()(x)))


def _seconds() -> float:
    began = time.process_time()
    model = resnet152()
    took = time.process_time() - began
    assert sum(prod(weight.shape) for weight in model.trainable_weights) == 60_192_808
    return took


if __name__ == "__main__":
    torch.set_num_threads(1)
    resnet152()
    with_weights = _seconds()
    with keras.device("meta"):
        without = _seconds()
    print(json.dumps({"seconds": with_weights, "without_weights": without}))
