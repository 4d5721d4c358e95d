"""Texts that calls put together: ``sprintf``, ``strcat``, ``str.format``, ``c_str()``."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import structs

from sessionzero.facts import Call, Expr, Member, Number, Sequence
from sessionzero.knowledge.catalog import Api, Catalog, arguments_for
from sessionzero.link.values import lattice
from sessionzero.link.values.lattice import UNKNOWN, Value, either, join

Fold = Callable[[Expr], Value]

_OWN_PRINTF = re.compile(r"(?:\w[\w:]*(?:_|::)|x)(sn?printf)")
_WITH_OR_WITHOUT_SIZE = {"sprintf": "sprintf_s", "snprintf": "_snprintf_s"}


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
    """The catalogue's entry of a call of C or C++ that writes text into a buffer or string object;
    Python's texts never change."""
    name = getattr(call.callee, "name", "")
    if isinstance(call.callee, Member):
        candidates = catalog.methods(name)
    else:
        api = catalog.function(name.removeprefix("::")) or _by_its_name(catalog, name)
        candidates = (api,) if api is not None else ()
    return next((a for a in candidates if a.role == "text" and a.kind.endswith("-into")), None)


def _by_its_name(catalog: Catalog, name: str) -> Api | None:
    """The entry of the function that a project or library has a version of its own of, called
    ``acme_snprintf`` or ``acme::sprintf``: its arguments are those of the C library's, with or
    without a size."""
    if not name.endswith("printf"):
        return None
    own = _OWN_PRINTF.fullmatch(name)
    return catalog.function(_WITH_OR_WITHOUT_SIZE[own[1]]) if own is not None else None


def target(api: Api, call: Call) -> Expr | None:
    """What such a call writes to: an argument, or the object of a method."""
    named = next(arguments_for(api, call.arguments, "target"), None)
    if named is None and isinstance(call.callee, Member):
        return call.callee.object
    return named


def filled(api: Api, call: Call, state: Value, fold: Fold) -> Value:
    """What the call leaves in its target, which held ``state``."""
    if api.kind == "clear-into":
        emptied = [structs.replace(known, text="", raw="", exact=True) for known in state.texts]
        return Value(tuple(emptied[:1]), open=not emptied)
    if api.kind in ("format-into", "append-format-into"):
        text = formatted(api, call, fold, lattice.printf)
        return text if api.kind == "format-into" else join([state, text])
    sources = tuple(arguments_for(api, call.arguments, "source"))
    given = sources[-1:] if len(call.arguments) == len(api.parameters) else sources[:1]
    value = fold(given[0]) if given else UNKNOWN
    match api.kind:
        case "append-into":
            return join([state, value])
        case "insert-into":
            where = _given(api, call, "index", fold)
            first = where.is_null or all(p.role != "index" for p in api.parameters)
            return join([value, state]) if first else UNKNOWN
        case "begin-into":
            return join([value, UNKNOWN])
        case "default-into":  # what somebody has configured, or this
            return Value(lattice.occasionally(value).known)
        case _:
            return value


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
    """The text that a call hands on (``name.c_str()``, ``std::wstring(name)``, ``str(name)``), as a
    whole or in part, or makes of a format; None if it does something else."""
    if api is None and isinstance(call.callee, Member):
        candidates = catalog.methods(call.callee.name)
        api = next((candidate for candidate in candidates if candidate.role == "text"), None)
    if api is None or api.role != "text":
        return None
    match api.kind:
        case "format":
            return formatted(api, call, fold, lambda text, rest: lattice.braces(text, rest, {}))
        case "printf":
            return formatted(api, call, fold, lattice.printf)
        case "places":
            given = [fold(argument.value) for argument in call.arguments]
            filled_in = [lattice.numbered(text, given) for text in _object(call, fold).texts]
            return either(*filled_in) if filled_in else UNKNOWN
        case "identity" | "address":
            return _source(api, call, fold)
        case "default":
            default = lattice.occasionally(_source(api, call, fold))
            return either(_object(call, fold), default)
        case "find":
            sought = _given(api, call, "character", fold)
            return lattice.searched(_source(api, call, fold), sought)
        case "behind" if len(call.arguments) == 1:
            return lattice.behind(_object(call, fold), _given(api, call, "index", fold))
        case _:
            return None


def _source(api: Api, call: Call, fold: Fold) -> Value:
    """The text that a call gets, or that of the object whose method it is."""
    if any(True for _ in arguments_for(api, call.arguments, "source")):
        return _given(api, call, "source", fold)
    return _object(call, fold)


def _object(call: Call, fold: Fold) -> Value:
    return fold(call.callee.object) if isinstance(call.callee, Member) else UNKNOWN


def _given(api: Api, call: Call, role: str, fold: Fold) -> Value:
    expr = next(arguments_for(api, call.arguments, role), None)
    return UNKNOWN if expr is None else fold(expr)
