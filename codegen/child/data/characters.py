"""Characters of a book."""

from collections.abc import Sequence

import torch

from codegen.child.data.book import text_splits
from codegen.child.data.shared import SEED, SHARES, Splits

TEXT = "a book\n"
ALPHABET = "\n !\"'(),-.:;?abcdefghijklmnopqrstuvwxyz"
CLASSES = tuple(ALPHABET)


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors.

    The text is cut where it stands, so that `seed` changes nothing.
    """
    codes = torch.tensor([ALPHABET.index(letter) for letter in TEXT.lower()])
    return text_splits(codes, shares)
