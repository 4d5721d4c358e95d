"""The whole inventory of a linked program, from all that is known of it and found in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sessionzero.findings import Finding
from sessionzero.inventory import Inventory
from sessionzero.knowledge.rules import Rule
from sessionzero.program import Program
from sessionzero.survey.crossings import crossings_of
from sessionzero.survey.objects import things_of
from sessionzero.survey.programs import Programs
from sessionzero.survey.services import services_of
from sessionzero.survey.shut import shut_ways
from sessionzero.survey.standing import Standing
from sessionzero.survey.ways import children_of, open_ways

# Roles that an inventory asks about beyond those of the rules.
ROLES = ("pipe", "ipc-ok", "session-api", "process-launch", "object-create", "object-open")


def inventory_of(
    program: Program, findings: Iterable[Finding], rules: Mapping[str, Rule]
) -> Inventory:
    """What stands on either side of the wall; ``rules`` are those of the findings.

    A finding that no shared thing and no open way has is a way of its own, which is shut.
    """
    findings = tuple(findings)
    programs, standing = Programs(program), Standing(findings)
    things = things_of(program, programs, standing)
    ways = tuple(open_ways(program, programs, standing))
    taken = {it for thing in things for it in thing.shared.findings}
    taken |= {it for way in ways for it in way.findings}
    left = [finding for finding in findings if finding not in taken]
    shut = shut_ways(program, programs, left, rules)
    return Inventory(
        services=services_of(program, programs, standing),
        shared=tuple(thing.shared for thing in things),
        children=children_of(program, programs, standing),
        crossings=crossings_of(things, ways, shut, rules),
    )
