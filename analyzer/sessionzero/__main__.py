"""``python -m sessionzero``, and the command that is installed."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line, and leave the process without giving back its memory piece by piece:
    the system does it at once, Python would take a twentieth of the run for it."""
    gc.disable()  # nothing of a run is garbage before its end
    from sessionzero.cli import run

    try:
        run()
    except SystemExit as end:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(int(end.code or 0))


if __name__ == "__main__":
    main()
