"""What a launch starts: the command that its arguments say, and whether a window is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from sessionzero.facts import Expr
from sessionzero.knowledge.catalog import arguments_for
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import Spot
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known, Value
from sessionzero.program import Program
from sessionzero.uses.sides import begun_here, call_around

LAUNCH = "process-launch"
_FRAGMENT = re.compile(r"[^\s\"]*?[\w.+-]+\.(?:exe|com|bat|cmd)\b", re.IGNORECASE)
_PROGRAM_WITH_BLANKS = re.compile(r"[a-z]:\\[^\"/]*?\.(?:exe|com|bat|cmd)\b", re.IGNORECASE)
# `cmd /c command`, and its `start "title" /options command`: the help that `cmd /?` prints.
_SHELLS = frozenset(("cmd", "%comspec%"))
_SHELL_COMMAND = re.compile(r"(?:^|\s)/[ck]\s+(.*)", re.IGNORECASE | re.DOTALL)
_START_OPTIONS = re.compile(r"\s*(?:\"[^\"]*\"\s*)?(?:/d\s+\S+\s+|/[a-z]+\s+)*", re.IGNORECASE)
_SHELL_LEVELS = 3
_ADDRESS = re.compile(r"[a-z][a-z+.-]+:", re.IGNORECASE)  # of a URL; a drive has one letter
_LIST_WORDS = 24


class Command(Struct, frozen=True):
    """A command that a launch runs.

    ``program`` is the name of its file in lower case, without directory and ``.exe``; ``rest`` is
    what is known to stand behind it. ``known`` is the text that says so, as the argument ``role``.
    ``started``: the command processor's ``start`` opens it.
    """

    program: str
    rest: str
    known: Known
    role: str
    started: bool = False


def commands_of(program: Program, site: Site) -> tuple[Command, ...]:
    """The commands that a launch is known to run: the application if it is given, else the first
    word of the command line."""
    named = [
        Command(_simple(known.text), _behind(program, site), known, "application")
        for known in _texts(program, site, "application")
        if known.exact or known.kind == "fragment"
    ]
    lines = () if named else (*_lines(program, site), *_lists(program, site))
    shell = site.api.kind == "shell-command" or _is_set(program, site, "shell")
    return tuple(_unwrapped(command, shell=shell) for command in (*named, *lines))


def _behind(program: Program, site: Site) -> str:
    """The command line behind an application that is given apart: all of it, with its own name."""
    return " ".join(known.text for known in program.value(site, "command_line").texts)


def _texts(program: Program, site: Site, role: str) -> Iterator[Known]:
    for known in program.value(site, role).known:
        if known.kind == "text" or (known.kind == "fragment" and _FRAGMENT.match(known.text)):
            yield begun_here(site, known)


def _lines(program: Program, site: Site) -> Iterator[Command]:
    for known in _texts(program, site, "command_line"):
        head, rest = split_command(known.text)
        ended = bool(rest) or known.text[-1:].isspace()  # what follows is no part of its name
        if head and (ended or known.exact or known.kind == "fragment"):
            yield Command(_simple(head), rest, known, "command_line")


def _lists(program: Program, site: Site) -> Iterator[Command]:
    """Python's ``["notepad.exe", path]``: the first item is the program, whatever it holds."""
    for items in program.values.listed(*_written(program, site, "command_line")):
        words = [program.values.fold(expr, at) for expr, at in items[:_LIST_WORDS]]
        rest = " ".join(known.text for word in words[1:] for known in word.texts)
        for known in words[0].known if words else ():
            if known.kind in ("text", "fragment"):
                expr, at = items[0]
                spot = Spot(at.unit.index, at.function, expr.start, expr.end)
                elsewhere = at.function and at.func != site.func and not known.passed
                said = structs.replace(known, passed=(spot,)) if elsewhere else known
                yield Command(_simple(known.text), rest, said, "command_line")


def _written(program: Program, site: Site, role: str) -> tuple[Expr, Scope]:
    expr = program.argument(site, role)
    at = program.scope(site)
    return (program.index.call(site.call).callee if expr is None else expr), at


def _is_set(program: Program, site: Site, role: str) -> bool:
    """Whether an argument is certainly given, and neither zero nor None."""
    given = program.value(site, role)
    return any(known.kind == "number" and known.number != 0 for known in given.known)


# --- command lines ---


def split_command(text: str) -> tuple[str, str]:
    """The program of a command line as it is meant, and the rest. (Windows itself tries each
    blank of a path without quotes in turn; "CreateProcessW", learn.microsoft.com.)"""
    text = text.strip()
    if text.startswith('"'):
        head, _, rest = text[1:].partition('"')
        return head, rest.strip()
    match = _PROGRAM_WITH_BLANKS.match(text)
    head = match.group() if match else text.partition(" ")[0]
    return head, text[len(head) :].strip()


def _simple(path: str) -> str:
    if _ADDRESS.match(path):
        return path
    name = re.split(r"[\\/]", path.strip('" '))[-1].lower()
    return name.removesuffix(".exe")


def _unwrapped(command: Command, *, shell: bool) -> Command:
    """What the command processor is told to run, if the command is for it."""
    for _ in range(_SHELL_LEVELS):
        if command.program in _SHELLS:
            match = _SHELL_COMMAND.search(command.rest)
            if match is None:
                return command
            text, shell = _without_quotes(match[1]), True
        elif shell and command.program == "start":
            match = _START_OPTIONS.match(command.rest)
            text = command.rest[match.end() if match else 0 :]
            command = structs.replace(command, started=True)
        else:
            return command
        head, rest = split_command(text)
        command = structs.replace(command, program=_simple(head), rest=rest)
    return command


def _without_quotes(text: str) -> str:
    """``"start notepad"``: quotes around a whole command are no part of it."""
    text = text.strip()
    whole = text.startswith('"') and text.endswith('"') and " " in text and text.count('"') == 2
    return text[1:-1] if whole else text


def names_one(command: Command, entries: Iterable[str]) -> bool:
    """Whether the program of a command is one of ``entries``: a name, or a name and a word that
    must stand in the rest (``rundll32 control_rundll``)."""
    for entry in entries:
        name, _, word = entry.partition(" ")
        if command.program == name and word.casefold() in command.rest.casefold():
            return True
    return False


# --- windows ---


def means_no_window(program: Program, site: Site, said: Known | None = None) -> bool:
    """Whether a launch says that nobody shall see the program: without a console, hidden, or with
    its output taken by the caller. ``said`` is the command that is asked for: of what the callers
    of a wrapper pass, only the same call's counts."""
    if site.api.kind == "captured" or _takes_output(program, site):
        return True
    return any(_is_of(program, known, said) for known in _hiding(program, site))


def _hiding(program: Program, site: Site) -> Iterator[Known]:
    """The alternatives of flags and the like that hide the program."""
    constants = program.catalog.constants
    flags = program.value(site, "flags")
    for flag in ("CREATE_NO_WINDOW", "DETACHED_PROCESS"):
        yield from _with_bits(flags, constants[flag])
    yield from _zeros(program.value(site, "show"))
    how = program.field(site, "startup", "dwFlags")
    yield from _with_bits(how, constants["STARTF_USESTDHANDLES"])
    if how.has_bits(constants["STARTF_USESHOWWINDOW"]):
        yield from _zeros(program.field(site, "startup", "wShowWindow"))


def _with_bits(value: Value, bits: int) -> list[Known]:
    return [k for k in value.known if k.kind == "number" and k.number & bits == bits]


def _zeros(value: Value) -> list[Known]:
    return [k for k in value.known if k.kind == "number" and k.number == 0 and k.exact]


def _is_of(program: Program, known: Known, said: Known | None) -> bool:
    if said is None or not (known.passed and said.passed):
        return True
    ours, theirs = (call_around(program, k.passed[0]) for k in (known, said))
    return ours == theirs


def _takes_output(program: Program, site: Site) -> bool:
    """``stdout=subprocess.PIPE``, ``capture_output=True``: given, and not None or False."""
    call = program.index.call(site.call)
    return any(
        not program.values.fold(expr, program.scope(site)).is_null
        for expr in arguments_for(site.api, call.arguments, "output")
    )
