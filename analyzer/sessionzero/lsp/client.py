"""What the editor at the other end understands."""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol import types
from msgspec import Struct

from sessionzero.sources.text import Unit

_UNITS: Mapping[types.PositionEncodingKind, Unit] = {
    types.PositionEncodingKind.Utf8: "utf8",
    types.PositionEncodingKind.Utf16: "utf16",
    types.PositionEncodingKind.Utf32: "characters",
}


class Client(Struct, frozen=True):
    """The capabilities that matter, and in which ``unit`` columns count."""

    unit: Unit
    related: bool
    links: bool
    data: bool
    versions: bool
    progress: bool
    watching: bool
    documents: bool
    markdown: bool
    versioned_edits: bool


def client(said: types.ClientCapabilities, encoding: str) -> Client:
    """What an editor says of itself; ``encoding`` is the negotiated one of positions."""
    document, window, workspace = said.text_document, said.window, said.workspace
    publishing = document.publish_diagnostics if document else None
    hover = document.hover if document else None
    watched = workspace.did_change_watched_files if workspace else None
    edits = workspace.workspace_edit if workspace else None
    show = window.show_document if window else None
    return Client(
        unit=_UNITS[types.PositionEncodingKind(encoding)],
        related=bool(publishing and publishing.related_information),
        links=bool(publishing and publishing.code_description_support),
        data=bool(publishing and publishing.data_support),
        versions=bool(publishing and publishing.version_support),
        progress=bool(window and window.work_done_progress),
        watching=bool(watched and watched.dynamic_registration),
        documents=bool(show and show.support),
        versioned_edits=bool(edits and edits.document_changes),
        markdown=types.MarkupKind.Markdown in ((hover and hover.content_format) or ()),
    )
