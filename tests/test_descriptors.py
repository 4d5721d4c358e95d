"""Which security descriptor a call gets."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import CATALOG, link

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
    "attributes-set-to-zero-first": (
        f"{SD}SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE); SECURITY_ATTRIBUTES sa; "
        f"ZeroMemory(&sa, sizeof sa); sa.lpSecurityDescriptor = &sd; {EVENT}",
        "null-dacl",
    ),
    "attributes-that-stay-zero": (
        f"SECURITY_ATTRIBUTES sa; ZeroMemory(&sa, sizeof sa); sa.nLength = sizeof sa; {EVENT}",
        "default",
    ),
    "pointer-that-may-be-null": (
        f"{SD}SECURITY_ATTRIBUTES sa, *p = NULL; if (wanted) {{ ZeroMemory(&sa, sizeof sa); "
        "SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE); sa.lpSecurityDescriptor = &sd; p = &sa; }"
        "CreateEventW(p, TRUE, FALSE, NULL);",
        "null-dacl",
    ),
    "pointer-by-a-choice": (
        f"{SD}SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE); {SA}sa.lpSecurityDescriptor = &sd; "
        "SECURITY_ATTRIBUTES *p = sa.lpSecurityDescriptor ? &sa : NULL; "
        "CreateEventW(p, TRUE, FALSE, NULL);",
        "null-dacl",
    ),
    "pointer-to-nothing": (
        "SECURITY_ATTRIBUTES *p = NULL; CreateEventW(p, 1, 0, NULL);",
        "default",
    ),
    "descriptor-in-an-initialiser": (
        f"{SD}SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE); "
        f"SECURITY_ATTRIBUTES sa = {{sizeof sa, &sd, FALSE}}; {EVENT}",
        "null-dacl",
    ),
    "descriptor-in-a-named-initialiser": (
        f"{SD}SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE); "
        f"SECURITY_ATTRIBUTES sa = {{.lpSecurityDescriptor = &sd}}; {EVENT}",
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


EVERYONE = (
    "SID_IDENTIFIER_AUTHORITY world = SECURITY_WORLD_SID_AUTHORITY; PSID everyone = NULL; "
    "AllocateAndInitializeSid(&world, 1, SECURITY_WORLD_RID, 0, 0, 0, 0, 0, 0, 0, &everyone); "
)
ADMINS = (
    "SID_IDENTIFIER_AUTHORITY nt = {SECURITY_NT_AUTHORITY}; PSID admins; "
    "AllocateAndInitializeSid(&nt, 2, SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS, "
    "0, 0, 0, 0, 0, 0, &admins); "
)
USE = (
    f"{SD}SetSecurityDescriptorDacl(&sd, TRUE, acl, FALSE); {SA}"
    f"sa.lpSecurityDescriptor = &sd; {EVENT}"
)
EMPTY = "PACL acl = malloc(256); InitializeAcl(acl, 256, ACL_REVISION); "
# Body of the function that creates an event → what its descriptor lets whom do.
BUILT: Mapping[str, tuple[str, str]] = {
    "explicit-access": (
        f"{EVERYONE}PACL acl = NULL; EXPLICIT_ACCESS ea; ea.grfAccessPermissions = SYNCHRONIZE; "
        "ea.grfAccessMode = SET_ACCESS; ea.Trustee.TrusteeForm = TRUSTEE_IS_SID; "
        "ea.Trustee.ptstrName = (LPTSTR)everyone; "
        f"if (SetEntriesInAcl(1, &ea, NULL, &acl) != ERROR_SUCCESS) return; {USE}",
        "Everyone may wait for it",
    ),
    "explicit-access-twice": (
        f"{EVERYONE}{ADMINS}PACL acl; EXPLICIT_ACCESS ea[2]; "
        "ea[0].grfAccessPermissions = EVENT_ALL_ACCESS; ea[0].grfAccessMode = GRANT_ACCESS; "
        "ea[0].Trustee.ptstrName = (LPTSTR)admins; "
        "ea[1].grfAccessPermissions = EVENT_MODIFY_STATE; ea[1].grfAccessMode = DENY_ACCESS; "
        "ea[1].Trustee.ptstrName = (LPTSTR)everyone; "
        f"SetEntriesInAcl(2, ea, NULL, &acl); {USE}",
        "Everyone may not set it; Administrators may do everything",
    ),
    "explicit-access-by-list": (
        f"{EVERYONE}PACL acl; EXPLICIT_ACCESS ea = {{GENERIC_ALL, SET_ACCESS, NO_INHERITANCE, "
        "{NULL, NO_MULTIPLE_TRUSTEE, TRUSTEE_IS_SID, TRUSTEE_IS_UNKNOWN, (LPTSTR)everyone}}; "
        f"SetEntriesInAcl(1, &ea, NULL, &acl); {USE}",
        "Everyone may do everything",
    ),
    "explicit-access-by-name": (
        'PACL acl; EXPLICIT_ACCESS ea; BuildExplicitAccessWithName(&ea, L"EVERYONE", '
        f"SYNCHRONIZE, SET_ACCESS, NO_INHERITANCE); SetEntriesInAcl(1, &ea, NULL, &acl); {USE}",
        "Everyone may wait for it",
    ),
    "explicit-access-added-to-another-list": (
        f"{EVERYONE}PACL acl; EXPLICIT_ACCESS ea; BuildExplicitAccessWithName(&ea, account, "
        f"SYNCHRONIZE, SET_ACCESS, NO_INHERITANCE); SetEntriesInAcl(1, &ea, old, &acl); {USE}",
        "an account may wait for it; perhaps others, too",
    ),
    "added": (
        f"{EVERYONE}{ADMINS}{EMPTY}AddAccessAllowedAce(acl, ACL_REVISION, GENERIC_ALL, admins); "
        f"AddAccessAllowedAceEx(acl, ACL_REVISION, 0, SYNCHRONIZE, everyone); {USE}",
        "Administrators may do everything; Everyone may wait for it",
    ),
    "well-known": (
        "BYTE sid[68]; DWORD size = 68; CreateWellKnownSid(WinAuthenticatedUserSid, NULL, sid, "
        f"&size); {EMPTY}AddAccessAllowedAce(acl, ACL_REVISION, SYNCHRONIZE, sid); {USE}",
        "Authenticated Users may wait for it",
    ),
    "text": (
        f'PSID sid; ConvertStringSidToSidW(L"S-1-5-4", &sid); {EMPTY}'
        f"AddAccessDeniedAce(acl, ACL_REVISION, GENERIC_ALL, sid); {USE}",
        "users who log on locally may do nothing",
    ),
    "empty": (f"{EMPTY}{USE}", "nobody may do anything"),
    "account-at-run-time": (
        f"{EMPTY}AddAccessAllowedAce(acl, ACL_REVISION, GENERIC_ALL, user->User.Sid); {USE}",
        "the account in `user.User.Sid` may do everything",
    ),
    "filled-elsewhere": (f"{EMPTY}fill(acl); {USE}", "perhaps others, too"),
    "list-from-elsewhere": (f"PACL acl = make_acl(); {USE}", ""),
    "parameter": ("wrapped(&g_open);", "everyone may do everything, also change who may use it"),
    "file-variable": (
        "CreateEventW(&g_open, TRUE, FALSE, NULL);",
        "everyone may do everything, also change who may use it",
    ),
    "label": (
        f"{EMPTY}{SD}SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE); PSID low; "
        'ConvertStringSidToSidW(L"S-1-16-4096", &low); '
        "AddMandatoryAce(acl, ACL_REVISION, 0, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP, low); "
        f"SetSecurityDescriptorSacl(&sd, TRUE, acl, FALSE); {SA}sa.lpSecurityDescriptor = &sd; "
        f"{EVENT}",
        "everyone may do everything, also change who may use it; low-integrity programs may write",
    ),
}
MORE = """
static SECURITY_DESCRIPTOR g_open_sd;
static SECURITY_ATTRIBUTES g_open;
void fill(PACL acl) { AddAccessAllowedAce(acl, ACL_REVISION, GENERIC_READ, who); }
void init(void) {
    InitializeSecurityDescriptor(&g_open_sd, 1);
    SetSecurityDescriptorDacl(&g_open_sd, TRUE, NULL, FALSE);
    g_open.lpSecurityDescriptor = &g_open_sd;
}
"""
WRAPPER = "void wrapped(SECURITY_ATTRIBUTES *p) { CreateEventW(p, TRUE, FALSE, NULL); }"


@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
@pytest.mark.parametrize(("body", "expected"), BUILT.values(), ids=BUILT)
def test_descriptor_that_is_built_in_words(body: str, expected: str, path: str) -> None:
    wrapper = WRAPPER if "wrapped" in body else ""
    program = link({path: f"{MORE}{wrapper}void f(void) {{ {body} }}"})
    (site,) = program.sites("object-create")
    assert program.descriptor(site).words("event", CATALOG.sddl) == expected


# Body of a function that gives the attributes → kind of the descriptor, and what it says.
PYTHON: Mapping[str, tuple[str, str]] = {
    "none": ("return None", "default: the default access list of the creator applies"),
    "blank": (
        "return pywintypes.SECURITY_ATTRIBUTES()",
        "default: the default access list of the creator applies",
    ),
    "blank-variable": (
        "sa = pywintypes.SECURITY_ATTRIBUTES(); return sa",
        "default: the default access list of the creator applies",
    ),
    "blank-but-for-inheritance": (
        "sa = pywintypes.SECURITY_ATTRIBUTES(); sa.bInheritHandle = 1; return sa",
        "default: the default access list of the creator applies",
    ),
    "descriptor-of-somebody-else": (
        "sa = pywintypes.SECURITY_ATTRIBUTES(); sa.SECURITY_DESCRIPTOR = given; return sa",
        "unknown: ",
    ),
    "null-dacl": (
        "sa = pywintypes.SECURITY_ATTRIBUTES(); sa.SetSecurityDescriptorDacl(1, None, 0); return sa",
        "null-dacl: everyone may do everything, also change who may use it",
    ),
    "null-dacl-of-a-descriptor": (
        "sa = win32security.SECURITY_ATTRIBUTES(); sd = win32security.SECURITY_DESCRIPTOR(); "
        "sd.SetSecurityDescriptorDacl(1, None, 0); sa.SECURITY_DESCRIPTOR = sd; return sa",
        "null-dacl: everyone may do everything, also change who may use it",
    ),
    "null-dacl-in-place": (
        "sa = pywintypes.SECURITY_ATTRIBUTES(); "
        "sa.SECURITY_DESCRIPTOR.SetSecurityDescriptorDacl(True, None, False); return sa",
        "null-dacl: everyone may do everything, also change who may use it",
    ),
    "absent": (
        "sa = pywintypes.SECURITY_ATTRIBUTES(); sa.SetSecurityDescriptorDacl(0, None, 0); return sa",
        "default: the default access list of the creator applies",
    ),
    "sddl": (
        "sa = win32security.SECURITY_ATTRIBUTES(); sa.SECURITY_DESCRIPTOR = "
        "win32security.ConvertStringSecurityDescriptorToSecurityDescriptor('D:(A;;GR;;;AU)', 1); "
        "return sa",
        "sddl: Authenticated Users may query it",
    ),
    "well-known": (
        "sa = win32security.SECURITY_ATTRIBUTES(); acl = win32security.ACL(); "
        "everyone = win32security.CreateWellKnownSid(win32security.WinWorldSid, None); "
        "acl.AddAccessAllowedAce(win32security.ACL_REVISION, win32con.GENERIC_ALL, everyone); "
        "sa.SECURITY_DESCRIPTOR.SetSecurityDescriptorDacl(1, acl, 0); return sa",
        "built: Everyone may do everything",
    ),
    "account": (
        "sa = win32security.SECURITY_ATTRIBUTES(); acl = win32security.ACL(); "
        "users, domain, kind = win32security.LookupAccountName('', 'Users'); "
        "acl.AddAccessAllowedAce(1, win32con.SYNCHRONIZE, users); "
        "acl.AddAccessDeniedAce(1, 2, win32security.LookupAccountName('', 'Guests')[0]); "
        "sa.SetSecurityDescriptorDacl(1, acl, 0); return sa",
        "built: Users may wait for it; Guests may not set it",
    ),
    "object": (
        "sa = pywintypes.SECURITY_ATTRIBUTES(); acl = pywintypes.ACL(); sid = pywintypes.SID(); "
        "sid.Initialize(ntsecuritycon.SECURITY_WORLD_SID_AUTHORITY, 1); "
        "sid.SetSubAuthority(0, ntsecuritycon.SECURITY_WORLD_RID); "
        "acl.AddAccessAllowedAce(win32con.GENERIC_READ, sid); "
        "sa.SetSecurityDescriptorDacl(1, acl, 0); return sa",
        "built: Everyone may query it",
    ),
    "another-list": (
        "sa = pywintypes.SECURITY_ATTRIBUTES(); sd = win32security.GetFileSecurity('x', 4); "
        "acl = sd.GetSecurityDescriptorDacl(); sa.SetSecurityDescriptorDacl(1, acl, 0); return sa",
        "built: ",
    ),
    "filled-elsewhere": (
        "sa = pywintypes.SECURITY_ATTRIBUTES(); restrict(sa); return sa",
        "unknown: ",
    ),
    "given": ("return given", "unknown: "),
    "filled-by-who-gets-them": (
        "sa = made(); sa.SECURITY_DESCRIPTOR = given; return sa",
        "unknown: ",
    ),
}


@pytest.mark.parametrize(("body", "expected"), PYTHON.values(), ids=PYTHON)
def test_descriptor_of_pywin32(body: str, expected: str) -> None:
    text = (
        "import ntsecuritycon, pywintypes, win32con, win32event, win32security\n"
        "def made():\n    return pywintypes.SECURITY_ATTRIBUTES()\n"
        f"def attributes(given):\n    {body}\n"
        "win32event.CreateEvent(attributes(unknown), True, False, 'Global\\\\x')\n"
    )
    program = link({"a.py": text})
    (site,) = program.sites("object-create")
    found = program.descriptor(site)
    assert f"{found.kind}: {found.words('event', CATALOG.sddl)}" == expected


def test_attributes_of_a_python_object_are_followed() -> None:
    text = """
import pywintypes, win32event
class Agent:
    def __init__(self):
        self.sa = pywintypes.SECURITY_ATTRIBUTES()
        self.sa.SetSecurityDescriptorDacl(1, None, 0)
    def run(self):
        win32event.CreateEvent(self.sa, True, False, "Global\\\\x")
"""
    program = link({"a.py": text})
    (site,) = program.sites("object-create")
    assert program.descriptor(site).kind == "null-dacl"


def test_functions_that_take_no_attributes_give_the_default_descriptor() -> None:
    program = link({"a.py": "import mmap\nmmap.mmap(-1, 1, tagname='Global\\\\x')\n"})
    (site,) = program.sites("object-create")
    assert program.descriptor(site).kind == "default"


def test_places_are_the_calls_that_decide() -> None:
    text = f"{HELPERS}void f(void) {{ {SA}open_to_all(&sa); {EVENT} }}"
    program = link({"a.c": text})
    (site,) = program.sites("object-create")
    (place,) = program.descriptor(site).places
    assert text[place.start : place.end] == "SetSecurityDescriptorDacl(&g_sd, TRUE, NULL, FALSE)"
