"""What two copies of a text say differently that may do harm: doses, negations, qualifiers.

In: two texts of a language. Out: their difference by words, and of its changes those that touch a
number, a unit, a comparison sign, a negation or a qualifier (a word that limits, warns or doubts).
The word lists know the languages named in `NEGATIONS` and `QUALIFIERS`; numbers, signs and units
are the same in all. Pure; refuses nothing. A drift is a place to look at, not a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from indexer.links.word_diff import Run
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize

Risk = Literal["negation", "number", "unit", "qualifier"]
RISKS: tuple[Risk, ...] = ("negation", "number", "unit", "qualifier")  # the gravest first


@dataclass(frozen=True, slots=True)
class RiskyChange:
    """One change between two copies that touches what a reader may rely on."""

    risk: Risk
    removed: tuple[str, ...]  # such words, folded, that the first copy alone has there
    added: tuple[str, ...]  # such words that the second copy alone has there


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEGATIONS = {
    "en": _set("""no not never none nor neither without cannot nobody nothing nowhere non n't
        hardly scarcely barely unless except lack lacks lacking"""),
    "de": _set("nicht kein keine keinen keinem keiner keines nie niemals ohne nein weder außer"),
    "fr": _set("ne n pas jamais sans aucun aucune ni non rien sauf"),
    "es": _set("no nunca jamas sin ni ningun ninguna ninguno nada tampoco salvo"),
    "it": _set("non mai senza ne nessun nessuna nessuno niente neanche tranne"),
    "pt": _set("nao nunca jamais sem nem nenhum nenhuma nada exceto"),
    "nl": _set("niet geen nooit zonder noch nergens tenzij behalve"),
    "sv": _set("inte ej aldrig utan ingen inget inga varken"),
    "da": _set("ikke aldrig uden ingen intet hverken"),
    "no": _set("ikke aldri uten ingen intet verken"),
}
QUALIFIERS = {
    "en": _set("""may might can could should must only always sometimes rarely often usually avoid
        caution cautious cautiously careful carefully warning warnings warn contraindicated
        contraindication stop discontinue discontinuation immediately emergency supervision
        supervised medical doctor physician prescriber pharmacist approved unapproved
        licensed unlicensed risk risks danger dangerous fatal severe serious mild gradually
        slowly abrupt abruptly temporarily adults adult children child pregnant pregnancy
        breastfeeding elderly before after until least most maximum minimum up over under above
        below more less than increase increases increased decrease decreases decreased raise raises
        lower lowers reduce reduces daily weekly monthly suicidal overdose"""),
    "de": _set("""kann können darf dürfen soll sollte muss müssen nur immer manchmal selten vorsicht
        warnung gegenanzeige sofort arzt ärztlich höchstens mindestens vor nach täglich"""),
    "fr": _set("""peut peuvent doit doivent seulement toujours parfois rarement attention
        avertissement contre indication immédiatement médecin maximum minimum avant après"""),
    "es": _set("""puede pueden debe deben solo siempre raramente precaución advertencia
        contraindicado inmediatamente médico máximo mínimo antes después"""),
}
UNITS = _set("""g mg mcg µg μg ug kg ng l ml dl cl mol mmol meq iu ui ie unit units tablet tablets
    capsule capsules drop drops puff puffs teaspoon teaspoons tablespoon tablespoons percent
    second seconds minute minutes hour hours h day days d week weeks month months year years
    °c °f mmhg bpm kcal""")
_TO_TWELVE = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_TO_TWELVE.split())}
_OTHER_NUMBERS = _set("half quarter third double twice once thrice triple dozen hundred thousand")
_SIGNS = re.compile(r"[<>≤≥±=%‰½¼¾⅓⅔×]|(?<!\w)[-−+](?=\.?\d)")


def _folded(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(fold, words))


_NEGATIONS = {language: _folded(words) for language, words in NEGATIONS.items()}
_QUALIFIERS = {language: _folded(words) for language, words in QUALIFIERS.items()}
_UNITS = _folded(UNITS)


def risky_changes(runs: Sequence[Run], language: str) -> tuple[RiskyChange, ...]:
    """The risky changes of a difference in order of the text."""
    found: list[RiskyChange] = []
    for kept, changes in groupby(runs, key=lambda run: run.change == "kept"):
        if not kept:
            texts = {run.change: run.text for run in changes}  # one out, one in, or one of these
            found += _between(texts.get("removed", ""), texts.get("added", ""), language)
    return tuple(found)


def _between(removed: str, added: str, language: str) -> list[RiskyChange]:
    before, after = _risky(removed, language), _risky(added, language)
    return [RiskyChange(r, before[r], after[r]) for r in RISKS if before[r] != after[r]]


def _risky(text: str, language: str) -> dict[Risk, tuple[str, ...]]:
    """The words of each risk in a piece of text, in order."""
    found: dict[Risk, list[str]] = {risk: [] for risk in RISKS}
    for form in tokenize(text).forms:
        word = fold(form)
        risk = _risk(word, language)
        if risk:
            found[risk].append(_NUMBER_WORDS.get(word, word))
    found["number"] += _SIGNS.findall(text)
    return {risk: tuple(words) for risk, words in found.items()}


def _risk(word: str, language: str) -> Risk | None:
    if any(map(str.isdigit, word)):
        return "number"
    if language == "en" and (word in _NUMBER_WORDS or word in _OTHER_NUMBERS):
        return "number"
    if word in _NEGATIONS.get(language, ()) or (language == "en" and word.endswith("n't")):
        return "negation"
    if word in _UNITS:
        return "unit"
    return "qualifier" if word in _QUALIFIERS.get(language, ()) else None
