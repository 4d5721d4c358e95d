"""The map as SVG, HTML and Mermaid, and the HTML report."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import reports
from commands import SERVICE, call, write
from conftest import Expect
from pictures import (
    ADDRESS,
    HOSTILE,
    crossing,
    html_problems,
    html_text,
    svg_root,
    with_inventory,
)
from programs import ROOT
from sessionzero.inventory import VERDICTS
from sessionzero.reporters import DRAWING, PICTURES, REPORTERS
from sessionzero.reporters.crossings import SYMBOLS
from sessionzero.reporters.map_svg import cut, file_name, wrapped
from sessionzero.reporters.mermaid import SIZE, quoted
from sessionzero.reporters.palette import DARK, LIGHT
from sessionzero.reporters.terminal import Terminal, cells

FIXTURE = ROOT / "fixtures" / "programs" / "both-sides-of-the-wall"
FORMS = ("html", "svg", "mmd")
TERMINAL = Terminal()
MANY = with_inventory(
    reports.many(),
    *(crossing(f"event{it}", VERDICTS[it % 4], it) for it in range(150)),
)


# --- of the fixture ---


@pytest.mark.parametrize("form", FORMS)
def test_map_is_the_expected_one(form: str, tmp_path: Path, expect: Expect) -> None:
    drawn = tmp_path / f"map.{form}"
    code, out, err = call(FIXTURE, "map", "--no-cache", "--output", str(drawn))
    assert (code, out, err) == (0, "", "")
    expect(f"map/both-sides-of-the-wall.{form}", drawn.read_text(encoding="utf-8"))


def test_html_report_is_the_expected_one(expect: Expect) -> None:
    code, out, err = call(FIXTURE, "check", "--no-cache", "--format", "html")
    assert (code, err) == (1, "")
    assert html_problems(out) == []
    expect("html/both-sides-of-the-wall.html", out)


def test_picture_in_docs_is_what_the_command_draws_now() -> None:
    drawn = (ROOT / "tests/expected/map/both-sides-of-the-wall.svg").read_text(encoding="utf-8")
    shown = (ROOT / "docs/map.svg").read_text(encoding="utf-8")
    assert shown == drawn, "stale: copy the expected picture to docs/map.svg"


def test_markdown_has_the_map_as_a_block() -> None:
    _, out, _ = call(FIXTURE, "check", "--no-cache", "--format", "markdown")
    _, _, rest = out.partition("\n```mermaid\n")
    chart, end, _ = rest.partition("\n```\n")
    assert end
    assert chart.startswith("flowchart LR\n")
    assert "BackupState" in chart


@pytest.mark.parametrize("form", sorted(REPORTERS))
def test_only_formats_that_draw_have_an_inventory(form: str) -> None:
    _, out, _ = call(FIXTURE, "check", "--no-cache", "--format", form)
    assert ("report.exe" in out) == (form in DRAWING)


# --- names that want to be more ---


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name: str) -> None:
    report = with_inventory(reports.many(), *(crossing(name, it) for it in VERDICTS))
    svg_root(PICTURES["svg"](report))
    assert html_problems(PICTURES["html"](report)) == []
    assert html_problems(REPORTERS["html"](report, TERMINAL)) == []
    chart = PICTURES["mmd"](report)
    assert not re.search(r"^\s*(click|end\s*$.*^\s*end\s*$\n\s*click)", chart, re.MULTILINE)
    assert all(line.count('"') % 2 == 0 for line in chart.splitlines())
    for form in FORMS:
        text = PICTURES[form](report)
        text.encode("utf-8")
        assert {it for it in text if not it.isprintable()} <= {"\n"}


@pytest.mark.parametrize("case", reports.CASES)
def test_html_report_is_well_formed_and_drives_nothing(case: str) -> None:
    text = REPORTERS["html"](reports.CASES[case](), TERMINAL)
    assert html_problems(text) == []
    assert {it for it in text if not it.isprintable()} <= {"\n", "\t"}
    text.encode("utf-8")


def test_html_report_says_what_the_text_report_says() -> None:
    shown = html_text(REPORTERS["html"](reports.many(), TERMINAL))
    for words in (
        "waits in session 0",
        "Path from the service entry",
        "starts Worker as a thread",
        "the name is written here",
        "Begin the name with Global\\ at both ends.",
        "A part of this file could not be parsed.",
        "2 errors, 1 warning",
        "medium confidence",
    ):
        assert words in shown


def test_html_report_shows_why_a_finding_is_suppressed() -> None:
    shown = html_text(REPORTERS["html"](reports.set_aside(), TERMINAL))
    assert "suppressed: only the kiosk's" in shown


def test_long_lines_are_cut_around_the_range() -> None:
    text = REPORTERS["html"](reports.long_line(), TERMINAL)
    assert "<mark>MessageBoxW</mark>" in text
    code = text.partition("<pre>")[2].partition("</pre>")[0]
    assert len(code) < 600


# --- what they promise ---


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_loaded_from_elsewhere(form: str) -> None:
    text = PICTURES[form](MANY)
    outside = [
        word for word in ("<script", "<image", "<img", "@import", "url(http") if word in text
    ]
    assert not outside
    addresses = {it for it in ADDRESS.findall(text) if "example.org/rules" not in it}
    assert addresses <= {"http://www.w3.org/2000/svg"}


def test_colour_never_says_anything_alone() -> None:
    for form in FORMS:
        text = PICTURES[form](MANY)
        assert all(symbol in text for symbol in SYMBOLS.values())


def test_svg_tells_its_title_and_totals() -> None:
    root = svg_root(PICTURES["svg"](MANY))
    assert root.get("role") == "img"
    described = [(child.tag.rpartition("}")[2], child.text) for child in root][:2]
    assert described[0] == ("title", "What crosses the wall between the sessions")
    assert described[1][1] is not None
    assert described[1][1].startswith("150 crossings: 38 stopped")


@pytest.mark.parametrize("form", FORMS)
def test_map_without_crossings_is_one_too(form: str, tmp_path: Path) -> None:
    write(tmp_path / "a.c", "int main(void) { return 0; }\n")
    assert call(tmp_path, "map", "--output", f"map.{form}").code == 0
    text = (tmp_path / f"map.{form}").read_text(encoding="utf-8")
    assert form == "mmd" or "Nothing was found that crosses the wall" in text


def test_mermaid_stays_within_its_limits() -> None:
    chart = PICTURES["mmd"](MANY)
    assert len(chart) <= SIZE
    assert chart.count("-->") + chart.count("-.->") + chart.count("---") <= 500
    assert '"50 more"' in chart
    wide = with_inventory(reports.many(), *(crossing("é`" * 99, "weak", it) for it in range(90)))
    assert len(PICTURES["mmd"](wide)) <= SIZE


def test_markdown_leaves_out_what_would_be_a_tangle() -> None:
    text = REPORTERS["markdown"](MANY, TERMINAL)
    assert '"120 more"' in text


@pytest.mark.parametrize("form", FORMS)
def test_map_is_the_same_in_every_process(form: str, tmp_path: Path) -> None:
    outputs = set()
    for seed in ("1", "2"):
        drawn = tmp_path / f"{seed}.{form}"
        subprocess.run(
            [sys.executable, "-m", "sessionzero", "map", "--no-cache", "--output", str(drawn)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=FIXTURE,
            check=True,
        )
        outputs.add(drawn.read_bytes())
    assert len(outputs) == 1


def test_map_wants_a_file_that_it_can_draw(tmp_path: Path) -> None:
    write(tmp_path / "good.c", SERVICE)
    code, _, err = call(tmp_path, "map", "--output", "map.png")
    assert code == 2
    assert "map.png: a map is written to a file that ends with .html, .svg, .mmd" in err


# --- text that fits, colours that are read ---


@pytest.mark.parametrize("text", ["short", "word " * 40, "x" * 300, "日本語 " * 30, ""])
def test_wrapped_lines_fit_and_are_few(text: str) -> None:
    lines = wrapped(text, 200, 12.5, 3)
    room = int(200 / (12.5 * 0.535))
    assert 1 <= len(lines) <= 3
    assert all(cells(line) <= room for line in lines)


def test_long_text_is_cut_where_it_tells_least() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert file_name("a/long/path/to/service.c:754", 14) == "service.c:754"
    assert file_name("a/very_long_name_of_a_file.c:754", 12) == "…_file.c:754"


def test_mermaid_labels_hold_no_marks() -> None:
    assert quoted('a"b<c>`|_日') == "a#34;b#60;c#62;#96;#124;#95;#26085;"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, ground) for text in ("ink", "faint") for ground in ("paper", "card", "ours")),
        *((text, "theirs") for text in ("ink", "faint")),
        *((text, f"{it}-soft") for it in SYMBOLS for text in ("ink", "faint", it)),
        *(("on", it) for it in (*SYMBOLS, "error", "warning", "note")),
        *((it, "card") for it in ("error", "warning", "note")),
    ],
)
def test_text_has_the_contrast_that_wcag_asks_for(
    theme: dict[str, str], text: str, ground: str
) -> None:
    light, dark = sorted((_luminance(theme[text]), _luminance(theme[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
