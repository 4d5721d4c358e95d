"""Programs of the project that the service starts: a child process inherits session 0.

A launch names an executable, or a command script, which starts others. Starting a program with the
token of a user (``CreateProcessAsUser``) is the right way out of session 0, and no such launch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from sessionzero.facts import COMMANDS, Call, Expr, Name, Text
from sessionzero.knowledge.catalog import Api, Catalog, arguments_for
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import scope_of
from sessionzero.link.files.units import CallSite, Func, walk_into_calls
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.values import Values
from sessionzero.link.ways.context import Context
from sessionzero.link.ways.paths import Step
from sessionzero.link.ways.programs import Programs, is_loaded, names_in


class Child(Struct, frozen=True):
    """A program of the project that a call starts: its file, and where it begins. ``of_user``: the
    project also starts it with a user's token somewhere."""

    name: str
    main: Func
    of_user: bool


class Children:
    """Finds the programs that service code starts."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        callees: Callees,
        values: Values,
        programs: Programs,
    ) -> None:
        self._index = index
        self._callees = callees
        self._values = values
        self._names = frozenset(api.name for api in catalog.with_role("process-launch"))
        self._programs = programs
        self._commands = [
            CallSite(unit.index, i)
            for unit in index.units
            if unit.facts.language in COMMANDS
            for i in range(len(unit.facts.calls))
        ]
        self._context: Context | None = None
        self.launched_by: dict[Func, Func] = {}  # start of a program → the function that starts it
        self._of_users = self._started_as_user()

    def _started_as_user(self) -> frozenset[str]:
        """The programs that the project starts with a user's token somewhere: theirs is the
        user's session, whatever else starts them."""
        names: set[str] = set()
        for site in self._all_launches():
            api = self._callees.of(site).api
            if api is not None and api.kind in ("as-user", "with-token"):
                names |= self._executables(site)
        return frozenset(names)

    def _all_launches(self) -> list[CallSite]:
        """The calls that may start a program, if the project has programs to start."""
        named = self._index.calls_named
        sites = [site for name in self._names for site in named.get(name, ())]
        return sorted(sites) if self._programs else []

    def reach(self, context: Context) -> None:
        """Let the context follow the service into the programs that it starts, and these into
        theirs."""
        self._context = context
        followed = self._follow(context)
        while followed and context.reach_less():
            followed = self._follow(context)

    def _follow(self, context: Context) -> bool:
        self.launched_by.clear()
        found = True
        while found:  # what is reached now may pass more programs to the same launch
            found = False
            for site in self._launches(context):
                for name, main, step in self._started(site):
                    self.launched_by.setdefault(main, Func(site.unit, step.func.index))
                    found |= context.follow(main, step, loaded=is_loaded(name))
        return bool(self.launched_by)

    def _launches(self, context: Context) -> list[CallSite]:
        return [
            site for site in (*self._all_launches(), *self._commands) if self._runs(site, context)
        ]

    def _runs(self, site: CallSite, context: Context) -> bool:
        """Whether the service may come to a call."""
        unit, call = self._index.unit(site), self._index.call(site)
        func = Func(site.unit, call.function)
        return context.runs_as_service(func) and not context.branches.never_taken(
            unit, call.branch, func
        )

    def of(self, site: CallSite) -> tuple[Child, ...]:
        """The programs that a call starts with the token of its own process."""
        call = self._index.call(site)
        if call.kind == "command":
            names = self._commanded(call)
        else:
            api = self._callees.of(site).api
            if api is None or api.role != "process-launch" or api.kind not in _OWN_TOKEN:
                return ()
            names = self._executables(site)
        return tuple(
            Child(name, main, name in self._of_users)
            for name in sorted(names)
            for main in self._programs.named(name)
            if main.unit != site.unit
        )

    def _started(self, site: CallSite) -> Iterator[tuple[str, Func, Step]]:
        call = self._index.call(site)
        for child in self.of(site):
            if not child.of_user:
                script = self._index.unit(child.main).facts.language in COMMANDS
                how = "starts" if script else f"starts {child.name}:"
                yield (
                    child.name,
                    child.main,
                    Step(Func(site.unit, call.function), how, call.start, call.end),
                )

    def _commanded(self, call: Call) -> set[str]:
        """The programs of the project that a script's command runs: the first word, what Python
        runs, and what a program of the project gets as the path of another one."""
        words = [
            w for w in (call.callee, *(a.value for a in call.arguments)) if isinstance(w, Text)
        ]
        names: set[str] = set()
        if words and _RUNS_PYTHON.fullmatch(words[0].value):
            return names_in(word.value for word in words)
        for word in words:
            known = self._programs.of_word(word.value)
            if word is call.callee and not known:
                break
            if word is call.callee or "/" in word.value or "\\" in word.value:
                names |= known
        return names

    def _executables(self, site: CallSite) -> set[str]:
        """The executables that a launch names; if its arguments aren't known, those that the
        function mentions, unless it starts programs of users too."""
        api, call = self._callees.of(site).api, self._index.call(site)
        assert api is not None
        texts = [
            text
            for role in ("application", "command_line")
            for expr in arguments_for(api, call.arguments, role)
            for text in self._texts(site, expr)
        ]
        return names_in(texts) or names_in(self._literals(Func(site.unit, call.function), api))

    def _texts(self, site: CallSite, expr: Expr) -> Iterator[str]:
        """What is known of the texts of an argument, or of the items of a list. What a caller
        passes down to it counts only if the service runs the caller."""
        at = scope_of(self._index, site)
        listed = (value for items in self._values.listed(expr, at) for value in items)
        values = [self._values.fold(expr, at), *(self._values.fold(e, s) for e, s in listed)]
        for known in (known for value in values for known in value.known):
            by = [Func(spot.unit, spot.function) for spot in known.passed[:1]]
            if known.kind in ("text", "fragment") and all(map(self._may_run, by)):
                yield known.text

    def _may_run(self, func: Func) -> bool:
        return self._context is None or self._context.runs_as_service(func)

    def _literals(self, func: Func, launch: Api) -> list[str]:
        unit = self._index.unit(func)
        sites = list(self._index.calls_of(func))
        apis = [self._callees.of(site).api for site in sites]
        if launch.kind != "as-user" and any(a is not None and a.kind == "as-user" for a in apis):
            return []
        arguments = ((s, a.value) for s in sites for a in self._index.call(s).arguments)
        texts = [text for s, expr in arguments for text in self._mentioned(s, expr)]
        bound = (unit.facts.bindings[i].value for i in unit.bindings_of.get(func.index, ()))
        parts = (part for value in bound for part in walk_into_calls(value, unit))
        return [*texts, *(part.value for part in parts if isinstance(part, Text))]

    def _mentioned(self, site: CallSite, expr: Expr) -> Iterator[str]:
        """The texts that an argument is written with, by themselves or by a macro. (To fold all
        arguments of a function costs more than all that is won by it.)"""
        for part in walk_into_calls(expr, self._index.unit(site)):
            if isinstance(part, Text):
                yield part.value
            elif isinstance(part, Name) and part.name in self._index.macros:
                yield from self._texts(site, part)


# The interpreter, and what is told a file or a module for it.
_RUNS_PYTHON = re.compile(
    r"(?:.*[\\/])?(?:py(?:thon)?[\d.]*w?|poetry|uv|pipenv|pdm|conda"
    r"|streamlit|uvicorn|hypercorn|daphne|granian|waitress-serve)(?:\.exe)?",
    re.IGNORECASE | re.DOTALL,
)
_OWN_TOKEN = ("own-token", "shell-command", "captured")
