"""The base of all results: immutable, compared by content, exported as plain data."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from . import _dispatch
from ._extras import load
from ._text import short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SCHEMA_VERSION = 1


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Result:
    """Base of results. Fields are the columns; fields whose name starts with an underscore are not content."""

    kind: ClassVar[str] = "result"
    _row: ClassVar[str | None] = None
    """The name of the index of the table: the kind of thing that a row describes."""

    def __init_subclass__(cls, **options: Any) -> None:
        # Dataclasses write a `__repr__` of their own, of every number, unless the class has one already.
        super(Result, cls).__init_subclass__(**options)  # slots: the short form of super does not work
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = super(cls, cls).__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        content = ", ".join(f"{name}={short(value)}" for name, value in self._content().items())
        return f"{type(self).__name__}({content})"

    def _content(self) -> dict[str, Any]:
        """Public fields by name."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if not f.name.startswith("_")}

    def _columns(self) -> dict[str, Any]:
        """The columns of the table: the one-dimensional arrays, or one row of numbers where there is no array."""
        content = self._content()
        arrays = {name: v for name, v in content.items() if isinstance(v, np.ndarray) and v.ndim == 1}
        return arrays or {name: [v] for name, v in content.items() if isinstance(v, (int, float, str))}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        theirs = other._content()
        return all(_same(mine, theirs[name]) for name, mine in self._content().items())

    def __hash__(self) -> int:
        return hash((type(self), *(v.tobytes() if isinstance(v, np.ndarray) else None for v in self._content().values())))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), [getattr(self, f.name) for f in dataclasses.fields(self)])

    def to_dict(self) -> dict[str, Any]:
        """The result as plain Python data, ready for JSON: infinities and NaN, which JSON does not have, become None."""
        content = {name: _plain(value) for name, value in self._content().items()}
        return {"schedkit": "schedule", "schema_version": SCHEMA_VERSION, "kind": self.kind, **content}

    def to_pandas(self) -> pd.DataFrame:
        """The columns as a data frame with one row per activity, task or job (needs pandas)."""
        return frame(self._columns(), self._row)

    def _draw(self, ax: Axes | None, **options: Any) -> Axes:
        """Draws the chart of this type of result; called by the public method ``plot``."""
        axes: Axes = _dispatch.call(_dispatch.PLOT, self, ax, **options)
        return axes

    def _write_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes the trace of this type of result; called by the public method ``to_chrome_trace``."""
        _dispatch.call(_dispatch.TRACE, self, path)


def frame(columns: dict[str, Any], row: str | None) -> pd.DataFrame:
    """A data frame of columns of one length; `row` names its index."""
    pandas = load("pandas", "data frames need pandas: pip install 'schedkit[pandas]'")
    length = len(next(iter(columns.values()), ()))
    table: pd.DataFrame = pandas.DataFrame(columns, index=pandas.RangeIndex(length, name=row))
    return table


def _restore(cls: type[Result], values: list[Any]) -> Result:
    for value in values:
        if isinstance(value, np.ndarray):
            value.flags.writeable = False  # pickling forgets it
    return cls(*values)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True  # as in arrays
    return type(a) is type(b) and bool(a == b)


def _plain(value: Any) -> Any:
    """Python's own types; numbers that JSON does not have, infinities and NaN, become None."""
    if isinstance(value, (np.ndarray, np.generic)):
        plain = value.tolist()
        return _plain(plain) if value.dtype.kind == "f" and not np.isfinite(value).all() else plain
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Result):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return {key: _plain(v) for key, v in value.items()} if isinstance(value, Mapping) else value
