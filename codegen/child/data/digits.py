"""Handwritten digits."""

from collections.abc import Sequence

import torch
from sklearn.datasets import load_digits

from codegen.child.data.shared import SEED, SHARES, Splits, deal


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    scans = load_digits()
    rows = torch.tensor(scans.images, dtype=torch.float32) / 16
    label = torch.tensor(scans.target, dtype=torch.int64)
    fields = {"image": rows.unsqueeze(1), "rows": rows, "label": label}
    return deal(fields, shares, torch.Generator().manual_seed(seed))
