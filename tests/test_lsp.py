"""The language server as editors meet it: the real process, over its pipes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit
from weakref import WeakKeyDictionary

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from commands import PYTHON_SERVICE, SERVICE, environment, write
from pictures import html_problems
from programs import PAGES
from sessionzero.describe import describe
from sessionzero.knowledge.rules import Rule
from sessionzero.lsp.actions import EXPLAIN, actions
from sessionzero.lsp.diagnostics import SOURCE
from sessionzero.lsp.mapping import MAP
from sessionzero.lsp.remedies import REMEDY, place_in_page, plain, remedy
from sessionzero.sources.text import SourceText

# Positions in bytes, UTF-16 units and code points; with and without the rest of what there is.
EDITORS = {
    "neovim@v0.11.0": (types.PositionEncodingKind.Utf8, 4),
    "visual-studio-code": (types.PositionEncodingKind.Utf16, 2),
    "emacs": (types.PositionEncodingKind.Utf32, 1),
}
PATIENCE = 30  # seconds
EMOJI = "\N{SLIGHTLY SMILING FACE}"
LINE = 7  # of the message box, from 0
ENCODINGS: WeakKeyDictionary[LanguageClient, object] = WeakKeyDictionary()
REGISTERED: WeakKeyDictionary[LanguageClient, list[Sequence[types.Registration]]] = (
    WeakKeyDictionary()
)
CALM = SERVICE.replace("MessageBoxW(", "LogEventW(")


class Editor:
    """An editor with a folder open, and what it is shown by file."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.encoding = ENCODINGS[client]
        self.version = 0

    def uri(self, name: str) -> str:
        return Path(os.path.normpath(self.root / name)).as_uri()

    def open(self, name: str, text: str) -> None:
        item = types.TextDocumentItem(self.uri(name), types.LanguageKind.C, 0, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, text: str) -> None:
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri(name))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))

    def close(self, name: str) -> None:
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def watched(self, name: str) -> None:
        event = types.FileEvent(self.uri(name), types.FileChangeType.Changed)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    def shown(self, name: str) -> list[types.Diagnostic]:
        return list(self.client.diagnostics.get(self.uri(name), ()))

    async def sees(self, name: str, *codes: str) -> list[types.Diagnostic]:
        """Wait until a file has diagnostics with just those codes."""

        async def wait() -> None:
            uri = self.uri(name)
            while uri not in self.client.diagnostics or [
                it.code for it in self.shown(name)
            ] != list(codes):
                await self.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)

        await asyncio.wait_for(wait(), PATIENCE)
        return self.shown(name)

    async def actions(self, name: str) -> list[types.CodeAction]:
        """What changes something at the only finding of a file."""
        return [it for it in await self._offered(name) if isinstance(it, types.CodeAction)]

    async def titles(self, name: str) -> list[str]:
        """What is offered at the only finding of a file. (lsprotocol takes an action with a command
        for a mere command.)"""
        return [it.title for it in await self._offered(name)]

    async def _offered(self, name: str) -> list[types.Command | types.CodeAction]:
        (diagnostic,) = self.shown(name)
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(self.uri(name)),
                diagnostic.range,
                types.CodeActionContext([diagnostic]),
            )
        )
        return list(found or ())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    write(folder / "service.c", SERVICE)
    return folder


async def start(
    root: Path | None, scratch: Path, capabilities: types.ClientCapabilities
) -> LanguageClient:
    command = [sys.executable, "-P", "-m", "sessionzero", "lsp", "--stdio"]
    config = ClientServerConfig(server_command=command, server_env=environment(scratch))
    client = await config.start()
    assert isinstance(client, LanguageClient)
    registered = REGISTERED[client] = []

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
    def register(params: types.RegistrationParams) -> None:
        registered.append(params.registrations)

    folders = [types.WorkspaceFolder(root.as_uri(), root.name)] if root else None
    result = await client.initialize_session(
        types.InitializeParams(capabilities=capabilities, workspace_folders=folders)
    )
    ENCODINGS[client] = result.capabilities.position_encoding
    return client


async def finish(client: LanguageClient) -> None:
    await client.shutdown_session()
    await client.stop()  # type: ignore[no-untyped-call]


@pytest_asyncio.fixture(params=sorted(EDITORS))
async def editor(
    request: pytest.FixtureRequest, root: Path, tmp_path: Path
) -> AsyncIterator[Editor]:
    """Each of the three."""
    client = await start(root, tmp_path, client_capabilities(request.param))
    yield Editor(client, root)
    await finish(client)


@pytest_asyncio.fixture
async def code(root: Path, tmp_path: Path) -> AsyncIterator[Editor]:
    """One with all that there is."""
    client = await start(root, tmp_path, client_capabilities("visual-studio-code"))
    yield Editor(client, root)
    await finish(client)


@pytest.mark.asyncio
async def test_columns_count_as_the_editor_counts(
    editor: Editor, request: pytest.FixtureRequest
) -> None:
    kind, width = EDITORS[request.node.callspec.params["editor"]]
    assert editor.encoding == kind
    editor.open("service.c", SERVICE.replace("    MessageBoxW", f"/*{EMOJI}*/MessageBoxW"))
    (found,) = await editor.sees("service.c", "SZUI001")
    start = 4 + width
    assert found.range == types.Range(
        types.Position(LINE, start), types.Position(LINE, start + len("MessageBoxW"))
    )


@pytest.mark.asyncio
async def test_diagnostics_follow_the_text(editor: Editor) -> None:
    await editor.sees("service.c", "SZUI001")  # though it isn't open
    editor.open("service.c", CALM)
    await editor.sees("service.c")
    editor.change("service.c", "\n" + SERVICE)
    (found,) = await editor.sees("service.c", "SZUI001")
    assert found.range.start.line == LINE + 1
    editor.close("service.c")
    while editor.shown("service.c")[0].range.start.line != LINE:
        await editor.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)


@pytest.mark.asyncio
async def test_only_the_last_of_many_changes_is_answered(editor: Editor) -> None:
    editor.open("service.c", SERVICE)
    for number in range(20):
        editor.change("service.c", "\n" * number + SERVICE)
    editor.change("service.c", CALM)
    await editor.sees("service.c")
    await asyncio.sleep(0.5)
    assert editor.shown("service.c") == []


@pytest.mark.asyncio
async def test_a_finding_has_its_proof_and_its_page(code: Editor) -> None:
    (found,) = await code.sees("service.c", "SZUI001")
    assert found.severity is types.DiagnosticSeverity.Error
    assert found.source == "sessionzero"
    assert found.message.startswith("`MessageBoxW` shows a message box in session 0")
    assert found.code_description is not None
    assert found.code_description.href.endswith("rules/SZUI001-message-box-in-service.html")
    assert set(found.data or ()) == {"fingerprint"}
    steps = found.related_information or ()
    assert steps[0].message.startswith("1. service_main: ")
    assert {step.location.uri for step in steps} == {code.uri("service.c")}


@pytest.mark.asyncio
async def test_nothing_is_sent_that_the_editor_did_not_ask_for(root: Path, tmp_path: Path) -> None:
    client = await start(root, tmp_path, client_capabilities("emacs"))
    (found,) = await Editor(client, root).sees("service.c", "SZUI001")
    assert (found.related_information, found.code_description, found.data) == (None, None, None)
    await finish(client)


@pytest.mark.asyncio
async def test_hover_tells_of_the_rule(editor: Editor) -> None:
    (found,) = await editor.sees("service.c", "SZUI001")
    document = types.TextDocumentIdentifier(editor.uri("service.c"))
    hover = await editor.client.text_document_hover_async(
        types.HoverParams(document, found.range.start)
    )
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert "SZUI001" in hover.contents.value
    assert "Remedy" in hover.contents.value
    assert "WTSSendMessageW(" in hover.contents.value
    assert hover.range == found.range
    elsewhere = types.HoverParams(document, types.Position(0, 0))
    assert await editor.client.text_document_hover_async(elsewhere) is None


@pytest.mark.asyncio
async def test_hover_says_a_descriptor_in_words(editor: Editor) -> None:
    editor.open("access.c", 'static const char access[] = "D:(A;;GR;;;BU)";\n')
    place = types.Position(0, 34)
    document = types.TextDocumentIdentifier(editor.uri("access.c"))
    hover = await editor.client.text_document_hover_async(types.HoverParams(document, place))
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert "Users may read" in hover.contents.value


@pytest.mark.parametrize(
    ("name", "text", "comment"),
    [
        ("a.c", SERVICE, "    // sessionzero: ignore[SZUI001] "),
        ("a.py", PYTHON_SERVICE, "        # sessionzero: ignore[SZUI001] "),
        ("a.cpp", SERVICE.replace("\n", "\r\n"), "    // sessionzero: ignore[SZUI001] "),
    ],
    ids=["C", "Python", "CR LF"],
)
@pytest.mark.asyncio
async def test_a_comment_can_be_put_above(code: Editor, name: str, text: str, comment: str) -> None:
    (code.root / "service.c").unlink()
    code.watched("service.c")
    code.open(name, text)
    (found,) = await code.sees(name, "SZUI001")
    suppress = next(it for it in await code.actions(name) if it.title.startswith("Suppress"))
    assert suppress.kind == types.CodeActionKind.QuickFix
    assert suppress.edit is not None
    (edit,) = (suppress.edit.changes or {})[code.uri(name)]
    line = found.range.start.line
    assert edit.range == types.Range(types.Position(line, 0), types.Position(line, 0))
    assert edit.new_text.startswith(comment)
    assert edit.new_text.endswith("\r\n" if "\r" in text else "\n")


@pytest.mark.asyncio
async def test_a_comment_inside_a_macro_does_not_end_it(code: Editor) -> None:
    macro = "#define SAY(x) do { \\\n    MessageBoxW(NULL, x, x, 0); /*é*/ \\\n} while (0)\n"
    code.open("service.c", macro + CALM.replace("LogEventW(", 'SAY(L"a"); f('))
    (found,) = await code.sees("service.c", "SZUI001")
    moved = types.Diagnostic(
        types.Range(types.Position(1, 4), types.Position(1, 15)),
        found.message,
        code=found.code,
        source=found.source,
    )
    code.client.diagnostics[code.uri("service.c")] = [moved]
    suppress = next(it for it in await code.actions("service.c") if it.edit)
    assert suppress.edit is not None
    (edit,) = (suppress.edit.changes or {})[code.uri("service.c")]
    assert edit.new_text.startswith(" /* sessionzero: ignore[SZUI001] ")
    assert edit.new_text.endswith(" */")
    end = len("    MessageBoxW(NULL, x, x, 0); /*é*/")
    assert edit.range.start == types.Position(1, end)


@pytest.mark.asyncio
async def test_the_page_of_a_rule_is_shown(code: Editor) -> None:
    await code.client.workspace_execute_command_async(
        types.ExecuteCommandParams(EXPLAIN, arguments=["SZUI001"])
    )
    (request,) = code.client.shown_documents
    assert request.uri.endswith("/SZUI001-message-box-in-service.md")


@pytest.mark.asyncio
async def test_how_to_mend_is_shown_in_the_page_of_the_rule(code: Editor) -> None:
    code.open("service.c", SERVICE)
    await code.sees("service.c", "SZUI001")
    assert "Show how to mend this (SZUI001)" in await code.titles("service.c")
    said = await code.client.workspace_execute_command_async(
        types.ExecuteCommandParams(REMEDY, arguments=["SZUI001"])
    )
    assert isinstance(said, str)
    assert "```c\nstatic void TellUser(" in said
    (request,) = code.client.shown_documents
    assert request.selection is not None
    page = Path(unquote(urlsplit(request.uri).path)).read_text(encoding="utf-8").splitlines()
    lines = page[request.selection.start.line : request.selection.end.line]
    assert lines[0] == "## Remedy"
    assert "\n".join(lines[1:]).strip() == said


@pytest.mark.asyncio
async def test_how_to_mend_is_a_message_where_no_page_can_be_shown(
    root: Path, tmp_path: Path
) -> None:
    client = await start(root, tmp_path, types.ClientCapabilities())
    editor = Editor(client, root)
    (found,) = await editor.sees("service.c", "SZUI001")
    said = await client.workspace_execute_command_async(
        types.ExecuteCommandParams(REMEDY, arguments=["SZUI001"])
    )
    assert isinstance(said, str)
    assert client.shown_documents == []
    message = client.messages[-1].message
    assert "\n        WTSSendMessageW(" in message
    assert "```" not in message
    document = types.TextDocumentIdentifier(editor.uri("service.c"))
    hover = await client.text_document_hover_async(types.HoverParams(document, found.range.start))
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert hover.contents.kind == types.MarkupKind.PlainText
    assert "\n        WTSSendMessageW(" in hover.contents.value
    unknown = types.ExecuteCommandParams(REMEDY, arguments=["SZNONE001"])
    assert await client.workspace_execute_command_async(unknown) == ""
    await finish(client)


def test_both_explanations_are_commands_with_the_rule() -> None:
    place = types.Range(types.Position(LINE, 4), types.Position(LINE, 15))
    diagnostic = types.Diagnostic(place, "", code="SZUI001", source=SOURCE)
    offered = actions("", SourceText("service.c", SERVICE, "utf-8", b""), [diagnostic], "utf16")
    commands = [it.command for it in offered if it.command is not None]
    assert [(it.command, it.arguments) for it in commands] == [
        (REMEDY, ["SZUI001"]),
        (EXPLAIN, ["SZUI001"]),
    ]


@pytest.mark.parametrize("rule", PAGES, ids=[rule.id for rule in PAGES])
def test_every_remedy_stands_where_the_page_is_opened(rule: Rule) -> None:
    info, page = describe(rule), rule.markdown
    place = place_in_page(page)
    lines = page.splitlines()[place.start.line : place.end.line]
    assert lines[0] == "## Remedy"
    assert remedy(info) == "\n".join(lines[1:]).strip() != ""
    assert "```" not in plain(remedy(info))


@pytest.mark.asyncio
async def test_the_map_of_the_workspace_is_a_document_without_scripts(code: Editor) -> None:
    await code.sees("service.c", "SZUI001")
    for uri in (code.uri("service.c"), ""):
        document = await code.client.workspace_execute_command_async(
            types.ExecuteCommandParams(MAP, arguments=[uri])
        )
        assert isinstance(document, str)
        assert html_problems(document) == []
        assert "1 crossing: 1 stopped at the wall." in document


@pytest.mark.asyncio
async def test_files_that_change_outside_are_read_again(code: Editor) -> None:
    await code.sees("service.c", "SZUI001")
    (code.root / "service.c").rename(code.root / "renamed.c")
    code.watched("service.c")
    code.watched("renamed.c")
    await code.sees("renamed.c", "SZUI001")
    await code.sees("service.c")


@pytest.mark.asyncio
async def test_the_configuration_is_read_again(code: Editor) -> None:
    await code.sees("service.c", "SZUI001")
    write(code.root / "sessionzero.toml", 'ignore = ["SZUI001"]\n')
    code.watched("sessionzero.toml")
    await code.sees("service.c")
    write(code.root / "sessionzero.toml", "ignore = 1\n")
    code.watched("sessionzero.toml")
    await code.client.wait_for_notification(types.WINDOW_SHOW_MESSAGE)
    assert "'ignore' must be a list of rules" in code.client.messages[-1].message
    (code.root / "sessionzero.toml").unlink()
    code.watched("sessionzero.toml")
    await code.sees("service.c", "SZUI001")


@pytest.mark.asyncio
async def test_folders_come_and_go(code: Editor, tmp_path: Path) -> None:
    await code.sees("service.c", "SZUI001")
    other = types.WorkspaceFolder((tmp_path / "other").as_uri(), "other")
    write(tmp_path / "other" / "second.c", SERVICE)
    event = types.WorkspaceFoldersChangeEvent([other], [])
    code.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    await code.sees("../other/second.c", "SZUI001")
    event = types.WorkspaceFoldersChangeEvent([], [other])
    code.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    await code.sees("../other/second.c")
    assert code.shown("service.c")


@pytest.mark.asyncio
async def test_a_file_outside_the_folders_is_left_alone(code: Editor, tmp_path: Path) -> None:
    await code.sees("service.c", "SZUI001")
    write(tmp_path / "outside.c", SERVICE)
    code.open("../outside.c", SERVICE)
    code.open("service.c", CALM)
    await code.sees("service.c")
    assert code.shown("../outside.c") == []


@pytest.mark.asyncio
async def test_without_a_folder_an_open_file_is_analysed(root: Path, tmp_path: Path) -> None:
    client = await start(None, tmp_path, client_capabilities("emacs"))
    editor = Editor(client, root)
    editor.open("service.c", SERVICE)
    await editor.sees("service.c", "SZUI001")
    await finish(client)


@pytest.mark.asyncio
async def test_the_first_reading_shows_progress(code: Editor) -> None:
    await code.sees("service.c", "SZUI001")
    (reports,) = code.client.progress_reports.values()
    kinds = [type(it).__name__ for it in reports]
    assert kinds[0] == "WorkDoneProgressBegin"
    assert kinds[-1] == "WorkDoneProgressEnd"


@pytest.mark.asyncio
async def test_it_asks_to_be_told_of_the_files_that_it_reads(code: Editor) -> None:
    await code.sees("service.c", "SZUI001")
    ((registration,),) = REGISTERED[code.client]
    assert registration.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES


@pytest.mark.asyncio
async def test_a_message_that_makes_no_sense_ends_nothing(code: Editor) -> None:
    code.change("never-opened.c", "int x;")
    code.close("never-opened.c")
    nonsense = {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"nonsense": 1}}
    code.client.protocol._send_data(nonsense)
    await code.sees("service.c", "SZUI001")


@pytest.mark.asyncio
async def test_it_ends_when_it_is_asked_to(root: Path, tmp_path: Path) -> None:
    client = await start(root, tmp_path, client_capabilities("emacs"))
    await client.shutdown_session()
    process = client._server
    assert process is not None
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


def test_without_pygls_it_says_what_to_install(tmp_path: Path) -> None:
    write(tmp_path / "without" / "pygls.py", "raise ModuleNotFoundError(name='pygls')\n")
    here = environment(tmp_path)
    here["PYTHONPATH"] = os.pathsep.join((str(tmp_path / "without"), here["PYTHONPATH"]))
    command = (sys.executable, "-P", "-m", "sessionzero", "lsp")
    done = subprocess.run(command, env=here, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert "pip install 'sessionzero[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr


OFFERED = {
    "a.bat": ("@echo off\nsc x", "rem sessionzero: ignore[SZFLAG006] "),
    "b.bat": ("sc ^\n  x", ""),
    "a.inf": ("[A]\nb=c", "; sessionzero: ignore[SZFLAG006] "),
    "a.ps1": ("a\nb", "# sessionzero: ignore[SZFLAG006] "),
    "b.ps1": ("a `\n  b", ""),
    "a.vbs": ("a\nb", "' sessionzero: ignore[SZFLAG006] "),
    "b.vbs": ("a _\n  b", ""),
    "a.wxs": ("<A>\n  <B/>", "  <!-- sessionzero: ignore[SZFLAG006] "),
    "b.wxs": ("<A\n  b='c'/>", ""),
    "a.idt": ("a\nb", ""),
    "wrapper.conf": ("a=b\nc=d", "# sessionzero: ignore[SZFLAG006] "),
}


@pytest.mark.parametrize("name", OFFERED)
def test_a_comment_in_a_script_leaves_it_whole(name: str) -> None:
    text, wanted = OFFERED[name]
    second = types.Range(types.Position(1, 0), types.Position(1, 1))
    found = types.Diagnostic(second, "x", code="SZFLAG006", source=SOURCE)
    offers = actions("file:///x", SourceText(name, text, "utf-8", b""), [found], "utf16")
    edits = [edit for it in offers if it.edit for edit in (it.edit.changes or {})["file:///x"]]
    assert [edit.new_text[: len(wanted)] for edit in edits] == ([wanted] if wanted else [])
