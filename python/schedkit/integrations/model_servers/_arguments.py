"""How the adapters read arguments of the hosts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ... import _validation

F = TypeVar("F", bound=Callable[..., object])


def expect_callable(value: F, field: str) -> F:
    """A function, or an exception."""
    if not callable(value):
        raise _validation.refuse_type(field, "must be a function", value)
    return value


def read_facts(value: object) -> dict[str, Any]:
    """What a function of the caller returned about a request, by name, or an exception."""
    if not isinstance(value, Mapping):
        raise _validation.refuse_type("facts", "must return a mapping of names to values", value)
    return dict(value)
