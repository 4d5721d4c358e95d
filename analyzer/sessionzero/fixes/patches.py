"""The difference between two versions of a file as ``git apply`` takes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

_AROUND = 3  # lines
_PLAIN = re.compile(r'[^\x00-\x1f"\\\x7f-\uffff]*')


def difference(path: str, old: bytes, new: bytes) -> bytes:
    """A unified diff of bytes: line ends, and that the last line has none, are kept."""
    before, after = _lines(old), _lines(new)
    header = f"--- {_name('a/' + path)}\n+++ {_name('b/' + path)}\n".encode()
    groups = SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_AROUND)
    return header + b"".join(b"".join(_hunk(group, before, after)) for group in groups)


def _lines(data: bytes) -> list[bytes]:
    """The lines as git sees them: only a line feed ends one."""
    parts = data.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _hunk(
    group: list[tuple[str, int, int, int, int]], before: list[bytes], after: list[bytes]
) -> Iterator[bytes]:
    first, last = group[0], group[-1]
    yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n".encode()
    for tag, old_start, old_end, new_start, new_end in group:
        if tag == "equal":
            yield from (_line(b" ", line) for line in before[old_start:old_end])
            continue
        yield from (_line(b"-", line) for line in before[old_start:old_end])
        yield from (_line(b"+", line) for line in after[new_start:new_end])


def _line(sign: bytes, line: bytes) -> bytes:
    end = b"" if line.endswith(b"\n") else b"\n\\ No newline at end of file\n"
    return sign + line + end


def _range(start: int, end: int) -> str:
    length = end - start
    return f"{start + 1 if length else start},{length}"


def _name(path: str) -> str:
    """A path as git reads it: quoted if it holds what is special, marked if it holds a blank."""
    if not _PLAIN.fullmatch(path):
        data = path.encode("utf-8", "surrogateescape")
        return '"' + "".join(_quoted(byte) for byte in data) + '"'
    return f"{path}\t" if " " in path else path


def _quoted(byte: int) -> str:
    if byte in b'"\\':
        return "\\" + chr(byte)
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
