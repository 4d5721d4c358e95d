"""The Python front-end: what source says, as facts."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from sessionzero.facts import (
    Argument,
    Branch,
    Cast,
    Choice,
    Expr,
    FileFacts,
    Index,
    Join,
    Lambda,
    Member,
    Name,
    Null,
    Number,
    Operation,
    Result,
    Sequence,
    Text,
    Unknown,
)
from sessionzero.frontends.python.front_end import extract


def facts_of(source: str) -> FileFacts:
    facts = extract(dedent(source))
    assert facts.problems == ()
    return facts


def shown(expr: Expr | None, facts: FileFacts) -> str:
    """An expression as one line, with the names of facts and without places."""
    match expr:
        case None:
            return "-"
        case Text(value):
            return repr(value)
        case Number(value):
            return str(value)
        case Name(name):
            return name
        case Member(outer, name):
            return f"{shown(outer, facts)}.{name}"
        case Index(outer, key):
            return f"{shown(outer, facts)}[{shown(key, facts)}]"
        case Result(call):
            called = facts.calls[call]
            return f"{shown(called.callee, facts)}({arguments(called.arguments, facts)})"
        case Operation(operator, operands):
            return f"({operator} {' '.join(shown(operand, facts) for operand in operands)})"
        case Join(parts):
            return f"join({', '.join(shown(part, facts) for part in parts)})"
        case Sequence(items):
            written = (f"{i.name}:" * bool(i.name) + shown(i.value, facts) for i in items)
            return f"[{', '.join(written)}]"
        case Lambda(function):
            return f"lambda#{function}"
        case Choice(condition, yes, no):
            return f"({shown(condition, facts)} ? {shown(yes, facts)} : {shown(no, facts)})"
        case Null():
            return "null"
        case Unknown() | Cast():
            return "?"


def arguments(passed: tuple[Argument, ...], facts: FileFacts) -> str:
    return ", ".join(f"{a.name}={shown(a.value, facts)}".removeprefix("=") for a in passed)


def guard(branch: int, facts: FileFacts) -> str:
    """The conditions of a branch, outermost first."""
    if branch < 0:
        return ""
    found: Branch = facts.branches[branch]
    own = f"{'' if found.holds else 'not '}{shown(found.condition, facts)}"
    return f"{guard(found.parent, facts)}; {own}".removeprefix("; ")


EXPRESSIONS = {
    "name": ("a", "a"),
    "member": ("a.b.c", "a.b.c"),
    "true": ("True", "1"),
    "false": ("False", "0"),
    "none": ("None", "null"),
    "ellipsis": ("...", "?"),
    "float": ("1.5", "?"),
    "hexadecimal": ("0x2_0", "32"),
    "binary": ("0b11", "3"),
    "octal": ("0o17", "15"),
    "huge number": ("1" + "0" * 30, "?"),
    "number of too many digits": ("1" * 5000, "?"),
    "string": ("'a\"b'", "'a\"b'"),
    "escapes": (r'"\\.\x41\u00e9\U0001F600\101\N{BULLET}\n\q"', r"'\\.Aé😀A•\n\\q'"),
    "raw string": (r'r"Global\new"', r"'Global\\new'"),
    "bytes": (r'b"a\xe9\u0041"', r"'aé\\u0041'"),
    "raw bytes": (r'Rb"\x41"', r"'\\x41'"),
    "undecodable escape": (r'"D:\Users"', "?"),
    "unknown character name": (r'"\N{no such thing}"', "?"),
    "lone surrogate": (r'"\ud800"', "?"),
    "three quotes": ('"""a"b\n"""', "'a\"b\\n'"),
    "empty three quotes": ("''''''", "''"),
    "line continued in a string": ('"a\\\nb"', "'ab'"),
    "adjacent literals": ("('a' r'\\b' f'{c}')", "join('a', '\\\\b', c)"),
    "f-string": ("f'a{b}c'", "join('a', b, 'c')"),
    "f-string with braces": (r"f'\n{{{b}}}'", r"join('\n{', b, '}')"),
    "raw f-string": (r"rf'\n{b}'", r"join('\\n', b)"),
    "converted f-string": ("f'{a!s}{b!r}{c:>3}{d=}'", "join(a, ?, ?, ?)"),
    "percent": ("'%s' % a", "(% '%s' a)"),
    "format": ("'{}'.format(a, b=1)", "'{}'.format(a, b=1)"),
    "or-ed flags": ("a | b.c | 4", "(| (| a b.c) 4)"),
    "cleared flag": ("a & ~b", "(& a (~ b))"),
    "minus": ("-1", "(- 1)"),
    "plus": ("+1", "1"),
    "not": ("not a", "(! a)"),
    "and, or": ("a and b or c", "(|| (&& a b) c)"),
    "is": ("a is None", "(== a null)"),
    "is not": ("a is not None", "(!= a null)"),
    "in": ("a in b", "(in a b)"),
    "not in": ("a not in b", "(! (in a b))"),
    "chain of comparisons": ("a < b < c", "(&& (< a b) (< b c))"),
    "conditional": ("a if b else c", "(b ? a : c)"),
    "tuple": ("(a, 1)", "[a, 1]"),
    "starred list": ("[a, *b]", "[a, *:b]"),
    "set": ("{a}", "[a]"),
    "dict": ("{'a': 1, b: 2, **c}", "[a:1, ?:2, **:c]"),
    "dict of numbers": ("{1: a, -1: b}", "[1:a, ?:b]"),
    "subscript": ("a['k'][0]", "a['k'][0]"),
    "slice": ("a[1:2]", "a[?]"),
    "two keys": ("a[1, 2]", "a[?]"),
    "call": ("f(a, *b, c=1, **d)(2)", "f(a, *=b, c=1, **=d)(2)"),
    "lambda": ("lambda x: x", "lambda#1"),
    "await": ("await f()", "f()"),
    "walrus": ("(y := 1)", "1"),
    "comprehension": ("[f(a) for a in b]", "?"),
    "parentheses": ("((a))", "a"),
}


@pytest.mark.parametrize(("source", "expected"), EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_an_expression_becomes(source: str, expected: str) -> None:
    facts = extract(f"x = {source}")
    assert facts.problems == ()
    assert shown(facts.bindings[-1].value, facts) == expected


BINDINGS = {
    "assignment": ("a = 1", ["a = 1"]),
    "chain": ("a = b.c = 1", ["a = 1", "b.c = 1"]),
    "pairs": ("a, b = 1, 2", ["a = 1", "b = 2"]),
    "nested pairs": ("(a, [b, c]) = 1, (2, 3)", ["a = 1", "b = 2", "c = 3"]),
    "unpacked": ("a, b = f()", ["a = f()[0]", "b = f()[1]"]),
    "starred": ("a, *b = 1, 2", ["a = ?", "b = ?"]),
    "annotated": ("a: 'int' = 1", ["a:int = 1"]),
    "augmented": ("a |= 1", ["a |= 1"]),
    "subscript": ("a['b'] = 1", ["a['b'] = 1"]),
    "walrus": ("f(a := 1)", ["a = 1"]),
    "loop over literals": ("for a in ('x', 'y'): pass", ["a = (each ['x', 'y'])"]),
    "loop over pairs": (
        "for a, b in [(1, 2)]: pass",
        ["a = (each [[1, 2]])[0]", "b = (each [[1, 2]])[1]"],
    ),
    "loop over anything": ("for a in b: pass", ["a = (each b)"]),
    "comprehension": ("[a for a in [1]]", ["a = (each [1])"]),
    "with": ("with f() as a, g(): pass", ["a = f()"]),
    "caught error": ("try: pass\nexcept E as a: pass", ["a = ?"]),
    "field": ("class C:\n a = 1\n b: str = 'x'", ["C.a : 1", "C.b:str : 'x'"]),
    "inner field": ("class C:\n class D:\n  a = 1", ["C.D.a : 1"]),
    "field with flag added": ("class C:\n a = 1\n a |= 2", ["C.a : 1", "C.a |= 2"]),
    "captures": (
        "match a:\n case [b, C(d=e), *f] as g: pass",
        ["g = ?", "b = ?", "e = ?", "f = ?"],
    ),
}


@pytest.mark.parametrize(("source", "expected"), BINDINGS.values(), ids=BINDINGS)
def test_a_binding_of(source: str, expected: list[str]) -> None:
    facts = facts_of(source)
    assert [
        f"{shown(b.target, facts)}{':' * bool(b.type)}{b.type} {b.operator} {shown(b.value, facts)}"
        for b in facts.bindings
    ] == expected


def test_global_and_nonlocal_names_belong_to_the_function_that_has_them() -> None:
    facts = facts_of("""
        def outer():
            global a
            b = 1
            def inner():
                nonlocal b
                a = b = c = 2
                def innermost():
                    nonlocal b
                    b = 3
            a = 4
    """)
    found = [(shown(b.target, facts), facts.functions[b.function].name) for b in facts.bindings]
    assert found == [
        ("b", "outer"),
        ("a", "inner"),
        ("b", "outer"),
        ("c", "inner"),
        ("b", "outer"),
        ("a", ""),
    ]


GUARDS = {
    "if": ("if a: f()", ["a"]),
    "else": ("if a: pass\nelse: f()", ["not a"]),
    "elif": ("if a: pass\nelif f(): g()\nelse: h()", ["not a", "not a; f()", "not a; not f()"]),
    "main": ("if __name__ == '__main__': f()", ["(== __name__ '__main__')"]),
    "nested": ("if a:\n if b: f()\n g()", ["a; b", "a"]),
    "while": ("while a: f()\nelse: g()", ["a", ""]),
    "return": ("def d():\n if a: return\n f()", ["not a"]),
    "exit in a loop": ("for x in y:\n if a: continue\n if b: break\n f()", ["not a; not b"]),
    "sys.exit": ("if a:\n sys.exit(1)\nf()", ["a", "not a"]),
    "os._exit": ("if a: os._exit(1)\nf()", ["a", "not a"]),
    "raise": ("if a: raise E\nf()", ["not a"]),
    "other exit": ("if a: app.exit()\nf()", ["a", ""]),
    "else leaves": ("if a: pass\nelse: raise E\nf()", ["a"]),
    "all arms leave": ("if a: raise E\nelse: raise F\nf()", [""]),
    "two arms leave": ("if a: raise E\nelif b: raise F\nf()", ["not a; not b"]),
    "second arm leaves": ("if a: pass\nelif b: raise F\nf()", [""]),
    "all but the second leave": ("if a: raise E\nelif b: pass\nelse: raise F\nf()", ["not a; b"]),
    "leaves within": ("if a:\n with b:\n  raise E\nf()", ["a", "a", "not a"]),
    "leaves in try": ("if a:\n try: raise E\n except F: raise\nf()", ["not a"]),
    "may not leave in try": ("if a:\n try: raise E\n except F: pass\nf()", [""]),
    "leaves in finally": ("if a:\n try: b\n finally: raise E\nf()", ["not a"]),
    "leaves only its block": ("if b:\n if a: raise E\n f()\ng()", ["b; not a", ""]),
    "try": ("try: a()\nexcept E: b()\nelse: c()\nfinally: d()", ["", "?", "", ""]),
    "and": ("a and f()", ["a"]),
    "or": ("a or f()", ["not a"]),
    "conditional": ("f() if a else g()", ["a", "not a"]),
    "comprehension": ("[f(a) for a in b() if a]", ["", "a"]),
    "match": ("match a:\n case 1 | 'x': f()\n case _: g()", ["(|| (== a 1) (== a 'x'))", "?"]),
    "match none": ("match a:\n case None: f()", ["(== a null)"]),
    "match with guard": ("match a:\n case b.C if d: f()", ["(== a b.C); d"]),
    "function defined in a branch": ("if a:\n def d(): f()", [""]),
    "lambda in a branch": ("if a: b = lambda: f()", [""]),
}


@pytest.mark.parametrize(("source", "expected"), GUARDS.values(), ids=GUARDS)
def test_what_guards_the_calls_of(source: str, expected: list[str]) -> None:
    facts = facts_of(source)
    assert [guard(call.branch, facts) for call in facts.calls] == expected


def test_a_condition_without_calls_behind_it_makes_no_branch() -> None:
    assert facts_of("x = a and b or (c if d else e)").branches == ()


def test_a_branch_after_an_exit_covers_the_rest_of_its_block() -> None:
    source = "if a:\n  if b: raise E\n  f()\n  g()\nh()\n"
    branch = facts_of(source).branches[-1]
    assert source[branch.start : branch.end] == "f()\n  g()"


IMPORTS = {
    "module": ("import a", [("a", "", "", 0)]),
    "submodule": ("import a.b, c", [("a.b", "", "", 0), ("c", "", "", 0)]),
    "submodule by alias": ("import a.b as c", [("a.b", "", "c", 0)]),
    "names": ("from a import (b, c as d,)", [("a", "b", "", 0), ("a", "c", "d", 0)]),
    "star": ("from a.b import *", [("a.b", "*", "", 0)]),
    "relative": ("from . import a", [("", "a", "", 1)]),
    "relative module": ("from ..a.b import c", [("a.b", "c", "", 2)]),
    "in try": ("try:\n import a\nexcept E:\n a = None", [("a", "", "", 0)]),
}


@pytest.mark.parametrize(("source", "expected"), IMPORTS.values(), ids=IMPORTS)
def test_an_import_of(source: str, expected: list[tuple[str, str, str, int]]) -> None:
    found = [(i.module, i.name, i.alias, i.level) for i in facts_of(source).imports]
    assert found == expected


def test_an_import_knows_its_function() -> None:
    assert [i.function for i in facts_of("import a\ndef f():\n  import b").imports] == [0, 1]


def test_functions_have_owners_parents_and_traits() -> None:
    facts = facts_of("""
        class Outer(base.Base, metaclass=M):
            class Inner:
                async def method(self): pass
            @staticmethod
            def static(): pass
            @classmethod
            def klass(cls): pass
            @property
            def value(self): pass
            @value.setter
            def value(self, new): pass
            @made.by(1)
            def local_in(self):
                def local(): return lambda: 1
    """)
    found = [(f.kind, f.owner, f.name, f.parent, f.traits) for f in facts.functions]
    assert found == [
        ("file", "", "", -1, ()),
        ("function", "Outer.Inner", "method", 0, ("async",)),
        ("function", "Outer", "static", 0, ("staticmethod",)),
        ("function", "Outer", "klass", 0, ("classmethod",)),
        ("function", "Outer", "value", 0, ("property",)),
        ("function", "Outer", "value", 0, ("property",)),
        ("function", "Outer", "local_in", 0, ()),
        ("function", "", "local", 6, ()),
        ("lambda", "", "", 7, ()),
    ]
    assert shown(facts.functions[6].decorators[0], facts) == "made.by(1)"
    assert [(c.owner, c.name) for c in facts.classes] == [("", "Outer"), ("Outer", "Inner")]
    assert [shown(base, facts) for base in facts.classes[0].bases] == ["base.Base"]


def test_parameters_have_types_and_defaults() -> None:
    facts = facts_of("def f(a, /, b: 'T', c: x.Y[int]=1, *d, e=None, **g: str) -> int: pass")
    function = facts.functions[1]
    found = [(p.name, p.type, shown(p.default, facts)) for p in function.parameters]
    assert found == [
        ("a", "", "-"),
        ("b", "T", "-"),
        ("c", "x.Y[int]", "1"),
        ("*d", "", "-"),
        ("e", "", "null"),
        ("**g", "str", "-"),
    ]
    assert function.returns == "int"


def test_a_class_lists_each_field_once() -> None:
    facts = facts_of("class C:\n  a = 1\n  a = 2\n  b: int\n  def m(self): self.c = 1")
    fields = [(f.name, f.type, shown(f.default, facts)) for f in facts.classes[0].fields]
    assert fields == [("a", "", "1"), ("b", "int", "-")]


def test_a_variable_with_a_type_is_declared() -> None:
    declared = facts_of("a: int\ndef f():\n  b: 'x.T' = 1").declarations
    assert [(d.function, d.name, d.type) for d in declared] == [(0, "a", "int"), (1, "b", "x.T")]


def test_returned_values_know_their_function() -> None:
    facts = facts_of("def f():\n  if a: return 1\n  return\nx = lambda: g()")
    found = [(r.function, guard(r.branch, facts), shown(r.value, facts)) for r in facts.returns]
    assert found == [(1, "a", "1"), (2, "", "g()")]


CALLS = {
    "decorator": ("@a(1)\nclass C: pass", ["a"]),
    "default": ("def f(x=a()): pass", ["a"]),
    "class keyword": ("class C(a(), k=b()): pass", ["a", "b"]),
    "raise": ("raise a() from b()", ["a", "b"]),
    "assert": ("assert a(), b()", ["a", "b"]),
    "delete": ("del a()[b()]", ["a", "b"]),
    "yield": ("def f():\n x = yield a()\n yield from b()", ["a", "b"]),
    "slice": ("a()[b():c():d()]", ["a", "b", "c", "d"]),
    "format specification": ("f'{a():{b()}}'", ["a", "b"]),
    "generator": ("f(a(x) for x in b() for y in c(x))", ["b", "c", "a", "f"]),
    "dict comprehension": ("{a(): b() for x in y}", ["a", "b"]),
    "dict key": ("{a(): b()}", ["a", "b"]),
    "argument before its call": ("a(b())", ["b", "a"]),
    "caught class": ("try: pass\nexcept a(): pass", ["a"]),
    "except group": ("try: a()\nexcept* E: b()", ["a", "b"]),
    "return": ("def f(): return a()", ["a"]),
    "one line": ("if x: a(); b()\nc(); d()", ["a", "b", "c", "d"]),
}


@pytest.mark.parametrize(("source", "expected"), CALLS.values(), ids=CALLS)
def test_calls_are_found_in(source: str, expected: list[str]) -> None:
    facts = facts_of(source)
    assert [shown(call.callee, facts) for call in facts.calls] == expected


PROBLEMS = {
    "tabs": ("if a:\n\tb\n    c\n", "syntax", 3, "dedent"),
    "indent": ("a\n  b\n", "syntax", 2, "expected"),
    "open string": ('# print x\nx = "abc\n', "syntax", 2, "unterminated"),
    "null": ("a\n\n\0", "syntax", 3, "not a valid character"),
    "placeholder": ("a = ${x}", "syntax", 1, "not a valid character"),
    "surrogate": ("a = '\ud800'", "syntax", 1, "surrogates"),
    "too many levels": ("".join(" " * i + "if a:\n" for i in range(150)), "syntax", 101, "levels"),
    "parentheses": ("a\n" + "(" * 10_000 + ")" * 10_000, "depth", 2, "deeply"),
    "brackets": ("[" * 10_000, "depth", 1, "deeply"),
    "sum": ("a" + "+a" * 10_000, "depth", 1, "deeply"),
    "continued sum": ("a" + "\\\n+a" * 10_000, "depth", 602, "deeply"),
    "signs": ("-" * 10_000 + "a", "depth", 1, "deeply"),
    "chain of calls": ("a" + ".b(1, 2)" * 10_000, "depth", 1, "deeply"),
    "lambdas": ("lambda a, b: " * 10_000 + "a", "depth", 1, "deeply"),
    "conditionals": ("a if b else " * 10_000 + "c", "depth", 1, "deeply"),
    "elif": ("if a: b\n" + "elif c: d\n" * 10_000, "depth", 602, "deeply"),
    "f-string": ("f\"don't {" + "(" * 5_000 + ")" * 5_000 + '}"', "depth", 1, "deeply"),
    "case pattern": ("match a:\n case " + "{1:" * 9 + "b" + "}" * 9 + ": c", "depth", 2, "deeply"),
}


@pytest.mark.parametrize(("source", "kind", "line", "words"), PROBLEMS.values(), ids=PROBLEMS)
def test_unreadable_source_is_one_problem_that_names_its_line(
    source: str, kind: str, line: int, words: str
) -> None:
    facts = extract(source)
    (problem,) = facts.problems
    assert (problem.kind, problem.message.partition(":")[0]) == (kind, f"line {line}")
    assert words in problem.message
    assert source.encode("utf-8", "surrogatepass")[: problem.start].count(b"\n") == line - 1
    assert [function.kind for function in facts.functions] == ["file"]


@pytest.mark.skipif("\U00013460".isidentifier(), reason="this Python knows the letter")
def test_a_letter_newer_than_this_python_is_a_problem() -> None:
    (problem,) = extract("x = 1\n\U00013460 = 2").problems
    assert problem.message.startswith("line 2: not valid Python (Name ")


READABLE = {
    "print function": "print (x), y\nprint(x)",
    "two classes caught": "try: pass\nexcept A, B: pass",
    "tuple of two caught": "try: pass\nexcept (A, e): pass",
    "documented Python 2": '"""\nprint x\nexcept X, e:\n"""  # print x',
    "long list": "[" + "a + b, " * 2_000 + "]",
    "many statements": "a.b = c + d; " * 1_000 + "\n" + "f(a)\n" * 1_000,
    "many ifs": "if a: b\nelif c: d\n" * 1_000,
    "long sum": "a" + " + a" * 590,
    "chain of calls": "a" + ".b()" * 290,
    "nested brackets": "[" * 150 + "]" * 150,
    "script in an f-string": "f'''{{" + "a = b.c - d;" * 500 + "}} {e}'''",
    "many fields": "f'" + "{a.b} " * 2_000 + "'",
    "long text": "f'''" + "a. (b - c) don't\n" * 500 + "'''",
    "nested case": "match a:\n case [[(1 | 2)]]: pass",
    "empty": "",
    "comment": "# x",
}


@pytest.mark.parametrize("source", READABLE.values(), ids=READABLE)
def test_odd_but_valid_source_is_read(source: str) -> None:
    assert extract(source).problems == ()


PLACES = {
    "wide characters": 'é = "ü😀"; f(é, "x")\n',
    "carriage returns": 'if a:\r\n\tf("x")\r\n# é\r\ng("y")\r\n',
    "lone carriage returns": 'f("x")\rg("é")\r',
    "tabs and form feed": 'if a:\n\tf("x")\n\x0c\ng("y")',
    "no end of line": 'f("x")',
    "byte order mark": '\ufefff("x")',
    "a blank that libcst drops": 'try: f("é")\nexcept (A, B) :\n  g("x")\nh("y")\n',
    "parentheses": 'x = (("a"), (f)("b"))',
    "pieces of an f-string": 'x = f"é{{{a}ü{b:>{w}}\\n" "z"',
}


@pytest.mark.parametrize("source", PLACES.values(), ids=PLACES)
def test_places_are_bytes_of_the_text(source: str) -> None:
    facts = facts_of(source)
    utf8 = source.encode()
    found = [fact for fact in every_fact(facts) if isinstance(fact, Text | Name)]
    assert found
    for fact in found:
        written = utf8[fact.start : fact.end].decode()
        assert written == (fact.raw if isinstance(fact, Text) else fact.name)
    for call in facts.calls:
        assert utf8[call.start : call.end].endswith(b")")


def test_definitions_end_with_their_last_statement() -> None:
    source = "class C:\n  @d\n  def f(self):\n    a\n    b  # c\n  # d\n\nx"
    facts = facts_of(source)
    function = facts.functions[1]
    assert source[function.start : function.end] == "def f(self):\n    a\n    b"
    assert source[function.name_start : function.name_end] == "f"
    assert source[facts.classes[0].start : facts.classes[0].end].endswith("    b")


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
a é f ( ) [ ] { } = := , : ; . "x" 'é' f"{a}é" ' \\ 1 0x1F if elif else for in while try except as
with def class return lambda and or not yield await async match case @ * ** + - | print import from
global None True is #
"""
BLANKS = ["\n", "\n  ", "\n\t", "\n    ", " ", "\r", "\r\n"]
WORDS = st.sampled_from([*VOCABULARY.split(), *BLANKS, '"""'])
SOURCES = st.text() | st.lists(WORDS).map(" ".join) | st.lists(WORDS).map("".join)


@settings(deadline=None)
@given(SOURCES)
def test_any_text_gives_facts_with_places_inside_it(source: str) -> None:
    utf8 = source.encode("utf-8", "surrogatepass")
    facts = extract(source)
    for fact in every_fact(facts):
        start, end = getattr(fact, "start", 0), getattr(fact, "end", 0)
        assert 0 <= start <= end <= len(utf8)
        if isinstance(fact, Text):
            assert utf8[fact.start : fact.end].decode() == fact.raw
