"""What undoes the protection of users from interactive services: NoInteractiveServices, UI0Detect.

<https://learn.microsoft.com/en-us/windows/win32/services/interactive-services>.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from sessionzero.checks.reporting import (
    finding,
    finding_without_call,
    origin_of_command,
    title_of,
)
from sessionzero.findings import Finding, Mend
from sessionzero.installation.actions import Action, Given
from sessionzero.installation.installing import actions_of
from sessionzero.installation.registry_keys import is_windows_policy, service_of, value_of
from sessionzero.installation.service_types import number_in
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.mending.installing import with_number
from sessionzero.program import Program

_POLICY = "nointeractiveservices"
_DETECTION = "ui0detect"  # Interactive Services Detection
# `start=` of sc, `-StartupType` of PowerShell, and the numbers of winnt.h.
_STARTING = frozenset(("auto", "automatic", "delayed-auto", "demand", "manual", "2", "3"))


def interactive_policy(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each place that allows interactive services, or starts what showed their windows."""
    for action in actions_of(program):
        given = _by_action(action)
        if given is not None:
            words = {"call": action.called, "text": given.written, "name": _name(action)}
            related = origin_of_command(program, action)
            found = finding_without_call(program, rule, given.spot, words=words, related=related)
            yield structs.replace(found, mends=_mends(program, rule, action, given))
    for site in program.sites(*rule.roles):
        text = _by_call(program, site)
        if text:
            yield finding(program, rule, site, words={"text": text, "name": text})


def _mends(program: Program, rule: Rule, action: Action, given: Given) -> tuple[Mend, ...]:
    """The default of Windows in place of what allows the windows of all services."""
    key, _ = value_of(action)
    if action.role != "registry-write" or not is_windows_policy(key):
        return ()
    return with_number(program, title_of(rule, {}), action, given, 1)


def _name(action: Action) -> str:
    key, _ = value_of(action)
    return "NoInteractiveServices" if is_windows_policy(key) else "UI0Detect"


def _by_action(action: Action) -> Given | None:
    """What an action is given that is wrong."""
    match action.role:
        case "registry-write":
            return _written(action)
        case "service-control" | "service-config" if action.text("service").lower() == _DETECTION:
            starts = action.text("start").lower() in _STARTING
            return action.first("service") if starts or action.kind == "start" else None
        case _:
            return None


def _written(action: Action) -> Given | None:
    key, name = value_of(action)
    data = action.first("data")
    number = number_in(data.text) if data is not None else None
    if is_windows_policy(key) and name.lower() == _POLICY and number == 0:
        return data
    if service_of(key).lower() == _DETECTION and name.lower() == "start" and number in (2, 3):
        return data
    return None


def _by_call(program: Program, site: Site) -> str:
    """The text of what a call is given that is wrong; empty if nothing is."""
    if site.api.role == "registry-write":
        names = [known.text for known in program.value(site, "name").texts]
        zero = [k for k in program.value(site, "data").known if k.kind == "number" and not k.number]
        return next((name for name in names if zero and name.lower() == _POLICY), "")
    if site.api.family in ("StartService", "ChangeServiceConfig"):
        return _on_detection(program, site)
    return ""


def _on_detection(program: Program, site: Site) -> str:
    """The name UI0Detect, if the call starts that service, or lets it start."""
    if site.api.role == "service-config":
        starts = [k.number for k in program.value(site, "start").known if k.kind == "number"]
        if not starts or not set(starts) <= {2, 3}:
            return ""
    texts = [known.text for known in program.value(site, "name").texts]
    for known in program.value(site, "service").known:
        if known.site is not None:
            call = program.index.call(known.site)
            for argument in call.arguments:
                texts.extend(
                    it.text for it in program.values.argument(known.site, argument.value).texts
                )
    return next((text for text in texts if text.lower() == _DETECTION), "")
