"""Why a Python file could not be read: a problem that names the line."""

from __future__ import annotations

import ast
import re
import warnings

from sessionzero.facts import Problem, ProblemKind

_LINE_END = re.compile(r"\r\n|\r|\n")
_PARSER_ERROR = re.compile(r"error at (\d+):\d+: (.{0,60})", re.DOTALL)
_CONSEQUENCE = "nothing in this file was analysed"


def unreadable(text: str, message: str, source: str) -> Problem:
    """The problem of a text that libcst refuses with this message.

    ``source`` is what it was given: the text, or the text rewritten line by line.
    """
    known = _PARSER_ERROR.search(message)
    line = int(known[1]) if known else _line_of_error(source)
    spans = _line_spans(text)
    line = min(max(line, 1), len(spans))
    reason = (known[2] if known else message.removeprefix("tokenizer error: ")).strip()
    sentence = f"line {line}: not valid Python ({reason}); {_CONSEQUENCE}"
    return _problem(text, "syntax", sentence, spans[line - 1])


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
