"""From paths to a report: read, extract facts (from the cache, or in processes), link, check."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from sessionzero import frontends
from sessionzero.cache import Cache, key, open_cache
from sessionzero.checks import AUDITS, CHECKS
from sessionzero.config import NONE, Config
from sessionzero.describe import describe
from sessionzero.errors import SessionZeroError
from sessionzero.extraction import Progress, decoded, extract_all, without_collector
from sessionzero.facts import FileFacts, Language
from sessionzero.findings import LEVELS, Finding, Level, Notice, Place
from sessionzero.fixes.making import Fixer
from sessionzero.gate import Gate
from sessionzero.knowledge.catalog import Catalog
from sessionzero.knowledge.extras import read_extra
from sessionzero.knowledge.own_rules import read_own
from sessionzero.knowledge.packs import Extra, load_catalog, recall_catalog
from sessionzero.knowledge.pages import load_rules
from sessionzero.knowledge.rules import Rule, Trust, distinct, is_ours, page_name
from sessionzero.link.ways.roles import Roles
from sessionzero.memory import Memory
from sessionzero.program import Program
from sessionzero.report import Report, joined
from sessionzero.selection import TRUSTED, chosen, names, refuse_unknown_word
from sessionzero.sources import included
from sessionzero.sources.discovery import discover
from sessionzero.sources.files import SourceFile, language_of
from sessionzero.sources.settings_files import is_of_concern
from sessionzero.sources.text import SourceText
from sessionzero.suppress import judge
from sessionzero.survey.whole import ROLES as INVENTORY_ROLES
from sessionzero.survey.whole import inventory_of


class Options(Struct, frozen=True):
    """What a run is asked for. ``select``/``ignore`` are rule ids, names or their beginnings; with
    ``assume_service`` they hold already what ``config`` says of them. ``trust`` is which rules are
    looked for unless ``select`` names them. ``extra`` is what the user
    adds to the catalogue, ``own`` the folders of rules that users have written, beside those of
    ``config``, ``only`` the real paths of the files that count, None if all do;
    ``category`` names the analysis in SARIF. ``inventory``: the report gets one, for its map.
    ``beside_threads``: the process has other threads, so
    that it must not be forked."""

    assume_service: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    trust: frozenset[Trust] = TRUSTED
    cache: bool = True
    jobs: int = 0
    gate: bool = True
    extra: tuple[Extra, ...] = ()
    own: tuple[Path, ...] = ()
    config: Config = NONE
    only: frozenset[str] | None = None
    category: str = "sessionzero"
    inventory: bool = False
    beside_threads: bool = False


DEFAULTS = Options()


Proceed = Callable[[], None]


def quietly(_done: int, _total: int) -> None:
    """Show no progress."""


def always() -> None:
    """Let a run go on to its end."""


def check_paths(
    paths: Sequence[str | Path],
    *,
    root: Path,
    options: Options = DEFAULTS,
    progress: Progress = quietly,
    memory: Memory | None = None,
    proceed: Proceed = always,
) -> Report:
    """Analyse files and directories. Raises :class:`SessionZeroError` for what a user must mend.

    ``memory`` is what earlier runs of the same files left; ``proceed`` is called between the
    steps of a run, and ends it by what it raises.
    """
    options, known = with_own(options)
    refuse_unknown_words(known, options.config)
    rules = chosen(known, select=options.select, ignore=options.ignore, trust=options.trust)
    _refuse_unknown_checks(rules)
    whole = any(map(os.path.isdir, paths))
    reports: list[Report] = []
    for run in linked(
        paths, root, rules, options, progress, memory or Memory(lasts=False), proceed
    ):
        refuse_unknown_roles(rules, run.program.catalog)
        findings = run_checks(run.program, rules, proceed)
        reports.append(report_of(run, findings, rules, known, options, whole=whole))
    return joined(reports)


def report_of(
    run: Run,
    findings: tuple[Finding, ...],
    rules: Sequence[Rule],
    known: Sequence[Rule],
    options: Options,
    *,
    whole: bool,
) -> Report:
    """What is to be said of a run: without what comments and configuration take away."""
    judged = judge(
        findings,
        [(source, run.files[path].language) for path, source in run.sources.items()],
        {unit.path: unit.facts for unit in run.program.index.units},
        run=_meaning(rules),
        known=_meaning(known),
        whole=whole,
    )
    files = run.files  # of the run, what is asked for later holds as little as it needs
    fixer = Fixer(run.sources, lambda path: files[path].language if path in files else None)
    left = tuple(_not_ignored(judged.findings, run.files, rules, options.config))
    by_id = {rule.id: rule for rule in rules}
    return Report(
        findings=left,
        set_aside=judged.suppressed,
        notices=(*run.notices, *judged.notices),
        rules={rule.id: describe(rule) for rule in rules},
        sources=run.sources.get,
        files=sum(files[path].language != "build" for path in run.sources),
        services=len(run.program.entries.found),
        assumed=options.assume_service,
        category=options.category,
        fixes=fixer.fixes,
        refusals=fixer.refusals,
        inventory=inventory_of(run.program, left, by_id) if options.inventory else None,
    )


class Run(Struct, frozen=True):
    """A linked project, with the files that it was made of and what could not be read of them."""

    program: Program
    files: Mapping[str, SourceFile]
    sources: Mapping[str, SourceText]
    notices: tuple[Notice, ...]


def linked(
    paths: Sequence[str | Path],
    root: Path,
    rules: Sequence[Rule],
    options: Options,
    progress: Progress,
    memory: Memory,
    proceed: Proceed,
) -> Iterator[Run]:
    """Each project among the paths, one after the other, so that only one is held at a time."""
    config = options.config
    with open_cache(options.cache) as cache:
        extra = (*options.extra, *_company_functions(config))
        catalog = memory.catalog(
            extra, lambda: recall_catalog(cache, extra) if options.cache else load_catalog(extra)
        )
        found = memory.files(lambda: discover(paths, root=root, excluded=config.excluded))
        notices = found.notices
        for number, files in enumerate(_projects(found.files)):
            if number:
                gc.collect()  # a program is full of cycles
            with without_collector():
                texts, unread = _read_all(_counting(files, options), memory)
                proceed()
                roles = Roles(
                    config.covered(config.settings.services, files),
                    config.covered(config.settings.clients, files),
                )
                wanted = _gated(texts, catalog, rules, options, roles)
                facts = _facts(wanted, cache, options, progress, memory)
                proceed()
                program = Program(
                    facts,
                    catalog,
                    assume_service=options.assume_service,
                    roles=roles,
                    earlier=memory.units,
                )
                memory.keep_units(program.index.by_path)
                yield Run(
                    program=program,
                    files={file.path: file for file in files},
                    sources={source.path: source for source, _ in texts},
                    notices=(*notices, *unread, *_problems(facts)),
                )
            notices = ()
    memory.settle()


def _projects(files: Sequence[SourceFile]) -> list[list[SourceFile]]:
    """The files of each project; one without files if there are none at all."""
    found: dict[str, list[SourceFile]] = {}
    for file in files:
        found.setdefault(file.project, []).append(file)
    return list(found.values()) or [[]]


def with_own(options: Options) -> tuple[Options, tuple[Rule, ...]]:
    """The options with what users know of functions, and all rules, theirs too."""
    folders = (*options.own, *options.config.rule_folders)
    if not folders:
        return options, load_rules()
    own = read_own(folders)
    extra = (*options.extra, *own.extras)
    return replace(options, extra=extra), distinct((*load_rules(), *own.rules))


def refuse_unknown_roles(rules: Iterable[Rule], catalog: Catalog) -> None:
    for rule in rules:
        for role in rule.roles if not is_ours(rule) else ():
            if not catalog.with_role(role):
                from difflib import get_close_matches

                known = sorted({api.role for api in catalog.apis})
                near = get_close_matches(role, known, 1)
                hint = f"did you mean '{near[0]}'?" if near else "'sessionzero rules' lists roles"
                raise SessionZeroError(f"{page_name(rule)}: no function has role '{role}'; {hint}")


def _company_functions(config: Config) -> tuple[Extra, ...]:
    apis = config.settings.apis
    return (read_extra(config.file, apis),) if apis else ()


def _not_ignored(
    findings: Iterable[Finding],
    files: Mapping[str, SourceFile],
    rules: Sequence[Rule],
    config: Config,
) -> Iterator[Finding]:
    """The findings that no ``per-path-ignores`` takes away."""
    by_id = {rule.id: rule for rule in rules}
    ignores = [(config.globs([p]), words) for p, words in config.settings.per_path_ignores.items()]
    for finding in findings:
        rule, location = by_id[finding.rule], files[finding.place.path].location
        if not any(
            any(names(word, rule) for word in words) and globs.cover(location)
            for globs, words in ignores
        ):
            yield finding


def check_sources(
    files: Mapping[str, str],
    *,
    assume_service: bool = False,
    extra: tuple[Extra, ...] = (),
    own: Sequence[Rule] = (),
    also: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Analyse texts given by path: one program, no file system, no cache. ``also`` are the ids of
    the rules that are looked for though they are pedantic, or take stock."""
    languages = {path: language_of(path.rpartition("/")[2]) for path in files}
    facts = [
        (path, frontends.extract(text, language, path))
        for path, text in sorted(files.items())
        if (language := languages[path]) is not None
    ]
    program = Program(facts, load_catalog(extra), assume_service=assume_service)
    rules = (
        rule
        for rule in load_rules()
        if (rule.trust in TRUSTED and rule.check not in AUDITS) or rule.id in also
    )
    return run_checks(program, (*rules, *own))


def run_checks(
    program: Program, rules: Iterable[Rule], proceed: Proceed = always
) -> tuple[Finding, ...]:
    """The findings of the rules, sorted by place; at one place each rule says its worst once."""
    worst: dict[tuple[str, Place], Finding] = {}
    every = {**CHECKS, **AUDITS}
    for rule in rules:
        proceed()
        for finding in sorted(every[rule.check](program, rule), key=_order):
            key = (finding.rule, finding.place)
            first = worst.setdefault(key, finding)
            more = tuple(note for note in finding.related if note not in first.related)
            worst[key] = replace(first, related=(*first.related, *more))
    return tuple(sorted(worst.values(), key=_order))


def _order(finding: Finding) -> tuple[Place, str, int, str]:
    return (finding.place, finding.rule, -LEVELS.index(finding.level), finding.message)


def refuse_unknown_words(rules: Sequence[Rule], config: Config) -> None:
    for setting, word in config.rule_words():
        refuse_unknown_word(word, rules, f"{config.file}: '{setting}': ")


def _refuse_unknown_checks(rules: Iterable[Rule]) -> None:
    for rule in rules:
        if rule.check not in CHECKS:
            known = ", ".join(sorted(CHECKS))
            raise SessionZeroError(f"{page_name(rule)}: no check '{rule.check}'; there are {known}")


def _meaning(rules: Sequence[Rule]) -> Callable[[str], frozenset[str]]:
    """Which of the rules a word means."""
    return lambda word: frozenset(rule.id for rule in rules if names(word, rule))


def at_or_above(findings: Iterable[Finding], level: Level) -> bool:
    """Whether some finding is at least that bad."""
    return any(LEVELS.index(finding.level) >= LEVELS.index(level) for finding in findings)


# --- reading ---


def _counting(files: Sequence[SourceFile], options: Options) -> Sequence[SourceFile]:
    """The files that are part of the run."""
    if options.only is None:
        return files
    return [file for file in files if str(file.location) in options.only]


def _read_all(
    files: Sequence[SourceFile], memory: Memory
) -> tuple[list[tuple[SourceText, Language]], list[Notice]]:
    """The texts of the files, in order; of pieces of sources those that a source includes, of XML
    the settings by which programs are installed."""
    found: dict[str, SourceText | Notice] = {}
    pieces = [file for file in files if included.is_piece(file)]
    whole = [file for file in files if not included.is_piece(file)]
    fresh = whole or pieces  # nothing but pieces: the user has named them
    while fresh:
        found.update((file.path, memory.read(file)) for file in fresh)
        pieces = [file for file in pieces if file.path not in found]
        fresh = included.wanted(pieces, [found[file.path] for file in fresh])
    read = [
        (it, file.language)
        for file in files
        if (it := found.get(file.path)) is not None and is_of_concern(it, file.language)
    ]
    texts = [(it, language) for it, language in read if isinstance(it, SourceText)]
    return texts, [it for it, _ in read if isinstance(it, Notice)]


def _gated(
    texts: Sequence[tuple[SourceText, Language]],
    catalog: Catalog,
    rules: Sequence[Rule],
    options: Options,
    said: Roles,
) -> list[tuple[SourceText, Language]]:
    """The files that can matter for a finding."""
    if not options.gate:
        return list(texts)
    roles = {role for rule in rules for role in rule.roles}
    roles.update(INVENTORY_ROLES if options.inventory else ())
    gate = Gate(catalog, roles, assume_service=options.assume_service, services=said.services)
    return gate.wanted(texts)


def _problems(facts: Sequence[tuple[str, FileFacts]]) -> Iterator[Notice]:
    for path, file in facts:
        for problem in file.problems:
            yield Notice(problem.message, path, Place(path, problem.start, problem.end))


# --- facts ---


def _facts(
    texts: Sequence[tuple[SourceText, Language]],
    cache: Cache,
    options: Options,
    progress: Progress,
    memory: Memory,
) -> list[tuple[str, FileFacts]]:
    """The facts of each file, in order: known by content, else extracted."""
    dialects = [frontends.dialect(language, source.path) for source, language in texts]
    keys = [
        key(frontends.VERSION, dialect, source.data)
        for dialect, (source, _) in zip(dialects, texts, strict=True)
    ]
    known = {name: memory.facts[name] for name in keys if name in memory.facts}
    known.update(_decoded(cache.get_many([name for name in keys if name not in known])))
    missing = [number for number, name in enumerate(keys) if name not in known]
    fresh = extract_all(
        [texts[number] for number in missing],
        progress,
        jobs=options.jobs,
        beside_threads=options.beside_threads,
    )
    made = {keys[number]: facts for number, facts in zip(missing, fresh, strict=True)}
    lasting = {keys[i]: made[keys[i]] for i in missing if not memory.is_open(texts[i][0].path)}
    if lasting:
        encoder = msgspec.msgpack.Encoder()
        cache.put_many((name, encoder.encode(facts)) for name, facts in lasting.items())
    known.update(made)
    memory.keep_facts(known)
    return [(source.path, known[name]) for (source, _), name in zip(texts, keys, strict=True)]


def _decoded(entries: Mapping[bytes, bytes]) -> dict[bytes, FileFacts]:
    """The facts among the values: what a cache holds is never trusted."""
    found: dict[bytes, FileFacts] = {}
    for name, data in entries.items():
        with suppress(msgspec.MsgspecError):
            found[name] = decoded(data)
    return found
