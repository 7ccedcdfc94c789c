"""Sentences of words of some kinds."""

from collections.abc import Sequence

import torch
from torch import Tensor

from codegen.child.data.shared import SEED, SHARES, Splits, deal

WORDS = 16
VOCABULARY = 200
COUNT = 2000
NOUN, VERB, ADJECTIVE, ADVERB, ARTICLE, NOT = range(1, 7)
FOLLOWS = {  # which kinds of words may stand behind which
    NOUN: (VERB, VERB, ADVERB, ARTICLE),
    VERB: (ARTICLE, ADVERB, NOT, ADJECTIVE),
    ADJECTIVE: (NOUN, NOUN, ADJECTIVE, VERB),
    ADVERB: (VERB, ADJECTIVE, NOT, ARTICLE),
    ARTICLE: (NOUN, ADJECTIVE, NOUN, ADJECTIVE),
    NOT: (ADJECTIVE, ADJECTIVE, ADVERB, VERB),
}


def words_of(tags: Tensor, generator: torch.Generator) -> Tensor:
    """Returns a word for each kind; a quarter of nouns and verbs share their words."""
    each = (VOCABULARY - 1) // 7
    chosen = torch.randint(each, tags.shape, generator=generator)
    shared = torch.rand(tags.shape, generator=generator) < 0.25
    group = torch.where(shared & (tags <= VERB), 0, tags)
    words = torch.where(tags == NOT, 1 + NOT * each, 1 + group * each + chosen)
    return words.where(tags > 0, 0)


def sentences(generator: torch.Generator) -> dict[str, Tensor]:
    """Returns sentences, padded with 0, the kinds of their words, and their moods.

    Half of the adjectives are bad words; one behind a "not" counts the other way.
    """
    counts = torch.randint((WORDS + 1) // 2, WORDS + 1, (COUNT,), generator=generator)
    follows = torch.tensor([[0] * 4, *FOLLOWS.values()])
    choices = torch.randint(4, (COUNT, WORDS), generator=generator)
    kind, kinds = torch.full((COUNT,), ARTICLE), []
    for step in range(WORDS):
        kinds.append(kind)
        kind = follows[kind, choices[:, step]]
    tags = torch.stack(kinds, 1).where(torch.arange(WORDS) < counts[:, None], 0)
    tokens = words_of(tags, generator)
    mood = torch.where(tags == ADJECTIVE, 1 - 2 * (tokens % 2), 0)
    turned = torch.where(tags[:, :-1] == NOT, -mood[:, 1:], mood[:, 1:])
    return {
        "tokens": tokens,
        "token_count": counts,
        "label": (turned.sum(1) > 0).long(),
        "tags": tags,
        "tag_count": counts,
    }


def load(shares: Sequence[float] = SHARES, seed: int = SEED) -> Splits:
    """Returns the splits train, validation and test, each a dict of tensors."""
    generator = torch.Generator().manual_seed(seed)
    return deal(sentences(generator), shares, generator)
