"""Links to words over an edit: they lead to these very words, or say that they have changed.

Each case is an article of its own; all are indexed, linked to, edited and indexed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from indexer import Index, Selection, build_index, open_index
from indexer.model import Span

AFTER = "Another paragraph that has nothing to do with it stands here.\n"

# name: the text, the words of it between ‹ and ›, and the text after an edit; in that the same
# words between ‹ and › where the link must lead to them, else none.
CASES = {
    "dose": ("Adults take ‹5 mg› at night.", "Adults take 15 mg at night."),
    "dose after a point": ("Adults take ‹5 mg› at night.", "Adults take 1.5 mg at night."),
    "dose after a comma": ("Adults take ‹5 mg› at night.", "Adults take 0,5 mg at night."),
    "dose becomes a range": ("Adults take ‹5 mg› at night.", "Adults take 2–5 mg at night."),
    "dose by weight": ("Adults take ‹5 mg› at night.", "Adults take 5 mg/kg at night."),
    "dose below": ("Adults take ‹5 mg› at night.", "Adults take <5 mg at night."),
    "negative number": ("Keep it at ‹5 degrees› or so.", "Keep it at −5 degrees or so."),
    "exponent": ("Give ‹about 10› cells to each.", "Give about 10⁹ cells to each."),
    "percent": ("Use a strength of ‹5› for this.", "Use a strength of 5% for this."),
    "thousands": ("Take ‹500 units› of it daily.", "Take 1,500 units of it daily."),
    "sign after a name": ("Tumours with ‹HER2› respond well.", "Tumours with HER2− respond well."),
    "word in a word": ("The ‹rapist› was found by them.", "The therapist was found by them."),
    "plural": ("Take one ‹tablet› with your water.", "Take two tablets with your water."),
    "negated by a hyphen": ("A ‹steroidal drug› is given.", "A non-steroidal drug is given."),
    "accent": ("Eat the ‹pate› with some bread.", "Eat the pate\u0301 with some bread."),
    "first of two is edited": (
        "Adults take ‹5 mg› at night. Children take 5 mg at noon.",
        "Adults take 10 mg at night. Children take 5 mg at noon.",
    ),
    "first of two is deleted": (
        "Adults take ‹5 mg› at night. Children take 5 mg at noon.",
        "Children take 5 mg at noon.",
    ),
    "second of two is edited": (
        "Adults take 5 mg at night. Children take ‹5 mg› at noon.",
        "Adults take 5 mg at night. Children take 2 mg at noon.",
    ),
    "paragraph of two is deleted": (
        "Team Alpha said that ‹the new drug cut pain by twelve percent› in all regions.\n\n"
        "Team Beta said that the new drug cut pain by twelve percent in all regions.",
        "Team Beta said that the new drug cut pain by twelve percent in all regions.",
    ),
    "one of two is replaced": (
        "Adults take ‹5 mg› at night. Children take 5 mg at noon.",
        "Children take 5 mg at noon. Infants take 5 mg at dawn.",
    ),
    "one of two is replaced by others": (
        "Adults take ‹5 mg› at night. Children take 5 mg at noon.",
        "Kids take 5 mg at noon. Infants take 5 mg at dawn.",
    ),
    "dose becomes that of others": (
        "Adults take ‹5 mg› at night.",
        "Adults take 10 mg at night. Children take 5 mg at noon.",
    ),
    "middle of a long selection": (
        "‹Before you begin, read this leaflet from its first word to its last word with care. "
        + "It has much to say of what may happen to you and of what you may do then. " * 3
        + "Never take more than 5 mg of it in one day. "
        + "It has much to say of what may happen to you and of what you may do then. " * 3
        + "Ask your own doctor or your pharmacist where anything in it remains unclear.›",
        "Before you begin, read this leaflet from its first word to its last word with care. "
        + "It has much to say of what may happen to you and of what you may do then. " * 3
        + "Never take more than 50 mg of it in one day. "
        + "It has much to say of what may happen to you and of what you may do then. " * 3
        + "Ask your own doctor or your pharmacist where anything in it remains unclear.",
    ),
    # The same words are still there.
    "nothing changes": ("Adults take ‹5 mg› at night.", "Adults take ‹5 mg› at night."),
    "context before changes": ("Adults take ‹5 mg› at night.", "Grown-ups take ‹5 mg› at night."),
    "context after changes": ("Adults take ‹5 mg› at night.", "Adults take ‹5 mg› at bedtime."),
    "told by a context that changes": (
        "Adults take ‹5 mg› at night.\n\nChildren take 5 mg at noon.",
        "Grown-ups take ‹5 mg› at night.\n\nChildren take 5 mg at noon.",
    ),
    "both contexts change": (
        "Adults take 5 mg at night. Children take ‹5 mg› at noon.",
        "Grown-ups take 5 mg at night. The young take ‹5 mg› at noon.",
    ),
    "the other of two changes": (
        "Adults take 5 mg at night. Children take ‹5 mg› at noon.",
        "Adults take 10 mg at night. Children take ‹5 mg› at noon.",
    ),
    "the same words before": (
        "Adults take ‹5 mg› at night with a glass of water.",
        "Children take 5 mg at noon. Adults take ‹5 mg› at night with a glass of water.",
    ),
    "sentences trade places": (
        "Adults take ‹5 mg› at night. Children take 5 mg at noon.",
        "Children take 5 mg at noon. Adults take ‹5 mg› at night.",
    ),
    "part of a word": ("The the‹rapist› was found there.", "A the‹rapist› was found there."),
    "part of a number": ("Take 1‹5 mg› at night as before.", "Take 1‹5 mg› at bedtime as before."),
    "footnote mark": ("Take ‹paracetamol› as needed.", "Take ‹paracetamol›² as needed."),
    "other spaces": ("Take ‹5 mg at night› with water.", "Take\n‹5 mg\nat night› with water."),
    "a script without spaces": ("毎晩‹五錠›飲んでください。", "毎朝‹五錠›飲んでください。"),
    "paragraph before": ("Take ‹5 mg› at night.", "Ask first.\n\nTake ‹5 mg› at night."),
    "over two paragraphs": (
        "Take it at ‹night.\n\nStop› when you feel well again.",
        "Take it late at ‹night.\n\nStop› when you feel well once more.",
    ),
}


def bare(text: str) -> str:
    return text.replace("‹", "").replace("›", "")


def write(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Sample Notes\n\n{bare(text)}\n\n{AFTER}", encoding="utf-8")


def place(index: Index, name: str, text: str) -> Span:
    """Where the words between ‹ and › stand in an indexed article."""
    written = index.article(name).text
    before, words, _ = (" ".join(part.split()) for part in text.replace("›", "‹").split("‹"))
    at = 0
    for word in before.split():
        at = written.index(word, at) + len(word)
    start = written.index(words.split()[0], at)
    end = start
    for word in words.split():
        end = written.index(word, end) + len(word)
    return Span(start, end)


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[str, Span | None, str]]:
    """By case: what became of the words, where that is, and the article's text."""
    folder = tmp_path_factory.mktemp("selected")
    names = {name: name.replace(" ", "-") for name in CASES}
    write(folder / "corpus", {names[name]: before for name, (before, _) in CASES.items()})
    build_index([folder / "corpus"], folder / "index")
    links: dict[str, tuple[str, Selection]] = {}
    with open_index(folder / "index") as index:
        for name, (before, _) in CASES.items():
            span, article = place(index, names[name], before), index.article(names[name])
            home = next(p for p in index.passages(article.id) if p.span.end > span.start)
            links[name] = home.id, index.select(article, span)
    write(folder / "corpus", {names[name]: after for name, (_, after) in CASES.items()})
    build_index([folder / "corpus"], folder / "index")
    told: dict[str, tuple[str, Span | None, str]] = {}
    with open_index(folder / "index") as index:
        for name, (passage, wanted) in links.items():
            link, article = index.resolve(passage), index.article(names[name])
            found = index.find_selection(article, wanted, link.passage, link.was.text)
            told[name] = (
                found.fate if found else "gone",
                found.span if found else None,
                article.text,
            )
    return told


@pytest.fixture(scope="module")
def spans(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Span]:
    folder = tmp_path_factory.mktemp("expected")
    kept = {name: after for name, (_, after) in CASES.items() if "‹" in after}
    write(folder / "corpus", {name.replace(" ", "-"): after for name, after in kept.items()})
    build_index([folder / "corpus"], folder / "index")
    with open_index(folder / "index") as index:
        return {name: place(index, name.replace(" ", "-"), text) for name, text in kept.items()}


@pytest.mark.parametrize("name", [name for name, (_, after) in CASES.items() if "‹" not in after])
def test_words_that_have_changed_are_said_to_be(
    edited: Mapping[str, tuple[str, Span | None, str]], name: str
) -> None:
    fate, span, text = edited[name]
    assert fate in ("edited", "gone"), (fate, span and span.of(text))


@pytest.mark.parametrize("name", [name for name, (_, after) in CASES.items() if "‹" in after])
def test_words_that_are_still_there_are_found(
    edited: Mapping[str, tuple[str, Span | None, str]], spans: Mapping[str, Span], name: str
) -> None:
    fate, span, text = edited[name]
    assert fate in ("here", "moved")
    assert span == spans[name], span and span.of(text)


def test_what_stands_for_changed_words_is_told_whole(
    edited: Mapping[str, tuple[str, Span | None, str]],
) -> None:
    now = {name: span.of(text) for name, (_, span, text) in edited.items() if span}
    assert now["dose"] == "15 mg"
    assert now["dose by weight"] == "5 mg/kg"
    assert now["word in a word"] == "therapist"
    assert now["first of two is edited"] == "10 mg"


def test_a_quotation_matches_on_word_boundaries(tmp_path: Path) -> None:
    write(tmp_path / "corpus", {"one": "The therapist was found there by all of them."})
    build_index([tmp_path / "corpus"], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        article, passage = index.article("one"), index.passages("one")[0]
        for text in ("rapist was", "rapist", "The thera"):
            for found in (
                index.find_selection(article, Selection(text)),
                index.find_selection(article, Selection(text), passage),
                index.find_selection(article, Selection(text), passage, passage.text),
            ):
                assert found is None or found.fate == "edited"
        glued = Selection("rapist was", prefix="The the")
        found = index.find_selection(article, glued, passage)
        assert found is not None
        assert (found.fate, found.span.of(article.text)) == ("here", "rapist was")


def test_links_of_before_to_a_part_of_a_compound_keep_leading_there(tmp_path: Path) -> None:
    """They were made without the rest of it."""
    write(tmp_path / "corpus", {"one": "Tell them of any side-effects of non-steroidal drugs."})
    build_index([tmp_path / "corpus"], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        article, passage = index.article("one"), index.passages("one")[0]
        for text in ("any side", "effects of", "steroidal drugs"):
            found = index.find_selection(article, Selection(text), passage, passage.text)
            assert found is not None
            assert (found.fate, found.span.of(article.text)) == ("here", text)
