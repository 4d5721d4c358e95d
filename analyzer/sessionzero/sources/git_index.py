"""What git tracks, as its index says it: a file that is tracked is never ignored.

Format: "index-format" (git-scm.com/docs/index-format), versions 2 to 4. What an index keeps in
another file (a split index) or leaves out (a sparse one) isn't told.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SIGNATURE = b"DIRC"
_HEADER = struct.Struct(">4sII")  # signature, version, number of entries
_STAT = 40  # bytes of an entry before the name of its object
_HASHES = (20, 32)  # bytes of SHA-1 and of SHA-256
_EXTENDED, _LENGTH = 0x4000, 0x0FFF  # of the flags


def paths_in(data: bytes) -> frozenset[bytes]:
    """The paths of the tracked files, with slashes, from the top of the repository; none if the
    bytes are no index that is understood."""
    if len(data) < _HEADER.size:
        return frozenset()
    signature, version, count = _HEADER.unpack_from(data)
    if signature != _SIGNATURE or version not in (2, 3, 4):
        return frozenset()
    for size in _HASHES:
        try:
            return frozenset(_entries(data, version, count, size))
        except (IndexError, ValueError, struct.error):
            continue  # with names of objects of another length
    return frozenset()


def _entries(data: bytes, version: int, count: int, size: int) -> Iterator[bytes]:
    """Raises an exception where the bytes end, or don't fit together."""
    at, path = _HEADER.size, b""
    for _ in range(count):
        start = at
        flags = int.from_bytes(data[at + _STAT + size : at + _STAT + size + 2], "big")
        at += _STAT + size + (4 if flags & _EXTENDED else 2)
        dropped = 0
        if version == 4:
            dropped, at = _number(data, at)
        end = data.index(b"\0", at)
        path = path[: len(path) - dropped] + data[at:end] if version == 4 else data[at:end]
        if min(len(path), _LENGTH) != flags & _LENGTH:
            raise ValueError("the length of a path is another one")
        yield path
        # Up to version 3 an entry is filled up to a multiple of eight, with at least one zero.
        at = end + 1 if version == 4 else start + (end - start + 8) // 8 * 8


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable width and where it ends, as in pack files (OFS_DELTA)."""
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        value = (value + 1 << 7) | (byte & 0x7F)
    return value, at + 1
