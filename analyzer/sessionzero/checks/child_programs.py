"""Programs and documents that a service starts in its own session."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import structs

from sessionzero.checks.reporting import callee_spot, finding, origin_notes, words_of
from sessionzero.checks.user_interface import shows_window
from sessionzero.facts import COMMANDS, Member, Name
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.mains import GRAPHICAL_NAMES
from sessionzero.link.files.units import Func, Spot, walk_into_calls
from sessionzero.link.files.words import words
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.link.ways.children import Child
from sessionzero.program import Program, spelling
from sessionzero.uses.launches import LAUNCH, Command, commands_of, means_no_window, names_one
from sessionzero.uses.sides import End, end_at, end_of

_OWN_TOKEN = ("own-token", "shell-command")
_EXECUTABLE = re.compile(r"\.(?:exe|com|bat|cmd)$")
_SHOW_OF_START = re.compile(r"[a-z]*cmdshow", re.IGNORECASE)  # nCmdShow: WinMain's last parameter


def graphical_child(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each launch of a graphical program with the service's own token: one of ``programs``, or one
    of the project that shows something. Not if the launch says that no window is meant, or an
    argument is one of ``quiet-words``."""
    shown = _ShownByChildren(program, rule)
    for site in program.service_sites(LAUNCH):
        if site.api.kind not in _OWN_TOKEN or _names_desktop(program, site):
            continue
        yield from _of_windows(program, rule, site)
        yield from _of_project(program, rule, site, shown)


def _names_desktop(program: Program, site: Site) -> bool:
    """With ``winsta0`` for a desktop the launch is the defect of another rule."""
    texts = program.field(site, "startup", "lpDesktop").texts
    return any("winsta0" in known.text.lower() for known in texts)


def _of_windows(program: Program, rule: Rule, site: Site) -> Iterator[Finding]:
    """Of several commands that one argument can be, the first is enough."""
    quiet = words_of(rule, "quiet-words")
    for command in commands_of(program, site):
        if not names_one(command, words_of(rule, "programs")) or _is_quiet(command, quiet):
            continue
        if means_no_window(program, site, command.known):
            continue
        end = end_of(program, site, command.role, command.known)
        if end.in_service:
            related = _notes(program, site, end, command.known)
            words = {"program": command.program}
            yield finding(
                program,
                rule,
                site,
                spot=end.spot,
                proof=end.proof,
                related=related,
                words=words,
            )
            return


def _is_quiet(command: Command, quiet: tuple[str, ...]) -> bool:
    """Whether an argument keeps the program from showing a window (``regedit /s``), or may do so
    where nothing is known of them."""
    rest = command.rest.lower()
    own = [
        switch for name, _, switch in (it.partition(" ") for it in quiet) if name == command.program
    ]
    if own and not rest and not command.known.exact and command.known.text[-1:].isspace():
        return True
    return any(re.search(rf"(?<!\S){re.escape(switch)}(?!\w)", rest) for switch in own)


def _notes(program: Program, site: Site, end: End, known: Known) -> tuple[Note, ...]:
    """How the command reaches the launch, or where it was written."""
    if known.passed:
        return _launch_note(program, site, end.spot)
    return origin_notes(program, known, end.spot, "the command")


class _ShownByChildren:
    """What the programs of the project show that the service starts."""

    def __init__(self, program: Program, rule: Rule) -> None:
        self._program = program
        self._roles = tuple(role for role in rule.roles if role != LAUNCH)
        self._known: dict[Child, Site | None] = {}

    def by(self, child: Child) -> Site | None:
        """The first thing that a program shows for certain, if the service starts it."""
        if child not in self._known:
            found = self._of_user(child.main) if child.of_user else self._shown(child.main)
            self._known[child] = next(found, None)
        return self._known[child]

    def _windows(self) -> Iterator[Site]:
        for site in self._program.sites(*self._roles):
            if not site.api.effect.startswith("ok") and _is_shown(self._program, site):
                yield site

    def _shown(self, main: Func) -> Iterator[Site]:
        """What the service shows there, on a way that leads through the program but through none
        that this one starts."""
        program, context = self._program, self._program.context
        for site in self._windows() if context.runs_as_service(main) else ():
            if context.runs_as_service(site.func):
                way = [*(step.func for step in context.path(site.func)), site.func]
                inside = main in way and not any(map(self._is_launched, way[way.index(main) + 1 :]))
                if inside and program.service_proof(site) is not None:
                    yield site

    def _is_launched(self, func: Func) -> bool:
        """Whether source code starts a program there, no script: scripts have no findings."""
        by = self._program.children.launched_by.get(func)
        return by is not None and self._program.index.unit(by).facts.language not in COMMANDS

    def _of_user(self, main: Func) -> Iterator[Site]:
        """What a graphical program shows that the project otherwise starts for users."""
        if self._program.index.function(main).name in GRAPHICAL_NAMES:
            reached = self._program.context.leads_to([main])
            yield from (site for site in self._windows() if site.func in reached)


def _is_shown(program: Program, site: Site) -> bool:
    """Whether a call shows something; ``ShowWindow(window, nCmdShow)`` shows it as the program was
    started to, which is visibly."""
    if site.api.role not in ("window-create", "window-show"):
        return True
    show = program.argument(site, "show")
    if isinstance(show, Name):
        function = program.index.function(site.func)
        last = function.parameters[-1:] if function.name in GRAPHICAL_NAMES else ()
        if any(it.name == show.name for it in last) or _SHOW_OF_START.fullmatch(show.name):
            return True
    return shows_window(program, site)


def _of_project(
    program: Program, rule: Rule, site: Site, shown: _ShownByChildren
) -> Iterator[Finding]:
    """A launch of a program that shows something. That a script is hidden hides no window of what
    the script starts."""
    for child in program.children.of(site.call):
        window = shown.by(child)
        if window is None:
            continue
        role, said = _saying(program, site, child)
        script = program.index.unit(child.main).facts.language in COMMANDS
        if not script and means_no_window(program, site, said):
            continue
        end = None if said is None else end_of(program, site, role, said)
        if end is None or end.side == "unknown":
            end = structs.replace(end_at(program, site), spot=callee_spot(program, site))
        spot = end.spot
        if end.proof is not None:
            related = (
                *_launch_note(program, site, spot),
                Note(program.defined(child.main), f"`{child.name}` begins here"),
                Note(program.place(window.spot), f"it calls `{program.written(window)}`"),
            )
            words = {"program": child.name}
            yield finding(
                program, rule, site, spot=spot, proof=end.proof, related=related, words=words
            )
            return


def _saying(program: Program, site: Site, child: Child) -> tuple[str, Known | None]:
    """The text that a wrapper's caller says the program by; None if the launch itself does."""
    for role in ("application", "command_line"):
        for known in program.value(site, role).known:
            if known.passed and child.name in known.text.lower():
                return role, known
    return "", None


def _launch_note(program: Program, site: Site, spot: Spot) -> tuple[Note, ...]:
    called = callee_spot(program, site)
    if spot == called or site.inside is not None:
        return ()
    return (Note(program.place(called), f"it reaches `{program.written(site)}` here"),)


def document_opened(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each document, address or folder that the service opens by the shell, by a function made for
    it or by one of ``programs``; not a program that is hidden, nor elevation that depends on a
    test with one of ``quiet-words`` in its names."""
    for site in program.service_sites(*rule.roles):
        if site.api.kind == "open-document":
            yield from _by_function(program, rule, site)
        elif site.api.kind in _OWN_TOKEN:
            yield from _by_program(program, rule, site)


def _by_function(program: Program, rule: Rule, site: Site) -> Iterator[Finding]:
    elevates = any(known.text.lower() == "runas" for known in _verbs(program, site))
    hidden = means_no_window(program, site) or _field_hidden(program, site)
    asked = elevates and _asks(program, site, frozenset(words_of(rule, "quiet-words")))
    if asked or (hidden and not elevates):
        return
    end = end_at(program, site)
    if end.in_service:
        words = {"text": _opened(program, site)}
        yield finding(program, rule, site, proof=end.proof, words=words)


def _asks(program: Program, site: Site, about: frozenset[str]) -> bool:
    """Whether a condition on the way to a call is made with one of some words: who asks whether the
    program is elevated elevates it if it is not, and a service mostly is."""
    steps = program.context.path(site.func)
    places = [(step.func, step.branch) for step in steps]
    return any(
        about & set(words(last_name(part)))
        for func, inner in (*places, (site.func, site.branch))
        for branch in program.index.unit(func).branches(inner)
        for part in walk_into_calls(branch.condition, program.index.unit(func))
        if isinstance(part, Name | Member)
    )


def _verbs(program: Program, site: Site) -> Iterator[Known]:
    yield from program.value(site, "verb").texts
    yield from program.field(site, "data", "lpVerb").texts


def _field_hidden(program: Program, site: Site) -> bool:
    shown = program.field(site, "data", "nShow")
    return any(known.kind == "number" and known.number == 0 for known in shown.known)


def _opened(program: Program, site: Site) -> str:
    """What is opened, as known or as written."""
    texts = (
        *program.value(site, "application").texts,
        *program.field(site, "data", "lpFile").texts,
    )
    expr = program.argument(site, "application")
    written = spelling(expr, program.index.unit(site.call)) if expr is not None else ""
    text = texts[0].text if texts and texts[0].exact else written
    return f"`{text}`" if text else "a file"


def _by_program(program: Program, rule: Rule, site: Site) -> Iterator[Finding]:
    for command in commands_of(program, site):
        opens = names_one(command, words_of(rule, "programs"))
        ours = bool(program.children.of(site.call))  # a program of the project, judged as one
        document = command.started and _is_document(command.program) and not ours
        end = end_of(program, site, command.role, command.known)
        if (opens or document) and end.in_service:
            said = command.rest if opens and command.rest[:1] != "/" else ""  # `/select,…`
            text = said or command.program
            words = {"text": f"`{text}`"}
            related = _notes(program, site, end, command.known)
            yield finding(
                program, rule, site, spot=end.spot, proof=end.proof, related=related, words=words
            )
            return


def _is_document(name: str) -> bool:
    """Whether ``start`` is given a file or an address, no program."""
    return ":" in name or ("." in name and _EXECUTABLE.search(name) is None)
