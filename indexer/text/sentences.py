"""Sentence splitting: takes the text of one block, returns the spans of its sentences.

The first reading is that of Punkt (NLTK) with our own abbreviations; after a plain word its rules
are skipped, which is several times as fast and gives the same results. A sentence also ends after
。！？. Passages are cut by this reading (`punkt_sentences`), which never changes, because the ids
of long paragraphs depend on it.

`sentences` corrects it: a sentence also ends after one capital letter that is no initial (*vitamin
C. Avoid*), after a reference mark behind the full stop (*done.¹ Next*) and where the space is
missing (*new.The*); none ends within *No. 26*. Each case is decided by the chunk of non-space
around it, up to three chunks before and one after.

Offsets are code points. No text is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Protocol, cast

from indexer.model import Span
from indexer.text.folding import SUPERSCRIPTS
from indexer.text.nltk_modules import nltk_module
from indexer.text.word_lists import (
    ABBREVIATIONS,
    ANSWERS,
    BEFORE_NAMES,
    ENDINGS,
    JOINING,
    LETTERED,
    NO_NAMES,
    NUMBERED,
    SENTENCE_STARTERS,
)

CLOSING = "\"')]}‘’“”«»"
_SPACE = r"[^\S\x1c-\x1f]"  # white space as NLTK's regex engine defines it
_REALIGN = re.compile(rf"[{re.escape(CLOSING)}]+?(?:{_SPACE}+|(?=--)|$)", re.MULTILINE)
_SPACES = " \t\n\r\x0b\x0c"  # string.whitespace: separates Punkt's words
_OPENING = "\"'([‘“«"
# A context that Punkt always takes for an end, unless its word is an abbreviation.
_PLAIN = re.compile(
    rf"[{re.escape(_OPENING)}]*([^\W\d_]{{2,}})([.?!])(?:{_SPACE}+\S+|[{re.escape(CLOSING)}])"
)
_UNSPACED_END = re.compile(r"[。！？｡]+[」』”’）)]*\s*")


class _Punkt(Protocol):
    def span_tokenize(
        self, text: str, realign_boundaries: bool = True
    ) -> Iterator[tuple[int, int]]: ...


@cache
def punkt(language: str) -> _Punkt:
    """NLTK's Punkt tokenizer with our abbreviations and sentence starters for `language`."""
    module = nltk_module("nltk.tokenize.punkt")
    parameters = module.PunktParameters()
    parameters.abbrev_types = set(abbreviations(language))
    parameters.sent_starters = set(SENTENCE_STARTERS.get(language, ()))
    parameters.ortho_context = Counter()  # a defaultdict would store every word looked up
    tokenizer = module.PunktSentenceTokenizer(
        parameters, lang_vars=_variables(module), token_cls=_token_class(module)
    )
    breaks_in = lru_cache(1 << 16)(tokenizer.text_contains_sentbreak)

    def contains_break(context: str) -> bool:
        plain = _PLAIN.fullmatch(context)
        is_end = plain and (plain[2] != "." or plain[1].lower() not in abbreviations(language))
        return bool(is_end) or breaks_in(context)

    tokenizer.text_contains_sentbreak = contains_break  # called by the tokenizer itself
    return cast("_Punkt", tokenizer)


def _variables(module: Any) -> Any:
    """Punkt's patterns for words and possible ends, compiled by `re`."""
    variables = module.PunktLanguageVars()
    variables._re_period_context = _by_re(variables.period_context_re().pattern)
    variables._re_word_tokenizer = _by_re(variables._word_tokenizer_re().pattern)
    return variables


def _token_class(module: Any) -> Any:
    """Punkt's token class, with the patterns for its types compiled by `re`."""
    names = ("_RE_ELLIPSIS", "_RE_NUMERIC", "_RE_INITIAL", "_RE_ALPHA")
    patterns = {name: _by_re(getattr(module.PunktToken, name).pattern) for name in names}
    return type("Token", (module.PunktToken,), {"__slots__": (), **patterns})


def _by_re(pattern: str) -> re.Pattern[str]:
    """A pattern of NLTK compiled by `re`, which is several times as fast as NLTK's engine; that one
    uses Unicode's white space, `re` four characters more."""
    pattern = pattern.replace(r"\S", r"[\S\x1c-\x1f]").replace(r"\s", _SPACE)
    return re.compile(pattern, re.VERBOSE)


@cache
def abbreviations(language: str) -> frozenset[str]:
    """Words that may precede a full stop within a sentence; without their last full stop."""
    return ABBREVIATIONS["*"] | ABBREVIATIONS.get(language, frozenset())


def sentence_breaks(text: str, language: str) -> Iterator[tuple[int, int]]:
    """(end of a sentence, start of the next) for each break that Punkt would make."""
    spans = punkt(language).span_tokenize(text, realign_boundaries=False)
    return ((end, start) for (_, end), (start, _) in pairwise(spans))


def _chunk_start(text: str, at: int) -> int:
    """Start of the chunk of non-space that ends at `at`."""
    start = at
    while start > 0 and text[start - 1] not in _SPACES:
        start -= 1
    return start


def sentences(text: str, language: str = "en") -> list[Span]:
    """Spans of the sentences of one block, in order, without the white space between them."""
    return _spans(text, breaks(text, language))


def punkt_sentences(text: str, language: str) -> list[Span]:
    """The first reading, by which passages are cut: that of `punkt(language).span_tokenize(text)`,
    plus sentence ends after 。！？ of scripts written without spaces."""
    return _spans(text, sentence_breaks(text, language))


def _spans(text: str, ends: Iterable[tuple[int, int]]) -> list[Span]:
    """Spans of sentences from the (end, start of the next) of each but the last."""
    spans: list[Span] = []
    start = shift = 0
    for end, following in ends:
        start += shift
        shift = 0
        if following < len(text) and text[following] in CLOSING:
            realigned = _REALIGN.match(text, following)
            if realigned:
                end = following + len(realigned[0].rstrip())
                shift = realigned.end() - following
        if end > start:
            spans.append(Span(start, end))
        start = following
    start += shift
    end = len(text.rstrip())
    if end > start:
        spans.append(Span(start, end))
    if not text.isascii() and _UNSPACED_END.search(text):
        spans = [part for span in spans for part in _split_unspaced(text, span)]
    if spans and spans[0].start == 0:
        lead = len(text) - len(text.lstrip())
        spans[0] = Span(lead, spans[0].end)
    return spans


def _split_unspaced(text: str, span: Span) -> Iterator[Span]:
    """`span` split after each ideographic full stop."""
    start = span.start
    for m in _UNSPACED_END.finditer(text, span.start, span.end):
        end = m.start() + len(m[0].rstrip())
        if end > start:
            yield Span(start, end)
        start = m.end()
    if start < span.end:
        yield Span(start, span.end)


# --- beyond Punkt -------------------------------------------------------------------------------

_CAPITAL = "A-ZÀ-ÖØ-Þ"
_SMALL = "a-zß-öø-ÿ"
_BEFORE = rf"(?<![^ \t\n\r\x0b\x0c{re.escape(_OPENING)}])"
_AFTER = rf"([ \t\n\r\x0b\x0c]+)[{re.escape(_OPENING)}«]*(?=([{_CAPITAL}][\w'’]*))"
_LETTER = re.compile(rf"{_BEFORE}([{_CAPITAL}])\.{_AFTER}")
_REFERRED = re.compile(  # a stop, closing marks, and reference marks
    rf"(\w+)[.?!][\"'”’)\]]*(?:[{SUPERSCRIPTS}]+(?:[,–⁻-][{SUPERSCRIPTS}]+)*"
    r"|(?:\[(?:\d{1,3}(?:[,–-]\d{1,3})*|[a-h])\])+"
    rf"|(?<=[{_SMALL}]{{3}}\.)\d{{1,2}}){_AFTER}"
)
_GLUED = re.compile(
    rf"([^\W\d_]{{2,}})(?<=[{_SMALL}]{{2}})[.?!]"
    rf"(?=([{_CAPITAL}][{_SMALL}]*)(?!\S*[/@=_])(?![^\s,;:'’)\]]))"
)
_ODD = re.compile(  # texts without any of these need no correction
    rf"{_LETTER.pattern}|[.?!][\"'”’)\]]*[\[{SUPERSCRIPTS}]|[{_SMALL}](?:\.\d|[.?!][{_CAPITAL}])"
)
_LIST_OF_LETTERS = re.compile(rf"[{_CAPITAL}],?")


def breaks(text: str, language: str) -> Iterator[tuple[int, int]]:
    """(end of a sentence, start of the next) for each break, corrected."""
    first = (
        (end, following)
        for end, following in sentence_breaks(text, language)
        if not _is_within_sentence(text, end, following, language)
    )
    if not _ODD.search(text):
        yield from first
        return
    found = dict(first)
    for match in _LETTER.finditer(text):
        if _ends_after_letter(text, match.start(1), match[1], match[3], language):
            found[match.start(2)] = match.end(2)
    for match in _REFERRED.finditer(text):
        word, end = match[1], match.start(2)
        if len(word) == 1 and word.isupper():
            ends = _ends_after_letter(text, match.start(1), word, match[3], language)
        else:
            ends = word.lower() not in abbreviations(language) or _is_starter(match[3], language)
        if ends:
            for inner in range(match.start(), end):
                found.pop(inner, None)
            found[end] = match.end(2)
    for match in _GLUED.finditer(text):
        if _is_glued(text, match, language):
            found[match.end()] = match.end()
    yield from sorted(found.items())


def _is_within_sentence(text: str, end: int, following: int, language: str) -> bool:
    """Whether Punkt's break at `end` is none: after an abbreviation, initial or number before a
    small letter, and within *No. 26*."""
    after = text[following : following + 1]
    if after.isdigit():
        return _is_numbered(text, end)
    if not "a" <= after <= "z" or text[end - 1] != "." or text[end:following] not in _GAPS:
        return False
    start = _chunk_start(text, end - 1)
    word = text[start : end - 1]
    if start == 0 or text[start - 1] not in _GAPS or not word.isascii():
        return False
    if word.isalpha():
        known = word.lower() not in NUMBERED and word.lower() in abbreviations(language)
        return known or len(word) == 1
    return bool(_DECIMAL.fullmatch(word))


_GAPS = (" ", "\t", "\n")
_DECIMAL = re.compile(r"\d+(?:\.\d+)*|\.\d+")


def _is_starter(word: str, language: str) -> bool:
    """Whether a capitalised word plainly begins a sentence."""
    return word.lower() in SENTENCE_STARTERS.get(language, ())


def _chunks_before(text: str, at: int) -> list[str]:
    """The last three chunks of non-space before `at`, nearest first."""
    found: list[str] = []
    while len(found) < 3:
        while at > 0 and text[at - 1] in _SPACES:
            at -= 1
        end, at = at, _chunk_start(text, at)
        if at == end:
            break
        found.append(text[at:end].lstrip(_OPENING))
    return found


def _gap_before(text: str, at: int) -> str:
    """The white space right before `at`."""
    start = at
    while start > 0 and text[start - 1] in _SPACES:
        start -= 1
    return text[start:at]


def _is_numbered(text: str, end: int) -> bool:
    """Whether the full stop before `end`, which a number follows, belongs to a word that introduces
    numbers: No. 26."""
    if text[end - 1] != ".":
        return False
    start = _chunk_start(text, end - 1)
    word = text[start : end - 1].lstrip(_OPENING)
    if word.lower() not in NUMBERED:
        return False
    before = _chunks_before(text, start)
    return not before or not (before[0].endswith("?") or before[0].lower() in ANSWERS)


def _ends_after_letter(text: str, at: int, letter: str, after: str, language: str) -> bool:
    """Whether a sentence ends after the lone capital at `at`, since it is no initial of a name."""
    start = _chunk_start(text, at)
    before = _chunks_before(text, start)
    if text[start:at].strip(_OPENING) or not before or before[0].endswith((",", ";", ":")):
        return False
    if (len(after) == 1 and after not in "AI") or text[max(0, start - 3) : start] == "   ":
        return False  # another initial; or a column of its own
    word = before[0].rstrip(".").lower()
    if word in LETTERED:
        label = before[0][:1].isupper() and (len(before) < 2 or not before[1][-1:].isalpha())
        return not label or after.lower() in NO_NAMES  # Appendix A. Case studies
    if before[0].endswith(".") or "\n" in _gap_before(text, start):  # initials; a list label
        return False
    listed = len(before) > 1 and _LIST_OF_LETTERS.fullmatch(before[1])
    if word in JOINING and listed:
        return True
    if before[0][:1].isupper() or word in BEFORE_NAMES:
        return after.lower() in NO_NAMES
    return letter == "I" or _is_starter(after, language)


def _is_glued(text: str, match: re.Match[str], language: str) -> bool:
    """Whether a sentence ends at a full stop between two words without a space."""
    word, after = match[1], match[2]
    start = _chunk_start(text, match.start())
    if re.search(r"[/@=_]|^www\.", text[start : match.start()]) or after.lower() in ENDINGS:
        return False
    if word.lower() in abbreviations(language):
        return _is_starter(after, language) and word.islower()
    return _is_starter(after, language) or (word.islower() and len(after) > 1)
