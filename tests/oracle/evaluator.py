"""Which passages a query tree finds, why, and with what score: plain Python over plain lists.

In: articles with their passages, and a tree. Out: a `Verdict` for each passage found. Every passage
is tried, every node evaluated anew: slow and simple on purpose. Raises `TypeError` for a node of a
kind that the query language does not have, `ValueError` for a phrase of more than a thousand
spellings.

Scores are BM25F by hand: Robertson, Zaragoza & Taylor, "Simple BM25 extension to multiple weighted
fields" (CIKM 2004); the idf is Lucene's, which is never negative.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from whoosh import query

from indexer.model import Article, FoundHeading, FoundIn, Mark, Match, Passage
from indexer.query.nodes import Near, Word
from indexer.text.word_lists import FUNCTION_WORDS
from tests.oracle.branches import LEAVES, Branch, Chooser, field_of, is_true, parts_of
from tests.oracle.headings import Outline, Standing
from tests.oracle.matching import Finder, Occurrence, marks_of, with_neighbours
from tests.oracle.spelling import Orthography, Thesaurus
from tests.oracle.texts import FIELDS, Corpus, Field, Lengths, Reading, Unit, compounds, read_unit


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of BM25F."""

    k1: float  # how soon further occurrences stop counting
    weights: Mapping[Field, float]  # of an occurrence in each field
    b: Mapping[Field, float]  # length normalisation of each field, 0 to 1
    repeats: float  # a part repeated n times counts n to this power


def idf(passages: int, holding: float) -> float:
    """Weight of a leaf that matches in `holding` of `passages`."""
    return math.log(1 + (passages - holding + 0.5) / (holding + 0.5))


def burstiness(occurrences: int, holding: float) -> float:
    """Factor of a leaf's weight besides the idf: one plus the logarithm of its mean number of
    occurrences in the passages that hold it."""
    return 1 + math.log(occurrences / holding) if occurrences > holding else 1.0


def frequency(
    counts: Mapping[Field, int], lengths: Mapping[Field, int], means: Lengths, by: Parameters
) -> float:
    """Occurrences in all fields as one weighted, length-normalised frequency."""
    total = 0.0
    for name, count in counts.items():
        relative = lengths[name] / means.means[name]
        total += by.weights[name] * count / (1 - by.b[name] + by.b[name] * relative)
    return total


def saturated(weighted: float, by: Parameters) -> float:
    """Score of a frequency: each further occurrence adds less than the one before."""
    return weighted * (by.k1 + 1) / (weighted + by.k1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where one leaf matches in one passage: for each field, occurrences in each of its texts."""

    leaf: query.Query
    found: Mapping[Field, tuple[list[Occurrence], ...]]

    def occurrences(self, name: Field) -> list[Occurrence]:
        """Occurrences in all texts of the field."""
        return [one for unit in self.found.get(name, ()) for one in unit]

    def __bool__(self) -> bool:
        return any(self.occurrences(name) for name in FIELDS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Score and matches of a node in one passage."""

    score: float = 0.0
    sightings: tuple[Sighting, ...] = ()  # of the positive leaves of satisfied branches


@dataclass(frozen=True, slots=True)
class Verdict:
    """Score of a hit, and the matches that make it one."""

    score: float
    marks: tuple[Mark, ...]  # in the passage's text, merged
    section_marks: tuple[tuple[Mark, ...], ...]  # in each heading of its section
    title_marks: tuple[Mark, ...]
    occurrences: tuple[tuple[int, int], ...]  # start and end in the text, one each
    found_in: FoundIn = "text"
    heading: FoundHeading | None = None  # an empty heading that the passage stands for


def verdict(one: Reading, outcome: Outcome) -> Verdict:
    """The outcome with offsets in the passage's texts."""

    def marks(name: Field) -> tuple[tuple[Mark, ...], ...]:
        return tuple(
            merge(
                mark
                for sighting in outcome.sightings
                if name in sighting.found
                for mark in marks_of(unit, sighting.found[name][i])
            )
            for i, unit in enumerate(one.units(name))
        )

    tokens = one.text.tokens
    spans = {
        (tokens[found.first].start, tokens[found.last].end)
        for sighting in outcome.sightings
        for found in sighting.occurrences("text")
    }
    return Verdict(
        outcome.score, marks("text")[0], marks("section"), marks("title")[0], tuple(sorted(spans))
    )


def merge(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Marks, with overlapping ones merged; each has the reason of its longest."""
    groups: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.start):
        if groups and mark.start < max(other.end for other in groups[-1]):
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return tuple(
        Mark(
            group[0].start,
            max(mark.end for mark in group),
            max(group, key=lambda mark: mark.end - mark.start).reason,
        )
        for group in groups
    )


@dataclass(frozen=True, slots=True)
class Truth:
    """A branch whose leaves all match and whose conditions all hold for one passage."""

    branch: Branch
    found_in: FoundIn  # "text" also for a branch without leaves
    by: Unit  # the text, or the innermost heading that holds a leaf, or the title
    depth: int  # of `by`: greater for inner headings
    found: bool  # whether it makes the passage a hit, unless a negation forbids it


TEXT_DEPTH = 1 << 30  # deeper than any heading
NO_SYNONYMS = Thesaurus()


class Evaluator:
    """Evaluates query trees over a corpus that is read once."""

    def __init__(
        self,
        articles: Iterable[tuple[Article, Sequence[Passage]]],
        parameters: Parameters,
        thesaurus: Thesaurus = NO_SYNONYMS,
    ) -> None:
        self.corpus = Corpus(articles)
        self.parameters, self.thesaurus = parameters, thesaurus
        self._outlines: dict[tuple[bool, str], Outline] = {}
        self._standing: dict[tuple[bool, str], Standing] = {}

    def evaluate(
        self, tree: query.Query, match: Match = "stem", *, text_alone: bool = False
    ) -> dict[str, Verdict]:
        """Verdicts by passage id.

        With `text_alone`, as for counts, bare words match in the text only.
        """
        asked = Question(self, tree, match)
        return asked.by_text() if text_alone else asked.found()

    def outline(self, name: str, *, boilerplate: bool) -> Outline:
        """The headings of an article and the passages below them, with or without boilerplate."""
        if (boilerplate, name) not in self._outlines:
            (one,) = [pair for pair in self.corpus.articles if pair[0].id == name]
            self._outlines[boilerplate, name] = Outline(
                *one, lambda passage: boilerplate or passage.kind != "boilerplate"
            )
        return self._outlines[boilerplate, name]

    def standing(self, one: Reading, *, boilerplate: bool) -> Standing:
        """The headings that a passage stands below and for, with or without boilerplate."""
        key = (boilerplate, one.passage.id)
        if key not in self._standing:
            outline = self.outline(one.passage.article_id, boilerplate=boilerplate)
            self._standing[key] = outline.standing(one.passage)
        return self._standing[key]


class Question:
    """One query tree over one corpus."""

    def __init__(self, evaluator: Evaluator, tree: query.Query, match: Match) -> None:
        self.evaluator, self.corpus = evaluator, evaluator.corpus
        found = compounds(read_unit(word, "") for word in typed_words(tree))
        typed = frozenset(replace(compound, language=None) for compound in found)
        how = Orthography(
            match, "", self.corpus.compounds | typed, self.corpus.spoken, evaluator.thesaurus
        )
        self.tree = with_neighbours(tree, how)
        self.boilerplate = _wants_boilerplate(self.tree)
        self.asked = self.corpus.readings if self.boilerplate else self.corpus.plain
        self.finders = {code: Finder(how.in_language(code)) for code in self.corpus.languages}
        self._found: dict[tuple[int, int], list[Occurrence]] = {}
        self._idf: dict[tuple[int, tuple[Field, ...]], float] = {}
        self.article = _only_article(self.tree)

    def by_text(self) -> dict[str, Verdict]:
        """Verdicts by passage id, as for counts: bare words match in the text only."""
        found = ((one, self._visit(self.tree, one, True)) for one in self.asked)
        return {one.passage.id: verdict(one, outcome) for one, outcome in found if outcome}

    # --- words in text, headings and titles -----------------------------------------------------

    def found(self) -> dict[str, Verdict]:
        """Verdicts by passage id: every branch is tested on every passage."""
        found: dict[str, Verdict] = {}
        for one in self.asked:
            standing = self.evaluator.standing(one, boilerplate=self.boilerplate)
            chooser = Chooser(self._finds, partial(self._may_be, one, standing))
            judged = [self.truth(b, one, standing) for b in chooser.branches(self.tree)]
            held = [truth for truth in judged if truth]
            true = [truth for truth in held if not self._is_denied(truth, truth.by, one)]
            hits = [truth for truth in true if truth.found]
            if hits:
                best = max(hits, key=lambda truth: truth.depth)
                near = [truth for truth in held if not self._is_denied(truth, one.text, one)]
                found[one.passage.id] = self.explain(best, true, near, one, standing)
        return found

    def _finds(self, tree: query.Query) -> bool:
        """Whether a part of the tree finds any passage of its own."""
        outer, self.tree = self.tree, tree
        try:
            return bool(self.found())
        finally:
            self.tree = outer

    def _may_be(self, one: Reading, standing: Standing, node: query.Query) -> bool:
        """Whether a leaf matches in a passage or above it, or a condition is true of it."""
        headings = {*standing.path, *standing.empty, *(h for e in standing.empty for h in e.above)}
        return self._stands(node, one, [one.text, one.title, *(h.unit for h in headings)])

    def truth(self, branch: Branch, one: Reading, standing: Standing) -> Truth | None:
        """How a branch is true of one passage; None if it is not.

        A leaf matches as a whole in the text, in one heading of the path or in the title. An empty
        heading that the passage stands for counts as one of its path, and so do the headings above
        it if it holds a leaf of this branch. The innermost heading is the last in order of the
        article, since a heading stands inside those above it (also those above the empty one).
        """
        sought = [leaf for leaf in branch.leaves if field_of(leaf) == "any"]
        holding = [empty for empty in standing.empty if self._any(sought, empty.unit)]
        further = (above for empty in holding for above in empty.above)
        counting = {one.number: one for one in (*standing.path, *standing.empty, *further)}
        headings = [counting[number] for number in sorted(counting)]
        for leaf in branch.leaves:
            here = bool(self._find(leaf, one.text)) and field_of(leaf) in ("any", "text")
            above = (one.title, *(heading.unit for heading in headings))
            if not here and not (leaf in sought and any(self._find(leaf, unit) for unit in above)):
                return None
        if not all(self._stands(condition, one, ()) for condition in branch.conditions):
            return None
        if not branch.leaves or self._any(branch.leaves, one.text):
            return Truth(branch, "text", one.text, TEXT_DEPTH, True)
        if by := [heading for heading in headings if self._any(sought, heading.unit)]:
            inner = by[-1]
            first = inner.number in standing.first_below
            return Truth(branch, "heading", inner.unit, inner.number, first)
        return Truth(branch, "title", one.title, -1, standing.first)

    def _is_denied(self, truth: Truth, by: Unit, one: Reading) -> bool:
        """Whether a tree that the branch negates is true of the text or of `by`."""
        return any(
            is_true(tree, lambda leaf: self._stands(leaf, one, (one.text, by)))
            for tree in truth.branch.negated
        )

    def _any(self, leaves: Iterable[query.Query], unit: Unit) -> bool:
        return any(self._find(leaf, unit) for leaf in leaves)

    def _stands(self, node: query.Query, one: Reading, tested: Sequence[Unit]) -> bool:
        """Whether a condition is true of a passage, or a leaf of one of the `tested` texts."""
        name = field_of(node)
        if name in ("article", "kind"):
            value = one.passage.article_id if name == "article" else one.passage.kind
            return isinstance(node, query.Term) and bool(node.text == value)
        if name in ("section", "title"):
            own = one.section if name == "section" else (one.title,)
            return any(self._find(node, unit) for unit in own)
        return name in ("any", "text") and any(self._find(node, unit) for unit in tested)

    def explain(
        self,
        best: Truth,
        true: Sequence[Truth],
        near: Sequence[Truth],
        one: Reading,
        standing: Standing,
    ) -> Verdict:
        """Verdict on a passage, with marks of parts of the tree: the leaves of all branches that
        are `true` of it, and the conditions also of branches that are `near`, true except for a
        negated word in a heading. Of marks over the same words, the first of these parts counts.
        """
        parts = [leaf for truth in true for leaf in truth.branch.leaves]
        parts += [test for truth in (*true, *near) for test in truth.branch.conditions]
        told = [part for truth in near for part in truth.branch.leaves]
        order = {id(node): place for place, node in enumerate(_positive(self.tree))}
        sought = sorted({id(part): part for part in parts}.values(), key=lambda p: order[id(p)])

        def marks(unit: Unit, *names: str) -> tuple[Mark, ...]:
            seen = [part for part in sought if field_of(part) in names]
            return merge(mark for part in seen for mark in marks_of(unit, self._find(part, unit)))

        shown = [(empty, marks(empty.unit, "any")) for empty in standing.empty]
        heading = [FoundHeading(e.unit.text, e.path, found) for e, found in shown if found][-1:]
        # The score that a leaf in an empty heading adds to another branch is not defined.
        aside = any(self._any(told, empty.unit) for empty in standing.empty)
        score = None if aside else self._visit(self.tree, one, False)
        tokens = one.text.tokens
        here = [
            found
            for part in sought
            if field_of(part) in ("any", "text")
            for found in self._find(part, one.text)
        ]
        return Verdict(
            score.score if score else math.nan,
            marks(one.text, "any", "text"),
            tuple(marks(unit, "any", "section") for unit in one.section),
            marks(one.title, "any", "title"),
            tuple(sorted({(tokens[f.first].start, tokens[f.last].end) for f in here})),
            best.found_in,
            heading[0] if heading else None,
        )

    def _visit(self, node: query.Query, one: Reading, text_alone: bool) -> Outcome | None:
        if isinstance(node, query.Every):
            return Outcome(node.boost)
        if isinstance(node, query.Term) and node.fieldname in ("article", "kind"):
            value = one.passage.article_id if node.fieldname == "article" else one.passage.kind
            return Outcome() if value == node.text else None
        if isinstance(node, LEAVES):
            return self._leaf(node, one, text_alone)
        if isinstance(node, query.Not):
            return Outcome() if self._visit(node.query, one, True) is None else None
        if isinstance(node, query.ConstantScoreQuery):
            inner = self._visit(node.child, one, text_alone)
            return inner and Outcome(node.score, inner.sightings)
        if isinstance(node, query.compound.BinaryQuery):
            return self._binary(node, one, text_alone)
        if isinstance(node, query.compound.CompoundQuery):
            return self._compound(node, one, text_alone)
        if isinstance(node, type(query.NullQuery)):
            return None
        raise TypeError(f"no meaning for {node!r}")

    def _compound(
        self, node: query.compound.CompoundQuery, one: Reading, text_alone: bool
    ) -> Outcome | None:
        parts = [self._visit(part, one, text_alone) for part in node.subqueries]
        held = [part for part in parts if part is not None]
        if isinstance(node, query.And):
            enough = len(held) == len(parts)
        elif isinstance(node, query.Or):
            enough = len(held) >= node.minmatch
        elif isinstance(node, query.DisjunctionMax):
            enough = True
        else:
            raise TypeError(f"no meaning for {node!r}")
        if not (held and enough):
            return None
        scores = [part.score for part in held]
        if isinstance(node, query.DisjunctionMax):
            score = max(scores) + node.tiebreak * (sum(scores) - max(scores))
        elif isinstance(node, query.Or) and node.minmatch > 1:
            score = sum(scores)
        else:
            alike: dict[object, list[float]] = {}
            for part, outcome in zip(node.subqueries, parts):
                if outcome is not None:
                    alike.setdefault(_key(part), []).append(outcome.score)
            repeats = self.evaluator.parameters.repeats
            score = sum(sum(some) * len(some) ** (repeats - 1) for some in alike.values())
        return Outcome(node.boost * score, tuple(s for part in held for s in part.sightings))

    def _binary(
        self, node: query.compound.BinaryQuery, one: Reading, text_alone: bool
    ) -> Outcome | None:
        negative = isinstance(node, query.AndNot)
        a = self._visit(node.a, one, text_alone)
        b = self._visit(node.b, one, text_alone or negative)
        if isinstance(node, query.AndNot):
            return a if b is None else None
        if isinstance(node, query.AndMaybe):
            return a and (_sum(a, b) if b else a)
        if isinstance(node, query.Require):
            return a and b and Outcome(a.score, a.sightings + b.sightings)
        if isinstance(node, query.Otherwise):
            others = (self._visit(node.a, other, text_alone) for other in self.corpus.plain)
            return a if any(others) else b
        raise TypeError(f"no meaning for {node!r}")

    # --- leaves ---------------------------------------------------------------------------------

    def _leaf(self, leaf: query.Query, one: Reading, text_alone: bool) -> Outcome | None:
        names = self._fields(leaf, text_alone)
        sighting = self._sight(leaf, one, names)
        if not sighting:
            return None
        weighted = frequency(
            {name: len(sighting.occurrences(name)) for name in names},
            {name: one.length(name) for name in names},
            self.corpus.lengths,
            self.evaluator.parameters,
        )
        worth = saturated(weighted, self.evaluator.parameters)
        return Outcome(leaf.boost * self._rarity(leaf, names) * worth, (sighting,))

    def _fields(self, leaf: query.Query, text_alone: bool) -> tuple[Field, ...]:
        """The fields that a leaf tests."""
        named = field_of(leaf)
        if named == "any" and not text_alone:
            return FIELDS
        if named in ("any", "text"):
            return ("text",)
        return tuple(name for name in FIELDS if name == named)

    def _rarity(self, leaf: query.Query, names: tuple[Field, ...]) -> float:
        """The weight of a leaf, computed once."""
        key = (id(leaf), names)
        if key not in self._idf:
            self._idf[key] = self._weight(leaf, names)
        return self._idf[key]

    def _weight(self, leaf: query.Query, names: tuple[Field, ...]) -> float:
        """The idf times the burstiness; within one article the idf among its passages, 0 for a word
        in all of them; 0 for a function word beside other words that occur."""
        passages = self.corpus.lengths.passages
        others = [one for one in self.scoring if not self._is_function_word(one[0])]
        if self._is_function_word(leaf) and any(self.holding(*one) for one in others):
            return 0.0
        if not self.article:
            holding = self.holding(leaf, names)
            return idf(passages, holding) * burstiness(self.occurrences(leaf, names), holding)
        own = [one for one in self.corpus.plain if one.passage.article_id == self.article]
        count = sum(bool(self._sight(leaf, one, names)) for one in own)
        return 0.0 if count == len(own) else idf(passages, count)

    @cached_property
    def scoring(self) -> list[tuple[query.Query, tuple[Field, ...]]]:
        """The leaves that add to scores, with the fields that they test."""
        return [(leaf, self._fields(leaf, False)) for leaf in _scoring(self.tree)]

    def _is_function_word(self, leaf: query.Query) -> bool:
        if type(leaf) not in (query.Term, Word):
            return False
        tokens = read_unit(leaf.text, "").tokens
        if len(tokens) != 1 or tokens[0].fold in ("the", "to"):
            return False
        listed = others = 0
        for language in self.corpus.languages:
            count = self.corpus.occurring[tokens[0].fold, language]
            if tokens[0].fold in FUNCTION_WORDS.get(language, ()):
                listed += count
            else:
                others += count
        return listed > others

    def holding(self, leaf: query.Query, names: tuple[Field, ...]) -> float:
        """Number of passages of the corpus in which a leaf matches."""
        return sum(bool(self._sight(leaf, one, names)) for one in self.corpus.plain)

    def occurrences(self, leaf: query.Query, names: tuple[Field, ...]) -> int:
        """Number of matches of a leaf, each of one token, in the texts of the corpus."""
        if "text" not in names or isinstance(leaf, (Near, query.Or)):
            return 0
        sights = (self._sight(leaf, one, ("text",)) for one in self.corpus.plain)
        return sum(o.first == o.last for sight in sights for o in sight.occurrences("text"))

    def _sight(self, leaf: query.Query, one: Reading, names: tuple[Field, ...]) -> Sighting:
        found: Mapping[Field, tuple[list[Occurrence], ...]] = {
            name: tuple(self._find(leaf, unit) for unit in one.units(name)) for name in names
        }
        return Sighting(leaf, found)

    def _find(self, leaf: query.Query, unit: Unit) -> list[Occurrence]:
        key = (id(leaf), id(unit))
        if key not in self._found:
            self._found[key] = self.finders[unit.language].find(leaf, unit)
        return self._found[key]


def typed_words(tree: query.Query) -> Iterator[str]:
    """All words typed in a query."""
    if isinstance(tree, query.Phrase):
        yield from tree.words
    elif isinstance(tree, query.Term):
        yield tree.text
    for part in tree.children():
        yield from typed_words(part)


def _wants_boilerplate(node: query.Query) -> bool:
    """Whether a tree asks for boilerplate other than to exclude it."""
    if isinstance(node, query.Not):
        return False
    if isinstance(node, query.AndNot):
        return _wants_boilerplate(node.a)
    if isinstance(node, query.Term) and node.fieldname == "kind":
        return bool(node.text == "boilerplate")
    return any(_wants_boilerplate(part) for part in node.children())


def _positive(node: query.Query) -> Iterator[query.Query]:
    """A tree's nodes in order, without those beneath a negation or a NEAR."""
    yield node
    parts = parts_of(node)
    if isinstance(node, query.Not):
        return
    for part in parts[:1] if isinstance(node, query.AndNot) else parts:
        yield from _positive(part)


def _scoring(node: query.Query) -> Iterator[query.Query]:
    """The leaves of a tree that add to scores."""
    if isinstance(node, LEAVES):
        if field_of(node) not in ("article", "kind"):
            yield node
    elif isinstance(node, (query.AndNot, query.Require)):
        yield from _scoring(node.a)
    elif not isinstance(node, (query.Not, query.ConstantScoreQuery)):
        for part in parts_of(node):
            yield from _scoring(part)


def _only_article(node: query.Query) -> str:
    """The article to which a tree is limited; "" if it is not limited to one."""
    if isinstance(node, query.Term) and node.fieldname == "article":
        return str(node.text)
    if isinstance(node, query.ConstantScoreQuery):
        return _only_article(node.child)
    parts = node.subqueries if isinstance(node, query.And) else []
    if isinstance(node, query.compound.BinaryQuery):
        parts = [node.a, node.b] if isinstance(node, query.Require) else [node.a]
    return next(filter(None, map(_only_article, parts)), "")


def _key(node: query.Query) -> object:
    """A key that is equal for nodes that differ only in their boost."""
    if isinstance(node, LEAVES):
        return type(node), repr(node.with_boost(1.0))
    extra = getattr(node, "minmatch", None), getattr(node, "tiebreak", None)
    return (
        type(node),
        extra,
        tuple((_key(part), getattr(part, "boost", 1.0)) for part in parts_of(node)),
    )


def _sum(a: Outcome, b: Outcome) -> Outcome:
    return Outcome(a.score + b.score, a.sightings + b.sightings)
