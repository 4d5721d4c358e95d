"""Fixes as an editor makes them: quick fixes of a finding, and all safe ones of a file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lsprotocol import types
from msgspec import Struct

from sessionzero.findings import Edit, Fix
from sessionzero.fixes.making import by_path, chosen
from sessionzero.lsp.client import Client
from sessionzero.lsp.diagnostics import SOURCE, Shown, range_of
from sessionzero.report import Report

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.{SOURCE}"
"""What an editor asks for that mends on saving."""


class Texts(Struct, frozen=True):
    """How an editor knows the files of a report: by which URI, in which version if they are open;
    ``same`` says whether a file still has the text that the report is about."""

    uri: Callable[[str], str]
    version: Callable[[str], int | None]
    same: Callable[[str], bool]


def wants(only: Sequence[str] | None, kind: str) -> bool:
    """Whether an editor asks for actions of a kind: of all, or of one that this is a part of."""
    return only is None or any(kind == it or kind.startswith(f"{it}.") for it in only)


class Mending(Struct, frozen=True):
    """What is needed to mend what a report says, in the words of an editor."""

    report: Report
    texts: Texts
    client: Client

    def actions(
        self, context: types.CodeActionContext, those: Sequence[Shown]
    ) -> Iterator[types.CodeAction]:
        """What mends the diagnostics that an editor names, or all of a file where it asks so."""
        quick = wants(context.only, types.CodeActionKind.QuickFix)
        for diagnostic in context.diagnostics if quick else ():
            yield from self._quick_fixes(diagnostic, _shown_again(diagnostic, those))
        if context.only is not None and wants(context.only, FIX_ALL):
            yield from self._all(those)

    def _quick_fixes(
        self, diagnostic: types.Diagnostic, it: Shown | None
    ) -> Iterator[types.CodeAction]:
        finding = it.finding if it is not None else None
        for number, fix in enumerate(self.report.fixes(finding) if finding else ()):
            edit = self._edit((fix,))
            if edit is not None:
                yield types.CodeAction(
                    title=fix.title,
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=[diagnostic],
                    is_preferred=True if fix.safe and not number else None,
                    edit=edit,
                )

    def _all(self, those: Sequence[Shown]) -> Iterator[types.CodeAction]:
        """All safe fixes of what is shown in a file that can be made in one go."""
        findings = [it.finding for it in those if it.finding is not None]
        fixes = chosen(((it, self.report.fixes(it)) for it in findings), unsafe=False)
        edit = self._edit(tuple(fixes)) if fixes else None
        if edit is not None:
            title = "Mend all that can be mended safely"
            yield types.CodeAction(title=title, kind=FIX_ALL, edit=edit)

    def _edit(self, fixes: Sequence[Fix]) -> types.WorkspaceEdit | None:
        """The edits of all files; None if one of them has changed since it was analysed."""
        edits, texts = by_path(fixes), self.texts
        if not all(texts.same(path) for path in edits):
            return None
        made = {path: [self._text_edit(edit) for edit in those] for path, those in edits.items()}
        if not self.client.versioned_edits:
            return types.WorkspaceEdit(changes={texts.uri(path): made[path] for path in made})
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(
                        texts.uri(path), texts.version(path)
                    ),
                    list(those),
                )
                for path, those in made.items()
            ]
        )

    def _text_edit(self, edit: Edit) -> types.TextEdit:
        return types.TextEdit(range_of(edit.place, self.report, self.client), edit.text)


def _shown_again(diagnostic: types.Diagnostic, those: Sequence[Shown]) -> Shown | None:
    """Which of those a diagnostic of the editor is: it may have moved with the text since."""
    alike = [
        it
        for it in those
        if (it.diagnostic.code, it.diagnostic.message) == (diagnostic.code, diagnostic.message)
    ]
    exact = [it for it in alike if it.diagnostic.range == diagnostic.range]
    return next(iter(exact or alike), None)
