"""Finds the texts in the arguments of template tags and components that a reader sees.

In: the arguments as written (`title="Dose" id=3`). Out: the values of those that name a title, a
label or the like, and quoted or bare words of tags that have their title there. Refuses nothing:
what is not known to be text is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORDED = re.compile(  # arguments whose value is text of the page
    r"(?<![\w@:-])(?:(?!aria)[\w-]{0,30}[-_]|(?-i:[a-z]\w{0,30}?(?=[A-Z])))?"  # link_text, linkText
    r"(?:(?:sub)?(?:title|head(?:er|ing|line)?)|label|caption|alt|summary|content|text|html|"
    r"item(?=[ \t]*:[ \t]*(?:\"[^\"\n]*\"|'[^'\n]*')\s*\})|"
    r"footer|description|question|answer|message|body|quote|tooltip)"
    r"[ \t]*[=:]\s*(?:\{\s*)?(?:\"(?P<a>(?:[^\"\\]|\\.)*)\"|'(?P<b>(?:[^'\\]|\\.)*)'|"
    r"`(?P<c>[^`]*)`|“(?P<d>[^”]*)”|(?<=\{)(?P<e><(?:[^{}]|\{[^{}]*\})*>)\s*\})",
    re.IGNORECASE,
)
_LIST = re.compile(r"\s*\[[^\[\]{}]*\]")
_LISTED = re.compile(r"\bitems=\{\[([^\[\]{}]*)\]\}")  # labels of tabs
_QUOTED = re.compile(
    r"""(?<![=:\w])(?:"(?P<a>(?:[^"\\]|\\.)*)"|'(?P<b>(?:[^'\\]|\\.)*)'|`(?P<c>[^`]*)`)"""
)
_CALL = re.compile(  # of a macro; after `call` the tag's own arguments may stand before it
    r"(?:call\s*(?:\([^()]*\))?\s*)?(?!ur[il]|asset|format|date)[A-Za-z_]\w*\("
)
_SAYS = re.compile(  # several words, no URL
    r"(?!\(m(?:in|ax)-|fa[bsr]? fa-)[^\s/=<>{}]+[ ]\w[^=<>{}]*"
)
_TITLED = frozenset(  # tags whose quoted argument is their title
    ("accordion", "badge", "collapse", "details", "echo", "expand", "folding", "spoiler",
     "step", "summary", "tab", "tabitem", "trans", "translate", "t")
)  # fmt: skip
_LOGIC = frozenset(  # tags whose arguments are values, names or files
    ("assign", "block", "call", "capture", "case", "cycle", "cache", "component", "def", "elif",
     "elseif", "elsif", "extends", "filter", "for", "from", "gist", "if", "ifchanged", "import",
     "include", "include_relative", "layout", "load", "macro", "module", "paginate", "param",
     "partial", "ref", "relref", "render", "section", "set", "static", "switch", "tablerow",
     "unless", "url", "when", "while", "with", "youtube")
)  # fmt: skip
_TYPED = frozenset(  # tags that may have a title after their type
    ("admonition", "alert", "button", "callout", "hint", "notice")
)
_BARE = {  # tags with unquoted words as arguments (Hexo) → the part of these that is no text
    "blockquote": re.compile(r"https?://\S+"),
    "link": re.compile(r"\A\S+\Z|https?://.*"),  # a single word: Jekyll's, which names a file
    "note": re.compile(
        r"\A(?:default|primary|success|info|warning|danger)\b|\b(?:no-icon|simple|modern|flat)\b"
    ),
    "label": re.compile(r"\A[\w-]*\s*@"),  # its colour
    "post_link": re.compile(r"\A\S+|(?<!\S)[\"']|[\"'](?!\S)|\b(?:true|false)\Z"),
    **dict.fromkeys(
        ("collapse", "details", "folding", "spoiler"), re.compile(r"\A(?:\w+ )?(?:open|close)?,")
    ),
    **dict.fromkeys(("hideblock", "hidetoggle", "timeline"), re.compile(r",.*")),
    **dict.fromkeys(("btn", "button"), re.compile(r"\A[^,]*,|,.*|\A[^,]*\Z")),
    **dict.fromkeys(("checkbox", "p", "radio", "span"), re.compile(r"\A[^,]*,")),
    **dict.fromkeys(
        ("del", "emp", "hideinline", "kbd", "mark", "psw", "u", "wavy"),
        re.compile(r",#\w+|\A\w+ @"),
    ),
}


def words_of(arguments: str, name: str = "") -> Iterator[str]:
    """Values of a tag's arguments that a reader sees, each once. `name`: the tag's, if any."""
    bare = _BARE[name].sub("", arguments.strip("- ")[len(name) :].strip()) if name in _BARE else ""
    seen = {"", "true", "false"}
    if bare.strip() and not re.search(r"[\"=]|(?<!\w)'|:(?=\S)", bare):
        seen.add(bare.strip())
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
                is_value = text[: found.start()].rstrip().endswith(tuple("=:(+|"))
                if is_value or not _SAYS.fullmatch(value):
                    continue
            if value not in seen:
                seen.add(value)
                yield value


def words_in_call(code: str) -> Iterator[str]:
    """Words in the arguments of a macro that is called, else those with names."""
    called = _CALL.match(code.lstrip("-~ \t\n"))
    behind = code.lstrip("-~ \t\n")[called.end() :] if called else code
    return words_of(behind, "()" if called else "")


def list_in(code: str) -> str:
    """The strings of the list that a piece of code begins with, joined by commas; else ""."""
    listed = _LIST.match(code)
    strings = _QUOTED.finditer(listed[0]) if listed else ()
    return ", ".join(next(filter(None, found.groups()), "") for found in strings)
