"""Decodes the bytes of a file to text.

In: bytes, the encoding that the file declares and the one that the user names for it, if any.
Out: text with newlines as `\\n` and no byte order mark, otherwise unchanged; the encoding, and why
it is in doubt, if it is. Raises `SourceError` for binary data and lines that no editor would write.

Evidence, in order: a byte order mark; UTF-16, recognised by its control characters; UTF-8, if the
bytes beyond ASCII are valid in it, whatever is declared; the declared encoding; the one that the
user names; the detected one; Windows-1252. If all but a few bytes of a file are UTF-8 (two files
joined, an old editor), these few are read as Windows-1252, so that one bad byte does not spoil the
rest; and the other way round.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache

import webencodings

from indexer.errors import SourceError, SourceWarning
from indexer.parsing.encoding_detection import detect_encoding, is_misread

MAX_LINE = 64_000_000  # characters; a record of JSON Lines or a minified page may be long
_SAMPLE = 65_536  # bytes or characters examined to tell text from binary data

_MARKS = (  # the longer mark first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = {  # first bytes of files that are often mistaken for text
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
_UNCERTAIN = "its encoding is not certain"
_WIDER = {"euc_jp": "euc_jis_2004", "gbk": "gb18030", "iso2022_jp": "iso2022_jp_2"}  # supersets
_DOS = re.compile(r"(?:cp|ibm)[- ]?(\d{3,4})", re.IGNORECASE)  # without a web name
_ESCAPES = re.compile(rb"\x1b\$[@B(]|\x1b\(J")  # ISO-2022-JP switches character sets with these
_PAGE_CHARSET = re.compile(
    rb"(?i)<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)|"
    rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]+)"
)
_PAGE_HEAD = 4_096  # bytes of a page that are searched for it
_CONTROL_BYTES = bytes((*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)))
_COMMON = re.compile(  # characters of the most common scripts
    "[\t\n\r -~\xa0-\u058f\u05d0-\u06ff\u0900-\u0e7f\u10d0-\u10ff\u1e00-\u1fff\u2010-\u203a\u20ac"
    "\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uff5e]"
)
_BETWEEN = re.compile("[ \n\u3000-\u3002\uff0c]")  # separators of words or sentences
_TWO_SCRIPTS = re.compile("[a-z][\u0370-\u06ff]+[a-z]")  # in one word: Grцße
_STRAY = "pilcrow-stray-bytes"
_MIXED = re.compile(  # UTF-8 for letters, signs and quotes that make no sense in Windows-1252
    rb"(?<=[a-z])\xc3[\x80-\xbf]|\xc3[\x80-\xbf](?=[a-z])|\xc2[\xa0-\xbf]|\xe2\x80[\x90-\xbf]"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The decoded text of a file."""

    text: str
    encoding: str  # its name on the web: "utf-8", "windows-1252"
    doubt: str = ""  # why the encoding may be wrong; "" if it is certain

    def warning(self, path: str) -> SourceWarning:
        """Warning with the doubt and its remedy."""
        remedy = "if letters are wrong, name it (--encoding NAME, or encoding in titles.csv)"
        return SourceWarning(path, f"{self.doubt}: read as {self.encoding}", remedy)


def decode(data: bytes, path: str, declared: str = "", named: str = "") -> Decoded:
    """Decode `data`; `declared` is the encoding that the file itself names, if any, and `named` the
    one that the user names for it.

    Raises `SourceError` for data that is no text and for a line longer than `MAX_LINE`.
    """
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            raise SourceError(path, f"is {what}, not text", _REMEDY)
    text, codec, doubt = _decode(data, declared, named)
    sample = text[:_SAMPLE].encode("utf-8", "surrogatepass")
    controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    if "\x00" in text or controls > len(text[:_SAMPLE]) // 50:
        raise SourceError(path, "is not text", _REMEDY)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n") if len(text) > MAX_LINE else (), 1):
        if len(line) > MAX_LINE:
            reason = f"a line of {len(line):,} characters, {MAX_LINE:,} at most"
            raise SourceError(path, reason, "break the text into lines", number)
    return Decoded(text, web_name(codec), doubt)


def _decode(data: bytes, declared: str, named: str) -> tuple[str, str, str]:
    """Text, codec, and why the codec is in doubt ("" if it is not)."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            try:
                text, doubt = data.decode(codec), ""
            except UnicodeDecodeError:
                text = data.decode(codec, _STRAY if codec == "utf-8" else "replace")
                doubt = f"not all of its bytes are {codec.upper()}"
            return text.removeprefix("\ufeff"), codec, doubt
    if codec := _utf16_order(data[:_SAMPLE]):
        text = data.decode(codec, "replace")
        return text, codec, _replaced(text)
    is_ascii, is_mixed = data.isascii(), False
    if is_ascii and not _ESCAPES.search(data):
        return data.decode("ascii"), "utf-8", ""
    if not is_ascii:
        try:
            return data.decode("utf-8"), "utf-8", ""
        except UnicodeDecodeError as error:
            sequences, stray = _utf8_sequences(data)
            is_cut = error.reason == "unexpected end of data" and sequences > 0
            is_mixed = sequences >= stray
            if is_cut or sequences > 4 * stray:
                return data.decode("utf-8", _STRAY), "utf-8", "not all of its bytes are UTF-8"
    doubt = ""
    for name in (declared, named):
        codec = known_encoding(name)
        if not codec or codec.startswith("utf"):
            continue  # the checks above would have found it
        try:
            text = data.decode(codec)
            is_odd = _TWO_SCRIPTS.search(text) or (name == declared and is_misread(text))
            return text, codec, doubt or (_UNCERTAIN if is_odd else "")
        except UnicodeDecodeError:
            doubt = f"not all of its bytes are {name}"
    codec, is_sure = detect_encoding(data)
    if codec == "cp1252" and _MIXED.search(data):
        data, is_mixed = _MIXED.sub(_as_windows, data), True
    text = data.decode(codec, "replace")
    doubt = doubt or ("" if is_sure and not is_mixed else _UNCERTAIN)
    return text, codec, doubt or _replaced(text)


def _replaced(text: str) -> str:
    """Doubt about a decoded text if some of its bytes do not exist in the encoding, else ""."""
    return _UNCERTAIN if "\ufffd" in text else ""


def page_encoding(data: bytes) -> str:
    """Encoding that an HTML page declares; "" if none."""
    found = _PAGE_CHARSET.search(data[:_PAGE_HEAD])
    return next(filter(None, found.groups()), b"").decode("ascii") if found else ""


def known_encoding(name: str) -> str:
    """Python's codec for the web or DOS name of an encoding; "" for an unknown name."""
    if found := webencodings.lookup(name):
        codec = str(found.codec_info.name)
        return "" if codec in ("replacement", "x-user-defined") else _WIDER.get(codec, codec)
    try:
        dos = _DOS.fullmatch(name.strip())
        return str(codecs.lookup(f"cp{dos[1]}").name) if dos else ""
    except LookupError:
        return ""


def web_name(codec: str) -> str:
    """Web name of one of Python's codecs."""
    return codec if codec == "utf-8" else str(_web_names().get(codec, codec))


@cache
def _web_names() -> dict[str, str]:
    """Python codec → web name, for every web encoding. The first call imports all the codecs."""
    named = {known_encoding(name): name for name in sorted(set(webencodings.LABELS.values()))}
    return named | {"": "", "gb18030": "gb18030", "iso8859-8": "iso-8859-8"}


def _utf16_order(sample: bytes) -> str:
    """Codec of UTF-16 without a byte order mark; "" if it is none or has few control characters."""
    if len(sample.translate(None, _CONTROL_BYTES)) > 0.98 * len(sample):
        return ""
    texts = {codec: sample.decode(codec, "ignore") for codec in ("utf-16-le", "utf-16-be")}
    for codec, text in texts.items():
        if _BETWEEN.search(text) and len(_COMMON.findall(text)) > 0.95 * len(text):
            return codec
    return ""


def _utf8_sequences(data: bytes) -> tuple[int, int]:
    """Number of multi-byte UTF-8 sequences in `data`, and of bytes that are no UTF-8."""
    valid = data.decode("utf-8", "ignore")
    sequences = len(valid) - len(valid.encode("ascii", "ignore"))
    return sequences, len(data) - len(valid.encode("utf-8"))


def _as_windows(found: re.Match[bytes]) -> bytes:
    """A UTF-8 sequence as Windows-1252; unchanged if that lacks the character."""
    try:
        return found[0].decode("utf-8").encode("cp1252")
    except UnicodeEncodeError:
        return found[0]


def _stray_bytes(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler that reads bytes invalid in UTF-8 as Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("windows-1252", "replace"), error.end


codecs.register_error(_STRAY, _stray_bytes)
