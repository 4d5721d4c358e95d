"""Which Python files only other programs than the service load.

What a method is overridden with counts in a process that has loaded the override.
"""

from __future__ import annotations

from collections.abc import Iterable

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.units import Unit

# Calls that load what no import names: a program with one may load any file.
_LOADING = frozenset(
    (
        *("__import__", "exec", "execfile", "find_module", "import_module", "import_string"),
        *("iter_entry_points", "entry_points", "iter_modules", "load_module", "load_source"),
        *("module_from_spec", "run_module", "run_path", "spec_from_file_location"),
        *("walk_packages",),
    )
)


def loaded_by_others(
    index: ProgramIndex, modules: Modules, services: Iterable[Unit], scripts: Iterable[Unit]
) -> frozenset[int]:
    """The files that scripts load, and the files of services (``services``) don't; none if the
    services load more than their imports say."""
    loaded = frozenset().union(*(modules.reachable(unit) for unit in services if unit.is_python))
    for name in _LOADING:
        if any(site.unit in loaded for site in index.calls_named.get(name, ())):
            return frozenset()
    others = (modules.reachable(unit) for unit in scripts if unit.index not in loaded)
    return frozenset().union(*others) - loaded if loaded else frozenset()
