"""Command lines as the catalogue knows them: ``sc config Agent type= own type= interact``.

A command line that stands as one text in a script is taken apart as a shell does: words, quotes,
``&`` and ``|`` between commands, ``cmd /c`` before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from sessionzero.installation.actions import Given
from sessionzero.knowledge.catalog import Api, Parameter
from sessionzero.link.files.units import Spot

_PART = re.compile(r'(?:"[^"]*+"?|[^"&|])++')
_WORD = re.compile(r'(?:"[^"]*+"?|\\"[^"]*+"?|[^\s"])++')
_SHELLS = ("cmd", "%comspec%", "powershell", "pwsh")
_BEFORE_COMMANDS = (*_SHELLS, "start", "call", "sudo", "$0")
_MOST = 1 << 14  # characters of a command line


class Word(Struct, frozen=True):
    """A word of a command: what it is, how it is written, where."""

    text: str
    raw: str
    spot: Spot


def commands_in(text: str, spot: Spot) -> Iterator[list[Word]]:
    """The commands of a command line, each as its words, which all stand where the line does."""
    for part in _PART.findall(text[:_MOST]):
        words = [match.replace('"', "").rstrip("\\") for match in _WORD.findall(part)]
        words = _without_shell([word for word in words if word])
        if len(words) == 1 and " " in words[0] and words[0] != text:
            yield from commands_in(words[0], spot)  # `cmd /c "sc …"`
        elif words:
            yield [Word(word, word, spot) for word in words]


def _without_shell(words: list[str]) -> list[str]:
    """``cmd /c sc …`` runs ``sc …``."""
    while words and _program(words[0]) in _BEFORE_COMMANDS:
        words = words[1:]
        while words and (words[0][:1] in ("/", "-") or not words[0]):
            words = words[1:]
    return words


def is_shell(program: str) -> bool:
    """Whether a program is a shell, which is told a command line."""
    return _program(program) in _SHELLS


def name_of(program: str) -> str:
    """The name of a program without its folder."""
    return re.split(r"[\\/\]}]", program)[-1]


def _program(word: str) -> str:
    return name_of(word).lower().removesuffix(".exe")


def matches(words: Sequence[Word], apis: Iterable[Api]) -> Iterator[tuple[Api, tuple[Given, ...]]]:
    """What the catalogue knows of a command, and what the command is given."""
    if not words:
        return
    program = _program(words[0].text)
    for api in apis:
        pattern, *verbs = api.name.lower().split()
        if fnmatchcase(program, pattern):
            rest = _after_verbs(words[1:], verbs, program)
            given = None if rest is None else arguments(rest, api)
            if given is not None:
                yield api, given


def _after_verbs(
    words: Sequence[Word], verbs: Sequence[str], program: str
) -> Sequence[Word] | None:
    """The words behind those that the command must begin with; None if it doesn't."""
    if program == "sc" and words and words[0].text.startswith("\\\\"):
        words = words[1:]  # the computer
    begins = len(words) >= len(verbs) and all(
        fnmatchcase(word.text.lower(), verb) for word, verb in zip(words, verbs, strict=False)
    )
    return words[len(verbs) :] if begins else None


def arguments(words: Sequence[Word], api: Api) -> tuple[Given, ...] | None:
    """What the words give to the parameters of a command; None if a word that must be there is
    not. An option ends in ``=`` (``type= own``, ``type=own``) or stands before its value
    (``/d 272``, ``--Type=interactive``); ``interactive`` has no value. The last parameter of a
    command that runs another one (``...``) is given all that is left."""
    options = [parameter for parameter in api.parameters if parameter.keyword]
    # PowerShell takes the first parameters without their names too.
    named = api.language == "powershell"
    positions = [p for p in api.parameters if not p.keyword or (named and p.keyword[:1] == "-")]
    found: list[Given] = []
    taken: set[str] = set()
    plain: list[Word] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        parameter = _option(word, options, exact=api.kind == "case")
        if parameter is not None:
            taken.add(parameter.role)
            given, at = _valued(parameter, word, words, at)
            found.extend(given)
        elif (api.variadic and not options) or not _is_switch(word, api):
            plain.append(word)
            if (api.kind == "command-line" or api.variadic) and len(plain) == len(positions):
                break  # getopt reads no options behind the last word
        elif _takes_value(word, api):
            at += 1  # an option of which nothing is asked, and its value
    positions = [parameter for parameter in positions if parameter.role not in taken]
    placed = list(zip(positions, plain, strict=False))
    if api.variadic and len(placed) == len(positions):  # all that is left is for the last one
        placed += [(positions[-1], word) for word in words[at:]]
    for parameter, word in placed:
        if not parameter.role.startswith("="):
            found.append(Given(parameter.role, word.text, "", word.raw, word.spot))
        elif word.text.lower() not in parameter.role[1:].split("|"):
            return None
    wanted = sum(1 for parameter in positions if parameter.role.startswith("="))
    return tuple(found) if not wanted or len(plain) >= _last_wanted(positions) else None


def _last_wanted(positions: Sequence[Parameter]) -> int:
    return max(n for n, p in enumerate(positions, start=1) if p.role.startswith("="))


def _option(word: Word, options: Sequence[Parameter], *, exact: bool) -> Parameter | None:
    text = word.text if exact else word.text.lower()
    for parameter in options:
        keyword = parameter.keyword if exact else parameter.keyword.lower()
        joined = keyword if keyword.endswith("=") else f"{keyword}="
        if text == keyword or text.startswith((joined, f"{keyword}:")):
            return parameter
    return None


def _valued(
    parameter: Parameter, word: Word, words: Sequence[Word], at: int
) -> tuple[list[Given], int]:
    """An option with its value, in the same word or the next one."""
    option = parameter.keyword
    if parameter.role == "interactive" and "=" not in word.text:
        return [Given(parameter.role, "yes", "", word.raw, word.spot)], at
    inside = word.text[len(option) :]
    if inside:
        inside = inside.lstrip("=:") if not option.endswith("=") else inside
        return [Given(parameter.role, inside, option, inside, word.spot)], at
    if at >= len(words):
        return [], at
    value = words[at]
    spot = value.spot
    if spot.unit == word.spot.unit and word.spot.start <= spot.start:
        spot = Spot(spot.unit, spot.function, word.spot.start, spot.end)
    return [Given(parameter.role, value.text, option, value.raw, spot)], at + 1


def _takes_value(word: Word, api: Api) -> bool:
    """Whether another option has a value in the next word, as those of ``sc`` and of wrappers do.
    ``--name=`` has one that isn't known."""
    if word.text.endswith("="):
        return not word.text.startswith("-")
    option = len(word.text) > len("--") and word.text.startswith("--")
    return api.kind == "wrapper" and option and "=" not in word.text


def _is_switch(word: Word, api: Api) -> bool:
    """Whether a word is an option that the catalogue says nothing of."""
    return word.text[:1] in ("-", "/") or (word.text.endswith("=") and len(api.parameters) > 1)
