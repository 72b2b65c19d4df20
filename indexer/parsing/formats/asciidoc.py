"""Parses AsciiDoc into an article.

In: .adoc. Out: an `Article` whose text is the rendered plain text; a warning if attributes are
undefined. Refuses (`SourceError`) what the HTML reader refuses.

The text is converted to HTML line by line, which the HTML reader reads: header, sections, lists
with blocks attached by `+`, tables, delimited blocks, titles and captions, admonitions, footnotes
and inline markup. Attributes set in the document are replaced by their values, others are dropped
and counted. Comments, includes and other directives are dropped; text between conditions is kept.
No other file is opened, and no macro is run.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from html import escape, unescape

from indexer.errors import SourceError, UnknownValues
from indexer.model import Article, Source
from indexer.parsing.article import Declared, assemble, refuse_above
from indexer.parsing.formats.slots import EDGE, SLOT
from indexer.parsing.html.dom import unclosed
from indexer.parsing.html.page import read_fragment
from indexer.settings import Settings

_SIZE = 8_000_000  # characters; reading is too slow beyond
_TITLE = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+\1)?[ \t]*")
_NAME = r"(?![a-z])[^\W\d_][\w.'’-]*"
_AUTHOR = re.compile(  # names, initials and addresses, separated by semicolons
    rf"(?:\A|;)[ \t]*{_NAME}(?:[ \t]+(?:{_NAME}|d[aeiu]s?|v[ao]n|de[rnl]|l[ae])(?![\w.'’-])){{0,3}}"
    r"(?:[ \t]+<[^<>\s]+>)?[ \t]*(?=;|\Z)"
)
_REVISION = re.compile(
    r"v\d[\w.]*(?:[,:].*)?|(?:\d[\d.]*,[ \t]*)?"
    r"(?:\d{4}-\d\d-\d\d|\w{3,20} \d{1,2}, \d{4}|\d{1,2} \w{3,20} \d{4})(?::.*)?"
)
_ATTRIBUTE = re.compile(r":!?([\w-]+)!?:(?:[ \t]+(.*))?")
_DIRECTIVE = re.compile(r"(include|ifdef|ifndef|ifeval|endif|toc|tag|end)::[^\[\s]*\[(.*)\]")
_COMMENT = re.compile("//(?!/)")
_MEDIA = re.compile(r"(?:image|video|audio)::[^\[\s][^\[]*\[.*\]")
_BLOCK_LINE = re.compile(
    r"\[(?!\[)(?P<inner>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*){0,50})\]|\[\[(?P<id>[^\[\],]+)(?:,.*)?\]\]"
)
_BLOCK_TITLE = re.compile(r"\.(?![\s.])(.*)")
_FENCE = re.compile(
    r"(-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|/{4,}|--|[|,:!]={3,}|```+(?=[\w+#.-]*[ \t]*\Z))"
    r"(?:(?<=`)[\w+#.-]*)?[ \t]*"
)
_ITEM = re.compile(
    r"[ \t]*(?P<mark>\*{1,5}|-|\.{1,5}|\d{1,4}\.|<\d{1,3}>|<\.>)[ \t]+(?P<text>\S.*)"
)
_BOX = re.compile(r"\[([ x*])\](?= \S)(?<=\A...)")
_TERM = re.compile(r"[ \t]*(?P<term>\S.*?)(?P<mark>:{2,4}|;;)(?:[ \t]+(?P<text>\S.*))?")
_BEGINS = (_ITEM, _TERM, _FENCE, _BLOCK_LINE, _DIRECTIVE)  # lines that end a paragraph above
_LABEL = re.compile(r"(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION):[ \t]+")
_VERBATIM_STYLES = ("source", "stem", "latexmath", "asciimath")
_VERBATIM = "-.`"  # first characters of fences around code
_REFERENCE = re.compile(  # to an attribute, or to a counter and what it starts with
    r"(?<!\\)\{(?:(?P<kind>counter2?|set): ?)?(?P<name>\w[\w-]*)(?(kind)(?::(?P<start>[^{}]*))?)\}"
)
_DEEPEST = 20  # nested conditions, or nested cells of blocks
_PASSED = re.compile(r"pass:[\w,]*\[(.*)\]")  # a whole value
_LONGEST = 2_000  # characters of an attribute's value; references in longer values stay
_NAMED_SIGNS = {
    "nbsp": "\u00a0", "zwsp": "", "sp": " ", "empty": "", "blank": "", "amp": "&", "lt": "<",
    "gt": ">", "plus": "+", "asterisk": "*", "startsb": "[", "endsb": "]", "vbar": "|",
    "tilde": "~", "caret": "^", "backtick": "`", "apos": "'", "quot": '"', "lsquo": "‘",
    "rsquo": "’", "ldquo": "“", "rdquo": "”", "deg": "°", "cpp": "C++", "two-colons": "::",
    "two-semicolons": ";;",
}  # fmt: skip
_LITERAL = re.compile(
    r"(?<!\\)(?:`\+(.{1,400}?)\+`|\+\+\+(?P<raw>.{1,400}?)\+\+\+|\+\+(.{1,400}?)\+\+|"
    r"(?<!\w)\+(\S(?:.{0,400}?\S)?)\+(?!\w)|(?:stem|latexmath|asciimath):\[(?P<formula>.{0,400}?)"
    r"(?<!\\)\]|pass:(?P<made>[\w,]{0,99})\[(?P<passed>.{0,400}?)(?<!\\)\])"
)
_CODE = re.compile(
    r"(?<!\\)(?:(?<!\w)\[[A-Za-z.#][\w .#-]{0,99}\])?"
    r"(?:``(.{1,400}?)``|(?<![\w`\"'])`(\S(?:[^`]{0,400}?\S)?)`(?![\w`\"']))",
    re.DOTALL,
)
_INNER = r"(?:[^\[\]]|\[[^\[\]]{0,400}\]){0,2000}"
_MACROS = re.compile(
    r"(?<!\\)(?:\[\[\[(?P<cited>[^\[\],]{1,99})(?:,(?P<as>[^\[\]]{1,99}))?\]\]\]"
    r"|(?P<anchor>\[\[[^\[\]]{1,400}\]\]|anchor:[^\[\s]{1,400}\[[^\[\]]{0,400}\])"
    r"|<<(?P<target>[\w#/.:{][^<>,]{0,400})(?:,(?P<label>[^<>]{0,400}))?>>"
    r"|(?P<gone>image:[^\[\s:][^\[\s]{0,400}\[[^\[\]]{0,400}\]|icon:[^\[\s]{1,99}\[[^\[\]]{0,99}\]"
    r"|\(\(\([^()]{1,400}\)\)\)|indexterm:\[[^\[\]]{0,400}\])"
    r"|\(\((?P<term>[^()]{1,400})\)\)"
    r"|(?:kbd|btn|indexterm2|term):\[(?P<said>[^\[\]]{0,400})\]"
    r"|menu:(?P<menu>[^\[\]]{1,99})\[(?P<entry>[^\[\]]{0,400})\]"
    rf"|footnote(?:ref)?:(?P<called>[\w-]{{0,99}})\[(?P<note>{_INNER})\]"
    rf"|(?:xref|(?<!\w)link|(?<!\w)(?P<mail>mailto)):"
    rf"(?P<address>[^\[\s]{{0,400}})\[(?P<text>{_INNER})\]"
    rf"|(?P<url>(?:https?|ftp|irc)://[^\s\[\]<>]{{1,2000}})\[(?P<name>{_INNER})\])"
)
_SPAN = r"(?:\[[^\[\]]{0,99}\])?"  # role of quoted text
_QUOTES = tuple(  # quoted text (bold, italic, highlighted): its opening sign and its form
    (2 * sign, re.compile(rf"(?<!\\){_SPAN}{s}{s}(?=\S)(.{{1,2000}}?)(?<=\S){s}{s}", re.DOTALL))
    for sign, s in (("*", r"\*"), ("_", "_"), ("#", "#"))
) + tuple(
    (
        sign,
        re.compile(
            rf"(?<![\w\\:;{sign}]){_SPAN}[{sign}](?![\s{sign}])(.{{0,2000}}?[^\s\\{sign}])"
            rf"[{sign}](?![\w{sign}])",
            re.DOTALL,
        ),
    )
    for sign in "*_#"
)
_BREAK = re.compile(r"[ \t]\+(?=\n|\Z)")
_ENTITY = re.compile(r"&amp;(#?\w{2,9};)")
_REPLACED = tuple((re.compile(form), made) for form, made in (
    (r'"`(.{1,400}?)`"', "“\\1”"), (r"'`(.{1,400}?)`'", "‘\\1’"), (r"(?<=\w)`'", "’"),
    (r"(?<!\\)\(C\)", "©"), (r"(?<!\\)\(R\)", "®"), (r"(?<!\\)\(TM\)", "™"),
    (r"(?<!\\)\^(\S{1,99}?)\^", r"<sup>\1</sup>"), (r"(?<!\\)~(\S{1,99}?)~", r"<sub>\1</sub>"),
))  # fmt: skip
_ESCAPE = re.compile(r"\\(?=[*_`#^~{\[(+]|&lt;|(?:https?|link|xref|mailto|image|kbd|btn):)")


def parse_asciidoc(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    """Yield the article of an AsciiDoc file, then a warning about undefined attributes."""
    text = source.text
    refuse_above(_SIZE, text, source.path, "AsciiDoc")
    page = _Page(text)
    declared = Declared(
        title=page.attributes.get("doctitle", ""),
        language=page.attributes.get("lang", ""),
        metadata={n: page.attributes[n] for n in _FACTS if page.attributes.get(n)},
    )
    content = read_fragment(page.html, source.path, declared)
    yield assemble(source, content, settings)
    if page.unknown:
        yield UnknownValues(source.path, page.unknown)


_FACTS = ("author", "date", "description", "keywords", "revdate")


class _Page:
    """Converts a document to HTML."""

    def __init__(self, text: str) -> None:
        self.attributes: dict[str, str] = {}
        self.unknown = 0  # number of references to undefined attributes
        self._lines = text.replace(EDGE, "").split("\n")
        self._at = 0
        self._out: list[str] = []
        self._slots: list[str] = []  # markup of each slot, shared by nested calls of `_inline`
        self._notes: list[str] = []
        self._noted: dict[str, int] = {}  # name of a footnote → its number
        self._titles: dict[str, str] = {}  # letters of an id or title → the title
        self._id = ""  # of the next block
        self._style = self._subs = ""  # style and substitutions of the next block
        self._columns: list[str] = []  # column styles of the next table, if declared
        self._kind = self._sign = ""  # format of the next table, and separator of its cells
        self._depth = 0  # nesting of cells of blocks
        self._copies = 0  # number of repeated cells so far, without the first of each
        self._end = ""  # the line that ends the open block
        self._lists: list[tuple[str, str]] = []  # mark and closing tags of each open list
        self._read_header()
        self._read_blocks("")
        self._close_lists()
        if self._notes:
            notes = "".join(f"<li>{note}</li>" for note in self._notes)
            self._out.append(f'<section class="footnotes"><ol>{notes}</ol></section>')
        self.html = "\n".join(self._out)

    # --- lines -------------------------------------------------------------------------------

    def _line(self) -> str | None:
        return self._lines[self._at].rstrip() if self._at < len(self._lines) else None

    def _read_header(self) -> None:
        """Read title, author, revision and attributes, up to a blank line."""
        while (line := self._line()) is not None and not self._line_text(line):
            self._at += 1
        if line is None or not (line.startswith(("= ", "# ")) or _ATTRIBUTE.fullmatch(line)):
            return  # an underlined title is a block like any other
        facts = list[re.Pattern[str]]()  # what the next lines may be: author, revision
        while line := self._line():
            words = self._line_text(line)
            if found := _ATTRIBUTE.fullmatch(words):
                self._at += 1
                self._set(found)
                continue
            title = None if facts or self._out else _TITLE.fullmatch(words)
            if title:
                self._out.append(f"<h1>{self._inline(title[2])}</h1>")
                facts = [_AUTHOR, _REVISION]
            elif words and not self._read_fact(words, facts):
                return
            self._at += 1

    def _read_fact(self, line: str, facts: list[re.Pattern[str]]) -> bool:
        """Keep a line below the title if it is the author or revision; return whether it is."""
        while facts:
            form = facts.pop(0)
            if form.fullmatch(line) if form is _REVISION else not _AUTHOR.sub("", line):
                self.attributes["author" if form is _AUTHOR else "revdate"] = line.strip()
                return True
        return False

    def _title_of(self, name: str) -> str:
        """Title of the section or block that a reference points to; `name` if none is found."""
        if not self._titles:
            self._titles, ids, words = {"": ""}, list[str](), ""
            for line in self._lines:
                heading = _TITLE.fullmatch(line)
                title = heading or _BLOCK_TITLE.fullmatch(line)
                if found := None if title else _BLOCK_LINE.fullmatch(line):
                    ids += [found["id"] or "", *re.findall(r"#([\w:.-]+)", found["inner"] or "")]
                elif title:
                    words = title[title.lastindex or 0]
                if words and not _MACROS.search(words):
                    self._titles |= {_letters(one): words for one in (words, *ids)}
                if heading or not (title or found):
                    ids, words = [], ""
        return self._titles.get(_letters(name)) or name

    def _underlined(self, line: str) -> int:
        """Level of a title that the next line underlines (old AsciiDoc); 0 if it is no title."""
        below = self._line() or ""
        is_line = len(below) > 3 and not below.strip(below[0]) and below != self._end
        is_as_long = abs(len(below) - len(line)) < 3
        return "=-~^+".find(below[0]) + 1 if is_line and is_as_long else 0

    def _set(self, found: re.Match[str]) -> None:
        value = found[2] or ""
        while value.endswith(" \\") and (line := self._line()) is not None:
            value = value[:-1] + line.strip()
            self._at += 1
        value = value.strip()
        if passed := _PASSED.fullmatch(value):
            value = _unquoted(_CODE.sub(r"\1\2", passed[1]))
        if len(value) < _LONGEST:
            value = _REFERENCE.sub(lambda m: self._known(m["name"]) or m[0], value)
        self.attributes[found[1].lower()] = value

    def _known(self, name: str) -> str | None:
        return self.attributes.get(name.lower(), _NAMED_SIGNS.get(name.lower()))

    def _line_text(self, line: str) -> str:
        """A line's text, also within `ifdef::x[…]`; "" for comments and other directives."""
        for _ in range(_DEEPEST):
            if not (found := _DIRECTIVE.fullmatch(line)):
                break
            line = found[2].strip() if found[1] in ("ifdef", "ifndef") else ""
        return "" if _COMMENT.match(line) else line

    # --- blocks ------------------------------------------------------------------------------

    def _read_blocks(self, end: str) -> None:
        """Read blocks up to the line `end`, or all if it is ""."""
        outer, self._end = self._end, end
        while (line := self._line()) is not None:
            self._at += 1
            if end and line == end:
                break
            if not line:
                if self._lists and not self._goes_on():
                    self._close_lists()
            elif line != "+":
                self._read_block(line)
        self._end = outer

    def _goes_on(self) -> bool:
        """Skip blank lines; return whether the open list continues after them."""
        while (line := self._line()) == "":
            self._at += 1
        return bool(_ITEM.fullmatch(line or "") or _TERM.fullmatch(line or ""))

    def _read_block(self, line: str) -> None:
        if line.startswith("include::") or _MEDIA.fullmatch(line):
            self._style = ""
        line = self._line_text(line)
        if not line:
            return
        if _MEDIA.fullmatch(line):
            self._add_titles(line)
            return
        if line in ("'''", "<<<", "---", "***"):
            self._out.append("<hr>")
        elif found := _ATTRIBUTE.fullmatch(line):
            self._set(found)
        elif found := _FENCE.fullmatch(line):
            self._read_fence(line, found[1])
        elif found := _BLOCK_LINE.fullmatch(line):
            self._read_block_line(found)
        elif found := _TITLE.fullmatch(line):
            self._add_heading(found[2], len(found[1]))
        elif (found := _BLOCK_TITLE.fullmatch(line)) and not _ITEM.fullmatch(line):
            self._out.append(f"<p>{self._inline(found[1])}</p>")
        elif level := self._underlined(line):
            self._at += 1
            self._add_heading(line, level)
        elif found := _ITEM.fullmatch(line):
            text = _BOX.sub(lambda m: "☐" if m[1] == " " else "☑", found["text"])
            self._open_item(found["mark"], self._inline(self._joined_lines(text)))
        elif found := _TERM.fullmatch(line):
            self._open_item(found["mark"], self._inline(found["term"]))
            text = self._joined_lines(found["text"] or self._indented_line()).strip()
            self._out.append(f"</dt><dd>{self._inline(text)}")
        elif line[0] in " \t" and not self._lists:
            self._add_code(self._raw_paragraph(line))
        else:
            self._read_paragraph(line)

    def _add_heading(self, text: str, level: int) -> None:
        self._style = ""
        self._close_lists()
        self._out.append(f"<h{level}{self._take_id()}>{self._inline(text)}</h{level}>")

    def _indented_line(self) -> str:
        """The next non-blank line below a term, if it is indented and begins no block; else ""."""
        at = self._at
        while at < len(self._lines) and not self._lines[at].strip():
            at += 1
        line = self._lines[at].rstrip() if at < len(self._lines) else ""
        if line[:1] not in (" ", "\t") or any(form.fullmatch(line) for form in _BEGINS):
            return ""
        self._at = at + 1
        return line.strip()

    def _joined_lines(self, line: str) -> str:
        """A line and the lines below it, up to a blank line or another block."""
        parts = [line]
        while (following := self._line()) and not (
            following == "+" or _COMMENT.match(following)
            or any(form.fullmatch(following) for form in _BEGINS)
        ):  # fmt: skip
            parts.append(following.strip())
            self._at += 1
        return "\n".join(parts)

    def _add_code(self, text: str) -> None:
        markup, self._subs = self._code(text, self._subs), ""
        self._out.append(f"<pre class=literal-block{self._take_id()}>{markup}</pre>")

    def _raw_paragraph(self, line: str) -> str:
        text = f"{line}\n{self._until('')}"
        self._at -= 1  # the blank line may end a list
        return text.rstrip("\n")

    def _read_paragraph(self, line: str) -> None:
        style, self._style = self._style, ""
        if style == "comment":
            self._raw_paragraph(line)
            return
        if style in ("listing", "literal", "verse", *_VERBATIM_STYLES):
            self._add_code(self._raw_paragraph(line))
            return
        text = _LABEL.sub("", self._joined_lines(line), count=1)
        is_quoted = line.startswith("> ")  # as in Markdown
        text = re.sub(r"(?m)^>[ \t]?", "", text) if is_quoted else text
        tag = "blockquote" if style == "quote" or is_quoted else "p"
        self._out.append(f"<{tag}{self._take_id()}>{self._inline(text)}</{tag}>")

    def _read_block_line(self, found: re.Match[str]) -> None:
        """Read `[…]` above a block: style, id, title, and format of a table."""
        inner = found["inner"] or ""
        named = re.search(r"#([\w:.-]+)", inner.split(",")[0])
        self._id = found["id"] or (named[1] if named else self._id)
        self._style = re.split(r"[,#.%]", inner)[0].strip().lower() or self._style
        self._subs = "".join(re.findall(r"\bsubs=\"?([\w+,-]*)", inner)) if inner else self._subs
        if cols := _COLUMNS.search(inner):
            self._columns, value = [], cols[1] or cols[2] or cols[3]
            value += "*" * value.isdigit()  # a bare number counts the columns
            for one in map(_COLUMN.fullmatch, re.split("[,;]", value)):
                self._columns += [one[2]] * min(int(one[1] or 1), _WIDEST) if one else [""]
        for kind, sign in _PARTED.findall(inner):
            self._kind, self._sign = kind or self._kind, sign or self._sign
        if self._style in ("quote", "verse"):
            words = [part.strip(" \"'") for part in inner.split(",")[1:]]
            self._out += [f"<p>{self._inline(part)}</p>" for part in words if part]
        self._add_titles(inner)

    def _add_titles(self, attributes: str) -> None:
        for title in re.findall(r"\b(?:title|caption)=(?:\"([^\"]*)\"|'([^']*)')", attributes):
            self._out.append(f"<p>{self._inline(title[0] or title[1])}</p>")

    def _read_fence(self, line: str, sign: str) -> None:
        """Read a delimited block."""
        style, self._style = self._style, ""
        is_code = sign[0] in _VERBATIM and sign != "--"
        if is_code or sign[0] == "/" or style in ("comment", *_VERBATIM_STYLES):
            body = self._until(line if sign[0] != "`" else sign)
            if sign[0] != "/" and style != "comment":
                self._add_code(body)
        elif sign[0] == "+":
            raw = self._until(line)
            self._out.append(raw + unclosed(raw))
        elif sign[-1] == "=" and sign[0] in "|,:!":
            kind = self._kind or _KINDS.get(sign[0], "psv")
            cell_sign = self._sign or next((s for s, k in _KINDS.items() if k == kind), sign[0])
            lines = self._until(line).split("\n")
            body = "\n".join(words for one in lines if (words := self._line_text(one)) or not one)
            self._out.append(self._table(body, cell_sign, self._columns, kind))
            self._columns, self._kind, self._sign = [], "", ""
        else:
            tag = "blockquote" if sign[0] == "_" else "div"
            self._out.append(f"<{tag}{self._take_id()}>")
            outer, self._lists = self._lists, []
            self._read_blocks(line)
            self._close_lists()
            self._lists = outer
            self._out.append(f"</{tag}>")

    def _until(self, end: str) -> str:
        begin = self._at
        while self._line() not in (end, None):
            self._at += 1
        self._at += 1
        return "\n".join(map(str.rstrip, self._lines[begin : self._at - 1]))

    def _table(self, body: str, sign: str, styles: Sequence[str] = (), kind: str = "psv") -> str:
        """HTML of a table. `styles`: by column; if (), the first row gives the column count."""
        if kind != "psv":
            cells = ([f"<td>{self._inline(cell.strip())}</td>" for cell in row]
                     for row in _rows(body, kind, sign))  # fmt: skip
            rows = (f"<tr>{''.join(row)}</tr>" for row in cells)
            return "".join(["<table role=table>", *rows, "</table>"])
        body, form = body.strip("\n"), re.compile(rf"{_SPEC}(?<!\\){re.escape(sign)}")
        first = form.search(body)
        if first is None or body[: first.start()].strip():
            body = f"{sign}{body}"
        head = body.partition("\n")[0]
        if not styles and len(form.findall(head)) == 1 and "\n\n" in body:  # one cell a line
            head = re.split(r"\n[ \t]*\n", body, maxsplit=1)[0]
        tag = "th" if re.match(r"[ \t]*\n[ \t]*\n", body[len(head) :]) else "td"
        columns = len(styles) or sum(_times(one) for one in form.finditer(head)) or 1
        out = ["<table><tr>"]
        filled, taken = 0, [0]  # columns filled in this row; columns of row spans, by row from here
        begins = [*form.finditer(body)]
        for found, end in zip(begins, [*(one.start() for one in begins[1:]), len(body)]):
            column = (filled + taken[0]) % columns
            style = found["style"] or "".join(styles[column : column + 1])
            inner = body[found.end() : end].replace(f"\\{sign}", sign)
            is_whole = (style == "a" or "!===" in inner) and self._depth < _DEEPEST
            paragraphs = re.split(r"\n[ \t]*\n\s*", inner.strip())
            markup = (
                self._blocks_of(inner) if is_whole else "<br>".join(map(self._inline, paragraphs))
            )
            wide, high = (min(int(found[name] or 1), _WIDEST) for name in ("wide", "high"))
            copies = min(int(found["times"] or 1), _WIDEST, _MOST_COPIES - self._copies) or 1
            self._copies += copies - 1
            for _ in range(copies):
                while filled and filled + taken[0] >= columns:
                    out.append("</tr><tr>")
                    filled, taken, tag = 0, taken[1:] or [0], "td"
                out.append(f'<{tag} colspan="{wide}" rowspan="{high}">{markup}</{tag}>')
                filled += wide
                taken += [0] * (high - len(taken))
                taken[1:high] = [one + wide for one in taken[1:high]]
        made = "".join([*out, "</tr></table>"])
        return made if made.count("<table") > 1 else made.replace("<table", "<table role=table", 1)

    def _blocks_of(self, text: str) -> str:
        """HTML of a cell that holds blocks."""
        outer = self._lines, self._at, self._out, self._lists, self._end
        self._lines, self._at, self._out, self._lists = text.strip().split("\n"), 0, [], []
        self._depth += 1
        self._read_blocks("")
        self._close_lists()
        self._depth -= 1
        markup = "\n".join(self._out)
        self._lines, self._at, self._out, self._lists, self._end = outer
        return markup

    # --- lists -------------------------------------------------------------------------------

    def _open_item(self, mark: str, text: str) -> None:
        """Begin an item in the open list of its mark, else in a new list within the item above."""
        self._style = ""
        kind = re.sub(r"\d+", "1", mark)
        marks = [one for one, _ in self._lists]
        is_term = mark[0] in ":;"
        if kind in marks:
            while self._lists[-1][0] != kind:
                self._out.append(self._lists.pop()[1])
            self._out.append("</dd>" if is_term else "</li>")
        else:
            tag = "dl" if is_term else "ol" if mark[0] in ".<" or mark[0].isdigit() else "ul"
            self._out.append(f"<{tag}>")
            self._lists.append((kind, f"</{'dd' if is_term else 'li'}></{tag}>"))
        self._out.append(f"<dt>{text}" if is_term else f"<li>{text}")

    def _close_lists(self) -> None:
        while self._lists:
            self._out.append(self._lists.pop()[1])

    def _take_id(self) -> str:
        name, self._id = self._id, ""
        return f' id="{escape(name)}"' if name else ""

    # --- within lines ------------------------------------------------------------------------

    def _inline(self, text: str) -> str:
        """Convert a text with inline markup to HTML."""

        text = _LITERAL.sub(lambda m: self._kept(self._literal(m)), text)
        if "`" in text:
            text = _CODE.sub(lambda m: self._kept(f"<code>{self._code(m[1] or m[2])}</code>"), text)
        text = _BREAK.sub(lambda _: self._kept("<br>"), text)
        text = _REFERENCE.sub(self._value, text)
        if "[" in text or "<<" in text or "((" in text:
            text = _MACROS.sub(lambda m: self._kept(self._macro(m)), text)
        text = _ENTITY.sub(r"&\1", escape(text, quote=False))
        for form, made in _REPLACED:
            text = form.sub(made, text)
        return self._put_back(_ESCAPE.sub("", _unquoted(text)))

    def _kept(self, markup: str) -> str:
        """A slot for markup that is finished."""
        self._slots.append(markup)
        return f"{EDGE}{len(self._slots) - 1}{EDGE}"

    def _put_back(self, text: str) -> str:
        return SLOT.sub(lambda slot: self._put_back(self._slots[int(slot[1])]), text)

    def _literal(self, found: re.Match[str]) -> str:
        """HTML of literal or passed-through text: its raw HTML, or the text escaped."""
        made, passed = found["made"] or "", found["passed"]
        text = next(filter(None, (passed, found["formula"], *found.group(1, 3, 4))), "")
        text = text.replace("\\]", "]")
        is_escaped = passed is None or re.search(r"\b(?:[cnv]|special)", made)
        if re.search(r"\b[amnqr]", made):
            text = self._inline(text)
            return text if is_escaped else unescape(text)
        raw = found["raw"] or ("" if is_escaped else text)
        return raw + unclosed(raw) if raw else escape(text)

    def _code(self, text: str, subs: str = "attributes,quotes") -> str:
        """HTML of code, with known attributes replaced by their values, and its quoted text."""
        subs = subs.replace("normal", "attributes,quotes")
        if "attributes" in subs:
            text = _REFERENCE.sub(lambda m: self._known(m["name"]) or m[0], text)
        text = escape(text, quote=False)
        return _unquoted(_ENTITY.sub(r"&\1", text)) if "quotes" in subs else text

    def _value(self, found: re.Match[str]) -> str:
        if found["kind"]:
            return self._count(found)
        value = self._known(found["name"])
        if value is None:
            self.unknown += 1
            return ""
        bare, count = _REFERENCE.subn("", value)
        self.unknown += count
        return bare

    def _count(self, found: re.Match[str]) -> str:
        """Value of a counter, one more than before; "" for a silent one or an attribute set."""
        name, start = found["name"].lower(), found["start"] or "1"
        before = self.attributes.get(name, "")
        following = str(int(before) + 1) if before.isdecimal() else chr(ord(before[:1] or " ") + 1)
        is_counted = found["kind"] != "set" and re.fullmatch(r"\d+|[a-yA-Y]", before)
        self.attributes[name] = following if is_counted else start
        return self.attributes[name] if found["kind"] == "counter" else ""

    def _macro(self, found: re.Match[str]) -> str:
        """HTML of what a reader sees of a macro."""
        if found["note"] is not None:
            number = self._noted.get(found["called"])
            if found["note"]:
                self._notes.append(self._inline(found["note"]))
                number = self._noted[found["called"]] = len(self._notes)
            return f"[{number}]" if number else ""
        if found["cited"]:
            return f"[{escape(found['as'] or found['cited'])}]"
        if found["menu"]:
            return self._inline(" > ".join(filter(None, (found["menu"], found["entry"]))))
        if found["target"]:
            return self._inline((found["label"] or self._title_of(found["target"])).strip())
        for address, text in (("url", "name"), ("address", "text")):
            if found[text] is not None:
                words = re.sub(r"\^\Z|,\s*(?:window|role|opts)=.*\Z", "", found[text]).strip('"')
                words = words.partition(",")[0] if found["mail"] else words
                return self._inline(words) if words else escape(self._title_of(found[address]))
        return self._inline(found["term"] or found["said"] or "")


def _unquoted(text: str) -> str:
    """A text without the marks of bold, italic and highlighted text."""
    for sign, form in _QUOTES:
        if sign in text:
            text = form.sub(r"\1", text)
    return text


_SPEC = (  # specifier of a cell, before its separator
    r"(?:(?<!\S)(?:(?P<times>\d{1,4})\*|(?P<wide>\d{1,4})?(?:\.(?P<high>\d{1,4}))?\+)?"
    r"(?:\.?[<^>]){0,2}(?P<style>[aehlmsd])?)?"
)
_COLUMNS = re.compile(r"\bcols=(?:\"([^\"]+)\"|'([^']+)'|([^,\s]+))")
_PARTED = re.compile(r"\bformat=[\"']?(psv|csv|dsv|tsv)\b|\bseparator=[\"']?([^\w\s\"'\\])")
_KINDS = {",": "csv", ":": "dsv", "\t": "tsv"}
_COLUMN = re.compile(r"\s*(?:(\d{1,4})\*)?[^a-z]*([a-z]?)\s*")
_WIDEST = 1_000  # columns, rows or copies of a cell, as in HTML
_MOST_COPIES = 10_000  # repeated cells in a document


def _letters(name: str) -> str:
    """Letters and digits of a name in lower case: equal for a title and an id derived from it."""
    return re.sub(r"[\W_]", "", name).lower()


def _times(cell: re.Match[str]) -> int:
    """Number of columns that a cell and its copies take."""
    return int(cell["times"] or 1) * int(cell["wide"] or 1)


def _rows(body: str, kind: str, sign: str) -> list[list[str]]:
    """Rows of values separated by `sign`; quoted values (DSV: escaped ones) may hold it."""
    lines = [f"{line}\n" for line in body.split("\n") if line.strip()]
    if kind != "dsv":
        try:
            return list(csv.reader(lines, delimiter=sign))
        except csv.Error:  # an unclosed quote
            pass
    parts = re.compile(rf"(?<!\\){re.escape(sign)}")
    return [[cell.replace(f"\\{sign}", sign) for cell in parts.split(line)] for line in lines]
