"""Prints `evaluate`: the metrics of a split, by what the first loss compares (`Layer.scores`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codegen.layout import literal, statement
from codegen.module import Printed
from codegen.support import VALID
from codegen.training.alignment import length_text
from codegen.training.answers import Answer
from codegen.training.settings import Settings

_MOST_CONFUSED = 100
"""Classes up to which a table says who is taken for whom."""
_F1 = 'metrics["f1"] = float((2 * right / both)[both > 0].mean())'


@dataclass(frozen=True)
class _Measure:
    """Lines before the batches, for each batch, behind them; a docstring; what is returned besides the metrics."""

    start: list[str]
    each: list[str]
    end: list[str]
    details: str = "{}"
    helper: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Read:
    """What is measured, as source: what the first loss reads, its target, their lengths by port, and a mask of what
    counts ("": all does), which broadcasts against the target.
    """

    answer: Answer
    value: str
    target: str
    lengths: Mapping[str, str]
    mask: str

    def counted(self, text: str) -> str:
        """The entries of `text` that count."""
        return f"torch.masked_select({text}, {self.mask})" if self.mask else text


def _mask(answer: Answer, printed: Printed, target: str) -> str:
    if answer.steps is None:
        return ""
    axis, rank = answer.steps.axis, answer.steps.rank
    lengths = length_text(answer.steps.length, printed.attributes, "batch")
    index = [":", *["None"] * (axis - 1), ":", *["None"] * (rank - 1 - axis)]
    suffix = f"[{', '.join(index)}]" if "None" in index else ""
    return f"{VALID}({lengths}, {target}.shape[{axis}]){suffix}"


def print_evaluation(
    settings: Settings,
    answer: Answer,
    printed: Printed,
    first: str,
    call: str,
    value: str,
    loss: str = "objective",
    carried: str = "",
) -> list[str]:
    """The lines of `evaluate` and of what it calls.

    `first` is a tensor of the batch, `call` the model's call, `value` what the first loss reads of it; `loss` gives the
    sum of the losses, `carried` what the next batch begins with ("": every batch begins anew).
    """
    target = f"batch[{literal(printed.attributes[answer.target])}]" if answer.target else ""
    lengths = {port: f"batch[{literal(printed.attributes[id])}]" for port, id in answer.lengths.items()}
    if answer.said and "input" not in lengths:
        lengths["input"] = length_text(answer.said, printed.attributes, "batch")
    wanted = tuple(name for name in settings.metrics if name != "perplexity")
    measure = _Measure([], [], [])
    if wanted:
        read = _Read(answer, value, target, lengths, _mask(answer, printed, target))
        measure = _WRITERS[answer.scores](wanted, read)
    perplexity = (
        ['metrics["perplexity"] = math.exp(min(metrics["loss"], 700))']
        if "perplexity" in settings.metrics
        else []
    )
    rows = [*measure.helper, "def evaluate(model, batches):"]
    rows += ['    """Returns the metrics over these batches, and details of the answers."""']
    rows += ["    model.eval()", "    total = count = 0"]
    rows += [f"    {line}" for line in measure.start]
    rows += ["    states = {}"] if carried else []
    rows += ["    with torch.inference_mode():", "        for batch in batches:"]
    rows += ["            batch |= states"] if carried else []
    rows += statement(f"outputs = {call}", 12)
    rows += statement(f"states = {carried}", 12) if carried else []
    rows += [f"            total += {loss}(outputs, batch).item() * len({first})"]
    rows += [f"            count += len({first})"]
    rows += [
        row for line in measure.each for row in statement(line.strip(), 12 + len(line) - len(line.lstrip()))
    ]
    rows += ['    metrics = {"loss": total / count}']
    rows += [row for line in [*perplexity, *measure.end] for row in statement(line, 4)]
    return [*rows, f"    return metrics, {measure.details}"]


def _classes(wanted: tuple[str, ...], read: _Read) -> _Measure:
    k = read.answer.classes or 0
    true = f"{read.target}.argmax(1)" if read.answer.shares else read.target
    pairs, mask = f"{true} * {k} + {read.value}.argmax(1)", read.mask
    if read.answer.ignored is not None:
        counts = f"{true} != {read.answer.ignored}"
        mask = f"({counts}) & {mask}" if mask else counts
    if k > _MOST_CONFUSED:
        return _many_classes(wanted, k, true, read.value, mask)
    if mask:
        pairs = f"torch.masked_select({pairs}, {mask})"
    end = ["right = confusion.diag()"]
    if "accuracy" in wanted:
        end.append('metrics["accuracy"] = float(right.sum() / confusion.sum())')
    if "f1" in wanted:
        end.append("both = confusion.sum(0) + confusion.sum(1)")
        end.append(_F1)
    return _Measure(
        start=[f"confusion = torch.zeros({k}, {k}, dtype=torch.int64)  # true, answered"],
        each=[
            f"pairs = {pairs}",
            f"counts = torch.bincount(pairs.flatten().cpu(), minlength={k * k})",
            f"confusion += counts.view({k}, {k})",
        ],
        end=end,
        details='{"confusion": confusion.tolist(), "classes": data.CLASSES}',
    )


def _many_classes(wanted: tuple[str, ...], k: int, true: str, value: str, mask: str) -> _Measure:
    """Without a table of who is taken for whom, which would be larger than the network."""
    ends = {
        "accuracy": 'metrics["accuracy"] = float(2 * right.sum() / both.sum())',
        "f1": _F1,
    }
    counted = "torch.masked_select({}, {})" if mask else "{}.flatten()"
    best = counted.format(f"{value}.argmax(1)", mask)
    return _Measure(
        start=[
            f"right = torch.zeros({k}, dtype=torch.int64)  # of each class",
            f"both = torch.zeros({k}, dtype=torch.int64)  # true, and answered",
        ],
        each=[
            f"wanted = {counted.format(true, mask)}.cpu()",
            f"best = {best}.cpu()",
            f"right += torch.bincount(wanted[wanted == best], minlength={k})",
            f"both += torch.bincount(torch.cat((wanted, best)), minlength={k})",
        ],
        end=[ends[name] for name in wanted if name in ends],
    )


def _labels(wanted: tuple[str, ...], read: _Read) -> _Measure:
    lines = {
        "accuracy": 'metrics["accuracy"] = (hits + correct_no) / entries',
        "f1": 'metrics["f1"] = 2 * hits / max(1, said + true)',
        "iou": 'metrics["iou"] = hits / max(1, said + true - hits)',
    }
    ranked, value = "auroc" in wanted, read.counted(read.value)
    true = read.counted(f"{read.target} > 0.5")
    yes_or_no = [f"yes, wanted = {value} > {read.answer.yes_above:g}, {true}"]
    if read.mask:
        yes_or_no = [f"wanted = {true}", f"chances = {value}", f"yes = chances > {read.answer.yes_above:g}"]
        value = "chances"
    return _Measure(
        start=["hits = said = true = entries = correct_no = 0", *(["scores, truths = [], []"] * ranked)],
        each=[
            *yes_or_no,
            "hits += int((yes & wanted).sum())",
            "said += int(yes.sum())",
            "true += int(wanted.sum())",
            "correct_no += int((~yes & ~wanted).sum())",
            "entries += wanted.numel()",
            *([f"scores.append({value}.flatten().cpu())", "truths.append(wanted.flatten().cpu())"] * ranked),
        ],
        end=[
            *(lines[name] for name in wanted if name in lines),
            *(['metrics["auroc"] = auroc(torch.cat(scores), torch.cat(truths))'] * ranked),
        ],
        helper=tuple(_AUROC.splitlines()) if ranked else (),
    )


_AUROC = '''\
def auroc(scores, truth):
    """Returns how often a true entry scores above a false one; ties count half."""
    _, place, counts = scores.unique(return_inverse=True, return_counts=True)
    ranks = (counts.cumsum(0) - (counts - 1) / 2)[place]
    true, false = int(truth.sum()), int((~truth).sum())
    above = float(ranks[truth].sum()) - true * (true + 1) / 2
    return above / max(1, true * false)


'''


def _values(wanted: tuple[str, ...], read: _Read) -> _Measure:
    return _Measure(
        start=["error, entries = 0.0, 0"],
        each=[
            f"differences = {read.counted(f'({read.value} - {read.target}).abs()')}",
            "error += float(differences.sum())",
            "entries += differences.numel()",
        ],
        end=['metrics["mae"] = error / entries'],
    )


_DISTANCE = '''\
def edit_distance(a, b):
    """Returns how many labels to insert, delete or replace to make `b` of `a`."""
    row = list(range(len(b) + 1))
    for i, label in enumerate(a, 1):
        last, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (label != other)))
    return row[-1]


'''


def _sequence(wanted: tuple[str, ...], read: _Read) -> _Measure:
    answer, value, target, lengths = read.answer, read.value, read.target, read.lengths
    cut_steps = "[: valid[i]]" if "input" in lengths else ""
    cut_labels = f"[: {lengths['target']}[i]]" if "target" in lengths else ""
    return _Measure(
        start=["errors = labels = 0"],
        each=[
            f"best = {value}.argmax(2).cpu()",
            *([f"valid = {lengths['input']}"] if "input" in lengths else []),
            f"for i, wanted in enumerate({target}):",
            f"    true = wanted{cut_labels}.tolist()",
            f"    steps = best[i]{cut_steps}.unique_consecutive().tolist()",
            f"    read = [label for label in steps if label != {answer.blank}]",
            "    errors += edit_distance(read, true)",
            "    labels += len(true)",
        ],
        end=['metrics["label_error_rate"] = errors / max(1, labels)'],
        details='{"example": {"true": true, "read": read}, "classes": data.CLASSES}',
        helper=tuple(_DISTANCE.splitlines()),
    )


_WRITERS: dict[str, Callable[[tuple[str, ...], _Read], _Measure]] = {
    "classes": _classes,
    "labels": _labels,
    "values": _values,
    "sequence": _sequence,
}
