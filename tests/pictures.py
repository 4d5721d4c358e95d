"""Judges of what is drawn: that it is well formed, self-contained and the same everywhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from sessionzero.findings import Finding, Place
from sessionzero.inventory import Crossing, End, Inventory, Verdict
from sessionzero.report import Report

VOID = frozenset(("meta", "br", "img", "link", "hr", "input", "rect", "circle", "path"))
SVG = "{http://www.w3.org/2000/svg}"
ADDRESS = re.compile(r"(?:https?:)?//[^\s\"'<>)]+")

HOSTILE = (
    "</title></style></text><script>alert(1)</script>",
    "\"' onload='alert(1)' x=\"",
    "]]> <!-- --> &amp; &#x41; <b>",
    "a\x1b[2J\u202e\u2066b\ud800\ufffe\x00",
    '"]:::stops\nend\nclick c0 "https://example.org"',
    "`|](https://example.org) ```",
    "x" * 400,
    "日本語 😀 é",
)


class _Tags(HTMLParser):
    """Checks that each element is closed where it must be, and notes what might run or load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.problems: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "link", "img", "form", "base"):
            self.problems.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in ("src", "srcset", "action"):
                self.problems.append(f"{tag} {name}={value}")
            if name == "href" and not (value or "").startswith("https://"):
                self.problems.append(f"href={value}")
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.problems.append(f"<{tag}> repeats an attribute")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def html_problems(text: str) -> list[str]:
    """What is wrong in an HTML document; a doctype must begin it."""
    tags = _Tags()
    tags.feed(text)
    tags.close()
    problems = [*tags.problems, *(f"<{tag}> stays open" for tag in tags.open)]
    if not text.startswith("<!DOCTYPE html>"):
        problems.append("no doctype")
    return problems


def html_text(text: str) -> str:
    """What a reader of the document sees."""
    tags = _Tags()
    tags.feed(text)
    return "".join(tags.texts)


def svg_root(text: str) -> ElementTree.Element:
    """The root of an SVG; raises if it is not well-formed XML."""
    root = ElementTree.fromstring(text)  # of our own making
    assert root.tag == f"{SVG}svg"
    return root


def crossing(name: str, verdict: Verdict = "stops", number: int = 0) -> Crossing:
    """A crossing in which everything is called ``name``."""
    place = Place(f"{name}/{number}.c", 0, 1)
    finding = Finding("SZNAME001", "error", "high", f"`{name}` stops.", place, name)
    ends = (End("service", name, "creates", place, name, name, name),)
    return Crossing(verdict, name, name, f"The `{name}` stops.", ends, ends, (finding,))


def with_inventory(report: Report, *crossings: Crossing) -> Report:
    """The report with a map of these crossings."""
    from msgspec.structs import replace

    return replace(report, inventory=Inventory((), (), (), crossings))
