"""Regions of C and C++ files that only a build for tests has."""

from __future__ import annotations

import re
from weakref import WeakKeyDictionary

from sessionzero.link.files.units import Unit

DEBUG_BUILD = re.compile(
    r"^\(?(?:defined\s*\(?\s*)?_?_?(?:DEBUG|DBG|_DEBUG|(?:UNIT_?|SELF_?)?TEST(?:S|ING|_MAIN)?)\b"
    r"|^!\s*\(?(?:defined\s*\(?\s*)?NDEBUG\b"
)


_REGIONS: WeakKeyDictionary[Unit, tuple[tuple[int, int], ...]] = WeakKeyDictionary()


def only_debug_build(unit: Unit, start: int) -> bool:
    """True if a place stands in a region that a release build leaves out."""
    regions = _REGIONS.get(unit)
    if regions is None:
        regions = _REGIONS[unit] = tuple(
            (region.start, region.end)
            for region in unit.facts.conditionals
            if DEBUG_BUILD.match(region.condition) is not None
        )
    return any(first <= start < end for first, end in regions)
