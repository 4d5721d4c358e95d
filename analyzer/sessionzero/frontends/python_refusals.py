"""Why a Python file could not be read: a problem that names the line."""

from __future__ import annotations

import ast
import re
import warnings

from sessionzero.facts import Problem, ProblemKind

_STRING_OR_COMMENT = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"""'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+'''"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'(?:[^'\\\n]++|\\.)*+'"
    r"|#[^\n]*+",
    re.DOTALL,
)
_NOT_BLANK = re.compile(r"[^\n]")
_PYTHON2 = re.compile(
    r"(?:^|[:;])[ \t]*(?P<statement>(?:print|exec)"
    r"(?:[ \t]+(?!(?:in|is|and|or|if)\b)[\w`]|[ \t]*[\"'])[^\n;]{0,40})"
    r"|^[ \t]*(?P<handler>except[ \t]+[^\n:]{1,200}?,[ \t]*\w+[ \t]*:)"
    r"|\b(?P<raise>raise[ \t]+[\w.]{1,200}[ \t]*,[^\n]{0,40})"
    r"|(?P<quote>`[^`\n]{0,40}`|<>)"
    r"|(?<![\w.])(?P<number>0\d*[1-9]\d*(?![\w.])|(?:\d+|0[xX][0-9a-fA-F]+)[lL]\b)"
    r"|\b(?P<prefix>[uU][rR][\"'])"
    r"|^[ \t]*(?P<parameters>def[ \t]+\w+[ \t]*\((?:[^()\n]{0,200},)?[ \t]*\([^\n]{0,40})",
    re.MULTILINE,
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_PARSER_ERROR = re.compile(r"error at (\d+):\d+: (.{0,60})", re.DOTALL)
_CONSEQUENCE = "nothing in this file was analysed"


def unreadable(text: str, message: str) -> Problem:
    """The problem of a text that libcst refuses with this message."""
    known = _PARSER_ERROR.search(message)
    line = int(known[1]) if known else _line_of_error(text)
    spans = _line_spans(text)
    line = min(max(line, 1), len(spans))
    old = _python2_form(text, spans[line - 1])
    if old is not None:
        return python2(text, old)
    reason = (known[2] if known else message.removeprefix("tokenizer error: ")).strip()
    sentence = f"line {line}: not valid Python ({reason}); {_CONSEQUENCE}"
    return _problem(text, "syntax", sentence, spans[line - 1])


def python2(text: str, form: tuple[int, int]) -> Problem:
    """The problem of a text with syntax of Python 2 in a range of characters."""
    spans = _line_spans(text)
    number, span = next((i, s) for i, s in enumerate(spans, 1) if form[0] <= s[1])
    written = " ".join(text[slice(*form)].split()).strip("`")
    sentence = f"line {number}: Python 2 syntax (`{written}`) is not read; {_CONSEQUENCE}"
    return _problem(text, "python2", sentence, span)


def too_deep(text: str, at: int) -> Problem:
    """The problem of a text that nests too deeply at a character offset."""
    spans = _line_spans(text)
    number, span = next((i, s) for i, s in enumerate(spans, 1) if at <= s[1])
    sentence = f"line {number}: the code nests too deeply to be read; {_CONSEQUENCE}"
    return _problem(text, "depth", sentence, span)


def _problem(text: str, kind: ProblemKind, message: str, span: tuple[int, int]) -> Problem:
    start, end = (len(text[:at].encode("utf-8", "surrogatepass")) for at in span)
    return Problem(kind, message, start, end)


def _line_spans(text: str) -> list[tuple[int, int]]:
    """The range of characters of each line, without its line end."""
    ends = list(_LINE_END.finditer(text))
    starts = [0, *(end.end() for end in ends)]
    return list(zip(starts, [*(end.start() for end in ends), len(text)], strict=True))


def _line_of_error(text: str) -> int:
    """The line of an error of libcst's tokenizer, which doesn't say: Python's own parser does."""
    if "\0" in text:
        return text.count("\n", 0, text.index("\0")) + 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return 1
    return 1


def _python2_form(text: str, line: tuple[int, int]) -> tuple[int, int] | None:
    """The range of something that only Python 2 reads: in that line, else the first in the text."""
    code = _STRING_OR_COMMENT.sub(_blanked, text)
    forms = [match.span(match.lastgroup or 0) for match in _PYTHON2.finditer(code)]
    in_line = [form for form in forms if line[0] <= form[0] <= line[1]]
    return next(iter(in_line or forms), None)


def _blanked(match: re.Match[str]) -> str:
    """A string without content, a comment as blanks; same length and lines."""
    token = match[0]
    if token.startswith("#"):
        return " " * len(token)
    return token[0] + _NOT_BLANK.sub(" ", token[1:-1]) + token[-1]
