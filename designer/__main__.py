"""`python -m designer` and the command `layerloom`."""

from __future__ import annotations

import sys

from designer.commandline.main import main as run_command


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    sys.exit(run_command())


if __name__ == "__main__":
    main()
