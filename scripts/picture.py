"""Draws the picture of the README: what ``sessionzero check`` prints, in a terminal's window.

``python scripts/picture.py`` runs the command in a fixture and writes ``docs/check.svg``; another
file can be named. The picture holds no script, style sheet or font, so that it can be shown
anywhere, and depends on nothing but the report.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

CHECKOUT = Path(__file__).resolve().parent.parent
PICTURE = CHECKOUT / "docs" / "check.svg"
SERVICE = CHECKOUT / "fixtures" / "programs" / "three-files-away"

# Pixels. The picture is wide: on a page of 830 pixels it is shrunk, and must still be read.
_SIZE, _CELL, _LINE = 14.0, 8.43, 21.0
_MARGIN, _BAR, _CORNER = 22.0, 38.0, 10.0

_WINDOW, _TITLE_BAR, _TEXT, _TITLE = "#14171c", "#22262d", "#dce1e8", "#98a2b0"
_BUTTONS = ("#ff5f57", "#febc2e", "#28c840")
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_COLOURS: Mapping[str, str] = {
    "31": "#ff7b72",
    "32": "#7ee787",
    "33": "#e3b341",
    "36": "#79c0ff",
    "90": _TITLE,
}
_BOLD, _RESET = "1", "0"
_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")

# Fonts leave gaps in a frame, so its characters are drawn: points in a cell of 1 by 1.
_FRAME: Mapping[str, tuple[tuple[float, float], ...]] = {
    "│": ((0.5, 0), (0.5, 1)),
    "─": ((0, 0.5), (1, 0.5)),
    "╭": ((0.5, 1), (0.5, 0.5), (1, 0.5)),
    "├": ((0.5, 1), (0.5, 0), (0.5, 0.5), (1, 0.5)),
    "╰": ((0.5, 0), (0.5, 0.5), (1, 0.5)),
}
# A character of a frame, or words with single blanks between them.
_TOKEN = re.compile(f"[{''.join(_FRAME)}]|[^ {''.join(_FRAME)}]+(?: [^ {''.join(_FRAME)}]+)*")
_DESCRIPTION = (
    "The report of sessionzero check: an error at a call of MessageBoxW, and the path on which "
    "the service's main function reaches it three files away."
)


@dataclass(frozen=True, slots=True)
class Span:
    """A text of one style; ``column`` counts cells from 0, ``codes`` are those of the terminal."""

    column: int
    text: str
    codes: frozenset[str] = frozenset()


def main(arguments: Sequence[str]) -> None:
    """Write the picture to the file that is named, or else to its place in the checkout."""
    picture = Path(arguments[0]) if arguments else PICTURE
    lines = ("\x1b[32m$\x1b[0m sessionzero check", "", *report().splitlines())
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(draw(lines, title=SERVICE.name), encoding="utf-8", newline="\n")


def report() -> str:
    """What the command prints on a terminal with colours. Raises RuntimeError if it fails."""
    command = (sys.executable, "-m", "sessionzero", "check", "--color", "--no-cache")
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT / "analyzer"),  # this checkout, whatever is installed
        "PYTHONUTF8": "1",  # line drawing, whatever the locale
    }
    done = subprocess.run(
        command, cwd=SERVICE, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 1 or done.stderr:  # Python, too, ends with 1 when it fails
        raise RuntimeError(f"sessionzero check ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def draw(lines: Sequence[str], *, title: str) -> str:
    """The SVG of a terminal that shows ``lines``; each character of them takes one cell."""
    rows = [tuple(spans(line)) for line in lines]
    widest = max(span.column + len(span.text) for row in rows for span in row)
    width = 2 * _MARGIN + widest * _CELL
    height = _BAR + 2 * _MARGIN + len(rows) * _LINE
    middle = f'x="{width / 2:.1f}" y="{_BAR / 2 + _SIZE / 3:.1f}"'
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}" role="img" aria-label="{_DESCRIPTION}">',
        f"<title>{_DESCRIPTION}</title>",
        *_window(width, height),
        f'<g font-family="{_FONTS}" font-size="{_SIZE:g}" fill="{_TEXT}">',
        f'<text {middle} text-anchor="middle" fill="{_TITLE}">{escape(title)}</text>',
        *(_element(span, number) for number, row in enumerate(rows) for span in row),
        "</g>",
        "</svg>",
    )
    return "".join(f"{line}\n" for line in drawn)


def spans(line: str) -> Iterator[Span]:
    """The texts of a line between its escape sequences and wide gaps, and each frame character."""
    column, codes = 0, frozenset[str]()
    for position, part in enumerate(_ESCAPE.split(line)):
        if position % 2:
            given = frozenset(part.split(";"))
            codes = frozenset() if _RESET in given else codes | given
            continue
        for token in _TOKEN.finditer(part):
            yield Span(column + token.start(), token.group(), codes)
        column += len(part)


def _window(width: float, height: float) -> Iterator[str]:
    """The window with its title bar, whose lower corners are covered, and its three buttons."""
    size = f'width="{width:.1f}" height="{height:.1f}"'
    yield f'<rect {size} rx="{_CORNER:g}" fill="{_TITLE_BAR}"/>'
    body = f"M0 {_BAR:g}H{width:.1f}V{height - _CORNER:.1f}"
    corners = (
        f"a{_CORNER:g} {_CORNER:g} 0 0 1 -{_CORNER:g} {_CORNER:g}H{_CORNER:g}"
        f"a{_CORNER:g} {_CORNER:g} 0 0 1 -{_CORNER:g} -{_CORNER:g}z"
    )
    yield f'<path d="{body}{corners}" fill="{_WINDOW}"/>'
    for number, colour in enumerate(_BUTTONS):
        yield f'<circle cx="{_MARGIN + 20 * number:g}" cy="{_BAR / 2:g}" r="6" fill="{colour}"/>'


def _element(span: Span, row: int) -> str:
    left, top = _MARGIN + span.column * _CELL, _BAR + _MARGIN + row * _LINE
    colour = next((_COLOURS[code] for code in sorted(span.codes) if code in _COLOURS), _TEXT)
    if span.text in _FRAME:
        return _stroke(_FRAME[span.text], left, top, colour)
    return _words(span, left, top + 0.7 * _LINE, colour)


def _stroke(points: Sequence[tuple[float, float]], left: float, top: float, colour: str) -> str:
    drawn = " ".join(f"{left + x * _CELL:.1f},{top + y * _LINE:.1f}" for x, y in points)
    return f'<polyline points="{drawn}" fill="none" stroke="{colour}"/>'


def _words(span: Span, left: float, baseline: float, colour: str) -> str:
    """A text, stretched over its cells: columns stand below each other in every font."""
    place = f'x="{left:.1f}" y="{baseline:.1f}" textLength="{len(span.text) * _CELL:.1f}"'
    style = f' fill="{colour}"' if colour != _TEXT else ""
    style += ' font-weight="bold"' if _BOLD in span.codes else ""
    return f'<text {place} lengthAdjust="spacingAndGlyphs"{style}>{escape(span.text)}</text>'


if __name__ == "__main__":
    main(sys.argv[1:])
