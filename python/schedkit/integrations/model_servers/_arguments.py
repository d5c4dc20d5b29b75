"""How the adapters read arguments of the hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import _validation


def read_facts(value: object) -> dict[str, Any]:
    """What a function of the caller returned about a request, by name, or an exception."""
    if not isinstance(value, Mapping):
        raise _validation.refuse_type("facts", "must return a mapping of names to values", value)
    return dict(value)
