"""The interactive flag in installers, scripts and settings, and in commands that code runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import structs

from sessionzero.checks.interactive_flags import (
    install_in_code,
    refused_type,
    registry_value_in_code,
)
from sessionzero.checks.reporting import finding_without_call, origin_of_command, title_of
from sessionzero.findings import Finding
from sessionzero.installation.actions import Action, Given
from sessionzero.installation.installing import actions_of
from sessionzero.installation.registry_keys import service_of, value_of
from sessionzero.installation.service_types import (
    INTERACTIVE,
    ServiceType,
    is_other_account,
    is_yes,
    number_in,
    type_in,
)
from sessionzero.knowledge.rules import Rule
from sessionzero.mending.installing import not_interactive
from sessionzero.program import Program

_PLAIN = (0x10, 0x20)  # SERVICE_WIN32_OWN_PROCESS, SERVICE_WIN32_SHARE_PROCESS; winnt.h
_INSTALLING = ("service-create", "service-config")
_WMI = ("win32_service", "win32_baseservice")


def interactive_in_installer(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each service that a script, a setting or a command makes interactive, if Windows lets it."""
    for action, flags in interactive_actions(program):
        by_code = action.role == "registry-write" and action.in_code
        if not by_code and not breaks_a_rule(program, action):
            yield _found(program, rule, action, flags)


def interactive_registry_value(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each write by code of the value ``Type`` with the bit below ``…\\Services\\<name>``: by a
    function, or by ``reg add``."""
    yield from registry_value_in_code(program, rule)
    for action, flags in interactive_actions(program):
        if action.role == "registry-write" and action.in_code:
            yield _found(program, rule, action, flags)


def interactive_install(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each pywin32 installation that asks for the flag: in code, or by a command."""
    yield from install_in_code(program, rule)
    for action in actions_of(program):
        flags = action.all("interactive")
        if action.role == "python-service-install" and flags:
            yield _found(program, rule, action, flags)


def refused_combination(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each service that is made interactive in a way that Windows refuses."""
    yield from refused_type(program, rule)
    for action, flags in interactive_actions(program):
        if breaks_a_rule(program, action):
            yield _found(program, rule, action, flags)


def interactive_actions(program: Program) -> Iterator[tuple[Action, tuple[Given, ...]]]:
    """The actions that set the interactive bit, each with all that sets it."""
    for action in actions_of(program):
        flags: tuple[Given, ...] = ()
        if action.role in _INSTALLING and _is_meant(program, action):
            flags = tuple(_flags(program, action))
        elif action.role == "registry-write":
            flags = _flags_in_registry(program, action)
        if flags:
            yield action, flags


def _is_meant(program: Program, action: Action) -> bool:
    """WMI's methods have common names: the script must mention the class, or name the property.
    A form is a service's only if it has the properties of one."""
    match action.kind:
        case "wmi":
            named = any(given.option for given in action.given)
            return named or _mentions(program, action, _WMI)
        case "form":
            return action.first("service") is not None
        case _:
            return True


def _mentions(program: Program, action: Action, words: tuple[str, ...]) -> bool:
    unit = program.index.units[action.spot.unit]
    texts = (
        str(getattr(a.value, "value", "")).lower() for c in unit.facts.calls for a in c.arguments
    )
    return any(word in text for text in texts for word in words)


def _flags(program: Program, action: Action) -> Iterator[Given]:
    for given in action.all("interactive"):
        # `<interactive/>` says yes, too.
        if is_yes(given.text) or (action.language == "xml" and not given.text):
            yield given
    for given in action.all("type"):
        if _is_change(given) and type_in([given.text], program.catalog).interactive:
            yield given


def _is_change(given: Given) -> bool:
    """SERVICE_NO_CHANGE holds every bit and means none."""
    return number_in(given.text) != 0xFFFFFFFF and given.text != "SERVICE_NO_CHANGE"


def _flags_in_registry(program: Program, action: Action) -> tuple[Given, ...]:
    key, name = value_of(action)
    data = action.first("data")
    if data is None or name.lower() != "type" or not service_of(key):
        return ()
    kind = type_in([data.text], program.catalog)
    return (data,) if kind.interactive and number_in(data.text) != 0xFFFFFFFF else ()


def breaks_a_rule(program: Program, action: Action) -> bool:
    """Whether the type or the account of an interactive service is one that Windows doesn't take
    with the flag. A registry value is written whatever it is, so only the account counts there."""
    if any(is_other_account(given.text) for given in action.all("account")):
        return True
    types = [given.text for given in action.all("type") if given.text]
    if action.role == "registry-write" or action.kind in ("wrapper", "wmi") or not types:
        return False
    return _is_refused(type_in(types, program.catalog))


def _is_refused(kind: ServiceType) -> bool:
    return kind.exact and kind.bits & ~INTERACTIVE not in _PLAIN


def _found(program: Program, rule: Rule, action: Action, flags: Sequence[Given]) -> Finding:
    """At the first of what makes the service interactive."""
    words = {"call": action.called, "text": flags[0].written}
    related = origin_of_command(program, action)
    found = finding_without_call(program, rule, flags[0].spot, words=words, related=related)
    mends = not_interactive(program, title_of(rule, words), action, flags)
    return structs.replace(found, mends=mends)
