"""What a Python expression can denote."""

from __future__ import annotations

from typing import NamedTuple

from sessionzero.link.files.units import ClassRef, Func


class Functions(NamedTuple):
    """One function of the project."""

    func: Func


class ClassObject(NamedTuple):
    """A class of the project."""

    ref: ClassRef


class Instance(NamedTuple):
    """An object of a class of the project."""

    ref: ClassRef


class Module(NamedTuple):
    """A module of the project."""

    unit: int


class External(NamedTuple):
    """Something outside the project, by its dotted name."""

    dotted: str


Entity = Functions | ClassObject | Instance | Module | External


def qualified(owner: str, name: str) -> str:
    """A Python class's own qualified name."""
    return f"{owner}.{name}" if owner else name
