"""Names of MS Project as names of plans, which are unique and stand in lists."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from .values import is_block_title

_LONGEST = 1000


def cleaned(name: str | None) -> str:
    """A name without semicolons, line ends and the like; it may be empty."""
    text = "".join(_replaced(character) for character in (name or "")[:_LONGEST])
    text = text.strip()
    return f"({text[1:-1]})" if is_block_title(text) else text


def _replaced(character: str) -> str:
    if character == ";":
        return ","
    hidden = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or ord(character) & 0xFFFE == 0xFFFE
    return " " if hidden else character


def unique(name: str, uid: int, taken: Collection[str]) -> str:
    """The name, with the UID behind it if another one has it."""
    number = 1
    found = name
    while found in taken:
        found = f"{name[:950]} ({uid})" if number == 1 else f"{name[:950]} ({uid}, {number})"
        number += 1
    return found
