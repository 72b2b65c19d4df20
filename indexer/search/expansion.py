"""Query expansion: the spellings by which the corpus may write what was typed.

In: what a leaf seeks. Out: its spellings, each a sequence of places (a token and how to look it
up), and their ranges of form ids in a segment. The words as typed come first, then hyphenated words
joined or split, then synonyms. Joined, spaced and hyphenated spellings are equivalent only where
the corpus or the query hyphenates them. Whether two words share a stem is decided within one
language: that of the texts that hyphenate the word. A word with a star or question mark stands for
itself only: it has no other spelling and no synonym, nor a part in those of its neighbours. Only
vocabularies are read, except where articles were deleted since: there a word must occur in those
that are left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, chain, pairwise
from operator import attrgetter

import numpy as np

from indexer.model import Match, Reason
from indexer.search.located import (
    Element,
    Located,
    LocatedEither,
    LocatedProximity,
    LocatedWords,
    Variant,
    element,
)
from indexer.search.plan import (
    And,
    Boosted,
    Constant,
    Either,
    Leaf,
    Node,
    Or,
    Phrase,
    PlanCompiler,
    Proximity,
    Sought,
    Term,
    leaves,
    terms,
)
from indexer.search.positions import contiguous, token_scope
from indexer.segments.segment import Segment
from indexer.segments.snapshot import MOST_COUNTED, Part, Snapshot
from indexer.text.folding import PARTED, fold, fold_keep_case, parts_of_sign
from indexer.text.stemming import stem
from indexer.text.synonyms import Synonyms, bare_name
from indexer.text.tokenizer import LONGEST_COMPOUND, compounds, is_hyphen, tokenize, written_as_one
from indexer.text.word_lists import FUNCTION_WORDS, LANGUAGES_OF

_LANGUAGES = attrgetter("languages")
_FUNCTION_WORDS = frozenset().union(*FUNCTION_WORDS.values()) - {"the", "to"}
MOST_SPELLINGS = 64  # per leaf


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """One token of a spelling before it is looked up: how to look it up, and why it would match."""

    how: str  # a Match, or "prefix", "wildcard", "fuzzy1", "fuzzy2"
    text: str  # folded; in mode case, with its case kept
    reason: Reason | None = None  # None: exact or stem, or what `how` says
    more: bool = False  # whether the typed word continues with the next place
    cased: str = ""  # for a prefix or wildcard in mode case: `text` with its case kept


Spelling = tuple[TokenPlace, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A word or phrase: alternative spellings."""

    spellings: tuple[Spelling, ...]  # none of them empty
    cut: str = ""  # a note, if there are more spellings


@dataclass
class Expansion:
    """Spells the words of one query for one snapshot, match mode and list of synonyms; caches all
    that it looks up."""

    snapshot: Snapshot
    match: Match
    synonyms: Synonyms
    in_phrases: bool = False  # whether synonyms apply inside quotes
    named: dict[tuple[str, ...], list[tuple[str, ...]]] = field(default_factory=dict)  # drug names
    typed: set[tuple[str, ...]] = field(default_factory=set)  # hyphenated words of the query
    _patterns: dict[Term | Phrase, Pattern] = field(default_factory=dict)
    _cut: dict[Term | Phrase, str] = field(default_factory=dict)  # notes
    _synonyms: dict[tuple[str, ...], list[tuple[str, ...]]] = field(default_factory=dict)  # used
    _elements: dict[tuple[TokenPlace, int], Element] = field(default_factory=dict)  # by part
    _located: dict[tuple[Sought, int], Located] = field(default_factory=dict)  # by part
    _foreign: dict[str, frozenset[str]] = field(default_factory=dict)

    # --- a plan ---------------------------------------------------------------------------------

    def learn(self, known: PlanCompiler) -> None:
        """Remembers the hyphenated words in the leaves of a plan, for spellings made later."""
        for sought, _, _ in known.known:
            for term in terms(sought):
                for word in term.words if isinstance(term, Phrase) else (term.text,):
                    if not word.isalpha():
                        self.typed |= compounds(word)

    def expand(self, node: Node, known: PlanCompiler) -> Node:
        """A plan in which neighbouring bare words may also be one word, or a synonym of both.

        `anti inflammatory` also matches *antiinflammatory* where the corpus hyphenates it, and
        `heart attack` the synonyms of that term.
        """
        if isinstance(node, And):
            children = [self.expand(child, known) for child in node.children]
            optional = [self.expand(child, known) for child in node.optional]
            return And(tuple(self._expand_runs(children, known)), tuple(optional))
        if isinstance(node, Or):
            return replace(node, children=tuple([self.expand(n, known) for n in node.children]))
        if isinstance(node, (Boosted, Constant)):
            return replace(node, child=self.expand(node.child, known))
        return node

    def _expand_runs(self, nodes: list[Node], known: PlanCompiler) -> Iterator[Node]:
        """The children of an And, with runs of bare words joined by OR to their alternatives."""
        words = [_bare_word(node) for node in nodes]
        at = 0
        while at < len(nodes):
            for size in range(max(LONGEST_COMPOUND, self.synonyms.longest), 1, -1):
                run = words[at : at + size]
                if len(run) == size and all(run):
                    others = self._alternatives([word for word in run if word])
                    if others:
                        alone = And(tuple(nodes[at : at + size]))
                        yield Or(
                            (alone, *(known.leaf(one, bare=one.how == "word") for one in others))
                        )
                        at += size
                        break
            else:
                yield nodes[at]
                at += 1

    def _alternatives(self, run: Sequence[str]) -> list[Term]:
        """The joined spelling and the synonyms of a run of bare words."""
        folds = tuple(f for word in run for f in self.folds(word))
        others = [Term("synonym", " ".join(term)) for term in self._synonyms_of(folds, self.roots)]
        if 1 < len(folds) <= LONGEST_COMPOUND and self.is_compound(folds, self.match):
            return [Term("word", "".join(run)), *others]
        return others

    def notes(self, plan: Node) -> list[str]:
        """Notes on the synonyms by which a plan also matches, and on spellings that were cut."""
        used = [
            f"{' '.join(words)} stands for {', '.join(map(' '.join, others))} too"
            for words, others in self._synonyms.items()
        ]
        return [*used, *self.cuts(plan)] if self._cut else used

    def cuts(self, plan: Node) -> list[str]:
        """Notes on the spellings of a plan that were cut."""
        sought = [term for leaf in leaves(plan, negated=True) for term in terms(leaf.sought)]
        return list(dict.fromkeys(self._cut[term] for term in sought if term in self._cut))

    def is_one_token(self, leaf: Leaf) -> bool:
        """Whether a leaf has a single spelling, of one token (in any number of forms)."""
        if not isinstance(leaf.sought, (Term, Phrase)):
            return False
        spellings = self.pattern(leaf.sought).spellings
        return len(spellings) == 1 and len(spellings[0]) == 1

    def occurrences(self, leaf: Leaf) -> int:
        """Occurrences of a leaf's spellings of a single token, in the text of content passages."""
        if not isinstance(leaf.sought, (Term, Phrase)) or "text" not in leaf.fields:
            return 0
        places = [one[0] for one in self.pattern(leaf.sought).spellings if len(one) == 1]
        total = 0
        for number, part in enumerate(self.snapshot.parts):
            ranges, end = [self.element(place, number).joined for place in places], 0
            for low, high in sorted((int(a), int(b)) for one in ranges for a, b in zip(*one)):
                if high > end:  # spellings may share forms
                    total += part.tokens_between(max(low, end), high)
                    end = high
        return total

    def is_function_word(self, leaf: Leaf) -> bool:
        """Whether a leaf is a function word in the language of most of its occurrences. `the` and
        `to` do not count as such: they are so frequent that their idf is next to nothing, and where
        they are rarer, within one article, they are informative."""
        if not isinstance(leaf.sought, Term) or leaf.sought.how != "word":
            return False
        folds = self.folds(leaf.sought.text)
        if len(folds) != 1 or folds[0] not in _FUNCTION_WORDS:
            return False
        listed = others = 0
        for part in self.snapshot.parts:
            words = part.segment.vocabulary
            for language, (low, high) in words.by_language(folds[0]).items():
                count = int(part.segment.form_first[high]) - int(part.segment.form_first[low])
                is_listed = folds[0] in FUNCTION_WORDS.get(language, ())
                listed, others = listed + count * is_listed, others + count * (not is_listed)
        return listed > others

    # --- spellings ------------------------------------------------------------------------------

    def pattern(self, sought: Term | Phrase) -> Pattern:
        """The spellings of a word or phrase (cached)."""
        found = self._patterns.get(sought)
        if found is None:
            found = self._patterns[sought] = self._spelt(sought)
            if found.cut:
                self._cut[sought] = found.cut
        return found

    def _spelt(self, sought: Term | Phrase) -> Pattern:
        if isinstance(sought, Phrase):  # words as written, with prefixes and wildcards at a *
            mode: Match = "case" if self.match == "case" else "word"
            spellings = self.spellings(sought.words, mode, in_quotes=True)
            return _bounded(spellings, f'"{" ".join(sought.words)}"')
        if sought.how == "fuzzy":
            return self._fuzzy(sought)
        if sought.how == "prefix":
            return _bounded([self.pattern_spelling(sought.text + "*")], sought.text)
        if sought.how == "wildcard":
            return _bounded([self.pattern_spelling(sought.text)], sought.text)
        if sought.how == "synonym":
            return _bounded([self.synonym(self.folds(sought.text))], sought.text)
        others: list[Spelling] = []
        if self.synonyms.rules or self.synonyms.names:
            found = self._synonyms_of(self.folds(sought.text), self.roots)
            others = list(map(self.synonym, found))
        if not others and (only := self.sole_spelling(sought.text)):
            return Pattern((only,))
        return _bounded(chain(others, self.spellings([sought.text], self.match)), sought.text)

    def _fuzzy(self, sought: Term) -> Pattern:
        edits = min(sought.edits, 2)
        places = [
            TokenPlace(self.match, self.key(form))
            if any(map(str.isdigit, form))  # no number is a typing error for another
            else TokenPlace(f"fuzzy{edits}", fold(form))
            for form in tokenize(sought.text).forms
        ]
        folds = self.folds(sought.text)
        near = self.synonyms.near(folds, sought.edits)
        if near:
            (self.named if self.synonyms.names else self._synonyms)[folds] = near
        others = map(self.synonym, near)
        return _bounded([tuple(places), *others], sought.text)

    def _synonyms_of(
        self, words: tuple[str, ...], roots: Callable[[str], Iterable[str]]
    ) -> list[tuple[str, ...]]:
        """Synonyms of a term. Records them for notes: those of drug names in `named`."""
        names = self.synonyms.names
        if names and (others := names.rules.get(bare_name(words))):
            self.named[bare_name(words)] = list(others)
        found = self.synonyms.of(words, roots)
        if found and not names:
            self._synonyms[words] = found
        return found

    def synonym(self, words: Sequence[str]) -> Spelling:
        """Places of a synonym, together one word; synonyms ignore case, also in match mode case."""
        how = "word" if self.match == "case" else self.match
        last = len(words) - 1
        return tuple(TokenPlace(how, w, "synonym", more=i < last) for i, w in enumerate(words))

    def pattern_spelling(self, pattern: str) -> Spelling:
        """Places of a word with a star or question mark; its tokens before the last are words."""
        head, last = pattern[:-1], pattern[-1:]
        before: Spelling = ()
        how = "wildcard"
        if last == "*" and "*" not in head and "?" not in head:
            mode: Match = "case" if self.match == "case" else "word"
            how = "prefix"
            forms = tokenize(head).forms
            if forms and head.endswith(forms[-1]):
                before = tuple(TokenPlace(mode, self.key(f), more=True) for f in forms[:-1])
                pattern = forms[-1] + "*"
        cased = _folded(pattern, fold_keep_case) if self.match == "case" else ""
        return (*before, TokenPlace(how, _folded(pattern, fold), cased=cased))

    def key(self, form: str) -> str:
        """A form as this match mode compares it."""
        return fold_keep_case(form) if self.match == "case" else fold(form)

    def folds(self, typed: str) -> tuple[str, ...]:
        """Folded tokens of a typed text."""
        return tuple(map(fold, tokenize(typed).forms))

    def roots(self, folded: str) -> set[str]:
        """Keys shared by words with a common stem: `language TAB stem` for each language of the
        corpus in which this word may have other forms; just the word unless stems count."""
        if self.match != "stem":
            return {folded}
        foreign = self.foreign_to(folded)
        spoken = [language for language in self._languages if language not in foreign]
        return {f"{language}\t{self._stem(folded, language)}" for language in spoken}

    def _stem(self, folded: str, language: str) -> str:
        """Stem of a word in a language of the corpus."""
        # Stems of corpus words are stored: importing the stemmer takes longer than an answer.
        known = (p.segment.vocabulary.known_stem(folded, language) for p in self.snapshot.parts)
        return next(filter(None, known), "") or stem(folded, language)

    @cached_property
    def _languages(self) -> list[str]:
        return sorted(frozenset().union(*map(_LANGUAGES, self.snapshot.parts)))

    def foreign_to(self, folded: str) -> frozenset[str]:
        """Languages of the corpus in which a word has no other forms.

        If it is a function word in a language whose texts have it, these are the languages whose
        texts lack it: English *not* is no form of French *notes*, though they share a stem.
        """
        owners = LANGUAGES_OF.get(folded)
        if not owners:
            return frozenset()
        found = self._foreign.get(folded)
        if found is None:
            parts = self.snapshot.parts
            spoken = {language for part in parts for language in languages_with(part, folded)}
            found = frozenset(self._languages) - spoken if owners & spoken else frozenset()
            self._foreign[folded] = found
        return found

    # --- spellings of hyphenated words ----------------------------------------------------------

    def sole_spelling(self, typed: str) -> Spelling | None:
        """The spelling of a word that is one token with no other spelling, as most are; or None."""
        forms = tokenize(typed).forms
        if len(forms) != 1 or PARTED in fold(forms[0]):
            return None
        if self.parts_of(fold(forms[0]), self.match):
            return None
        return (TokenPlace(self.match, self.key(forms[0])),)

    def spellings(
        self, words: Sequence[str], mode: Match, *, in_quotes: bool = False
    ) -> Iterator[Spelling]:
        """The words as typed, then with hyphenated words joined or split."""
        keys: list[str] = []
        folds: list[str] = []
        patterns: dict[int, Spelling] = {}
        as_one: list[tuple[int, int, str]] = []  # tokens with a sign for them: 1/2 is ½
        inside: set[int] = set()  # tokens followed by another token of the same typed word
        for word in words:
            if in_quotes and ("*" in word or "?" in word):
                patterns[len(keys)] = self.pattern_spelling(word)
                forms = [""]
            else:
                forms = tokenize(word).forms
                if len(forms) > 1:
                    as_one += [(len(keys) + at, n, one) for at, n, one in written_as_one(word)]
            keys += map(self.key, forms)
            folds += map(fold, forms)
            inside.update(range(len(keys) - len(forms), len(keys) - 1))
        choices = self._choices(keys, folds, mode)
        for i, size, one in as_one:
            choices[i].append((size, (TokenPlace(mode, one),)))
        for i, folded in enumerate(folds):
            if parts := parts_of_sign(folded):
                before = [TokenPlace(mode, part, more=True) for part in parts[:-1]]
                choices[i].append((1, (*before, TokenPlace(mode, parts[-1]))))
        for i, places in patterns.items():
            choices[i] = [(1, places)]
        if self.in_phrases if in_quotes else len(keys) > 1:  # 25mcg is 25 µg
            for i in choices:
                choices[i] += self._synonym_choices(folds[i:], mode)
        for i, options in choices.items():
            choices[i] = [
                (size, (*places[:-1], replace(places[-1], more=i + size - 1 in inside)))
                for size, places in options
            ]
        yield from _paths(choices, len(keys))

    def _choices(
        self, keys: list[str], folds: list[str], mode: Match
    ) -> dict[int, list[tuple[int, Spelling]]]:
        """For each token every spelling that begins there: (tokens consumed, places)."""
        choices: dict[int, list[tuple[int, Spelling]]] = {}
        for i in range(len(keys)):
            here: list[tuple[int, Spelling]] = [(1, (TokenPlace(mode, keys[i]),))]
            here += [
                (1, places)
                for parts in self.parts_of(folds[i], mode)
                for places in self._in_parts(keys[i], parts, mode)
            ]
            for size in range(2, min(LONGEST_COMPOUND, len(keys) - i) + 1):
                run = tuple(folds[i : i + size])
                if self.is_compound(run, mode):
                    here.append((size, (TokenPlace(mode, "".join(keys[i : i + size])),)))
            choices[i] = here
        return choices

    def _in_parts(self, key: str, parts: tuple[str, ...], mode: Match) -> Iterator[Spelling]:
        """Places of a word split into parts. Each part, or several together, may itself be a
        hyphenated word. The last part is the rest of the word as typed, or another form of it that
        the corpus hyphenates.
        """
        ends = [0, *accumulate(map(len, parts[:-1]))]
        before, rest = [key[a:b] for a, b in pairwise(ends)], key[ends[-1] :]
        ways: list[tuple[str, Reason | None]] = [(rest, None)] if rest else []
        if mode == "stem" and parts[-1] != rest:
            ways.append((parts[-1], "stem"))
        for last, reason in ways:
            words = [*before, last]
            if max(map(len, words)) >= len(key):  # not made of these parts, just of the same stem
                continue
            for places in _paths(self._choices(words, list(map(fold, words)), mode), len(words)):
                inner = [replace(place, more=True) for place in places[:-1]]
                yield (*inner, replace(places[-1], reason=reason) if reason else places[-1])

    def parts_of(self, folded: str, mode: Match) -> list[tuple[str, ...]]:
        """Parts of the hyphenated words of corpus and query that are spelt `folded` when joined."""
        if not folded[:1].isalpha():
            return []
        found = set()
        if self.typed:
            found = {parts for parts in self.typed if "".join(parts) == folded}
        for part in self.snapshot.parts:
            if mode != "stem":
                found.update(compounds_spelt(part, folded))
                continue
            for language in part.segment.vocabulary.hyphenating:
                found.update(compounds_spelt(part, self._stem(folded, language), language))
        return sorted(found)

    def is_compound(self, run: tuple[str, ...], mode: Match) -> bool:
        """Whether the corpus or the query hyphenates these words."""
        if run in self.typed:
            return True
        if not all(run) or not run[0][0].isalpha():
            return False
        if mode != "stem":
            return run in self.parts_of("".join(run), mode)
        before = "".join(run[:-1])
        return any(
            parts[:-1] == run[:-1] and self._stem(parts[-1], language) == root
            for part in self.snapshot.parts
            for language in part.segment.vocabulary.hyphenating
            for root in [self._stem(run[-1], language)]
            for parts in compounds_spelt(part, before + root, language)
        )

    def _synonym_choices(self, folds: Sequence[str], mode: Match) -> Iterator[tuple[int, Spelling]]:
        """Synonyms of the first words: (number of words replaced, places)."""
        how = "word" if mode == "case" else mode
        for size in range(1, min(self.synonyms.longest, len(folds)) + 1):
            for phrase in self._synonyms_of(tuple(folds[:size]), lambda f: {f}):
                yield size, tuple(replace(p, how=how) for p in self.synonym(phrase))

    # --- form ids -------------------------------------------------------------------------------

    def located(self, sought: Sought, part: int) -> Located:
        """What a leaf seeks as ranges of form ids of a part (cached)."""
        found = self._located.get((sought, part))
        if found is None:
            found = self._located[sought, part] = self._locate(sought, part)
        return found

    def _locate(self, sought: Sought, part: int) -> Located:
        if isinstance(sought, Proximity):
            sides = self.located(sought.left, part), self.located(sought.right, part)
            return LocatedProximity(*sides, sought.distance)
        if isinstance(sought, Either):
            return LocatedEither(tuple(self.located(one, part) for one in sought.parts))
        variants = []
        for spelling in self.pattern(sought).spellings:
            elements = tuple([self.element(place, part) for place in spelling])
            starts = [i for i in range(len(spelling)) if not i or not spelling[i - 1].more]
            variants.append(Variant(elements, tuple(starts)))
        if isinstance(sought, Phrase):
            return LocatedWords(tuple(variants), sought.slop, phrase=True)
        return LocatedWords(tuple(variants))

    def element(self, place: TokenPlace, part: int) -> Element:
        """Form ids of a place in a part, with the reasons they match (cached)."""
        found = self._elements.get((place, part))
        if found is None:
            segment = self.snapshot.parts[part].segment
            found = self._elements[place, part] = self._look_up(place, segment)
        return found

    def _look_up(self, place: TokenPlace, segment: Segment) -> Element:
        words, text = segment.vocabulary, place.text
        if place.how == "prefix":
            found = words.with_pattern(words.prefix_ranges(text[:-1]), place.cased)
            return element(found, "prefix")
        if place.how == "wildcard":
            found = words.with_pattern(words.wildcard_ranges(text), place.cased)
            return element(found, "wildcard")
        if place.how.startswith("fuzzy"):
            near = words.fuzzy_ranges(text, int(place.how[-1]))
            return element(words.fold_ranges(text), "exact", near, "fuzzy")
        exact = words.fold_ranges(fold(text))
        if place.how == "stem":
            foreign = self.foreign_to(text) if len(self._languages) > 1 else ()
            others = words.stem_ranges(text, foreign)
        else:
            others = words.fold_ranges(fold(text) + "'s")  # the possessive
        if place.how == "case":
            exact, others = words.with_case(exact, text), words.with_case(others, text + "'s")
        return element(exact, place.reason or "exact", others, place.reason or "stem")


def _bare_word(node: Node) -> str:
    """The text of a word typed without a field; "" for any other node."""
    leaf = node.child if isinstance(node, Boosted) else node
    if isinstance(leaf, Leaf) and leaf.bare and isinstance(leaf.sought, Term):
        return leaf.sought.text
    return ""


def _folded(pattern: str, folding: Callable[[str], str]) -> str:
    """A pattern folded around its stars and question marks."""
    return "".join(map(folding, re.split(r"([*?])", pattern)))


def _paths(choices: dict[int, list[tuple[int, Spelling]]], end: int) -> Iterator[Spelling]:
    """All ways through the choices from token 0 to `end`, the typed spelling first."""
    stack: list[tuple[int, Spelling]] = [(0, ())]
    while stack:
        at, sofar = stack.pop()
        if at == end:
            yield sofar
            continue
        stack.extend((at + size, sofar + places) for size, places in reversed(choices[at]))


def _bounded(spellings: Iterable[Spelling], typed: str) -> Pattern:
    """A pattern of up to `MOST_SPELLINGS`; the rest is not even counted, for they multiply."""
    kept: dict[Spelling, None] = {}
    for spelling in filter(None, spellings):
        if len(kept) == MOST_SPELLINGS and spelling not in kept:
            shown = typed if len(typed) <= 80 else f"{typed[:79]}…"
            note = f"only {MOST_SPELLINGS} spellings of {shown} were searched; it has more"
            return Pattern(tuple(kept), note)
        kept[spelling] = None
    return Pattern(tuple(kept))


# --- words left after deletions -----------------------------------------------------------------


def compounds_spelt(part: Part, joined: str, language: str | None = None) -> list[tuple[str, ...]]:
    """Parts of the hyphenated words that are spelt `joined` without hyphens.

    With a language: of the words in its texts, see `Vocabulary.compound_parts`.
    """
    found = part.segment.vocabulary.compound_parts(joined, language)
    if not part.dead or not found:
        return found
    live = part.spelt.get((joined, language))
    if live is None:
        live = [words for words in found if _is_live(part, words, language)]
        if len(part.spelt) < MOST_COUNTED:
            part.spelt[joined, language] = live
    return live


def languages_with(part: Part, folded: str) -> frozenset[str]:
    """Languages of the live texts that have a word with this fold."""
    found = part.segment.vocabulary.by_language(folded)
    if part.dead:
        return frozenset(
            language for language, (low, high) in found.items() if _is_any_alive(part, low, high)
        )
    return frozenset(found)


def _is_live(part: Part, words: tuple[str, ...], language: str | None) -> bool:
    """Whether a live text has these words, in any case and accents, with hyphens between them.

    With a language: a text in that language.
    """
    segment = part.segment
    ranges = (segment.vocabulary.by_language(word) for word in words)
    elements = [
        element([r for code, r in found.items() if language in (None, code)], "exact")
        for found in ranges
    ]
    firsts = contiguous(segment, elements, token_scope(segment, 0, segment.tokens))
    for first in firsts[part.are_live(firsts)].tolist():
        tokens = np.arange(first, first + len(words))
        edges = zip(segment.ends_at(tokens).tolist(), segment.starts_at(tokens)[1:].tolist())
        text = segment.unit_text(int(segment.unit_of(tokens[:1])[0]))
        gaps = [text[end:start] for end, start in edges]
        if all(map(is_hyphen, gaps)):
            return True
    return False


def _is_any_alive(part: Part, low: int, high: int) -> bool:
    """Whether any token of the forms [low, high) is in a live text; mostly an early one is."""
    tokens = part.segment.positions(*part.segment.whole_stems(low, high))
    first, size = 0, 64
    while first < tokens.size:
        chunk = tokens[first : first + size]
        if part.segment.are_of(chunk[part.are_live(chunk)], (low, high)).any():
            return True
        first, size = first + size, 4 * size
    return False
