"""Sentence splitting: the text of one block in, spans of its sentences out.

The sentences are Punkt's (NLTK) with abbreviations of our own. A pattern finds the candidates;
Punkt itself is asked only where it doesn't follow a plain word, which is several times as fast and
gives the same answers. Beyond Punkt, a sentence ends after 。！？.

Offsets are code points. Nothing here refuses a text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Protocol, cast

from indexer.model import Span
from indexer.text.nltk_modules import nltk_module
from indexer.text.word_lists import ABBREVIATIONS, SENTENCE_STARTERS

_CLOSING = "\"')]}‘’“”«»"
# A candidate as Punkt sees it: an end character before other punctuation, or before white space
# and a further token (whose place is the end of group 1).
_CANDIDATE = re.compile(r"[.?!](?=[)\";}\]*:@'({\[‘’“”«»?!]|(\s+)\S)")
_REALIGN = re.compile(rf"[{re.escape(_CLOSING)}]+?(?:\s+|(?=--)|$)", re.MULTILINE)
_SPACE = re.compile(r"[ \t\n\r\x0b\x0c]")  # string.whitespace: what bounds Punkt's words
_UNSPACED_END = re.compile(r"[。！？｡]+[」』”’）)]*\s*")


class _Punkt(Protocol):
    def text_contains_sentbreak(self, text: str) -> bool: ...
    def span_tokenize(self, text: str) -> Iterator[tuple[int, int]]: ...


@cache
def punkt(language: str) -> _Punkt:
    """NLTK's Punkt tokenizer with our abbreviations and sentence starters for `language`."""
    module = nltk_module("nltk.tokenize.punkt")
    parameters = module.PunktParameters()
    parameters.abbrev_types = set(abbreviations(language))
    parameters.sent_starters = set(SENTENCE_STARTERS.get(language, ()))
    parameters.ortho_context = Counter()  # a defaultdict would keep every word it is asked for
    return cast("_Punkt", module.PunktSentenceTokenizer(parameters))


@cache
def abbreviations(language: str) -> frozenset[str]:
    """Words, without their last full stop, that may stand before one within a sentence."""
    return ABBREVIATIONS["*"] | ABBREVIATIONS.get(language, frozenset())


def sentence_breaks(text: str, language: str) -> Iterator[tuple[int, int]]:
    """(end of a sentence, start of the next) for each break that Punkt would make.

    As Punkt does, of several candidates in one run of non-space only the last one counts.
    """
    known = abbreviations(language)
    held: tuple[int, int, int, int] | None = None  # end, next start, what Punkt reads: from, to
    for m in _CANDIDATE.finditer(text):
        at, space = m.start(), m.end(1)
        chunk = -1
        if held is not None:
            apart = _SPACE.search(text, held[0] - 1, at) is not None
            # Punkt takes a candidate without a word before it for one that is over
            if (apart or held[2] == held[0] - 1) and _punkt_breaks(
                text[held[2] : held[3]], language
            ):
                yield held[:2]
            if not apart:
                chunk = held[2]
            held = None
        if chunk < 0 and _is_plain_end(text, at, known):
            yield at + 1, space if space > 0 else at + 1
            continue
        if chunk < 0:
            chunk = _chunk_start(text, at)
        if space > 0:
            held = (at + 1, space, chunk, _next_end(text, space))
        else:
            held = (at + 1, at + 1, chunk, at + 2)
    if held is not None and _punkt_breaks(text[held[2] : held[3]], language):
        yield held[:2]


_OPENING = "\"'([‘“«"


def _is_plain_end(text: str, at: int, known: frozenset[str]) -> bool:
    """Whether the end character at `at` ends a sentence for certain: it follows a plain word, and
    nothing but closing punctuation clings to it."""
    low = max(0, at - 40)
    start = max(text.rfind(" ", low, at), text.rfind("\n", low, at))
    word = text[start + 1 : at].lstrip(_OPENING)
    if start < 0 or len(word) < 2 or not word.isalpha():
        return False
    if text[at] == "." and word.lower() in known:
        return False
    return text[at + 1 : at + 5].lstrip(_CLOSING).startswith((" ", "\n", "\t"))


@lru_cache(1 << 16)
def _punkt_breaks(context: str, language: str) -> bool:
    """Whether Punkt would break in what it reads for a candidate."""
    return punkt(language).text_contains_sentbreak(context)


def _chunk_start(text: str, at: int) -> int:
    """Where the white-space-delimited chunk that ends at `at` begins."""
    start = at
    while start > 0 and text[start - 1] not in " \t\n\r\x0b\x0c":
        start -= 1
    return start


_TOKEN_END = re.compile(r"\S+")


def _next_end(text: str, start: int) -> int:
    """End of the run of non-space that begins at `start`."""
    found = _TOKEN_END.match(text, start)
    return found.end() if found else start


def sentences(text: str, language: str = "en") -> list[Span]:
    """Spans of the sentences of one block, in order, without the white space between them.

    The same as `punkt(language).span_tokenize(text)`, and in addition a sentence ends after
    。！？ of scripts written without spaces.
    """
    spans: list[Span] = []
    start = shift = 0
    for end, following in sentence_breaks(text, language):
        start += shift
        shift = 0
        if following < len(text) and text[following] in _CLOSING:
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
    """`span` cut after each ideographic full stop."""
    start = span.start
    for m in _UNSPACED_END.finditer(text, span.start, span.end):
        end = m.start() + len(m[0].rstrip())
        if end > start:
            yield Span(start, end)
        start = m.end()
    if start < span.end:
        yield Span(start, span.end)
