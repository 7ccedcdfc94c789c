"""JSON Schema of the sheets in a design file: where the cards lie, and what lies beside them."""

from __future__ import annotations

from graph_ir.annotations import FARTHEST, LONGEST_TEXT, MOST_ENTRIES, MOST_POINTS
from graph_ir.kinds import Json
from graph_ir.spec import Category

Schema = dict[str, Json]


def layout_schema() -> Schema:
    """What a design says of the sheet of each network."""
    place: Schema = {"type": "number", "exclusiveMinimum": -FARTHEST, "exclusiveMaximum": FARTHEST}
    size = place | {"exclusiveMinimum": 0}
    text: Schema = {"type": "string", "maxLength": LONGEST_TEXT}
    rect: Schema = {
        "description": "left and upper edge, width and height",
        "type": "array",
        "prefixItems": [place, place, size, size],
        "minItems": 4,
        "maxItems": 4,
    }
    position = {"description": "x, y of the card's top left corner", **_pair({"type": "number"})}
    frame = {
        "type": "object",
        "required": ["rect"],
        "properties": {"title": text, "rect": rect, "colour": {"enum": [each.key for each in Category]}},
    }
    comment = {"type": "object", "required": ["text", "rect"], "properties": {"text": text, "rect": rect}}
    points = {"type": "array", "items": _pair(place), "minItems": 1, "maxItems": MOST_POINTS}
    bent = {
        "type": "object",
        "required": ["wire", "points"],
        "properties": {"wire": _pair({"type": "string", "pattern": "[.]"}), "points": points},
    }
    sheet = {
        "type": "object",
        "properties": {
            "layers": {"type": "object", "additionalProperties": position},
            "frames": _sheet_list("titled frames behind layers", frame),
            "comments": _sheet_list("free texts", comment),
            "wires": _sheet_list("the points through which wires run", bent),
            "notes": {
                "description": "what is noted about layers, by their ids",
                "type": "object",
                "maxProperties": MOST_ENTRIES,
                "additionalProperties": text,
            },
            "hidden": _sheet_list("the ids of layers that pictures leave out", {"type": "string"}),
        },
    }
    properties = {"network": sheet, "blocks": {"type": "object", "additionalProperties": sheet}}
    return {
        "description": "where the cards lie, and what lies beside them",
        "type": "object",
        "properties": properties,
    }


def _pair(entry: Schema) -> Schema:
    return {"type": "array", "items": entry, "minItems": 2, "maxItems": 2}


def _sheet_list(words: str, entry: Schema) -> Schema:
    return {"description": words, "type": "array", "maxItems": MOST_ENTRIES, "items": entry}
