"""Splits the front matter (YAML, TOML or JSON metadata) from a Markdown or HTML text.

In: decoded text. Out: `FrontMatter`: metadata values by name, and the text without them. Refuses
nothing: front matter that can't be parsed is read line by line instead, with a warning.

YAML is fenced by lines of `---`, TOML by `+++`, JSON by `;;;` or by its own braces alone; the
opening fence may name the language (`---json`). Prose between two rules is not front matter.
Unfenced lines such as `Title: …` are, up to a blank line or a rule (Pelican, MultiMarkdown, MkDocs,
Hexo), but only if every name is a usual metadata name and one of them is `title`.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import yaml

from indexer.errors import SourceWarning
from indexer.parsing.article import Declared

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FENCED = re.compile(
    r"(?P<fence>---|\+\+\+|;;;)(?P<language>[a-z]{0,4})[ \t]*\n(?P<facts>.*?)(?<=\n)"
    r"(?:(?P=fence)|\.\.\.)[ \t]*(?:\n|\Z)",
    re.DOTALL,
)
_MEANT = {  # by language: a line that marks the text between fences as metadata, not prose
    "yaml": re.compile(r"""^["']?[A-Za-z_][\w -]*["']?:(?:\s|$)""", re.MULTILINE),
    "toml": re.compile(r"""^["']?[A-Za-z_][\w.-]*["']? *=|^\[\[?[\w."-]+\]\]?\s*$""", re.MULTILINE),
    "json": re.compile(r"^\s*\{\s*[\"}]"),
    "js": re.compile(r"^\s*[\w{]"),
}
_BARE_JSON = re.compile(r"\{\s*\"[^\"\n]+\"\s*:")
_LANGUAGES = {"---": "yaml", "+++": "toml", ";;;": "json"}
_NAMES = {"yml": "yaml"}
_LINE = re.compile(
    r"^(?P<name>[A-Za-z_][\w-]*)[ \t]*[:=][ \t]*(?P<value>\S.{0,500}?)[ \t]*$", re.MULTILINE
)
_TITLE_BLOCK = re.compile(r"%[ \t]+(?P<title>\S[^\n]*)\n(?:%[^\n]*\n?){1,2}(?=\n|\Z)")
_HEADED = re.compile(
    r"(?:(?:title|date|modified|updated|category|categories|tags?|slug|authors?|summary|status|lang|"
    r"language|translation|template|layout|keywords|description|permalink|save_as|url):"
    r"(?:[ \t][^\n]*)?\n(?:[ \t]+\S[^\n]*\n|- [^\n]*\n)*)+(?:---[ \t]*)?(?:\n|\Z)",
    re.IGNORECASE,
)
_PROPERTIES = re.compile(r"(?:[A-Za-z][\w-]*:: [^\n]*\n)+(?:[ \t]*\n|(?=- ))")  # Logseq's
_PROPERTY = re.compile(r"(?m)^(?P<name>[\w-]+):: (?P<value>.*?)[ \t]*$")
_LONGEST = 100_000  # characters of the text that are searched for front matter
_ADDRESSES = ("url", "canonical", "canonical_url", "permalink")
_LANGUAGE = ("language", "lang", "locale")
_USED = frozenset(("title", "id", "slug", *_ADDRESSES, *_LANGUAGE))


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The metadata at the head of a file, and the text after it."""

    body: str  # the text without the front matter
    values: Mapping[str, object] = field(default_factory=dict)  # by name in lower case
    problem: SourceWarning | None = None  # set if the front matter could not be parsed as a whole

    def text_of(self, name: str) -> str:
        """A value as text ("" if missing). `name` may be dotted for nested values: `params.x`."""
        value: object = self.values
        for depth, part in enumerate(name.split(".")):
            if not isinstance(value, Mapping):
                return ""
            value = value.get(part, value.get(part.lower()) if not depth else None)
        return as_text(value)

    def declared(self) -> Declared:
        """The article's declared title, URL, language and other metadata."""
        values = {n: "no" if v is False else v for n, v in self.values.items() if n in _LANGUAGE}
        return Declared(  # `values` above: YAML reads the language `no` (Norwegian) as False
            title=self.text_of("title"),
            in_front=True,
            url=_first(self.values, _ADDRESSES),
            language=_first(values, _LANGUAGE),
            metadata={n: as_text(v) for n, v in self.values.items() if n not in _USED},
        )


def _first(values: Mapping[str, object], names: Iterable[str]) -> str:
    """The first value under `names` that is a non-blank string; "" if none is."""
    some = map(values.get, names)
    return next((v for v in some if isinstance(v, str) and v.strip()), "")


def split_front_matter(text: str, path: str) -> FrontMatter:
    """Split a text into front matter and body. `path` is named in the warning."""
    if _BARE_JSON.match(text):
        return _split_json(text)
    if text.startswith("% ") and (block := _TITLE_BLOCK.match(text)):  # Pandoc's
        return FrontMatter(text[block.end() :], {"title": block["title"].strip()})
    if (headed := _HEADED.match(text[:_LONGEST])) and re.search(r"^title:", headed[0], re.I | re.M):
        return FrontMatter(text[headed.end() :], dict(map(_read_line, _LINE.finditer(headed[0]))))
    if properties := _PROPERTIES.match(text[:_LONGEST]):
        stated = map(_read_line, _PROPERTY.finditer(properties[0]))
        return FrontMatter(text[properties.end() :], dict(stated))
    if text[:1] == "\n" and text.lstrip()[:3] in _LANGUAGES:
        text = text.lstrip()
    fenced = _FENCED.match(text[:_LONGEST]) if text[:3] in _LANGUAGES else None
    if fenced is None:
        return FrontMatter(text)
    facts, named = fenced["facts"], fenced["language"]
    language = _NAMES.get(named, named) or _LANGUAGES[fenced["fence"]]
    if language not in _MEANT or (facts.strip() and not _MEANT[language].search(facts)):
        return FrontMatter(text)
    body = text[fenced.end() :]
    try:
        values = _READERS[language](facts)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason, line = _reason_and_line(error)
        remedy = f"correct it between the two lines of {fenced['fence']}"
        problem = SourceWarning(path, f"front matter can't be read ({reason})", remedy, line)
        return FrontMatter(body, dict(map(_read_line, _LINE.finditer(facts))), problem)
    return FrontMatter(body, _by_name(values))


def _split_json(text: str) -> FrontMatter:
    """Split off a JSON object at the head of a text, if nothing follows it on its last line."""
    try:
        values, end = json.JSONDecoder().raw_decode(text[:_LONGEST])
    except (ValueError, RecursionError):
        return FrontMatter(text)
    ends_line = not text[end:].split("\n", 1)[0].strip()
    return FrontMatter(text[end:], _by_name(values)) if ends_line else FrontMatter(text)


def _by_name(values: object) -> dict[str, object]:
    if not isinstance(values, dict):
        return {}
    return {str(name).strip().lower(): value for name, value in values.items()}


def _read_line(line: re.Match[str]) -> tuple[str, object]:
    """Read one `name: value` line by itself; the value is a string, date or list."""
    value = line["value"]
    try:
        read = yaml.safe_load(value)
    except (yaml.YAMLError, ValueError, RecursionError):
        read = value
    return line["name"].lower(), read if isinstance(read, (str, datetime.date, list)) else value


def _reason_and_line(error: Exception) -> tuple[str, int]:
    """The reason for a parse error, and its line in the file (the opening fence is line 1)."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return error.problem or "not YAML", error.problem_mark.line + 2
    if isinstance(error, json.JSONDecodeError):
        return error.msg, error.lineno + 1
    if isinstance(error, tomllib.TOMLDecodeError):
        reason, _, line = str(error).partition(" (at line ")
        return reason, int(line.partition(",")[0] or 0) + 1
    return "not YAML", 1


_READERS: Mapping[str, Callable[[str], object]] = {
    "yaml": yaml.safe_load,
    "toml": tomllib.loads,
    "json": json.loads,
    "js": json.loads,  # only if it is plain JSON
}


def as_text(value: object) -> str:
    """A value as text: a list joined by commas, an object's `name`; "" for other structures."""
    if isinstance(value, list):  # lists within it are skipped: YAML aliases could grow them hugely
        return ", ".join(filter(None, (as_text(v) for v in value if not isinstance(v, list))))
    if isinstance(value, dict):
        return as_text(value["name"]) if isinstance(value.get("name"), str) else ""
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return "" if value is None else str(value)
