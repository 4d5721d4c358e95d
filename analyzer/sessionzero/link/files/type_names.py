"""Names of C++ types, as they are written, taken apart."""

from __future__ import annotations

import re

TRUTHS = frozenset(("bool", "BOOL", "BOOLEAN", "gboolean", "_Bool"))
_POINTERS = (
    *("unique_ptr", "shared_ptr", "scoped_ptr", "auto_ptr", "weak_ptr", "CComPtr", "com_ptr"),
    *("QPointer", "QScopedPointer", "QSharedPointer"),
)
_LISTS = frozenset(
    (
        *("vector", "list", "deque", "array", "set", "multiset", "unordered_set", "queue", "stack"),
        *("priority_queue", "forward_list", "span", "initializer_list", "QList", "QVector"),
        *("QSet", "QQueue", "QStack", "CArray", "CAtlArray", "CSimpleArray"),
    )
)
_MAPS = frozenset(
    ("map", "multimap", "unordered_map", "unordered_multimap", "QMap", "QHash", "QMultiMap")
)
_ITERATOR = re.compile(r"::(?:const_)?(?:reverse_)?iterator\Z")
_GIVE_ELEMENTS = frozenset(("at", "front", "back", "top", "value", "first", "last", "GetAt"))
_GIVE_ITERATORS = frozenset(
    (
        *("begin", "cbegin", "rbegin", "end", "cend", "find", "constFind", "constBegin"),
        *("lower_bound", "upper_bound", "insert", "erase"),
    )
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


def is_iterator(written: str) -> bool:
    """``std::list<Thing *>::iterator``, as its class is written, or ``iterator`` alone."""
    return _ITERATOR.search(f"::{written}") is not None


def element_type(written: str) -> str:
    """The type of what stands in a container, or where its iterator stands; of a map, of what its
    keys stand for. Empty if it is no container."""
    container, (_, *arguments) = _ITERATOR.sub("", written), _apart(written)
    name = container.partition("<")[0].strip().rpartition("::")[2]
    if name in _MAPS:
        return arguments[1] if len(arguments) > 1 else ""
    return arguments[0] if name in _LISTS and arguments else ""


def is_map(written: str) -> bool:
    """A map or its iterator: the elements have a ``second`` that the keys stand for."""
    return written.partition("<")[0].strip().rpartition("::")[2] in _MAPS


def given_by(written: str, method: str) -> str:
    """The type of what a method of a container or smart pointer gives back; empty if it isn't
    known."""
    if method in ("get", "lock") and is_smart_pointer(written):
        return plain_type(written)
    if not element_type(written) or is_iterator(written):
        return ""
    if method in _GIVE_ITERATORS:
        return f"{written}::iterator"
    return element_type(written) if method in _GIVE_ELEMENTS else ""


def _apart(written: str) -> list[str]:
    """``map``, ``K``, ``V<X>`` of ``map<K, V<X>>``."""
    parts, depth = [""], 0
    for char in written:
        depth += (char == "<") - (char == ">")
        if depth == 0 and char == ">":
            break
        if depth == 1 and char in "<,":
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]
