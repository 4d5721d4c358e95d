"""What is asked about a program to find what it installs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sessionzero.facts import Expr
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Value
from sessionzero.link.values.values import Values

_Answer = TypeVar("_Answer")


class Linked(Protocol):
    """What is asked about a program: its calls, and what they are given."""

    index: ProgramIndex
    catalog: Catalog
    values: Values

    def once(self, question: Callable[[Linked], _Answer]) -> _Answer: ...
    def sites(self, *roles: str) -> tuple[Site, ...]: ...
    def argument(self, site: Site, role: str) -> Expr | None: ...
    def value(self, site: Site, role: str) -> Value: ...
