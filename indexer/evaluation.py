"""Evaluation: how well articles are ranked, held against judgements.

In: a folder with `docs.jsonl` ({"id", "title", "text"} a line), `queries.jsonl` ({"id", "text"})
and `qrels.tsv` (query, document, grade); an index of these documents. Out: for each query that has
a document of a grade above 0 the ranking of documents, and the measures as trec_eval defines them.
Refuses a folder whose files are missing or can't be read so, with the file and line.

A query is its words, joined by OR, whatever signs stand between them; or, `as_search`, what a
reader types. Documents rank by their best passage, of equals by id; a hundred are looked at. Where
documents and queries have an `article`, a query may be asked *within* it: its documents are then
ranked alone, as the parts of one article.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.errors import SourceError, UsageError
from indexer.index import Index
from indexer.search.bm25f import DEFAULTS, Parameters

MEASURES = ("ndcg@10", "map@100", "p@10", "mrr@10", "recall@100")
DEPTH = 100  # documents of a ranking
ROUNDS = 10_000  # of a randomisation test
# Characters that no word is searched by; a comma or point only where it is not within a number.
_BETWEEN = re.compile(
    r"[^\w\s'’.,\-\u0300-\u036f]|(?<!\d)[.,]|[.,](?!\d)|(?<!\w)['’\-]|['’\-](?!\w)"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A query with its judged documents."""

    id: str
    text: str
    grades: Mapping[str, int]  # of each relevant document its grade, 1 or more
    article: str | None = None  # of which it asks


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Documents, as records of articles, and the queries that have a relevant one."""

    documents: tuple[Mapping[str, str], ...]
    queries: tuple[Judgement, ...]
    groups: Mapping[str, tuple[str, ...]]  # of each article named by documents, their ids


@dataclass(frozen=True, slots=True)
class Configuration:
    """How queries are asked."""

    parameters: Parameters = DEFAULTS
    as_search: bool = False
    within: bool = False


Scores = dict[str, tuple[float, ...]]  # of each measure the value of each query


# --- judged sets --------------------------------------------------------------------------------


def read_judged_set(folder: Path) -> JudgedSet:
    """The documents and queries of a folder. A document without text is its title."""
    documents: list[dict[str, str]] = []
    groups: dict[str, list[str]] = {}
    known = set()
    for place, row in _records(folder / "docs.jsonl"):
        name, title, text = (str(row.get(key) or "") for key in ("id", "title", "text"))
        if name in known:
            raise SourceError(place[0], f"a second document {name!r}", line=place[1])
        known.add(name)
        documents.append({"id": name, "title": title, "text": text if text.strip() else title})
        if row.get("article") is not None:
            groups.setdefault(str(row["article"]), []).append(name)
    grades = _grades(folder / "qrels.tsv")
    queries = []
    asked: set[str] = set()
    for place, row in _records(folder / "queries.jsonl"):
        if str(row["id"]) in asked:
            raise SourceError(place[0], f"a second query {str(row['id'])!r}", line=place[1])
        asked.add(str(row["id"]))
        judged, article = grades.get(str(row["id"]), {}), row.get("article")
        if judged:
            about = None if article is None else str(article)
            queries.append(Judgement(str(row["id"]), str(row.get("text") or ""), judged, about))
    if not queries:
        raise UsageError(f"{folder}: no query has a relevant document")
    return JudgedSet(
        tuple(documents), tuple(queries), {name: tuple(ids) for name, ids in groups.items()}
    )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        remedy = "a judged set has docs.jsonl, queries.jsonl and qrels.tsv"
        raise SourceError(str(path), "does not exist", remedy) from None
    except UnicodeDecodeError:
        raise SourceError(str(path), "not UTF-8") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")


def _records(path: Path) -> Iterator[tuple[tuple[str, int], dict[str, Any]]]:
    """Each object of a file with an id, and its place."""
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError:
            raise SourceError(str(path), "not JSON", "one object a line", number) from None
        if not isinstance(row, dict) or row.get("id") in (None, ""):
            raise SourceError(str(path), "not an object with an id", "", number)
        yield (str(path), number), row


def _grades(path: Path) -> dict[str, dict[str, int]]:
    """The relevant documents of each query."""
    found: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        columns = line.split("\t")  # any further ones are remarks
        try:
            query, document, grade = columns[0], columns[1], int(columns[2])
        except (IndexError, ValueError):
            remedy = "write query, document and a whole number, parted by tabs"
            raise SourceError(str(path), "not a judgement", remedy, number) from None
        if grade > 0:
            found.setdefault(query, {})[document] = grade
    return found


# --- measures -----------------------------------------------------------------------------------


def measures(ranking: Sequence[str], grades: Mapping[str, int]) -> tuple[float, ...]:
    """The `MEASURES` of a ranking, as trec_eval defines them: the gain of nDCG is the grade; all
    others count a document of any grade above 0."""
    gains = [grades.get(document, 0) for document in ranking[:DEPTH]]
    ideal = sorted(grades.values(), reverse=True)
    found, precisions = 0, 0.0
    for rank, gain in enumerate(gains, start=1):
        if gain:
            found += 1
            precisions += found / rank
    first = next((rank for rank, gain in enumerate(gains[:10], start=1) if gain), 0)
    return (
        _dcg(gains[:10]) / _dcg(ideal[:10]),
        precisions / len(grades),
        sum(map(bool, gains[:10])) / 10,
        1 / first if first else 0.0,
        found / len(grades),
    )


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def randomisation_test(one: Sequence[float], other: Sequence[float]) -> float:
    """How often chance alone makes a difference of means as great as between these paired values.

    Fisher's randomisation test, two-sided, by `ROUNDS` random exchanges of the values of pairs;
    the exchanges are the same each time.
    """
    apart = np.array(one) - np.array(other)
    seen = abs(apart.sum()) - 1e-12 * max(apart.size, 1)
    draws = np.random.default_rng(1)
    signs = (draws.integers(0, 2, apart.size) for _ in range(ROUNDS))
    as_great = sum(abs((apart * (1 - 2 * sign)).sum()) >= seen for sign in signs)
    return float((as_great + 1) / (ROUNDS + 1))


# --- rankings -----------------------------------------------------------------------------------


def words_of(text: str) -> str:
    """The words of a query, in small letters, so that none is syntax."""
    return " ".join(_BETWEEN.sub(" ", text).lower().split())


def rankings(index: Index, judged: JudgedSet, asked: Configuration) -> list[tuple[str, ...]]:
    """Ids of the documents that each query finds, the best first, `DEPTH` at most.

    Raises `UsageError` for an index that has none of the documents.
    """
    if not {ref.id for ref in index.articles()} & {one["id"] for one in judged.documents}:
        raise UsageError("the index has none of the documents; name one that was made of them")
    found = []
    for query in judged.queries:
        articles = None
        if asked.within:
            articles = judged.groups.get(query.article or "")
            if articles is None:
                raise UsageError(f"query {query.id}: no document has its article {query.article!r}")
        best = index.best_articles(
            query.text if asked.as_search else words_of(query.text),
            any=not asked.as_search,
            articles=articles,
            together=asked.within,
            limit=DEPTH,
            parameters=asked.parameters,
        )
        found.append(tuple([document for document, _ in best]))
    return found


def scores(found: Sequence[Sequence[str]], judged: JudgedSet, asked: Configuration) -> Scores:
    """The measures of the ranking of each query, in their order."""
    rows = zip(found, judged.queries)
    values = np.array([measures(ranking, query.grades) for ranking, query in rows])
    named = dict(zip(MEASURES, map(tuple, values.T.tolist())))
    if asked.within:
        first = tuple(float(value == 1.0) for value in named["mrr@10"])
        return {"mrr@10": named["mrr@10"], "right_first": first}
    return named


def means(found: Scores) -> dict[str, float]:
    """The mean of each measure."""
    return {name: float(np.mean(values)) for name, values in found.items()}
