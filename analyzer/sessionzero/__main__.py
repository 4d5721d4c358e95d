"""``python -m sessionzero``, and the command that is installed."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line, and end the process."""
    gc.disable()  # nothing of a run is garbage before its end
    from sessionzero.cli.commands import run_alone

    run_alone()


if __name__ == "__main__":
    if not sys.flags.safe_path:
        # ``-m`` lets Python import from the working directory: the code that is to be judged.
        del sys.path[0]
    main()
