"""What scripts say of the type, the account and the start of a service, and of numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from sessionzero.knowledge.catalog import Catalog

INTERACTIVE = 0x100  # SERVICE_INTERACTIVE_PROCESS; winnt.h

_NUMBER = re.compile(r"#?(?:(?:0x|\$|&h|#x)([0-9a-f]{1,8})|(\d{1,10}))(?:u?l|&)?\Z", re.IGNORECASE)
SEPARATOR = re.compile(r"\s*(?:\||\+|,|\s-bor\s|\sor\s|\s)\s*", re.IGNORECASE)
_TAKEN_AWAY = re.compile(r"~|\b(?:and|not|xor|band|bnot|bxor)\b|-(?:band|bnot|bxor)|&(?!h)", re.I)
_YES = frozenset(("yes", "true", "1", "$true", "-1"))
_UNKNOWN = re.compile(r"[%$\[{(]|\Anull\Z|\A\.?r\d\Z", re.IGNORECASE)
_LOCAL_SYSTEM = frozenset(
    (
        *("", "0", "localsystem", ".\\localsystem", "system"),
        *("nt authority\\localsystem", "nt authority\\system"),
    )
)


class ServiceType(Struct, frozen=True):
    """The bits that a type certainly has; ``exact``: and no others."""

    bits: int
    exact: bool

    @property
    def interactive(self) -> bool:
        return bool(self.bits & INTERACTIVE)


def number_in(text: str) -> int | None:
    """The number that a text is, in any of the notations: 272, 0x110, $110, &H110, #272."""
    match = _NUMBER.match(text.strip())
    if match is None:
        return None
    return int(match[1], 16) if match[1] else int(match[2])


def type_in(texts: Iterable[str], catalog: Catalog) -> ServiceType:
    """The type that some texts say together, such as ``own`` and ``interact``, or ``0x110``."""
    bits, exact = 0, True
    for text in texts:
        if _TAKEN_AWAY.search(text):
            return ServiceType(0, exact=False)
        for word in filter(None, SEPARATOR.split(text.strip())):
            value = _word(word.strip("\"'()"), catalog)
            exact = exact and value is not None
            bits |= value or 0
    return ServiceType(bits, exact)


def _word(word: str, catalog: Catalog) -> int | None:
    found = number_in(word)
    if found is None:
        found = catalog.service_types.get(word.lower())
    return catalog.constants.get(word) if found is None else found


def is_yes(text: str) -> bool:
    """Whether a text says yes, in any of the languages."""
    return text.strip().lower() in _YES


def is_other_account(text: str) -> bool:
    """Whether a text is certainly the name of an account that is not LocalSystem."""
    name = text.strip().strip("\"'").lower()
    return name not in _LOCAL_SYSTEM and _UNKNOWN.search(name) is None
