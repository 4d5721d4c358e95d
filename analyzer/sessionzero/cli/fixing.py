"""The options of ``check`` that mend what is found: in the files, or as a patch."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from sessionzero.errors import SessionZeroError

if TYPE_CHECKING:
    from sessionzero.memory import Memory
    from sessionzero.repair import Repair
    from sessionzero.report import Report


class Fixing(Struct, frozen=True):
    """Whether to mend the files, or to print a patch that does; also with fixes that aren't
    ``unsafe``."""

    fix: bool
    patch: bool
    unsafe: bool

    def run(
        self,
        check: Callable[[Memory | None], Report],
        root: Path,
        paths: Sequence[str | Path],
    ) -> Report:
        """The report of what is left: nothing is mended unless it is wanted."""
        if not self.fix and not self.patch:
            return check(None)
        from sessionzero.repair import repaired, write

        repair = repaired(check, root=root, paths=paths, unsafe=self.unsafe)
        if self.fix:
            write(repair, root)
        else:
            _print_patch(repair)
        _summarise(repair, done=self.fix)
        return repair.report


def fixing(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options to a command, which gets them as one ``fixes``."""

    @functools.wraps(command)
    def with_fixing(*, fix: bool, patch: bool, unsafe_fixes: bool, **rest: Any) -> None:
        if fix and patch:
            raise SessionZeroError("--fix changes files and --patch doesn't; give one")
        if unsafe_fixes and not fix and not patch:
            raise SessionZeroError("--unsafe-fixes goes with --fix or --patch; give one of them")
        command(fixes=Fixing(fix, patch, unsafe_fixes), **rest)

    for option in reversed(_OPTIONS):
        with_fixing = option(with_fixing)
    return with_fixing


_OPTIONS = (
    click.option("--fix", is_flag=True, help="Mend what can be mended safely, report the rest."),
    click.option(
        "--patch", is_flag=True, help="Print what --fix would change, for 'git apply'; no report."
    ),
    click.option(
        "--unsafe-fixes",
        is_flag=True,
        help="With --fix or --patch: also what a person must look at, as a name of which the other "
        "end isn't there.",
    ),
)


def _summarise(repair: Repair, *, done: bool) -> None:
    for reason in repair.refusals:
        click.echo(f"sessionzero: not mended: {reason}", err=True)
    many, files = repair.mended, len(repair.files)
    what = "finding" if many == 1 else "findings"
    where = "file" if files == 1 else "files"
    verb = "mended" if done else "would be mended"
    click.echo(f"{many} {what} {verb} in {files} {where}.", err=True)


def _print_patch(repair: Repair) -> None:
    from sessionzero.fixes.patches import difference

    for path, (before, after) in repair.files.items():
        sys.stdout.buffer.write(difference(path, before, after))
    sys.stdout.flush()
