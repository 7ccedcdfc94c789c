"""Reads the words of a command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn

from designer.commandline.output import WRONG, Failure
from designer.commandline.table import COMMANDS, EXIT_CODES, LATER, SUMMARY
from graph_ir.version import version


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one sentence, raised as Failure instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise Failure(f"{self.prog}: {message}; `{self.prog} --help` shows what it takes", WRONG)


def split(given: Sequence[str]) -> tuple[str, list[str]]:
    """The command and its own arguments; without a command it is `gui`. Raises Failure for an unknown word."""
    rest = [text for text in given if text != "--debug"]
    if not rest or (rest[0].startswith("-") and rest[0] not in ("-h", "--help", "--version")):
        return "gui", rest
    if rest[0].startswith("-"):
        return "", rest
    name = rest[0]
    if name not in COMMANDS and name not in LATER:
        near = get_close_matches(name[:40], [*COMMANDS, *LATER], n=1)
        hint = f"did you mean {near[0]}?" if near else "`layerloom --help` lists them"
        raise Failure(f"layerloom: there is no command {name[:40]!r}; {hint}", WRONG)
    return name, rest[1:]


def spread(name: str, given: Sequence[str]) -> list[str]:
    """Writes `--set a=1 b=2 FILE` as `--set a=1 --set b=2 FILE`: argparse would take FILE for a setting."""
    belongs = COMMANDS[name].several
    found: list[str] = []
    option, is_first = "", False
    for text in given:
        if is_first:
            is_first = False
        elif text in belongs:
            option, is_first = text, True
        elif option and belongs[option](text):
            found.append(option)
        else:
            option = ""
        found.append(text)
    return found


def command_parser(name: str) -> Parser:
    """The parser of one command; "" is that of `layerloom` itself, which knows only --help and --version."""
    if not name:
        return _overview()
    command = COMMANDS[name]
    text = f"{command.help[0].upper()}{command.help[1:]}. {command.about}"
    parser = Parser(prog=f"layerloom {name}", description=text, allow_abbrev=False)
    command.arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _overview() -> Parser:
    lines = [f"  {name:10} {command.help}" for name, command in COMMANDS.items()]
    later = ", ".join(LATER)
    epilog = "\n".join(
        [
            "commands:",
            *lines,
            "",
            f"With a later version: {later}.",
            "`layerloom COMMAND --help` says more.",
            EXIT_CODES,
        ]
    )
    parser = Parser(
        prog="layerloom",
        usage="layerloom [COMMAND] [--debug] …",
        description=SUMMARY,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"layerloom {version()}")
    return parser
