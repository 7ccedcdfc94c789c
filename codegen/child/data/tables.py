"""Tables of measurements."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from codegen.child.data.shared import Splits, as_splits, rows_of_splits


def table_splits(
    table: Any, targets: dict[str, Tensor], shares: Sequence[float], seed: int
) -> Splits:
    """Splits the rows; scales and quarters are those of the rows for training alone."""
    values = torch.tensor(table.data, dtype=torch.float32)
    generator = torch.Generator().manual_seed(seed)
    parts = rows_of_splits(len(values), shares, generator)
    known = values[parts[0]]
    quarters = torch.tensor([0.25, 0.5, 0.75]).to(known)
    edges = known.quantile(quarters, dim=0)
    above = (values[:, None] > edges).sum(1)
    mean, deviation = known.mean(0), known.std(0).clamp(min=1e-6)
    fields = {
        "features": (values - mean) / deviation,
        "codes": 4 * torch.arange(values.shape[1]) + above,
        **targets,
    }
    return as_splits(
        [{key: part[rows] for key, part in fields.items()} for rows in parts]
    )
