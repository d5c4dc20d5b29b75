"""Activities and tasks that have started already, for re-planning and for the checker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from numpy.typing import ArrayLike

from . import _validation
from ._text import short
from .errors import InputTypeError


class Fixed(Mapping[int, tuple[Any, ...]]):
    """Activities or tasks that have started already, given as columns. A mapping, as the parameter ``fixed=`` takes it.

    Parameters
    ----------
    index : array_like of int, shape (k,)
        Tasks or activities, each at most once.
    start : array_like, shape (k,)
        When each started.
    end : array_like, shape (k,), optional
        When each ended, which may differ from the plan; without it the planned end.
    processor : array_like of int, shape (k,), optional
        Where each runs; task graphs need it, projects do not.

    Raises
    ------
    InvalidInputError
        Columns differ in length, or an index occurs more than once.

    Examples
    --------
    >>> import schedkit as sk
    >>> dict(sk.Fixed([4, 7], start=[0, 3], end=[2, 5]))
    {4: (0, 2), 7: (3, 5)}
    >>> project = sk.rcpsp.Project([2, 3], [[1], [1]], [1])
    >>> late = {"start_time": [0, 4], "completion_time": [4, 7]}
    >>> sk.check(project, late, fixed=sk.Fixed([0], start=[0], end=[4]), now=4)
    []
    """

    __slots__ = ("_rows",)

    def __init__(
        self, index: ArrayLike, start: ArrayLike, end: ArrayLike | None = None, processor: ArrayLike | None = None
    ) -> None:
        keys = _validation.int_array(index, "index")
        columns: list[list[Any]] = [_validation.number_array(start, "start").tolist()]
        columns.append([None] * keys.size if end is None else _validation.number_array(end, "end").tolist())
        if processor is not None:
            columns.insert(0, _validation.int_array(processor, "processor").tolist())
        names = ("processor", "start", "end")[-len(columns) :]
        for name, column in zip(names, columns, strict=True):
            if len(column) != keys.size:
                raise _validation.refuse(name, f"has length {len(column)}, expected {keys.size}")
        rows: dict[int, tuple[Any, ...]] = {}
        for k, (key, *row) in enumerate(zip(keys.tolist(), *columns, strict=True)):
            if key in rows:
                raise _validation.refuse("index", "stands more than once", index=(k,), value=key)
            rows[key] = tuple(row)
        self._rows = rows

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return self._rows[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"Fixed({short(self._rows)})"


def rows(fixed: Any, owners: str, key: Callable[[Any, str], int], **fields: Callable[[Any, str], Any]) -> list[tuple[Any, ...]]:
    """The rows of a mapping such as `Fixed`: each index, read by `key`, and what `fields` read; an end may be None."""
    if fixed is None:
        return []
    names = f"({', '.join(fields)})"
    if not isinstance(fixed, Mapping):
        reason = f"must map {owners} to {names}, not {_validation.type_name(fixed)}"
        raise _validation.refuse("fixed", reason, kind=InputTypeError)
    found = []
    for index, span in fixed.items():
        i = key(index, "fixed")
        if not isinstance(span, (tuple, list)) or len(span) != len(fields):
            raise _validation.refuse("fixed", f"must be {names}", index=(i,), value=span)
        values = zip(fields.items(), span, strict=True)
        row = [None if name == "end" and value is None else read(value, f"fixed[{i}].{name}") for (name, read), value in values]
        found.append((i, *row))
    return found
