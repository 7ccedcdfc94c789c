"""`docs/commands.md`, made from the parsers: `python -m designer.commandline.reference > docs/commands.md`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from designer.commandline.parser import command_parser
from designer.commandline.table import COMMANDS, EXIT_CODES, LATER, SUMMARY

_INTRODUCTION = f"""# The command line

<!-- Made from the parsers by `python -m designer.commandline.reference`; a test holds it to them. -->

{SUMMARY}

Progress and logs go to stderr, results to stdout. {EXIT_CODES}
An error is one sentence on stderr: `file:line: what, why, what next`; `--debug` shows the traceback.
Without a display every command but `gui` works; without Qt and torch installed, all that do not need them.
With many files, one bad file never silences the rest, and the exit code is the worst of all.
"""


def page() -> str:
    """The whole page as Markdown."""
    later = "\n".join(f"- `layerloom {name}`: {what}" for name, what in LATER.items())
    sections = [section(name) for name in COMMANDS]
    return "\n".join([_INTRODUCTION, *sections, "## With a later version", "", later, ""])


def section(name: str) -> str:
    """One command: its usage, what it does and each argument."""
    command, parser = COMMANDS[name], command_parser(name)
    arguments = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    usage = " ".join(["layerloom", name, *(_usage(action) for action in arguments if action.dest != "debug")])
    rows = [f"| `{_names(action)}` | {_cell(action)} |" for action in arguments if action.dest != "debug"]
    table = ["| Argument | Is |", "|---|---|", *rows, ""] if rows else []
    title = f"{command.help[0].upper()}{command.help[1:]}."
    return "\n".join([f"## {name}", "", f"    {usage}", "", f"{title} {command.about}", "", *table])


def _usage(action: argparse.Action) -> str:
    value = _value(action)
    if not action.option_strings:
        return {"?": f"[{value}]", "+": f"{value}…"}.get(str(action.nargs), value)
    more = " …" if isinstance(action, argparse._AppendAction) else ""
    text = f"{action.option_strings[0]} {value}{more}".strip()
    return text if action.required else f"[{text}]"


def _names(action: argparse.Action) -> str:
    return " ".join([", ".join(action.option_strings), _value(action)]).strip().replace("|", "\\|")


def _value(action: argparse.Action) -> str:
    """What stands behind an option, or the name of a positional argument."""
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return "|".join(str(choice) for choice in action.choices)
    return str(action.metavar)


def _cell(action: argparse.Action) -> str:
    return " ".join(_words(action)).replace("|", "\\|")


def _words(action: argparse.Action) -> Iterator[str]:
    yield (action.help or "").replace("%%", "%")
    if action.required and action.option_strings:
        yield "(required)"


if __name__ == "__main__":
    sys.stdout.write(page())
