# Written by Layerloom from a drawing. The code is yours: change it as you like.
"""Scans side by side with random gaps, labels without positions: a true CTC task.

Source: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI
Machine Learning Repository, 1998, doi:10.24432/C50P49; the 1,797 scans that come with
scikit-learn. Licence: CC BY 4.0.
"""

import math

import torch
from sklearn.datasets import load_digits

CLASSES = ("blank", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
MIN_DIGITS, MAX_DIGITS = 3, 7
MAX_GAP = 4  # pixels
STRINGS = {"train": 3000, "validation": 400, "test": 400}


def load(shares=(0.7, 0.15, 0.15), seed=0):
    """Returns the splits train, validation and test, each a dict of tensors.

    image: (N, 1, 8, width), grey values from 0 to 1
    labels: (N, MAX_DIGITS), classes, padded with 0
    label_count: (N,), how many of them count

    No scan is in two splits: a string is made of scans of its own split.
    """
    scans = load_digits()
    image = torch.tensor(scans.images, dtype=torch.float32).unsqueeze(1) / 16
    label = torch.tensor(scans.target, dtype=torch.int64)
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(label), generator=generator)
    first = round(shares[0] * len(order))
    second = first + round(shares[1] * len(order))
    parts = order[:first], order[first:second], order[second:]
    return {
        name: compose(image[rows], label[rows], count, generator)
        for rows, (name, count) in zip(parts, STRINGS.items(), strict=True)
    }


def compose(scans, digits, count, generator):
    """Returns `count` strings of these scans only: side by side, with random gaps."""
    width = 8 * MAX_DIGITS + MAX_GAP * (MAX_DIGITS + 1)
    image = torch.zeros(count, 1, 8, width)
    labels = torch.zeros(count, MAX_DIGITS, dtype=torch.int64)
    lengths = torch.randint(MIN_DIGITS, MAX_DIGITS + 1, (count,), generator=generator)
    for row, length in enumerate(lengths.tolist()):
        chosen = torch.randint(len(digits), (length,), generator=generator)
        gaps = torch.randint(MAX_GAP + 1, (length,), generator=generator)
        left = (gaps.cumsum(0) + 8 * torch.arange(length)).tolist()
        for start, scan in zip(left, scans[chosen], strict=True):
            image[row, :, :, start : start + 8] = scan
        labels[row, :length] = digits[chosen] + 1  # class 0 is the blank
    return {"image": image, "labels": labels, "label_count": lengths}


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
