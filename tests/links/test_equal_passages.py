"""Permalinks of passages that say the same, while their sections change place, name and number.

The reference is a draft whose paragraphs are things of their own: it knows which is which, since it
moved them itself. Ids must follow these, through updates, `rebuild`, and export and import.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from indexer import build_index, open_index
from indexer.links.ledger_file import exported, restore
from tests.helpers.effort import seeds

COPIES = (
    "Store the tablets in a cool dry place away from children and pets.",
    "Ask your doctor or pharmacist before you take anything else.",
    "None known.",
)
WORDS = ["morning", "glass", "water", "doctor", "nurse", "dose", "week", "sleep", "heart", "liver"]
NAMES = [f"{form} {n}" for n in range(1, 6) for form in ("Capsule", "Liquid", "Patch", "Cream")]
serial = count(1)


@dataclass(eq=False)
class Paragraph:
    """One paragraph of a draft, which stays itself wherever it goes."""

    text: str


@dataclass(eq=False)
class Section:
    """A heading and its paragraphs."""

    heading: str
    paragraphs: list[Paragraph]
    parts: list[Section] = field(default_factory=list)

    @property
    def has_own(self) -> bool:
        """Whether it says something that no other does."""
        return any(p.text not in COPIES for p in self.paragraphs)


def own(chance: random.Random) -> Paragraph:
    """A paragraph that says what no other says."""
    words = chance.choices(WORDS, k=chance.randint(5, 14))
    return Paragraph(f"{' '.join(words).capitalize()} number {next(serial)} of these.")


def section(chance: random.Random, heading: str) -> Section:
    """A section with copies, each but at times the only one beside words of its own."""
    copies = [Paragraph(text) for text in chance.sample(COPIES, chance.randint(1, 3))]
    if chance.random() < 0.3:
        return Section(heading, copies)
    return Section(heading, [p for copy in copies for p in (own(chance), copy)])


def written(draft: list[Section]) -> str:
    """The draft as Markdown."""
    parts = ["# Notes"]
    for one in draft:
        parts += [f"## {one.heading}", *(p.text for p in one.paragraphs)]
    return "\n\n".join(parts) + "\n"


def everything(draft: list[Section]) -> list[Paragraph]:
    return [p for one in draft for p in one.paragraphs]


# --- edits -------------------------------------------------------------------------------------


def swap(draft: list[Section], chance: random.Random) -> None:
    """Two sections change places."""
    one, other = chance.sample(range(len(draft)), 2)
    draft[one], draft[other] = draft[other], draft[one]


def shuffle(draft: list[Section], chance: random.Random) -> None:
    """All sections change places."""
    chance.shuffle(draft)


def unused(draft: list[Section], chance: random.Random) -> str:
    return chance.choice([name for name in NAMES if name not in {s.heading for s in draft}])


def rename(draft: list[Section], chance: random.Random) -> None:
    """Sections that can be known by their words get other names, and may change places."""
    before = {one.heading for one in draft}
    for one in draft:
        if one.has_own and chance.random() < 0.5:
            free = [n for n in NAMES if n not in before and n not in {s.heading for s in draft}]
            if free:
                one.heading = chance.choice(free)
    if chance.random() < 0.5:
        swap(draft, chance)


def exchange(draft: list[Section], chance: random.Random) -> None:
    """Two sections that can be known by their words exchange their names."""
    known = [one for one in draft if one.has_own]
    if len(known) > 1:
        one, other = chance.sample(known, 2)
        one.heading, other.heading = other.heading, one.heading


def insert(draft: list[Section], chance: random.Random) -> None:
    """A section with the same paragraphs is put in."""
    draft.insert(chance.randrange(len(draft) + 1), section(chance, unused(draft, chance)))


def delete(draft: list[Section], chance: random.Random) -> None:
    """A section goes."""
    if len(draft) > 3:
        del draft[chance.randrange(len(draft))]


def turn(draft: list[Section], chance: random.Random) -> None:
    """Within sections, pairs of own words and a copy change places."""
    for one in draft:
        if one.has_own:
            pairs = list(zip(one.paragraphs[::2], one.paragraphs[1::2]))
            chance.shuffle(pairs)
            one.paragraphs = [p for pair in pairs for p in pair]


def repeat(draft: list[Section], chance: random.Random) -> None:
    """A copy of what a section says already is put in, beside words of its own."""
    one = chance.choice(draft)
    if one.has_own:
        at = 2 * chance.randrange(len(one.paragraphs) // 2 + 1)
        one.paragraphs[at:at] = [own(chance), Paragraph(chance.choice(COPIES))]


def take_out(draft: list[Section], chance: random.Random) -> None:
    """A copy goes with the words beside it."""
    one = chance.choice(draft)
    if len(one.paragraphs) > 3 and one.has_own:
        at = 2 * chance.randrange(len(one.paragraphs) // 2)
        del one.paragraphs[at : at + 2]


EDITS: tuple[Callable[[list[Section], random.Random], None], ...] = (
    swap,
    shuffle,
    rename,
    exchange,
    insert,
    delete,
    turn,
    repeat,
    take_out,
)


# --- what must hold ----------------------------------------------------------------------------


def ids(index: Path) -> list[str]:
    """Ids of the passages in order of the text."""
    with open_index(index) as opened:
        return [p.id for p in opened.passages("notes")]


def is_sound(index: Path) -> bool:
    with open_index(index) as opened:
        return opened.verify().is_sound


@pytest.mark.parametrize("seed", seeds(6, 100))
@pytest.mark.slow
def test_ids_follow_their_paragraphs(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    draft = [section(chance, name) for name in chance.sample(NAMES, 5)]
    known: dict[Paragraph, str] = {}
    owners: dict[str, Paragraph] = {}
    done = "made"
    for _ in seeds(6, 100):
        (corpus / "notes.md").write_text(written(draft), encoding="utf-8")
        build_index([corpus], index)
        for paragraph, name in zip(everything(draft), ids(index), strict=True):
            assert known.setdefault(paragraph, name) == name, (done, written(draft))
            owner = owners.get(name, paragraph)  # an id that was lost may come back with its words
            assert owner is paragraph or owner not in everything(draft), (done, written(draft))
            assert owner.text == paragraph.text
            owners[name] = paragraph
        edit = chance.choice(EDITS)
        edit(draft, chance)
        done = edit.__name__
    (corpus / "notes.md").write_text(written(draft), encoding="utf-8")
    build_index([corpus], index)
    assert is_sound(index)
    before = ids(index)
    build_index([corpus], index, rebuild=True)
    assert ids(index) == before
    with open_index(index) as opened:
        lines = list(exported(opened.links()))
    fresh = tmp_path / "fresh"
    build_index([corpus], fresh)
    restore(fresh, lines)
    assert ids(fresh) == before
    assert is_sound(fresh)


def test_without_the_ledger_equal_passages_are_numbered_in_order(tmp_path: Path) -> None:
    corpus, index, fresh = tmp_path / "corpus", tmp_path / "index", tmp_path / "fresh"
    corpus.mkdir()
    draft = [Section(name, [Paragraph(COPIES[0])]) for name in NAMES[:2]]
    (corpus / "notes.md").write_text(written(draft), encoding="utf-8")
    build_index([corpus], index)
    first, second = ids(index)
    (corpus / "notes.md").write_text(written(draft[::-1]), encoding="utf-8")
    build_index([corpus], index)
    build_index([corpus], fresh)
    assert (ids(index), ids(fresh)) == ([second, first], [first, second])
