"""Places in SARIF: percent-encoded URIs, regions in UTF-16 units, snippets and their context."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import quote

from sessionzero.findings import Place
from sessionzero.report import Sources, locate, well_formed
from sessionzero.reporters import sarif_model as model
from sessionzero.sources.text import Region, SourceText

BASE = "SRCROOT"
_AROUND = 2  # lines of context before and after
_LONGEST = 2_000  # characters of a snippet: a generated line can have millions


def physical(sources: Sources, place: Place, *, context: bool = False) -> model.PhysicalLocation:
    """A range of a file with its text, and with ``context`` the lines around it."""
    region = locate(sources, place, unit="utf16")
    source = sources(place.path)
    snippet = "" if source is None else source.snippet(place.start, place.end)
    return model.PhysicalLocation(
        artifact_location=artifact(place.path),
        region=region_of(sources, place, snippet=_snippet(snippet)),
        context_region=_context(source, region) if context and source is not None else None,
    )


def region_of(
    sources: Sources, place: Place, *, snippet: model.Snippet | None = None
) -> model.Region:
    """A range of a file, in lines and UTF-16 units."""
    region = locate(sources, place, unit="utf16")
    return model.Region(
        start_line=region.start_line,
        start_column=region.start_column,
        end_line=region.end_line,
        end_column=region.end_column,
        snippet=snippet,
    )


def whole_file(path: str) -> model.PhysicalLocation:
    """A file without a range."""
    return model.PhysicalLocation(artifact_location=artifact(path))


def artifact(path: str) -> model.ArtifactLocation:
    """The file of a path that is relative to the root of the run, or absolute where outside it."""
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        return model.ArtifactLocation(uri="file:///" + _quoted(path.lstrip("/"), safe="/:"))
    return model.ArtifactLocation(uri=_quoted(path, safe="/"), uri_base_id=BASE)


def _quoted(path: str, *, safe: str) -> str:
    # A file name that is not Unicode reaches us in surrogates; the handler gives its bytes back.
    return quote(path.encode("utf-8", sys.getfilesystemencodeerrors()), safe=safe)


def _snippet(text: str) -> model.Snippet | None:
    if not text or len(text) > _LONGEST:
        return None
    return model.Snippet(text=well_formed(text))


def _context(source: SourceText, region: Region) -> model.LineRegion | None:
    """The lines of ``region`` and a few around, which must be more than the region itself."""
    size = len(source.utf8.rstrip(b"\r\n"))
    length = max(region.end_line, source.locate(size, size).end_line)
    first, last = max(1, region.start_line - _AROUND), min(length, region.end_line + _AROUND)
    snippet = _snippet("\n".join(map(source.line, range(first, last + 1))))
    if snippet is None or (first, last) == (region.start_line, region.end_line):
        return None
    return model.LineRegion(start_line=first, end_line=last, snippet=snippet)
