"""Bytes to text: encodings, line ends, and what is no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import SourceError
from indexer.parsing import encoding as decoding
from indexer.parsing.encoding import decode, known_encoding, web_name
from tests.helpers.articles import read

TEXT = "Café – “5 mg”\nnaïve Größe"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252"],
)
def test_encoding_is_found(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), "a.txt").text == TEXT


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_become_newlines(end: str) -> None:
    assert decode(TEXT.replace("\n", end).encode(), "a.txt").text == TEXT


def test_a_few_stray_bytes_do_not_spoil_the_rest() -> None:
    data = ("Größe, Fuß, Öl, ähnlich, über. " * 4).encode() + b"caf\xe9 \x96 end"
    assert decode(data, "a.txt").text.endswith("über. café – end")


def test_bytes_that_windows_does_not_use_do_not_raise() -> None:
    assert decode(b"caf\xe9 \x81", "a.txt").text == "café \ufffd"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7 \xe2\xe3", "PDF"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"text with \x00 in it", "not text"),
        (bytes(range(1, 9)) * 50, "not text"),
    ],
)
def test_what_is_no_text_is_refused_with_a_remedy(data: bytes, what: str) -> None:
    with pytest.raises(SourceError, match=what) as caught:
        decode(data, "folder/a.txt")
    assert str(caught.value).startswith("folder/a.txt: ")
    assert caught.value.remedy


def test_a_line_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_LINE", 1_000)
    assert decode(b"word \n" * 1_000, "a.txt").text
    with pytest.raises(SourceError, match="a line of 2,000 characters") as caught:
        decode(b"one\ntwo\n" + b"x" * 2_000, "a.txt")
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("ISO-8859-1", "windows-1252"),
        ("latin1", "windows-1252"),
        ("utf-8", "utf-8"),
        ("Shift_JIS", "shift_jis"),
        ("gb2312", "gb18030"),
        ("utf-16", "utf-16le"),
        ("cp850", "cp850"),
        ("base64", ""),
        ("unicode_escape", ""),
        ("rot13", ""),
        ("", ""),
    ],
)
def test_declared_encoding_is_read_as_browsers_do(declared: str, encoding: str) -> None:
    assert web_name(known_encoding(declared)) == encoding


@pytest.mark.parametrize(
    "head",
    [
        '<meta charset="shift_jis">',
        '<META http-equiv=content-type content="text/html; charset=Shift_JIS">',
        '<?xml version="1.0" encoding="shift_jis"?>',
    ],
)
def test_a_page_that_names_its_encoding_is_believed(head: str) -> None:
    page = f"{head}<html><body><p>日本語の文章です。</p></body></html>"
    assert read(page.encode("shift_jis"), "html").text == "日本語の文章です。"


def test_a_page_that_lies_about_its_encoding_is_not() -> None:
    page = '<meta charset="ascii-85"><p>Größe</p>'
    assert read(page.encode("utf-8"), "html").text == "Größe"


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text = decode(data, "a.txt").text
    except SourceError:
        return
    assert "\r" not in text
    assert "\x00" not in text
    text.encode("utf-8")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Co"]), min_size=1))
def test_utf8_is_never_taken_for_something_else(text: str) -> None:
    text = text.lstrip("\ufeff") + " words"
    assert decode(text.encode("utf-8"), "a.txt").text == text
