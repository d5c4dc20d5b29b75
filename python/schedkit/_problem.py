"""Base classes of immutable objects and of problems."""

from __future__ import annotations

from typing import Any


class Immutable:
    """Base of objects that do not change after construction, which sets attributes with ``object.__setattr__``."""

    __slots__ = ()

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a {type(self).__name__} is immutable, cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} is immutable, cannot delete {name!r}")


class Problem(Immutable):
    """Base of the problems that `schedkit.check` takes."""

    __slots__ = ()
