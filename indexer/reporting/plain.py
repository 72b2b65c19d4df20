"""Text of a corpus made safe to print.

In: any string. Out: a string that a terminal shows and doesn't obey, and that UTF-8 can hold.
Refuses nothing.
"""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def visible(text: str) -> str:
    """`text` with control characters, but for tabs and newlines, shown instead of obeyed.

    An escape sequence in an article must not reach the terminal; ESC becomes ␛.
    """
    return _CONTROLS.sub(_shown, text)


def one_line(text: str) -> str:
    """`text` on one line, safe to print; the spaces at its ends are kept, as one."""
    return visible(_SPACES.sub(" ", text))


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"
