"""The front-end for command scripts (``.bat``, ``.cmd``): which commands a script runs.

Every command is a call of kind ``command``: its callee is the program as the script names it, its
arguments the other words. What ``set`` gave a variable stands in its place; a variable from
elsewhere leaves a gap. Which way the script goes is not followed: each command may run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.frontends.scripts.draft import Draft, Word

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
_CONTINUED = re.compile(r"\^\r?\n")
_WORD = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_MOST = 1024  # characters of an expanded command: variables can double at each step


def read(draft: Draft) -> None:
    """Note the commands of a script."""
    variables: dict[str, str] = {}
    for start, line in _commands(draft.text):
        assigned = _SET.match(line)
        if assigned:
            name, value = assigned[1] or assigned[3], assigned[2] or assigned[4] or ""
            variables[name.lower()] = _expanded(value, variables)
            continue
        command, *others = _words(line, start, variables) or [Word("", start, start)]
        if command.text:
            draft.add_call("command", command, (("", word) for word in others), start + len(line))


def _words(line: str, start: int, variables: dict[str, str]) -> list[Word]:
    """The words of a command. What a variable stands for has the place of the variable."""
    return [
        Word(word.replace('"', ""), start + match.start(), start + match.end())
        for match in _WORD.finditer(_CONTINUED.sub(_blank, line))
        for word in _WORD.findall(_expanded(match[0].replace("^", ""), variables))
    ]


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


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
