"""Helpers for tests of typed queries: pieces to make queries of, and walks through trees."""

from __future__ import annotations

from collections.abc import Iterator

from whoosh import query

from indexer.query.parser import Parsed
from indexer.text.tokenizer import tokenize

# Pieces of the query language, and much that is not part of it.
PIECES = [
    *(
        "a",
        "pain",
        "taper*",
        "t?per",
        "*itis",
        "elvil~",
        "elvil~2",
        "anti-x",
        "25mg",
        "1,000",
        "25",
    ),
    *(
        "AND",
        "OR",
        "NOT",
        "ANDNOT",
        "NEAR",
        "NEAR/5",
        "NEAR/s",
        "(",
        ")",
        "((",
        "))",
        "-",
        "+",
        "--",
    ),
    *(
        '"',
        '"',
        "“",
        "”",
        "„",
        "«",
        "»",
        "’",
        "'",
        '22"',
        "~",
        "~1",
        "~9",
        "*",
        "?",
        ":",
        "/",
        "\\",
    ),
    *(
        "title:",
        "section:",
        "text:",
        "article:",
        "kind:",
        "kind:quote",
        "url:",
        "://",
        ".",
        ",",
        "&",
    ),
    *("\0", "\x1b", "\ud800", "\udfff", "\u200b", "\u202e", "\ufeff", "\u00ad", "é", "e\u0301"),
    *("疼痛", "ปวด", "İ", "ß", "ﬁ", "😀", "_", "^2", "[", "]", "{", "}", "|", "<", ">", "\t", "\n"),
]


def words(tree: query.Query) -> Iterator[str]:
    """All words of a tree, as typed, in order."""
    if isinstance(tree, query.Phrase):
        yield from tree.words
    elif tree.is_leaf():
        yield getattr(tree, "text", "")
    for part in tree.children():
        yield from words(part)


def tokens(tree: query.Query) -> list[str]:
    """All tokens of a tree, in order."""
    return [form for word in words(tree) for form in tokenize(word).forms]


def walk(tree: query.Query) -> Iterator[query.Query]:
    """The tree and all trees in it."""
    yield tree
    for part in tree.children():
        yield from walk(part)


def check_sound(parsed: Parsed) -> None:
    """Check the properties of a tree that matching relies on."""
    assert all(note and note == note.strip() for note in parsed.notes)
    assert len(set(parsed.notes)) == len(parsed.notes)
    "\n".join(parsed.notes).encode("utf-8")
    if parsed.tree is query.NullQuery:
        assert parsed.notes
        return
    assert not isinstance(parsed.tree, query.Not)
    for node in walk(parsed.tree):
        assert node is not query.NullQuery
        if isinstance(node, query.And):
            assert len(node) > 1
            assert not all(isinstance(part, query.Not) for part in node)
            assert not any(isinstance(part, query.And) for part in node)
        elif isinstance(node, query.Or):
            assert len(node) > 1
            assert not any(isinstance(part, (query.Or, query.Not)) for part in node)
        elif isinstance(node, query.Phrase):
            assert node.slop >= 1
            assert all(word == "*" or tokenize(word.strip("*?")).forms for word in node.words)
            assert tokenize(node.words[0].strip("*?")).forms
        elif isinstance(node, query.FuzzyTerm):
            assert node.maxdist in (1, 2)
            assert any(form.isalpha() or not form.isascii() for form in tokenize(node.text).forms)
        elif isinstance(node, (query.Prefix, query.Wildcard)):
            assert node.text.strip("*?")
        elif isinstance(node, query.Term) and node.fieldname not in ("article", "kind"):
            assert tokenize(node.text).forms
