# Written by Layerloom from a drawing. The code is yours: change it as you like.
"""1,797 scans of 8x8 pixels, ten classes; as images, or their rows as a time series.

Source: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI
Machine Learning Repository, 1998, doi:10.24432/C50P49; the 1,797 scans that come with
scikit-learn. Licence: CC BY 4.0.
"""

import math

import torch
from sklearn.datasets import load_digits

CLASSES = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")


def load(shares=(0.7, 0.15, 0.15), seed=0):
    """Returns the splits train, validation and test, each a dict of tensors.

    image: (N, 1, 8, 8), grey values from 0 to 1
    label: (N,), the class
    """
    scans = load_digits()
    image = torch.tensor(scans.images, dtype=torch.float32).unsqueeze(1) / 16
    label = torch.tensor(scans.target, dtype=torch.int64)
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(image), generator=generator)
    first = round(shares[0] * len(order))
    second = first + round(shares[1] * len(order))
    parts = order[:first], order[first:second], order[second:]
    names = "train", "validation", "test"
    return {
        name: {"image": image[rows], "label": label[rows]}
        for name, rows in zip(names, parts, strict=True)
    }


class Batches:
    """Goes through a split in batches of at most `size`, shuffled if there is a seed.

    The batches are nearly alike in size, so that none is left with a single sample.
    """

    def __init__(self, split, size, device, seed=None):
        self.split, self.device = split, device
        order = torch.arange(len(next(iter(split.values()))))
        if seed is not None:
            generator = torch.Generator().manual_seed(seed)
            order = order[torch.randperm(len(order), generator=generator)]
        self.rows = order.tensor_split(math.ceil(len(order) / size))

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        for rows in self.rows:
            yield {key: part[rows].to(self.device) for key, part in self.split.items()}
