"""How far an illness has gone."""

from collections.abc import Sequence

import torch
from sklearn.datasets import load_diabetes

from codegen.child.data.shared import SEED, SHARES, Splits
from codegen.child.data.tables import table_splits

MEAN, DEVIATION = 152.1, 77.1  # of all patients, so that errors can be read back


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    table = load_diabetes()
    value = (torch.tensor(table.target, dtype=torch.float32) - MEAN) / DEVIATION
    return table_splits(table, {"value": value.unsqueeze(1)}, shares, seed)
