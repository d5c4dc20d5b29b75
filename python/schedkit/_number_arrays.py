"""Arrays of numbers: turns array-likes into contiguous arrays of 64-bit numbers, or raises an error that names the place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._refusals import refuse, type_name
from .errors import InputTypeError, InvalidInputError

INT64 = np.dtype(np.int64)
FLOAT64 = np.dtype(np.float64)
EXACT = 2.0**53
INEXACT = "an integer beyond 2**53 that a float would round: subtract a common offset, or count in larger units"
MOST_ITEMS = 2**31


def int_array(value: Any, field: str, *, ndim: int = 1, columns: int | None = None) -> NDArray[np.int64]:
    """`value` as a C-contiguous int64 array; integral floats are accepted, anything lossy is refused."""
    if type(value) is np.ndarray and value.dtype is INT64 and value.ndim == ndim and value.flags.c_contiguous:
        if columns is not None:
            _refuse_columns(value, field, columns)
        return value
    return _to_int64(shaped(_numbers(value, field), field, ndim, columns), field)


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
        numbers = shaped(_numbers(value, field), field, ndim, columns)
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
        lost = np.isfinite(floats) & (np.abs(floats) >= EXACT) & (floats != numbers) & (np.floor(numbers) == numbers)
        if lost.any():
            raise _refuse_first(numbers, lost, field, INEXACT)
    if numbers.dtype.kind not in "iu" or numbers.dtype.itemsize < 8 or not numbers.size:
        return
    if int(numbers.min()) >= -EXACT and int(numbers.max()) <= EXACT:  # NumPy would compare them as floats
        return
    for index in np.argwhere(np.abs(floats) >= EXACT).tolist():
        item = numbers[tuple(index)].item()
        if int(floats[tuple(index)]) != item:
            raise refuse(field, INEXACT, index=tuple(index), value=item)


def number_array(value: Any, field: str, *, ndim: int = 1, columns: int | None = None) -> NDArray[Any]:
    """`value` as a C-contiguous array of int64 if it holds integers, of float64 (which the core checks) if it holds floats."""
    if type(value) is not np.ndarray or value.dtype.kind not in "iuf":
        value = shaped(_numbers(value, field), field, ndim, columns)
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
    if plain and array.dtype.kind == "f" and bool((np.abs(array) >= EXACT).any()):
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
    refuse_too_many(value, field)
    if value and not all(-(2**63) <= end < 2**63 for end in (value[0], value[-1])):
        # How many are left before the limit in the direction of the range.
        inside = (2**63 - 1 - value[0]) // value.step if value.step > 0 else (value[0] + 2**63) // -value.step
        k = inside + 1 if -(2**63) <= value[0] < 2**63 else 0
        raise refuse(field, "beyond the 64-bit range", index=(k,), value=value[k])
    if not value or not -(2**62) < value.step < 2**62:  # at most four numbers
        return np.array(list(value), dtype=np.int64)
    return value[0] + value.step * np.arange(len(value), dtype=np.int64)


def refuse_too_many(value: Any, field: str) -> None:
    """Refuses sequences that compute their items, such as ranges, if the items would not fit in memory."""
    if isinstance(value, (list, tuple)):
        return
    try:
        count = len(value)
    except OverflowError:
        raise refuse(field, "holds more items than a computer can count") from None
    if count > MOST_ITEMS:
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
        refuse_too_many(items, field)
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


def shaped(array: NDArray[Any], field: str, ndim: int, columns: int | None) -> NDArray[Any]:
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
        bad = np.abs(array) > EXACT
        if bad.any():
            raise _refuse_first(array, bad, field, "a float beyond 2**53 is not exact, pass integers")
    return np.ascontiguousarray(array, dtype=np.int64)


def _refuse_first(array: NDArray[Any], bad: NDArray[np.bool_], field: str, reason: str) -> Exception:
    index = tuple(int(k) for k in np.argwhere(bad)[0])
    return refuse(field, reason, index=index, value=array[index].item(), more=int(bad.sum()) - 1)
