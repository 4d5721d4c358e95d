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

# The same inside of rooms: their modules, or the smaller rooms in them, from the bottom up.
INSIDE = {
    "frontends": (("c", "scripts", "builds"), ("python",), ("soundness",)),
    "knowledge": (
        ("catalog",),
        ("rules", "compiled"),
        ("packs", "examples", "wants"),
        ("pages", "own_rules", "extras"),
    ),
    "sources": (
        ("text", "decoding", "gitignore", "git_index"),
        ("files", "globs"),
        ("discovery", "included", "settings_files"),
    ),
    "link": (("files",), ("names",), ("values",), ("security",), ("ways",)),
    "uses": (("sides", "windows"), ("objects", "launches"), ("secured",)),
    "cli": (
        ("output", "fixing", "reporting", "baselines", "proposals"),
        ("narrowing", "rules", "init", "map"),
        ("explain",),
        ("commands",),
    ),
}
# Of a room below, these see no more than this.
ONLY = {
    ("comments", "knowledge"): set[str](),
    ("comments", "sources"): set[str](),
    ("config", "knowledge"): set[str](),
    ("config", "sources"): {"files", "globs"},
    ("installation", "knowledge"): {"catalog"},
    ("installation", "sources"): set[str](),
    ("link", "knowledge"): {"catalog"},
    ("link", "sources"): {"gitignore"},
}

# What knows syntax must not know Windows, and what judges must see neither trees nor files.
FORBIDDEN = {
    "frontends": {"knowledge", "link", "program"},
    "link": {"frontends"},
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


def part(module: str) -> str:
    """A room and what is directly in it, as ``link.values``."""
    return ".".join(Path(module).with_suffix("").parts[:2])


def parts_imported(module: str) -> set[str]:
    """The rooms of our package that a module imports from, and what of them."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    froms = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    paths = [
        path.split(".")[1:]
        for node in froms
        for path in (node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names))
        if path.startswith("sessionzero.")
    ]
    found = {".".join(path[:length]) for path in paths for length in (1, 2)}
    return found & {*PARTS, *LEVEL}


PARTS = {part(module) for module in modules()}


def test_every_module_has_a_layer() -> None:
    assert {room(module) for module in modules()} == set(LEVEL)


@pytest.mark.parametrize("module", modules())
def test_imports_come_from_below(module: str) -> None:
    above = {name for name in imported(module) if LEVEL[name] > LEVEL[room(module)]}
    assert not above, f"{module} imports from above: {sorted(above)}"


def test_everything_in_a_room_has_a_layer() -> None:
    inside = {f"{room}.{name}" for room, layers in INSIDE.items() for name in sum(layers, ())}
    assert inside == {
        it for it in PARTS if it.partition(".")[0] in INSIDE and not it.endswith("__init__")
    }


@pytest.mark.parametrize("module", [it for it in modules() if room(it) in INSIDE])
def test_inside_of_a_room_imports_come_from_below(module: str) -> None:
    here = room(module)
    level = {f"{here}.{name}": i for i, names in enumerate(INSIDE[here]) for name in names}
    mine = part(module)
    if mine in level:
        others = (parts_imported(module) & level.keys()) - {mine}
        above = {name for name in others if level[name] >= level[mine]}
        assert not above, f"{module} imports from above: {sorted(above)}"


@pytest.mark.parametrize("module", modules())
def test_rooms_do_not_know_what_they_must_not(module: str) -> None:
    assert not parts_imported(module) & FORBIDDEN.get(room(module), set())


@pytest.mark.parametrize(("above", "below"), ONLY)
def test_rooms_see_only_what_they_need_of_those_below(above: str, below: str) -> None:
    seen = {name for it in modules() if room(it) == above for name in parts_imported(it)}
    names = {name.partition(".")[2] for name in seen if name.startswith(f"{below}.")}
    assert names <= ONLY[above, below]
    assert below not in seen or names


def test_the_file_system_is_touched_in_few_rooms() -> None:
    allowed = {
        *("cache", "config", "changes", "extraction", "memory"),
        *("engine", "invocation", "lsp", "repair", "stocktaking", "workspace"),
        *("knowledge.compiled", "knowledge.own_rules", "knowledge.packs"),
        *("sources.discovery", "sources.files", "sources.globs"),
        *(f"cli.{name}" for name in sum(INSIDE["cli"], ()) if name != "proposals"),
    }
    touching = {
        part(module) if room(module) in INSIDE else room(module)
        for module in modules()
        for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and {"os", "shutil", "Path"}
        & {getattr(node, "module", None), *(alias.name for alias in node.names)}
    }
    assert touching <= allowed
