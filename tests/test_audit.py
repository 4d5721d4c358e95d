"""``sessionzero audit``: the tables for people, the document for scripts, notes for viewers."""

from __future__ import annotations

import json
from pathlib import Path

from commands import SERVICE, call, write
from conftest import Expect
from programs import ROOT
from sarif_validator import multitool_problems, schema_problems, unseen_problems

FIXTURE = ROOT / "fixtures" / "programs" / "both-sides-of-the-wall"


def test_text_is_the_expected_one(expect: Expect) -> None:
    code, out, err = call(FIXTURE, "audit", "--no-cache")
    assert (code, err) == (0, "")
    expect("audit/both-sides-of-the-wall.txt", out)


def test_json_is_the_expected_one(expect: Expect) -> None:
    code, out, err = call(FIXTURE, "audit", "--no-cache", "--format", "json")
    assert (code, err) == (0, "")
    expect("audit/both-sides-of-the-wall.json", out)


def test_sarif_holds_notes_of_the_audit_alone_and_is_valid(tmp_path: Path) -> None:
    code, out, _ = call(FIXTURE, "audit", "--no-cache", "--format", "sarif")
    assert code == 0
    (run,) = json.loads(out)["runs"]
    found = [(it["ruleId"], it["level"]) for it in run["results"]]
    assert sorted(set(found)) == [("SZAUDIT001", "note"), ("SZAUDIT002", "note")]
    assert len(found) == 4
    messages = [it["message"]["text"] for it in run["results"]]
    assert any(
        "The pipe `backup` may be opened by: SYSTEM may do everything" in it for it in messages
    )
    assert schema_problems({"audit": out}, tmp_path) == []
    assert multitool_problems({"audit": out}, tmp_path) == {"audit": []}
    assert unseen_problems(json.loads(out)) == []


def test_audit_never_fails_a_build_and_check_never_takes_stock(tmp_path: Path) -> None:
    write(tmp_path / "good.c", SERVICE)
    assert call(tmp_path, "audit").code == 0
    assert "SZAUDIT" not in call(tmp_path, "check", "--all").out
    refused = call(tmp_path, "check", "--select", "SZAUDIT001")
    assert refused.code == 2
    assert "'sessionzero audit' takes stock" in refused.err


def test_rules_of_the_audit_are_explained_and_listed(tmp_path: Path) -> None:
    assert "SZAUDIT002 shared-object-table" in call(tmp_path, "explain", "SZAUDIT002").out
    assert "SZAUDIT001 service-inventory" in call(tmp_path, "rules").out


def test_folder_without_a_service_says_so(tmp_path: Path) -> None:
    write(tmp_path / "a.c", "int main(void) { return 0; }\n")
    out = call(tmp_path, "audit").out
    assert "No service was found here; 'sessionzero components' shows what was understood." in out
    assert "No name was found that programs could share." in out


def test_hostile_names_cannot_drive_a_terminal(tmp_path: Path) -> None:
    event = 'CreateEventW(NULL, 0, 0, L"Global\\\\a\x1b[2Jb\u202e");'
    write(tmp_path / "a\x1b[31m.c", SERVICE.replace("    MessageBoxW", f"    {event} MessageBoxW"))
    out = call(tmp_path, "audit").out
    assert {it for it in out if not it.isprintable()} == {"\n"}
    assert "a␛[2Jb<U+202E>" in out


def test_output_goes_to_the_file_that_is_named(tmp_path: Path) -> None:
    write(tmp_path / "good.c", SERVICE)
    code, out, _ = call(tmp_path, "audit", "--output", "audit.txt")
    assert (code, out) == (0, "")
    assert "LocalSystem" not in (tmp_path / "audit.txt").read_text(encoding="utf-8")
    assert "session 0" in (tmp_path / "audit.txt").read_text(encoding="utf-8")
