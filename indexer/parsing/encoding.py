"""Bytes to text.

In: the bytes of a file, with the encoding that it declares if it does. Out: text with newlines
as `\\n` and without a byte order mark, else unchanged. Refuses what is no text, and lines so long
that no editor wrote them.

The order of evidence: a byte order mark, UTF-16 shown by its zero bytes, the declaration, UTF-8,
Windows-1252. A file that is UTF-8 but for a few bytes (two files joined, an old editor) is read
as UTF-8 with those bytes taken from Windows-1252, so that one bad byte does not spoil the rest.
"""

from __future__ import annotations

import codecs
import re

from indexer.errors import SourceError

MAX_LINE = 64_000_000  # characters; a record of JSON Lines or a minified page may be long
_SAMPLE = 65_536  # bytes or characters looked at to tell text from other things

_MARKS = (  # the longer mark first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = {  # how files begin that people mistake for text
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a zip archive",
    b"\x89PNG": "an image",
    b"GIF8": "an image",
    b"\xff\xd8\xff": "an image",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"{\\rtf": "a Rich Text document",
    b"\x1f\x8b": "a gzip archive",
}
_REMEDY = "save it as UTF-8 text or remove it"
# Codecs that a file may ask for by name. Python knows others that are no character sets
# (base64, zip, unicode_escape), and a file must not reach those.
_NAMED = re.compile(
    r"(?:us-)?ascii|utf-?8|utf-?16(?:-?[bl]e)?|(?:iso-?)?8859-?\d{1,2}|iso-8859-8-[ei]|latin-?\d"
    r"|(?:windows-?|cp|x-cp)125\d|cp866|ibm866|koi8-?[ru]|(?:x-)?mac(?:intosh|-?roman|-?cyrillic)?"
    r"|gb-?(?:2312|k|18030)|big5(?:-?hkscs)?|euc-?(?:jp|kr)|shift[_-]?jis|sjis|ms932|iso-2022-jp"
    r"|windows-?(?:874|949|31j)|tis-?620|ks_c_5601-1987",
    re.IGNORECASE,
)
_AS_BROWSERS_DO = {  # labels whose superset is meant
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "iso8859-9": "windows-1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-8",  # a declaration that could be read was not written in UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
_OTHER_NAMES = {"macintosh": "mac-roman", "windows-949": "cp949"}  # Python does not know
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_STRAY = "pilcrow-stray-bytes"


def decode(data: bytes, path: str, declared: str = "") -> str:
    """The text of `data`; `declared` is the encoding that the file itself names, if any.

    Raises `SourceError` for what is no text and for a line longer than `MAX_LINE`.
    """
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            raise SourceError(path, f"is {what}, not text", _REMEDY)
    text = _decode(data, declared)
    sample = text[:_SAMPLE]
    if "\x00" in text or len(_CONTROLS.findall(sample)) > len(sample) // 50:
        raise SourceError(path, "is not text", _REMEDY)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _check_lines(text, path)
    return text


def _decode(data: bytes, declared: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    if wide := _utf16_order(data[:_SAMPLE]):
        return data.decode(wide, "replace")
    if encoding := known_encoding(declared):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass  # it lies about itself: see what it is
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        if _is_nearly_utf8(data):
            return data.decode("utf-8", _STRAY)
        return _from_windows(data)


def known_encoding(declared: str) -> str:
    """Python's name for an encoding that a file declares; "" when it is none that we read."""
    if not _NAMED.fullmatch(declared.strip()):
        return ""
    name = declared.strip().lower().removeprefix("x-")
    try:
        name = codecs.lookup(_OTHER_NAMES.get(name, name)).name
    except LookupError:
        return ""
    return _AS_BROWSERS_DO.get(name, name)


def _utf16_order(sample: bytes) -> str:
    """Which UTF-16 without a mark this is, by where its zero bytes stand; "" for none."""
    half = len(sample) // 2
    if half < 2:
        return ""
    even, odd = sample[0 : 2 * half : 2].count(0), sample[1 : 2 * half : 2].count(0)
    if odd > 0.4 * half and even < 0.1 * odd:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * even:
        return "utf-16-be"
    return ""


def _is_nearly_utf8(data: bytes) -> bool:
    """Whether far more bytes above ASCII form UTF-8 sequences than do not."""
    valid = data.decode("utf-8", "ignore")
    sequences = len(valid) - sum(map(valid.count, _ASCII))
    stray = len(data) - len(valid.encode("utf-8"))
    return sequences > 4 * stray


_ASCII = tuple(map(chr, range(128)))


def _from_windows(data: bytes) -> str:
    """Windows-1252, whose five unused bytes become U+FFFD as they do in nobody's text."""
    return data.decode("windows-1252", "replace")


def _stray_bytes(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: the bytes that are no UTF-8 are read as Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _from_windows(error.object[error.start : error.end]), error.end


codecs.register_error(_STRAY, _stray_bytes)


def _check_lines(text: str, path: str) -> None:
    """Raise `SourceError` for a line that is longer than `MAX_LINE`."""
    for number, line in enumerate(text.split("\n") if len(text) > MAX_LINE else (), 1):
        if len(line) > MAX_LINE:
            reason = f"a line of {len(line):,} characters, {MAX_LINE:,} at most"
            raise SourceError(path, reason, "break the text into lines", number)
