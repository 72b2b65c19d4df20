"""The ledger as lines of JSON, one an id, so that losing the index does not lose the links.

Out: `exported` gives a line for each id ever issued, with all its selectors and its history. In:
`restore` takes such lines into an index, in one transaction. It may be an index that was just made
from nothing: the passages of the lines are then found again in the articles as they are now. Or
one that has a ledger: what it knows itself is kept, and what only the lines know is added. Refuses
lines that are not of this form (`UsageError` with the line's number). `follow_strangers` does the
same with a second copy of the ledger that is not of this store.
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
from indexer.store.mirror import keep_stranger, strangers
from indexer.store.reader import Store
from indexer.store.storage import load_digests, save_digests
from indexer.store.writer import writing

_STATUSES: tuple[Status, ...] = get_args(Status)


def exported(links: Iterable[Resolution]) -> Iterator[str]:
    """A line for each id, without line end."""
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
    """Takes the ids of `lines` into the index; how many there were.

    `UsageError` naming `name` and the line for what is not an export; the index is then as it was.
    `IndexMissing`, `IndexBusy`.
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


def follow_strangers(
    index_dir: Path, unread: Iterable[Selectors] = (), *, settle: bool = False
) -> tuple[str, ...]:
    """Takes in the ids that copies of another ledger hold (`store.mirror`), whose files are kept;
    and those of passages that could not be read any more in the store, `unread`; `settle`: there
    may be others of which nothing is known. A sentence on each copy of which any was unknown here,
    and on what is lost.

    What this index knows itself goes before; what leads nowhere in it is looked for in its articles
    and else is lost. `IndexBusy`; the copies then wait for the next run.
    """
    said = []
    for stranger in strangers(index_dir):
        records = [
            record
            for one in stranger.packed.values()
            for record in unpack_records(one.entry, one.payload).values()
        ]
        with _tracking(index_dir) as tracker:
            number = len(tracker.adopt_strangers(records))
        kept = keep_stranger(stranger)
        if number:
            said.append(
                f"{index_dir}: its ledger of ids was of another index or of a newer state, and "
                f"alone knew of ids: {number}; they are followed in the articles that are here, "
                f"and the file is kept in {kept.name}"
            )
        else:
            kept.unlink()
    records = [Record(one, "lost", "", 0.0) for one in unread]
    if records or settle:
        with _tracking(index_dir) as tracker:
            names = tracker.adopt_strangers(records)
        with Store.open(index_dir) as store:
            found = [store.record(name) for name in names]
        if lost := sum(record is None or not record.target for record in found):
            said.append(
                f"{index_dir}: {lost} ids are lost with the passages that could not be read"
            )
    return tuple(said)


@contextmanager
def _tracking(index_dir: Path) -> Iterator[Tracker]:
    """A transaction in which ids are taken in. Nothing is parsed in it: what is known of files
    holds still."""
    with writing(index_dir, create=False) as writer:
        known = load_digests(index_dir, writer.before.identity)
        tracker = Tracker(writer)
        yield tracker
        tracker.finish()
    with Store.open(index_dir) as store:
        save_digests(index_dir, store.identity, known)


# --- lines -------------------------------------------------------------------------------------


def _read(lines: Iterable[str], name: str) -> Iterator[tuple[Record, Selectors | None]]:
    """Each id's record, and the passage that it led to."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _parsed(json.loads(line))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            said = str(error) if isinstance(error, _FormError) else "not an id of an export"
            remedy = "give a file that was made by: pilcrow links --export"
            raise UsageError(f"{name}:{number}: {said}; {remedy}") from error


class _FormError(ValueError):
    """A line that can be read, and holds what can't be."""


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
    """The values for the fields of `kind`, each of its form."""
    return [_FORMS.get(name, _text)(found[_NAMES.get(name, name)]) for name in kind.__slots__]


def _as_json(one: Selectors | Event) -> dict[str, Any]:
    return {_NAMES.get(name, name): getattr(one, name) for name in one.__slots__}


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


# Fields that have another name in a line, and what is asked of those that are no text.
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
