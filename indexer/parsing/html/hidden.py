"""Removes what a page does not show, and separates words that only its style sheets separate.

In: the tree of a page, which is changed in place. Out: the same tree without scripts, styles,
controls, templates and hidden elements, and with a space where only style sheets separate words.
Refuses nothing. Labels of drawings stay; their titles, which often name icons, go.

An element is hidden by its own attributes (`hidden`, `display: none`, `visibility: hidden`), unless
a reader can open it: a tab panel, an element that a control names, or one beside a short control.
`aria-hidden` is for screen readers only: its text is visible, and is removed only if it holds no
word or repeats the text beside it. `noscript` is kept only if the page has hardly any other text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import takewhile

from lxml import etree

from indexer.parsing.html.dom import HEADINGS, Element, classes, text_length, text_of
from indexer.parsing.html.fonts import TICKS
from indexer.parsing.html.raised import (
    NUMERATORS,
    character_before,
    offset_of,
    set_off,
    set_off_fraction,
    text_after,
)

_DROPPED = (
    "script style template svg iframe frame frameset noframes object embed applet canvas "
    "audio video map select datalist textarea input meter progress annotation annotation-xml rp "
    "title link meta base"  # not head: libxml2 puts a page without a body tag into it
)
_CELLS = ("td", "th")
_PICTURES = ("img", "svg", "input", "select")
_LABELS = ("text", "foreignobject")  # of an `svg`
_MOVED = frozenset(("x", "y", "dx", "dy"))  # attributes of a part of a label on a line of its own
_DOOMED = "pilcrow-doomed"  # temporary tag of elements, all of which are then removed at once
_UNSEEN = re.compile(  # classes; the last ones show an icon named by the text
    r"(?i)(?:\A|\s)(?:(?:(?!not-)[a-z]+-){0,2}(?:sr-only|visually-?hidden|"
    r"screen-?reader-(?:text|only))|element-invisible|a11y-hidden|show-for-sr|elementor-(?:screen-only|tab-desktop-title)"
    r"|w-(?:form-(?:done|fail)|dyn-empty|condition-invisible)|mw-(?:editsection|jump-link)"
    r"|material-(?:icons|symbols)(?:-\w+)?)(?:\s|\Z)"
)
_TWINS = re.compile(  # classes of elements that wide or narrow screens alone show
    r"(?:\A|\s)(?:d-(?:\w+-)?none|(?:hidden|visible)-(?:xs|sm|md|lg)[\w-]*|(?:sm|md|lg|xl):hidden"
    r"|(?:show|hide)-(?:for|on)-[\w-]+|elementor-hidden-\w+|uk-(?:hidden|visible)@\w"
    r"|(?:is-hidden|only)-(?:mobile|desktop|touch)|(?:mobile|desktop)-only)(?:\s|\Z)"
)
_BADGES = frozenset(  # classes of boxes within a line
    ("badge", "chip", "label", "pill", "tag", "tooltiptext", "tooltip-text", "tooltip-content",
     "float-end", "float-right", "pull-right")
)  # fmt: skip
_ICON = re.compile(r"(?i)-(?:(check|ok|tick|yes)|times|x(?!-[rt])|xmark|remove|cross|close|no)\b")
_IS_NUMBER = re.compile(r"(?i)^(?!token|hljs).*number$")
_CONTROLS = etree.XPath(
    "//@aria-controls | //@data-target | //@data-bs-target | //@data-toggle | //@data-open | "
    "//@popovertarget | //@commandfor | //a/@href[starts-with(., '#')]"
)
_FOLD = re.compile("accordion|collapsible", re.IGNORECASE)  # classes of a button
_INVISIBLE = re.compile(  # not until an animation begins
    r"(?i)(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*hidden(?!.*animation))"
)
_LINES = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_BY_ROLE = {  # role → tag of the element that has it by itself
    "table": "table", "grid": "table", "row": "tr", "cell": "td", "gridcell": "td",
    "columnheader": "th", "rowheader": "th", "list": "ul", "listitem": "li",
}  # fmt: skip
_SEEN = re.compile("[^\\w\xad\u200b-\u200d\u2060\ufeff]")  # a visible sign or a space
_MEASURES = frozenset("≤≥≦≧≈±%‰°")
_DRAWN = _MEASURES.union("µμαβγδκλσω½¼¾√∞", ("<=", ">="))  # also as images
_JOINING = frozenset("<>=~+-−–×/")  # also icons of controls
_NEARLY_ALL = 0.95  # share of a page's characters
_FEW_WORDS = 5  # a sentence has more
_LABEL = 100  # characters at most of what opens a fold
_LITTLE = 40  # characters of text on a page that waits for its scripts


def prune(root: Element) -> None:
    """Remove what is never content: scripts, styles, controls, hidden elements, buttons."""
    sheets = "".join(text for style in root.iter("style") for text in style.itertext())
    raising, *apart = _sheet_classes(sheets[:_MOST_RULES])
    if templates := list(root.iter("template")):
        parts = {part.get("id"): part for part in root.iter("div")}
        for template in templates:
            _open_template(template, parts)
    _replace_pictures(root)
    etree.strip_elements(root, *_DROPPED.split(), with_tail=False)
    asides = list(root.iter("noscript"))
    if asides and text_length(root) - sum(map(text_length, asides)) > _LITTLE:
        etree.strip_elements(root, "noscript", with_tail=False)
    hidden, unseen, silent, fractions, twins = _marked(root, raising)
    for nav in list(root.iter("nav")):
        texts = [text_of(paragraph).strip() for paragraph in nav.iter("p")]
        is_prose = any(text[-1:] in (*".!?",) and len(text.split()) > _FEW_WORDS for text in texts)
        if is_prose and _is_not_menu(nav):
            nav.tag = "div"  # a panel that a button opens, in Webflow's markup
    buttons = list(filter(_is_control, root.iter("button")))
    for label in _labels(root, buttons):
        label.tag = "div"
    doomed = {*_hidden(root, hidden), *(b for b in buttons if b.tag == "button")}
    for button in root.iter("button"):
        if text_of(button).strip().isdigit():  # the mark of a note, no part of a number beside it
            _set_apart(button)
    for element in unseen:
        if element.tag in _CELLS:  # an empty cell, for the cells after it to keep their columns
            del element[:]
            element.text = None
        elif not _fills_cell(element):
            doomed.add(element)
    _remove(root, doomed)
    signs = set[Element]()
    said: dict[Element, Counter[str]] = {}  # element → letters of each child that stays
    for sign in silent:
        if sign.tag in _CELLS or not _repeats_text(sign, said) or _is_meant(sign):
            continue
        signs.add(sign)
        if (above := sign.getparent()) in said:
            said[above][_letters(sign)] -= 1
        if (sign.tail or "")[:1].isalnum() and _SEEN.search(text_of(sign)):
            sign.tail = f" {sign.tail}"  # for a sign or space between words
    for twin in (one for one in twins if one.tag not in _CELLS and _letters(one)):
        beside = {twin.getprevious(), twin.getnext()}.difference(signs, (None,))
        others = [text_of(e).split() for e in beside if e.get("class") != twin.get("class")]
        in_cell = next(twin.iterancestors("td"), None) is not None
        if text_of(twin).split() in others or (in_cell and _repeats_text(twin, said)):
            twin.tag = "div"  # also a heading
            signs.add(twin)
    _remove(root, signs)
    for element in fractions:
        set_off_fraction(element)
    _part_words(root, apart)


def _remove(root: Element, doomed: set[Element]) -> None:
    for element in doomed:
        if element is not root and element.tag not in ("body", *HEADINGS):
            element.tag = _DOOMED
    if doomed:
        etree.strip_elements(root, _DOOMED, with_tail=False)


def _replace_pictures(root: Element) -> None:
    """Write the signs that images show and the labels of drawings, and set apart the words between
    which images stand."""
    for label in list(root.iter(*_LABELS)):
        if label.tag in _LABELS and (drawings := list(label.iterancestors("svg"))):
            _show_labels(drawings[-1])
    for picture in list(root.iter(*_PICTURES, "script")):
        if picture.tag == "script":  # a formula, which MathJax would show beside it
            beside = (picture.getprevious(), picture.getnext())
            classed = [e.get("class") or "" for e in beside if e is not None]
            shown = any(name.startswith("MathJax") for name in classed)
            if not shown and (picture.get("type") or "").startswith("math/tex"):
                picture.tag = "span"
            continue
        if picture.tag == "svg":
            title = "".join(text_of(one) for one in picture.iterchildren("title"))
            picture.set("alt", picture.get("aria-label") or title)
            picture.tag, picture[:] = "img", ()
        tail, sign = picture.tail or "", (picture.get("alt") or "").strip()
        if sign in _DRAWN:
            picture.tail = sign + tail
        elif picture.get("type") != "hidden" and tail[:1].isalnum():
            picture.tail = f" {tail}" if character_before(picture).isalnum() else tail


def _show_labels(drawing: Element) -> None:
    """Make the labels of a drawing paragraphs; a single one stays in its line, unless it is a word
    alone, as in an icon."""
    etree.strip_elements(drawing, "title", "desc", "defs", "symbol", "metadata", with_tail=False)
    labels = list(drawing.iter(*_LABELS))
    alone = len(labels) == 1
    if alone and text_of(labels[0]).strip().isalpha():
        return
    for part in drawing.iter("tspan"):
        if not _MOVED.isdisjoint(part.keys()):
            part.text = f" {part.text or ''}"
        elif part.get("baseline-shift") == "super":
            part.tag = "sup"
    for label in labels:
        label.tag = "span" if alone else "p"
        label.tail = " "
    drawing.tag = "span" if alone else "div"
    etree.strip_tags(drawing, "svg", "g")


def _open_template(template: Element, parts: dict[str | None, Element]) -> None:
    """Show the content of a shadow root, the children of its host in their slots; put one of the
    `parts` (id → element) that are streamed, which a script of React moves, in its place."""
    host, name = template.getparent(), template.get("id") or ""
    if template.get("shadowrootmode"):
        template.tag = "pilcrow-shadow"
        slotted = defaultdict[str | None, list[Element]](list)
        for child in host:
            if child is not template:
                slotted[child.get("slot")].append(child)
        for slot in list(template.iter("slot")):
            shown = slotted.pop(slot.get("name"), [])
            text = "" if slot.get("name") else template.tail or ""
            if shown or text.strip():
                slot.clear(keep_tail=True)
                slot.text, template.tail = text, None if text else template.tail
                slot.extend(shown)
    elif name.startswith(("B:", "P:")) and (part := parts.get(f"S:{name[2:]}")) is not None:
        part.attrib.pop("hidden", None)
        template.addprevious(part)


def _marked(root: Element, raising: dict[str, str]) -> tuple[list[Element], ...]:
    """Elements hidden by attribute or style, elements hidden by class, `aria-hidden` elements,
    elements whose class names a fraction, and those for one width of screen.

    Elements of the classes in `raising` become `sup` or `sub`.
    """
    hidden, unseen, silent, fractions, twins, lined = ([] for _ in range(6))
    raised = list[tuple[Element, str]]()
    shown = set[str]()  # values of `class` that do nothing; a page has few values
    for element in root.iter():  # several times as fast as XPath
        for name, value in element.items():
            if name == "class":
                if value in shown:
                    continue
                names = value.lower().split()
                if _UNSEEN.search(value):
                    unseen.append(element)
                elif tag := next((raising[one] for one in names if one in raising), ""):
                    raised.append((element, tag))
                elif not _BADGES.isdisjoint(names) or (
                    _IS_NUMBER.search(value) and not character_before(element).isalnum()
                ):
                    _set_apart(element)
                elif "frac" in value or not NUMERATORS.isdisjoint(names):
                    fractions.append(element)
                elif element.tag == "i" and (icon := _ICON.search(value)):  # of a font
                    element.tag = "img"
                    element.set("alt", "✓" if icon[1] else "✗")
                    _write_sign(element)
                elif _TWINS.search(value):
                    twins.append(element)
                elif not value.startswith(("sdfoot", "sdend")):
                    shown.add(value)
                elif (element.tail or "")[:1].isalnum():  # a note's number in LibreOffice
                    element.tail = f" {element.tail}"
            elif (name == "hidden" and value != "until-found") or (
                name == "style" and _INVISIBLE.search(value)
            ):
                hidden.append(element)
            elif name == "style" and _LINES.search(value):
                lined.append(element)
            elif name == "style" and (tag := offset_of(value)):
                raised.append((element, tag))
            elif name == "aria-label" and element.tag in ("i", "span") and not text_of(element):
                element.tag = "img"
                element.set("alt", value)
            elif name == "aria-hidden" and value == "true":
                silent.append(element)
            elif name == "popover" or (name == "role" and value == "tooltip"):
                _set_apart(element)
            elif name == "role" and element.tag in ("div", "span", "section", "td"):
                element.tag = _BY_ROLE.get(value, element.tag)
            elif value in ("doc-noteref", "noteref"):  # also an `epub:type`
                raised.append((element, "sup"))
    for element, tag in raised:
        set_off(element, tag)
    for element in lined:
        _break_lines(element)
    dialogs = root.iter("dialog")
    hidden += (d for d in dialogs if d.get("open") is None and d.get("hidden") is None)
    return hidden, unseen, silent, fractions, twins


def _write_sign(icon: Element) -> None:
    """Begin a list item with the sign that the icon before its words shows: ✗ says *not*."""
    item = next(icon.iterancestors("li"), None)
    before = [] if item is None else takewhile(lambda e: e is not icon, item.iter())
    if item is not None and not any((e.text or "").strip() for e in before):
        icon.tail = f"{icon.get('alt')} {(icon.tail or '').lstrip()}"


def _break_lines(element: Element) -> None:
    """Put a `br` in place of each line end in an element whose style shows these."""
    for inner in list(element.iter()):
        for name in ("text", "tail") if inner is not element else ("text",):
            first, *lines = (getattr(inner, name) or "").split("\n")
            if not lines:
                continue
            setattr(inner, name, None)
            for line in reversed(lines):
                start = etree.Element("br")
                start.tail = line
                if name == "tail":
                    inner.addnext(start)
                else:
                    inner.insert(0, start)
            setattr(inner, name, first)


def _is_control(button: Element) -> bool:
    """Whether a button is only a control: neither in a heading or summary, nor around a heading,
    nor a word of a sentence (as buttons that explain a term are)."""
    around = button.iterancestors(*HEADINGS, "summary")
    if next(around, None) is not None or next(button.iterdescendants(*HEADINGS), None) is not None:
        return False
    previous, above = button.getprevious(), button.getparent()
    text = above.text if previous is None else previous.tail
    tail = button.tail or (above.tail if len(above) == 1 else "")
    before, after = (text or "").strip(), (tail or "").strip()
    goes_on = before and (after or button.get("popovertarget")) and before[-1] not in ".!?:"
    flows = goes_on or after[:1] in (*".,;)",) or before[-1:] in (*",;(",)
    return not flows or next(button.iterancestors(*_CODE), None) is not None


def _labels(root: Element, buttons: Sequence[Element]) -> Iterator[Element]:
    """Buttons that label the panel that they open, unless the panel is a menu."""
    wanted = {name for button in buttons for name in _opened_by(button)}
    elements = root.iter() if wanted else ()
    panels = {one.get("id") for one in elements if one.get("id") in wanted and _is_not_menu(one)}
    for button in buttons:
        names, below = _opened_by(button), button.getnext()
        is_fold = not names and below is not None and _FOLD.search(button.get("class") or "")
        opens = _is_not_menu(below) if is_fold else not panels.isdisjoint(names)
        if opens and any(map(str.isalpha, text_of(button))):
            yield button


def _is_not_menu(panel: Element) -> bool:
    """Whether most of a panel's text is outside of links."""
    return 2 * sum(map(text_length, panel.iter("a"))) < text_length(panel)


def _opened_by(button: Element) -> list[str]:
    named = map(button.get, ("aria-controls", "data-target", "data-bs-target"))
    return [name.removeprefix("#") for value in named if value for name in value.split()]


def _hidden(root: Element, found: Sequence[Element]) -> Iterator[Element]:
    """The elements of `found` that no reader can open.

    An element that holds nearly all of the page's text is kept: such a page hides itself until its
    scripts have run, and they do not run here.
    """
    if not found:
        return
    most = _NEARLY_ALL * text_length(root)
    named = {name.removeprefix("#") for value in _CONTROLS(root) for name in value.split()}
    for element in found:
        is_fold = element.get("role") == "tabpanel" or element.get("id") in named
        if not (is_fold or _is_beside_control(element)) and text_length(element) <= most:
            yield element


def _is_beside_control(element: Element) -> bool:
    """Whether an element that is no menu stands beside a control that opens it without naming it,
    or is the text of the formula that follows as an image."""
    above, below = element.getprevious(), element.getnext()
    if below is not None and below.tag == "img" and next(element.iter("math"), None) is not None:
        return True
    if " " not in text_of(element).strip() or not _is_not_menu(element):
        return False
    if above is not None and above.tag in HEADINGS and (below is None or below.tag == above.tag):
        return True
    beside = (one for one in (above, below) if one is not None and text_length(one) <= _LABEL)
    return any(_opens(e) for one in beside for e in one.iter())


def _opens(control: Element) -> bool:
    """Whether an element opens another when it is clicked, by its attributes."""
    if control.get("onclick") or control.get("aria-expanded") or control.get("tabindex") == "0":
        return True
    address = control.get("href") or ""
    return address == "#" or address.startswith("javascript:")


def _repeats_text(element: Element, said: dict[Element, Counter[str]]) -> bool:
    """Whether the element has no word, or repeats a sibling, the text right beside it or, in a
    table's cell, one of the table's heads."""
    own = _letters(element)
    above, before = element.getparent(), element.getprevious()
    if not own or above is None:
        return not own
    if above not in said:
        said[above] = Counter(_letters(child) for child in above if child.tag != "noscript")
    beside = [element.tail or "", (above.text if before is None else before.tail) or ""]
    if own in map(_letters, beside) or said[above][own] > (element.tag != "noscript"):
        return True
    cell = next(element.iterancestors("td", "th", "table"), None)
    table = next(cell.iterancestors("table"), None) if cell is not None else None
    if cell is None or cell.tag != "td" or table is None:
        return False
    if table not in said:
        said[table] = Counter(map(_letters, table.iter("th")))
    return said[table][own] > 0


def _is_meant(sign: Element) -> bool:
    """Whether a sign is part of a quantity or between words, or is all that a cell shows."""
    text, after = text_of(sign).strip(), text_after(sign)
    if text in _JOINING:
        both = character_before(sign).isalnum() and after[:1].isalnum()
        return both or after.lstrip()[:1].isdigit()
    shows = bool(text) and text.isprintable()  # no character of an icon font
    is_said = text in TICKS and next(sign.iterancestors("li"), None) is not None
    return is_said or text in _MEASURES or (shows and _fills_cell(sign))


def _fills_cell(element: Element) -> bool:
    """Whether a table's cell shows no letters or digits but these or, of an element without any,
    nothing else."""
    cell, text = next(element.iterancestors("td"), None), text_of(element)
    counts = str.isalnum if any(map(str.isalnum, text)) else str.strip
    left = sum(map(bool, map(counts, text)))
    for other in cell.itertext() if cell is not None and left else ():
        left -= sum(map(bool, map(counts, other)))
        if left < 0:
            return False
    return cell is not None and bool(text.strip())


def _letters(said: Element | str) -> str:
    """Sorted letters and digits: two notations of a formula may differ in their order."""
    text = said if isinstance(said, str) else text_of(said)
    return "".join(sorted(filter(str.isalnum, text.casefold())))


# --- words that only style sheets separate -------------------------------------------------------

_INLINE = frozenset(("span", "a", "label", "b", "strong", "em", "i", "small", "time"))
_BOLD = ({"b", "span"}, {"strong", "span"})
_STRUCK = ("del", "s", "strike")
_CODE = ("pre", "code")
_BOX = re.compile(
    r"(?i)display\s*:\s*(?:inline-)?(?:block|flex|grid|table|table-cell|list-item)\b|"
    r"float\s*:\s*(?:left|right)|position\s*:\s*(?:absolute|fixed)|"
    r"(?:margin|padding)(?:-left|-right|-inline(?:-start|-end)?)\s*:\s*0*[.1-9]"
)
_GAP = re.compile(
    r"(?i)float\s*:\s*right|position\s*:\s*absolute|line-through|margin-(?:left|right)\s*:\s*0*[.1-9]"
)
_ROW = re.compile(r"display\s*:\s*(?:inline-)?(?:flex|grid)\b|\bgap\s*:", re.IGNORECASE)
_ROLES = frozenset(("option", "tab", "menuitem"))
_LABELLED = re.compile(r"(?i:label|key|name|title|term|value|caption)(?![a-z])")
_ROWS = ("row", "flex", "inline-flex", "grid", "inline-grid", "d-flex", "d-inline-flex", "d-grid")
_BOXES = ("block", "inline-block", "d-block", "d-inline-block", "float-left", "float-right")
_RAISING = {"noteref": "sup", "sub": "sub", "subscript": "sub", "sup": "sup", "superscript": "sup"}
_RAISES = re.compile(r"vertical-align\s{0,9}:\s{0,9}(super|sub)\b", re.IGNORECASE)
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,2000})\}")  # selectors, declarations
_BY_CLASS = re.compile(r"(?:^|[\s>])[a-z]*\.([\w-]+)\s*$", re.IGNORECASE)
_MOST_RULES = 200_000  # characters of a page's own style sheets


def _sheet_classes(sheets: str) -> tuple[dict[str, str], set[str], set[str], set[str]]:
    """Classes that raise or lower (class → sup or sub), by their name or by the page's own style
    sheets; classes of boxes, of their parents, and of elements with a gap beside them."""
    raising, boxes, rows, gaps = dict(_RAISING), set(_BOXES), set(_ROWS), set[str]()
    for selectors, styles in _RULE.findall(sheets):
        named = [name[1].lower() for name in map(_BY_CLASS.search, selectors.split(",")) if name]
        for found, pattern in ((boxes, _BOX), (rows, _ROW), (gaps, _GAP)):
            found.update(named if pattern.search(styles) else ())
        if offset := _RAISES.search(styles):
            tag = "sup" if offset[1].lower() == "super" else "sub"
            raising.update(dict.fromkeys(named, tag))
    return raising, boxes, rows, gaps


def _part_words(root: Element, apart: Sequence[set[str]]) -> None:
    """Put a space between touching elements that a browser shows apart, and around struck-out
    text: 5 and 10 mg must not become 510 mg."""
    boxes, rows, gaps = apart
    for struck in root.iter(*_STRUCK):
        _set_apart(struck)
    for element in root.iter(*_INLINE):
        style = element.get("style")
        if (style and _GAP.search(style)) or (gaps and not gaps.isdisjoint(classes(element))):
            _set_apart(element)
        if element.tail:
            continue
        after = element.getnext()
        if after is None or after.tag not in _INLINE:
            continue
        second = after.text or text_of(after)
        if not second[:1].isalnum() or not (first := text_of(element))[-1:].isalnum():
            continue
        if first.strip().isupper() and len(first.strip()) == 1 and second[0].islower():
            continue  # a large initial
        if next(element.iterancestors(*_CODE), None) is not None:
            continue
        shown = any(_BOX.search(e.get("style") or "") or boxes & classes(e)
                    for e in (element, after))  # fmt: skip
        above = element.getparent()
        shown = shown or bool(_ROW.search(above.get("style") or "") or rows & classes(above))
        if shown or _look_apart(element, after, first, second):
            element.tail = " "


def _set_apart(element: Element) -> None:
    """Put spaces between an element and words right before and after it, unless the element is
    one letter (a large initial)."""
    text, lead, tail = text_of(element), character_before(element), text_after(element)
    if len(text.strip()) == 1 and text.strip().isalpha():
        return
    ends = text[-1:].isalnum() or text[-1:] in (*":)]",)
    ends = ends or (text[-1:] == "." and not tail[:1].isdigit())
    if ends and tail[:1].isalnum():
        element.tail = f" {element.tail or ''}"
    if text[:1].isalnum() and (lead.isalnum() or lead == ":"):
        element.text = f" {element.text or ''}"


def _look_apart(element: Element, after: Element, first: str, second: str) -> bool:
    """Whether touching elements are separate: two links, a label and another element, or bold text
    and a span or spans of different classes where a word begins."""
    tags = {element.tag, after.tag}
    if "label" in tags or tags == {"a"} or after.get("role") in _ROLES:
        return True
    end, start = first[-1], second[0]
    begins = (end.islower() and start.isupper()) or (end.isdigit() != start.isdigit())
    names = (element.get("class") or "", after.get("class") or "")
    if all(names) and names[0] != names[1] and any(map(_LABELLED.search, names)):
        return True
    two = tags in _BOLD or (tags == {"span"} and classes(element) != classes(after))
    word = second[:3]
    counts = end.isdigit() and len(word) == 3 and word.istitle() and word.isalpha()
    return two and begins and (counts or len(first.strip()) > 1)
