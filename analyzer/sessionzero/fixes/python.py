"""Changes to Python, made in the tree of libcst: what isn't changed keeps its spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst
from msgspec import Struct

from sessionzero.findings import Change, Edit, Place
from sessionzero.fixes import words
from sessionzero.frontends.python.literals import content_value
from sessionzero.frontends.python.positions import Positions
from sessionzero.frontends.python.python2 import Rewriting, rewritten
from sessionzero.sources.text import SourceText

_OPENING = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
_LITERAL = re.compile(r"\b([A-Za-z]{0,2})(['\"])")
_PIECE = re.compile(
    r"\\(?:\r?\n|x[0-9a-fA-F]{2}|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)|[^\\]",
    re.DOTALL,
)


class Tree(Struct, frozen=True):
    """A parsed file: its nodes, each with the one around it, and where they stand."""

    module: cst.Module
    code: str
    positions: Positions
    rewriting: Rewriting | None
    nodes: tuple[tuple[cst.CSTNode, cst.CSTNode | None], ...]

    def edit(self, start: int, end: int, text: bytes) -> Edit | None:
        """An edit of the tree's code as one of the file, which may be Python 2; None if that is
        written in another way there, or if nothing changes."""
        old = self.code.encode("utf-8", "surrogatepass")[start:end]
        if self.rewriting is not None:
            start, end = self.rewriting.back((start, end))
        if self.positions.utf8[start:end] != old or old == text:
            return None
        return Edit(Place("", start, end), text.decode("utf-8", "surrogatepass"))

    def at(self, place: Place, *kinds: Any) -> Iterator[cst.CSTNode]:
        """The nodes of some kinds at exactly that place, the outermost first."""
        for node, _ in self.nodes:
            if isinstance(node, kinds) and self.positions.of(node) == (place.start, place.end):
                yield node

    def around(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that holds a node."""
        return next((parent for child, parent in self.nodes if child is node), None)


def edits(source: SourceText, changes: tuple[Change, ...]) -> tuple[Edit, ...] | None:
    """The edits that make the changes; None if one of them can't be made."""
    tree = source.once("tree", _tree)
    if tree is None:
        return None
    made = [
        words.edit(source, change)
        if change.kind in ("word", "option")
        else _MAKERS[change.kind](tree, change)
        for change in changes
    ]
    places = [Place(source.path, it.place.start, it.place.end) for it in made if it is not None]
    texts = [it.text for it in made if it is not None]
    return tuple(map(Edit, places, texts)) if len(texts) == len(made) else None


def _tree(text: str) -> Tree | None:
    for rewriting in (None, rewritten(text)):
        code = rewriting.text if rewriting is not None else text
        try:
            module = cst.parse_module(code)
        except (cst.ParserSyntaxError, cst.CSTValidationError, UnicodeEncodeError, RecursionError):
            continue
        if module.code == code:
            positions = Positions(module, code, rewriting)
            return Tree(module, code, positions, rewriting, tuple(_walk(module)))
    return None


def _walk(module: cst.Module) -> Iterator[tuple[cst.CSTNode, cst.CSTNode | None]]:
    pending: list[tuple[cst.CSTNode, cst.CSTNode | None]] = [(module, None)]
    while pending:
        node, parent = pending.pop()
        if isinstance(node, _PLACED):
            yield node, parent
        pending += [(child, node) for child in reversed(node.children)]


_PLACED = (
    *(cst.BaseExpression, cst.BaseSmallStatement, cst.FormattedStringText, cst.Arg, cst.Element),
    *(cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.IndentedBlock, cst.Module),
)


def _replaced(tree: Tree, node: cst.CSTNode, new: cst.CSTNode) -> Edit | None:
    """``new`` for a node, as the smallest edit that makes the difference."""
    old = tree.code.encode("utf-8", "surrogatepass")
    code = cst.ensure_type(tree.module.deep_replace(node, new), cst.Module).code
    made = code.encode("utf-8", "surrogatepass")
    shared = zip(old, made, strict=False)
    start = next((i for i, (a, b) in enumerate(shared) if a != b), min(len(old), len(made)))
    tail, most = 0, min(len(old), len(made)) - start
    while tail < most and old[-tail - 1] == made[-tail - 1]:
        tail += 1
    return tree.edit(start, len(old) - tail, made[start : len(made) - tail])


# --- literals ---


def _literal(tree: Tree, change: Change) -> cst.CSTNode | None:
    """The string at a place; of adjacent ones the first."""
    kinds = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString, cst.FormattedStringText)
    node = next(tree.at(change.place, *kinds), None)
    while isinstance(node, cst.ConcatenatedString):
        node = node.left
    return node


def _prefix(tree: Tree, change: Change) -> Edit | None:
    node = _literal(tree, change)
    if node is None:
        return _put_before(tree, change)
    letters, opening, content = _parts(tree, node)
    return _respelt(tree, node, opening + _spelt(change.text, letters) + content)


def _put_before(tree: Tree, change: Change) -> Edit | None:
    """A literal of its own, joined to what stands there."""
    node = next(tree.at(change.place, cst.BaseExpression), None)
    if not isinstance(node, cst.BaseExpression):
        return None
    like = _LITERAL.search(tree.module.code_for_node(node))
    letters = "".join(letter for letter in like[1] if letter in "bBuU") if like else ""
    quote = like[2] if like else '"'
    literal = cst.SimpleString(f"{letters}{quote}{_spelt(change.text, '')}{quote}")
    rest = node.with_changes(lpar=(), rpar=())
    new = cst.BinaryOperation(literal, cst.Add(), rest, lpar=node.lpar, rpar=node.rpar)
    return _replaced(tree, node, new)


def _respelt(tree: Tree, node: cst.CSTNode, code: str) -> Edit | None:
    """A string spelt anew."""
    if isinstance(node, cst.FormattedStringText):
        return _replaced(tree, node, node.with_changes(value=code))
    assert isinstance(node, cst.SimpleString | cst.FormattedString)
    try:
        new = cst.parse_expression(code, config=tree.module.config_for_parsing)
    except cst.ParserSyntaxError:
        return None
    return _replaced(tree, node, new.with_changes(lpar=node.lpar, rpar=node.rpar))


def _parts(tree: Tree, node: cst.CSTNode) -> tuple[str, str, str]:
    """Of a string: the letters before the quote, all up to its content, and the rest."""
    if isinstance(node, cst.FormattedStringText):
        outer = tree.around(node)
        match = _OPENING.match(outer.start) if isinstance(outer, cst.FormattedString) else None
        return (match[1] if match else ""), "", node.value
    start, end = tree.positions.of(node)
    code = tree.positions.utf8[start:end].decode("utf-8", "surrogatepass")
    match = _OPENING.match(code)
    return (match[1], match[0], code[match.end() :]) if match else ("", "", code)


def _reword(tree: Tree, change: Change) -> Edit | None:
    """The pieces of a literal that mean ``old``, replaced by what means ``text``."""
    node = _literal(tree, change)
    if node is None:
        return None
    letters, opening, content = _parts(tree, node)
    said, end = "", 0
    while len(said) < len(change.old) and end < len(content):
        piece = content[end] if "r" in letters.lower() else _piece(content, end)
        said += content_value(piece, letters) or ""
        end += len(piece)
    if said != change.old:
        return None
    new = _spelt(change.text, letters) + content[end:]
    return _respelt(tree, node, _in_quotes(opening, letters, new))


def _in_quotes(opening: str, letters: str, content: str) -> str:
    """A string of an opening and what follows. A raw one can't escape quotes in it: it gets the
    other ones if it has none of these."""
    quote = opening[len(letters) :]
    other = {"'": '"', '"': "'"}.get(quote, "")
    inside = content.removesuffix(quote)
    if "r" in letters.lower() and quote in inside and other and other not in inside:
        return letters + other + inside + other
    return opening + content


def _piece(content: str, at: int) -> str:
    match = _PIECE.match(content, at)
    return match[0] if match else content[at:]


def _escape(tree: Tree, change: Change) -> Edit | None:
    node = _literal(tree, change)
    if node is None:
        return None
    letters, opening, content = _parts(tree, node)
    head, slash, tail = content.partition("\\")
    if not slash or "r" in letters.lower():
        return None
    return _respelt(tree, node, f"{opening}{head}\\\\{tail}")


def _spelt(text: str, letters: str) -> str:
    """A text as it stands in a literal with those letters before it."""
    letters = letters.lower()
    if "r" not in letters:
        text = text.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")
    return text.replace("{", "{{").replace("}", "}}") if "f" in letters else text


# --- the rest ---


def _keep(tree: Tree, change: Change) -> Edit | None:
    """Only an operand, or a side of a choice, of what stood there; all parentheses stay."""
    kept = (change.kept.start, change.kept.end) if change.kept else None
    for node in tree.at(change.place, cst.BinaryOperation, cst.IfExp):
        for child in node.children:
            if isinstance(child, cst.BaseExpression) and tree.positions.of(child) == kept:
                return _replaced(tree, node, _within_parentheses(node, child))
    return None


def _within_parentheses(node: cst.CSTNode, child: cst.BaseExpression) -> cst.BaseExpression:
    assert isinstance(node, cst.BinaryOperation | cst.IfExp)
    return child.with_changes(lpar=(*node.lpar, *child.lpar), rpar=(*child.rpar, *node.rpar))


def _clear(tree: Tree, change: Change) -> Edit | None:
    node = next(tree.at(change.place, cst.Integer), None)
    if not isinstance(node, cst.Integer):
        return None
    rest = int(node.value, 0) & ~change.number
    form = {"0x": "#x", "0b": "#b", "0o": "#o"}.get(node.value[:2].lower(), "d")
    return _replaced(tree, node, node.with_changes(value=format(rest, form)))


def _replace(tree: Tree, change: Change) -> Edit | None:
    node = next(tree.at(change.place, cst.BaseExpression), None)
    return None if node is None else _replaced(tree, node, cst.parse_expression(change.text))


def _scale(tree: Tree, change: Change) -> Edit | None:
    """A multiple of what stands there."""
    node = next(tree.at(change.place, cst.BaseExpression), None)
    if not isinstance(node, cst.BaseExpression):
        return None
    if change.old and not node.lpar:
        inner = node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    else:
        inner = node
    factor = cst.parse_expression(change.text)
    return _replaced(tree, node, cst.BinaryOperation(factor, cst.Multiply(), inner))


def _statement(tree: Tree, change: Change) -> Edit | None:
    """Without a statement and its line; ``pass`` where it is all that a block holds."""
    node = next(tree.at(change.place, cst.BaseSmallStatement), None)
    line = tree.around(node) if node is not None else None
    block = tree.around(line) if line is not None else None
    if node is None or not isinstance(block, cst.IndentedBlock | cst.Module):
        return None if node is None else _replaced(tree, node, cst.Pass())
    assert isinstance(line, cst.SimpleStatementLine)
    if len(line.body) > 1 or len(block.body) < 2:
        return _replaced(tree, node, cst.Pass())
    data, (start, end) = tree.positions.utf8, tree.positions.of(node)
    rest = re.compile(rb"[^\r\n]*(?:\r\n?|\n|\Z)").match(data, end)
    first = max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1
    return Edit(Place("", first, rest.end() if rest else end), "")


def _entry(tree: Tree, change: Change) -> Edit | None:
    """Without an argument of a call, or without elements of a list that stand in one place."""
    inside = [
        (node, tree.around(node))
        for node, _ in tree.nodes
        if isinstance(node, cst.Arg | cst.Element) and _is_within(tree, node.value, change.place)
    ]
    outer = inside[0][1] if inside else None
    gone = [node for node, around in inside if around is outer]
    if isinstance(outer, cst.Call):
        return _replaced(tree, outer, outer.with_changes(args=_without(outer.args, gone)))
    if isinstance(outer, cst.List | cst.Tuple) and len(outer.elements) > len(gone) + 1:
        elements = _without(outer.elements, gone)
        return _replaced(tree, outer, outer.with_changes(elements=elements))
    return None


def _is_within(tree: Tree, node: cst.CSTNode, place: Place) -> bool:
    start, end = tree.positions.of(node)
    return place.start <= start and end <= place.end


def _without(entries: Sequence[cst.CSTNode], gone: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    """The entries but some; the new last one is followed by what followed the old."""
    rest = [it for it in entries if not any(it is one for one in gone)]
    last = entries[-1]
    if rest and rest[-1] is not last:
        inherited = ("comma", "whitespace_after_arg") if isinstance(last, cst.Arg) else ("comma",)
        rest[-1] = rest[-1].with_changes(**{name: getattr(last, name) for name in inherited})
    return rest


_MAKERS: dict[str, Callable[[Tree, Change], Edit | None]] = {
    "prefix": _prefix,
    "reword": _reword,
    "escape": _escape,
    "keep": _keep,
    "clear": _clear,
    "replace": _replace,
    "scale": _scale,
    "statement": _statement,
    "entry": _entry,
}
