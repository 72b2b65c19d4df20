"""Term lists in YAML: families of names for one thing.

    families:
      amitriptyline:
        brand: [Elavil, Endep]
        generic: amitriptyline
        misspellings: [amitryptiline, amitriptaline]
      risk: [side effect, overdose]

In: the text of the file and its name. Out: terms, each with its family and its role. `families:`
(or `terms:`) may be left out. Refuses what is no such list, unknown roles and names given twice,
with their line (`UsageError`). Nothing of it is run or loaded: nodes alone are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from indexer.audits.terms import ROLES, Term
from indexer.errors import UsageError

WRAPPERS = ("families", "terms")
BESIDE = ("version",)  # what may stand beside a wrapper
Pairs = list[tuple[str, int, Any]]  # key, its line, the node of its value


def terms_of_yaml(text: str, name: str) -> Iterator[Term]:
    """The terms of all families, in order of the text."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UsageError(f"{name}:{line}: broken YAML ({error.problem}); mend that line") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{name}: broken YAML; write families with terms below them") from error
    if root is None:
        return
    for family, line, node in _families(root, name):
        if isinstance(node, yaml.MappingNode):
            for role, at, queries in _pairs(node, name):
                if role not in ROLES:
                    raise UsageError(f"{name}:{at}: unknown key {role!r}; use {', '.join(ROLES)}")
                yield from _queries(queries, name, family, role, at)
        else:
            yield from _queries(node, name, family, "", line)


def _families(root: Any, name: str) -> Pairs:
    pairs = _pairs(root, name)
    wrapper = next((node for key, _, node in pairs if key in WRAPPERS), None)
    if wrapper is None:
        return pairs
    for key, line, node in pairs:
        if key not in BESIDE and node is not wrapper:
            raise UsageError(f"{name}:{line}: unknown key {key!r} beside {' or '.join(WRAPPERS)}")
    return _pairs(wrapper, name)


def _pairs(node: Any, name: str) -> Pairs:
    """The entries of a mapping; no key may stand in it twice."""
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{name}:{line}: is no list of families; write `name: [term, term]`")
    found: dict[str, tuple[str, int, Any]] = {}
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not key.value.strip():
            raise UsageError(f"{name}:{at}: a name must be a single word or text")
        if key.value in found:
            raise UsageError(f"{name}:{at}: {key.value!r} is given twice; put the terms together")
        found[key.value] = (key.value, at, value)
    return list(found.values())


def _queries(node: Any, name: str, family: str, role: str, line: int) -> Iterator[Term]:
    """The terms of a list, or the one term."""
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        at = item.start_mark.line + 1
        if not isinstance(item, yaml.ScalarNode):
            raise UsageError(f"{name}:{at}: a term must be text; write `[term, term]`")
        # A phrase in YAML's own quotes is the query without them: '"side effects"' keeps a pair.
        yield Term(item.value.strip(), family, role, at)
    if not items:
        raise UsageError(
            f"{name}:{line}: {role or family!r} has no terms; give some or take it out"
        )
