"""What an editor shows at a security descriptor that is written as text."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from lsprotocol import types

from sessionzero.knowledge.packs import load_catalog
from sessionzero.lsp.descriptors import descriptor_hover
from sessionzero.sources.text import Unit

WORDS = load_catalog().sddl
# Text of a file, the cursor as ¦ → what is shown, without the title.
SHOWN: Mapping[str, tuple[str, list[str]]] = {
    "c": ('f(L"D:(A;;¦GA;;;WD)");', ["Everyone may do everything"]),
    "python": ("x = 'D:(A;;GR;;;BU)¦'", ["Users may read"]),
    "macro": ('f(TEXT("¦D:(A;;GR;;;BU)"));', ["Users may read"]),
    "joined": (
        'f(TEXT("D:")\n  TEXT("(A;;GR;;;BU)") // users\n  TEXT("(A;;GA;;;B¦A)"));',
        ["Users may read", "Administrators may do everything"],
    ),
    "two-arguments": (
        'f("D:(A;;GR;;;BU)", "D:(A;;¦GA;;;BA)")',
        ["Administrators may do everything"],
    ),
    "behind-an-apostrophe": ('// don\'t\nf("D:(A;;GR;;;¦BU)")', ["Users may read"]),
    "behind-wide-letters": ("x = '\U0001d11e', 'D:(A;;GR;;;¦BU)'", ["Users may read"]),
    "invalid": ('f("D:(A;;G¦Q;;;WD)")', ["`GQ` is no right, so Windows refuses it"]),
    "drive": ('f("D:\\\\¦folder")', []),
    "no-literal": ("D:(A;;¦GA;;;WD)", []),
    "beside": ('f(¦x, "D:(A;;GA;;;WD)")', []),
}


@pytest.mark.parametrize("unit", ["characters", "utf8", "utf16"])
@pytest.mark.parametrize(("text", "expected"), SHOWN.values(), ids=SHOWN)
def test_descriptor_under_the_cursor_in_words(text: str, expected: list[str], unit: Unit) -> None:
    before, _, behind = text.partition("¦")
    line = before.rpartition("\n")[2]
    width = {
        "characters": len(line),
        "utf8": len(line.encode()),
        "utf16": len(line.encode("utf-16-le")) // 2,
    }[unit]
    position = types.Position(before.count("\n"), width)
    found = descriptor_hover(before + behind, position, unit, WORDS, markdown=False)
    if not expected:
        assert found is None
        return
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert found.contents.value.split("\n- ")[1:] == expected


def test_position_behind_the_text_shows_nothing() -> None:
    assert descriptor_hover("x", types.Position(7, 0), "utf16", WORDS, markdown=True) is None
