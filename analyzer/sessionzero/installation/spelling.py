"""How another number, or a type without the interactive flag, is written where one is written."""

from __future__ import annotations

import re

from sessionzero.installation.service_types import INTERACTIVE, SEPARATOR, number_in, type_in
from sessionzero.knowledge.catalog import Catalog

_NUMBER = re.compile(
    r"\s*(?:#?(?:0x|\$|&h|#x)|dword:)(?P<hex>[0-9a-f]{1,8})(?:u?l|&)?\s*"
    r"|\s*#?(?P<decimal>\d{1,10})(?:u?l)?\s*"
    r"|(?P<bytes>[0-9a-f]{2}(?:,[0-9a-f]{2}){3})",
    re.IGNORECASE,
)


def without_interactive(written: str, text: str, catalog: Catalog) -> str:
    """A type without the interactive flag: its number in the same notation, or its other words;
    ``text`` is the type with the values of what is written as a name. Empty if nothing would be
    left, or if not all of it is understood."""
    number = _number(written)
    if number is not None:
        rest = number & ~INTERACTIVE
        return spelt_like(written, rest) if rest and number == number_in(text) else ""
    pairs = zip(_less_a_word(written), _less_a_word(text), strict=False)
    if len(SEPARATOR.findall(written)) != len(SEPARATOR.findall(text)):
        return ""
    return next((rest for rest, said in pairs if _is_whole(rest) and _is_plain(said, catalog)), "")


def _is_whole(written: str) -> bool:
    return written.count("(") == written.count(")")


def _is_plain(text: str, catalog: Catalog) -> bool:
    kind = type_in([text], catalog)
    return kind.exact and kind.bits != 0 and not kind.interactive


def _less_a_word(written: str) -> list[str]:
    """What is written, each time without one of its words and what joins it to the others."""
    gaps = [match.span() for match in SEPARATOR.finditer(written)]
    if not gaps:
        return []
    behind = [*(start for start, _ in gaps[1:]), len(written)]
    tails = [written[: gap[0]] + written[end:] for gap, end in zip(gaps, behind, strict=True)]
    return [written[gaps[0][1] :], *tails]


def spelt_like(written: str, number: int) -> str:
    """A number in the notation of the one that is written; empty if that is none."""
    match = _NUMBER.fullmatch(written)
    if match is None:
        return ""
    if match["bytes"]:
        return ",".join(f"{byte:02x}" for byte in number.to_bytes(4, "little"))
    group = "hex" if match["hex"] else "decimal"
    digits = match[group]
    width = len(digits) if digits.startswith("0") else 1
    text = format(number, f"0{width}{'x' if match['hex'] else 'd'}")
    text = text.upper() if digits != digits.lower() else text
    return written[: match.start(group)] + text + written[match.end(group) :]


def _number(written: str) -> int | None:
    match = _NUMBER.fullmatch(written)
    if match is None:
        return None
    if match["bytes"]:
        return int.from_bytes(bytes.fromhex(match["bytes"].replace(",", "")), "little")
    return int(match["hex"], 16) if match["hex"] else int(match["decimal"])
