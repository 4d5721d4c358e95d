"""All actions of a program: of its scripts and settings, and of the commands that its code runs."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from sessionzero.facts import SCRIPTS
from sessionzero.installation.actions import Action
from sessionzero.installation.code_commands import commands_of
from sessionzero.installation.linked import Linked
from sessionzero.installation.scripts import actions_of_script, actions_of_words


def actions_of(program: Linked) -> tuple[Action, ...]:
    """The actions of all files, by file and place."""
    return program.once(_actions)


def _actions(program: Linked) -> tuple[Action, ...]:
    found = (*_of_scripts(program), *_of_code(program))
    return tuple(sorted(found, key=lambda action: action.spot))


def _of_scripts(program: Linked) -> Iterator[Action]:
    for unit in program.index.units:
        if unit.facts.language in SCRIPTS:
            yield from actions_of_script(unit, program.catalog)


def _of_code(program: Linked) -> Iterator[Action]:
    for site in program.sites("process-launch"):
        language = program.index.unit(site.call).facts.language
        for command in commands_of(program, site):
            for action in actions_of_words(command.words, program.catalog, language):
                yield replace(action, in_code=True, listed=command.listed, origin=command.origin)
