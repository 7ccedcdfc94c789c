"""Wines of three growers."""

from collections.abc import Sequence

import torch
from sklearn.datasets import load_wine

from codegen.child.data.shared import SEED, SHARES, Splits
from codegen.child.data.tables import table_splits


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    table = load_wine()
    label = torch.tensor(table.target, dtype=torch.int64)
    return table_splits(table, {"label": label}, shares, seed)
