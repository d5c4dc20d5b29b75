"""What the policies of this package have in common."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from ... import _core


@dataclasses.dataclass(frozen=True)
class BuiltIn:
    """Base of the policies of this package."""

    name: ClassVar[str]
    information: ClassVar[str]

    def _parameters(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}

    def _native(self) -> _core.OnlinePolicy:
        return _core.OnlinePolicy(self.name, self._parameters())


def put(policy: BuiltIn, name: str, value: Any) -> None:
    """Sets a field of a frozen policy while it is made."""
    object.__setattr__(policy, name, value)
