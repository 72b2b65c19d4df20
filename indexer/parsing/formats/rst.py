"""Parses reStructuredText into an article, by way of docutils.

In: .rst, or .rst.txt as Sphinx ships its sources. Out: an `Article` whose text is the rendered
plain text, and a warning if substitutions are undefined. Refuses (`SourceError`) what the HTML
reader refuses.

No other file is opened: file insertion, raw text and docutils' configuration are off. Unknown
directives are rendered as their title and body, unknown roles as their words; tables of contents,
indexes and options are dropped, and so are docutils' own messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree
from docutils.parsers.rst import Directive, Parser, directives, roles
from docutils.parsers.rst.languages import en
from docutils.parsers.rst.states import Inliner
from docutils.statemachine import StringList
from docutils.utils import unescape

from indexer.errors import SourceError, UnknownValues
from indexer.model import Article, Source
from indexer.parsing.article import Declared, assemble, refuse_above
from indexer.parsing.html.page import read_fragment
from indexer.settings import Settings

_SIZE = 8_000_000  # characters; docutils is too slow beyond
_SETTINGS: dict[str, object] = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 6,  # never
    "warning_stream": False,
    "input_encoding": "unicode",
    "output_encoding": "unicode",
    "line_length_limit": _SIZE,
    "math_output": "LaTeX",
    "syntax_highlight": "none",
    "embed_stylesheet": False,
    "stylesheet_path": None,
    "toc_backlinks": False,
    "footnote_backlinks": False,
}
_DIRECTIVES = re.compile(
    r"^[ \t>*-]*\.\.[ \t]+(?:\|[^|\n]+\|[ \t]+)?([\w.+:-]+?)[ \t]*::", re.MULTILINE
)
_ROLES = re.compile(r"(?<![\w:]):([\w+:.-]+):`|`:([\w+:.-]+):")
_SILENT = (
    "contents toctree index include raw meta highlight currentmodule tabularcolumns sectionauthor "
    "codeauthor default-domain default-role py:currentmodule program autosummary sectnum "
    "section-numbering role restructuredtext-test bibliography "
    "date"  # of the day on which it is read
)
_ADMONITIONS = "attention caution danger error hint important note tip warning"  # without a title
_UNTITLED = (  # the argument is not a title
    "cssclass figure grid ifconfig only rst-class tab-set literalinclude module py:module "
    "automodule button-ref button-link card-carousel div jinja plot video youtube vimeo"
)
_PROGRAMS = (
    "code code-block code-tab sourcecode testcode testoutput testsetup testcleanup doctest "
    "productionlist prompt ipython graphviz digraph mermaid uml"
)
_OVERLINED = re.compile(r"^([=\-~^\"'#*+.:_`])\1{3,} *\n([ \t]*\S.*)\n\1{3,} *$", re.MULTILINE)
_FILE_OPTIONS = re.compile(  # Sphinx's file-wide options
    r"^:(?:orphan|tocdepth|nocomments|nosearch):[^\n]*\n", re.MULTILINE
)
_LOST = 3  # error: from this level on, a docutils message holds the only copy of the words
_TARGET = re.compile(r"(?s)(.*?)\s*(?<!\\)<[^<>]*>\s*\Z")
_DOTTED = re.compile(r"~[\w.]+\Z")
_CONTROLS = ("guilabel", "menuselection")  # roles whose text has `&` before accelerator keys
_ICON = re.compile(r"octicon|fa[bsr]?|material-\w+")
_ACCELERATOR = re.compile(r"&(?=\w)")
_SUBSTITUTION = re.compile(r"\|[^|]+\|_{0,2}")


def parse_rst(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    """Yield the article of a reStructuredText file, then a warning about undefined values."""
    text = source.text
    refuse_above(_SIZE, text, source.path, "reStructuredText")
    made, title, unknown = rst_to_html(text)
    content = read_fragment(made, source.path, Declared(title=title))
    yield assemble(source, content, settings)
    if unknown:
        yield UnknownValues(source.path, unknown)


def rst_to_html(text: str) -> tuple[str, str, int]:
    """The text as an HTML page, its title, and the number of undefined substitutions."""
    tree = _read(_FILE_OPTIONS.sub("", text))
    unknown = _clean(tree)
    _lower_subtitle(tree)
    made = publish_from_doctree(tree, writer="html5", settings_overrides=_SETTINGS)
    return cast("str", made), tree.get("title", ""), unknown


def _read(text: str) -> nodes.document:
    """Parse a text into docutils' tree; its unknown directives and roles get a reader first, and
    the lines above and below a title the same length."""
    text = _OVERLINED.sub(_evened, text)
    for name in set(map(str.lower, _DIRECTIVES.findall(text))) - _OWN.keys() - en.directives.keys():
        directives.register_directive(name, _Body)
    for found in set(_ROLES.findall(text)):
        name = (found[0] or found[1]).lower()
        if name not in en.roles:
            roles.register_canonical_role(name, _read_role)
    return publish_doctree(text, parser=_parser(), settings_overrides=_SETTINGS)


def _evened(title: re.Match[str]) -> str:
    line = title[1] * max(map(len, title[0].split("\n")))
    return f"{line}\n{title[2].strip()}\n{line}"


def _clean(tree: nodes.document) -> int:
    """Remove docutils' messages from the tree, and count its undefined substitutions.

    The words that docutils could not parse stay.
    """
    unknown = 0
    for problem in list(tree.findall(nodes.problematic)):
        text = problem.astext()
        is_value = _SUBSTITUTION.fullmatch(text) is not None
        unknown += is_value
        bare = re.sub(r"`?_{1,2}\Z|\A`|:[\w:+.-]+:`", "", text).strip("`")
        words = "" if is_value else _role_words(bare) or text  # `text`: unclosed markup
        problem.parent.replace(problem, nodes.Text(words))
    for classifier in tree.findall(nodes.classifier):
        classifier.insert(0, nodes.Text(" : "))
    for message in list(tree.findall(nodes.system_message)):
        if message["level"] < _LOST:
            message.parent.remove(message)
            continue
        kept = [b for b in message.findall(nodes.literal_block) if not _is_silent(b.astext())]
        message.parent.replace(message, kept)
    return unknown


def _lower_subtitle(tree: nodes.document) -> None:
    """Turn a subtitle back into the section it was: docutils promotes a lone first section."""
    subtitle = next((child for child in tree if isinstance(child, nodes.subtitle)), None)
    if subtitle is None:
        return
    at = tree.index(subtitle)
    section = nodes.section("", nodes.title("", "", *subtitle.children), ids=subtitle["ids"])
    section += [child for child in tree[at + 1 :] if not isinstance(child, nodes.docinfo)]
    tree[at:] = [*(child for child in tree[at + 1 :] if child not in section.children), section]


def _is_silent(text: str) -> bool:
    """Whether a text is a directive that renders nothing."""
    named = _DIRECTIVES.match(text)
    return bool(named and _OWN.get(named[1].lower()) is _Nothing) or ":file:" in text


def _parser() -> Parser:
    """A parser that does not look for bare URLs, which are text anyway: that search takes quadratic
    time in the length of a run without white space."""
    inliner = Inliner()
    inliner.implicit_inline = _as_text  # type: ignore[method-assign]
    return Parser(inliner=inliner)


def _as_text(text: str, lineno: int) -> list[nodes.Text]:
    return [nodes.Text(text)] if text else []


# --- directives and roles ------------------------------------------------------------------------


class _AnyOption(dict[str, Any]):
    """An option spec that accepts any name, with its value as text."""

    def __bool__(self) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        return lambda value: value or ""


class _Body(Directive):
    """A directive whose title and body are text of the page."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOption()
    argument = "title"  # or "body", or "name": an address or the like, not words

    def run(self) -> list[nodes.Node]:
        """The title and captions as paragraphs, then the body, including body lines that docutils
        took for an argument."""
        lines = "".join(self.arguments).split("\n")
        is_below = self.block_text.strip().split("\n", 1)[0].rstrip().endswith("::")
        if is_below or self.argument != "title":
            lines = lines if is_below or self.argument == "body" else lines[1:]
            self.content = StringList([*lines, "", *self.content], source="")
            self.arguments = []
        container = nodes.container()
        said = [*self.arguments[:1], *map(self.options.get, ("caption", "title", "alt", "summary"))]
        for words in filter(None, said):
            inner, messages = self.state.inline_text(str(words), self.lineno)
            container += nodes.paragraph("", "", *inner, *messages)
        self._add_body(container)
        return [container] if container.children else []

    def _add_body(self, container: nodes.container) -> None:
        if "card" in self.name:  # lines of `^^^` and `+++` separate its header and footer
            lines = ["" if line in ("+++", "^^^") else line for line in self.content]
            self.content = StringList(lines, source="")
        self.state.nested_parse(self.content, self.content_offset, container, match_titles=True)


class _Admonition(_Body):
    """A directive without title: all its text is body."""

    argument = "body"


class _Untitled(_Body):
    """A directive with captions and a body, which may begin on the line below its argument."""

    argument = "name"


class _Class(_Body):
    """`class`: Sphinx's description of a class, or docutils' style names, which are not words."""

    def run(self) -> list[nodes.Node]:
        """The class name and its description; no nodes for style names."""
        named = "".join(self.arguments)
        if not self.content and not re.search(r"[A-Z_.(]", named):
            return []
        return super().run()


class _Program(_Untitled):
    """A directive whose body is verbatim code; the argument names the language."""

    def _add_body(self, container: nodes.container) -> None:
        text = "\n".join(self.content).rstrip("\n")
        if text:
            container += nodes.literal_block(text, text)


class _Glossary(_Body):
    """A list of terms with their meanings, which several terms may share."""

    def _add_body(self, container: nodes.container) -> None:
        text = re.sub(r"(?m)^(\S.*)\n(?=\S)", r"\1\n   ..\n\n", "\n".join(self.content))
        self.content = StringList(text.split("\n"), source="")
        super()._add_body(container)


class _Lines(_Untitled):
    """A directive whose body is inline markup with its line breaks kept."""

    def _add_body(self, container: nodes.container) -> None:
        block = nodes.line_block()
        for number, text in enumerate(self.content):
            inner, messages = self.state.inline_text(text.strip(), self.content_offset + number)
            block += nodes.line("", "", *inner, *messages)
        container += block


class _Nothing(_Body):
    """A directive that renders nothing."""

    def run(self) -> list[nodes.Node]:
        """No nodes."""
        return []


def _read_role(
    role: str, rawtext: str, text: str, lineno: int, inliner: Inliner,
    options: Mapping[str, Any] | None = None, content: Sequence[str] = (),
) -> tuple[Sequence[nodes.reference], Sequence[nodes.reference]]:  # fmt: skip
    """Render a role that docutils does not know as its words."""
    words = "" if _ICON.fullmatch(role) else _role_words(unescape(text))
    if role in _CONTROLS:
        words = _ACCELERATOR.sub("", words)
    return [cast("nodes.reference", nodes.inline(rawtext, words))], []


def _role_words(text: str) -> str:
    """The words of a role or reference, without its target."""
    titled = _TARGET.fullmatch(text)
    words = titled[1] if titled and titled[1] else text.lstrip("!")
    return words.rsplit(".", 1)[-1].lstrip("~") if _DOTTED.match(words) else words


_OWN: dict[str, type[Directive]] = {
    **dict.fromkeys(_SILENT.split(), _Nothing),
    **dict.fromkeys(_PROGRAMS.split(), _Program),
    **dict.fromkeys(_UNTITLED.split(), _Untitled),
    "class": _Class,
    "glossary": _Glossary,
    "parsed-literal": _Lines,
    **dict.fromkeys(_ADMONITIONS.split(), _Admonition),
}
for _name in ("container", "csv-table", "image", "list-table", "math", "rubric", "table", "topic"):
    _known, _ = directives.directive(_name, cast("Any", en), cast("Any", None))
    _spec = _AnyOption(getattr(_known, "option_spec", None) or {})  # Sphinx has more than docutils
    _OWN[_name] = type(_name, (cast("type[Directive]", _known),), {"option_spec": _spec})
for _name, _directive in _OWN.items():
    directives.register_directive(_name, _directive)
