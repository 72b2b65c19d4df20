"""Grammar: brackets, prefixes and operators nest the flat syntax nodes into groups.

In: the leaves and marks that the lexer found, in order. Out: one group of neighbours. Binding, from
the tightest: prefixes (`-`, `+`, NOT, a field), NEAR, AND, OR, neighbours. Nothing is refused: what
has no place (an operator without operands, a bracket without its partner) is dropped with a note,
as is what goes beyond 50 brackets or NEARs within one another, or beyond 1,000 words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whoosh import query
from whoosh.qparser import QueryParser, plugins, syntax

from indexer.query.lexer import Lexer
from indexer.query.nodes import MAX_DEPTH
from indexer.query.normalise import NOTHING, show
from indexer.query.syntax import (
    MAX_WORDS,
    AndGroup,
    Leaf,
    Mark,
    NearGroup,
    Neighbours,
    OrGroup,
    ParseState,
)

Nodes = Sequence[syntax.SyntaxNode]


class StructurePlugin(plugins.Plugin):  # type: ignore[misc]
    """Brackets, prefixes and operators, in one pass."""

    def filters(self, parser: ParseState) -> list[tuple[Callable[..., Neighbours], int]]:
        """The filter, after white space is gone (500)."""
        return [(_structure, 600)]


def _kind(node: syntax.SyntaxNode) -> str:
    """Kind of a mark; empty for an operand."""
    return node.kind if isinstance(node, Mark) else ""


def _structure(state: ParseState, group: syntax.GroupNode) -> Neighbours:
    nodes = [node for node in _within_limit(state, group.nodes) if _kind(node) != "stray"]
    state.bare = all(_kind(node) in ("open", "close") or _is_bare(node) for node in nodes)
    levels: list[list[syntax.SyntaxNode]] = [[]]
    opened: list[int] = []
    too_deep = 0
    for node in nodes:
        if _kind(node) == "open":
            if len(opened) == MAX_DEPTH:
                too_deep += 1
                state.note(node.startchar, f"ignored: brackets more than {MAX_DEPTH} deep")
            else:
                opened.append(node.startchar)
                levels.append([])
        elif _kind(node) != "close":
            levels[-1].append(node)
        elif too_deep:
            too_deep -= 1
        elif opened:
            _close(state, levels, opened.pop())
        else:
            state.note(node.startchar, 'ignored: ")" without "("')
    while opened:
        state.note(opened[-1], '"(" is never closed: read as if at the end')
        _close(state, levels, opened.pop())
    return Neighbours(_bind(state, levels[0]))


def _within_limit(state: ParseState, nodes: Nodes) -> Nodes:
    """The nodes up to the word limit, and those behind it that close a bracket opened before."""
    size = 0
    for i, node in enumerate(nodes):
        size += max(1, node.reading.size) if isinstance(node, Leaf) else 0
        if size > MAX_WORDS:
            start = f"from {show(node.typed)} on"
            state.note(node.startchar, f"ignored: all beyond {MAX_WORDS:,} words, {start}")
            end = i
            while end and _kind(nodes[end - 1]) not in ("", "open", "close"):
                end -= 1
            return [*nodes[:end], *_unopened(nodes[i:])]
    return nodes


def _unopened(nodes: Nodes) -> Nodes:
    """The closing brackets that have no partner among the nodes."""
    closing: list[syntax.SyntaxNode] = []
    depth = 0
    for node in nodes:
        if _kind(node) == "open":
            depth += 1
        elif _kind(node) == "close":
            if depth:
                depth -= 1
            else:
                closing.append(node)
    return closing


def _is_bare(node: syntax.SyntaxNode) -> bool:
    """Whether the node is a plain word or nothing."""
    return isinstance(node, Leaf) and not node.slop and node.reading.kind in ("word", "nothing")


def _close(state: ParseState, levels: list[list[syntax.SyntaxNode]], at: int) -> None:
    """Puts the innermost open bracket, which began at `at`, into the level around it."""
    inner = _bind(state, levels.pop())
    if not inner:
        state.note(at, "ignored: empty brackets")
        empty = Leaf("", NOTHING)
        empty.set_range(at, at)
        inner = [empty]
    levels[-1].append(inner[0] if len(inner) == 1 else Neighbours(inner))


# --- binding -----------------------------------------------------------------------------------


def _bind(state: ParseState, nodes: Nodes) -> list[syntax.SyntaxNode]:
    """The operands of one pair of brackets, with their operators applied."""
    operands: list[syntax.SyntaxNode] = []
    run: list[syntax.SyntaxNode] = []  # operand, operator, operand …
    operator: Mark | None = None
    for node in _apply_prefixes(state, nodes):
        if isinstance(node, Mark):
            if operator or not run:
                _note_stray(state, node)
            else:
                operator = node
            continue
        if operator:
            run += [operator, node]
            operator = None
            continue
        if run:
            operands.append(_apply_operators(state, run))
        run = [node]
    if operator:
        _note_stray(state, operator)
    if run:
        operands.append(_apply_operators(state, run))
    return operands


def _apply_prefixes(state: ParseState, nodes: Nodes) -> list[syntax.SyntaxNode]:
    """Operands, each with its prefixes, and operators between them."""
    done: list[syntax.SyntaxNode] = []  # from right to left
    for node in reversed(nodes):
        if not (isinstance(node, Mark) and node.is_prefix):
            done.append(node)
        elif not done or isinstance(done[-1], Mark):
            _note_stray(state, node)
        else:
            done.append(node.wrap(done.pop()))
            if node.kind == "andnot":
                done.append(Mark("and", "AND").set_range(node.startchar, node.endchar))
    return done[::-1]


def _apply_operators(state: ParseState, run: Nodes) -> syntax.SyntaxNode:
    """One node for operands with operators between them: NEAR binds tightest, then AND, OR."""
    choices = [[run[0]]]
    for operator, operand in zip(run[1::2], run[2::2]):
        if operator.kind == "or":
            choices.append([operand])
        elif operator.kind == "and":
            choices[-1].append(operand)
        else:
            left = choices[-1].pop()
            group = NearGroup([left, operand], operator.distance, operator.startchar)
            if group.links > MAX_DEPTH:
                note = f"ignored: more than {MAX_DEPTH} NEARs within one another, from {{}} on"
                state.note(operator.startchar, note.format(show(operator.typed)))
                choices[-1].append(left)
            else:
                choices[-1].append(group)
    parts = [part[0] if len(part) == 1 else AndGroup(part) for part in choices]
    return parts[0] if len(parts) == 1 else OrGroup(parts)


def _note_stray(state: ParseState, mark: Mark) -> None:
    state.note(mark.startchar, f"ignored: stray {show(mark.typed)}")


# --- the parser --------------------------------------------------------------------------------

_PLUGINS = (Lexer(), StructurePlugin())  # they hold no state


class _WhooshParser(QueryParser, ParseState):  # type: ignore[misc]
    """Whoosh's parser with these plug-ins, for one query."""

    def __init__(self, *, any: bool) -> None:
        QueryParser.__init__(self, "any", None, plugins=_PLUGINS, group=Neighbours)
        ParseState.__init__(self, any=any)


def read_query(text: str, *, any: bool) -> tuple[query.Query, tuple[str, ...], bool]:
    """The tree of a prepared text, notes, and whether it is two or more bare words alone."""
    parser = _WhooshParser(any=any)
    tree = parser.parse(text, normalize=False)
    if parser.pairing.cut:
        cut = f"ignored: pairs beyond {MAX_WORDS:,} words that NEAR makes of brackets"
        parser.note(len(text), cut)
    if tree is query.NullQuery:
        parser.note(len(text), "empty query")
    return tree, parser.notes(), parser.bare and isinstance(tree, (query.And, query.Or))
