"""Frameworks for graphical programs in the process of a service."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import fill, words_of
from sessionzero.checks.uses import first_uses
from sessionzero.facts import Expr, Import, Name
from sessionzero.findings import Finding
from sessionzero.knowledge.catalog import Api, simple_name
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.units import Spot, Unit
from sessionzero.program import Program


def gui_application_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """The application objects of graphical programs that a service makes, or that its class asks
    the framework for: ``QtService<QApplication>``."""
    yield from first_uses(program, rule, program.service_sites(*rule.roles))
    services = {simple_name(api.owner or api.name) for api in _native(program, "service-class")}
    objects = {simple_name(api.name) for role in rule.roles for api in _native(program, role)}
    for unit in program.index.units:
        for described in unit.facts.classes:
            for base in described.bases:
                outer, inner = _template(base)
                if outer in services and inner in objects:
                    spot = Spot(unit.index, 0, base.start, base.end)
                    yield _found(program, rule, spot, described.name, f"{outer}<{inner}>")


def _native(program: Program, role: str) -> Iterator[Api]:
    return (api for api in program.catalog.with_role(role) if api.language == "c++")


def _template(base: Expr) -> tuple[str, str]:
    """``Outer<Inner>`` taken apart; empty for anything else."""
    if not isinstance(base, Name) or not base.name.endswith(">"):
        return "", ""
    outer, _, inner = base.name[:-1].partition("<")
    return simple_name(outer.strip()), inner.strip()


def gui_import_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each module for user interfaces that the file with a service's class imports when it is
    loaded, unless a function that the service runs calls it: that is reported, or tested for."""
    modules = frozenset(words_of(rule, "any-of"))
    used = _used_by_service(program, rule)
    units = {entry.func.unit for entry in program.entries.found.values()}
    for index in sorted(units):
        unit = program.index.units[index]
        seen = set[str]()
        for imported in unit.facts.imports if unit.is_python else ():
            name = next((m for m in _modules(imported) if m in modules), "")
            if name and program.modules.python_module(unit, name) is not None:
                continue  # a module of the project that is called so
            if name and name not in used and name not in seen and _when_loaded(unit, imported):
                seen.add(name)
                spot = Spot(index, 0, imported.start, imported.end)
                yield _found(program, rule, spot, "<module>", name)


def _modules(imported: Import) -> tuple[str, ...]:
    """What an import may mean, from the whole to the package: ``PyQt5.QtWidgets``, ``PyQt5``."""
    if imported.level:
        return ()
    whole = f"{imported.module}.{imported.name}" if imported.name else imported.module
    parts = whole.split(".")
    return tuple(".".join(parts[:length]) for length in range(len(parts), 0, -1))


def _used_by_service(program: Program, rule: Rule) -> frozenset[str]:
    """The modules, and the packages that they are in, that functions of a service call."""
    found = {
        site.api.module
        for site in program.service_sites(*rule.roles)
        if site.api.language == "python"
    }
    return frozenset(
        ".".join(module.split(".")[:length])
        for module in found
        for length in range(1, len(module.split(".")) + 1)
    )


def _when_loaded(unit: Unit, imported: Import) -> bool:
    """False for an import in a function, or behind a test such as ``if TYPE_CHECKING:``."""
    return imported.function == 0 and not any(
        branch.start <= imported.start < branch.end for branch in unit.facts.branches
    )


def _found(program: Program, rule: Rule, spot: Spot, symbol: str, text: str) -> Finding:
    return Finding(
        rule=rule.id,
        level=rule.level,
        confidence=rule.confidence,
        message=fill(rule.message, {"call": text, "text": text}),
        place=program.place(spot),
        symbol=symbol,
        path=(),
        related=(),
        subject=text,
    )
