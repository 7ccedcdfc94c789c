"""Documents of many topics."""

from collections.abc import Sequence

import torch
from torch import Tensor

from codegen.child.data.shared import SEED, SHARES, Splits, deal

TOPICS = 30
SENTENCES = 8
WORDS = 12
VOCABULARY = 1000
COUNT = 1800
OWN = 0.3  # of its words are the topic's own; each topic has eight of them


def documents(generator: torch.Generator) -> dict[str, Tensor]:
    """Returns documents; their sentences, and the words of these, are padded with 0."""
    label = torch.randint(TOPICS, (COUNT,), generator=generator)
    sentences = torch.randint(
        (SENTENCES + 1) // 2, SENTENCES + 1, (COUNT,), generator=generator
    )
    words = torch.randint(
        (WORDS + 1) // 2, WORDS + 1, (COUNT, SENTENCES), generator=generator
    )
    words = words.where(torch.arange(SENTENCES) < sentences[:, None], 0)
    size = (COUNT, SENTENCES, WORDS)
    rarity = torch.rand(size, generator=generator).square()  # some words are frequent
    common = 1 + (rarity * (VOCABULARY - 1)).long()
    topical = torch.randint(8, size, generator=generator)
    topical = 1 + (label[:, None, None] * 8 + topical) % (VOCABULARY - 1)
    text = torch.where(torch.rand(size, generator=generator) < OWN, topical, common)
    text = text.where(torch.arange(WORDS) < words[..., None], 0)
    return {
        "words": text,
        "sentence_count": sentences,
        "word_count": words,
        "label": label,
    }


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    generator = torch.Generator().manual_seed(seed)
    return deal(documents(generator), shares, generator)
