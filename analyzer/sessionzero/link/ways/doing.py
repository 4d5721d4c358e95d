"""Which functions themselves do something that is asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sessionzero.knowledge.catalog import Api, Catalog, simple_name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Func
from sessionzero.link.names.callees import Callees

# Roles of what is wrong nowhere: it only explains what other calls do.
_EXPLAINING = frozenset(
    ("callback", "callback-class", "structure", "symbol-lookup", "text", "thread-entry")
)


def touching(index: ProgramIndex, catalog: Catalog, callees: Callees) -> frozenset[Func]:
    """The functions with a call of something that isn't right everywhere."""
    apis = [
        api
        for api in catalog.apis
        if api.role not in _EXPLAINING and not api.effect.startswith("ok")
    ]
    wanted = {id(api) for api in apis}
    return frozenset(func for func, api in _calls(index, callees, apis) if id(api) in wanted)


def installing(index: ProgramIndex, catalog: Catalog, callees: Callees) -> frozenset[Func]:
    """The functions that create services."""
    calls = _calls(index, callees, catalog.with_role("service-create"))
    return frozenset(func for func, api in calls if api.role == "service-create")


def _calls(
    index: ProgramIndex, callees: Callees, apis: Sequence[Api]
) -> Iterator[tuple[Func, Api]]:
    """The calls by the simple names of some functions, or by an alias: where each stands, and what
    it calls."""
    names = {simple_name(api.name) for api in apis}
    for name, sites in index.calls_named.items():
        if name in names or name in callees.cpp.stand_ins.called:
            for site in sites:
                api = callees.of(site).api
                if api is not None:
                    yield Func(site.unit, index.call(site).function), api
