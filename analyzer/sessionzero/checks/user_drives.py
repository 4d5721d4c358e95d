"""Drive letters that a service connects to shares: they exist in its own logon only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.checks.reporting import finding
from sessionzero.facts import Sequence
from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.program import Program

# Fields with the letter: of NETRESOURCE, of USE_INFO_1 to 3 (lmuse.h), and of pywin32's.
_LOCAL = ("lpLocalName", "ui1_local", "ui2_local", "ui3_local", "local")
_DRIVE = re.compile(r"[A-Za-z]:")
_NET_USE = re.compile(r"\bnet1?(?:\.exe)?\"?\s+use\s+\"?([A-Za-z]:|\*)", re.IGNORECASE)


def mapped_drive(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each drive letter that service code connects to a share."""
    for site in program.service_sites(*rule.roles):
        text = _drive(program, site)
        proof = program.service_proof(site) if text else None
        if proof is not None:
            yield finding(program, rule, site, proof=proof, words={"text": text})


def _drive(program: Program, site: Site) -> str:
    if site.api.role == "process-launch":
        return _net_use(program, site)
    if site.api.kind != "drive" or site.api.effect == "info":
        return ""
    local = [program.field(site, "data", name) for name in _LOCAL]
    arguments = program.index.call(site.call).arguments
    values = [program.values.argument(site.call, a.value, site.frame) for a in arguments]
    texts = [known.text for value in (*local, *values) for known in value.texts]
    return next((text for text in texts if _DRIVE.fullmatch(text)), "")


def _net_use(program: Program, site: Site) -> str:
    if site.api.effect.startswith("ok"):  # in the session of a user
        return ""
    found = (_NET_USE.search(text) for text in _commands(program, site))
    return next((match[1] for match in found if match), "")


def _commands(program: Program, site: Site) -> Iterator[str]:
    """What is known of the command line: its pieces, or the words of a list."""
    yield from program.value(site, "command_line").fragments
    expr = program.argument(site, "command_line")
    if isinstance(expr, Sequence):
        scope = program.scope(site)
        folded = (program.values.fold(item.value, scope).texts for item in expr.items)
        yield " ".join(texts[0].text if texts else "?" for texts in folded)
