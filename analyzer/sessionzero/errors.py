"""The error that a user can mend."""

from __future__ import annotations


class SessionZeroError(Exception):
    """What a user can mend; the message names the file, what is wrong and what would be right."""
