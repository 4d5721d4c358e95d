"""The front-end of the tables of Windows Installer in text form: a record for each row.

``.idt`` is what Windows Installer exports: a line of column names, a line of types, a line with the
name of the table, then rows, all divided by tabs
(<https://learn.microsoft.com/en-us/windows/win32/msi/importing-and-exporting>). Projects of
InstallShield (``.ism``) and Advanced Installer (``.aip``) keep the same tables in XML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sessionzero.frontends.scripts.draft import Draft, Word, lines_of
from sessionzero.frontends.scripts.markup import Element, read_elements

_HEAD = 3  # lines before the rows


def read(draft: Draft) -> None:
    """Note the rows of the tables in a file."""
    if draft.text.lstrip().startswith("<"):
        tables = _Tables(draft)
        read_elements(draft, tables.opened, tables.closed)
    else:
        _read_export(draft)


def _read_export(draft: Draft) -> None:
    # Empty lines are rows of nothing; the head never is empty.
    lines = list(lines_of(draft.text))
    if len(lines) < _HEAD:
        return
    columns = lines[0].text.split("\t")
    name = _name_of_table(lines[2].text.split("\t"))
    for line in lines[_HEAD:]:
        fields = zip(columns, _cells(line), strict=False)
        draft.add_record(name, fields, line.start, line.end)


def _name_of_table(cells: list[str]) -> str:
    """The third line is ``table, key columns …``, with a code page before it if one is needed."""
    return cells[1] if cells[0].isdigit() and len(cells) > 1 else cells[0]


def _cells(line: Word) -> list[Word]:
    cells, start = [], line.start
    for cell in line.text.split("\t"):
        cells.append(Word(cell, start, start + len(cell)))
        start += len(cell) + 1
    return cells


@dataclass(slots=True)
class _Tables:
    """Rows of InstallShield (``table``, ``col``, ``row``, ``td``), and attributes of the ``ROW``
    of Advanced Installer, whose table is the last word of the ``cid`` around it."""

    draft: Draft
    table: str = ""
    columns: list[str] = field(default_factory=list)
    cells: list[Word] = field(default_factory=list)

    def opened(self, around: Sequence[Element], element: Element) -> None:
        match element.name:
            case "table":
                name = element.attributes.get("name")
                self.table, self.columns = name.text if name else "", []
            case "row":
                self.cells = []
            case "ROW":
                cid = around[-1].attributes.get("cid") if around else None
                fields = element.attributes.items()
                table = cid.text.rpartition(".")[2] if cid else ""
                self.draft.add_record(table, fields, element.start, element.end)

    def closed(self, _around: Sequence[Element], element: Element) -> None:
        match element.name:
            case "col":
                self.columns.append(element.content().text)
            case "td":
                self.cells.append(element.content())
            case "row":
                fields = zip(self.columns, self.cells, strict=False)
                self.draft.add_record(self.table, fields, element.start, element.end)
