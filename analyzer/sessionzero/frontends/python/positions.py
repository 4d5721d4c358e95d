"""Where the nodes of a libcst tree stand in the text, in UTF-8 bytes.

libcst's own position provider costs twice as much as parsing. Writing the tree out once and noting
which token each node begins and ends with costs a third of it: the tokens put together *are* the
text, so their lengths give every offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import libcst as cst
from libcst._nodes.internal import CodegenState

from sessionzero.frontends.python.python2 import Rewriting


class _Span:
    """Open while a node is written; notes its first token and the one behind its last."""

    __slots__ = ("_end_node", "_first", "_node", "_recorder", "_start_node")

    def __init__(
        self,
        recorder: _Recorder,
        node: cst.CSTNode,
        start_node: cst.CSTNode | None,
        end_node: cst.CSTNode | None,
    ) -> None:
        self._recorder = recorder
        self._node, self._start_node, self._end_node = node, start_node, end_node
        self._first = 0

    def __enter__(self) -> None:
        self._first = len(self._recorder.tokens)

    def __exit__(self, *exception: object) -> None:
        spans, first, end = self._recorder.spans, self._first, len(self._recorder.tokens)
        # A block begins and ends with its statements, not with the blanks and comments around.
        if self._start_node is not None:
            first = spans.get(id(self._start_node), (first, end))[0]
        if self._end_node is not None:
            end = spans.get(id(self._end_node), (first, end))[1]
        spans[id(self._node)] = first, end


class _Recorder(CodegenState):
    """A code generator that notes the tokens of each node."""

    spans: dict[int, tuple[int, int]]

    # libcst names the type that @contextmanager makes; a class of our own takes half the time.
    def record_syntactic_position(  # type: ignore[override]
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> _Span:
        return _Span(self, node, start_node, end_node)

    def after_codegen(self, node: cst.CSTNode) -> None:
        # The one kind of node we want that libcst gives no syntactic position: always one token.
        if type(node) is cst.FormattedStringText:
            self.spans[id(node)] = len(self.tokens) - 1, len(self.tokens)


class Positions:
    """The places of the nodes of one tree. It is good as long as the tree lives.

    If the text was rewritten before it was parsed, they are places in the original.
    """

    __slots__ = ("_ends", "_spans", "_starts", "utf8")

    def __init__(self, module: cst.Module, text: str, rewriting: Rewriting | None = None) -> None:
        state = _Recorder(module.default_indent, module.default_newline)
        state.spans = {}
        module._codegen(state)
        self.utf8 = text.encode()
        self._spans = state.spans
        self._starts, self._ends = _token_offsets(state.tokens, text)
        if rewriting is not None:
            self.utf8 = rewriting.original.encode()
            self._starts, self._ends = rewriting.back(self._starts), rewriting.back(self._ends)

    def of(self, node: cst.CSTNode) -> tuple[int, int]:
        """The half-open range of a node, without parentheses around it."""
        first, end = self._spans[id(node)]
        if first == end or end > len(self._ends):  # nothing written, or a line end that isn't there
            return (at := self._starts[min(first, len(self._starts) - 1)]), max(at, self._ends[-1])
        return self._starts[first], self._ends[end - 1]

    def written(self, node: cst.CSTNode) -> str:
        """The source text of a node."""
        start, end = self.of(node)
        return self.utf8[start:end].decode()


def _token_offsets(tokens: Sequence[str], text: str) -> tuple[list[int], list[int]]:
    """Where each token starts and ends in the text, in UTF-8 bytes."""
    if "".join(tokens) == text:
        lengths = map(len, tokens) if text.isascii() else (len(t.encode()) for t in tokens)
        ends = list(accumulate(lengths))
        return [0, *ends], ends or [0]
    starts, ends = _found_in(tokens, text)
    if not text.isascii():
        starts, ends = _in_bytes(starts, text), _in_bytes(ends, text)
    return starts, ends or [0]


def _found_in(tokens: Sequence[str], text: str) -> tuple[list[int], list[int]]:
    """Where each token starts and ends in a text that differs from them in blanks, in characters.

    libcst drops a blank here and there (``except (A, B) :``, a carriage return at the very end).
    """
    starts, ends, at = [], [], 0
    for token in tokens:
        if not text.startswith(token, at) and not token.isspace():
            at = max(at, text.find(token, at))
        length = len(token) if text.startswith(token, at) else 0
        starts.append(at)
        at += length
        ends.append(at)
    return [*starts, at], ends


def _in_bytes(offsets: list[int], text: str) -> list[int]:
    """Rising character offsets as UTF-8 byte offsets."""
    steps = (len(text[a:b].encode()) for a, b in pairwise([0, *offsets]))
    return list(accumulate(steps))
