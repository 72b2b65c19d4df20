"""More like this: passages that share characteristic words, and which words these are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer import Index, NotFound
from tests.helpers.indexed import indexed

SITE = {
    "elavil": (
        "# Elavil\n\n## Stopping\n\nStopping amitriptyline suddenly may cause nausea and headache."
        "\n\n"
        "## Storage\n\nKeep the tablets in a dry place, away from children.\n"
    ),
    "endep": (
        "# Endep\n\n## Withdrawal\n\nDo not stop amitriptyline suddenly: headaches, nausea follow."
        "\n\n"
        "## Keeping it\n\nKeep the capsules away from children.\n"
    ),
    "sea": "# The sea\n\nIt is of the sea and of the wind that they sing.\n",
}


@pytest.fixture(scope="module")
def site() -> Iterator[Index]:
    with indexed(SITE) as index:
        yield index


def of(index: Index, article: str, number: int) -> str:
    return index.passages(article)[number].id


def test_like_passages_are_found_across_articles_with_the_words_that_make_them_so(
    site: Index,
) -> None:
    found = site.similar(of(site, "elavil", 0))
    assert found[0].hit.passage.id == of(site, "endep", 0)
    assert set(found[0].words) == {"stop", "amitriptyline", "suddenly", "headaches", "nausea"}
    marked = {found[0].hit.passage.text[m.start : m.end] for m in found[0].hit.marks}
    assert marked == set(found[0].words)


def test_a_passage_is_not_like_itself_nor_like_those_that_share_function_words_alone(
    site: Index,
) -> None:
    for article in SITE:
        for number, passage in enumerate(site.passages(article)):
            found = site.similar(of(site, article, number))
            assert passage.id not in [one.hit.passage.id for one in found]
        assert site.similar(of(site, "sea", 0)) == ()


def test_no_more_are_shown_than_asked_for(site: Index) -> None:
    assert len(site.similar(of(site, "elavil", 1), limit=1)) == 1


def test_rare_words_that_others_repeat_hide_nothing() -> None:
    site = {
        "asked": "# A\n\nZymurgy and zephyrs and quokkas.\n",
        "like": "# L\n\nA zephyr, seen by a quokka in a long sentence on the weather of the day.\n",
        **{f"n{n}": f"# N{n}\n\nZymurgy zymurgy zymurgy {n}.\n" for n in range(6)},
    }
    with indexed(site) as index:
        (found,) = index.similar(of(index, "asked", 0), limit=1)
        assert (found.hit.article.id, found.words) == ("like", ("zephyr", "quokka"))


def test_two_forms_of_one_word_are_one_shared_word() -> None:
    site = {
        "asked": "# A\n\nTaper it: tapering takes weeks of patience.\n",
        "other": "# O\n\nTaper or tapering.\n",
        "third": "# T\n\nNone has much patience.\n",
    }
    with indexed(site) as index:
        assert index.similar(of(index, "asked", 0)) == ()


def test_any_text_has_passages_like_it(site: Index) -> None:
    (best, *_) = site.similar_to("suddenly a nausea that nobody knows", "en")
    assert best.hit.article.id in ("elavil", "endep")
    assert site.similar_to("zebra") == ()


def test_unknown_passages_are_refused(site: Index) -> None:
    with pytest.raises(NotFound):
        site.similar("0" * 16)
