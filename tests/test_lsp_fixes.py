"""Fixes as editors get them from the real process: quick fixes, in several files, and fix-all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from lsprotocol import types

from commands import write
from sessionzero.lsp.fixing import FIX_ALL
from test_fixes import CHANGE, in_c, spelt
from test_lsp import EMOJI, Editor, code, editor, finish, root, start
from test_name_fixes import MAKE, OPEN, SERVICE, TRAY

__all__ = ["code", "editor", "finish", "root", "start"]  # fixtures, and what they need

WIDE = in_c(f"/*\u65e5{EMOJI}*/ " + spelt(CHANGE % "OWN | FLAG"))
GOOD = WIDE.replace(" | SERVICE_INTERACTIVE_PROCESS", "")
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
READY = 'L"Ready"'
SHARING = SERVICE % (
    "extern SECURITY_ATTRIBUTES for_users;",
    MAKE.replace("NULL", "&for_users") % READY,
)


async def ask(
    editor: Editor, name: str, *only: str, diagnostics: Sequence[types.Diagnostic] | None = None
) -> list[types.CodeAction]:
    """The actions for all diagnostics of a file that change something."""
    shown = editor.shown(name) if diagnostics is None else diagnostics
    whole = types.Range(types.Position(0, 0), types.Position(999, 0))
    found = await editor.client.text_document_code_action_async(
        types.CodeActionParams(
            types.TextDocumentIdentifier(editor.uri(name)),
            whole,
            types.CodeActionContext(list(shown), only=list(only) or None),
        )
    )
    return [it for it in found or () if isinstance(it, types.CodeAction) and it.edit]


async def fixes(editor: Editor, name: str) -> list[types.CodeAction]:
    return [it for it in await ask(editor, name) if not it.title.startswith("Suppress")]


def edits_of(action: types.CodeAction) -> dict[str, list[types.TextEdit]]:
    """The edits by the URI of the file, in either form."""
    assert action.edit is not None
    found = {uri: list(those) for uri, those in (action.edit.changes or {}).items()}
    for change in action.edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        found[change.text_document.uri] = [
            it for it in change.edits if isinstance(it, types.TextEdit)
        ]
    return found


def applied(text: str, edits: Sequence[types.TextEdit], encoding: object) -> str:
    """The text after edits whose columns count in an encoding."""
    codec = CODECS[str(getattr(encoding, "value", encoding))]
    width = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}[codec]
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda it: it.range.start.character, reverse=True):
        start, end = edit.range.start, edit.range.end
        assert start.line == end.line
        line = lines[start.line].encode(codec)
        made = line[: start.character * width] + edit.new_text.encode(codec)
        lines[start.line] = (made + line[end.character * width :]).decode(codec)
    return "\n".join(lines)


@pytest.mark.asyncio
async def test_a_quick_fix_has_the_columns_of_the_editor(editor: Editor) -> None:
    editor.open("service.c", WIDE)
    await editor.sees("service.c", "SZFLAG001")
    (fix,) = await fixes(editor, "service.c")
    assert (fix.title, fix.kind) == ("Remove the interactive flag", types.CodeActionKind.QuickFix)
    assert fix.is_preferred
    (edits,) = edits_of(fix).values()
    made = applied(WIDE, edits, editor.encoding)
    assert made == GOOD
    editor.change("service.c", made)
    await editor.sees("service.c")


@pytest.mark.asyncio
async def test_both_ends_are_changed_by_one_action(editor: Editor) -> None:
    service, tray = SHARING, TRAY % ("", OPEN % READY)
    write(editor.root / "tray.c", tray)
    editor.watched("tray.c")
    editor.open("service.c", service)
    await editor.sees("tray.c", "SZNAME001")
    await editor.sees("service.c", "SZNAME001")
    (fix,) = await fixes(editor, "service.c")
    assert fix.title == "Name it `Global\\Ready` at both ends"
    edits = edits_of(fix)
    assert edits.keys() == {editor.uri("service.c"), editor.uri("tray.c")}
    editor.open("tray.c", applied(tray, edits[editor.uri("tray.c")], editor.encoding))
    editor.change("service.c", applied(service, edits[editor.uri("service.c")], editor.encoding))
    await editor.sees("tray.c")
    assert not [it for it in editor.shown("service.c") if it.code == "SZNAME001"]


@pytest.mark.asyncio
async def test_versions_are_given_to_an_editor_that_knows_them(code: Editor) -> None:
    write(code.root / "tray.c", TRAY % ("", OPEN % READY))
    code.watched("tray.c")
    code.open("service.c", SHARING)
    await code.sees("service.c", "SZNAME001")
    (fix,) = await fixes(code, "service.c")
    assert fix.edit is not None
    assert fix.edit.changes is None
    assert {
        change.text_document.uri: change.text_document.version
        for change in fix.edit.document_changes or ()
        if isinstance(change, types.TextDocumentEdit)
    } == {code.uri("service.c"): 0, code.uri("tray.c"): None}


@pytest.mark.asyncio
async def test_all_that_is_safe_is_mended_at_once(code: Editor) -> None:
    twice = WIDE + WIDE.replace("install", "again").replace("#include <windows.h>\n", "")
    code.open("service.c", twice)
    await code.sees("service.c", "SZFLAG001", "SZFLAG001")
    (every,) = await ask(code, "service.c", types.CodeActionKind.SourceFixAll, diagnostics=())
    assert every.kind == FIX_ALL == "source.fixAll.sessionzero"
    (edits,) = edits_of(every).values()
    assert applied(twice, edits, code.encoding) == twice.replace(
        " | SERVICE_INTERACTIVE_PROCESS", ""
    )


@pytest.mark.asyncio
async def test_only_what_the_editor_asks_for_is_offered(code: Editor) -> None:
    code.open("service.c", WIDE)
    await code.sees("service.c", "SZFLAG001")
    assert {it.kind for it in await ask(code, "service.c", "quickfix")} == {"quickfix"}
    assert {it.kind for it in await ask(code, "service.c", FIX_ALL)} == {FIX_ALL}
    assert await ask(code, "service.c", "refactor") == []
    assert await ask(code, "service.c", "source.organizeImports") == []


@pytest.mark.asyncio
async def test_what_a_person_must_look_at_is_offered_but_not_preferred(code: Editor) -> None:
    code.open("service.c", SERVICE % ("", OPEN % READY))
    await code.sees("service.c", "SZNAME001")
    (fix,) = await fixes(code, "service.c")
    assert fix.title == "Name it `Global\\Ready` here; the other end must say the same"
    assert not fix.is_preferred
    assert await ask(code, "service.c", FIX_ALL) == []


@pytest.mark.asyncio
async def test_nothing_is_offered_for_a_text_that_is_not_analysed_yet(code: Editor) -> None:
    code.open("service.c", WIDE)
    old = await code.sees("service.c", "SZFLAG001")
    code.change("service.c", "\n" + WIDE)
    offered = await ask(code, "service.c", "quickfix", diagnostics=old)
    assert [it.title for it in offered] == ["Suppress SZFLAG001 here, with a reason"]


@pytest.mark.asyncio
async def test_a_finding_whose_file_is_closed_is_mended_from_another(
    root: Path, tmp_path: Path
) -> None:
    (root / "service.c").unlink()
    write(root / "types.h", "#define TYPE 0x110\n")
    client = await start(root, tmp_path, types.ClientCapabilities())
    editor = Editor(client, root)
    editor.open("install.c", '#include "types.h"\n' + in_c(CHANGE % "TYPE"))
    await editor.sees("install.c", "SZFLAG001")
    (fix,) = await fixes(editor, "install.c")
    assert fix.edit is not None
    assert fix.edit.document_changes is None
    assert list(fix.edit.changes or ()) == [editor.uri("types.h")]
    await finish(client)
