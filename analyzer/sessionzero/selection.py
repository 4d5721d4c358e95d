"""Which rules a run looks for: those that words of the user name, as far as they are trusted."""

from __future__ import annotations

from collections.abc import Sequence

from sessionzero.checks import AUDITS
from sessionzero.errors import SessionZeroError
from sessionzero.knowledge.rules import Rule, Trust

# What a run looks for unless it is told otherwise.
TRUSTED: frozenset[Trust] = frozenset(("definite", "probable", "informational"))


def chosen(
    rules: Sequence[Rule],
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    trust: frozenset[Trust] = TRUSTED,
) -> tuple[Rule, ...]:
    """The rules that ``select`` (none: all) and ``ignore`` leave, of those that are trusted; a
    pedantic one also if ``select`` names it alone, not only its group.

    Raises :class:`SessionZeroError` for a word that names no rule, and if no rule is left: a run
    that looks for nothing must not seem clean.
    """
    for word in (*select, *ignore):
        refuse_unknown_word(word, rules, "")
    left = tuple(
        rule
        for rule in rules
        if rule.check not in AUDITS
        and (not select or any(names(word, rule) for word in select))
        and not any(names(word, rule) for word in ignore)
        and (
            rule.trust in trust
            or (rule.trust == "pedantic" and any(_names_alone(word, rule) for word in select))
        )
    )
    if not left:
        raise SessionZeroError(
            "no rule is left to check; select more, or ignore less (SZAUDIT is what "
            "'sessionzero audit' takes stock of)"
        )
    return left


def refuse_unknown_word(word: str, rules: Sequence[Rule], where: str) -> None:
    """Raise :class:`SessionZeroError`, its text begun by ``where``, for a word that names no
    rule."""
    if not any(names(word, rule) for rule in rules):
        known = ", ".join(rule.id for rule in rules if rule.check not in AUDITS)
        raise SessionZeroError(f"{where}no rule is called '{word}'; there are {known}")


def names(word: str, rule: Rule) -> bool:
    """Whether a word of the user means the rule: its id, its name, or the group (``SZUI``)."""
    return word == rule.name or (len(word) > 1 and rule.id.startswith(word.upper()))


def _names_alone(word: str, rule: Rule) -> bool:
    return word == rule.name or word.upper() == rule.id
