"""Command lines and addresses whose answers are recorded as contracts, and a small site for them.

In: nothing, or an empty folder to make the site in. Out: the site (a corpus of a few `leaflets`,
its index after an edit), the command lines and addresses by name, and `normal`, which replaces
the parts of an answer that differ from run to run. Only the command `python -m indexer`, HTTP and
the façade are used.
"""

from __future__ import annotations

import inspect
import io
import json
import re
import runpy
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from werkzeug.test import TestResponse

import indexer
from indexer import Index, NotFound, PilcrowError, Settings, UsageError, open_index
from tests.helpers.leaflets import ARTICLE, leaflets

NAMES = (
    "en/leaflet-00.md",
    "en/leaflet-05.md",
    "de/leaflet-03.md",
    "leaflet-02.html",
    "leaflet-04.txt",
)
ODD = {
    "id": "odd//id?",
    "title": "Quotes & <b>brackets</b>",
    "text": "“2 < 3 & 5 > 4”, she said; a line\u2028apart, =SUM(A1), 🙂.\n",
    "url": "https://example.org/odd?a=1&b=2",
}
CLAIMS = "term,group,role\namitriptyline,drugs,\npain,complaints,\nzebra,complaints,\n"
SYNONYMS = "amitriptyline, elavil\nendep => elavil\n"

# --- parts that differ from run to run ----------------------------------------------------------

VARIES = (
    (re.compile(r"pilcrow \d+\.\d+\.\d+\S*"), "pilcrow <version>"),
    (re.compile(r'("(?:version|pilcrow)": ?)"\d+\.\d+\.\d+[^"]*"'), r'\1"<version>"'),
    (re.compile(r'("\w*seconds": ?)[\d.e-]+'), r"\g<1><seconds>"),
    (re.compile(r"\b\d+(?:\.\d+)? (?:m?s|seconds?|minutes?)\b(?=[.\n]|$)"), "<time>"),
    (re.compile(r"\b[\d.,]+ \wB/s"), "<speed>"),
    (re.compile(r"/\S+/(?=\.pilcrow)"), "<folder>/"),
    (re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*(?:Z|[+-]\d\d:\d\d)?"), "<moment>"),
    (re.compile(r"20(?:2[5-9]|[3-9]\d)-\d\d-\d\d"), "<day>"),  # dates in this corpus are of 2024
    (re.compile(r"(?m)^((?:Date|Last-Modified|ETag|X-Request-ID): ).*$"), r"\1<varies>"),
    (re.compile(r"(?<![\w.])-?\d+\.\d{7,}(?:e-?\d+)?"), lambda found: f"{float(found[0]):.6g}"),
)


def normal(text: str) -> str:
    """`text` without times, versions and the last digits of floats."""
    for pattern, instead in VARIES:
        text = pattern.sub(instead, text)
    return text


# --- the site -----------------------------------------------------------------------------------


def write_corpus(folder: Path) -> None:
    """A few leaflets, a record with an odd id, and a file that can't be read."""
    made = leaflets()
    for name in NAMES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made[name].encode())
    (folder / ARTICLE.name).write_bytes(ARTICLE.read_bytes())
    (folder / "odd.jsonl").write_bytes((json.dumps(ODD, ensure_ascii=False) + "\n").encode())
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 no archive")


def edit_corpus(folder: Path) -> None:
    """Edits, moves and removes passages, adds an article and removes one."""
    path = folder / ARTICLE.name
    text = path.read_text(encoding="utf-8").replace("often", "seldom", 1)
    text = text.replace("Managing anxiety and stress", "Managing anxiety, never stress", 1)
    path.write_bytes(text.encode())
    path = folder / NAMES[1]
    parts = path.read_text(encoding="utf-8").strip().split("\n\n")
    moved = next(part for part in parts[3:] if len(part) > 150 and part[0] not in "#-|>")
    parts.remove(moved)
    path.write_bytes(("\n\n".join(parts) + "\n").encode())
    (folder / "leaflet-04.txt").unlink()
    (folder / "new.txt").write_bytes(f"A new leaflet\n\n\n{moved}\n\nIt says little.\n".encode())


@dataclass(frozen=True)
class Answer:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str


def pilcrow(*arguments: str) -> Answer:
    """Run `python -m indexer` in this process and in its working folder."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    code: object = 0
    with (
        patch.object(sys, "argv", ["pilcrow", *arguments]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            runpy.run_module("indexer", run_name="__main__")
        except SystemExit as leave:
            code = leave.code or 0
    out.flush()
    err.flush()
    assert isinstance(out.buffer, io.BytesIO)
    assert isinstance(err.buffer, io.BytesIO)
    assert isinstance(code, int)
    return Answer(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())


def shown(arguments: tuple[str, ...], answer: Answer, files: Mapping[str, str]) -> str:
    """An answer as it is recorded, with the files that the command wrote."""
    parts = [f"$ pilcrow {' '.join(map(quoted, arguments))}", f"exit {answer.code}", answer.out]
    if answer.err:
        parts += ["standard error:", answer.err]
    for name, content in files.items():
        parts += [f"file {name}:", content]
    return normal("\n".join(parts))


def quoted(argument: str) -> str:
    """An argument as it is recorded: in quotes when it is not one plain word."""
    return argument if re.fullmatch(r"[\w./=:,*~{}-]+", argument) else f"'{argument}'"


def known_ids(index: Path) -> dict[str, str]:
    """Passage ids by their names in commands and addresses: id, edited, lost, …"""
    with open_index(index, settings=Settings()) as opened:
        known: dict[str, str] = {link.status: link.id for link in reversed(opened.changed_links())}
        known["id"] = opened.search('"off-label prescribing"').hits[0].passage.id
    return known


def commands_of(help: str) -> list[str]:
    """The commands that `pilcrow --help` lists."""
    return re.findall(r"(?m)^  ([\w-]+)", help.partition("\nCommands:\n")[2])


def forms_of(help: str) -> set[str]:
    """The values that a command's `--format` takes, as its help lists them."""
    listed = re.search(r"--format\s+\[([\w|\s]+)\]", help)
    return set(re.sub(r"\s", "", listed[1]).split("|")) if listed else set()


# --- command lines ------------------------------------------------------------------------------
# name → arguments; {id}, {edited}, {moved} and {lost} are ids of such passages. Files that
# commands write into the folder `out` are recorded too.

PLACES = {"corpus": "corpus", "elavil": "corpus/elavil-for-chronic-pain.txt"}
ELAVIL = "elavil-for-chronic-pain"
SITE = ("--site", "https://example.org/leaflets")
FEW = ("--limit", "3")

COMMANDS: dict[str, tuple[str, ...]] = {
    "version": ("--version",),
    "search-text": ("search", "chronic pain", *FEW),
    "search-json": ("search", "chronic pain", *FEW, "--format", "json"),
    "search-csv": ("search", "chronic pain", *FEW, "--format", "csv"),
    "search-jsonld": ("search", "chronic pain", "--limit", "2", "--format", "jsonld"),
    "search-jsonld-site": ("search", "elavil", "--limit", "1", "--format", "jsonld", *SITE),
    "search-json-site": ("search", "elavil", "--limit", "1", "--format", "json", *SITE),
    "search-csv-site": ("search", "elavil", "--limit", "2", "--format", "csv", *SITE),
    "search-json-phrase": ("search", '"side effects" OR "dry mouth"~2', *FEW, "--format", "json"),
    "search-json-near": ("search", "pain NEAR/5 relief", *FEW, "--format", "json"),
    "search-json-letters": ("search", "tap* OR cl?ars OR serotonim~1", *FEW, "--format", "json"),
    "search-json-filters": (
        *("search", "pain", "--article", ELAVIL, "--section", "elavil", "--kind", "paragraph"),
        *("--sort", "position", "--offset", "1", "--limit", "2", "--format", "json"),
    ),
    "search-json-articles": (
        *("search", "pain", "--article", ELAVIL, "--article", "nowhere", "-n", "2"),
        *("--format", "json"),
    ),
    "completion": ("completion", "fish"),
    "search-json-fields": ("search", "section:dosage kind:list_item", *FEW, "--format", "json"),
    "search-json-exclusion": ("search", "-pain", *FEW, "--format", "json"),
    "search-json-case": ("search", "Elavil", "--match", "case", *FEW, "--format", "json"),
    "search-json-any": ("search", "tremor zebra", "--any", *FEW, "--format", "json"),
    "search-json-relaxed": (
        *("search", "serotonin nausea liquid tablets driving", *FEW, "--format", "json"),
    ),
    "search-json-nothing": ("search", "amitriptaline", "--format", "json"),
    "search-text-nothing": ("search", "amitriptaline"),
    "search-csv-nothing": ("search", "amitriptaline", "--format", "csv"),
    "search-json-nothing-asked": ("search", "pain", "--limit", "0", "--format", "json"),
    "search-json-odd": ("search", "brackets SUM", "--format", "json"),
    "search-csv-odd": ("search", "brackets SUM", "--format", "csv"),
    "search-json-notes": ("search", "IS CODEINE SAFE?", *FEW, "--format", "json"),
    "search-json-synonyms": (
        *("search", "elavil nausea", "--synonyms", "synonyms.txt", *FEW, "--format", "json"),
    ),
    "search-json-synonyms-in-phrases": (
        *("search", '"like endep for"', "--synonyms", "synonyms.txt", "--synonyms-in-phrases"),
        *(*FEW, "--format", "json"),
    ),
    "concordance-text": ("concordance", "pain", *FEW),
    "concordance-json": ("concordance", "pain", *FEW, "--format", "json"),
    "concordance-csv": ("concordance", "pain", *FEW, "--format", "csv"),
    "concordance-jsonld": ("concordance", "pain", "--limit", "2", "--format", "jsonld", *SITE),
    "concordance-json-sorted": (
        *("concordance", "pain", "--sort", "right1,left1,position", "--window", "3"),
        *("--offset", "2", "--limit", "4", "--format", "json"),
    ),
    "concordance-json-sentence": (
        *("concordance", '"side effects"', "--unit", "sentence", *FEW, "--format", "json"),
    ),
    "concordance-json-characters": (
        *("concordance", "usual NEAR/6 mg", "--unit", "characters", "--window", "20"),
        *(*FEW, "--format", "json"),
    ),
    "concordance-json-passage": (
        *("concordance", "serotonin", "--unit", "passage", "--match", "word", "--format", "json"),
    ),
    "concordance-json-nothing": ("concordance", "zebra", "--format", "json"),
    "concordance-file": (
        *("concordance", "serotonin", "--format", "csv", "--output", "out/lines.csv"),
    ),
    "audit-text": ("audit", "pain", "elavil", "zebra"),
    "audit-json": ("audit", "pain", "elavil", "zebra", "--format", "json"),
    "audit-csv": ("audit", "pain", "elavil", "zebra", "--format", "csv"),
    "audit-json-sections": (
        *("audit", '"side effects"', "withdrawal", "--by", "section", "--format", "json"),
    ),
    "audit-csv-sections": ("audit", "dosage", "--by", "section", "--format", "csv"),
    "audit-json-terms": ("audit", "--terms", "claims.csv", "--match", "word", "--format", "json"),
    "audit-json-group": (
        *("audit", "--terms", "claims.csv", "--group", "drugs", "--article", ELAVIL),
        *("--format", "json"),
    ),
    "audit-json-synonyms": (
        *("audit", "elavil", "--synonyms", "synonyms.txt", "--format", "json"),
    ),
    "audit-save": ("audit", "pain", "not", "--save", "out/audit.json"),
    "audit-compare-text": ("audit", "--compare", "before.json"),
    "audit-compare-json": ("audit", "--compare", "before.json", "--format", "json"),
    "audit-compare-csv": ("audit", "--compare", "before.json", "--format", "csv"),
    "collocates-text": ("collocates", "pain", "--least", "2"),
    "collocates-json": ("collocates", "pain", "--least", "2", *FEW, "--format", "json"),
    "collocates-csv": ("collocates", "pain", "--least", "2", *FEW, "--format", "csv"),
    "collocates-json-measure": (
        *("collocates", "elavil", "--left", "0", "--right", "3", "--least", "1"),
        *("--measure", "g2", "--offset", "1", *FEW, "--format", "json"),
    ),
    "clusters-text": ("clusters", "pain", *FEW),
    "clusters-json": ("clusters", "pain", *FEW, "--format", "json"),
    "clusters-csv": ("clusters", "pain", *FEW, "--format", "csv"),
    "clusters-json-first": (
        *("clusters", "elavil", "--size", "2", "--at", "first", *FEW, "--format", "json"),
    ),
    "clusters-json-any": ("clusters", "--size", "4", "--least", "2", *FEW, "--format", "json"),
    "keywords-text": ("keywords", "--article", ELAVIL, *FEW),
    "keywords-json": ("keywords", "--article", ELAVIL, *FEW, "--format", "json"),
    "keywords-csv": ("keywords", "--article", ELAVIL, *FEW, "--format", "csv"),
    "keywords-json-against": (
        *("keywords", "--against", "before", "--least", "1", "--positive", *FEW),
        *("--format", "json"),
    ),
    "words-text": ("words", "--stop", *FEW),
    "words-json": ("words", "--article", ELAVIL, *FEW, "--format", "json"),
    "words-csv": ("words", "--stop", *FEW, "--format", "csv"),
    "duplicates-text": ("duplicates", "--threshold", "0.2", "--limit", "2"),
    "duplicates-json": ("duplicates", "--threshold", "0.2", "--limit", "2", "--format", "json"),
    "duplicates-csv": ("duplicates", "--threshold", "0.2", "--limit", "2", "--format", "csv"),
    "duplicates-json-sentences": (
        *("duplicates", "--unit", "sentence", "--width", "3", "--least", "5"),
        *("--article", "en/leaflet-00", "--offset", "1", "--limit", "2", "--format", "json"),
    ),
    "eval-text": ("eval", "judged", "--as-search", "--without", "titles"),
    "eval-json": ("eval", "judged", "--as-search", "--format", "json"),
    "eval-csv": ("eval", "judged", "--per-query", "--format", "csv"),
    "readability-text": ("readability", "--limit", "1"),
    "readability-json": ("readability", "--limit", "1", "--format", "json"),
    "readability-csv": ("readability", "--limit", "1", "--format", "csv"),
    "readability-json-article": (
        *("readability", "--article", ELAVIL, "--cutoff", "2", "--format", "json"),
    ),
    "links-text": ("links",),
    "links-json": ("links", "--only", "edited,moved,lost", "--format", "json"),
    "links-csv": ("links", "--only", "edited,moved,lost", "--format", "csv"),
    "links-jsonld": ("links", "--only", "edited", "--format", "jsonld", *SITE),
    "links-json-file": ("links", "newsletter.html", "--format", "json"),
    "links-text-file": ("links", "newsletter.html"),
    "links-csv-file": ("links", "newsletter.html", "--format", "csv"),
    "links-export": ("links", "--export", "out/ids.jsonl"),
    "links-import": ("links", "--import", "ids.jsonl", "--index", "before"),
    "cite-text": ("cite", "{id}", "{edited}"),
    "cite-bibtex": ("cite", "{id}", "--format", "bibtex", *SITE),
    "cite-ris": ("cite", "{id}", "--format", "ris", *SITE),
    "cite-csl": ("cite", "{id}", "--format", "csl", *SITE),
    "cite-jsonld": ("cite", "{id}", "--format", "jsonld", *SITE),
    "cite-permalink": ("cite", "https://example.org/leaflets/p/{id}"),
    "outline-text": ("outline", "{elavil}"),
    "outline-json": ("outline", "{elavil}", "--format", "json"),
    "outline-json-markdown": ("outline", f"corpus/{NAMES[0]}", "--format", "json"),
    "outline-json-html": ("outline", "corpus/leaflet-02.html", "--format", "json"),
    "outline-jsonl": ("outline", "corpus/odd.jsonl", "corpus/new.txt", "--format", "jsonl"),
    "verify-text": ("verify",),
    "verify-json": ("verify", "--format", "json"),
    "error-command": ("sprocket", "pain"),
    "error-option": ("search", "pain", "--limit", "many"),
    "error-kind": ("search", "pain", "--kind", "picture"),
    "error-article": ("concordance", "pain", "--index", "nowhere"),
    "error-path": ("index", "nowhere", "--format", "json"),
    "error-remove": ("remove", "nowhere", "--format", "json"),
    "error-terms": ("audit", "--terms", "nowhere.csv"),
    "error-id": ("cite", "0123456789abcdef"),
    "error-lost": ("cite", "{lost}"),
    "error-outline": ("outline", "corpus/broken.docx"),
}  # fmt: skip

# --- addresses ----------------------------------------------------------------------------------

API: dict[str, str] = {
    "search": "/api/v1/search?q=chronic+pain&limit=3",
    "search-filters": (
        f"/api/v1/search?q=pain&article={ELAVIL}&section=elavil&kind=paragraph"
        "&sort=position&offset=1&limit=2"
    ),
    "search-match": "/api/v1/search?q=Elavil+zebra&match=case&any=true&limit=1",
    "search-relaxed": "/api/v1/search?q=serotonin+nausea+liquid+tablets+driving&limit=2",
    "search-nothing": "/api/v1/search?q=amitriptaline",
    "search-odd": "/api/v1/search?q=brackets+SUM",
    "suggest": "/api/v1/suggest?q=ta&limit=5",
    "suggest-heading": "/api/v1/suggest?q=side+ef",
    "concordance": "/api/v1/concordance?q=pain&limit=3",
    "concordance-sorted": (
        "/api/v1/concordance?q=pain&sort=right1&sort=position&window=3&unit=characters"
        "&offset=1&limit=2"
    ),
    "audit": "/api/v1/audit?q=pain&q=zebra",
    "audit-sections": f"/api/v1/audit?q=elavil&by=section&article={ELAVIL}&match=word",
    "collocates": "/api/v1/collocates?q=pain&least=2&limit=3",
    "clusters": "/api/v1/clusters?q=pain&size=2&limit=3",
    "clusters-any": "/api/v1/clusters?limit=2&offset=1",
    "keywords": f"/api/v1/keywords?article={ELAVIL}&limit=3",
    "words": "/api/v1/words?stop=1&limit=3",
    "duplicates": "/api/v1/duplicates?limit=2",
    "readability": "/api/v1/readability?limit=2",
    "readability-sections": f"/api/v1/readability?by=section&article={ELAVIL}&limit=2",
    "articles": "/api/v1/articles?limit=3&offset=1",
    "articles-id": "/api/v1/articles?id=new",
    "article": "/api/v1/articles/new",
    "article-path": f"/api/v1/articles/{NAMES[0].removesuffix('.md')}",
    "article-missing": "/api/v1/articles/nowhere",
    "passage": "/api/v1/passages/{id}",
    "passage-edited": "/api/v1/passages/{edited}",
    "passage-moved": "/api/v1/passages/{moved}",
    "passage-lost": "/api/v1/passages/{lost}",
    "passage-unknown": "/api/v1/passages/0123456789abcdef",
    "cite": "/api/v1/passages/{id}/cite",
    "related-without-vectors": "/api/v1/related?q=pain",
    "similar": "/api/v1/passages/{id}/similar?limit=2",
    "cite-words": "/api/v1/passages/{id}/cite?text=legitimate",
    "links": "/api/v1/links?limit=3",
    "links-edited": "/api/v1/links?status=edited&limit=2",
    "error-missing": "/api/v1/search",
    "error-number": "/api/v1/search?q=pain&limit=1000",
    "error-choice": "/api/v1/search?q=pain&match=lemma",
    "error-path": "/api/v1/nowhere",
    "openapi": "/openapi.json",
    "opensearch": "/opensearch.xml",
    "opensearch-suggest": "/opensearch/suggest?q=tap",
    "healthz": "/healthz",
    "readyz": "/readyz",
    "robots": "/robots.txt",
    "audit-file-json": "/audit/audit.json?q=pain",
    "audit-file-csv": "/audit/audit.csv?q=pain",
    "concordance-file-csv": "/audit/concordance.csv?q=serotonin",
}

PAGES = (
    "/",
    "/?q=chronic+pain",
    "/?q=pain&match=word&kind=paragraph&sort=position&page=2",
    "/?q=amitriptaline",
    "/?q=pain&page=9999",
    "/articles",
    "/articles/",
    f"/articles/{ELAVIL}",
    f"/articles/{ELAVIL}?q=pain",
    "/articles/nowhere",
    "/articles?id=odd//id%3F",
    "/outline/new",
    "/outline?id=new",
    "/p/{id}",
    "/p/{id}?q=pain",
    "/p/{edited}",
    "/p/{moved}",
    "/p/{lost}",
    "/p/0123456789abcdef",
    "/p/{id}/cite",
    "/p/{id}/similar",
    "/queries",
    "/links",
    "/links?status=lost",
    "/audit",
    "/audit?q=pain",
    "/audit/audit.xlsx?q=pain",
    "/audit/audit.html?q=pain",
    "/audit/audit.pdf?q=pain",
    "/audit/concordance?q=pain",
    "/audit/concordance.html?q=pain",
    "/audit/collocates?q=pain",
    f"/audit/keywords?article={ELAVIL}",
    "/audit/duplicates",
    "/audit/readability",
    "/help",
    "/api",
    "/api/",
    "/favicon.ico",
    "/metrics",
    "/palette.css",
    "/static/style.css",
    "/static/style.css?v=1",
    "/static/nowhere.css",
    "/nowhere",
)

# Method, address and headers of requests beside plain GETs.
REQUESTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("HEAD", "/?q=pain", {}),
    ("HEAD", "/api/v1/search?q=pain", {}),
    ("OPTIONS", "/api/v1/search?q=pain", {"Origin": "https://example.org"}),
    ("OPTIONS", "/openapi.json", {}),
    ("GET", "/?q=pain", {"Host": "evil.example"}),
    ("GET", "/api/v1/search?q=pain", {"Host": "evil.example"}),
    ("POST", "/", {}),
    ("POST", "/api/v1/search", {}),
    ("GET", "/api/v1/search?q=pain", {"Accept-Encoding": "gzip"}),
    ("GET", "/?q=pain", {"Accept-Encoding": "gzip"}),
    ("GET", "/?q=pain", {"If-None-Match": "*"}),
    ("GET", "/static/style.css", {"Range": "bytes=0-9"}),
)


def headers_of(response: TestResponse) -> str:
    """Status and headers as recorded: sorted, without lengths, which change with any wording."""
    rows = [response.status]
    for name, value in sorted(response.headers.items()):
        if name == "Allow":
            value = ", ".join(sorted(value.split(", ")))
        if name != "Content-Length":
            rows.append(f"{name}: {value}")
    return normal("\n".join(rows))


def body_of(response: TestResponse) -> str:
    """An answer as it is recorded: JSON spread over lines, all else as it is."""
    text = response.get_data(as_text=True)
    if "json" in response.content_type:
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    return normal(text)


# --- the façade ---------------------------------------------------------------------------------


def parameters(value: object) -> str:
    """The parameters of a callable: names, kinds and defaults, without types."""
    assert callable(value)
    signature = inspect.signature(value)
    bare = [
        one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()
    ]
    made = signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)
    return re.sub(r" object at 0x[0-9a-f]+", "", str(made))


def members(value: object) -> Iterator[str]:
    """Public methods and properties of a class."""
    for name, member in inspect.getmembers(value):
        if name.startswith("_"):
            continue
        if callable(member):
            yield f"  .{name}{parameters(member)}"
        elif isinstance(member, property):
            yield f"  .{name}"


def described(name: str, value: object) -> Iterator[str]:
    """Lines on the public parts of an object that the façade exports."""
    if isinstance(value, ModuleType):
        yield f"module {name}"
        for function in sorted(vars(value)):
            found = getattr(value, function)
            if inspect.isfunction(found) and found.__module__ == value.__name__:
                yield f"  .{function}{parameters(found)}" if function[0] != "_" else ""
    elif inspect.isclass(value) and issubclass(value, Exception):
        bases = [base.__name__ for base in value.__mro__[1:] if base in PUBLIC_ERRORS]
        yield f"error {name}({', '.join(bases)})"
    elif inspect.isclass(value) and is_dataclass(value):
        yield f"dataclass {name}"
        for one in fields(value):
            default = one.default is MISSING and one.default_factory is MISSING
            yield f"  {one.name}{'' if default else ' = …'}"
        own = [one for one in members(value) if one.split("(")[0][3:] not in field_names(value)]
        yield from own
    elif inspect.isclass(value):
        yield f"class {name}"
        yield from members(value)
    elif callable(value):
        yield f"function {name}{parameters(value)}"
    else:
        yield f"constant {name}"


PUBLIC_ERRORS = (NotFound, PilcrowError, UsageError)


def field_names(value: type) -> set[str]:
    """Names of a dataclass's fields."""
    return {one.name for one in fields(value)}


def facade() -> str:
    """The public interface of `indexer.__all__`, line by line."""
    lines = [f"__all__ = {sorted(indexer.__all__)}"]
    for name in sorted(indexer.__all__):
        lines += ["", *filter(None, described(name, getattr(indexer, name)))]
    return "\n".join(lines) + "\n"


def tree(value: object, depth: int = 0) -> Iterator[str]:
    """Names of fields in an answer of the façade, as deep as it is filled."""
    if is_dataclass(value):
        for one in fields(value):
            yield f"{'  ' * depth}.{one.name}"
            yield from tree(getattr(value, one.name), depth + 1)
    elif isinstance(value, Mapping):
        yield from tree(next(iter(value.values()), None), depth)
    elif isinstance(value, tuple | list):
        yield from tree(max(value, key=lambda one: len(list(tree(one))), default=None), depth)


def answers(index: Index, id: str) -> dict[str, object]:
    """An answer of each method of `Index`, with the fullest fields that this corpus gives."""
    article = index.article(ELAVIL)
    passage = index.passage(id)
    selection = index.select(article, passage.span)
    return {
        "settings": index.settings,
        "totals": index.totals,
        "search": index.search("elavil pain"),
        "search without hits": index.search("zebra"),
        "concordance": index.concordance("pain"),
        "suggest": index.suggest("pa"),
        "articles": index.articles(),
        "article": article,
        "passages": index.passages(ELAVIL),
        "passage": passage,
        "resolve": index.resolve(id),
        "links": list(index.links()),
        "changed_links": index.changed_links(),
        "select": selection,
        "find_selection": index.find_selection(article, selection),
        "article_marks": index.article_marks(ELAVIL, "pain"),
        "marks_by_article": index.marks_by_article([ELAVIL], "pain"),
        "spread": index.spread([ELAVIL], "pain"),
        "duplicates": index.duplicates(),
        "readability": index.readability(),
        "audit": index.audit(["pain", "zebra"]),
        "barcodes": index.barcodes("pain"),
        "collocates": index.collocates("pain", least=1),
        "clusters": index.clusters("pain"),
        "ngrams": index.ngrams(),
        "frequencies": index.frequencies(),
        "keywords": index.keywords([ELAVIL], least=1),
        "word_list": index.word_list(),
        "snippets": indexer.snippets(passage.text, ()),
    }
