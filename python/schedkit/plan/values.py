"""Single values of a plan: names, numbers, yes and no, as Python, JSON and cells of tables give them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from ..errors import InputTypeError, InvalidInputError
from ._refusal import UnreadableError
from .durations import decimal, hours, is_number

TABLES = ("plan", "calendars", "resources", "outages", "activities")
"""The tables of a plan; in CSV files a line ``[resources]`` begins one, so no name looks like that."""

_LONGEST = 1000
_MOST = 2**53
_WORDS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")


def plain(text: str) -> str:
    """A header, key or table name without case, blanks and underscores, which do not count."""
    return "".join(text.split()).replace("_", "").lower()


BLOCK = re.compile(r"\[\s*([^\[\]]*?)\s*\]")
"""The line that begins a table in a CSV file."""


def is_block_title(text: str) -> bool:
    """Whether a cell would begin a table in a CSV file."""
    found = BLOCK.fullmatch(text.strip())
    return found is not None and plain(found[1]) in (*TABLES, "progress")


def name(value: Any, *, listable: bool = False) -> str:
    """A name without blanks around it; with ``listable=True`` it can stand in lists that semicolons separate."""
    if not isinstance(value, str):
        raise UnreadableError("must be a text", InputTypeError)
    text = value.strip()
    if not text:
        raise UnreadableError("must not be empty")
    if len(text) > _LONGEST:
        raise UnreadableError(f"has more than {_LONGEST} characters")
    if not text.isascii() or not text.isprintable():
        for character in text:
            if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or ord(character) & 0xFFFE == 0xFFFE:
                raise UnreadableError(f"holds the character U+{ord(character):04X}, which tables cannot hold")
    if listable and ";" in text:
        raise UnreadableError("must not hold a semicolon, which separates names in lists")
    if is_block_title(text):
        raise UnreadableError("would begin a table in a CSV file, take another name")
    return text


def number(value: Any) -> int | float:
    """A finite number >= 0; whole numbers become integers."""
    if isinstance(value, str):
        word = value.strip()
        if not _NUMBER.fullmatch(word) or len(word) > 40:
            raise UnreadableError("is not a number")
        value = _rational(word)
    if not is_number(value):
        raise UnreadableError("must be a number", InputTypeError)
    exact = hours(value)
    if exact.denominator == 1 and exact < _MOST:
        return int(exact)
    return float(value)


def _rational(word: str) -> int | float:
    if re.search("[eE]", word):
        return float(word.replace(",", "."))
    if word.startswith("-") and decimal(word[1:]):
        raise UnreadableError("must not be negative")
    exact = decimal(word.lstrip("+-"))
    return int(exact) if exact.denominator == 1 else float(exact)


def whole(value: Any, *, most: int = _MOST) -> int:
    """A whole number >= 0."""
    found = number(value)
    if not isinstance(found, int):
        raise UnreadableError("must be a whole number")
    if found > most:
        raise UnreadableError(f"must be <= {most}")
    return found


def percent(value: Any) -> int | float:
    """A share in percent, which may be followed by a percent sign; below 1 it must be, so that no other share is meant."""
    is_signed = isinstance(value, str) and value.strip().endswith("%")
    found = number(value.strip().removesuffix("%") if isinstance(value, str) else value)
    if found > 100:
        raise UnreadableError("must be <= 100")
    if 0 < found < 1 and not is_signed:
        share = f"{100 * found:.10g}"
        raise UnreadableError(f"is it {share} percent? Write {share} then, or {found:.10g}% if less than one percent is done")
    return found


def percent_keys(share: float | None) -> float | str | None:
    """What `percent` reads as a share."""
    return f"{share!r}%" if share is not None and 0 < share < 1 else share


def flag(value: Any) -> bool:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    if is_number(value) and value in (0, 1):
        return bool(value)
    raise UnreadableError("expected yes or no", InvalidInputError if isinstance(value, str) else InputTypeError)
