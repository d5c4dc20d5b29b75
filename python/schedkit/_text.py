"""Escaping and shortening of text for terminals, charts and messages; documentation made from tables."""

from __future__ import annotations

import dataclasses
import textwrap
import unicodedata
from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HIDDEN = ("Cc", "Cs", "Zl", "Zp")
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    r"""Escapes control characters, line separators and marks that change the direction of text.

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
_MOST_LETTERS = 240


def short(value: Any) -> str:
    """A short form of a value for a `repr`: arrays and lists show their first items and their length, text is cut."""
    if isinstance(value, np.ndarray):
        return _short_array(value)
    if isinstance(value, (list, tuple)):
        first, last = "[]" if isinstance(value, list) else "()"
        if len(value) > _MOST_ITEMS:
            return f"{first}{', '.join(map(short, value[:2]))}, ...{last} ({len(value)} items)"
        return f"{first}{', '.join(map(short, value))}{',' * (first == '(' and len(value) == 1)}{last}"
    if isinstance(value, Mapping):
        items = [f"{short(key)}: {short(item)}" for key, item in islice(value.items(), _MOST_ITEMS)]
        return f"{{{', '.join(items)}}}" if len(value) <= _MOST_ITEMS else f"{{{', '.join(items)}, ...}} ({len(value)} items)"
    text = repr(value)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}..."


def _short_array(value: NDArray[Any]) -> str:
    if value.ndim != 1:
        return f"array of shape {value.shape}"
    if value.size <= _MOST_ITEMS:
        return f"array({value.tolist()})"
    return f"array([{', '.join(map(str, value[:_MOST_ITEMS].tolist()))}, ...], {value.size} items)"


def short_fields(self: Any) -> str:
    """A `__repr__` for dataclasses whose fields may be long."""
    content = ", ".join(f"{f.name}={short(getattr(self, f.name))}" for f in dataclasses.fields(self) if f.repr)
    return f"{type(self).__name__}({content})"


def documented(function: Any, template: str, entry: Mapping[str, Any], *, notes: str, **texts: Any) -> Any:
    """Gives a function the name and the documentation of an entry of the core's tables."""
    filled = {key: textwrap.fill(value, 120) if isinstance(value, str) else value for key, value in entry.items()}
    function.__name__ = function.__qualname__ = entry["name"]
    function.__doc__ = template.format(**{**filled, "notes": textwrap.fill(notes, 120), **texts})
    return function
