"""Which functions themselves do something that is asked about."""

from __future__ import annotations

from sessionzero.catalog import Catalog, simple_name
from sessionzero.link.callees import Callees
from sessionzero.link.units import Func

# Roles of what is wrong nowhere: it only explains what other calls do.
_EXPLAINING = frozenset(
    ("callback", "callback-class", "structure", "symbol-lookup", "text", "thread-entry")
)


def touching(catalog: Catalog, callees: Callees) -> frozenset[Func]:
    """The functions with a call of something that isn't right everywhere."""
    apis = [
        api
        for api in catalog.apis
        if api.role not in _EXPLAINING and not api.effect.startswith("ok")
    ]
    calls = callees.calls_of({simple_name(api.name) for api in apis})
    wanted = {id(api) for api in apis}
    return frozenset(func for func, api in calls if id(api) in wanted)


def installing(catalog: Catalog, callees: Callees) -> frozenset[Func]:
    """The functions that create services."""
    apis = catalog.with_role("service-create")
    calls = callees.calls_of({simple_name(api.name) for api in apis})
    return frozenset(func for func, api in calls if api.role == "service-create")
