"""What the front-ends of scripts and settings read: commands, instructions, records, places."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sessionzero import frontends
from sessionzero.facts import SCRIPTS, Expr, Language, Sequence, Text
from sessionzero.frontends.scripts.draft import MAX_ITEMS, MAX_TEXT

# Language, text, and what is read of it: calls as lists of words, records as kind and fields.
CALLS: Mapping[str, tuple[Language, str, list[list[str]]]] = {
    "nsis-words": ("nsis", '  Name a \'b c\' "d $\\"e" `f`', [["Name", "a", "b c", 'd "e', "f"]]),
    "nsis-comments": ("nsis", "; a\n# b\n/* c\nd */ E f ; g\nH i # j", [["E", "f"], ["H", "i"]]),
    "nsis-continued": ("nsis", 'A "b" \\\n  c\r\nD "e\\\r\nf"', [["A", "b", "c"], ["D", "ef"]]),
    "nsis-define": ("nsis", "!define X y\nA ${X}-${Z}", [["A", "y-${Z}"]]),
    "nsis-two-values": ("nsis", "!define X y\n!define X z\nA ${X}", [["A", "${X}"]]),
    "nsis-open-quote": ("nsis", "A 'b\nC", [["A", "b"], ["C"]]),
    "nsis-function-of-windows": (
        "nsis",
        "System::Call 'k::F(i r1, w \"x\", *i 0x10, n) i.r2'",
        [
            ["System::Call", 'k::F(i r1, w "x", *i 0x10, n) i.r2'],
            ["k::F", "r1", "x", "0x10", ""],
        ],
    ),
    "powershell-words": (
        "powershell",
        "a -B 'c''d' \"e`\"f\" g=h",
        [["a", "-B", "c'd", 'e"f', "g=h"]],
    ),
    "powershell-comments": ("powershell", "# a\n<# b\nc #> d # e\nf#g", [["d"], ["f#g"]]),
    "powershell-variable": ("powershell", "$x = 'y'\na $x \"$x-${x}-$z\"", [["a", "y", "y-y-$z"]]),
    "powershell-two-values": ("powershell", "$x = 1\n$x = 2\na $x", [["a", "$x"]]),
    "powershell-called": ("powershell", "& 'a b' c; . d", [["a b", "c"], ["d"]]),
    "powershell-types": (
        "powershell",
        "param([string]$a = 'x',\n [int]$b)\n[string]$c = 'y'\n[A.B]::d('e')\nf $c $g[0].h",
        [["d", "e"], ["f", "y", "$g[0].h"]],
    ),
    "powershell-parameters": (
        "powershell",
        "param(\n[string]$a = 'x', # y\n[A()] [string]$d = 'z',\n[switch]$e)\n"
        "f $a (Join-Path $d 'g') ('h' + 'i')",
        [["Join-Path", "z", "g"], ["f", "x", "z\\g", "hi"]],
    ),
    "powershell-put-together": (
        "powershell",
        "$a = Join-Path $b 'c.py'\n$d = $e + '\\f' + '.exe'\n$h = (Join-Path 'i' 'j')\ng $a $d $h",
        [
            ["Join-Path", "$b", "c.py"],
            ["Join-Path", "i", "j"],
            ["g", "$b\\c.py", "$e\\f.exe", "i\\j"],
        ],
    ),
    "powershell-continued": ("powershell", "a `\n  b |\n  c", [["a", "b"], ["c"]]),
    "powershell-result": (
        "powershell",
        "$x = a b\nif (c d) { e f }",
        [["a", "b"], ["c", "d"], ["e", "f"]],
    ),
    "powershell-list": ("powershell", "a 'b', c -D @('e', 'f')", [["a", "b c", "-D", "e f"]]),
    "powershell-table": (
        "powershell",
        "a -B @{ c = 'd'; e = $true }",
        [["a", "-B", "c=d", "e=$true"]],
    ),
    "powershell-table-without-blanks": (
        "powershell",
        "a @{c='d';e=$true;f=g-h}",
        [["a", "c=d", "e=$true", "f=g-h"]],
    ),
    "powershell-method": ("powershell", "$o.Do($null, 'a')", [["Do", "$null", "a"]]),
    "powershell-static": ("powershell", "[A.B]::Do('a', 1)", [["Do", "a", "1"]]),
    "powershell-text": ("powershell", '$x = @"\na b\n"@\n\'c d\'\n"e f"', []),
    "powershell-array": ("powershell", "$x = @(\n  'a',\n  'b'\n)\nc", [["c"]]),
    "vbscript-both-forms": ("vbscript", 'o.Do("a", 1)\no.Do "a", 1', [["Do", "a", "1"]] * 2),
    "vbscript-comments": ("vbscript", "' o.Do 1\nRem o.Do 2\no.Do 3 ' x", [["Do", "3"]]),
    "vbscript-joined": ("vbscript", 'x = "b"\no.Do "a" & x & "c"', [["Do", "abc"]]),
    "vbscript-continued": ("vbscript", "o.Do 1, _\n  2", [["Do", "1", "2"]]),
    "vbscript-condition": ("vbscript", "If a Then o.Do 1", [["Do", "1"]]),
    "vbscript-left-out": ("vbscript", "o.Do(, , True)", [["Do", "", "", "True"]]),
    "vbscript-left-out-without-brackets": ("vbscript", "o.Do , , True", [["Do", "", "", "True"]]),
    "vbscript-chain": ("vbscript", 'F("a").Do 1', [["F", "a"], ["Do", "1"]]),
    "vbscript-property": ("vbscript", "o.Done = True\nx = o.Done", []),
    "pascal": (
        "inno",
        "[Code]\nF('a''b' + 'c', X or $10);",
        [["F", "ab'c".replace("b'", "'b"), "X or $10"]],
    ),
    "pascal-constant": ("inno", "[Code]\nconst X = $10;\nF(X);", [["F", "$10"]]),
    "pascal-comments": ("inno", "[Code]\n{ F(1) } // F(2)\n(* F(3) *) F(4);", [["F", "4"]]),
    "pascal-nested": (
        "inno",
        "[Code]\nF(G(1), ExpandConstant('{x}y'));",
        [["G", "1"], ["F", "G ( 1 )", "{x}y"]],
    ),
    "pascal-section-ends": ("inno", "[Code]\nF(1);\n[Run]\nFilename: F(2)\n", [["F", "1"]]),
}

RECORDS: Mapping[str, tuple[Language, str, list[tuple[str, dict[str, str]]]]] = {
    "reg": (
        "reg",
        'Windows Registry Editor Version 5.00\n\n[A\\B] ; x\n"c"=dword:0000001F\n"d"="e\\\\\\"f"\n@="g"\n',
        [("A\\B", {"c": "0x0000001F", "d": 'e\\"f', "": "g"})],
    ),
    "reg-bytes": (
        "reg",
        '[A]\n"b"=hex(4):10,01,00,00\n"c"=hex(2):41,00\n',
        [("A", {"b": "0x00000110"})],
    ),
    "reg-deleted": ("reg", '[-A]\n"b"=dword:1\n[C]\n"d"=-\n; "e"=dword:1\n', [("C", {})]),
    "inf": ("inf", '[A]\nb = c, "d;e" ; f\n[ a ]\ng,h\n', [("A", {"b": "c d;e", "": "g h"})]),
    "inf-strings": (
        "inf",
        '[A]\nb=%c%\n[Strings]\nC = "d"\n',
        [("A", {"b": "d"}), ("Strings", {"C": "d"})],
    ),
    "inf-continued": ("inf", "[A]\nb = c, \\\n  d\n", [("A", {"b": "c d"})]),
    "inf-quotes": ("inf", '[A]\nb = "c""d"\n', [("A", {"b": 'c"d'})]),
    "inno": ("inno", '[Run]\n; x\nA: "b ""c"""; D: e f\n', [("Run", {"A": 'b "c"', "D": "e f"})]),
    "inno-define": ("inno", '#define X "y"\n[Run]\nA: "{#X}"\n', [("Run", {"A": "y"})]),
    "inno-setting": ("inno", "[Setup]\nA=b c\n", [("Setup", {"A": "b c"})]),
    "wix": (
        "wix",
        '<a:B x="1" y=\'&lt;\'><C z="2"/></a:B>',
        [("B", {"x": "1", "y": "<"}), ("C", {"z": "2"})],
    ),
    "wix-define": ("wix", '<?define X="1"?><A b="$(var.X)$(X)$(Y)"/>', [("A", {"b": "11$(Y)"})]),
    "wix-declared-utf-16": (
        "wix",
        '<?xml version="1.0" encoding="utf-16"?><A b="é"/>',
        [("A", {"b": "é"})],
    ),
    "idt": (
        "msi",
        "A\tB\ns1\ti2\nT\tA\nx\t1\ny\t\n",
        [("T", {"A": "x", "B": "1"}), ("T", {"A": "y", "B": ""})],
    ),
    "idt-code-page": ("msi", "A\tB\ns1\ti2\n1252\tT\tA\nx\t1\n", [("T", {"A": "x", "B": "1"})]),
    "ism": (
        "msi",
        '<msi><table name="T"><col>A</col><col>B</col><row><td/><td>1</td></row></table></msi>',
        [("T", {"A": "", "B": "1"})],
    ),
    "aip": ("msi", '<D><COMPONENT cid="a.b.T"><ROW A="1"/></COMPONENT></D>', [("T", {"A": "1"})]),
    "dfm": (
        "dfm",
        "object A: TA\n  B = 'c'\n  D = <\n    item\n      B = 'x'\n    end>\n  object E: TE\n    B = 'y'\n  end\n  F = True\nend",
        [("object", {"": "TA", "B": "c", "F": "True"})],
    ),
    "wrapper": ("wrapper", "#a=b\na.b = c d \n", [("settings", {"a.b": "c d"})]),
}


def said(value: Expr) -> str:
    if isinstance(value, Text):
        return value.value
    return " ".join(said(item.value) for item in value.items) if isinstance(value, Sequence) else ""


@pytest.mark.parametrize("case", CALLS)
def test_calls(case: str) -> None:
    language, text, wanted = CALLS[case]
    facts = frontends.extract(text, language)
    found = [
        [
            said(call.callee),
            *(f"{a.name}={said(a.value)}" if a.name else said(a.value) for a in call.arguments),
        ]
        for call in facts.calls
    ]
    assert (found, facts.problems) == (wanted, ())


@pytest.mark.parametrize("case", RECORDS)
def test_records(case: str) -> None:
    language, text, wanted = RECORDS[case]
    facts = frontends.extract(text, language)
    found = [
        (record.kind, {field.name: said(field.value) for field in record.fields})
        for record in facts.records
    ]
    assert (found, facts.problems) == (wanted, ())


PLACES: Mapping[str, tuple[Language, str, str]] = {
    "batch": ("batch", 'rem é\nsc "é" type= interact', "interact"),
    "batch-variable": ("batch", "set X=a b\nsc %Y% type= interact", "interact"),
    "inf": ("inf", '; é\n[A]\nb = "é", c', "c"),
    "inno": ("inno", '[Run]\nA: "é"; B: "c"', '"c"'),
    "msi": ("msi", "A\tB\ns1\ti2\nT\tA\né\tc", "c"),
    "nsis": ("nsis", 'A "é" "c"', '"c"'),
    "pascal": ("inno", "[Code]\nF('é', 'c');", "'c'"),
    "powershell": ("powershell", "a 'é' \"c\"", '"c"'),
    "reg": ("reg", '; é\n[A]\n"é"=dword:00000001', "dword:00000001"),
    "vbscript": ("vbscript", 'o.Do "é", "c"', '"c"'),
    "wix": ("wix", "<A é=\"1\" b = 'c'/>", "'c'"),
    "xml-text": ("msi", "<m><table name='T'><col>É</col><row><td>c</td></row></table></m>", "c"),
}


@pytest.mark.parametrize("case", PLACES)
def test_last_value_stands_where_it_is_written(case: str) -> None:
    language, text, wanted = PLACES[case]
    facts = frontends.extract(text, language)
    values = [argument.value for call in facts.calls for argument in call.arguments]
    values += [field.value for record in facts.records for field in record.fields]
    last = max(values, key=lambda value: value.end)
    if isinstance(last, Sequence):
        last = last.items[-1].value
    assert text.encode()[last.start : last.end].decode() == wanted


# --- bad files ---

BROKEN: Mapping[str, tuple[Language, str, str]] = {
    "not-closed": ("wix", '<A>\n<B c="1">', "line 2: it is not well-formed XML (no element found)"),
    "no-xml": ("wix", "nothing", "line 1: it is not well-formed XML"),
    "entity": (
        "wix",
        '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]>\n<a d="&b;"/>',
        "line 2: it declares an entity, and entities are not read",
    ),
    "bomb": (
        "msi",
        '<!DOCTYPE a [<!ENTITY b "'
        + "x" * 1000
        + '"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>',
        "line 1: it declares an entity",
    ),
    "outside": (
        "wix",
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "entity",
    ),
    "deep": ("wix", "<a>" * 100_000, "line 1: its elements are nested too deeply"),
    "long": ("inf", " " * (MAX_TEXT + 1), "no such file is that long"),
    "much": ("inf", "[A]\n" + "a\n" * MAX_ITEMS, "it says too much"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_read_is_told_with_its_line(case: str) -> None:
    language, text, wanted = BROKEN[case]
    (problem,) = frontends.extract(text, language).problems
    assert wanted in problem.message
    assert problem.message.endswith("; this file was not read to its end")


def test_what_stands_before_an_error_counts() -> None:
    facts = frontends.extract('<A><B c="1"/><D', "wix")
    assert [record.kind for record in facts.records] == ["B"]
    assert len(facts.problems) == 1


PIECES = {
    "quotes": "\"'`",
    "brackets": "([{@{@($(",
    "closing": ")]}",
    "backslashes": "\\\n\\ ",
    "carets": "^\n%a%!b!",
    "percents": "%a%,%b",
    "comments": "/*<#<!--(*{",
    "equals": 'a=b,"c',
    "sections": "[a]\n[",
    "keys": '[a\n"b"=hex(4):1,\\\n',
    "calls": "a.b(c(",
    "joins": "'a'+'b'&\"c\"&",
    "nuls-and-marks": "\ufeff\ud800\x1a\x0c",
    "elements": '<a b="c',
    "blanks": " \t ",
}


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("language", sorted(SCRIPTS))
def test_no_text_takes_long_or_fails(language: Language, piece: str) -> None:
    text = PIECES[piece] * (60_000 // len(PIECES[piece]))
    for hostile in (f"[Code]\n{text}", f"x {text}\n y"):
        facts = frontends.extract(hostile, language)
        assert facts.language == language
