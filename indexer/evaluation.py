"""Evaluation: measures rankings of articles against relevance judgements.

In: a folder with `docs.jsonl` (one {"id", "title", "text"} per line), `queries.jsonl` ({"id",
"text"}) and `qrels.tsv` (query, document, grade); an index of these documents. Out: for each query
with a relevant document (grade above 0), its ranking of documents and the measures as trec_eval
defines them. Refuses missing and malformed files, naming the file and, if it can, the line.

A query is run as an OR of its words, without punctuation; `as_search` runs it as a reader's search
instead. A document's score is that of its best passage; ties go by id, and a ranking has at most
100 documents. Where documents and queries name an `article`, a query may be run *within* it: only
the documents of that article are ranked, as the parts of one article.
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
# Characters between words, but not points within numbers or hyphens and apostrophes within words.
_BETWEEN = re.compile(
    r"[^\w\s'’.,\-\u0300-\u036f]|(?<!\d)[.,]|[.,](?!\d)|(?<!\w)['’\-]|['’\-](?!\w)"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A query with its judged documents."""

    id: str
    text: str
    grades: Mapping[str, int]  # relevant document → grade, 1 or more
    article: str | None = None  # article that the query is about; None: not given


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Documents, as article records, and the queries that have a relevant document."""

    documents: tuple[Mapping[str, str], ...]
    queries: tuple[Judgement, ...]
    groups: Mapping[str, tuple[str, ...]]  # article → ids of the documents that name it


@dataclass(frozen=True, slots=True)
class Configuration:
    """How queries are run."""

    parameters: Parameters = DEFAULTS
    as_search: bool = False
    within: bool = False


Scores = dict[str, tuple[float, ...]]  # measure → its value for each query


# --- judged sets --------------------------------------------------------------------------------


def read_judged_set(folder: Path) -> JudgedSet:
    """Read the documents and queries of a folder. A document without text gets its title as one."""
    documents: list[dict[str, str]] = []
    groups: dict[str, list[str]] = {}
    for name, row in _records(folder / "docs.jsonl", "document"):
        title, text = (str(row.get(key) or "") for key in ("title", "text"))
        documents.append({"id": name, "title": title, "text": text if text.strip() else title})
        if row.get("article") is not None:
            groups.setdefault(str(row["article"]), []).append(name)
    grades = _grades(folder / "qrels.tsv")
    queries = []
    for name, row in _records(folder / "queries.jsonl", "query"):
        if judged := grades.get(name, {}):
            about = None if row.get("article") is None else str(row["article"])
            queries.append(Judgement(name, str(row.get("text") or ""), judged, about))
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


def _records(path: Path, what: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (id, object) for each line. Each object must have an id of its own."""
    ids: set[str] = set()
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError:
            raise SourceError(str(path), "not JSON", "one object a line", number) from None
        if not isinstance(row, dict) or row.get("id") in (None, ""):
            raise SourceError(str(path), "not an object with an id", "", number)
        name = str(row["id"])
        if name in ids:
            raise SourceError(str(path), f"a second {what} {name!r}", line=number)
        ids.add(name)
        yield name, row


def _grades(path: Path) -> dict[str, dict[str, int]]:
    """Query → relevant document → grade."""
    grades: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        columns = line.split("\t")  # columns after the third are remarks
        try:
            query, document, grade = columns[0], columns[1], int(columns[2])
        except (IndexError, ValueError):
            remedy = "write query, document and a whole number, parted by tabs"
            raise SourceError(str(path), "not a judgement", remedy, number) from None
        if grade > 0:
            grades.setdefault(query, {})[document] = grade
    return grades


# --- measures -----------------------------------------------------------------------------------


def measures(ranking: Sequence[str], grades: Mapping[str, int]) -> tuple[float, ...]:
    """The `MEASURES` of one ranking, as trec_eval defines them: nDCG takes grades as gains; the
    other measures count every document with a grade above 0 as relevant."""
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
    """p-value of the difference of means of paired values, 0 to 1.

    Fisher's randomisation test, two-sided: the two values of each pair are exchanged at random in
    `ROUNDS` rounds. The seed is fixed, so the result is reproducible.
    """
    differences = np.array(one) - np.array(other)
    observed = abs(differences.sum()) - 1e-12 * max(differences.size, 1)
    draws = np.random.default_rng(1)
    signs = (draws.integers(0, 2, differences.size) for _ in range(ROUNDS))
    as_great = sum(abs((differences * (1 - 2 * sign)).sum()) >= observed for sign in signs)
    return float((as_great + 1) / (ROUNDS + 1))


# --- rankings -----------------------------------------------------------------------------------


def bare_words(text: str) -> str:
    """The words of a query in lower case, so that none is read as query syntax."""
    return " ".join(_BETWEEN.sub(" ", text).lower().split())


def rankings(index: Index, judged: JudgedSet, config: Configuration) -> list[tuple[str, ...]]:
    """For each query, ids of the matching documents, best first, at most `DEPTH`.

    Raises `UsageError` for an index that has none of the documents.
    """
    if not {ref.id for ref in index.articles()} & {row["id"] for row in judged.documents}:
        raise UsageError("the index has none of the documents; name one that was made of them")
    ranked = []
    for query in judged.queries:
        articles = None
        if config.within:
            articles = judged.groups.get(query.article or "")
            if articles is None:
                raise UsageError(f"query {query.id}: no document has its article {query.article!r}")
        best = index.best_articles(
            query.text if config.as_search else bare_words(query.text),
            any=not config.as_search,
            articles=articles,
            together=config.within,
            limit=DEPTH,
            parameters=config.parameters,
        )
        ranked.append(tuple([document for document, _ in best]))
    return ranked


def scores(ranked: Sequence[Sequence[str]], judged: JudgedSet, config: Configuration) -> Scores:
    """The measures of each ranking; within articles, MRR and whether rank 1 is relevant (0, 1)."""
    rows = zip(ranked, judged.queries)
    values = np.array([measures(ranking, query.grades) for ranking, query in rows])
    named = dict(zip(MEASURES, map(tuple, values.T.tolist())))
    if config.within:
        first = tuple(float(value == 1.0) for value in named["mrr@10"])
        return {"mrr@10": named["mrr@10"], "right_first": first}
    return named


def means(by_query: Scores) -> dict[str, float]:
    """The mean of each measure over the queries."""
    return {name: float(np.mean(values)) for name, values in by_query.items()}
