"""Tumours, malignant or benign."""

from collections.abc import Sequence

import torch
from sklearn.datasets import load_breast_cancer

from codegen.child.data.shared import SEED, SHARES, Splits
from codegen.child.data.tables import table_splits


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    table = load_breast_cancer()
    label = torch.tensor(table.target, dtype=torch.int64)
    targets = {"label": label, "value": label.float().unsqueeze(1)}
    return table_splits(table, targets, shares, seed)
