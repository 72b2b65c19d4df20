"""Links to passages of a site that moves to another content management system.

    python -m benchmarks.migration FOLDER

In: a folder as `benchmarks/line_model/judged_articles.py` describes it. Each article is a page of
the old site, with menu and footer, then a Markdown file of the new site: another folder, name and
format, front matter, headings a level lower, and no old page left. Both states are indexed in turn.
Out: the number of articles that were followed (nine of ten of their passages lead to a passage of
the new article with most of their words); the shares of passages that lead there, are lost, or lead
elsewhere; and the articles that were not followed.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.line_model.judged_articles import Judged, read_ids, read_judged
from indexer import Index, build_index, open_index
from indexer.text.id_words import plain_words, slugify

_MENU = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/all'>All pages</a></li></ul></nav>"
_FOLLOWED = 0.9  # share of an article's passages
_SAME = 0.5  # share of a passage's words, each as often


def page(article: Judged) -> str:
    """The article as a page of the old site."""
    title, *rest = article.blocks
    body, is_open = "", False
    for block in rest:
        if (block.kind == "li") != is_open:
            body += "</ul>" if is_open else "<ul>"
            is_open = not is_open
        tag = {"li": "li", "pre": "pre"}.get(block.kind, "p")
        if block.kind == "heading":
            tag = f"h{min(block.depth, 6)}"
        body += f"<{tag}>{escape(block.text)}</{tag}>\n"
    body += "</ul>" * is_open
    head = f"<title>{escape(title.text)} - Old Site</title>"
    main = f"<main><h1>{escape(title.text)}</h1>\n{body}</main>"
    return f"<html lang='en'><head>{head}</head><body>{_MENU}{main}<footer>©</footer></body></html>"


def markdown(article: Judged) -> str:
    """The article as a file of the new one."""
    title, *rest = article.blocks
    lines = ["---", f"title: {title.text!r}", "lang: en", "draft: false", "---", ""]
    for block in rest:
        text = " ".join(escape(block.text, quote=False).split())
        mark = "#" * min(block.depth + 1, 6) + " " if block.kind == "heading" else ""
        lines += [f"- {text}" if block.kind == "li" else mark + text, ""]
    return "\n".join(lines)


def moved(articles: Sequence[Judged], folder: Path) -> tuple[Index, dict[str, str]]:
    """The index after the move, and the new id of each article by its old id."""
    old = folder / "site" / "html"
    names: dict[str, str] = {}
    for number, article in enumerate(articles):
        path = old / slugify(article.source) / f"{number}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(article), encoding="utf-8")
        name = slugify(f"{article.blocks[0].text[:60]} {number}")
        place = f"{2000 + number % 20}/{name}"
        names[f"html/{slugify(article.source)}/{number}"] = f"content/{place}"
    build_index([folder / "site"], folder / "index")
    shutil.rmtree(old)
    for article, name in zip(articles, names.values()):
        path = folder / "site" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(markdown(article), encoding="utf-8")
    build_index([folder / "site"], folder / "index")
    return open_index(folder / "index"), names


def _share(was: str, now: str) -> float:
    """Share of the words of one text that are in the other, the greater of both directions."""
    one, other = Counter(plain_words(was)), Counter(plain_words(now))
    least = min(one.total(), other.total())
    return (one & other).total() / least if least else 0.0


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Measures and prints."""
    some = (one for one in read_judged(folder, read_ids(folder), ["blank"]) if one.blocks)
    articles = [one for one in some if one.blocks[0].kind == "heading"]
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with TemporaryDirectory() as made:
        index, names = moved(articles, Path(made))
        with index:
            for link in index.links():
                if link.was.article_id not in names:
                    continue
                now = link.passage
                right = now is not None and now.article_id == names[link.was.article_id]
                right = right and _share(link.was.text, now.text if now else "") >= _SAME
                found[link.was.article_id]["right" if right else "wrong" if now else "lost"] += 1
    total = sum(found.values(), Counter[str]())
    followed = [n for n, one in found.items() if one["right"] >= _FOLLOWED * one.total()]
    print(f"{len(followed)} of {len(found)} articles followed")
    for kind in ("right", "lost", "wrong"):
        print(f"passages {kind}: {total[kind]} of {total.total()}")
    for name in sorted(set(found) - set(followed)):
        print(f"{name} -> {names[name]}: {dict(found[name])}")


if __name__ == "__main__":
    main()
