"""Draws DOT from stdin to stdout with the Graphviz inside pygraphviz: `python -P draw.py svg`.

Runs as a process of its own, because a crash in C must not take the window with it. Exit status 3: no pygraphviz.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Reads the graph, writes the picture."""
    try:
        import pygraphviz
    except ImportError as error:
        print(f"pygraphviz can't be imported: {error}", file=sys.stderr)
        return 3
    source = sys.stdin.buffer.read().decode("utf-8")
    picture = pygraphviz.AGraph(string=source).draw(format=sys.argv[1], prog="dot")
    sys.stdout.buffer.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
