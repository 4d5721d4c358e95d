"""Reports for the tests of the reporters: small source trees with findings written by hand."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from sessionzero.findings import Change, Confidence, Finding, Level, Mend, Note, Notice, Place
from sessionzero.fixes.making import Fixer
from sessionzero.report import Aside, Report, RuleInfo
from sessionzero.sources.files import language_of
from sessionzero.sources.text import SourceText

SERVICE = """\
#include "worker.h"

static void WINAPI ServiceMain(DWORD argc, LPWSTR *argv)
{
	g_status = RegisterServiceCtrlHandlerW(L"Backup", Control);
	CreateThread(NULL, 0, Worker, NULL, 0, NULL);
}
"""
WORKER = """\
#include "names.h"

DWORD WINAPI Worker(void *unused)
{
	HANDLE done = CreateEventW(NULL, TRUE, FALSE, DONE_EVENT);
	if (!done)
		MessageBoxW(NULL, L"No event", L"Backup", MB_OK | MB_ICONERROR);
	MessageBoxW(NULL, L"Finished",
		L"Backup", MB_OK);
	return 0;
}
"""
NAMES = '#define DONE_EVENT L"BackupDone"\n'
TREE = {"src/service.c": SERVICE, "src/worker.c": WORKER, "src/names.h": NAMES}

MESSAGE_BOX = RuleInfo(
    id="SZUI001",
    name="message-box-in-service",
    title="A service shows a message box that nobody can close.",
    summary="A service runs in session 0, which no user sees. The call waits for a click for ever.",
    markdown="# A service shows a message box\n\nUse `WTSSendMessageW` *with a timeout*.\n",
    remedy="Write to the event log, or send the text to a user's session with WTSSendMessageW "
    "and a timeout.",
    level="error",
    precision="high",
    security_severity="",
    cwe=("CWE-440",),
    tags=("correctness",),
    help_uri="https://example.org/rules/SZUI001",
)
PRIVATE_NAME = RuleInfo(
    id="SZNAME001",
    name="unprefixed-shared-object-name",
    title="A service names an object so that no user's session finds it.",
    summary="A bare name lives in the namespace of the session that creates it.",
    markdown="# A bare name\n\nWrite `Global\\\\Name` at both ends.\n",
    remedy="Begin the name with Global\\ at both ends.",
    level="warning",
    precision="medium",
    security_severity="4.3",
    cwe=("CWE-706", "CWE-22"),
    tags=("correctness",),
    help_uri="https://example.org/rules/SZNAME001",
)
RULES = {rule.id: rule for rule in (MESSAGE_BOX, PRIVATE_NAME)}


def place(tree: Mapping[str, str], path: str, wanted: str, *, occurrence: int = 0) -> Place:
    """Where ``wanted`` stands in a file of ``tree``, the ``occurrence``-th time counted from 0."""
    text = tree[path].encode("utf-8", "surrogatepass")
    needle = wanted.encode("utf-8", "surrogatepass")
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(needle, start + 1)
    return Place(path, start, start + len(needle))


def finding(
    where: Place,
    *,
    rule: str = "SZUI001",
    level: Level = "error",
    confidence: Confidence = "high",
    message: str = "`MessageBoxW` waits in session 0 for a click that no user can give.",
    symbol: str = "Worker",
    path: tuple[Note, ...] = (),
    related: tuple[Note, ...] = (),
    mends: tuple[Mend, ...] = (),
) -> Finding:
    """A finding at ``where``."""
    return Finding(rule, level, confidence, message, where, symbol, path, related, mends=mends)


def report(
    *findings: Finding,
    tree: Mapping[str, str] = TREE,
    notices: tuple[Notice, ...] = (),
    services: int = 1,
    rules: Mapping[str, RuleInfo] = RULES,
) -> Report:
    """A report on ``tree``."""
    sources = {path: source(path, text) for path, text in tree.items()}
    fixer = Fixer(sources, lambda path: language_of(path.rpartition("/")[2]))
    return Report(
        findings=tuple(sorted(findings, key=lambda it: (it.place, it.rule))),
        notices=notices,
        rules=rules,
        sources=sources.get,
        files=len(tree),
        services=services,
        fixes=fixer.fixes,
        refusals=fixer.refusals,
    )


def source(path: str, text: str) -> SourceText:
    """A file in UTF-8."""
    return SourceText(path, text, "utf-8", text.encode("utf-8", "surrogatepass"))


def with_path() -> Report:
    """One message box, two functions away from the service entry."""
    box = place(TREE, "src/worker.c", "MessageBoxW")
    return report(finding(box, path=path_to(box)))


def path_to(last: Place) -> tuple[Note, ...]:
    """From the service entry of ``TREE`` to a call in its worker."""
    return (
        Note(place(TREE, "src/service.c", "ServiceMain"), "`ServiceMain` is the service entry"),
        Note(place(TREE, "src/service.c", "Worker"), "starts `Worker` as a thread"),
        Note(last, "calls `MessageBoxW`"),
    )


def many() -> Report:
    """All levels, a repeated rule, a range of several lines, a related place, a notice."""
    first = place(TREE, "src/worker.c", "MessageBoxW")
    second = place(TREE, "src/worker.c", 'MessageBoxW(NULL, L"Finished",\n\t\tL"Backup", MB_OK)')
    name = place(TREE, "src/worker.c", "DONE_EVENT")
    written = place(TREE, "src/names.h", 'L"BackupDone"')
    prefix = Change("prefix", written, "Global\\")
    bare = "The name `BackupDone` of this event exists only in session 0."
    return report(
        finding(first, path=path_to(first)),
        finding(second, path=path_to(second), confidence="medium"),
        finding(
            name,
            rule="SZNAME001",
            level="warning",
            message=bare,
            related=(Note(written, "the name is written here"),),
            mends=(Mend("Name it `Global\\BackupDone` at both ends", (prefix,), safe=True),),
        ),
        finding(written, rule="SZNAME001", level="note", confidence="low", symbol="", message=bare),
        notices=(notice("src/names.h"),),
    )


def notice(path: str) -> Notice:
    """A part of a file was not understood."""
    return Notice("A part of this file could not be parsed.", path, Place(path, 0, 7))


def nothing() -> Report:
    """A clean tree."""
    return report()


def notices_only() -> Report:
    """No finding; three kinds of notice; no service."""
    return report(
        notices=(
            Notice("The cache could not be written.", "", level="note"),
            Notice("This file looks binary and was not analysed.", "src/blob.c"),
            notice("src/names.h"),
        ),
        services=0,
    )


def odd_names() -> Report:
    """Paths with blanks, `#`, `%`, a colon and letters beyond ASCII."""
    tree = {"Dienst für #1 100%/häß lich.c": WORKER, "a:b.c": WORKER}
    return report(*(finding(place(tree, path, "MessageBoxW")) for path in tree), tree=tree)


def wide() -> Report:
    """Text before the range that takes one, two or no cells, and one or two UTF-16 units."""
    line = 'log("é e\u0301 日本 😀"); MessageBoxW(NULL, L"😀", NULL, 0);\n'
    tree = {"wide.cpp": line}
    box = place(tree, "wide.cpp", "MessageBoxW")
    return report(finding(box), tree=tree)


def hostile() -> Report:
    """A file and a message that try to drive the terminal and to forge links."""
    tree = {"e\x1b[2Jvil.c": "\x1b]0;owned\x07 f(\u202e\u2066) \ud800 handlers[0](1);\n"}
    (path,) = tree
    where = place(tree, path, "handlers[0](1)")
    message = "`handlers[0](1)` \x1b[31mis\u202e called\x9b1m"
    return report(finding(where, message=message, symbol="\x1b[7mf"), tree=tree)


def long_line() -> Report:
    """A generated line far wider than any terminal."""
    tree = {"gen.c": "x = 1; " * 300 + 'MessageBoxW(NULL, L"", NULL, 0); ' + "y = 2; " * 300}
    return report(finding(place(tree, "gen.c", "MessageBoxW")), tree=tree)


def without_text() -> Report:
    """A finding in a file whose text is not at hand."""
    return report(finding(Place("gone.c", 10, 20)))


def set_aside() -> Report:
    """A new finding, one of the baseline, one that the change doesn't touch, and one that is
    suppressed and shown all the same."""
    first = finding(place(TREE, "src/worker.c", "MessageBoxW"))
    second = finding(place(TREE, "src/worker.c", "MessageBoxW", occurrence=1))
    name = finding(
        place(TREE, "src/worker.c", "DONE_EVENT"),
        rule="SZNAME001",
        level="warning",
        message="Bare.",
    )
    other = finding(place(TREE, "src/names.h", 'L"BackupDone"'), rule="SZNAME001", level="note")
    return replace(
        report(first),
        set_aside=(
            Aside(second, "suppressed", "only the kiosk's \x1b[2J build"),
            Aside(name, "known"),
            Aside(other, "untouched"),
        ),
        show_suppressed=True,
        known=frozenset((name,)),
    )


CASES = {
    "with-path": with_path,
    "many": many,
    "nothing": nothing,
    "notices-only": notices_only,
    "odd-names": odd_names,
    "wide": wide,
    "hostile": hostile,
    "long-line": long_line,
    "without-text": without_text,
    "set-aside": set_aside,
}
