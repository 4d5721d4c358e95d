"""Names of C++ types, as they are written, taken apart."""

from __future__ import annotations

import re

_POINTERS = (
    *("unique_ptr", "shared_ptr", "scoped_ptr", "auto_ptr", "CComPtr", "com_ptr"),
    *("QPointer", "QScopedPointer", "QSharedPointer"),
)

_SMART = re.compile(rf"(?:\w+::)*(?:{'|'.join(_POINTERS)})\s*<[^<>]*>")
_OBJECT = re.compile(r"\b\w+\b(?!\s*\*)")


def is_smart_pointer(written: str) -> bool:
    """``std::unique_ptr<T>``: a variable of that type makes no T."""
    return written.partition("<")[0].strip().rpartition("::")[2] in _POINTERS


def own_types(written: str) -> frozenset[str]:
    """What a smart pointer is itself, beside what it points to: ``CComPtr``; ``_com_ptr_t`` for a
    name as ``IAgentPtr``, which _COM_SMARTPTR_TYPEDEF (comdef.h) and #import make."""
    if is_smart_pointer(written):
        return frozenset((written.partition("<")[0].strip(),))
    return frozenset(("_com_ptr_t",)) if written.endswith("Ptr") else frozenset()


def objects_in(written: str) -> list[str]:
    """The words of the type of a variable that makes objects of them, perhaps: not what it only
    points to (``std::list<Thing *>``)."""
    return _OBJECT.findall(_SMART.sub("", written))


def plain_type(written: str) -> str:
    """A type name without template arguments, pointers and leading ``::``; what a smart pointer
    points to stands for the pointer."""
    text = written.replace("*", " ").replace("&", " ").strip().removeprefix("::")
    head, bracket, rest = text.partition("<")
    if bracket and head.strip().rpartition("::")[2] in _POINTERS:
        return plain_type(rest.rpartition(">")[0].partition(",")[0])
    if bracket and ">::" in rest:
        return plain_type(rest.rpartition(">::")[2])
    words = head.split()
    return words[-1] if words else ""


def template_argument(written: str) -> str:
    """``Master`` of ``Singleton<Master>::Instance``; empty if there is none."""
    return written.partition("<")[2].partition(">")[0].partition(",")[0].strip()
