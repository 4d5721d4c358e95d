"""The fixes of a finding: each change as an edit of the text, looked at before it is offered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from sessionzero.comments import without_comments
from sessionzero.facts import SCRIPTS, Language
from sessionzero.findings import Change, Edit, Finding, Fix, Holder, Mend, Place
from sessionzero.fixes.rewriting import encoded, with_edits
from sessionzero.frontends.c.mask import shape_of
from sessionzero.frontends.soundness import faults
from sessionzero.sources.text import SourceText

_FAMILIES: Mapping[Language, str] = {"c": "c", "c++": "c", "python": "python"}


class Fixer:
    """Makes the fixes for the findings of one run, each when it is asked for, and once."""

    def __init__(
        self, sources: Mapping[str, SourceText], language_of: Callable[[str], Language | None]
    ) -> None:
        self._sources = sources
        self._language_of = language_of
        self._made: dict[Mend, Fix | Refused] = {}
        self._words: dict[tuple[str, str], tuple[Place, ...]] = {}

    def fixes(self, finding: Finding) -> tuple[Fix, ...]:
        """The fixes that can be made, the best first."""
        return tuple(it for it in map(self._fix, finding.mends) if isinstance(it, Fix))

    def refusals(self, finding: Finding) -> tuple[str, ...]:
        """Why other fixes can't be made."""
        return tuple(it.reason for it in map(self._fix, finding.mends) if isinstance(it, Refused))

    def _fix(self, mend: Mend) -> Fix | Refused:
        if mend not in self._made:
            self._made[mend] = self._make(mend)
        return self._made[mend]

    def _make(self, mend: Mend) -> Fix | Refused:
        by_path: dict[str, list[Change]] = defaultdict(list)
        for change in mend.changes:
            by_path[change.place.path].append(change)
        edits: list[Edit] = []
        for path, changes in sorted(by_path.items()):
            made = self._edits(path, tuple(dict.fromkeys(changes)))
            if isinstance(made, Refused):
                return made
            edits += made
        shared = [holder.name for holder in mend.holders if not self._is_alone(holder)]
        title = f"{mend.title}; look at the other uses of `{shared[0]}`" if shared else mend.title
        return Fix(title, tuple(sorted(edits)), mend.safe and not shared)

    def _edits(self, path: str, changes: tuple[Change, ...]) -> tuple[Edit, ...] | Refused:
        source, language = self._sources.get(path), self._language_of(path)
        if source is None or language is None or language == "build":
            return Refused(f"{path}: it isn't a source file of ours")
        edits = _editor(language)(source, changes)
        if edits is None:
            return Refused(f"{path}: the code isn't written in a way that can be changed safely")
        text = with_edits(source, edits)
        if text is None or encoded(source, edits) is None:
            return Refused(f"{path}: the changes can't be written in its encoding")
        before = source.once("faults", lambda old: faults(old, language))
        if faults(text, language) > before:
            return Refused(f"{path}: it would no longer parse")
        return edits

    # --- what else has the value ---

    def _is_alone(self, holder: Holder) -> bool:
        """Whether a name stands nowhere but where it is known what it is for."""
        language = self._language_of(holder.definition.path)
        family = _FAMILIES.get(language or "build", "")
        if any(self._has_fixed_size(holder.name, place) for place in holder.places):
            return False
        return all(
            any(_within(word, place) for place in holder.places)
            for word in self._mentions(holder.name, family)
            if holder.scope is None or _within(word, holder.scope)
        )

    def _has_fixed_size(self, name: str, place: Place) -> bool:
        """``WCHAR name[16] = L"…"``: a longer name may not have room."""
        source = self._sources.get(place.path)
        written = b"" if source is None else source.utf8[place.start : place.end]
        return bool(re.search(rb"(?<!\w)%s\s*\[\s*[^\]\s]" % re.escape(name.encode()), written))

    def _mentions(self, name: str, family: str) -> tuple[Place, ...]:
        """Where a word stands in the code of all files, also of those that weren't parsed."""
        key = (name, family)
        if key not in self._words:
            self._words[key] = tuple(self._find(name, family))
        return self._words[key]

    def _find(self, name: str, family: str) -> Iterator[Place]:
        # It begins with its letters, for which a text is searched many times faster.
        word = re.compile(rb"%s(?!\w)" % re.escape(name.encode()))
        for path, source in self._sources.items():
            language = self._language_of(path)
            if language is None or _FAMILIES.get(language, family) != family:
                continue
            if name not in source.text or not word.search(source.utf8):
                continue
            code = _code(source, language)
            for match in word.finditer(code):
                before = code[max(0, match.start() - _NEAR) : match.start()]
                if not _NO_MENTION.search(before):
                    yield Place(path, *match.span())


_NEAR = 100  # bytes in which what stands before a word is looked for
# The rest of a longer word stands before it, or it is asked for its size, which isn't the value.
_NO_MENTION = re.compile(rb"\w\Z|(?<!\w)sizeof\s*\(?\s*\Z")


class Refused(Struct, frozen=True):
    """Why a mend can't be made into edits."""

    reason: str


def _editor(
    language: Language,
) -> Callable[[SourceText, tuple[Change, ...]], tuple[Edit, ...] | None]:
    if language in SCRIPTS:
        from sessionzero.fixes import words

        return words.edits
    if language == "python":
        from sessionzero.fixes import python

        return python.edits
    from sessionzero.fixes import c

    return c.edits


def _code(source: SourceText, language: Language) -> bytes:
    """The text without comments, in C also without what literals contain."""
    if language in ("c", "c++"):
        return source.once("shape", shape_of)
    return without_comments(source.utf8, language)


def _within(inner: Place, outer: Place) -> bool:
    same = inner.path == outer.path
    return same and outer.start <= inner.start and inner.end <= outer.end


def overlapping(edits: Iterable[Edit], others: Iterable[Edit]) -> bool:
    """Whether two sets of edits touch the same text."""
    kept = list(others)
    return any(
        mine.place.path == its.place.path
        and mine.place.start <= its.place.end
        and its.place.start <= mine.place.end
        for mine in edits
        for its in kept
    )


def chosen(fixes: Iterable[tuple[Finding, tuple[Fix, ...]]], *, unsafe: bool) -> Mapping[Fix, int]:
    """The fixes that can be made in one go, with how many findings each mends: of those that
    overlap the first one counts, and equal ones are one."""
    taken: dict[Fix, int] = {}
    for _, offered in fixes:
        fix = next((it for it in offered if it.safe or unsafe), None)
        if fix is None:
            continue
        if fix in taken:
            taken[fix] += 1
        elif not overlapping(fix.edits, (edit for other in taken for edit in other.edits)):
            taken[fix] = 1
    return taken


def by_path(fixes: Iterable[Fix]) -> Mapping[str, tuple[Edit, ...]]:
    """All edits of some fixes, sorted, by the file."""
    found: dict[str, list[Edit]] = defaultdict(list)
    for fix in fixes:
        for edit in fix.edits:
            found[edit.place.path].append(edit)
    return {path: tuple(sorted(edits)) for path, edits in found.items()}
