"""``python -m sessionzero``, and the command that is installed."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from sessionzero.cli import run

    run()


if __name__ == "__main__":
    main()
