"""What the files of ``rules/`` were read into, kept beside our byte code: to read them anew at each
start takes as long as to analyse a small program.

It is to these files what ``.pyc`` files are to ours: made again when one of them has changed, and
stored where Python stores byte code, if it does (``PYTHONPYCACHEPREFIX``,
``PYTHONDONTWRITEBYTECODE``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.util import cache_from_source

_KEY = 32  # bytes


class BesideByteCode:
    """Keeps one value, by its key; a :class:`knowledge.packs.Store`."""

    def __init__(self, name: str) -> None:
        folder = os.path.dirname(cache_from_source(__file__))
        self._path = os.path.join(folder, f"{name}.{sys.implementation.cache_tag}.bin")

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The value, if it is that of one of the keys."""
        with suppress(OSError), open(self._path, "rb") as file:
            key, value = file.read(_KEY), file.read()
            return {key: value} if key in keys else {}
        return {}

    def put_many(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep the last value instead of the one before; no harm if that can't be done."""
        for key, value in () if sys.dont_write_bytecode else items:
            fresh = f"{self._path}.{os.getpid()}"
            with suppress(OSError):
                os.makedirs(os.path.dirname(self._path), exist_ok=True)
                with open(fresh, "wb") as file:
                    file.write(key + value)
                os.replace(fresh, self._path)
