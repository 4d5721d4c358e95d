"""Command lines that the Task Scheduler runs in session 0: as SYSTEM, LOCAL SERVICE or NETWORK
SERVICE, and as a user "whether user is logged on or not".

A task of the user who is logged on runs in that user's session, and so does one of a group. What
``schtasks`` makes of an account with a password is neither: it runs in the user's session if there
is one. ``/it`` has no effect on a task of SYSTEM.
<https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/schtasks-create>,
<https://learn.microsoft.com/en-us/windows/win32/api/taskschd/ne-taskschd-task_logon_type>.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from sessionzero.installation.actions import Action, Given
from sessionzero.installation.command_lines import commands_in
from sessionzero.installation.handed import Handed
from sessionzero.installation.installing import actions_of
from sessionzero.installation.linked import Linked
from sessionzero.link.files.units import Spot, Unit
from sessionzero.link.ways.entries import Account

_ROLES = ("task-create", "task-action", "task-principal")


class _Who(Struct, frozen=True):
    """As whom a task runs in session 0: a phrase, and the account."""

    words: str
    account: Account


_SYSTEM = _Who("of SYSTEM", "LocalSystem")
# The authority before a name is translated on Windows in other languages, as the names are.
_ACCOUNTS: tuple[tuple[re.Pattern[str], _Who], ...] = (
    (re.compile(r"(?:.*\\)?(?:local)?system|s-1-5-18", re.IGNORECASE), _SYSTEM),
    (
        re.compile(r"(?:.*\\)?local ?service|s-1-5-19", re.IGNORECASE),
        _Who("of LOCAL SERVICE", "LocalService"),
    ),
    (
        re.compile(r"(?:.*\\)?network ?service|s-1-5-20", re.IGNORECASE),
        _Who("of NETWORK SERVICE", "NetworkService"),
    ),
)
_SERVICE = _Who("of a service's account", "")
_USER = _Who("that needs no user to be logged on", "user")
_AS_SERVICE = "serviceaccount"
_WITHOUT_USER = ("password", "s4u")  # how a user is logged on who needs not be there
_VARIABLE = re.compile(r"\$\w+")


def scheduled_commands(linked: Linked) -> Iterator[Handed]:
    """What the scripts, installers and files of tasks in the project have the Task Scheduler run in
    session 0, by file and place."""
    by_unit: dict[int, list[Action]] = defaultdict(list)
    for action in actions_of(linked):
        if action.role in _ROLES:
            by_unit[action.spot.unit].append(action)
    for number, actions in by_unit.items():
        yield from _Tasks(linked.index.units[number], tuple(actions)).commands()


class _Tasks(Struct, frozen=True):
    """What one file does to make tasks."""

    unit: Unit
    actions: tuple[Action, ...]

    def commands(self) -> Iterator[Handed]:
        for action in self.actions:
            who = self._who(action) if action.role == "task-create" else None
            if who is not None:
                how = f"as a scheduled task {who.words}"
                for line in self._lines(action):
                    for command in commands_in(line, action.spot):
                        words = tuple(word.text for word in command)
                        yield Handed(action.called, how, words, action.spot, who.account)

    def _who(self, task: Action) -> _Who | None:
        """As whom a task runs in session 0; None if it doesn't, or nobody knows."""
        if task.language == "xml":
            return _principal(task)
        account = _named(task, "account")
        if account is not None:
            return _account(account) or (_USER if _named(task, "password") else None)
        makers = [*self._made(task, "principal", "task-principal")]
        if len(makers) == 1:
            return _principal(makers[0])
        inner = [*self._made(task, "definition", "task-create")]
        return self._who(inner[0]) if len(inner) == 1 and inner[0] is not task else None

    def _lines(self, task: Action) -> Iterator[str]:
        """The command lines that a task runs."""
        yield from (given.text for given in task.all("binary"))
        if task.language == "xml":
            yield from _commands_of(task)
        for action in self._made(task, "action", "task-action"):
            yield f'"{action.text("application")}" {action.text("command_line")}'
        for inner in self._made(task, "definition", "task-create"):
            if inner is not task:
                yield from self._lines(inner)

    def _made(self, task: Action, role: str, made: str) -> Iterator[Action]:
        """The actions that make what a task is given in a role: in its place, or before, where the
        variable gets its value that stands there."""
        for given in task.all(role):
            ranges = [given.spot, *self._origins(given)]
            for action in self.actions:
                if action.role == made and any(_holds(spot, action.spot) for spot in ranges):
                    yield action

    def _origins(self, given: Given) -> Iterator[Spot]:
        for name in _VARIABLE.findall(given.text.lower()):
            records = [
                record
                for record in self.unit.facts.records
                if record.kind == name and record.end <= given.spot.start
            ]
            if records:
                last = records[-1]
                yield Spot(given.spot.unit, 0, last.start, last.end)


def _named(task: Action, role: str) -> Given | None:
    """What is given by its name: switches may be taken for values."""
    return next((given for given in task.all(role) if given.option), None)


def _account(account: Given) -> _Who | None:
    text = account.text.strip().strip("\"'")
    if not text and len(account.raw) > 1 and not account.raw.strip("\"'"):
        return _SYSTEM  # `schtasks /ru ""`
    return next((who for pattern, who in _ACCOUNTS if pattern.fullmatch(text)), None)


def _commands_of(task: Action) -> Iterator[str]:
    """The command lines of a task in XML: behind each program its arguments, if it has some."""
    programs, arguments = task.all("application"), task.all("command_line")
    ends = [*(it.spot.start for it in programs[1:]), 1 << 32]
    for program, end in zip(programs, ends, strict=False):
        mine = [it.text for it in arguments if program.spot.start < it.spot.start < end]
        path = program.text.strip('"')
        yield " ".join((f'"{path}"', *mine))


def _principal(principal: Action) -> _Who | None:
    """As whom a principal has a task run; of several it isn't known which one does."""
    if len(principal.all("account")) > 1:
        return None
    account = principal.first("account")
    found = _account(account) if account is not None else None
    if found is not None:
        return found
    logon = "" if principal.all("group") else principal.text("logon").lower()
    return _SERVICE if logon == _AS_SERVICE else _USER if logon in _WITHOUT_USER else None


def _holds(outer: Spot, inner: Spot) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
