r"""Synonyms: single words and phrases, in one direction or both.

One rule per line, in Solr's format. A line that begins with `#` is a comment, as is text after a
`#` between spaces; `\,` and `\=>` stand for these signs within a term. A comment `# label: WORDS`
names the kind of the groups below it:

    # label: brand and generic
    amitriptyline, elavil, endep     each finds all the others
    # label: class
    ssri => fluoxetine, sertraline     the left finds the right, but not the reverse

In: the bytes of a file of such rules. Out: `Synonyms`, which maps folded words to folded words.
Refuses a line with fewer than two terms, giving its number. `drug_names` is the list that comes
with the program: generic names with the brands that are, or were, sold under them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.resources import files

from indexer.errors import UsageError
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize

Words = tuple[str, ...]  # folded
_COMMA = re.compile(r"(?<!\\),")
_ARROW = re.compile(r"(?<!\\)=>")
_ESCAPED = re.compile(r"\\(.)")
_COMMENT = re.compile(r"^\s*#.*|\s#\s.*")  # tylenol #3 is a term
_LABEL = re.compile(r"#\s*label:(.*)")


@dataclass(frozen=True)
class Synonyms:
    """The synonyms of each term, as folded words."""

    rules: Mapping[Words, tuple[Words, ...]] = field(default_factory=dict)
    labels: Mapping[Words, str] = field(default_factory=dict)  # kinds, by left terms of `rules`
    names: Synonyms | None = None  # of names: terms whose only other form is the possessive

    def __bool__(self) -> bool:
        return bool(self.rules or self.names)

    @cached_property
    def longest(self) -> int:
        """Number of words of the longest term with synonyms; 0 if there are none."""
        own = max(map(len, self.rules), default=0)
        return max(own, self.names.longest) if self.names else own

    def with_names(self, names: Synonyms) -> Synonyms:
        """These synonyms, together with those of `names`."""
        return replace(self, names=names)

    def of(self, words: Words, roots: Callable[[str], Iterable[str]]) -> list[Words]:
        """Synonyms of a term; a rule's term matches if each word shares one of its `roots`."""
        found: list[Words] = list(self.rules.get(words, ()))
        if self.rules and not found:
            wanted = [set(roots(w)) for w in words]
            for term, others in self.rules.items():
                if len(term) == len(words) and all(
                    w & set(roots(t)) for w, t in zip(wanted, term, strict=True)
                ):
                    found += others
        if self.names:
            found += self.names.rules.get(bare_name(words), ())
        return list(dict.fromkeys(found))

    def near(self, words: Words, distance: int) -> list[Words]:
        """Synonyms of the terms within `distance` edits of this one, and those terms themselves.

        Numbers are never near each other: a term with digits has only its own synonyms.
        """
        if self.names:
            nearest = replace(self, names=None).near(words, distance)
            is_name = bare_name(words) in self.names.rules  # no name is near another
            named = self.names.near(bare_name(words), 0 if is_name else distance)
            return list(dict.fromkeys([*nearest, *named]))
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

    Raises `UsageError` with the file, the line and a remedy.
    """
    try:
        lines = re.split("\r\n?|\n", data.decode("utf-8-sig"))  # numbered as in editors
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: is not UTF-8; save it as UTF-8 text") from error
    rules: dict[Words, dict[Words, None]] = {}
    labels: dict[Words, str] = {}
    label = ""
    for number, line in enumerate(lines, 1):
        if found := _LABEL.fullmatch(line.strip()):
            label = found[1].strip()
        body = _COMMENT.sub("", line).strip()
        if not body:
            continue
        sides = list(map(_terms, _ARROW.split(body)))
        sources, targets = sides[0], sides[-1]
        is_short = not sources or not targets or (len(sides) == 1 and len(sources) < 2)
        if is_short or len(sides) > 2 or not all(sources + targets):
            raise UsageError(
                f"{name}:{number}: needs two terms; write `a, b` or `a => b` with words in each"
            )
        for source in sources:
            others = rules.setdefault(source, {})
            others.update(dict.fromkeys(t for t in targets if t != source))
            if label:
                labels.setdefault(source, label)
    return Synonyms({term: tuple(others) for term, others in rules.items() if others}, labels)


@lru_cache(maxsize=1)
def drug_names() -> Synonyms:
    """Generic and brand names of common drugs, and units that have several spellings."""
    return read_synonyms(_drug_names_file(), "drug_names.txt")


@lru_cache(maxsize=1)
def words_of_drug_names() -> frozenset[str]:
    """Folded words of `drug_names`, without taking the time to parse its rules."""
    lines = fold(_drug_names_file().decode()).splitlines()
    return frozenset(
        word for line in lines if line[:1] != "#" for word in re.split(r"[,\s]+", line) if word
    )


def is_drug_name(typed: str) -> bool:
    """Whether the typed text is a name in `drug_names`. Never suggest one of these for another."""
    return bare_name(tuple(map(fold, tokenize(typed).forms))) in drug_names().rules


def _drug_names_file() -> bytes:
    return files("indexer.text").joinpath("data", "drug_names.txt").read_bytes()


def bare_name(words: Words) -> Words:
    """A term without the possessive of its last word."""
    return (*words[:-1], words[-1].removesuffix("'s")) if words else words


def _terms(text: str) -> list[Words]:
    """The words of each term; () for a term of signs only. Empty text between commas is no term."""
    parts = (_ESCAPED.sub(r"\1", part) for part in _COMMA.split(text) if part.strip())
    return [tuple(map(fold, tokenize(part).forms)) for part in parts]
