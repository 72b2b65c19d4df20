"""The plug-in that nests the flat syntax nodes by brackets and binding.

In: what the taggers found, in order. Out: one group of neighbours. Whatever has no place (an
operator without its operands, a bracket without its partner) is dropped and noted, as is what
goes beyond 50 brackets or NEARs within one another, or beyond 1,000 words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whoosh.qparser import plugins, syntax

from indexer.query.gathering import MAX_DEPTH, MAX_WORDS, Gathering
from indexer.query.marks import AndNot, Close, Infix, Open, Prefix, Stray
from indexer.query.normalise import NOTHING, show
from indexer.query.syntax import AndGroup, Leaf, NearGroup, Neighbours, OrGroup

Nodes = Sequence[syntax.SyntaxNode]


class StructurePlugin(plugins.Plugin):  # type: ignore[misc]
    """Brackets, prefixes and operators, in one pass."""

    def filters(self, parser: Gathering) -> list[tuple[Callable[..., Neighbours], int]]:
        """The filter, after white space is gone (500)."""
        return [(_structure, 600)]


def _structure(parser: Gathering, group: syntax.GroupNode) -> Neighbours:
    nodes = [node for node in _within_limit(parser, group.nodes) if not isinstance(node, Stray)]
    parser.bare = all(isinstance(node, (Open, Close)) or _is_bare(node) for node in nodes)
    levels: list[list[syntax.SyntaxNode]] = [[]]
    opened: list[int] = []
    too_deep = 0
    for node in nodes:
        if isinstance(node, Open):
            if len(opened) == MAX_DEPTH:
                too_deep += 1
                parser.note(node.startchar, f"ignored: brackets more than {MAX_DEPTH} deep")
            else:
                opened.append(node.startchar)
                levels.append([])
        elif not isinstance(node, Close):
            levels[-1].append(node)
        elif too_deep:
            too_deep -= 1
        elif opened:
            _close(parser, levels, opened.pop())
        else:
            parser.note(node.startchar, 'ignored: ")" without "("')
    while opened:
        parser.note(opened[-1], '"(" is never closed: read as if at the end')
        _close(parser, levels, opened.pop())
    return Neighbours(_bind(parser, levels[0]))


def _within_limit(parser: Gathering, nodes: Nodes) -> Nodes:
    """The nodes up to the word limit, and those behind it that close a bracket opened before."""
    size = 0
    for i, node in enumerate(nodes):
        size += max(1, node.reading.size) if isinstance(node, Leaf) else 0
        if size > MAX_WORDS:
            start = f"from {show(node.typed)} on"
            parser.note(node.startchar, f"ignored: all beyond {MAX_WORDS:,} words, {start}")
            end = i
            while end and isinstance(nodes[end - 1], (Prefix, Infix, Stray)):
                end -= 1
            return [*nodes[:end], *_closing(nodes[i:])]
    return nodes


def _closing(nodes: Nodes) -> Nodes:
    """The closing brackets that have no partner among the nodes."""
    closing: list[syntax.SyntaxNode] = []
    depth = 0
    for node in nodes:
        if isinstance(node, Open):
            depth += 1
        elif isinstance(node, Close):
            if depth:
                depth -= 1
            else:
                closing.append(node)
    return closing


def _is_bare(node: syntax.SyntaxNode) -> bool:
    """Whether the node is a plain word or nothing."""
    return isinstance(node, Leaf) and not node.slop and node.reading.kind in ("word", "nothing")


def _close(parser: Gathering, levels: list[list[syntax.SyntaxNode]], at: int) -> None:
    """Puts the innermost open bracket, which began at `at`, into the level around it."""
    inner = _bind(parser, levels.pop())
    if not inner:
        parser.note(at, "ignored: empty brackets")
        empty = Leaf("", NOTHING)
        empty.set_range(at, at)
        inner = [empty]
    levels[-1].append(inner[0] if len(inner) == 1 else Neighbours(inner))


# --- binding -----------------------------------------------------------------------------------


def _bind(parser: Gathering, nodes: Nodes) -> list[syntax.SyntaxNode]:
    """The operands of one pair of brackets, with their operators applied."""
    operands: list[syntax.SyntaxNode] = []
    run: list[syntax.SyntaxNode] = []  # operand, operator, operand …
    operator: Infix | None = None
    for node in _apply_prefixes(parser, nodes):
        if isinstance(node, Infix):
            if operator or not run:
                _note_stray(parser, node)
            else:
                operator = node
            continue
        if operator:
            run += [operator, node]
            operator = None
            continue
        if run:
            operands.append(_apply_operators(parser, run))
        run = [node]
    if operator:
        _note_stray(parser, operator)
    if run:
        operands.append(_apply_operators(parser, run))
    return operands


def _apply_prefixes(parser: Gathering, nodes: Nodes) -> list[syntax.SyntaxNode]:
    """The nodes with each prefix joined to the operand on its right."""
    done: list[syntax.SyntaxNode] = []  # from right to left
    for node in reversed(nodes):
        if not isinstance(node, Prefix):
            done.append(node)
        elif not done or isinstance(done[-1], Infix):
            _note_stray(parser, node)
        else:
            done.append(node.wrap(done.pop()))
            if isinstance(node, AndNot):
                conjunction = Infix("AND")
                done.append(conjunction.set_range(node.startchar, node.endchar))
    return done[::-1]


def _apply_operators(parser: Gathering, run: Nodes) -> syntax.SyntaxNode:
    """One node for operands with operators between them: NEAR binds tightest, then AND, OR."""
    choices = [[run[0]]]
    for operator, operand in zip(run[1::2], run[2::2]):
        if operator.typed == "OR":
            choices.append([operand])
        elif operator.typed == "AND":
            choices[-1].append(operand)
        else:
            left = choices[-1].pop()
            group = NearGroup([left, operand], operator.distance, operator.startchar)
            if group.links > MAX_DEPTH:
                note = f"ignored: more than {MAX_DEPTH} NEARs within one another, from {{}} on"
                parser.note(operator.startchar, note.format(show(operator.typed)))
                choices[-1].append(left)
            else:
                choices[-1].append(group)
    parts = [part[0] if len(part) == 1 else AndGroup(part) for part in choices]
    return parts[0] if len(parts) == 1 else OrGroup(parts)


def _note_stray(parser: Gathering, mark: Prefix | Infix) -> None:
    parser.note(mark.startchar, f"ignored: stray {show(mark.typed)}")
