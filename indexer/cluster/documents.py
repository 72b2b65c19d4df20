"""Documents: the contents of the indexes of a cluster, and their mappings.

In: packed articles and their runs. Out: documents with our own ids. A generation is four indexes:

    passages   one document per passage; its token fields are indexed but not stored, `row` is its
               excerpt (see `layout`), `sketch` decides its score (see `sketch`)
    articles   one per article: its entry, its packed article, its outline and words (see
               `article_columns`), its sketch and tally (see `sketch`)
    ledger     one per article: the packed records of its ids
    meta       the state, and the data of a commit as a whole: words, digests, roots

Every document of the first three carries the number of the commit that `made` it and of the one
that `ended` it; a reader filters by the one commit that the state names. All documents of an
article are on one shard.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b

from indexer.cluster.article_columns import divided, packed_run
from indexer.cluster.engine import Json
from indexer.cluster.layout import ArticleRows
from indexer.cluster.sketch import article_sketch, coded_units, sketch, tally
from indexer.cluster.tokens import ANALYSIS, JOINT, STACKED, keyword, token_strings
from indexer.model import KINDS
from indexer.search.bm25f import DEFAULTS
from indexer.segments.runs import Run
from indexer.store.codec import Entry, LedgerEntry, Packed, PackedLedger, pack_entry, unpack_entry
from indexer.text.tokenizer import ANALYSIS_VERSION

FORMAT = f"5.{ANALYSIS_VERSION}"
INDEXES = ("passages", "articles", "ledger", "meta")
NEVER = 1 << 62  # `ended` of documents that have not ended
ARTICLE_COLUMNS = ("outline", "words", "sketch", "tally")
TOKENS = ("text", "section", "title", "above", "first", "led", "outer")  # fields of token strings

# The fields by which the engine ranks: weight of an occurrence, and b (how far the length of the
# field counts).
SCORED = {
    "text": (DEFAULTS.text_weight, DEFAULTS.text_b),
    "section": (DEFAULTS.section_weight, DEFAULTS.section_b),
    "title": (DEFAULTS.title_weight, DEFAULTS.title_b),
    "led": (DEFAULTS.heading_weight, 0.0),  # of passages that can match by headings alone
}


def similarity(weight: float, b: float) -> Json:
    """The engine's BM25 settings for a field, which make it saturate as ours does: a weight inside
    the saturation is a smaller k1. The engine counts the stacked tokens of a word as one in a
    field's length, but each of them in the average length."""
    stretch = 1.0 - b + STACKED * b
    k1 = DEFAULTS.k1 / weight * stretch
    return {"type": "BM25", "k1": k1, "b": STACKED * b / stretch}


_COMMON: Json = {
    "key": {"type": "keyword"},
    "article": {"type": "keyword"},
    "made": {"type": "long"},
    "ended": {"type": "long"},
    "shard": {"type": "integer"},  # the writer's share of a generation
    "run": {"type": "keyword"},  # id of the writer's run
}
_HELD = {"type": "object", "enabled": False}  # stored, not indexed
_COLUMN = {"type": "binary", "doc_values": True}  # stored as a column, read without the document


def mapping(kind: str, shards: int, replicas: int) -> Json:
    """Settings and mapping of an index."""
    settings: Json = {"number_of_shards": shards, "number_of_replicas": replicas}
    fields: Json = {**_COMMON, "data": _HELD}
    source: Json = {}
    if kind == "passages":
        similarities = {name: similarity(*told) for name, told in SCORED.items()}
        settings |= {"analysis": ANALYSIS, "similarity": similarities}
        field = {"type": "text", "analyzer": "stacked"}
        fields |= {
            name: field | ({"similarity": name} if name in SCORED else {}) for name in TOKENS
        }
        fields |= {name: {"type": "keyword"} for name in ("id", "path", "kind")}
        fields |= {name: {"type": "integer"} for name in ("start", "firsts")}
        fields["content"] = {"type": "boolean"}
        fields["name"] = _HELD  # the article's id as it is
        fields["sketch"] = _COLUMN
        source = {"_source": {"excludes": [*TOKENS, "sketch"]}}
    elif kind == "articles":
        fields |= {"contents": {"type": "integer"}, **dict.fromkeys(ARTICLE_COLUMNS, _COLUMN)}
        source = {"_source": {"excludes": [*ARTICLE_COLUMNS]}}
    else:
        settings["number_of_shards"] = 1
    if kind == "ledger":
        fields["ids"] = {"type": "keyword"}
    body = {"dynamic": "strict", **source, "properties": fields}
    return {"settings": {"index": settings}, "mappings": body}


@dataclass(frozen=True, slots=True)
class Document:
    """A document, its index and its id."""

    kind: str  # of INDEXES
    id: str  # also routes it: see `engine.Sender`
    body: Json


@dataclass(frozen=True, slots=True)
class Stamp:
    """The fields that all documents of one writer share."""

    made: int
    ended: int = NEVER
    shard: int = 0
    run: str = ""

    def on(self, article_id: str, key: str) -> Json:
        """The common fields of a document."""
        return {"key": key, "article": keyword(article_id), **asdict(self)}


def name_of(article_id: str) -> str:
    """A hash that names an article in the ids of its documents and so routes them."""
    return blake2b(article_id.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def articles_of(run: Run, packed: dict[str, Packed], stamp: Stamp) -> Iterator[Document]:
    """The passage and article documents of a run's articles."""
    for alone in divided(run):
        view, strings, coded = ArticleRows(alone), token_strings(alone), coded_units(alone)
        name = view.texts[0]
        base = f"{name_of(name)}.{stamp.made}"
        for place in range(view.contents):
            key = f"{base}.{place:06}"
            yield Document("passages", key, _passage(view, place, strings, coded, stamp, key))
        for place in range(view.contents, len(view.passages)):
            key = f"{base}.b{place - view.contents:06}"
            body = {
                "content": False,
                "name": name,
                "id": f"{view.passages[place][0]:016x}",
                "kind": "boilerplate",
                "text": strings[place],
                "title": strings[len(view.passages)],
                **stamp.on(name, key),
            }
            yield Document("passages", key, body)
        one = packed[name]
        data = {
            "entry": _base64(pack_entry(one.entry)),
            "payload": _base64(one.payload),
            "ref": view.texts,
            "passages": len(view.passages),
        }
        content = coded[: view.contents]
        made = *packed_run(alone), article_sketch(view.texts, content), tally(content)
        columns = dict(zip(ARTICLE_COLUMNS, map(_base64, made), strict=True))
        body = {"data": data, "contents": view.contents, **columns, **stamp.on(name, base)}
        yield Document("articles", base, body)


def _passage(
    view: ArticleRows, place: int, strings: list[str], coded: list[bytes], stamp: Stamp, key: str
) -> Json:
    """The body of a content passage's document."""
    excerpt, above = view.excerpt(place)
    identifier, heading, kind, _, start, *_ = view.passages[place]
    first = len(view.passages)  # unit of the heads
    codes = [coded[first + number] for number, *_ in excerpt["heads"]]
    body: Json = {name: _joined([strings[first + h] for h in above[name]]) for name in above}
    path = [view.heads[head][0] for head in view.heads_up_from(heading)[::-1]]
    body |= {
        "content": True,
        "name": view.texts[0],
        "text": strings[place],
        "title": strings[first],
        "id": f"{identifier:016x}",
        "kind": KINDS[kind],
        "start": start,
        "firsts": len(above["first"]),
        "data": {"row": json.dumps(excerpt)},
        "sketch": _base64(sketch(excerpt, coded[place], codes)),
        **stamp.on(view.texts[0], key),
    }
    if path:
        body["path"] = keyword("\n".join(path))
    return {name: value for name, value in body.items() if value is not None}


def _joined(strings: list[str]) -> str | None:
    """The token strings of several heads joined in one field; None if all are empty."""
    some = [string for string in strings if string]
    return JOINT.join(some) if some else None


def ledger_of(packed: PackedLedger, stamp: Stamp) -> Document:
    """The ledger document of an article: the packed records of its ids."""
    name = packed.entry.article_id
    key = f"{name_of(name)}.{stamp.made}"
    data = {"entry": _base64(pack_entry(packed.entry)), "payload": _base64(packed.payload)}
    body = {"ids": list(packed.entry.ids), "data": data, **stamp.on(name, key)}
    return Document("ledger", key, body)


def packed_of(data: Json) -> Packed:
    """The packed article in a document's data."""
    entry = unpack_entry(b64decode(data["entry"]))
    assert isinstance(entry, Entry)
    return Packed(entry, b64decode(data.get("payload", "")))


def packed_ledger_of(data: Json) -> PackedLedger:
    """The packed records in a document's data."""
    entry = unpack_entry(b64decode(data["entry"]))
    assert isinstance(entry, LedgerEntry)
    return PackedLedger(entry, b64decode(data.get("payload", "")))


def excerpt_of(hit: Json) -> Json:
    """The excerpt of a passage, from its hit."""
    found: Json = json.loads(hit["_source"]["data"]["row"])
    return found


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
