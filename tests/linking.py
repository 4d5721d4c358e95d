"""Small programs linked in memory, and what is known of them in words that a table can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from sessionzero import frontends
from sessionzero.facts import Call, FileFacts, Subsystem, Target, TargetKind
from sessionzero.findings import Place
from sessionzero.knowledge.packs import load_catalog
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.units import CallSite, Func
from sessionzero.link.names.callee import Callee
from sessionzero.link.values.lattice import Known, Value
from sessionzero.program import Program, Proof
from sessionzero.sources.files import language_of

Files = Mapping[str, str]
Builds = Mapping[str, Sequence[Target]]  # path of a build file → what it makes

CATALOG = load_catalog()


def link(
    files: Files, *, builds: Builds = MappingProxyType({}), assume_service: bool = False
) -> Program:
    """The program of the files, given by path, and of what build files make of them."""
    facts = [(path, build_facts(targets)) for path, targets in sorted(builds.items())]
    for path, text in sorted(files.items()):
        language = language_of(path)
        assert language is not None, f"{path} is no source file"
        facts.append((path, frontends.extract(text, language, path)))
    return Program(facts, CATALOG, assume_service=assume_service)


def target(
    name: str,
    *sources: str,
    kind: TargetKind = "program",
    subsystem: Subsystem = "",
    uses: tuple[str, ...] = (),
    includes: tuple[str, ...] = (),
) -> Target:
    """What a build file says of one product."""
    return Target(name, kind, subsystem, sources, uses, (), includes, 0, 0)


def build_facts(targets: Sequence[Target]) -> FileFacts:
    """The facts of a build file that makes those products."""
    empty = frontends.extract("", "c")
    return replace(empty, language="build", targets=tuple(targets))


# --- calls ---


def calls(program: Program, name: str) -> Iterator[tuple[CallSite, Call]]:
    """The calls whose callee is written with that last name, in order."""
    for unit in program.index.units:
        for number, call in enumerate(unit.facts.calls):
            if last_name(call.callee) == name:
                yield CallSite(unit.index, number), call


def the_call(program: Program, name: str) -> tuple[CallSite, Call]:
    """The only call whose callee is written with that last name."""
    found = list(calls(program, name))
    assert len(found) == 1, f"{len(found)} calls of {name}"
    return found[0]


def named(callee: Callee, program: Program) -> str:
    """``C::f@file.cpp`` for functions of the project, the full name for those of the catalogue;
    several with a comma, nothing for what isn't known."""
    functions = (
        f"{program.function_name(func)}@{program.index.unit(func).path}"
        for func in callee.functions
    )
    return ", ".join(sorted(functions)) or (callee.api.dotted if callee.api else "")


# --- values ---


def probed(program: Program, name: str = "probe") -> Value:
    """What the first argument of the only call of ``probe`` is known to be."""
    site, call = the_call(program, name)
    return program.values.argument(site, call.arguments[0].value)


def shown(value: Value) -> str:
    """The alternatives, sorted: ``text``, ``beginning…``, ``…part…``, ``0x110``, ``0x100+`` (bits that are
    certain), ``null``, ``call``; ``?`` if it can be something else."""
    words = sorted({_shown(known) for known in value.known})
    return " | ".join([*words, "?"] if value.open else words)


def _shown(known: Known) -> str:
    match known.kind:
        case "text":
            return known.text + ("" if known.exact else "…")
        case "fragment":
            return f"…{known.text}…"
        case "number":
            return f"{known.number:#x}" + ("" if known.exact else "+")
        case _:
            return known.kind


def written(place: Place, files: Files) -> str:
    """The file and text of a place: ``names.h: "Global\\x"``."""
    data = files[place.path].encode()[place.start : place.end]
    return f"{place.path}: {data.decode()}"


# --- contexts ---


def who(program: Program, path: str = "") -> dict[str, str]:
    """Each function (of one file) that has a body → ``service``, ``by hand``, ``both``,
    ``unknown``."""
    return {
        program.function_name(Func(unit.index, number)): _who(program, Func(unit.index, number))
        for unit in program.index.units
        for number, function in enumerate(unit.facts.functions)
        if function.kind in ("function", "lambda") and path in ("", unit.path)
    }


def _who(program: Program, func: Func) -> str:
    service = program.context.runs_as_service(func)
    by_hand = program.context.also_by_hand(func)
    if service and by_hand:
        return "both"
    return "service" if service else "by hand" if by_hand else "unknown"


def proofs(program: Program) -> dict[str, Proof | None]:
    """Function → why its call of a message box runs in the service; each holds at most one."""
    found: dict[str, Proof | None] = {}
    for site in program.sites("message-box"):
        name = program.function_name(site.func)
        assert name not in found, f"{name} holds two message boxes"
        found[name] = program.service_proof(site)
    return found


def steps(proof: Proof | None) -> list[str]:
    """The path of a proof, a sentence a step; empty if there is none."""
    return [note.message for note in proof.path] if proof is not None else []
