"""Open links with text fragments in Chromium and check where they land.

    python -m benchmarks.deeplinks FOLDER [--made-from article|quote] [--every N] [--output FILE]

FOLDER holds `pages/<name>.html` and `cases.jsonl`: {"page", "kind", "quote", "k", "n"} and perhaps
"prefix" and "suffix": a quotation, which of its n occurrences is meant (k from 0), and up to 40
characters on either side. `--every` N takes every N-th case.

Links are made as the site makes them, from the parsed article (`article`), or as a naive program
would, from the quotation itself, with its context if it occurs more than once (`quote`). For each
kind the table gives the numbers of links made and of links that landed right: exactly the whole
quotation is marked. Then it lists each case without a link, with the reason, and each case that
landed elsewhere.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.landing import RESULTS, Landing, Verdict
from indexer.errors import SourceError
from indexer.links.quotes import match_quote
from indexer.links.text_fragments.directive import Directive
from indexer.links.text_fragments.generate import Fragment, fragment_for
from indexer.model import Article, Source
from indexer.parsing.formats.dispatch import parse

MADE_FROM = ("article", "quote")


@dataclass(frozen=True, slots=True)
class Case:
    """A quotation to link to."""

    page: str  # name of the file without its suffix
    kind: str
    quote: str
    k: int  # number of the occurrence, from 0
    n: int  # number of occurrences
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its parsed article."""

    markup: str
    article: Article


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of a case."""

    case: Case
    fragment: str  # "" when there is none
    reason: str  # why there is none
    verdict: Verdict | None  # None when nothing was opened


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, open the links, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--made-from", choices=MADE_FROM, default="article")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="the N-th cases alone")
    parser.add_argument("--output", type=Path, help="a line of JSON for each case")
    options = parser.parse_args(arguments)
    pages = dict(read_pages(options.folder / "pages"))
    chosen = list(read_cases(options.folder))[:: options.every]
    outcomes = list(run(chosen, pages, options.made_from))
    print_table(outcomes)
    if options.output is not None:
        lines = [json.dumps(asdict(outcome), ensure_ascii=False) for outcome in outcomes]
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_pages(folder: Path) -> Iterator[tuple[str, Page]]:
    """The pages of a folder by name; skips a page that holds no article."""
    for path in sorted(folder.glob("*.html")):
        source = Source(path.name, path.stem, "html", path.read_bytes())
        try:
            article = parse(source).articles[0]
            markup = source.data.decode("utf-8", "replace")
            yield path.stem, Page(markup, article)
        except SourceError as error:
            print(error)


def read_cases(folder: Path) -> Iterator[Case]:
    """The judged quotations of a folder."""
    with (folder / "cases.jsonl").open(encoding="utf-8") as lines:
        yield from (Case(**json.loads(line)) for line in lines)


def run(cases: Iterable[Case], pages: dict[str, Page], made_from: str) -> Iterator[Outcome]:
    """Make each link and open it."""
    with Landing() as landing:
        for case in cases:
            page = pages[case.page]
            made = make_link(case, page, made_from)
            if made.directive is None:
                yield Outcome(case, "", made.reason, None)
                continue
            verdict = landing.look(page.markup, made.written, case.quote, case.k, case.n)
            yield Outcome(case, made.written, made.reason, verdict)


def make_link(case: Case, page: Page, made_from: str) -> Fragment:
    """The link under test."""
    if made_from == "quote":
        return _naive(case)
    text = page.article.text
    about = len(text) * case.k // max(case.n - 1, 1)
    found = match_quote(text, case.quote, case.prefix, case.suffix, about)
    if found is None or not found.exact:
        return Fragment("", None, "the article doesn't hold the quotation")
    return fragment_for(page.article, found.span)


def _naive(case: Case) -> Fragment:
    """The quotation itself, with whole words from both sides if it is ambiguous."""
    prefix, suffix = case.prefix.split(" ")[1:], case.suffix.split(" ")[:-1]
    several = case.n > 1
    before, after = (" ".join(words).strip() if several else "" for words in (prefix, suffix))
    return Fragment("", Directive(case.quote, "", before, after))


def print_table(outcomes: Sequence[Outcome]) -> None:
    """Counts by kind, then the failed cases."""
    kinds = [*dict.fromkeys(outcome.case.kind for outcome in outcomes), "all"]
    heads = ("cases", "no link", *RESULTS, "right of links")
    print(f"{'kind':18}" + "".join(f"{head:>15}" for head in heads))
    for kind in kinds:
        chosen = [o for o in outcomes if kind in ("all", o.case.kind)]
        seen = Counter(o.verdict.result for o in chosen if o.verdict is not None)
        links = sum(seen.values())
        counts = (len(chosen), len(chosen) - links, *(seen[result] for result in RESULTS))
        share = f"{seen['right'] / links:.1%}" if links else "–"
        print(f"{kind:18}" + "".join(f"{count:15}" for count in counts) + f"{share:>15}")
    for o in outcomes:
        if o.verdict is None or o.verdict.result != "right":
            landed = f"{o.verdict.result}: {o.fragment[:150]}" if o.verdict is not None else ""
            what = "; ".join(filter(None, (o.reason, landed)))
            quote = " ".join(o.case.quote.split())
            shown = quote if len(quote) <= 60 else f"{quote[:29]} … {quote[-29:]}"
            print(f"{o.case.page} {o.case.kind} {o.case.k + 1}/{o.case.n} “{shown}”: {what}")


if __name__ == "__main__":
    main()
