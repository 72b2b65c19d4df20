"""One run over a corpus: compares the files on disk with the store, and writes the difference.

Takes paths, a transaction, and the digests of the last run. Writes the difference to the
transaction, follows the ids of changed passages (`links.ledger`), and counts articles. Refuses
(`UsageError`) paths without any usable file.

Plain texts with the same own title are titled after their files, which is known only when all are
read; until then prepared articles wait in a temporary file.

An article id belongs to the file that claims it first, in the order of the listing; a file from an
earlier run that still exists comes before all. A file of another root with the same id puts its
root's name before it; any other later claim is reported.
"""

from __future__ import annotations

import os
import pickle  # nosec B403 # only what this process has written itself
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from types import MappingProxyType
from typing import cast

from indexer.errors import IndexDamaged, PilcrowError, SourceError, SourceWarning, UsageError
from indexer.ingest.prepare import (
    FileJob,
    Prepared,
    digest,
    prepare,
    prepare_all,
    title_of,
    with_title,
)
from indexer.ingest.titles import SidecarRow, read_sidecar
from indexer.links.ledger import Tracker
from indexer.parsing.article import article_ids
from indexer.parsing.encoding import known_encoding
from indexer.parsing.formats.zip import other_files
from indexer.settings import AUTO, Settings
from indexer.sources.files import AnyPath, File, FileListing, find, is_below, read
from indexer.store.codec import Entry, Packed
from indexer.store.writer import Writer
from indexer.text.folding import fold
from indexer.worker_pool import WorkerPool

Progress = Callable[[int, int], None]


class Update:
    """One run: call `run`, then read the results from the public attributes."""

    def __init__(
        self,
        writer: Writer,
        digests: Mapping[str, str],
        settings: Settings,
        *,
        anew: bool,
        may_empty: bool,
        encodings: Mapping[str, str] = MappingProxyType({}),
        folder: Path | None = None,
    ) -> None:
        """`encodings`: absolute path → encoding of files at or below it that declare none.
        `may_empty`: remove the articles of a path that is gone or empty, else keep them. `folder`:
        for the temporary file, by default the system's."""
        self.counts = dict.fromkeys(("added", "changed", "removed", "unchanged"), 0)  # of articles
        self.problems: list[SourceError] = []
        self.warnings: list[SourceWarning] = []  # of files that were parsed in this run
        self.final: dict[str, Entry] = {}  # article id → entry, as of after the commit
        self.digests: dict[str, str] = {}  # source → digest, of the files without a problem
        self._writer = writer
        self._tracker = Tracker(writer)
        self._settings = settings
        self.encodings = dict(encodings)  # as given, with the encoding named in this run
        self.emptied: dict[str, int] = {}  # path that is gone or empty → articles removed
        self.kept: dict[str, int] = {}  # path that is gone or empty → articles kept
        self._may_empty = may_empty
        self._anew = anew  # whether every article is written, changed or not
        self._last_digests = digests
        self._named = twins(digests)
        self._before = writer.entries
        self._before_by_source: dict[str, list[Entry]] = {}
        for entry in self._before.values():
            self._before_by_source.setdefault(entry.source, []).append(entry)
        self._owners: dict[str, str] = {}  # article id → path of the file that has it in this run
        self._folder = folder
        self.incomplete: set[str] = set()  # sources with a problem, so that articles may be missing
        self.listing = FileListing()  # the files of this run
        self._present: set[str] = set()

    def run(
        self, paths: AnyPath | Iterable[AnyPath], pool: WorkerPool, progress: Progress | None = None
    ) -> None:
        """Writes the difference. `progress` is called with the files done and their total."""
        roots = {entry.source: entry.root for entry in self._before.values()}
        self.listing = find(paths, roots, follow_links=self._settings.follow_links)
        self._check_empty()
        self._set_encodings()
        self._distinguish_roots()
        self._describe_files()
        self._present = {file.source for file in self.listing.files}
        self.problems += self.listing.problems
        with closing(_Waiting(self._folder)) as self._waiting:
            results = prepare_all(self._jobs(self.listing.files), self._settings, pool)
            for done, (job, prepared) in enumerate(results, start=1):
                self._take(job, prepared)
                if progress is not None:
                    progress(done, len(self.listing.files))
            for job in self._jobs(self._to_retitle()):
                self._take(job, self._prepared_again(job))
            self._write()
        self.warnings = list({str(warning): warning for warning in self.warnings}.values())
        if not (self.final or self.emptied or self.kept):
            nothing = f"no articles in {', '.join(self.listing.scopes)}"
            raise UsageError(f"nothing could be indexed: {next(iter(self.problems), nothing)}")
        for entry in self._before.values():
            if entry.article_id not in self.final:
                self._settle(entry)
        self._tracker.finish()

    def _check_empty(self) -> None:
        """Decides whether articles below paths that are gone or empty are removed or kept."""
        for scope in self.listing.empty:
            known = self._before_by_source.items()
            number = sum(len(entries) for source, entries in known if is_below(source, scope))
            if number and self._may_empty:
                self.emptied[scope] = number
            elif number:
                self.kept[scope] = number
                self.listing.scopes.remove(scope)

    def _set_encodings(self) -> None:
        """Sets the encoding in the settings for the given paths, and forgets those of paths that
        are emptied."""
        name = self._settings.encoding
        if name and name != AUTO and not known_encoding(name):
            raise UsageError(f"no encoding {name!r}; name one such as windows-1250")
        if name:
            self.encodings |= dict.fromkeys(self.listing.scopes, name)
        for path, known in list(self.encodings.items()):
            if known == AUTO or any(is_below(path, empty) for empty in self.emptied):
                del self.encodings[path]

    def _distinguish_roots(self) -> None:
        """Puts a root's name before an id that a file of another root already has (`r2/index`);
        files that were indexed before keep their ids."""
        roots: dict[str, str] = {}  # article id → root, of the files of this run
        for number, file in enumerate(self.listing.files):
            longer = next(
                iter(article_ids([f"{os.path.basename(file.root)}/{file.id}.x"]).values())
            )
            known = {entry.article_id for entry in self._before_by_source.get(file.source, ())}
            old = self._before.get(file.id)
            owner = roots.get(file.id)
            if owner is None and old is not None and old.source != file.source:
                owner = old.root if os.path.exists(old.source) else None
            if longer in known or (not known and owner not in (None, file.root)):
                self.listing.files[number] = file = replace(file, id=longer)
            roots.setdefault(file.id, file.root)

    def _describe_files(self) -> None:
        """Adds to files their values in `titles.csv`, the encoding named for their path, and
        whether they are titled by name because other plain texts had the same title."""
        listed: dict[str, SidecarRow] = {}
        for root in {file.root for file in self.listing.files}:
            values, problems = read_sidecar(root)
            listed |= values
            self.problems += problems
        for number, file in enumerate(self.listing.files):
            row, by_name = listed.get(file.source, SidecarRow()), file.source in self._named
            above = [path for path in self.encodings if is_below(file.source, path)]
            encoding = row.encoding or self.encodings.get(max(above, key=len, default=""), "")
            if by_name or encoding or row != SidecarRow():
                self.listing.files[number] = replace(
                    file,
                    title=row.title,
                    by_name=by_name,
                    encoding=encoding,
                    language=row.language,
                )

    def _to_retitle(self) -> list[File]:
        """The plain texts that must now be titled after their files because another has the same
        title, or no longer so. They give up the article ids they have claimed."""
        now = twins(self.digests)
        renamed: list[File] = []
        for number, file in enumerate(self.listing.files):
            if file.source in self.digests and file.by_name != (file.source in now):
                renamed.append(replace(file, by_name=not file.by_name))
                self.listing.files[number] = renamed[-1]
        paths = {file.path for file in renamed}
        self._owners = {name: path for name, path in self._owners.items() if path not in paths}
        return renamed

    def _prepared_again(self, job: FileJob) -> Prepared:
        """Prepares a plain text under another title. If it was prepared in this run with its own
        title, the waiting article is renamed instead of parsed again."""
        if job.data is None:
            return Prepared((), ())
        file, waiting = job.file, self._waiting.get(job.file.id)
        if waiting is None or not file.by_name:
            return prepare(file, job.data, self._settings)
        own = self.digests[file.source].partition(_TITLE)[2]
        return Prepared((with_title(waiting, title_of(own, file, self._settings)),), (), own)

    # --- files of this run ---

    def _jobs(self, files: list[File]) -> Iterator[FileJob]:
        """A job for each file; without bytes if the file has not changed since the last run."""
        for file in files:
            try:
                data = read(file, self._settings.max_file_bytes).data
            except SourceError as error:
                yield FileJob(file, problem=error)
                continue
            if file.format == "zip":
                self.listing.passed_over += other_files(data)
            now = digest(file, data, self._settings)
            known = file.source in self._before_by_source and not self._anew
            known = known and file.id not in self._waiting.ids  # it was prepared otherwise
            last = self._last_digests.get(file.source, "").partition(_TITLE)[0]
            same = known and last == now
            yield FileJob(file, now, None if same else data)

    def _take(self, job: FileJob, prepared: Prepared) -> None:
        """Updates the articles of one file."""
        problems = [job.problem] if job.problem else []
        if not problems and job.data is not None:
            problems = self._store_all(job.file, prepared)
        elif not problems and not self._keep(job.file):
            problems = self._store_all(job.file, self._prepare(job.file))
        if problems:
            self.incomplete.add(job.file.source)
            self.problems += problems
        else:
            last = self._last_digests.get(job.file.source, "") if job.data is None else ""
            title = prepared.title or last.partition(_TITLE)[2]
            self.digests[job.file.source] = f"{job.digest}{_TITLE}{title}" if title else job.digest

    def _keep(self, file: File) -> bool:
        """Leaves the articles of a file as they are; False if another file has claimed an id."""
        known = self._before_by_source[file.source]
        if any(entry.article_id in self._owners for entry in known):
            return False
        for entry in known:
            self._own(entry, file)
        return True

    def _prepare(self, file: File) -> Prepared:
        """Reads and prepares a file that seemed unchanged."""
        try:
            data = read(file, self._settings.max_file_bytes).data
        except SourceError as error:
            return Prepared((), (error,))
        return prepare(file, data, self._settings)

    def _store_all(self, file: File, prepared: Prepared) -> list[SourceError]:
        """Puts the articles of a file into the waiting ones; returns the file's problems."""
        problems = list(prepared.problems)
        self.warnings += prepared.warnings
        for packed in prepared.articles:
            rival = self._rival(packed.entry)
            if rival is None:
                self._waiting.put(packed)
                self._own(packed.entry, file)
            else:
                reason = f"the article id {packed.entry.article_id!r} is taken by {rival}"
                problems.append(SourceError(file.path, reason, "give it an id of its own"))
        return problems

    def _rival(self, entry: Entry) -> str | None:
        """The other file that the article id of `entry` belongs to, if any."""
        if owner := self._owners.get(entry.article_id):
            return owner
        old = self._before.get(entry.article_id)
        if old is None or old.source == entry.source or old.source in self._present:
            return None
        return old.source if self._is_out_of_reach(old) and os.path.exists(old.source) else None

    def _own(self, entry: Entry, file: File) -> None:
        self._owners[entry.article_id] = file.path
        self.final[entry.article_id] = entry

    def _write(self) -> None:
        """Writes the articles of this run, except those that the store has unchanged."""
        self.counts["unchanged"] += len(self.final.keys() - self._waiting.ids)
        for packed in self._waiting:
            old = self._before.get(packed.entry.article_id)
            packed = self._tracker.follow(packed, old)
            entry = packed.entry
            same = old is not None and old.version == entry.version
            self.counts["added" if old is None else "unchanged" if same else "changed"] += 1
            if old is None or self._anew or _place(old) != _place(entry):
                self._writer.add(packed)
            else:
                entry = old
            self.final[entry.article_id] = entry

    # --- earlier articles that no file of this run has ---

    def _settle(self, entry: Entry) -> None:
        """Keeps or removes an earlier article."""
        if entry.source in self.incomplete:
            self.counts["unchanged"] += 1
        elif not self._is_out_of_reach(entry):
            self.counts["removed"] += 1
            self._tracker.remove(entry)
            if not self._anew:
                self._writer.delete(entry.article_id)
            return
        elif entry.source in self._last_digests:
            self.digests[entry.source] = self._last_digests[entry.source]
        if self._anew:
            try:
                self._writer.add(self._writer.packed(entry.article_id))
            except IndexDamaged:
                reason = f"the stored copy of article {entry.article_id!r} is damaged"
                self.problems.append(SourceError(entry.source, reason, "index it again"))
                return
        self.final[entry.article_id] = entry

    def _is_out_of_reach(self, entry: Entry) -> bool:
        """Whether this run can't know if the file of `entry` still exists."""
        if any(is_below(entry.source, folder) for folder in self.listing.unlisted):
            return True
        return not any(is_below(entry.source, scope) for scope in self.listing.scopes)


class _Waiting:
    """Articles in a temporary file, in the order of their first arrival; a later article replaces
    one with the same id."""

    def __init__(self, folder: Path | None) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  # deleted when closed below
        self._folder = folder or gettempdir()
        self._places: dict[str, int] = {}  # article id → offset in the file

    def close(self) -> None:
        """Deletes the articles."""
        with suppress(OSError):  # a full disk, which `put` has reported
            self._file.close()

    @property
    def ids(self) -> Set[str]:
        """Ids of the articles."""
        return self._places.keys()

    def put(self, packed: Packed) -> None:
        """Adds an article. `PilcrowError` if the disk is full or fails."""
        try:
            self._places[packed.entry.article_id] = self._file.seek(0, os.SEEK_END)
            pickle.dump(packed, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise PilcrowError(f"{self._folder}: {reason}; the index is as it was") from error

    def get(self, article_id: str) -> Packed | None:
        """The waiting article with this id; None if there is none."""
        if article_id not in self._places:
            return None
        self._file.seek(self._places[article_id])
        return cast("Packed", pickle.load(self._file))  # nosec B301 # our own

    def __iter__(self) -> Iterator[Packed]:
        return filter(None, map(self.get, self._places))


_TITLE = "\t"  # separates a digest from a plain text's own title


def twins(digests: Mapping[str, str]) -> frozenset[str]:
    """Sources of the plain texts whose own title occurs more than once in `digests`."""
    titles = {source: fold(text.partition(_TITLE)[2]) for source, text in digests.items()}
    counts = Counter(title for title in titles.values() if title)
    return frozenset(source for source, title in titles.items() if counts[title] > 1)


def _place(entry: Entry) -> tuple[str, str, str]:
    return entry.version, entry.source, entry.root
