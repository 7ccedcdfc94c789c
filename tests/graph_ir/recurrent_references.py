"""Recurrent nets of the gallery, written once more from their papers: one sample at a time, without any padding.

Nothing is shared with the printed code but the names of the weights, so that one state_dict goes into both.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Context(nn.Module):
    """Attention with a learned context vector (Yang et al. 2016, equations 5 to 7), over the steps of one sample."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.project = nn.Linear(features, hidden)
        self.context = nn.Linear(hidden, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        scores = [torch.dot(self.context.weight[0], torch.tanh(self.project(step))) for step in x]
        shares = torch.stack(scores).exp() / torch.stack(scores).exp().sum()
        return (shares[:, None] * x).sum(0)


class Level(nn.Module):
    """One level of a hierarchical attention network: vectors to one vector; no vectors to zeros."""

    def __init__(self, width: int, hidden: int, dense: int, attention: int) -> None:
        super().__init__()
        self.dense_size = dense
        self.lstm = nn.LSTM(width, hidden, bidirectional=True)
        self.dense = nn.Linear(2 * hidden, dense)
        self.attention = Context(dense, attention)

    def pooled(self, x: Tensor) -> Tensor:
        """The vector of one sequence (T, F)."""
        if not len(x):
            return x.new_zeros(self.dense_size)
        read: Tensor = self.attention(self.dense(self.lstm(x)[0]))
        return read


class Sentence(Level):
    """Words to a sentence vector."""

    def __init__(self, vocabulary: int, width: int, hidden: int, dense: int, attention: int) -> None:
        super().__init__(width, hidden, dense, attention)
        self.embed = nn.Embedding(vocabulary, width)

    def forward(self, words: Tensor) -> Tensor:
        return self.pooled(self.embed(words))


class Hierarchical(Level):
    """Yang et al., Hierarchical attention networks for document classification, NAACL 2016."""

    def __init__(
        self, vocabulary: int, width: int, hidden: int, dense: int, attention: int, classes: int
    ) -> None:
        super().__init__(dense, hidden, dense, attention)
        self.sentences = Sentence(vocabulary, width, hidden, dense, attention)
        self.fc = nn.Linear(dense, classes)

    def forward(self, document: Sequence[Tensor]) -> Tensor:
        scores: Tensor = self.fc(self.pooled(torch.stack([self.sentences(words) for words in document])))
        return scores


class Tagger(nn.Module):
    """Huang, Xu and Yu, Bidirectional LSTM-CRF models for sequence tagging, 2015, without the CRF."""

    def __init__(self, vocabulary: int, width: int, hidden: int, tags: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, hidden, num_layers=2, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, tags)

    def forward(self, tokens: Tensor) -> Tensor:
        scores: Tensor = self.fc(self.lstm(self.embed(tokens))[0])
        return scores.T


class Compare(nn.Module):
    """What Bahdanau's attention learns: v·tanh(W·query + b + U·key)."""

    def __init__(self, query: int, key: int, hidden: int) -> None:
        super().__init__()
        self.query = nn.Linear(query, hidden)
        self.key = nn.Linear(key, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        fits = torch.stack([self.score(torch.tanh(self.query(query) + self.key(key))) for key in keys])
        return (fits.softmax(0) * keys).sum(0)


class Translator(nn.Module):
    """Bahdanau, Cho and Bengio, ICLR 2015, with the present state as the query: one written symbol after the other."""

    def __init__(self, vocabulary: int, width: int, hidden: int, attention: int) -> None:
        super().__init__()
        self.read = nn.Embedding(vocabulary, width)
        self.encoder = nn.LSTM(width, hidden)
        self.written = nn.Embedding(vocabulary, width)
        self.decoder = nn.LSTM(width, hidden)
        self.attention = Compare(hidden, hidden, attention)
        self.mix = nn.Linear(2 * hidden, hidden)
        self.fc = nn.Linear(hidden, vocabulary)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        keys, state = self.encoder(self.read(source))
        scores = []
        for symbol in target:
            step, state = self.decoder(self.written(symbol)[None], state)
            context = self.attention(step[0], keys)
            scores.append(self.fc(torch.tanh(self.mix(torch.cat([context, step[0]])))))
        return torch.stack(scores, 1)


class Speech(nn.Module):
    """Amodei et al., Deep Speech 2, ICML 2016, much smaller: convolutions over time and pitch, bidirectional GRUs."""

    def __init__(self, bands: int, width: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 5, stride=2, padding=2, bias=False)
        self.norm1 = nn.LayerNorm(bands // 2)
        self.conv2 = nn.Conv2d(width, width, 5, stride=(1, 2), padding=2, bias=False)
        self.norm2 = nn.LayerNorm(bands // 4)
        self.gru = nn.GRU(width * bands // 4, hidden, num_layers=2, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, classes)

    def forward(self, mel: Tensor) -> Tensor:
        x = self.norm1(self.conv1(mel[None])).clamp(0, 20)
        x = self.norm2(self.conv2(x)).clamp(0, 20)  # (width, T, bands)
        steps = torch.stack([x[:, t].reshape(-1) for t in range(x.shape[1])])
        log_probs: Tensor = self.fc(self.gru(steps)[0]).log_softmax(1)
        return log_probs


class Stage(nn.Module):
    """A strided convolution with a norm over the channels of each step."""

    def __init__(self, before: int, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(before, channels, 15, stride=4, padding=7)
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(self.norm(self.conv(x).T).T)


class Heart(nn.Module):
    """Strided convolutions, a bidirectional LSTM, the maximum over time: one record, four scores."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.stages = nn.Sequential(Stage(1, width), Stage(width, 2 * width), Stage(2 * width, 3 * width))
        self.lstm = nn.LSTM(3 * width, hidden, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, 4)

    def forward(self, signal: Tensor) -> Tensor:
        scores: Tensor = self.fc(self.lstm(self.stages(signal).T)[0].max(0).values)
        return scores
