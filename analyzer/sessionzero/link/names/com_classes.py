"""The COM classes of ATL, and which of them a service offers to its clients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.units import ClassRef, Unit
from sessionzero.link.names.cpp_names import CppNames

_BASE = "CComCoClass"  # of what ATL makes for clients; atlcom.h
_ENTRY = "OBJECT_ENTRY"  # of an object map; atlbase.h
_OF_DLLS = frozenset(("DllMain", "DllGetClassObject", "DllCanUnloadNow"))


class ComClasses:
    """Finds the COM classes of C++ files."""

    def __init__(self, index: ProgramIndex, cpp: CppNames, modules: Modules) -> None:
        self._index = index
        self._cpp = cpp
        self._modules = modules

    def offered(self, services: Sequence[Unit]) -> tuple[ClassRef, ...]:
        """The classes that services of ATL offer, whose modules stand in some files: those in
        their programs, but for what only the object maps of other programs name. (Where the module
        isn't one of a service, they run in the process of the user. A DLL is loaded by whoever
        wants its classes.)"""
        classes = [
            ref
            for refs in self._index.classes.values()
            for ref in refs
            if services
            and not self._index.unit(ref).is_python
            and _BASE in {it.rpartition("::")[2] for it in self._cpp.external_bases(ref)}
        ]
        found = {it for unit in services for it in self._of_service(unit, classes)}
        return tuple(ref for ref in classes if ref in found)

    def _of_service(self, service: Unit, classes: list[ClassRef]) -> Iterator[ClassRef]:
        mine, others = set[ClassRef](), set[ClassRef]()
        for site in self._index.calls_named.get(_ENTRY, ()):
            unit = self._index.unit(site)
            sees = service.index in self._modules.visible(unit)
            if not sees and _is_dll(unit):
                continue
            for argument in self._index.call(site).arguments[1:2]:
                ref = self._cpp.class_named(last_name(argument.value), unit)
                if ref is not None:
                    (mine if sees else others).add(ref)
        for ref in self._cpp.at_home(service, classes):
            if ref in mine or ref not in others:
                yield ref


def _is_dll(unit: Unit) -> bool:
    """Whether a file has what COM wants of a DLL with classes."""
    return any(function.name in _OF_DLLS for function in unit.facts.functions)
