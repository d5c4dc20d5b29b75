"""How the adapters read arguments of the hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ... import _validation

F = TypeVar("F", bound=Callable[..., object])


def expect_callable(value: F, field: str) -> F:
    """A function, or an exception."""
    if not callable(value):
        raise _validation.refuse_type(field, "must be a function", value)
    return value
