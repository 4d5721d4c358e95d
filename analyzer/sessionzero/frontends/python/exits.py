"""Whether a block of Python always leaves the block around it."""

from __future__ import annotations

import libcst as cst

_ENDS_PROCESS = {
    ("", "exit"),
    ("", "quit"),
    ("sys", "exit"),
    ("os", "_exit"),
    ("os", "abort"),
}


def exits(node: cst.CSTNode | None) -> bool:
    """Whether control never reaches what follows: ``return``, ``raise``, ``sys.exit()`` …"""
    match node:
        case cst.Return() | cst.Raise() | cst.Break() | cst.Continue():
            return True
        case cst.Expr(value=cst.Call(func=callee)):
            return _ends_process(callee)
        case cst.IndentedBlock(body=body) | cst.SimpleStatementLine(body=body):
            return any(exits(statement) for statement in body)
        case cst.SimpleStatementSuite(body=body):
            return any(exits(statement) for statement in body)
        case cst.Else(body=suite) | cst.With(body=suite):
            return exits(suite)
        case cst.If(body=suite, orelse=orelse):
            return exits(suite) and exits(orelse)
        case cst.Try(body=suite, handlers=handlers, orelse=orelse, finalbody=final):
            ways = [exits(suite) or exits(orelse), *(exits(handler.body) for handler in handlers)]
            return all(ways) or (final is not None and exits(final.body))
        case _:
            return False


def _ends_process(callee: cst.BaseExpression) -> bool:
    match callee:
        case cst.Name(name):
            return ("", name) in _ENDS_PROCESS
        case cst.Attribute(value=cst.Name(module), attr=cst.Name(name)):
            return (module, name) in _ENDS_PROCESS
        case _:
            return False
