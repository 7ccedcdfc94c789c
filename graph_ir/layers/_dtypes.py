"""What torch asks of the dtypes of several inputs."""

from __future__ import annotations

from graph_ir.infer import Scope


def require_same_dtype(d: Scope, first: str, other: str) -> None:
    """Refuses where two ports have different dtypes: torch multiplies matrices of one dtype only."""
    if d[first].dtype == d[other].dtype:
        return
    text = (
        f"`{other}` is {d[other].dtype}, but `{first}` is {d[first].dtype}, and both must be the same; set the `dtype` "
        "of one of the Inputs they come from"
    )
    d.fail("dtype", text, port=other)
