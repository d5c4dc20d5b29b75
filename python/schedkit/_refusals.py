"""Errors for refused input, in the form that all messages share."""

from __future__ import annotations

import datetime as dt
import io
import types
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

import numpy as np

from .errors import InputTypeError, InvalidInputError


def refuse(
    field: str,
    reason: str,
    *,
    index: tuple[int, ...] | None = None,
    value: Any = None,
    more: int = 0,
    kind: type[InvalidInputError] | type[InputTypeError] = InvalidInputError,
) -> InvalidInputError | InputTypeError:
    """The error for a refused value, in the format that all messages share."""
    place = field if index is None else f"{field}[{', '.join(map(str, index))}]"
    content = "" if index is None and value is None else f" = {shown(value)}"
    rest = f"; {more} more" if more else ""
    plain = index[0] if index is not None and len(index) == 1 else index
    return kind(f"{place}{content}: {reason}{rest}", field=field, index=plain, value=value)


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "None"),
    ((bool, np.bool_), "bool"),
    (np.str_, "a NumPy string"),
    (np.bytes_, "NumPy bytes"),
    (np.void, "a NumPy record"),
    (type, "a class"),
    (io.IOBase, "a file"),
    (types.ModuleType, "a module"),
    (types.MappingProxyType, "a read-only mapping"),
    ((types.FunctionType, types.BuiltinFunctionType, types.MethodType, np.ufunc), "a function"),
    ((KeysView, ValuesView, ItemsView), "a view of a mapping"),
    (Iterator, "an iterator"),
)
"""What messages call values whose types have names that users never write."""


def type_name(value: Any) -> str:
    """The kind of a value for a message, in words that users know."""
    if value is Ellipsis or value is NotImplemented:
        return str(value)
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return next((cls.__name__ for cls in type(value).__mro__ if not cls.__name__.startswith("_")), "object")


def refuse_type(
    field: str, expected: str, value: Any, *, index: tuple[int, ...] | None = None, shown: bool = False
) -> InvalidInputError | InputTypeError:
    """The error for a value of another type than `expected`, such as ``"must be a list"``; with an index it shows the value."""
    shown = shown or index is not None
    return refuse(
        field, f"{expected}, not {type_name(value)}", index=index, value=value if shown else None, kind=InputTypeError
    )


def shown(value: Any) -> str:
    """A value for a message, not longer than 60 characters."""
    value = value.item() if isinstance(value, np.generic) else value
    plain = isinstance(value, (dt.date, dt.time, dt.timedelta, np.floating))  # wide floats have no Python type
    if isinstance(value, np.ndarray):  # without the name of its type, which says nothing to a user
        masked = isinstance(value, np.ma.MaskedArray)
        items = str(value) if masked else np.array2string(value, separator=", ", threshold=20)
        return cut(f"array({' '.join(items.split())})")
    text = str(value) if plain else repr(value)
    return cut(text)


def cut(text: str) -> str:
    """A text of at most 60 characters, for a message."""
    return text if len(text) <= 60 else text[:57] + "..."
