"""Simpler texts that Punkt can't tell from the given ones: the same for many, so it is asked once.

In: the abbreviations and sentence starters that Punkt knows, then any text. Out: a text in which
Punkt, having no statistics of a corpus here, ends sentences at the same candidates as in the first
(a candidate is a mark before a space or other punctuation: see `segmenting`). Of a word it wants
to know whether it is known as either, whether it begins with a capital, and whether it is a single
letter; of a number, that it is one. So a plain word stands for each word of its kind and for words
that are joined, 0 stands for each number, and of a long row of dots, hyphens or spaces a short one
is left. Refuses nothing.
"""

from __future__ import annotations

import re
from string import ascii_lowercase

_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_LINE = re.compile(r"[ \t]*\n[ \t\n]*")  # Punkt reads line by line, and skips the empty ones
_ROW = re.compile(r"  +|--+-|\.\.+\.")
_SHORT = {" ": "  ", "-": "---", ".": "..."}
_NUMBER = re.compile(r"0(?:[.,\-]0)+")
_JOINING = r"[./_\-&=+#%~|<>]"  # within a word Punkt stops at none of these
_CLOSED = r"""(?=[)";}\]*:@'({\[]|,?$)"""  # at these it does
_UNOPENED = r"""[("`{\[:;&#*@)}\],]"""  # with these it begins none
_APART = frozenset("0123456789 \n\t")
_MOST = 1 << 16  # words remembered


class Shapes:
    """Shapes of texts; it remembers the words that it has met."""

    def __init__(self, abbreviations: frozenset[str], starters: frozenset[str]) -> None:
        """Both in lower case and without digits, abbreviations without their last full stop."""
        every = abbreviations | starters
        composed = [known for known in every if not known.isalpha()]
        # What may be part of something longer that is known, or is known as both, stays.
        self._parts = {part for known in composed for part in _LETTERS.findall(known)}
        self._parts |= abbreviations & starters
        self._parts |= {word for word in every if len(word) == 1}
        self._joints = {c for known in composed for c in known if not c.isalpha()}
        self._stand_ins: dict[str, str] = {}  # for words in lower case
        for alike in (abbreviations, starters):
            free = sorted(w for w in alike - self._parts if w.isascii() and w.isalpha())
            self._stand_ins.update((word, free[0]) for word in free)
        # What stands for letters and words that are not known.
        self._letter = next((c for c in ascii_lowercase if c not in self._parts), "")
        self._word = next(w for w in (c * 9 for c in ascii_lowercase) if w not in every)
        # Letters that are known as parts alone. Another stands for them where they are alone.
        letters = {part for part in self._parts if len(part) == 1} - every
        self._initials = letters if self._letter else set()
        self._memory: dict[str, str] = {}
        plain = [_cased(w, x) for w in (self._word, self._letter) if w for x in "aA"]
        atom = rf"(?:(?<![^\W\d_])(?:{'|'.join(plain)})(?![^\W\d_])|0)"
        self._joined = re.compile(f"{atom}(?:{_JOINING}?{atom})+")
        self._rest = re.compile(rf"(?<=\s)({_UNOPENED}|[^\W_]+{_CLOSED})[^.?!]+\Z")

    def of(self, text: str) -> str:
        """The shape of `text`."""
        shape = _NUMBER.sub("0", _WORD.sub(self._stand_in, text))
        shape = self._joined.sub(self._one, shape)
        if "\n" in shape:
            shape = _LINE.sub("\n", shape)
        return _ROW.sub(lambda row: _SHORT[row[0][0]], shape)

    def of_place(self, text: str) -> str:
        """The shape of a run of non-space with the one after it, of which only the candidates in
        the first matter: Punkt reads no further than the first word of the second, unless that
        has marks of its own."""
        return self._rest.sub(r"\1", self.of(text))

    def _stand_in(self, found: re.Match[str]) -> str:
        """What stands for the word or number found."""
        word = found[0]
        stand_in = self._memory.get(word)
        if stand_in is None:
            stand_in = self._of_word(word)
            if not stand_in:
                return _cased(self._letter, word) if self._is_alone(found) else word
            if len(self._memory) >= _MOST:
                self._memory.clear()
            self._memory[word] = stand_in
        return stand_in

    def _of_word(self, word: str) -> str:
        """What always stands for `word`; nothing for a letter that may stand for itself."""
        if not word.isascii():
            return word
        if word.isdigit():
            return "0"
        lower = word.lower()
        if lower in self._initials:
            return ""
        if lower in self._parts:
            return _cased(lower, word)
        if len(word) == 1:
            return _cased(self._letter, word)
        return _cased(self._stand_ins.get(lower, self._word), word)

    def _is_alone(self, found: re.Match[str]) -> bool:
        """Whether a letter is joined to no other word, as the parts of what is known are."""
        text, (start, end) = found.string, found.span()
        return not any(
            len(pair) == 2 and pair[0] in self._joints and pair[1] not in _APART
            for pair in (text[max(start - 2, 0) : start][::-1], text[end : end + 2])
        )

    def _one(self, joined: re.Match[str]) -> str:
        """One word for several that are joined; a number before it, so that it has no case."""
        first = joined[0][0]
        return "0" + self._word if first == "0" else _cased(self._word, first)


def _cased(lower: str, word: str) -> str:
    """`lower` with a capital if `word` has one."""
    return lower.capitalize() if word[0].isupper() else lower
