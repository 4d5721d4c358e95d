"""The facts of a Python file while they are gathered, and the scope that code stands in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import libcst as cst

from sessionzero.facts import (
    Binding,
    Branch,
    Call,
    Class,
    Declaration,
    Expr,
    Function,
    Import,
    Member,
    Name,
    Parameter,
    Return,
    Unknown,
)
from sessionzero.frontends.python.positions import Positions


@dataclass(frozen=True, slots=True)
class Scope:
    """Where code stands: the function and branch, and ``owner``, the class (``Outer.Inner``) if
    it stands directly in the body of one."""

    function: int = 0
    branch: int = -1
    owner: str = ""


@dataclass(slots=True)
class Draft:
    """Facts found so far. ``elsewhere`` says which function a name of a function belongs to that
    is ``global`` or ``nonlocal`` there; ``fields``, the fields of each class; ``python2``, that a
    clause ``except Error, name:`` was seen."""

    positions: Positions
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    elsewhere: dict[tuple[int, str], int] = field(default_factory=dict)
    fields: dict[str, list[Parameter]] = field(default_factory=dict)
    python2: bool = False

    def unknown(self, node: cst.CSTNode) -> Unknown:
        """What stands for an expression that facts don't describe."""
        return Unknown(*self.positions.of(node))


def enter(
    draft: Draft, scope: Scope, condition: Expr, *, holds: bool, span: tuple[int, int]
) -> Scope:
    """The scope of code that runs only if a condition holds, or doesn't."""
    draft.branches.append(Branch(scope.branch, condition, holds, *span))
    return replace(scope, branch=len(draft.branches) - 1)


def bind(
    draft: Draft,
    scope: Scope,
    target: Expr,
    value: Expr,
    span: tuple[int, int],
    *,
    operator: str = "=",
    annotation: str = "",
) -> None:
    """Note ``target operator value``. A name in a class body is a field of the class; one that is
    ``global`` or ``nonlocal`` belongs to another function."""
    function = scope.function
    if isinstance(target, Name):
        function = draft.elsewhere.get((function, target.name), function)
        if scope.owner:
            add_field(draft, scope, Parameter(target.name, annotation, value))
            operator = ":" if operator == "=" else operator
            owner = Name(scope.owner, target.start, target.end)
            target = Member(owner, target.name, target.start, target.end)
    draft.bindings.append(
        Binding(function, scope.branch, target, operator, value, annotation, *span)
    )


def add_field(draft: Draft, scope: Scope, described: Parameter) -> None:
    """Note a field of the class whose body this is; the first mention counts."""
    fields = draft.fields.setdefault(scope.owner, [])
    if all(known.name != described.name for known in fields):
        fields.append(described)
