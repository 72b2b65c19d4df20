"""tantivy through its Python package, as its documentation advises.

One writing thread with a heap for the whole corpus, so the index is one segment, which is fastest
to search and the same as in the other engines. Its Python package has no positions, and its
snippets mark words, not phrases. So marks of prefix and fuzzy queries come from the words that they
expand to, and occurrences come from tokenising the stored text of all matches again. Its NEAR is a
phrase with slop: words in reverse order must be a little closer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.engines import base
from benchmarks.engines.base import TOP, WIDTH, Audit, Mode, Shown, runs, within_one_edit
from benchmarks.engines.passages import Row
from benchmarks.engines.queries import NEAR, Query

HEAP = 1_000_000_000  # bytes
LONGEST = 1 << 20  # characters; makes the snippet the whole passage


class Engine(base.Engine):
    """The Rust library behind Quickwit and ParadeDB."""

    label = "tantivy"
    needs = "tantivy"
    install = "pip install tantivy"

    def version(self) -> str:
        """The package's version."""
        import_module("tantivy")  # so that a build does not include the import
        return f"tantivy-py {version('tantivy')}"

    def build(self, folder: Path, rows: Iterable[Row], mode: Mode) -> None:
        """One document per passage."""
        tantivy: Any = import_module("tantivy")
        index = tantivy.Index(_schema(tantivy), path=str(folder))
        index.register_tokenizer("words", _analyzer(tantivy, mode))
        writer = index.writer(HEAP, 1)
        for row in rows:
            writer.add_document(
                tantivy.Document(
                    text=row.text, article=row.article, title=row.title, section=row.section
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path, mode: Mode) -> Session:
        """A searcher over the newest commit."""
        return Session(folder, mode)


def _schema(tantivy: Any) -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=True, tokenizer_name="words", index_option="position")
    for name in ("article", "title", "section"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _analyzer(tantivy: Any, mode: Mode) -> Any:
    kind = tantivy.Filter
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(kind.lowercase()).filter(kind.ascii_fold())
    return (builder.filter(kind.stemmer("english")) if mode == "stem" else builder).build()


class Session(base.Session):
    """An open searcher."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        self._tantivy: Any = import_module("tantivy")
        index = self._tantivy.Index.open(str(folder))
        self._analyzer = _analyzer(self._tantivy, mode)
        index.register_tokenizer("words", self._analyzer)
        self._schema = index.schema
        self._searcher = index.searcher()

    def top(self, query: Query) -> Sequence[Shown]:
        """Ten documents by BM25, with tantivy's own snippets."""
        tree = self._tree(query)
        found = self._searcher.search(tree, TOP, count=False)
        docs = [self._searcher.doc(address) for _, address in found.hits]
        generator = self._generator(self._marking(query, tree, docs), WIDTH)
        return [
            Shown(
                escape(doc.get_first("title")),
                escape(doc.get_first("section")),
                generator.snippet_from_doc(doc).to_html(),
            )
            for doc in docs
        ]

    def _generator(self, tree: Any, width: int) -> Any:
        make = self._tantivy.SnippetGenerator.create
        generator = make(self._searcher, tree, self._schema, "text")
        generator.set_max_num_chars(width)
        return generator

    def _marking(self, query: Query, tree: Any, docs: Sequence[Any]) -> Any:
        """A query whose words the snippets mark: the words that an expansion expands to."""
        if query.kind == "prefix":
            words = [word for word, _ in self._searcher.terms_with_prefix("text", query.words[0])]
        elif query.kind == "fuzzy":
            tokens = {t for doc in docs for t in self._tokens(doc.get_first("text"))}
            words = [t for t in tokens if within_one_edit(t, query.words[0])]
        else:
            return tree
        return self._tantivy.Query.term_set_query(self._schema, "text", words)

    def count(self, query: Query) -> int:
        """Documents that match."""
        found = self._searcher.search(self._tree(query), 1, count=True)
        return int(found.count)

    def audit(self, query: Query) -> Audit:
        """Tokenises all documents that match."""
        tree = self._tree(query)
        limit = max(int(self._searcher.num_docs), 1)
        places: list[tuple[int, int]] = []
        cells: Counter[tuple[str, str]] = Counter()
        generator = None
        if query.kind in ("rare", "middle", "common", "and", "or"):
            generator = self._generator(tree, LONGEST)
        for number, (_, address) in enumerate(self._searcher.search(tree, limit, count=False).hits):
            doc = self._searcher.doc(address)
            if generator is not None:
                found = [r.start for r in generator.snippet_from_doc(doc).highlighted()]
            else:
                found = list(self._positions(query, self._tokens(doc.get_first("text"))))
            places += ((number, position) for position in found)
            cells[doc.get_first("article"), doc.get_first("section")] += len(found)
        return Audit(places, cells)

    def _tokens(self, text: str) -> list[str]:
        return list(self._analyzer.analyze(text))

    def _positions(self, query: Query, tokens: Sequence[str]) -> Iterable[int]:
        first = query.words[0]
        if query.kind == "prefix":
            return [i for i, token in enumerate(tokens) if token.startswith(first)]
        if query.kind == "fuzzy":
            return [i for i, token in enumerate(tokens) if within_one_edit(token, first)]
        held = [[i for i, t in enumerate(tokens) if t == w] for w in self._indexed(query)]
        if query.kind == "phrase":
            return runs(held)
        return self._pairs(*held)

    @staticmethod
    def _pairs(left: Sequence[int], right: Sequence[int]) -> Iterator[int]:
        yield from (a for a in left if any(0 < abs(a - b) <= NEAR for b in right))

    def _indexed(self, query: Query) -> list[str]:
        return [token for word in query.words for token in self._tokens(word)]

    def _tree(self, query: Query) -> Any:
        new, schema = self._tantivy.Query, self._schema
        if query.kind == "prefix":
            return new.fuzzy_term_query(schema, "text", query.words[0], 0, True, True)
        if query.kind == "fuzzy":
            return new.fuzzy_term_query(schema, "text", query.words[0], 1, True)
        words = self._indexed(query)
        if query.kind == "phrase":
            return new.phrase_query(schema, "text", words) if len(words) > 1 else self._term(words)
        if query.kind == "near":
            return new.phrase_query(schema, "text", words, NEAR - 1)
        return self._term(words, query.kind)

    def _term(self, words: Sequence[str], kind: str = "or") -> Any:
        new, occur = self._tantivy.Query, self._tantivy.Occur
        terms = [new.term_query(self._schema, "text", word) for word in words]
        if len(terms) == 1:
            return terms[0]
        how = occur.Must if kind == "and" else occur.Should
        return new.boolean_query([(how, term) for term in terms])
