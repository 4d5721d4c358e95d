"""What is known of a value: a few alternatives, each with the place where it was written.

*Unknown is a value*: an empty, open :class:`Value` says nothing, and nothing follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct, structs

from sessionzero.link.files.units import CallSite, Spot

_MOST = 48  # alternatives kept; beyond it a value is as good as unknown


class Known(Struct, frozen=True):
    """One thing that a value can be.

    ``text``: a string, whole or (``exact`` false) only its beginning. ``fragment``: some part of a
    string of which the beginning isn't known. ``number``: an integer, or (``exact`` false) bits
    that are certainly set in it; of a character literal ``text`` is the character. ``call``:
    whatever the call ``site`` gave back. ``origin`` is where it was written, ``passed`` the
    arguments through which it came, the outermost first; ``raw`` is a literal's spelling.
    ``sometimes``: only on some ways through. ``rest``: the calls that give what follows a
    beginning, perhaps.
    """

    kind: Literal["text", "fragment", "number", "null", "call"]
    origin: Spot
    text: str = ""
    number: int = 0
    exact: bool = True
    raw: str = ""
    site: CallSite | None = None
    passed: tuple[Spot, ...] = ()
    sometimes: bool = False
    rest: tuple[CallSite, ...] = ()


class Value(Struct, frozen=True):
    """The known alternatives of a value; ``open``: it can be something else as well."""

    known: tuple[Known, ...] = ()
    open: bool = True

    @property
    def texts(self) -> tuple[Known, ...]:
        """The alternatives that are strings."""
        return tuple(known for known in self.known if known.kind == "text")

    @property
    def fragments(self) -> tuple[str, ...]:
        """All that is known of strings: beginnings, and parts from anywhere in them."""
        return tuple(known.text for known in self.known if known.kind in ("text", "fragment"))

    @property
    def is_null(self) -> bool:
        """True if the value is certainly null, zero or None."""
        return (
            bool(self.known)
            and not self.open
            and all(
                k.kind == "null" or (k.kind == "number" and k.number == 0 and k.exact)
                for k in self.known
            )
        )

    def has_bits(self, bits: int) -> Known | None:
        """The first alternative in which all of ``bits`` are set."""
        for known in self.known:
            if known.kind == "number" and known.number & bits == bits:
                return known
        return None


UNKNOWN = Value()


def just(known: Known) -> Value:
    """A value that can only be this."""
    return Value((known,), open=False)


def either(*values: Value) -> Value:
    """A value that is one of several."""
    merged: list[Known] = []
    for value in values:
        merged.extend(known for known in value.known if known not in merged)
    return Value(tuple(merged[:_MOST]), open=any(v.open for v in values) or len(merged) > _MOST)


def occasionally(value: Value) -> Value:
    """The same alternatives, each on some ways only."""
    return Value(tuple(structs.replace(k, sometimes=True) for k in value.known), open=value.open)


def passed(value: Value, spot: Spot) -> Value:
    """The value as it arrives through an argument at ``spot``."""
    return Value(
        tuple(structs.replace(known, passed=(*known.passed, spot)) for known in value.known),
        open=value.open,
    )


def said(value: Value) -> Value:
    """The value as if it were written out where it is used."""
    return Value(tuple(structs.replace(k, passed=()) for k in value.known), open=value.open)


def as_text(known: Known) -> Known | None:
    """A number as the text it prints as, a character as itself; a text as it is; anything else is
    no text."""
    if known.kind == "text":
        return known
    if known.kind == "number" and known.exact:
        text = known.text or str(known.number)
        return structs.replace(known, kind="text", text=text, raw="")
    return None


def behind(value: Value, skipped: Value) -> Value:
    """What of a text stands behind so many characters of it: C's ``name + 7``, ``&name[7]``."""
    found = [
        structs.replace(text, text=text.text[by.number :], raw="")
        for text in value.texts
        for by in skipped.known
        if _exact_number(by) and 0 <= by.number < len(text.text) + text.exact
    ]
    whole = len(found) == len(value.known) * len(skipped.known)
    return _some(found, open=value.open or skipped.open or not whole)


def searched(value: Value, character: Value) -> Value:
    """What of a text begins with a character, where it first stands: ``strchr``."""
    found = [
        structs.replace(text, text=text.text[at:], raw="")
        for text in value.texts
        for sought in character.known
        if (at := text.text.find(_character(sought))) >= 0
    ]
    whole = len(found) == len(value.known) * len(character.known)
    return _some(found, open=value.open or character.open or not whole)


def _character(known: Known) -> str:
    """The character that a number means, whether it is written as one or not."""
    return chr(known.number) if _exact_number(known) and 0 < known.number < 0x110000 else "\0"


def overlaid(state: Value, place: Value, value: Value) -> Value:
    """A text of which what stands from a place on is written anew: ``strcpy(name + 7, base)``.
    Nothing is known of it if the place may be another one."""
    if not _is_number(place):
        return UNKNOWN
    where = place.known[0].number
    found = [
        structs.replace(new, text=old.text[:where] + new.text, raw="")
        for old in state.texts
        for new in value.texts
        if 0 <= where <= len(old.text)
    ]
    whole = len(found) == len(state.known) * len(value.known)
    return _some(found, open=state.open or value.open or not whole)


def with_character(state: Value, place: Value, value: Value) -> Value:
    """A text after ``text[place] = value``. Where an end is put isn't always known; mostly it is
    that of the buffer."""
    where = place.known[0].number if _is_number(place) else -1
    if not _is_number(value):
        return UNKNOWN
    if value.known[0].number == 0:
        if where < 0:
            return state
        empty = structs.replace(value.known[0], kind="text", text="")
        found = [structs.replace(known, text=known.text[:where]) for known in state.texts]
        return Value(tuple(found), open=state.open) if where else just(empty)
    character = _character(value.known[0])
    if where < 0:
        return _with_some_characters(state, character)
    found = [
        structs.replace(known, text=known.text[:where] + character + known.text[where + 1 :])
        for known in state.texts
        if 0 <= where < len(known.text) + known.exact
    ]
    return _some(found, open=state.open or len(found) < len(state.known))


_WORD = re.compile(r"[A-Za-z0-9]+")


def _with_some_characters(state: Value, character: str) -> Value:
    """A text in which a loop puts a character in the place of some that aren't wanted: what begins
    it as a word is taken to stay. Where backslashes count, nothing is known any more."""
    begun = [(known, _WORD.match(known.text)) for known in state.texts]
    if character == "\\" or any("\\" in known.text or not word for known, word in begun):
        return UNKNOWN
    found = [
        structs.replace(known, text=word[0], exact=False, rest=()) for known, word in begun if word
    ]
    return _some(found, open=state.open)


def _is_number(value: Value) -> bool:
    return len(value.known) == 1 and not value.open and _exact_number(value.known[0])


def added(left: Value, right: Value, *, native: bool) -> Value:
    """``left + right`` where one of them is text: in C and C++ (``native``) a number moves a
    pointer on, and only a character is put behind it. A zero moves nothing: it is a null pointer
    behind a string object."""
    numbers = bool(right.known) and all(k.kind == "number" and not k.text for k in right.known)
    if not (native and numbers):
        return join([left, right])
    return behind(left, right) if any(k.number for k in right.known) else join([left, UNKNOWN])


def depends_on_call(value: Value) -> bool:
    """Whether more than one thing is made of what the same call passes."""
    ways = [known.passed for known in value.known if known.passed]
    return len(set(ways)) < len(ways)


def join(parts: Sequence[Value]) -> Value:
    """Strings put together; what precedes an unknown part is kept, what follows it only as
    fragments."""
    result: list[Known] = []
    loose: list[Known] = []  # what stands somewhere behind the beginnings
    for number, part in enumerate(parts):
        texts = [text for known in part.known if (text := as_text(known)) is not None]
        if number == 0 and texts:
            result = list(texts)
        elif not texts or (part.open and number):
            calls = tuple(it.site for rest in parts[number:] for it in rest.known if it.site)
            result = [structs.replace(known, exact=False, rest=calls) for known in result]
            found = (*result, *loose, *_fragments(parts[number:]))
            return Value(found[:_MOST], open=not result or parts[0].open)
        else:
            if not any(known.exact for known in result):
                loose += _fragments([Value(tuple(texts))])
            result = [
                _append(known, text) if known.exact else known for known in result for text in texts
            ]
        loose += (known for known in part.known if known.kind == "fragment")
        if len(result) > _MOST:
            return Value(tuple(result[:_MOST]), open=True)
    return Value((*result, *loose)[:_MOST], open=not parts or parts[0].open)


def _fragments(parts: Sequence[Value]) -> list[Known]:
    return [
        structs.replace(known, kind="fragment", exact=False)
        for part in parts
        for known in part.known
        if known.kind in ("text", "fragment") and len(known.text) > 1
    ]


def _append(known: Known, text: Known) -> Known:
    origin = known.origin if known.text else text.origin
    return structs.replace(
        known,
        text=known.text + text.text,
        exact=text.exact,
        origin=origin,
        raw=f"{known.raw} {text.raw}".strip(),
        passed=(known.passed if known.text else ()) or text.passed or known.passed,
        sometimes=known.sometimes or text.sometimes,
        rest=text.rest,
    )


def combine(operator: str, left: Value, right: Value) -> Value:
    """``left operator right`` for integers; bits that are certain survive an unknown operand."""
    if operator == "|":
        return _either_bits(left, right)
    if operator == "&":
        return _masked(left, right)
    function = _ARITHMETIC.get(operator)
    if function is None or left.open or right.open:
        return UNKNOWN
    found = [
        structs.replace(a, number=function(a.number, b.number), text="")
        for a in left.known
        for b in right.known
        if _exact_number(a) and _exact_number(b) and abs(b.number) < 1 << 40
    ]
    return _some(found, open=not found)


_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "^": lambda a, b: a ^ b,
    "<<": lambda a, b: a << b if 0 <= b < 64 else 0,
    ">>": lambda a, b: a >> b if 0 <= b < 64 else 0,
}


def _exact_number(known: Known) -> bool:
    return known.kind == "number" and known.exact


def _numbers(value: Value) -> list[Known]:
    return [known for known in value.known if known.kind == "number"]


def _either_bits(left: Value, right: Value) -> Value:
    mine, theirs = _numbers(left), _numbers(right)
    found = [_or(a, b) for a in mine for b in theirs]
    if left.open or not mine:
        found += [structs.replace(known, exact=False) for known in theirs]
    if right.open or not theirs:
        found += [structs.replace(known, exact=False) for known in mine]
    uncovered = (left.open or not mine) and (right.open or not theirs)
    return _some(found, open=uncovered or not found)


def _some(found: Sequence[Known], *, open: bool) -> Value:
    """As many of the alternatives as are kept; the value is open if some are dropped."""
    return Value(tuple(found[:_MOST]), open=open or len(found) > _MOST)


def _or(left: Known, right: Known) -> Known:
    """The origin is that of the operand with the higher bits: the flag, not the base type."""
    first, second = (left, right) if left.number >= right.number else (right, left)
    return structs.replace(
        first,
        number=left.number | right.number,
        exact=left.exact and right.exact,
        passed=first.passed or second.passed,
        sometimes=left.sometimes or right.sometimes,
    )


def _masked(left: Value, right: Value) -> Value:
    mine, theirs = _numbers(left), _numbers(right)
    found = [known for a in mine for b in theirs for known in _and(a, b)]
    mask = right if not mine else left
    if not found and len(mask.known) == 1 and not mask.open and _is_one_bit(mask.known[0]):
        bit = structs.replace(mask.known[0], sometimes=True)
        return Value((bit, structs.replace(bit, number=0)))
    return _some(found, open=left.open or right.open or not found)


def _and(left: Known, right: Known) -> list[Known]:
    """A flag that passes a mask of itself alone was asked for at both places."""
    number, exact = left.number & right.number, left.exact and right.exact
    both = number and _is_one_bit(right)
    return [
        structs.replace(known, number=number, exact=exact)
        for known in ((left, right) if both else (left,))
    ]


def _is_one_bit(known: Known) -> bool:
    """``x & FLAG`` is the flag or nothing, whatever x is."""
    return _exact_number(known) and known.number > 0 and not known.number & (known.number - 1)


def added_bits(value: Value) -> Value:
    """What ``|= value`` leaves in a variable of which nothing else is known."""
    found = tuple(structs.replace(k, exact=False) for k in value.known if k.kind == "number")
    return Value(found, open=not found)


def complement(value: Value) -> Value:
    """``~value``, as 32 bits."""
    found = [
        structs.replace(known, number=~known.number & 0xFFFFFFFF)
        for known in value.known
        if _exact_number(known)
    ]
    return Value(tuple(found), open=value.open or not found)


_PRINTF = re.compile(
    r"%(?:%|(\(\w*\))?([-+ #0]{0,5}\*?\d{0,6}(?:\.\*?\d{0,6})?)"
    r"(?:I64|I32|ll|[hlLwztjq])?([a-zA-Z]))"
)
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}:!]*)([^{}]*)\}")
_NUMBERED = re.compile(r"%L?(\d\d?)")
_PLAIN = frozenset("sSdiu")  # conversions that print a text or number as it is


def printf(
    template: Known, arguments: Sequence[Value], named: Mapping[str, Value] | None = None
) -> Value:
    """A ``printf``-like template filled in as far as the arguments are known; ``named`` are the
    values of Python's ``%(name)s``."""
    parts: list[Value] = []
    position, used = 0, 0
    for match in _PRINTF.finditer(template.text):
        parts.append(_piece(template, template.text[position : match.start()]))
        if match.group() == "%%":
            parts.append(_piece(template, "%"))
        else:
            mapped, layout, conversion = match.groups()
            value = arguments[used] if used < len(arguments) and not mapped else UNKNOWN
            if mapped and named is not None:
                value = named.get(mapped[1:-1], UNKNOWN)
            plain = conversion in _PLAIN or (conversion == "c" and all(k.text for k in value.known))
            parts.append(value if not layout and plain else _laid_out(value))
            used += 1
        position = match.end()
    parts.append(_piece(template, template.text[position:]))
    return _from_template(template, join(parts if template.exact else [*parts, UNKNOWN]))


def _laid_out(value: Value) -> Value:
    """A value in a form of which nothing is known but the calls that gave it."""
    return Value(tuple(known for known in value.known if known.kind == "call"))


def braces(template: Known, arguments: Sequence[Value], named: dict[str, Value]) -> Value:
    """A ``str.format``-like template filled in as far as the arguments are known."""
    parts: list[Value] = []
    position, used = 0, 0
    for match in _BRACES.finditer(template.text):
        parts.append(_piece(template, template.text[position : match.start()]))
        position = match.end()
        key, layout = match.groups()
        if key is None:
            parts.append(_piece(template, match.group()[0]))
        elif layout:
            parts.append(UNKNOWN)
            used += not key
        elif key == "" or key.isdigit():
            number = int(key) if key else used
            used += 1
            parts.append(arguments[number] if number < len(arguments) else UNKNOWN)
        else:
            parts.append(named.get(key, UNKNOWN))
    parts.append(_piece(template, template.text[position:]))
    return _from_template(template, join(parts if template.exact else [*parts, UNKNOWN]))


def numbered(template: Known, arguments: Sequence[Value]) -> Value:
    """A template of ``QString::arg``: the arguments go to the places with the lowest numbers, the
    others stay."""
    markers = {int(match[1]) for match in _NUMBERED.finditer(template.text)}
    given = dict(zip(sorted(markers), arguments, strict=False))
    parts: list[Value] = []
    position = 0
    for match in _NUMBERED.finditer(template.text):
        parts.append(_piece(template, template.text[position : match.start()]))
        parts.append(given.get(int(match[1]), _piece(template, match[0])))
        position = match.end()
    parts.append(_piece(template, template.text[position:]))
    return _from_template(template, join(parts if template.exact else [*parts, UNKNOWN]))


def _piece(template: Known, text: str) -> Value:
    return just(structs.replace(template, text=text, exact=True))


def _from_template(template: Known, value: Value) -> Value:
    return Value(tuple(structs.replace(k, raw=template.raw) for k in value.known), open=value.open)
