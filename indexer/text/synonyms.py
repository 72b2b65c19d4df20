"""Synonyms: single words and phrases, one way or both.

One rule a line; `#` begins a comment:

    elavil, amitriptyline, amitriptylin     each finds all the others
    mi => myocardial infarction, heart attack     the left finds the right, not the other way

In: the bytes of a file of such rules. Out: `Synonyms`, which maps folded words to folded words.
Refuses a line that names fewer than two terms, with its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from indexer.errors import UsageError
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize

Words = tuple[str, ...]  # folded


@dataclass(frozen=True)
class Synonyms:
    """For each term, as folded words, its synonyms."""

    rules: Mapping[Words, tuple[Words, ...]] = field(default_factory=dict)

    @property
    def longest(self) -> int:
        """Words of the longest term that has synonyms; 0 when there are none."""
        return max(map(len, self.rules), default=0)

    def of(self, words: Words, roots: Callable[[str], Iterable[str]]) -> list[Words]:
        """Synonyms of a term; a term that shares all its words' `roots` counts as the same."""
        if not self.rules:
            return []
        if words in self.rules:
            return list(self.rules[words])
        wanted = [set(roots(w)) for w in words]
        found: list[Words] = []
        for term, others in self.rules.items():
            if len(term) == len(words) and all(
                w & set(roots(t)) for w, t in zip(wanted, term, strict=True)
            ):
                found.extend(others)
        return list(dict.fromkeys(found))

    def near(self, words: Words, distance: int) -> list[Words]:
        """Synonyms of the terms within `distance` edits of this one, those terms included.

        No number is ever nearly another: a term with digits has only its own synonyms.
        """
        typed = " ".join(words)
        if any(map(str.isdigit, typed)):
            return list(self.rules.get(words, ()))
        if not self.rules:
            return []
        from rapidfuzz.distance import OSA  # only a fuzzy word needs it

        found: list[Words] = []
        for term, others in self.rules.items():
            spelt = " ".join(term)
            if any(map(str.isdigit, spelt)):
                continue
            if OSA.distance(typed, spelt, score_cutoff=distance) <= distance:
                found += [t for t in (term, *others) if t != words]
        return list(dict.fromkeys(found))


def read_synonyms(data: bytes, name: str) -> Synonyms:
    """The synonyms of a file called `name`, given as its bytes in UTF-8.

    Raises `UsageError` naming file, line and remedy.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: is not UTF-8; save it as UTF-8 text") from error
    rules: dict[Words, dict[Words, None]] = {}
    for number, line in enumerate(lines, 1):
        body = line.partition("#")[0].strip()
        if not body:
            continue
        left, arrow, right = body.partition("=>")
        sources, targets = _terms(left), _terms(right) if arrow else _terms(left)
        if not sources or not targets or (not arrow and len(sources) < 2):
            raise UsageError(
                f"{name}:{number}: needs two terms; write `a, b` or `a => b` with words in each"
            )
        for source in sources:
            others = rules.setdefault(source, {})
            others.update(dict.fromkeys(t for t in targets if t != source))
    return Synonyms({term: tuple(others) for term, others in rules.items() if others})


def _terms(text: str) -> list[Words]:
    found = (tuple(map(fold, tokenize(part).forms)) for part in text.split(","))
    return [words for words in found if words]
