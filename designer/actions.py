"""Every command of the window in one table: menus, buttons, the command search and the Keys page are made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from designer.panels.widgets import plain_tip
from designer.theme import Theme, icon


@dataclass(frozen=True)
class Command:
    """One command: its name in the code, its words, keys, icon and whether it is a switch."""

    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    switch: bool = False


LINE = Command("", "")
MENUS: Mapping[str, tuple[Command, ...]] = {
    "&File": (
        Command("new", "&New design", ("Ctrl+N",), "file-plus"),
        Command("open", "&Open…", ("Ctrl+O",), "folder-open"),
        LINE,
        Command("save", "&Save", ("Ctrl+S",), "save"),
        Command("save_as", "Save &as…", ("Ctrl+Shift+S",)),
        LINE,
        Command("export", "Export as PyTorch &folder…", ("Ctrl+E",), "download"),
        Command("export_module", "Export the &model only…", ("Ctrl+Shift+E",)),
        Command("export_notebook", "Export as a note&book…"),
        Command("export_onnx", "Export as ONN&X…"),
        Command("save_diagram", "Save the &diagram…", ("Ctrl+Alt+E",), "image"),
        LINE,
        Command("quit", "&Quit", ("Ctrl+Q",)),
    ),
    "&Edit": (
        Command("undo", "&Undo", ("Ctrl+Z",), "undo-2"),
        Command("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo-2"),
        LINE,
        Command("add", "&Add a layer…", (), "plus"),
        Command("delete", "&Delete the selection", (), "trash-2"),
        Command("select_all", "Select a&ll"),
        Command("edit_fields", "Edit the &fields of the layer", ("F2",)),
        Command("tidy", "&Tidy the layout", ("Ctrl+Shift+L",), "workflow"),
        LINE,
        Command("make_block", "Make a &block of the selection", ("Ctrl+G",)),
        Command("enter_block", "&Enter the block", ("Ctrl+Return",)),
        Command("leave_block", "Lea&ve the block", ("Alt+Up",)),
        Command("make_unique", "Make this use &of the block unique"),
        Command("dissolve", "D&issolve the block", ("Ctrl+Shift+G",)),
        LINE,
        Command("next_problem", "&Next problem", ("F8",), "triangle-alert"),
        Command("previous_problem", "&Previous problem", ("Shift+F8",)),
        LINE,
        Command("find", "Find a la&yer type", ("Ctrl+F",), "search"),
        Command("commands", "Search &commands…", ("Ctrl+Shift+P",), "search"),
    ),
    "&View": (
        Command("page_design", "&Design", ("Ctrl+1",)),
        Command("page_train", "&Train", ("Ctrl+2",)),
        Command("page_diagram", "D&iagram", ("Ctrl+3",)),
        LINE,
        Command("zoom_in", "Zoom &in", ("Ctrl++", "Ctrl+="), "plus"),
        Command("zoom_out", "Zoom &out", ("Ctrl+-",), "minus"),
        Command("zoom_reset", "&100 %", ("Ctrl+0",)),
        Command("fit", "&Fit all", ("Ctrl+9",), "maximize"),
        LINE,
        Command("next_panel", "&Next panel", ("F6",)),
        Command("show_palette", "&Palette", ("Ctrl+Alt+1",), switch=True),
        Command("show_inspector", "In&spector", ("Ctrl+Alt+2",), switch=True),
        Command("show_bottom", "Problems, summary, training, &code", ("Ctrl+Alt+3",), switch=True),
        LINE,
        Command("look_light", "&Light", icon="sun", switch=True),
        Command("look_dark", "Da&rk", icon="moon", switch=True),
        Command("look_system", "As the s&ystem", switch=True),
    ),
    "&Train": (
        Command("run", "&Run training", ("F5",), "play"),
        Command("stop", "&Stop training", ("Shift+F5",), "square"),
        Command("training_settings", "Data and &settings…", ("Ctrl+Alt+T",), "chart-line"),
        Command("runs", "R&uns", ("Ctrl+Alt+R",)),
    ),
    "&Help": (
        Command("keys", "&Keys and mouse", ("F1",), "info"),
        Command("log", "Show the &log folder"),
        Command("about", "&About Layerloom"),
    ),
}
# What the canvas, the lists and the fields answer to by themselves; shown on the Keys page beside the commands.
CANVAS_KEYS: tuple[tuple[str, str], ...] = (
    ("Space, A with Shift, double click, right click", "add a layer behind the selected one"),
    ("Enter in that list · Shift+Enter", "add it wired · add it bare"),
    ("W, then Enter on another layer", "draw a wire with the keyboard"),
    ("Drag from port to port", "draw a wire; on empty ground it offers what fits"),
    ("Arrows · Shift+arrows · Ctrl+arrows", "go to a layer · select more · move it"),
    ("Delete · Shift+Delete", "remove and join the wires · remove only"),
    ("Enter on a layer", "edit its fields"),
    ("Double click on a use of a block · Alt+Up", "enter the block · leave it"),
    ("Right click on a layer", "what can be done with it"),
    ("F · Home · + · - · 0", "fit the selection · fit all · zoom · 100 %"),
    ("Middle button, Space and drag, two fingers", "move the sheet"),
    ("Wheel, pinch", "zoom"),
    ("Drag with Alt", "move off the grid"),
    ("Ctrl+A · Esc", "select all · select nothing"),
    ("= in a field", "an expression over the network's parameters, as in =2*width"),
)


class Actions(QObject):
    """The `QAction`s of all commands, by name."""

    def __init__(self, parent: QObject, theme: Theme) -> None:
        super().__init__(parent)
        self.all: dict[str, QAction] = {}
        for commands in MENUS.values():
            for command in commands:
                if command is not LINE:
                    self.all[command.name] = self._make(command)
        self.set_theme(theme)

    def __getitem__(self, name: str) -> QAction:
        return self.all[name]

    def _make(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setCheckable(command.switch)
        keys = f" ({command.keys[0]})" if command.keys else ""
        plain_tip(action, f"{command.text.replace('&', '')}{keys}")
        return action

    def set_theme(self, theme: Theme) -> None:
        """Icons in another look."""
        for commands in MENUS.values():
            for command in commands:
                if command.icon:
                    self.all[command.name].setIcon(icon(theme, command.icon))

    def handle(self, handlers: Mapping[str, Callable[[], object]]) -> None:
        """Connect commands to what they do."""
        for name, handler in handlers.items():
            self.all[name].triggered.connect(lambda _checked=False, handler=handler: handler())
