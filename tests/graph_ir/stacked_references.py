"""Convolutions and attention of the gallery, written once more from their papers: one sample at a time, no padding.

Nothing is shared with the printed code but the names of the weights, so that one state_dict goes into both.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def one_hot_rows(table: Tensor, codes: Tensor) -> Tensor:
    """Rows of a table, taken by a matrix product."""
    return F.one_hot(codes, len(table)).to(table.dtype) @ table


class Convolved(nn.Module):
    """A block that holds one convolution."""

    def __init__(self, width: int, filters: int, words: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, filters, words)


class TextCNN(nn.Module):
    """Kim, Convolutional neural networks for sentence classification, EMNLP 2014: zeros around each sentence."""

    def __init__(self, vocabulary: int, width: int, filters: int, classes: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.three, self.four, self.five = (Convolved(width, filters, words) for words in (3, 4, 5))
        self.fc = nn.Linear(3 * filters, classes)

    def forward(self, tokens: Tensor) -> Tensor:
        x, found = self.embed(tokens), []
        for words, block in ((3, self.three), (4, self.four), (5, self.five)):
            assert block.conv.bias is not None
            around = x.new_zeros(words - 1, x.shape[1])
            rows = torch.cat([around, x, around])
            fits = [
                torch.einsum("tc,fct->f", rows[i : i + words], block.conv.weight)
                for i in range(len(rows) - words + 1)
            ]
            found.append((torch.stack(fits) + block.conv.bias).relu().max(0).values)
        scores: Tensor = self.fc(torch.cat(found))
        return scores


def past(x: Tensor, conv: nn.Conv1d, dilation: int = 1) -> Tensor:
    """A causal convolution of (C, T), written as a sum of shifted copies; before the first step there are zeros."""
    assert conv.bias is not None
    size, steps = conv.weight.shape[2], x.shape[1]
    found = conv.bias[:, None].expand(-1, steps)
    for tap in range(size):
        shift = (size - 1 - tap) * dilation
        moved = torch.cat([x.new_zeros(len(x), shift), x], 1)[:, :steps]
        found = found + conv.weight[:, :, tap] @ moved
    return found


class Gated(nn.Module):
    """A layer of WaveNet: equation 2 of the paper, a residual and a skip connection."""

    def __init__(self, channels: int, skips: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.filters, self.gates = nn.Conv1d(channels, channels, 2), nn.Conv1d(channels, channels, 2)
        self.residual, self.aside = nn.Conv1d(channels, channels, 1), nn.Conv1d(channels, skips, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        opened = torch.sigmoid(past(x, self.gates, self.dilation))
        z = torch.tanh(past(x, self.filters, self.dilation)) * opened
        return x + past(z, self.residual), past(z, self.aside)


class WaveNet(nn.Module):
    """van den Oord et al., WaveNet, 2016, over symbols; the skips start from the first convolution."""

    def __init__(self, vocabulary: int, channels: int, skips: int, stacks: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, channels)
        self.first, self.start = nn.Conv1d(channels, channels, 2), nn.Conv1d(channels, skips, 1)
        dilations = [2**i for i in range(8)]
        one = [{f"by{d}": Gated(channels, skips, d) for d in dilations} for _ in range(stacks)]
        self.stack = nn.ModuleList(nn.ModuleDict(layers) for layers in one)
        self.conv1, self.conv2 = nn.Conv1d(skips, skips, 1), nn.Conv1d(skips, vocabulary, 1)

    def forward(self, text: Tensor) -> Tensor:
        x = past(self.embed(text).T, self.first)
        total = past(x, self.start)
        for layers in self.stack:
            assert isinstance(layers, nn.ModuleDict)
            for layer in layers.values():
                x, skip = layer(x)
                total = total + skip
        return past(past(total.relu(), self.conv1).relu(), self.conv2)


class Temporal(nn.Module):
    """A residual block of a TCN (figure 1b of the paper)."""

    def __init__(self, before: int, channels: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.conv1, self.conv2 = nn.Conv1d(before, channels, 3), nn.Conv1d(channels, channels, 3)
        if before != channels:
            self.downsample = nn.ModuleDict({"conv": nn.Conv1d(before, channels, 1)})

    def forward(self, x: Tensor) -> Tensor:
        y = past(x, self.conv1, self.dilation).relu()
        y = past(y, self.conv2, self.dilation).relu()
        shortcut = self.downsample["conv"](x) if hasattr(self, "downsample") else x
        total: Tensor = (y + shortcut).relu()
        return total


class TCN(nn.Module):
    """Bai, Kolter and Koltun, An empirical evaluation of generic convolutional and recurrent networks, 2018."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.level0, self.level1 = Temporal(1, channels, 1), Temporal(channels, channels, 2)
        self.level2, self.level3 = Temporal(channels, channels, 4), Temporal(channels, channels, 8)
        self.fc = nn.Linear(channels, 1)

    def forward(self, series: Tensor) -> Tensor:
        x = series.T
        for level in (self.level0, self.level1, self.level2, self.level3):
            x = level(x)
        forecast: Tensor = self.fc(x.T)
        return forecast


class Attention(nn.Module):
    """Scaled dot-product attention of one sample, a head and a step at a time; weights named as torch's."""

    def __init__(self, width: int, heads: int, *, causal: bool = False) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (x @ self.in_proj_weight.T + self.in_proj_bias).chunk(3, 1)
        size = x.shape[1] // self.heads
        rows = []
        for t in range(len(x)):
            seen = t + 1 if self.causal else len(x)
            parts = []
            for at in range(0, x.shape[1], size):
                head = slice(at, at + size)
                fits = k[:seen, head] @ q[t, head] / math.sqrt(size)
                parts.append(fits.softmax(0) @ v[:seen, head])
            rows.append(torch.cat(parts))
        collected: Tensor = self.out_proj(torch.stack(rows))
        return collected


def sinusoidal(steps: int, width: int) -> Tensor:
    """Section 3.5 of Vaswani et al. 2017, entry by entry."""
    rows = [
        [(math.sin if i % 2 == 0 else math.cos)(t / 10000 ** (i // 2 * 2 / width)) for i in range(width)]
        for t in range(steps)
    ]
    return torch.tensor(rows)


class Positions(nn.Module):
    """Learned positions."""

    def __init__(self, positions: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(positions, width))


class GptLayer(nn.Module):
    """A layer of GPT-2: norms in front, GELU by the hyperbolic tangent."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = Attention(width, heads, causal=True)
        self.c_fc, self.c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        wide = self.c_fc(self.ln_2(x))
        bent = 0.5 * wide * (1 + torch.tanh(math.sqrt(2 / math.pi) * (wide + 0.044715 * wide**3)))
        total: Tensor = x + self.c_proj(bent)
        return total


class Gpt(nn.Module):
    """Radford et al., Language models are unsupervised multitask learners, 2019."""

    def __init__(self, vocabulary: int, positions: int, width: int, depth: int, heads: int) -> None:
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), Positions(positions, width)
        self.h = nn.Sequential(*(GptLayer(width, heads) for _ in range(depth)))
        self.ln_f = nn.LayerNorm(width)

    def forward(self, text: Tensor) -> Tensor:
        x = self.wte(text) + self.wpe.weight[: len(text)]
        scores: Tensor = self.wte.weight @ self.ln_f(self.h(x)).T
        return scores


class BertLayer(nn.Module):
    """A layer of BERT: norms behind each residual."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)
        self.intermediate, self.output = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(x + self.attention(x))
        wide = self.intermediate(x)
        bent = wide * (1 + torch.erf(wide / math.sqrt(2))) / 2
        total: Tensor = self.norm2(x + self.output(bent))
        return total


class Bert(nn.Module):
    """Devlin et al., BERT, NAACL 2019, for sentences of one segment."""

    def __init__(self, vocabulary: int, positions: int, width: int, depth: int, heads: int) -> None:
        super().__init__()
        self.word, self.segment = nn.Embedding(vocabulary, width), nn.Embedding(2, width)
        self.position, self.norm = Positions(positions, width), nn.LayerNorm(width, eps=1e-12)
        self.encoder = nn.Sequential(*(BertLayer(width, heads) for _ in range(depth)))
        self.pooler = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        x = self.word(tokens) + self.position.weight[: len(tokens)] + self.segment.weight[0]
        x = self.encoder(self.norm(x))
        return x, torch.tanh(self.pooler(x[0]))


class WideDeep(nn.Module):
    """Cheng et al., Wide & deep learning for recommender systems, DLRS 2016, for 30 columns in quarters."""

    def __init__(self, width: int, embedded: int, classes: int) -> None:
        super().__init__()
        self.wide, self.embed = nn.Embedding(120, classes), nn.Embedding(120, embedded)
        self.fc1 = nn.Linear(30 * embedded + 30, width)
        self.fc2, self.deep = nn.Linear(width, width // 2), nn.Linear(width // 2, classes)

    def forward(self, features: Tensor, codes: Tensor) -> Tensor:
        deep = torch.cat([one_hot_rows(self.embed.weight, codes).reshape(-1), features])
        wide = one_hot_rows(self.wide.weight, codes).sum(0)
        scores: Tensor = wide + self.deep(self.fc2(self.fc1(deep).relu()).relu())
        return scores
