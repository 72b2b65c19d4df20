"""A corpus that is always the same: leaflets made up of stock sentences, in two languages.

In: a folder. Out: several dozen articles in it (Markdown, plain text, HTML and records), with
titles, nested, empty and repeated headings, lists, tables, quotes, boilerplate and repeated
passages, and the article that comes with Pilcrow. `write` makes them, `edit` changes
and removes a few, as an author would. Nothing depends on the time, the machine or on how Python
hashes or shuffles.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

from tests import ROOT

ARTICLE = ROOT / "corpus" / "elavil-for-chronic-pain.txt"
LEAFLETS = 44  # beside the article that comes with Pilcrow
BOILERPLATE = (
    "Subscribe to our newsletter",
    "© 2024 Riverside Leaflets. All rights reserved.",
    "Share this article on Facebook, Twitter or by email.",
)
T = TypeVar("T")


def pick(random: Random, choices: Sequence[T]) -> T:
    """One of `choices`, by the only method of `Random` that is the same in all versions."""
    return choices[int(random.random() * len(choices))]


@dataclass(frozen=True)
class Tongue:
    """Words and patterns for leaflets in one language."""

    code: str
    words: dict[str, tuple[str, ...]]  # words to fill {braces} in the patterns below
    titles: tuple[str, ...]
    headings: tuple[str, ...]
    sentences: tuple[str, ...]
    items: tuple[str, ...]
    leads: tuple[str, ...]
    columns: tuple[str, str, str]
    repeated: tuple[str, ...]  # paragraphs that many leaflets share, word for word

    def say(self, random: Random, pattern: str) -> str:
        """`pattern` with a random word in place of each {brace}."""
        while "{" in pattern:
            before, _, rest = pattern.partition("{")
            name, _, after = rest.partition("}")
            pattern = before + pick(random, self.words[name]) + after
        return pattern


ENGLISH = Tongue(
    "en",
    {
        "drug": (
            "amitriptyline",
            "gabapentin",
            "tramadol",
            "naproxen",
            "codeine",
            "duloxetine",
            "pregabalin",
            "ketamine",
            "lidocaine",
            "methadone",
        ),
        "ill": (
            "migraine",
            "sciatica",
            "neuralgia",
            "arthritis",
            "fibromyalgia",
            "shingles",
            "back pain",
            "nerve pain",
            "toothache",
            "gout",
        ),
        "effect": (
            "drowsiness",
            "dizziness",
            "dry mouth",
            "nausea",
            "constipation",
            "blurred vision",
            "weight gain",
            "itching",
            "headaches",
            "sweating",
            "palpitations",
            "tremor",
        ),
        "who": (
            "patients",
            "older people",
            "nurses",
            "a pharmacist",
            "your doctor",
            "carers",
            "pregnant women",
            "the prescriber",
            "clinicians",
            "children under twelve",
        ),
        "dose": (
            "25 mg",
            "10mg",
            "50 mg",
            "75mg",
            "1,000 mg",
            "0.5 ml",
            "10-20 mg",
            "2.5 mg",
            "100 mg",
            "300 mg/day",
            "1/2 tablet",
            "5 µg",
        ),
        "time": (
            "at night",
            "in the morning",
            "twice daily",
            "every six hours",
            "before breakfast",
            "for two weeks",
            "within 48 hours",
            "after three months",
            "at bedtime",
        ),
        "verb": (
            "taper",
            "tapering",
            "tapered",
            "reduce",
            "reducing",
            "stop",
            "stopping",
            "halve",
            "increase",
            "adjusting",
            "monitor",
            "swallow",
        ),
        "quality": (
            "slowly",
            "gradually",
            "abruptly",
            "safely",
            "off-label",
            "long-term",
            "short term",
            "evidence-based",
            "well-known",
            "well known",
            "over-the-counter",
            "non-opioid",
        ),
        "study": (
            "a randomised trial",
            "one cohort",
            "the registry",
            "a meta-analysis",
            "an audit",
            "a small survey",
            "the follow-up",
            "a case-control study",
        ),
        "place": ("the ward", "a clinic", "the pharmacy", "hospital", "a hospice", "home"),
        "organ": ("kidney", "liver", "heart", "bowel", "thyroid", "bladder", "spine"),
    },
    (
        "{drug} for {ill}",
        "Living with {ill}",
        "{drug}: What to Know",
        "Coping with {effect}",
        "{drug} and the {organ}",
        "A Leaflet on {ill}",
        "Off-label {drug}",
    ),
    (
        "Withdrawal",
        "Side effects",
        "How to take {drug}",
        "Before you start",
        "Dosage",
        "Warnings and precautions",
        "Overdose",
        "Interactions",
        "Storage",
        "Long-term use",
        "Pregnancy",
        "{effect}",
        "When to call for help",
        "What the evidence says",
        "Summary",
        "Treating {ill}",
        "Questions",
    ),
    (
        "{who} should {verb} {drug} {quality} {time}.",
        "Do not {verb} the tablets {quality}, even if {effect} has gone.",
        "The usual amount is {dose} {time}, and rarely more than {dose}.",
        "In {study}, {effect} was more common than {effect} among {who}.",
        "{drug} is not a cure for {ill}; it may ease the burning and the {effect}.",
        "Never share {drug} with {who}, and keep it out of reach.",
        "Some of {who} reported {effect} {time}, but none had {effect}.",
        "Because the {organ} clears {drug}, weak {organ} function calls for {dose}.",
        "At {place}, {who} measured the threshold of pain {time}.",
        "Swelling, bruising or a rash must be reported to {who} at once.",
        "{study} found no difference between {dose} and {dose} after a year.",
        "Grapefruit juice raises the level of {drug} in blood, so avoid it {time}.",
        "Relief of pain is slow: the threshold shifts {quality} over weeks.",
        "“I was able to sleep again,” one man said, “without feeling {effect}.”",
        "If {who} can’t swallow, a liquid with {dose} is available {time}.",
        "Alcohol makes {effect} worse and must not be combined with {drug}.",
        "Ask {who} whether {quality} treatment with {drug} is right for you.",
        "Blood pressure was recorded {time}; temperature stayed below 38.5 °C.",
        "It is unclear whether {drug} prevents {ill} or merely delays it.",
        "Re-start only with {dose}, and restart no other medicine on that day.",
        "Driving is unsafe while {effect} lasts, which may be {time}.",
        "They had been tapering {quality} when the {effect} came back.",
    ),
    (
        "{effect}",
        "take {dose} {time}",
        "tell {who} about {effect}",
        "never {verb} {quality}",
        "write down {effect} and its length",
        "check the {organ}",
        "{drug} {dose}",
    ),
    (
        "Before you {verb} {drug}:",
        "Common complaints are:",
        "Call {who} if you notice:",
        "Things to remember:",
    ),
    ("Medicine", "First dose", "Complaint"),
    (
        "This leaflet does not replace the advice of a physician. Do not change the amount of any "
        "medicine without asking.",
        "Emergency numbers are printed on the packet. Keep the packet until the course is over.",
        "Unused tablets belong in the pharmacy, not in the bin or the toilet.",
    ),
)

GERMAN = Tongue(
    "de",
    {
        "drug": ("Amitriptylin", "Gabapentin", "Tramadol", "Ibuprofen", "Metamizol", "Duloxetin"),
        "ill": (
            "Migräne",
            "Ischias",
            "Nervenschmerzen",
            "Rückenschmerzen",
            "Gelenkschmerzen",
            "Gicht",
        ),
        "effect": (
            "Müdigkeit",
            "Schwindel",
            "Übelkeit",
            "Mundtrockenheit",
            "Herzklopfen",
            "Juckreiz",
            "Gewichtszunahme",
            "Kopfschmerzen",
        ),
        "who": (
            "Ihr Arzt",
            "die Ärztin",
            "der Apotheker",
            "ältere Menschen",
            "Schwangere",
            "Kinder",
            "die Pflegekraft",
        ),
        "dose": ("25 mg", "10mg", "50 mg", "1.000 mg", "0,5 ml", "2,5 mg", "100 mg"),
        "time": (
            "abends",
            "morgens",
            "zweimal täglich",
            "vor dem Frühstück",
            "nach zwei Wochen",
            "innerhalb von 48 Stunden",
        ),
        "verb": ("verringern", "absetzen", "einnehmen", "steigern", "überwachen", "schlucken"),
        "quality": ("langsam", "schrittweise", "plötzlich", "vorsichtig", "Off-Label", "dauerhaft"),
        "organ": ("Leber", "Niere", "Lunge", "Herz", "Blase"),
    },
    ("{drug} bei {ill}", "Leben mit {ill}", "{drug}: das Wichtigste", "{effect} und {organ}"),
    (
        "Absetzen",
        "Nebenwirkungen",
        "Dosierung",
        "Warnhinweise",
        "Wechselwirkungen",
        "Aufbewahrung",
        "{effect}",
        "Schwangerschaft",
        "Überdosierung",
        "Zusammenfassung",
    ),
    (
        "{who} sollte {drug} nur {quality} {verb}.",
        "Die übliche Menge beträgt {dose} {time}, selten mehr als {dose}.",
        "Bei Störungen der {organ} wird {drug} nicht empfohlen.",
        "{effect} tritt häufiger auf als {effect}, meist {time}.",
        "Niemals sollten Kinder die Tabletten ohne Aufsicht {verb}.",
        "Die Häuser und Straßen der Stadt waren für die Befragten unwichtig.",
        "Fragen Sie, ob eine Behandlung mit {drug} für Sie geeignet ist.",
        "Der Schmerz ließ {time} nach, die {effect} blieb aber bestehen.",
        "Alkohol verstärkt {effect} und darf nicht mit {drug} kombiniert werden.",
        "{who} hat die Blutwerte {time} geprüft und keine Veränderung gefunden.",
        "Ein Präparat mit {dose} wird langsamer aufgenommen als eines mit {dose}.",
    ),
    ("{effect}", "{dose} {time} einnehmen", "{who} fragen", "niemals {quality} {verb}"),
    ("Vor der Einnahme von {drug}:", "Häufige Beschwerden sind:"),
    ("Mittel", "Anfangsdosis", "Beschwerde"),
    (
        "Dieses Merkblatt ersetzt keinen ärztlichen Rat. Ändern Sie die Menge nie ohne Rat.",
        "Nicht verbrauchte Tabletten gehören in die Apotheke und nicht in den Müll.",
    ),
)


@dataclass(frozen=True)
class Piece:
    """A part of a leaflet, before it is written in some format."""

    kind: str  # heading, paragraph, list, table, quote
    level: int  # of a heading
    lines: tuple[str, ...]  # of a list: lead, then items; of a table: rows, cells with |


@dataclass(frozen=True)
class Leaflet:
    """A title and the pieces below it."""

    title: str
    language: str
    pieces: tuple[Piece, ...]


def capital(text: str) -> str:
    """`text` with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def compose(random: Random, tongue: Tongue) -> Leaflet:
    """A leaflet of five to eight sections."""

    def say(pattern: str) -> str:
        return tongue.say(random, pattern)

    def paragraph() -> Piece:
        count = 1 + int(random.random() * 4)
        text = " ".join(capital(say(pick(random, tongue.sentences))) for _ in range(count))
        return Piece("paragraph", 0, (text,))

    pieces = [paragraph()]
    for _ in range(5 + int(random.random() * 4)):
        level = 2 if random.random() < 0.65 else 3
        pieces.append(Piece("heading", level, (capital(say(pick(random, tongue.headings))),)))
        chance = random.random()
        if chance < 0.1:  # a heading with nothing of its own below it
            continue
        pieces.extend(paragraph() for _ in range(1 + int(random.random() * 2)))
        if chance < 0.35:
            items = [capital(say(pick(random, tongue.items))) for _ in range(3 + int(chance * 10))]
            pieces.append(Piece("list", 0, (say(pick(random, tongue.leads)), *items)))
        elif chance < 0.5:
            rows = [" | ".join((say("{drug}"), say("{dose}"), say("{effect}"))) for _ in range(4)]
            pieces.append(Piece("table", 0, (" | ".join(tongue.columns), *rows)))
        elif chance < 0.6:
            pieces.append(Piece("quote", 0, (capital(say(pick(random, tongue.sentences))),)))
        elif chance < 0.75:
            pieces.append(Piece("paragraph", 0, (pick(random, tongue.repeated),)))
    return Leaflet(capital(say(pick(random, tongue.titles))), tongue.code, tuple(pieces))


def markdown(leaflet: Leaflet) -> str:
    """The leaflet as Markdown with front matter."""
    parts = [
        f'---\ntitle: "{leaflet.title}"\nlanguage: {leaflet.language}\ndate: 2024-03-01\n---',
        f"# {leaflet.title}",
    ]
    for piece in leaflet.pieces:
        if piece.kind == "heading":
            parts.append(f"{'#' * piece.level} {piece.lines[0]}")
        elif piece.kind == "list":
            parts.append(f"{piece.lines[0]}\n\n" + "\n".join(f"- {one}" for one in piece.lines[1:]))
        elif piece.kind == "table":
            head, *rows = piece.lines
            parts.append("\n".join(f"| {row} |" for row in (head, "---|---|---", *rows)))
        elif piece.kind == "quote":
            parts.append(f"> {piece.lines[0]}")
        else:
            parts.append(piece.lines[0])
    return "\n\n".join(parts) + "\n"


def html(leaflet: Leaflet) -> str:
    """The leaflet as a web page, with navigation and a footer around its text."""
    parts = []
    for piece in leaflet.pieces:
        if piece.kind == "heading":
            parts.append(f"<h{piece.level}>{piece.lines[0]}</h{piece.level}>")
        elif piece.kind == "list":
            items = "".join(f"<li>{one}</li>" for one in piece.lines[1:])
            parts.append(f"<p>{piece.lines[0]}</p><ul>{items}</ul>")
        elif piece.kind == "table":
            head, *rows = (row.split(" | ") for row in piece.lines)
            cells = "<tr>" + "".join(f"<th>{cell}</th>" for cell in head) + "</tr>"
            for row in rows:
                cells += "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
            parts.append(f"<table>{cells}</table>")
        elif piece.kind == "quote":
            parts.append(f"<blockquote><p>{piece.lines[0]}</p></blockquote>")
        else:
            parts.append(f"<p>{piece.lines[0]}</p>")
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="{leaflet.language}"><head><meta charset="utf-8">'
        f"<title>{leaflet.title}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{leaflet.title}</h1>\n{body}\n</article>"
        f"<footer><p>{BOILERPLATE[1]}</p></footer></body></html>\n"
    )


def plain(leaflet: Leaflet) -> str:
    """The leaflet as plain text, with blank lines as its only structure."""
    parts = [leaflet.title + "\n"]
    for piece in leaflet.pieces:
        if piece.kind == "heading":
            parts.append(f"\n{piece.lines[0]}\n")
        elif piece.kind == "list":
            parts.append("\n".join((piece.lines[0], *(f"- {one}" for one in piece.lines[1:]))))
        elif piece.kind == "table":
            parts.append("\n".join(row.replace(" | ", "\t") for row in piece.lines))
        else:
            parts.append(piece.lines[0])
    return "\n\n".join((*parts, *BOILERPLATE)) + "\n"


def leaflets() -> dict[str, str]:
    """All leaflets: file name → content."""
    random = Random(14)
    made: dict[str, str] = {}
    records = []
    for number in range(LEAFLETS):
        leaflet = compose(random, GERMAN if number % 4 == 3 else ENGLISH)
        name = f"leaflet-{number:02}"
        if number % 7 == 2:
            made[f"{name}.html"] = html(leaflet)
        elif number % 7 == 4:
            made[f"{name}.txt"] = plain(leaflet)
        elif number % 7 == 6:
            record = {"id": name, "title": leaflet.title, "lang": leaflet.language}
            records.append(json.dumps({**record, "text": plain(leaflet)}, ensure_ascii=False))
        else:
            made[f"{'de' if leaflet.language == 'de' else 'en'}/{name}.md"] = markdown(leaflet)
    made["records.jsonl"] = "\n".join(records) + "\n"
    return made


def write(folder: Path) -> None:
    """Writes the leaflets, and Pilcrow's article beside them."""
    for name, content in leaflets().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
    shutil.copy(ARTICLE, folder)


def edit(folder: Path) -> None:
    """Changes two leaflets, as an author would, and removes one."""
    names = sorted(path for path in folder.rglob("leaflet-*") if path.suffix == ".md")
    for path in names[3:5]:
        text = path.read_text(encoding="utf-8")
        text = text.replace("not ", "never ", 1).replace("\n\n## ", "\n\nA new remark.\n\n## ", 1)
        path.write_bytes(text.encode())
    for path in names[8:9]:
        path.unlink()
