"""Meson files as targets: lists of files are followed through variables and ``files()``.

Reference: Meson reference manual, ``executable()``, ``library()``, ``static_library()``. Files in
other folders are not seen; of a condition that the build decides, each branch counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sessionzero.facts import FileFacts, Subsystem, TargetKind
from sessionzero.frontends.builds.draft import (
    ABOVE,
    MAX_CHARACTERS,
    MAX_DEPTH,
    UNKNOWN,
    Draft,
    Refused,
    facts,
    words_of_flags,
)
from sessionzero.frontends.builds.meson_syntax import (
    Apply,
    Array,
    Literal,
    Node,
    Operation,
    Statement,
    Variable,
    statements,
)

_KINDS: dict[str, TargetKind] = {
    "executable": "program",
    "library": "shared",
    "both_libraries": "shared",
    "shared_library": "shared",
    "shared_module": "shared",
    "static_library": "static",
}
_ABOVE = frozenset((".source_root", ".project_source_root", ".global_source_root"))
_WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class _Made:
    """What a variable holds after ``x = executable(…)``."""

    name: str


_Value = str | _Made  # an item; UNKNOWN is one that isn't known
_Values = list[_Value]


def read(text: str, _name: str) -> FileFacts:
    """The targets of a Meson file, up to the first thing in it that isn't understood."""
    run = _Run()
    try:
        for statement in statements(text):
            run.statement(statement)
    except Refused as refused:
        return facts(text, run.drafts, refused)
    return facts(text, run.drafts)


class _Run:
    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self._variables: dict[str, _Values] = {}
        self._branches: list[bool | None] = []  # of each open `if`: what its branch is
        self._decided: list[bool] = []  # … and whether an earlier one surely ran
        self._everywhere: list[str] = []
        self._left = MAX_CHARACTERS

    def statement(self, statement: Statement) -> None:
        match statement.word:
            case "if":
                if len(self._branches) >= MAX_DEPTH:
                    raise Refused("conditions nest too deeply", statement.start, "depth")
                self._branches.append(self._truth(statement.value))
                self._decided.append(False)
            case "elif" | "else" if self._branches:
                self._next_branch(statement)
            case "endif" if self._branches:
                self._branches.pop()
                self._decided.pop()
            case _ if False not in self._branches:
                self._run(statement)

    def _next_branch(self, statement: Statement) -> None:
        self._decided[-1] = self._decided[-1] or self._branches[-1] is True
        doubt = self._branches[-1] is None
        truth = self._truth(statement.value) if statement.word == "elif" else True
        self._branches[-1] = False if self._decided[-1] else None if doubt and truth else truth

    def _run(self, statement: Statement) -> None:
        values = self._values(statement.value) if statement.value is not None else []
        self._left -= len(values) + 1
        if self._left < 0:
            raise Refused("the variables expand to too much text", statement.start, "depth")
        if statement.word == "+=" or (statement.word == "=" and None in self._branches):
            old = self._variables.get(statement.name, [])
            self._left -= len(old)
            self._variables[statement.name] = [*old, *values]
        elif statement.word in ("=", "foreach"):
            self._variables[statement.name] = values

    def _truth(self, value: Node | None) -> bool | None:
        """What a condition is on Windows; None if that isn't certain."""
        match value:
            case Literal("true" | "false" as word, False):
                return word == "true"
            case Operation("not", (inner,)):
                truth = self._truth(inner)
                return None if truth is None else not truth
            case Operation("and" | "or" as operator, operands):
                truths = [self._truth(operand) for operand in operands]
                decisive = operator == "or"
                return decisive if decisive in truths else None if None in truths else not decisive
            case Operation("==" | "!=" as operator, (Apply(".system"), Literal(name, True))):
                return (name == _WINDOWS) == (operator == "==")
            case Variable(name) if len(found := self._variables.get(name, [])) == 1:
                return {"true": True, "false": False}.get(str(found[0]))
        return None

    def _values(self, node: Node) -> _Values:
        """The items that an expression stands for; unknown ones are left out of lists."""
        match node:
            case Literal(value):
                return [value]
            case Variable(name):
                found = self._variables.get(name, [UNKNOWN])
                self._left -= len(found)
                return found
            case Array(items):
                return [value for item in items for value in self._values(item)]
            case Operation("+", operands):
                return self._sum(operands)
            case Operation("/", operands):
                joined = "/".join(self._text(operand) for operand in operands)
                self._left -= len(joined)
                return [joined]
            case Operation("?", branches):
                return [value for branch in branches for value in self._values(branch)]
            case Operation("==" | "!="):
                truth = self._truth(node)
                return [UNKNOWN if truth is None else str(truth).lower()]
            case Apply():
                return self._call(node)
        return [UNKNOWN]

    def _sum(self, operands: Sequence[Node]) -> _Values:
        """Lists joined, or texts put together."""
        values = [self._values(operand) for operand in operands]
        if all(isinstance(operand, Literal) for operand in operands[1:]) and values[1:]:
            joined = "".join(str(item) for value in values for item in value[:1])
            self._left -= len(joined)
            return [joined]
        return [item for value in values for item in value]

    def _text(self, node: Node | None) -> str:
        values = self._values(node) if node is not None else []
        return values[0] if len(values) == 1 and isinstance(values[0], str) else UNKNOWN

    def _call(self, call: Apply) -> _Values:
        if call.name in _KINDS:
            return self._target(call, _KINDS[call.name])
        if call.name in ("files", "include_directories"):
            return [value for item in call.arguments for value in self._values(item)]
        if call.name in ("add_project_arguments", "add_global_arguments"):
            self._everywhere += [str(v) for item in call.arguments for v in self._values(item)]
        if call.name == "join_paths":
            return ["/".join(self._text(item) for item in call.arguments)]
        if call.name in (".current_source_dir", *_ABOVE):
            return ["." if call.name == ".current_source_dir" else ABOVE]
        if call.name == "declare_dependency":
            return self._values(Array(tuple(v for k, v in call.keywords if k == "link_with")))
        return [UNKNOWN]

    def _target(self, call: Apply, kind: TargetKind) -> _Values:
        keywords = dict(call.keywords)
        name = self._text(call.arguments[0]) if call.arguments else UNKNOWN
        draft = Draft(name, kind, (call.start, call.end))
        sources = Array((*call.arguments[1:], *(v for k, v in call.keywords if k == "sources")))
        draft.add_sources(str(value) for value in self._values(sources))
        for keyword in ("link_with", "link_whole", "dependencies"):
            values = self._values(keywords[keyword]) if keyword in keywords else []
            draft.add_uses(value.name for value in values if isinstance(value, _Made))
        if "include_directories" in keywords:
            draft.add_includes(str(v) for v in self._values(keywords["include_directories"]))
        flags = [
            str(v)
            for k in ("c_args", "cpp_args")
            if k in keywords
            for v in self._values(keywords[k])
        ]
        words = words_of_flags([*self._everywhere, *flags])
        # Which branches of the file run is for the build to know.
        draft.add_defines((value for letter, value in words if letter == "D"), perhaps=True)
        draft.subsystem = self._subsystem(keywords) if kind == "program" else ""
        self.drafts.append(draft)
        return [_Made(name)]

    def _subsystem(self, keywords: dict[str, Node]) -> Subsystem:
        """``win_subsystem``, before Meson 0.56 ``gui_app``; a console if neither is given."""
        if "win_subsystem" in keywords:
            word = re.split(r"[,.]", self._text(keywords["win_subsystem"]))[0]
            return "windows" if word == _WINDOWS else "console" if word == "console" else ""
        if "gui_app" in keywords:
            word = self._text(keywords["gui_app"])
            return "windows" if word == "true" else "console" if word == "false" else ""
        return "console"
