"""Rules for directives, containers and other blocks of Markdown dialects that markdown-it lacks.

In: markdown-it's state. Out: CommonMark tokens that keep the words of a container and drop its
markup. Refuses nothing: a line that only looks like markup stays text.

Each rule names the markup it reads; mdit_py_plugins' `admon` knows neither tabs nor types alone.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, html_block
from markdown_it.rules_block.html_block import HTML_SEQUENCES

from indexer.parsing.formats.markdown_tables import as_table, line_of, push_table
from indexer.parsing.formats.markdown_tokens import element
from indexer.parsing.formats.slots import SLOT
from indexer.parsing.formats.tag_arguments import words_of
from indexer.parsing.formats.template_marks import TemplateMarks

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


def add_block_rules(md: MarkdownIt) -> None:
    """Add this module's rules to a parser; its env must hold `{"marks": TemplateMarks}`."""
    ends_all: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    add = md.block.ruler.before
    add("fence", "template_line", _template_line, {"alt": ["paragraph", "reference"]})
    add("fence", "container_line", _container_line, ends_all)
    add("fence", "directive", _directive, ends_all)
    add("fence", "admonition", _admonition, {"alt": ["paragraph", "reference", "list"]})
    add("deflist", "terms", _terms)
    add("fence", "readme_block", _readme_block, {"alt": ["paragraph", "reference"]})
    add("fence", "gone_line", _gone_line, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]})


def _push_words(state: StateBlock, words: Iterable[str], line: int) -> None:
    """Push a separator, then each non-empty text of `words` as a block of its own.

    Not as paragraphs, because the renderer omits the `<p>` of those in a tight list.
    """
    state.push("html_block", "", 0).content = "<hr>"
    for text in filter(None, words):
        for token in element("div", text):
            token.map, token.level = [line, line + 1], state.level
            state.tokens.append(token)


def _verbatim(state: StateBlock, text: str) -> None:
    state.push("fence", "code", 0).content = text


# --- lines of marks ------------------------------------------------------------------------------


def _template_line(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """A line that holds only template marks, at least one of them not inline."""
    line = line_of(state, begin)
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
    line = line_of(state, begin)
    if _GONE.fullmatch(line) or (state.env.get("::") and _PART_NAME.fullmatch(line)):
        names = range(begin + 1, min(end, begin + _MOST_LINES)) if _SNIPPETS.fullmatch(line) else ()
        count = next((n for n in names if line_of(state, n) == line), begin) - begin + 1
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
    line = line_of(state, begin)
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
    line = line_of(state, begin)
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
        if line_of(state, close).startswith(ends):
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
        lines = ((number, line_of(state, number)) for number in range(begin, end))
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
    if named and line_of(state, at) == "---":
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
    line = line_of(state, begin)
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
    while named and (option := _FENCE_OPTION.fullmatch(line_of(state, at))):
        words.append(option["title"] or "")
        at += 1
    _push_words(state, [_title(name, directive["title"]), *words], begin)
    if name not in _SILENT:
        # `TemplateMarks.hide` took the fence for code, so its marks are not hidden yet.
        marks: TemplateMarks = state.env["marks"]
        inner = state.getLines(at, close, state.blkIndent, True)
        if name == "glossary":
            inner = _TERM.sub(r"\n\1\n: \2", inner)
        state.env["directives"] = depth + 1
        made = len(state.tokens)
        state.md.block.parse(marks.hide(inner), state.md, state.env, state.tokens)
        state.env["directives"] = depth
        if name == "list-table":
            heads = re.search(r":?header-rows:[ \t]*(\d)", state.getLines(begin, at, 0, True))
            state.tokens[made:] = as_table(state.tokens[made:], int(heads[1]) if heads else 0)
    state.line = min(close + 1, state.lineMax)
    return True


def _program(state: StateBlock, begin: int, marks: str, found: re.Match[str]) -> bool:
    """A directive whose body is not Markdown: code, reStructuredText or CSV. Text after the name of
    a `math` directive is part of the formula."""
    name, title = found["name"].lower(), found["title"]
    close = _closing(state, begin + 1, state.lineMax, marks)
    at, words = _options(state, begin + 1, close)
    body = _restored(state, state.getLines(at, close, state.blkIndent, True))
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
    push_table(state, filter(None, rows), len(lines) + (int(counted[1]) if counted else 0))
    return True


def _admonition(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """`!!! type "Title"`, `??? type "Title"`, `=== "Title"` (Python-Markdown, MkDocs), with a body
    indented by four columns."""
    line = line_of(state, begin)
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


def _readme_block(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """JSON between `[block:callout]` and `[/block]` (ReadMe): keep its words."""
    if not _README.fullmatch(line_of(state, begin)):
        return False
    close = begin + 1
    while close < min(end, begin + _MOST_LINES) and line_of(state, close) != "[/block]":
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
    while not _DEFINES.match(line := line_of(state, begin + len(terms))):
        if not line or len(line) > _LONGEST_TERM or line[-1] in ".:;,":
            return False
        terms.append(line)
        if len(terms) > _MOST_TERMS:
            return False
    if len(terms) < 2:
        return False
    state.push("dl_open", "dl", 1)
    for term in terms[:-1]:
        state.tokens += element("dt", term)
    state.push("dl_close", "dl", -1)
    state.line = begin + len(terms) - 1
    return True
