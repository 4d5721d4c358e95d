"""What a security descriptor lets whom do: rights as Windows computes them, and in words.

Sources: "How DACLs Control Access to an Object", "Access Rights and Access Masks", "Mandatory
Integrity Control" (learn.microsoft.com/windows/win32/secauthz).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from sessionzero.sddl import Ace, Acl, ObjectKind, Security, Sid, Vocabulary

_GENERIC = (0x80000000, 0x40000000, 0x20000000, 0x10000000)  # read, write, execute, all; winnt.h
_MAXIMUM_ALLOWED = 0x02000000  # winnt.h
_READ_CONTROL = 0x20000
_SYNCHRONIZE = 0x100000
_EVERYONE = "S-1-1-0"
_LOW = ("untrusted", "low-integrity")
_NO_WRITE_UP = 0x1
OBJECT = "object"  # the kind of which only the generic rights are known


class Grant(Struct, frozen=True):
    """What an entry really gives: the generic rights replaced by those of the kind of object, what
    entries before it deny taken away. ``number`` is its position in the list."""

    ace: Ace
    rights: int
    number: int = 0

    @property
    def sid(self) -> Sid:
        return self.ace.sid


def grants(acl: Acl, kind: str, words: Vocabulary) -> tuple[Grant, ...]:
    """What each entry that allows something leaves to its account."""
    found = []
    denied: list[tuple[str, int]] = []
    for number, ace in enumerate(acl.aces):
        rights = specific(ace.rights, kind, words)
        if not ace.applies:
            continue
        if ace.effect == "deny" and not ace.condition and not ace.object:
            denied.append((ace.sid.sid or ace.sid.text, rights))
        elif ace.effect == "allow":
            name = ace.sid.sid or ace.sid.text
            lost = _all_of(mask for sid, mask in denied if sid in (name, _EVERYONE))
            found.append(Grant(ace, rights & ~lost, number))
    return tuple(found)


def useless_denials(acl: Acl, kind: str, words: Vocabulary) -> tuple[Ace, ...]:
    """The entries that deny an account what an entry before them already lets it do."""
    found = []
    allowed: dict[str, int] = {}
    for ace in acl.aces:
        rights, name = specific(ace.rights, kind, words), ace.sid.sid or ace.sid.text
        if not ace.applies or ace.condition or ace.object:
            continue
        if ace.effect == "allow":
            allowed[name] = allowed.get(name, 0) | rights
        elif ace.effect == "deny" and rights:
            before = allowed.get(name, 0)
            if everything(before, kind, words) or not rights & ~before:
                found.append(ace)
    return tuple(found)


def specific(rights: int, kind: str, words: Vocabulary) -> int:
    """A mask with the generic rights replaced by what they stand for."""
    known = _kind(kind, words)
    if kind == OBJECT or known is words.kinds.get(OBJECT):
        return rights
    for bit, meant in zip(_GENERIC, known.generic, strict=True):
        if rights & bit:
            rights = rights & ~bit | meant
    return rights


def everything(rights: int, kind: str, words: Vocabulary) -> bool:
    """Whether a mask holds all rights of the kind of object."""
    whole = _kind(kind, words).generic[3]
    return specific(rights, kind, words) & whole == whole or bool(rights & _GENERIC[3])


def _kind(kind: str, words: Vocabulary) -> ObjectKind:
    return words.kinds.get(kind) or words.kinds[OBJECT]


def _all_of(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def writing(kind: str, words: Vocabulary) -> int:
    """The rights of its own that change what an object of a kind holds: for a mutex, to take it."""
    return _kind(kind, words).generic[1] & 0xFFFF or _SYNCHRONIZE


def whole(kind: str, words: Vocabulary) -> int:
    """All rights of a kind of object."""
    return _kind(kind, words).generic[3]


# --- in words ---


def in_words(security: Security, kind: str, words: Vocabulary) -> str:
    """The descriptor in words: "Everyone may read and write; Administrators may do everything;
    low-integrity programs may write". ``kind`` is one of the vocabulary, ``object`` if it isn't
    known."""
    label = _label_words(security.label) if security.label is not None else ""
    return "; ".join([*_dacl_words(security.dacl, kind, words), *([label] if label else [])])


def _dacl_words(acl: Acl | None, kind: str, words: Vocabulary) -> list[str]:
    if acl is None:
        return ["the default access list of the creator applies"]
    if acl.null:
        return ["everyone may do everything, also change who may use it"]
    if not acl.aces and acl.whole:
        return ["nobody may do anything"]
    said = [entry_in_words(ace, kind, words) for ace in acl.aces if ace.applies]
    more = [] if acl.whole else ["perhaps others, too"]
    return [*(dict.fromkeys(said)), *more]


def entry_in_words(ace: Ace, kind: str, words: Vocabulary) -> str:
    """One entry in words: "Everyone may read and write"; empty for what lets nobody do anything."""
    if ace.effect not in ("allow", "deny"):
        return _label_words(ace) if ace.effect == "label" else ""
    what = rights_in_words(ace.rights, kind, words)
    denied = ace.effect == "deny"
    if denied and everything(ace.rights, kind, words):
        text = f"{ace.sid.name} may do nothing"
    elif not ace.rights:
        text = f"{ace.sid.name} may do nothing more"
    else:
        text = f"{ace.sid.name} may {'not ' if denied else ''}{what}"
    if ace.object:
        text += f", in what {ace.object} names"
    return f"{text}, if {ace.condition}" if ace.condition else text


def rights_in_words(rights: int, kind: str, words: Vocabulary) -> str:
    """What a mask lets a program do with an object of a kind: "wait for it and set it"."""
    if everything(rights, kind, words):
        return "do everything"
    mapped = specific(rights, kind, words)
    table = {**_kind(kind, words).rights, **words.standard}
    said = [word for word, bit in table.items() if mapped & bit == bit]
    if rights & _MAXIMUM_ALLOWED:
        said.append("do all that is allowed")
    rest = mapped & ~_all_of(table.values())
    if not said:
        said.append("see who may use it" if mapped == _READ_CONTROL else f"use right {rest:#x}")
    elif kind == OBJECT and rest & 0xFFFF:
        said.append(f"use right {rest & 0xFFFF:#x}")
    return listed(said)


def _label_words(label: Ace) -> str:
    if label.sid.name in _LOW:
        return f"{label.sid.name} programs may write" if label.rights & _NO_WRITE_UP else ""
    kept = [word for bit, word in ((2, "read"), (1, "write"), (4, "execute")) if label.rights & bit]
    if not kept:
        return ""
    return (
        f"programs below {label.sid.name.removesuffix('-integrity')} integrity may not "
        + listed(kept, "or")
    )


def listed(items: Sequence[str], word: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"
