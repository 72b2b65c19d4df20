"""A corpus as a Whoosh `IndexReader`, whose documents are the passages without boilerplate.

Any Whoosh query runs through a plain `whoosh.searching.Searcher` over it. Terms are folded words of
the fields text, section and title, and the ids of the fields article and kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from whoosh import fields, formats
from whoosh.matching import ListMatcher
from whoosh.reading import IndexReader, TermInfo, TermNotFound

from tests.oracle.texts import FIELDS, Corpus, Unit

SCHEMA = fields.Schema(
    text=fields.TEXT(), section=fields.TEXT(), title=fields.TEXT(), article=fields.ID(),
    kind=fields.ID(),
)  # fmt: skip
GAP = 1000  # positions left free between two blocks, so that no phrase crosses


class PassageReader(IndexReader):  # type: ignore[misc]
    """Whoosh's view of a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.schema = SCHEMA
        self._readings = corpus.plain
        self._format = formats.Positions()
        self._places: dict[tuple[str, str], dict[int, list[int]]] = {}  # term → document → places
        for number, one in enumerate(self._readings):
            for name in FIELDS:
                for word, place in _words(one.units(name)):
                    self._places.setdefault((name, word), {}).setdefault(number, []).append(place)
            for term in (("article", one.passage.article_id), ("kind", one.passage.kind)):
                self._places.setdefault(term, {})[number] = [0]

    def generation(self) -> int:
        return 0

    def doc_count_all(self) -> int:
        return len(self._readings)

    def doc_count(self) -> int:
        return len(self._readings)

    def has_deletions(self) -> bool:
        return False

    def is_deleted(self, docnum: int) -> bool:
        return False

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return {"id": self._readings[docnum].passage.id}

    # --- terms ----------------------------------------------------------------------------------

    def indexed_field_names(self) -> list[str]:
        return sorted(SCHEMA.names())

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        for name, word in sorted(self._places):
            yield name, word.encode("utf-8", "surrogatepass")

    def _of(self, name: str, text: str | bytes) -> dict[int, list[int]]:
        word = text if isinstance(text, str) else text.decode("utf-8", "surrogatepass")
        return self._places.get((name, word), {})

    def __contains__(self, term: tuple[str, str | bytes]) -> bool:
        return bool(self._of(*term))

    def doc_frequency(self, fieldname: str, text: str | bytes) -> int:
        return len(self._of(fieldname, text))

    def frequency(self, fieldname: str, text: str | bytes) -> float:
        return float(sum(map(len, self._of(fieldname, text).values())))

    def term_info(self, fieldname: str, text: str | bytes) -> TermInfo:
        found = self._of(fieldname, text)
        if not found:
            raise TermNotFound(f"no term {fieldname}:{text!r}")
        sizes = [len(places) for places in found.values()]
        return TermInfo(
            weight=float(sum(sizes)), df=len(found), minlength=1, maxlength=1 << 20,
            maxweight=float(max(sizes)), minid=min(found), maxid=max(found),
        )  # fmt: skip

    def postings(self, fieldname: str, text: str | bytes, scorer: Any = None) -> ListMatcher:
        info, found = self.term_info(fieldname, text), self._of(fieldname, text)
        return ListMatcher(
            list(found),
            weights=[float(len(places)) for places in found.values()],
            values=[self._format.encode(places) for places in found.values()],
            format=self._format,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=info,
        )

    # --- lengths --------------------------------------------------------------------------------

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        one = self._readings[docnum]
        return next((one.length(name) for name in FIELDS if name == fieldname), 1)

    def field_length(self, fieldname: str) -> int:
        return sum(self.doc_field_length(n, fieldname) for n in range(len(self._readings)))

    def min_field_length(self, fieldname: str) -> int:
        return 0

    def max_field_length(self, fieldname: str) -> int:
        return 1 << 20

    # --- not in this reader ---------------------------------------------------------------------

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        return False

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> Any:
        raise KeyError(f"no vectors: {fieldname}")


def _words(units: Sequence[Unit]) -> Iterator[tuple[str, int]]:
    """Folds and positions of the units of a field; no two blocks or units are neighbours."""
    for number, unit in enumerate(units):
        for place, token in enumerate(unit.tokens):
            yield token.fold, place + GAP * (token.block + GAP * number)
