"""The classes of Python files: what they inherit, and what derives from them."""

from __future__ import annotations

from msgspec.structs import replace

from sessionzero.knowledge.catalog import Api, Catalog, Parameter
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.python_entities import ClassObject, External, qualified
from sessionzero.link.files.units import ClassRef, Func
from sessionzero.link.names.python_names import PythonNames

# What an object does by being made, whatever class of the project it is made of.
_MADE = frozenset(
    ("dialog", "gui-application", "input-hook", "message-box", "shell-ui", "window-create")
)


class PythonClasses:
    """Lineage and descendants, by the classes of the project."""

    def __init__(self, index: ProgramIndex, python: PythonNames, catalog: Catalog) -> None:
        self._index = index
        self._python = python
        self._catalog = catalog
        self._lineages: dict[ClassRef, list[ClassRef]] = {}
        self._children: dict[ClassRef, list[ClassRef]] | None = None

    def owner_of(self, func: Func) -> ClassRef | None:
        """The class of Python in which a function is a method."""
        owner = self._index.function(func).owner
        for ref in self._index.classes.get(owner.rpartition(".")[2], ()) if owner else ():
            klass = self._index.klass(ref)
            if ref.unit == func.unit and qualified(klass.owner, klass.name) == owner:
                return ref
        return None

    def inherited(self, ref: ClassRef, name: str) -> Func | None:
        """The method of a Python class, its own or a base's."""
        methods = (self._python.method(each, name) for each in self.lineage(ref))
        return next((method for method in methods if method is not None), None)

    def lineage(self, ref: ClassRef) -> list[ClassRef]:
        """A Python class of the project and its bases there, each once; the first base first."""
        known = self._lineages.get(ref)
        if known is None:
            known = self._lineages[ref] = self._find_lineage(ref)
        return known

    def _find_lineage(self, ref: ClassRef) -> list[ClassRef]:
        found: dict[ClassRef, None] = {}
        pending = [ref]
        while pending:
            current = pending.pop()
            if current not in found:
                found[current] = None
                bases = reversed(self._python.bases(current))
                pending += [base.ref for base in bases if isinstance(base, ClassObject)]
        return list(found)

    def made(self, ref: ClassRef) -> Api | None:
        """The class of the catalogue that a class of the project derives from, if to make an object
        of it is what is asked about (``class Window(tkinter.Tk)``), or does no more than making one
        of those: a class with an ``__init__`` of its own has parameters of its own."""
        begins = self.inherited(ref, "__init__") is not None
        for each in self.lineage(ref):
            for base in self._python.bases(each):
                api = self._catalog.python(base.dotted) if isinstance(base, External) else None
                if api is None or api.form != "class":
                    continue
                if not begins:
                    return api
                if api.role in _MADE:
                    return replace(api, parameters=())
        return None

    def begun(self, dotted: str, *, with_object: bool) -> Api | None:
        """What a class of the catalogue is made with by one that derives from it (``with_object``:
        behind the object); None if :meth:`made` says it of the class itself."""
        api = self._catalog.python(dotted)
        if api is None or api.form != "class" or api.role in _MADE:
            return None
        first = (Parameter("_", ""),) if with_object else ()
        return replace(api, parameters=(*first, *api.parameters))

    def descendants(self, ref: ClassRef) -> tuple[ClassRef, ...]:
        """The classes that derive from a class, directly or not."""
        if self._children is None:
            self._children = {}
            for refs in self._index.classes.values():
                for child in refs:
                    if self._index.unit(child).is_python:
                        for base in self._python.bases(child):
                            if isinstance(base, ClassObject):
                                self._children.setdefault(base.ref, []).append(child)
        found: list[ClassRef] = []
        pending = [ref]
        while pending:
            for child in self._children.get(pending.pop(), ()):
                if child not in found:
                    found.append(child)
                    pending.append(child)
        return tuple(found)
