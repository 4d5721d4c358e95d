"""Bytes to text, in every encoding that sources of services come in."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessionzero.facts import Language
from sessionzero.sources.decoding import decode

LANGUAGES: tuple[Language, ...] = ("c", "c++", "python")
CODE = 'MessageBoxW(0, L"%s", 0);\r\n'


def _case(text: str, codec: str, encoding: str, name: str, mark: bytes = b"") -> object:
    return pytest.param(mark + text.encode(codec), text, encoding, id=name)


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        _case("", "ascii", "utf-8", "empty"),
        _case(CODE, "ascii", "utf-8", "ASCII"),
        _case(CODE % "é世🔥", "utf-8", "utf-8", "UTF-8"),
        _case(CODE % "é世🔥", "utf-8", "utf-8", "UTF-8 with mark", codecs.BOM_UTF8),
        _case(CODE % "é世🔥", "utf-16-le", "utf-16-le", "UTF-16 LE", codecs.BOM_UTF16_LE),
        _case(CODE % "é世🔥", "utf-16-be", "utf-16-be", "UTF-16 BE", codecs.BOM_UTF16_BE),
        _case(CODE % "é世🔥", "utf-16-le", "utf-16-le", "UTF-16 LE without mark"),
        _case(CODE % "é世🔥", "utf-16-be", "utf-16-be", "UTF-16 BE without mark"),
        _case("世界", "utf-16-le", "utf-16-le", "UTF-16 without ASCII", codecs.BOM_UTF16_LE),
        _case(CODE % "é世🔥", "utf-32-le", "utf-32-le", "UTF-32 LE", codecs.BOM_UTF32_LE),
        _case(CODE % "é世🔥", "utf-32-be", "utf-32-be", "UTF-32 BE", codecs.BOM_UTF32_BE),
        _case("// the user’s context\n", "cp1252", "cp1252", "cp1252 apostrophe"),
        _case("// © Microsoft “AS IS”\n", "cp1252", "cp1252", "cp1252 signs"),
        _case(CODE % "Größe: é", "cp1252", "cp1252", "cp1252 letter before a quote"),
        _case("// Ошибка службы\n", "cp1251", "cp1251", "cp1251"),
        _case("// 機能の表示\n" + CODE % "予\\n", "cp932", "cp932", "cp932 with 5C"),
        _case("// メッセージ ソ\nint x;\n", "cp932", "cp932", "cp932 comment ends in 5C"),
        _case("// 启动服务失败\n", "gbk", "gbk", "gbk"),
        _case("// 서비스를 시작한다\n", "cp949", "cp949", "cp949"),
        _case("// 服務功能\nint x;\n", "big5", "big5", "big5 with 5C"),
        _case("int a;\rint b;\r", "ascii", "utf-8", "lone CR"),
        _case("int a;\n\x1a", "ascii", "utf-8", "^Z of DOS"),
    ],
)
def test_encoding_is_found(data: bytes, text: str, encoding: str) -> None:
    assert decode(data, "c++") == (text, encoding)


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        pytest.param(
            b"# -*- coding: koi8-r -*-\nx = '\xc1'\n",
            "# -*- coding: koi8-r -*-\nx = 'а'\n",
            "koi8-r",
            id="first line",
        ),
        pytest.param(
            b"#!/usr/bin/python\r\n# vim: set fileencoding=cp932 :\r\n# \x83\x5c\r\n",
            "#!/usr/bin/python\r\n# vim: set fileencoding=cp932 :\r\n# ソ\r\n",
            "cp932",
            id="second line",
        ),
        pytest.param(
            b"# coding: latin-1\n# coding: cp1251\n'\xe9'",
            "# coding: latin-1\n# coding: cp1251\n'é'",
            "iso8859-1",
            id="the first of two",
        ),
        pytest.param(
            b"x = 1\n# coding: koi8-r\n# caf\xe9",
            "x = 1\n# coding: koi8-r\n# café",
            "cp1252",
            id="not after code",
        ),
        pytest.param(b"# coding: mbcs\n'\xe9'", "# coding: mbcs\n'é'", "cp1252", id="mbcs"),
        pytest.param(
            b"# coding: no-such\n'\xe9'", "# coding: no-such\n'é'", "cp1252", id="unknown"
        ),
        pytest.param(b"# coding: hex\n61", "# coding: hex\n61", "utf-8", id="hex"),
        pytest.param(b"# coding: utf-7\n+AGE-", "# coding: utf-7\n+AGE-", "utf-8", id="utf-7"),
        pytest.param(b"# coding: utf-16\n1", "# coding: utf-16\n1", "utf-8", id="utf-16"),
        pytest.param(
            b"# coding: unicode_escape\n'\\n'",
            "# coding: unicode_escape\n'\\n'",
            "utf-8",
            id="unicode_escape",
        ),
        pytest.param(b"# coding: utf-8\n'\xe9'", "# coding: utf-8\n'é'", "cp1252", id="a lie"),
    ],
)
def test_cookie_of_python(data: bytes, text: str, encoding: str) -> None:
    assert decode(data, "python") == (text, encoding)


def test_cookie_means_nothing_in_c() -> None:
    assert decode(b"# coding: koi8-r\n// caf\xe9", "c") == ("# coding: koi8-r\n// café", "cp1252")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x7fELF\x02\x01\x01\0\0\0\0\0", id="program"),
        pytest.param(b"int x;\0\0\0", id="padding"),
        pytest.param(b"\0", id="one NUL"),
        pytest.param(b"\1\0\2\0\3\0\4\0", id="small numbers of 16 bits"),
        pytest.param(b"\xff\xfea\0\0\0", id="NUL in UTF-16"),
    ],
)
def test_binary_is_no_text(data: bytes) -> None:
    assert decode(data, "c") is None


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param("ééé".encode() + b" \xe9;", "ééé \ufffd;", id="one spoilt byte in UTF-8"),
        pytest.param(b"\xef\xbb\xbfx\xe9;", "x\ufffd;", id="after a mark"),
        pytest.param(b"\xff\xfea\0b", "a\ufffd", id="half a UTF-16 unit"),
        pytest.param(b"a\x81b", "a\ufffdb", id="not in cp1252"),
    ],
)
def test_invalid_bytes_lose_only_themselves(data: bytes, text: str) -> None:
    decoded = decode(data, "c")
    assert decoded is not None
    assert decoded[0] == text


CODECS = st.sampled_from(
    ("utf-8", "mbcs", "idna", "punycode", "uu", "undefined", "utf-32", "iso2022_jp")
)


@given(st.binary(max_size=200), st.sampled_from(LANGUAGES))
@example(b"\x80", "c")
def test_any_bytes_are_text_or_binary(data: bytes, language: Language) -> None:
    decoded = decode(data, language)
    assert decoded is None or "\0" not in decoded[0]
    assert decoded is not None or b"\0" in data


@given(CODECS, st.binary(max_size=60))
def test_any_cookie_leaves_the_lines_as_they_are(codec: str, data: bytes) -> None:
    content = f"# coding: {codec}\n".encode() + data.replace(b"\0", b"")
    decoded = decode(content, "python")
    assert decoded is not None
    assert decoded[0].split("\n")[0] == f"# coding: {codec}"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    data = text.encode()
    if not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        assert decode(data, "c") == (text, "utf-8")
