"""The actions of scripts and files of settings, as the catalogue knows their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sessionzero.facts import Call, Expr, Record, Text
from sessionzero.facts import Sequence as Items
from sessionzero.installation.actions import Action, Given
from sessionzero.installation.command_lines import Word, commands_in, matches, name_of
from sessionzero.installation.setup_information import actions_of_setup_information
from sessionzero.knowledge.catalog import Api, Catalog
from sessionzero.link.files.units import Spot, Unit

_NAMING = ("inno", "vbscript")  # what stands there without quotes is the name of a variable


def actions_of_script(unit: Unit, catalog: Catalog) -> Iterator[Action]:
    """All that a script or a file of settings does, in no particular order."""
    match unit.facts.language:
        case "inf":
            yield from actions_of_setup_information(unit)
        case "reg":
            yield from _registry_values(unit)
        case _:
            yield from _actions_of_records(unit, catalog)
            for call in unit.facts.calls:
                if call.kind == "instruction":
                    yield from _actions_of_instruction(unit, call, catalog)
                else:
                    yield from _actions_of_command(unit, call, catalog)


def actions_of_words(words: Sequence[Word], catalog: Catalog, language: str) -> Iterator[Action]:
    """What a command does: what the catalogue knows of its program, or of what it starts."""
    apis = [api for api in catalog.commands() if api.language in ("command", language)]
    for api, given in matches(words, apis):
        verbs = api.name.split()[1:]
        program = name_of(words[0].text).removeprefix("%%")  # known but for its folder
        called = " ".join((program, *verbs)).rstrip("*")
        action = Action(api.role, api.kind, called, language, _place(words), given)
        yield action
        yield from started(action, catalog)


def _place(words: Sequence[Word]) -> Spot:
    """Where a command stands: what tells a program what to do, where a function of its own runs the
    program."""
    place = words[min(1, len(words) - 1)].spot
    beside = [
        word.spot
        for word in words
        if (word.spot.unit, word.spot.function) == (place.unit, place.function)
    ]
    start, end = min(it.start for it in beside), max(it.end for it in beside)
    return Spot(place.unit, place.function, start, end)


def started(action: Action, catalog: Catalog) -> Iterator[Action]:
    """What the command does that an action starts."""
    if action.role != "process-launch":
        return
    programs = action.all("application")
    lines = action.all("command_line")
    line = " ".join(f'"{p.text}"' for p in programs) + " " + " ".join(p.text for p in lines)
    shown = (*lines, *programs)
    if shown:
        for words in commands_in(line, shown[0].spot):
            yield from actions_of_words(words, catalog, action.language)


def _registry_values(unit: Unit) -> Iterator[Action]:
    """A registry file says all values of a key together."""
    for record in unit.facts.records:
        key = Given("key", record.kind, "", record.kind, _spot(unit, record))
        for item in record.fields:
            for data in _given(unit, "data", f'"{item.name}"', item.value):
                name = Given("name", item.name, "", item.name, data.spot)
                beside = _account(unit, record)
                given = (key, name, data, *beside)
                called = record.kind.rpartition("\\")[2]
                yield Action("registry-write", "", called, "reg", data.spot, given)


def _account(unit: Unit, record: Record) -> Iterator[Given]:
    for item in record.fields:
        if item.name.lower() == "objectname":
            yield from _given(unit, "account", item.name, item.value)


def _actions_of_records(unit: Unit, catalog: Catalog) -> Iterator[Action]:
    language = unit.facts.language
    for record in unit.facts.records:
        for api in catalog.scripted(language, record.kind):
            if api.form == "structure" and api.role != "registry-key":
                given = (*_fields(unit, record, api), *_around(unit, record, catalog, api))
                spot = _spot(unit, record)
                kind = f"<{record.kind}>" if language == "xml" else record.kind
                called = next((_text(f.value) for f in record.fields if not f.name), kind)
                action = Action(api.role, api.kind, called, language, spot, given)
                yield action
                yield from started(action, catalog)


def _around(unit: Unit, record: Record, catalog: Catalog, api: Api) -> Iterator[Given]:
    """What the elements around a registry value say of its key: the outer first."""
    if api.role != "registry-write":
        return
    keys: list[tuple[Given, ...]] = []
    while record.parent >= 0:
        record = unit.facts.records[record.parent]
        for outer in catalog.scripted(unit.facts.language, record.kind):
            if outer.role == "registry-key":
                keys.append(tuple(_fields(unit, record, outer)))
    for key in keys:
        yield from key


def _fields(unit: Unit, record: Record, api: Api) -> Iterator[Given]:
    roles = {p.keyword.lower(): p.role for p in api.parameters}
    for item in record.fields:
        if item.name.lower() in roles and item.name:
            # What stands in an element of XML is shown with its name as it is.
            option = "" if unit.facts.language == "xml" else item.name
            yield from _given(unit, roles[item.name.lower()], option, item.value)


def _actions_of_instruction(unit: Unit, call: Call, catalog: Catalog) -> Iterator[Action]:
    language = unit.facts.language
    name = _text(call.callee)
    values = [argument.value for argument in call.arguments]
    while language == "nsis" and values and _text(values[0]).startswith("/"):
        del values[0]  # `/NOUNLOAD`, `/TIMEOUT=…`
    for api in _instructions(name, language, catalog):
        given = tuple(_passed(unit, values, api))
        if not _says_what_it_must(values, api):
            continue
        spot = Spot(unit.index, 0, call.start, call.end)
        action = Action(api.role, api.kind, name, language, spot, given)
        yield action
        yield from started(action, catalog)


def _passed(unit: Unit, values: Sequence[Expr], api: Api) -> Iterator[Given]:
    """What an instruction is given by position, and by name in a text of options ``a=1;b=2``."""
    for parameter, value in zip(api.parameters, values, strict=False):
        for item in _given(unit, parameter.role, "", value):
            if parameter.role == "options":
                yield from _options(item, api)
            elif item.role != "account" or unit.facts.language not in _NAMING or item.is_quoted:
                yield item


def _options(text: Given, api: Api) -> Iterator[Given]:
    named = {parameter.keyword: parameter.role for parameter in api.parameters}
    for part in text.text.split(";"):
        name, _, value = part.partition("=")
        role = named.get(name.strip().lower(), "")
        if role and name:
            yield Given(role, value, name, value, text.spot)


def _says_what_it_must(values: Sequence[Expr], api: Api) -> bool:
    """Whether the words that decide, ``=create`` in the catalogue, are there."""
    wanted = [(n, p.role[1:]) for n, p in enumerate(api.parameters) if p.role.startswith("=")]
    return all(len(values) > n and _text(values[n]).lower() == word for n, word in wanted)


def _instructions(name: str, language: str, catalog: Catalog) -> Iterator[Api]:
    found = [api for api in catalog.scripted(language, name) if api.form == "function"]
    yield from found
    if not found and language in ("inno", "nsis"):  # they call the functions of Windows themselves
        api = catalog.function(name.rpartition("::")[2])
        if api is not None and api.role in ("service-create", "service-config"):
            yield api


def _actions_of_command(unit: Unit, call: Call, catalog: Catalog) -> Iterator[Action]:
    language = unit.facts.language
    words = list(_words(unit, "", call.callee))
    for argument in call.arguments:
        words.extend(_words(unit, argument.name, argument.value))
    whole = " ".join(word.text for word in words)
    if _is_shell(words):
        for inner in commands_in(whole, Spot(unit.index, 0, call.start, call.end)):
            yield from actions_of_words(inner, catalog, language)
    else:
        yield from actions_of_words(words, catalog, language)


def _is_shell(words: Sequence[Word]) -> bool:
    """Whether another command line stands in the words."""
    first = words[0].text
    return first.lower().endswith(("cmd", "cmd.exe")) or (len(words) == 1 and " " in first)


def _words(unit: Unit, name: str, value: Expr) -> Iterator[Word]:
    """A list is one word, as PowerShell hands it to a program."""
    texts = list(_texts(value))
    if texts:
        spot = Spot(unit.index, 0, texts[0].start, texts[-1].end)
        text = " ".join(f'"{it.value}"' if " " in it.value else it.value for it in texts)
        if len(texts) == 1:
            text = texts[0].value
        # Nothing in quotes is not the same as a variable of which nothing is known.
        yield Word(f"{name}={text}" if name else text, text or texts[0].raw, spot)


def _given(unit: Unit, role: str, option: str, value: Expr) -> Iterator[Given]:
    for item in _texts(value):
        spot = Spot(unit.index, 0, item.start, item.end)
        yield Given(role, item.value, option, item.raw, spot)


def _texts(value: Expr) -> Iterator[Text]:
    match value:
        case Text():
            yield value
        case Items(items):
            for item in items:
                yield from _texts(item.value)


def _text(value: Expr) -> str:
    return value.value if isinstance(value, Text) else ""


def _spot(unit: Unit, record: Record) -> Spot:
    return Spot(unit.index, 0, record.start, record.end)
