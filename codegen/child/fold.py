"""A block at every step of an axis, in plain torch: the steps are folded into the batch and unfolded again."""

from collections.abc import Collection, Mapping

from torch import Tensor


class Fold:
    """Folds axis `axis` of every tensor but those in `whole` (by port) into the batch: (N, T, …) is (N*T, …) inside."""

    def __init__(self, tensors: Mapping[str, Tensor], axis: int, whole: Collection[str]) -> None:
        self.axis, self.whole = axis, whole
        first = next(tensor for port, tensor in tensors.items() if port not in whole)
        self.batch, self.steps = first.shape[0], first.shape[axis]
        self.inside = {
            port: tensor if port in whole else self._folded(tensor) for port, tensor in tensors.items()
        }

    def _folded(self, tensor: Tensor) -> Tensor:
        return tensor.movedim(self.axis, 1).flatten(0, 1)

    def lengths(self, lengths: Tensor, over: int, carrier: str) -> Tensor:
        """Lengths of each sample (`over` 1) or of each of its steps (2 and more), one for every entry inside.

        `carrier` is the port and axis that brings them.
        """
        if carrier.rpartition(".")[0] in self.whole:
            return lengths
        if over > self.axis:
            return self._folded(lengths)
        return lengths.repeat_interleave(self.steps, 0)

    def unfolded(self, tensor: Tensor) -> Tensor:
        """(N*T, …) as (N, T, …), the steps at their axis, or last where there are fewer axes."""
        at = min(self.axis, tensor.dim())
        return tensor.reshape(self.batch, self.steps, *tensor.shape[1:]).movedim(1, at)
