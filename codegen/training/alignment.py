"""Prints what decides, before training, whether every target can be aligned with the steps that the network gives.

A sequence of labels without positions (CTC) needs a step for each label and one more between equal neighbours:
`steps >= labels + repeats`. The steps are the network's own symbolic size, read off the data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from codegen.layout import literal, statement
from codegen.lengths import rewritten
from codegen.module import Printed
from codegen.parts import symbol_sources
from codegen.place import size_text
from codegen.spelled import SizeOutOfReach
from codegen.training.answers import Answer
from graph_ir.report import Report
from graph_ir.signature import Length

FUNCTION = '''\
def short_of_steps(labels, lengths, steps):
    """Returns how many label sequences need more steps than there are."""
    count = torch.arange(labels.shape[1])
    repeats = (labels[:, 1:] == labels[:, :-1]) & (count[1:] < lengths[:, None])
    return int((lengths + repeats.sum(1) > steps).sum())


'''.splitlines()


def print_alignment(report: Report, printed: Printed, answer: Answer, inputs: Collection[str]) -> list[str]:
    """The lines of `main`, behind the loading of `splits`; none where no alignment is sought.

    `inputs` are the Inputs that the data feeds.
    """
    steps = _steps(report, printed, answer, inputs)
    if answer.scores != "sequence" or answer.target is None or steps is None:
        return []
    labels = f"split[{literal(printed.attributes[answer.target])}]"
    counted = answer.lengths.get("target")
    lengths = f"split[{literal(printed.attributes[counted])}]" if counted else ""
    lengths = lengths or f"torch.full((len({labels}),), {labels}.shape[1])"
    return [
        "    for name, split in splits.items():",
        *statement(f"short = short_of_steps({labels}, {lengths}, {steps})", 8),
        "        if short:",
        '            print(f"{short} {name} targets need more steps than there are", flush=True)',
    ]


def _steps(report: Report, printed: Printed, answer: Answer, inputs: Collection[str]) -> str | None:
    """The steps of every sample as source, read off `split`; None where the data does not say."""
    given = report.layers[answer.loss].inputs.get("input")
    if given is None or len(given.shape) < 2:
        return None
    length = given.length(1)
    if length is not None:
        return length_text(length, printed.attributes, "split")
    shapes = {
        f"split[{literal(printed.attributes[id])}]": report.layers[id].outputs["y"].shape for id in inputs
    }
    try:
        return size_text(given.shape[1], symbol_sources(shapes))
    except SizeOutOfReach:
        return None


def length_text(length: Length, attributes: Mapping[str, str], tensors: str) -> str:
    """What has become of the lengths that an Input brings, as source; `tensors` maps Inputs to theirs."""
    text = f"{tensors}[{literal(attributes[length.of])}]"
    for rewrite in length.rewrites:
        text = rewritten(text, rewrite)
    return text
