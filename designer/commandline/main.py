"""Runs one command. The single place where an exception becomes a sentence and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from designer.commandline.output import FAILED, WRONG, Failure, prepare_streams, say
from designer.commandline.parser import command_parser, split, spread
from designer.commandline.table import COMMANDS, LATER

INTERRUPTED = 130
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `layerloom ARGUMENTS` and returns its exit code; raises nothing but SystemExit (--help)."""
    prepare_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    name = ""
    try:
        name, given = split(given)
        return _run(name, given)
    except Exception as error:
        if debug:
            traceback.print_exc()
        if isinstance(error, BrokenPipeError):  # who read our output has closed it: go quietly
            _let_go_of_output()
            return FAILED
        sentence, code = explain(error, name)
        say(sentence)
        _let_go_of_output()
        return code
    except KeyboardInterrupt:
        if debug:
            traceback.print_exc()
        say(f"layerloom {name}: stopped")
        return INTERRUPTED


def _run(name: str, given: list[str]) -> int:
    if name in LATER:
        raise Failure(
            f"layerloom {name}: {LATER[name]} comes with a later version; this one cannot do it yet", WRONG
        )
    options = command_parser(name).parse_args(spread(name, given) if name else given)
    if not name:
        raise Failure("layerloom: there is no command given; `layerloom --help` lists them", WRONG)
    module, _, function = COMMANDS[name].run.partition(":")
    code: int = getattr(import_module(module), function)(options)
    sys.stdout.flush()
    return code


def explain(error: Exception, name: str) -> tuple[str, int]:
    """One sentence for people, and the exit code."""
    from graph_ir.edits import Refused
    from graph_ir.file import Unreadable

    if isinstance(error, Failure):
        return error.sentence, error.code
    if isinstance(error, Unreadable):
        return error.text, WRONG
    if isinstance(error, Refused):
        return f"layerloom {name}: {error}", FAILED
    if isinstance(error, OSError):
        return f"{error.filename or f'layerloom {name}'}: {_of_system(error)}", FAILED
    if isinstance(error, MemoryError):
        return f"layerloom {name}: out of memory; close other programs and try again", FAILED
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    remedy = "run it again with --debug and report what it shows"
    return f"layerloom {name}: stopped by a fault of its own ({what}); {remedy}", FAILED


def _of_system(error: OSError) -> str:
    """Why the system refused, and what to do."""
    if error.errno in _DISK_FULL:
        return "cannot be written, the disk is full; make room and try again (what was there before is as it was)"
    if isinstance(error, PermissionError):
        return "access is not permitted; choose another place, or change its permissions"
    if isinstance(error, IsADirectoryError):
        return "is a folder, but a file is wanted; give the name of a file"
    if isinstance(error, NotADirectoryError):
        return "goes through a file as if it were a folder; choose another place"
    if isinstance(error, FileNotFoundError):
        return "the folder it should lie in does not exist; make it first, or choose another place"
    reason = error.strerror or str(error)
    return f"the system refused ({reason}); choose another place, or see what is wrong with it"


def _let_go_of_output() -> None:
    """What cannot be written is given up, else Python tries again at exit and ends with a code of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
