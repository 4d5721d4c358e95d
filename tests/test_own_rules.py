"""Rules that users write themselves: pages and functions in a folder of theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import SERVICE, call
from programs import RULES

OURS = next(rule for rule in RULES if rule.id == "SZUI001").markdown

APIS = """\
[roles]
acme-alert = "asks the operator something"

[[group]]
role = "acme-alert"
language = "c"
functions = ["AcmeAlert(_, text)"]
"""

PAGE = """\
# A service asks an operator who isn't there

```toml
id = "ACME001"
name = "alert-in-service"
check = "call-in-service"
roles = ["acme-alert"]
level = "warning"
confidence = "high"
precision = "high"
trust = "definite"
cwe = ["CWE-440"]
security-severity = ""
languages = ["c"]
message = "`{call}` waits for an operator."
since = "1.0.0"
```

The alert of our framework waits for somebody who clicks it away.

## Why it breaks

Nobody sees it.

## Remedy

Write to the log.

## When it is silent

Outside of services.

## Examples

### Found: an alert

```c
#include <windows.h>
void AcmeAlert(HWND owner, const char *text);
static void WINAPI service_main(DWORD argc, LPWSTR *argv)
{
    AcmeAlert(NULL, "failed"); // want ACME001
}
int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Acme", service_main}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
```

### Silent: a program of the user

```c
void AcmeAlert(void *owner, const char *text);
int main(void) { AcmeAlert(0, "hello"); return 0; }
```

## Sources

- <https://acme.example/alerts>
"""

CALLER = SERVICE.replace('MessageBoxW(NULL, L"Backup failed", L"Backup", MB_OK)', "AcmeAlert(0, 0)")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A service that calls the company's function, and the company's rule about it."""
    (tmp_path / "lint" / "apis").mkdir(parents=True)
    (tmp_path / "lint" / "apis" / "acme.toml").write_text(APIS)
    (tmp_path / "lint" / "ACME001-alert-in-service.md").write_text(PAGE)
    (tmp_path / "service.c").write_text(CALLER)
    return tmp_path


def test_own_rule_is_looked_for_when_it_is_named(project: Path) -> None:
    assert "[ACME001]" not in call(project, "check", "--no-cache").out
    found = call(project, "check", "--no-cache", "--rules", "lint")
    assert "`AcmeAlert` waits for an operator [ACME001]" in found.out
    assert found.code == 1


def test_own_rule_is_looked_for_when_the_configuration_names_it(project: Path) -> None:
    (project / "sessionzero.toml").write_text('rules = ["lint"]\n')
    assert "[ACME001]" in call(project, "check", "--no-cache").out
    assert "[ACME001]" in call(project, "check", "--no-cache", "--select", "ACME").out
    assert "[ACME001]" not in call(project, "check", "--no-cache", "--ignore", "ACME001").out
    assert "ACME001" in call(project, "rules").out
    assert "Write to the log." in call(project, "explain", "alert-in-service").out


def test_sarif_of_an_own_rule_has_no_link_to_our_pages(project: Path) -> None:
    out = call(project, "check", "--no-cache", "--rules", "lint", "--format", "sarif").out
    rules = json.loads(out)["runs"][0]["tool"]["driver"]["rules"]
    (rule,) = [rule for rule in rules if rule["id"] == "ACME001"]
    assert "helpUri" not in rule
    assert rule["help"]["markdown"].startswith("# A service asks an operator")


def test_examples_of_own_pages_are_run(project: Path) -> None:
    tried = call(project, "test-rules", "lint")
    assert (tried.code, tried.out) == (0, "1 page, 2 examples: all as they say.\n")


def test_example_that_gives_something_else_is_told(project: Path) -> None:
    page = project / "lint" / "ACME001-alert-in-service.md"
    page.write_text(PAGE.replace('AcmeAlert(NULL, "failed"); // want ACME001', "; // want ACME001"))
    tried = call(project, "test-rules", "lint")
    assert tried.code == 1
    assert (
        "ACME001-alert-in-service.md: 'an alert': missing: example.c:5: ACME001 (warning)\n"
        in tried.out
    )
    page.write_text(PAGE.replace("/* */", "").replace(" // want ACME001", ""))
    assert "not wanted: example.c:5: ACME001 (warning)" in call(project, "test-rules", "lint").out


def test_page_is_printed_as_it_is_written(tmp_path: Path) -> None:
    assert call(tmp_path, "explain", "--page", "SZUI001").out == OURS


WRONG = {
    "our-letters": ("ACME001", "SZUI999", "ids that begin with SZ are ours"),
    "no-such-role": ("acme-alert", "acme-alarm", "no function has role 'acme-alarm'; did you mean"),
    "no-such-check": ("call-in-service", "call-in-servce", "no check 'call-in-servce'; there are"),
    "no-section": ("## Remedy", "## Mend", "no text under '## Remedy'"),
}


@pytest.mark.parametrize(("old", "new", "message"), WRONG.values(), ids=WRONG)
def test_wrong_page_is_refused(project: Path, old: str, new: str, message: str) -> None:
    (project / "lint" / "ACME001-alert-in-service.md").unlink()
    page = project / "lint" / f"{'SZUI999' if new == 'SZUI999' else 'ACME001'}-alert-in-service.md"
    page.write_text(PAGE.replace(old, new))
    refused = call(project, "check", "--no-cache", "--rules", "lint")
    assert refused.code == 2
    assert message in refused.err
    assert "alert-in-service.md: " in refused.err


@pytest.mark.parametrize("word", ["missing", "service.c", "."])
def test_folder_without_rules_is_refused(project: Path, word: str) -> None:
    refused = call(project, "check", "--rules", word)
    assert refused.code == 2
    assert refused.err.startswith("sessionzero: ")
    assert word in refused.err or "holds no page of a rule" in refused.err


def test_file_of_functions_that_is_wrong_is_named(project: Path) -> None:
    (project / "lint" / "apis" / "acme.toml").write_text(APIS.replace("(_, text)", "(_, txet)"))
    refused = call(project, "check", "--no-cache", "--rules", "lint")
    assert refused.code == 2
    assert "acme.toml" in refused.err
    assert "txet" in refused.err


def test_two_own_pages_of_one_name_are_refused(project: Path) -> None:
    (project / "lint" / "ACME002-alert-in-service.md").write_text(
        PAGE.replace("ACME001", "ACME002")
    )
    refused = call(project, "check", "--no-cache", "--rules", "lint")
    assert "alert-in-service is taken by ACME001-alert-in-service.md" in refused.err
