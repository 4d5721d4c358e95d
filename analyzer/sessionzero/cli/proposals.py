"""What ``sessionzero init`` proposes to write: configuration, pre-commit entry, workflow.

Pure: from what was understood of a project, and which files it has, to texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from sessionzero import HOMEPAGE, __version__
from sessionzero.overview import Component, Overview
from sessionzero.report import locate
from sessionzero.reporters.terminal import visible

CONFIG = "sessionzero.toml"
HOOKS = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/sessionzero.yml"
# Where another build service is told what to do, and what our documentation has for it.
_OTHER_SERVICES = {
    ".gitlab-ci.yml": "gitlab.yml",
    "azure-pipelines.yml": "azure-pipelines.yml",
    "Jenkinsfile": "Jenkinsfile",
}
LOOKED_FOR = (CONFIG, HOOKS, WORKFLOW, ".github", *_OTHER_SERVICES)
"""The files and folders whose presence decides what is proposed."""

# Names that say "not ours". A folder called external or deps may be the project's own.
_VENDORED = re.compile(
    r"(?:.*/)?(?:third[_-]?party|3rd[_-]?party|vendor(?:ed)?)(?=/)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[\w ./+-]+")  # no path that a pattern would need an escape for
_SHOWN = 10  # programs in the head of the configuration


class Proposal(Struct, frozen=True):
    """A file to write with its text; or, where ``instead`` says why not, what to add by hand."""

    path: str
    content: str
    instead: str = ""


def proposals(overview: Overview, there: Mapping[str, str]) -> tuple[Proposal, ...]:
    """What to write in a project. ``there`` has those of ``LOOKED_FOR`` that exist, with their text
    (none for a folder)."""
    return (_config(overview, there), _hooks(there), _build(there))


# --- configuration ---


def _config(overview: Overview, there: Mapping[str, str]) -> Proposal:
    if overview.config:
        return Proposal(overview.config, "", "is the configuration already")
    if CONFIG in there:
        return Proposal(CONFIG, "", "is there already")
    return Proposal(CONFIG, "".join(f"{line}\n" for line in _config_lines(overview)))


def _config_lines(overview: Overview) -> Iterator[str]:
    programs = [it for it in overview.components if it.kind != "library"]
    if any(it.kind == "service" for it in programs):
        yield "# What sessionzero understands by itself:"
    else:
        yield "# sessionzero sees no service here. If something runs as one all the same, name it"
        yield "# under 'services' below. What it sees:"
    yield from (f"#   {_program(overview, it)}" for it in programs[:_SHOWN])
    if len(programs) > _SHOWN:
        yield f"#   and {len(programs) - _SHOWN} more"
    if not programs:
        yield "#   no program"
    yield "# 'sessionzero components' shows more. What is wrong there is put right here."
    yield ""
    excluded = unused_folders(overview)
    yield "# Left out, for no service uses it:" if excluded else "# What is left out:"
    patterns = ", ".join(json.dumps(f"/{folder}/", ensure_ascii=False) for folder in excluded)
    yield f"exclude = [{patterns}]" if excluded else '# exclude = ["third_party/"]'
    yield ""
    yield "# Service code that no entry shows: what NSSM starts, a library that only services use:"
    yield '# services = ["folder/**"]'
    yield ""
    yield "# What never runs in session 0:"
    yield '# clients = ["folder/**"]'
    yield ""
    yield "# The lowest level that fails a run: error, warning, note or never:"
    yield '# fail-on = "warning"'


def _program(overview: Overview, component: Component) -> str:
    places = (note.place for note in (*component.entries, *component.made_by))
    place = next(places, None)
    where = ""
    if place is not None:
        line = locate(overview.sources, place, unit="characters").start_line
        where = f"  {visible(place.path)}:{line}"
    return f"{component.kind:<9} {visible(component.name)}{where}"


def unused_folders(overview: Overview) -> tuple[str, ...]:
    """Folders of other people's code of which no service has a file: to leave them out costs no
    finding in a service."""
    used = _service_files(overview)
    every = {*overview.unassigned, *(path for it in overview.components for path in it.files)}
    folders = {found[0] for path in every if (found := _VENDORED.match(path))}
    return tuple(
        folder
        for folder in sorted(folders)
        if _PLAIN.fullmatch(folder) and not any(path.startswith(f"{folder}/") for path in used)
    )


def _service_files(overview: Overview) -> Collection[str]:
    """The files of all services and of the libraries that go into them."""
    libraries = {it.name: it for it in overview.components if it.kind == "library"}
    left = [it for it in overview.components if it.kind == "service"]
    seen: set[str] = set()
    files: set[str] = set()
    while left:
        component = left.pop()
        files.update(component.files)
        left += [
            libraries[name] for name in component.uses if name in libraries and name not in seen
        ]
        seen.update(component.uses)
    return files


# --- pre-commit and the build ---


def _hooks(there: Mapping[str, str]) -> Proposal:
    entry = f"  - repo: {HOMEPAGE}\n    rev: v{__version__}\n    hooks:\n      - id: sessionzero\n"
    if HOOKS not in there:
        return Proposal(HOOKS, f"repos:\n{entry}")
    if "id: sessionzero" in there[HOOKS]:
        return Proposal(HOOKS, "", "has the entry already")
    return Proposal(HOOKS, entry, "is there already; add to its 'repos'")


def _build(there: Mapping[str, str]) -> Proposal:
    if WORKFLOW in there:
        return Proposal(WORKFLOW, "", "is there already")
    other = next((name for name in _OTHER_SERVICES if name in there), "")
    if other and ".github" not in there:
        example = f"{HOMEPAGE}/blob/v{__version__}/examples/ci/{_OTHER_SERVICES[other]}\n"
        return Proposal(other, example, "is there already; for its jobs there is an example")
    return Proposal(WORKFLOW, workflow())


def workflow() -> str:
    """The workflow for GitHub code scanning."""
    repository = HOMEPAGE.removeprefix("https://github.com/")
    return f"""\
name: sessionzero
on: [push, pull_request]
permissions: {{}}
jobs:
  sessionzero:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      security-events: write # uploads the alerts
      actions: read # in a private repository the upload wants it too
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: {repository}@v{__version__}
"""
