"""Which XML files are read at all."""

from __future__ import annotations

import pytest

from sessionzero.findings import Notice
from sessionzero.sources.settings_files import is_of_concern
from sessionzero.sources.text import SourceText

TASK = '<Task xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"/>'
WINSW = "<?xml version='1.0'?>\n<service>\n<id>a</id>\n<executable>a.exe</executable></service>"


def source(text: str) -> SourceText:
    return SourceText("a.xml", text, "utf-8", text.encode())


@pytest.mark.parametrize("text", [TASK, WINSW])
def test_settings_by_which_programs_are_installed_count(text: str) -> None:
    assert is_of_concern(source(text), "xml")


@pytest.mark.parametrize(
    "text",
    [
        "<project><executable>a.exe</executable></project>",
        "<service name='a'/>",
        "",
    ],
)
def test_other_documents_do_not(text: str) -> None:
    assert not is_of_concern(source(text), "xml")


def test_a_document_that_cannot_be_read_is_not_told() -> None:
    assert not is_of_concern(Notice("a.xml: looks binary", "a.xml"), "xml")


def test_a_source_that_cannot_be_read_is() -> None:
    assert is_of_concern(Notice("a.c: looks binary", "a.c"), "c")
