"""From files' bytes to articles ready to be stored: parse, split, pack; in one process or many.

In: jobs, each a file with its bytes, and the settings. Out: each job with what its file gave, its
articles packed and what of it was skipped, in the order of the jobs; how many processes do it makes
no difference. Refuses nothing: a file that gives no article gives a problem, and so does one that
kills the worker that parses it.

Small files are handed to a worker together, so that a pipe is not asked for each; a long .jsonl is
cut at line ends, so that one file can occupy several workers.
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
from indexer.text.language import load_detector
from indexer.text.naming import count_words
from indexer.text.sentences import punkt
from indexer.worker_pool import NoWorkers, WorkerLost, WorkerPool

# What decides how bytes become passages: with any of it changed, every file is prepared again.
_STAGES = ("model.py", "parsing", "passages.py", "store", "text", "ingest/titles.py")
_LIBRARIES = (
    "nltk", "lxml", "markdown-it-py", "mdit-py-plugins", "chardet", "py3langid", "webencodings",
    "docutils",
)  # fmt: skip

_ALONE = 1_000_000  # bytes: less work than this is done sooner than workers have started
_PIECE = 250_000  # bytes handed to a worker at a time
_LARGE = 8_000_000  # bytes of what is prepared alone
_FILES = 100  # files handed to a worker at a time
_PATIENCE = 120.0  # seconds of processor time for a file, and as many for each of its megabytes
LINES = frozenset({"jsonl", "ndjson"})  # formats in which each line stands for itself
RECORDS = LINES | {"xml", "zip"}  # formats of articles that have titles of their own

Work = list[tuple[File, bytes | None]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one file gave."""

    articles: tuple[Packed, ...]
    problems: tuple[SourceError, ...]
    title: str = ""  # that a plain text had of its own
    warnings: tuple[SourceWarning, ...] = ()


class _OutOfTimeError(BaseException):
    """Reading a file took too long. Whoever expects faults of a file does not expect this one."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raises `_OutOfTimeError` once this took so much processor time; in a main thread alone, and
    not on Windows: signals are heard nowhere else."""
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
    """The articles in the bytes of `file`, packed, and what could not be used."""
    source = file.with_data(data)
    seconds = _PATIENCE * (1 + len(data) / 1e6)
    try:
        with _limited(seconds):
            parsed = parse(source, settings)
            articles = parsed.articles
            own = articles[0].title if file.format == "txt" and articles else ""
            if len(articles) == 1 and file.format not in RECORDS:
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
    """The title of a file's only article, which has one of its own; see `titles`."""
    if file.title:
        return file.title
    is_doubtful = file.format == "txt" and (file.by_name or is_generic(own))
    return readable_name(file.path) if settings.title_from == "name" or is_doubtful else own


def renamed(packed: Packed, title: str) -> Packed:
    """An article under another title."""
    entry = packed.entry
    stored = unpack(entry, packed.payload)
    article = retitled(stored.article, title)
    passages = under_title(article, stored.passages)
    return pack(article, passages, source=entry.source, root=entry.root)


def prepare_each(work: Work, settings: Settings) -> list[Prepared]:
    """What each of these files gives, if there are bytes: the call that a worker is asked for."""
    nothing = Prepared((), ())
    return [nothing if d is None else prepare(file, d, settings) for file, d in work]


def get_ready(formats: Iterable[str], language: str) -> None:
    """Imports and loads what files of these formats need: most in that language."""
    for form in formats:
        import_reader(form)
    import_module("indexer.parsing.plain_text.line_model").load_model()
    punkt(language)
    count_words("é")  # patterns for other letters than those of ASCII
    load_detector()


# --- many files --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileJob:
    """A file, and its bytes if it is to be prepared."""

    file: File
    digest: str = ""
    data: bytes | None = None
    problem: SourceError | None = None  # why there are no bytes


class _Unit(NamedTuple):
    """What is prepared at once: a file or a piece of one; or a job that has nothing to do."""

    job: FileJob
    file: File  # with the number of the first line of the piece
    piece: bytes | None
    is_last: bool = True  # of its job


_Batch = list[_Unit]


def prepare_all(
    jobs: Iterable[FileJob], settings: Settings, pool: WorkerPool
) -> Iterator[tuple[FileJob, Prepared]]:
    """Each job with its articles, in order; none for a job without bytes.

    Of the jobs, about twice as many batches as there are workers are read ahead.
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
        return prepare(job.file, job.data, settings)  # a piece may seem worse than the whole
    return Prepared(
        tuple(chain.from_iterable(piece.articles for piece in pieces)),
        tuple(chain.from_iterable(piece.problems for piece in pieces)),
        warnings=tuple(chain.from_iterable(piece.warnings for piece in pieces)),
    )


# --- cutting and gathering ---------------------------------------------------------------------


def _units(job: FileJob) -> Iterator[_Unit]:
    """A job whole, or in pieces if its lines may be read apart.

    That takes text of which each piece is in the same encoding for certain.
    """
    data = job.data
    if data is None or job.file.format not in LINES or len(data) <= 2 * _PIECE:
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
    """Small files together, so that a pipe is not asked for each."""
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


_Answer = Future[list[Prepared]] | None  # None: not asked for


def _results(
    batches: Iterator[_Batch], settings: Settings, pool: WorkerPool
) -> Iterator[tuple[_Batch, list[Prepared]]]:
    """Each batch with its results, in order; by workers once it is clear that there is much.

    A large file is prepared while no other is, so that memory follows the largest alone.
    """
    held: deque[tuple[_Batch, Work, _Answer]] = deque()
    size = 0

    def settled(most: int) -> Iterator[tuple[_Batch, list[Prepared]]]:
        """What is held, but for the last `most`, after all of it was handed on."""
        if pool.workers and (size > _ALONE or pool.has_begun):
            formats = {file.format for _, work, _ in held for file, data in work if data}
            pool.begin_with(get_ready, sorted(formats), settings.language)
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
    """The results of `work`; if its worker is lost, each file is tried again by itself."""
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
        again = [(pool.submit(prepare_each, [one], settings), one) for one in work]
        tried = (_answered(asked, [one], settings, pool, is_second=True) for asked, one in again)
        return list(chain.from_iterable(tried))
    return prepare_each(work, settings)


# --- whether a file must be prepared again -----------------------------------------------------


def digest(file: File, data: bytes, settings: Settings) -> str:
    """What the articles of a file depend on: its bytes, its id, the settings, the program."""
    marks = f"{recipe()} {settings.language} {settings.passage_words} {file.format} {file.id}\0"
    marks += f"{settings.title_from} {file.by_name} {file.title}\0"
    marks += f"{file.encoding} {file.language}\0"
    hasher = blake2b(marks.encode("utf-8", "surrogatepass"), digest_size=16)
    hasher.update(data)
    return hasher.hexdigest()


@cache
def recipe() -> str:
    """A digest of all code and libraries that take part in preparing."""
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
    """The files of code in these places. Raises `FileNotFoundError` for a place that is missing."""
    for place in (package / name for name in _STAGES):
        place.stat()
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (file for file in inside if file.suffix in (".py", ".tsv"))
