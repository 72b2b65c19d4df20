"""Selections: a few words in an address that stand for any span of an article, and back.

From a text and a span, makes the shortest `Selection` that leads back to the span. From a text and
a `Selection`, with the passage it began in and the old text of that passage as far as known, finds
the span it leads to, and whether its words are unchanged; None if they are gone. Words match as
whole words, in the selection's context; if that has changed, the old text of the passage, aligned
with the new one, decides. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Literal

from rapidfuzz.distance import Indel, Levenshtein

from indexer.links.quotes import TYPED_QUOTES, match_quote, shortest_context, squeezed
from indexer.links.similarity import likeness
from indexer.model import Article, Span

WHOLE = 300  # characters; a selection up to this length is written whole
EDGE = 48  # characters of the first and the last words of a longer one, at least
CONTEXT = 190  # characters of prefix or suffix, at most
LONGEST = 50_000  # characters from the first to the last word

_FIT = 0.9  # least score of a context that counts as the same
_ALIKE = 0.6  # least share of characters that edited words must keep
_FEW = 8  # characters; shorter words too easily resemble others
_FEW_ALIKE = 0.8  # as `_ALIKE`, for such words
_TELLING = 16  # characters; words so long that occur once are taken to be the ones meant
_TRIED = 200  # occurrences of the same words that are compared
_LONG_WORD = 80  # characters on either side that are searched for the rest of a word
_NEAR = 24  # characters on either side that distinguish occurrences of the same words
_SIDE = 0.75  # least likeness of one side
_ALIKE_SIGNS = ("’‘ʼ'", '“”„«»"')  # a reader types the last of each

# A word with everything read as part of it: 1.5, −5, 5–10, mg/kg, anti-inflammatory, HER2+, 10⁹.
_RAISED = "⁰¹²³⁴-⁹"  # after a letter they are footnote marks
_UNSPACED = (  # scripts without spaces: each character is a word
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_LETTER = (
    rf"(?:(?![{_RAISED}{_UNSPACED}])\w|[\u00ad\u0300-\u036f\u0591-\u05c7\u064b-\u065f"
    r"\u0900-\u0963\u0966-\u0dff\u200d])"
)
_WORD = re.compile(
    rf"(?:[-+−±<>≤≥≈~=£$€]{{1,3}}(?=[.·]?\d)|[.·](?=\d))?{_LETTER}+"
    rf"(?:(?:[-‐‑'’/]|(?<=\d)[.,:·–−](?=\d)){_LETTER}+)*"
    rf"(?:(?<=\d)[⁻{_RAISED}]{{1,9}}|[-+−%‰°]{{1,3}}(?!\w))*"
)
_COMPOUND = re.compile(r"(?:[^\W\d_]+[-‐‑])+|(?:[-‐‑][^\W\d_]+)+")  # other words of a compound
_PART = re.compile(rf"{_WORD.pattern}|\S")

Fate = Literal["here", "moved", "edited"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Words of an article with the context that makes them unique."""

    text: str  # the whole selection, or its first words
    end: str = ""  # the last words of a long selection; "": `text` is all of it
    prefix: str = ""  # text right before
    suffix: str = ""  # text right after


@dataclass(frozen=True, slots=True)
class Selected:
    """The span that a selection leads to."""

    span: Span
    fate: Fate  # whether its words are where they were, elsewhere, or changed


@dataclass(frozen=True, slots=True)
class LinkedPassage:
    """The passage that a link was made to: its text at that time, and its span now."""

    text: str  # its text then
    now: Span  # its span now


def find_selection(
    text: str, wanted: Selection, near: Span | None = None, linked: LinkedPassage | None = None
) -> Selected | None:
    """The span of `text` that a selection leads to; None if its words are gone.

    `near`: the span in which it should begin now; `linked`: the passage there as of when the
    selection was made, if known.
    """
    first = _beginning(text, wanted, near, linked)
    if first is None or not wanted.end:
        return first
    last = _ending(text, wanted, first.span)
    if last is None:
        return None
    span, exact = last
    kept = exact and (
        linked is None or _is_kept(text, wanted, Span(first.span.start, span.end), linked)
    )
    return Selected(Span(first.span.start, span.end), first.fate if kept else "edited")


def find_selected(text: str, wanted: Selection, near: Span) -> Selected | None:
    """The span of words that a reader has just selected in this very text.

    Their context need not match the selection's exactly: the best fit wins.
    """
    fit = partial(_fit, text, wanted)
    places = list(islice(_written(text, wanted.text), _TRIED))
    close = [p for p in _written(text, wanted.text, near.start) if p.start < near.end]
    if not close and not (places and _is_meant(wanted, max(map(fit, places)), len(places))):
        return None
    first = max(close or places, key=fit)
    if not wanted.end:
        return Selected(first, "here" if close else "moved")
    last = _ending(text, wanted, first, strict=False)
    return Selected(Span(first.start, last[0].end), "here") if last and last[1] else None


def select_words(text: str, span: Span) -> Selection:
    """The shortest selection that leads to `span`, which must hold more than white space.

    If the text repeats itself so much that `CONTEXT` can't distinguish two occurrences, it leads to
    the one in the passage it was made for, or to the first.
    """
    words = span.of(text)
    begin = span.start + len(words) - len(words.lstrip())
    plain = squeezed(text)  # selections are compared so: one blank between blocks and cells
    start = len(squeezed(text[:begin]))
    end = start + len(squeezed(words.strip()))
    whole = whole_words(plain, Span(start, end))
    cut, rest = start - whole.start, whole.end - end  # characters of words that the span cuts
    if end - start <= WHOLE:
        before, after = shortest_context(plain, Span(start, end))
        suffix = _to_word(plain, end, max(len(after), rest))
        prefix = _from_word(plain, start, max(len(before), cut))
        return Selection(plain[start:end], "", prefix, suffix)
    first = _to_word(plain, start, EDGE)
    before, _ = shortest_context(plain, Span(start, start + len(first)))
    last, suffix = _last_words(plain, Span(start, start + len(first)), end)
    prefix = _from_word(plain, start, max(len(before), cut))
    return Selection(first, last, prefix, suffix or _to_word(plain, end, rest))


def _last_words(plain: str, first: Span, end: int) -> tuple[str, str]:
    """The last words of the text from `first` to `end`, and the suffix that they need."""
    last = ""
    for size in (EDGE, 2 * EDGE, WHOLE):
        last = _from_word(plain, end, size, WHOLE)
        at = plain.find(last, first.start)
        while at + len(last) < first.end:
            at = plain.find(last, at + 1)
        if at + len(last) == end:
            return last, ""
    return last, _to_word(plain, end, CONTEXT)


def stretch_of(article: Article, passage: Span) -> Span:
    """Span of a passage and the headings right above it."""
    start = passage.start
    for block in reversed(article.blocks):
        if block.span.start >= passage.start:
            continue
        if block.kind not in ("heading", "title"):
            break
        start = block.span.start
    return Span(start, passage.end)


def whole_words(text: str, span: Span) -> Span:
    """`span` extended to the whole words that it cuts at its ends."""
    start, end = span.start, span.end
    low, high = max(0, start - _LONG_WORD), min(len(text), end + _LONG_WORD)
    for word in _WORD.finditer(text, low, high):
        if word.start() < span.start < word.end():
            start = word.start()
        if word.start() < span.end < word.end():
            end = word.end()
    return Span(start, end)


def _beginning(
    text: str, wanted: Selection, near: Span | None, linked: LinkedPassage | None
) -> Selected | None:
    """Finds `wanted.text` beginning in `near`, else anywhere, else changed in `near`."""
    fit = partial(_fit, text, wanted)
    before = None
    if near is not None:
        high = near.end + 2 * len(wanted.text)
        found = _written(text, wanted.text, near.start, high)
        close = [p for p in found if p.start < near.end and _stands(text, wanted, p)]
        best = max(close, key=fit, default=None)  # the first of equally good ones
        if best and (wanted.prefix or wanted.suffix) and fit(best) == 1:
            return Selected(best, "here")
        before = _place_then(wanted, linked.text) if linked else None
        if before and linked and (followed := _follow(text, before, linked)):
            return followed
        if best and not before:
            return Selected(best, "here")
    places = [p for p in islice(_written(text, wanted.text), _TRIED) if _stands(text, wanted, p)]
    if before and near:
        places = [p for p in places if not near.start <= p.start < near.end]
    if places and _is_meant(wanted, 1.0, len(places)):
        return Selected(max(places, key=fit), "here" if near is None else "moved")
    return None if near is None or before else _changed(text, wanted, near)


def _is_meant(wanted: Selection, fit: float, rivals: int) -> bool:
    """Whether the same words, found where they were not expected, are surely the ones meant."""
    if rivals == 1 and len(wanted.text) >= _TELLING:
        return True
    return bool(wanted.prefix or wanted.suffix) and len(wanted.text) >= _FEW and fit >= _FIT


def _stands(text: str, wanted: Selection, place: Span, least: bool = False) -> bool:
    """Whether the words at `place` are as whole as they were, with the words of their context.

    `least`: if the text ends before the context does, the part that exists is enough; and part of a
    compound may match alone, since older links lack the rest of it.
    """
    suffix = "" if wanted.end else wanted.suffix
    around = wanted.prefix + wanted.text + suffix
    own = Span(len(wanted.prefix), len(wanted.prefix) + len(wanted.text))
    then, now = whole_words(around, own), whole_words(text, place)
    if wanted.end and len(wanted.text) >= CONTEXT:  # they may end within a word
        now = Span(now.start, place.end)
    cut = ((then.start, own.start, now.start, place.start), (own.end, then.end, place.end, now.end))
    for start, end, low, high in cut:
        more = text[low:high]
        if around[start:end] != more and not (least and _COMPOUND.fullmatch(more)):
            return False
    before = _words(text[max(0, place.start - 3 * CONTEXT) : place.start])
    after = _words(text[place.end : place.end + 3 * CONTEXT])
    lead, rest = _words(wanted.prefix), _words(suffix)
    if least:
        lead = lead[max(0, len(lead) - len(before)) :]
        rest = rest[: len(after)]
    if lead and len(wanted.prefix) >= CONTEXT:
        lead = lead[1:]  # the first word may have been cut
    if rest and len(suffix) >= CONTEXT:
        rest = rest[:-1]
    return before[len(before) - len(lead) :] == lead and after[: len(rest)] == rest


def _words(text: str) -> list[str]:
    """The words of a context, without spacing and with typed quotation marks."""
    return [_plain(word) for word in _WORD.findall(text)]


def _plain(text: str) -> str:
    """`text` with quotation marks as a reader types them."""
    return text.translate(TYPED_QUOTES)


def _place_then(wanted: Selection, text: str) -> Span | None:
    """Span of the (first) words in the old text of their passage, if it is unique."""
    found = [p for p in _written(text, wanted.text) if _stands(text, wanted, p, least=True)]
    return found[0] if len(found) == 1 else None


def _follow(text: str, place: Span, linked: LinkedPassage) -> Selected | None:
    """The new place of a span in the old text of a passage; None when it is gone."""
    old, now = linked.text, linked.now.of(text)
    landed, kept = _aligned(old, now, place)
    if landed is None:
        return None
    span = Span(landed.start + linked.now.start, landed.end + linked.now.start)
    if not kept:
        return Selected(span, "edited")
    return Selected(span, "here") if _is_same(old, place, now, landed) else None


def _is_same(old: str, place: Span, new: str, landed: Span) -> bool:
    """Whether equal words of an old and a new text surely are the same occurrence."""
    words = place.of(old)
    before, after = (list(islice(_written(text, words), _TRIED)) for text in (old, new))
    sides = _sides(old, place, new, landed)
    rivals = [sum(_sides(old, other, new, landed)) for other in before if other != place]
    rivals += [sum(_sides(old, place, new, other)) for other in after if other != landed]
    own, best = sum(sides), max(rivals, default=-1.0)
    if len(before) == len(after) and len(words) >= _TELLING:
        return own >= best
    return (own > best or (len(before) == len(after) and own == best)) and max(sides) >= _SIDE


def _sides(old: str, place: Span, new: str, landed: Span) -> tuple[float, float]:
    """Likeness of the text right before two spans, and right after them; from 0 to 1."""
    both = ((old, place), (new, landed))
    befores = (squeezed(text[max(0, at.start - _NEAR) : at.start]) for text, at in both)
    afters = (squeezed(text[at.end : at.end + _NEAR]) for text, at in both)
    return Levenshtein.normalized_similarity(*befores), Levenshtein.normalized_similarity(*afters)


def _aligned(old: str, new: str, place: Span) -> tuple[Span | None, bool]:
    """The span of `new` aligned with one of `old`, by words; and whether its words are equal."""
    before, after = list(_PART.finditer(old)), list(_PART.finditer(new))
    first = next((n for n, part in enumerate(before) if part.end() > place.start), len(before))
    last = next((n for n, part in enumerate(before) if part.start() >= place.end), len(before))
    low, high, kept = len(after), 0, 0
    blocks = Indel.opcodes([_plain(p[0]) for p in before], [_plain(p[0]) for p in after])
    at = to = 0  # end of the previous equal block, in `before` and in `after`
    for block in (*(b for b in blocks if b.tag == "equal"), None):
        here, there = (block.src_start, block.dest_start) if block else (len(before), len(after))
        if max(at, first) < min(here, last) or first < at == here < last:  # words replaced
            low, high = min(low, to), max(high, there)
        if block is None:
            break
        at, to = block.src_end, block.dest_end
        if (start := max(first, here)) < (end := min(last, at)):
            low, high = min(low, there + start - here), max(high, there + end - here)
            kept += end - start
    if low >= high or first >= last:
        return None, False
    if kept < last - first or high - low > kept:
        return Span(after[low].start(), after[high - 1].end()), False
    start = after[low].start() + max(0, place.start - before[first].start())
    end = after[high - 1].end() - max(0, before[last - 1].end() - place.end)
    return Span(start, end), True


def _is_kept(text: str, wanted: Selection, now: Span, linked: LinkedPassage) -> bool:
    """Whether the selected part of the passage in which the words begin is unchanged."""
    before = _place_then(Selection(wanted.text, prefix=wanted.prefix), linked.text)
    if before is None or not linked.now.start <= now.start < linked.now.end:
        return True  # unknown
    last = _ending(linked.text, wanted, before)
    old = linked.text[before.start : last[0].end if last and last[1] else len(linked.text)]
    new = text[now.start : min(now.end, linked.now.end)]
    return list(map(_plain, _PART.findall(old))) == list(map(_plain, _PART.findall(new)))


def _changed(text: str, wanted: Selection, near: Span) -> Selected | None:
    """The edited words in `near`, if they are enough like the selected ones."""
    low = max(0, near.start - CONTEXT)
    window = text[low : near.end + len(wanted.text)]
    suffix = "" if wanted.end else wanted.suffix
    found = match_quote(window, wanted.text, wanted.prefix, suffix)
    if found is None or not _is_like(wanted.text, found.span.of(window)):
        return None
    span = whole_words(text, Span(found.span.start + low, found.span.end + low))
    return Selected(span, "edited") if near.start <= span.start < near.end else None


def _is_like(wanted: str, found: str) -> bool:
    """Whether `found` is enough like the selected words to be their edited version."""
    least = _ALIKE if len(wanted) >= _FEW else _FEW_ALIKE
    return likeness(squeezed(wanted), squeezed(found)) >= least


def _ending(
    text: str, wanted: Selection, first: Span, *, strict: bool = True
) -> tuple[Span, bool] | None:
    """Span of the last words, ending after `first`, and whether they are exactly the same."""
    start, end = first.start, first.end + LONGEST
    behind = Selection(wanted.end, suffix=wanted.suffix)
    found = (p for p in _written(text, wanted.end, start, end) if p.end >= first.end)
    if places := list(islice(found, _TRIED)):
        whole = [p for p in places if _ends_well(text, behind, p)] if strict else places
        if whole:
            return max(whole, key=partial(_fit, text, behind)), True
    near = match_quote(text[first.end : end], wanted.end, "", wanted.suffix, 0)
    if near is None or not _is_like(wanted.end, near.span.of(text[first.end : end])):
        return None
    return Span(near.span.start + first.end, near.span.end + first.end), False


def _ends_well(text: str, last: Selection, place: Span) -> bool:
    """Whether the last words at `place` are as whole as before; long ones may begin in a word."""
    begun = whole_words(text, place).start if len(last.text) >= WHOLE else place.start
    return _stands(text, Selection(last.text, "", text[begun : place.start], last.suffix), place)


def _written(text: str, words: str, start: int = 0, end: int = 1 << 62) -> Iterator[Span]:
    """Occurrences of words in `text[start:end]`, also as parts of words."""
    yield from (Span(*found.span(1)) for found in _pattern(words).finditer(text, start, end))


def _pattern(words: str) -> re.Pattern[str]:
    """A pattern for words with any spacing and quotation marks; overlapping matches too."""
    written = re.escape(squeezed(words.strip()))
    for signs in _ALIKE_SIGNS:
        written = re.sub(f"[{signs}]", f"[{signs}]", written)
    return re.compile(f"(?=({written}))".replace(r"\ ", r"\s+"))


def _fit(text: str, wanted: Selection, place: Span) -> float:
    """How well the context fits around a place, from 0 to 1; 1 when no context is known."""
    likes = []
    if wanted.prefix:
        before = squeezed(text[max(0, place.start - 2 * CONTEXT) : place.start])
        likes.append(likeness(wanted.prefix, before[-len(wanted.prefix) :]))
    if wanted.suffix and not wanted.end:
        after = squeezed(text[place.end : place.end + 2 * CONTEXT])
        likes.append(likeness(wanted.suffix, after[: len(wanted.suffix)]))
    return sum(likes) / len(likes) if likes else 1.0


def _from_word(text: str, end: int, size: int, most: int = CONTEXT) -> str:
    """At least `size` characters before `end`, from the start of a word; at most `most`."""
    start, least = max(0, end - size), max(0, end - most)
    while size and start > least and not text[start - 1].isspace():
        start -= 1
    return text[max(start, least) : end]


def _to_word(text: str, start: int, size: int) -> str:
    """At least `size` characters after `start`, to the end of a word; at most `CONTEXT`."""
    end, last = start + size, min(len(text), start + CONTEXT)
    while size and end < last and not text[end].isspace():
        end += 1
    return text[start : min(end, last)]
