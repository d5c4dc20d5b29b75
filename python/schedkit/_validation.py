"""Normalisation of input: turns array-likes into contiguous arrays of the right type, or raises an error that names the place.

All types, shapes and finiteness are checked here; the core checks ranges, sums and graphs.
"""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._number_arrays import EXACT, INEXACT, MOST_ITEMS, refuse_too_many, shaped
from ._number_arrays import float_array as float_array
from ._number_arrays import int_array as int_array
from ._number_arrays import number_array as number_array
from ._refusals import cut as cut
from ._refusals import refuse as refuse
from ._refusals import refuse_type as refuse_type
from ._refusals import shown as shown
from ._refusals import type_name as type_name
from .errors import InputTypeError, InvalidInputError


def int_scalar(value: Any, field: str, *, minimum: int | None = None, maximum: int | None = None) -> int:
    """`value` as an int; a whole float is accepted."""
    if isinstance(value, (bool, np.bool_)):
        raise refuse(field, "must be a number, not bool", value=value, kind=InputTypeError)
    if isinstance(value, (float, np.floating)):
        if not float(value).is_integer():
            raise refuse(field, "must be a whole number", value=value)
        number = int(value)
    else:
        try:
            number = operator.index(value)
        except TypeError:
            kind = type_name(value)
            raise refuse(field, f"must be a number, not {kind}", value=value, kind=InputTypeError) from None
    if minimum is not None and number < minimum:
        raise refuse(field, f"must be >= {minimum}", value=number)
    if maximum is not None and number > maximum:
        raise refuse(field, f"must be <= {maximum}", value=number)
    return number


def int64(value: Any, field: str) -> int:
    """An integer of 64 bits."""
    return int_scalar(value, field, minimum=-(2**63), maximum=2**63 - 1)


def float_scalar(value: Any, field: str, *, minimum: float | None = None, infinite: bool = False, exact: bool = True) -> float:
    """`value` as a float, never NaN; an integer that the float would round is refused, or rounded with ``exact=False``."""
    # NumPy counts time spans among the integers.
    if isinstance(value, (bool, np.bool_, np.timedelta64)) or not isinstance(value, (int, float, np.integer, np.floating)):
        kind = type_name(value)
        raise refuse(field, f"must be a number, not {kind}", value=value, kind=InputTypeError)
    try:
        number = float(value)
    except OverflowError:
        raise refuse(field, "beyond the range of floats", value=value) from None
    wider = isinstance(value, np.floating) and value.dtype.itemsize > 8
    whole = wider and abs(number) >= EXACT and not math.isinf(number) and value == np.floor(value)
    if exact and (whole or not isinstance(value, (float, np.floating))) and int(number) != int(value):
        raise refuse(field, INEXACT, value=value)
    if math.isnan(number) or (not infinite and math.isinf(number)):
        raise refuse(field, "must not be NaN" if infinite else "must be finite", value=number)
    if minimum is not None and number < minimum:
        raise refuse(field, f"must be >= {minimum:g}", value=number)
    return number


def time_limit(value: Any) -> float | None:
    """A time limit: seconds >= 0, infinity or None. Integers may be rounded, since their last digits do not matter."""
    return None if value is None else float_scalar(value, "time_limit", minimum=0.0, infinite=True, exact=False)


def seed(value: Any) -> int:
    """A seed: an integer from 0 to 2**64 - 1."""
    return int_scalar(value, "seed", minimum=0, maximum=2**64 - 1)


def threads(value: Any) -> int | None:
    """A number of threads; None means all cores."""
    return None if value is None else int_scalar(value, "threads", minimum=1, maximum=2**31)


def flag(value: Any, field: str) -> bool:
    """True or False; other values are refused, because ``"no"`` would count as true."""
    if not isinstance(value, (bool, np.bool_)):
        raise refuse(field, f"must be True or False, not {type_name(value)}", value=value, kind=InputTypeError)
    return bool(value)


def flag_list(value: Any, field: str) -> list[bool]:
    """A list or array of True and False; the integers 0 and 1, which files hold, are accepted too."""
    if isinstance(value, np.ndarray):
        value = shaped(value, field, 1, None).tolist()
    flags = listed(value, field, "True and False")
    for k, flag in enumerate(flags):
        expect(flag, (bool, int, np.bool_, np.integer), field, "True or False", index=(k,))
        if flag not in (0, 1):
            raise refuse(field, "must be True or False", index=(k,), value=flag)
    return [bool(flag) for flag in flags]


def function(value: Any, field: str) -> Any:
    """A function of the caller."""
    if not callable(value):
        raise refuse_type(field, "must be a function", value)
    return value


def expect(value: Any, kind: type | tuple[type, ...], field: str, noun: str, *, index: tuple[int, ...] | None = None) -> None:
    """Refuses a value of another type."""
    if not isinstance(value, kind):
        reason = f"must be {noun}, not {type_name(value)}"
        raise refuse(field, reason, index=index, value=value, kind=InputTypeError)


def listed(value: Any, field: str, noun: str) -> list[Any]:
    """The items of a list, named in the plural by `things`, as in `rows`."""
    return rows(value, field, f"a list of {noun}")


def word(value: Any, field: str) -> str:
    """The name of an option; the core checks that it exists."""
    if not isinstance(value, str):
        raise refuse_type(field, "must be a name", value)
    if not _is_text(value):
        raise refuse(field, "is not text (it holds half a surrogate pair)", value=value)
    return str(value)


def choice(value: Any, field: str, names: Sequence[str]) -> str:
    """One of some names of options."""
    name = word(value, field)
    if name not in names:
        raise refuse(field, f"unknown {field}, expected one of {', '.join(names)}", value=value)
    return name


def indices(value: Any, field: str, row: int) -> list[int]:
    """A list of whole numbers that stands in a list of lists; messages name the row before the position in it."""
    try:
        numbers: list[int] = int_array(rows(value, field), field).tolist()
    except (InvalidInputError, InputTypeError) as error:
        inner = () if error.index is None else error.index if isinstance(error.index, tuple) else (error.index,)
        reason = str(error).split(": ", 1)[1]
        raise refuse(field, reason, index=(row, *inner), value=error.value, kind=type(error)) from None
    return numbers


def rows(value: Any, field: str, what: str = "a list") -> list[Any]:
    """The items of a list, tuple or array; text is refused, and iterators, because they may never end."""
    if isinstance(value, (str, bytes, Set, Mapping, type)) or not hasattr(value, "__iter__") or not hasattr(value, "__len__"):
        kind = type_name(value)
        raise refuse(field, f"must be {what}, not {kind}", kind=InputTypeError)
    if getattr(value, "ndim", 1) == 0:
        raise refuse(field, f"must be {what}, not a single value", kind=InputTypeError)
    if isinstance(value, np.ndarray) and value.size > MOST_ITEMS:  # a view of one number may pretend to be this large
        raise refuse(field, f"holds {value.size} numbers, more than 2**31")
    refuse_too_many(value, field)
    return list(value)


def iterable(value: Any, field: str, what: str) -> Iterable[Any]:
    """Anything that can be iterated over, iterators included; text, mappings and single values are refused."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise refuse_type(field, f"must be {what}", value)
    if getattr(value, "ndim", 1) == 0:
        raise refuse(field, f"must be {what}, not a single value", kind=InputTypeError)
    return value


def _is_text(value: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in value)


def path(value: Any, field: str = "path") -> str:
    """A file's path as text."""
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise refuse_type(field, "must be a path", value)
    text = os.fsdecode(value)
    try:
        os.fsencode(text)
    except UnicodeEncodeError as error:
        raise refuse(field, "no file name: it holds half a surrogate pair", value=text) from error
    if "\0" in text:
        raise refuse(field, "no file name: it holds a null character", value=text)
    return text


def name_list(value: Any, field: str) -> list[str] | None:
    """Names as a list of strings, or None."""
    if value is None:
        return None
    names = rows(value, field, "a list of strings")
    if len(names) > 10_000:
        _core.require_memory(100 * len(names))  # for the copies that the core will hold
    for k, name in enumerate(names):
        if not isinstance(name, str):
            reason = f"must be a string, not {type_name(name)}"
            raise refuse(field, reason, index=(k,), value=name, kind=InputTypeError)
        if not _is_text(name):
            raise refuse(field, "is not text (it holds half a surrogate pair)", index=(k,), value=name)
    return [str(name) for name in names]


def readonly(array: NDArray[Any]) -> NDArray[Any]:
    """A private, read-only copy, so that later changes of the original do not reach problems and results."""
    copy = np.array(array)
    copy.flags.writeable = False
    return copy
