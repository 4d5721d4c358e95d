"""Preprocessor lines of C and C++: finding them, and choosing what of ``#if`` groups stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from sessionzero.c_numbers import number
from sessionzero.conditions import Truth, defined, evaluate
from sessionzero.facts import Conditional
from sessionzero.frontends.c.mask import Masked, blank
from sessionzero.predefined import ABSENT, UNKNOWN, Definitions

# Up to the end of the line, or of the last one that continues it.
_HASH = re.compile(rb"#[ \t]*+([A-Za-z_]*+)[^\n\\]*+(?:\\(?:\r\n|\n)?+[^\n\\]*+)*+")
_DEFINE = re.compile(rb"[ \t]*([A-Za-z_]\w*)(\([^()\n]{0,2000}\))?")
_NAME = re.compile(rb"\s*([A-Za-z_]\w*)")
_GUARD = re.compile(rb"!\s*defined\s*\(?\s*([A-Za-z_]\w*)\s*\)?\s*\Z")
_GUARD_NAME = re.compile(rb"_H(?:H|PP|XX)?_*(?:INCLUDED_*)?\Z")
_BRACKETS = re.compile(rb"[{}()]")

_MAXIMUM_DEPTH = 200  # deeper groups keep all their branches
_MAXIMUM_BRANCH = 1 << 18  # longer branches (bytes) are taken for whole statements


class Directive(Struct, frozen=True, gc=False):
    """A preprocessor line: ``start`` at the ``#``, ``body`` after the keyword, ``end`` exclusive
    of its last line end (a line may be continued)."""

    keyword: bytes
    start: int
    body: int
    end: int


class Define(Struct, frozen=True, gc=False):
    """A live ``#define``; ``parameters`` is None for an object-like one."""

    name: str
    name_start: int
    parameters: tuple[str, ...] | None
    start: int
    body: int
    end: int


class Linear(NamedTuple):
    """A source without its preprocessor lines and dead branches (blanks stand in their place).

    ``chosen`` are the branches that stand for groups which can't be kept whole, ``dropped`` the
    others of those groups, which are in other variants.
    """

    code: bytearray
    shape: bytearray
    defines: tuple[Define, ...]
    includes: tuple[Directive, ...]
    settled: tuple[str, ...]
    conditionals: tuple[Conditional, ...]
    chosen: tuple[tuple[int, int], ...]
    dropped: tuple[tuple[int, int], ...]


class _Part(Struct):
    """One branch of a group: whether it is taken, its own condition, the whole one in force
    (with the earlier ones denied), and its text."""

    truth: Truth
    own: str
    condition: str
    body: int
    end: int = 0


class _Group(Struct):
    """An open ``#if``; ``live`` says whether the lines around it are compiled, ``decided`` that no
    later branch can be taken."""

    live: Truth
    parts: list[_Part]
    decided: bool = False


class _Work(Struct):
    code: bytearray
    shape: bytearray
    definitions: Definitions
    variant: int
    assumed: dict[str, bool] = {}
    groups: list[_Group] = []
    defines: list[Define] = []
    includes: list[Directive] = []
    settled: dict[str, None] = {}
    conditionals: list[Conditional] = []
    chosen: list[tuple[int, int]] = []
    dropped: list[tuple[int, int]] = []


def find_directives(shape: bytes) -> Iterator[Directive]:
    """The preprocessor lines, in order."""
    for match in _HASH.finditer(shape):
        start, end = match.span()
        at_margin = shape[start - 1 : start] == b"\n"  # as nearly all are
        if at_margin or not shape[shape.rfind(b"\n", 0, start) + 1 : start].strip():
            yield Directive(match[1], start, match.end(1), end)


def linearise(masked: Masked, definitions: Definitions, *, variant: int = 0) -> Linear:
    """Evaluate conditions for Windows, blank dead branches and all preprocessor lines.

    Where a condition is unknown all branches stay that are whole statements; if one is not, only
    one is kept, or the braces of the rest of the file would not match: the first in ``variant`` 0,
    the second in 1 (or the last), and everywhere the same for the same condition. ``definitions``
    is what is defined at first; it is changed by the file's own ``#define`` lines.
    """
    work = _Work(bytearray(masked.code), bytearray(masked.shape), definitions, variant)
    blanks = blank(masked.shape)
    directives = list(find_directives(masked.shape))
    for index, directive in enumerate(directives):
        following = directives[index + 1] if index + 1 < len(directives) else None
        start, end = directive.start, directive.end
        work.shape[start:end] = work.code[start:end] = blanks[start:end]
        _step(work, masked.shape, directive, following)
    while work.groups:
        _close(work, len(work.code))
    conditionals = sorted(work.conditionals, key=lambda c: (c.start, -c.end))
    return Linear(
        work.code,
        work.shape,
        tuple(work.defines),
        tuple(work.includes),
        tuple(work.settled),
        tuple(conditionals),
        tuple(work.chosen),
        tuple(work.dropped),
    )


def _step(work: _Work, shape: bytes, directive: Directive, following: Directive | None) -> None:
    live = _liveness(work)
    match directive.keyword:
        case b"define" if live is not False:
            _define(work, shape, directive, live)
        case b"if" | b"ifdef" | b"ifndef":
            truth, condition = _condition(work, shape, directive, following, live)
            part = _Part(truth, condition, condition, directive.end)
            work.groups.append(_Group(live, [part], decided=truth is True))
        case b"elif" | b"elifdef" | b"elifndef" | b"else" if work.groups:
            _next_part(work, shape, directive)
        case b"endif" if work.groups:
            _close(work, directive.start)
        case b"undef" if live is not False:
            _undefine(work, shape[directive.body : directive.end], live)
        case b"cmakedefine" | b"mesondefine":
            _settle(work, shape[directive.body : directive.end])
        case b"include" | b"import" | b"include_next" if live is not False:
            work.includes.append(directive)
        case _:
            pass


def _liveness(work: _Work) -> Truth:
    """Whether the lines at this place are compiled."""
    if not work.groups:
        return True
    group = work.groups[-1]
    truth = group.parts[-1].truth
    if group.live is False or truth is False:
        return False
    return True if group.live and truth else None


def _condition(
    work: _Work, shape: bytes, directive: Directive, following: Directive | None, live: Truth
) -> tuple[Truth, str]:
    """Whether the condition of an ``#if`` or ``#elif`` line holds, and its text."""
    body = shape[directive.body : directive.end]
    if directive.keyword in (b"if", b"elif"):
        text = " ".join(body.replace(b"\\", b" ").decode("utf-8", "replace").split())
        if _is_guard(_GUARD.search(body), shape, following):
            return True, text
        return (False if live is False else evaluate(text, work.definitions)), text
    match = _NAME.match(body)
    if not match:
        return None, ""
    name = match[1].decode()
    truth = defined(name, work.definitions)
    if not directive.keyword.endswith(b"ndef"):
        return truth, f"defined({name})"
    if _is_guard(match, shape, following):
        return True, f"!defined({name})"
    return (None if truth is None else not truth), f"!defined({name})"


def _is_guard(tested: re.Match[bytes] | None, shape: bytes, following: Directive | None) -> bool:
    """True for ``#ifndef NAME`` right before ``#define NAME``: an include guard.

    With a value it is more often a default, unless the name is that of a header.
    """
    if tested is None or following is None or following.keyword != b"define":
        return False
    words = shape[following.body : following.end].split()
    if words[:1] != [tested[1]]:
        return False
    return len(words) == 1 or _GUARD_NAME.search(tested[1]) is not None


def _next_part(work: _Work, shape: bytes, directive: Directive) -> None:
    """Begin the next branch of the innermost group."""
    group = work.groups[-1]
    group.parts[-1].end = directive.start
    truth: Truth = True
    own = ""
    if directive.keyword != b"else":
        truth, own = _condition(work, shape, directive, None, group.live)
    decides = truth is True
    if group.decided:
        truth = False
    elif truth and any(part.truth is None for part in group.parts):
        truth = None
    group.decided = group.decided or decides
    denied = [f"!({part.own})" for part in group.parts if part.truth is None and part.own]
    condition = " && ".join([*denied, own] if own else denied)
    group.parts.append(_Part(truth, own, condition, directive.end))


def _close(work: _Work, end: int) -> None:
    """Decide what stays of the innermost group."""
    depth = len(work.groups)
    group = work.groups.pop()
    group.parts[-1].end = end
    if group.live is False:
        return  # a branch around it will be blanked
    kept = [part for part in group.parts if part.truth is not False]
    if len(kept) > 1 and depth <= _MAXIMUM_DEPTH and not all(_is_whole(work, p) for p in kept):
        chosen = _choose(work, kept)
        work.chosen.append((chosen.body, chosen.end))
        for part in kept:
            if part is not chosen:
                part.truth = False
                work.dropped.append((part.body, part.end))
    for part in group.parts:
        if part.truth is False:
            blanks = blank(work.shape[part.body : part.end])
            work.shape[part.body : part.end] = work.code[part.body : part.end] = blanks
        elif part.truth is None:
            work.conditionals.append(Conditional(part.condition, part.body, part.end))


def _choose(work: _Work, parts: list[_Part]) -> _Part:
    """The branch that stands for its group: by what was assumed of its condition before, so that
    the brackets of one group match those of another; else by the variant."""
    possible: list[tuple[_Part, str, bool]] = []
    for part in parts:
        name = part.own.removeprefix("!")
        holds = name == part.own
        known = work.assumed.get(name) if name else None
        if known is not None and known == holds:
            return part
        if known is None:
            possible.append((part, name, holds))
    if not possible:
        return parts[-1]
    index = min(work.variant, len(possible) - 1)
    for place, (_, name, holds) in enumerate(possible[: index + 1]):
        if name:
            work.assumed[name] = holds == (place == index)
    return possible[index][0]


def _is_whole(work: _Work, part: _Part) -> bool:
    """True if the text of a branch is a row of whole statements, or nothing."""
    if part.end - part.body > _MAXIMUM_BRANCH:
        return True
    text = bytes(work.shape[part.body : part.end]).strip()
    if not text:
        return True
    if text[-1] not in b";{}:":
        return False
    braces = parentheses = 0
    for bracket in _BRACKETS.findall(text):
        braces += (bracket == b"{") - (bracket == b"}")
        parentheses += (bracket == b"(") - (bracket == b")")
        if braces < 0 or parentheses < 0:
            return False
    return not braces and not parentheses


def _define(work: _Work, shape: bytes, directive: Directive, live: Truth) -> None:
    """Record a macro, and what later conditions may know of it."""
    match = _DEFINE.match(shape, directive.body, directive.end)
    if not match:
        return
    name = match[1].decode()
    parameters = None if match[2] is None else _parameters(match[2])
    start, body = directive.start, match.end()
    work.defines.append(Define(name, match.start(1), parameters, start, body, directive.end))
    written = shape[body : directive.end].decode("utf-8", "replace").strip().strip("()")
    value = number(written) if parameters is None else None
    if live is None:
        work.definitions.pop(name, None)
    else:
        work.definitions[name] = UNKNOWN if value is None else value


def _settle(work: _Work, body: bytes) -> None:
    """Note a name that the file itself, or what is made of it, defines or not."""
    match = _NAME.match(body.removeprefix(b"01"))  # #cmakedefine01
    if match:
        work.settled[match[1].decode()] = None


def _undefine(work: _Work, body: bytes, live: Truth) -> None:
    _settle(work, body)
    match = _NAME.match(body)
    if match and live is None:
        work.definitions.pop(match[1].decode(), None)
    elif match:
        work.definitions[match[1].decode()] = ABSENT


def _parameters(text: bytes) -> tuple[str, ...]:
    words = text[1:-1].replace(b"\\", b" ").decode("utf-8", "replace").split(",")
    return tuple(word.strip() for word in words if word.strip())


# ``//#define SHOW_ERRORS``: a switch that its author has turned off.
_OFF = re.compile(
    rb"/(?:/+|\*+)[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)[ \t]*1?[ \t]*(?:\*/|//|/\*|\r?$)",
    re.MULTILINE,  # its literal beginning makes the search quick, which a ^ does not
)


def switched_off(source: bytes) -> tuple[str, ...]:
    """The names of macros without a value, or of value 1, that a comment alone defines."""
    found = dict[str, None]()
    for match in _OFF.finditer(source):
        start = match.start()
        if not source[source.rfind(b"\n", 0, start) + 1 : start].strip():
            found[match[1].decode()] = None
    return tuple(found)
