"""Rules for every article, whatever file it was parsed from."""

from __future__ import annotations

from indexer.model import Article, Block, Source
from indexer.parsing.formats.dispatch import parse


def read(data: str | bytes, form: str, name: str = "sample") -> Article:
    """The one article of a file."""
    found = parse_all(data, form, name)
    assert len(found) == 1
    return found[0]


def parse_all(data: str | bytes, form: str, name: str = "sample") -> tuple[Article, ...]:
    """All articles of a file, each checked against the rules."""
    raw = data.encode("utf-8") if isinstance(data, str) else data
    articles = parse(Source(f"{name}.{form}", name, form, raw)).articles
    for article in articles:
        assert_rules(article)
    return articles


def texts(article: Article, *kinds: str) -> list[str]:
    """Texts of the article's blocks of these kinds (of all, if none is named)."""
    return [b.span.of(article.text) for b in article.blocks if not kinds or b.kind in kinds]


def assert_rules(article: Article) -> None:
    """Check the rules for blocks that all formats share."""
    text, blocks = article.text, article.blocks
    assert article.title.strip() == article.title != ""
    assert len(article.language) in (0, 2)
    assert blocks
    text.encode("utf-8")
    end = 0
    for block in blocks:
        inner = block.span.of(text)
        assert inner.strip() == inner != "", block
        assert not text[end : block.span.start].strip(), "text outside of blocks"
        assert block.span.start >= end, "blocks overlap"
        end = block.span.end
        _assert_block(block, inner)
    assert not text[end:].strip(), "text after the last block"
    titles = [b.span.of(text) for b in blocks if b.kind == "title"]
    assert [" ".join(t.split()) for t in titles] in ([], [article.title])
    _assert_sections(article)
    _assert_groups(article)


def _assert_block(block: Block, inner: str) -> None:
    assert len(block.heads) == len(block.cells)
    end = block.span.start
    for cell in block.cells:
        assert end <= cell.start <= cell.end <= block.span.end
        end = cell.end
    assert block.kind == "table_row" or not (block.cells or block.header)
    assert (block.kind in ("heading", "list_item")) == bool(block.level), inner


def _assert_sections(article: Article) -> None:
    """Check that each section is the path of headings above the block, the nearest last."""
    above: list[tuple[int, str]] = []
    for block in article.blocks:
        if block.kind in ("title", "boilerplate"):
            assert not block.section
        elif block.kind == "heading":
            above = [entry for entry in above if entry[0] < block.level]
            assert block.section == tuple(label for _, label in above)
            above.append((block.level, " ".join(block.span.of(article.text).split())))
        elif block.section:  # notes at the end belong to no section
            assert block.section == tuple(label for _, label in above)


def _assert_groups(article: Article) -> None:
    """Check that each group is of one kind: items of a list, or rows of a table."""
    kinds: dict[int, str] = {}
    for block in article.blocks:
        if block.group:
            assert kinds.setdefault(block.group, block.kind) == block.kind
            assert block.kind in ("list_item", "table_row", "boilerplate")
