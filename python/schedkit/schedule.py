"""What all results share: frozen, compared by content, exported as plain data."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .errors import SchedkitError

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Result:
    """Base of results. Fields are the columns; fields whose name starts with an underscore are not content."""

    kind: ClassVar[str] = "result"

    def _content(self) -> dict[str, Any]:
        """Public fields by name."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if not f.name.startswith("_")}

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
        """The result as plain Python data, ready for JSON."""
        content = {name: _plain(value) for name, value in self._content().items()}
        return {"schedkit": "schedule", "schema_version": SCHEMA_VERSION, "kind": self.kind, **content}

    def to_pandas(self) -> pd.DataFrame:
        """The columns as a data frame (needs pandas)."""
        try:
            import pandas as pd  # noqa: PLC0415
        except ImportError as error:
            raise SchedkitError("data frames need pandas: pip install 'schedkit[pandas]'") from error
        return pd.DataFrame({name: v for name, v in self._content().items() if isinstance(v, np.ndarray) and v.ndim == 1})


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
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Result):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value
