"""How admission and routers read and refuse arguments that the compiled code does not take as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np

from .. import _validation
from ..errors import InputTypeError, InvalidInputError, UnknownKeyError

_FIELDS = ("key", "prompt_tokens", "max_new_tokens", "produced", "prefix", "prefix_tokens")
_TAKEN = ("runs already", "is under way already")
"""Reasons why a key is refused although it is known."""
_MOST = {"prefix": 2**24, "among": 2**16}
"""How many blocks a prompt may have, and how many replicas a router; longer sequences are mistakes, read for hours."""


def read_number(value: Any, field: str) -> float:
    """A number as all of the package reads it, or an exception."""
    return _validation.float_scalar(value, field)


def key_error(reason: str, key: Any) -> Exception:
    """The exception for a key in a state that a call does not take."""
    kind = InvalidInputError if reason in _TAKEN else UnknownKeyError
    if key is None:  # which would count as no value
        reason = f"None {reason}"
    return _validation.refuse("key", reason, value=key, kind=kind)


def refuse_identity(value: Any, field: str, position: int | None = None) -> None:
    """Raises for a key or block that is neither an integer nor a text; a block has a position in its prefix."""
    index = None if position is None else (position,)
    raise _validation.refuse_type(field, "must be an integer or a text", value, index=index, shown=True)


def read_blocks(value: Any, field: str) -> Iterable[Any]:
    """The blocks of a prompt, or the ids of replicas, as something that can be iterated over in order, or an exception."""
    unordered = isinstance(value, (str, bytes, bytearray, memoryview, Mapping, Set))
    noun = "blocks, which are integers or texts" if field == "prefix" else "ids of replicas"
    if unordered or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        raise _validation.refuse_type(field, f"must be a sequence of {noun}", value)
    most = _MOST[field]
    if isinstance(value, (Sequence, np.ndarray)) and len(value) > most:
        raise _validation.refuse(field, f"has {len(value):,} entries, expected at most {most:,} {noun}")
    return value


def read_waiting(value: Any) -> Iterable[Any]:
    """Waiting requests that can be iterated over, or an exception."""
    return _validation.iterable(value, "waiting", "requests")


def read_row(value: Any, position: int) -> tuple[Any, ...]:
    """A waiting request without its key: prompt_tokens, max_new_tokens, produced, prefix, prefix_tokens."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        noun = "(key, prompt_tokens, max_new_tokens), perhaps with produced, prefix and prefix_tokens"
        raise _validation.refuse_type("waiting", f"must be {noun}", value, index=(position,))
    if not 3 <= len(value) <= len(_FIELDS):
        expected = f"{', '.join(_FIELDS[:3])}, perhaps {', '.join(_FIELDS[3:])}"
        raise _validation.refuse("waiting", f"has {len(value)} entries, expected {expected}", index=(position,), value=value)
    row = dict(zip(_FIELDS, [*value, *[None] * (len(_FIELDS) - len(value))], strict=True))
    if row["prefix"] is not None and not _is_identity(row["prefix"]):
        refuse_identity(row["prefix"], "prefix", position)
    numbers = {field: _whole(row[field], field, position) for field in _FIELDS if field not in ("key", "prefix")}
    return tuple((row | numbers)[field] for field in _FIELDS[1:])


def _is_identity(value: Any) -> bool:
    """Whether a value is a text or an integer of any type; False and True are none."""
    if isinstance(value, (bool, np.bool_)):
        return False
    return isinstance(value, str) or hasattr(type(value), "__index__")


def _whole(value: Any, field: str, position: int) -> int | None:
    """A number of tokens of a waiting request; those that may be missing are None then."""
    if value is None and field in _FIELDS[3:]:
        return None
    try:
        return _validation.int64(value, f"{field}[{position}]")
    except (InvalidInputError, InputTypeError) as error:
        raise type(error)(str(error), field=field, index=position, value=value) from None
