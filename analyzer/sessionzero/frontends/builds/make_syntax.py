"""The lines of a makefile: assignments, rules and conditions of make, automake and nmake."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from sessionzero.frontends.builds.draft import MAX_DEPTH, Refused
from sessionzero.frontends.builds.make_values import Variables

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*")
_ASSIGNMENT = re.compile(
    r"[ ]*(?:(?:export|override)[ \t]+)?(?P<name>[\w.$(){}-]+)[ \t]*"
    r"(?P<operator>[:?+!]{0,2}=)[ \t]*"
)
_RULE = re.compile(
    # C:\\x is a path
    r"(?P<targets>(?>(?:[^:=#$\s]++|\$[({][^(){}\s]*[)}]|[ ]|:(?=[\\/]))+))::?(?!=)"
)
_CONDITION = re.compile(
    r"[ \t]*!?[ \t]*(?P<word>ifdef|ifndef|ifeq|ifneq|if|elseif|elif|else|endif)\b"
    r"[ \t]*(?P<rest>.*)",
    re.IGNORECASE,
)

# Conditions of configure scripts, and variables, that are so on Windows.
_WINDOWS = re.compile(
    r"(?:(?:HAVE|OS|HOST|IS|TARGET|PLATFORM|BUILD|ON|FOR)_)*(?:MS)?"
    r"(?:WIN32|WINDOWS|WINDOWS_NT|MINGW|MINGW32|MINGW64|WINNT)(?:_(?:BUILD|HOST|OS|TARGET))?"
)
_MACRO = re.compile(r"[-/]D|\$")
_SYSTEM_TEST = re.compile(r"\(?[\"']?\$[({](?:OS|TARGET_OS|HOST_OS)[)}][\"']?[ \t,]+[\"']?(\w+)")


class Rule(Struct):
    """``targets: prerequisites`` as written, its recipe, and where it begins, in characters."""

    targets: str
    prerequisites: str
    start: int
    end: int
    recipe: list[str] = []


class Makefile(Struct):
    """What a makefile says, and where each variable is first set, in characters. ``plain``: no
    condition that only a build can decide stands around a macro of the compiler."""

    variables: Variables = field(default_factory=Variables)
    rules: list[Rule] = []
    places: dict[str, tuple[int, int]] = {}
    plain: bool = True


class _Choice(Struct):
    """An ``if`` that is open: what the present branch is, and whether an earlier one surely ran."""

    truth: bool | None
    decided: bool


def parse(text: str) -> Makefile:
    """The variables and rules. What isn't understood is passed over."""
    found = Makefile()
    choices: list[_Choice] = []
    in_rule = False  # only behind a rule, up to the next variable, a tab begins a line of a recipe
    for line, start, end in _lines(text):
        if line.startswith("\t") and in_rule:
            if _runs(choices) is not False:
                found.rules[-1].recipe.append(line.strip())
            continue
        line = line.lstrip("\t")
        if condition := _CONDITION.match(line):
            _choose(choices, condition["word"].lower(), condition["rest"].strip(), start)
            continue
        runs = _runs(choices)
        if runs is not False and not line.lstrip().startswith("!"):
            rules = len(found.rules)
            assigned = _statement(found, line, (start, end), doubtful=runs is None)
            in_rule = len(found.rules) > rules or (in_rule and not assigned)
    return found


def _lines(text: str) -> Iterator[tuple[str, int, int]]:
    """The logical lines, without comments; where each begins and ends."""
    at = 0
    size = len(text)
    while at < size:
        start, parts = at, list[str]()
        while True:
            end = text.find("\n", at)
            end = size if end < 0 else end
            line = text[at:end].rstrip(" \t\r")
            at = end + 1
            if not line.endswith("\\") or at >= size:
                break
            parts.append(line[:-1])
        parts.append(line)
        whole = " ".join(part if not number else part.strip() for number, part in enumerate(parts))
        if "#" in whole:
            whole = _COMMENT.sub("", whole)
        if whole.strip():
            yield whole, start, min(end, size)


def _statement(found: Makefile, line: str, at: tuple[int, int], *, doubtful: bool) -> bool:
    """Note a variable or a rule; true if it is a variable."""
    assignment = _ASSIGNMENT.match(line)
    if assignment is not None:
        name, value = assignment["name"], line[assignment.end() :].strip()
        found.variables.assign(name, assignment["operator"], value, doubtful=doubtful)
        found.plain = found.plain and not (doubtful and _MACRO.search(value))
        found.places.setdefault(name, at)
        return True
    rule = _RULE.match(line)
    if rule is not None:
        prerequisites, _, recipe = line[rule.end() :].partition(";")
        found.rules.append(Rule(rule["targets"], prerequisites, *at))
        if recipe:
            found.rules[-1].recipe.append(recipe.strip())
    return False


def _choose(choices: list[_Choice], word: str, rest: str, at: int) -> None:
    if word == "endif":
        del choices[-1:]
    elif word.startswith("el"):
        if choices:
            last = choices[-1]
            last.decided = last.decided or last.truth is True
            truth = _truth(word, rest) if word != "else" else None
            unknown = last.truth is None
            complete = word == "else" and not rest and not unknown and not last.decided
            last.truth = False if last.decided else True if complete else truth
    else:
        if len(choices) >= MAX_DEPTH:
            raise Refused("conditions nest too deeply", at, "depth")
        choices.append(_Choice(_truth(word, rest), decided=False))


def _truth(word: str, rest: str) -> bool | None:
    """Whether a condition holds on Windows; None if that isn't certain."""
    if word in ("ifeq", "ifneq"):
        system = _SYSTEM_TEST.search(rest)
        if system is None:
            return None
        return bool(_WINDOWS.fullmatch(system[1].upper())) == (word == "ifeq")
    negative = rest.startswith("!") != (word == "ifndef")
    name = rest.lstrip("! \t").split(" ")[0]
    return not negative if _WINDOWS.fullmatch(name.upper()) else None


def _runs(choices: list[_Choice]) -> bool | None:
    """Whether what stands here counts: surely, surely not, or perhaps."""
    if any(choice.truth is False for choice in choices):
        return False
    return None if any(choice.truth is None for choice in choices) else True
