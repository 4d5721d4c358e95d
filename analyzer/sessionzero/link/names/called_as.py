"""Under which names a function is called: its own, that of the class it constructs, an alias."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sessionzero.facts import Member, Name, Result
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import CallSite, ClassRef, Func, Unit

Descendants = Callable[[ClassRef], Iterable[ClassRef]]


def sites_named(index: ProgramIndex, func: Func, descendants: Descendants) -> Iterator[CallSite]:
    """The calls that by their name may mean a function; ``descendants`` gives the classes below a
    Python class."""
    described = index.function(func)
    if described.name == "__init__":
        yield from _constructions(index, func, described.owner.rpartition(".")[2], descendants)
    else:
        yield from _named(index, described.name)


def _constructions(
    index: ProgramIndex, func: Func, owner: str, descendants: Descendants
) -> Iterator[CallSite]:
    """Calls of the class and of those below it, and ``super().__init__(…)`` in those."""
    refs = [ref for ref in index.classes.get(owner, ()) if ref.unit == func.unit]
    below = {index.klass(child).name for ref in refs for child in descendants(ref)}
    for site in index.calls_named.get("__init__", ()) if below else ():
        within = index.function(Func(site.unit, index.call(site).function)).owner
        if within.rpartition(".")[2] in below:
            yield site
    for name in sorted({owner, *below}):
        yield from _named(index, name)


def _named(index: ProgramIndex, name: str) -> Iterator[CallSite]:
    yield from index.calls_named.get(name, ())
    yield from index.calls_renamed.get(name, ())


def is_super(callee: Member, unit: Unit) -> bool:
    """``super().f()`` runs the method of a base, never an override."""
    if not isinstance(callee.object, Result):
        return False
    maker = unit.facts.calls[callee.object.call].callee
    return isinstance(maker, Name) and maker.name == "super"
