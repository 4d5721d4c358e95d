"""Programs written another way that mean the same: what another hand or a formatter makes of them.

Lines stay where they are, so that the findings must stay too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from sessionzero.sources.files import language_of

Files = Mapping[str, str]
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/                             # comments
    |(?:u8|[LuU])?R"(\w*)\(.*?\)\1"|(?:u8|[LuU])?"(?:[^"\\\n]|\\.)*"|[LuU]?'(?:[^'\\\n]|\\.)*'
    |^[ \t]*\#(?:[^\n\\]|\\.)*                       # directives, with their further lines
    |\w+|\s+|.""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def _is_native(path: str) -> bool:
    return language_of(path.rpartition("/")[2]) in ("c", "c++")


def _is_code(token: str) -> bool:
    return not token.isspace() and not token.lstrip().startswith(("//", "/*", "#"))


def _tokens(text: str) -> list[str]:
    return [match[0] for match in _TOKEN.finditer(text)]


def _each(files: Files, change: Callable[[str], str], suffixes: tuple[str, ...] = ()) -> Files:
    """The files, those in C and C++ (or with one of the suffixes) changed."""
    return {
        path: change(text) if _is_native(path) and path.endswith(suffixes or ("",)) else text
        for path, text in files.items()
    }


def with_comments(files: Files) -> Files:
    """A comment with brackets behind every comma."""
    return _each(
        files, lambda text: "".join(f"{t}/*),(*/" if t == "," else t for t in _tokens(text))
    )


def with_blanks(files: Files) -> Files:
    """A blank before each bracket of a call, but for those of macros at the left margin."""
    return _each(files, lambda text: "".join(_spaced(_tokens(text))))


def _spaced(tokens: list[str]) -> Iterator[str]:
    for number, token in enumerate(tokens):
        named = number and re.fullmatch(r"\w+", tokens[number - 1])
        if token == "(" and named and number > 1 and not tokens[number - 2].endswith("\n"):
            yield " "
        yield token


def with_brackets(files: Files) -> Files:
    """Names and literals among the arguments of Windows functions in brackets of their own."""
    return _each(files, lambda text: "".join(_bracketed(_tokens(text))))


def _bracketed(tokens: list[str]) -> Iterator[str]:
    code = ["", "", *filter(_is_code, tokens), ""]
    position, calls = 1, list[bool]()  # of the open brackets: whether they are such a call's
    for token in tokens:
        alone = False
        if _is_code(token):
            position += 1
            type, before, after = code[position - 2], code[position - 1], code[position + 1]
            if token == "(":
                is_declared = re.fullmatch(r"\w+|[*&]", type) and type != "return"
                calls.append(bool(re.fullmatch(r"[A-Z]\w+[AW]", before)) and not is_declared)
            elif token == ")" and calls:
                calls.pop()
            alone = bool(calls) and calls[-1] and before in ("(", ",") and after in (")", ",")
        yield f"({token})" if alone and re.fullmatch(r'\w+|L?".*"', token) else token


def in_a_block(opening: str, closing: str, *suffixes: str) -> Callable[[Files], Files]:
    """The bodies of functions inside of a statement."""
    return lambda files: _each(
        files, lambda text: "".join(_inside(_tokens(text), opening, closing)), suffixes
    )


def _inside(tokens: list[str], opening: str, closing: str) -> Iterator[str]:
    before, kinds = "", list[bool]()  # of the open braces: whether it is a function's
    for token in tokens:
        if token == "}" and kinds and kinds.pop():
            yield closing
        yield token
        if token == "{":
            begins = before in (")", "const", "noexcept", "override") and not any(kinds)
            kinds.append(begins)
            if begins:
                yield opening
        if _is_code(token):
            before = token


def in_cpp(files: Files) -> Files:
    """C in files of C++."""
    names = {path: f"{path}pp" for path in files if path.endswith(".c")}
    return _renamed(files, names) if names else files


def in_other_files(files: Files) -> Files:
    """Sources whose file names say nothing; not those that are known by them, as programs are."""
    text = "\n".join(files.values())
    names = Counter(path.rpartition("/")[2] for path in files)
    changed = {
        path: re.sub(r"[^/]+(?=\.\w+$)", f"part{number}", path)
        for number, path in enumerate(files)
        if path.endswith((".c", ".cpp"))
        and names[path.rpartition("/")[2]] == 1
        and not re.search(rf"\b{_stem(path)}\b(?!\.(?:c|cpp|h|hpp)\b)", text)
    }
    return _renamed(files, changed) if changed else files


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _renamed(files: Files, names: Mapping[str, str]) -> Files:
    """Files by other names, which includes and build files say too."""
    last = {path.rpartition("/")[2]: name.rpartition("/")[2] for path, name in names.items()}
    mention = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, last))})(?![\w.])")
    return {
        names.get(path, path): mention.sub(lambda found: last[found[0]], text)
        for path, text in files.items()
    }


def with_names_of_modules(files: Files) -> Files:
    """``from win32api import MessageBox`` for ``win32api.MessageBox``."""
    return {
        path: _imported_by_name(text) if path.endswith((".py", ".pyw")) else text
        for path, text in files.items()
    }


def _imported_by_name(text: str) -> str:
    taken = set(re.findall(r"(?<![\w.])\w+", text))
    for module in re.findall(r"^import (win32\w+|subprocess|winreg)$", text, re.MULTILINE):
        used = sorted(set(re.findall(rf"(?<![\w.\"']){module}\.(\w+)", text)) - taken)
        if used and not re.search(rf"from {module}\b", text):
            taken.update(used)
            text = re.sub(rf"(?<![\w.\"']){module}\.({'|'.join(used)})\b", r"\1", text)
            names = f"from {module} import {', '.join(used)}"
            text = re.sub(rf"^import {module}$", names, text, flags=re.MULTILINE)
    return text


WAYS: Mapping[str, Callable[[Files], Files]] = {
    "comments": with_comments,
    "blanks": with_blanks,
    "brackets": with_brackets,
    "loop": in_a_block("do {", "} while (0);"),
    "label": in_a_block("goto work; work: {", "}"),
    "try": in_a_block("try {", "} catch (...) { throw; }", ".cpp"),
    "C++": in_cpp,
    "files": in_other_files,
    "names": with_names_of_modules,
}
