"""Texts that calls put together: ``sprintf``, ``strcat``, ``str.format``, ``c_str()``."""

from __future__ import annotations

from collections.abc import Callable

from sessionzero.catalog import Api, Catalog, arguments_for
from sessionzero.facts import Call, Expr, Member, Number, Sequence
from sessionzero.link import lattice
from sessionzero.link.lattice import UNKNOWN, Value, either, join

Fold = Callable[[Expr], Value]


def percent(template: Value, arguments: Expr, fold: Fold) -> Value:
    """``template % arguments``."""
    items = (
        [item.value for item in arguments.items] if isinstance(arguments, Sequence) else [arguments]
    )
    filled = [fold(item) for item in items]
    named = (
        {item.name: fold(item.value) for item in arguments.items if item.name}
        if isinstance(arguments, Sequence)
        else {}
    )
    return either(*(lattice.printf(text, filled, named) for text in template.texts))


def characters(items: Sequence) -> str:
    """``{'a', 'b', 0}``: a text written character by character; empty if it is none."""
    text = ""
    for item in items.items:
        if not isinstance(item.value, Number) or not 0 <= item.value.value < 0x110000:
            return ""
        if item.value.value == 0:
            break
        text += chr(item.value.value)
    return text


def filler(catalog: Catalog, call: Call) -> Api | None:
    """The catalogue's entry of a call that writes text into a buffer or string object."""
    name = getattr(call.callee, "name", "")
    if isinstance(call.callee, Member):
        candidates = catalog.methods(name)
    else:
        api = catalog.function(name.removeprefix("::"))
        candidates = (api,) if api is not None else ()
    return next((a for a in candidates if a.role == "text" and a.kind.endswith("-into")), None)


def target(api: Api, call: Call) -> Expr | None:
    """What such a call writes to: an argument, or the object of a method."""
    named = next(arguments_for(api, call.arguments, "target"), None)
    if named is None and isinstance(call.callee, Member):
        return call.callee.object
    return named


def filled(api: Api, call: Call, state: Value, fold: Fold) -> Value:
    """What the call leaves in its target, which held ``state``."""
    if api.kind == "format-into":
        return formatted(api, call, fold, lattice.printf)
    source = next(arguments_for(api, call.arguments, "source"), None)
    value = fold(source) if source is not None else UNKNOWN
    return join([state, value]) if api.kind == "append-into" else value


def formatted(
    api: Api,
    call: Call,
    fold: Fold,
    fill: Callable[[lattice.Known, list[Value]], Value],
) -> Value:
    """The first argument in a format's place that is text, filled with those after it."""
    for expr in arguments_for(api, call.arguments, "format"):
        template = fold(expr)
        if template.texts:
            values = [argument.value for argument in call.arguments]
            rest = [fold(value) for value in values[values.index(expr) + 1 :]]
            return either(*(fill(text, rest) for text in template.texts))
    return UNKNOWN


def format_method(template: Value, call: Call, fold: Fold) -> Value:
    """``template.format(…)``."""
    values = [fold(argument.value) for argument in call.arguments if not argument.name]
    named = {a.name: fold(a.value) for a in call.arguments if a.name}
    found = [lattice.braces(text, values, named) for text in template.texts]
    return either(*found) if found else UNKNOWN


def kept(catalog: Catalog, api: Api | None, call: Call, fold: Fold) -> Value | None:
    """The text that a call hands on (``name.c_str()``, ``std::wstring(name)``, ``str(name)``) or
    makes of a format; None if it does something else."""
    if api is None and isinstance(call.callee, Member):
        candidates = catalog.methods(call.callee.name)
        api = next((candidate for candidate in candidates if candidate.role == "text"), None)
    if api is None or api.role != "text":
        return None
    if api.kind == "format":
        return formatted(api, call, fold, lambda text, rest: lattice.braces(text, rest, {}))
    if api.kind not in ("identity", "address"):
        return None
    source = next(arguments_for(api, call.arguments, "source"), None)
    if source is None and isinstance(call.callee, Member):
        source = call.callee.object
    return fold(source) if source is not None else UNKNOWN
