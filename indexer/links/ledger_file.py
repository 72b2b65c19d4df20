"""The ledger as lines of JSON, one an id, so that losing the index does not lose the links.

Out: `exported` gives a line for each id ever issued, with all its selectors and its history. In:
`restore` takes such lines into an index, in one transaction. It may be an index that was just made
from nothing: the passages of the lines are then found again in the articles as they are now. Or
one that has a ledger: what it knows itself is kept, and what only the lines know is added. Refuses
lines that are not of this form (`UsageError` with the line's number).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from indexer.errors import UsageError
from indexer.links.ledger import Tracker
from indexer.links.permalinks import Resolution
from indexer.model import Event, Record, Selectors, Status
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
            "history": [_event_as_json(event) for event in link.history],
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
    with writing(index_dir, create=False) as writer:
        known = load_digests(index_dir, writer.generation)
        tracker = Tracker(writer)
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
        tracker.finish()
    with Store.open(index_dir) as store:  # nothing was parsed: what is known of files holds still
        save_digests(index_dir, store.generation, known)
    return len(issued)


# --- lines -------------------------------------------------------------------------------------


def _as_json(was: Selectors) -> dict[str, Any]:
    return {
        "passage": was.id,
        "article": was.article_id,
        "title": was.title,
        "text": was.text,
        "prefix": was.prefix,
        "suffix": was.suffix,
        "start": was.start,
        "end": was.end,
        "section": was.section,
        "element": was.element,
    }


def _event_as_json(event: Event) -> dict[str, Any]:
    return {
        "generation": event.generation,
        "date": event.date,
        "digest": event.digest,
        "status": event.status,
        "passage": event.target,
        "confidence": event.confidence,
    }


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
    events = tuple(
        Event(
            _count(e["generation"]),
            _text(e["date"]),
            _text(e["digest"]),
            _status(e["status"]),
            _id(e["passage"]) if e["passage"] else "",
            _share(e["confidence"]),
        )
        for e in found["history"]
    )
    target = now.id if now is not None else ""
    return Record(was, _status(found["status"]), target, _share(found["confidence"]), events), now


def _selectors(found: Mapping[str, Any]) -> Selectors:
    start, end = _count(found["start"]), _count(found["end"])
    if end - start != len(found["text"]) or not isinstance(found["section"], list):
        raise _FormError("a place is not one that there can be")
    return Selectors(
        id=_id(found["passage"]),
        section=tuple(map(_text, found["section"])),
        start=start,
        end=end,
        **{
            field: _text(found[field]) for field in ("title", "text", "prefix", "suffix", "element")
        },
        article_id=_text(found["article"]),
    )


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
