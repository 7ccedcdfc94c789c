"""Words of a book."""

import re
from collections import Counter
from collections.abc import Sequence

import torch

from codegen.child.data.book import text_splits
from codegen.child.data.shared import SEED, SHARES, Splits

TEXT = "a book\n"
VOCABULARY = 500


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors.

    The text is cut where it stands, so that `seed` changes nothing.
    """
    words = re.findall(r"[a-z]+|[^a-z\s]", TEXT.lower())
    known = [word for word, _ in Counter(words).most_common(VOCABULARY - 1)]
    numbers = {word: number for number, word in enumerate(known, 1)}  # 0: the others
    return text_splits(torch.tensor([numbers.get(word, 0) for word in words]), shares)
