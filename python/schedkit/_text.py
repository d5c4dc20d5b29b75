"""Text for terminals, charts and messages: names may hold anything, what is shown must be harmless and short."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np

_HIDDEN = ("Cc", "Cs", "Zl", "Zp")
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    r"""The text with control characters, line separators and marks that turn its direction written as escapes.

    Examples
    --------
    >>> from schedkit._text import printable
    >>> print(printable("\x1b[31mred\x1b[0m\n"))
    \x1b[31mred\x1b[0m\n
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _HIDDEN or c in _DIRECTION else c for c in text)


def _escaped(character: str) -> str:
    return repr(character)[1:-1]


_MOST_ITEMS = 6
_MOST_LETTERS = 60


def short(value: Any) -> str:
    """A value for a `repr`: arrays and lists by their first items and their length, text cut, so that it fits on a screen."""
    if isinstance(value, np.ndarray):
        if value.ndim == 1 and value.size <= _MOST_ITEMS:
            return f"array({value.tolist()})"
        if value.ndim == 1:
            return f"array([{', '.join(map(str, value[:_MOST_ITEMS].tolist()))}, ...], {value.size} items)"
        return f"array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        brackets = "[]" if isinstance(value, list) else "()"
        if len(value) > _MOST_ITEMS:
            return f"{brackets[0]}{', '.join(map(short, value[:2]))}, ...{brackets[1]} ({len(value)} items)"
        return f"{brackets[0]}{', '.join(map(short, value))}{brackets[1]}"
    if isinstance(value, dict):
        if len(value) > _MOST_ITEMS:
            return f"{{... {len(value)} items}}"
        return f"{{{', '.join(f'{short(key)}: {short(item)}' for key, item in value.items())}}}"
    text = repr(value)
    return text if len(text) <= 4 * _MOST_LETTERS else f"{text[: 4 * _MOST_LETTERS]}..."
