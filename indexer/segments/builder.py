"""A run in, the arrays of one segment out: vocabulary, positions and tables; and back.

The zones follow one another (content, boilerplate, heads), so that each zone is one range of any
sorted list of token indices; units number through all zones in that order. The same articles give
the same arrays, however many processes made the run.

    forms.*, form_first, positions, frequent.*   see `postings`
    starts[T] uint16/32          where each token begins in the text of its unit (code points)
    unit_tokens[U + 1] uint32    token index at which each unit begins
    block_starts, sentence_starts uint32   token indices that begin a block or a sentence
    text.bytes, text.ends    the texts in UTF-8, and where each begins (bytes)

Form ids number the vocabulary sorted by (language, stem, fold, form).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, pairwise

import numpy as np

from indexer.segments.numbering import number_vocabulary
from indexer.segments.postings import pack_frequent, pack_postings
from indexer.segments.segment import Segment
from indexer.segments.strings import Strings, narrowed, pack_strings
from indexer.segments.tables import (
    ARTICLE_COLUMNS,
    ARTICLE_TEXTS,
    HEAD_COLUMNS,
    PASSAGE_COLUMNS,
    SECTION_COLUMNS,
    ZONES,
    Run,
    Words,
    ZoneRun,
    to_offsets,
)
from indexer.sorted_arrays import Array
from indexer.text.folding import fold
from indexer.text.stemming import stem


def assemble(run: Run, words: Sequence[Words]) -> tuple[dict[str, Array], dict[str, object]]:
    """Arrays and facts of the segment that holds the articles of `run`, with the words of those
    who made it and nothing but these."""
    zones = [run.zones[name] for name in ZONES]
    with ThreadPoolExecutor(1) as thread:  # NumPy needs the interpreter less than a vocabulary does
        texts = thread.submit(_texts, zones)
        arrays, renumber = number_vocabulary([maker.entries for maker in words])
        for name, lines in (
            ("compound", [maker.compounds for maker in words]),
            ("root", [maker.roots for maker in words]),
        ):
            arrays |= pack_strings(name, sorted(set().union(*lines)))
        forms = _forms(zones, renumber)
        counts = np.bincount(forms, minlength=arrays["form_folds"].size)
        arrays |= pack_postings(forms, counts, arrays["stem_first"])
        arrays |= texts.result()
    arrays |= pack_frequent(arrays, zones[0].units + zones[1].units)
    head_words = _concatenate(zones[2].sizes, np.int64)
    arrays |= _articles(run) | _passages(run) | _sections(run, head_words)
    facts: dict[str, object] = {
        "languages": sorted({language for maker in words for language in maker.entries}),
        "units": [z.units for z in zones],
        "tokens": [sum(int(s.sum()) for s in z.sizes) for z in zones],
    }
    return arrays, facts


# --- tables ------------------------------------------------------------------------------------


def _articles(run: Run) -> dict[str, Array]:
    """Columns of the articles."""
    out: dict[str, Array] = {}
    for name in ARTICLE_TEXTS:
        out |= pack_strings(f"article.{name}", run.texts[name])
    for name, column in zip(ARTICLE_COLUMNS, run.articles.T, strict=True):
        out[f"article.{name}"] = column.astype(np.uint32)
    return out


def _passages(run: Run) -> dict[str, Array]:
    """Columns of the passages, those of boilerplate after all others."""
    zones = ("content", "boilerplate")
    out = {
        f"passage.{name}": np.concatenate([run.passages[zone][name] for zone in zones])
        for name in PASSAGE_COLUMNS
    }
    out["passage.by_id"] = np.argsort(out["passage.id"], kind="stable").astype(np.uint32)
    anchors = chain.from_iterable(run.anchors[zone] for zone in zones)
    out |= pack_strings("passage.anchor", list(anchors))
    sizes = np.concatenate([run.break_sizes[zone] for zone in zones])
    out["passage.breaks_first"] = to_offsets(sizes).astype(np.uint32)
    out["passage.breaks"] = np.concatenate([run.breaks[zone] for zone in zones])
    return out


def _sections(run: Run, head_words: Array) -> dict[str, Array]:
    """Columns of heads and sections; `head_words` is the number of words of each head."""
    out: dict[str, Array] = {}
    for name, column in zip(HEAD_COLUMNS, run.heads.T, strict=True):
        out[f"head.{name}"] = column.astype(np.uint8 if name == "title" else np.uint32)
    for name, column in zip(SECTION_COLUMNS, run.sections.T, strict=True):
        out[f"section.{name}"] = column.astype(np.int32)
    out |= _headings(run)
    paths: dict[tuple[str, ...], int] = {}
    numbers = [paths.setdefault(path, len(paths)) for path in run.paths]
    out["section.path"] = np.array(numbers, np.uint32)
    out |= pack_strings("path", ["\n".join(path) for path in paths])
    out["section.words"] = _chain_sums(run.sections[:, 1], head_words[run.sections[:, 2]])
    return out


def _headings(run: Run) -> dict[str, Array]:
    """What stands above each head, and which passage stands for it (int32, -1 for none).

    A head with no passage of content below it is stood for by the next one of its article, else by
    the last. Titles and top headings have no parent; titles are of level 0.
    """
    article, first, last = run.heads[:, :3].T
    firsts, lasts = run.articles[article, :2].T
    following = np.where(first < lasts, first, lasts - 1)
    stand_in = np.where((first < last) | (firsts == lasts), -1, following)
    parents, heads = run.sections[:, 1:3].T
    parent, level = np.full(len(run.heads), -1), np.zeros(len(run.heads), np.int64)
    parent[heads] = np.where(parents >= 0, heads[parents], -1)
    level[heads] = _chain_sums(parents, np.ones(heads.size, np.int64))
    columns = {"stand_in": stand_in, "parent": parent, "level": level}
    return {f"head.{name}": column.astype(np.int32) for name, column in columns.items()}


def _chain_sums(parents: Array, own: Array) -> Array:
    """Sums over each section and those above it (uint32); a parent comes before its children."""
    total = own.astype(np.int64).tolist()
    for i, parent in enumerate(parents.tolist()):
        if parent >= 0:
            total[i] += total[parent]
    return np.array(total, np.uint32)


# --- tokens and texts --------------------------------------------------------------------------


def _forms(zones: Sequence[ZoneRun], renumber: Sequence[Mapping[str, Array]]) -> Array:
    """The form id of each token (uint32)."""
    every = [
        (renumber[maker][language], ids)
        for zone in zones
        for maker, language, ids in zip(zone.makers, zone.languages, zone.ids, strict=True)
    ]
    forms = np.empty(sum(ids.size for _, ids in every), np.uint32)
    at = 0
    for table, ids in every:
        table.take(ids, mode="clip", out=forms[at : at + ids.size])
        at += ids.size
    return forms


def _texts(zones: Sequence[ZoneRun]) -> dict[str, Array]:
    """The texts of all units, and where tokens, sentences and blocks begin in them."""
    sizes = _concatenate([s for z in zones for s in z.sizes], np.int64)
    raw = [piece for z in zones for piece in z.raw]
    raw_sizes = [s for z in zones for s in z.raw_sizes]
    starts = [piece for z in zones for piece in z.starts]
    return {
        "unit_tokens": to_offsets(sizes).astype(np.uint32),
        "starts": _concatenate(starts, np.uint16),  # of 32 bits if one of the pieces is
        "block_starts": _shifted(zones, "blocks"),
        "sentence_starts": _shifted(zones, "sentences"),
        "text.bytes": _concatenate(raw, np.uint8),
        "text.ends": narrowed(to_offsets(_concatenate(raw_sizes, np.int64))),
    }


def _concatenate(arrays: list[Array], dtype: type) -> Array:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)


def _shifted(zones: Sequence[ZoneRun], name: str) -> Array:
    """Token indices of all chunks, moved from their chunk to the segment."""
    out, base = [], 0
    for zone in zones:
        for ids, marks in zip(zone.ids, getattr(zone, name), strict=True):
            out.append(marks + base)
            base += ids.size
    return _concatenate(out, np.int64).astype(np.uint32)


# --- back again --------------------------------------------------------------------------------


def read_back(segment: Segment) -> tuple[Run, Words]:
    """The articles of a segment as a run with its words, of which `assemble` makes it again."""
    c, column, contents = segment.container, segment.column, segment.contents
    languages, forms = segment.vocabulary.languages, segment.vocabulary.forms[:]
    first_forms = c["stem_first"][c["language_first"]].tolist()
    words = Words(
        entries={
            language: [_entry(form, language) for form in forms[low:high]]
            for language, (low, high) in zip(languages, pairwise(first_forms))
        },
        compounds=set(Strings(c, "compound")[:]),
        roots=set(Strings(c, "root")[:]),
    )
    numbers = dict(zip(languages, first_forms))
    edges = (0, contents, segment.passages, segment.passages + segment.heads)
    zones = ("content", "boilerplate")
    rows = dict(zip(zones, (slice(0, contents), slice(contents, None))))
    anchors, paths = Strings(c, "passage.anchor")[:], segment.paths[:]
    firsts = column("passage.breaks_first").astype(np.int64)
    run = Run(
        zones={z: _zone(segment, numbers, *edge) for z, edge in zip(ZONES, pairwise(edges))},
        texts={name: Strings(c, f"article.{name}")[:] for name in ARTICLE_TEXTS},
        articles=_table(segment, "article", ARTICLE_COLUMNS),
        passages={z: {n: column(f"passage.{n}")[rows[z]] for n in PASSAGE_COLUMNS} for z in zones},
        anchors={zone: anchors[rows[zone]] for zone in zones},
        break_sizes={zone: np.diff(firsts)[rows[zone]] for zone in zones},
        breaks=dict(
            zip(zones, np.split(column("passage.breaks"), firsts[contents : contents + 1]))
        ),
        heads=_table(segment, "head", HEAD_COLUMNS),
        sections=_table(segment, "section", SECTION_COLUMNS),
        paths=[tuple(paths[number].split("\n")) for number in column("section.path").tolist()],
    )
    return run, words


def _entry(form: str, language: str) -> str:
    folded = fold(form)
    return f"{stem(folded, language)}\0{folded}\0{form}"


def _zone(segment: Segment, first_forms: Mapping[str, int], low: int, high: int) -> ZoneRun:
    """The units [low, high) as a zone, a chunk for each stretch of one language."""
    c, zone = segment.container, ZoneRun(units=high - low)
    articles = np.concatenate((c["passage.article"], c["head.article"]))[low:high]
    spoken = np.array(Strings(c, "article.language")[:], object)[articles]
    cuts = np.flatnonzero(spoken[1:] != spoken[:-1]) + 1
    tokens, ends = segment.unit_tokens.astype(np.int64), segment.text_ends.astype(np.int64)
    for begin, end in pairwise([low, *(cuts + low).tolist(), high] if low < high else ()):
        first, last, language = int(tokens[begin]), int(tokens[end]), spoken[begin - low]
        sizes = np.diff(tokens[begin : end + 1])
        ids = segment.forms_between(first, last)
        zone.languages.append(language)
        zone.makers.append(0)
        zone.ids.append(ids - np.uint32(first_forms.get(language, 0)))
        zone.starts.append(c["starts"][first:last])
        zone.sizes.append(sizes)
        for marks, name in ((zone.blocks, "block_starts"), (zone.sentences, "sentence_starts")):
            within = np.searchsorted(c[name], np.array((first, last), np.uint32))
            marks.append(c[name][slice(*within.tolist())].astype(np.int64) - first)
        zone.raw.append(c["text.bytes"][ends[begin] : ends[end]])
        zone.raw_sizes.append(np.diff(ends[begin : end + 1]))
    return zone


def _table(segment: Segment, name: str, columns: Sequence[str]) -> Array:
    """Columns side by side, a row each (int64)."""
    return np.stack([segment.column(f"{name}.{one}").astype(np.int64) for one in columns], axis=1)
