"""Prints `data.py`: loads a data set, splits its scans once by seed, and goes through a split in batches.

Only what the design uses is printed. Names of the tensors are the module's own argument names.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping

from codegen.layout import literal, statement
from codegen.parts import FIRST_LINE
from codegen.training.settings import Settings
from codegen.training.sources import Source

_BATCHES = '''

class Batches:
    """Goes through a split in batches of at most `size`, shuffled if there is a seed.

    The batches are nearly alike in size, so that none is left with a single sample.
    """

    def __init__(self, split, size, device, seed=None):
        self.split, self.device = split, device
        order = torch.arange(len(next(iter(split.values()))))
        if seed is not None:
            generator = torch.Generator().manual_seed(seed)
            order = order[torch.randperm(len(order), generator=generator)]
        self.rows = order.tensor_split(math.ceil(len(order) / size))

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        for rows in self.rows:
            yield {key: part[rows].to(self.device) for key, part in self.split.items()}
'''

_PARTS = """
    order = torch.randperm(len({label}), generator=generator)
    first = round(shares[0] * len(order))
    second = first + round(shares[1] * len(order))
    parts = order[:first], order[first:second], order[second:]
"""

_STRINGS = '''

def compose(scans, digits, count, generator):
    """Returns `count` strings of these scans only: side by side, with random gaps."""
    width = 8 * MAX_DIGITS + MAX_GAP * (MAX_DIGITS + 1)
    image = torch.zeros(count, 1, 8, width)
    labels = torch.zeros(count, MAX_DIGITS, dtype=torch.int64)
    lengths = torch.randint(MIN_DIGITS, MAX_DIGITS + 1, (count,), generator=generator)
    for row, length in enumerate(lengths.tolist()):
        chosen = torch.randint(len(digits), (length,), generator=generator)
        gaps = torch.randint(MAX_GAP + 1, (length,), generator=generator)
        left = (gaps.cumsum(0) + 8 * torch.arange(length)).tolist()
        for start, scan in zip(left, scans[chosen], strict=True):
            image[row, :, :, start : start + 8] = scan
        labels[row, :length] = digits[chosen] + 1  # class 0 is the blank
'''


def print_data(settings: Settings, names: Mapping[str, str]) -> str:
    """`data.py` for these settings; `names` leads from an Input to the module's name for it."""
    keys = {field: names[id] for id, field in settings.inputs.items()}
    body = _WRITERS[settings.source.name](settings, keys)
    return "\n".join([*_head(settings.source), *body]) + "\n" + _BATCHES


def _head(source: Source) -> list[str]:
    origin = f"Source: {source.origin}. Licence: {source.licence}."
    return [
        FIRST_LINE,
        f'"""{source.summary}',
        "",
        *textwrap.wrap(origin, 88, break_on_hyphens=False),
        '"""',
        "",
        "import math",
        "",
        "import torch",
        "from sklearn.datasets import load_digits",
        "",
    ]


def _classes(settings: Settings, target: str) -> list[str]:
    fields = {field.name: field for field in settings.source.fields(settings.options)}
    return statement(f"CLASSES = {literal(fields[target].classes)}", 0)


def _defaults(settings: Settings) -> str:
    return f"shares={literal(settings.split)}, seed={settings.data_seed}"


def _digits(settings: Settings, keys: Mapping[str, str]) -> list[str]:
    tensors = {
        "image": ("image", "torch.tensor(scans.images, dtype=torch.float32).unsqueeze(1) / 16"),
        "rows": ("image_rows", "torch.tensor(scans.images, dtype=torch.float32) / 16"),
        "label": ("label", "torch.tensor(scans.target, dtype=torch.int64)"),
    }
    about = {
        "image": "(N, 1, 8, 8), grey values from 0 to 1",
        "rows": "(N, 8, 8), the rows of an image as time steps, from 0 to 1",
        "label": "(N,), the class",
    }
    entries = [f"{literal(key)}: {tensors[name][0]}[rows]" for name, key in keys.items()]
    first = tensors[next(iter(keys))][0]
    return [
        *_classes(settings, "label"),
        "",
        "",
        *statement(f"def load({_defaults(settings)}):", 0),
        '    """Returns the splits train, validation and test, each a dict of tensors.',
        "",
        *(f"    {key}: {about[name]}" for name, key in keys.items()),
        '    """',
        "    scans = load_digits()",
        *(f"    {tensors[name][0]} = {tensors[name][1]}" for name in keys),
        "    generator = torch.Generator().manual_seed(seed)",
        *_PARTS.format(label=first).strip("\n").splitlines(),
        '    names = "train", "validation", "test"',
        "    return {",
        "        name: {" + ", ".join(entries) + "}",
        "        for name, rows in zip(names, parts, strict=True)",
        "    }",
    ]


def _digit_strings(settings: Settings, keys: Mapping[str, str]) -> list[str]:
    o = settings.options
    about = {
        "image": "(N, 1, 8, width), grey values from 0 to 1",
        "labels": "(N, MAX_DIGITS), classes, padded with 0",
        "label_count": "(N,), how many of them count",
    }
    variables = {"image": "image", "labels": "labels", "label_count": "lengths"}
    entries = [f"{literal(key)}: {variables[name]}" for name, key in keys.items()]
    counts = ", ".join(f'"{part}": {o[f"{part}_strings"]}' for part in ("train", "validation", "test"))
    return [
        *_classes(settings, "labels"),
        f"MIN_DIGITS, MAX_DIGITS = {o['min_digits']}, {o['max_digits']}",
        f"MAX_GAP = {o['max_gap']}  # pixels",
        f"STRINGS = {{{counts}}}",
        "",
        "",
        *statement(f"def load({_defaults(settings)}):", 0),
        '    """Returns the splits train, validation and test, each a dict of tensors.',
        "",
        *(f"    {key}: {about[name]}" for name, key in keys.items()),
        "",
        "    No scan is in two splits: a string is made of scans of its own split.",
        '    """',
        "    scans = load_digits()",
        "    image = torch.tensor(scans.images, dtype=torch.float32).unsqueeze(1) / 16",
        "    label = torch.tensor(scans.target, dtype=torch.int64)",
        "    generator = torch.Generator().manual_seed(seed)",
        *_PARTS.format(label="label").strip("\n").splitlines(),
        "    return {",
        "        name: compose(image[rows], label[rows], count, generator)",
        "        for rows, (name, count) in zip(parts, STRINGS.items(), strict=True)",
        "    }",
        *_STRINGS.rstrip("\n").splitlines(),
        *statement(f"return {{{', '.join(entries)}}}", 4),
    ]


_WRITERS: Mapping[str, Callable[[Settings, Mapping[str, str]], list[str]]] = {
    "digits": _digits,
    "digit-strings": _digit_strings,
}
