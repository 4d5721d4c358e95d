"""Python files of a service that people run only to install, start or debug it: what their code
does when it is loaded concerns the service alone."""

from __future__ import annotations

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.python_scripts import run_by_name
from sessionzero.link.files.units import CallSite, Unit
from sessionzero.link.names.callees import Callees

_HOSTING = frozenset(
    ("guard", "python-service-install", "service-control", "service-dispatcher", "service-create")
)
_DEPTH = 3


def only_hosts(unit: Unit, index: ProgramIndex, callees: Callees) -> bool:
    """True if a file, run by name, calls nothing behind its main guard but what makes a service of
    a class or hosts it: ``win32serviceutil.HandleCommandLine(Agent)``."""
    guarded = [
        CallSite(unit.index, i)
        for i in unit.calls_of.get(0, ())
        if any(run_by_name(unit, b) for b in unit.branch_chain(unit.facts.calls[i].branch))
    ]
    return bool(guarded) and all(_is_hosting(site, index, callees, _DEPTH) for site in guarded)


def _is_hosting(site: CallSite, index: ProgramIndex, callees: Callees, depth: int) -> bool:
    callee = callees.of(site)
    if callee.constructs is not None or depth <= 0:
        return False
    if callee.functions:
        return all(
            _is_hosting(inner, index, callees, depth - 1)
            for func in callee.functions
            for inner in index.calls_of(func)
        )
    return callee.api is None or callee.api.role in _HOSTING
