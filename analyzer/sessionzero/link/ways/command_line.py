"""What of a function depends on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from sessionzero.facts import Call, Expr, Member, Name, Operation
from sessionzero.link.files.expressions import NAMED, last_name
from sessionzero.link.files.implied import mentions
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.mains import GRAPHICAL_NAMES, MAIN_NAMES
from sessionzero.link.files.type_names import plain_type
from sessionzero.link.files.units import Func, Unit, enclosing_owner, walk_into_calls
from sessionzero.link.files.words import words

_WORDS = frozenset(("argc", "argv", "__argc", "__argv", "__targv", "__wargv"))
_COMMAND_LINE = _WORDS.union(
    (
        *("lpCmdLine", "lpszCmdLine", "szCmdLine", "cmdline", "pCmdLine", "m_lpCmdLine"),
        *("optarg", "optind"),
        *("GetCommandLine", "GetCommandLineA", "GetCommandLineW", "CommandLineToArgvW"),
        *("parse_args", "parse_known_args", "docopt"),
    )
)


def mentions_command_line(expr: Expr, names: frozenset[str], unit: Unit) -> bool:
    """True if a condition depends on the command line: by its usual names, or by ``names``, the
    variables that hold something of it."""
    return mentions(expr, names | _COMMAND_LINE, unit)


def _parses(type: str) -> bool:
    """True for a class that takes a command line apart: ``QCommandLineParser``,
    ``wxCmdLineParser``, ``boost::program_options::variables_map``."""
    found = set(words(type.rpartition("::")[2]))
    line = {"command", "line"} <= found or {"cmd", "line"} <= found or "cmdline" in found
    parses = "parser" in found and not found.isdisjoint(_OPTIONS)
    lists = "list" in found and not found.isdisjoint(
        _ARGUMENTS
    )  # a list of options may be settings
    return line or parses or lists or found == {"variables", "map"}


_ARGUMENTS = frozenset(("arg", "args", "argument", "arguments"))
_OPTIONS = _ARGUMENTS | {"option", "options"}


_SMALL = 8  # calls in a function that does nothing but look
_OF_INDEX: WeakKeyDictionary[ProgramIndex, frozenset[str]] = WeakKeyDictionary()


def _known_of_it(index: ProgramIndex) -> frozenset[str]:
    """Names of C and C++, whole programs over, that mean something of the command line: variables
    in which a function keeps its ``argv``, and functions that only look for a word in it."""
    known = _OF_INDEX.get(index)
    if known is None:
        units = [unit for unit in index.units if not unit.is_python]
        kept = {name for unit in units for name in _kept(unit)}
        known = _OF_INDEX[index] = frozenset(kept) | {
            function.name
            for unit in units
            for i, function in enumerate(unit.facts.functions)
            if function.kind == "function" and _only_looks(unit, i, frozenset(kept))
        }
    return known


def _kept(unit: Unit) -> Iterator[str]:
    """The variables of a file that get the ``argc`` or ``argv`` of one of its functions, and the
    fields of objects that are called so (``m_argc``)."""
    for binding in unit.facts.bindings:
        target = binding.target
        if not isinstance(target, NAMED) or not binding.function:
            continue
        name = last_name(target)
        kept = isinstance(target, Name) and name in unit.declared_names
        if (
            (kept or name.lower().endswith(_ENDINGS))
            and name not in unit.types_of.get(binding.function, {})
            and mentions(binding.value, _WORDS.union(_of_main(unit, binding.function)), unit)
        ):
            yield name


_ENDINGS = ("argc", "argv")


def _of_main(unit: Unit, function: int) -> tuple[str, ...]:
    """The parameters by which a program gets its command line, whatever they are called; none for
    another function."""
    main = unit.facts.functions[function]
    if main.owner or main.name not in MAIN_NAMES:
        return ()
    parameters = main.parameters[2:3] if main.name in GRAPHICAL_NAMES else main.parameters[:2]
    return tuple(parameter.name for parameter in parameters if parameter.name)


def _only_looks(unit: Unit, function: int, kept: frozenset[str]) -> bool:
    """True for a function that is about the command line in all that it calls."""
    calls = [unit.facts.calls[i] for i in unit.calls_of.get(function, ())]
    return 0 < len(calls) <= _SMALL and all(
        mentions_command_line(call.callee, kept, unit)
        or any(mentions_command_line(argument.value, kept, unit) for argument in call.arguments)
        for call in calls
    )


def words_of_command(index: ProgramIndex, func: Func) -> frozenset[str]:
    """The parameters of a function that are the words of a command line and their number, and the
    variables that begin as one of them (``char flag = argv[1][1]``), and what the program keeps of
    it; none if there are no words."""
    given = (parameter.name for parameter in index.function(func).parameters)
    names = {name for name in given if name.lower().endswith(_ENDINGS)}
    unit, known = index.unit(func), set[str]()
    if not unit.is_python:
        names |= _known_of_it(index).union(_of_main(unit, func.index))
    if not names:
        return frozenset()
    bindings = [unit.facts.bindings[i] for i in unit.bindings_of.get(func.index, ())]
    for binding in bindings:
        if isinstance(binding.target, Name) and binding.target.name not in known | names:
            known.add(binding.target.name)
            value = binding.value
            if mentions(value, frozenset(names), unit) or any(
                value.start <= inner.start and inner.end <= value.end  # `*word++`
                for inner in bindings
                if last_name(inner.target) in names
            ):
                names.add(binding.target.name)
    return frozenset(names)


# Methods by which strings and containers of the C++ library, of MFC and of Qt take something in.
_TAKING = frozenset(
    (
        *("assign", "append", "push_back", "emplace_back", "push", "emplace", "insert"),
        *("Add", "AddTail", "Append", "SetAt"),
    )
)


def _filling(unit: Unit, func: Func) -> Iterator[tuple[Call, set[str]]]:
    """The calls that get the address of variables (``parser.getOption(0, &key)``), or the variable
    to fill before all else (``strcpy(word, argv[1])``), and those by which one takes something in
    (``words.push_back(argv[i])``)."""
    own = unit.types_of.get(func.index, {})
    for i in unit.calls_of.get(func.index, ()):
        call = unit.facts.calls[i]
        first = call.arguments[0].value if call.arguments else None
        if isinstance(call.callee, Member) and call.callee.name in _TAKING:
            first = call.callee.object
        if isinstance(first, Name) and first.name in own:
            yield call, {first.name}
        filled = {
            operand.name
            for argument in call.arguments
            if isinstance(argument.value, Operation) and argument.value.operator == "&"
            for operand in argument.value.operands[:1]
            if isinstance(operand, Name) and len(argument.value.operands) == 1
        }
        if filled:
            yield call, filled


def asks_command_line(index: ProgramIndex, func: Func) -> bool:
    """Whether a function of Python that is given nothing of the command line looks at it by itself,
    before it does something: ``if sys.argv[1] == "--settings"``."""
    unit = index.unit(func)
    if not unit.is_python:
        return False  # what C calls argv may be anything, as a file that is read line by line
    names = command_line_names(index, func, given=False)
    branches = {
        i for site in index.calls_of(func) for i in unit.branch_chain(index.call(site).branch)
    }
    return any(
        mentions_command_line(unit.facts.branches[i].condition, names, unit) for i in branches
    )


def _parsing_fields(index: ProgramIndex, owner: str) -> Iterator[str]:
    """The fields of a class and its bases in which they take the command line apart."""
    pending, seen = [owner.rpartition("::")[2]], set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        for ref in index.classes.get(name, ()):
            declared = index.klass(ref)
            pending += [plain_type(last_name(base)).rpartition("::")[2] for base in declared.bases]
            yield from (field.name for field in declared.fields if _parses(field.type))


def command_line_names(index: ProgramIndex, func: Func, *, given: bool = True) -> frozenset[str]:
    """Names in a function that hold something of the command line, or were set by it; its
    parameters, too, if it is ``given`` the command line."""
    unit = index.unit(func)
    names = {p.name for p in index.function(func).parameters if p.name and given}
    names.update(name for name, type in unit.types_of.get(func.index, {}).items() if _parses(type))
    if not unit.is_python:
        names |= _known_of_it(index)
        names.update(_parsing_fields(index, enclosing_owner(unit, func.index)))
    elif func.index:
        names |= command_line_names(index, Func(func.unit, 0))  # what the module has kept of it
    bindings = [unit.facts.bindings[i] for i in unit.bindings_of.get(func.index, ())]
    filling = [] if unit.is_python else [*_filling(unit, func)]
    size = -1
    while size != len(names):
        size = len(names)
        known = frozenset(names)
        for call, filled in filling:
            if not filled <= names and (
                mentions_command_line(call.callee, known, unit)
                or any(mentions_command_line(a.value, known, unit) for a in call.arguments)
            ):
                names |= filled
        for binding in bindings:
            chosen = any(
                mentions_command_line(b.condition, known, unit)
                for b in unit.branches(binding.branch)
            )
            if chosen or mentions_command_line(binding.value, known, unit):
                names.update(
                    part.name
                    for part in walk_into_calls(binding.target, unit)
                    if isinstance(part, Name)
                )
    return frozenset(names)
