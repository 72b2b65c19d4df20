"""Comparison of an audit with a saved one: terms and sentences lost, changed, moved and added.

In: two saved audits, and the current sentences of articles. Out: a `Comparison`: terms with their
counts before and after, and sentences that were lost, changed, moved or added. A sentence that
remains but lost a negation, a number or another risky word is listed first, because such an edit
can do harm. The counterpart of a lost sentence is sought among all current sentences of its
article, so that it is found even if the edit removed the term itself. Pure; refuses nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Literal

from rapidfuzz.distance import Indel

from indexer.audits.risky_changes import RISKS, RiskyChange, risky_changes
from indexer.audits.saved import SavedArticle, SavedAudit, SavedLine, SavedTerm
from indexer.links.similarity import DiffRun, word_diff
from indexer.text.tokenizer import normalise

Sentences = Callable[[str], Sequence[str]]  # article id → its current sentences; none if it is gone
ChangeKind = Literal["lost", "changed", "moved", "added"]
TermFate = Literal["listed", "unlisted", "appeared", "vanished", "changed", "same"]
ALIKE = 0.5  # minimum share of common words, in order, of a sentence and its edited version
SentenceKey = tuple[str, str]  # article id, words of the sentence


@dataclass(frozen=True, slots=True)
class TermLines:
    """Number of a term's lines in one sentence, before and after."""

    term: str
    before: int  # lines in the old sentence
    after: int  # lines in the current sentence


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """One sentence that was lost, changed, moved or added."""

    kind: ChangeKind
    article: str  # id; of a moved sentence, its new article
    title: str
    section: tuple[str, ...]
    before: str  # old text; "": it was not there
    after: str  # current text; "": it is gone
    runs: tuple[DiffRun, ...]  # word diff from before to after
    drift: tuple[RiskyChange, ...]  # changes of a number, negation, qualifier or the like
    terms: tuple[TermLines, ...]
    was_in: str = ""  # id of the old article of a moved sentence

    @property
    def weakened(self) -> bool:
        """Whether the edit kept the sentence but dropped a word that readers rely on."""
        return self.kind == "changed" and any(change.removed for change in self.drift)


@dataclass(frozen=True, slots=True)
class PlaceLost:
    """An article or section whose text no longer contains a term."""

    article: str  # id
    section: tuple[str, ...]
    headings: int | None  # occurrences in its headings and titles now; None: it is gone, or unknown


@dataclass(frozen=True, slots=True)
class TermChange:
    """One term, before and after."""

    term: str
    group: str
    role: str
    fate: TermFate  # listed, unlisted: the term list changed; appeared, vanished: from or to zero
    before: SavedTerm | None  # None: not in the list then
    after: SavedTerm | None  # None: not in the list now
    lines_lost: int
    lines_added: int
    forms_lost: tuple[str, ...]
    forms_added: tuple[str, ...]
    places_lost: tuple[PlaceLost, ...]
    places_added: tuple[tuple[str, tuple[str, ...]], ...]  # article and section


@dataclass(frozen=True, slots=True)
class Comparison:
    """An audit compared with an earlier one."""

    before: SavedAudit
    after: SavedAudit
    terms: tuple[TermChange, ...]  # terms of the new list in its order, then those it lacks
    changes: tuple[SentenceChange, ...]  # gravest first
    notes: tuple[str, ...]  # reasons why numbers may differ although no text has changed


@dataclass(frozen=True)
class _Sentences:
    """The lines of one audit by sentence."""

    lines: Mapping[SentenceKey, SavedLine]  # the first line of each sentence
    counts: Mapping[SentenceKey, Mapping[str, int]]  # sentence → term → number of lines


def compare(before: SavedAudit, after: SavedAudit, sentences: Sentences) -> Comparison:
    """Compare two audits. Sentences are compared by the terms that both lists have."""
    old = {term.key: term for term in before.terms}
    new = {term.key: term for term in after.terms}
    was, now = (_by_sentence(audit, old.keys() & new.keys()) for audit in (before, after))
    changes = _changes(was, now, {**before.titles, **after.titles}, sentences)
    placed = before.by == after.by
    return Comparison(
        before=before,
        after=after,
        terms=tuple(_term_change(k, old.get(k), new.get(k), placed) for k in {**new, **old}),
        changes=tuple(sorted(changes, key=_rank)),
        notes=tuple(_notes(before, after)),
    )


def _by_sentence(audit: SavedAudit, shared: Set[tuple[str, str, str]]) -> _Sentences:
    lines: dict[SentenceKey, SavedLine] = {}
    counts: dict[SentenceKey, Counter[str]] = defaultdict(Counter)
    seen = set()
    for term in audit.terms:
        if term.key in shared and term.term not in seen:  # a query may stand in several groups
            seen.add(term.term)
            for line in term.lines:
                place = line.article, normalise(line.sentence)
                lines.setdefault(place, line)
                counts[place][term.term] += 1
    return _Sentences(lines, dict(counts))


def _fewer(one: _Sentences, other: _Sentences, place: SentenceKey) -> bool:
    """Whether a term has fewer lines in this sentence in `other` than in `one`."""
    there = other.counts.get(place, {})
    return any(count > there.get(term, 0) for term, count in one.counts[place].items())


# --- sentences ---------------------------------------------------------------------------------


def _changes(
    was: _Sentences, now: _Sentences, titles: Mapping[str, SavedArticle], sentences: Sentences
) -> list[SentenceChange]:
    change = partial(_change, was, now, titles)
    gone = [place for place in was.counts if _fewer(was, now, place)]
    gained = [place for place in now.counts if _fewer(now, was, place)]
    pairs = _counterparts(was, now, gone, sentences)
    moved = _moved(gone, gained, pairs)
    changes = []
    for place in gone:
        there, text = pairs.get(place, (None, ""))
        kind: ChangeKind = "changed" if there else "lost"
        if place in now.counts:
            there = place  # it is still there, with fewer lines
        if place in moved:
            there, kind = moved[place], "moved"
            text = now.lines[moved[place]].sentence
        changes.append(change(kind, place, there, text))
    taken = {there for there, _ in pairs.values()} | set(moved.values())
    new = [place for place in gained if place not in taken and place not in gone]
    return changes + [change("added", place, place, now.lines[place].sentence) for place in new]


def _change(
    was: _Sentences,
    now: _Sentences,
    titles: Mapping[str, SavedArticle],
    kind: ChangeKind,
    here: SentenceKey,
    there: SentenceKey | None,
    after: str,
) -> SentenceChange:
    """The change from `here` to `there` (None: lost). "added": it has more lines than before."""
    place = there or here
    line = now.lines.get(place) or was.lines[here]
    before = was.lines[here].sentence if kind != "added" else ""
    article = titles.get(place[0], SavedArticle(place[0], "en"))
    runs = word_diff(before, after)
    old, new = was.counts.get(here, {}), now.counts.get(there, {}) if there else {}
    return SentenceChange(
        kind=kind,
        article=place[0],
        title=article.title,
        section=line.section,
        before=before,
        after=after,
        runs=runs,
        drift=risky_changes(runs, article.language) if kind != "moved" else (),
        terms=tuple(TermLines(term, old.get(term, 0), new.get(term, 0)) for term in {**old, **new}),
        was_in=here[0] if kind == "moved" else "",
    )


def _counterparts(
    was: _Sentences, now: _Sentences, gone: Sequence[SentenceKey], sentences: Sentences
) -> dict[SentenceKey, tuple[SentenceKey, str]]:
    """Lost sentence → key and text of the sentence that replaces it in its article.

    Sentences are paired one to one, most similar first.
    """
    candidates: list[tuple[float, SentenceKey, SentenceKey, str]] = []
    by_article: dict[str, list[SentenceKey]] = defaultdict(list)
    for place in gone:
        if place not in now.counts:  # else the sentence is still there, with fewer lines
            by_article[place[0]].append(place)
    for article, places in by_article.items():
        texts = {normalise(text): text for text in sentences(article)}
        free = [
            (words, text) for words, text in texts.items() if (article, words) not in was.counts
        ]
        for place in places:
            for words, text in free:
                score = Indel.normalized_similarity(
                    place[1].split(), words.split(), score_cutoff=ALIKE
                )
                if score:
                    candidates.append((score, place, (article, words), text))
    pairs: dict[SentenceKey, tuple[SentenceKey, str]] = {}
    taken: set[SentenceKey] = set()
    for _, place, there, text in sorted(candidates, key=lambda pair: -pair[0]):
        if place not in pairs and there not in taken:
            pairs[place] = there, text
            taken.add(there)
    return pairs


def _moved(
    gone: Sequence[SentenceKey], gained: Sequence[SentenceKey], pairs: Mapping[SentenceKey, object]
) -> dict[SentenceKey, SentenceKey]:
    """Lost sentence → the same sentence, word for word, that another article has gained."""
    by_words: dict[str, list[SentenceKey]] = defaultdict(list)
    for place in gained:
        by_words[place[1]].append(place)
    moved: dict[SentenceKey, SentenceKey] = {}
    for place in gone:
        if place not in pairs:
            there = next((p for p in by_words[place[1]] if p[0] != place[0]), None)
            if there:
                by_words[place[1]].remove(there)
                moved[place] = there
    return moved


_ORDER: Mapping[ChangeKind, int] = {"lost": 1, "changed": 2, "moved": 3, "added": 4}


def _rank(change: SentenceChange) -> tuple[int, int, str, str]:
    """Sort key: weakened sentences first, then by `_ORDER`; within each, the gravest risk first."""
    order = 0 if change.weakened else _ORDER[change.kind]
    risks = [risky.risk for risky in change.drift if risky.removed or change.kind != "changed"]
    gravest = min(map(RISKS.index, risks), default=len(RISKS))
    return order, gravest, change.article, change.before or change.after


# --- terms -------------------------------------------------------------------------------------


def _term_change(
    key: tuple[str, str, str], old: SavedTerm | None, new: SavedTerm | None, placed: bool
) -> TermChange:
    if old is None or new is None:
        fate: TermFate = "unlisted" if old else "listed"
        return TermChange(*key, fate, old, new, 0, 0, (), (), (), ())
    was, now = ({line.identity for line in term.lines} for term in (old, new))
    had, has = (
        dict.fromkeys((cell.article, cell.section) for cell in term.by if cell.count and placed)
        for term in (old, new)
    )
    headings = {(cell.article, cell.section): cell.headings for cell in new.by}
    fate = "same" if old.total == new.total and was == now else "changed"
    if bool(old.total) != bool(new.total):
        fate = "appeared" if new.total else "vanished"
    return TermChange(
        *key,
        fate=fate,
        before=old,
        after=new,
        lines_lost=len(was - now),
        lines_added=len(now - was),
        forms_lost=tuple(form for form in old.forms if form not in new.forms),
        forms_added=tuple(form for form in new.forms if form not in old.forms),
        places_lost=tuple(PlaceLost(*p, headings.get(p)) for p in had if p not in has),
        places_added=tuple(place for place in has if place not in had),
    )


def _notes(before: SavedAudit, after: SavedAudit) -> Iterable[str]:
    if before.match != after.match:
        yield f"matched by {before.match} then and by {after.match} now: numbers may differ by that"
    if before.only != after.only:
        yield "the audits are of different articles"
    if before.by != after.by:
        yield f"counted by {before.by} then and by {after.by} now: places are not compared"
    if before.analysis != after.analysis:
        yield "this version of Pilcrow has another tokeniser: numbers may differ by that"
