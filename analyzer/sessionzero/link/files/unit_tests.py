"""Which files hold unit tests: what they make is for themselves, on a developer's machine."""

from __future__ import annotations

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Func, Unit

TEST_MODULES = frozenset(("unittest", "pytest", "nose", "testtools", "twisted.trial"))
_HEADERS = (
    *("gtest/", "gmock/", "catch2/", "catch.hpp", "doctest", "boost/test/", "cppunit/"),
    *("CppUnitTest.h", "cmocka.h", "QTest", "QtTest"),
)
# Macros that begin a test; the header may be precompiled.
_HEADS = frozenset(("TEST", "TEST_F", "TEST_P", "TYPED_TEST", "TEST_CASE", "BOOST_AUTO_TEST_CASE"))


class UnitTests:
    """The files of unit tests of a program, found when they are asked for."""

    def __init__(self, index: ProgramIndex) -> None:
        self._index = index
        self._known: dict[int, bool] = {}

    def hold(self, func: Func) -> bool:
        """True if a function stands in such a file."""
        known = self._known.get(func.unit)
        if known is None:
            known = self._known[func.unit] = _is_one(self._index.unit(func))
        return known


def _is_one(unit: Unit) -> bool:
    """True if a file imports or includes what unit tests are written with, or has their heads."""
    if unit.is_python:
        return any(item.module in TEST_MODULES for item in unit.facts.imports)
    return any(item.module.startswith(_HEADERS) for item in unit.facts.imports) or any(
        function.name in _HEADS and function.kind == "function" for function in unit.facts.functions
    )
