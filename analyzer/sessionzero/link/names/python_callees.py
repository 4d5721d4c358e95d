"""What each call of a Python file calls."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.facts import Call, Expr, Lambda, Member, Name, Result
from sessionzero.knowledge.catalog import Api, Catalog
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.python_entities import ClassObject, External, Functions, Instance
from sessionzero.link.files.python_loading import LIBRARIES
from sessionzero.link.files.units import ClassRef, Func, Unit
from sessionzero.link.names.called_as import is_super
from sessionzero.link.names.callee import NOTHING, Callee
from sessionzero.link.names.python_classes import PythonClasses
from sessionzero.link.names.python_loops import PythonLoops
from sessionzero.link.names.python_names import PythonNames


class PythonCallees:
    """Resolves calls of Python, for :class:`link.names.callees.Callees`."""

    def __init__(
        self, index: ProgramIndex, catalog: Catalog, python: PythonNames, classes: PythonClasses
    ) -> None:
        self._catalog = catalog
        self._python = python
        self._classes = classes
        self._loops = PythonLoops(index, python)

    def of(self, call: Call, unit: Unit) -> Callee:
        """What a call in a Python file calls."""
        if isinstance(call.callee, Member):
            found = self._method(call.callee, unit, call.function)
            if found is not None:
                return found
        entity = self._python.evaluate(call.callee, unit, call.function)
        match entity:
            case Functions(func):
                return Callee((func,))
            case ClassObject(ref):
                return self._constructed(ref)
            case Instance(ref):
                method = self._classes.inherited(ref, "__call__")
                return Callee((method,)) if method is not None else NOTHING
            case External(dotted):
                return Callee(
                    api=self._api(dotted) or self._begun(dotted, call, unit), dotted=dotted
                )
            case _:
                return self._made_in_turn(call.callee, unit, call.function)

    def _made_in_turn(self, callee: Expr, unit: Unit, function: int) -> Callee:
        """``for kind in (Clock, Mouse): kind()``."""
        makes = tuple(made.ref for made in self._loops.made_by(callee, unit, function))
        begun = (self._classes.inherited(ref, "__init__") for ref in makes)
        functions = tuple(dict.fromkeys(func for func in begun if func is not None))
        return Callee(functions, makes=makes) if makes else NOTHING

    def _begun(self, dotted: str, call: Call, unit: Unit) -> Api | None:
        """The class of the catalogue that ``super().__init__(…)`` makes an object of, or, with the
        object before all else, ``Base.__init__(self, …)``."""
        outer, _, name = dotted.rpartition(".")
        if name != "__init__" or not isinstance(call.callee, Member):
            return None
        return self._classes.begun(outer, with_object=not is_super(call.callee, unit))

    def _api(self, dotted: str) -> Api | None:
        """The catalogue's entry for a dotted name; a function of a DLL reached through ctypes is
        the C function."""
        parts = dotted.split(".")
        if len(parts) == 4 and ".".join(parts[:2]) in LIBRARIES:
            return self._catalog.function(parts[3])
        known = self._catalog.python(dotted.removeprefix("builtins."))
        if known is None and "()." in dotted:  # a method of an object that a class has made
            known = self._catalog.python(dotted.replace("().", "."))
        return known

    def _method(self, callee: Member, unit: Unit, function: int) -> Callee | None:
        receivers = self._loops.objects(callee.object, unit, function)
        if not receivers:
            receiver = self._python.evaluate(callee.object, unit, function)
            receivers = [receiver] if isinstance(receiver, Instance) else []
        found: dict[Func, None] = {}
        for receiver in receivers:
            found.update(dict.fromkeys(self._methods(receiver.ref, callee, unit)))
        return Callee(tuple(found)) if found else None

    def _methods(self, ref: ClassRef, callee: Member, unit: Unit) -> Iterator[Func]:
        """The method that a class has or inherits, and what overrides it."""
        inherited = self._classes.inherited(ref, callee.name)
        if inherited is not None:
            yield inherited
        for child in () if is_super(callee, unit) else self._classes.descendants(ref):
            override = self._python.method(child, callee.name)
            if override is not None:
                yield override

    def _constructed(self, ref: ClassRef) -> Callee:
        method = self._classes.inherited(ref, "__init__")
        functions = (method,) if method is not None else ()
        return Callee(functions, self._classes.made(ref), constructs=ref)

    def referenced(self, expr: Expr, unit: Unit, function: int) -> tuple[Func, ...]:
        """The functions that an expression names without calling them."""
        match expr:
            case Name() | Member() | Lambda():
                entity = self._python.evaluate(expr, unit, function)
                return (entity.func,) if isinstance(entity, Functions) else ()
            case Result(index):
                call = unit.facts.calls[index]  # functools.partial(f, x), WINFUNCTYPE(...)(f)
                return tuple(
                    func
                    for argument in call.arguments[:1]
                    for func in self.referenced(argument.value, unit, function)
                )
            case _:
                return ()

    def class_named(self, expr: Expr, unit: Unit, function: int) -> ClassRef | None:
        """The class of the project that an expression names."""
        entity = self._python.evaluate(expr, unit, function)
        return entity.ref if isinstance(entity, ClassObject) else None
