"""The facts of all files side by side, indexed by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property

from sessionzero.facts import (
    Binding,
    Call,
    Class,
    Declaration,
    FileFacts,
    Function,
    Import,
    Index,
    Macro,
    Name,
    Parameter,
    Text,
    TypeName,
)
from sessionzero.link.files.constructions import made_type
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.units import CallSite, ClassRef, Func, Unit, Write


class ProgramIndex:
    """Everything that is found by name across units."""

    def __init__(
        self, files: Sequence[tuple[str, FileFacts]], earlier: Mapping[str, Unit] | None = None
    ) -> None:
        """``earlier``: the units of an earlier index, by path, of which those are kept that are
        still the same."""
        self.units = tuple(_unit(i, *file, earlier or {}) for i, file in enumerate(files))
        self.by_path = {unit.path: unit for unit in self.units}
        self.definitions: dict[str, list[Func]] = defaultdict(list)
        self.prototypes: dict[str, list[Func]] = defaultdict(list)
        self.classes: dict[str, list[ClassRef]] = defaultdict(list)
        self.macros: dict[str, list[tuple[int, Macro]]] = defaultdict(list)
        self.writes: dict[str, list[Write]] = defaultdict(list)
        self.typed: dict[str, list[Write]] = defaultdict(list)
        self.type_names: dict[str, list[tuple[int, TypeName]]] = defaultdict(list)
        self.aliases: set[str] = set()  # Python names that may stand for something else
        self.renamed: dict[Func, str] = {}  # by `#define main RealMain` above the definition
        for unit in self.units:
            self._add(unit)

    def _add(self, unit: Unit) -> None:
        facts = unit.facts
        for i, function in enumerate(facts.functions):
            if function.kind == "function":
                self.definitions[function.name].append(Func(unit.index, i))
            elif function.kind == "prototype":
                self.prototypes[function.name].append(Func(unit.index, i))
        for i, klass in enumerate(facts.classes):
            self.classes[klass.name].append(ClassRef(unit.index, i))
        for item in facts.type_names:
            self.type_names[item.name].append((unit.index, item))
        names: dict[str, Macro] = {}
        for macro in facts.macros:
            self.macros[macro.name].append((unit.index, macro))
            if macro.parameters is None and isinstance(macro.body, Name):
                names[macro.name] = macro
        if names:
            self._add_renamed(unit, names)
        self.aliases.update(item.alias for item in facts.imports if item.alias)
        for name, i in unit.written:
            self.writes[name].append(Write(unit.index, i))
        if unit.is_python:
            self.aliases.update(name for name, _ in unit.written)
        for i, binding in enumerate(facts.bindings):
            if binding.type:
                self.typed[binding.type].append(Write(unit.index, i))

    def _add_renamed(self, unit: Unit, names: dict[str, Macro]) -> None:
        for i, function in enumerate(unit.facts.functions):
            macro = names.get(function.name) if function.kind == "function" else None
            if macro is not None and macro.start < function.start:
                assert isinstance(macro.body, Name)
                func = Func(unit.index, i)
                self.renamed[func] = macro.body.name
                self.definitions[macro.body.name].append(func)

    @cached_property
    def calls_named(self) -> dict[str, list[CallSite]]:
        """Last name of the callee, or of the class that is made, without template arguments → the
        calls; by unit and position. Calls of what has no name (``table[i]()``) stand under the
        empty name; of what has one as a key (``user32["MessageBoxW"]()``), under that."""
        found: dict[str, list[CallSite]] = defaultdict(list)
        for unit in self.units:
            for name, i in unit.called:
                name = name or self._name_of(unit.facts.calls[i], unit)
                found[name].append(CallSite(unit.index, i))
        return dict(found)

    def _name_of(self, call: Call, unit: Unit) -> str:
        match call.callee:
            case Index(_, Text(name)):
                return name
            case callee:
                made = made_type(self, unit, call).partition("<")[0].rpartition("::")[2]
                return made or last_name(callee).partition("<")[0]

    def asked(self, name: str) -> Iterator[tuple[Unit, int]]:
        """The branches whose condition mentions a constant: see :attr:`Unit.asked`."""
        return ((unit, number) for unit in self.units for number in unit.asked.get(name, ()))

    def passed(self, names: Set[str]) -> Iterator[CallSite]:
        """The calls that pass one of the names as it is: see :attr:`Unit.passed`."""
        for unit in self.units:
            for name in sorted(names & unit.passed.keys()):
                for i in unit.passed[name]:
                    yield CallSite(unit.index, i)

    @cached_property
    def addressed(self) -> dict[str, list[CallSite]]:
        """Name → the calls that get its address: see :attr:`Unit.addressed`."""
        found: dict[str, list[CallSite]] = defaultdict(list)
        for unit in self.units:
            for name, calls in unit.addressed.items():
                found[name] += [CallSite(unit.index, i) for i in dict.fromkeys(calls)]
        return dict(found)

    @cached_property
    def fields_named(self) -> dict[str, list[Parameter]]:
        """Name → the fields of that name that classes and structures declare."""
        found: dict[str, list[Parameter]] = defaultdict(list)
        for refs in self.classes.values():
            for field in (field for ref in refs for field in self.klass(ref).fields):
                found[field.name].append(field)
        return dict(found)

    def announced(self, name: str) -> Iterator[tuple[int, Declaration | Import]]:
        """The declarations at file scope and the imports of a name, with their units."""
        return ((u.index, said) for u in self.units for said in u.announced.get(name, ()))

    @cached_property
    def calls_renamed(self) -> dict[str, list[CallSite]]:
        """Name that a Python file imports under another one → its calls there."""
        found: dict[str, list[CallSite]] = defaultdict(list)
        for unit in self.units:
            renamed = {item.alias: item.name for item in unit.facts.imports if item.alias}
            for i, call in enumerate(unit.facts.calls if renamed else ()):
                name = renamed.get(last_name(call.callee), "")
                if name:
                    found[name].append(CallSite(unit.index, i))
        return dict(found)

    def unit(self, ref: Func | CallSite | ClassRef | Write) -> Unit:
        return self.units[ref.unit]

    def function(self, func: Func) -> Function:
        return self.units[func.unit].facts.functions[func.index]

    def call(self, site: CallSite) -> Call:
        return self.units[site.unit].facts.calls[site.index]

    def klass(self, ref: ClassRef) -> Class:
        return self.units[ref.unit].facts.classes[ref.index]

    def binding(self, write: Write) -> Binding:
        return self.units[write.unit].facts.bindings[write.index]

    def calls_of(self, func: Func) -> Iterator[CallSite]:
        """The calls that stand in a function."""
        for i in self.units[func.unit].calls_of.get(func.index, ()):
            yield CallSite(func.unit, i)


def _unit(number: int, path: str, facts: FileFacts, earlier: Mapping[str, Unit]) -> Unit:
    """The unit of a file; the earlier one, with all that it has found, if nothing has changed."""
    known = earlier.get(path)
    same = known is not None and known.facts is facts and known.index == number
    return known if known is not None and same else Unit(number, path, facts)
