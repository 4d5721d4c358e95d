"""The routines of a server's RPC interface, which stubs made by MIDL call by their names ("Writing
the server's remote procedures"; learn.microsoft.com/windows/win32/rpc)."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Func

OFFERING = "RpcServerRegisterIf"
"""How the functions are called that offer an interface to clients."""

_HANDLES = frozenset(("handle_t", "RPC_BINDING_HANDLE", "PRPC_ASYNC_STATE"))


def remote_routines(index: ProgramIndex) -> Iterator[Func]:
    """The functions that get the binding of a client first, as only routines of an interface do
    that other files can call."""
    for unit in index.units:
        for number, function in enumerate(unit.facts.functions if not unit.is_python else ()):
            if (
                function.kind == "function"
                and not function.owner
                and "static" not in function.traits
                and function.parameters
                and function.parameters[0].type in _HANDLES
            ):
                yield Func(unit.index, number)
