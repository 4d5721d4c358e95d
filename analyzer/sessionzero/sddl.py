"""Security descriptors in SDDL, taken apart: who owns the object, and one entry after the other.

Sources: "Security Descriptor String Format", "ACE Strings", "SID Strings" (learn.microsoft.com/
windows/win32/secauthz), [MS-DTYP] 2.5.1.1. The tokens stand in ``rules/sddl.toml``. Blanks between
the parts and small letters are let pass; what is called invalid here, Windows refuses.
"""

from __future__ import annotations

import re
from typing import Literal, NoReturn

from msgspec import Struct

Trust = Literal["admin", "service", "broad", "creator", "group"]
Effect = Literal["allow", "deny", "audit", "label", "trust", "attribute", "policy", "filter"]

_SECTION = re.compile(r"\s*([OGDSogds])\s*:\s*")
_SID = re.compile(r"S-1-(?:0x[0-9a-f]+|\d+)(?:-(?:0x[0-9a-f]+|\d+)){1,15}", re.IGNORECASE)
_NUMBER = re.compile(r"0x[0-9a-f]{1,8}|\d{1,10}", re.IGNORECASE)
_FIELDS = 6  # type; flags; rights; object; inherited object; trustee; then a condition or a claim
_WITH_SEVENTH = frozenset(("XA", "XD", "XU", "ZA", "RA", "FL"))
_IN_DACL = frozenset(("allow", "deny"))


class Trustee(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a SID means, and how far such an account is trusted."""

    name: str
    trust: Trust
    sid: str = ""


class ObjectKind(Struct, frozen=True, forbid_unknown_fields=True):
    """What GENERIC_READ, _WRITE, _EXECUTE and _ALL stand for, and what rights let a program do."""

    generic: tuple[int, int, int, int]
    rights: dict[str, int]


class Vocabulary(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The tokens and words of ``rules/sddl.toml``."""

    controls: tuple[str, ...] = ()
    ace_flags: tuple[str, ...] = ()
    ace_types: dict[str, Effect] = {}
    rights: dict[str, int] = {}
    label_policies: dict[str, int] = {}
    sids: dict[str, Trustee] = {}
    other_sids: dict[str, Trustee] = {}
    sid_prefixes: dict[str, Trustee] = {}
    integrity: dict[str, str] = {}
    accounts: dict[str, str] = {}
    well_known: dict[str, str] = {}
    authorities: dict[str, int] = {}
    kinds: dict[str, ObjectKind] = {}
    standard: dict[str, int] = {}


class Sid(Struct, frozen=True):
    """An account, group or integrity level: as it is written, as ``S-1-…`` where that is known, in
    words, and how far it is trusted. An empty ``trust`` is that of nobody in particular."""

    text: str
    sid: str
    name: str
    trust: Trust | Literal["integrity", ""]


class Ace(Struct, frozen=True):
    """An entry. ``rights`` is the mask, for a label what it keeps lower programs from. ``object``
    holds the GUIDs of an object entry, ``condition`` what a conditional one asks."""

    type: str
    effect: Effect
    flags: tuple[str, ...]
    rights: int
    sid: Sid
    object: str = ""
    condition: str = ""
    start: int = 0
    end: int = 0

    @property
    def applies(self) -> bool:
        """False for an entry that is only for what is created inside the object."""
        return "IO" not in self.flags


class Acl(Struct, frozen=True):
    """A list of entries; ``null``: there is none, which lets everyone do everything.
    ``whole``: no entry is unknown."""

    aces: tuple[Ace, ...] = ()
    controls: tuple[str, ...] = ()
    null: bool = False
    whole: bool = True


class Security(Struct, frozen=True):
    """A security descriptor. Without a ``dacl`` the default one of the creator applies."""

    owner: Sid | None = None
    group: Sid | None = None
    dacl: Acl | None = None
    sacl: Acl | None = None

    @property
    def label(self) -> Ace | None:
        """The integrity label, if it has one."""
        aces = self.sacl.aces if self.sacl is not None else ()
        return next((ace for ace in aces if ace.effect == "label" and ace.applies), None)


class Fault(Struct, frozen=True):
    """What is wrong with a text, and where: a half-open range of its characters."""

    message: str
    start: int
    end: int


class _Invalid(Exception):
    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.fault = Fault(message, start, end)


def decode(text: str, words: Vocabulary) -> Security | Fault:
    """The descriptor that ``text`` says, or the first thing in it that Windows doesn't accept."""
    try:
        return _descriptor(text, words)
    except _Invalid as error:
        return error.fault


def looks_like_sddl(text: str) -> bool:
    """Whether a text can be meant as SDDL: an owner, a group or a list of entries, nothing else."""
    return bool(re.match(r"\s*(?:[OG]:(?:[A-Z]{2}|S-1-)|[DS]:[A-Z_]*\()", text))


def sid_named(text: str, words: Vocabulary) -> Sid | None:
    """The SID of two letters or of ``S-1-…``; None for what is neither."""
    upper = text.upper()
    if upper in words.integrity:
        full = upper if upper.startswith("S-") else _full_integrity(upper, words)
        return Sid(text, full, words.integrity[upper], "integrity")
    if upper in words.sids:
        trustee = words.sids[upper]
        return Sid(text, trustee.sid, trustee.name, trustee.trust)
    if not _SID.fullmatch(text):
        return None
    for trustee in words.sids.values():
        if trustee.sid == upper:
            return Sid(text, upper, trustee.name, trustee.trust)
    other = words.other_sids.get(upper)
    if other is not None:
        return Sid(text, upper, other.name, other.trust)
    for prefix, trustee in words.sid_prefixes.items():
        if upper.startswith(prefix):
            return Sid(text, upper, f"{trustee.name} {text}", _trust(upper, trustee))
    if upper.startswith("S-1-16-"):
        return Sid(text, upper, f"integrity level {text}", "integrity")
    return Sid(text, upper, text, "")


def _full_integrity(token: str, words: Vocabulary) -> str:
    name = words.integrity[token]
    return next(it for it, other in words.integrity.items() if other == name and len(it) > 2)


def _trust(sid: str, trustee: Trustee) -> Trust:
    """The administrator's account, and the domain's administrators, have fixed last parts."""
    if not sid.startswith("S-1-5-21-"):
        return trustee.trust
    last = sid.rpartition("-")[2]
    return "admin" if last in ("500", "512", "519") else "broad" if last == "513" else "group"


# --- the parts ---


def _descriptor(text: str, words: Vocabulary) -> Security:
    parts: dict[str, Sid | Acl] = {}
    at = 0
    while text[at:].strip():
        match = _SECTION.match(text, at)
        if match is None:
            _refuse(f"`{text[at:].strip()[:12]}` is none of O:, G:, D:, S:", at, len(text))
        letter = match[1].upper()
        if letter in parts:
            _refuse(f"{letter}: stands there twice", match.start(1), match.end())
        if letter in "OG":
            parts[letter], at = _owner(text, match.end(), words)
        else:
            parts[letter], at = _acl(text, match.end(), words, dacl=letter == "D")
    owner, group, dacl, sacl = (parts.get(letter) for letter in "OGDS")
    return Security(
        owner if isinstance(owner, Sid) else None,
        group if isinstance(group, Sid) else None,
        dacl if isinstance(dacl, Acl) else None,
        sacl if isinstance(sacl, Acl) else None,
    )


def _owner(text: str, at: int, words: Vocabulary) -> tuple[Sid, int]:
    end = at + 2
    if text[at : at + 2].upper() == "S-":
        match = _SID.match(text, at)
        end = match.end() if match else len(text)
        # The D of a section that follows is no hexadecimal digit.
        if text[end : end + 1] == ":":
            end -= 1
    return _sid(text, at, end, words), end


def _sid(text: str, start: int, end: int, words: Vocabulary) -> Sid:
    written = text[start:end].strip()
    found = sid_named(written, words)
    if found is None:
        what = f"`{written}` is no account" if written else "the entry names no account"
        _refuse(what, start, end)
    return found


def _acl(text: str, at: int, words: Vocabulary, *, dacl: bool) -> tuple[Acl, int]:
    controls, at = _controls(text, at, words)
    aces = []
    while True:
        at = _skip_blanks(text, at)
        if text[at : at + 1] != "(":
            break
        ace, at = _ace(text, at, words, dacl=dacl)
        aces.append(ace)
    return Acl(tuple(aces), controls, null="NO_ACCESS_CONTROL" in controls), at


def _controls(text: str, at: int, words: Vocabulary) -> tuple[tuple[str, ...], int]:
    found: list[str] = []
    while True:
        at = _skip_blanks(text, at)
        if not text[at : at + 1].isalpha() or _SECTION.match(text, at):
            return tuple(found), at
        upper = text.upper()
        token = next((word for word in words.controls if upper.startswith(word, at)), "")
        if not token:
            word = re.match(r"[A-Za-z_]+", text[at:])
            shown = word[0] if word else text[at]
            _refuse(f"`{shown}` is no flag of a list", at, at + len(shown))
        found.append(token)
        at += len(token)


def _skip_blanks(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


# --- entries ---


def _ace(text: str, start: int, words: Vocabulary, *, dacl: bool) -> tuple[Ace, int]:
    end = _closing(text, start)
    fields, at = [], start + 1
    for number in range(_FIELDS + 1):
        semicolon = text.find(";", at, end) if number < _FIELDS else -1
        last = semicolon if semicolon >= 0 else end
        fields.append((at, last))
        at = last + 1
        if semicolon < 0:
            break
    if len(fields) < _FIELDS:
        count = f"{len(fields)} fields, not {_FIELDS}"
        _refuse(f"`{text[start : end + 1]}` has {count}", start, end + 1)
    type_, effect = _type(text, fields[0], words, dacl=dacl)
    _check_seventh(text, fields, type_, start, end)
    return (
        Ace(
            type_,
            effect,
            _tokens(text, fields[1], words.ace_flags, "flag of an entry"),
            _rights(text, fields[2], words, label=effect == "label"),
            _trustee(text, fields[5], words, label=effect == "label"),
            "; ".join(it for it in (_part(text, fields[3]), _part(text, fields[4])) if it),
            _part(text, fields[6]) if len(fields) > _FIELDS else "",
            start,
            end + 1,
        ),
        end + 1,
    )


def _closing(text: str, start: int) -> int:
    """Where the parenthesis closes; those of a condition stand inside, and quoted texts in it."""
    depth, quoted, at = 0, False, start
    while at < len(text):
        letter = text[at]
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter in "()":
            depth += 1 if letter == "(" else -1
            if not depth:
                break
        at += 1
    else:
        _refuse("an entry has no closing parenthesis", start, len(text))
    return at


def _part(text: str, field: tuple[int, int]) -> str:
    return text[slice(*field)].strip()


def _type(
    text: str, field: tuple[int, int], words: Vocabulary, *, dacl: bool
) -> tuple[str, Effect]:
    written = _part(text, field).upper()
    effect = words.ace_types.get(written)
    if effect is None:
        _refuse(f"`{_part(text, field)}` is no type of an entry", *field)
    if (effect in _IN_DACL) != dacl:
        right, wrong = ("S:", "D:") if dacl else ("D:", "S:")
        _refuse(f"an entry of type {written} belongs into {right}, not into {wrong}", *field)
    return written, effect


def _check_seventh(
    text: str, fields: list[tuple[int, int]], type_: str, start: int, end: int
) -> None:
    if len(fields) > _FIELDS and type_ not in _WITH_SEVENTH:
        _refuse(f"`{text[start : end + 1]}` has a field too many", *fields[_FIELDS])
    if any("(" in text[slice(*field)] for field in fields[:_FIELDS]):
        _refuse("an entry has no closing parenthesis", start, fields[0][1])


def _tokens(
    text: str, field: tuple[int, int], known: tuple[str, ...], what: str
) -> tuple[str, ...]:
    written = text[slice(*field)]
    start = field[0] + len(written) - len(written.lstrip())
    found = []
    for at in range(start, start + len(written.strip()), 2):
        token = text[at : min(at + 2, field[1])]
        if token.upper() not in known:
            _refuse(f"`{token}` is no {what}", at, at + len(token))
        found.append(token.upper())
    return tuple(found)


def _rights(text: str, field: tuple[int, int], words: Vocabulary, *, label: bool) -> int:
    written = _part(text, field)
    if written[:1].isdigit():
        if not _NUMBER.fullmatch(written):
            _refuse(f"`{written}` is no access mask", *field)
        octal = re.fullmatch("0[0-7]+", written)
        return int(written, 8) if octal else int(written, 16 if "x" in written.lower() else 10)
    table = words.label_policies if label else words.rights
    tokens = _tokens(text, field, tuple(table), "policy of a label" if label else "right")
    mask = 0
    for token in tokens:
        mask |= table[token]
    return mask


def _trustee(text: str, field: tuple[int, int], words: Vocabulary, *, label: bool) -> Sid:
    sid = _sid(text, *field, words)
    if label and sid.trust != "integrity":
        _refuse(f"`{sid.text}` is no integrity level", *field)
    return sid


def _refuse(message: str, start: int, end: int) -> NoReturn:
    raise _Invalid(message, start, end)
