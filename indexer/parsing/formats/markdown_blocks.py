"""Rules for blocks of Markdown dialects that markdown-it does not know.

In: markdown-it's state. Out: CommonMark tokens that keep the words of a container and drop its
markup. Refuses nothing: a line that only looks like markup stays text.

Each rule names the markup it reads; mdit_py_plugins' `admon` knows neither tabs nor types alone.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, html_block, table
from markdown_it.rules_block.html_block import HTML_SEQUENCES
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from indexer.parsing.formats.template_marks import EDGE, SLOT, TemplateMarks, words_of

_COLONS = re.compile(r"(?P<marks>:{3,}|::(?=[A-Za-z]|\Z))[ \t]*(?P<rest>.*?)[ \t]*:*")
_DIRECTIVE = re.compile(r"\{(?P<name>[A-Za-z][\w:+-]*)\}[ \t]*(?P<title>.*)")
_CONTAINER = re.compile(
    r"(?P<name>[A-Za-z][\w.:/#-]*)?[ \t]*(?:\[(?P<label>.*?)\])?"
    r"(?:\{(?P<given>(?:[^{}\"]|\"[^\"]*\")*)\})?"
    r"(?:(?:(?<=[\s\]}])|\A)(?P<title>[^{}]*?))?(?:\{(?P<more>[^{}]*)\})?"
)
_TAB_LABEL = re.compile(r"(?:@tab(?::active)?|==)[ \t]+(?P<title>\S.*?)(?:#[\w-]+|\{[^{}]*\})?")
_FACTS = re.compile(r"(?:[\w-]+=\"[^\"]*\"\s*)+")
_PART_NAME = re.compile("#[a-z][a-z-]*")
_WRAPPER = re.compile(r"</?(?:div|section|aside|article|details)(?:\s[^<>]*)?>")
_CUSTOM = re.compile("</?[a-z][a-z0-9]*-")
_OPENED = re.compile(  # by a name that the line of marks below closes
    r"::[A-Za-z][\w-]*(?:\[(?P<label>.*?)\])?(?:\{(?P<given>[^{}]*)\})?|/{3,}[ \t]*"
    r"(?:(?:html|define)[ \t]*(?:\|.*)?|[A-Za-z][\w-]*[ \t]*(?:\|[ \t]*(?P<title>.*))?)"
)
_OPTION = re.compile(r":(?P<name>[\w-]+):(?:[ \t]+(?P<value>.*))?")
_WORD_OPTIONS = ("alt", "caption", "title", "summary")  # options whose value is text of the page
_YAML = re.compile(r"[a-z][\w-]*:(?:[ \t].*)?|[ \t]+\S.*|- .*|#.*|[ \t]*")
_INDENTED = re.compile(r"[\w-]+:(?:[ \t].*)?|- .*")
_FENCED = re.compile(r"(?P<marks>`{3,}|~{3,})[ \t]*(?P<rest>\{[A-Za-z][\w:+-]*\}[^`]*)")
_NAMED_FENCE = re.compile(  # mdBook, Obsidian, Bookdown
    r"(`{3,}|~{3,})[ \t]*(?:admonish\b|ad-[a-z-]+\Z|\{(?:block2?|theorem|lemma|corollary|"
    r"proposition|conjecture|definition|example|exercise|hypothesis|proof|remark|solution)"
    r"(?:[ ,][^{}]*)\})"
)
_ITS_NAME = re.compile(r"\bname *= *(?:\"([^\"]+)\"|'([^']+)')")
_FENCE_OPTION = re.compile(r"(?:title:[ \t]*(?P<title>.*)|(?:collapse|icon|color):.*)")
_ADMONITION = re.compile(
    r"(?:!!!|\?\?\?\+?)[ \t]*(?P<type>[\w-]+(?:[ \t]+[\w-]+)*)?(?:[ \t]+\"(?P<title>.*)\")?[ \t]*"
)
_TAB = re.compile(r"===[!+]{0,2}[ \t]+\"(?P<title>.*)\"[ \t]*")
_CALLOUT = re.compile(
    r"\[!(?P<type>[A-Za-z][\w-]*)(?:[| ][^\]\n]*)?\][+-]?[ \t]*(?P<title>[^\n]*)(?:\n|\Z)"
)
_GONE = re.compile(
    r"\^|<-{2,}>|\\(?:newpage|pagebreak|clearpage|(?:big|med|small)skip|noindent|vspace\{[^{}]*\})|"
    r"\[TOC\]|\[\[_?TOC_?\]\]|\([\w|@<>*./+:-]+\)=|\*\[[^\]\n]+\]:.*|"
    r"@include\([^()]*\)|@\[(?:code|include|youtube|vimeo|video|audio|pdf)\b[^\]]*\]\([^()]*\)|\^{3,}|"
    r";?-+8<-+.*|<<<[ \t]*[@.~/]\S.*|\{\{<[ \t]*pagebreak.*",
    re.I,
)
_SNIPPETS = re.compile(r"-+8<-+")  # encloses names of files
_IMPORT = re.compile(r"import\s(?:[\w*{}\s,$]+?\sfrom\s)?\s*(?:\"[^\"\n]+\"|'[^'\n]+')\s*;?")
_EXPORT = re.compile(
    r"export\s+(?:(?:const|let|var)\s+(?:[\w$]+\s*[=:;]|[{\[])|\{[\w$\s,]*\}|\*\s*(?:as\s+\w+\s+)?from\b"
    r"|(?:default\s+)?(?:async\s+)?function\s*\*?\s*[\w$]*\s*[(<]"
    r"|(?:default\s+)?class\s+[\w$]+\s*(?:extends\b|[{<])|default\s*(?:[({\[]|[\w$]+\s*=>)"
    r"|(?:type|interface|enum)\s+[\w$]+\s*[={<])"
)
_DEFAULT = re.compile(r"export\s+default\s+[\w$.]+(?:\(.*\))?\s*;?\s*")
_UNFINISHED = re.compile(r"[=>(,{\[+&|?:]\s*\Z")
_GOES_ON = re.compile(r"\s+\S|[.+?:&|)}\]]")
_SEPARATOR = re.compile(
    r"\|?[ \t]*(?:={3,}|:?-{3,}:?)(?:[ \t]*[|+][ \t]*(?:={3,}|:?-{3,}:?)?)*[ \t]*"
)
_GRID = re.compile(r"\+(?:[-=:]{2,}\+)+")
_PARTLY = re.compile(r"\+-+\+|\+-+\||\A[^|]|[^|]\Z")  # rule below some columns only, or no border
_WIDE = re.compile(  # characters that take two columns
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]"
)
_FENCE_TITLE = re.compile(
    r"""\b(?:title|caption|filename|label|(?:fig|tab)\.cap|(?:fig|lst|tbl)-cap)[ ]?=[ ]?"""
    r"""(?:"([^"]+)"|'([^']+)')"""
    r"""|\s\[([^\]]+)\]\s*\Z|:title=([^\s{]+)"""
)
_CAPTION = re.compile(r"\A(?:Table)?:[ \t]+(?:\(\\#[^()\s]+\)[ \t]*)?")
_RARE = tuple(  # rare markup: a text that each match holds, its form, and the replacement
    (sign, re.compile(rf"(?:{form})|(?P<code>`[^`]+`)"), words) for sign, form, words in (
        ("^", r"(?:\A|[ \n])\^(?=[\d-]*[A-Za-z])[A-Za-z\d-]{4,}[ \t]*\Z", ""),  # Obsidian's ids
        ("*", r"(?<=\d)\*(?=\d)", r"\\*"),  # a product
        ("^^", r"\^\^(?=\S)([^^\n]+)(?<=\S)\^\^", r"\1"),  # highlighted, in Logseq
        ("((", r"\(\([0-9a-f]{8}-[0-9a-f-]{27}\)\)", ""),
        ("id:: ", r"(?m:^[ \t]*id:: [0-9a-f-]{36}[ \t]*$)", ""),
        ("collapsed:: ", r"(?m:^[ \t]*collapsed:: (?:true|false)[ \t]*$)", ""),
        ("++", r"(?<![\w+{])\+\+(?=[^\s+]{2})([^\n]{2,300}?)(?<=[^\s+])\+\+(?![\w+])", r"\1"),
        ("~", r"(?<=[A-Za-z)\]])~(\d{1,2})~(?!~)", r"<sub>\1</sub>"),  # H~2~O
        ("^", r"(?<=[\w)\]])\^([+−-]?\d{1,3}[+−-]?|[A-Za-z]{1,3}(?=\^(?!\w)))\^(?!\^)",
         r"<sup>\1</sup>"),
        ("{++", r"\{\+\+([^{}\n]+?)\+\+\}", r"\1"),  # CriticMarkup's tracked changes
        ("{--", r"\{--([^{}\n]+?)--\}", r"\1"),
        ("{~~", r"\{~~([^{}\n]*?)~>([^{}\n]*?)~~\}", r"\1 \2"),
        ("{>>", r"\{>>[^{}\n]*?<<\}", ""),
        ("`#!", r"(?<!`)`#![a-z][\w+-]* +([^`\n]+`)", r"`\1"),  # PyMdown's languages of code
        ("`:::", r"(?<!`)`:::[a-z][\w+-]* +([^`\n]+`)", r"`\1"),
        ("[!toc]", r" \[!toc\]\Z", ""),  # Nextra's
        ("?> ", r"\A\?> ", ""),  # Docsify's tips
        ("!> ", r"\A!> ", ""),
        (" :id=", r" :id=[\w-]+\Z", ""),
        ("+ ", r"[{\[]\+ ([^{}\[\]\n]+) \+[}\]]", r"\1"),  # GitLab's additions and deletions
        ("- ", r"[{\[]- ([^{}\[\]\n]+) -[}\]]", r"\1"),
        ("(\\#", r"\(\\#[\w:-]+\)[ \t]?", ""),  # Bookdown's labels
        # size of an image
        ("](", r"(!\[[^\]\n]{0,300}\]\([^()\s]{1,2000}) =\d*%?x\d*%?(?=\s*[\")])", r"\1"),
        ("<xref:", r"<xref:([^\s<>?]+)[^\s<>]*>", r"\1"),  # of DocFX
        ("@ref(", r"\\@ref\([^()\s]+\)", ""),  # Bookdown's numbers and captions
        ("\\index{", r"\\index\{[^{}]*\}", ""),
        ("(ref:", r"(?m:^\(ref:[\w-]+\)[ \t]*)", ""),
        ("(PART", r"\A\(PART\*?\)[ \t]*", ""),
        (":END:", r"(?ms:^[ \t]*:[A-Z]+:[ \t]*$.*?^[ \t]*:END:[ \t]*$)", ""),  # Logseq's clocks
        ("(APPENDIX", r"\A\(APPENDIX\)[ \t]*", ""),
    )
)  # fmt: skip
_BOXES = {"[x] ": "☑", "[ ] ": "☐"}
_ENDS_HEADING = re.compile(r"(?:\{[ \t]*#|[ \t]\[#(?=[a-z]))(?P<id>[^\s{}\[\]]+)[^{}\[\]]*[}\]]\Z")
_BODIES = (  # MyST's and Sphinx's directives whose body is Markdown
    """admonition aside attention blockquote button-link button-ref card card-carousel caution
    centered compound container danger dedication definition deprecated details div dropdown
    epigraph error exercise figure figure-md glossary grid grid-item grid-item-card highlights
    hint hlist important index list-table margin note only panels pull-quote rubric seealso
    sidebar solution sphinx_grid tab tab-item tab-set tabs tabbed tip todo topic versionadded
    versionchanged versionremoved warning table theorem lemma corollary
    proposition conjecture example hypothesis proof remark block block2 toggle collapse
    group-tab tab-set-code exercise-start exercise-end solution-start solution-end tags
    line-block image include toctree tableofcontents contents iframe embed bibliography"""
)
_PROSE = frozenset(_BODIES.split())
_DOMAIN = re.compile(r"(?:prf|proof|py|js|c|cpp|std|rst):[a-z]+")  # directives of these are prose
_SILENT = frozenset(("toctree", "tableofcontents", "contents", "include", "index", "bibliography",
                     "literalinclude", "figure-md"))  # fmt: skip
_ADDRESSED = frozenset(  # directives whose argument is an address or the like, not a title
    ("figure", "image", "include", "literalinclude", "iframe", "embed", "grid", "tab-set", "only",
     "button-link", "button-ref", "card-carousel", "solution", "container", "div", "glossary",
     "highlights", "raw", "html")
)  # fmt: skip
_PROGRAM = frozenset(
    ("code", "code-block", "code-cell", "sourcecode", "mermaid", "math", "parsed-literal",
     "doctest", "eval-rst", "graphviz", "csv-table")
)  # fmt: skip
_TERM = re.compile(r"^(\S[^\n]*)\n[ \t]+(?=[^\s:])(\S)", re.MULTILINE)  # of a glossary
_DEEPEST = 20  # nested directives
_DEFINES = re.compile(r":[ \t]+\S")
_README = re.compile(r"\[block:[a-z-]+\]")
_WORDS_OF_README = re.compile(r"title|body|caption|text|code|\d+-\d+|h-\d+")
_LONGEST_TERM, _MOST_TERMS = 60, 5  # characters; terms of one definition
_MOST_LINES = 400  # of an import, an export or a ReadMe block


def add_rules(md: MarkdownIt) -> None:
    """Add this module's rules to a parser; its env must hold `{"marks": TemplateMarks}`."""
    ends_all: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    add = md.block.ruler.before
    add("fence", "template_line", _template_line, {"alt": ["paragraph", "reference"]})
    add("fence", "container_line", _container_line, ends_all)
    add("fence", "directive", _directive, ends_all)
    add("fence", "admonition", _admonition, {"alt": ["paragraph", "reference", "list"]})
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    add("fence", "headless_table", _headless_table)
    add("fence", "grid_table", _grid_table)
    add("deflist", "terms", _terms)
    add("fence", "readme_block", _readme_block, {"alt": ["paragraph", "reference"]})
    add("fence", "gone_line", _gone_line, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    md.core.ruler.before("inline", "callouts", _read_callouts)
    md.core.ruler.before("inline", "table_captions", _read_captions)
    md.core.ruler.before("inline", "code_titles", _show_titles)
    md.core.ruler.before("inline", "tasks", _read_tasks)
    md.core.ruler.before("inline", "rare_marks", _drop_rare_marks)
    md.core.ruler.before("inline", "heading_id", _take_heading_ids)


def _line(state: StateBlock, number: int) -> str:
    """A line without its indent; "" for indented code and for lines past the end."""
    if number >= state.lineMax or state.is_code_block(number):
        return ""
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()


def _push_words(state: StateBlock, words: Iterable[str], line: int) -> None:
    """Push a separator, then each non-empty text of `words` as a block of its own.

    Not as paragraphs, because the renderer omits the `<p>` of those in a tight list.
    """
    state.push("html_block", "", 0).content = "<hr>"
    for text in filter(None, words):
        for token in _element("div", text):
            token.map, token.level = [line, line + 1], state.level
            state.tokens.append(token)


def _element(tag: str, text: str) -> list[Token]:
    """The tokens of an element that holds a text with inline markup."""
    return [
        Token(f"{tag}_open", tag, 1, block=True),
        Token("inline", "", 0, content=text, children=[], block=True),
        Token(f"{tag}_close", tag, -1, block=True),
    ]


def _verbatim(state: StateBlock, text: str) -> None:
    state.push("fence", "code", 0).content = text


# --- lines of marks ------------------------------------------------------------------------------


def _template_line(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """A line that holds only template marks, at least one of them not inline."""
    line = _line(state, begin)
    if not SLOT.match(line) or SLOT.sub("", line).strip():
        return False
    marks: TemplateMarks = state.env["marks"]
    held = [(slot[0], marks.held[int(slot[1])]) for slot in SLOT.finditer(line)]
    if all(one.kind == "inline" for _, one in held):
        return False
    if silent:
        return True
    for slot, one in held:
        if one.kind == "code":
            _verbatim(state, marks.restore(one.shown))
        elif one.kind == "html":
            state.push("html_block", "", 0).content = slot
        elif one.kind == "block" and not one.is_text:
            _push_words(state, map(marks.hide, one.shown.split("\n\n")), begin)
        else:
            _push_words(state, [slot], begin)
    _push_words(state, (), begin)
    state.line = begin + 1
    return True


def _gone_line(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """Drop contents lists, labels and snippets (`[TOC]`, `(label)=`, `--8<--`, `*[HTML]: …`,
    `^id`), and whole `import` and `export` statements of MDX."""
    line = _line(state, begin)
    if _GONE.fullmatch(line) or (state.env.get("::") and _PART_NAME.fullmatch(line)):
        names = range(begin + 1, min(end, begin + _MOST_LINES)) if _SNIPPETS.fullmatch(line) else ()
        count = next((n for n in names if _line(state, n) == line), begin) - begin + 1
    elif not silent and line.startswith(("import ", "export ", "import{")):
        count = _module_lines(state, begin)
    else:
        return False
    if count and not silent:
        state.line = begin + count
    return count > 0


def _module_lines(state: StateBlock, begin: int) -> int:
    """Number of lines that an `import` or `export` of MDX takes; 0 if the line begins none."""
    text, is_mdx = "", state.env["marks"].is_mdx
    for number in range(begin, min(state.lineMax, begin + _MOST_LINES)):
        line = state.src[state.bMarks[number] : state.eMarks[number]]
        text += state.env["marks"].restore(line) + "\n"
        if text.startswith("import"):
            if _IMPORT.fullmatch(text.strip()) and (is_mdx or re.search(r"\sfrom\s|[./]", text)):
                return number - begin + 1
            if not line.strip():
                return 0
        elif is_mdx and _DEFAULT.fullmatch(text):
            return 1
        elif not _EXPORT.match(text):
            return 0
        else:
            bare = re.sub(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`", "", text)
            following = _raw_line(state, number + 1)
            is_whole = all(bare.count(a) <= bare.count(b) for a, b in ("{}", "()", "[]"))
            if (is_whole and "`" not in bare) and not (
                following.strip() and (_UNFINISHED.search(bare) or _GOES_ON.match(following))
            ):
                return number - begin + 1
    return 0


def _raw_line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] : state.eMarks[number]] if number < state.lineMax else ""


# --- containers ----------------------------------------------------------------------------------


def _container_line(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """`::: name Title`, `:::name[Title]{.x}`, `:::{name} Title` (Docusaurus, VitePress, Pandoc,
    Quarto, MyST): drop the line and the options below it, but keep their words."""
    line = _line(state, begin)
    if line.startswith("///"):
        return _named_line(state, begin, line, "///", silent)
    if line[:1] in "@=":
        label = _TAB_LABEL.fullmatch(line) if state.env.get("tabs") else None
        if label and not silent:
            _push_words(state, [label["title"]], begin)
            state.line = begin + 1
        return label is not None
    found = _COLONS.fullmatch(line) if line.startswith("::") else None
    if found is None:
        return False
    if found["marks"] == "::":
        return _named_line(state, begin, line, "::", silent)
    directive = _DIRECTIVE.fullmatch(found["rest"])
    container = None if directive else _CONTAINER.fullmatch(_restored(state, found["rest"]))
    if not directive and not container:
        return False
    if container and container["title"] and ":::" not in state.src[state.eMarks[begin] :]:
        return False  # never closed: a sentence after colons
    if silent:
        return True
    if directive:
        name = directive["name"].lower()
        if name in _PROGRAM:
            return _program(state, begin, found["marks"], directive)
        at, words = _options(state, begin + 1, state.lineMax)
        _push_words(state, [_title(name, directive["title"]), *words], begin)
    elif container and found["rest"]:
        name = container["name"] or ""
        state.env["tabs"] = state.env.get("tabs") or name.startswith(("tabs", "code-tabs"))
        at, words = _options(state, begin + 1, state.lineMax, named=False, indented="." in name)
        title = container["label"] or (container["title"] or "").strip()
        given = f"{container['given'] or ''} {container['more'] or ''}"
        names = () if name else _names_in(given)  # of a theorem
        if _FACTS.fullmatch(title):  # Microsoft Learn: name="value" without braces
            title, given = "", f"{title} {given}"
        words = [title, *names, *words_of(given), *words]
        _push_words(state, map(state.env["marks"].hide, words), begin)
    else:
        at = begin + 1
        _push_words(state, (), begin)
    state.line = at
    return True


def _names_in(attributes: str) -> list[str]:
    return [found[1] or found[2] for found in _ITS_NAME.finditer(attributes)]


def _html_block(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """HTML up to a blank line or the mark of a container (`:::`). HTML that begins with a custom
    element (a name with a hyphen) also ends at a code fence."""
    line = _line(state, begin)
    if state.env.get("markdown in HTML") and _WRAPPER.fullmatch(line):
        return html_block(state, begin, begin + 1, silent)
    if not line or not any(opening.search(line) for opening, _, _ in HTML_SEQUENCES):
        return False
    ends = (":::", "```", "~~~") if _CUSTOM.match(line) else ":::"
    scanned: dict[tuple[object, ...], int] = state.env.setdefault("lines of HTML", {})
    close = max(begin + 1, scanned.get((state.src, ends), 0))
    while not (silent or close >= end or state.isEmpty(close)) and (
        state.sCount[close] >= state.blkIndent  # else the enclosing list item ends here
    ):
        if _line(state, close).startswith(ends):
            return html_block(state, begin, close, silent)
        close += 1
    if not silent:  # these lines need no second scan
        scanned[state.src, ends] = close
    return html_block(state, begin, end, silent)


def _restored(state: StateBlock, text: str) -> str:
    marks: TemplateMarks = state.env["marks"]
    return marks.restore(text)


def _named_line(state: StateBlock, begin: int, line: str, marks: str, silent: bool) -> bool:
    """`::name[Title]{…}` (MDC), `/// name | Title` (PyMdown), and the line of marks that closes
    each. In MDC options are YAML between rules, and a line `#name` begins another part."""
    opened: int = state.env.get(marks, 0)
    is_end = not line.strip(marks[0])
    found = None if is_end else _OPENED.fullmatch(_restored(state, line))
    if not (opened if is_end else found):
        return False
    must_close = found and (marks == "///" or line[2:].replace("-", "").isalnum())
    if must_close and _closing(state, begin + 1, state.lineMax, marks) >= state.lineMax:
        return False  # never closed: just a word after marks
    if silent:
        return True
    at, words = begin + 1, list[str]()
    if found is not None:
        is_slashed = marks == "///"
        at, words = _options(
            state, at, state.lineMax, indented=is_slashed, extra_name="" if is_slashed else "label"
        )
        given = words_of(found["given"] or "")
        words = [found["label"] or found["title"] or "", *given, *words]
    state.env[marks] = opened + (1 if found else -1)
    _push_words(state, map(state.env["marks"].hide, words), begin)
    state.line = at
    return True


def _closing(state: StateBlock, begin: int, end: int, marks: str) -> int:
    """Number of the line that closes a fence of `marks`; `end` if none does.

    The last result is cached; otherwise each of many unclosed fences would scan all lines.
    """
    known: dict[tuple[object, ...], tuple[int, int]] = state.env.setdefault("closings", {})
    where = (state.src, end, state.blkIndent, state.level, marks)
    first, last = known.get(where, (0, -1))
    if not first <= begin <= last:
        lines = ((number, _line(state, number)) for number in range(begin, end))
        closes = (n for n, line in lines if line.startswith(marks) and not line.strip(marks[0]))
        known[where] = first, last = begin, next(closes, end)
    return last


def _title(name: str, text: str) -> str:
    return "" if name in _ADDRESSED | _SILENT else text.strip()


def _options(
    state: StateBlock, begin: int, end: int, *, named: bool = True, indented: bool = False,
    extra_name: str = "",
) -> tuple[int, list[str]]:  # fmt: skip
    """Read the options below a directive: the number of the line after them, and the values that
    are text of the page. `named`: they may be `:name: value`, or YAML between rules; `indented`:
    indented `name: value` too; `extra_name`: one more name in the YAML whose value is text."""
    words: list[str] = []
    at = begin
    if named and _line(state, at) == "---":
        close = _closing(state, at + 1, min(end, at + 50), "---")
        lines = [_raw_line(state, number) for number in range(at + 1, close)]
        if close < min(end, at + 50) and all(map(_YAML.fullmatch, lines)):
            pairs = [line.partition(":") for line in lines]
            values = [value for name, _, value in pairs if name in (*_WORD_OPTIONS, extra_name)]
            return close + 1, [value.strip().strip("\"'") for value in values]
    while at < end and not state.isEmpty(at):
        line = state.src[state.bMarks[at] + state.tShift[at] : state.eMarks[at]].rstrip()
        option = _OPTION.fullmatch(line) if named else None
        if option and option["name"] in _WORD_OPTIONS:
            words.append(option["value"] or "")
        elif not (option or (at > begin and named and line.startswith(": "))) and not (
            indented and state.is_code_block(at) and _INDENTED.fullmatch(line)
        ):
            break
        at += 1
    return at, words


def _directive(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """```` ```{note} Title ```` (MyST): a fence whose body is Markdown, if not in `_PROGRAM`."""
    line = _line(state, begin)
    named = _NAMED_FENCE.match(line)
    if named:
        line = f"{named[1]}{{admonition}} {' '.join((*words_of(line), *_names_in(line)))}"
    found = _FENCED.fullmatch(line) if line.startswith(("```", "~~~")) else None
    directive = _DIRECTIVE.fullmatch(found["rest"]) if found else None
    depth: int = state.env.get("directives", 0)
    name = directive["name"].lower() if directive else ""
    is_known = name in _PROSE or name in _PROGRAM or _DOMAIN.fullmatch(name)
    if not found or not directive or not is_known or depth > _DEEPEST:
        return False
    if silent:
        return True
    if name in _PROGRAM:
        return _program(state, begin, found["marks"], directive)
    close = _closing(state, begin + 1, state.lineMax, found["marks"])
    at, words = _options(state, begin + 1, close)
    while named and (option := _FENCE_OPTION.fullmatch(_line(state, at))):
        words.append(option["title"] or "")
        at += 1
    _push_words(state, [_title(name, directive["title"]), *words], begin)
    if name not in _SILENT:
        # `TemplateMarks.hide` took the fence for code, so its marks are not hidden yet.
        marks: TemplateMarks = state.env["marks"]
        inner = _body(state, at, close)
        if name == "glossary":
            inner = _TERM.sub(r"\n\1\n: \2", inner)
        state.env["directives"] = depth + 1
        made = len(state.tokens)
        state.md.block.parse(marks.hide(inner), state.md, state.env, state.tokens)
        state.env["directives"] = depth
        if name == "list-table":
            heads = re.search(r":?header-rows:[ \t]*(\d)", state.getLines(begin, at, 0, True))
            state.tokens[made:] = _as_table(state.tokens[made:], int(heads[1]) if heads else 0)
    state.line = min(close + 1, state.lineMax)
    return True


def _body(state: StateBlock, begin: int, end: int) -> str:
    return state.getLines(begin, end, state.blkIndent, True)


def _program(state: StateBlock, begin: int, marks: str, found: re.Match[str]) -> bool:
    """A directive whose body is not Markdown: code, reStructuredText or CSV. Text after the name of
    a `math` directive is part of the formula."""
    name, title = found["name"].lower(), found["title"]
    close = _closing(state, begin + 1, state.lineMax, marks)
    at, words = _options(state, begin + 1, close)
    body = _restored(state, _body(state, at, close))
    state.line = min(close + 1, state.lineMax)
    _push_words(state, [title, *words] if name == "csv-table" else words, begin)
    if name == "eval-rst":
        from indexer.parsing.formats.rst import rst_to_html  # docutils takes long to import

        markup, _, unknown = rst_to_html(body)
        state.push("html_block", "", 0).content = markup
        state.env["marks"].unknown += unknown
        return True
    if name != "csv-table":
        _verbatim(state, f"{title}\n{body}" if name == "math" and title else body)
        return True
    options = _restored(state, state.getLines(begin + 1, at, 0, True))
    header = re.search(r"^:header:[ \t]*(?:>[ \t]*\n:)?[ \t]*(.+)", options, re.MULTILINE)
    counted = re.search(r"^:header-rows:[ \t]*(\d)", options, re.MULTILINE)
    lines = [header[1]] if header else []
    try:
        rows = list(csv.reader([*lines, *body.split("\n")], skipinitialspace=True))
    except csv.Error:  # an unclosed quote
        _verbatim(state, options + body)
        return True
    _push_table(state, filter(None, rows), len(lines) + (int(counted[1]) if counted else 0))
    return True


def _as_table(tokens: Sequence[Token], heads: int) -> list[Token]:
    """Turn the tokens of a list of lists into a table; its first `heads` rows are header rows."""
    table: list[Token] = []
    depth = rows = 0
    for token in tokens:
        depth += token.nesting if token.type.startswith("bullet_list") else 0
        inner = depth + (token.type == "bullet_list_close")
        if token.type.startswith("list_item") and depth < 3:
            rows += depth == 1 and token.nesting == 1
            token.tag = "tr" if depth == 1 else "th" if rows <= heads else "td"
        elif token.type.startswith("bullet_list") and inner == 2:
            continue
        elif token.type.startswith("bullet_list") and inner == 1:
            token.tag = "table"
        table.append(token)
    return table


def _admonition(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """`!!! type "Title"`, `??? type "Title"`, `=== "Title"` (Python-Markdown, MkDocs), with a body
    indented by four columns."""
    line = _line(state, begin)
    found = _TAB.fullmatch(line) or _ADMONITION.fullmatch(line)
    if found is None:
        return False
    indent = state.sCount[begin] + 4
    close = begin + 1
    while close < state.lineMax and (state.isEmpty(close) or state.sCount[close] >= indent):
        close += 1
    has_body = any(not state.isEmpty(number) for number in range(begin + 1, close))
    if not has_body and found["title"] is None:
        return False
    if silent:
        return True
    _push_words(state, [found["title"] or ""], begin)
    old = state.blkIndent, state.lineMax, state.parentType
    state.blkIndent, state.lineMax, state.parentType = indent, close, "admonition"
    state.md.block.tokenize(state, begin + 1, close)
    state.blkIndent, state.lineMax, state.parentType = old
    _push_words(state, (), begin)
    state.line = close
    return True


def _table(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """A table; cells beyond its head row are kept, rows of dashes only (kramdown) are dropped."""
    made = len(state.tokens)
    if not table(state, begin, end, silent):
        return False
    tokens, row, width = list[Token](), 0, 0
    for token in state.tokens[made:]:
        width += token.type == "th_close"
        if token.type == "tr_open":
            row = len(tokens)
        elif token.type == "tr_close":
            line = _line(state, (tokens[row].map or [begin])[0])
            if _SEPARATOR.fullmatch(line):
                del tokens[row:]
                continue
            for text in _cells(line)[width:] if line.count("|") >= width else ():
                tokens += _element("td", text) if text else ()
        tokens.append(token)
    state.tokens[made:] = tokens
    return True


def _headless_table(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """Lines between `|` and `|` without a row of dashes below the first (kramdown)."""
    close, lines = begin, list[str]()
    while close < end and (line := _line(state, close)).startswith("|") and line[-1] == "|":
        lines.append(line)
        close += 1
    rows = [line for line in lines if not _SEPARATOR.fullmatch(line)]
    if len(lines) < 2 or not rows or any(line.count("|") < 3 for line in rows):
        return False
    if silent:
        return True
    has_head = lines[lines.index(rows[0]) + 1 :][:1] != rows[1:2]
    _push_table(state, map(_cells, rows), int(has_head), in_line=True)
    state.line = close
    return True


def _cells(line: str) -> list[str]:
    """Texts of the cells in a line of a table."""
    cells = list(map(str.strip, escapedSplit(line)))
    return cells[not cells[0] : len(cells) - (not cells[-1])]


def _grid_table(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """A table drawn with `+---+` (Pandoc). Cells are Markdown; a table with row spans is text."""
    if not _GRID.fullmatch(_line(state, begin)):
        return False
    marks: TemplateMarks = state.env["marks"]
    close, lines = begin, list[str]()
    while close < state.lineMax and (line := _line(state, close)).startswith(("+", "|")):
        lines.append(_WIDE.sub(rf"\g<0>{EDGE}", marks.restore(line)))
        close += 1
    if len({*map(len, lines)}) > 1 or len(lines) < 3 or not _GRID.fullmatch(lines[-1]):
        return False
    rows, heads, above, cells = list[list[str]](), 0, lines[0], list[str]()
    for line in lines[1:]:
        if _GRID.fullmatch(line):
            edges = [
                place for place, signs in enumerate(zip(*cells, strict=True))
                if {*signs} == {"|"} and "+" in (above[place], line[place])
            ]  # fmt: skip
            rows.append([_column(cells, *pair) for pair in pairwise(edges)])
            heads = len(rows) if "=" in line and not heads else heads
            above, cells = line, []
        elif _PARTLY.search(line):
            return False
        else:
            cells.append(line)
    if silent:
        return True
    _push_table(state, rows, heads)
    state.line = close
    return True


def _push_table(
    state: StateBlock, rows: Iterable[Sequence[str]], heads: int, *, in_line: bool = False
) -> None:
    """Push a table; its first `heads` rows are header rows. Cells are Markdown, or text `in_line`
    of one paragraph."""
    marks: TemplateMarks = state.env["marks"]
    state.push("table_open", "table", 1)
    for number, row in enumerate(rows):
        state.push("tr_open", "tr", 1)
        for text in row:
            opening, inline, closing = _element("th" if number < heads else "td", text)
            state.tokens += [opening, inline] if in_line else [opening]
            if not in_line:
                state.md.block.parse(marks.hide(text), state.md, state.env, state.tokens)
            state.tokens.append(closing)
        state.push("tr_close", "tr", -1)
    state.push("table_close", "table", -1)


def _column(lines: Sequence[str], begin: int, end: int) -> str:
    return dedent("\n".join(line[begin + 1 : end].rstrip() for line in lines).replace(EDGE, ""))


def _readme_block(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """JSON between `[block:callout]` and `[/block]` (ReadMe): keep its words."""
    if not _README.fullmatch(_line(state, begin)):
        return False
    close = begin + 1
    while close < min(end, begin + _MOST_LINES) and _line(state, close) != "[/block]":
        close += 1
    try:
        content = json.loads(_restored(state, state.getLines(begin + 1, close, 0, True)))
    except (ValueError, RecursionError):
        return False
    if not silent:
        _push_words(state, _readme_words(content), begin)
        state.line = min(close + 1, end)
    return True


def _readme_words(value: object, depth: int = 0) -> Iterator[str]:
    """The texts in a ReadMe block: titles, captions, bodies, cells of a table, code."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for name, one in value.items():
            if isinstance(one, str) and _WORDS_OF_README.fullmatch(name):
                yield one
            yield from _readme_words(one, depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for one in value:
            yield from _readme_words(one, depth + 1)


def _terms(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """Two or more terms, one a line, that share a definition (PHP Markdown Extra)."""
    if silent:
        return False
    terms = list[str]()
    while not _DEFINES.match(line := _line(state, begin + len(terms))):
        if not line or len(line) > _LONGEST_TERM or line[-1] in ".:;,":
            return False
        terms.append(line)
        if len(terms) > _MOST_TERMS:
            return False
    if len(terms) < 2:
        return False
    state.push("dl_open", "dl", 1)
    for term in terms[:-1]:
        state.tokens += _element("dt", term)
    state.push("dl_close", "dl", -1)
    state.line = begin + len(terms) - 1
    return True


# --- tokens --------------------------------------------------------------------------------------


def _read_callouts(state: StateCore) -> None:
    """Turn `> [!NOTE] Title` (GitHub, Obsidian) from a quotation into plain paragraphs."""
    tokens: list[Token] = []
    depth: list[bool] = []  # for each open quotation, whether it is a callout
    for place, token in enumerate(state.tokens):
        tokens.append(token)
        if token.type == "blockquote_open":
            below, inline = [*state.tokens[place + 1 : place + 3], token][:2]
            found = _CALLOUT.match(inline.content) if below.type == "paragraph_open" else None
            depth.append(found is not None)
            if found is not None:
                token.tag = "div"
                inline.content = inline.content[found.end() :]
                tokens += _element("div", found["title"]) if found["title"].strip() else []
        elif token.type == "blockquote_close" and depth.pop():
            token.tag = "div"
    state.tokens = tokens


def read_line_blocks(state: StateCore) -> None:
    """Keep the line breaks of lines that each begin with `| ` (Pandoc)."""
    for token in state.tokens:
        if token.type == "inline" and token.content.startswith("| "):
            lines = token.content.split("\n")
            if all(re.match(r"\|(?: .*[^|]|)\Z", line) for line in lines):
                token.content = "\\\n".join(line[2:] for line in lines)


def _read_captions(state: StateCore) -> None:
    """Strip the marker of `: Caption` or `Table: Caption` above or below a table, or in its last
    row (Pandoc)."""
    kinds = [token.type for token in state.tokens]
    for place, token in enumerate(state.tokens):
        if token.type == "inline" and (found := _CAPTION.match(token.content)):
            below, following = kinds[place - 2 : place], kinds[place + 1 : place + 3]
            is_last = (
                below == ["tr_open", "td_open"]
                and "tr_open" not in (kinds[place : kinds.index("table_close", place)])
            )
            if (
                is_last
                or "table_close" in below[:1]
                or following == ["paragraph_close", "table_open"]
            ):
                token.content = token.content[found.end() :]


def _show_titles(state: StateCore) -> None:
    """Put a code fence's title above it (```` ```py title="a.py" ````, ```` ```sh [npm] ````)."""
    tokens: list[Token] = []
    for token in state.tokens:
        if token.type == "fence" and (found := _FENCE_TITLE.search(token.info)):
            tokens += _element("div", next(filter(None, found.groups())))
        tokens.append(token)
    state.tokens = tokens


def _drop_rare_marks(state: StateCore) -> None:
    """Replace rare inline markup by its words, or drop it if it has none; code spans stay."""
    for token in state.tokens:
        for sign, form, words in _RARE if token.type == "inline" else ():
            if sign in token.content:
                token.content = form.sub(partial(_replace_rare, words), token.content)


def _replace_rare(words: str, found: re.Match[str]) -> str:
    return found["code"] or found.expand(words)


def _read_tasks(state: StateCore) -> None:
    """Replace `[x]` and `[ ]` at the start of a list item (GitHub) by ☑ and ☐."""
    for opening, inline in zip(state.tokens, state.tokens[2:]):
        if opening.type == "list_item_open" and inline.type == "inline":
            sign = _BOXES.get(inline.content[:4].lower())
            if sign:
                inline.content = sign + inline.content[3:]


def _take_heading_ids(state: StateCore) -> None:
    """Move an id in braces or brackets at a heading's end to the heading's `id` attribute."""
    marks: TemplateMarks = state.env["marks"]
    for opening, inline in zip(state.tokens, state.tokens[1:]):
        if opening.type != "heading_open":
            continue
        if found := _ENDS_HEADING.search(inline.content.rstrip()):
            opening.attrSet("id", found["id"])
            inline.content = inline.content[: found.start()].rstrip()
        for slot in SLOT.finditer(inline.content):
            if name := marks.held[int(slot[1])].id:
                opening.attrSet("id", name)
