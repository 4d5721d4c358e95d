"""Switches of a command line that Python's argparse or optparse keeps in an object: ``args.debug``.

Which words a service is started with is not in the source. What happens only when a switch was
given that its author has made for people is left to whoever gives it.
"""

from __future__ import annotations

from functools import cached_property

from sessionzero.facts import Call, Expr, Member, Name, Null, Number, Text
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.words import words

_ADDING = ("add_argument", "add_option")
_HOLDERS = frozenset(
    (
        *("args", "arguments", "options", "opts", "opt", "namespace", "ns", "parsed", "params"),
        *("flags", "cmdline", "cli", "parsed_args", "cmd_args", "_args", "_options", "_opts"),
    )
)
_SERVICE = frozenset(("service", "svc", "daemon", "daemonize", "scm"))


class Switches:
    """The switches that the program's parsers know."""

    def __init__(self, index: ProgramIndex) -> None:
        self._index = index

    def is_given(self, expr: Expr) -> bool:
        """True if an expression is a switch that is not set unless the command line gives it."""
        return isinstance(expr, Member) and expr.name in self._names and is_held(expr)

    @cached_property
    def _names(self) -> frozenset[str]:
        calls = (
            self._index.call(site)
            for name in _ADDING
            for site in self._index.calls_named.get(name, ())
        )
        return frozenset(name for call in calls if not _is_set(call) for name in _kept_as(call))


def is_held(expr: Member) -> bool:
    """True if the object of a member is called as what a command line was parsed into."""
    return last_name(expr.object).lower() in _HOLDERS


def says_service(expr: Expr) -> bool:
    """True for ``args.service``: the switch by which the program is told to be one."""
    return isinstance(expr, Member) and is_held(expr) and set(words(expr.name)) <= _SERVICE


def _kept_as(call: Call) -> list[str]:
    """The attribute that holds a switch: ``dest``, or its long name with ``_`` for ``-``."""
    named = next((a.value for a in call.arguments if a.name == "dest"), None)
    if isinstance(named, Text):
        return [named.value]
    options = [a.value.value for a in call.arguments if not a.name and isinstance(a.value, Text)]
    long = [option.lstrip("-").replace("-", "_") for option in options if option.startswith("--")]
    return long[:1]


def _is_set(call: Call) -> bool:
    """True if a switch has a value when nobody gives it, or loses it when somebody does."""
    for argument in call.arguments:
        value = argument.value
        if argument.name == "default":
            return not (isinstance(value, Null) or (isinstance(value, Number) and not value.value))
        if argument.name == "action" and isinstance(value, Text) and value.value == "store_false":
            return True
        if argument.name == "action" and isinstance(value, Name):
            return True
    return False
