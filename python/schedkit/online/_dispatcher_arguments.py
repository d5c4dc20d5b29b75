"""How the arguments of a dispatcher are read, and the errors for those that are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _core, _validation
from ..errors import InvalidInputError, UnknownKeyError
from .policies import BuiltIn, from_name

CRITICAL_PATH = "critical_path"
_MOST_UNITS = 2**53
_NUMBERS = frozenset({"estimate", "size", "priority", "arrival", "deadline"})
_FACTS = _NUMBERS | {"after", "demand"}


def read_order(policy: Any, key: Any) -> tuple[BuiltIn | str | None, _core.DispatchOrder]:
    """The policy, and the order that the core takes."""
    if key is not None:
        if not callable(key):
            raise _validation.refuse_type("key", "must be a function of a key", key)
        if policy is not None and policy != "fcfs":
            raise _validation.refuse("key", "replaces the policy: give one of the two")
        return None, _core.DispatchOrder.given()
    if isinstance(policy, str):
        order = _core.DispatchOrder.named(_validation.word(policy, "policy"))
        return (policy if policy == CRITICAL_PATH else from_name(policy)), order
    if not isinstance(policy, BuiltIn):
        raise _validation.refuse_type("policy", "must be a name or a policy of this package", policy)
    return policy, _core.DispatchOrder.policy(policy._native())


def read_capacity(capacity: Any) -> tuple[tuple[str, ...], list[int]]:
    """Names and units of the resources."""
    if not isinstance(capacity, Mapping):
        raise _validation.refuse_type("capacity", "must be a mapping from names to units", capacity)
    for name in capacity:
        _validation.word(name, "capacity")
    return tuple(str(name) for name in capacity), [read_units(units, "capacity", name) for name, units in capacity.items()]


def read_units(value: Any, field: str, name: str | None = None) -> int:
    """Units of a resource."""
    field = field if name is None else f"{field}[{name!r}]"
    return _validation.int_scalar(value, field, minimum=0, maximum=_MOST_UNITS)


def read_number(value: Any, field: str) -> float:
    """Reads a number for the compiled dispatcher, which judges whether it is finite and in range."""
    return _validation.float_scalar(value, field, infinite=True)


def key_error(reason: str, key: Any) -> Exception:
    """Makes the exception for a key in a state that a call does not take."""
    kind = UnknownKeyError if reason == "was never submitted" else InvalidInputError
    return _validation.refuse("key", reason, value=key, kind=kind)


def read_demand(value: Any, names: list[str]) -> list[int]:
    """Reads demands that are not a dict of plain integers by known names."""
    if not isinstance(value, Mapping):
        raise _validation.refuse_type("demand", "must be a mapping from resources to units", value)
    units = dict.fromkeys(names, 0)
    for name, amount in value.items():
        if not isinstance(name, str) or name not in units:
            known = f"expected one of {', '.join(names)}" if names else "there are none"
            raise _validation.refuse("demand", f"unknown resource, {known}", value=name)
        units[name] = read_units(amount, "demand", name)
    return list(units.values())


def read_facts(facts: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Reads the facts of a submission as plain data."""
    if unknown := facts.keys() - _FACTS:
        raise TypeError(f"submit() got an unexpected keyword argument {min(unknown)!r}")
    plain: dict[str, Any] = {
        name: read_number(value, name) for name, value in facts.items() if name in _NUMBERS and value is not None
    }
    if facts.get("demand") is not None:
        units = zip(names, read_demand(facts["demand"], list(names)), strict=True)
        plain["demand"] = {name: amount for name, amount in units if amount}
    if facts.get("after") is not None:
        plain["after"] = read_after(facts["after"])
    return plain


def demand_error(reason: str, name: str, units: int) -> Exception:
    """Makes the exception for a demand out of range."""
    return _validation.refuse(f"demand[{name!r}]", reason, value=units)


def read_after(value: Any) -> list[Any]:
    """Reads keys that are not in a list or tuple."""
    return list(_validation.iterable(value, "after", "keys, in a list or tuple"))


def after_error(position: int, key: Any) -> Exception:
    """Makes the exception for an unknown key among those that a key needs."""
    return _validation.refuse("after", "was never submitted", index=(position,), value=key, kind=UnknownKeyError)
