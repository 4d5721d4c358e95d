"""What the variables of a PowerShell script stand for: texts, lists of words, hash tables.

A text may be put together by ``+``, ``-f`` and ``Join-Path``. A variable that gets different texts
stands for none of them; of different lists it is the last one, as in a command script.
<https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_splatting>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sessionzero.frontends.scripts.draft import Word

_MOST = 4096  # characters of a word with the values of its variables
_MOST_ITEMS = 200  # of a list

_VARIABLE = re.compile(
    r"\$(?:\{(\w+)\}|(?:script:|global:|local:)?(\w+)|\(\$(\w+)\))", re.IGNORECASE
)
_LIST = re.compile(r"[$@](?:script:|global:|local:)?(\w+)\Z", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_JOINED = re.compile(r"(\w+)=(?=.)")  # an entry of a hash table without blanks
_BACKTICK = re.compile(r"`(.)", re.DOTALL)
_QUOTES = re.compile(r"[\"']")
_FORMAT = "-f"


@dataclass(slots=True)
class Token:
    """``kind`` is that of the pattern, or ``group`` for brackets and what is in them."""

    kind: str
    text: str
    start: int
    end: int
    inside: list[list[Token]] = field(default_factory=list)


@dataclass(slots=True)
class Variables:
    """The variables that have got a value so far, by their small names."""

    texts: dict[str, str | None] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)

    def assign(self, name: str, value: Sequence[Token]) -> bool:
        """Give a variable a value; false if it is neither a text nor a list of texts."""
        text = self.text(value)
        items = self._items(value) if text is None else []
        self.texts[name] = text if self.texts.get(name, text) == text else None
        if items:
            self.lists[name] = items[:_MOST_ITEMS]
        else:
            self.lists.pop(name, None)
        return bool(items) or text is not None

    def extend(self, name: str, value: Sequence[Token]) -> None:
        """Add to the list that a variable holds."""
        if name in self.lists:
            text = self.text(value)
            more = self._items(value) or ([] if text is None else [text])
            self.lists[name] = [*self.lists[name], *more][:_MOST_ITEMS]

    def text(self, value: Sequence[Token]) -> str | None:
        """The text that a value is; None if it is none."""
        if value and value[0].text.lower() == "join-path":
            joint, parts = "\\", [token for token in value[1:] if token.text[:1] != "-"]
        elif len(value) > 1 and value[1].text.lower() == _FORMAT:
            return self._formatted(value[0], value[2:])
        elif all(token.text == "+" and token.kind == "sign" for token in value[1::2]):
            joint, parts = "", list(value[::2])
        else:
            return None
        texts = [text for token in parts if (text := self.part(token)) is not None]
        return joint.join(texts) if texts and len(texts) == len(parts) else None

    def _formatted(self, pattern: Token, values: Sequence[Token]) -> str | None:
        """``'"{0}" run' -f $program``; what isn't known leaves its placeholder."""
        text = self.part(pattern)
        known = [self.text(chunk) for chunk in _chunks(values)]

        def filled(match: re.Match[str]) -> str:
            number = int(match[1])
            return (known[number] if number < len(known) else None) or match[0]

        return None if text is None else _PLACEHOLDER.sub(filled, text)[:_MOST]

    def part(self, token: Token) -> str | None:
        """The text that a word, a string or brackets are; None if they are none."""
        if token.kind == "group":
            inside = token.inside if token.text == "(" else []
            return self.text(inside[0]) if len(inside) == 1 else None
        return self.word(token).text if token.kind in ("text", "word") else None

    def listed(self, token: Token) -> list[Word]:
        """The words of the list that a variable stands for, at its place."""
        name = _LIST.match(token.text) if token.kind == "word" else None
        items = self.lists.get(name[1].lower(), ()) if name else ()
        return [Word(item, token.start, token.end) for item in items]

    def _items(self, value: Sequence[Token]) -> list[str]:
        """The texts of a list, with nothing for what isn't known; the entries of a hash table as
        they are splatted: ``-Name``, and the value."""
        if len(value) == 1 and value[0].kind == "group" and value[0].text == "@{":
            return [text for key, word in self.entries(value[0]) for text in (f"-{key}", word.text)]
        if len(value) == 1 and value[0].kind == "group" and value[0].text == "@(":
            chunks = [chunk for part in value[0].inside for chunk in _chunks(part)]
        elif any(token.kind == "sign" and token.text == "," for token in value):
            chunks = _chunks(value)
        else:
            return []
        return [self.text(chunk) or "" for chunk in chunks if chunk]

    def entries(self, table: Token) -> Iterator[tuple[str, Word]]:
        """The entries of a hash table with a word or a text as value, or a text put together."""
        for part in table.inside:
            if len(part) > 2 and part[1].text == "=":
                text = self.text(part[2:])
                if text is not None:
                    yield self.word(part[0]).text, Word(text, part[2].start, part[-1].end)
            elif len(part) == 1 and (joined := _JOINED.match(part[0].text)):
                end = part[0].start + joined.end()
                value = Token("word", part[0].text[joined.end() :], end, part[0].end)
                yield joined[1], self.word(value)

    def word(self, token: Token) -> Word:
        """A word or a string, with the values of the variables in it."""
        text = token.text
        if token.kind == "text":
            plain = text.lstrip("@")[:1] == "'"
            inner = _inside(text)
            text = inner.replace("''", "'") if plain else self._expanded(inner)
        else:
            text = _QUOTES.sub("", self._expanded(text))
        return Word(text, token.start, token.end)

    def _expanded(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            known = self.texts.get((match[1] or match[2] or match[3]).lower())
            return match[0] if known is None else known

        return _BACKTICK.sub(r"\1", _VARIABLE.sub(value, text)[:_MOST].replace('""', '"'))


def _chunks(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """What commas divide."""
    commas = [n for n, token in enumerate(tokens) if token.kind == "sign" and token.text == ","]
    gaps = zip([-1, *commas], [*commas, len(tokens)], strict=True)
    return [tokens[start + 1 : end] for start, end in gaps]


def _inside(text: str) -> str:
    if text.startswith("@"):
        lines = text.splitlines()
        return "\n".join(lines[1:-1] if lines[-1][:2] in ("'@", '"@') else lines[1:])
    return text[1:-1] if len(text) > 1 and text[-1] == text[0] else text[1:]
