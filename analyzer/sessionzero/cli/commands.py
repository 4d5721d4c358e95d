"""The command line: options in, a report out, and the exit code.

0: clean, or nothing at or above ``--fail-on``; 1: findings; 2: wrong use; 3: our own fault;
130: interrupted, as by Ctrl-C. A reader that closes the pipe early changes none of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, get_args

import click

from sessionzero import __version__
from sessionzero.cli.baselines import baseline
from sessionzero.cli.explain import explain
from sessionzero.cli.fixing import Fixing, fixing
from sessionzero.cli.init import init
from sessionzero.cli.map import audit, session_map
from sessionzero.cli.narrowing import Narrowing, narrowing
from sessionzero.cli.output import print_text, terminal, write_text
from sessionzero.cli.reporting import FORMATS, reporting
from sessionzero.cli.rules import list_rules, test_rules
from sessionzero.errors import SessionZeroError
from sessionzero.findings import LEVELS
from sessionzero.invocation import Progress, config_of, configuration, own_rules, places
from sessionzero.lsp.command import lsp

if TYPE_CHECKING:
    from sessionzero.knowledge.rules import Trust
    from sessionzero.memory import Memory
    from sessionzero.report import Report

_CLEAN, _FOUND, _MISUSED, _OURS = 0, 1, 2, 3
_INTERRUPTED = 130  # what a shell gives for a process that SIGINT ended
_STANDARD_OUTPUT = "-"


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    traceback = "--traceback" in given
    given = [word for word in given if word != "--traceback"]
    try:
        code = main.main(args=given, prog_name="sessionzero", standalone_mode=False) or _CLEAN
    except click.Abort:
        code = _INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = _MISUSED
    except SessionZeroError as error:
        click.echo(f"sessionzero: {error}", err=True)
        code = _MISUSED
    except Exception as error:
        _apologise(error, traceback=traceback)
        code = _OURS
    sys.exit(code)


def run_alone() -> NoReturn:
    """:func:`run` in a process that does nothing else: it ends without giving back its memory
    piece by piece. The system does that at once, Python would take a twentieth of the run."""
    try:
        run()
    except SystemExit as end:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(int(end.code or _CLEAN))


def _apologise(error: Exception, *, traceback: bool) -> None:
    if traceback:
        from traceback import print_exception

        print_exception(error)
    click.echo(
        f"sessionzero: internal error: {type(error).__name__}: {error}\n"
        "This is a fault of sessionzero, not of your code. Please report it with the output "
        "of the same command and --traceback.",
        err=True,
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sessionzero", message="%(prog)s %(version)s")
def main() -> None:
    """Find Windows Session 0 Isolation defects in the source code of services.

    \b
    sessionzero check              the tree below the current directory
    sessionzero init               a configuration, an entry for pre-commit, a workflow
    sessionzero explain SZUI001    what a finding means, and how to mend it
    sessionzero map                what crosses the wall between the sessions, as a picture
    sessionzero audit              services, shared names, and who may open them
    sessionzero components         which programs were understood to be services, and why
    sessionzero baseline create    accept what is found today, to see only what is new
    sessionzero rules              everything that is looked for
    sessionzero test-rules DIR     whether the examples of your own rules come out as they say
    sessionzero lsp                the same findings in an editor
    """


main.add_command(audit)
main.add_command(baseline)
main.add_command(explain)
main.add_command(init)
main.add_command(list_rules)
main.add_command(lsp)
main.add_command(session_map)
main.add_command(test_rules)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How to report.",
)
@reporting
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=_STANDARD_OUTPUT,
    help="Write the report to a file.",
)
@click.option(
    "--assume-service/--no-assume-service",
    default=None,
    help="Take all code for service code, except what a program that users start reaches. For "
    "libraries, and for programs that NSSM or the like runs as a service.",
)
@click.option(
    "--fail-on",
    type=click.Choice((*reversed(LEVELS), "never")),
    default=None,
    help="The lowest level that makes the exit code 1; by default warning.",
)
@click.option("--select", multiple=True, metavar="RULE", help="Only these rules (id, name, group).")
@click.option("--ignore", multiple=True, metavar="RULE", help="All but these rules.")
@click.option("--strict", is_flag=True, help="Only rules that assume nothing: the definite ones.")
@click.option("--all", "everything", is_flag=True, help="The pedantic rules, too.")
@click.option(
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Processes; 0, the default: one per core.",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache of parsed files.")
@configuration
@own_rules
@narrowing
@fixing
@click.option(
    "--color/--no-color", "colour", default=None, help="Colours; by default on a terminal only."
)
@click.option("--traceback", is_flag=True, help="Show the Python traceback of an internal error.")
def check(
    paths: tuple[str, ...],
    form: str,
    also: tuple[tuple[str, Path], ...],
    category: str,
    output: Path,
    assume_service: bool | None,
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    everything: bool,
    jobs: int,
    no_cache: bool,
    config: Path | None,
    isolated: bool,
    own: tuple[Path, ...],
    narrowed: Narrowing,
    fixes: Fixing,
    colour: bool | None,
    traceback: bool,
) -> None:
    """Analyse PATHS (default: the current directory) and report what breaks in session 0.

    \b
    sessionzero check
    sessionzero check src --format sarif --output sessionzero.sarif
    sessionzero check --select SZNAME --fail-on error
    sessionzero check --diff main
    sessionzero check --fix
    sessionzero check --patch | git apply
    sessionzero check --also sarif=sessionzero.sarif --also markdown=summary.md
    """
    del traceback  # taken off the arguments by run()
    from sessionzero.engine import Options, at_or_above, check_paths
    from sessionzero.reporters import DRAWING, REPORTERS

    root, named = places(paths)
    known = config_of(config, named, root, isolated=isolated)
    said = known.settings
    options = Options(
        assume_service=said.assume_service if assume_service is None else assume_service,
        select=_split(select) or said.select,
        ignore=_split(ignore) or said.ignore,
        trust=_trust(strict=strict, everything=everything),
        cache=not no_cache,
        jobs=jobs,
        own=own,
        config=known,
        only=narrowed.only,
        category=category,
        inventory=not DRAWING.isdisjoint((form, *(other for other, _ in also))),
    )
    to_file = str(output) != _STANDARD_OUTPUT
    with Progress() as progress:

        def run(memory: Memory | None) -> Report:
            found = check_paths(
                named, root=root, options=options, progress=progress.show, memory=memory
            )
            return narrowed.apply(found, root)

        report = fixes.run(run, root, named)
    for other, file in also:
        write_text(REPORTERS[other](report, terminal(colour, to_file=True)), file)
    text = REPORTERS[form](report, terminal(colour, to_file=to_file))
    if to_file:
        write_text(text, output)
    elif not fixes.patch:
        print_text(text)
    lowest = fail_on or said.fail_on
    if any(at_or_above(report.findings, level) for level in LEVELS if level == lowest):
        raise click.exceptions.Exit(_FOUND)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="How to report.",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache of parsed files.")
@configuration
def components(
    paths: tuple[str, ...], form: str, no_cache: bool, config: Path | None, isolated: bool
) -> None:
    """Print which programs and libraries PATHS (default: the current directory) were understood to
    make, which of them are services, and why.

    \b
    sessionzero components
    sessionzero components --format json
    """
    from sessionzero.engine import Options
    from sessionzero.reporters import OVERVIEW_REPORTERS
    from sessionzero.stocktaking import understand_paths

    root, named = places(paths)
    known = config_of(config, named, root, isolated=isolated)
    options = Options(cache=not no_cache, config=known)
    with Progress() as progress:
        overview = understand_paths(named, root=root, options=options, progress=progress.show)
    print_text(OVERVIEW_REPORTERS[form](overview, terminal(None, to_file=False)))


def _trust(*, strict: bool, everything: bool) -> frozenset[Trust]:
    from sessionzero.knowledge.rules import Trust
    from sessionzero.selection import TRUSTED

    if strict and everything:
        raise SessionZeroError("--strict and --all contradict each other; leave one away")
    if strict:
        return frozenset(("definite",))
    return frozenset(get_args(Trust)) if everything else TRUSTED


def _split(words: tuple[str, ...]) -> tuple[str, ...]:
    """``--select A,B`` is ``--select A --select B``."""
    return tuple(part.strip() for word in words for part in word.split(",") if part.strip())
