"""Hides template marks and marks of Markdown dialects in slots while a text is parsed.

In: Markdown or HTML source for a site generator, and the values of its front matter. Out: the text
with each mark replaced by a slot, and for each slot the text that a reader sees in its place.
Refuses nothing.

- `{{ x }}`, `${{ x }}`: its value in the front matter or text; if unknown, nothing, and counted.
- `{% x %}` (Liquid, Jinja, Nunjucks, Markdoc, GitBook), `{{< x >}}` and `{{% x %}}` (Hugo,
  Quarto), `<X …>` (MDX, Vue): title, label, caption, alt, summary and content are kept, the rest
  is dropped. Text between an opening and a closing tag is ordinary text, except comments (left
  out), raw text and code.
- `<!-- tab x -->` (Hexo), `:name[x]{…}` (MDC, remark): `x`.
- `[[x|y]]`, `==x==`, `%%x%%`, `[!INCLUDE x]`, `{.x}`, `{: x}`, `{#x}`, `{/* x */}`, `{x}` (MDX).
Code blocks and code spans are skipped, so that no mark begins in them; a formula between dollars
gets a slot as a whole and is shown verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape

from lxml.html import defs

from indexer.errors import SourceWarning, UnknownValues
from indexer.parsing.article import Declared
from indexer.parsing.formats.front_matter import FrontMatter
from indexer.parsing.formats.slots import EDGE, Kind, SlotMark, Slots
from indexer.parsing.formats.tag_arguments import list_in, words_in_call, words_of

_LONGEST = 4_000  # characters of one mark
_LEAD = 200  # characters examined before and after a mark on its line
_DEEPEST = 20  # nested braces in a component

# --- the forms of marks --------------------------------------------------------------------------

_TEMPLATE = r"\{\{|\{%|\{#"
_ANY = re.compile(  # each alternative begins with a literal, so that most text is skipped fast
    r"``*|~~~+|\$\$*|\{[{%#:/.\w -]|\{=(?!=)|\[\[|!\[\[|\[!|%%|==|\\begin\{|"
    r"<(?:/?[A-Za-z>]|!-- t(?:ab|imeline) )|~ |::: v-pre\n|"
    r":(?:(?:material|octicons|fontawesome|simple)-[\w-]+:|[a-z][\w-]+[\[{])"
)
_TEMPLATES = re.compile(_TEMPLATE)
_MDX = re.compile(_ANY.pattern.replace(r"\{[{%#:/.\w -]|\{=(?!=)", r"\{"))
_FENCE_LEAD = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?\Z")
_TAG = re.compile(r"\{%-?(?P<inner>(?:[^%{\n]|%(?!\})|\{(?!%)|\n(?![ \t]*\n)){0,4000})%\}")
_INNER = r"(?P<inner>(?:[^{}\n]|\{(?!\{)|\}(?!\})|\n(?![ \t]*\n)){0,4000}"
_EXPRESSION = re.compile(rf"\{{\{{{_INNER})\}}\}}\}}?")
_SHORTCODE = re.compile(rf"\{{\{{(?P<open>[<%]){_INNER}?)[>%]\}}\}}")
_GO_COMMENT = re.compile(r"\{\{-?\s*/\*|\{\{!(--)?")
_COMMENT = re.compile(r"\{#(?P<inner>(?:[^#{]|#(?!\})|\{(?!#)){0,4000})#\}")
_ITEM = (
    r"""(?:=\w+|[#.][A-Za-z_][^\s{}"'=]*|data-[\w-]+(?=[\s}])"""
    r"""|[\w:@-]+=(?:"[^"{}]*"|'[^'{}]*'|[^\s{}"']+))"""
)
_ATTRIBUTES = re.compile(rf"\{{[ \t]*(?:-|{_ITEM}(?:\s+{_ITEM}|\s+\w+)*)[ \t]*\}}")
_KRAMDOWN = re.compile(r"\{::?[ \t]*(?!\))[\w#./=-][^{}\n]*\}|\{:/[\w-]*\}")
_CONTENTS = re.compile(  # a list of one item, which kramdown replaces by the table of contents
    r"(?:\A\s*|(?:\n[ \t]*|\}[ \t]*)\n)([ \t]{0,3}(?:[*+-]|\d\.)[ \t]+\S[^\n]{0,80}\n[ \t]*)\Z"
)
_SLASHED = re.compile(r"\{/\*(?P<inner>.*?)\*/\}|\{/(?P<id>[\w-]+)/\}", re.DOTALL)
_WIKI = re.compile(
    r"(?:!|(?<![^\W_]))\[\[(?! )(?P<target>[^\[\]|\n]{1,300}?)"
    r"(?:\\?\|(?P<label>[^\[\]\n]{0,300}))?\]\](?![(\[])"
)
_NOTE_NAME = re.compile(r"[^\W\d_]|\d{4}-\d\d")  # no index of an array
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
_MATHS = re.compile(
    r"\$(?![\s\d$])[^$\n]{0,500}?(?<![\s\\])\$(?!\d)|\$\$[^$]{1,4000}\$\$"
    r"|\\begin(\{[a-z]+\*?\})(?s:.{0,4000}?)\\end\1"
)
_MARKED_UP = re.compile(r"</[a-z]|<[a-z]+\s[a-z-]+=")
_NAME = re.compile(r"[-~\s]*(?P<close>/|end_?)?\s*(?P<name>[A-Za-z][\w./:-]*)?")
_PARTING = frozenset(  # tags that separate the words before and after them
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
_OTHERWISE = re.compile(r">\s*:\s*<")  # between both branches of a conditional
_HOLE = re.compile(r"\$\{[^{}]*\}")
_MADE = re.compile(r"`([^`]*)`")
_EITHER = re.compile(  # both branches of a conditional
    rf"[^?]+\?\s*{_STRING}\s*:\s*{_STRING}|{_STRING}\s+if\s.+\selse\s+{_STRING}", re.DOTALL
)
_VALUE = r"""(?:"(?P<text>[^"\n]*)"|'(?P<other>[^'\n]*)'|(?P<number>\d[\d.]*))"""
_SET = re.compile(rf"-?\s*\w+\s+(?P<name>\w+)\s*=\s*{_VALUE}\s*-?")
_EXPORTED = re.compile(rf"^export const (?P<name>\w+) = {_VALUE};?$", re.MULTILINE)
_BRACES = re.compile(r"[{}]|\"[^\"\n]*\"|'[^'\n]*'|`[^`]{0,2000}`|\n[ \t]*\n")
_ELEMENTS = frozenset(
    ("main", "template", "slot", "nobr", "picture", "dialog", "search", "data", "portal", "path",
     "g", "circle", "rect", "line", "text", "tspan", "polygon", "polyline", "ellipse", "use",
     "symbol", "bdi", "frame", "noframes", "listing", "plaintext", "xmp", *defs.tags)
)  # fmt: skip
_PLACEHOLDER = re.compile(r"<(?P<name>[A-Za-z][\w-]*)(?P<more>(?:,?\s+[A-Za-z][\w-]*)*)>")
_JOINED = re.compile(r"\s(?:and|or|to|not)\b")
_CLOSED = re.compile(r"</([A-Za-z][\w-]*)")
_HTML_OPENING = re.compile(
    r"""<(?P<name>[a-z][\w-]*)(?:\s+[^\s"'<>=]+(?:=(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?)+\s*/?>"""
)
_ODD_ATTRIBUTE = re.compile(
    r"""\s(?:markdown|v-pre|[@#][\w:.-]+)(?:=(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?(?=[\s>])"""
)


# Start and end of a mark, and its replacement; None: no mark, the search goes on from the end.
Found = tuple[int, int, Sequence[SlotMark | str] | None]


class TemplateMarks(Slots):
    """Hides the marks of one text in slots."""

    def __init__(self, front: FrontMatter, *, mdx: bool = False) -> None:
        """`mdx`: whether braces hold expressions and every tag is a component."""
        super().__init__(self._as_html)
        self._front, self.is_mdx = front, mdx
        self._text = ""
        self._last: dict[str, int] = {}  # sign → its last position in the text, -1 for none
        self._set: dict[str, str] = {}  # name → value set in the text, "" for several values
        self._loops: dict[str, str] = {}  # loop variable → the whole list that it runs over
        self._closed: set[str] = set()  # names in the text's closing tags, once looked for

    def hide(self, text: str, *, only_templates: bool = False) -> str:
        """Replace each mark of a text by a slot."""
        pattern = _TEMPLATES if only_templates else _MDX if self.is_mdx else _ANY
        for given in _EXPORTED.finditer(text) if self.is_mdx else ():
            self._set.setdefault(given["name"], given["text"] or given["other"] or given["number"])
        outer = self._text, self._last, self._closed
        self._text, self._last, self._closed = text.replace(EDGE, ""), {}, set()
        parts: list[str] = []
        done = at = 0
        while found := pattern.search(self._text, at):
            begin, end, held = self._read(found)
            if held is not None:
                parts += (self._text[done:begin], *map(self.hold, held))
                done = end
            at = max(end, found.start() + 1)
        parts.append(self._text[done:])
        self._text, self._last, self._closed = outer
        return "".join(parts)

    def _as_html(self, words: str) -> str:
        hidden = self.hide(words, only_templates=True)
        return hidden if _MARKED_UP.search(hidden) else escape(hidden, quote=False)

    def warnings(self, path: str) -> Iterator[SourceWarning]:
        """Warnings about unreadable front matter and unknown values."""
        if self._front.problem is not None:
            yield self._front.problem
        if self.unknown:
            yield UnknownValues(path, self.unknown)

    def fill_declared(self, declared: Declared) -> Declared:
        """Replace the marks in a declared title by what a reader sees; drop a URL with marks."""
        if "{" not in declared.title + declared.url:
            return declared
        parts = self.parts_of(self.hide(declared.title, only_templates=True))
        title = "".join(part if isinstance(part, str) else part.shown for part in parts)
        return replace(declared, title=title, url="" if "{" in declared.url else declared.url)

    # --- one mark ----------------------------------------------------------------------------

    def _read(self, found: re.Match[str]) -> Found:
        """Read the mark that begins with `found`."""
        text, at, sign = self._text, found.start(), found[0]
        nothing = (at, found.end(), None)
        if text[at - 1 : at] == "\\" and sign[0] not in "`~":
            return nothing
        if sign[0] in "`~":
            return self._read_code(at, sign)
        if sign[0] in "$\\":
            maths = _MATHS.match(text, at)
            if maths is None:
                return nothing
            return at, maths.end(), [SlotMark(maths[0], maths[0], is_text=True)]
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
        """`:name[words]{attributes}`: the words, with the marks in them hidden in turn."""
        found = _DIRECTIVE.match(self._text, at)
        if found is None or re.match(r"[\w:]", self._text[at - 1 : at]):
            return at, at + 1, None
        attributes = found["given"] or ""
        words = found["words"] or "".join(words_of(attributes)) or ""
        return at, found.end(), [SlotMark(found[0]), self.hide(words), SlotMark("")]

    def _read_code(self, at: int, sign: str) -> Found:
        """Skip a fenced block or code span. A `~` that would begin a definition stays."""
        text = self._text
        if sign == "~ ":  # "about", if a figure follows; else it begins a definition
            is_about = not self._before(at).strip(" \t>") and _FIGURE.match(text, at + 1, at + 20)
            return at, at + 1, [SlotMark("~", "~", is_text=True)] if is_about else None
        fences = len(sign) > 2 and _FENCE_LEAD.match(self._before(at))
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
        """End of a code span; `at`, the end of its opening backticks, if they are unclosed."""
        limit = at + _LONGEST  # marks in longer code are shown verbatim all the same
        paragraph = self._text.find("\n\n", at, limit)
        sign = re.compile(rf"(?<!`)`{{{length}}}(?!`)")
        close = sign.search(self._text, at, paragraph if paragraph >= 0 else limit)
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
        if text.startswith("{/*", at) and not self._occurs("*/}", at):
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
                before = SlotMark(f"{{{markup[1]}", list_in(markup[1]), kind, is_text=True)
                shown = _OTHERWISE.sub("> <", markup[2])
                return at, end, (before, self.hide(shown), SlotMark(f"{markup[3]}}}", kind=kind))
            return at, end, [self._expression(text[at:end], inner)]
        return None

    def _read_kramdown(self, at: int, found: re.Match[str]) -> Found:
        if re.match(r"\{:[ \t]*toc\b", found[0]):  # the list above is its placeholder
            listed = _CONTENTS.search(self._text, max(0, at - _LEAD), at)
            at = listed.start(1) if listed else at
        comment = re.match(r"\{::comment\}", found[0])
        end = self._text.find("{:/", found.end()) if comment else -1
        end = self._text.find("}", end) + 1 if end >= 0 else found.end()
        return at, end, [SlotMark(self._text[at:end], id=_id_in(found[0]))]

    def _takes_attributes(self, at: int, end: int) -> bool:
        """Whether attributes in braces are where they are allowed: right after the markup that they
        belong to, at the end of a line, or alone on one."""
        text = self._text
        rest = self._behind(end).strip()
        behind = at > 0 and text[at - 1] in '])*_`~="”>:' + EDGE
        if text[at - 1] == "_" and "=" in text[at:end]:  # a subscript in a formula: Σ_{i=1}
            return False
        return behind or rest in ("", "#")

    def _before(self, at: int) -> str:
        """Text of the line before `at`; of a long line "…" and the last `_LEAD` characters."""
        begin = self._text.rfind("\n", max(0, at - _LEAD), at) + 1
        if begin or at <= _LEAD:
            return self._text[begin:at]
        return "…" + self._text[at - _LEAD : at]

    def _behind(self, at: int) -> str:
        """Text of the line from `at` on, at most `_LEAD` characters."""
        return self._text[at : at + _LEAD].split("\n", 1)[0]

    def _is_alone(self, at: int, end: int) -> bool:
        """Whether a mark has its lines to itself."""
        return not (self._before(at) + self._behind(end)).strip(" \t>")

    def _kind(self, at: int, end: int) -> Kind:
        return "block" if self._is_alone(at, end) else "inline"

    def _occurs(self, sign: str, at: int) -> bool:
        """Whether `sign` occurs in the text from `at` on."""
        if sign not in self._last:
            self._last[sign] = self._text.rfind(sign)
        return self._last[sign] >= at

    def _read_double(self, at: int) -> Found | None:
        text = self._text
        if comment := _GO_COMMENT.match(text, at):
            sign = "--}}" if comment[1] else "}}"
            end = text.find(sign, comment.end(), at + _LONGEST) + len(sign)
            return (at, end, [SlotMark(text[at:end])]) if end > at else None
        if found := _SHORTCODE.match(text, at):
            inner = found["inner"]
            if inner.lstrip().startswith("/*"):  # an escaped one, as an example
                shown = text[at : found.end()].replace("/*", "", 1).replace("*/", "", 1)
                return at, found.end(), [SlotMark(found[0], shown, is_text=True)]
            return self._read_tag(at, found.end(), inner, "{{" + found["open"])
        if found := _EXPRESSION.match(text, at):
            begin = at - (text[at - 1 : at] == "$")
            return begin, found.end(), [self._expression(text[begin : found.end()], found["inner"])]
        return None

    def _expression(self, source: str, inner: str) -> SlotMark:
        """The mark of an expression, with its value as far as it is known."""
        first, *filters = map(str.strip, inner.strip("-~ \t\n").split("|"))
        filters = [re.split(r"\W", one)[0] for one in filters]
        is_known = all(one in _FILTERS for one in filters)
        words = list(words_in_call(inner))
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
            is_markup = (
                name and self._front.text_of(f"myst.substitutions.{name['name']}").strip() == value
            )
            return SlotMark(source, value, is_text=not is_markup)
        if words:
            return SlotMark(source, "\n\n".join(words), "block")
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
        """Read a tag; if its body is a comment, code or raw text, up to the tag that closes it."""
        text = self._text
        found = _NAME.match(inner)
        name = (found["name"] or "").lower() if found else ""
        closes = bool(found and found["close"])
        if name in ("assign", "set") and (given := _SET.fullmatch(inner)):
            value, of = given["text"] or given["other"] or given["number"] or "", given["name"]
            self._set[of] = value if self._set.get(of, value) == value else ""
            return at, end, [SlotMark(text[at:end], kind="block")]
        if name == "for" and not closes:
            one, _, many = inner.partition(" in ")
            _, *names = re.findall(r"\w+", one)
            over = None if names[1:] else _OWN_VALUES.fullmatch(many.strip("- "))
            listed = self._value(over["name"]) if over else "" if names[1:] else list_in(many)
            self._loops.update(dict.fromkeys(names, listed))
        if closes or inner.endswith("/") or name not in _COMMENTS | _CODE | _RAW:
            words = inner.split()[1:] if opening[:2] == "{{" and name in ("param", "meta") else []
            value = self._value(words[0].strip("\"'`")) if words else ""  # in Hugo, in Quarto
            parting = " " if name in _PARTING and not closes else ""
            said = words_in_call(inner) if name == "call" else words_of(inner, name)
            shown = "" if closes else "\n\n".join(said)
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
        """Raw text: what looks like a template mark in it is shown verbatim."""
        done = 0
        for found in re.finditer(r"(?:\{[{%#]).*?[}%#]\}", body):
            yield from (body[done : found.start()], SlotMark(found[0], found[0], is_text=True))
            done = found.end()
        yield body[done:]

    def _end_of_pair(self, at: int, name: str, opening: str) -> tuple[int, int] | None:
        """Start and end of the next tag that closes `name`; None if there is none."""
        form = rf"\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}"
        if opening == "{%":
            form = rf"\{{%-?\s*(?:end_?{name}|/{name})\s*-?%\}}"
        found = None if form in self._last else re.compile(form).search(self._text, at)
        if found is None:
            self._last[form] = -1
        return found.span() if found else None

    def _value(self, name: str) -> str:
        """Value of a name set in the text, or of a field or parameter of the front matter."""
        above = ("", "params.", "substitutions.", "myst.substitutions.")
        stated = (self._front.text_of(f"{one}{name}") for one in above)
        return self._set.get(name) or next(filter(None, stated), "").strip()

    # --- components --------------------------------------------------------------------------

    def _read_component(self, at: int) -> Found | None:
        """Read the tag of a component; in MDX any tag, of which HTML's own stay HTML."""
        text = self._text
        if (words := _PLACEHOLDER.match(text, at)) and self._is_placeholder(words):
            return at, words.end(), [SlotMark(words[0], words[0], is_text=True)]
        found = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w.:-]*)?").match(text, at)
        name = (found and found["name"]) or ""
        of_old = name.isupper() and name.lower() in defs.tags  # an HTML tag in capitals
        is_component = name == "template" or (name[:1].isupper() and not of_old)
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
            kind, above, below = self._placement(at, end, name)
            return at, end, [above, SlotMark(source, shown, kind, name=name, closes=closes), below]
        return at, end, [SlotMark(source, _GIVEN.sub("", source), "html")]

    def _is_placeholder(self, found: re.Match[str]) -> bool:
        """Whether words in angle brackets are no tag but text: `<dose>`, `5<x and y>3`."""
        if not self._closed:
            self._closed = {"", *_CLOSED.findall(self._text)}
        is_element = found["name"].lower() in _ELEMENTS or found["name"] in self._closed
        return _JOINED.search(found["more"]) is not None if is_element else True

    def _placement(self, at: int, end: int, name: str) -> tuple[Kind, str, str]:
        """Kind of a component's tag, and the separators to put before and after it. A tag alone on
        its lines is a block; in MDX so is one whose element fills a line between lines of tags, and
        a separator keeps it out of the paragraph above, however far it is indented."""
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
        """Read an HTML tag with a `markdown` attribute or attributes of Vue, and drop these."""
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
        """Position after the `>` that ends a tag; 0 if none does."""
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
        """Position after the brace that closes the one at `at`; 0 if none does. Blank lines are
        allowed only in braces alone on their lines and in the value of an attribute."""
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
        """A link between notes: its label, else the note that it names. An embedded note or image
        is dropped, but not a label that is neither size nor position."""
        text = self._text
        found = _WIKI.match(text, at)
        if found is None or not _NOTE_NAME.search(found["target"]):
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
        """The label of a tab, which Hexo's themes put in a comment."""
        found = _TAB_COMMENT.match(self._text, at)
        if found is None or not self._occurs(f"<!-- end{found['name']} -->", at):
            return None
        return at, found.end(), [SlotMark(found[0], found["label"].strip(), "block")]

    def _read_bang(self, at: int) -> Found | None:
        """Drop `[!INCLUDE …]` and the like; keep labels of controls (`[!UICONTROL Save]`)."""
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
        """A comment between `%%`, unless these are percent signs."""
        text = self._text
        line = self._before(at)
        if not line.strip() and (found := _ASIDE_BLOCK.match(text, at)):
            return at, found.end(), [SlotMark(found[0], kind="block")]
        found = _ASIDE.match(text, at)
        is_figure = re.search(r"[\w%]\Z|\d[ \t]\Z", line)
        if found is None or is_figure or re.search(r"\d[ \t]?\Z", found["inner"]):
            return None
        return at, found.end(), [SlotMark(found[0])]


def _id_in(attributes: str) -> str:
    found = re.search(r"#([^\s{}#.]+)", attributes)
    return found[1] if found else ""
