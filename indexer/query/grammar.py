"""Grammar: nests the flat syntax nodes of the lexer into groups, by brackets, prefixes, operators.

In: the leaves and marks from the lexer, in order. Out: one group of neighbours. Precedence, from
the tightest: prefixes (`-`, `+`, NOT, a field), NEAR, AND, OR, neighbours. Nothing is refused: what
is out of place (an operator without operands, a bracket without its partner) is dropped with a
note, as is everything nested deeper than 50 brackets or NEARs, or beyond 1,000 words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from whoosh import query
from whoosh.qparser import QueryParser, plugins

from indexer.query.lexer import Lexer
from indexer.query.nodes import MAX_DEPTH
from indexer.query.normalise import show
from indexer.query.syntax import MAX_WORDS, Node, ParseState


class StructurePlugin(plugins.Plugin):  # type: ignore[misc]
    """Brackets, prefixes and operators."""

    def filters(self, parser: ParseState) -> list[tuple[Callable[..., Node], int]]:
        """The filter, to run after the one that drops white space (500)."""
        return [(_structure, 600)]


def _structure(state: ParseState, nodes: Iterable[Node]) -> Node:
    tokens = _within_limits(nodes, state)
    state.bare = all(token.kind in ("open", "close") or token.is_bare for token in tokens)
    return Node("neighbours", "", 0, 0).around(*_operands(iter(tokens), state))


def _within_limits(tokens: Iterable[Node], state: ParseState) -> list[Node]:
    """The tokens within the limits of words and depth, every bracket with its partner."""
    kept: list[Node] = []
    opened: list[Node] = []
    skipped = words = 0  # skipped: ignored brackets that are still open
    for token in tokens:
        cut = words > MAX_WORDS
        words += max(1, token.reading.size) if token.kind == "leaf" else 0
        if words > MAX_WORDS and not cut:
            start = f"from {show(token.typed)} on"
            state.note(token.startchar, f"ignored: all beyond {MAX_WORDS:,} words, {start}")
            while kept and kept[-1].kind not in ("leaf", "open", "close"):
                kept.pop()
        elif token.kind == "open" and (cut or len(opened) == MAX_DEPTH):
            skipped += 1
            if not cut:
                state.note(token.startchar, f"ignored: brackets more than {MAX_DEPTH} deep")
        elif token.kind == "close" and skipped:
            skipped -= 1
        elif token.kind == "close" and not opened:
            state.note(token.startchar, 'ignored: ")" without "("')
        elif token.kind in ("open", "close") or not (cut or token.kind == "stray"):
            kept.append(token)
            if token.kind == "open":
                opened.append(token)
            elif token.kind == "close":
                opened.pop()
    for token in opened:
        state.note(token.startchar, '"(" is never closed: read as if at the end')
    return kept


def _operands(tokens: Iterator[Node], state: ParseState) -> list[Node]:
    """The operands up to the closing bracket, with their prefixes and operators applied."""
    level: list[Node] = []
    for token in tokens:
        if token.kind == "close":
            break
        if token.kind == "open":
            inner = _operands(tokens, state)
            if not inner:
                state.note(token.startchar, "ignored: empty brackets")
                inner = [Node("leaf", "", token.startchar, token.startchar)]
            token = _join("neighbours", inner)
        level.append(token)
    return _bind(_apply_prefixes(level, state), state)


def _apply_prefixes(nodes: Sequence[Node], state: ParseState) -> list[Node]:
    """Operands with their prefixes applied, and the operators between them."""
    done: list[Node] = []  # from right to left
    for node in reversed(nodes):
        if not node.is_prefix:
            done.append(node)
        elif not (done and done[-1].is_operand):
            _note_stray(state, node)
        elif node.kind in ("plus", "field"):
            done.append(node.around(done.pop()))
        else:
            operand = done.pop()
            twice = operand.kind == "minus"
            done.append(operand.parts[0] if twice else replace(node, kind="minus").around(operand))
            if node.kind == "andnot":
                done.append(replace(node, kind="and", typed="AND"))
    return done[::-1]


def _bind(nodes: Sequence[Node], state: ParseState) -> list[Node]:
    """Operands with their operators applied: NEAR binds tightest, then AND, then OR."""
    neighbours: list[list[list[Node]]] = []  # each a choice of conjunctions
    operator: Node | None = None
    for node in nodes:
        if not node.is_operand:
            if operator or not neighbours:
                _note_stray(state, node)
            else:
                operator = node
            continue
        if operator is None:
            neighbours.append([[node]])
        elif operator.kind == "or":
            neighbours[-1].append([node])
        elif operator.kind == "and":
            neighbours[-1][-1].append(node)
        else:
            near = operator.around(neighbours[-1][-1].pop(), node)
            if near.links > MAX_DEPTH:
                beyond = f"more than {MAX_DEPTH} NEARs within one another"
                state.note(near.startchar, f"ignored: {beyond}, from {show(near.typed)} on")
                near = near.parts[0]
            neighbours[-1][-1].append(near)
        operator = None
    if operator:
        _note_stray(state, operator)
    return [_join("or", [_join("and", part) for part in choice]) for choice in neighbours]


def _join(kind: str, parts: Sequence[Node]) -> Node:
    """The only part, or a node of this kind around all parts."""
    if len(parts) == 1:
        return parts[0]
    return Node(kind, "", parts[0].startchar, parts[-1].endchar).around(*parts)


def _note_stray(state: ParseState, mark: Node) -> None:
    state.note(mark.startchar, f"ignored: stray {show(mark.typed)}")


# --- the parser --------------------------------------------------------------------------------

_PLUGINS = (Lexer(), StructurePlugin())  # they hold no state


class _WhooshParser(QueryParser, ParseState):  # type: ignore[misc]
    """Whoosh's parser with these plug-ins, for one query."""

    def __init__(self, *, any: bool, operators: bool) -> None:
        QueryParser.__init__(self, "any", None, plugins=_PLUGINS)
        ParseState.__init__(self, any=any, operators=operators)


def read_query(
    text: str, *, any: bool, operators: bool = True
) -> tuple[query.Query, tuple[str, ...], bool]:
    """The tree of a prepared text, notes, and whether it consists of two or more bare words.

    Without `operators` AND, OR and NOT are words.
    """
    parser = _WhooshParser(any=any, operators=operators)
    tree = parser.parse(text, normalize=False)
    if parser.words_left < 0:
        cut = f"ignored: pairs beyond {MAX_WORDS:,} words that NEAR makes of brackets"
        parser.note(len(text), cut)
    if tree is query.NullQuery:
        parser.note(len(text), "nothing to search for")
    return tree, parser.notes(), parser.bare and isinstance(tree, (query.And, query.Or))
