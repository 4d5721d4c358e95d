"""Every fixture program gives exactly the findings that its lines want."""

from __future__ import annotations

import pytest

from programs import PROGRAMS, RULES
from sessionzero.engine import check_sources
from sessionzero.knowledge.wants import found, named, wants
from sessionzero.sources.files import language_of


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_gives_exactly_the_wanted_findings(name: str) -> None:
    files = PROGRAMS[name]
    findings = check_sources(files, also=named(files, RULES))
    assert found(findings, files) == wants(files, RULES)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_wants_findings_only_if_it_stands_under_programs(name: str) -> None:
    assert PROGRAMS[name]
    assert bool(wants(PROGRAMS[name], RULES)) == name.startswith("programs/")


def of(language: str | None) -> str | None:
    """C and C++ count as one."""
    return "native" if language in ("c", "c++") else language


def test_programs_cover_every_rule_in_each_of_its_languages() -> None:
    wanted = {
        (want.rule, of(language_of(want.path.rpartition("/")[2])))
        for files in PROGRAMS.values()
        for want in wants(files, RULES)
    }
    languages = {(rule.id, of(language)) for rule in RULES for language in rule.languages}
    assert languages - wanted == set()


def test_thread_procedure_three_files_away_shows_its_whole_path() -> None:
    files = PROGRAMS["programs/three-files-away"]
    (finding,) = check_sources(files)
    steps = [note.place.path for note in finding.path]
    assert finding.rule == "SZUI001"
    assert list(dict.fromkeys(steps)) == ["service.c", "scheduler.c", "worker.c", "report.c"]
    last = finding.path[-1].place
    assert (last.path, last.start) == (finding.place.path, finding.place.start)
