"""Edits as authors make them, by kind, and the edited articles.

In: a draft whose words have their passages, a random generator, and text to insert. Out: the edited
draft, and the old passages that the edit changed; None if an article does not allow the edit.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmarks.edits.drafts import NOWHERE, Draft, Unit, Word, words_of

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Edit:
    """A draft after an edit."""

    draft: Draft
    about: frozenset[int]  # old passages edited, moved or deleted


@dataclass(frozen=True, slots=True)
class Desk:
    """Sources of an edit: a random generator, and paragraphs from other articles."""

    chance: random.Random
    others: Sequence[str]

    def paragraph(self) -> str:
        """A paragraph of another article."""
        return self.chance.choice(self.others)

    def sentence(self) -> str:
        """The beginning of such a paragraph."""
        return " ".join(self.paragraph().split()[: self.chance.randint(4, 25)])


class ImpossibleEdit(Exception):
    """The article does not allow the edit."""


Mutation = Callable[[Draft, Desk], Edit]
Preparation = Callable[[Draft, Desk], None]
MUTATIONS: dict[str, Callable[[Draft, Desk], Edit | None]] = {}
BEFOREHAND: dict[str, Preparation] = {}  # changes the draft before any link exists


def mutation(name: str, beforehand: Preparation | None = None) -> Callable[[Mutation], Mutation]:
    """Registers a kind of edit in the table."""

    def enter(function: Mutation) -> Mutation:
        def edited(draft: Draft, desk: Desk) -> Edit | None:
            try:
                return function(draft, desk)
            except ImpossibleEdit:
                return None

        MUTATIONS[name] = edited
        if beforehand is not None:
            BEFOREHAND[name] = beforehand
        return function

    return enter


# --- helpers --------------------------------------------------------------------------------------


def _content(draft: Draft, least: int = 1) -> list[int]:
    """Places of content blocks with at least that many words."""
    return [n for n, unit in enumerate(draft.units) if unit.is_content and len(unit.words) >= least]


def _pick(draft: Draft, desk: Desk, least: int = 1) -> int:
    """Place of a random content block with at least that many words."""
    return _choice(desk, _content(draft, least))


def _choice(desk: Desk, places: Sequence[Item]) -> Item:
    if not places:
        raise ImpossibleEdit
    return desk.chance.choice(places)


def _origins(*units: Unit) -> frozenset[int]:
    return frozenset(word.origin for unit in units for word in unit.words) - {NOWHERE}


def _spaced(words: list[Word]) -> list[Word]:
    """The words, each followed by white space, so that others may follow."""
    return [w if w.text[-1].isspace() else replace(w, text=w.text + " ") for w in words]


def _paragraph(text: str) -> Unit:
    return Unit("paragraph", 0, 0, words_of(text))


def _edited(
    draft: Draft, desk: Desk, change: Callable[[list[Word]], list[Word]], least: int = 1
) -> Edit:
    """The draft with changed words in one block; no words: impossible."""
    at = _pick(draft, desk, least)
    unit = draft.units[at]
    about = _origins(unit)
    words = change(_spaced(unit.words))
    if not words:
        raise ImpossibleEdit
    draft.units[at] = replace(unit, words=words)
    return Edit(draft, about)


def _sentence_starts(words: Sequence[Word]) -> list[int]:
    ends = [n + 1 for n, word in enumerate(words) if re.search(r"[.!?]\s*$", word.text)]
    return [0, *(end for end in ends if end < len(words))]


def _misspelt(text: str, chance: random.Random) -> str:
    """The word with one letter removed, added or changed."""
    at = chance.randrange(len(text))
    letter = chance.choice([one for one in "aeioutrnsl" if one != text[at].lower()])
    ends = (text[at + 1 :], letter + text[at:], letter + text[at + 1 :])
    return text[:at] + chance.choice(ends if len(text) > 1 else ends[1:])


# --- within a paragraph ------------------------------------------------------------------------


@mutation("typo fixed")
def fix_typo(draft: Draft, desk: Desk) -> Edit:
    """Changes a letter or two of a paragraph."""

    def change(words: list[Word]) -> list[Word]:
        places = [n for n, word in enumerate(words) if len(word.text.strip()) > 3]
        for at in desk.chance.sample(places, min(len(places), desk.chance.randint(1, 2))):
            word = words[at].text.strip()
            words[at] = replace(words[at], text=_misspelt(word, desk.chance) + " ")
        return words if places else []

    return _edited(draft, desk, change)


@mutation("sentence put in before")
def insert_before(draft: Draft, desk: Desk) -> Edit:
    """Inserts a sentence at a paragraph's start."""
    return _edited(draft, desk, lambda words: words_of(f"{desk.sentence()}. ") + words)


@mutation("sentence put in after")
def insert_after(draft: Draft, desk: Desk) -> Edit:
    """Appends a sentence to a paragraph."""
    return _edited(draft, desk, lambda words: words + words_of(f"{desk.sentence()}."))


@mutation("sentence removed")
def remove_sentence(draft: Draft, desk: Desk) -> Edit:
    """Removes a sentence from a paragraph with several."""

    def change(words: list[Word]) -> list[Word]:
        starts = [*_sentence_starts(words), len(words)]
        if len(starts) < 3:
            return []
        at = desk.chance.randrange(len(starts) - 1)
        return words[: starts[at]] + words[starts[at + 1] :]

    return _edited(draft, desk, change, 8)


@mutation("words replaced")
def replace_words(draft: Draft, desk: Desk) -> Edit:
    """Replaces a tenth to two fifths of the words."""

    def change(words: list[Word]) -> list[Word]:
        share = desk.chance.uniform(0.1, 0.4)
        source = desk.paragraph().split()
        return [
            Word(desk.chance.choice(source) + " ") if desk.chance.random() < share else word
            for word in words
        ]

    return _edited(draft, desk, change, 4)


_NUMBER = re.compile(r"\d+")
_SMALL_WORDS = ("not", "no", "without", "never", "may", "can", "should", "must", "is", "are")


@mutation("dose or negation changed")
def change_dose(draft: Draft, desk: Desk) -> Edit:
    """Changes a number or a word such as *not*, and so the meaning."""

    def change(words: list[Word]) -> list[Word]:
        numbers = [n for n, word in enumerate(words) if _NUMBER.search(word.text)]
        if numbers and desk.chance.random() < 0.7:
            at = desk.chance.choice(numbers)
            other = str(desk.chance.randint(2, 400))
            words[at] = replace(words[at], text=_NUMBER.sub(other, words[at].text, count=1))
            return words
        small = [n for n, word in enumerate(words) if word.text.strip().lower() in _SMALL_WORDS]
        at = desk.chance.choice(small) if small else desk.chance.randrange(len(words))
        words.insert(at + 1, Word("not "))
        return words

    return _edited(draft, desk, change)


@mutation("paragraph split")
def split_paragraph(draft: Draft, desk: Desk) -> Edit:
    """Splits a paragraph in two, at the end of a sentence or anywhere."""
    at = _pick(draft, desk, 8)
    unit = draft.units[at]
    cuts = _sentence_starts(unit.words)[1:] or [desk.chance.randrange(2, len(unit.words) - 1)]
    cut = desk.chance.choice(cuts)
    draft.units[at : at + 1] = [
        replace(unit, words=unit.words[:cut]),
        replace(unit, words=unit.words[cut:]),
    ]
    return Edit(draft, _origins(unit))


@mutation("paragraphs merged")
def merge_paragraphs(draft: Draft, desk: Desk) -> Edit:
    """Merges two neighbours of one kind."""
    places = [
        n
        for n, (one, other) in enumerate(zip(draft.units, draft.units[1:]))
        if one.is_content and one.kind == other.kind
    ]
    at = _choice(desk, places)
    one, other = draft.units[at : at + 2]
    draft.units[at : at + 2] = [replace(one, words=_spaced(one.words) + other.words)]
    return Edit(draft, _origins(one, other))


# --- of paragraphs -----------------------------------------------------------------------------


@mutation("paragraph put in")
def insert_paragraph(draft: Draft, desk: Desk) -> Edit:
    """Inserts a paragraph before another."""
    at = _pick(draft, desk)
    draft.units.insert(at, _paragraph(desk.paragraph()))
    return Edit(draft, _origins(draft.units[at + 1]))


@mutation("paragraph moved")
def move_paragraph(draft: Draft, desk: Desk) -> Edit:
    """Moves a paragraph to another place."""
    at = _pick(draft, desk)
    unit = draft.units.pop(at)
    draft.units.insert(
        desk.chance.randint(1, len(draft.units)), replace(unit, group=0, kind="paragraph", level=0)
    )
    return Edit(draft, _origins(unit))


@mutation("paragraph moved and edited")
def move_and_edit(draft: Draft, desk: Desk) -> Edit:
    """Moves a paragraph and replaces a tenth of its words."""
    at = _pick(draft, desk, 8)
    unit = draft.units.pop(at)
    words = _spaced(unit.words)
    for n in range(len(words)):
        if desk.chance.random() < 0.1:
            words[n] = Word(desk.chance.choice(desk.paragraph().split()) + " ")
    moved = Unit("paragraph", 0, 0, words)
    draft.units.insert(desk.chance.randint(1, len(draft.units)), moved)
    return Edit(draft, _origins(unit))


@mutation("paragraph deleted")
def delete_paragraph(draft: Draft, desk: Desk) -> Edit:
    """Deletes a paragraph."""
    at = _pick(draft, desk)
    if len(_content(draft)) < 2:
        raise ImpossibleEdit
    return Edit(draft, _origins(draft.units.pop(at)))


@mutation("paragraph replaced by another")
def replace_paragraph(draft: Draft, desk: Desk) -> Edit:
    """Replaces a paragraph by one of another article."""
    at = _pick(draft, desk)
    unit = draft.units[at]
    draft.units[at] = replace(unit, words=words_of(desk.paragraph()))
    return Edit(draft, _origins(unit))


# --- of sections -------------------------------------------------------------------------------


def _sections(draft: Draft) -> list[tuple[int, int]]:
    """Half-open ranges of units: each heading with all units below it."""
    found = []
    for n, unit in enumerate(draft.units):
        if unit.kind == "heading":
            end = n + 1
            while end < len(draft.units) and not (
                draft.units[end].kind == "heading" and draft.units[end].level <= unit.level
            ):
                end += 1
            found.append((n, end))
    return found


@mutation("section renamed")
def rename_section(draft: Draft, desk: Desk) -> Edit:
    """Renames a heading."""
    start, end = _choice(desk, _sections(draft))
    heading = draft.units[start]
    draft.units[start] = replace(heading, words=words_of(" ".join(desk.sentence().split()[:5])))
    return Edit(draft, _origins(*draft.units[start:end]))


@mutation("section moved")
def move_section(draft: Draft, desk: Desk) -> Edit:
    """Moves a heading and all below it to the place of another."""
    sections = _sections(draft)
    if len(sections) < 3:
        raise ImpossibleEdit
    start, end = desk.chance.choice(sections)
    moved = draft.units[start:end]
    rest = draft.units[:start] + draft.units[end:]
    places = [n for n, unit in enumerate(rest) if unit.kind == "heading"] + [len(rest)]
    at = desk.chance.choice(places)
    draft.units[:] = rest[:at] + moved + rest[at:]
    return Edit(draft, _origins(*moved))


@mutation("section deleted")
def delete_section(draft: Draft, desk: Desk) -> Edit:
    """Deletes a heading and all below it."""
    sections = _sections(draft)
    if len(sections) < 2:
        raise ImpossibleEdit
    start, end = desk.chance.choice(sections)
    gone = draft.units[start:end]
    del draft.units[start:end]
    if not _content(draft):
        raise ImpossibleEdit
    return Edit(draft, _origins(*gone))


# --- with twins: the draft gets its twins before any link exists ------------------------


def add_twins(draft: Draft, desk: Desk) -> None:
    """Inserts a near-copy of a paragraph elsewhere: a number or a word or two differ."""
    at = _pick(draft, desk, 3)
    words = list(_spaced(draft.units[at].words))
    for n in desk.chance.sample(range(len(words)), max(1, len(words) // 15)):
        word = words[n].text
        other = _NUMBER.sub(str(desk.chance.randint(2, 99)), word)
        words[n] = Word(
            other if other != word else desk.chance.choice(desk.paragraph().split()) + " "
        )
    twin = Unit("paragraph", 0, 0, words)
    draft.units.insert(desk.chance.randint(1, len(draft.units)), twin)


def add_copies(draft: Draft, desk: Desk) -> None:
    """Inserts one or two exact copies of a paragraph elsewhere."""
    at = _pick(draft, desk)
    unit = replace(draft.units[at], kind="paragraph", level=0, group=0)
    for _ in range(desk.chance.randint(1, 2)):
        # With copies side by side nobody could tell which one is gone.
        places = [
            n
            for n in range(1, len(draft.units) + 1)
            if all(beside.text != unit.text for beside in draft.units[n - 1 : n + 1])
        ]
        draft.units.insert(_choice(desk, places), unit.copy())


def add_table(draft: Draft, desk: Desk) -> None:
    """Inserts paragraphs that differ only in a number, such as dose steps."""
    at = _pick(draft, desk)
    dose = desk.chance.choice([5, 10, 25])
    rows = [
        _paragraph(f"Week {n}: take {n * dose} mg once daily in the evening, with or without food.")
        for n in range(1, desk.chance.randint(4, 9))
    ]
    draft.units[at:at] = rows


def _one_of_twins(draft: Draft, desk: Desk) -> tuple[int, int]:
    """Two paragraphs with mostly the same words, in random order."""
    bags = [(n, frozenset(draft.units[n].text.lower().split())) for n in _content(draft)]
    pairs = [
        (one, other)
        for i, (one, bag) in enumerate(bags)
        for other, twin in bags[i + 1 :]
        if len(bag & twin) >= 0.7 * max(len(bag), len(twin))
    ]
    one, other = _choice(desk, pairs)
    return (one, other) if desk.chance.random() < 0.5 else (other, one)


@mutation("one of near-duplicates deleted", add_twins)
def delete_twin(draft: Draft, desk: Desk) -> Edit:
    """Deletes a twin; the other one stays."""
    pair = _one_of_twins(draft, desk)
    about = _origins(*(draft.units[n] for n in pair))
    del draft.units[pair[0]]
    return Edit(draft, about)


@mutation("one of near-duplicates deleted, the other edited", add_twins)
def delete_and_edit_twin(draft: Draft, desk: Desk) -> Edit:
    """Deletes a twin and edits the other. The trap: the rest resembles both."""
    pair = _one_of_twins(draft, desk)
    gone, stays = pair
    about = _origins(*(draft.units[n] for n in pair))
    words = _spaced(draft.units[stays].words)
    for n in desk.chance.sample(range(len(words)), max(1, len(words) // 12)):
        words[n] = replace(words[n], text=_misspelt(words[n].text.strip(), desk.chance) + " ")
    draft.units[stays] = replace(draft.units[stays], words=words)
    del draft.units[gone]
    return Edit(draft, about)


# Ids of copies are numbered by order, and the order changes.
mutation("one of identical ones deleted", add_copies)(delete_twin)


@mutation("one of identical ones edited", add_copies)
def edit_copy(draft: Draft, desk: Desk) -> Edit:
    """Edits a copy: the others keep their words but change their number."""
    pair = _one_of_twins(draft, desk)
    about = _origins(*(draft.units[n] for n in pair))
    unit = draft.units[pair[0]]
    words = _spaced(unit.words)
    at = desk.chance.randrange(len(words))
    words[at] = replace(words[at], text=_misspelt(words[at].text.strip(), desk.chance) + " ")
    draft.units[pair[0]] = replace(unit, words=words)
    return Edit(draft, about)


@mutation("row of a dose table deleted or edited", add_table)
def change_table(draft: Draft, desk: Desk) -> Edit:
    """Changes rows that differ only in a number."""
    rows = [n for n in _content(draft) if draft.units[n].text.startswith("Week ")]
    if len(rows) < 3:
        raise ImpossibleEdit
    about = _origins(*(draft.units[n] for n in rows))
    for at in sorted(desk.chance.sample(rows, 2), reverse=True):
        if desk.chance.random() < 0.5:
            del draft.units[at]
        else:
            words = _spaced(draft.units[at].words)
            dose = desk.chance.randint(2, 90)
            words[3] = replace(words[3], text=f"{dose} ")
            draft.units[at] = replace(draft.units[at], words=words)
    return Edit(draft, about)


SINGLE = tuple(MUTATIONS)
_COMBINED = tuple(name for name in SINGLE if name not in BEFOREHAND)


@mutation("several edits at once")
def combine(draft: Draft, desk: Desk) -> Edit:
    """Combines two to eight other edits."""
    about: frozenset[int] = frozenset()
    for _ in range(desk.chance.randint(2, 8)):
        edit = MUTATIONS[desk.chance.choice(_COMBINED)](draft.copy(), desk)
        if edit is not None:
            draft, about = edit.draft, about | edit.about
    if not about:
        raise ImpossibleEdit
    return Edit(draft, about)
