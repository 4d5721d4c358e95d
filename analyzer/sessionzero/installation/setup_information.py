"""What an INF file does: services that ``AddService`` installs, registry values of ``AddReg``.

<https://learn.microsoft.com/en-us/windows-hardware/drivers/install/inf-addservice-directive>,
<https://learn.microsoft.com/en-us/windows-hardware/drivers/install/inf-addreg-directive>.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sessionzero.facts import Expr, Item, Record, Text
from sessionzero.facts import Sequence as Items
from sessionzero.installation.actions import Action, Given
from sessionzero.link.files.units import Spot, Unit

_SERVICES = "SYSTEM\\CurrentControlSet\\Services\\"
_FIELDS = {"servicetype": "type", "starttype": "start", "startname": "account"}
_INSTALL = 2  # where AddService names the section that installs the service
_NAME, _DATA = 2, 4  # where AddReg has the name of the value, and its data


def actions_of_setup_information(unit: Unit) -> Iterator[Action]:
    """The services and registry values of an INF file."""
    sections = {record.kind.lower(): record for record in unit.facts.records}
    own_keys: dict[str, str] = {}  # section of registry values → what HKR means in it
    for record in unit.facts.records:
        for item in _named(record, "addservice"):
            words = _texts(item.value)
            section = sections.get(words[_INSTALL].value.lower()) if len(words) > _INSTALL else None
            if section is not None:
                yield _service(unit, words[0].value, section)
                for added in _named(section, "addreg"):
                    for word in _texts(added.value):
                        own_keys[word.value.lower()] = f"HKLM\\{_SERVICES}{words[0].value}"
    for record in unit.facts.records:
        yield from _values(unit, record, own_keys)


def _service(unit: Unit, name: str, section: Record) -> Action:
    given = [Given("service", name, "", name, _spot(unit, section))]
    for item in section.fields:
        role = _FIELDS.get(item.name.lower())
        for word in _texts(item.value)[:1]:
            if role is not None:
                spot = Spot(unit.index, 0, word.start, word.end)
                given.append(Given(role, word.value, item.name, word.raw, spot))
    return Action("service-create", "", section.kind, "inf", _spot(unit, section), tuple(given))


def _values(unit: Unit, record: Record, own_keys: Mapping[str, str]) -> Iterator[Action]:
    for item in record.fields:
        words = _texts(item.value)
        if item.name or len(words) <= _DATA or not words[0].value.upper().startswith("HK"):
            continue
        root, subkey = words[0].value, words[1].value
        if root.upper() == "HKR":
            root = own_keys.get(record.kind.lower(), "")
        if root:
            yield _value(unit, words, f"{root}\\{subkey}" if subkey else root)


def _value(unit: Unit, words: Sequence[Text], key: str) -> Action:
    name, data = words[_NAME], words[_DATA]
    whole = Spot(unit.index, 0, words[0].start, words[-1].end)
    given = (
        Given("key", key, "", key, whole),
        Given("name", name.value, "", name.raw, Spot(unit.index, 0, name.start, name.end)),
        Given("data", data.value, "", data.raw, Spot(unit.index, 0, data.start, data.end)),
    )
    return Action("registry-write", "", "AddReg", "inf", whole, given)


def _named(record: Record, name: str) -> Iterator[Item]:
    return (item for item in record.fields if item.name.lower() == name)


def _texts(value: Expr) -> list[Text]:
    items = value.items if isinstance(value, Items) else ()
    return [item.value for item in items if isinstance(item.value, Text)]


def _spot(unit: Unit, record: Record) -> Spot:
    return Spot(unit.index, 0, record.start, record.end)
