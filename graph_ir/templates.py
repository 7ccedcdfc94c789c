"""The gallery: designs to start from, shipped as `assets/templates/*.loom.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from graph_ir.file import parse
from graph_ir.graph import Design
from graph_ir.kinds import Json

_SUFFIX = ".loom.json"
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LARGEST = 1 << 63
_LAST = 1000


class NoTemplate(KeyError):
    """There is no template of that name; `text` is a sentence that says which there are."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class BadParameter(ValueError):
    """A parameter that the network does not have, or a value of the wrong type; the text is a sentence."""


@dataclass(frozen=True)
class Template:
    """One entry of the gallery."""

    name: str
    title: str
    group: str
    summary: str
    parameters: Mapping[str, Json]
    data: str
    order: int
    """Its place in the gallery: what one should meet first comes first."""

    def as_json(self) -> dict[str, Any]:
        """The form promised by `layerloom templates --format json`."""
        return {
            "name": self.name,
            "title": self.title,
            "group": self.group,
            "summary": self.summary,
            "parameters": dict(self.parameters),
            "data": self.data,
        }


def names() -> list[str]:
    """The names of all templates, sorted."""
    return sorted(_texts())


def gallery() -> Iterator[Template]:
    """Every template, group by group, the ones to begin with first.

    Reads what the files say of themselves and checks nothing: a start page waits for it.
    """
    found = sorted(map(_read_about, names()), key=lambda one: (one.order, one.name))
    groups = list(dict.fromkeys(template.group for template in found))
    return iter(sorted(found, key=lambda template: groups.index(template.group)))


def describe(name: str, design: Design) -> Template:
    """What the gallery shows of a design."""
    return _template(name, design.about, design.top.parameters, design.training.get("data", {}))


def _read_about(name: str) -> Template:
    raw = json.loads(_texts()[name])
    training = raw.get("training", {})
    return _template(
        name, raw.get("about", {}), raw["network"].get("parameters", {}), training.get("data", {})
    )


def _template(
    name: str, about: Mapping[str, Json], parameters: Mapping[str, Json], data: Mapping[str, Json]
) -> Template:
    return Template(
        name=name,
        title=str(about.get("title", name)),
        group=str(about.get("group", "")),
        summary=str(about.get("summary", "")),
        parameters=dict(parameters),
        data=str(data.get("source", "")),
        order=int(about.get("order", _LAST)),
    )


def load(name: str) -> Design:
    """A design of one's own from the template `name`, in which `-` and `_` are the same. Raises NoTemplate."""
    known = {_spelling(known): known for known in names()}
    found = known.get(_spelling(name))
    if found is None:
        near = get_close_matches(_spelling(name[:40]), known, n=1)
        hint = f"did you mean {known[near[0]]!r}?" if near else f"there are {', '.join(names())}"
        raise NoTemplate(f"there is no template {name[:40]!r}; {hint}")
    return parse(_texts()[found], found + _SUFFIX)


def _spelling(name: str) -> str:
    """Nets keep the names they are published under: some have a hyphen, some an underscore."""
    return name.replace("-", "_")


def set_parameter(design: Design, name: str, text: str) -> None:
    """Gives a parameter of the top network the value written as `text`, which must have the type of its default.

    Raises BadParameter.
    """
    known = design.top.parameters
    if name not in known:
        listed = ", ".join(f"{key} ({value})" for key, value in known.items()) or "none"
        raise BadParameter(f"the network has no parameter {name[:40]!r}; it has {listed}")
    default = known[name]
    value = _read(text, default)
    if value is None:
        raise BadParameter(f"{name} is {text[:40]!r}, but must be {_wanted(default)} such as {default}")
    known[name] = value


def _read(text: str, default: Json) -> Json:
    """The value of the default's type, or None."""
    if isinstance(default, str):
        return text
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(text.lower())
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    if isinstance(default, float):
        return number if abs(number) < float("inf") else None
    whole = int(text) if text.lstrip("+-").isdigit() else None
    return whole if whole is not None and -_LARGEST <= whole < _LARGEST else None


def _wanted(default: Json) -> str:
    if isinstance(default, bool):
        return "true or false,"
    return "a number," if isinstance(default, float) else "an integer,"


@cache
def _texts() -> dict[str, bytes]:
    folder = files("assets") / "templates"
    return {
        entry.name.removesuffix(_SUFFIX): entry.read_bytes()
        for entry in folder.iterdir()
        if entry.name.endswith(_SUFFIX)
    }
