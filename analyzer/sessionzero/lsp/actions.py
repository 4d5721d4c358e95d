"""What an editor offers at a finding: what it means, how to mend it, how to suppress it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from lsprotocol import types

from sessionzero.facts import Language
from sessionzero.lsp.diagnostics import SOURCE, Shown
from sessionzero.lsp.remedies import REMEDY, plain, remedy
from sessionzero.sources.files import language_of
from sessionzero.sources.text import SourceText, Unit

EXPLAIN = "sessionzero.lsp.explain"
"""The command that shows the page of a rule, given by its id."""

# An edit can't ask for the reason: it holds the word that reviewers and other linters look for.
_REASON = "TODO: say why this is right"
_COMMENTS: dict[Language, str] = {
    "batch": "rem {}",
    "inf": "; {}",
    "inno": "; {}",
    "nsis": "; {}",
    "powershell": "# {}",
    "python": "# {}",
    "reg": "; {}",
    "vbscript": "' {}",
    "wix": "<!-- {} -->",
    "wrapper": "# {}",
}
_WITHOUT_COMMENTS: frozenset[Language] = frozenset(("dfm", "msi"))
_INDENT = re.compile(r"[ \t]*")
_CONTINUED = re.compile(r"[ \t]*\\[ \t]*$")
_CONTINUED_IN: dict[Language, re.Pattern[str]] = {
    "batch": re.compile(r"\^$"),
    "powershell": re.compile(r"[`|,({]$"),
    "vbscript": re.compile(r"\b_[ \t]*$"),
}


def hover(those: Sequence[Shown], *, markdown: bool) -> types.Hover | None:
    """What the findings mean, in short."""
    texts = [text for it in those if (text := _about(it, markdown=markdown))]
    if not texts:
        return None
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    content = ("\n\n---\n\n" if markdown else "\n\n").join(texts)
    return types.Hover(types.MarkupContent(kind, content), those[0].diagnostic.range)


def joined(
    first: types.Hover | None, second: types.Hover | None, *, markdown: bool
) -> types.Hover | None:
    """Both, the second below the first."""
    if first is None or second is None:
        return first or second
    texts = [
        it.contents.value for it in (first, second) if isinstance(it.contents, types.MarkupContent)
    ]
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    content = ("\n\n---\n\n" if markdown else "\n\n").join(texts)
    return types.Hover(types.MarkupContent(kind, content), first.range)


def _about(it: Shown, *, markdown: bool) -> str:
    rule, finding = it.rule, it.finding
    if rule is None or finding is None:
        return ""
    facts = f"{rule.name} · {finding.level} · {finding.confidence} confidence"
    how = remedy(rule)
    if not markdown:
        return f"{rule.id} {facts}\n{rule.title}.\n\n{rule.summary}\n\nRemedy: {plain(how)}"
    page = f"[{rule.id}]({rule.help_uri})" if rule.help_uri else rule.id
    return f"**{page}** {facts}\n\n**{rule.title}**\n\n{rule.summary}\n\n**Remedy.** {how}"


def actions(
    uri: str,
    source: SourceText,
    diagnostics: Iterable[types.Diagnostic],
    unit: Unit,
) -> Iterator[types.CodeAction]:
    """What can be done about diagnostics of ours, at the places where the editor has them now."""
    language = language_of(PurePath(source.path).name)
    for diagnostic in diagnostics:
        rule = diagnostic.code
        if diagnostic.source != SOURCE or not isinstance(rule, str) or language is None:
            continue
        edit = _suppression(source, diagnostic.range.start.line, rule, language, unit)
        if edit is not None and language not in _WITHOUT_COMMENTS:
            yield types.CodeAction(
                title=f"Suppress {rule} here, with a reason",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                edit=types.WorkspaceEdit(changes={uri: [edit]}),
            )
        for title, command in (
            (f"Show how to mend this ({rule})", REMEDY),
            (f"Explain {rule}", EXPLAIN),
        ):
            yield types.CodeAction(
                title=title,
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                command=types.Command(title, command, arguments=[rule]),
            )


def _suppression(
    source: SourceText, line: int, rule: str, language: Language, unit: Unit
) -> types.TextEdit | None:
    """A comment on a line of its own above the finding, as the code is indented there."""
    try:
        text = source.line(line + 1)
        above = source.line(line) if line else ""
    except IndexError:  # the editor speaks of another text
        return None
    comment = f"sessionzero: ignore[{rule}] {_REASON}"
    if language == "wix" and not text.lstrip().startswith("<"):
        return None  # no comment may stand inside a tag
    if not _CONTINUED_IN.get(language, _CONTINUED).search(above):
        indent = _INDENT.match(text)
        body = _COMMENTS.get(language, "// {}").format(comment)
        return _insertion(line, 0, f"{indent[0] if indent else ''}{body}{_line_end(source)}")
    # Between lines that a backslash joins, a line of its own would end the macro or statement.
    if language not in ("c", "c++"):
        return None
    code = _CONTINUED.sub("", text)
    return _insertion(line, _columns(code, unit), f" /* {comment} */")


def _insertion(line: int, column: int, text: str) -> types.TextEdit:
    position = types.Position(line, column)
    return types.TextEdit(types.Range(position, position), text)


def _columns(text: str, unit: Unit) -> int:
    end = len(text.encode("utf-8", "surrogatepass"))
    return SourceText("", text, "utf-8", b"").locate(0, end, unit=unit).end_column - 1


def _line_end(source: SourceText) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"
