"""CMake files as targets: a small interpreter of what decides which sources make what on Windows.

Reference: cmake-language(7), cmake-commands(7). Included files and folders above are not seen, so
a variable may be unknown; a condition may be too, and then each of its branches counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from sessionzero.facts import FileFacts
from sessionzero.frontends.builds.cmake_conditions import holds
from sessionzero.frontends.builds.cmake_lists import list_command, read_keywords, searched
from sessionzero.frontends.builds.cmake_syntax import Command, commands
from sessionzero.frontends.builds.cmake_targets import COMMANDS, Targets, wrapped
from sessionzero.frontends.builds.cmake_values import Values, Variables
from sessionzero.frontends.builds.draft import MAX_DEPTH, Refused, facts

MAX_STEPS = 50_000  # commands run: loops in loops

_OPENERS = frozenset(("if", "foreach", "while", "function", "macro", "block"))


class _Block(Struct):
    """``if … else … endif`` and the like: each clause is the command before it, and its body."""

    clauses: list[tuple[Command, list[Command | _Block]]]


_Nodes = list[Command | _Block]


def read(text: str, name: str) -> FileFacts:
    """The targets of a CMake file, as far as it can be understood.

    One that is included (``x.cmake``) is run where it is included: here or in a folder above. What
    has that ending but no first command is the input of a ``configure_file``, and no CMake at all.
    """
    found, refused = commands(text)
    if not found and name.lower().endswith(".cmake"):
        return facts(text, [], None)  # the template of something else: `agent.service.cmake`
    nodes, unclosed = _nested(found)
    run = _Run()
    for command in found:
        run.targets.mention(command.name, [argument.text for argument in command.arguments])
    try:
        run.body(nodes)
    except Refused as stopped:
        refused = Refused(stopped.reason, run.at, stopped.kind)
    drafts = run.targets.finished()
    if name.lower().endswith(".cmake"):
        for draft in drafts:
            draft.move_above()
    return facts(text, drafts, refused or unclosed)


def _nested(found: Iterable[Command]) -> tuple[_Nodes, Refused | None]:
    """The commands with the bodies of their blocks, and the first block that is never closed."""
    top: _Nodes = []
    open_blocks: list[_Block] = []
    bodies = [top]
    for command in found:
        name = command.name
        if name in _OPENERS:
            block = _Block([(command, [])])
            bodies[-1].append(block)
            open_blocks.append(block)
            bodies.append(block.clauses[-1][1])
        elif name in ("elseif", "else") and open_blocks:
            open_blocks[-1].clauses.append((command, []))
            bodies[-1] = open_blocks[-1].clauses[-1][1]
        elif name.startswith("end") and name[3:] in _OPENERS:
            if open_blocks:
                open_blocks.pop()
                bodies.pop()
        else:
            bodies[-1].append(command)
    if not open_blocks:
        return top, None
    opener = open_blocks[0].clauses[0][0]
    return top, Refused(f"the block of `{opener.name}` is never closed", opener.start)


class _Run:
    """One run of a file. ``at`` is where it is, in characters."""

    def __init__(self) -> None:
        self.targets = Targets()
        self.at = 0
        self._variables = Variables()
        self._functions: dict[str, tuple[Command, _Nodes]] = {}
        self._exports: list[Values] = []  # what each function that runs gives its caller
        self._doubts = 0  # unknown conditions around
        self._depth = 0
        self._steps = 0

    def body(self, nodes: _Nodes) -> bool:
        """Run the commands; true if one of them surely ended the file or function."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused("blocks and functions nest too deeply", 0, "depth")
        stopped = any(
            self._block(node) if isinstance(node, _Block) else self._command(node) for node in nodes
        )
        self._depth -= 1
        return stopped

    def _block(self, block: _Block) -> bool:
        opener, body = block.clauses[0]
        self.at = opener.start
        match opener.name:
            case "if":
                return self._if(block)
            case "function" | "macro":
                name = opener.arguments[0].text.lower() if opener.arguments else ""
                self._functions[name] = (opener, body)
                return False
            case "foreach":
                return self._foreach(opener, body)
        return self.body(body)

    def _if(self, block: _Block) -> bool:
        possible: list[_Nodes] = []
        complete = False
        for command, body in block.clauses:
            truth = command.name == "else" or holds(command.arguments)
            if truth is not False:
                possible.append(body)
            if truth:
                complete = True
                break
        if complete and len(possible) == 1:
            return self.body(possible[0])
        self._doubts += 1
        branches = [self._apart(body) for body in possible]
        self._doubts -= 1
        self._variables.merge(branches, complete=complete)
        return False

    def _apart(self, body: _Nodes) -> Values:
        """What a branch writes."""
        self._variables.push()
        self.body(body)
        return self._variables.pop()

    def _foreach(self, opener: Command, body: _Nodes) -> bool:
        words = [argument.text for argument in self._variables.arguments(opener.arguments)]
        if not words:
            return False
        for item in _items(words[1:], self._variables):
            self._variables.set(words[0], item)
            self._step()
            if self.body(body):
                return True
        return False

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Refused("loops and functions run too often", 0, "depth")

    def _command(self, command: Command) -> bool:
        self._step()
        if not self._exports:
            self.at = command.start  # a target that a function makes stands where it is called
        arguments = self._variables.arguments(command.arguments)
        words = [argument.text for argument in arguments]
        if command.name == "return":
            return not self._doubts
        if command.name in self._functions:
            self._call(command.name, words)
        elif command.name in COMMANDS:
            key = command.arguments[0].text if command.arguments else ""
            place = (self.at, command.end if not self._exports else self.at)
            given = command.arguments[1:] or command.arguments
            self.targets.perhaps = bool(self._doubts) or any("${" in it.text for it in given)
            COMMANDS[command.name](self.targets, words, key, place)
        elif command.name in _SETTERS:
            _SETTERS[command.name](self, words)
        else:
            wrapped(self.targets, command.name, words, (command.start, command.end))
        return False

    def _call(self, name: str, words: Sequence[str]) -> None:
        opener, body = self._functions[name]
        parameters = [argument.text for argument in opener.arguments[1:]]
        own = _bound(parameters, words)
        self._variables.push()
        self._exports.append({})
        for variable, value in own.items():
            self._variables.set(variable, value)
        self.body(body)
        written, exported = self._variables.pop(), self._exports.pop()
        if opener.name == "macro":
            exported = {n: v for n, v in written.items() if n not in own} | exported
        for variable, value in exported.items():
            self._variables.set(variable, value)

    # --- commands that set variables ---

    def set(self, words: Sequence[str]) -> None:
        """``set(name values… [PARENT_SCOPE] [CACHE type text [FORCE]])``"""
        if not words:
            return
        values = list(words[1:])
        if "CACHE" in values:
            values = values[: values.index("CACHE")]
        if values[-1:] == ["PARENT_SCOPE"] and self._exports:
            self._exports[-1][words[0]] = ";".join(values[:-1])
            return
        self._variables.set(words[0], ";".join(v for v in values if v != "PARENT_SCOPE"))

    def list(self, words: Sequence[str]) -> None:
        list_command(self._variables, words)

    def file(self, words: Sequence[str]) -> None:
        """``file(GLOB…)``: the patterns stand for what they find."""
        if len(words) > 1 and words[0] in ("GLOB", "GLOB_RECURSE"):
            found = searched(words[2:], deep=words[0] == "GLOB_RECURSE")
            self._variables.set(words[1], ";".join(found))

    def aux_source_directory(self, words: Sequence[str]) -> None:
        if len(words) == 2:
            patterns = [f"{words[0]}/*.{suffix}" for suffix in ("c", "cc", "cpp", "cxx")]
            self._variables.append(words[1], patterns)

    def project(self, words: Sequence[str]) -> None:
        if words:
            self._variables.set("PROJECT_NAME", words[0])
            if self._variables.get("CMAKE_PROJECT_NAME") is None:
                self._variables.set("CMAKE_PROJECT_NAME", words[0])

    def keywords(self, words: Sequence[str]) -> None:
        """``cmake_parse_arguments``"""
        rest = (self._variables.get("ARGV") or "").split(";")
        for name, value in read_keywords(words, rest).items():
            self._variables.set(name, value)


_SETTERS: dict[str, Callable[[_Run, Sequence[str]], None]] = {
    "aux_source_directory": _Run.aux_source_directory,
    "cmake_parse_arguments": _Run.keywords,
    "file": _Run.file,
    "list": _Run.list,
    "project": _Run.project,
    "set": _Run.set,
}


def _bound(parameters: Sequence[str], words: Sequence[str]) -> Values:
    """The variables of a body that is called: its parameters, and ``ARGV`` and the like."""
    own = {f"ARGV{number}": word for number, word in enumerate(words[:10])}
    own.update(zip(parameters, words, strict=False))
    own["ARGV"] = ";".join(words)
    own["ARGN"] = ";".join(words[len(parameters) :])
    own["ARGC"] = str(len(words))
    return own


def _items(words: Sequence[str], variables: Variables) -> list[str]:
    """What ``foreach`` goes through: items as they stand, or ``IN LISTS names ITEMS items``."""
    if not words or words[0] == "RANGE":
        return []
    if words[0] != "IN":
        return list(words)
    found: list[str] = []
    mode = ""
    for word in words[1:]:
        if word in ("LISTS", "ITEMS", "ZIP_LISTS"):
            mode = word
        elif mode == "ITEMS":
            found.append(word)
        else:
            found += filter(None, (variables.get(word) or "").split(";"))
    return found
