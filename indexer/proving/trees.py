"""Which passages a query tree finds, why, and with what score.

In: articles with their passages, and a tree. Out: a `Verdict` for each passage found. Every
passage is tried, every node asked anew: slow and plain on purpose. A node of a kind that the
language of queries does not have is refused with `TypeError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from whoosh import query

from indexer import analysis
from indexer.model import Article, Mark, Match, Passage
from indexer.proving.leaves import Occurrence, find, marks_of
from indexer.proving.scores import FIELDS, Field, Lengths, Parameters, frequency, idf, saturated
from indexer.proving.spelling import Orthography
from indexer.proving.units import MOST_PARTS, Unit, compounds, read_passage, read_unit, spoken
from indexer.querying import Near, Word

LEAVES = (query.Term, query.Phrase, query.Prefix, query.Wildcard, query.FuzzyTerm, Near)


@dataclass(frozen=True, slots=True)
class Reading:
    """One passage with all that a query may look at."""

    passage: Passage
    text: Unit
    section: tuple[Unit, ...]  # one for each heading of its section
    title: Unit

    def units(self, name: Field) -> tuple[Unit, ...]:
        """The texts of one field."""
        return {"text": (self.text,), "section": self.section, "title": (self.title,)}[name]

    def length(self, name: Field) -> int:
        """How many tokens the field has."""
        return sum(len(unit.tokens) for unit in self.units(name))


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where one leaf matches in one passage: for each field, occurrences in each of its texts."""

    leaf: query.Query
    found: Mapping[Field, tuple[tuple[Occurrence, ...], ...]]

    def occurrences(self, name: Field) -> list[Occurrence]:
        """Occurrences in all texts of the field."""
        return [one for unit in self.found.get(name, ()) for one in unit]

    def __bool__(self) -> bool:
        return any(self.occurrences(name) for name in FIELDS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a node found in one passage."""

    score: float = 0.0
    sightings: tuple[Sighting, ...] = ()  # of the positive leaves of satisfied branches


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a passage is found."""

    score: float
    marks: tuple[Mark, ...]  # in the passage's text, merged
    section_marks: tuple[tuple[Mark, ...], ...]  # in each heading of its section
    title_marks: tuple[Mark, ...]
    occurrences: tuple[tuple[int, int], ...]  # start and end in the text, one each


class Prover:
    """A corpus read once, of which any tree can be asked."""

    def __init__(
        self, articles: Iterable[tuple[Article, Sequence[Passage]]], parameters: Parameters
    ) -> None:
        self.parameters = parameters
        self.readings: list[Reading] = []
        others: list[Unit] = []
        for article, passages in articles:
            title = read_unit(article.title, article.language)
            others.append(title)
            others += (
                read_unit(block.span.of(article.text), article.language)
                for block in article.blocks
                if block.kind in ("title", "heading")
            )
            for passage in passages:
                section = tuple(read_unit(heading, article.language) for heading in passage.section)
                text = read_passage(passage, article.language)
                self.readings.append(Reading(passage, text, section, title))
                others += section
        units = [*others, *(reading.text for reading in self.readings)]
        self.compounds = compounds(units)
        self.spoken = spoken(units)
        plain = [one for one in self.readings if one.passage.kind != "boilerplate"]
        self.plain = plain
        self.lengths = Lengths(
            len(plain),
            {name: _mean([one.length(name) for one in plain]) for name in FIELDS},
        )

    def evaluate(
        self, tree: query.Query, match: Match = "stem", *, text_alone: bool = False
    ) -> dict[str, Verdict]:
        """Verdicts by passage id.

        `text_alone` is how counts read a tree: bare words are sought in the text only.
        """
        asked = Question(self, tree, match)
        readings = self.readings if _wants_boilerplate(tree) else self.plain
        found = ((one, asked.answer(one, text_alone=text_alone)) for one in readings)
        return {one.passage.id: _verdict(one, answer) for one, answer in found if answer}


class Question:
    """One tree asked of one corpus."""

    def __init__(self, prover: Prover, tree: query.Query, match: Match) -> None:
        self.prover, self.match = prover, match
        self.compounds = prover.compounds | compounds(read_unit(word, "") for word in _words(tree))
        self.tree = self._with_compounds(tree)
        self._sightings: dict[tuple[int, str, tuple[Field, ...]], Sighting] = {}

    def answer(self, one: Reading, *, text_alone: bool) -> Outcome | None:
        """What the tree finds in a passage; None if the passage is not found.

        Words may match in headings and titles, but not all of them: either some positive leaf
        matches in the text, or the tree holds without help from headings and titles.
        """
        outcome = self._visit(self.tree, one, text_alone)
        if outcome is None or any(sighting.occurrences("text") for sighting in outcome.sightings):
            return outcome
        return outcome if self._visit(self.tree, one, True) is not None else None

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
        score = sum(scores)
        if isinstance(node, query.DisjunctionMax):
            score = max(scores) + node.tiebreak * (score - max(scores))
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
            others = (self._visit(node.a, other, text_alone) for other in self.prover.plain)
            return a if any(others) else b
        raise TypeError(f"no meaning for {node!r}")

    def _how(self, language: str) -> Orthography:
        return Orthography(self.match, language, self.compounds, self.prover.spoken)

    # --- neighbours that may be one word --------------------------------------------------------

    def _with_compounds(self, node: query.Query) -> query.Query:
        """The tree in which bare words that stand side by side may be one compound."""
        changed = copy(node)
        if isinstance(node, query.ConstantScoreQuery):
            changed.child = self._with_compounds(node.child)
        elif isinstance(node, query.compound.BinaryQuery):
            changed.a = self._with_compounds(node.a)
            if not isinstance(node, query.AndNot):
                changed.b = self._with_compounds(node.b)
        elif isinstance(node, query.compound.CompoundQuery) and not isinstance(node, Near):
            changed.subqueries = [self._with_compounds(part) for part in node.subqueries]
            if isinstance(node, query.And):
                changed.subqueries = self._joined(changed.subqueries)
        return changed

    def _joined(self, nodes: list[query.Query]) -> list[query.Query]:
        """Parts of an And, the longest runs of words that make a compound taken together."""
        if not nodes:
            return []
        how = self._how("")
        for size in range(min(MOST_PARTS, len(nodes)), 1, -1):
            run = nodes[:size]
            if all(type(part) is Word and part.fieldname == "any" for part in run):
                forms = tuple(form for part in run for form in analysis.tokenize(part.text).forms)
                if len(forms) <= MOST_PARTS and how.is_compound(forms):
                    whole = Word("any", "".join(part.text for part in run))
                    return [query.Or([query.And(run), whole]), *self._joined(nodes[size:])]
        return [nodes[0], *self._joined(nodes[1:])]

    # --- leaves ---------------------------------------------------------------------------------

    def _leaf(self, leaf: query.Query, one: Reading, text_alone: bool) -> Outcome | None:
        names = _fields(leaf, text_alone)
        sighting = self._sight(leaf, one, names)
        if not sighting:
            return None
        holding = sum(bool(self._sight(leaf, other, names)) for other in self.prover.plain)
        weighted = frequency(
            {name: len(sighting.occurrences(name)) for name in names},
            {name: one.length(name) for name in names},
            self.prover.lengths,
            self.prover.parameters,
        )
        worth = saturated(weighted, self.prover.parameters)
        score = leaf.boost * idf(self.prover.lengths.passages, holding) * worth
        return Outcome(score, (sighting,))

    def _sight(self, leaf: query.Query, one: Reading, names: tuple[Field, ...]) -> Sighting:
        key = (id(leaf), one.passage.id, names)
        if key not in self._sightings:
            how = self._how(one.text.language)
            self._sightings[key] = Sighting(
                leaf,
                {
                    name: tuple(tuple(find(leaf, unit, how)) for unit in one.units(name))
                    for name in names
                },
            )
        return self._sightings[key]


def _fields(leaf: query.Query, text_alone: bool) -> tuple[Field, ...]:
    """The fields that a leaf tests."""
    named = "text" if isinstance(leaf, Near) else leaf.fieldname
    if named == "any" and not (text_alone or isinstance(leaf, query.Phrase)):
        return FIELDS
    if named in ("any", "text"):
        return ("text",)
    return tuple(name for name in FIELDS if name == named)


def _words(tree: query.Query) -> Iterator[str]:
    """All words typed in a query."""
    if isinstance(tree, query.Phrase):
        yield from tree.words
    elif isinstance(tree, query.Term):
        yield tree.text
    for part in tree.children():
        yield from _words(part)


def _wants_boilerplate(node: query.Query) -> bool:
    """Whether a tree asks for boilerplate other than to exclude it."""
    if isinstance(node, query.Not):
        return False
    if isinstance(node, query.AndNot):
        return _wants_boilerplate(node.a)
    if isinstance(node, query.Term) and node.fieldname == "kind":
        return bool(node.text == "boilerplate")
    return any(_wants_boilerplate(part) for part in node.children())


# --- verdicts ----------------------------------------------------------------------------------


def _verdict(one: Reading, outcome: Outcome) -> Verdict:
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
    """Marks with the overlapping ones made one, which has the reason of the longest."""
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


def _sum(a: Outcome, b: Outcome) -> Outcome:
    return Outcome(a.score + b.score, a.sightings + b.sightings)


def _mean(numbers: list[int]) -> float:
    """Their mean; of nothing, or of noughts, what keeps a quotient finite."""
    return max(sum(numbers), 1) / max(len(numbers), 1)
