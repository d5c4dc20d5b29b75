"""How admission and routers read and refuse arguments that the compiled code does not take as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .. import _validation
from ..errors import InvalidInputError, UnknownKeyError

_FIELDS = ("key", "prompt_tokens", "max_new_tokens", "produced", "prefix", "prefix_tokens")


def read_number(value: Any, field: str) -> float:
    """A number as all of the package reads it, or an exception."""
    return _validation.float_scalar(value, field)


def key_error(reason: str, key: Any) -> Exception:
    """The exception for a key in a state that a call does not take."""
    kind = InvalidInputError if reason.endswith("already") else UnknownKeyError
    return _validation.refuse("key", reason, value=key, kind=kind)


def refuse_identity(value: Any, field: str) -> None:
    """Raises for a key or block that is neither an integer nor a text."""
    noun = "a sequence of blocks, which are integers or texts" if field == "prefix of blocks" else "an integer or a text"
    raise _validation.refuse_type(field.partition(" ")[0], f"must be {noun}", value)


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
    return (*value[1:], *[None] * (len(_FIELDS) - len(value)))
