"""Lines and columns of byte offsets."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionzero.sources.text import Region, SourceText, Unit

# All that Python, Unicode or an editor might take for a line end, and characters of 1 to 4 bytes.
TEXTS = st.text(st.sampled_from("ab\t\n\r\f\v\x1c\x85\u2028é世🔥\u0301\ud800"), max_size=30)


def source(text: str) -> SourceText:
    return SourceText("a.c", text, "utf-8", text.encode("utf-8", "surrogatepass"))


def bytes_before(text: str, characters: int) -> int:
    return len(text[:characters].encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("before", "characters", "utf16"),
    [
        pytest.param("", (1, 1), (1, 1), id="start of the file"),
        pytest.param("\t\t", (1, 3), (1, 3), id="a tab is one column"),
        pytest.param("世é", (1, 3), (1, 3), id="wide and accented"),
        pytest.param("🔥 ", (1, 3), (1, 4), id="an emoji is two UTF-16 units"),
        pytest.param("e\u0301", (1, 3), (1, 3), id="a combining mark counts"),
        pytest.param("a\nb", (2, 2), (2, 2), id="LF"),
        pytest.param("a\r\nb", (2, 2), (2, 2), id="CR LF"),
        pytest.param("a\rb", (2, 2), (2, 2), id="lone CR"),
        pytest.param("a\n\r\nb", (3, 2), (3, 2), id="mixed"),
        pytest.param("a\fb\u2028c\x85d", (1, 8), (1, 8), id="no line ends"),
        pytest.param("é\n🔥\n", (3, 1), (3, 1), id="start of a line"),
    ],
)
def test_position_of_a_token(
    before: str, characters: tuple[int, int], utf16: tuple[int, int]
) -> None:
    text = source(before + "token()")
    start = bytes_before(before, len(before))
    expected: dict[Unit, tuple[int, int]] = {"characters": characters, "utf16": utf16}
    for unit, (line, column) in expected.items():
        region = Region(line, column, line, column + 5)
        assert text.locate(start, start + 5, unit=unit) == region


@given(TEXTS)
def test_positions_agree_with_counting_by_hand(text: str) -> None:
    line, line_start = 1, 0
    for index in range(len(text) + 1):
        offset = bytes_before(text, index)
        before = text[line_start:index]
        assert source(text).locate(offset, offset) == Region(
            line, len(before) + 1, line, len(before) + 1
        )
        units = len(before.encode("utf-16-le", "surrogatepass")) // 2
        assert source(text).locate(offset, offset, unit="utf16").start_column == units + 1
        ends_line = text[index : index + 1] == "\n" or (
            text[index : index + 1] == "\r" and text[index + 1 : index + 2] != "\n"
        )
        if ends_line:
            line, line_start = line + 1, index + 1


@given(TEXTS)
def test_positions_rise_with_offsets(text: str) -> None:
    offsets = [bytes_before(text, index) for index in range(len(text) + 1)]
    places = [source(text).locate(offset, offset) for offset in offsets]
    assert all(
        (first.start_line, first.start_column) < (second.start_line, second.start_column)
        for first, second in pairwise(places)
    )


@given(TEXTS)
def test_lines_are_the_text_without_its_line_ends(text: str) -> None:
    expected = re.split("\r\n|\r|\n", text)
    assert [source(text).line(number + 1) for number in range(len(expected))] == expected
    for number in (0, -1, len(expected) + 1):
        with pytest.raises(IndexError):
            source(text).line(number)


def test_snippet_is_the_text_between_two_offsets() -> None:
    assert source("f(世, 🔥);").snippet(2, 11) == "世, 🔥"
