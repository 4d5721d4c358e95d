"""Data flows one way: a module imports from its own layer and from those below, never from above."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sessionzero

PACKAGE = Path(sessionzero.__file__).parent

# From the bottom up. A name stands for the module or for the whole package of that name.
LAYERS = (
    (
        *("__init__", "errors", "facts", "sddl"),
        *("conditions", "predefined", "c_numbers"),
    ),
    ("findings", "access"),
    ("frontends", "knowledge"),
    ("sources",),
    ("comments", "link", "installation", "config"),
    ("program", "inventory"),
    (
        *("uses", "report", "overview", "components"),
        *("cache", "gate", "mentions", "memory", "extraction"),
    ),
    ("mending", "fixes"),
    ("survey",),
    ("checks", "fingerprints", "describe", "selection", "suppress", "baseline", "changes"),
    ("reporters", "engine"),
    ("invocation", "stocktaking", "workspace", "repair"),
    ("lsp",),
    ("cli",),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# The same inside of the large rooms; their other modules stand above all these.
INSIDE = {
    "frontends": (("c", "scripts", "builds"), ("python",)),
    "link": (("files",), ("names",), ("values",), ("security",), ("ways",)),
}

# What knows syntax must not know Windows, and what judges must see neither trees nor files.
FORBIDDEN = {
    "frontends": {"knowledge", "link", "program"},
    "link": {"knowledge.rules", "knowledge.packs", "frontends", "sources.files", "sources.text"},
    "checks": {"frontends", "sources", "knowledge.packs"},
    "mending": {"frontends", "sources", "knowledge.packs"},
    "fixes": {"knowledge", "link", "program"},
    "reporters": {"program", "link", "frontends", "engine"},
}


def modules() -> list[str]:
    return sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    return Path(module).parts[0].removesuffix(".py")


def imported(module: str) -> set[str]:
    """The rooms of our package that a module imports from, wherever the statement stands."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sessionzero"):
            inner = (node.module or "").split(".")[1:]
            names.update(inner[:1] or (alias.name for alias in node.names))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                names.update(alias.name.split(".")[1:2] if "sessionzero" in alias.name else ())
    return {name for name in names if name in LEVEL or (PACKAGE / f"{name}.py").exists()}


def modules_imported(module: str) -> set[str]:
    """The modules of our package that a module imports from, and the rooms that they are in."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    froms = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    paths = [
        path.split(".")[1:]
        for node in froms
        for path in (node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names))
        if path.startswith("sessionzero.")
    ]
    return {".".join(path[:length]) for path in paths for length in (1, 2)}


def inner_rooms(module: str) -> set[str]:
    """The rooms inside its own room that a module imports from."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    paths = [name.split(".") for name in names]
    return {path[2] for path in paths if path[1:2] == [room(module)] and len(path) > 2}


def test_every_module_has_a_layer() -> None:
    assert {room(module) for module in modules()} == set(LEVEL)


@pytest.mark.parametrize("module", modules())
def test_imports_come_from_below(module: str) -> None:
    above = {name for name in imported(module) if LEVEL[name] > LEVEL[room(module)]}
    assert not above, f"{module} imports from above: {sorted(above)}"


@pytest.mark.parametrize("module", [it for it in modules() if room(it) in INSIDE])
def test_inside_of_a_room_imports_come_from_below(module: str) -> None:
    layers = INSIDE[room(module)]
    level = {name: i for i, names in enumerate(layers) for name in names}
    parts = Path(module).parts
    assert len(parts) == 2 or parts[1] in level
    if len(parts) > 2:
        others = inner_rooms(module) - {parts[1]}
        assert all(level.get(name, len(layers)) < level[parts[1]] for name in others), others


@pytest.mark.parametrize("module", modules())
def test_rooms_do_not_know_what_they_must_not(module: str) -> None:
    assert not modules_imported(module) & FORBIDDEN.get(room(module), set())


def test_the_file_system_is_touched_in_few_rooms() -> None:
    allowed = {
        *(
            "sources",
            "knowledge",
            "cache",
            "config",
        ),
        *(
            "engine",
            "stocktaking",
            "cli",
            "invocation",
            "repair",
            "changes",
            "memory",
            "workspace",
            "lsp",
            "extraction",
        ),
    }
    touching = {
        room(module)
        for module in modules()
        for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and {"os", "shutil", "Path"}
        & {getattr(node, "module", None), *(alias.name for alias in node.names)}
    }
    assert touching <= allowed
