"""What nets for sequences, texts, signals and tables give is what their papers say, written once more in torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from codegen.module import print_module
from graph_ir.check import check
from tests.graph_ir import recurrent_references as recurrent
from tests.graph_ir import stacked_references as stacked
from tests.graph_ir.test_gallery_sequences import made

GARBAGE = 37
"""What stands behind a sample's length: a result that saw it would be far off."""


def printed(name: str, **parameters: object) -> nn.Module:
    """The module that is printed for a template, with random weights that are the same at every call."""
    design = made(name, **parameters)
    report = check(design)
    assert report.ok, report.problems
    code = print_module(design, report)
    names: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}
    exec(compile(code.source, "model.py", "exec"), names)
    torch.manual_seed(0)
    module: nn.Module = names[code.class_name]()
    return module.eval()


def told(reference: nn.Module, module: nn.Module, *renamed: tuple[str, str]) -> nn.Module:
    """The reference with the weights of the printed module: all of them, and no others."""
    constants = {name for name, _ in module.named_buffers()}
    state = {key: value for key, value in module.state_dict().items() if key not in constants}
    for ours, theirs in renamed:
        state = {key.replace(ours, theirs): value for key, value in state.items()}
    reference.load_state_dict(state)
    return reference.eval()


def assert_same(ours: Tensor, theirs: Tensor) -> None:
    """The same numbers but for the order of sums."""
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def padded(samples: list[Tensor], garbage: float = GARBAGE) -> tuple[Tensor, Tensor]:
    """A batch of samples of different lengths (T, …) with garbage behind them, and their lengths."""
    batch = nn.utils.rnn.pad_sequence(samples, batch_first=True, padding_value=garbage)
    return batch, torch.tensor([len(sample) for sample in samples])


def words(*lengths: int, most: int = 40) -> list[Tensor]:
    """Sequences of random numbers of words."""
    rng = torch.Generator().manual_seed(1)
    return [torch.randint(0, most, (length,), generator=rng) for length in lengths]


def numbers(*shape: int) -> Tensor:
    """Random numbers that are the same at every call."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(2))


def test_a_hierarchical_attention_network_reads_documents_as_the_paper_does() -> None:
    small = {"vocabulary": 40, "embedding_dim": 6, "hidden_size": 5, "dense_size": 8, "attention_size": 7}
    ours = printed("hierarchical-attention", **small, num_classes=3)
    theirs = told(recurrent.Hierarchical(40, 6, 5, 8, 7, 3), ours)
    documents = [words(4, 7, 1), words(2), words(3, 0, 5, 6)]  # the last one has an empty sentence
    lengths = torch.zeros(3, 4, dtype=torch.long)
    batch = torch.full((3, 4, 7), GARBAGE)
    for document, counts, rows in zip(documents, lengths, batch, strict=True):
        counts[: len(document)] = torch.tensor([len(sentence) for sentence in document])
        for row, sentence in zip(rows, document, strict=False):
            row[: len(sentence)] = sentence
    found = ours(batch, torch.tensor([3, 1, 4]), lengths)
    assert_same(found, torch.stack([theirs(document) for document in documents]))


@pytest.mark.parametrize(
    ("name", "parameters", "reference"),
    [
        (
            "text-cnn",
            {"vocabulary": 40, "embedding_dim": 6, "filters": 5},
            lambda: stacked.TextCNN(40, 6, 5, 2),
        ),
        (
            "bilstm-tagger",
            {"vocabulary": 40, "embedding_dim": 6, "hidden_size": 5},
            lambda: recurrent.Tagger(40, 6, 5, 7),
        ),
    ],
)
def test_a_sentence_is_read_as_if_it_were_alone(
    name: str, parameters: dict[str, object], reference: Callable[[], nn.Module]
) -> None:
    ours = printed(name, **parameters)
    theirs = told(reference(), ours)
    sentences = words(9, 1, 4)
    batch, lengths = padded(sentences)
    for found, sentence in zip(ours(batch, lengths), sentences, strict=True):
        wanted = theirs(sentence)
        assert_same(found if wanted.ndim == 1 else found[:, : len(sentence)], wanted)


def test_a_translator_looks_at_what_it_read() -> None:
    ours = printed("seq2seq-attention", embedding_dim=6, hidden_size=5, attention_size=4)
    theirs = told(recurrent.Translator(13, 6, 5, 4), ours)
    sources, targets = words(6, 2, 4, most=13), words(3, 5, 1, most=13)
    (read, read_lengths), (written, lengths) = padded(sources, 9), padded(targets, 9)
    found = ours(read, read_lengths, written, lengths)
    for scores, source, target in zip(found, sources, targets, strict=True):
        assert_same(scores[:, : len(target)], theirs(source, target))


def test_speech_is_heard_as_if_it_were_alone() -> None:
    ours = printed("speech-ctc", width=3, hidden_size=5)
    theirs = told(recurrent.Speech(40, 3, 5, 11), ours)
    samples = [numbers(length, 40) for length in (31, 12, 20)]
    for log_probs, sample in zip(ours(*padded(samples)), samples, strict=True):
        wanted = theirs(sample)
        assert_same(log_probs[: len(wanted)], wanted)


def test_a_record_of_a_heart_is_read_as_if_it_were_alone() -> None:
    ours = printed("ecg", width=4, hidden_size=5)
    theirs = told(recurrent.Heart(4, 5), ours)
    samples = [numbers(length, 1) for length in (700, 333, 520)]
    batch, lengths = padded(samples)
    found = ours(batch.transpose(1, 2), lengths)
    assert_same(found, torch.stack([theirs(sample.T) for sample in samples]))


def test_wavenet_is_that_of_the_paper_and_never_sees_the_future() -> None:
    ours = printed("wavenet", channels=4, skip_channels=6, stacks=2)
    theirs = told(stacked.WaveNet(39, 4, 6, 2), ours)
    text = torch.stack(words(40, 40, most=39))
    assert_same(ours(text), torch.stack([theirs(one) for one in text]))
    changed = text.clone()
    changed[:, 25:] = 0
    assert torch.equal(ours(changed)[:, :, :25], ours(text)[:, :, :25])


def test_a_temporal_convolutional_network_has_a_shortcut_only_where_channels_change() -> None:
    ours = printed("tcn", channels=5)
    theirs = told(stacked.TCN(5), ours)
    series = numbers(2, 50, 1)
    assert_same(ours(series), torch.stack([theirs(one) for one in series]))


def test_a_drawn_encoder_layer_is_that_of_torch() -> None:
    ours = printed("transformer-classifier", width=8, feedforward=12, heads=2, vocabulary=40)
    layer = nn.TransformerEncoderLayer(8, 2, 12, 0.1, batch_first=True)
    theirs = nn.ModuleDict(
        {
            "embed": nn.Embedding(40, 8),
            "layers": nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).layers,
            "fc": nn.Linear(8, 2),
        }
    )
    told(theirs, ours, ("attention.", "self_attn."), ("wide.", "linear1."), ("narrow.", "linear2."))
    sentences = words(7, 2, 5)
    for found, sentence in zip(ours(*padded(sentences)), sentences, strict=True):
        x = theirs["embed"](sentence)[None] + stacked.sinusoidal(len(sentence), 8)
        for one in theirs["layers"]:  # type: ignore[attr-defined]  # a ModuleList can be walked through
            x = one(x)
        assert_same(found, theirs["fc"](x[0].mean(0)))


def test_the_drawing_of_gpt2_is_that_of_the_paper() -> None:
    ours = printed("gpt2", width=8, depth=3, heads=2, positions=12, vocabulary=40)
    theirs = told(stacked.Gpt(40, 12, 8, 3, 2), ours)
    text = torch.stack(words(12, 12))
    assert_same(ours(text), torch.stack([theirs(one) for one in text]))


def test_the_drawing_of_bert_is_that_of_the_paper() -> None:
    ours = printed("bert-base", width=8, depth=3, heads=2, positions=12, vocabulary=40)
    theirs = told(stacked.Bert(40, 12, 8, 3, 2), ours)
    sentences = words(9, 3, 12)
    sequence, pooled, *_ = ours(*padded(sentences))
    for rows, vector, sentence in zip(sequence, pooled, sentences, strict=True):
        wanted = theirs(sentence)
        assert_same(rows[: len(sentence)], wanted[0])
        assert_same(vector, wanted[1])


def test_an_encoder_and_decoder_are_those_of_torch() -> None:
    ours = printed("transformer", width=8, feedforward=12, heads=2, scale=3.0)
    encoder = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True)
    decoder = nn.TransformerDecoderLayer(8, 2, 12, batch_first=True)
    whole = nn.Transformer(
        8,
        2,
        batch_first=True,
        custom_encoder=nn.TransformerEncoder(encoder, 2, enable_nested_tensor=False),
        custom_decoder=nn.TransformerDecoder(decoder, 2),
    )
    theirs = nn.ModuleDict({"words": nn.Embedding(13, 8), "whole": whole})
    state = {
        key.replace("encoder.", "whole.encoder.layers.")
        .replace("decoder.", "whole.decoder.layers.")
        .replace(".layer.", "."): value
        for key, value in ours.state_dict().items()
    }
    theirs.load_state_dict(state)
    theirs.eval()
    sources, targets = words(6, 2, 4, most=13), words(3, 5, 1, most=13)
    found = ours(*padded(sources, 9), *padded(targets, 9))
    for scores, source, target in zip(found, sources, targets, strict=True):
        read, written = (
            theirs["words"](one)[None] * 3.0 + stacked.sinusoidal(len(one), 8) for one in (source, target)
        )
        later = torch.ones(len(target), len(target), dtype=torch.bool).triu(1)
        decoded = whole(read, written, tgt_mask=later)[0]
        assert_same(scores[:, : len(target)], (decoded @ theirs["words"].weight.T).T)


def test_a_wide_part_is_a_linear_model_over_codes() -> None:
    ours = printed("wide-and-deep", width=8)
    theirs = told(stacked.WideDeep(8, 4, 2), ours)
    features, codes = numbers(3, 30), torch.stack(words(30, 30, 30, most=120))
    wanted = [theirs(one, code) for one, code in zip(features, codes, strict=True)]
    assert_same(ours(features, codes), torch.stack(wanted))


def test_a_picture_for_each_step_shares_its_weights() -> None:
    ours = printed("time-distributed", hidden_size=8)
    state = ours.state_dict()
    pictures = {key.removeprefix("pictures."): value for key, value in state.items() if "pictures." in key}
    first, second = numbers(2, 3, 1, 8, 8)
    one = nn.ModuleDict(
        {
            "conv1": nn.Conv2d(1, 32, 3, padding=1),
            "conv2": nn.Conv2d(32, 64, 3, padding=1),
            "fc": nn.Linear(1024, 8),
        }
    )
    one.load_state_dict(pictures)
    lstm = nn.LSTM(8, 8)
    lstm.load_state_dict({key.removeprefix("lstm."): value for key, value in state.items() if "lstm." in key})
    vectors = []
    for picture in (first, second):
        x = nn.functional.max_pool2d(one["conv1"](picture).relu(), 2)
        vectors.append(one["fc"](one["conv2"](x).relu().flatten(1)))
    last = lstm(torch.stack(vectors))[0][-1]
    wanted = last @ state["fc.weight"].T + state["fc.bias"]
    assert_same(ours(first, second), wanted[:, 0])
