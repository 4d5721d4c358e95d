"""The front-end for command scripts (``.bat``, ``.cmd``): which commands a script runs.

Every command is a call of kind ``command``: its callee is the program as the script names it, its
arguments the other words. What ``set`` gave a variable stands in its place; a variable from
elsewhere leaves a gap. Which way the script goes is not followed: each command may run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.facts import Argument, Call, FileFacts, Function, Language, Text

_LINE = re.compile(r"(?:[^\r\n^]|\^\r?\n|\^)+")  # a caret continues the line
_PART = re.compile(r'(?:"[^"]*"?|\^.|[^"&|()])+')  # between & && || | and brackets
_COMMENT = re.compile(r"@?\s*(?:rem\b|:)", re.IGNORECASE)  # a label runs nothing either
_PREFIX = re.compile(
    r'[@\s]*(?:(?:call|else|do|start(?:\s+"[^"]*")?(?:\s+/\w+)*|cmd(?:\.exe)?\s+/[ck])\s+'
    r'|if\s+(?:/i\s+)?(?:not\s+)?(?:(?:exist|errorlevel|defined)\s+(?:"[^"]*"|\S+)'
    r'|(?:"[^"]*"|\S+?)\s*(?:==|\b(?:equ|neq|lss|leq|gtr|geq)\b)\s*(?:"[^"]*"|\S+))\s+)',
    re.IGNORECASE,
)
_SET = re.compile(r'@?set\s+(?:"(\w+)=([^"]*)|(\w+)=(.*))', re.IGNORECASE)
_VARIABLE = re.compile(r"%(?:~\w*)?(\d|\*)|%(\w+)(?::[^%\n]*)?%|!(\w+)!")
_CARET = re.compile(r"\^(?:\r?\n)?")
_WORD = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_MOST = 1024  # characters of an expanded command: variables can double at each step


def extract(text: str, language: Language) -> FileFacts:
    """The commands of a script."""
    size = len(text.encode("utf-8", "surrogatepass"))
    script = Function("", "", -1, "file", (), "", (), (), 0, 0, 0, size)
    return FileFacts(language, (script,), (), tuple(_calls(text)), (), (), (), (), (), (), (), ())


def _calls(text: str) -> Iterator[Call]:
    variables: dict[str, str] = {}
    position = size = 0
    for start, line in _commands(text):
        size += len(text[position:start].encode("utf-8", "surrogatepass"))
        position = start
        assigned = _SET.match(line)
        if assigned:
            name, value = assigned[1] or assigned[3], assigned[2] or assigned[4] or ""
            variables[name.lower()] = _expanded(value, variables)
            continue
        end = size + len(line.encode("utf-8", "surrogatepass"))
        words = [
            w.replace('"', "") for w in _WORD.findall(_expanded(_CARET.sub("", line), variables))
        ]
        if words and words[0]:
            callee, *others = (Text(word, word, size, end) for word in words)
            arguments = tuple(Argument("", word) for word in others)
            yield Call(0, -1, "command", callee, arguments, size, end)


def _commands(text: str) -> Iterator[tuple[int, str]]:
    """The single commands with their places; what only decides about a command is left out."""
    for line in _LINE.finditer(text):
        if _COMMENT.match(line[0].lstrip()):
            continue
        for part in _PART.finditer(line[0]):
            command, start = part[0], line.start() + part.start()
            while (prefix := _PREFIX.match(command)) is not None:
                command, start = command[prefix.end() :], start + prefix.end()
            stripped = command.lstrip(" \t@")
            if stripped and not _COMMENT.match(stripped):
                yield start + len(command) - len(stripped), stripped.rstrip()


def _expanded(text: str, variables: dict[str, str]) -> str:
    """The text with the values of its variables."""

    def value(match: re.Match[str]) -> str:
        return variables.get((match[2] or match[3] or "").lower(), "")

    return _VARIABLE.sub(value, text)[:_MOST]
