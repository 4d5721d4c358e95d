"""How a rule presents itself in reports."""

from __future__ import annotations

from sessionzero import SITE
from sessionzero.knowledge.rules import Rule, is_ours, page_name, prose
from sessionzero.report import RuleInfo


def describe(rule: Rule) -> RuleInfo:
    """The rule as reporters show it."""
    security = ("security",) if rule.security_severity else ()
    return RuleInfo(
        id=rule.id,
        name=rule.name,
        title=rule.title,
        summary=rule.summary,
        markdown=prose(rule),
        remedy=rule.remedy,
        level=rule.level,
        precision=rule.precision,
        security_severity=rule.security_severity,
        cwe=rule.cwe,
        tags=("windows", "service", "session-0", *security),
        help_uri=_page_on_site(rule) if is_ours(rule) else "",
    )


def _page_on_site(rule: Rule) -> str:
    """The address of a page as MkDocs makes it, without directories for pages."""
    return f"{SITE}rules/{page_name(rule).removesuffix('.md')}.html"
