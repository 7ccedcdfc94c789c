"""Tests of codegen.syntax: two threads may print code at once."""

from __future__ import annotations

import ast
import gc
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from codegen.syntax import parse, parse_expression

SOURCE = "x = [" + ", ".join(["a.b(c, d=1)"] * 60) + "]\n"


class Rubbish:
    """Garbage that takes its time and leaves new garbage, so that threads change while a tree is built."""

    falling = True

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        time.sleep(0.0005)
        if Rubbish.falling:
            Rubbish()


@pytest.fixture
def busy_collector() -> Iterator[None]:
    before = gc.get_threshold()
    Rubbish.falling = True
    Rubbish()
    gc.set_threshold(50)
    yield
    Rubbish.falling = False
    gc.set_threshold(*before)
    gc.collect()


def at_depth(depth: int, work: Callable[[], None]) -> None:
    if depth:
        at_depth(depth - 1, work)
    else:
        work()


def test_threads_parse_at_once(busy_collector: None) -> None:
    faults: list[BaseException] = []

    def work() -> None:
        end = time.monotonic() + 1
        while time.monotonic() < end and not faults:
            try:
                parse(SOURCE)
            except SystemError as error:
                faults.append(error)

    threads = [threading.Thread(target=at_depth, args=(depth, work)) for depth in (1, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


def test_the_trees_are_pythons_own() -> None:
    assert ast.dump(parse(SOURCE)) == ast.dump(ast.parse(SOURCE))
    assert ast.unparse(parse_expression("(H + 1) // 2")) == "(H + 1) // 2"
    with pytest.raises(SyntaxError):
        parse_expression("a b")
