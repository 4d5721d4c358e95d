"""A rule: one Markdown page with a block of data, prose for people, and examples that are tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import msgspec
from msgspec import Struct

from sessionzero.errors import SessionZeroError
from sessionzero.facts import Script
from sessionzero.findings import Confidence, Level
from sessionzero.knowledge.catalog import ProgramLanguage

Precision = Literal["very-high", "high", "medium", "low"]
Trust = Literal["definite", "probable", "informational", "pedantic"]
RuleLanguage = Literal[ProgramLanguage, Script]
Blank = str | int | bool | tuple[str, ...]

PLACEHOLDERS = frozenset(
    (
        "call",
        "difference",
        "entry",
        "function",
        "kind",
        "name",
        "other",
        "problem",
        "program",
        "reason",
        "rights",
        "suggestion",
        "text",
        "who",
    )
)
SECTIONS = ("Why it breaks", "Remedy", "When it is silent", "Examples", "Sources")

# What a check may ask of a page beyond the keys that every page has.
BLANKS = frozenset(
    (
        "any-of",
        "commands",
        "counting-words",
        "exclude-flags",
        "fix",
        "kinds",
        "methods",
        "parameter",
        "programs",
        "quiet-words",
        "roles",
        "unless-shown",
        "variables",
    )
)

_TEXTS = ("id", "name", "check", "level", "confidence", "precision", "trust", "message", "since")
_LISTS = ("cwe", "languages")
_KEYS = frozenset((*_TEXTS, *_LISTS, "security-severity"))
_SHAPES: Mapping[str, tuple[str, str]] = {
    "id": (r"[A-Z]{2,}\d{3}", "a group and three digits, such as SZUI001"),
    "name": (r"[a-z0-9]+(-[a-z0-9]+)*", "words in lower case joined by '-'"),
    "check": (r"[a-z0-9]+(-[a-z0-9]+)*", "words in lower case joined by '-'"),
    "since": (r"\d+\.\d+\.\d+", "the version that had it first, such as 0.1.0"),
    "security-severity": (r"(10\.0|\d\.\d)?", 'a number from "0.1" to "10.0", or ""'),
    "cwe": (r"CWE-\d+", "such as CWE-440"),
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "level": get_args(Level),
    "confidence": get_args(Confidence),
    "precision": get_args(Precision),
    "trust": get_args(Trust),
    "languages": get_args(RuleLanguage),
}
_PLACEHOLDER = re.compile(r"\{(.*?)\}")
_QUOTED = re.compile(r"`[^`]*`")
_COMMAND = re.compile(r"[A-Z].*[^.!?]")
_SENTENCE = re.compile(r"[A-Z`](?!.*[.!?]\s).*\.", re.DOTALL)


class Rule(Struct, frozen=True):
    """What a page says.

    ``title`` is a sentence about a service, ``summary`` and ``remedy`` are one paragraph each, on
    one line, ``markdown`` is the whole page. ``blanks`` holds what only the ``check`` reads.
    ``level`` and ``confidence`` are those of the ordinary case: a check may lower or raise them.
    ``trust`` is how much a finding assumes: nothing but that the code is a service's (definite),
    something that the source doesn't show (probable), that the reader wants to know
    (informational), or more than most readers want to hear (pedantic: only looked for if asked).
    """

    id: str
    name: str
    check: str
    roles: tuple[str, ...]
    level: Level
    confidence: Confidence
    precision: Precision
    trust: Trust
    cwe: tuple[str, ...]
    security_severity: str
    languages: tuple[RuleLanguage, ...]
    message: str
    since: str
    blanks: Mapping[str, Blank]
    title: str
    summary: str
    remedy: str
    markdown: str


def parse_page(name: str, text: str) -> Rule:
    """The rule that the page ``text`` of the file ``name`` describes.

    Raises :class:`SessionZeroError` with the file, what is wrong and what would be right.
    """
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    title = _title(name, lines)
    block, prose = _block(name, lines)
    data = _data(name, block)
    if name != f"{data['id']}-{data['name']}.md":
        raise SessionZeroError(f"{name}: the file must be called {data['id']}-{data['name']}.md")
    sections = by_heading(prose)
    for heading in SECTIONS:
        if not any(line.strip() for line in sections.get(heading, ())):
            raise SessionZeroError(f"{name}: no text under '## {heading}'")
    summary = _paragraph(sections[""])
    if not summary:
        raise SessionZeroError(f"{name}: no paragraph between the toml block and the first '##'")
    return _rule(data, title, summary, _paragraph(sections["Remedy"]), text)


def collect(pages: Iterable[tuple[str, str]]) -> tuple[Rule, ...]:
    """The rules of ``pages`` (file name, text), sorted by id.

    Raises :class:`SessionZeroError` for a wrong page, and for two pages with one id or name.
    """
    return distinct(parse_page(file, text) for file, text in pages)


def distinct(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules, sorted by id. Raises :class:`SessionZeroError` if two have one id or name."""
    seen: dict[str, str] = {}
    found = sorted(rules, key=lambda rule: rule.id)
    for rule in found:
        for word in (rule.id, rule.name):
            if word in seen:
                file = page_name(rule)
                raise SessionZeroError(f"{file}: {word} is taken by {seen[word]}; choose another")
            seen[word] = page_name(rule)
    return tuple(found)


def page_name(rule: Rule) -> str:
    """The name of the file that the page stands in."""
    return f"{rule.id}-{rule.name}.md"


def is_ours(rule: Rule) -> bool:
    """Whether the rule is one of ours; users' own have ids that don't begin with SZ."""
    return rule.id.startswith("SZ")


def section(rule: Rule, heading: str) -> tuple[str, ...]:
    """The lines of the page under ``## heading``."""
    return by_heading(rule.markdown.split("\n"))[heading]


def prose(rule: Rule) -> str:
    """The page for a reader of a report: without its block of data and its examples."""
    title, _, rest = rule.markdown.partition("```toml\n")
    text = rest.partition("\n```\n")[2]
    before, _, after = text.partition("\n## Examples\n")
    sources = after.rpartition("\n## Sources\n")[2]
    return f"{title}{before.strip()}\n\n## Sources\n{sources}"


def fences(line: str) -> bool:
    """Whether ``line`` opens or closes a fenced block of Markdown."""
    return line.startswith("```")


def _title(name: str, lines: list[str]) -> str:
    if not lines[0].startswith("# ") or not lines[0][2:].strip():
        raise SessionZeroError(
            f"{name}: the first line must be '# ' and a sentence about a service"
        )
    return lines[0][2:].strip()


def _block(name: str, lines: list[str]) -> tuple[str, list[str]]:
    """The text of the toml block, and the lines after it."""
    start = next((number for number, line in enumerate(lines) if number and line.strip()), 0)
    if lines[start].strip() != "```toml":
        raise SessionZeroError(f"{name}: the title must be followed by a ```toml block")
    try:
        end = lines.index("```", start)
    except ValueError:
        raise SessionZeroError(f"{name}: the ```toml block has no end; close it by ```") from None
    return "\n".join(lines[start + 1 : end]), lines[end + 1 :]


def _data(name: str, block: str) -> dict[str, Blank]:
    """The checked data of the block, with tuples for lists."""
    try:
        raw: dict[str, object] = msgspec.toml.decode(block)
    except msgspec.DecodeError as error:
        raise SessionZeroError(f"{name}: the toml block is not TOML: {error}") from error
    data = {key: _blank(name, key, value) for key, value in raw.items()}
    if missing := sorted(_KEYS - data.keys()):
        raise SessionZeroError(f"{name}: no '{missing[0]}' in the toml block")
    for key in _KEYS:
        _check_key(name, key, data[key])
    _check_message(name, "message", data["message"])
    _check_message(name, "unless-shown", data.get("unless-shown", data["message"]))
    _check_fix(name, data.get("fix", "Mend it"))
    return data


def _blank(name: str, key: str, value: object) -> Blank:
    if key not in _KEYS and key not in BLANKS:
        known = ", ".join(sorted(_KEYS | BLANKS))
        raise SessionZeroError(f"{name}: unknown key '{key}'; there are {known}")
    if isinstance(value, str | int):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise SessionZeroError(f"{name}: '{key}' must be text, a whole number or a list of texts")


def _check_key(name: str, key: str, value: Blank) -> None:
    """Raise unless the value of a common key has the type and shape that the key wants."""
    wanted = tuple if key in _LISTS else str
    if not isinstance(value, wanted) or (key in (*_TEXTS, "languages") and not value):
        kind = "a list of texts" if key in _LISTS else "text"
        raise SessionZeroError(f"{name}: '{key}' must be {kind}, not {value!r}")
    for item in value if isinstance(value, tuple) else (value,):
        if key in _CHOICES and item not in _CHOICES[key]:
            known = ", ".join(_CHOICES[key])
            raise SessionZeroError(f"{name}: unknown {key} '{item}'; there are {known}")
        if key in _SHAPES and not re.fullmatch(_SHAPES[key][0], item):
            raise SessionZeroError(f"{name}: {key} '{item}' must be {_SHAPES[key][1]}")


def _check_fix(name: str, title: Blank) -> None:
    """Raise unless the title of a fix is a command, such as "Remove `{text}`"."""
    if not isinstance(title, str) or not _COMMAND.fullmatch(_QUOTED.sub("`", title)):
        raise SessionZeroError(
            f"{name}: 'fix' must be a command from a capital letter, without a full stop"
        )
    _check_placeholders(name, "fix", title)


def _check_placeholders(name: str, key: str, text: str) -> None:
    for word in _PLACEHOLDER.findall(text):
        if word not in PLACEHOLDERS:
            known = ", ".join(sorted(PLACEHOLDERS))
            raise SessionZeroError(f"{name}: unknown {{{word}}} in the {key}; there are {known}")


def _check_message(name: str, key: str, message: Blank) -> None:
    text = str(message)
    _check_placeholders(name, key, text)
    if not isinstance(message, str) or not _SENTENCE.fullmatch(_QUOTED.sub("`", text)):
        raise SessionZeroError(
            f"{name}: the {key} must be one sentence, from a capital letter or a quoted name "
            "to a full stop"
        )


def by_heading(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Lines by the ``##`` heading above them; those before the first stand under ``""``."""
    sections: dict[str, list[str]] = {"": []}
    heading, fenced = "", False
    for line in lines:
        fenced ^= fences(line)
        if line.startswith("## ") and not fenced:
            heading = line[3:].strip()
            sections[heading] = []
        else:
            sections[heading].append(line)
    return {key: tuple(value) for key, value in sections.items()}


def _paragraph(lines: Iterable[str]) -> str:
    """The first paragraph of ``lines``, on one line."""
    words: list[str] = []
    for line in lines:
        if line.strip() and not fences(line):
            words.append(line.strip())
        elif words:
            break
    return " ".join(words)


def _rule(data: dict[str, Blank], title: str, summary: str, remedy: str, text: str) -> Rule:
    own = {key: data[key] for key in data.keys() & BLANKS - {"roles"}}
    common = {key.replace("-", "_"): data[key] for key in _KEYS}
    prose = {"title": title, "summary": summary, "remedy": remedy, "markdown": text}
    # The keys of the block are the fields of Rule, so that msgspec checks that none is forgotten.
    return msgspec.convert({**common, **prose, "roles": data.get("roles", ()), "blanks": own}, Rule)
