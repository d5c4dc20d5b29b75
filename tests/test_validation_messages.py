"""Every refusal of the normalisation, to the letter: class, text, field, index and value, as callers may match on them."""

# ruff: noqa: E501 - one refusal a line
from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from schedkit import _validation as v
from schedkit.errors import InputTypeError, InvalidInputError

RANGE, TYPE = InvalidInputError, InputTypeError
NAN, INF = float("nan"), float("inf")
HUGE = np.broadcast_to(np.int64(1), (2**31 + 1,))
HALF = "a\ud800"


class Foreign:
    """Somebody else's array, as NumPy meets it."""

    def __init__(self, values: list[float] | None) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.values is None:
            raise ValueError("no")
        return np.array(self.values, dtype)


class Interface:
    """The same, by the older protocol."""

    def __init__(self, values: list[float]) -> None:
        self.kept = np.array(values)
        self.__array_interface__ = self.kept.__array_interface__


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


#: Name: call, class, text, index, value.
REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str, Any, Any]] = {
    "dimensions": (lambda: v.int_array([[1]], "p"), RANGE, "p: has 2 dimensions, expected 1", None, None),
    "dimensions of floats": (lambda: v.float_array([1.0], "p", ndim=2), RANGE, "p: has 1 dimension, expected 2", None, None),
    "dimensions of an array": (lambda: v.int_array(np.ones((1, 1), int), "p"), RANGE, "p: has 2 dimensions, expected 1", None, None),
    "no rows of one": (lambda: v.int_array([[]], "p"), RANGE, "p: has 2 dimensions, expected 1", None, None),
    "columns": (lambda: v.int_array([[1, 2]], "p", ndim=2, columns=3), RANGE, "p: has 2 columns, expected 3", None, None),
    "columns of floats": (
        lambda: v.float_array(np.ones((3, 2)), "p", ndim=2, columns=3), RANGE, "p: has 2 columns, expected 3", None, None,
    ),
    "columns of numbers": (lambda: v.number_array([[1, 2]], "p", ndim=2, columns=1), RANGE, "p: has 2 columns, expected 1", None, None),
    "columns of numbers, floats": (
        lambda: v.number_array([[1.5, 2]], "p", ndim=2, columns=1), RANGE, "p: has 2 columns, expected 1", None, None,
    ),
    "dimensions of numbers": (lambda: v.number_array([[1.5]], "p"), RANGE, "p: has 2 dimensions, expected 1", None, None),
    "dimensions of an array of numbers": (
        lambda: v.number_array(np.ones((1, 1), np.int64), "p"), RANGE, "p: has 2 dimensions, expected 1", None, None,
    ),
    "bools among numbers": (lambda: v.number_array(np.array([True]), "p"), TYPE, "p[0] = True: must hold numbers, not bool", 0, True),
    "one not finite": (lambda: v.float_array([1.0, INF], "p"), RANGE, "p[1] = inf: must be finite", 1, INF),
    "three not finite": (lambda: v.float_array([-INF, 1.0, INF, NAN], "p"), RANGE, "p[0] = -inf: must be finite; 2 more", 0, -INF),
    "NaN where infinity may be": (
        lambda: v.float_array([[1.0, INF], [NAN, NAN]], "p", ndim=2, infinite=True),
        RANGE, "p[1, 0] = nan: must not be NaN; 1 more", (1, 0), NAN,
    ),
    "wider float": (lambda: v.float_array(np.array([np.longdouble("1e400")]), "p"), RANGE, "p[0] = inf: must be finite", 0, INF),
    "fraction": (lambda: v.int_array([1.0, 2.5, 3.5], "p"), RANGE, "p[1] = 2.5: must be a whole number; 1 more", 1, 2.5),
    "negative fraction": (lambda: v.int_array(np.array([-0.5]), "p"), RANGE, "p[0] = -0.5: must be a whole number", 0, -0.5),
    "infinite integer": (lambda: v.int_array([INF, NAN], "p"), RANGE, "p[0] = inf: must be finite; 1 more", 0, INF),
    "large float": (
        lambda: v.int_array(np.array([2.0**53 + 2]), "p"),
        RANGE, "p[0] = 9007199254740994.0: a float beyond 2**53 is not exact, pass integers", 0, 2.0**53 + 2,
    ),
    "large negative float": (
        lambda: v.int_array(np.array([0.0, -(2.0**60), 2.0**60]), "p"),
        RANGE, "p[1] = -1.152921504606847e+18: a float beyond 2**53 is not exact, pass integers; 1 more", 1, -(2.0**60),
    ),
    "half float": (lambda: v.int_array(np.array([np.inf], np.float16), "p"), RANGE, "p[0] = inf: must be finite", 0, INF),
    "unsigned": (
        lambda: v.int_array(np.array([2**63, 1, 2**64 - 1], np.uint64), "p"),
        RANGE, "p[0] = 9223372036854775808: beyond the 64-bit range; 1 more", 0, 2**63,
    ),
    "large integer": (
        lambda: v.int_array([1, -(2**63) - 1], "p"), RANGE, "p[1] = -9223372036854775809: beyond the 64-bit range", 1, -(2**63) - 1,
    ),
    "integer beside floats": (
        lambda: v.float_array([0.5, 2**53 + 1], "p"),
        RANGE, "p[1] = 9007199254740993: an integer beyond 2**53 is not exact beside floats", 1, 2**53 + 1,
    ),
    "masked": (
        lambda: v.int_array(np.ma.masked_array([1]), "p"), TYPE, "p: masked arrays are not supported, fill the gaps first", None, None,
    ),
    "ragged": (lambda: v.int_array([[1], [1, 2]], "p", ndim=2), RANGE, "p: rows differ in length", None, None),
    "None": (lambda: v.int_array(None, "p"), TYPE, "p: must be an array of numbers, not None", None, None),
    "text": (lambda: v.int_array("12", "p"), TYPE, "p: must be an array of numbers, not str", None, None),
    "bytes": (lambda: v.float_array(b"12", "p"), TYPE, "p: must be an array of numbers, not bytes", None, None),
    "set": (lambda: v.int_array({1}, "p"), TYPE, "p: must be an array of numbers, not set", None, None),
    "one bool": (lambda: v.int_array([1, True], "p"), TYPE, "p[1] = True: must be a number, not bool", 1, True),
    "one NumPy bool": (lambda: v.int_array([np.True_], "p"), TYPE, "p[0] = True: must be a number, not bool", 0, np.True_),
    "one None": (lambda: v.float_array([[1, None]], "p", ndim=2), TYPE, "p[0, 1] = None: must be a number, not None", (0, 1), None),
    "one text": (lambda: v.int_array((1, "2"), "p"), TYPE, "p[1] = '2': must be a number, not str", 1, "2"),
    "one bool in the first row": (lambda: v.int_array([[True], [1]], "p", ndim=2), TYPE, "p[0, 0] = True: must be a number, not bool", (0, 0), True),
    "one bool in the last row": (lambda: v.int_array([[1], [True]], "p", ndim=2), TYPE, "p[1, 0] = True: must be a number, not bool", (1, 0), True),
    "array of bools in a list": (lambda: v.int_array([np.array([True])], "p", ndim=2), TYPE, "p[0] = True: must hold numbers, not bool", 0, True),
    "array that refuses": (lambda: v.int_array(Foreign(None), "p"), RANGE, "p: not an array of numbers (no)", None, None),
    "nine levels": (lambda: v.int_array(nested(9), "p"), RANGE, "p: has 9 dimensions, expected 1", None, None),
    "ten levels": (lambda: v.int_array(nested(10), "p"), RANGE, "p: nested too deeply", None, None),
    "object array": (
        lambda: v.int_array(np.array([1, None], dtype=object), "p"), TYPE, "p[1] = None: must be a number, not None", 1, None,
    ),
    "object array of a fraction": (
        lambda: v.float_array(np.array([Fraction(1, 2)]), "p"),
        TYPE, "p[0] = Fraction(1, 2): must be a number, not Fraction", 0, Fraction(1, 2),
    ),
    "text array": (lambda: v.int_array(np.array(["x"]), "p"), TYPE, "p[0] = 'x': must hold numbers, not text", 0, "x"),
    "complex": (lambda: v.float_array(np.array([[1j]]), "p", ndim=2), TYPE, "p[0, 0] = 1j: must hold numbers, not complex128", (0, 0), 1j),
    "single text": (lambda: v.int_array(np.array("x"), "p"), TYPE, "p: must hold numbers, not text", None, None),
    "no bools": (lambda: v.int_array(np.array([], bool), "p"), TYPE, "p: must hold numbers, not bool", None, None),
    "bool scalar": (lambda: v.int_scalar(True, "k"), TYPE, "k = True: must be a number, not bool", None, True),
    "NumPy bool scalar": (lambda: v.int_scalar(np.False_, "k"), TYPE, "k = False: must be a number, not bool", None, np.False_),
    "fractional scalar": (lambda: v.int_scalar(1.5, "k"), RANGE, "k = 1.5: must be a whole number", None, 1.5),
    "infinite scalar": (lambda: v.int_scalar(np.float32("inf"), "k"), RANGE, "k = inf: must be a whole number", None, INF),
    "text scalar": (lambda: v.int_scalar("x", "k"), TYPE, "k = 'x': must be a number, not str", None, "x"),
    "scalar too small": (lambda: v.int_scalar(1, "k", minimum=2), RANGE, "k = 1: must be >= 2", None, 1),
    "scalar too large": (lambda: v.int_scalar(4.0, "k", maximum=3), RANGE, "k = 4: must be <= 3", None, 4),
    "float scalar of a bool": (lambda: v.float_scalar(False, "k"), TYPE, "k = False: must be a number, not bool", None, False),
    "float scalar of text": (lambda: v.float_scalar("1", "k"), TYPE, "k = '1': must be a number, not str", None, "1"),
    "float scalar of a time span": (
        lambda: v.float_scalar(np.timedelta64(1, "s"), "k"),
        TYPE, "k = 0:00:01: must be a number, not timedelta64", None, np.timedelta64(1, "s"),
    ),
    "float scalar beyond": (
        lambda: v.float_scalar(10**400, "k"), RANGE, f"k = 1{'0' * 56}...: beyond the range of floats", None, 10**400,
    ),
    "float scalar NaN": (lambda: v.float_scalar(NAN, "k"), RANGE, "k = nan: must be finite", None, NAN),
    "float scalar infinite": (lambda: v.float_scalar(INF, "k"), RANGE, "k = inf: must be finite", None, INF),
    "float scalar NaN where infinity may be": (
        lambda: v.float_scalar(NAN, "k", infinite=True), RANGE, "k = nan: must not be NaN", None, NAN,
    ),
    "float scalar too small": (lambda: v.float_scalar(1, "k", minimum=1.5), RANGE, "k = 1.0: must be >= 1.5", None, 1.0),
    "seed": (lambda: v.seed(-1), RANGE, "seed = -1: must be >= 0", None, -1),
    "large seed": (lambda: v.seed(2**64), RANGE, f"seed = {2**64}: must be <= {2**64 - 1}", None, 2**64),
    "threads": (lambda: v.threads(0), RANGE, "threads = 0: must be >= 1", None, 0),
    "flag": (lambda: v.flag("no", "f"), TYPE, "f = 'no': must be True or False, not str", None, "no"),
    "flags": (lambda: v.flag_list([True, 2], "f"), RANGE, "f[1] = 2: must be True or False", 1, 2),
    "flags of text": (lambda: v.flag_list([True, "x"], "f"), TYPE, "f[1] = 'x': must be True or False, not str", 1, "x"),
    "flags in rows": (lambda: v.flag_list(np.ones((1, 1)), "f"), RANGE, "f: has 2 dimensions, expected 1", None, None),
    "no flags": (lambda: v.flag_list(3, "f"), TYPE, "f: must be a list of True and False, not int", None, None),
    "expected": (lambda: v.expect(None, int, "x", "a number"), TYPE, "x: must be a number, not None", None, None),
    "expected at": (lambda: v.expect("y", int, "x", "a number", index=(2,)), TYPE, "x[2] = 'y': must be a number, not str", 2, "y"),
    "listed": (lambda: v.listed("ab", "x", "things"), TYPE, "x: must be a list of things, not str", None, None),
    "word": (lambda: v.word(3, "w"), TYPE, "w: must be a name, not int", None, None),
    "word of halves": (lambda: v.word(HALF, "w"), RANGE, "w = 'a\\ud800': is not text (it holds half a surrogate pair)", None, HALF),
    "word of the last half": (lambda: v.word("\udfff", "w"), RANGE, "w = '\\udfff': is not text (it holds half a surrogate pair)", None, "\udfff"),
    "rows": (lambda: v.rows(None, "r"), TYPE, "r: must be a list, not None", None, None),
    "rows of a mapping": (lambda: v.rows({}, "r"), TYPE, "r: must be a list, not dict", None, None),
    "rows of a set": (lambda: v.rows({1}, "r"), TYPE, "r: must be a list, not set", None, None),
    "rows of an iterator": (lambda: v.rows(iter([1]), "r"), TYPE, "r: must be a list, not an iterator", None, None),
    "rows of a type": (lambda: v.rows(list, "r"), TYPE, "r: must be a list, not a class", None, None),
    "rows of a value": (lambda: v.rows(np.array(3), "r"), TYPE, "r: must be a list, not a single value", None, None),
    "rows without end": (lambda: v.rows(HUGE, "r"), RANGE, "r: holds 2147483649 numbers, more than 2**31", None, None),
    "path": (lambda: v.path(3), TYPE, "path: must be a path, not int", None, None),
    "path of halves": (lambda: v.path(HALF), RANGE, "path = 'a\\ud800': no file name: it holds half a surrogate pair", None, HALF),
    "path with a null": (lambda: v.path("a\0"), RANGE, "path = 'a\\x00': no file name: it holds a null character", None, "a\0"),
    "names": (lambda: v.name_list("ab", "n"), TYPE, "n: must be a list of strings, not str", None, None),
    "names of a set": (lambda: v.name_list({"a"}, "n"), TYPE, "n: must be a list of strings, not set", None, None),
    "names of a mapping": (lambda: v.name_list({"a": 1}, "n"), TYPE, "n: must be a list of strings, not dict", None, None),
    "names of an iterator": (lambda: v.name_list(iter(["a"]), "n"), TYPE, "n: must be a list of strings, not an iterator", None, None),
    "names of a value": (lambda: v.name_list(np.array("x"), "n"), TYPE, "n: must be a list of strings, not a single value", None, None),
    "name of None": (lambda: v.name_list(["a", None], "n"), TYPE, "n[1] = None: must be a string, not None", 1, None),
    "name of a number": (lambda: v.name_list([3], "n"), TYPE, "n[0] = 3: must be a string, not int", 0, 3),
    "name of halves": (
        lambda: v.name_list([HALF], "n"), RANGE, "n[0] = 'a\\ud800': is not text (it holds half a surrogate pair)", 0, HALF,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_where_and_why(name: str) -> None:
    call, kind, text, index, value = REFUSED[name]
    with pytest.raises(kind) as caught:
        call()
    error: Any = caught.value
    assert str(error) == text
    assert error.field == text.partition(":")[0].partition(" ")[0].partition("[")[0]
    assert error.index == index
    assert error.value == value or value != value
    assert type(error) is kind


ACCEPTED: dict[str, tuple[Callable[[], Any], Any]] = {
    "whole floats": (lambda: v.int_array([1.0, -0.0], "p").tolist(), [1, 0]),
    "the ends of exact floats": (lambda: v.int_array(np.array([2.0**53, -(2.0**53)]), "p").tolist(), [2**53, -(2**53)]),
    "small floats": (lambda: v.int_array(np.array([2.0, 3.0], np.float16), "p").tolist(), [2, 3]),
    "large integers in a list": (lambda: v.int_array([2**63 - 1, -(2**63)], "p").tolist(), [2**63 - 1, -(2**63)]),
    "an exact integer beside floats": (lambda: v.float_array([0.5, 2**53], "p").tolist(), [0.5, 2.0**53]),
    "an empty list of rows": (lambda: v.int_array([], "p", ndim=2, columns=3).shape, (0, 3)),
    "an empty list of rows of any width": (lambda: v.float_array([], "p", ndim=2).shape, (0, 0)),
    "rows of an object array": (lambda: v.int_array(np.array([[1], [2]], object), "p", ndim=2, columns=1).tolist(), [[1], [2]]),
    "a range in a tuple": (lambda: v.int_array((range(2), [3, 4]), "p", ndim=2).tolist(), [[0, 1], [3, 4]]),
    "arrays in a list": (lambda: v.float_array([np.array([1, 2])], "p", ndim=2).tolist(), [[1.0, 2.0]]),
    "a memoryview": (lambda: v.int_array(memoryview(b"ab"), "p").tolist(), [97, 98]),
    "infinity where it may be": (lambda: v.float_array([INF], "p", infinite=True).tolist(), [INF]),
    "infinity that the core judges": (lambda: v.float_array([INF], "p", judge=False).tolist(), [INF]),
    "floats that the core judges": (lambda: v.number_array([INF, 1], "p").tolist(), [INF, 1.0]),
    "integers as they are": (lambda: v.number_array([1, 2], "p").dtype, np.dtype(np.int64)),
    "floats as they are": (lambda: v.number_array(np.array([1.0], np.float32), "p").dtype, np.dtype(np.float64)),
    "unsigned numbers": (lambda: v.number_array(np.array([3], np.uint8), "p").tolist(), [3]),
    "a whole scalar": (lambda: v.int_scalar(np.float64(3), "k", minimum=3, maximum=3), 3),
    "a NumPy scalar": (lambda: v.int_scalar(np.int8(3), "k"), 3),
    "an infinite scalar": (lambda: v.float_scalar(-INF, "k", infinite=True), -INF),
    "a scalar at its minimum": (lambda: v.float_scalar(np.int64(2), "k", minimum=2.0), 2.0),
    "the ends of seeds": (lambda: (v.seed(0), v.seed(2**64 - 1)), (0, 2**64 - 1)),
    "all threads": (lambda: v.threads(None), None),
    "a NumPy flag": (lambda: v.flag(np.True_, "f"), True),
    "flags of files": (lambda: v.flag_list([0, np.int64(1), np.False_], "f"), [False, True, False]),
    "an array of flags": (lambda: v.flag_list(np.array([1, 0]), "f"), [True, False]),
    "a word": (lambda: [v.word(np.str_("heft"), "w"), type(v.word(np.str_("heft"), "w"))], ["heft", str]),
    "somebody else's array": (lambda: v.float_array(Foreign([1.5]), "p").tolist(), [1.5]),
    "somebody else's older array": (lambda: v.float_array(Interface([1.5]), "p").tolist(), [1.5]),
    "rows of an array": (lambda: v.rows(np.array([1, 2]), "r"), [1, 2]),
    "a path": (lambda: v.path(Path("a")), "a"),
    "a path of bytes": (lambda: v.path(b"a"), "a"),
    "no names": (lambda: v.name_list(None, "n"), None),
    "an array of names": (lambda: v.name_list(np.array(["a"]), "n"), ["a"]),
    "names are plain": (lambda: [type(name) for name in v.name_list([np.str_("a")], "n") or []], [str]),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted_and_as_what(name: str) -> None:
    call, expected = ACCEPTED[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = call()
    assert type(got) is type(expected)
    assert got == expected


def test_arrays_of_the_right_type_are_taken_as_they_are() -> None:
    """Neither copied, nor turned, nor judged twice."""
    integers, floats = np.array([1, 2]), np.array([0.5])
    assert v.int_array(integers, "p") is integers
    assert v.float_array(floats, "p") is floats
    assert v.number_array(integers, "p") is integers
    turned = v.int_array(np.array([[1, 2], [3, 4]]).T, "p", ndim=2)
    assert turned.flags.c_contiguous
    assert turned.tolist() == [[1, 3], [2, 4]]
    assert v.float_array(np.arange(4.0)[::2], "p").flags.c_contiguous
    swapped = v.float_array(np.array([1.5]).astype(">f8"), "p")
    assert swapped.dtype.isnative


def test_read_only_copies_are_private() -> None:
    mine = np.array([1, 2])
    copy = v.readonly(mine)
    mine[0] = 5
    assert copy.tolist() == [1, 2]
    assert not copy.flags.writeable
