"""The Python front-end: source text in, facts out, parsed by libcst."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst
from msgspec.structs import replace

from sessionzero.facts import FileFacts, Function, Language, Problem, Target
from sessionzero.frontends.python import refusals
from sessionzero.frontends.python.draft import Draft, Scope
from sessionzero.frontends.python.limits import too_deep
from sessionzero.frontends.python.positions import Positions
from sessionzero.frontends.python.python2 import Rewriting, rewritten
from sessionzero.frontends.python.statements import statements

_FRAMES = 10_000  # more than the deepest text that python_limits lets through needs

_PACKAGES = re.compile(r"\b(?:py2exe|cx_Freeze|setuptools|distutils|Analysis)\b")


def extract(text: str, language: Language = "python") -> FileFacts:
    """The facts of a Python source text, of Python 3 or 2.

    Never raises on bad source. A text that is no Python, or nests too deeply, gives the file
    itself (``functions[0]``) and one problem that names the line.
    """
    at = too_deep(text)
    if at >= 0:
        return _refused(text, language, refusals.too_deep(text, at))
    with _room_to_parse():
        found = _attempt(text, None)
        if found.python2 if isinstance(found, Draft) else found.kind == "syntax":
            rewriting = rewritten(text)
            found = _attempt(text, rewriting) if rewriting is not None else found
        if isinstance(found, Problem):
            return _refused(text, language, found)
        return _facts(found, text, language)


@contextmanager
def _room_to_parse() -> Iterator[None]:
    """Frames for a deep tree, and no garbage collector: it takes half of the time of a parse."""
    collects, frames = gc.isenabled(), sys.getrecursionlimit()
    gc.disable()
    sys.setrecursionlimit(max(frames, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(frames)
        if collects:
            gc.enable()


def _attempt(text: str, rewriting: Rewriting | None) -> Draft | Problem:
    """What a text says, read as it is or as it was rewritten; or why it can't be read."""
    source = rewriting.text if rewriting is not None else text
    try:
        return _gathered(source, rewriting)
    except cst.ParserSyntaxError as error:
        return refusals.unreadable(text, error.message, source)
    except cst.CSTValidationError as error:  # a letter newer than this Python
        return refusals.unreadable(text, str(error), source)
    except UnicodeEncodeError as error:  # half of a surrogate pair
        return refusals.unreadable(text, error.reason, source)
    except RecursionError:
        return refusals.too_deep(text, 0)


def _gathered(source: str, rewriting: Rewriting | None) -> Draft:
    module = cst.parse_module(source)
    draft = Draft(Positions(module, source, rewriting))
    draft.functions.append(_file(len(draft.positions.utf8)))
    statements(draft, module.body, Scope())
    return draft


def _facts(draft: Draft, text: str, language: Language) -> FileFacts:
    facts = FileFacts(
        language=language,
        functions=tuple(draft.functions),
        classes=tuple(sorted(draft.classes, key=lambda described: described.start)),
        calls=tuple(draft.calls),
        bindings=tuple(draft.bindings),
        declarations=tuple(draft.declarations),
        returns=tuple(draft.returns),
        macros=(),
        branches=tuple(draft.branches),
        imports=tuple(draft.imports),
        conditionals=(),
        problems=(),
    )
    return replace(facts, targets=_targets(facts)) if _PACKAGES.search(text) else facts


def _targets(facts: FileFacts) -> tuple[Target, ...]:
    from sessionzero.frontends.python.packaging import targets  # few files need it

    return targets(facts)


def _file(end: int) -> Function:
    return Function("", "", -1, "file", (), "", (), (), 0, 0, 0, end)


def _refused(text: str, language: Language, problem: Problem) -> FileFacts:
    """The facts of a text that was not understood."""
    file = _file(len(text.encode("utf-8", "surrogatepass")))
    return FileFacts(language, (file,), (), (), (), (), (), (), (), (), (), (problem,))
