"""What the methods of Python's strings make of texts that are known, as far as they are."""

from __future__ import annotations

import ntpath
from collections.abc import Callable, Sequence

from msgspec import structs

from sessionzero.link.values.lattice import UNKNOWN, Known, Value, join

_SAME_LENGTH: dict[str, Callable[[str], str]] = {
    "casefold": str.casefold,
    "lower": str.lower,
    "swapcase": str.swapcase,
    "upper": str.upper,
}
_WHOLE = frozenset(("encode", "decode", "expandtabs", "removesuffix"))
_STRIPS = frozenset(("strip", "lstrip", "rstrip", "removeprefix"))
METHODS = frozenset((*_SAME_LENGTH, *_WHOLE, *_STRIPS, "replace"))


def made(method: str, text: Value, arguments: Sequence[Value]) -> Value:
    """``text.method(…)`` for one of :data:`METHODS`; alternatives that can't be told are open."""
    given = [_only(argument) for argument in arguments]
    found = [made for known in text.texts if (made := _made(method, known, given)) is not None]
    return Value(tuple(found), open=text.open or len(found) < len(text.known))


def _made(method: str, known: Known, given: Sequence[str | None]) -> Known | None:
    text = known.text
    if method in ("encode", "decode"):
        return known
    if method in _SAME_LENGTH:
        new = _SAME_LENGTH[method](text)
    elif None in given or (method in _WHOLE and not known.exact):
        return None
    elif method == "replace":
        old = given[0] if len(given) == 2 else None  # a count of replacements is rare
        if not old or (len(old) > 1 and not known.exact):
            return None
        new = text.replace(old, given[1] or "")
    else:
        new = getattr(text, method)(*given)
    return structs.replace(known, text=new, raw="") if new or known.exact else None


def _only(value: Value) -> str | None:
    """The one text that a value is, or None."""
    exact = [known.text for known in value.texts if known.exact]
    return exact[0] if len(exact) == len(value.known) == 1 and not value.open else None


def joined(separator: Value, parts: Sequence[Value]) -> Value:
    """``separator.join(parts)``."""
    spread = [value for part in parts for value in (separator, part)]
    return join(spread[1:])


def path(parts: Sequence[Value]) -> Value:
    """``os.path.join(…)`` on Windows (``ntpath.join``)."""
    result = parts[0] if parts else UNKNOWN
    if len(parts) > 1 and not result.texts:
        return join([UNKNOWN, path(parts[1:])])
    for part in parts[1:]:
        if part.open or not part.texts or not all(known.exact for known in result.texts):
            begun = [structs.replace(known, exact=False) for known in result.texts]
            found = [_behind(known, "") if known.text else known for known in begun]
            return Value(tuple(found), open=result.open or not found)
        pairs = [(a, b) for a in result.texts for b in part.texts]
        made = [structs.replace(_behind(a, b.text), exact=b.exact) for a, b in pairs]
        result = Value(tuple(made), open=result.open)
    return result


def _behind(known: Known, name: str) -> Known:
    return structs.replace(known, text=ntpath.join(known.text, name), raw="")
