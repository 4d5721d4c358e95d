"""Which program of the project a place belongs to, as seen from the side that runs it."""

from __future__ import annotations

from collections import defaultdict

from sessionzero.components import components_of
from sessionzero.inventory import End, EndSide
from sessionzero.link.files.units import Func, Spot
from sessionzero.link.names.sites import Site
from sessionzero.overview import Component
from sessionzero.program import Program, Proof
from sessionzero.uses.sides import End as Use
from sessionzero.uses.sides import end_at


class Programs:
    """The components of a program, by their files."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.components = components_of(program)
        self._holding: dict[str, list[Component]] = defaultdict(list)
        for component in self.components:
            for path in component.files:
                self._holding[path].append(component)

    def name(self, path: str, side: EndSide, proof: Proof | None = None) -> str:
        """The component that runs a file on that side; empty if none is known to."""
        if proof is not None and proof.path:
            starting = self._of_kind(proof.path[0].place.path, services=True)
            if starting:
                return starting
        return self._of_kind(path, services=side == "service")

    def _of_kind(self, path: str, *, services: bool) -> str:
        holding = self._holding.get(path, ())
        programs = [it for it in holding if it.kind != "library"] or list(holding)
        fitting = [it for it in programs if (it.kind == "service") == services]
        return next((it.name for it in fitting or programs), "")

    def end_of(self, use: Use, verb: str, *, written: str = "", directory: str = "") -> End:
        """An end for the reporters of a name's use."""
        return self._end(use.side, use.spot, use.proof, verb, written, directory)

    def end_at(self, site: Site, verb: str) -> End:
        """An end for the reporters of a whole call."""
        use = end_at(self._program, site)
        return self._end(use.side, use.spot, use.proof, verb, "", "")

    def _end(
        self, side: EndSide, spot: Spot, proof: Proof | None, verb: str, written: str, where: str
    ) -> End:
        place = self._program.place(spot)
        function = self._program.function_name(Func(spot.unit, spot.function))
        name = self.name(place.path, side, proof)
        return End(side, name, verb, place, function, written, where)
