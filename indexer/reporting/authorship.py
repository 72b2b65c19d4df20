"""Parses bylines and dates of articles.

In: one line of metadata. Out: `Name`s, or a `Day` as far as it is known. Refuses nothing: a name
that can't be split stays as it is written, a date that can't be parsed is None.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_BY = re.compile(r"\s*(?:(?:medically\s+)?(?:written|reviewed)\s+)?by\s*:?\s+", re.IGNORECASE)
_APART = re.compile(r"\s*[;|]\s*|\s+(?:and|&|und|et)\s+(?=[^\W\d_])|\s*\n\s*")
_DEGREE = re.compile(
    r"(?:M\.?D\.?|Ph\.?\s?D\.?|D\.?O\.?|R\.?N\.?|N\.?P\.?|P\.?A\.?(?:-C)?|D\.?Phil\.?|Dr\.?"
    r"|Pharm\.?\s?D\.?|R\.?Ph\.?|Psy\.?D\.?|DDS|DMD|DVM|JD|MBA|MPH|MSN?|MS[cw]|MA|BA|BSN?|BSc|MBBS"
    r"|B?ChB|FRCP|FAC[CPS]|FAAP|LCSW|RD|LDN|CNS|DNP|APRN|FNP(?:-(?:BC|C))?|BCPS|Jr\.?|Sr\.?|II|III"
    r"|Esq\.?)"
)
_TITLE = re.compile(r"(?:Dr|Prof|Professor|Mr|Mrs|Ms|Sir)\.?\s+(?:med\.\s+)?", re.IGNORECASE)
_BODY = re.compile(  # words that occur in names of organisations, not of people
    r"\b(?:academy|agency|america|american|association|authority|board|british|bureau|cent(?:er|re)"
    r"|clinics?|college|committee|company|contributors?|corp(?:oration)?|council|department|desk"
    r"|editor(?:s|ial)?|european|federation|foundation|gmbh|group|health|hospitals?|inc|institutes?"
    r"|international|journal|laborator(?:y|ies)|library|limited|llc|ltd|magazine|media|medical"
    r"|medicine|ministry|national|network|news|office|organi[sz]ations?|pharma\w*|press|project"
    r"|publish\w*|research|royal|school|sciences?|service|services|society|staff|state|team|the|times"
    r"|trust|union|united|universit\w+|us|usa|world|writers?|www)\b|[@/\d]|\.(?:com|org|net)\b",
    re.IGNORECASE,
)
PARTICLES = frozenset(
    (
        *("af", "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el"),
        *("ibn", "la", "le", "ten", "ter", "van", "von", "zu", "zum"),
    )
)


@dataclass(frozen=True, slots=True)
class Name:
    """An author. An organisation, or a name that can't be split, is all `family`."""

    family: str
    given: str = ""

    @property
    def is_literal(self) -> bool:
        """Whether the name is kept as written, not known to be a person's."""
        return not self.given

    @property
    def spoken(self) -> str:
        """Given name first: `Jane van Doe`."""
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is known."""

    year: int
    month: int = 0  # 1 to 12; 0 when unknown
    day: int = 0  # 1 to 31; 0 when unknown

    @property
    def parts(self) -> tuple[int, ...]:
        """Year, month and day without those that are unknown."""
        return tuple(part for part in (self.year, self.month, self.day) if part)

    @property
    def spoken(self) -> str:
        """`1 May 2023`, `May 2023` or `2023`."""
        words = (str(self.day or ""), MONTHS[self.month - 1] if self.month else "", str(self.year))
        return " ".join(word for word in words if word)


def names(author: str) -> tuple[Name, ...]:
    """Authors named in a line, in order and without duplicates."""
    line = _BY.sub("", author.strip(), count=1) if _BY.match(author.strip()) else author
    found = [name for part in _APART.split(line) for name in _of_part(part)]
    return tuple(dict.fromkeys(found))


def _of_part(part: str) -> Iterator[Name]:
    """Names in a part of a line that only commas can still separate."""
    pieces = [piece for piece in map(str.strip, part.split(",")) if piece]
    pieces = [p for p in pieces if not _DEGREE.fullmatch(p) and p not in ("and", "&")]
    if len(pieces) == 2 and _is_reversed(*pieces):
        yield Name(pieces[0], pieces[1])
        return
    if len(pieces) > 1 and any(map(_BODY.search, pieces)) and not all(" " in p for p in pieces):
        yield Name(", ".join(pieces))  # "Acme Health, Inc"
        return
    for piece in pieces:
        yield _of_piece(piece)


def _is_reversed(first: str, second: str) -> bool:
    """Whether two pieces are one name, family name first: `Doe, Jane`, `van Doe, J. M.`."""
    words = first.split()
    bare = [word for word in words if word.lower() not in PARTICLES]
    return (
        len(bare) == 1
        and len(second.split()) <= 3
        and not _BODY.search(first)
        and not _BODY.search(second)
    )


def _of_piece(piece: str) -> Name:
    """`Dr. Jane M. van Doe MD` split into family and given name, if it is a person's."""
    words = _TITLE.sub("", piece, count=1).split() if _TITLE.match(piece) else piece.split()
    while len(words) > 2 and _DEGREE.fullmatch(words[-1]):
        words.pop()
    person = 2 <= len(words) <= 5 and not _BODY.search(piece)
    if not person or not all(word[0].isupper() or word.lower() in PARTICLES for word in words):
        return Name(piece)
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in PARTICLES:
        at -= 1
    return Name(" ".join(words[at:]), " ".join(words[:at]))


_ISO = re.compile(r"\s*(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?(?![\d])")
_SLASHED = re.compile(r"\s*(\d{4})[/.](\d{1,2})(?:[/.](\d{1,2}))?(?!\d)")
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_SPOKEN = re.compile(
    rf"(?:{_MONTH}\s+(?:(?P<late>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?P<year>\d{{4}}))\b"
    rf"|(?:(?P<early>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+{_MONTH.replace('month', 'month2')},?"
    rf"\s+(?P<year2>\d{{4}}))\b",
    re.IGNORECASE,
)


def day_of(date: str) -> Day | None:
    """The date in a line; None if there is none. Of an ambiguous one such as 01/02/2023, which
    countries read differently, only the year."""
    if found := _SLASHED.match(date) or _ISO.match(date):
        return _day(*(int(part or 0) for part in found.groups()))
    if found := _SPOKEN.search(date):
        name = (found["month"] or found["month2"]).title()
        month = next(n for n, month in enumerate(MONTHS, 1) if month.startswith(name))
        day = int(found["late"] or found["early"] or 0)
        return _day(int(found["year"] or found["year2"]), month, day)
    try:
        moment = parsedate_to_datetime(date)
    except (TypeError, ValueError, IndexError, OverflowError):
        found = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", date)
        return Day(int(found[0])) if found else None
    return Day(moment.year, moment.month, moment.day)


def _day(year: int, month: int, day: int) -> Day | None:
    """A date without its impossible parts; None if nothing is left."""
    if not 1000 <= year <= 2999:
        return None
    if not 1 <= month <= 12:
        return Day(year) if not month else None
    return Day(year, month, day if 1 <= day <= monthrange(year, month)[1] else 0)
