"""Python 2: the same facts as of the Python 3 that means the same, at the places of the original."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs

from sessionzero.facts import Call, Expr, FileFacts, Function, Name, Text
from sessionzero.frontends.python.front_end import extract

# id → what stands in Python 2, and in Python 3.
SAME = {
    "print": ("print x, f(y)", "print(x, f(y))"),
    "print of a string": ('class C: pass\nprint"x"', 'class C: pass\nprint("x")'),
    "print without a line end": ("print f(x),", "print(f(x),)"),
    "print to a file": ("print >>log, f(x); print x", "print(log, f(x)); print(x)"),
    "print nothing": ("print\nprint f(x)", "print\nprint(f(x))"),
    "print of a list": ("print [f(a) for a in b]", "print([f(a) for a in b])"),
    "print of a negation": ("print not f(x)", "print(not f(x))"),
    "print behind a colon": ("if a: print b\nelse: print c", "if a: print(b)\nelse: print(c)"),
    "print behind a semicolon": ("f(a); print b; g(c)", "f(a); print(b); g(c)"),
    "print of a lambda": ("print lambda: f(x)", "print(lambda: f(x))"),
    "print over two lines": ("print f(x), \\\n  g(y)", "print(f(x), \\\n  g(y))"),
    "print before a comment": ("print x  # y\nf(z)", "print(x)  # y\nf(z)"),
    "print in brackets": ("print f(x,\n  y)\ng(z)", "print(f(x,\n  y))\ng(z)"),
    "format": ('print "%s" % (f(x), y)', 'print("%s" % (f(x), y))'),
    "exec": ("exec f(x)", "exec(f(x))"),
    "exec in names": ("exec code in a, b", "exec(code, a, b)"),
    "raise": ("raise E, 'x' % f(y)", "raise E('x' % f(y))"),
    "raise from a module": ("raise m.E, x, tb", "raise m.E(x, tb)"),
    "raise what a call gives": ("raise f(x), y", "raise (f(x), y)"),
    "caught error": ("try: a\nexcept X, e: f(e)", "try: a\nexcept X as e: f(e)"),
    "caught errors": (
        "try:\n  a\nexcept (X, Y), e:\n  print e",
        "try:\n  a\nexcept (X, Y) as e:\n  print(e)",
    ),
    "caught error with a capital": (
        "try: a\nexcept X, E: print E",
        "try: a\nexcept X as E: print(E)",
    ),
    "caught by a class of a module": ("try: a\nexcept m.X, e: b", "try: a\nexcept m.X as e: b"),
    "backticks": ("f(`a` + `b[c]`)", "f(repr(a) + repr(b[c]))"),
    "unequal": ("f(a <> b)", "f(a != b)"),
    "octal": ("f(0777, 00, 0L, 017L)", "f(0o777, 0, 0, 0o17)"),
    "long": ("f(1L, 0x10l)", "f(1, 0x10)"),
    "unicode raw string": (r'f(ur"a\b")', r'f(r"a\b")'),
    "backslash that begins no escape": (
        r'print x; f("D:\Users\new")',
        r'print(x); f("D:\\Users\new")',
    ),
    "escape of a unicode string": (r'print x; f(u"\u0041")', r'print(x); f("A")'),
    "all strings are unicode": (
        'from __future__ import unicode_literals\nprint x; f("\\u0041")',
        'from __future__ import unicode_literals\nprint(x); f("A")',
    ),
    "tuple parameter": (
        "def f(a, (b, c), d=1):\n  print b",
        "def f(a, _b_c, d=1, *, b=..., c=...):\n  print(b)",
    ),
    "tuple parameter before others": (
        "def f((a, b), *c, **d): print a",
        "def f(_a_b, *c, a=..., b=..., **d): print(a)",
    ),
    "tuple parameter before a mapping": (
        "def f((a, b), **d): print a",
        "def f(_a_b, *, a=..., b=..., **d): print(a)",
    ),
    "tuple parameter of a lambda": (
        "f(lambda (a, b): a, c)",
        "f(lambda _a_b, *, a=..., b=...: a, c)",
    ),
    "bare tuple in a comprehension": ("[f(a) for a in b, c if a]", "[f(a) for a in (b, c) if a]"),
    "tabs beside blanks": (
        "if a:\n    if b:\n\tf(c)\n    g(d)",
        "if a:\n  if b:\n    f(c)\n  g(d)",
    ),
    "truth": ("True, False = 1, 0\nprint True", "True_, False_ = 1, 0\nprint(True)"),
    "names that are keywords now": (
        "import m.async\nf(async=await, nonlocal=1)",
        "import m.async_\nf(async_=await_, nonlocal_=1)",
    ),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_python2_gives_the_facts_of(old: str, new: str) -> None:
    facts = extract(old)
    assert facts.problems == ()
    assert placeless(facts) == placeless(extract(new))


UNTOUCHED = {
    "strings": 'f(\'print x <> 0777\', """\nexcept X, e:\n""")\nprint y',
    "comments": "# print x <> 0777\nf(x)  # exec y\nprint y",
    "numbers": "f(0, 00, 0.5, 07.5, 1e5, 0x1F, 10)\nprint y",
    "print function": "from __future__ import print_function\nprint(x, file=y)\nf(1L)",
    "attributes": "f(a.print_, b.exec_)\nprint y",
}


@pytest.mark.parametrize("source", UNTOUCHED.values(), ids=UNTOUCHED)
def test_what_means_the_same_stays(source: str) -> None:
    facts = extract(source)
    assert facts.problems == ()
    kept = source.replace("print y", "print(y)").replace("1L", "1")
    assert placeless(facts) == placeless(extract(kept))


PLACES = {"start", "end", "name_start", "name_end", "raw"}


def placeless(fact: object) -> object:
    """A fact, and all in it, without places and spellings."""
    if isinstance(fact, tuple):
        return tuple(placeless(part) for part in fact)
    if isinstance(fact, Struct):
        names = set(fact.__struct_fields__)
        values = {name: placeless(getattr(fact, name)) for name in names - PLACES}
        return structs.replace(fact, **values, **dict.fromkeys(names & PLACES, 0))
    return fact


SERVICE = """# é
import win32api, win32serviceutil
class Agent(win32serviceutil.ServiceFramework):
\tdef SvcDoRun(self):
\t\ttry:
\t\t    print >>log, "ü", `self.run(0777)`
        \texcept IOError, problem:
\t\t\twin32api.MessageBox(0, "Gerät %s" % problem, u"é", 16L); raise Failed, "é"
"""


def test_places_are_those_of_the_original() -> None:
    facts = extract(SERVICE)
    assert facts.problems == ()
    texts = [fact for fact in every_fact(facts) if isinstance(fact, Text)]
    names = [fact for fact in every_fact(facts) if isinstance(fact, Name) and fact.name != "repr"]
    assert {written(text) for text in texts} == {text.raw for text in texts}
    assert {written(name) for name in names} == {name.name for name in names}
    box = next(call for call in facts.calls if written(call.callee) == "win32api.MessageBox")
    assert written(box) == 'win32api.MessageBox(0, "Gerät %s" % problem, u"é", 16L)'
    method = next(function for function in facts.functions if function.name == "SvcDoRun")
    assert written(method) == SERVICE[SERVICE.index("def ") :].rstrip()


def written(fact: Text | Name | Call | Function | Expr) -> str:
    return SERVICE.encode()[fact.start : fact.end].decode()


PROBLEMS = {
    "placeholder": ("print x\na = ${x}\n", 2, "not a valid character"),
    "open bracket": ("print x\nf((\n", 3, "not valid Python"),
    "no statement": ("print x, y\n\nthis text is\n", 3, "not valid Python"),
    "tabs that no column fits": ("print x\nif a:\n\tb\n    c\n", 4, "not valid Python"),
}


@pytest.mark.parametrize(("source", "line", "words"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_is_no_python2_either_is_said(source: str, line: int, words: str) -> None:
    (problem,) = extract(source).problems
    assert problem.message.startswith(f"line {line}: ")
    assert words in problem.message
    assert source.encode()[: problem.start].count(b"\n") == line - 1


def every_fact(fact: object) -> Iterator[Struct]:
    """A fact and all facts in it."""
    if isinstance(fact, tuple):
        for part in fact:
            yield from every_fact(part)
    elif isinstance(fact, Struct):
        yield fact
        for name in fact.__struct_fields__:
            yield from every_fact(getattr(fact, name))


VOCABULARY = """
print exec raise except , e : >> ` <> 0777 1L ur"x" def f ( ( a b ) ) lambda for in [ ] if async
await nonlocal True = x é 'é' ; try: "\\u" * **
"""
WORDS = st.sampled_from([*VOCABULARY.split(), "\n", "\n\t", "\n    ", " "])
SOURCES = st.lists(WORDS).map(" ".join) | st.lists(WORDS).map("".join)


@settings(deadline=None)
@given(SOURCES)
def test_any_text_gives_places_inside_it(source: str) -> None:
    facts: FileFacts = extract(source)
    length = len(source.encode())
    for fact in every_fact(facts):
        assert 0 <= getattr(fact, "start", 0) <= getattr(fact, "end", 0) <= length
