"""Identifiers of our own for the things of a design: whatever an id says, a harmless name is printed.

An identifier is made of `a-z`, digits and `_`, starts with a letter, has at most 32 characters, is unique in its
`Names`, and is no keyword, builtin, attribute of `nn.Module` or name that the printed code imports.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

LONGEST = 32

# The public attributes of an `nn.Module` (torch 2.13); a test compares them with real torch.
_MODULE_ATTRIBUTES = """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule
    half ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters
    parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu zero_grad
"""
# Those that `torch.fx` adds, of whose modules torch.export and its exporter to ONNX are made.
_GRAPH_ATTRIBUTES = """
    add_submodule code delete_all_unused_submodules delete_submodule graph print_readable recompile
    to_folder
"""
# What generated files import, attributes of a tuple (a NamedTuple must not hide them), a lookalike of 1.
_OTHERS = "self torch nn F Tensor NamedTuple np os sys json math random count index l"
# Classes that stand beside the network's in a generated file.
_CLASSES = {"Tensor", "NamedTuple", "F", "Objective", "Path", "Batches", "Checkpoints", "Failure", "Run"}
_LANGUAGE = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
RESERVED = frozenset({*_MODULE_ATTRIBUTES.split(), *_GRAPH_ATTRIBUTES.split(), *_OTHERS.split(), *_LANGUAGE})


def cleaned(text: str, fallback: str) -> str:
    """`text` as words of `a-z` and digits joined by `_`; `fallback` (trusted) where nothing is left of it.

    >>> cleaned("Conv 1 (3x3)", "conv2d"), cleaned("7up", "relu"), cleaned("図", "relu")
    ('conv_1_3x3', 'relu_7up', 'relu')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", plain)
    name = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    if not name:
        return fallback
    if name[0].isdigit():
        name = f"{fallback}_{name}"
    return name[:LONGEST].rstrip("_")


def class_name(text: str, fallback: str = "Network") -> str:
    """`text` as a class name in CapWords.

    >>> class_name("Digits: small CNN"), class_name("3 layers"), class_name("")
    ('DigitsSmallCNN', 'Network3Layers', 'Network')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)
    capped = [word[0].upper() + word[1:] for word in words]
    while len(capped) > 1 and sum(map(len, capped)) > LONGEST:
        capped.pop()
    name = "".join(capped)[:LONGEST]
    if not name or name[0].isdigit():
        name = f"{fallback}{name}"[:LONGEST]
    return f"{name}Net" if name in _LANGUAGE or name in _CLASSES else name


class Names:
    """Hands out identifiers that differ from all it has handed out before, and from the reserved ones."""

    def __init__(self, taken: frozenset[str] | set[str] = frozenset()) -> None:
        self._taken: set[str] = set(RESERVED) | set(taken)

    def copy(self) -> Names:
        """Names that know the same identifiers and go their own way from here."""
        return Names(frozenset(self._taken))

    def allocate(self, text: str, fallback: str) -> str:
        """A new identifier that resembles `text`; the first that is free of `name`, `name_2`, `name_3` …

        A reserved word gets an underscore at its end: `class_`.
        """
        base = cleaned(text, fallback)
        name = f"{base}_" if base in RESERVED else base
        number = 2
        while name in self._taken:
            suffix = f"_{number}"
            name = base[: LONGEST - len(suffix)].rstrip("_") + suffix
            number += 1
        self._taken.add(name)
        return name
