"""The front-end for C and C++: source text in, facts out, without a build and whatever it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from sessionzero.facts import (
    Expr,
    FileFacts,
    Function,
    Import,
    Join,
    Language,
    Member,
    Name,
    Operation,
    Problem,
)
from sessionzero.frontends.c import calls, classes, expressions, statements
from sessionzero.frontends.c.directives import Directive, switched_off
from sessionzero.frontends.c.expressions import expression
from sessionzero.frontends.c.functions import block_action, function_action
from sessionzero.frontends.c.macros import read_macros
from sessionzero.frontends.c.parsing import Span, parse_solid, parse_spans
from sessionzero.frontends.c.preprocess import Prepared, prepare
from sessionzero.frontends.c.reading import (
    ERROR,
    Action,
    Builder,
    Reading,
    Scope,
    aliases_in,
    only_of,
    record_binding,
    walk_block,
    walk_later,
)
from sessionzero.frontends.c.recovery import recovery_problems
from sessionzero.frontends.c.resync import pieces_of, recovered
from sessionzero.frontends.c.tables import read_tables
from sessionzero.frontends.c.variables import declaration_action, loop_variable_action
from sessionzero.frontends.c.variants import Spans, merge, new_conditionals

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


def _expression_statement(reading: Reading, node: Node, scope: Scope) -> None:
    """A statement that is one expression, nearly always a call or an assignment."""
    only = only_of(node)
    if only is not None and only.kind_id in reading.builders:
        value = expression(reading, only, scope)
        if isinstance(value, Operation) and value.operator == "<<":
            _inserted(reading, value, scope)
    else:
        walk_later(reading, node.named_children, scope)


def _update(reading: Reading, node: Node, scope: Scope) -> None:
    """``i++``, also in the head of a loop."""
    expression(reading, node, scope)


def _inserted(reading: Reading, value: Operation, scope: Scope) -> None:
    """``stream << a << b;`` writes to the stream: a binding of what is put into it."""
    parts: list[Expr] = []
    target: Expr = value
    while isinstance(target, Operation) and target.operator == "<<":
        target, part = target.operands
        parts.insert(0, part)
    if isinstance(target, Name | Member):
        joined = Join(tuple(parts), parts[0].start, value.end)
        record_binding(reading, scope, target, "<<", joined, "", value.start, value.end)


_ACTIONS: dict[str, Action] = {
    **statements.ACTIONS,
    **classes.ACTIONS,
    "function_definition": function_action,
    "compound_statement": block_action,
    "expression_statement": _expression_statement,
    "declaration": declaration_action,
    "for_range_loop": loop_variable_action,
    "update_expression": _update,
}

_BUILDERS: dict[str, Builder] = {**expressions.BUILDERS, **calls.BUILDERS}

# Kinds of nodes in which nothing happens, so that the walk doesn't enter them.
_LEAVES = (
    "identifier field_identifier type_identifier namespace_identifier statement_identifier "
    "qualified_identifier nested_namespace_specifier primitive_type sized_type_specifier "
    "placeholder_type_specifier template_type dependent_type decltype auto this true false null "
    "number_literal string_literal raw_string_literal char_literal user_defined_literal "
    "storage_class_specifier type_qualifier access_specifier virtual virtual_specifier noexcept "
    "throw_specifier trailing_return_type parameter_list template_parameter_list "
    "template_argument_list base_class_clause type_descriptor sizeof_expression "
    "alignof_expression offsetof_expression ms_call_modifier ms_declspec_modifier "
    "attribute_declaration attribute_specifier alignas_qualifier break_statement "
    "continue_statement goto_statement seh_leave_statement using_declaration "
    "namespace_alias_definition friend_declaration static_assert_declaration comment "
    "gnu_asm_expression concept_definition import_declaration"
)

_IDENTIFIERS = ("identifier", "field_identifier", "type_identifier", "this")

_SCOPED = re.compile(rb"[A-Za-z_]\w*::~?[A-Za-z_]")  # `asm("" :: "r"(x))` is C

_MOST_VARIANTS = 3  # a group of more branches is rare, and one of three worth its time


class _Grammar(NamedTuple):
    parser: Parser
    actions: Mapping[int, Action]
    builders: Mapping[int, Builder]
    leaves: frozenset[int]
    identifiers: frozenset[int]


@lru_cache
def _grammar(language: Language) -> _Grammar:
    """The parser of a language, with our tables by its kinds of nodes. Loaded on first use."""
    from tree_sitter import Language as TreeSitterLanguage
    from tree_sitter import Parser

    module = import_module("tree_sitter_c" if language == "c" else "tree_sitter_cpp")
    grammar = TreeSitterLanguage(module.language())
    names = {
        kind: grammar.node_kind_for_id(kind)
        for kind in range(grammar.node_kind_count)
        if grammar.node_kind_is_named(kind)
    }
    leaves = _LEAVES.split()
    return _Grammar(
        Parser(grammar),
        {kind: _ACTIONS[name] for kind, name in names.items() if name in _ACTIONS},
        {kind: _BUILDERS[name] for kind, name in names.items() if name in _BUILDERS},
        frozenset(kind for kind, name in names.items() if name in leaves),
        frozenset(kind for kind, name in names.items() if name in _IDENTIFIERS),
    )


def extract(text: str, language: Language) -> FileFacts:
    """The facts of a C or C++ source. Never raises on bad source; what could not be understood is
    a Problem."""
    source = text.encode("utf-8", "surrogatepass")
    cplusplus = language != "c"
    prepared = prepare(source, cplusplus=cplusplus)
    if not cplusplus and b"::" in prepared.shape and _SCOPED.search(prepared.shape):
        # Some programs compile their .c files as C++.
        cplusplus = True
        prepared = prepare(source, cplusplus=True, masked=prepared.masked)
    grammar = _grammar("c++" if cplusplus else "c")
    root = parse_solid(grammar.parser, prepared.code, prepared.solid)
    nodes = recovered(
        root,
        prepared.outline,
        lambda piece: parse_spans(grammar.parser, prepared.code, [piece]),
    )
    reading = _read(source, prepared, nodes, grammar, cplusplus=cplusplus)
    problems = recovery_problems(reading, prepared)
    if prepared.dropped:
        prepared = _with_variants(reading, prepared, grammar)

    def parse(code: bytes, spans: list[Span]) -> Node:
        return parse_spans(grammar.parser, code, spans)

    def drain() -> None:
        _walk(reading, grammar.actions)

    reading.of_file = False
    read_macros(reading, prepared, parse, drain)
    read_tables(reading, prepared.tables, parse, drain)
    return _facts(reading, prepared, language, problems)


def syntax_tree(text: str, language: Language) -> Node:
    """The tree of a text as the grammar of its language gives it, after the pass before it."""
    cplusplus = language != "c"
    prepared = prepare(text.encode("utf-8", "surrogatepass"), cplusplus=cplusplus)
    return parse_solid(_grammar("c++" if cplusplus else "c").parser, prepared.code, prepared.solid)


def _read(
    source: bytes, prepared: Prepared, nodes: Sequence[Node], grammar: _Grammar, *, cplusplus: bool
) -> Reading:
    """What the nodes of a file say."""
    reading = Reading(
        prepared.code.decode("latin-1"),
        source,
        grammar.builders,
        grammar.leaves,
        grammar.identifiers,
        prepared.exports,
        prepared.defines,
        cplusplus,
    )
    if cplusplus:
        reading.aliases = aliases_in(reading.latin)
    reading.functions.append(Function("", "", -1, "file", (), "", (), (), 0, 0, 0, len(source)))
    walk_later(reading, nodes, Scope(0, -1, "", in_class=False))
    _walk(reading, grammar.actions)
    return reading


def _with_variants(reading: Reading, prepared: Prepared, grammar: _Grammar) -> Prepared:
    """Add the facts of the branches that the first variant left out; gives all conditionals."""
    missing = set(prepared.dropped)
    for number in range(1, _MOST_VARIANTS):
        other = prepare(
            reading.source,
            cplusplus=reading.cplusplus,
            variant=number,
            masked=prepared.masked,
        )
        new = missing.intersection(other.chosen)
        if not new:
            continue
        missing -= new
        spans = Spans(new)
        code = other.outline()
        pieces = [piece for piece in pieces_of(code, 0, len(code)) if spans.touch(*piece)]
        nodes = [parse_spans(grammar.parser, other.code, [piece]) for piece in pieces]
        found = _read(reading.source, other, nodes, grammar, cplusplus=reading.cplusplus)
        merge(reading, found, spans)
        all_of = new_conditionals(prepared.conditionals, other.conditionals, spans)
        prepared = prepared._replace(conditionals=all_of)
        if not missing:
            break
    return prepared


def _walk(reading: Reading, actions: Mapping[int, Action]) -> None:
    """Visit all that waits on the stack, in the order of the source.

    An action describes a node and puts what it leaves to others on the stack; a node without one
    is entered, an ERROR like any other: functions inside it are as good as elsewhere.
    """
    stack, leaves = reading.stack, reading.leaves
    while stack:
        frame = stack[-1]
        scope = frame.scope
        for node in frame.nodes:
            kind = node.kind_id
            if kind in leaves:
                continue
            action = actions.get(kind)
            if action is not None:
                action(reading, node, scope)
            else:
                if kind == ERROR:
                    _count_error(reading, node)
                walk_block(reading, node, scope)
            if stack[-1] is not frame:  # something comes first, or the scope is another one now
                break
        else:
            stack.pop()


def _count_error(reading: Reading, node: Node) -> None:
    """Add up the bytes in ERROR nodes; those within another one are counted with it."""
    if node.start_byte >= reading.error_end:
        reading.error_bytes += node.end_byte - node.start_byte
        reading.error_end = node.end_byte


def _facts(
    reading: Reading, prepared: Prepared, language: Language, problems: list[Problem]
) -> FileFacts:
    deep = reading.too_deep
    if deep is not None:
        message = "an expression is nested too deeply; values inside it are not followed"
        problems.append(Problem("depth", message, deep.start_byte, deep.end_byte))
    return FileFacts(
        language,
        tuple(reading.functions),
        tuple(reading.classes),
        tuple(reading.calls),
        tuple(reading.bindings),
        tuple(reading.declarations),
        tuple(reading.returns),
        tuple(reading.macros),
        tuple(reading.branches),
        tuple(_imports(reading, prepared.includes)),
        prepared.conditionals,
        tuple(problems),
        settled=prepared.settled,
        off=switched_off(reading.source),
        type_names=tuple(reading.type_names),
    )


def _imports(reading: Reading, lines: Sequence[Directive]) -> Iterator[Import]:
    """The Imports of ``#include`` lines, but for those whose header a macro names."""
    last = lines[-1].start if lines else -1
    before = [  # few: nearly all such lines stand before the first function
        (function.end - function.start, number, function)
        for number, function in enumerate(reading.functions)
        if function.start <= last and function.kind != "macro"
    ]
    for line in lines:
        module, level = _header(reading, line)
        if module:
            around = min(f for f in before if f[2].start <= line.start < f[2].end)
            yield Import(module, "", "", level, around[1], line.start, line.end)


def _header(reading: Reading, line: Directive) -> tuple[str, int]:
    """What an ``#include`` line names, and 1 if in ``<>``; empty if a macro names the header."""
    written = reading.source[line.body : line.end].decode("utf-8", "replace").strip()
    closing = {'"': '"', "<": ">"}.get(written[:1])
    module = written[1:].partition(closing)[0] if closing else ""
    return module, int(closing == ">")
