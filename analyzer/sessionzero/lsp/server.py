"""The server: what an editor says and asks, and what it is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from lsprotocol import types
from msgspec import Struct
from pygls.lsp.server import LanguageServer

from sessionzero import __version__
from sessionzero.describe import describe
from sessionzero.engine import Options
from sessionzero.knowledge.packs import load_catalog, rules_directory
from sessionzero.knowledge.pages import load_rules
from sessionzero.lsp.actions import actions, hover, joined
from sessionzero.lsp.analysis import Analysed, Analysis
from sessionzero.lsp.client import Client, client
from sessionzero.lsp.descriptors import descriptor_hover
from sessionzero.lsp.diagnostics import Shown, at, shown
from sessionzero.lsp.fixing import Mending, Texts, wants
from sessionzero.lsp.folders import Folders, path_of
from sessionzero.lsp.indexing import Indexing
from sessionzero.lsp.remedies import place_in_page, plain, remedy
from sessionzero.lsp.watching import concerns
from sessionzero.report import Report, RuleInfo
from sessionzero.sources.text import SourceText
from sessionzero.workspace import Workspace

_NAME = "sessionzero"
_DEFAULT_ENCODING = types.PositionEncodingKind.Utf16
_FULL = types.TextDocumentSyncKind.Full  # pygls splits lines at form feeds, as no editor does


class Document(Struct, frozen=True):
    """A file as the editor has it."""

    path: Path
    version: int
    text: str


class Server(LanguageServer):
    """One editor, its folders and what it is shown. Everything here runs in the event loop."""

    def __init__(self, options: Options) -> None:
        super().__init__(_NAME, __version__, text_document_sync_kind=_FULL)
        self.folders = Folders(options)
        self.analysis = Analysis(self._deliver, self._index)
        self.shown: dict[str, tuple[Shown, ...]] = {}  # by URI
        self._reports: dict[Workspace, Report] = {}
        self._of_workspace: dict[Workspace, set[str]] = {}
        self._open: dict[str, Document] = {}  # by URI, as the editor spells it
        self._complaint = ""

    @property
    def client(self) -> Client:
        """What the editor understands."""
        return client(
            self.client_capabilities, self.workspace.position_encoding or _DEFAULT_ENCODING
        )

    # --- documents ---

    def edited(self, uri: str, version: int, text: str) -> None:
        """A document was opened or changed."""
        path = path_of(uri)
        if path is not None:
            self._open[uri] = document = Document(path, version, text)
            self._take(document)

    def closed(self, uri: str) -> None:
        """A document was closed: the disk says what it holds."""
        document = self._open.pop(uri, None)
        workspace = self.folders.of(document.path) if document else None
        if document and workspace:
            self.analysis.update(workspace, document.path, None)

    def _take(self, document: Document) -> None:
        workspace = self.folders.of(document.path)
        if workspace:
            self.analysis.update(workspace, document.path, document.text)

    def look_again(self, paths: list[Path]) -> None:
        """Files have come, gone or changed outside the editor."""
        for path in paths:
            workspace = self.folders.of(path) if concerns(path) else None
            if workspace:
                self.analysis.look_again(workspace)

    def open_folders(self, uris: Iterable[str]) -> None:
        """Analyse those folders, and no others any more."""
        before = self.folders.workspaces
        self.folders.set(uris)
        now = self.folders.workspaces
        for gone in (it for it in before if it not in now):
            self.analysis.drop(gone)
            self._reports.pop(gone, None)
            for uri in sorted(self._of_workspace.pop(gone, ())):
                self._publish(uri, ())
        for new in (it for it in now if it not in before):
            self.analysis.look_again(new)
        for document in self._open.values():
            self._take(document)

    # --- results ---

    def _deliver(self, result: Analysed) -> None:
        """Show what an analysis has found."""
        workspace, report = result.workspace, result.report
        if report is None:
            self._complain(result)
            return
        self._complaint = ""
        self._reports[workspace] = report
        opened = self._opened(workspace)

        def uri_of(path: str) -> str:
            return opened.get(path) or (workspace.root / path).as_uri()

        by_path = shown(report, self.client, uri_of, opened)
        by_uri = {uri_of(path): those for path, those in by_path.items()}
        before = self._of_workspace.get(workspace, set())
        self._of_workspace[workspace] = set(by_uri)
        for uri in sorted({*before, *by_uri, *opened.values()}):
            those = by_uri.get(uri, ())
            # Editors wait for an answer about each text that they have sent.
            if those != self.shown.get(uri, ()) or uri in opened.values():
                self._publish(uri, those)

    def _opened(self, workspace: Workspace) -> dict[str, str]:
        """The URIs of the open files of a workspace, by their paths."""
        return {
            workspace.shown(document.path): uri
            for uri, document in self._open.items()
            if self.folders.of(document.path) is workspace
        }

    def _publish(self, uri: str, those: tuple[Shown, ...]) -> None:
        self.shown[uri] = those
        if not those:
            del self.shown[uri]
        document = self._open.get(uri)
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=uri,
                version=document.version if document and self.client.versions else None,
                diagnostics=[it.diagnostic for it in those],
            )
        )

    def _complain(self, result: Analysed) -> None:
        """Say once why there is no result; what is shown stays."""
        complaint = result.complaint
        if result.fault is not None:
            logging.error("internal error", exc_info=result.fault)
            complaint = (
                f"internal error: {type(result.fault).__name__}: {result.fault}. This is a fault "
                "of sessionzero, not of your code. Its output says more."
            )
        if complaint != self._complaint:
            self._complaint = complaint
            message = f"sessionzero: {complaint}"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, message))

    def _index(self, workspace: Workspace) -> Indexing | None:
        return Indexing(self, workspace) if self.client.progress else None

    def shutdown(self) -> None:
        """End without waiting for a reader that waits for an editor."""
        if self._thread_pool:
            self._thread_pool.shutdown(wait=False, cancel_futures=True)

    def report_server_error(self, error: Exception, source: object) -> None:
        """A message that could not be handled is noted, and nobody is disturbed."""
        del source
        message = f"{type(error).__name__}: {error}"
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, message))

    # --- questions ---

    def hover_at(self, params: types.HoverParams) -> types.Hover | None:
        """What the findings under the cursor mean; who may do what by a descriptor there."""
        uri, markdown = params.text_document.uri, self.client.markdown
        found = hover(at(self.shown.get(uri, ()), params.position), markdown=markdown)
        document = self._open.get(uri)
        if document is None:
            return found
        unit, words = self.client.unit, load_catalog().sddl
        said = descriptor_hover(document.text, params.position, unit, words, markdown=markdown)
        return joined(found, said, markdown=markdown)

    async def actions_for(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about the diagnostics that the editor names, or about a whole file."""
        uri, only = params.text_document.uri, params.context.only
        document = self._open.get(uri)
        if document is None:
            return []
        workspace = self.folders.of(document.path)
        report = self._reports.get(workspace) if workspace else None
        found: list[types.CodeAction] = []
        if workspace is not None and report is not None:
            texts, those = self._texts(workspace, report), self.shown.get(uri, ())
            mending = Mending(report, texts, self.client)
            context = params.context
            found = await self.analysis.aside(lambda: list(mending.actions(context, those)))
        if wants(only, types.CodeActionKind.QuickFix):
            source = SourceText(document.path.name, document.text, "utf-8", b"")
            found += actions(uri, source, params.context.diagnostics, self.client.unit)
        return found

    def _texts(self, workspace: Workspace, report: Report) -> Texts:
        opened = {path: (uri, self._open[uri]) for path, uri in self._opened(workspace).items()}

        def uri(path: str) -> str:
            return opened[path][0] if path in opened else (workspace.root / path).as_uri()

        def version(path: str) -> int | None:
            return opened[path][1].version if path in opened else None

        def same(path: str) -> bool:
            source = report.sources(path)
            text = opened[path][1].text.removeprefix("\ufeff") if path in opened else None
            return source is not None and (text is None or text == source.text)

        return Texts(uri, version, same)

    def explain(self, rule: str) -> None:
        """Show the page of a rule, which is a file of ours; its short form if that can't be."""
        known = self._rule(rule)
        if known is not None:
            text = f"{known.id} {known.title}. {known.summary} Remedy: {known.remedy}"
            self._show(known, text)

    def show_remedy(self, rule: str) -> str:
        """Show how findings of a rule are mended: that part of its page, or a message; also as
        Markdown, for an editor that has a place of its own for it. Empty for an unknown rule."""
        known = self._rule(rule)
        if known is None:
            return ""
        how = remedy(known)
        self._show(known, f"{known.id}: {plain(how)}", place_in_page)
        return how

    def _rule(self, rule: str) -> RuleInfo | None:
        """A rule of ours, or one of the user's that a folder is analysed by."""
        of_runs = (report.rules[rule] for report in self._reports.values() if rule in report.rules)
        ours = (describe(it) for it in load_rules() if it.id == rule)
        return next(of_runs, None) or next(ours, None)

    def _show(
        self, rule: RuleInfo, text: str, part: Callable[[str], types.Range] | None = None
    ) -> None:
        """The page of a rule, or a part of it; the text if it isn't ours, or can't be shown."""
        page = rules_directory() / f"{rule.id}-{rule.name}.md"
        if not self.client.documents or not page.is_file():
            self.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
            return
        place = part(page.read_text("utf-8")) if part is not None else None
        shown = types.ShowDocumentParams(page.as_uri(), take_focus=True, selection=place)
        self.window_show_document(shown)
