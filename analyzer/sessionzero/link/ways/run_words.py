"""Identifiers that say how a program runs: as a service, or by hand."""

from __future__ import annotations

from functools import lru_cache

from sessionzero.link.files.words import MANY, words

# Words of identifiers. A flag for service mode is made only of MODE words and of words from
# SERVICE; `hService` or `m_service` alone may be a handle or an object, so one MODE word is needed.
_SERVICE = frozenset(("service", "services", "svc", "daemon", "daemonized", "ntservice", "scm"))
_MODE = frozenset(
    (
        *(
            "is",
            "as",
            "in",
            "am",
            "are",
            "run",
            "runs",
            "running",
            "ran",
            "mode",
            "flag",
            "started",
        ),
        *("start", "b", "f", "bool", "was", "launched", "by", "from", "win", "nt", "windows"),
        *("win32", "be", "do", "use", "we", "a", "the", "under", "context", "process", "inside"),
    )
)
_FILLER = frozenset(("g", "m", "s", "my", "app", "this", "program", "d", "get", "_", ""))
_BY_HAND = frozenset(
    (
        *("interactive", "console", "foreground", "debug", "debugging", "standalone", "gui"),
        *("isatty", "nodaemon", "nofork", "cli", "userinteractive"),
    )
)


@lru_cache(MANY)
def says_service(identifier: str) -> bool:
    """True if a flag or predicate of that name means "this process runs as a service"."""
    found = set(words(identifier)) - _FILLER
    return bool(found & _SERVICE) and bool(found & _MODE) and found <= _SERVICE | _MODE


@lru_cache(MANY)
def says_by_hand(identifier: str) -> bool:
    """True if a flag or predicate of that name means "a person runs this process"."""
    found = set(words(identifier)) - _FILLER
    return bool(found & _BY_HAND) and found <= _BY_HAND | _MODE | {"user", "on", "is", "only"}


_RIGHTS = frozenset(("admin", "administrator", "elevated"))


@lru_cache(MANY)
def says_elevated(identifier: str) -> bool:
    """True if a predicate of that name means "this process has an administrator's rights". A
    service has them, or a narrower account on purpose: who lacks them is asked for them."""
    found = set(words(identifier)) - _FILLER
    return bool(found & _RIGHTS) and found <= _RIGHTS | _MODE | {"user", "an", "is", "process"}


_ENUMERATOR = frozenset(("k", "e"))


@lru_cache(MANY)
def says_service_mode(value: str) -> bool:
    """True if the value of a mode of that name means "as a service"."""
    found = set(words(value)) - _FILLER - _ENUMERATOR
    return bool(found & _SERVICE) and found <= _SERVICE | _MODE


@lru_cache(MANY)
def says_mode_by_hand(value: str) -> bool:
    """True if the value of a mode of that name means "by a person"."""
    return says_by_hand("".join(w.capitalize() for w in words(value) if w not in _ENUMERATOR))


_THERE = frozenset(("has", "have", "installed", "exists", "present"))


@lru_cache(MANY)
def says_service_is_there(identifier: str) -> bool:
    """True if a flag or predicate of that name means "the service is installed": where it is not,
    this process isn't the service."""
    found = set(words(identifier)) - _FILLER
    return bool(found & _SERVICE) and bool(found & _THERE) and found <= _SERVICE | _MODE | _THERE
