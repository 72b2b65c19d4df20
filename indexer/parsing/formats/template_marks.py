"""Marks of templates and of Markdown's dialects in a text, held back while the text is parsed.

In: Markdown or HTML as a site generator's author writes it, and the values of its front matter.
Out: the same text with each mark replaced by a `slot`, a word that no parser takes for a mark of
its own, so that links, tables and lists around it are whole; and, for each slot, what a reader
sees in its place, or the mark letter by letter where the parser found code. Refuses nothing.

- `{{ x }}`, `${{ x }}`: its value, if that stands in the front matter; else nothing, and counted.
- `{% x %}` (Liquid, Jinja, Nunjucks, Markdoc, GitBook), `{{< x >}}` and `{{% x %}}` (Hugo,
  Quarto), `<X …>` (MDX, Vue): title, label, caption, alt, summary and content are words, the rest
  goes. What stands between an opening and a closing one is text like any other, except comments
  (left out), raw text and code.
- `<!-- tab x -->` (Hexo), `:name[x]{…}` (MDC, remark): `x`.
- `[[x|y]]`, `==x==`, `%%x%%`, `[!INCLUDE x]`, `{.x}`, `{: x}`, `{#x}`, `{/* x */}`, `{x}` (MDX).
Code blocks, code spans and formulas between dollars are passed over, so that no mark begins in
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Literal

from lxml.html import defs

from indexer.errors import SourceWarning, UnknownValues
from indexer.parsing.article import Declared
from indexer.parsing.formats.front_matter import FrontMatter

EDGE = "\U0010fffe"  # a noncharacter: no text holds it
SLOT = re.compile(f"{EDGE}([0-9]+){EDGE}")
Kind = Literal["inline", "block", "code", "html"]
_LONGEST = 4_000  # characters of one mark
_LEAD = 200  # characters of a line before or behind a mark that are looked at
_DEEPEST = 20  # braces within braces of a component

# --- the forms of marks --------------------------------------------------------------------------

_TEMPLATE = r"\{\{|\{%|\{#"
_ANY = re.compile(
    r"`+|~~~+|\$+|\{[{%#:/.\w -]|\[\[|!\[\[|\[!|%%|==|<(?:/?[A-Za-z>]|!-- t(?:ab|imeline) )|~ |"
    r"::: v-pre\n|:(?:(?:material|octicons|fontawesome|simple)-[\w-]+:|[a-z][\w-]+[\[{])"
)
_TEMPLATES = re.compile(_TEMPLATE)
_MDX = re.compile(_ANY.pattern.replace(r"\{[{%#:/.\w -]", r"\{"))
_FENCE_LEAD = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?\Z")
_TAG = re.compile(r"\{%-?(?P<inner>(?:[^%{\n]|%(?!\})|\{(?!%)|\n(?![ \t]*\n)){0,4000})%\}")
_INNER = r"(?P<inner>(?:[^{}\n]|\{(?!\{)|\}(?!\})|\n(?![ \t]*\n)){0,4000}"
_EXPRESSION = re.compile(rf"\{{\{{{_INNER})\}}\}}\}}?")
_SHORTCODE = re.compile(rf"\{{\{{(?P<open>[<%]){_INNER}?)[>%]\}}\}}")
_GO_COMMENT = re.compile(r"\{\{-?\s*/\*|\{\{!(?:--)?")
_COMMENT = re.compile(r"\{#(?P<inner>(?:[^#{]|#(?!\})|\{(?!#)){0,4000})#\}")
_ITEM = (
    r"""(?:[#.][A-Za-z_][^\s{}"'=]*|data-[\w-]+(?=[\s}])"""
    r"""|[\w:@-]+=(?:"[^"{}]*"|'[^'{}]*'|[^\s{}"']+))"""
)
_ATTRIBUTES = re.compile(rf"\{{[ \t]*(?:-|{_ITEM}(?:\s+{_ITEM}|\s+\w+)*)[ \t]*\}}")
_KRAMDOWN = re.compile(r"\{::?[ \t]*(?!\))[\w#./=-][^{}\n]*\}|\{:/[\w-]*\}")
_CONTENTS = re.compile(  # a list of one item, which kramdown replaces
    r"(?:\A\s*|(?:\n[ \t]*|\}[ \t]*)\n)([ \t]{0,3}(?:[*+-]|\d\.)[ \t]+\S[^\n]{0,80}\n[ \t]*)\Z"
)
_SLASHED = re.compile(r"\{/\*(?P<inner>.*?)\*/\}|\{/(?P<id>[\w-]+)/\}", re.DOTALL)
_WIKI = re.compile(
    r"(?:!|(?<![^\W_]))\[\[(?! )(?P<target>[^\[\]|\n]{1,300}?)"
    r"(?:\\?\|(?P<label>[^\[\]\n]{0,300}))?\]\](?![(\[])"
)
_DIRECTIVE = re.compile(  # of MDC and remark
    r":[a-z][\w-]+(?:\[(?P<words>[^\[\]\n]*)\](?:\{(?P<more>[^{}\n]*)\})?|\{(?P<given>[^{}\n]*)\})(?![\w(])"
)
_FIGURE = re.compile(r"[ \t]*[\d<>≤≥]")
_ABOVE_FENCE = re.compile("[ \\t]*\\n[ \\t]*(?:```|~~~)")
_TAB_COMMENT = re.compile(r"<!-- (?P<name>tab|timeline) (?P<label>[^\n<>@]*)(?:@[\w-]+)?[ \t]*-->")
_BANG = re.compile(
    r"\[!(?P<name>[A-Za-z]+)[ \t-](?P<label>(?:[^\[\]\n]|\[[^\[\]\n]*\]){0,300})\](?:\([^()\n]*\))?"
)
_HIGHLIGHT = re.compile(
    r"==(?P<inner>[^\s=](?:(?:[^=\n]|=(?!=)|\n(?![ \t]*\n)){0,4000}[^\s=])?)==(?![\w=])"
)
_ASIDE = re.compile(r"%%(?P<inner>(?:[^%\n]|%(?!%)|\n(?![ \t]*\n)){1,4000})%%(?!%)")
_ASIDE_BLOCK = re.compile(r"%%[ \t]*\n.{0,100000}?\n[ \t]*%%[ \t]*(?=\n|\Z)", re.DOTALL)
_MATHS = re.compile(r"\$(?![\s\d$])[^$\n]{0,500}?(?<![\s\\])\$(?!\d)|\$\$[^$]{1,4000}\$\$")
_NAMES = "pre|code|script|style|textarea"  # of elements whose text holds no marks
_VERBATIM = re.compile(rf"<({_NAMES})\b|</({_NAMES})\s*>", re.IGNORECASE)
_HTML_TAG = re.compile(r"(<[A-Za-z/!][^>]*>)")
_WORDED = re.compile(  # arguments that are words of the page
    r"(?<![\w-])(?:title|label|caption|alt|summary|content|text|heading|header|footer|"
    r"subtitle|description|question|answer|message|body|quote|tooltip)"
    r"[ \t]*[=:][ \t]*(?:\{\s*)?(?:\"(?P<a>(?:[^\"\\]|\\.)*)\"|'(?P<b>(?:[^'\\]|\\.)*)'|"
    r"`(?P<c>[^`]*)`|“(?P<d>[^”]*)”)",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\bitems=\{\[([^\[\]{}]*)\]\}")  # labels of tabs
_QUOTED = re.compile(r"""(?<![=:\w])(?:"(?P<a>(?:[^"\\]|\\.)*)"|'(?P<b>(?:[^'\\]|\\.)*)')""")
_SAYS = re.compile(r"[^\s/=<>{}]+[ ]\w[^=<>{}]*")  # more than one word, and no address
_NAME = re.compile(r"[-~\s]*(?P<close>/|end_?)?\s*(?P<name>[A-Za-z][\w./:-]*)?")
_TITLED = frozenset(  # tags whose first argument in quotes is their title
    ("accordion", "badge", "collapse", "details", "expand", "step", "summary", "tab", "tabitem",
     "trans", "translate", "t")
)  # fmt: skip
_LOGIC = frozenset(  # tags whose arguments are values, names or files
    ("assign", "block", "call", "capture", "case", "cycle", "cache", "component", "def", "elif",
     "elseif", "elsif", "extends", "filter", "for", "from", "gist", "if", "ifchanged", "import",
     "include", "include_relative", "layout", "load", "macro", "module", "paginate", "param",
     "partial", "ref", "relref", "render", "section", "set", "static", "switch", "tablerow",
     "unless", "url", "when", "while", "with", "youtube")
)  # fmt: skip
_TYPED = frozenset(  # tags that may have their title behind their type
    ("admonition", "alert", "button", "callout", "hint", "notice")
)
_BARE = {  # Hexo's tags whose arguments are words without quotes, but for what is named here
    "blockquote": re.compile(r"https?://\S+"),
    "link": re.compile(r"\A\S+\Z|https?://.*"),  # Jekyll's names a file
    "note": re.compile(
        r"\A(?:default|primary|success|info|warning|danger)\b|\b(?:no-icon|simple|modern|flat)\b"
    ),
    "label": re.compile(r"\A[\w-]*\s*@"),  # its colour
    **dict.fromkeys(("hidetoggle", "timeline"), re.compile(r",.*")),
    **dict.fromkeys(("btn", "button"), re.compile(r"\A[^,]*,|,.*|\A[^,]*\Z")),
}
_PARTING = frozenset(  # tags whose two sides are no one word
    ("br", "default", "elif", "else", "elseif", "elsif", "empty", "hr", "linebreak", "nbsp",
     "newline", "pagebreak", "plural", "pluralize", "when")
)  # fmt: skip
_COMMENTS = frozenset(("comment", "doc", "javascript", "schema", "stylesheet"))
_CODE = frozenset(("code-block", "code-toggle", "codeblock", "highlight", "mermaid", "sourcecode"))
_RAW = frozenset(("raw", "verbatim"))
_OWN_VALUES = re.compile(
    r"(?:(?:\$?front[mM]atter|\$markdoc\.frontmatter|\$?page|post|doc|this|data|metadata|\$doc|\$page|"
    r"\.Page|current)\.)?(?:(?:meta|params|frontmatter|data|Params|fm)\.)?(?P<name>[A-Za-z_][\w.-]*)"
)
_FILTERS: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(
        ("escape", "join", "e", "safe", "markdownify", "markdown", "md", "smartify", "xml_escape",
         "escape_once", "strip", "trim", "lstrip", "rstrip", "strip_html", "striptags",
         "strip_newlines", "normalize_whitespace"),
        str,
    ),
    **dict.fromkeys(("upcase", "upper"), str.upper),
    **dict.fromkeys(("downcase", "lower"), str.lower),
    "capitalize": str.capitalize,
    "title": str.title,
}  # fmt: skip
_LITERAL = re.compile(r"""\s*(?:"([^"\\]*)"|'([^'\\]*)'|`([^`\\{}]*)`)\s*\Z""")
_NUMBER = re.compile(r"\{\s*(-?\d[\d.]*)\s*\}|\{\{\s*(\d[\d.]*)\s*\}\}")
_GIVEN = re.compile(r"""\s(?!id=)[\w:-]+=(?:\{.*\}|"[^"]*"|'[^']*')|\{.*\}""", re.DOTALL)
_STRING = r"[\"']([^\"'{}<>]*)[\"']"
_MARKUP = re.compile(r"(\s*|.*?(?:&&|\|\||[?(]|=>)\s*)(<(?:[A-Za-z>].*)?>)([^<>]*)", re.DOTALL)
_HOLE = re.compile(r"\$\{[^{}]*\}")
_MADE = re.compile(r"`([^`]*)`")
_EITHER = re.compile(  # both sides of an if
    rf"[^?]+\?\s*{_STRING}\s*:\s*{_STRING}|{_STRING}\s+if\s.+\selse\s+{_STRING}", re.DOTALL
)
_VALUE = r"""(?:"(?P<text>[^"\n]*)"|'(?P<other>[^'\n]*)'|(?P<number>\d[\d.]*))"""
_SET = re.compile(rf"-?\s*\w+\s+(?P<name>\w+)\s*=\s*{_VALUE}\s*-?")
_EXPORTED = re.compile(rf"^export const (?P<name>\w+) = {_VALUE};?$", re.MULTILINE)
_BRACES = re.compile(r"[{}]|\"[^\"\n]*\"|'[^'\n]*'|`[^`]{0,2000}`|\n[ \t]*\n")
_HTML_OPENING = re.compile(
    r"""<(?P<name>[a-z][\w-]*)(?:\s+[^\s"'<>=]+(?:=(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?)+\s*/?>"""
)
_ODD_ATTRIBUTE = re.compile(
    r"""\s(?:markdown|v-pre|[@#][\w:.-]+)(?:=(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?(?=[\s>])"""
)


@dataclass(frozen=True, slots=True)
class SlotMark:
    """A mark that was held back."""

    source: str  # letter by letter
    shown: str = ""  # what a reader sees of it: Markdown, or text if it is a value
    kind: Kind = "inline"  # block: alone on a line, it is no part of a paragraph
    unknown: bool = False  # an expression whose value stands elsewhere
    id: str = ""  # that it gives to its heading
    is_text: bool = False  # whether `shown` is text and holds no marks
    name: str = ""  # of the tag that it opens
    closes: str | None = None  # the tag that it closes


# Where a mark begins and ends, and what is put in its place; None: no mark begins before that end.
Found = tuple[int, int, Sequence[SlotMark | str] | None]


class TemplateMarks:
    """Holds back the marks of one text."""

    def __init__(self, front: FrontMatter, *, mdx: bool = False) -> None:
        """`mdx`: whether braces hold expressions and every tag is a component."""
        self._front, self.is_mdx = front, mdx
        self.held: list[SlotMark] = []
        self.unknown = 0  # expressions shown whose value stands elsewhere
        self._text = ""
        self._last: dict[str, int] = {}  # sign → where it comes last in the text
        self._set: dict[str, str] = {}  # what names are set to; "" for one thing after the other
        self._loops: dict[str, str] = {}  # names of one thing after the other → all of them
        self._paragraph = -1  # where the paragraph ends that was looked at last
        self._unpaired: dict[int, int] = {}  # length of a run of backticks → up to where alone

    def hide(self, text: str, *, only_templates: bool = False) -> str:
        """The text with a slot for each mark."""
        pattern = _TEMPLATES if only_templates else _MDX if self.is_mdx else _ANY
        for given in _EXPORTED.finditer(text) if self.is_mdx else ():
            self._set.setdefault(given["name"], given["text"] or given["other"] or given["number"])
        outer = self._text, self._last, self._unpaired, self._paragraph
        self._text, self._last = text.replace(EDGE, ""), {}
        self._unpaired, self._paragraph = {}, -1
        parts: list[str] = []
        done = at = 0
        while found := pattern.search(self._text, at):
            begin, end, held = self._read(found)
            if held is not None:
                parts += (self._text[done:begin], *map(self._slot, held))
                done = end
            at = max(end, found.start() + 1)
        parts.append(self._text[done:])
        self._text, self._last, self._unpaired, self._paragraph = outer
        return "".join(parts)

    def _slot(self, held: SlotMark | str) -> str:
        if isinstance(held, str):
            return held
        self.held.append(held)
        return f"{EDGE}{len(self.held) - 1}{EDGE}"

    def restore(self, text: str) -> str:
        """A text that proved to be code: each mark letter by letter."""
        return SLOT.sub(lambda slot: self.restore(self.held[int(slot[1])].source), text)

    def parts_of(self, text: str) -> Iterator[str | SlotMark]:
        """What lies between the slots of a text, and what is held in them, in order."""
        for number, part in enumerate(SLOT.split(text)):
            if number % 2:
                held = self.held[int(part)]
                self.unknown += held.unknown
                yield held
            elif part:
                yield part

    def fill_html(self, markup: str) -> str:
        """HTML in which slots stand: filled as text, empty within tags, restored in code."""
        parts, done = [], 0
        for begin, end in [*_verbatim(markup), (len(markup), len(markup))]:
            part = markup[done:begin]
            last = part.rfind(">") + 1  # behind it no tag ends, and none is looked for
            tags = enumerate(_HTML_TAG.split(part[:last]))
            parts += [SLOT.sub("", p) if n % 2 else self._fill_text(p) for n, p in tags]
            parts += [self._fill_text(part[last:]), self.restore(markup[begin:end])]
            done = end
        return "".join(parts)

    def _fill_text(self, text: str) -> str:
        return "".join(
            part if isinstance(part, str)
            else part.shown if part.kind == "html"
            else f"<pre>{escape(self.restore(part.shown))}</pre>" if part.kind == "code"
            else escape(part.shown, quote=False) if part.is_text
            else self.fill_html(escape(self.hide(part.shown, only_templates=True), quote=False))
            for part in self.parts_of(text)
        )  # fmt: skip

    def warnings(self, path: str) -> Iterator[SourceWarning]:
        """What is doubtful in the text: its front matter, and values that stand elsewhere."""
        if self._front.problem is not None:
            yield self._front.problem
        if self.unknown:
            yield UnknownValues(path, self.unknown)

    def fill_declared(self, declared: Declared) -> Declared:
        """What a file says of itself, without marks."""
        if "{" not in declared.title + declared.url:
            return declared
        title = self.hide(declared.title, only_templates=True)
        shown = (part if isinstance(part, str) else part.shown for part in self.parts_of(title))
        return replace(
            declared, title="".join(shown), url="" if "{" in declared.url else declared.url
        )

    # --- one mark ----------------------------------------------------------------------------

    def _read(self, found: re.Match[str]) -> Found:
        """The mark that begins with `found`."""
        text, at, sign = self._text, found.start(), found[0]
        nothing = (at, found.end(), None)
        if text[at - 1 : at] == "\\" and sign[0] not in "`~":
            return nothing
        if sign[0] in "`~":
            return self._read_code(at, sign)
        if sign[0] == "$":
            maths = _MATHS.match(text, at)
            return (at, maths.end() if maths else found.end(), None)
        if sign.startswith("{"):
            return self._read_braces(at) or nothing
        if sign.startswith("<!--"):
            return self._read_tab(at) or nothing
        if sign[0] == "<":
            return self._read_component(at) or nothing
        if sign.startswith(":::"):
            end = text.find("\n:::", found.end())
            held = [SlotMark(sign), *self._literal("\n" + text[found.end() : end])]
            return (at, end, held) if end >= 0 else nothing
        if sign[0] == ":":
            is_icon = sign[-1] == ":"
            return (at, found.end(), [SlotMark(sign)]) if is_icon else self._read_named(at)
        if sign == "[!":
            return self._read_bang(at) or nothing
        if sign.endswith("[["):
            return self._read_wiki(at) or nothing
        if sign == "==":
            return self._read_highlight(at) or nothing
        return self._read_aside(at) or nothing

    def _read_named(self, at: int) -> Found:
        """`:name[words]{attributes}`: the words, of which marks are read in turn."""
        found = _DIRECTIVE.match(self._text, at)
        if found is None or re.match(r"[\w:]", self._text[at - 1 : at]):
            return at, at + 1, None
        attributes = found["given"] or ""
        words = found["words"] or "".join(words_of(attributes)) or ""
        return at, found.end(), [SlotMark(found[0]), self.hide(words), SlotMark("")]

    def _read_code(self, at: int, sign: str) -> Found:
        """Passes over a fenced block or a code span. A `~` that would begin a definition stays."""
        text = self._text
        lead = self._before(at)
        if sign == "~ ":  # "about", if a figure follows; else it begins a definition
            is_about = not lead.strip(" \t>") and _FIGURE.match(text, at + 1, at + 20)
            return at, at + 1, [SlotMark("~", "~", is_text=True)] if is_about else None
        fences = len(sign) > 2 and _FENCE_LEAD.match(lead)
        if fences and (end_of_line := text.find("\n", at)) >= 0:
            info = text[at + len(sign) : end_of_line]
            if sign[0] == "~" or "`" not in info:
                return at, self._end_of_fence(end_of_line + 1, sign), None
        if sign[0] == "~":
            return at, at + len(sign), None
        return at, self._end_of_span(at + len(sign), len(sign)), None

    def _end_of_fence(self, at: int, sign: str) -> int:
        close = re.compile(rf"^[ \t>]*{sign}{sign[0]}*[ \t]*$", re.MULTILINE)
        found = close.search(self._text, at)
        return found.end() if found else len(self._text)

    def _end_of_span(self, at: int, length: int) -> int:
        """Where a code span ends; the end of its opening if it doesn't, for it is none."""
        text = self._text
        if at <= self._unpaired.get(length, -1):
            return at
        if at > self._paragraph:
            found = text.find("\n\n", at)
            self._paragraph = found if found >= 0 else len(text)
        sign = re.compile(rf"(?<!`)`{{{length}}}(?!`)")
        close = sign.search(text, at, self._paragraph)
        if close is None:
            self._unpaired[length] = self._paragraph
        return close.end() if close else at

    # --- braces ------------------------------------------------------------------------------

    def _read_braces(self, at: int) -> Found | None:
        text = self._text
        kind: Kind
        if text.startswith("{{", at):
            return self._read_double(at)
        if (tag := _TAG.match(text, at)) and tag["inner"].lstrip().startswith("$"):  # Markdoc's
            return at, tag.end(), [self._expression(tag[0], tag["inner"])]
        if tag:
            return self._read_tag(at, tag.end(), tag["inner"], "{%")
        if text.startswith("{/*", at) and not self._comes("*/}", at):
            return None
        if (found := _SLASHED.match(text, at)) is not None:
            name = found["id"] or (found["inner"] or "").strip().lstrip("#")
            named = name if re.fullmatch(r"[\w.-]+", name) else ""
            kind = "block" if "\n" in found[0] else self._kind(at, found.end())
            return at, found.end(), [SlotMark(found[0], kind=kind, id=named)]
        if found := _KRAMDOWN.match(text, at):
            return self._read_kramdown(at, found)
        if (found := _ATTRIBUTES.match(text, at)) and self._takes_attributes(at, found.end()):
            return at, found.end(), [SlotMark(found[0], id=_id_in(found[0]))]
        if found := _COMMENT.match(text, at):
            kind = "block" if "\n" in found[0] else "inline"
            return at, found.end(), [SlotMark(found[0], kind=kind)]
        if self.is_mdx and (end := self._end_of_braces(at)):
            inner = text[at + 1 : end - 1]
            if markup := _MARKUP.fullmatch(inner):
                kind = self._kind(at, end)
                before, after = (
                    SlotMark(f, kind=kind) for f in (f"{{{markup[1]}", f"{markup[3]}}}")
                )
                return at, end, (before, self.hide(markup[2]), after)
            return at, end, [self._expression(text[at:end], inner)]
        return None

    def _read_kramdown(self, at: int, found: re.Match[str]) -> Found:
        if re.match(r"\{:[ \t]*toc\b", found[0]):  # the list above stands for the contents
            listed = _CONTENTS.search(self._text, max(0, at - _LEAD), at)
            at = listed.start(1) if listed else at
        comment = re.match(r"\{::comment\}", found[0])
        end = self._text.find("{:/", found.end()) if comment else -1
        end = self._text.find("}", end) + 1 if end >= 0 else found.end()
        return at, end, [SlotMark(self._text[at:end], id=_id_in(found[0]))]

    def _takes_attributes(self, at: int, end: int) -> bool:
        """Whether attributes in braces stand where they can: right behind what they are of, at the
        end of a line, or alone on one."""
        text = self._text
        rest = self._behind(end).strip()
        behind = at > 0 and text[at - 1] in '])*_`~="”>:' + EDGE
        return behind or rest in ("", "#")

    def _before(self, at: int) -> str:
        """What stands before on the same line, of a long line its last part, which is not blank."""
        begin = self._text.rfind("\n", max(0, at - _LEAD), at) + 1
        if begin or at <= _LEAD:
            return self._text[begin:at]
        return "…" + self._text[at - _LEAD : at]

    def _behind(self, at: int) -> str:
        """What stands behind on the same line, or the beginning of it."""
        return self._text[at : at + _LEAD].split("\n", 1)[0]

    def _is_alone(self, at: int, end: int) -> bool:
        """Whether nothing else stands on its lines."""
        return not (self._before(at) + self._behind(end)).strip(" \t>")

    def _kind(self, at: int, end: int) -> Kind:
        return "block" if self._is_alone(at, end) else "inline"

    def _comes(self, sign: str, at: int) -> bool:
        """Whether a sign comes later in the text."""
        if sign not in self._last:
            self._last[sign] = self._text.rfind(sign)
        return self._last[sign] >= at

    def _read_double(self, at: int) -> Found | None:
        text = self._text
        if comment := _GO_COMMENT.match(text, at):
            end = text.find("}}", comment.end(), at + _LONGEST)
            return (at, end + 2, [SlotMark(text[at : end + 2])]) if end >= 0 else None
        if found := _SHORTCODE.match(text, at):
            inner = found["inner"]
            if inner.lstrip().startswith("/*"):  # an example of one
                shown = text[at : found.end()].replace("/*", "", 1).replace("*/", "", 1)
                return at, found.end(), [SlotMark(found[0], shown, is_text=True)]
            return self._read_tag(at, found.end(), inner, "{{" + found["open"])
        if found := _EXPRESSION.match(text, at):
            begin = at - (text[at - 1 : at] == "$")
            return begin, found.end(), [self._expression(text[begin : found.end()], found["inner"])]
        return None

    def _expression(self, source: str, inner: str) -> SlotMark:
        """What is known of an expression's value."""
        first, *filters = map(str.strip, inner.strip("-~ \t\n").split("|"))
        filters = [re.split(r"\W", one)[0] for one in filters]
        is_known = all(one in _FILTERS for one in filters)
        words = list(words_of(inner))
        literal, name = _LITERAL.match(first), _OWN_VALUES.fullmatch(first.lstrip("."))
        is_own = name and first.split(".")[0] not in self._loops
        value = self._value(name["name"]) if name and is_own else self._loops.get(first, "")
        if number := _NUMBER.fullmatch(source):
            return SlotMark(source, number[1] or number[2], is_text=True)
        if literal and is_known:
            return SlotMark(source, literal[literal.lastindex or 0], is_text=True)
        if value and is_known:
            for one in filters:
                value = _FILTERS[one](value)
            is_markup = name and self._front.text_of(f"myst.substitutions.{name['name']}") == value
            return SlotMark(source, value, is_text=not is_markup)
        if words:
            return SlotMark(source, "\n\n".join(words))
        if made := _MADE.fullmatch(inner.strip()):
            return SlotMark(source, _HOLE.sub("", made[1]), unknown=True, is_text=True)
        if either := _EITHER.fullmatch(inner.strip()):
            return SlotMark(source, " ".join(filter(None, either.groups())), is_text=True)
        if first.split(None, 1)[:1] == ["else"] or first == "^":
            return SlotMark(source, " ", is_text=True)
        is_call = bool(re.match(r"\s*(?:\.\.\.|/[*/])", inner)) or not inner.strip()
        return SlotMark(source, unknown=not is_call)

    # --- tags --------------------------------------------------------------------------------

    def _read_tag(self, at: int, end: int, inner: str, opening: str) -> Found:
        """A tag, with what stands between it and its end where that is no Markdown."""
        text = self._text
        found = _NAME.match(inner)
        name = (found["name"] or "").lower() if found else ""
        closes = bool(found and found["close"])
        if name in ("assign", "set") and (given := _SET.fullmatch(inner)):
            value, of = given["text"] or given["other"] or given["number"] or "", given["name"]
            self._set[of] = value if self._set.get(of, value) == value else ""
        if name == "for" and not closes:
            one, _, many = inner.partition(" in ")
            _, *names = re.findall(r"\w+", one)
            over = None if names[1:] else _OWN_VALUES.fullmatch(many.strip("- "))
            self._loops.update(dict.fromkeys(names, self._value(over["name"]) if over else ""))
        if closes or name not in _COMMENTS | _CODE | _RAW:
            value = self._param(inner, name) if opening.startswith("{{") else ""
            parting = " " if name in _PARTING and not closes else ""
            shown = "" if closes else "\n\n".join(words_of(inner, name))
            held = SlotMark(
                text[at:end], value or shown or parting, "block", is_text=bool(value or parting),
                name=name, closes=name if closes else None,
            )  # fmt: skip
            return at, end, [held]
        close = self._end_of_pair(end, name, opening)
        if close is None:
            return at, end, [SlotMark(text[at:end], kind="block")]
        whole, body = text[at : close[1]], text[end : close[0]]
        if name in _COMMENTS:
            return at, close[1], [SlotMark(whole, kind=self._kind(at, close[1]))]
        if name in _CODE:
            return at, close[1], [SlotMark(whole, body.strip("\n"), "code")]
        first, last = (SlotMark(tag, kind="block") for tag in (text[at:end], text[slice(*close)]))
        return at, close[1], [first, *self._literal(body), last]

    def _literal(self, body: str) -> Iterator[SlotMark | str]:
        """Raw text, in which what looks like a template's mark is none."""
        done = 0
        for found in re.finditer(r"(?:\{[{%#]).*?[}%#]\}", body):
            yield from (body[done : found.start()], SlotMark(found[0], found[0], is_text=True))
            done = found.end()
        yield body[done:]

    def _end_of_pair(self, at: int, name: str, opening: str) -> tuple[int, int] | None:
        """Begin and end of the tag that closes one called `name`."""
        form = rf"\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}"
        if opening == "{%":
            form = rf"\{{%-?\s*(?:end_?{name}|/{name})\s*-?%\}}"
        found = None if form in self._last else re.compile(form).search(self._text, at)
        if found is None:
            self._last[form] = -1
        return found.span() if found else None

    def _param(self, inner: str, name: str) -> str:
        """The value that Hugo's `param` and Quarto's `meta` stand for."""
        words = inner.split()
        is_value = name in ("param", "meta") and len(words) > 1
        return self._value(words[1].strip("\"'`")) if is_value else ""

    def _value(self, name: str) -> str:
        """What a name is set to, or what the front matter says of it or of such a parameter."""
        above = ("", "params.", "substitutions.", "myst.substitutions.")
        stated = (self._front.text_of(f"{one}{name}") for one in above)
        return self._set.get(name) or next(filter(None, stated), "")

    # --- components --------------------------------------------------------------------------

    def _read_component(self, at: int) -> Found | None:
        """A tag of a component; in MDX any tag, of which HTML's own keep their names."""
        text = self._text
        found = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w.:-]*)?").match(text, at)
        name = (found and found["name"]) or ""
        of_old = name.isupper() and name.lower() in defs.tags  # HTML's own, in capitals
        is_component = name[:1].isupper() and not of_old
        if found and "-" in name and (end := self._end_of_tag(found.end())):
            is_component = _ABOVE_FENCE.match(text, end) is not None  # VuePress' code-block
        if found is None or (not name and not self.is_mdx):
            return None
        if not is_component and not self.is_mdx:
            return self._read_wrapper(at)
        end = self._end_of_tag(found.end())
        if not end or "://" in text[at : found.end() + 3]:
            return None
        source = text[at:end]
        if re.match(r"[a-z0-9]", text[at - 1 : at], re.I) and not (
            found["close"] or source.endswith("/>") or name in defs.tags
        ):
            return None
        if is_component or not name:
            shown = "" if found["close"] else "\n\n".join(words_of(source))
            closes = name if found["close"] else None
            kind, above, below = self._setting(at, end, name)
            return at, end, [above, SlotMark(source, shown, kind, name=name, closes=closes), below]
        return at, end, [SlotMark(source, _GIVEN.sub("", source), "html")]

    def _setting(self, at: int, end: int, name: str) -> tuple[Kind, str, str]:
        """The kind of a component's tag, and what parts it from the lines above and below: in MDX
        one that is alone on its lines, or all that is on a line among others, is no part of a
        paragraph, however far it is set in."""
        lead, rest = self._before(at), self._behind(end).rstrip()
        indent = lead[: len(lead) - len(lead.lstrip())]
        parting = "\n\n" + indent if self.is_mdx else ""
        if not (lead + rest).strip(" \t>"):
            return "block", parting if len(indent.expandtabs(4)) > 3 else "", ""
        opens = lead == indent and rest.endswith(f"</{name}>")
        closes = not rest and lead.lstrip().startswith(f"<{name}")
        if parting and (opens or closes) and self._is_among_tags(at, end):
            return "block", parting, parting
        return "inline", "", ""

    def _is_among_tags(self, at: int, end: int) -> bool:
        """Whether the lines above and below are blank or begin with tags."""
        above = self._before(max(self._text.rfind("\n", 0, at), 0)).lstrip()
        below = self._text.find("\n", end) + 1
        lines = (above, self._behind(below).lstrip() if below else "")
        return all(not line or line[0] in "<{" for line in lines)

    def _read_wrapper(self, at: int) -> Found | None:
        """HTML's own tag that says there is Markdown inside, or has attributes of Vue's."""
        found = _HTML_OPENING.match(self._text, at, at + _LONGEST)
        if found is None or not _ODD_ATTRIBUTE.search(found[0]):
            return None
        if " v-pre" in found[0]:
            end = self._text.find(f"</{found['name']}>", found.end())
            if end >= 0:
                tag = SlotMark(found[0], f"<{found['name']}>", "html")
                return at, end, [tag, *self._literal(self._text[found.end() : end])]
        return at, found.end(), [SlotMark(found[0], _ODD_ATTRIBUTE.sub("", found[0]), "html")]

    def _end_of_tag(self, at: int) -> int:
        """One past the `>` that ends a tag; 0 where none does."""
        text = self._text
        limit = min(len(text), at + _LONGEST)
        while at < limit:
            char = text[at]
            if char == ">":
                return at + 1
            if char == "<" or text.startswith("\n\n", at):
                return 0
            if char == "{":
                at = self._end_of_braces(at)
            elif char in "\"'":
                at = text.find(char, at + 1, limit) + 1
            else:
                at += 1
            if not at:
                return 0
        return 0

    def _end_of_braces(self, at: int) -> int:
        """One past the brace that closes the one at `at`; 0 where none does. Blank lines are in
        what stands alone on its lines, or is the value of an attribute."""
        depth, is_parted = 0, False
        for found in _BRACES.finditer(self._text, at, at + _LONGEST):
            is_parted = is_parted or found[0][0] == "\n"
            depth += (found[0] == "{") - (found[0] == "}")
            if not depth:
                end = found.end()
                may_part = self._text[at - 1 : at] == "=" or self._is_alone(at, end)
                return end if may_part or not is_parted else 0
            if depth > _DEEPEST:
                return 0
        return 0

    # --- Markdown's dialects -----------------------------------------------------------------

    def _read_wiki(self, at: int) -> Found | None:
        """A link between notes: its label or, without one, what it names; an embedded note or
        picture goes, but for a label that is no size."""
        text = self._text
        found = _WIKI.match(text, at)
        if found is None or not any(map(str.isalpha, found["target"])):
            return None
        target, label = found["target"].strip(), (found["label"] or "").strip()
        if text[at] == "!":
            shown = "" if re.fullmatch(r"\d+(?:x\d+)?|left|right|center", label) else label
        elif re.fullmatch(r"_?toc_?", target, re.IGNORECASE):
            shown = ""
        else:
            shown = label or " > ".join(filter(None, re.split(r"#\^?", target)))
        return at, found.end(), [SlotMark(found[0], shown, is_text=True)]

    def _read_tab(self, at: int) -> Found | None:
        """The label of a tab, which Hexo's themes have in a comment."""
        found = _TAB_COMMENT.match(self._text, at)
        if found is None or not self._comes(f"<!-- end{found['name']} -->", at):
            return None
        return at, found.end(), [SlotMark(found[0], found["label"].strip(), "block")]

    def _read_bang(self, at: int) -> Found | None:
        """`[!INCLUDE …]` and the like go; words of controls (`[!UICONTROL Save]`) stay."""
        found = _BANG.match(self._text, at)
        if found is None:
            return None
        gone = found["name"].lower() in ("include", "code", "video") or "=" in found["label"]
        return at, found.end(), [SlotMark(found[0], "" if gone else found["label"])]

    def _read_highlight(self, at: int) -> Found | None:
        text = self._text
        found = _HIGHLIGHT.match(text, at)
        if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] == "=":
            return None
        inner = self.hide(found["inner"]) if _ANY.search(found["inner"]) else found["inner"]
        if text[at - 1 : at] + text[found.end() : found.end() + 1] == "{}":  # CriticMarkup's
            return at - 1, found.end() + 1, [SlotMark("{=="), inner, SlotMark("==}")]
        return at, found.end(), [SlotMark("=="), inner, SlotMark("==")]

    def _read_aside(self, at: int) -> Found | None:
        """A comment between `%%`, unless those are signs of per cent."""
        text = self._text
        line = self._before(at)
        if not line.strip() and (found := _ASIDE_BLOCK.match(text, at)):
            return at, found.end(), [SlotMark(found[0], kind="block")]
        found = _ASIDE.match(text, at)
        is_figure = re.search(r"[\w%]\Z|\d[ \t]\Z", line)
        if found is None or is_figure or re.search(r"\d[ \t]?\Z", found["inner"]):
            return None
        return at, found.end(), [SlotMark(found[0])]


def _verbatim(markup: str) -> Iterator[tuple[int, int]]:
    """Where elements whose text holds no marks begin and end, in order; those that end."""
    tags = [(t, (t[1] or "").lower(), (t[2] or "").lower()) for t in _VERBATIM.finditer(markup)]
    last = {closed: tag.start() for tag, _, closed in tags if closed}
    begin, name = -1, ""
    for tag, opened, closed in tags:
        if not name and tag.start() < last.get(opened, -1):
            begin, name = tag.start(), opened
        elif name and closed == name:
            yield begin, tag.end()
            name = ""


def words_of(arguments: str, name: str = "") -> Iterator[str]:
    """The arguments of a tag that a reader sees, each once."""
    bare = _BARE[name].sub("", arguments.strip("- ")[len(name) :].strip()) if name in _BARE else ""
    seen = {"", "true", "false"}
    if bare.strip() and not re.search(r"[\"'=:]", bare):
        yield bare.strip()
    behind = "".join(arguments.split(None, 2)[2:]) if name in _TYPED else arguments
    quoted = "" if not name or name in _LOGIC else behind
    if labels := _LISTED.search(arguments):
        yield from ((one["a"] or one["b"]) for one in _QUOTED.finditer(labels[1]))
    for form, text in ((_WORDED, arguments), (_QUOTED, quoted)):
        for found in form.finditer(text):
            value = next((v for v in found.groups() if v is not None), "")
            value = re.sub(r"\\(.)", r"\1", value).strip()
            if form is _QUOTED and name not in _TITLED | _TYPED:
                is_value = text[: found.start()].rstrip()[-1:] in "=:(+|"
                if is_value or not _SAYS.fullmatch(value):
                    continue
            if value not in seen:
                seen.add(value)
                yield value


def _id_in(attributes: str) -> str:
    found = re.search(r"#([^\s{}#.]+)", attributes)
    return found[1] if found else ""
