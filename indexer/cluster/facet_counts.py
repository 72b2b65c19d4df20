"""Facets of hits that are not all fetched: the engine counts articles, sections and kinds.

In: a query of the engine. Out: the largest values of each facet with exact counts, as
`search.facets` makes them of hits that are here, and the numbers of values: exact up to as many as
the engine lists, nearly so above. Refuses nothing.
"""

from __future__ import annotations

from indexer.cluster.compiler import Dsl, all_of
from indexer.cluster.corpus import Corpus
from indexer.cluster.engine import Json
from indexer.cluster.tokens import keyword
from indexer.model import KINDS, Facet
from indexer.search.facets import MOST_FACETS, Facets, path_value

# An article is on one shard: the commonest of each shard are enough. A section may be on all of
# them, so sections are counted again (`_sections`).
FACETS: Json = {
    "article": {"terms": {"field": "article", "size": 4 * MOST_FACETS}},
    "path": {
        "terms": {
            "field": "path",
            "size": 10 * MOST_FACETS,
            "shard_size": 1_000,
            "show_term_doc_count_error": True,
        }
    },
    "kind": {"terms": {"field": "kind", "size": len(KINDS)}},
    "articles": {"cardinality": {"field": "article", "precision_threshold": 40_000}},
    "paths": {"cardinality": {"field": "path", "precision_threshold": 40_000}},
}
MOST_SECTIONS = 40_000  # that a shard counts if those are too few for exact counts


def facet_counts(corpus: Corpus, query: Dsl, counts: Json | None = None) -> Json:
    """The engine's counts (`counts`: those of `FACETS`, if they are here), with exact ones of
    sections. Puts the articles that they name into the `refs` of the corpus."""
    counts = counts or _counted(corpus, query, FACETS)
    counts = {**counts, "path": _sections(corpus, query, counts["path"])}
    found = sorted((-one["doc_count"], one["key"]) for one in counts["article"]["buckets"])
    if keys := [key for _, key in found[:MOST_FACETS] if key not in corpus.refs]:
        naming = corpus.state.shown({"terms": {"article": keys}})
        body = {"query": naming, "size": len(keys), "_source": ["data.ref"]}
        for hit in corpus.engine.search(corpus.articles, body)["hits"]["hits"]:
            name, *_, title = hit["_source"]["data"]["ref"]
            corpus.refs[keyword(name)] = name, title
    return counts


def facets_of(corpus: Corpus, counts: Json) -> Facets:
    """The largest values of each facet, and the numbers of values, from `facet_counts`."""
    rows = {
        name: sorted((-one["doc_count"], one["key"]) for one in counts[name]["buckets"])
        for name in ("article", "path", "kind")
    }
    named = ((n, *corpus.refs.get(key, (key, key))) for n, key in rows["article"])
    made = {
        "article": [Facet(name, title, -n) for n, name, title in named],
        "section": [
            Facet(path_value(path), path.replace("\n", " › "), -n) for n, path in rows["path"]
        ],
        "kind": [Facet(kind, kind.replace("_", " "), -n) for n, kind in rows["kind"]],
    }
    made["section"].sort(key=lambda facet: (-facet.count, facet.value))
    distinct = {}
    for label, name in (("article", "article"), ("section", "path"), ("kind", "kind")):
        whole = counts[name]["sum_other_doc_count"] == 0
        distinct[label] = len(rows[name]) if whole else counts[f"{name}s"]["value"]
    return {label: tuple(some[:MOST_FACETS]) for label, some in made.items()}, distinct


def _sections(corpus: Corpus, query: Dsl, counts: Json) -> Json:
    """Exact counts of the commonest sections. `counts`: the engine's; each may be too low by as
    much as it says, and so may sections that are not in it."""
    if not (missed := counts["doc_count_error_upper_bound"]):
        return counts
    rows = [(one["doc_count"], one) for one in counts["buckets"]]
    least = rows[MOST_FACETS - 1][0] if len(rows) >= MOST_FACETS else 0
    wanted: Json = {"field": "path", "size": len(rows), "shard_size": MOST_SECTIONS}
    if rows[-1][0] + missed < least:  # the commonest are all in it
        may_be = [one for n, one in rows if n + one["doc_count_error_upper_bound"] >= least]
        wanted["include"] = [one["key"] for one in may_be]
        query = all_of((query, {"terms": {"path": wanted["include"]}}))
    exact = _counted(corpus, query, {"path": {"terms": wanted}})["path"]
    return {**counts, "buckets": exact["buckets"]}


def _counted(corpus: Corpus, query: Dsl, counting: Json) -> Json:
    """The engine's counts over the passages of a query."""
    body = {"query": corpus.shown(query), "size": 0, "aggs": counting}
    found: Json = corpus.engine.search(corpus.index, body)["aggregations"]
    return found
