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
from ._refusals import cut as cut
from ._refusals import refuse as refuse
from ._refusals import refuse_type as refuse_type
from ._refusals import shown as shown
from ._refusals import type_name as type_name
from .errors import InputTypeError, InvalidInputError

INT64 = np.dtype(np.int64)
FLOAT64 = np.dtype(np.float64)
_EXACT = 2.0**53
_INEXACT = "an integer beyond 2**53 that a float would round: subtract a common offset, or count in larger units"
_MOST_ITEMS = 2**31


def int_array(value: Any, field: str, *, ndim: int = 1, columns: int | None = None) -> NDArray[np.int64]:
    """`value` as a C-contiguous int64 array; integral floats are accepted, anything lossy is refused."""
    if type(value) is np.ndarray and value.dtype is INT64 and value.ndim == ndim and value.flags.c_contiguous:
        if columns is not None:
            _refuse_columns(value, field, columns)
        return value
    return _to_int64(_shaped(_numbers(value, field), field, ndim, columns), field)


def float_array(
    value: Any, field: str, *, ndim: int = 1, columns: int | None = None, infinite: bool = False, judge: bool = True
) -> NDArray[np.float64]:
    """`value` as a C-contiguous float64 array without NaN, and without infinities unless they are allowed.

    With ``judge=False`` NaN and infinities pass, because the core checks them.
    """
    if type(value) is np.ndarray and value.dtype is FLOAT64 and value.ndim == ndim and value.flags.c_contiguous:
        array = value
        _refuse_columns(array, field, columns)
    else:
        numbers = _shaped(_numbers(value, field), field, ndim, columns)
        with np.errstate(over="ignore"):  # a wider float that overflows becomes infinite, which is checked next
            array = np.ascontiguousarray(numbers, dtype=np.float64)
        _refuse_rounded(numbers, array, field)
    if not judge:
        return array
    bad = np.isnan(array) if infinite else ~np.isfinite(array)
    if bad.any():
        raise _refuse_first(array, bad, field, "must not be NaN" if infinite else "must be finite")
    return array


def _refuse_rounded(numbers: NDArray[Any], floats: NDArray[np.float64], field: str) -> None:
    """Refuses the first integer that a float cannot represent exactly; it may stand in a wider float."""
    if numbers.dtype.kind == "f" and numbers.dtype.itemsize > 8:
        lost = np.isfinite(floats) & (np.abs(floats) >= _EXACT) & (floats != numbers) & (np.floor(numbers) == numbers)
        if lost.any():
            raise _refuse_first(numbers, lost, field, _INEXACT)
    if numbers.dtype.kind not in "iu" or numbers.dtype.itemsize < 8 or not numbers.size:
        return
    if int(numbers.min()) >= -_EXACT and int(numbers.max()) <= _EXACT:  # NumPy would compare them as floats
        return
    for index in np.argwhere(np.abs(floats) >= _EXACT).tolist():
        item = numbers[tuple(index)].item()
        if int(floats[tuple(index)]) != item:
            raise refuse(field, _INEXACT, index=tuple(index), value=item)


def number_array(value: Any, field: str, *, ndim: int = 1, columns: int | None = None) -> NDArray[Any]:
    """`value` as a C-contiguous array of int64 if it holds integers, of float64 (which the core checks) if it holds floats."""
    if type(value) is not np.ndarray or value.dtype.kind not in "iuf":
        value = _shaped(_numbers(value, field), field, ndim, columns)
    if value.dtype.kind == "f":
        return float_array(value, field, ndim=ndim, columns=columns, judge=False)
    return int_array(value, field, ndim=ndim, columns=columns)


def _numbers(value: Any, field: str) -> NDArray[Any]:
    """`value` as an array of integers or floats of any width."""
    if isinstance(value, np.ma.MaskedArray):
        raise refuse(field, "masked arrays are not supported, fill the gaps first", kind=InputTypeError)
    plain = not isinstance(value, memoryview) and not hasattr(value, "__array__") and not hasattr(value, "__array_interface__")
    if isinstance(value, range):
        return _from_range(value, field)
    if plain:
        _refuse_non_numbers(value, field)
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError) as error:
        reason = "rows differ in length" if "inhomogeneous" in str(error) else f"not an array of numbers ({error})"
        raise refuse(field, reason) from None
    if plain and array.dtype.kind == "f" and bool((np.abs(array) >= _EXACT).any()):
        array = np.array(value, dtype=object)  # NumPy made floats of integers: look at what was there
    if array.dtype.kind == "O":
        array = _from_objects(array, field)
    if array.dtype.kind not in "iuf":
        first = (0,) * array.ndim if array.ndim and array.size else None
        item = None if first is None else array[first]
        noun = {"U": "text", "S": "bytes"}.get(array.dtype.kind, array.dtype.name)
        raise refuse(field, f"must hold numbers, not {noun}", index=first, value=item, kind=InputTypeError)
    return array


def _from_range(value: range, field: str) -> NDArray[np.int64]:
    """The numbers of a range, without creating a Python object for each."""
    _refuse_too_many(value, field)
    if value and not all(-(2**63) <= end < 2**63 for end in (value[0], value[-1])):
        # How many are left before the limit in the direction of the range.
        inside = (2**63 - 1 - value[0]) // value.step if value.step > 0 else (value[0] + 2**63) // -value.step
        k = inside + 1 if -(2**63) <= value[0] < 2**63 else 0
        raise refuse(field, "beyond the 64-bit range", index=(k,), value=value[k])
    if not value or not -(2**62) < value.step < 2**62:  # at most four numbers
        return np.array(list(value), dtype=np.int64)
    return value[0] + value.step * np.arange(len(value), dtype=np.int64)


def _refuse_too_many(value: Any, field: str) -> None:
    """Refuses sequences that compute their items, such as ranges, if the items would not fit in memory."""
    if isinstance(value, (list, tuple)):
        return
    try:
        count = len(value)
    except OverflowError:
        raise refuse(field, "holds more items than a computer can count") from None
    if count > _MOST_ITEMS:
        raise refuse(field, f"holds {count} items, more than 2**31")
    if count > 2**20 and not isinstance(value, np.ndarray):
        np.empty(5 * count)  # raises MemoryError where a list of as many numbers would not fit


def _from_objects(array: NDArray[Any], field: str) -> NDArray[Any]:
    """Converts Python numbers to int64 if all are integers, else to float64; refuses integers that would be rounded."""
    integral = True
    for index, item in np.ndenumerate(array):
        if isinstance(item, (bool, np.bool_)) or not isinstance(item, (int, float, np.integer, np.floating)):
            raise _not_a_number(field, index, item)
        if isinstance(item, (int, np.integer)):
            if not -(2**63) <= item < 2**63:
                raise refuse(field, "beyond the 64-bit range", index=index, value=item)
        else:
            integral = False
    if integral:
        return array.astype(np.int64)
    for index, item in np.ndenumerate(array):
        if isinstance(item, (int, np.integer)) and int(float(item)) != item:
            raise refuse(field, "an integer beyond 2**53 is not exact beside floats", index=index, value=item)
    return array.astype(np.float64)


def _refuse_non_numbers(value: Any, field: str) -> None:
    """Refuses items that NumPy would convert silently: bools among integers, strings, None, sets and generators."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        kind = type_name(value)
        raise refuse(field, f"must be an array of numbers, not {kind}", kind=InputTypeError)
    stack: list[tuple[tuple[int, ...], Sequence[Any]]] = [((), value)]
    while stack:
        index, items = stack.pop()
        if len(index) > 8:
            raise refuse(field, "nested too deeply")
        _refuse_too_many(items, field)
        kinds = set(map(type, items))
        if kinds <= {int, float}:
            continue
        for k, item in enumerate(items):
            if isinstance(item, (list, tuple, range)):
                stack.append(((*index, k), item))
            elif isinstance(item, np.ndarray):
                _numbers(item, field)
            elif isinstance(item, (bool, np.bool_)) or not isinstance(item, (int, float, np.integer, np.floating)):
                raise _not_a_number(field, (*index, k), item)


def _not_a_number(field: str, index: tuple[int, ...], item: Any) -> InvalidInputError | InputTypeError:
    kind = type_name(item)
    return refuse(field, f"must be a number, not {kind}", index=index, value=item, kind=InputTypeError)


def _shaped(array: NDArray[Any], field: str, ndim: int, columns: int | None) -> NDArray[Any]:
    if array.size == 0 and array.ndim == 1 and ndim == 2:  # an empty list stands for no rows
        array = array.reshape(0, columns or 0)
    if array.ndim != ndim:
        raise refuse(field, f"has {array.ndim} dimension{'s' * (array.ndim != 1)}, expected {ndim}")
    _refuse_columns(array, field, columns)
    return array


def _refuse_columns(array: NDArray[Any], field: str, columns: int | None) -> None:
    if columns is not None and array.shape[-1] != columns:
        raise refuse(field, f"has {array.shape[-1]} columns, expected {columns}")


def _to_int64(array: NDArray[Any], field: str) -> NDArray[np.int64]:
    if array.dtype.kind == "u" and array.dtype.itemsize == 8:
        bad = array > np.uint64(2**63 - 1)
        if bad.any():
            raise _refuse_first(array, bad, field, "beyond the 64-bit range")
    elif array.dtype.kind == "f":
        if array.dtype.itemsize < 8:
            array = array.astype(np.float64)  # the comparisons below need the range
        bad = ~np.isfinite(array)
        if bad.any():
            raise _refuse_first(array, bad, field, "must be finite")
        bad = array != np.floor(array)
        if bad.any():
            raise _refuse_first(array, bad, field, "must be a whole number")
        bad = np.abs(array) > _EXACT
        if bad.any():
            raise _refuse_first(array, bad, field, "a float beyond 2**53 is not exact, pass integers")
    return np.ascontiguousarray(array, dtype=np.int64)


def _refuse_first(array: NDArray[Any], bad: NDArray[np.bool_], field: str, reason: str) -> Exception:
    index = tuple(int(k) for k in np.argwhere(bad)[0])
    return refuse(field, reason, index=index, value=array[index].item(), more=int(bad.sum()) - 1)


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
    whole = wider and abs(number) >= _EXACT and not math.isinf(number) and value == np.floor(value)
    if exact and (whole or not isinstance(value, (float, np.floating))) and int(number) != int(value):
        raise refuse(field, _INEXACT, value=value)
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
        value = _shaped(value, field, 1, None).tolist()
    flags = listed(value, field, "True and False")
    for k, flag in enumerate(flags):
        expect(flag, (bool, int, np.bool_, np.integer), field, "True or False", index=(k,))
        if flag not in (0, 1):
            raise refuse(field, "must be True or False", index=(k,), value=flag)
    return [bool(flag) for flag in flags]


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
    if isinstance(value, np.ndarray) and value.size > _MOST_ITEMS:  # a view of one number may pretend to be this large
        raise refuse(field, f"holds {value.size} numbers, more than 2**31")
    _refuse_too_many(value, field)
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
