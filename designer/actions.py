"""Every command of the window in one table: menus, buttons, the command search and the Keys page are made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QObject, Qt, SignalInstance
from PySide6.QtGui import QAction, QKeySequence

from designer.panels.widgets import plain_tip
from designer.theme import Theme, icon


@dataclass(frozen=True)
class Command:
    """One command: its name in the code, its words, keys, icon and whether it is a switch.

    The keys of one with the scope `canvas` count only while the canvas has the focus: they are plain letters.
    """

    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    switch: bool = False
    scope: Literal["window", "canvas"] = "window"


LINE = Command("", "")
MENUS: Mapping[str, tuple[Command, ...]] = {
    "&File": (
        Command("new", "&New design", ("Ctrl+N",), "file-plus"),
        Command("new_window", "New &window", ("Ctrl+Alt+N",)),
        Command("open", "&Open…", ("Ctrl+O",), "folder-open"),
        LINE,
        Command("save", "&Save", ("Ctrl+S",), "save"),
        Command("save_as", "Save &as…", ("Ctrl+Shift+S",)),
        Command("save_copy", "Save a &copy…"),
        Command("reveal", "Re&veal in its folder"),
        LINE,
        Command("export", "Export as PyTorch &folder…", ("Ctrl+E",), "download"),
        Command("export_module", "Export the &model only…", ("Ctrl+Shift+E",)),
        Command("export_notebook", "Export as a note&book…"),
        Command("export_onnx", "Export as ONN&X…"),
        Command("save_diagram", "Save the &diagram…", ("Ctrl+Alt+E",), "image"),
        LINE,
        Command("restore_session", "Open at the start what was open las&t", switch=True),
        Command("close_window", "C&lose the window", ("Ctrl+W",)),
        Command("quit", "&Quit", ("Ctrl+Q",)),
    ),
    "&Edit": (
        Command("undo", "&Undo", ("Ctrl+Z",), "undo-2"),
        Command("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo-2"),
        LINE,
        Command("cut", "Cu&t", ("Ctrl+X",)),
        Command("copy", "&Copy", ("Ctrl+C",)),
        Command("paste", "&Paste", ("Ctrl+V",)),
        Command("duplicate", "Duplic&ate", ("Ctrl+D",)),
        Command("duplicate_wired", "Duplicate with its &inputs", ("Ctrl+Shift+D",)),
        LINE,
        Command("delete", "&Delete and join the wires", ("Delete", "Backspace"), "trash-2", scope="canvas"),
        Command("delete_only", "Delete &only", ("Shift+Delete", "Shift+Backspace"), scope="canvas"),
        Command("select_all", "Se&lect all", ("Ctrl+A",), scope="canvas"),
        LINE,
        Command("find", "&Find in the design…", ("Ctrl+F",), "search"),
        Command("find_type", "Find a layer t&ype", ("Ctrl+Alt+F",)),
        Command("commands", "Search co&mmands…", ("Ctrl+Shift+P",), "search"),
        LINE,
        Command("next_problem", "&Next problem", ("F8",), "triangle-alert"),
        Command("previous_problem", "Pre&vious problem", ("Shift+F8",)),
    ),
    "&Layer": (
        Command("add", "&Add a layer…", ("Shift+A",), "plus", scope="canvas"),
        Command("insert_here", "Insert a layer into the &wire…", ("I",), scope="canvas"),
        Command("take_out", "&Take out of its wires", ("Alt+Delete",), scope="canvas"),
        Command("edit_fields", "Edit the &fields", ("F2",)),
        Command("edit_label", "Edit the &label", ("Shift+F2",)),
        Command("edit_note", "Edit the &note", ("Ctrl+M",)),
        LINE,
        Command("bypass", "&Bypass", ("B",), scope="canvas"),
        Command("hide", "&Hide from pictures", ("H",), scope="canvas"),
        LINE,
        Command("make_block", "&Make a block of the selection", ("Ctrl+G",)),
        Command("enter_block", "&Enter the block", ("Ctrl+Return",)),
        Command("leave_block", "Lea&ve the block", ("Alt+Up",)),
        Command("make_unique", "Make this use &of the block unique"),
        Command("dissolve", "D&issolve the block", ("Ctrl+Shift+G",)),
    ),
    "A&rrange": (
        Command("tidy", "&Tidy the layout", ("Ctrl+Shift+L",), "workflow"),
        Command("tidy_selection", "Tidy the &selection", ("Ctrl+Alt+L",)),
        Command("tidy_dot", "Tidy with &Graphviz"),
        LINE,
        Command("align_left", "Align &left edges"),
        Command("align_centre", "Align &centres"),
        Command("align_right", "Align &right edges"),
        Command("align_top", "Align to&p edges"),
        Command("align_middle", "Align &middles"),
        Command("align_bottom", "Align &bottom edges"),
        Command("distribute_across", "Distribute &across"),
        Command("distribute_down", "&Distribute down"),
        LINE,
        Command("frame", "&Frame around the selection", ("Shift+F",), scope="canvas"),
        Command("comment", "C&omment", ("Shift+C",), scope="canvas"),
        Command("edit_mark", "&Edit the title or text"),
        LINE,
        Command("add_bend", "Add a bend to the w&ire", ("Shift+B",), scope="canvas"),
        Command("disconnect", "Take the wire awa&y", scope="canvas"),
        Command("straighten", "Straig&hten the wires"),
        Command("next_wire", "Select the next &wire of the layer", ("Shift+W",), scope="canvas"),
        Command("next_mark", "Select the ne&xt frame or comment", ("Shift+M",), scope="canvas"),
        Command("menu", "Men&u of the selection", ("Shift+F10", "Menu"), scope="canvas"),
        LINE,
        Command("snap", "S&nap to grid and neighbours", switch=True),
    ),
    "&View": (
        Command("page_design", "&Design", ("Ctrl+1",)),
        Command("page_train", "&Train", ("Ctrl+2",)),
        Command("page_diagram", "D&iagram", ("Ctrl+3",)),
        LINE,
        Command("zoom_in", "Zoom &in", ("Ctrl++", "Ctrl+="), "plus"),
        Command("zoom_out", "Zoom &out", ("Ctrl+-",), "minus"),
        Command("zoom_reset", "&100 %", ("Ctrl+0",)),
        Command("fit", "Fit &all", ("Ctrl+9",), "maximize"),
        Command("fit_selection", "&Fit the selection", ("F",), scope="canvas"),
        LINE,
        Command("overlay_none", "No o&verlay", ("Alt+1",), switch=True),
        Command("overlay_parameters", "Colour by para&meters", ("Alt+2",), switch=True),
        Command("overlay_macs", "Colour by MA&Cs", ("Alt+3",), switch=True),
        Command("overlay_memory", "Colour by activation memor&y", ("Alt+4",), switch=True),
        Command("overlay_receptive", "Colour by receptive fi&eld", ("Alt+5",), switch=True),
        LINE,
        Command("next_panel", "&Next panel", ("F6",)),
        Command("show_palette", "&Palette", ("Ctrl+Alt+1",), switch=True),
        Command("show_inspector", "In&spector", ("Ctrl+Alt+2",), switch=True),
        Command("show_bottom", "Problems, summary, training, &code", ("Ctrl+Alt+3",), switch=True),
        Command("show_outline", "&Outline", ("Ctrl+Alt+4",), switch=True),
        Command("show_minimap", "Mini&map", ("Ctrl+Alt+5",), "map", switch=True),
        LINE,
        Command("look_light", "&Light", icon="sun", switch=True),
        Command("look_dark", "Da&rk", icon="moon", switch=True),
        Command("look_system", "As the s&ystem", switch=True),
        Command("animations", "Anima&tions", switch=True),
    ),
    "&Train": (
        Command("run", "&Run training", ("F5",), "play"),
        Command("stop", "&Stop training", ("Shift+F5",), "square"),
        Command("training_settings", "Data and se&ttings…", ("Ctrl+Alt+T",), "chart-line"),
        Command("runs", "R&uns", ("Ctrl+Alt+R",)),
    ),
    "&Help": (
        Command("keys", "&Keys and mouse", ("F1",), "info"),
        Command("tour", "&Tour of the window"),
        Command("log", "Show the &log folder"),
        Command("about", "&About Layerloom"),
    ),
}
COMMANDS: Mapping[str, Command] = {
    command.name: command for commands in MENUS.values() for command in commands if command is not LINE
}


class Keys(Protocol):
    """Who knows which keys a command has, and tells when they change."""

    changed: SignalInstance

    def keys(self, command: str) -> tuple[str, ...]:
        """The keys of a command, the one that is shown first."""


class Actions(QObject):
    """The `QAction`s of all commands, by name; with the keys of the table, or those that `keys` says."""

    def __init__(self, parent: QObject, theme: Theme, keys: Keys | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._why: dict[str, str] = {}
        self.all: dict[str, QAction] = {name: self._make(command) for name, command in COMMANDS.items()}
        self.set_theme(theme)
        self._show_keys()
        if keys is not None:
            keys.changed.connect(self._show_keys)

    def __getitem__(self, name: str) -> QAction:
        return self.all[name]

    def _make(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setObjectName(command.name)
        action.setCheckable(command.switch)
        action.setVisible(False)  # until it is said what it does
        if command.scope == "canvas":
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        return action

    def _show_keys(self) -> None:
        for name, action in self.all.items():
            keys = self._keys.keys(name) if self._keys is not None else COMMANDS[name].keys
            action.setShortcuts([QKeySequence(key) for key in keys])
            self._tell(name)

    def _tell(self, name: str) -> None:
        """The tooltip: what it does, its key, and why it can't be done now."""
        action, words = self.all[name], plain_text(COMMANDS[name].text)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        why = self._why.get(name, "") if not action.isEnabled() else ""
        plain_tip(action, f"{words}{f' ({keys})' if keys else ''}{f': {why}' if why else ''}")

    def set_theme(self, theme: Theme) -> None:
        """Icons in another look."""
        for name, command in COMMANDS.items():
            if command.icon:
                self.all[name].setIcon(icon(theme, command.icon))

    def handle(self, handlers: Mapping[str, Callable[[], object]]) -> None:
        """Connect commands to what they do. A command that nothing is connected to isn't offered."""
        for name, handler in handlers.items():
            self.all[name].triggered.connect(lambda _checked=False, handler=handler: handler())
            self.all[name].setVisible(True)

    def switch(self, name: str, on: bool, act: Callable[[bool], object]) -> None:
        """Connect a switch to what it turns on and off, and say how it stands."""
        self.all[name].setChecked(on)
        self.all[name].toggled.connect(lambda checked: act(checked))
        self.all[name].setVisible(True)

    def enable(self, name: str, on: bool, why: str = "") -> None:
        """Say whether a command can do something now, and why it can't: "nothing is selected"."""
        action = self.all[name]
        if self._why.get(name, "") == why and action.isEnabled() == on:
            return
        self._why[name] = why
        action.setEnabled(on)
        self._tell(name)

    def why(self, name: str) -> str:
        """Why a command can't be done now; empty where it can or where nobody has said."""
        return "" if self.all[name].isEnabled() else self._why.get(name, "")

    def offered(self) -> list[QAction]:
        """Every command that does something, in the order of the menus."""
        return [action for action in self.all.values() if action.isVisible()]

    def of_scope(self, scope: str) -> list[QAction]:
        """The actions whose keys count in the whole window, or only on the canvas."""
        return [self.all[name] for name, command in COMMANDS.items() if command.scope == scope]


def plain_text(text: str) -> str:
    """The words of a menu without their mnemonic and dots."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


def menu_of(name: str) -> str:
    """The menu that a command stands in: "Edit"."""
    return next(plain_text(title) for title, commands in MENUS.items() if COMMANDS[name] in commands)
