"""Prepares articles from the bytes of files: parse, split, pack; in one process or many.

Takes jobs, each a file with its bytes, and the settings. Returns each job with the packed articles
of its file and the problems met, in the order of the jobs, whatever the number of processes.
Refuses nothing: a file without articles gives a problem, and so does one that kills its worker.

Small files are sent to a worker together, to save round trips; a long .jsonl is cut at line ends,
so that one file can occupy several workers.
"""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from importlib import import_module, metadata
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from indexer.errors import SourceError, SourceWarning
from indexer.ingest.titles import is_generic
from indexer.parsing.article import readable_name, retitled
from indexer.parsing.formats.dispatch import import_reader, parse
from indexer.passages import split, under_title
from indexer.settings import Settings
from indexer.sources.files import File
from indexer.store.codec import Packed, pack, unpack
from indexer.text.id_words import count_words
from indexer.text.language import load_detector
from indexer.text.sentences import punkt
from indexer.worker_pool import NoWorkers, WorkerLost, WorkerPool

# Code and libraries that decide how bytes become passages: if any changes, every file is prepared
# again.
_STAGES = ("model.py", "parsing", "passages.py", "store", "text", "ingest/titles.py")
_LIBRARIES = (
    "nltk", "lxml", "markdown-it-py", "mdit-py-plugins", "chardet", "py3langid", "webencodings",
    "docutils",
)  # fmt: skip

_ALONE = 1_000_000  # bytes; less work than this is done before workers would have started
_PIECE = 250_000  # bytes sent to a worker at a time
_LARGE = 8_000_000  # bytes; a larger batch is prepared while no other is
_FILES = 100  # files sent to a worker at a time
_PATIENCE = 120.0  # seconds of processor time for a file, and as many for each of its megabytes
LINE_FORMATS = frozenset({"jsonl", "ndjson"})  # formats with one article per line
RECORD_FORMATS = LINE_FORMATS | {"xml", "zip"}  # formats whose articles have their own titles

Work = list[tuple[File, bytes | None]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The articles of one file, and the problems in it."""

    articles: tuple[Packed, ...]
    problems: tuple[SourceError, ...]
    title: str = ""  # a plain text's own title
    warnings: tuple[SourceWarning, ...] = ()


class _OutOfTimeError(BaseException):
    """Reading a file took too long. Not an `Exception`, which a parser might catch."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raises `_OutOfTimeError` after this much processor time; only in a main thread, and not on
    Windows, since it needs signals."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return

    def stop(*_: object) -> None:
        raise _OutOfTimeError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def prepare(file: File, data: bytes, settings: Settings) -> Prepared:
    """The packed articles in the bytes of `file`, and its problems."""
    source = file.with_data(data)
    seconds = _PATIENCE * (1 + len(data) / 1e6)
    try:
        with _limited(seconds):
            parsed = parse(source, settings)
            articles = parsed.articles
            own = articles[0].title if file.format == "txt" and articles else ""
            if len(articles) == 1 and file.format not in RECORD_FORMATS:
                articles = (retitled(articles[0], title_of(articles[0].title, file, settings)),)
            packed = tuple(
                pack(article, split(article, settings), source=file.source, root=file.root)
                for article in articles
            )
    except SourceError as error:
        return Prepared((), (error,))
    except _OutOfTimeError:
        reason = f"not read after {seconds:.0f} s of processor time"
    except Exception as error:  # one odd file must not keep ten thousand others out of the index
        reason = f"can't be parsed ({type(error).__name__}: {error})".replace("\n", " ")
    else:
        return Prepared(packed, parsed.problems, own, parsed.warnings)
    return Prepared((), (SourceError(file.path, reason, "simplify it or leave it out"),))


def title_of(own: str, file: File, settings: Settings) -> str:
    """The title to use for a file's only article, whose own title is `own`; see `titles`."""
    if file.title:
        return file.title
    is_doubtful = file.format == "txt" and (file.by_name or is_generic(own))
    return readable_name(file.path) if settings.title_from == "name" or is_doubtful else own


def with_title(packed: Packed, title: str) -> Packed:
    """An article under another title."""
    entry = packed.entry
    stored = unpack(entry, packed.payload)
    article = retitled(stored.article, title)
    passages = under_title(article, stored.passages)
    return pack(article, passages, source=entry.source, root=entry.root)


def prepare_each(work: Work, settings: Settings) -> list[Prepared]:
    """Prepare each of these files that has bytes: the function that workers are sent."""
    nothing = Prepared((), ())
    return [nothing if d is None else prepare(file, d, settings) for file, d in work]


def preload(formats: Iterable[str], language: str) -> None:
    """Import and load what preparing files of these formats, mostly in this language, needs."""
    for form in formats:
        import_reader(form)
    import_module("indexer.parsing.plain_text.line_model").load_model()
    punkt(language)
    count_words("é")  # loads the patterns for letters beyond ASCII
    load_detector()


# --- many files --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileJob:
    """A file, and its bytes if it must be prepared."""

    file: File
    digest: str = ""
    data: bytes | None = None
    problem: SourceError | None = None  # why there are no bytes


class _Unit(NamedTuple):
    """A file or a piece of a file, prepared by one call; or a job without bytes."""

    job: FileJob
    file: File  # with the number of the first line of the piece
    piece: bytes | None
    is_last: bool = True  # whether it is the last of its job


_Batch = list[_Unit]


def prepare_all(
    jobs: Iterable[FileJob], settings: Settings, pool: WorkerPool
) -> Iterator[tuple[FileJob, Prepared]]:
    """Yield each job with its articles, in order; none for a job without bytes.

    Reads ahead about twice as many batches of jobs as there are workers.
    """
    held: list[Prepared] = []
    for batch, results in _results(
        _batches(unit for job in jobs for unit in _units(job)), settings, pool
    ):
        for unit, prepared in zip(batch, results, strict=True):
            held.append(prepared)
            if unit.is_last:
                yield unit.job, _joined(unit.job, held, settings)
                held = []


def _joined(job: FileJob, pieces: list[Prepared], settings: Settings) -> Prepared:
    """The results of a job's pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    if job.data is not None and any(not p.line for piece in pieces for p in piece.problems):
        return prepare(job.file, job.data, settings)  # a piece may fail where the whole does not
    return Prepared(
        tuple(chain.from_iterable(piece.articles for piece in pieces)),
        tuple(chain.from_iterable(piece.problems for piece in pieces)),
        warnings=tuple(chain.from_iterable(piece.warnings for piece in pieces)),
    )


# --- cutting and gathering ---------------------------------------------------------------------


def _units(job: FileJob) -> Iterator[_Unit]:
    """A job as one unit, or as several if its lines can be read separately.

    That needs text whose pieces certainly have the same encoding: only UTF-8 is cut.
    """
    data = job.data
    if data is None or job.file.format not in LINE_FORMATS or len(data) <= 2 * _PIECE:
        yield _Unit(job, job.file, data)
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        yield _Unit(job, job.file, data)
        return
    start, line = 0, job.file.line
    while start < len(data):
        end = data.find(b"\n", start + _PIECE) + 1 or len(data)
        yield _Unit(job, replace(job.file, line=line), data[start:end], end == len(data))
        line += data.count(b"\n", start, end)
        start = end


def _batches(units: Iterable[_Unit]) -> Iterator[_Batch]:
    """Units in batches of about `_PIECE` bytes and at most `_FILES` units."""
    batch: _Batch = []
    size = 0
    for unit in units:
        batch.append(unit)
        size += len(unit.piece or b"")
        if size >= _PIECE or len(batch) >= _FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


_Answer = Future[list[Prepared]] | None  # None: not submitted


def _results(
    batches: Iterator[_Batch], settings: Settings, pool: WorkerPool
) -> Iterator[tuple[_Batch, list[Prepared]]]:
    """Each batch with its results, in order; by workers once there is more work than `_ALONE`.

    A large batch is prepared while no other is, so memory depends only on the largest.
    """
    held: deque[tuple[_Batch, Work, _Answer]] = deque()
    size = 0

    def settled(most: int) -> Iterator[tuple[_Batch, list[Prepared]]]:
        """Submits all held batches; yields results until at most `most` batches are held."""
        if pool.workers and size > _ALONE:
            formats = {file.format for _, work, _ in held for file, data in work if data}
            pool.preload_with(preload, sorted(formats), settings.language)
            for place, (batch, work, answer) in enumerate(held):
                held[place] = batch, work, answer or pool.submit(prepare_each, work, settings)
        while len(held) > most:
            first, work, answer = held.popleft()
            yield first, _answered(answer, work, settings, pool)

    for batch in batches:
        own = sum(len(unit.piece or b"") for unit in batch)
        size += own
        most = (2 if size > _ALONE else 10) * pool.workers
        if own > _LARGE:
            yield from settled(0)
        held.append((batch, [(unit.file, unit.piece) for unit in batch], None))
        yield from settled(0 if own > _LARGE else most)
    yield from settled(0)


def _answered(
    answer: _Answer, work: Work, settings: Settings, pool: WorkerPool, *, is_second: bool = False
) -> list[Prepared]:
    """The results of `work`; if its worker is lost, each file is tried again alone."""
    try:
        if answer is not None:
            return answer.result()
    except NoWorkers:
        pass
    except WorkerLost:
        if is_second:
            reason = "too much for the parser, which was stopped"
            error = SourceError(work[0][0].path, reason, "split it or leave it out")
            return [Prepared((), (error,))]
        again = [(pool.submit(prepare_each, [item], settings), item) for item in work]
        results = (_answered(task, [item], settings, pool, is_second=True) for task, item in again)
        return list(chain.from_iterable(results))
    return prepare_each(work, settings)


# --- whether a file must be prepared again -----------------------------------------------------


def digest(file: File, data: bytes, settings: Settings) -> str:
    """Digest of everything the articles of a file depend on: bytes, id, settings and program."""
    marks = f"{recipe()} {settings.language} {settings.passage_words} {file.format} {file.id}\0"
    marks += f"{settings.title_from} {file.by_name} {file.title}\0"
    marks += f"{file.encoding} {file.language}\0"
    hasher = blake2b(marks.encode("utf-8", "surrogatepass"), digest_size=16)
    hasher.update(data)
    return hasher.hexdigest()


@cache
def recipe() -> str:
    """Digest of all code and libraries that take part in preparing."""
    hasher = blake2b(digest_size=16)
    for path in _files_of_stages(Path(__file__).parent.parent):
        hasher.update(path.name.encode() + b"\0" + path.read_bytes())
    for library in _LIBRARIES:
        try:
            version = metadata.version(library)
        except metadata.PackageNotFoundError:
            version = ""
        hasher.update(f"{library} {version}\0".encode())
    return hasher.hexdigest()


def _files_of_stages(package: Path) -> Iterator[Path]:
    """The files of code and data in `_STAGES`. Raises `FileNotFoundError` if one is missing."""
    for place in (package / name for name in _STAGES):
        place.stat()
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (file for file in inside if file.suffix in (".py", ".tsv"))
