"""Windows over a text."""

from collections.abc import Sequence

from torch import Tensor

from codegen.child.data.shared import Splits, as_splits

WINDOW = 30


def windows(codes: Tensor) -> dict[str, Tensor]:
    """Cuts a text into windows, one behind the other, and says what follows."""
    length = (len(codes) - 1) // WINDOW * WINDOW
    following = codes[1 : length + 1].view(-1, WINDOW)
    return {
        "text": codes[:length].view(-1, WINDOW),
        "next": following,
        "following": following[:, -1],
    }


def text_splits(codes: Tensor, shares: Sequence[float]) -> Splits:
    """Trains on the beginning of a text; validates and tests on what comes behind."""
    first = round(shares[0] * len(codes))
    second = first + round(shares[1] * len(codes))
    parts = (codes[:first], codes[first:second], codes[second:])
    return as_splits([windows(part) for part in parts])
