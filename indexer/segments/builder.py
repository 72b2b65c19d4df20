"""Builds the arrays of a segment from a run (vocabulary, postings, tables), and reads them back.

The zones follow one another (content, boilerplate, heads), so each zone is one range of any sorted
list of token indices; units are numbered through all zones in that order. The same articles give
the same arrays, however many processes made the run.

    forms.*, form_first, positions, frequent.*   see `postings`
    starts.*                     token starts, Elias-Fano coded: code points through all units,
                                 as if each unit ended where its last token begins
    starts.low[T] uint8          low byte of each start
    starts.edges uint32          first token at or after each 256th code point, and T
    starts.units[U + 1] uint32/64   where each unit begins
    unit_tokens[U + 1] uint32    token index at which each unit begins
    block_starts, sentence_starts uint32   indices of the tokens that begin a block or a sentence
    hyphens uint32               indices of the tokens joined to the next by a hyphen alone
    text.bytes, text.ends        texts of the units in UTF-8, and where each begins (bytes)
    article.*, passage.*, head.*, path.*   see `runs`; `head.path`: index into `path`, -1 for
                                 titles; `head.words`: tokens of a heading and the headings above

The vocabulary: forms sorted by (language, stem, fold, form), so in each language the forms of a
stem are one range of ids, and so are the forms of a fold.

    fold_first[G + 1] uint32   first form of each fold
    stem_first[S + 1] uint32   first form of each stem
    language_first[L + 1]      first stem of each language
    fold_order[G] uint32       fold numbers in the order of their strings, which `fold` packs
    compound                   hyphenated words, folded and sorted: `joined TAB part part …`
    root                       the same by stem: `root TAB language TAB part part …`, where `root`
                               has only the last part stemmed, or is the stem of the joined word
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import ne

import numpy as np

from indexer.segments.inverter import entry_of
from indexer.segments.postings import pack_frequent, pack_postings
from indexer.segments.runs import (
    ARTICLE_COLUMNS,
    ARTICLE_TEXTS,
    HEAD_COLUMNS,
    PASSAGE_COLUMNS,
    TOKEN_MARKS,
    Run,
    to_offsets,
)
from indexer.segments.segment import Segment
from indexer.segments.strings import Strings, narrowed, pack_strings
from indexer.sorted_arrays import Array
from indexer.text.stemming import stem
from indexer.text.tokenizer import LONGEST_COMPOUND


def segment_arrays(run: Run) -> tuple[dict[str, Array], dict[str, object]]:
    """Arrays and facts of the segment for the articles of `run`. The run's forms must be sorted."""
    n, columns = run.articles, run.rebase(1)
    edges = {group: to_offsets(counts) for group, counts in run.counts.items()}
    languages = sorted({one for names in run.texts["article.language"] for one in names.split(" ")})
    forms, marks = columns["token.form"], columns["token.marks"]
    arrays = {name: np.flatnonzero(marks & b).astype(np.uint32) for name, b in TOKEN_MARKS.items()}
    arrays |= vocabulary_arrays(run.forms, languages)
    arrays |= _hyphenated(run.forms, forms, arrays["hyphens"].astype(np.int64))
    arrays |= pack_postings(forms, arrays["stem_first"])
    arrays |= _starts(columns["token.start"], columns["unit.tokens"])
    arrays |= {
        "unit_tokens": to_offsets(columns["unit.tokens"]).astype(np.uint32),
        "text.bytes": columns["byte.text"],
        "text.ends": narrowed(to_offsets(columns["unit.bytes"])),
    }
    arrays |= pack_frequent(arrays, int(edges["passage"][-1]))
    arrays |= _articles(run, edges) | _passages(run, columns) | _heads(run, columns)
    facts: dict[str, object] = {
        "languages": languages,
        "units": run.counts["unit"].reshape(3, n).sum(1).tolist(),
        "tokens": run.counts["token"].reshape(3, n).sum(1).tolist(),
    }
    return arrays, facts


def _starts(starts: Array, sizes: Array) -> dict[str, Array]:
    """The `starts.*` arrays, from token starts within their units and unit sizes in tokens."""
    points = np.zeros(sizes.size, np.int64)
    points[sizes > 0] = starts[to_offsets(sizes)[1:][sizes > 0] - 1].astype(np.int64) + 1
    units = to_offsets(points)
    places = starts + np.repeat(units[:-1], sizes)
    edges = places.searchsorted(np.arange(0, units[-1], 256))
    return {
        "starts.low": places.astype(np.uint8),
        "starts.edges": np.append(edges, starts.size).astype(np.uint32),
        "starts.units": narrowed(units),
    }


# --- vocabulary --------------------------------------------------------------------------------


def vocabulary_arrays(entries: Sequence[str], languages: Sequence[str]) -> dict[str, Array]:
    """Vocabulary arrays for the sorted forms of a run (see `Run.forms`)."""
    parts = "\0".join(entries).split("\0") if entries else []
    stems, folds, forms = parts[1::4], parts[2::4], parts[3::4]
    language_starts = [bisect_left(entries, f"{language}\0") for language in languages]
    language_starts.append(len(entries))
    starts_stem = _changes(stems, language_starts)
    starts_fold = starts_stem | _changes(folds, language_starts)
    of_stems, of_folds = np.flatnonzero(starts_stem), np.flatnonzero(starts_fold)
    words = [folds[i] for i in of_folds.tolist()]
    order = sorted(range(len(words)), key=words.__getitem__)
    arrays: dict[str, Array] = {
        "fold_first": np.append(of_folds, len(forms)).astype(np.uint32),
        "stem_first": np.append(of_stems, len(forms)).astype(np.uint32),
        "language_first": of_stems.searchsorted(language_starts).astype(np.uint32),
        "fold_order": np.array(order, np.uint32),
    }
    arrays |= pack_strings("form", forms)
    arrays |= pack_strings("stem", [stems[i] for i in of_stems.tolist()])
    return arrays | pack_strings("fold", [words[i] for i in order])


def _changes(texts: Sequence[str], bounds: Sequence[int]) -> Array:
    """Which texts differ from the one before, or have an index in `bounds` (bool)."""
    new = np.ones(len(texts), bool)
    new[1:] = np.fromiter(map(ne, texts[1:], texts), bool, max(len(texts) - 1, 0))
    new[[at for at in bounds if at < len(texts)]] = True
    return new


def _hyphenated(entries: Sequence[str], forms: Array, hyphens: Array) -> dict[str, Array]:
    """Arrays of the hyphenated words, from all tokens' form ids. Nearly all have two parts."""
    begins = np.flatnonzero(np.diff(hyphens, prepend=-2) != 1)
    sizes = np.diff(begins, append=hyphens.size)
    first = hyphens[begins]
    found: set[tuple[int, ...]] = set()
    for size in range(1, LONGEST_COMPOUND):
        tokens = first[sizes == size, None] + np.arange(size + 1)
        found |= set(map(tuple, forms[tokens].tolist()))
    words = set()
    for parts in found:
        languages, _, folds, texts = zip(*(entries[form].split("\0") for form in parts))
        if not texts[0][0].isdigit():
            words.add((languages[0], folds))
    return hyphenated_arrays(words)


def hyphenated_arrays(words: Iterable[tuple[str, Sequence[str]]]) -> dict[str, Array]:
    """Arrays `compound` and `root` for hyphenated words, each given as (language, folded parts)."""
    compounds, roots = set(), set()
    for language, folds in words:
        spaced, start, joined = " ".join(folds), "".join(folds[:-1]), "".join(folds)
        for root in (start + stem(folds[-1], language), stem(joined, language)):
            roots.add(f"{root}\t{language}\t{spaced}")
        compounds.add(f"{joined}\t{spaced}")
    return pack_strings("compound", sorted(compounds)) | pack_strings("root", sorted(roots))


# --- tables ------------------------------------------------------------------------------------


def _articles(run: Run, edges: dict[str, Array]) -> dict[str, Array]:
    """Columns of the articles."""
    n, passages = run.articles, edges["passage"]
    content, boilerplate = passages[: n + 1], passages[n:] - passages[n]
    bounds = (content[:-1], content[1:], boilerplate[:-1], boilerplate[1:], edges["head"][:-1])
    out: dict[str, Array] = {}
    for name in ARTICLE_TEXTS:
        out |= pack_strings(f"article.{name}", run.texts[f"article.{name}"])
    for name, column in zip(ARTICLE_COLUMNS, bounds, strict=True):
        out[f"article.{name}"] = column.astype(np.uint32)
    return out


def _passages(run: Run, columns: dict[str, Array]) -> dict[str, Array]:
    """Columns of the passages."""
    out = {f"passage.{name}": columns[f"passage.{name}"] for name in PASSAGE_COLUMNS}
    articles = np.tile(np.arange(run.articles, dtype=np.uint32), 2)
    out["passage.article"] = np.repeat(articles, run.counts["passage"])
    out["passage.by_id"] = np.argsort(out["passage.id"], kind="stable").astype(np.uint32)
    return out | pack_strings("passage.told", run.texts["passage.told"])


def _heads(run: Run, columns: dict[str, Array]) -> dict[str, Array]:
    """Columns of titles and headings."""
    out = {f"head.{name}": columns[f"head.{name}"] for name in HEAD_COLUMNS}
    articles = np.arange(run.articles, dtype=np.uint32)
    out["head.article"] = np.repeat(articles, run.counts["head"])
    is_title, texts = out["head.level"] == 0, run.texts["head.path"]
    headings = [text for text, above in zip(texts, is_title.tolist()) if not above]
    places = {path: place for place, path in enumerate(dict.fromkeys(headings))}
    out["head.path"] = np.full(len(texts), -1, np.int32)
    out["head.path"][~is_title] = [places[path] for path in headings]
    words = columns["unit.tokens"][columns["unit.tokens"].size - len(texts) :].tolist()
    for head, parent in enumerate(out["head.parent"].tolist()):
        if parent >= 0:  # which comes before it
            words[head] += words[parent]
    out["head.words"] = np.array(words, np.uint32)
    return out | pack_strings("path", list(places))


# --- and back ----------------------------------------------------------------------------------


def read_back(segment: Segment) -> Run:
    """The articles of a segment as a run, from which `segment_arrays` makes the same segment."""
    c, n = segment.container, segment.articles
    zones = (np.arange(segment.passages) >= segment.contents) * n
    counts = {
        "passage": np.bincount(zones + c["passage.article"], minlength=2 * n),
        "head": np.bincount(c["head.article"], minlength=n),
    }
    columns = {f"passage.{name}": c[f"passage.{name}"] for name in PASSAGE_COLUMNS}
    columns |= {f"head.{name}": c[f"head.{name}"] for name in HEAD_COLUMNS}
    columns["unit.tokens"] = np.diff(segment.unit_tokens.astype(np.int64))
    columns["unit.bytes"] = np.diff(c["text.ends"].astype(np.int64))
    marks = np.zeros(segment.tokens, np.uint8)
    for name, bit in TOKEN_MARKS.items():
        marks[c[name]] |= bit
    starts = segment.starts_at(np.arange(segment.tokens)).astype(np.uint32)
    columns |= {"token.marks": marks, "token.start": starts, "byte.text": c["text.bytes"]}
    columns["token.form"] = segment.forms_between(0, segment.tokens)
    names = (*(f"article.{name}" for name in ARTICLE_TEXTS), "passage.told")
    texts = {name: Strings(c, name)[:] for name in names}
    paths = [*segment.paths[:], ""]  # the last is for titles, whose index is -1
    texts["head.path"] = [paths[number] for number in c["head.path"].tolist()]
    vocabulary = segment.vocabulary
    sizes = np.diff(vocabulary.stem_first[c["language_first"]])  # forms of each language
    languages = np.repeat(vocabulary.languages, sizes).tolist()
    forms = [entry_of(form, language) for form, language in zip(vocabulary.forms[:], languages)]
    run = Run(counts, columns, texts, forms)
    run.count_rest()
    run.columns = run.rebase(-1)
    return run
