"""The base class of the policies of this package, which registers its subclasses."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, dataclass_transform

from ... import _core, _validation

DECLARATIONS: dict[str, dict[str, Any]] = {row["name"]: row for row in _core.OnlinePolicy.declarations()}
"""What the core declares of each policy: aliases, information, costs and parameters with defaults and ranges."""

_REGISTERED: dict[str, type[BuiltIn]] = {}


@dataclass_transform(frozen_default=True)
class BuiltIn:
    """Base of the policies of this package: immutable objects with the parameters that the core declares.

    ``class RR(BuiltIn, name="rr")`` documents and registers the policy that the core declares as "rr". Its annotated fields are
    the parameters; their names, order and defaults must be those of the declaration.
    """

    name: ClassVar[str]
    information: ClassVar[str]

    def __init_subclass__(cls, *, name: str | None = None) -> None:
        if name is None:  # a subclass of a policy is that policy
            return
        cls.name, cls.information = name, DECLARATIONS[name]["information"]
        dataclasses.dataclass(frozen=True)(cls)
        written = [(field.name, field.default) for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
        declared = [(parameter["name"], parameter["default"]) for parameter in DECLARATIONS[name]["parameters"]]
        if written != declared:
            raise TypeError(f"{cls.__name__} has the fields {written}, but the core declares {declared}")
        _REGISTERED[name] = cls

    def __post_init__(self) -> None:
        for parameter in DECLARATIONS[self.name]["parameters"]:
            field = parameter["name"]
            object.__setattr__(self, field, _read(getattr(self, field), field, parameter))

    def _native(self) -> _core.OnlinePolicy:
        parameters = DECLARATIONS[self.name]["parameters"]
        return _core.OnlinePolicy(self.name, {p["name"]: getattr(self, p["name"]) for p in parameters})


def _read(value: Any, field: str, parameter: Mapping[str, Any]) -> Any:
    """The value of a parameter in the type that the core declares."""
    if parameter["kind"] == "number":
        return _validation.float_scalar(value, field)
    if parameter["kind"] == "seed":
        return _validation.seed(value)
    if _validation.word(value, field) not in parameter["range"]:
        raise _validation.refuse(field, f"expected one of {', '.join(parameter['range'])}", value=value)
    return value


def registered() -> dict[str, type[BuiltIn]]:
    """The registered classes by name, in the order of the core."""
    return {name: _REGISTERED[name] for name in DECLARATIONS}
