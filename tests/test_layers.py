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
        *("__init__", "errors", "facts", "text", "sddl"),
        *("conditions", "predefined", "c_numbers"),
    ),
    ("findings", "access"),
    ("frontends", "catalog", "decoding", "git_index", "gitignore", "globs", "rules"),
    ("compiled",),
    ("packs", "examples", "sources", "comments", "link", "installation", "config"),
    ("pages", "wants", "own_rules", "discovery", "extras", "program", "inventory"),
    (
        "objects",
        "launches",
        "secured",
        "sides",
        "windows",
        "included",
        "settings_files",
        "report",
        "overview",
        "components",
        "cache",
        "gate",
        "mentions",
        "memory",
        "extraction",
    ),
    ("mending", "fixes"),
    ("survey",),
    ("checks", "fingerprints", "describe", "selection", "suppress", "baseline", "changes"),
    ("reporters", "engine"),
    ("invocation", "stocktaking", "workspace", "repair"),
    ("baselines",),
    ("narrowing",),
    ("lsp",),
    (
        "cli",
        "cli_explain",
        "cli_fixing",
        "cli_init",
        "cli_map",
        "cli_output",
        "cli_reporting",
        "cli_rules",
        "proposals",
    ),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# What knows syntax must not know Windows, and what judges must see neither trees nor files.
FORBIDDEN = {
    "frontends": {"catalog", "rules", "link", "program"},
    "link": {"rules", "frontends", "sources", "text"},
    "checks": {"frontends", "sources", "packs", "text"},
    "mending": {"frontends", "sources", "packs", "text"},
    "fixes": {"catalog", "rules", "link", "program"},
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


def test_every_module_has_a_layer() -> None:
    assert {room(module) for module in modules()} == set(LEVEL)


@pytest.mark.parametrize("module", modules())
def test_imports_come_from_below(module: str) -> None:
    above = {name for name in imported(module) if LEVEL[name] > LEVEL[room(module)]}
    assert not above, f"{module} imports from above: {sorted(above)}"


@pytest.mark.parametrize("module", modules())
def test_rooms_do_not_know_what_they_must_not(module: str) -> None:
    assert not imported(module) & FORBIDDEN.get(room(module), set())


def test_the_file_system_is_touched_in_few_rooms() -> None:
    allowed = {
        *(
            "sources",
            "compiled",
            "packs",
            "pages",
            "own_rules",
            "cache",
            "config",
            "discovery",
            "gitignore",
            "globs",
        ),
        *(
            "engine",
            "stocktaking",
            "cli",
            "cli_fixing",
            "cli_init",
            "cli_map",
            "cli_output",
            "invocation",
            "repair",
            "narrowing",
            "baselines",
            "changes",
            "cli_reporting",
            "cli_rules",
            "cli_explain",
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
