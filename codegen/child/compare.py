"""How the proof makes tensors, makes chance repeatable, and compares tensors bit for bit."""

import hashlib
from collections.abc import Iterator
from itertools import product
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class Alike(TorchFunctionMode):
    """Chance begins anew at each call of torch, so that code which calls in another order draws the same numbers.

    With `record`, notes a key of every tensor that a call gives.
    """

    def __init__(self, record: bool = False) -> None:
        super().__init__()
        self.record = record
        self.seen: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        torch.default_generator.manual_seed(0)
        result = func(*args, **(kwargs or {}))
        if self.record:
            self.seen.update(map(key, tensors_in(result)))
        return result


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """The tensors in nested tuples and lists."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from tensors_in(part)


def key(value: torch.Tensor) -> str:
    """Shape, dtype and content in one text: equal for tensors that are equal bit for bit."""
    if value.layout != torch.strided:
        return repr(value.layout)
    flat = torch.empty(value.numel(), dtype=value.dtype).copy_(value.detach().reshape(-1))
    raw = flat.view(torch.uint8).numpy().data
    return f"{described(value)} {hashlib.blake2b(raw, digest_size=16).hexdigest()}"


def described(value: Any) -> Any:
    """Shape and dtype of a tensor: `[2, 3, "float32"]`; the type's name of anything else."""
    if not isinstance(value, torch.Tensor):
        return type(value).__name__
    return [*value.shape, str(value.dtype).removeprefix("torch.")]


def said(value: Any) -> str:
    """A shape as torch writes it, with the dtype if there is one: `(2, 3) float32`."""
    if not isinstance(value, list):
        return "not there" if value is None else str(value)
    sizes = tuple(size for size in value if isinstance(size, int))
    return " ".join([str(sizes), *(word for word in value if isinstance(word, str))])


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether all entries are equal; what is no number in both is equal too."""
    if torch.equal(a, b):
        return True
    return bool(((a == b) | ((a != a) & (b != b))).all())


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether gradients are equal but for the order in which their parts were added up."""
    if same(a, b):
        return True
    finite = b[b.isfinite()]
    scale = float(finite.abs().max()) if finite.numel() else 0.0
    return torch.allclose(a, b, rtol=1e-3, atol=1e-5 * scale, equal_nan=True)


def difference(a: torch.Tensor, b: torch.Tensor) -> str:
    """How far two tensors of one shape are apart."""
    apart = (a.double() - b.double()).abs()
    known = apart[apart.isfinite()]
    if known.numel() < apart.numel():
        return "some are no numbers or infinite in one of them only"
    return f"largest difference {float(known.max()):.3g}"


def finite(values: list[torch.Tensor]) -> bool:
    """Whether every entry is a finite number."""
    return all(bool(value.isfinite().all()) for value in values)


def made(spec: dict[str, Any], tame: bool) -> torch.Tensor:
    """An input. Floats are normal, ints below `high`, bools either; tame ones are in [0, 1), 0 and false."""
    dtype = getattr(torch, spec["dtype"])
    if spec["fill"] is not None:
        return torch.tensor(spec["fill"], dtype=dtype)
    if dtype.is_floating_point:
        return (torch.rand if tame else torch.randn)(spec["shape"]).to(dtype)
    high = 2 if dtype == torch.bool else spec["high"]
    return torch.randint(1 if tame else high, spec["shape"]).to(dtype)


def valid_steps(lengths: torch.Tensor, steps: int) -> torch.Tensor:
    """A mask (*lengths, steps): true at each step in front of the length."""
    rows = [[step < length for step in range(steps)] for length in lengths.reshape(-1).tolist()]
    return torch.tensor(rows).reshape(*lengths.shape, steps)


def fill_tail(x: torch.Tensor, lengths: torch.Tensor, axis: int, value: float = 0.0) -> torch.Tensor:
    """`x` with `value` at every step along `axis` behind the length."""
    padding = torch.zeros(x.shape, dtype=torch.bool)
    for place in product(*map(range, lengths.shape)):
        within = max(0, int(lengths[place]))
        part = padding[place].movedim(axis - lengths.dim(), 0)
        part[within:] = True
    return x.masked_fill(padding, value)


def rewritten(lengths: torch.Tensor, size: Any, most: int | None) -> torch.Tensor:
    """What a layer makes of lengths: at least 0 and at most `most`; nothing stays nothing."""

    def one(steps: int) -> int:
        left = max(0, size(steps)) if steps > 0 else 0
        return left if most is None else min(left, most)

    found = [one(steps) for steps in lengths.reshape(-1).tolist()]
    return torch.tensor(found, dtype=lengths.dtype).reshape(lengths.shape)


def run_packed(rnn: Any, lengths: torch.Tensor, x: torch.Tensor, state: Any = None) -> Any:
    """What a recurrent module makes of the valid steps alone; zeros for padding and where there are none."""
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    packed = pack_padded_sequence(x, lengths.clamp(min=1), batch_first=True, enforce_sorted=False)
    packed, state = rnn(packed, state)
    y, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
    for sample in (lengths < 1).nonzero().reshape(-1).tolist():
        mask = torch.arange(x.shape[0]) == sample
        y = y.masked_fill(mask[:, None, None], 0.0)
        parts = [part.masked_fill(mask[:, None], 0.0) for part in tensors_in(state)]
        state = tuple(parts) if isinstance(state, tuple) else parts[0]
    return y, state


def mean_of_valid(value: torch.Tensor, masks: list[tuple[int, torch.Tensor]]) -> torch.Tensor:
    """The mean of the entries of a loss that count: `masks` are axes and the lengths along them."""
    if not masks:
        return value.mean() if value.dim() else value
    counted = torch.ones(value.shape)
    for axis, lengths in masks:
        counted = fill_tail(counted, lengths, axis)
    return torch.sum(value) / max(1.0, float(counted.sum()))
