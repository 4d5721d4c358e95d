"""Laws of the lattice: nothing is known that was not written, and unknown stays unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linking import shown
from sessionzero.link.files.units import Spot
from sessionzero.link.values.lattice import (
    UNKNOWN,
    Known,
    Value,
    braces,
    combine,
    complement,
    either,
    join,
    just,
    occasionally,
    passed,
    printf,
)

SPOT = Spot(0, 0, 0, 0)
ELSEWHERE = Spot(0, 0, 5, 9)


def text(value: str, *, exact: bool = True) -> Known:
    """A string, or the beginning of one."""
    return Known("text", SPOT, text=value, exact=exact)


def number(value: int, *, exact: bool = True) -> Known:
    """An integer, or bits that are certain."""
    return Known("number", SPOT, number=value, exact=exact)


LETTERS = st.text("AB\\", max_size=3)
BITS = st.integers(min_value=0, max_value=0xFFFF_FFFF)
TEXTS = st.builds(text, LETTERS, exact=st.booleans())
NUMBERS = st.builds(number, BITS, exact=st.booleans())
OTHERS = st.sampled_from((Known("null", SPOT), Known("call", SPOT)))
VALUES = st.builds(
    Value,
    st.lists(TEXTS | NUMBERS | OTHERS, max_size=3).map(tuple),
    open=st.booleans(),
)
EXACT_TEXTS = LETTERS.map(lambda value: just(text(value)))
OPERATORS = st.sampled_from(("|", "&", "+", "-", "*", "^", "<<", ">>", "==", "/"))


# --- Strings --------------------------------------------------------------------------------------


@given(st.lists(LETTERS, min_size=1, max_size=5))
def test_join_of_exact_texts_is_their_concatenation(parts: list[str]) -> None:
    joined = join([just(text(part)) for part in parts])
    assert shown(joined) == "".join(parts)
    assert all(known.exact for known in joined.known)


@given(st.lists(VALUES, max_size=4))
def test_join_gives_no_text_that_the_parts_do_not_have(parts: list[Value]) -> None:
    beginnings = {""}
    possible: set[str] = set()
    for part in parts:
        pieces = {k.text for k in part.texts} | {
            str(k.number) for k in part.known if k.kind == "number" and k.exact
        }
        beginnings = {left + piece for left in beginnings for piece in pieces}
        possible |= beginnings
    assert {known.text for known in join(parts).texts} <= possible


@given(st.lists(VALUES, min_size=1, max_size=3), st.integers(min_value=0, max_value=2))
def test_join_with_an_unknown_part_is_never_exact(parts: list[Value], at: int) -> None:
    at = min(at, len(parts))
    joined = join([*parts[:at], UNKNOWN, *parts[at:]])
    assert not any(known.exact for known in joined.known)


@given(st.lists(VALUES, max_size=3))
def test_join_that_begins_with_unknown_has_no_beginning(parts: list[Value]) -> None:
    joined = join([UNKNOWN, *parts])
    assert joined.open
    assert not joined.texts


@given(st.lists(VALUES, max_size=4))
def test_fragment_is_a_text_of_some_part(parts: list[Value]) -> None:
    written = {known.text for part in parts for known in part.known}
    fragments = [known for known in join(parts).known if known.kind == "fragment"]
    assert all(known.text in written and not known.exact for known in fragments)


@given(VALUES, VALUES, VALUES)
def test_join_of_a_beginning_keeps_it_whatever_follows(a: Value, b: Value, c: Value) -> None:
    first = Value(tuple(k for k in a.known if k.kind == "text"), open=a.open)
    beginnings = tuple(known.text for known in first.known)
    assert all(known.text.startswith(beginnings) for known in join([first, b, c]).texts)


TEMPLATES: Mapping[str, tuple[str, list[Value], str]] = {
    "no-argument": ("A%%B", [], "A%B"),
    "text": ("A%sB", [just(text("x"))], "AxB"),
    "wide-text": ("A%lsB%S", [just(text("x")), just(text("y"))], "AxBy"),
    "number": ("A%d", [just(number(7))], "A7"),
    "long-number": ("A%I64u", [just(number(7))], "A7"),
    "unknown": ("A%dB", [UNKNOWN], "A…"),
    "missing": ("A%dB", [], "A…"),
    "alternatives": ("A%s", [either(just(text("x")), just(text("y")))], "Ax | Ay"),
    "unknown-beside-a-known": ("A%s", [either(just(text("x")), UNKNOWN)], "A…"),
    "key-of-a-dictionary-is-no-text": ("A%(key)sB", [UNKNOWN], "A…"),
    "hexadecimal-is-not-decimal": ("A%x", [just(number(255))], "A…"),
    "padding-changes-the-text": ("A%04d", [just(number(7))], "A…"),
    "precision-cuts-the-text": ("A%.1s", [just(text("xyz"))], "A…"),
}


@pytest.mark.parametrize(("template", "given_", "expected"), TEMPLATES.values(), ids=TEMPLATES)
def test_printf(template: str, given_: list[Value], expected: str) -> None:
    assert shown(printf(text(template), given_)) == expected


BRACES: Mapping[str, tuple[str, list[Value], dict[str, Value], str]] = {
    "plain": ("AB", [], {}, "AB"),
    "escaped": ("{{A}}", [], {}, "{A}"),
    "positions-in-order": ("{}-{}", [just(text("x")), just(text("y"))], {}, "x-y"),
    "positions-by-number": ("{1}-{0}", [just(text("x")), just(text("y"))], {}, "y-x"),
    "names": ("A{n}", [], {"n": just(text("x"))}, "Ax"),
    "unknown-name": ("A{n}B", [], {}, "A…"),
    "missing-position": ("A{}B", [], {}, "A…"),
    "attribute-of-an-argument": ("A{0.name}", [just(text("x"))], {}, "A…"),
    "format-of-a-number": ("A{:x}", [just(number(255))], {}, "A…"),
}


@pytest.mark.parametrize(("template", "given_", "named", "expected"), BRACES.values(), ids=BRACES)
def test_braces(template: str, given_: list[Value], named: dict[str, Value], expected: str) -> None:
    assert shown(braces(text(template), given_, named)) == expected


# --- Alternatives ---------------------------------------------------------------------------------


@given(st.lists(VALUES, max_size=4))
def test_either_has_only_alternatives_of_its_operands(values: list[Value]) -> None:
    operands = [known for value in values for known in value.known]
    assert all(known in operands for known in either(*values).known)


@given(VALUES)
def test_either_with_unknown_is_open(value: Value) -> None:
    merged = either(value, UNKNOWN)
    assert merged.open
    assert set(merged.known) == set(value.known)


@given(VALUES, VALUES)
def test_either_does_not_depend_on_the_order(a: Value, b: Value) -> None:
    one, other = either(a, b), either(b, a)
    assert (set(one.known), one.open) == (set(other.known), other.open)


@given(st.lists(EXACT_TEXTS, max_size=20))
def test_either_is_open_if_it_drops_an_alternative(values: list[Value]) -> None:
    merged = either(*values)
    distinct = {known.text for value in values for known in value.known}
    assert merged.open == (len(merged.known) < len(distinct))


def test_join_and_combine_are_open_if_they_drop_an_alternative() -> None:
    low = either(*(just(number(1 << bit)) for bit in range(12)))
    high = either(*(just(number(1 << bit)) for bit in range(12, 24)))
    letters = either(*(just(text(letter)) for letter in "ABCDEFGHIJKL"))
    for made in (join([letters, letters]), combine("|", low, high), combine("+", low, high)):
        assert made.open == (len(made.known) < 144)


@given(VALUES)
def test_occasionally_and_passed_change_no_text_or_number(value: Value) -> None:
    for changed in (occasionally(value), passed(value, ELSEWHERE)):
        assert changed.open == value.open
        assert [(k.kind, k.text, k.number, k.exact) for k in changed.known] == [
            (k.kind, k.text, k.number, k.exact) for k in value.known
        ]


def test_nothing_follows_from_unknown() -> None:
    assert not UNKNOWN.texts
    assert not UNKNOWN.is_null
    assert UNKNOWN.has_bits(1) is None
    assert UNKNOWN.open


NULLS: Mapping[str, tuple[Value, bool]] = {
    "null": (just(Known("null", SPOT)), True),
    "zero": (just(number(0)), True),
    "one": (just(number(1)), False),
    "null-or-something-else": (Value((Known("null", SPOT),), open=True), False),
    "null-or-text": (Value((Known("null", SPOT), text("A")), open=False), False),
    "empty-text": (just(text("")), False),
    "unknown": (UNKNOWN, False),
    "zero-bits-are-certain": (just(number(0, exact=False)), False),
}


@pytest.mark.parametrize(("value", "null"), NULLS.values(), ids=NULLS)
def test_null_is_only_what_is_certainly_null(value: Value, null: bool) -> None:
    assert value.is_null == null


# --- Numbers --------------------------------------------------------------------------------------

ARITHMETIC: Mapping[str, Callable[[int, int], int]] = {
    "|": operator.or_,
    "&": operator.and_,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "^": operator.xor,
}


@pytest.mark.parametrize("sign", ARITHMETIC)
@given(a=BITS, b=BITS)
def test_exact_numbers_combine_as_integers(sign: str, a: int, b: int) -> None:
    found = combine(sign, just(number(a)), just(number(b))).known
    assert {(known.number, known.exact) for known in found} == {(ARITHMETIC[sign](a, b), True)}


@given(a=BITS, shift=st.integers(min_value=0, max_value=31))
def test_exact_numbers_shift_as_integers(a: int, shift: int) -> None:
    left = combine("<<", just(number(a)), just(number(shift)))
    right = combine(">>", just(number(a)), just(number(shift)))
    assert [known.number for known in (*left.known, *right.known)] == [a << shift, a >> shift]


@given(BITS)
def test_complement_flips_32_bits(a: int) -> None:
    (known,) = complement(just(number(a))).known
    assert known.number == a ^ 0xFFFF_FFFF
    assert complement(complement(just(number(a)))) == just(number(a))


@given(BITS, BITS)
def test_and_not_clears_what_or_has_set(a: int, b: int) -> None:
    both = combine("|", just(number(a)), just(number(b)))
    found = combine("&", both, complement(just(number(b)))).known
    assert {known.number for known in found} == {a & ~b}


@given(st.integers(min_value=0, max_value=31), BITS)
def test_a_flag_behind_a_mask_of_itself_was_written_at_both_places(bit: int, others: int) -> None:
    flag = 1 << bit
    written = msgspec.structs.replace(number(flag | others), origin=Spot(0, 0, 1, 2))
    mask = msgspec.structs.replace(number(flag), origin=Spot(0, 0, 5, 6))
    found = combine("&", just(written), just(mask)).known
    assert {known.origin for known in found} == {written.origin, mask.origin}


@given(OPERATORS, VALUES)
def test_unknown_operand_never_gives_an_exact_number(sign: str, value: Value) -> None:
    for combined in (combine(sign, value, UNKNOWN), combine(sign, UNKNOWN, value)):
        exact = {known.number for known in combined.known if known.exact}
        assert not exact or (sign == "&" and 0 in exact and len(exact) == 2)  # a flag or nothing


@given(VALUES)
def test_or_with_unknown_keeps_the_certain_bits(value: Value) -> None:
    bits = {known.number for known in value.known if known.kind == "number"}
    for combined in (combine("|", value, UNKNOWN), combine("|", UNKNOWN, value)):
        assert {known.number for known in combined.known} == bits


@given(VALUES)
def test_and_with_unknown_leaves_one_bit_or_nothing(value: Value) -> None:
    for combined in (combine("&", value, UNKNOWN), combine("&", UNKNOWN, value)):
        numbers = {known.number for known in combined.known}
        bits = {known.number for known in value.known if known.number > 0}
        one_bit = len(value.known) == 1 and any(bit & (bit - 1) == 0 for bit in bits)
        assert numbers <= ({0, *bits} if one_bit else set())
        assert combined == UNKNOWN or not combined.open


@given(NUMBERS, NUMBERS, BITS, BITS)
def test_certain_bits_survive_or_whatever_the_others_are(
    a: Known, b: Known, more_of_a: int, more_of_b: int
) -> None:
    """An inexact number stands for all that have its bits; the result must hold for each."""
    real_a = a.number if a.exact else a.number | more_of_a
    real_b = b.number if b.exact else b.number | more_of_b
    for sign in ("|", "&"):
        real = ARITHMETIC[sign](real_a, real_b)
        for known in combine(sign, just(a), just(b)).known:
            assert known.number & ~real == 0
            assert not known.exact or known.number == real


@given(OPERATORS, VALUES, VALUES)
def test_open_operand_leaves_the_result_open_or_inexact(sign: str, a: Value, b: Value) -> None:
    opened = Value(a.known, open=True)
    combined = combine(sign, opened, b)
    assert combined.open or any(not known.exact for known in combined.known)


@given(OPERATORS, VALUES, VALUES)
def test_number_is_never_made_of_text(sign: str, a: Value, b: Value) -> None:
    texts = Value(tuple(k for k in a.known if k.kind == "text"), open=False)
    combined = combine(sign, texts, b)
    assert not any(known.exact for known in combined.known)
