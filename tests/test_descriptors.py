"""Which security descriptor a call gets."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import link

EVENT = "CreateEventW(&sa, TRUE, FALSE, NULL);"
SD = "SECURITY_DESCRIPTOR sd; InitializeSecurityDescriptor(&sd, 1); "
SA = "SECURITY_ATTRIBUTES sa = {sizeof sa}; "
# Body of the function that creates an event → kind of the descriptor, and its SDDL.
CASES: Mapping[str, tuple[str, str]] = {
    "null": ("CreateEventW(NULL, TRUE, FALSE, NULL);", "default"),
    "attributes-without-descriptor": (f"{SA}{EVENT}", "default"),
    "null-dacl": (
        f"{SD}SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE); {SA}"
        f"sa.lpSecurityDescriptor = &sd; {EVENT}",
        "null-dacl",
    ),
    "null-dacl-by-position": (
        f"{SD}SetSecurityDescriptorDacl(&sd, TRUE, 0, FALSE); "
        f"SECURITY_ATTRIBUTES sa; sa.lpSecurityDescriptor = &sd; {EVENT}",
        "null-dacl",
    ),
    "dacl-that-is-absent": (
        f"{SD}SetSecurityDescriptorDacl(&sd, FALSE, NULL, FALSE); {SA}"
        f"sa.lpSecurityDescriptor = &sd; {EVENT}",
        "default",
    ),
    "acl": (
        f"{SD}SetSecurityDescriptorDacl(&sd, TRUE, make_acl(), FALSE); {SA}"
        f"sa.lpSecurityDescriptor = &sd; {EVENT}",
        "built",
    ),
    "sddl": (
        f'{SA}ConvertStringSecurityDescriptorToSecurityDescriptorW(L"D:(A;;GA;;;WD)", 1, '
        f"&sa.lpSecurityDescriptor, NULL); {EVENT}",
        "sddl D:(A;;GA;;;WD)",
    ),
    "sddl-into-a-variable": (
        f"{SA}PSECURITY_DESCRIPTOR p; ConvertStringSecurityDescriptorToSecurityDescriptorW(SDDL, 1, "
        f"&p, NULL); sa.lpSecurityDescriptor = p; {EVENT}",
        "sddl D:(A;;GR;;;AU)",
    ),
    "helper": (f"{SA}open_to_all(&sa); {EVENT}", "null-dacl"),
    "factory": ("CreateEventW(attributes(), TRUE, FALSE, NULL);", "null-dacl"),
    "variable-of-a-factory": (
        "SECURITY_ATTRIBUTES *p = attributes(); CreateEventW(p, TRUE, FALSE, NULL);",
        "null-dacl",
    ),
    "unknown-helper": (f"{SA}restrict_to_admins(&sa); {EVENT}", "unknown"),
    "another-descriptor": (
        f"{SD}SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE); {SA}"
        f"sa.lpSecurityDescriptor = other(); {EVENT}",
        "unknown",
    ),
}
HELPERS = """
#define SDDL L"D:(A;;GR;;;AU)"
static SECURITY_DESCRIPTOR g_sd;
static SECURITY_ATTRIBUTES g_sa;
void open_to_all(SECURITY_ATTRIBUTES *sa) {
    InitializeSecurityDescriptor(&g_sd, 1);
    SetSecurityDescriptorDacl(&g_sd, TRUE, NULL, FALSE);
    sa->lpSecurityDescriptor = &g_sd;
}
SECURITY_ATTRIBUTES *attributes(void) {
    SetSecurityDescriptorDacl(&g_sd, TRUE, NULL, FALSE);
    g_sa.lpSecurityDescriptor = &g_sd;
    return &g_sa;
}
"""


@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES)
def test_descriptor_of_an_event(body: str, expected: str, path: str) -> None:
    program = link({path: f"{HELPERS}void f(void) {{ {body} }}"})
    (site,) = program.sites("object-create")
    found = program.descriptor(site)
    assert " ".join((found.kind, *(known.text for known in found.sddl))) == expected


def test_places_are_the_calls_that_decide() -> None:
    text = f"{HELPERS}void f(void) {{ {SA}open_to_all(&sa); {EVENT} }}"
    program = link({"a.c": text})
    (site,) = program.sites("object-create")
    (place,) = program.descriptor(site).places
    assert text[place.start : place.end] == "SetSecurityDescriptorDacl(&g_sd, TRUE, NULL, FALSE)"
