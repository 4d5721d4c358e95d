"""What a function does with a table in which functions stand.

One that only looks at the texts and numbers in it (``if (strcmp(entry->name, name) == 0) return
entry->flags;``) neither calls what stands there nor lets others do so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.facts import Binding, Call, Cast, Expr, Index, Member, Name, Operation, Parameter
from sessionzero.link.files.expressions import children, last_name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Unit

# What holds no function: texts, also by a pointer, and numbers. (``BOOL (*start)(void)`` is seen as
# a pointer to a BOOL.)
_TEXT = re.compile(
    r"(?:const |unsigned |signed )*(?:char|wchar_t|[WT]?CHAR|LPC?[WT]?STR|PC?[WT]?STR)(?: const)?"
)
_NUMBER = re.compile(
    r"(?:const |unsigned |signed )*(?:int|long|short|unsigned|float|double|size_t|u?int\d+_t"
    r"|U?INT(?:\d+|_PTR)?|U?LONG(?:LONG)?|U?SHORT|D?WORD|BYTE|BOOL(?:EAN)?|bool|GUID|CLSID)"
)
_SIZE = re.compile(r"(?i)\w*(?:size|count|elem|dim|len)\w*")  # `ARRAYSIZE(table)`


def may_be_called(index: ProgramIndex, unit: Unit, function: int, table: str) -> bool:
    """True if a function may call what stands in a table, or hands it on."""
    return _Use(index, unit, function, table).calls()


class _Use:
    """Follows a table through the local variables of a function."""

    def __init__(self, index: ProgramIndex, unit: Unit, function: int, table: str) -> None:
        self._index = index
        self._local = unit.types_of.get(function, {})
        self._calls = [unit.facts.calls[i] for i in unit.calls_of.get(function, ())]
        self._bindings = [unit.facts.bindings[i] for i in unit.bindings_of.get(function, ())]
        self._returns = [unit.facts.returns[i] for i in unit.returns_of.get(function, ())]
        self._names = {table}  # of the table, and of what stands at an entry of it

    def calls(self) -> bool:
        size = 0
        while size != len(self._names):
            size = len(self._names)
            if any(self._keeps(binding) for binding in self._bindings):
                return True
        return (
            any(self._runs(call) for call in self._calls)
            or any(self._hands_over(call) for call in self._calls)
            or any(self._gives(item.value) for item in self._returns)
        )

    def _keeps(self, binding: Binding) -> bool:
        """Whether an entry is put where the function doesn't see it any more."""
        if not self._gives(binding.value):
            return False
        if not isinstance(binding.target, Name) or binding.target.name not in self._local:
            return True
        self._names.add(binding.target.name)
        return False

    def _runs(self, call: Call) -> bool:
        return any(self._mentions(part) for part in (call.callee, *children(call.callee)))

    def _hands_over(self, call: Call) -> bool:
        if _SIZE.fullmatch(last_name(call.callee)):
            return False
        return any(self._gives(argument.value) for argument in call.arguments)

    def _gives(self, value: Expr) -> bool:
        """Whether a value may be an entry, or a function in it."""
        return any(self._may_hold(part) for part in self._uses(value))

    def _uses(self, value: Expr) -> Iterator[Expr]:
        """The parts of a value that are the table, an entry, or something in one."""
        if self._mentions(value):
            yield value
            return
        for part in children(value):
            yield from self._uses(part)

    def _mentions(self, expr: Expr) -> bool:
        while True:
            match expr:
                case Name(name):
                    return name in self._names
                case Member(inner) | Index(inner) | Cast(_, inner):
                    expr = inner
                case Operation("*" | "&", (inner,)) | Operation("+" | "-", (inner, _)):
                    expr = inner
                case _:
                    return False

    def _may_hold(self, use: Expr) -> bool:
        if not isinstance(use, Member):
            return True
        fields = self._index.fields_named.get(use.name, ())
        return not fields or not all(map(_holds_data, fields))


def _holds_data(field: Parameter) -> bool:
    written = field.type.strip()
    return bool(_TEXT.fullmatch(written) or (not field.refers and _NUMBER.fullmatch(written)))
