"""Corpora of the cluster's tests, and articles that try what is hard about headings."""

from __future__ import annotations

from pathlib import Path

from indexer import build_index
from indexer.cluster.documents import Document, Stamp, articles_of
from indexer.cluster.words import WordCounts
from indexer.segments.inverter import Inverter
from indexer.store.codec import decode
from indexer.store.reader import Store
from tests.helpers import leaflets

OUTLINES = {
    "empty-headings.md": """# Guide to amitriptyline

## Withdrawal

## How to stop

Stop slowly. Ask a doctor before the last step.

## Dose

### Night dose

### Morning dose

Take 10 mg at night. Never double the dose.

- dry mouth
- no pain without relief

## Storage

### Heat

## Children
""",
    "nested.md": """# Pain relief and withdrawal

Pain is common. Pain relief is not.

## Pain

### Chronic pain

Chronic pain lasts. It may come back.

### Acute pain

Acute pain passes without relief.

## Relief

## Pain

Relief from chronic pain, and withdrawal. Dose: 25 mg.
""",
    "no-text.md": """# Withdrawal

## Dose

## Relief
""",
}


def write(folder: Path) -> None:
    """Leaflets in several languages and formats, and the outlines above."""
    leaflets.write(folder)
    for name, text in OUTLINES.items():
        (folder / name).write_text(text, encoding="utf-8")


def documents(folder: Path) -> tuple[WordCounts, list[Document]]:
    """The words, passages and articles of the corpus, as a cluster is sent them; `folder/index` is
    its index on disk."""
    write(folder / "corpus")
    build_index([folder / "corpus"], folder / "index")
    with Store.open(folder / "index") as store:
        packed = {p.entry.article_id: p for p in store.packed(sorted(store.versions()))}
    run = Inverter().invert(decode(one.entry, one.payload) for one in packed.values())
    counts = WordCounts()
    counts.add(run)
    return counts, [*articles_of(run, packed, Stamp(1))]


def passage_documents(folder: Path) -> tuple[WordCounts, list[Document]]:
    """The same without the articles."""
    counts, made = documents(folder)
    return counts, [document for document in made if document.kind == "passages"]


QUERIES = (
    "withdrawal", "withdrawal stop", "withdrawal stop -slowly", "dose night", "dose -morning",
    "pain -chronic", "pain relief", "(withdrawal OR relief) -pain", "heat storage", "heat -storage",
    "children", "children -heat", "dose OR (relief -chronic)", '"chronic pain" -relief',
    "title:withdrawal", "title:withdrawal -relief", "section:dose mg", "section:pain -acute",
    "-pain", "kind:list_item", "kind:list_item dose", "relief NEAR/3 pain", "pain NEAR/s relief",
    "(pain NEAR/4 chronic) NEAR/6 last*", '"pain relief"~3', '"stop slowly ask"', "guide dose",
    "guide children", "kind:boilerplate", "kind:boilerplate withdrawal", "morning -dose guide",
    '"relief withdrawal"', "amitr* -night", "p?in -acute", "chronc~1", "NOT (pain OR dose)",
    "storage heat children", "withdrawal dose relief", "acute relief -withdrawal", "pain pain",
)  # fmt: skip
