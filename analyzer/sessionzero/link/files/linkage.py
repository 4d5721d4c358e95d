"""Which files are linked into one executable, as far as build files say it.

What they don't say stays open: a file that no product names can belong to any program, and so can
those of a library that no product is known to use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules, closeness
from sessionzero.link.files.products import Product
from sessionzero.link.files.units import ClassRef, Func, Unit, Write

_Ref = TypeVar("_Ref", Func, Write, ClassRef)
_NONE: frozenset[int] = frozenset()


class Linkage:
    """The products of a run and the files that each of them is linked from."""

    def __init__(
        self, index: ProgramIndex, modules: Modules, products: tuple[Product, ...]
    ) -> None:
        self._index = index
        self.products = products
        self._own = tuple(self._with_headers(product, modules) for product in self.products)
        self._linked = tuple(self._closure(number) for number in range(len(self.products)))
        self._files = tuple(
            frozenset().union(*(self._own[part] for part in linked)) for linked in self._linked
        )
        self._holders: dict[int, list[int]] = defaultdict(list)
        programs: dict[int, set[int]] = defaultdict(set)
        self._users: dict[int, list[int]] = defaultdict(list)  # library → programs
        for number, product in enumerate(self.products):
            for unit in self._own[number]:
                self._holders[unit].append(number)
            if not product.is_library:
                for unit in self._files[number]:
                    programs[unit].add(number)
                for library in self._linked[number] - {number}:
                    self._users[library].append(number)
        self._elsewhere: dict[frozenset[int], frozenset[int]] = {}
        self._programs = {unit: frozenset(numbers) for unit, numbers in programs.items()}

    def own(self, product: int) -> frozenset[int]:
        """The sources of a product and what they include."""
        return self._own[product]

    def files(self, product: int) -> frozenset[int]:
        """All files that go into a product, those of its libraries included."""
        return self._files[product]

    def holders(self, unit: int, program: int) -> Iterator[Product]:
        """Of a program and its libraries, those that a file is compiled for."""
        for number in self._holders.get(unit, ()):
            if number in self._linked[program]:
                yield self.products[number]

    def programs(self, unit: int) -> frozenset[int]:
        """The programs that a file goes into, directly or by a library; empty if that is open."""
        return self._programs.get(unit, _NONE)

    def in_product(self, unit: int) -> bool:
        """True if build files say what a file goes into: a program or a library."""
        return unit in self._holders or unit in self._programs

    def in_library(self, unit: int) -> bool:
        """True if a file goes into a library that build files make."""
        return any(self.products[number].is_library for number in self._holders.get(unit, ()))

    def apart(self, one: int, other: int) -> bool:
        """True if the build files put two files into different programs only."""
        mine, theirs = self.programs(one), self.programs(other)
        return bool(mine and theirs) and not mine & theirs

    def choose(self, unit: Unit, candidates: list[Func]) -> list[Func]:
        """The definitions that a call in a file means: for each product that holds the file its
        own, else those of its libraries, else those of the programs that use it. Empty if the
        build files don't say."""
        if len(candidates) == 1:
            both = self.programs(unit.index) & self.programs(candidates[0].unit)
            return candidates if both else []
        found: dict[Func, None] = {}
        for number in self._holders.get(unit.index, ()) if candidates else ():
            users = [self._files[user] for user in self._users.get(number, ())]
            for groups in ([self._own[number]], [self._files[number]], users):
                inside = [f for files in groups for f in self._nearest(unit, candidates, files)]
                found.update(dict.fromkeys(inside))
                if inside:
                    break
        return list(found)

    def elsewhere(self, programs: frozenset[int]) -> frozenset[int]:
        """The files that go into other programs only; none if it isn't known which are meant."""
        known = self._elsewhere.get(programs)
        if known is None:
            others = (unit for unit, mine in self._programs.items() if not mine & programs)
            known = self._elsewhere[programs] = frozenset(others if programs else ())
        return known

    def at_home(self, meant: Sequence[_Ref], programs: frozenset[int]) -> Sequence[_Ref]:
        """Of all that one name can mean, what can lie in one of the programs; all of it if nothing
        does, since build files have gaps."""
        if len(meant) < 2 or not programs:
            return meant
        others = self.elsewhere(programs)
        return [ref for ref in meant if ref.unit not in others] or meant

    def _nearest(self, unit: Unit, candidates: list[Func], files: frozenset[int]) -> list[Func]:
        inside = [func for func in candidates if func.unit in files]
        if len(inside) < 2:
            return inside
        best = max(closeness(unit, self._index.unit(func)) for func in inside)
        return [func for func in inside if closeness(unit, self._index.unit(func)) == best]

    def _with_headers(self, product: Product, modules: Modules) -> frozenset[int]:
        units = (self._index.units[number] for number in product.sources)
        return frozenset().union(*(modules.reachable(unit) for unit in units))

    def _closure(self, product: int) -> frozenset[int]:
        seen = {product}
        pending: list[int] = [product]
        while pending:
            fresh: Iterable[int] = set(self.products[pending.pop()].uses) - seen
            seen.update(fresh)
            pending.extend(fresh)
        return frozenset(seen)
