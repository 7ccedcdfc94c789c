"""Prints how many megabytes a design of 10,000 layers and its report take, from its text on. Run in a new process."""

from __future__ import annotations

import gc
import json
import tracemalloc

from graph_ir.check import check
from graph_ir.file import parse
from tests.benchmarks.checking import _chain

if __name__ == "__main__":
    text = _chain(10_000)
    gc.collect()
    tracemalloc.start()
    design = parse(text)
    report = check(design)
    gc.collect()
    held, peak = tracemalloc.get_traced_memory()
    assert report.ok and len(report.layers) == 10_000
    print(json.dumps({"megabytes": held / 1e6, "peak": peak / 1e6}))
