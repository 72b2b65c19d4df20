"""Passages as references: a line of text, BibTeX, RIS, CSL-JSON.

In: an article with one of its passages. Out: a `Citation` with what the article's metadata say
about authors and date, and its text in each format. Nothing is guessed: unknown fields are left
out, and a name that may not be a person's is not split. Refuses nothing; no text can break out of
its field, whatever it contains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from indexer.model import Article, Passage
from indexer.reporting.authorship import MONTHS, PARTICLES, Day, Name, day_of, names
from indexer.reporting.formats import to_json
from indexer.reporting.wording import breadcrumb, one_line, shortened

_COMMON = frozenset((*PARTICLES, "an", "the"))  # not used as a citation key
_LONGEST_QUOTE = 300  # characters of the passage quoted in a note


@dataclass(frozen=True, slots=True)
class Citation:
    """Bibliographic data of a passage and its article. Texts are one line; "" is unknown."""

    id: str  # of the passage
    title: str
    authors: tuple[Name, ...]
    issued: Day | None
    site: str  # or journal in which the article appeared
    publisher: str
    url: str  # http or https
    doi: str
    language: str
    section: str  # headings from the top down, without the title
    quote: str  # the passage's first words
    permalink: str  # of the passage

    @property
    def key(self) -> str:
        """Citation key, unique to the passage: letters, digits and a dash, `doe2023-06b1012f`."""
        first = self.authors[0].family if self.authors else self.title
        plain = unicodedata.normalize("NFKD", first).encode("ascii", "ignore").decode().lower()
        words = [word for word in re.findall(r"[a-z]{2,}", plain) if word not in _COMMON]
        word = next(iter(words), "article")
        return f"{word}{self.issued.year if self.issued else ''}-{self.id[:8]}"

    @property
    def address(self) -> str:
        """Address of the original page or, without one, of the passage."""
        return self.url or self.permalink

    @property
    def note(self) -> str:
        """Section, quote and permalink of the passage."""
        where = f"Section “{self.section}”: " if self.section else ""
        link = f" {self.permalink}" if self.permalink and self.url else ""
        return f"{where}“{self.quote}”{link}"


def citation_of(article: Article, passage: Passage, permalink: str = "") -> Citation:
    """Citation of a passage; `permalink` is its address on a site, "" if it has none."""
    known = article.metadata
    web = article.url.startswith(("http://", "https://"))
    headings = list(passage.section)
    if headings and headings[0] == article.title:
        del headings[0]
    return Citation(
        id=passage.id,
        title=_clean(article.title),
        authors=names(_clean(_first(known, "authors", "author", "creator", "by"))),
        issued=day_of(_first(known, "date", "published", "pubdate", "issued", "year"))
        or day_of(_first(known, "modified", "updated", "lastmod")),
        site=_clean(_first(known, "journal", "container-title", "site", "site_name", "website")),
        publisher=_clean(_first(known, "publisher")),
        url=_address(article.url) if web else "",
        doi=_doi(_first(known, "doi")),
        language=_clean(article.language),
        section=_clean(breadcrumb(headings)),
        quote=shortened(_clean(passage.text), _LONGEST_QUOTE),
        permalink=_address(permalink),
    )


# --- formats -----------------------------------------------------------------------------------


def citation_formats(article: Article, passage: Passage, permalink: str) -> dict[str, str]:
    """Citations of a passage in each format, by name of the format."""
    cited = citation_of(article, passage, permalink)
    return {
        "reference": as_text(cited),
        "bibtex": as_bibtex((cited,)),
        "ris": as_ris((cited,)),
        "csl": as_csl((cited,)),
    }


def as_text(citation: Citation) -> str:
    """One line, as a reader would write it below a quotation."""
    c = citation
    parts = [
        _listed([name.spoken for name in c.authors]),
        f"“{c.title}”",
        c.site,
        c.publisher if c.publisher != c.site else "",
        c.issued.spoken if c.issued else "",
        f"section “{c.section}”" if c.section else "",
    ]
    line = ", ".join(filter(None, parts[1:]))
    line = f"{parts[0]}: {line}" if parts[0] else line
    page = f"https://doi.org/{c.doi}" if c.doi else c.address
    passage = f" (passage: {c.permalink})" if c.permalink not in ("", page) else ""
    return line + (f". {page}{passage}" if page else "")


def as_bibtex(citations: Iterable[Citation]) -> str:
    """Entries of type `misc`, in UTF-8, for BibTeX and BibLaTeX."""
    return "\n".join(map(_bibtex_entry, citations))


def as_ris(citations: Iterable[Citation]) -> str:
    """RIS records, with the CR LF line ends that the format requires."""
    return "\r\n".join(map(_ris_record, citations))


def as_csl(citations: Iterable[Citation]) -> str:
    """A list of CSL-JSON items, as citation processors read it."""
    return to_json([csl_item(citation) for citation in citations]) + "\n"


def csl_item(citation: Citation) -> dict[str, Any]:
    """One item of CSL-JSON."""
    c = citation
    item: dict[str, Any] = {
        "id": c.key,
        "type": "webpage" if c.address else "document",
        "title": c.title,
        "author": [_csl_name(name) for name in c.authors],
        "issued": {"date-parts": [list(c.issued.parts)]} if c.issued else None,
        "container-title": c.site,
        "publisher": c.publisher,
        "URL": c.address,
        "DOI": c.doi,
        "language": c.language,
        "section": c.section,
        "note": c.note,
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: Name) -> dict[str, str]:
    if name.is_literal:
        return {"literal": name.family}
    return {"family": name.family, "given": name.given}


# --- BibTeX ------------------------------------------------------------------------------------

# Braces are written as commands: BibTeX counts them even after a backslash.
_TEX: Mapping[int, str] = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: "\\" + sign for sign in "&%$#_"},
    }
)


def _bibtex_entry(citation: Citation) -> str:
    c = citation
    fields = {
        "author": " and ".join(map(_tex_name, c.authors)),
        "title": "{" + _tex(c.title) + "}",  # so that no style changes its case
        "year": str(c.issued.year) if c.issued else "",
        "month": MONTHS[c.issued.month - 1][:3].lower() if c.issued and c.issued.month else "",
        "howpublished": _tex(c.site),
        "publisher": _tex(c.publisher),
        "url": c.address,
        "doi": _tex(c.doi),
        "language": _tex(c.language),
        "note": _tex(c.note),
    }
    lines = [
        f"  {name} = {value if name == 'month' else '{' + value + '}'},\n"
        for name, value in fields.items()
        if value
    ]
    return f"@misc{{{c.key},\n{''.join(lines)}}}\n"


def _tex(text: str) -> str:
    return text.translate(_TEX)


def _tex_name(name: Name) -> str:
    """`Doe, Jane`; a literal name in braces, or BibTeX would split it at "and" or a comma."""
    if name.is_literal:
        return "{" + _tex(name.family) + "}"
    return f"{_tex(name.family)}, {_tex(name.given)}"


# --- RIS ---------------------------------------------------------------------------------------


def _ris_record(citation: Citation) -> str:
    c = citation
    rows = [("TY", "ELEC" if c.address else "GEN")]
    rows += [("AU", name.family + (f", {name.given}" if name.given else "")) for name in c.authors]
    rows += [
        ("TI", c.title),
        ("T2", c.site),
        ("PB", c.publisher),
        ("PY", str(c.issued.year) if c.issued else ""),
        ("DA", _ris_date(c.issued) if c.issued else ""),
        ("DO", c.doi),
        ("UR", c.address),
        ("LA", c.language),
        ("SE", c.section),
        ("N1", c.note),
        ("ID", c.key),
    ]
    lines = [f"{tag}  - {value}" for tag, value in rows if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def _ris_date(day: Day) -> str:
    """`2023/05/01/`: year, month, day and a remark, all but the year optional."""
    month, date = (f"{part:02}" if part else "" for part in (day.month, day.day))
    return f"{day.year}/{month}/{date}/"


# --- texts -------------------------------------------------------------------------------------


def _first(known: Mapping[str, str], *keys: str) -> str:
    """Metadata value of the first key that has one; keys are compared without case."""
    lower = {name.lower(): value for name, value in known.items()}
    return next((lower[key] for key in keys if lower.get(key)), "")


def _clean(text: str) -> str:
    """A text as one line that every format can hold."""
    return one_line(text).strip()


def _address(url: str) -> str:
    """An address in ASCII, without characters that could end a field."""
    return quote(_clean(url).encode("utf-8", "replace"), safe=":/?#[]@!$&'()*+,;=%-._~")


def _doi(given: str) -> str:
    found = re.search(r"10\.\d{4,9}/[^\s{}\\\"<>]+", given)
    return found[0] if found else ""


def _listed(words: list[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
