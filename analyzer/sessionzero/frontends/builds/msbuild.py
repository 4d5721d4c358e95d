"""Visual Studio projects as targets: ``.vcxproj`` (MSBuild) and ``.vcproj`` (2002 to 2008).

Reference: the schema of MSBuild's C++ targets, and of VCProject (Microsoft, "Project files").
Configurations that differ: what all of them define is defined, and any source or folder counts.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from sessionzero.facts import FileFacts, Subsystem, TargetKind
from sessionzero.frontends.builds.draft import (
    ABOVE,
    EXPANSION,
    MAX_CHARACTERS,
    MAX_DEPTH,
    UNKNOWN,
    Draft,
    Refused,
    facts,
)

_KINDS: dict[str, TargetKind] = {
    "application": "program",
    "dynamiclibrary": "shared",
    "staticlibrary": "static",
    "1": "program",
    "2": "shared",
    "4": "static",
}
_SUBSYSTEMS: dict[str, Subsystem] = {
    "windows": "windows",
    "console": "console",
    "1": "console",
    "2": "windows",
}
_UNICODE = frozenset(("unicode", "1"))
_ITEMS = frozenset(("ClCompile", "ClInclude", "ResourceCompile"))
_HERE = frozenset(("projectdir", "msbuildthisfiledirectory", "msbuildprojectdirectory", "inputdir"))
_ABOVE = frozenset(("solutiondir",))
_OWN_NAME = frozenset(("projectname", "msbuildprojectname", "inputname"))
_MACRO = re.compile(r"\$\(([\w.-]*)\)")
_INHERITED = re.compile(r"%\(\w+\)")
_DEBUG = re.compile(r"debug|dbg", re.IGNORECASE)
_DEFINITIONS = "ClCompile.PreprocessorDefinitions"
_COMPARED = re.compile(r"'([^']*)'\s*==\s*'([^']*)'")
_OPTION = re.compile(r"[-/]D\s*([A-Za-z_]\w*)")
_OF_VISUAL_STUDIO = ("$(VCTargetsPath", "$(UserRootDir)")  # what it imports into each project


@dataclass(slots=True)
class _Item:
    """A file of the project, and the configurations that leave it out."""

    kind: str
    path: str
    excluded: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Project:
    """What a project says: values by name of the property (``Link.SubSystem``), each with the
    configuration that it is for, which is empty for all. ``of_files``: macros of single files;
    ``more``: other files, which aren't seen, belong to the project."""

    name: str
    values: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    items: list[_Item] = field(default_factory=list)
    configurations: set[str] = field(default_factory=set)
    of_files: list[str] = field(default_factory=list)
    more: bool = False
    budget: int = MAX_CHARACTERS


@dataclass(slots=True)
class _Element:
    """An element that is open, and the configuration that it is for."""

    tag: str
    attributes: dict[str, str]
    configuration: str
    text: list[str] = field(default_factory=list)
    item: _Item | None = None


class _Reader:
    """Handles the events of expat; needs no recursion, so a file may nest as it likes."""

    def __init__(self, name: str) -> None:
        self.project = _Project(name)
        self._open: list[_Element] = []
        self._old = False  # .vcproj: attributes of elements named Tool, Configuration, File

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._old = tag == "VisualStudioProject"
        configuration = attributes.get("Condition", self._configuration())
        if self._old and tag in ("Configuration", "FileConfiguration"):
            configuration = attributes.get("Name", "")
        item = self._open[-1].item if self._open else None
        self._open.append(_Element(tag, attributes, configuration, item=item))
        if tag == "Import" and not attributes.get("Project", "").startswith(_OF_VISUAL_STUDIO):
            self.project.more = True
        if self._old:
            self._start_old(tag, attributes)
        elif self._parent() == "ItemGroup" and "Include" in attributes:
            self._start_item(tag, attributes["Include"])

    def _start_item(self, tag: str, include: str) -> None:
        if tag == "ProjectConfiguration":
            self.project.configurations.add(include)
        elif tag in _ITEMS or tag == "ProjectReference":
            item = _Item(tag, include)
            self._open[-1].item = item
            self.project.items.append(item)

    def _start_old(self, tag: str, attributes: dict[str, str]) -> None:
        here, values = self._open[-1], self.project.values
        if tag == "VisualStudioProject":
            self.project.name = attributes.get("Name") or self.project.name
        elif tag == "Configuration":
            self.project.configurations.add(here.configuration)
        elif tag == "File" and "RelativePath" in attributes:
            here.item = _Item("ClCompile", attributes["RelativePath"])
            self.project.items.append(here.item)
        elif tag == "FileConfiguration" and here.item is not None:
            if attributes.get("ExcludedFromBuild", "").lower() == "true":
                here.item.excluded.add(here.configuration)
        elif tag == "ProjectReference" and "RelativePathToProject" in attributes:
            self.project.items.append(_Item(tag, attributes["RelativePathToProject"]))
        tool = {"VCCLCompilerTool": "ClCompile.", "VCLinkerTool": "Link."}
        prefix = tool.get(attributes.get("Name", "")) if tag == "Tool" else None
        if prefix is None and tag == "Configuration":
            prefix = ""
        # The settings of a single file (Tool in FileConfiguration) are not those of the project.
        if prefix is not None and here.item is None:
            for key, value in attributes.items():
                values[prefix + key].append((here.configuration, value))
        elif prefix and "PreprocessorDefinitions" in attributes:
            self.project.of_files.append(f"{attributes['PreprocessorDefinitions']};%()")

    def characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text.append(text)

    def end(self, _tag: str) -> None:
        element = self._open.pop()
        value = "".join(element.text).strip()
        if self._old or not value:
            return
        if element.item is not None:
            if element.tag == "ExcludedFromBuild" and value.lower() == "true":
                element.item.excluded.add(element.configuration)
            elif element.tag == "PreprocessorDefinitions":
                self.project.of_files.append(value)
        elif self._tag(-1) == "PropertyGroup":
            self.project.values[element.tag].append((element.configuration, value))
        elif self._tag(-2) == "ItemDefinitionGroup":
            name = f"{self._tag(-1)}.{element.tag}"
            self.project.values[name].append((element.configuration, value))

    def _configuration(self) -> str:
        return self._open[-1].configuration if self._open else ""

    def _parent(self) -> str:
        return self._tag(-2)

    def _tag(self, at: int) -> str:
        return self._open[at].tag if len(self._open) >= -at else ""


def read(text: str, name: str) -> FileFacts:
    """The one target of a project file. Raises Refused if it isn't XML."""
    reader = _Reader(name.rpartition(".")[0])
    _parse(text, reader)
    draft = _draft(reader.project, len(text))
    return facts(text, [draft] if draft is not None else [])


def _parse(text: str, reader: _Reader) -> None:
    # The text is decoded already, whatever its declaration says.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(text.lstrip().encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        lines = text.split("\n")[: max(error.lineno - 1, 0)]
        at = min(sum(len(line) + 1 for line in lines), len(text))
        raise Refused(f"not well-formed XML ({expat.ErrorString(error.code)})", at) from error


def _refuse_doctype(*_: object) -> None:
    # No project has one, and entities can make a small file a giant.
    raise Refused("a document type declaration does not belong in a project", 0)


def _draft(project: _Project, size: int) -> Draft | None:
    kinds = [_KINDS.get(v.lower()) for v in _values(project, "ConfigurationType")]
    known = Counter(kind for kind in kinds if kind is not None)
    if not known:
        return None  # a makefile project, a utility, or no C++ at all
    draft = Draft(_product(project), known.most_common(1)[0][0], (0, size))
    draft.subsystem = _subsystem(project)
    for item in project.items:
        if _is_excluded(item, project):
            continue
        paths = _expanded(item.path, project).split(";")
        if item.kind == "ProjectReference":
            draft.add_uses(paths)
        else:
            draft.add_sources(paths)
    draft.add_uses(_libraries(project))
    _add_defines(draft, project)
    for value in _values(project, "ClCompile.AdditionalIncludeDirectories"):
        draft.add_includes(re.split("[;,]", _expanded(value, project)))
    return draft


def _values(project: _Project, name: str) -> list[str]:
    return [value for _, value in project.values.get(name, ())]


def _subsystem(project: _Project) -> Subsystem:
    found: set[Subsystem] = {
        _SUBSYSTEMS.get(value.lower(), "") for value in _values(project, "Link.SubSystem")
    }
    return found.pop() if len(found) == 1 else ""


def _product(project: _Project) -> str:
    """The name of the product: of a release if the configurations differ."""
    for name in ("TargetName", "Link.OutputFile", "OutputFile", "ProjectName"):
        values = sorted(project.values.get(name, ()), key=lambda at: bool(_DEBUG.search(at[0])))
        for _, value in values:
            file = _expanded(value, project).replace("\\", "/").rpartition("/")[2]
            stem = file if name in ("TargetName", "ProjectName") else file.rpartition(".")[0]
            if stem and UNKNOWN not in stem and ABOVE not in stem:
                return stem
    return project.name


def _is_excluded(item: _Item, project: _Project) -> bool:
    return "" in item.excluded or 0 < len(project.configurations) <= len(item.excluded)


def _libraries(project: _Project) -> Iterator[str]:
    for value in _values(project, "Link.AdditionalDependencies"):
        for word in re.split(r"[;\s]+", _expanded(value, project).replace("\\", "/")):
            name = word.strip('"').rpartition("/")[2]
            if name.lower().endswith(".lib"):
                yield name[:-4]


def _add_defines(draft: Draft, project: _Project) -> None:
    """The macros that every configuration has, with those that its character set implies; what
    only some have, or single files, perhaps."""
    sets = {name: dict[str, None]() for name in sorted(project.configurations) or [""]}
    words: dict[str, None] = {}
    for condition, value in project.values.get(_DEFINITIONS, ()):
        found = dict.fromkeys(_split(_expanded(value, project)))
        words |= found
        for name in (name for name in sets if _is_for(condition, name)):
            sets[name] = {**(sets[name] if "%(" in value else {}), **found}
    for condition, value in project.values.get("CharacterSet", ()):
        for name in (name for name in sets if _is_for(condition, name)):
            if value.lower() in _UNICODE:
                sets[name] |= {"UNICODE": None, "_UNICODE": None}
    draft.complete = not project.more and not _values(project, "InheritedPropertySheets")
    draft.add_defines(w for w in next(iter(sets.values())) if all(w in s for s in sets.values()))
    draft.add_defines((w for w in words if w not in draft.defines), perhaps=True)
    for value in project.of_files:
        draft.add_defines(_split(_expanded(value, project)), perhaps=True)
    options = " ".join(_values(project, "ClCompile.AdditionalOptions"))
    draft.add_defines(_OPTION.findall(options), perhaps=True)
    draft.doubt(_split(";".join(_values(project, "ClCompile.UndefinePreprocessorDefinitions"))))
    if any("%(" not in value for value in project.of_files):
        draft.doubt([word.partition("=")[0] for word in draft.defines])


def _split(value: str) -> list[str]:
    return [word.strip() for word in re.split("[;,]", value)]


def _is_for(condition: str, configuration: str) -> bool:
    """Whether a condition (``'$(Configuration)|$(Platform)'=='Debug|x64'``) surely is that of a
    configuration (``Debug|x64``)."""
    if condition in ("", configuration):
        return True
    compared = _COMPARED.fullmatch(condition.strip())
    if compared is None:
        return False
    left, right = compared.groups()
    name, _, platform = configuration.partition("|")
    meant = left.replace("$(Configuration)", name).replace("$(Platform)", platform)
    return meant.lower() == right.lower()


def _expanded(value: str, project: _Project, depth: int = 0) -> str:
    """The value with the macros that the project itself explains; others are unknown.
    ``%(…)``, what is inherited, is dropped."""

    def meaning(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name in _HERE:
            return "./"
        if name in _ABOVE:
            return ABOVE + "/"
        if name in _OWN_NAME:
            own = _values(project, "ProjectName")
            return own[0] if own and "$" not in own[0] else project.name
        known = _values(project, match[1])
        if depth >= MAX_DEPTH or not known:
            return UNKNOWN
        return _expanded(known[0], project, depth + 1)

    project.budget -= len(value) + EXPANSION
    if project.budget < 0:
        raise Refused("the properties expand to too much text", 0, "depth")
    value = _INHERITED.sub("", value)
    return _MACRO.sub(meaning, value) if "$(" in value else value
