"""Every rule page is complete, and its examples give exactly the findings that they want."""

from __future__ import annotations

import re
from runpy import run_path

import pytest

from programs import EXAMPLES, PAGES, ROOT, RULES
from sessionzero.engine import check_sources
from sessionzero.errors import SessionZeroError
from sessionzero.knowledge.examples import examples
from sessionzero.knowledge.rules import PLACEHOLDERS, Rule, collect, parse_page, section
from sessionzero.knowledge.wants import found, named, wants

WHOLE = next(rule for rule in RULES if rule.id == "SZFLAG001")  # has all keys
PAGE = WHOLE.markdown
NAME = f"{WHOLE.id}-{WHOLE.name}.md"
BY_ID = pytest.mark.parametrize("rule", PAGES, ids=[rule.id for rule in PAGES])


@BY_ID
def test_page_explains_itself(rule: Rule) -> None:
    assert 30 <= len(rule.title) <= 100
    assert not rule.title.endswith(".")
    assert 80 <= len(rule.summary) <= 1024
    assert len(rule.remedy) >= 10
    assert len("".join(section(rule, "When it is silent"))) >= 80


@BY_ID
def test_page_names_its_sources_by_secure_addresses(rule: Rule) -> None:
    lines = [line for line in section(rule, "Sources") if line.strip()]
    assert len(lines) >= 2
    assert [line for line in lines if not re.fullmatch(r"- <https://\S+>", line)] == []
    # A namespace of XML is a name, which nobody fetches.
    assert "http://" not in rule.markdown.replace('xmlns="http://', "")


@BY_ID
@pytest.mark.parametrize("silent", [False, True], ids=["found", "silent"])
def test_page_has_examples_in_each_of_its_languages(rule: Rule, silent: bool) -> None:
    languages = [it.language for it in examples(rule) if it.silent == silent]
    native = [language for language in languages if language in ("c", "c++")]
    assert set(languages) == set(rule.languages)
    assert len(native) >= 2 or not {"c", "c++"} & set(rule.languages)
    others = set(rule.languages) - {"c", "c++"}
    assert [language for language in others if languages.count(language) < 2] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_wants_what_its_heading_says(name: str) -> None:
    example = EXAMPLES[name]
    wanted = wants({file.name: file.text for file in example.files}, PAGES)
    assert {want.rule for want in wanted} == (set() if example.silent else {name.split("-")[0]})


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_gives_exactly_the_wanted_findings(name: str) -> None:
    files = {file.name: file.text for file in EXAMPLES[name].files}
    also = {name.split("-")[0], *named(files, PAGES)}
    assert found(check_sources(files, also=also), files) == wants(files, PAGES)


def test_index_is_what_the_script_writes() -> None:
    index = (ROOT / "rules" / "README.md").read_text("utf-8")
    script = run_path(str(ROOT / "scripts" / "rule_index.py"))
    assert script["with_table"](index, PAGES) == index
    assert index.count("\n| [SZ") == len(PAGES)


WRONG = {
    "no-title": ("# A service", "A service", "the first line must be '# '"),
    "no-block": ("```toml", "```ini", "followed by a ```toml block"),
    "open-block": ("\n```\n", "\n", "no end"),
    "not-toml": ('id = "', "id = ", "is not TOML"),
    "unknown-key": ("since =", "sins =", "unknown key 'sins'; there are any-of, check"),
    "missing-key": ('since = "0.1.0"\n', "", "no 'since'"),
    "nested-key": ('since = "0.1.0"', "since = [[1]]", "'since' must be text, a whole number or"),
    "wrong-type": ('since = "0.1.0"', "since = 1", "'since' must be text, not 1"),
    "empty-text": ('since = "0.1.0"', 'since = ""', "'since' must be text"),
    "empty-list": ("languages = [", "languages = [] # [", "'languages' must be a list of texts"),
    "wrong-id": ('id = "SZ', 'id = "sz', "must be a group and three digits"),
    "wrong-name": ('name = "', 'name = "Not ', "words in lower case"),
    "wrong-file": ('name = "', 'name = "other-', "the file must be called"),
    "unknown-level": (
        'level = "error"',
        'level = "fatal"',
        "unknown level 'fatal'; there are error",
    ),
    "no-language-of-a-rule": (
        'languages = ["',
        'languages = ["build", "',
        "unknown languages 'build'",
    ),
    "unknown-trust": ('trust = "', 'trust = "blind-', "unknown trust 'blind-"),
    "unknown-language": ('languages = ["', 'languages = ["rust", "', "unknown languages 'rust'"),
    "wrong-severity": ('security-severity = "', 'security-severity = "x', 'from "0.1" to "10.0"'),
    "wrong-cwe": ('cwe = ["CWE-', 'cwe = ["', "such as CWE-440"),
    "placeholder": ('message = "', 'message = "A {colour} ', "unknown {colour} in the message"),
    "a-fix-that-is-no-command": (
        'fix = "Remove',
        'fix = "remove',
        "'fix' must be a command",
    ),
    "two-sentences": ('message = "', 'message = "No. ', "must be one sentence"),
    "lower-case": ('message = "', 'message = "oh ', "must be one sentence"),
    "unless-shown": (
        'fix = "Remove',
        'unless-shown = "should a service"\nfix = "Remove',
        "the unless-shown must be one sentence",
    ),
    "no-section": ("## Why it breaks", "## Why", "no text under '## Why it breaks'"),
}


@pytest.mark.parametrize(("old", "new", "message"), WRONG.values(), ids=WRONG)
def test_wrong_page_is_refused_by_name(old: str, new: str, message: str) -> None:
    assert old in PAGE
    with pytest.raises(SessionZeroError) as caught:
        parse_page(NAME, PAGE.replace(old, new))
    assert str(caught.value).startswith(f"{NAME}: ")
    assert message in str(caught.value)


def test_page_without_a_paragraph_is_refused() -> None:
    head, _, rest = PAGE.partition(WHOLE.markdown.split("\n```\n")[1].split("\n## ")[0])
    with pytest.raises(SessionZeroError, match="no paragraph"):
        parse_page(NAME, f"{head}\n{rest}")


def test_two_pages_of_one_id_are_refused() -> None:
    with pytest.raises(SessionZeroError, match=f"{WHOLE.id} is taken by {NAME}"):
        collect([(NAME, PAGE), (NAME, PAGE)])


def test_line_ends_of_windows_are_read() -> None:
    rule = parse_page(NAME, PAGE.replace("\n", "\r\n"))
    assert (rule.id, rule.summary) == (WHOLE.id, WHOLE.summary)


def test_example_with_an_unknown_heading_is_refused() -> None:
    rule = parse_page(NAME, PAGE.replace("### Found: ", "### Wrong: "))
    with pytest.raises(SessionZeroError, match="must begin with '### Found: '"):
        examples(rule)


def test_example_in_a_language_of_no_rule_is_refused() -> None:
    rule = parse_page(NAME, PAGE.replace("```c\n", "```rust\n"))
    with pytest.raises(SessionZeroError, match="example in 'rust'; there are c, "):
        examples(rule)


def test_messages_use_placeholders_that_quote_the_code() -> None:
    used = {word for rule in PAGES for word in re.findall(r"\{(\w+)\}", rule.message)}
    assert used <= PLACEHOLDERS
    assert [rule.id for rule in PAGES if "{" not in rule.message] == []


def test_slip_in_a_want_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"a.c:2: 'want SZUI1' should read"):
        wants({"a.c": "int a;\nint b; // want SZUI1\n"}, RULES)


def test_wants_are_counted_by_line_rule_and_level() -> None:
    files = {"a.py": "x = 1\ny = 2  # want SZUI001 SZNAME001:note\n"}
    assert [(want.line, want.rule, want.level) for want in wants(files, RULES)] == [
        (2, "SZNAME001", "note"),
        (2, "SZUI001", "error"),
    ]
