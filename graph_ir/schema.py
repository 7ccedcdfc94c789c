"""JSON Schema (draft 2020-12) of the design file, made from the layer declarations.

It is for editors and for other people's scripts, so it is strict: layer types and fields that do not exist are
errors here, though a design that has them still opens and is told what is wrong. What needs the graph (ports that
exist, shapes, the values of expressions) is left to `layerloom check`.
"""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.block_graphs import WEIGHTS
from graph_ir.blocks import Block
from graph_ir.canonical import FORMAT, VERSION
from graph_ir.file import LONGEST_ID, MOST_LAYERS, MOST_WIRES
from graph_ir.graph import BLOCK
from graph_ir.kinds import Json
from graph_ir.layers import catalogue
from graph_ir.sheet_schema import layout_schema
from graph_ir.spec import FieldSpec, Spec

Schema = dict[str, Json]

_EXPRESSION = {"$ref": "#/$defs/expression"}
_TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_POSITIVE: Schema = {"type": "integer", "minimum": 1}


def schema(sections: Mapping[str, Schema] | None = None) -> Schema:
    """The schema of a whole file.

    `sections` replaces what is said of a section that others declare: {"diagram": …}.
    """
    specs = [cls.spec for cls in catalogue().values()]
    properties: dict[str, Schema] = {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "about": _about(),
        "network": {"$ref": "#/$defs/network"},
        "blocks": _blocks(),
        "training": _training(),
        "layout": layout_schema(),
        "diagram": {"description": "what pictures show", "type": "object"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Layerloom design",
        "description": "A neural network, with its settings for training, its layout and its pictures (*.loom.json).",
        "type": "object",
        "required": ["format", "version"],
        "properties": properties | dict(sections or {}),
        "$defs": {
            "expression": {
                "description": "an expression over parameters and the sizes of Inputs, such as =width*2",
                "type": "string",
                "pattern": "^=",
                "maxLength": 1000,
            },
            "network": _network(),
            "layers": _layers(specs),
            "wires": _wires(),
            "parameters": _parameters(),
            BLOCK: _layer(Block.spec),
            **{spec.type: _layer(spec) for spec in specs},
        },
    }


def _network() -> Schema:
    parts = {name: {"$ref": f"#/$defs/{name}"} for name in ("parameters", "layers", "wires")}
    return {"type": "object", "additionalProperties": False, "properties": parts}


def _blocks() -> Schema:
    inner = {name: {"$ref": f"#/$defs/{name}"} for name in ("layers", "wires")}
    block = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "parameters": {"$ref": "#/$defs/parameters"},
            "network": {"type": "object", "additionalProperties": False, "properties": inner},
        },
    }
    return {
        "description": "sub-networks that are drawn once and used many times, by name",
        "type": "object",
        "propertyNames": {"minLength": 1, "maxLength": LONGEST_ID},
        "additionalProperties": block,
    }


def _parameters() -> Schema:
    return {
        "description": "named values that expressions use; null: it must be given",
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "additionalProperties": {"type": ["number", "string", "boolean", "null"]},
    }


def _wires() -> Schema:
    end = {"description": "a layer's id, a dot, and its port", "type": "string", "minLength": 1}
    return {
        "description": "pairs of ends: from an output to an input",
        "type": "array",
        "maxItems": MOST_WIRES,
        "uniqueItems": True,
        "items": {"type": "array", "prefixItems": [end, end], "items": False, "minItems": 2},
    }


def _layers(specs: list[Spec]) -> Schema:
    types = [*(spec.type for spec in specs), BLOCK]
    return {
        "description": "the layers by id; their order is part of the design",
        "type": "object",
        "maxProperties": MOST_LAYERS,
        "propertyNames": {"minLength": 1, "maxLength": LONGEST_ID},
        "additionalProperties": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"enum": types}},
            "oneOf": [{"$ref": f"#/$defs/{type}"} for type in types],
        },
    }


def _layer(spec: Spec) -> Schema:
    fields = {field.name: _field(field) for field in spec.fields.values()}
    label: Schema = {"description": "shown instead of the id on cards and in pictures", "type": "string"}
    bypass: Schema = {"description": "the layer is left out: what comes in goes through", "type": "boolean"}
    shared: Schema = {"description": "layers of one name share one set of weights", "type": "string"}
    return {
        "title": spec.type,
        "description": spec.summary,
        "type": "object",
        "required": ["type", *(field.name for field in spec.fields.values() if field.required)],
        "additionalProperties": False,
        "properties": {
            "type": {"const": spec.type},
            "label": label,
            "bypass": bypass,
            WEIGHTS: shared,
            **fields,
        },
    }


def _field(field: FieldSpec) -> Schema:
    default = {} if field.required else {"default": field.kind.dump(field.default)}
    return {"description": field.help, **default, "anyOf": [*_choices(field.kind.schema()), _EXPRESSION]}


def _choices(kind: Schema) -> list[Schema]:
    """A kind's schema as alternatives, with expressions allowed for the entries of lists too."""
    if "anyOf" in kind:
        return [choice for inner in kind["anyOf"] for choice in _choices(inner)]
    if kind.get("type") == "array":
        return [kind | {"items": {"anyOf": [*_choices(kind["items"]), _EXPRESSION]}}]
    return [kind]


def _about() -> Schema:
    words = ("title", "summary", "source", "licence", "group", "teaches")
    names = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    renamed: Schema = {
        "description": "how keys of the exported state_dict begin, and under which names the weights were published",
        "type": "array",
        "items": names,
    }
    return {
        "description": "what the design is and where it comes from",
        "type": "object",
        "properties": {**{word: {"type": "string"} for word in words}, "state_dict": renamed},
    }


def _training() -> Schema:
    share = {"type": "number", "minimum": 0, "maximum": 1}
    data = {
        "description": "which data set, and which of its arrays feeds which Input",
        "type": "object",
        "properties": {
            "source": {"type": "string"},
            "inputs": _TEXTS,
            "carry": {
                **_TEXTS,
                "description": "Inputs that are fed with an Output of the step before: data in order, no gradient",
            },
            "options": {"type": "object"},
            "split": {
                "description": "shares for training, validation and test",
                "type": "array",
                "items": share,
                "minItems": 3,
                "maxItems": 3,
            },
            "seed": {"type": "integer", "minimum": 0},
        },
    }
    optimizer = {
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {"description": "torch.optim's name", "type": "string"},
            "lr": {"type": "number", "exclusiveMinimum": 0},
        },
    }
    return {
        "description": "data, length and method of the training; other keys are kept",
        "type": "object",
        "properties": {
            "data": data,
            "epochs": _POSITIVE,
            "batch_size": _POSITIVE,
            "optimizer": optimizer,
            "losses": {
                "description": "the weight of each loss layer in the sum",
                "type": "object",
                "additionalProperties": {"type": "number"},
            },
            "metrics": {"type": "array", "items": {"type": "string"}},
        },
    }
