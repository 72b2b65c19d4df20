"""The ledger as lines of JSON, one per id, so that losing the index does not lose the links.

`exported` yields a line for each id ever issued, with all its selectors and its history. `restore`
takes such lines into an index, in one transaction. In an index just made from nothing, the passages
of the lines are found again in the present articles. In an index with a ledger, its own records are
kept, and ids that only the lines know are added. Refuses lines not of this form (`UsageError` with
the line's number). `follow_foreign_copies` does the same with a copy of another store's ledger.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from indexer.errors import UsageError
from indexer.links.ledger import Tracker
from indexer.links.permalinks import Resolution
from indexer.model import Event, Record, Selectors, Status
from indexer.store.codec import unpack_records
from indexer.store.ledger_copy import archive_copy, foreign_copies
from indexer.store.reader import Store
from indexer.store.storage import load_digests, save_digests
from indexer.store.writer import writing

_STATUSES: tuple[Status, ...] = get_args(Status)


def exported(links: Iterable[Resolution]) -> Iterator[str]:
    """A line of JSON for each id, without line end."""
    for link in links:
        line = {
            "id": link.id,
            "status": link.status,
            "article": link.article_id,
            "section": link.section,
            "was": _as_json(link.was),
            "now": _as_json(link.now) if link.now else None,
            "confidence": round(link.confidence, 3),
            "history": [_as_json(event) for event in link.history],
        }
        text = json.dumps(line, ensure_ascii=False)
        for code in (0x85, 0x2028, 0x2029):  # line ends to some readers
            text = text.replace(chr(code), f"\\u{code:04x}")
        yield text


def restore(index_dir: Path, lines: Iterable[str], name: str = "the export") -> int:
    """Takes the ids of `lines` into the index; returns their number.

    `UsageError`, naming `name` and the line, for a line that is not of an export; the index is then
    as it was. `IndexMissing`, `IndexBusy`.
    """
    issued = list(_read(lines, name))
    with _tracking(index_dir) as tracker:
        living: dict[str, list[Selectors]] = {}
        aged: dict[str, dict[str, Record]] = {}
        for record, now in issued:
            if now is not None and now.id == record.id:
                living.setdefault(now.article_id, []).append(now)
                if record.history:
                    aged.setdefault(now.article_id, {})[record.id] = record
        for article_id, passages in living.items():
            tracker.restore(article_id, passages, aged.get(article_id, {}))
        tracker.adopt([record for record, _ in issued])
    return len(issued)


def follow_foreign_copies(
    index_dir: Path, unread: Iterable[Selectors] = (), *, settle: bool = False
) -> tuple[str, ...]:
    """Takes in the ids in foreign copies of the ledger (`store.ledger_copy`), whose files are kept,
    and of `unread`, passages that the store could no longer read. `settle`: further ids may lead
    nowhere, so all are checked. Returns a sentence for each copy that had ids unknown here, and one
    for lost ids.

    Records of this index win. Ids that lead nowhere are looked for in its articles, or else lost.
    `IndexBusy`; the copies then wait for the next run.
    """
    notes = []
    for copy in foreign_copies(index_dir):
        records = [
            record
            for packed in copy.packed.values()
            for record in unpack_records(packed.entry, packed.payload).values()
        ]
        with _tracking(index_dir) as tracker:
            number = len(tracker.adopt_unknown(records))
        kept = archive_copy(copy)
        if number:
            notes.append(
                f"{index_dir}: its ledger of ids was of another index or of a newer state, and "
                f"alone knew of ids: {number}; they are followed in the articles that are here, "
                f"and the file is kept in {kept.name}"
            )
        else:
            kept.unlink()
    records = [Record(passage, "lost", "", 0.0) for passage in unread]
    if records or settle:
        with _tracking(index_dir) as tracker:
            names = tracker.adopt_unknown(records)
        with Store.open(index_dir) as store:
            found = [store.record(name) for name in names]
        if lost := sum(record is None or not record.target for record in found):
            notes.append(
                f"{index_dir}: {lost} ids are lost with the passages that could not be read"
            )
    return tuple(notes)


@contextmanager
def _tracking(index_dir: Path) -> Iterator[Tracker]:
    """A transaction that takes in ids. It parses nothing, so the digests of files stay valid."""
    with writing(index_dir, create=False) as writer:
        known = load_digests(index_dir, writer.before.identity)
        tracker = Tracker(writer)
        yield tracker
        tracker.finish()
    with Store.open(index_dir) as store:
        save_digests(index_dir, store.identity, known)


# --- lines -------------------------------------------------------------------------------------


def _read(lines: Iterable[str], name: str) -> Iterator[tuple[Record, Selectors | None]]:
    """The record of each id, and the passage that it led to (None if lost). `UsageError`."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _parsed(json.loads(line))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            fault = str(error) if isinstance(error, _FormError) else "not an id of an export"
            remedy = "give a file that was made by: pilcrow links --export"
            raise UsageError(f"{name}:{number}: {fault}; {remedy}") from error


class _FormError(ValueError):
    """A line is JSON, but a value in it is impossible."""


def _parsed(found: Mapping[str, Any]) -> tuple[Record, Selectors | None]:
    was = _selectors(found["was"])
    now = _selectors(found["now"]) if found["now"] is not None else None
    if found["id"] != was.id or (now is None) != (found["status"] == "lost"):
        raise _FormError("the id or its status is not one that there can be")
    events = tuple(Event(*_checked(event, Event)) for event in found["history"])
    target = now.id if now is not None else ""
    return Record(was, _status(found["status"]), target, _share(found["confidence"]), events), now


def _selectors(found: Mapping[str, Any]) -> Selectors:
    made = Selectors(*_checked(found, Selectors))
    if made.end - made.start != len(made.text):
        raise _FormError("a place is not one that there can be")
    return made


def _checked(found: Mapping[str, Any], kind: type[Selectors | Event]) -> list[Any]:
    """The values for the fields of `kind`, each checked (`_FORMS`). `_FormError`."""
    return [_FORMS.get(name, _text)(found[_NAMES.get(name, name)]) for name in kind.__slots__]


def _as_json(item: Selectors | Event) -> dict[str, Any]:
    return {_NAMES.get(name, name): getattr(item, name) for name in item.__slots__}


def _id(found: object) -> str:
    if isinstance(found, str) and len(found) == 16 and set(found) <= set("0123456789abcdef"):
        return found
    raise _FormError(f"{str(found)[:40]!r} is no id of a passage")


def _status(found: object) -> Status:
    for status in _STATUSES:
        if found == status:
            return status
    raise _FormError(f"{str(found)[:40]!r} is no status of an id")


def _count(found: object) -> int:
    if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 1 << 53:
        return found
    raise _FormError("a number is not one that there can be")


def _share(found: object) -> float:
    if isinstance(found, (int, float)) and 0 <= found <= 1:
        return float(found)
    raise _FormError("a confidence is not between 0 and 1")


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise _FormError("a text is missing")
    return found


def _section(found: object) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise _FormError("a section is no list of headings")
    return tuple(map(_text, found))


# Fields with another name in the line, and the checks of those that are not text.
_NAMES = {"id": "passage", "article_id": "article", "target": "passage"}
_FORMS: Mapping[str, Callable[[object], object]] = {
    "id": _id,
    "start": _count,
    "end": _count,
    "section": _section,
    "generation": _count,
    "status": _status,
    "target": lambda found: _id(found) if found else "",
    "confidence": _share,
}
