"""Reads typed text: takes a word or the inside of quotes, returns what it asks for, with notes.

Nothing is refused: a text without a token reads as "nothing", and whatever cannot be used (such as
fuzz on a number) leaves a note. The tokeniser decides what a word is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize

MAX_CHARS = 20_000  # a longer query is cut, with a note
MAX_STARS = 8  # per word: more would only make matching slow
MAX_EDITS = 2
QUOTES = '"＂“”„‟«»'
# A run of characters read as one word; a quotation mark after a digit is part of a length: 22".
UNQUOTED = rf'[^\s(){QUOTES}]+(?:(?<=[0-9])["＂][^\s(){QUOTES}]*)*'
FIELD_NAMES = ("text", "title", "section", "article", "kind")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_FUZZ = re.compile(r"~([0-9]*(?:\.[0-9]+)?)[.,;:!?]*$")
_UNKNOWN_FIELD = re.compile(r"([A-Za-z_]+):(?=[\w\"“])")
_RUN = re.compile(r"[*?]+")
_STOPS = ".,;:!?…'’‘"  # punctuation that is ignored without a note


@dataclass(frozen=True, slots=True)
class Reading:
    """What a typed word, or the inside of quotes, asks for."""

    kind: Literal["nothing", "word", "prefix", "wildcard", "fuzzy", "quote", "everything"]
    words: tuple[str, ...] = ()  # as typed, without the punctuation around them
    edits: int = 0  # for "fuzzy": 1 or 2, in each token that is no number
    size: int = 0  # tokens
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Pieces:
    words: tuple[str, ...] = ()
    size: int = 0  # tokens
    patterned: bool = False  # whether * and ? in the words are wildcards
    stars: str = ""  # wildcards that belong to no word


READS_NOTHING = Reading("nothing")


def clean(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with characters that no query can hold replaced one for one; and notes."""
    notes: tuple[str, ...] = ()
    if len(text) > MAX_CHARS:
        notes = (f"query of {len(text):,} characters cut at {MAX_CHARS:,}",)
        text = text[:MAX_CHARS]
    if not text.isprintable():
        text = _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text))
    return text, notes


def show(typed: str) -> str:
    """A piece of the query, as notes quote it."""
    return f'"{typed}"' if len(typed) <= 40 else f'"{typed[:39]}…"'


def read_word(typed: str) -> Reading:
    """What a word outside quotes asks for."""
    notes: list[str] = []
    text, edits = _split_fuzz(typed, notes)
    pieces = _read_pieces(text)
    if pieces is None:
        return Reading("nothing", notes=(f"ignored: more than {MAX_STARS} * in {show(typed)}",))
    if not pieces.words:
        if "*" in pieces.stars:
            return Reading("everything", notes=('"*" finds every passage',))
        unsaid = not typed.strip(_STOPS)
        return READS_NOTHING if unsaid else Reading("nothing", notes=(f"ignored: {show(typed)}",))
    if pieces.stars:
        notes.append(f"ignored: {show(pieces.stars)} in {show(typed)}")
    notes.extend(_field_notes(typed))
    if not _is_address(typed):
        notes.extend(_sign_notes(text))
    edits = _usable_edits(typed, pieces, edits, notes)
    return _reading(pieces, edits, tuple(notes))


def _reading(pieces: _Pieces, edits: int, notes: tuple[str, ...]) -> Reading:
    word = pieces.words[0]
    if len(pieces.words) > 1:
        return Reading("quote", pieces.words, size=pieces.size, notes=notes)
    if edits:
        return Reading("fuzzy", (word,), edits, pieces.size, notes)
    if not (pieces.patterned and _is_pattern(word)):
        return Reading("word", (word,), size=pieces.size, notes=notes)
    if _is_prefix(word):
        return Reading("prefix", (word[:-1],), size=1, notes=notes)
    return Reading("wildcard", (word,), size=1, notes=notes)


def read_quote(typed: str) -> Reading:
    """What the inside of quotes asks for: its words in order; * or ? alone is any one word."""
    notes: list[str] = []
    words: list[str] = []
    size = 0
    for chunk in re.sub(r"\s\?\s*$", "", typed).split():  # est-ce sûr ?
        text, edits = _split_fuzz(chunk, notes)
        if edits:
            notes.append(f"fuzzy is not used in quotes: {show(chunk)}")
        pieces = _read_pieces(text)
        if pieces is None:
            notes.append(f"ignored: more than {MAX_STARS} * in {show(chunk)}")
        elif pieces.words:
            # A typed *, ? or ~ that is no operator must not look like one: its tokens are separate.
            single = not pieces.patterned and any(mark in pieces.words[0] for mark in "*?~")
            words += tokenize(text).forms if single else pieces.words
            size += pieces.size
            if not _is_address(text):
                notes.extend(_sign_notes(text))
        elif _signs(text):
            notes.append(_not_searched(_signs(text), chunk))
        elif pieces.stars == "*" or text == "?":
            words.append("*")
            size += 1
    inner = slice(
        next((i for i, word in enumerate(words) if word != "*"), len(words)),
        next((i for i in range(len(words), 0, -1) if words[i - 1] != "*"), 0),
    )
    if words[inner] != words:
        notes.append('ignored: "*" or "?" alone at the edge of quotes')
    if not words[inner]:
        return Reading("nothing", notes=(*notes, "ignored: quotes without a word"))
    return Reading("quote", tuple(words[inner]), size=size, notes=tuple(notes))


def _is_pattern(word: str) -> bool:
    return "*" in word or "?" in word


def _is_prefix(word: str) -> bool:
    return word.find("*") == len(word) - 1 and "?" not in word


def _is_address(text: str) -> bool:
    """Whether the text holds a web address, in which * and ? are plain characters."""
    return "://" in text


# --- fuzz --------------------------------------------------------------------------------------


def _split_fuzz(typed: str, notes: list[str]) -> tuple[str, int]:
    """The word without its ~n, and the number of edits asked for (0: none)."""
    found = _FUZZ.search(typed) if "~" in typed and not _is_address(typed) else None
    if not found or not tokenize(typed[: found.start()]).forms:
        return typed, 0
    text, asked = typed[: found.start()], found[1]
    if asked in ("", "1", "2"):
        return text, int(asked or 1)
    edits = 0 if not asked.strip("0") else 1 if "." in asked else MAX_EDITS
    used = f"is read as ~{edits}" if edits else "is no fuzz"
    notes.append(f"~{asked[:10]} {used}: {show(text)}")
    return text, edits


def _usable_edits(typed: str, pieces: _Pieces, edits: int, notes: list[str]) -> int:
    """`edits`, or 0 with a note where fuzz cannot be used."""
    if not edits:
        return 0
    if pieces.patterned:
        notes.append(f"fuzzy is not used with wildcards: {show(typed)}")
        return 0
    forms = tokenize(pieces.words[0]).forms
    numbers = [form for form in forms if any(map(str.isdigit, form))]
    if numbers:
        notes.append(f"fuzzy is not used on numbers: {show(' '.join(numbers))}")
    return edits if len(numbers) < len(forms) else 0


def _field_notes(typed: str) -> list[str]:
    """Notes on text that looks like a field but is read as words."""
    if ":" not in typed or _is_address(typed):
        return []
    if typed.endswith(":") and typed[:-1].lower() in FIELD_NAMES:
        return [f"{show(typed)} needs its value right behind it: read as a word"]
    found = _UNKNOWN_FIELD.match(typed)
    if found and found[1].lower() not in FIELD_NAMES:
        return [f"no field {show(found[0])}: read as words (fields are {', '.join(FIELD_NAMES)})"]
    return []


# --- signs --------------------------------------------------------------------------------------

# Mathematical, currency and raised signs, which change the meaning of the word beside them.
_MEANINGFUL = re.compile("[+~<=>±¬×÷−%‰‱#$^⁺⁻₊₋⁰¹²³⁴⁵⁶⁷⁸⁹]")
_MINUS = re.compile(r"(?<![\w.,])[-–‐‑](?=[.·]?\d)|(?<=[A-Z0-9])[-–‐‑]+(?![\w*?-])")  # -5, HER2-


def _sign_notes(typed: str) -> list[str]:
    """A note on signs around or in a word that are not searched: C++, HER2-, ≥5."""
    signs = _signs(typed)
    return [_not_searched(signs, typed)] if signs else []


def _signs(typed: str) -> str:
    """The signs of a typed word that are in no token but change its meaning, each once."""
    if typed.isalnum() and typed.isascii():
        return ""
    minus = {found.start() for found in _MINUS.finditer(typed)}
    tokens = tokenize(typed)
    inside = {at for form, start in zip(*tokens) for at in range(start, start + len(form))}
    found = [
        sign
        for at, sign in enumerate(typed)
        if at not in inside
        and (
            at in minus
            or _MEANINGFUL.match(sign)
            or (not sign.isascii() and unicodedata.category(sign) in ("Sm", "Sc"))
        )
    ]
    return "".join(dict.fromkeys(found))


def _not_searched(signs: str, typed: str) -> str:
    return f"signs are not searched: {show(signs)} in {show(typed)}"


# --- words and wildcards -----------------------------------------------------------------------


def _read_pieces(text: str) -> _Pieces | None:
    """The words in a run of typed characters; None if it holds too many wildcards.

    Without wildcards it is one word, however many tokens it has; with wildcards each token is a
    word of its own, since a pattern matches one token: `anti-inflam*` is anti and inflam*.
    """
    if _is_pattern(text) and not _is_address(text):
        cleaned = _RUN.sub(_clean_run, text)
        if cleaned.count("*") > MAX_STARS:
            return None
        if _is_pattern(cleaned):
            return _read_pattern(cleaned)
    tokens = tokenize(text)
    if not tokens.forms:
        return _Pieces()
    end = tokens.starts[-1] + len(tokens.forms[-1])
    return _Pieces((_alone(text[tokens.starts[0] : end]),), len(tokens.forms))


def _alone(word: str) -> str:
    """A word as it reads without its neighbours: raised digits that are a token only beside others
    (kg⁻¹, ¹³C*) are folded."""
    return word if not word.isdigit() or tokenize(word).forms else fold(word)


def _clean_run(run: re.Match[str]) -> str:
    """A run of * and ?: stars are joined; question marks that are punctuation become blank."""
    before = run.string[run.start() - 1] if run.start() else ""
    after = run.string[run.end()] if run.end() < len(run.string) else ""
    # Punctuation becomes blank, so that no word continues across it.
    right = 0 if after.isalnum() else len(run[0]) - len(run[0].rstrip("?"))  # what is elavil?
    kept = run[0][: len(run[0]) - right]
    left = 0 if not before or before.isalnum() else len(kept) - len(kept.lstrip("?"))  # a/?b
    return " " * left + re.sub(r"\*+", "*", kept[left:]) + " " * right


def _read_pattern(text: str) -> _Pieces:
    """The tokens of a text with wildcards, each taken for a letter or digit. Before a star at the
    end they are the tokens of the text without it (don't*, 30,000*)."""
    head = text[:-1]
    if text.endswith("*") and not _is_pattern(head):
        found = tokenize(head)
        if found.forms and found.starts[-1] + len(found.forms[-1]) == len(head):
            words = list(map(_alone, found.forms))
            return _Pieces((*words[:-1], f"{words[-1]}*"), len(words), True)
    tokens = tokenize(_RUN.sub(_stand_in, text))
    words = list[str]()
    stars, held, last = "", "", -1
    for form, start in zip(tokens.forms, tokens.starts):
        if start != last:
            stars, held = stars + held, ""
        elif words and words[-1].endswith("?"):  # a?疼: a word can't end in a question mark
            bare = words[-1].rstrip("*?")
            words[-1], held = bare, words[-1][len(bare) :] + held
        piece = held + text[start : start + len(form)]
        held, last = "", start + len(form)
        if any(map(str.isalnum, piece)):
            words.append(_alone(piece))
        elif words and text[start - 1 : start].isalnum() and not text[last : last + 1].isalnum():
            words[-1] += _bare(piece)  # 疼*: the wildcard is a token of its own
        else:
            held = _bare(piece)
    return _Pieces(tuple(words), len(words), True, stars + held)


def _bare(piece: str) -> str:
    """The wildcards of a piece, without soft hyphens and other invisible characters."""
    return "".join(_RUN.findall(piece))


def _stand_in(run: re.Match[str]) -> str:
    """As many characters as the run has: digits if the number around it continues, else letters."""
    before = run.string[run.start() - 1 : run.start()] if run.start() else ""
    after = run.string[run.end() : run.end() + 1]
    goes_on = after.isdigit() or (before.isdigit() and not after.isalpha())
    return ("0" if goes_on else "x") * len(run[0])
