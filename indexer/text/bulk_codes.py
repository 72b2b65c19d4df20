"""Text as a byte a code point, and what each byte means to tokens and to sentences."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

SPACE, LETTER, PLAIN, SPECIAL = 0, 1, 2, 3  # to tokens
END, WIDE_END, GAP, OPENING, CLOSING = 1, 2, 3, 4, 5  # to sentences
_CODES = {
    "‘": 145,
    "’": 146,
    "“": 147,
    "”": 148,
    "«": 171,
    "»": 187,
    "。": 200,
    "！": 201,
    "？": 202,
    "｡": 203,
}
WIDE = 128  # this and above: beyond ASCII


def encode(text: str) -> Bytes:
    """A byte a code point: ASCII as it is, quotes and wide full stops by `_CODES`, others 255."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = np.minimum(wide, 255).astype(np.uint8)
    beyond = np.flatnonzero(wide >= WIDE)
    values = wide[beyond]
    coded = np.full(beyond.size, 255, np.uint8)
    for character, code in _CODES.items():
        coded[values == ord(character)] = code
    codes[beyond] = coded
    return codes


@cache
def classes() -> Bytes:
    """Class of each byte: what bounds words, letters, other ASCII, and what needs the pattern."""
    table = np.full(256, PLAIN, np.uint8)
    for byte in range(256):
        character = chr(byte)
        if byte >= WIDE or character.isdigit() or character == "'":
            table[byte] = SPECIAL
        elif character.isalpha():
            table[byte] = LETTER
        elif character in " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f":
            table[byte] = SPACE
    return table


@cache
def roles() -> Bytes:
    """What each byte means to sentences, as Punkt's patterns have it."""
    table = np.zeros(256, np.uint8)
    table[[ord(c) for c in ".?!"]] = END
    table[[200, 201, 202, 203]] = WIDE_END
    table[[ord(c) for c in " \t\n"]] = GAP
    table[[ord(c) for c in "(["]] = OPENING
    table[[*map(ord, ")]\"'"), 145, 146, 147, 148, 171, 187]] = CLOSING
    return table


@cache
def may_follow() -> Flags:
    """What may follow an end character where Punkt considers a sentence's end; rather too much."""
    table = np.zeros(256, bool)
    table[[ord(c) for c in " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f)\";}]*:@'({[?!"]] = True
    table[WIDE:] = True
    return table
