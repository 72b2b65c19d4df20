"""What a page's own style sheets and attributes say of its elements' boxes.

In: a tree and its elements. Out: the few declarations that decide what text a reader can find and
where it is parted. Refuses nothing: selectors and conditions that are not understood are left out.

Understood are selectors of tags, classes, ids and attributes, joined by descent or childhood. Rules
within `@media` count when it names the screen or everything and asks for nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from indexer.parsing.html.dom import Element, tag_of

_NAMES = frozenset(("display", "visibility", "float", "position", "white-space"))
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_MEDIA = re.compile(r"@media\b([^{}]*)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}", re.IGNORECASE)
_PLAIN_MEDIA = re.compile(r"\s*(?:only\s+)?(?:all|screen)\s*", re.IGNORECASE)
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;!]+)(!\s*important)?", re.IGNORECASE)
_COMPOUND = re.compile(
    r"(?P<tag>[A-Za-z][\w-]*|\*)?(?P<rest>(?:[.#][\w-]+|\[[\w-]+(?:=[\"']?[\w-]*[\"']?)?\])*)"
)
_SIMPLE = re.compile(r"([.#])([\w-]+)|\[([\w-]+)(?:=[\"']?([\w-]*)[\"']?)?\]")
_MOST_CSS = 1_000_000  # characters that are read


@dataclass(frozen=True, slots=True)
class _Compound:
    """Conditions on one element."""

    tag: str  # "" for any
    classes: frozenset[str]
    id: str
    attributes: tuple[tuple[str, str | None], ...]
    child: bool = False  # the next compound to the left is its parent, not any ancestor

    def fits(self, element: Element) -> bool:
        """Whether an element meets them."""
        if self.tag and tag_of(element) != self.tag:
            return False
        if self.id and element.get("id") != self.id:
            return False
        if self.classes and not self.classes <= set((element.get("class") or "").split()):
            return False
        return all(
            element.get(name) is not None and (value is None or element.get(name) == value)
            for name, value in self.attributes
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    """One selector with its declarations."""

    compounds: tuple[_Compound, ...]  # from the element outwards
    weight: tuple[int, int, int, int]  # ids, classes and attributes, tags, order
    said: tuple[tuple[str, str, bool], ...]  # name, value, whether important

    def fits(self, element: Element) -> bool:
        """Whether the selector selects an element."""
        if not self.compounds[0].fits(element):
            return False
        here: Element | None = element
        for inner, outer in zip(self.compounds, self.compounds[1:]):
            here = here.getparent() if here is not None else None
            while here is not None and not outer.fits(here):
                here = None if inner.child else here.getparent()
            if here is None:
                return False
        return True


@dataclass(slots=True)
class Sheet:
    """The rules of a page, by what their last part names."""

    _by_key: dict[str, list[_Rule]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Element) -> Sheet:
        """All `style` elements of a page."""
        sheet = cls()
        css = "\n".join(
            style.text or "" for style in root.iter("style")
            if _PLAIN_MEDIA.fullmatch(style.get("media") or "all")
        )  # fmt: skip
        for number, rule in enumerate(_rules(css[:_MOST_CSS])):
            selectors, body = rule
            said = tuple(_declarations(body))
            for selector in selectors.split(",") if said else ():
                sheet._add(selector.strip(), said, number)
        return sheet

    def _add(self, selector: str, said: tuple[tuple[str, str, bool], ...], order: int) -> None:
        compounds = _parse_selector(selector)
        if compounds is None:
            return
        weight = (
            sum(bool(c.id) for c in compounds),
            sum(len(c.classes) + len(c.attributes) for c in compounds),
            sum(bool(c.tag) for c in compounds),
            order,
        )
        last = compounds[0]
        keys = [f"#{last.id}"] if last.id else [f".{name}" for name in sorted(last.classes)[:1]]
        key = keys[0] if keys else last.tag
        self._by_key.setdefault(key, []).append(_Rule(compounds, weight, said))

    def rules_for(self, element: Element) -> list[_Rule]:
        """The rules that select an element, the strongest last."""
        if not self._by_key:
            return []
        keys = ["", tag_of(element), f"#{element.get('id') or ''}"]
        keys += [f".{name}" for name in set((element.get("class") or "").split())]
        found = [r for key in keys for r in self._by_key.get(key, ()) if r.fits(element)]
        return sorted(found, key=lambda rule: rule.weight)


def declarations_of(element: Element, sheet: Sheet) -> dict[str, str]:
    """The values that hold for an element, where anything is said."""
    said = [entry for rule in sheet.rules_for(element) for entry in rule.said]
    style = element.get("style")
    if style:
        said += _declarations(style)
    values = {name: value for name, value, important in said if not important}
    return values | {name: value for name, value, important in said if important}


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Selectors and bodies, in order."""
    flat = _COMMENT.sub(" ", css)
    flat = _MEDIA.sub(lambda m: m[2] if _PLAIN_MEDIA.fullmatch(m[1]) else " ", flat)
    for found in _RULE.finditer(flat):
        selectors = found[1].rpartition(";")[2].strip()  # after an @import
        if not selectors.startswith("@"):
            yield selectors, found[2]


def _declarations(body: str) -> Iterator[tuple[str, str, bool]]:
    for found in _DECLARATION.finditer(body):
        name, value = found[1].lower(), found[2].strip().lower()
        if name in _NAMES:
            words = value.split()
            if words:
                yield name, words[-1] if name == "display" else words[0], bool(found[3])


def _parse_selector(selector: str) -> tuple[_Compound, ...] | None:
    """Its compounds from the element outwards; None when it says more than is understood."""
    compounds: list[_Compound] = []
    child = False
    for part in re.sub(r"\s*>\s*", " > ", selector).split():
        if part == ">":
            child = True
            continue
        found = _COMPOUND.fullmatch(part)
        if found is None or not part:
            return None
        compounds.append(_compound(found, child))
        child = False
    return tuple(reversed(compounds)) or None


def _compound(found: re.Match[str], child: bool) -> _Compound:
    classes: set[str] = set()
    attributes: list[tuple[str, str | None]] = []
    name = ""
    for simple in _SIMPLE.finditer(found["rest"] or ""):
        if simple[1] == ".":
            classes.add(simple[2])
        elif simple[1] == "#":
            name = simple[2]
        else:
            attributes.append((simple[3].lower(), simple[4]))
    tag = (found["tag"] or "").lower().replace("*", "")
    return _Compound(tag, frozenset(classes), name, tuple(attributes), child)
