"""SDDL is read as Windows reads it, and said in words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionzero.access import grants, in_words, useless_denials
from sessionzero.knowledge.packs import load_catalog
from sessionzero.sddl import Fault, Security, decode, looks_like_sddl, sid_named

WORDS = load_catalog().sddl

# SDDL and the kind of object → what it lets whom do.
SAID: Mapping[str, tuple[str, str]] = {
    "D:(A;;GA;;;WD)": ("event", "Everyone may do everything"),
    "D:(A;;GRGW;;;WD)(A;;GA;;;BA)S:(ML;;NW;;;LW)": (
        "pipe",
        "Everyone may read, write and create instances of it; Administrators may do everything; "
        "low-integrity programs may write",
    ),
    "D:(A;;GRGW;;;WD)": ("object", "Everyone may read and write"),
    "D:P(A;;0x12019b;;;IU)": ("pipe", "users who log on locally may read and write"),
    "D:(A;;0x100002;;;AU)": ("event", "Authenticated Users may wait for it and set it"),
    "D:(A;;0x100000;;;AU)": ("mutex", "Authenticated Users may take it"),
    "D:(A;;CCDC;;;BU)": ("event", "Users may set it and query it"),
    "D:(A;;FR;;;BU)": ("file", "Users may read"),
    "D:(A;;KA;;;SY)": ("key", "SYSTEM may do everything"),
    "D:(A;;RPWP;;;AU)": ("service", "Authenticated Users may start it and stop it"),
    "D:(A;;WDWO;;;BU)": (
        "section",
        "Users may change who may use it and take ownership of it",
    ),
    "D:(A;;RC;;;BU)": ("event", "Users may see who may use it"),
    "D:(A;;0x4;;;BU)": ("object", "Users may use right 0x4"),
    "D:(A;;GA;;;S-1-1-0)": ("mutex", "Everyone may do everything"),
    "D:(A;;GA;;;S-1-5-80-1-2-3-4-5)": (
        "mutex",
        "the service S-1-5-80-1-2-3-4-5 may do everything",
    ),
    "D:(D;;GA;;;NU)(A;;GR;;;BU)": (
        "file",
        "users who come over the network may do nothing; Users may read",
    ),
    "D:(D;;0x4;;;WD)": ("pipe", "Everyone may not create instances of it"),
    "D:": ("event", "nobody may do anything"),
    "D:P": ("event", "nobody may do anything"),
    "D:NO_ACCESS_CONTROL": (
        "event",
        "everyone may do everything, also change who may use it",
    ),
    "D:PNO_ACCESS_CONTROL": (
        "event",
        "everyone may do everything, also change who may use it",
    ),
    "": ("event", "the default access list of the creator applies"),
    "O:BAG:SYS:(ML;;NRNWNX;;;HI)": (
        "event",
        "the default access list of the creator applies; programs below high integrity may not "
        "read, write or execute",
    ),
    "O:S-1-5-18G:BAD:PAI(A;OICI;GA;;;SY)S:P(AU;SAFA;GA;;;WD)": (
        "file",
        "SYSTEM may do everything",
    ),
    "S:(ML;;0x1;;;S-1-16-0)D:(A;;GR;;;BU)": (
        "section",
        "Users may read; untrusted programs may write",
    ),
    "D:(A;OICIIO;GA;;;CO)(A;;GR;;;BU)": ("file", "Users may read"),
    "D:(OA;;GR;bf967aba-0de6-11d0-a285-00aa003049e2;;BU)": (
        "object",
        "Users may read, in what bf967aba-0de6-11d0-a285-00aa003049e2 names",
    ),
    'D:(XA;;GR;;;WD;(@USER.Title == "a) b" && Member_of {SID(BA)}))': (
        "object",
        'Everyone may read, if (@USER.Title == "a) b" && Member_of {SID(BA)})',
    ),
    'S:(RA;;;;;WD;("Secrecy",TU,0,3))': (
        "object",
        "the default access list of the creator applies",
    ),
    "d:( a ; ; ga ; ; ; wd )": ("event", "Everyone may do everything"),
}

# SDDL → what is wrong with it, and the text that is.
WRONG: Mapping[str, tuple[str, str]] = {
    "D:(A;;GA;;WD)": ("`(A;;GA;;WD)` has 5 fields, not 6", "(A;;GA;;WD)"),
    "D:(A;;GA;;;;WD)": ("`(A;;GA;;;;WD)` has a field too many", "WD"),
    "D:(A;;GA;;;WD;x)": ("`(A;;GA;;;WD;x)` has a field too many", "x"),
    "D:(A;;GZ;;;WD)": ("`GZ` is no right", "GZ"),
    "D:(A;;GRG;;;WD)": ("`G` is no right", "G"),
    "D:(A;;0x1FZ;;;WD)": ("`0x1FZ` is no access mask", "0x1FZ"),
    "D:(A;OX;GA;;;WD)": ("`OX` is no flag of an entry", "OX"),
    "D:(B;;GA;;;WD)": ("`B` is no type of an entry", "B"),
    "D:(A;;GA;;;XX)": ("`XX` is no account", "XX"),
    "D:(A;;GA;;;Everyone)": ("`Everyone` is no account", "Everyone"),
    "D:(A;;GA;;;S-1-5)": ("`S-1-5` is no account", "S-1-5"),
    "D:(A;;GA;;;)": ("the entry names no account", ""),
    "D:(A;;GA;;;WD": ("an entry has no closing parenthesis", "(A;;GA;;;WD"),
    "D:(A;;GA;;;WD(A;;GA;;;BA)": (
        "an entry has no closing parenthesis",
        "(A;;GA;;;WD(A;;GA;;;BA)",
    ),
    "D:(ML;;NW;;;LW)": ("an entry of type ML belongs into S:, not into D:", "ML"),
    "S:(A;;GA;;;WD)": ("an entry of type A belongs into D:, not into S:", "A"),
    "S:(ML;;NW;;;WD)": ("`WD` is no integrity level", "WD"),
    "S:(ML;;GA;;;LW)": ("`GA` is no policy of a label", "GA"),
    "D:X(A;;GA;;;WD)": ("`X` is no flag of a list", "X"),
    "D:(A;;GA;;;WD)D:(A;;GA;;;BA)": ("D: stands there twice", "D:"),
    "(A;;GA;;;WD)": ("`(A;;GA;;;WD)` is none of O:, G:, D:, S:", "(A;;GA;;;WD)"),
    "O:XXD:(A;;GA;;;WD)": ("`XX` is no account", "XX"),
}


@pytest.mark.parametrize("text", SAID)
def test_descriptor_in_words(text: str) -> None:
    kind, expected = SAID[text]
    found = decode(text, WORDS)
    assert isinstance(found, Security), found
    assert in_words(found, kind, WORDS) == expected


@pytest.mark.parametrize("text", WRONG)
def test_what_is_invalid_and_where(text: str) -> None:
    message, where = WRONG[text]
    found = decode(text, WORDS)
    assert isinstance(found, Fault)
    assert (found.message, text[found.start : found.end]) == (message, where)


def test_what_is_denied_before_is_taken_away() -> None:
    found = decode("D:(D;;0x4;;;WD)(A;;GRGW;;;AU)(D;;GA;;;AN)", WORDS)
    assert isinstance(found, Security)
    assert found.dacl is not None
    (grant,) = grants(found.dacl, "pipe", WORDS)
    assert not grant.rights & 0x4
    assert grant.rights & 0x3 == 0x3


def test_what_is_denied_after_it_was_allowed_is_useless() -> None:
    found = decode("D:(A;;GA;;;BU)(D;;GW;;;BU)(D;;GW;;;BG)", WORDS)
    assert isinstance(found, Security)
    assert found.dacl is not None
    assert [ace.sid.text for ace in useless_denials(found.dacl, "event", WORDS)] == ["BU"]


def test_entries_know_where_they_stand() -> None:
    text = "O:BAD:P(A;;GA;;;SY) (A;;GR;;;BU)"
    found = decode(text, WORDS)
    assert isinstance(found, Security)
    assert found.dacl is not None
    assert [text[ace.start : ace.end] for ace in found.dacl.aces] == [
        "(A;;GA;;;SY)",
        "(A;;GR;;;BU)",
    ]


def test_same_letters_mean_different_things_by_position() -> None:
    found = decode("D:(A;;WD;;;WD)S:(AU;FA;FA;;;AU)", WORDS)
    assert isinstance(found, Security)
    assert found.dacl is not None
    assert found.sacl is not None
    assert (found.dacl.aces[0].rights, found.dacl.aces[0].sid.name) == (0x40000, "Everyone")
    assert (found.sacl.aces[0].flags, found.sacl.aces[0].rights) == (("FA",), 0x1F01FF)


@pytest.mark.parametrize("kind", WORDS.kinds)
def test_all_rights_of_each_kind_are_everything(kind: str) -> None:
    mask = WORDS.kinds[kind].generic[3]
    found = decode(f"D:(A;;{mask:#x};;;WD)", WORDS)
    assert isinstance(found, Security)
    assert in_words(found, kind, WORDS) == "Everyone may do everything"


@pytest.mark.parametrize("token", [*WORDS.sids, *WORDS.integrity])
def test_each_account_is_known_by_its_letters_and_by_its_number(token: str) -> None:
    found = sid_named(token, WORDS)
    assert found is not None
    again = sid_named(found.sid, WORDS) if found.sid else found
    assert again is not None
    assert (again.name, again.trust) == (found.name, found.trust)


@pytest.mark.parametrize("name", [*WORDS.accounts.values(), *WORDS.well_known.values()])
def test_named_accounts_are_accounts(name: str) -> None:
    assert sid_named(name, WORDS) is not None


def test_well_known_accounts_are_constants_of_the_headers() -> None:
    assert set(WORDS.well_known) <= set(load_catalog().constants)


@given(st.text(alphabet='DOGSAPU:();-10x ML"WGR', max_size=40))
def test_any_text_is_decoded_or_refused(text: str) -> None:
    found = decode(text, WORDS)
    if isinstance(found, Fault):
        assert 0 <= found.start <= found.end <= len(text)
    else:
        assert in_words(found, "event", WORDS)


def test_paths_of_drives_are_no_sddl() -> None:
    assert not looks_like_sddl("D:\\folder")
    assert not looks_like_sddl("S:")
    assert looks_like_sddl("O:BAG:BAD:(A;;GA;;;BA)")
    assert looks_like_sddl("D:PAI(A;;GA;;;BA)")
