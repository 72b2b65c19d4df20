"""Filling an index in a cluster: by many writers side by side, or bringing it up to date.

In: files and folders, an address. Out: an `IndexReport`.

One or several writers fill a new generation, each with its share of the articles (by a hash of
their ids, so that all writers may be given the same paths). They work independently: each records
what it sent. `finish` refuses while a share is missing, carries passage ids over from the previous
generation, and publishes the new one at once. A writer that runs again replaces what it wrote.

If there is an index, a run without shares brings it up to date: see `store.ClusterCommit`.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any

from indexer.cluster.address import parse_address
from indexer.cluster.documents import (
    INDEXES,
    Stamp,
    excerpt_of,
    name_of,
    packed_of,
)
from indexer.cluster.engine import Engine, Json, Sender
from indexer.cluster.layout import ArticleRows
from indexer.cluster.store import (
    KEPT_SECONDS,
    ClusterCommit,
    ClusterStore,
    ClusterWriter,
    State,
    create_generation,
    make_visible,
    published,
    read_meta,
    word_counts_of,
    write_meta,
    write_state,
)
from indexer.cluster.words import WordCounts
from indexer.errors import IndexDamaged, IndexMissing, IndexUnavailable, UsageError
from indexer.ingest.build import (
    IndexReport,
    Removal,
    chosen_from,
    report_fields,
    take_out,
    with_roots,
)
from indexer.ingest.prepare import LINE_FORMATS, RECORD_FORMATS, FileJob, with_title
from indexer.ingest.sync import Update, twins
from indexer.links.ledger import Tracker
from indexer.parsing.article import readable_name
from indexer.parsing.formats.jsonl import own_id
from indexer.segments.inverter import Inverter
from indexer.settings import Settings
from indexer.sources.files import AnyPath, File, is_below
from indexer.store.codec import Entry, decode
from indexer.worker_pool import WorkerPool

Progress = Callable[[int, int], None]
PIECE = 8 << 20  # characters of a file of records that are held in memory at a time
FINISH = "finish"  # the run that publishes a generation
SAMPLE = 20  # articles that are read back before a generation is published


@dataclass(frozen=True, slots=True)
class WriterShard:
    """The share of the articles that one writer writes: `number` (from 1) of `of` shares."""

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> WriterShard:
        """Parses text such as `3/16`. `UsageError` for anything else."""
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= 9999):
            raise UsageError(f"shard {text!r}: write the number and of how many, such as 3/16")
        return cls(int(number), int(of))

    def has(self, article_id: str) -> bool:
        """Whether an article is in this share."""
        return int(name_of(article_id), 16) % self.of == self.number - 1


def build_cluster(
    paths: AnyPath | Iterable[AnyPath] | None,
    address: AnyPath,
    *,
    rebuild: bool = False,
    may_empty: bool = True,
    settings: Settings | None = None,
    progress: Progress | None = None,
    share: WriterShard | None = None,
    finish: bool = False,
) -> IndexReport:
    """`build_index` for an index in a cluster. `share`: write that share of a new generation
    without publishing it; `finish`: publish the generation that all shares wrote."""
    settings = settings or Settings()
    with closing(Engine(parse_address(str(address)), settings)) as engine:
        filler = Filler(engine, settings, progress)
        if share:
            return filler.fill(filler.given(paths), share)
        if finish:
            return filler.finish()
        if filler.state is None or rebuild:
            filler.fill(filler.given(paths), WriterShard())
            return filler.finish()
        return filler.update(paths, may_empty=may_empty)


def remove_from_cluster(
    targets: Iterable[AnyPath], address: AnyPath, settings: Settings
) -> Removal:
    """`ingest.build.remove` for an index in a cluster."""
    with closing(Engine(parse_address(str(address)), settings)) as engine:
        return Filler(engine, settings, None).remove(targets)


class _ShareUpdate(Update):
    """Reads the files of one share."""

    share = WriterShard()

    def _jobs(self, files: list[File]) -> Iterator[FileJob]:
        files[:] = [f for f in files if f.format in RECORD_FORMATS or self.share.has(f.id)]
        for job in super()._jobs(files):
            if self.share.of > 1 and job.data is not None and job.file.format in LINE_FORMATS:
                yield from self._pieces_of(job, job.data)
            else:
                yield job

    def _pieces_of(self, job: FileJob, data: bytes) -> Iterator[FileJob]:
        """A file's records that are in this share, as jobs of about `PIECE` characters to bound the
        memory; the whole file if it has none. Lines of other shares become empty."""
        try:
            lines = data.decode().split("\n")
        except UnicodeDecodeError:
            lines = []
        held: list[str] = []
        size, first = 0, 1
        for number, line in enumerate(lines, 1):
            name = own_id(line)
            own = "" if name and not self.share.has(name) else line
            held.append(own)
            size += len(own.strip())
            if size > PIECE or (size and number == len(lines)):
                text = "\n".join(held).encode()
                yield replace(job, file=replace(job.file, line=first), data=text)
                held, size, first = [], 0, number + 1
        if first == 1:
            yield job


class Filler:
    """Fills and updates the indexes that share one name."""

    def __init__(self, engine: Engine, settings: Settings, progress: Progress | None) -> None:
        self._engine, self._settings, self._progress = engine, settings, progress
        self._began = time.perf_counter()
        self.state = published(engine)

    def given(self, paths: AnyPath | Iterable[AnyPath] | None) -> list[AnyPath]:
        """The paths to index; for None, those indexed before: see `build_index`."""
        if paths is None:
            known = self._sources()["roots"]
            return known or [self._settings.corpus]
        return [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)

    def _sources(self) -> Json:
        state = self.state
        found = state and read_meta(self._engine, state.generation, f"sources.{state.commit}")
        return found or {"digests": {}, "roots": []}

    # --- a generation, by shares ------------------------------------------------------------

    @property
    def _next(self) -> int:
        return self.state.generation + 1 if self.state else 1

    def fill(self, paths: list[AnyPath], share: WriterShard) -> IndexReport:
        """Writes one share of the next generation."""
        engine, generation = self._engine, self._next
        access = self._settings.opensearch
        create_generation(engine, generation, int(access.shards), int(access.replicas))
        write_meta(engine, generation, f"share.{share.number}", None)  # missing until it ends
        made = self.state.attempt + 1 if self.state else 1
        stamp = Stamp(made, shard=share.number, run=uuid.uuid4().hex)
        before = ClusterStore(engine, None)
        with closing(ClusterWriter(engine, generation, before, stamp, wanted=share.has)) as writer:
            update = _ShareUpdate(writer, {}, self._settings, anew=False, may_empty=True)  # type: ignore[arg-type]
            update.share = share
            with WorkerPool() as pool:
                try:
                    update.run(paths, pool, self._progress)
                except UsageError:
                    if share.of == 1 or update.problems or not update.listing.scopes:
                        raise
            writer.finish()
            make_visible(engine, generation)
            self._clear(generation, share, stamp)
            sums = writer.counts.sums
            passages = self._passages(generation, stamp.run)
            if passages != writer.sent["passages"]:
                raise IndexUnavailable(
                    f"{engine.address}: of {writer.sent['passages']} passages sent the cluster "
                    f"has {passages}; run the same command again"
                )
        wanted = {name: entry for name, entry in update.final.items() if share.has(name)}
        report = {
            "of": share.of,
            "run": stamp.run,
            "made": stamp.made,
            "passages": passages,
            "articles": len(wanted),
            "digests": update.digests,
            "doubtful": sorted(update.incomplete),
            "named": sorted(f.source for f in update.listing.files if f.title or f.by_name),
            "roots": with_roots([], [os.path.abspath(p) for p in paths], ()),
            "encodings": update.encodings,
        }
        write_meta(engine, generation, f"words-of.{share.number}", vars(writer.counts))
        write_meta(engine, generation, f"share.{share.number}", report)
        write_meta(engine, generation, "shares", share.of)
        fields = report_fields(update) | {"added": len(wanted)}
        return self._report(fields, len(wanted), sums["passages"], generation)

    def _clear(self, generation: int, share: WriterShard, stamp: Stamp) -> None:
        """Deletes documents that an earlier run of this share wrote and this run did not."""
        query = {
            "bool": {
                "filter": [{"term": {"shard": share.number}}],
                "must_not": [{"term": {"run": stamp.run}}],
            }
        }
        for kind in ("passages", "articles"):
            index = self._engine.index(kind, generation)
            self._delete(index, query)
            self._engine.refresh(index)

    def _delete(self, index: str, query: Json) -> None:
        """Deletes the documents that a query finds."""
        with Sender(self._engine) as sender:
            for hit in self._engine.walk(index, query, {"_source": False}):
                sender.delete(index, hit["_id"])
            sender.finish()

    def _passages(self, generation: int, run: str | None = None) -> int:
        query: Json = {"term": {"run": run}} if run else {"match_all": {}}
        return self._engine.count_each(self._engine.index("passages", generation), [query])[0]

    def finish(self) -> IndexReport:
        """Publishes the next generation. `UsageError` while a share is missing."""
        engine, generation = self._engine, self._next
        shares = self._shares(generation)
        make_visible(engine, generation)
        sent, there = sum(one["passages"] for one in shares), self._passages(generation)
        if sent != there:
            raise IndexDamaged(
                f"{engine.address}: {sent} passages were sent and {there} are there; "
                "run the shards again"
            )
        counts = WordCounts()
        for number in range(1, len(shares) + 1):
            counts.update(WordCounts.of(read_meta(engine, generation, f"words-of.{number}")))
        made = max(one["made"] for one in shares)
        shown = State(generation, made, made, articles=sum(one["articles"] for one in shares))
        new, old = ClusterStore(engine, shown), ClusterStore(engine, self.state)
        digests = {source: one for share in shares for source, one in share["digests"].items()}
        for source in (one for share in shares for one in share.get("doubtful", ())):
            digests.pop(source, None)  # incomplete in this share, even if whole in others
        named = {source for share in shares for source in share["named"]}
        stamp = Stamp(made, run=FINISH)
        with closing(ClusterWriter(engine, generation, old, stamp)) as writer:
            twin = twins(digests) - named
            self._check_names(generation, twin)
            changes = self._follow(writer, new, old, twin)
            for packed in old.packed_ledgers():
                writer.keep_ledger(packed)
            writer.finish(moved=True)
            counts.update(writer.counts)
        make_visible(engine, generation)
        self._check(new)
        roots = with_roots([], [root for one in shares for root in one["roots"]], ())
        encodings = {p: name for one in shares for p, name in one["encodings"].items()}
        sources = {"digests": digests, "roots": roots, "encodings": encodings}
        write_meta(engine, generation, f"sources.{made}", sources)
        write_meta(engine, generation, f"words.{made}", vars(counts))
        write_state(engine, shown)
        self._publish(generation)
        self.state = shown
        return self._report(changes, shown.articles, counts.sums["passages"], generation)

    def _shares(self, generation: int) -> list[Json]:
        engine = self._engine
        try:
            number = read_meta(engine, generation, "shares") or 0
        except IndexMissing:
            number = 0
        found = [read_meta(engine, generation, f"share.{n}") for n in range(1, number + 1)]
        missing = [str(n) for n, one in enumerate(found, 1) if not one or one["of"] != number]
        if missing or not number:
            what = f"shard {', '.join(missing)} of {number}" if number else "every shard"
            raise UsageError(
                f"{engine.address}: {what} is missing; index with --shard N/{number or 'OF'} first"
            )
        return found

    def _follow(
        self, writer: ClusterWriter, new: ClusterStore, old: ClusterStore, twin: frozenset[str]
    ) -> dict[str, int]:
        """Gives passages of a new generation their former ids, and plain texts that share a title
        their file's name. Returns how many articles were added, changed, removed, unchanged."""
        before, after = writer.entries, {name: one[0] for name, one in new.made.items()}
        changes = dict.fromkeys(("added", "changed", "removed", "unchanged"), 0)
        tracker = Tracker(writer)  # type: ignore[arg-type]

        def is_as_before(entry: Entry) -> bool:
            was = before.get(entry.article_id)
            return was is not None and was.version == entry.version

        looked_at = [
            name
            for name, entry in sorted(after.items())
            if entry.source in twin or not (self.state is None or is_as_before(entry))
        ]
        for name in after.keys() - set(looked_at):
            changes["unchanged" if name in before else "added"] += 1
        for packed in new.packed(looked_at):
            name, was = packed.entry.article_id, before.get(packed.entry.article_id)
            other, source = packed, packed.entry.source
            if source in twin:
                other = with_title(packed, readable_name(source))
            same = is_as_before(other.entry)
            other = tracker.follow(other, was)
            if other is not packed:
                writer.replace(packed, other)
            changes["added" if was is None else "unchanged" if same else "changed"] += 1
        for name in before.keys() - after.keys():
            tracker.remove(before[name])
            changes["removed"] += 1
        tracker.finish()
        return changes

    def _check_names(self, generation: int, twin: frozenset[str]) -> None:
        """`UsageError` if an earlier finish was cut off after it had retitled plain texts: their
        own titles are gone, so the words of the corpus can't be counted."""
        named = {"term": {"run": FINISH}}
        hits = self._engine.walk(
            self._engine.index("articles", generation), named, {"_source": ["data.entry"]}
        )
        if twin and any(packed_of(hit["_source"]["data"]).entry.source in twin for hit in hits):
            raise UsageError(
                f"{self._engine.address}: an earlier --finish was cut off; run the shards again"
            )

    def _check(self, store: ClusterStore) -> None:
        """Reads `SAMPLE` articles back and compares their passages with the indexed documents."""
        names = sorted(store.made)
        assert store.state is not None
        index = self._engine.index("passages", store.state.generation)
        inverter = Inverter()
        for name in random.sample(names, min(SAMPLE, len(names))):
            packed = next(store.packed([name]))
            run = inverter.invert([decode(packed.entry, packed.payload)])
            view = ArticleRows(run)
            excerpts = [view.excerpt(place)[0] for place in range(view.contents)]
            wanted = {one["passages"][0][1]: one for one in excerpts}
            query = store.state.shown(article=name, content=True)
            found = {}
            for hit in self._engine.walk(index, query, {"_source": ["data"]}):
                excerpt = excerpt_of(hit)
                found[excerpt["passages"][0][1]] = excerpt
            if found != wanted:
                raise IndexDamaged(
                    f"{self._engine.address}: the passages of {name!r} are not those of the "
                    "article; run the shards again"
                )

    def _publish(self, generation: int) -> None:
        """Moves the aliases to a generation in one call; deletes the one before the previous."""
        engine, actions = self._engine, []
        for kind in INDEXES:
            alias = f"{engine.name}-{kind}"
            if self.state:
                former = engine.index(kind, self.state.generation)
                actions.append({"remove": {"index": former, "alias": alias}})
            actions.append({"add": {"index": engine.index(kind, generation), "alias": alias}})
        engine.ask("POST", "/_aliases", {"actions": actions})
        if self.state and self.state.generation > 1:
            for kind in INDEXES:
                with suppress(IndexMissing):
                    engine.ask("DELETE", f"/{engine.index(kind, self.state.generation - 1)}")

    # --- bringing up to date ----------------------------------------------------------------

    def update(self, paths: AnyPath | Iterable[AnyPath] | None, *, may_empty: bool) -> IndexReport:
        """Brings the index up to date with the files at or below `paths`."""
        assert self.state is not None
        given = self.given(paths)
        may_empty = may_empty and paths is not None
        with ClusterCommit(self._engine, self.state) as commit:
            sources = self._sources()
            with closing(self._writer(commit)) as writer, WorkerPool() as pool:
                update = Update(
                    writer,  # type: ignore[arg-type]
                    sources["digests"],
                    self._settings,
                    anew=False,
                    may_empty=may_empty,
                    encodings=sources.get("encodings", {}),
                )
                update.run(given, pool, self._beating(commit))
                roots = with_roots(sources["roots"], map(os.path.abspath, given), update.emptied)
                sources = {"digests": update.digests, "roots": roots}
                sources["encodings"] = update.encodings
                self._commit_to(commit, writer, len(update.final), sources)
        passages = word_counts_of(self._engine, self.state).sums["passages"]
        return self._report(report_fields(update), len(update.final), passages, self.state.commit)

    def remove(self, targets: Iterable[AnyPath]) -> Removal:
        """Removes articles by id, or by the file or folder that they come from."""
        if self.state is None:
            raise IndexMissing(f"{self._engine.address}: no index here")
        before = {e.article_id: e for e in ClusterStore(self._engine, self.state).entries()}
        chosen, paths = chosen_from(before, targets)
        with ClusterCommit(self._engine, self.state) as commit:
            sources = self._sources()
            with closing(self._writer(commit)) as writer:
                take_out(writer, chosen.values())  # type: ignore[arg-type]
                gone = {entry.source for entry in chosen.values()}
                roots = [r for r in sources["roots"] if not any(is_below(r, p) for p in paths)]
                digests = {s: one for s, one in sources["digests"].items() if s not in gone}
                kept_sources = sources | {"digests": digests, "roots": roots}
                self._commit_to(commit, writer, len(before) - len(chosen), kept_sources)
        there = {s for s in gone if os.path.exists(s) and any(is_below(s, r) for r in roots)}
        passages = word_counts_of(self._engine, self.state).sums["passages"]
        left = len(before) - len(chosen)
        return Removal(tuple(chosen), tuple(sorted(there)), left, passages, self.state.commit)

    def _writer(self, commit: ClusterCommit) -> ClusterWriter:
        before = ClusterStore(self._engine, replace(commit.state))
        return ClusterWriter(self._engine, commit.state.generation, before, Stamp(commit.number))

    def _beating(self, commit: ClusterCommit) -> Progress:
        def progress(done: int, of: int) -> None:
            commit.beat()
            if self._progress:
                self._progress(done, of)

        return progress

    def _commit_to(
        self, commit: ClusterCommit, writer: ClusterWriter, articles: int, sources: Json
    ) -> None:
        """Publishes the writer's documents as a commit, if it sent any."""
        engine, before = self._engine, commit.state
        writer.finish()
        if not writer.sent:
            write_meta(engine, before.generation, f"sources.{before.commit}", sources)
            return
        words = word_counts_of(engine, before)
        words.update(writer.counts)
        generation, number = before.generation, commit.number
        write_meta(engine, generation, f"words.{number}", vars(words))
        write_meta(engine, generation, f"sources.{number}", sources)
        make_visible(engine, generation)
        times = (*before.times[-50:], (before.commit, before.modified))
        commit.publish(replace(before, commit=number, articles=articles, times=times))
        self.state = published(engine)
        self._purge(before)

    def _purge(self, state: State) -> None:
        """Deletes documents that ended too long ago (`KEPT_SECONDS`) for a reader to need them."""
        old = [number for number, when in state.times if when < time.time() - KEPT_SECONDS]
        if not old:
            return
        query: Json = {"range": {"ended": {"lte": max(old)}}}
        if state.failed:
            failed = {"terms": {"ended": list(state.failed)}}
            query = {"bool": {"filter": [query], "must_not": [failed]}}
        for kind in INDEXES[:3]:
            self._delete(self._engine.index(kind, state.generation), query)

    def _report(
        self, fields: Mapping[str, Any], articles: int, passages: int, generation: int
    ) -> IndexReport:
        """`fields`: the numbers of articles and the other fields of the report."""
        return IndexReport(
            **fields,
            articles=articles,
            passages=passages,
            seconds=time.perf_counter() - self._began,
            generation=generation,
        )
