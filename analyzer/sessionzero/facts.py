"""What a source file says, in no particular language.

A front-end turns the bytes of one file into one :class:`FileFacts`. Facts are frozen, hold no
syntax node and know no Windows, so they can be cached by the content of the file and linked
with the facts of other files in any order.

Every ``start``/``end`` is a half-open range of **UTF-8 byte offsets into the decoded text** of
the file (:class:`sources.text.SourceText` turns them into lines and columns). Every integer
that names another fact (``function``, ``call``, ``branch``, ``parent``) is an index into the
tuple of that name in the same :class:`FileFacts`; -1 is none.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

Script = Literal[
    "batch",
    "dfm",
    "inf",
    "inno",
    "msi",
    "nsis",
    "powershell",
    "reg",
    "vbscript",
    "wix",
    "wrapper",
    "xml",
]
"""Scripts and files of settings, by which programs are installed and configured."""

Language = Literal["c", "c++", "python", "build", Script]
SCRIPTS: frozenset[str] = frozenset(get_args(Script))
COMMANDS = ("batch", "powershell")  # scripts that start programs as their users type it


class _Fact(Struct, frozen=True, array_like=True, gc=False):
    """Base of all facts: immutable, and compact when serialised."""


# --- Expressions ------------------------------------------------------------------------------


class Text(_Fact, frozen=True, tag="text"):
    """A string literal: its decoded ``value`` and its ``raw`` spelling with prefix and quotes."""

    value: str
    raw: str
    start: int
    end: int


class Number(_Fact, frozen=True, tag="number"):
    """An integer or (``character``) a character literal, or the language's true/false."""

    value: int
    start: int
    end: int
    character: bool = False


class Null(_Fact, frozen=True, tag="null"):
    """``NULL``, ``nullptr`` or ``None``."""

    start: int
    end: int


class Name(_Fact, frozen=True, tag="name"):
    """An identifier as written; C++ keeps its qualification (``ATL::CEvent``, ``::Beep``). In the
    body of a macro ``##`` and ``#`` are part of it: ``g_##id`` is pasted, ``#id`` is a text."""

    name: str
    start: int
    end: int


class Member(_Fact, frozen=True, tag="member"):
    """``object.name`` or ``object->name``."""

    object: Expr
    name: str
    start: int
    end: int


class Index(_Fact, frozen=True, tag="index"):
    """``object[key]``."""

    object: Expr
    key: Expr
    start: int
    end: int


class Result(_Fact, frozen=True, tag="result"):
    """The value of a call: ``FileFacts.calls[call]``."""

    call: int
    start: int
    end: int


class Operation(_Fact, frozen=True, tag="operation"):
    """An operator and its operands.

    Binary operators are written as in C (``| & + == && ||`` …; Python's ``and``/``or`` are
    ``&&``/``||``). Unary ones: ``!`` (Python ``not``), ``~``, ``-``, ``&`` (address of) and ``*``
    (what a pointer points to), with one operand. ``default``: the operand of a ``switch`` is none
    of its cases. ``catch``, without operands: an exception came to a C++ handler. ``each``: one
    after the other of what Python's ``for`` goes through.
    """

    operator: str
    operands: tuple[Expr, ...]
    start: int
    end: int


class Join(_Fact, frozen=True, tag="join"):
    """Parts put together as one string: adjacent literals, the pieces of an f-string."""

    parts: tuple[Expr, ...]
    start: int
    end: int


class Choice(_Fact, frozen=True, tag="choice"):
    """``condition ? yes : no``; Python's ``yes if condition else no``."""

    condition: Expr
    yes: Expr
    no: Expr
    start: int
    end: int


class Item(_Fact, frozen=True, tag="item"):
    """One entry of a :class:`Sequence`; ``name`` is a designated field or a constant dict key,
    ``?`` for another key, ``*`` or ``**`` for what is unpacked."""

    name: str
    value: Expr


class Sequence(_Fact, frozen=True, tag="sequence"):
    """An initialiser list, tuple, list or dict."""

    items: tuple[Item, ...]
    start: int
    end: int


class Cast(_Fact, frozen=True, tag="cast"):
    """``((T *)value)`` of C++ as the object whose method is called: ``target`` is its class.
    Elsewhere a cast is what it casts."""

    target: str
    value: Expr
    start: int
    end: int


class Lambda(_Fact, frozen=True, tag="lambda"):
    """An anonymous function: ``FileFacts.functions[function]``."""

    function: int
    start: int
    end: int


class Unknown(_Fact, frozen=True, tag="unknown"):
    """An expression that the front-end doesn't describe; never evidence of anything."""

    start: int
    end: int


Expr = (
    Text
    | Number
    | Null
    | Name
    | Member
    | Index
    | Result
    | Operation
    | Join
    | Choice
    | Sequence
    | Cast
    | Lambda
    | Unknown
)

# --- What stands in a file --------------------------------------------------------------------

FunctionKind = Literal["file", "function", "lambda", "macro", "prototype"]


class Parameter(_Fact, frozen=True):
    """One parameter: its name (may be empty) and its written type without qualifiers. ``refers``: a
    field that is a pointer or a reference."""

    name: str
    type: str
    default: Expr | None
    refers: bool = False


class Function(_Fact, frozen=True):
    """A function, method, lambda or function-like macro.

    ``functions[0]`` of each file is the file itself (kind ``file``): module level, namespace
    scope. ``owner`` is the enclosing class or namespace as qualified text (``ns::Class``,
    ``Class``), whether the definition stands inside it or outside (``Class::f() {}``).
    ``traits`` are words such as ``static``, ``virtual``, ``exported``, ``async``,
    ``staticmethod``, ``classmethod``. A prototype has no body.
    """

    name: str
    owner: str
    parent: int
    kind: FunctionKind
    parameters: tuple[Parameter, ...]
    returns: str
    traits: tuple[str, ...]
    decorators: tuple[Expr, ...]
    name_start: int
    name_end: int
    start: int
    end: int


class Class(_Fact, frozen=True):
    """A class or struct, its bases as written, and its declared fields. ``parameters``: the names
    of types that a class template takes."""

    name: str
    owner: str
    bases: tuple[Expr, ...]
    fields: tuple[Parameter, ...]
    start: int
    end: int
    parameters: tuple[str, ...] = ()


class Argument(_Fact, frozen=True):
    """An argument; ``name`` is a keyword, ``*`` or ``**`` for unpacked ones, else empty."""

    name: str
    value: Expr


CallKind = Literal["call", "construct", "command", "instruction"]


class Call(_Fact, frozen=True):
    """A call in a function. ``construct``: ``new T(…)`` or ``T x(…)``; the callee is the type.
    ``command``: a program that a script runs; the callee is its name or path. ``instruction``: a
    built-in, plug-in or method of a script language; the callee is its name, as a Text.
    Python's ``with`` calls two methods of its object, the second one at its end.

    ``end`` is the end of the whole call, ``start`` its beginning.
    """

    function: int
    branch: int
    kind: CallKind
    callee: Expr
    arguments: tuple[Argument, ...]
    start: int
    end: int


class Binding(_Fact, frozen=True):
    """An assignment, initialised variable, enumerator or default: ``target operator value``.

    ``operator`` is ``=``, ``|=``, ``&=``, ``+=`` …, ``<<`` for what is put into a stream, ``enum``
    for an enumerator and ``:`` for a field of a class body. ``type`` is the declared type, empty
    for a plain assignment.
    """

    function: int
    branch: int
    target: Expr
    operator: str
    value: Expr
    type: str
    start: int
    end: int


class Declaration(_Fact, frozen=True):
    """A variable with its declared type (no qualifiers, no ``*``); ``extern`` included, ``static``
    said. ``refers``: it is a pointer or a reference, so no object is made with it. ``until``: the
    end of the block that it stands in, where its object goes; 0 if that isn't known."""

    function: int
    name: str
    type: str
    start: int
    end: int
    static: bool = False
    refers: bool = False
    until: int = 0


class Return(_Fact, frozen=True):
    """A value that a function gives back."""

    function: int
    branch: int
    value: Expr


class Macro(_Fact, frozen=True):
    """A ``#define``. A function-like one has ``parameters`` and a Function of kind ``macro``
    (``function``) that holds the calls of its body; ``body`` is its expression if it is one."""

    name: str
    parameters: tuple[str, ...] | None
    body: Expr
    function: int
    start: int
    end: int


class Branch(_Fact, frozen=True):
    """What must be so for the code inside to run: ``condition`` is true (or not: ``holds``).

    Branches nest by ``parent``. Code that follows ``if (c) return;`` in the same block stands in a
    branch of ``c`` that does not hold. ``condition`` is Unknown where the reason isn't an
    expression (an ``except`` clause).
    """

    parent: int
    condition: Expr
    holds: bool
    start: int
    end: int


class Import(_Fact, frozen=True):
    """``#include``, ``import`` or ``from … import``.

    ``module`` is the header path or dotted module; ``name`` the imported name (``*`` for all,
    empty for the module itself); ``alias`` the local name; ``level`` the leading dots;
    ``function`` the function it stands in.
    """

    module: str
    name: str
    alias: str
    level: int
    function: int
    start: int
    end: int


class Conditional(_Fact, frozen=True):
    """A region kept under a preprocessor condition that is neither certainly true nor false.

    ``condition`` is the text in force, such as ``defined(_DEBUG)`` or ``!(X > 1)``.
    """

    condition: str
    start: int
    end: int


TargetKind = Literal["program", "shared", "static", "objects"]
Subsystem = Literal["", "windows", "console", "service"]


class Target(_Fact, frozen=True):
    """What a build file makes of which sources (a Visual Studio project, ``add_executable`` …).

    ``name`` is that of the product, without directory and suffix; empty if it isn't known. A
    library of CMake keeps the name by which other targets use it. ``sources`` and ``includes`` are
    relative to the directory of the build file, with ``/``; sources may hold ``*`` and ``**``, and
    name files that there need not be. One that begins with ``/`` counts from the nearest directory,
    that of the build file or one above, in which it finds something (``$(SolutionDir)``).

    ``uses`` are the libraries that go into it: names of other targets (``libx`` for ``-lx`` and
    ``libx.a``), or paths of their build files. ``subsystem`` is empty if nothing says it, or if
    configurations disagree. ``defines`` are ``NAME`` or ``NAME=value``, those of all
    configurations; ``may_define`` names that perhaps have one; ``complete``: the compiler gets no
    others. Kind ``objects``: compiled so, but linked by others (an object library, or the
    entries of a ``compile_commands.json``, which have no name). One without name and sources says
    only what else targets may get, of the folder and those in it.
    """

    name: str
    kind: TargetKind
    subsystem: Subsystem
    sources: tuple[str, ...]
    uses: tuple[str, ...]
    defines: tuple[str, ...]
    includes: tuple[str, ...]
    start: int
    end: int
    may_define: tuple[str, ...] = ()
    complete: bool = False


class Record(_Fact, frozen=True):
    """An entry of a script or a file of settings.

    ``kind`` is an element of XML without its namespace, a section of an INI file, a table of a
    database, a key of a registry file, a type of object: as it is written. ``fields`` are its
    attributes, settings or columns; one without a name is text, or a line without a key. ``parent``
    is the record around it. ``start`` to ``end`` is its tag, head or line.
    """

    kind: str
    parent: int
    fields: tuple[Item, ...]
    start: int
    end: int


ProblemKind = Literal["syntax", "partial", "depth"]


class Problem(_Fact, frozen=True):
    """Something that could not be understood; ``message`` is a sentence for the user."""

    kind: ProblemKind
    message: str
    start: int
    end: int


class TypeName(_Fact, frozen=True):
    """Another name of a type of C or C++: ``typedef std::shared_ptr<Job> JobPtr;``, ``using Jobs =
    std::vector<JobPtr>;``; a pointer to it is called so, too. ``parameters`` are those of a
    template, of which ``type`` is made."""

    name: str
    type: str
    start: int
    parameters: tuple[str, ...] = ()


class FileFacts(_Fact, frozen=True):
    """All that one file says. ``settled`` are names of macros that it undefines, or that a script
    defines in it or not (``#cmakedefine``); ``off`` those that a comment would define."""

    language: Language
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    calls: tuple[Call, ...]
    bindings: tuple[Binding, ...]
    declarations: tuple[Declaration, ...]
    returns: tuple[Return, ...]
    macros: tuple[Macro, ...]
    branches: tuple[Branch, ...]
    imports: tuple[Import, ...]
    conditionals: tuple[Conditional, ...]
    problems: tuple[Problem, ...]
    targets: tuple[Target, ...] = ()
    records: tuple[Record, ...] = ()
    settled: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    type_names: tuple[TypeName, ...] = ()
