"""The keys of commands: those of the table, and what a person has made of them; the same in all windows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence

from designer.actions import COMMANDS
from designer.services.settings import Settings

SETTING, MOST = "keys", 4
HELD = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
# What the canvas itself answers to, and Qt everywhere: no command can have it.
TAKEN: Mapping[str, str] = MappingProxyType(
    {
        "Space": "opens the list of layers",
        "W": "draws a wire from the selected layer",
        "Return": "edits the fields of a layer or ends a wire",
        "Enter": "edits the fields of a layer or ends a wire",
        "Home": "fits all",
        "+": "zooms in",
        "=": "zooms in",
        "-": "zooms out",
        "0": "goes back to 100 %",
        "Esc": "ends what is going on",
        "Tab": "goes to the next part of the window",
        "Shift+Tab": "goes to the part before",
    }
    | {
        f"{held}{arrow}": "goes from layer to layer or moves them"
        for held in ("", "Shift+", "Ctrl+", "Ctrl+Shift+")
        for arrow in ("Left", "Right", "Up", "Down")
    }
)
# What the canvas, the lists and the fields answer to by themselves; shown on the Keys page beside the commands.
CANVAS_KEYS: tuple[tuple[str, str], ...] = (
    ("Space, A with Shift, double click, right click", "add a layer behind the selected one"),
    ("Enter in that list · Ctrl+Enter · Shift+Enter", "add it wired · and go on with the next · add it bare"),
    ("Values behind a name in it: conv2d 64 k5 s2", "give its fields values at once"),
    ("W, then Enter on another layer", "draw a wire with the keyboard"),
    ("Drag from port to port", "draw a wire; on empty ground it offers what fits"),
    ("Arrows · Shift+arrows · Ctrl+arrows", "go to a layer · select more · move it"),
    ("Enter on a layer", "edit its fields"),
    ("Double click on a use of a block · Alt+Up", "enter the block · leave it"),
    ("Right click on a layer, wire, frame or comment", "what can be done with it"),
    ("Drag a loose layer onto a wire · Alt+drag a layer", "put it in · take it out of its wires, which join"),
    ("Double click on a wire, Ctrl+drag it", "bend it; on a bend: straighten it"),
    ("Drag a frame's title · with Ctrl", "move it with what is inside · alone"),
    (
        "Double click on a frame's title, on a comment",
        "write in it; Enter (Ctrl+Enter in a comment) ends, Esc drops",
    ),
    ("Ctrl+Shift+arrows", "draw the selected frame or comment larger or smaller"),
    ("Rest on a wire", "its axes, its memory and, after a run, one real sample"),
    ("Home · + · - · 0", "fit all · zoom · 100 %"),
    ("Middle button, Space and drag, two fingers", "move the sheet"),
    ("Wheel, pinch", "zoom"),
    ("Alt while dragging", "catch on nothing: off the grid, off the neighbours' lines"),
    ("Esc", "drop what the mouse is doing; else select nothing"),
    ("= in a field", "an expression over the network's parameters, as in =2*width"),
    ("Up · Down · with Shift, in a number", "count by one · by ten, and see at once what it would change"),
    ("Enter · Esc in a field", "keep what was typed · take it back"),
    ("Alt+Down in a number", "good values, and which keep the size"),
)
# Habits from elsewhere: what differs from the table.
PRESETS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Layerloom": {},
        "Blender": {
            "delete": ("X", "Delete"),
            "bypass": ("M",),
            "frame": ("Ctrl+J",),
            "dissolve": ("Ctrl+Alt+G",),
            "fit_selection": (".",),
            "commands": ("F3",),
        },
        "ComfyUI": {
            "bypass": ("Ctrl+B",),
            "frame": ("Ctrl+G",),
            "make_block": ("Ctrl+Alt+G",),
            "fit_selection": (".",),
        },
    }
)


class Keymap(QObject):
    """What is pressed for which command. Commands are named as in the table, keys as Qt writes them: `Ctrl+Shift+P`."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._own = _read(settings.text(SETTING))
        self._keys = _resolved(self._own)
        settings.changed.connect(self._stored)

    def keys(self, command: str) -> tuple[str, ...]:
        """The keys of a command, the one that is shown first."""
        return self._keys[command]

    def is_changed(self, command: str) -> bool:
        """Whether they are others than those of the table."""
        return self._keys[command] != _normal(COMMANDS[command].keys)

    @property
    def preset(self) -> str:
        """The habits that all keys together are; empty for somebody's own."""
        return next((name for name, own in PRESETS.items() if _resolved(own) == self._keys), "")

    def holder(self, command: str, key: str) -> str:
        """The other command that has this key; empty for none."""
        return next((name for name, keys in self._keys.items() if key in keys and name != command), "")

    def reason_against(self, command: str, key: str) -> str:
        """Why a command can't have a key, in a sentence; empty where it can."""
        if key in TAKEN:
            return f"{key} {TAKEN[key]} and stays with that."
        sequence = QKeySequence(key)
        if sequence.isEmpty():
            return "This key can't be told from others; press another one."
        combination = sequence[0]  # type: ignore[index]  # the stub knows no [0]
        letter = combination.key() < Qt.Key.Key_Escape and not combination.keyboardModifiers() & HELD
        if letter and COMMANDS[command].scope == "window":
            return f"{key} would be typed into fields; hold Ctrl or Alt with it, or take a function key."
        return ""

    def give(self, command: str, key: str) -> None:
        """Make this the key of a command; another that had it loses it."""
        self._store({**self._without(command, {key}), command: (key,)})

    def take_away(self, command: str) -> None:
        """Leave a command without a key."""
        self._store({**self._own, command: ()})

    def reset(self, command: str) -> None:
        """Give a command its keys from the table again; others that had got them lose them."""
        self._store(self._without(command, set(_normal(COMMANDS[command].keys))))

    def reset_all(self) -> None:
        """All keys as in the table."""
        self._store({})

    def use(self, preset: str) -> None:
        """Take on other habits."""
        self._store(dict(PRESETS[preset]))

    def _without(self, command: str, keys: set[str]) -> dict[str, tuple[str, ...]]:
        rest = {name: own for name, own in self._own.items() if name != command}
        return {name: tuple(key for key in own if key not in keys) for name, own in rest.items()}

    def _store(self, own: Mapping[str, Iterable[str]]) -> None:
        kept = {name: list(keys) for name, keys in own.items() if tuple(keys) != _normal(COMMANDS[name].keys)}
        self._settings.set_text(SETTING, json.dumps(kept))

    def _stored(self, name: str) -> None:
        if name != SETTING:
            return
        self._own = _read(self._settings.text(SETTING))
        self._keys = _resolved(self._own)
        self.changed.emit()


def _read(text: str) -> dict[str, tuple[str, ...]]:
    """What the settings hold; whatever is no key or no command is passed over."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    entries = found.items() if isinstance(found, dict) else ()
    return {
        name: _normal(key for key in keys[:MOST] if isinstance(key, str))
        for name, keys in entries
        if name in COMMANDS and isinstance(keys, list)
    }


def _normal(keys: Iterable[str]) -> tuple[str, ...]:
    """Keys as Qt writes them, without what it can't read."""
    portable = QKeySequence.SequenceFormat.PortableText
    read = [QKeySequence(key[:40]).toString(portable) for key in keys]
    return tuple(key for key in dict.fromkeys(read) if key)


def _resolved(own: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """The keys of every command: no key has two, and what a person chose goes before the table."""
    taken: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(COMMANDS, key=lambda name: name not in own):
        keys = own[name] if name in own else COMMANDS[name].keys
        found[name] = tuple(key for key in _normal(keys) if key not in taken)
        taken.update(found[name])
    return {name: found[name] for name in COMMANDS}
