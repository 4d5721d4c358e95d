"""The tool component of a SARIF run: the driver, its rules, and the CWE taxonomy they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sessionzero import HOMEPAGE, __version__
from sessionzero.findings import Level
from sessionzero.report import RuleInfo, well_formed
from sessionzero.reporters import sarif_model as model

_PROBLEM_SEVERITY: Mapping[Level, str] = {
    "error": "error",
    "warning": "warning",
    "note": "recommendation",
}
_CWE = model.ToolComponentReference(name="CWE", index=0)
_CWE_PAGE = "https://cwe.mitre.org/data/definitions/{number}.html"


def tool(rules: Sequence[RuleInfo]) -> model.Tool:
    """The driver with ``rules`` in the order given, which ``ruleIndex`` counts."""
    driver = model.Driver(
        name="sessionzero",
        full_name=f"sessionzero {__version__}",
        semantic_version=__version__,
        information_uri=HOMEPAGE,
        rules=tuple(map(_rule, rules)),
        supported_taxonomies=(_CWE,) if _weaknesses(rules) else (),
    )
    return model.Tool(driver=driver)


def taxonomies(rules: Sequence[RuleInfo]) -> tuple[model.Taxonomy, ...]:
    """The CWE taxonomy with the entries that ``rules`` name, or nothing if they name none."""
    names = _weaknesses(rules)
    if not names:
        return ()
    cwe = model.Taxonomy(
        name=_CWE.name,
        organization="MITRE",
        short_description=model.Message(text="The MITRE Common Weakness Enumeration."),
        information_uri="https://cwe.mitre.org/",
        taxa=tuple(map(_taxon, names)),
    )
    return (cwe,)


def _rule(rule: RuleInfo) -> model.Rule:
    return model.Rule(
        id=rule.id,
        name="".join(word.capitalize() for word in rule.name.split("-")),
        short_description=model.Message(text=well_formed(rule.title)),
        full_description=model.Message(text=well_formed(rule.summary)),
        help=_help(rule),
        help_uri=rule.help_uri,
        default_configuration=model.ReportingConfiguration(level=rule.level),
        properties=_properties(rule),
        relationships=tuple(map(_relationship, rule.cwe)),
    )


def _help(rule: RuleInfo) -> model.Help:
    text = f"{rule.summary}\n\n{rule.remedy}"
    return model.Help(text=well_formed(text), markdown=well_formed(rule.markdown))


def _properties(rule: RuleInfo) -> model.RuleProperties:
    security = ("security",) if rule.security_severity else ()
    weaknesses = (f"external/cwe/cwe-{_number(name):03}" for name in rule.cwe)
    return model.RuleProperties(
        tags=tuple(dict.fromkeys((*security, *rule.tags, *weaknesses))),
        precision=rule.precision,
        problem_severity=_PROBLEM_SEVERITY[rule.level],
        security_severity=rule.security_severity,
    )


def _relationship(name: str) -> model.Relationship:
    # The weakness is the wider notion: its kind is "superset" of what the rule finds.
    target = model.DescriptorReference(id=name, tool_component=_CWE)
    return model.Relationship(target=target, kinds=("superset",))


def _taxon(name: str) -> model.Taxon:
    return model.Taxon(
        id=name,
        name=name.replace("-", ""),
        help_uri=_CWE_PAGE.format(number=_number(name)),
    )


def _weaknesses(rules: Sequence[RuleInfo]) -> list[str]:
    return sorted({name for rule in rules for name in rule.cwe}, key=_number)


def _number(name: str) -> int:
    return int(name.removeprefix("CWE-"))
