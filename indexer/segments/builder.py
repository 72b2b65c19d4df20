"""A run in, the arrays of one segment out: vocabulary, positions and tables; and back.

The zones follow one another (content, boilerplate, heads), so that each zone is one range of any
sorted list of token indices; units number through all zones in that order. The same articles give
the same arrays, however many processes made the run.

    forms.*, form_first, positions, frequent.*   see `postings`
    starts[T] uint16/32          where each token begins in the text of its unit (code points)
    unit_tokens[U + 1] uint32    token index at which each unit begins
    block_starts, sentence_starts uint32   token indices that begin a block or a sentence
    text.bytes, text.ends    the texts in UTF-8, and where each begins (bytes)
    article.*, passage.*, head.*, section.*, path.*   see `tables`

The vocabulary: forms sorted by (language, stem, fold, form), so that the forms of one stem, and
those of one fold, are one range of ids in each language.

    form_folds[F] uint32       fold number of each form
    fold_first[G + 1] uint32   first form of each fold
    fold_stems[G] uint32       stem number of each fold
    stem_first[S + 1] uint32   first form of each stem
    language_first[L + 1]      first stem of each language
    fold_order[G] uint32       fold numbers in the order of their strings, which `fold` packs
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain
from operator import ne

import numpy as np

from indexer.segments.postings import pack_frequent, pack_postings
from indexer.segments.segment import Segment
from indexer.segments.strings import Strings, narrowed, pack_strings
from indexer.segments.tables import (
    ARTICLE_COLUMNS,
    ARTICLE_TEXTS,
    HEAD_COLUMNS,
    PASSAGE_COLUMNS,
    PASSAGE_ZONES,
    RELATIVE,
    SECTION_COLUMNS,
    ZONES,
    Run,
    to_offsets,
)
from indexer.sorted_arrays import Array
from indexer.text.folding import fold
from indexer.text.stemming import stem


def assemble(run: Run) -> tuple[dict[str, Array], dict[str, object]]:
    """Arrays and facts of the segment that holds the articles of `run`, whose forms are sorted."""
    edges = {group: to_offsets(counts) for group, counts in run.counts.items()}
    columns = _moved(run, edges, 1)
    languages = sorted(set(run.texts["articles/language"]))
    arrays = _vocabulary(run.forms, languages)
    arrays |= pack_strings("compound", sorted(run.compounds))
    arrays |= pack_strings("root", sorted(run.roots))
    forms = np.concatenate([columns[f"{zone}.tokens/form"] for zone in ZONES])
    counts = np.bincount(forms, minlength=len(run.forms))
    arrays |= pack_postings(forms, counts, arrays["stem_first"])
    arrays |= _texts(columns)
    units = [int(edges[zone][-1]) for zone in ZONES]
    arrays |= pack_frequent(arrays, units[0] + units[1])
    arrays |= _articles(run, edges) | _passages(run, columns) | _headings(run, columns, edges)
    facts: dict[str, object] = {
        "languages": languages,
        "units": units,
        "tokens": [int(edges[f"{zone}.tokens"][-1]) for zone in ZONES],
    }
    return arrays, facts


def _moved(run: Run, edges: dict[str, Array], sign: int) -> dict[str, Array]:
    """The columns of a run; those that count from the first row of their article count from the
    first row of all (`sign` 1), or the other way round (-1)."""
    columns = dict(run.columns)
    for name, group in RELATIVE.items():
        column = columns[name].astype(np.int64)
        bases = np.repeat(edges[group][:-1], run.counts[name.partition("/")[0]])
        columns[name] = np.where(column < 0, column, column + sign * bases)
    return columns


# --- vocabulary --------------------------------------------------------------------------------


def _vocabulary(entries: Sequence[str], languages: Sequence[str]) -> dict[str, Array]:
    """Arrays of the vocabulary, of the forms of a run."""
    parts = "\0".join(entries).split("\0") if entries else []
    stems, folds, forms = parts[1::4], parts[2::4], parts[3::4]
    spoken = [bisect_left(entries, f"{language}\0") for language in languages]
    spoken.append(len(entries))  # first form of each language
    starts_stem = _changes(stems, spoken)
    starts_fold = starts_stem | _changes(folds, spoken)
    of_stems, of_folds = np.flatnonzero(starts_stem), np.flatnonzero(starts_fold)
    fold_stems = np.cumsum(starts_stem[of_folds]) - 1
    words = [folds[i] for i in of_folds.tolist()]
    order = sorted(range(len(words)), key=words.__getitem__)
    arrays: dict[str, Array] = {
        "form_folds": (np.cumsum(starts_fold) - 1).astype(np.uint32),
        "fold_first": np.append(of_folds, len(forms)).astype(np.uint32),
        "fold_stems": fold_stems.astype(np.uint32),
        "stem_first": np.append(of_stems, len(forms)).astype(np.uint32),
        "language_first": of_stems.searchsorted(spoken).astype(np.uint32),
        "fold_order": np.array(order, np.uint32),
    }
    arrays |= pack_strings("form", forms)
    arrays |= pack_strings("stem", [stems[i] for i in of_stems.tolist()])
    return arrays | pack_strings("fold", [words[i] for i in order])


def _changes(texts: Sequence[str], bounds: Sequence[int]) -> Array:
    """Which texts differ from the one before, or begin at one of these places (bool)."""
    new = np.ones(len(texts), bool)
    new[1:] = np.fromiter(map(ne, texts[1:], texts), bool, max(len(texts) - 1, 0))
    new[[at for at in bounds if at < len(texts)]] = True
    return new


# --- texts and tables --------------------------------------------------------------------------


def _texts(columns: dict[str, Array]) -> dict[str, Array]:
    """The texts of all units, and where tokens, sentences and blocks begin in them."""

    def every(name: str) -> Array:
        return np.concatenate([columns[f"{zone}{name}"] for zone in ZONES])

    tokens = np.cumsum([0, *(columns[f"{zone}/tokens"].sum() for zone in ZONES)])[:-1]
    marks = {
        f"{what[:-1]}_starts": np.concatenate(
            [columns[f"{zone}.{what}/token"] + base for zone, base in zip(ZONES, tokens)]
        ).astype(np.uint32)
        for what in ("blocks", "sentences")
    }
    return marks | {
        "unit_tokens": to_offsets(every("/tokens")).astype(np.uint32),
        # of 32 bits if the starts of one of the zones are
        "starts": np.concatenate((np.zeros(0, np.uint16), every(".tokens/start"))),
        "text.bytes": every(".bytes/text"),
        "text.ends": narrowed(to_offsets(every("/bytes"))),
    }


def _articles(run: Run, edges: dict[str, Array]) -> dict[str, Array]:
    """Columns of the articles."""
    content, boilerplate, heads = (edges[zone] for zone in ZONES)
    bounds = (content[:-1], content[1:], boilerplate[:-1], boilerplate[1:], heads[:-1])
    out: dict[str, Array] = {}
    for name in ARTICLE_TEXTS:
        out |= pack_strings(f"article.{name}", run.texts[f"articles/{name}"])
    for name, column in zip(ARTICLE_COLUMNS, bounds, strict=True):
        out[f"article.{name}"] = column.astype(np.uint32)
    return out


def _passages(run: Run, columns: dict[str, Array]) -> dict[str, Array]:
    """Columns of the passages, those of boilerplate after all others."""

    def both(name: str) -> Array:
        return np.concatenate([columns[f"{zone}{name}"] for zone in PASSAGE_ZONES])

    for zone in PASSAGE_ZONES:
        columns[f"{zone}/article"] = _owners(run.counts[zone])
    out = {f"passage.{n}": both(f"/{n}").astype(dtype) for n, dtype in PASSAGE_COLUMNS.items()}
    out["passage.by_id"] = np.argsort(out["passage.id"], kind="stable").astype(np.uint32)
    anchors = chain.from_iterable(run.texts[f"{zone}/anchor"] for zone in PASSAGE_ZONES)
    out |= pack_strings("passage.anchor", list(anchors))
    out["passage.breaks_first"] = to_offsets(both("/breaks")).astype(np.uint32)
    out["passage.breaks"] = both(".breaks/offset")
    return out


def _headings(run: Run, columns: dict[str, Array], edges: dict[str, Array]) -> dict[str, Array]:
    """Columns of heads and sections.

    `head.stand_in`: of a head with no passage of content below it the next one of its article, else
    the last; -1 of all others. `head.parent`: the heading above, -1 of titles and top headings;
    `head.level`: how many headings are above, and itself, 0 of titles.
    """
    out: dict[str, Array] = {"head.article": _owners(run.counts["heads"]).astype(np.uint32)}
    for name, dtype in HEAD_COLUMNS.items():
        out[f"head.{name}"] = columns[f"heads/{name}"].astype(dtype)
    parents, heads = (columns[f"sections/{name}"] for name in SECTION_COLUMNS)
    out["section.article"] = _owners(run.counts["sections"]).astype(np.int32)
    out["section.parent"], out["section.head"] = parents.astype(np.int32), heads.astype(np.int32)
    texts = run.texts["sections/path"]
    paths = {path: number for number, path in enumerate(dict.fromkeys(texts))}
    out["section.path"] = np.array([paths[path] for path in texts], np.uint32)
    out |= pack_strings("path", list(paths))
    words = columns["heads/tokens"][heads]
    out["section.words"] = _chain_sums(parents, words).astype(np.uint32)
    first, last, content = columns["heads/first"], columns["heads/last"], edges["content"]
    firsts, lasts = (edge[out["head.article"]] for edge in (content[:-1], content[1:]))
    following = np.where(first < lasts, first, lasts - 1)
    stand_in = np.where((first < last) | (firsts == lasts), -1, following)
    parent, level = np.full(first.size, -1), np.zeros(first.size)
    parent[heads] = np.where(parents >= 0, heads[parents], -1)
    level[heads] = _chain_sums(parents, np.ones(heads.size, np.int64))
    for name, column in (("stand_in", stand_in), ("parent", parent), ("level", level)):
        out[f"head.{name}"] = column.astype(np.int32)
    return out


def _owners(counts: Array) -> Array:
    """The article of each row, of the rows of each article."""
    return np.repeat(np.arange(counts.size), counts)


def _chain_sums(parents: Array, own: Array) -> Array:
    """Sums over each section and those above it; a parent comes before its children."""
    total = own.tolist()
    for i, parent in enumerate(parents.tolist()):
        if parent >= 0:
            total[i] += total[parent]
    return np.array(total, np.int64)


# --- and back ----------------------------------------------------------------------------------


def read_back(segment: Segment) -> Run:
    """The articles of a segment as a run, of which `assemble` makes it again."""
    c, column, contents = segment.container, segment.column, segment.contents
    unit_edges = (0, contents, segment.passages, segment.passages + segment.heads)
    tokens, ends = segment.unit_tokens.astype(np.int64), segment.text_ends.astype(np.int64)
    articles, anchors = segment.articles, Strings(c, "passage.anchor")[:]
    owners = np.concatenate((column("passage.article"), column("head.article")))
    counts = {"articles": np.ones(articles, np.int64)}
    counts["sections"] = np.bincount(column("section.article"), minlength=articles)
    paths = segment.paths[:]
    texts = {f"articles/{name}": Strings(c, f"article.{name}")[:] for name in ARTICLE_TEXTS}
    texts["sections/path"] = [paths[number] for number in column("section.path").tolist()]
    columns = {f"sections/{name}": column(f"section.{name}") for name in SECTION_COLUMNS}
    columns |= {f"heads/{name}": column(f"head.{name}") for name in HEAD_COLUMNS}
    for zone, low, high in zip(ZONES, unit_edges, unit_edges[1:]):
        first, last = int(tokens[low]), int(tokens[high])
        counts[zone] = np.bincount(owners[low:high], minlength=articles)
        units = low + to_offsets(counts[zone])
        for what, edges in (("tokens", tokens), ("bytes", ends)):
            columns[f"{zone}/{what}"] = np.diff(edges[low : high + 1])
            counts[f"{zone}.{what}"] = np.diff(edges[units])
        columns[f"{zone}.tokens/form"] = segment.forms_between(first, last)
        columns[f"{zone}.tokens/start"] = c["starts"][first:last]
        columns[f"{zone}.bytes/text"] = c["text.bytes"][ends[low] : ends[high]]
        for what in ("blocks", "sentences"):
            starts = column(f"{what[:-1]}_starts")
            at = starts.searchsorted(tokens[units].astype(starts.dtype))
            counts[f"{zone}.{what}"] = np.diff(at)
            columns[f"{zone}.{what}/token"] = starts[at[0] : at[-1]].astype(np.int64) - first
        if zone in PASSAGE_ZONES:
            texts[f"{zone}/anchor"] = anchors[low:high]
            for name in PASSAGE_COLUMNS.keys() - {"article"}:
                columns[f"{zone}/{name}"] = column(f"passage.{name}")[low:high]
            breaks = column("passage.breaks_first").astype(np.int64)
            columns[f"{zone}/breaks"] = np.diff(breaks[low : high + 1])
            counts[f"{zone}.breaks"] = np.diff(breaks[units])
            columns[f"{zone}.breaks/offset"] = column("passage.breaks")[breaks[low] : breaks[high]]
    run = Run(counts, columns, texts, "", _entries(segment), set(), set())
    run.compounds, run.roots = set(Strings(c, "compound")[:]), set(Strings(c, "root")[:])
    run.columns = _moved(run, {group: to_offsets(counts[group]) for group in counts}, -1)
    return run


def _entries(segment: Segment) -> list[str]:
    """The forms of a segment as a run has them, folded and stemmed again."""
    vocabulary = segment.vocabulary
    firsts = vocabulary.stem_first[segment.column("language_first")]
    forms = zip(np.repeat(vocabulary.languages, np.diff(firsts)).tolist(), vocabulary.forms[:])
    folded = ((language, fold(form), form) for language, form in forms)
    return [f"{language}\0{stem(f, language)}\0{f}\0{form}" for language, f, form in folded]
