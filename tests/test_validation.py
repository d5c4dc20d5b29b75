"""Edges of the normalisation that mutation testing found without a witness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit import _validation


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 2**64])
def test_integers_beyond_64_bits_are_named(value: int) -> None:
    with pytest.raises(sk.InvalidInputError, match="beyond the 64-bit range") as caught:
        _validation.int_array(np.array([1, value], dtype=object), "p")
    assert (caught.value.field, caught.value.index, caught.value.value) == ("p", 1, value)


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63)])
def test_the_ends_of_64_bits_are_legal(value: int) -> None:
    assert _validation.int_array(np.array([1, value], dtype=object), "p").tolist() == [1, value]


@pytest.mark.parametrize(("value", "legal"), [(0, False), (1, True), (2**31, True), (2**31 + 1, False)])
def test_the_range_of_threads(value: int, legal: bool) -> None:
    if legal:
        assert _validation.threads(value) == value
        return
    with pytest.raises(sk.InvalidInputError, match="threads"):
        _validation.threads(value)


@pytest.mark.parametrize(("value", "kind"), [(None, "None"), ("x", "str"), ([], "list"), (1j, "complex")])
@pytest.mark.parametrize("scalar", [_validation.int_scalar, _validation.float_scalar])
def test_what_is_no_number_is_named_by_its_type(scalar: Any, value: Any, kind: str) -> None:
    with pytest.raises(sk.InputTypeError) as caught:
        scalar(value, "k")
    assert str(caught.value).endswith(f"must be a number, not {kind}")


def test_long_values_are_shortened() -> None:
    with pytest.raises(sk.InvalidInputError) as caught:
        _validation.int_scalar(10**60, "k", maximum=1)
    assert str(caught.value) == f"k = 1{'0' * 56}...: must be <= 1"
    with pytest.raises(sk.InvalidInputError) as caught:
        _validation.int_scalar(10**59, "k", maximum=1)
    assert str(caught.value) == f"k = 1{'0' * 59}: must be <= 1"


def test_floats_are_whole_numbers_up_to_two_to_the_53() -> None:
    assert _validation.int_array(np.array([2.0**53, -(2.0**53)]), "p").tolist() == [2**53, -(2**53)]
    with pytest.raises(sk.InvalidInputError, match="is not exact"):
        _validation.int_array(np.array([2.0**53 + 2]), "p")


@pytest.mark.parametrize("value", [np.array([], dtype=bool), np.array("x"), np.array(["x"])])
def test_arrays_of_no_numbers_are_refused_whatever_their_shape(value: Any) -> None:
    with pytest.raises(sk.InputTypeError, match="must hold numbers"):
        _validation.int_array(value, "p")


@pytest.mark.parametrize("value", [2**63, 2**63 + 1])
def test_unsigned_integers_beyond_the_range_are_refused(value: int) -> None:
    assert _validation.int_array(np.array([2**63 - 1], dtype=np.uint64), "p").tolist() == [2**63 - 1]
    with pytest.raises(sk.InvalidInputError, match="beyond the 64-bit range"):
        _validation.int_array(np.array([value], dtype=np.uint64), "p")


@pytest.mark.parametrize("path", ["half \ud800", "null \0"])
def test_paths_that_no_file_can_have(path: str) -> None:
    for read in (sk.rcpsp.read, sk.dag.read_stg, sk.rcpsp.ramp.read_instances):
        with pytest.raises(sk.InvalidInputError, match="no file name"):
            read(path)


def test_integers_that_a_float_would_round_are_refused() -> None:
    unix_nanoseconds = 1_700_000_000_000_000_001
    refused: list[Callable[[], object]] = [
        lambda: _validation.float_array([unix_nanoseconds, 1], "t"),
        lambda: _validation.float_array(np.array([unix_nanoseconds, 1]), "t"),
        lambda: _validation.float_array(np.array([2**63 + 1, 1], dtype=np.uint64), "t"),
        lambda: _validation.float_array((-unix_nanoseconds, 1), "t"),
        lambda: _validation.float_scalar(unix_nanoseconds, "t"),
        lambda: _validation.float_scalar(np.uint64(2**63 + 1), "t"),
    ]
    for call in refused:
        with pytest.raises(sk.InvalidInputError, match="integer beyond 2\\*\\*53 that a float would round"):
            call()
    assert _validation.float_array([2**53, 2**60, -(2**63)], "t").tolist() == [2.0**53, 2.0**60, -(2.0**63)]
    assert _validation.float_scalar(2**60, "t") == 2.0**60
    assert _validation.time_limit(2**63 - 1) == 2.0**63  # "no limit" in many programs


def test_ranges_are_read_without_an_object_for_each_number() -> None:
    assert _validation.int_array(range(5, 0, -2), "p").tolist() == [5, 3, 1]
    assert _validation.int_array(range(0), "p").tolist() == []
    assert _validation.float_array(range(3), "p").tolist() == [0.0, 1.0, 2.0]
    ends = [-(2**63), 2**63 - 1]
    assert _validation.int_array(range(ends[0], ends[1] + 1, 2**64 - 1), "p").tolist() == ends
    with pytest.raises(sk.InvalidInputError, match=r"p\[1\] = 9223372036854775808: beyond the 64-bit range"):
        _validation.int_array(range(2**63 - 1, 2**63 + 2), "p")
    for call in (_validation.int_array, _validation.float_array, _validation.rows, _validation.name_list):
        with pytest.raises(sk.InvalidInputError, match="more than 2"):
            call(range(2**36), "p")
        with pytest.raises(sk.InvalidInputError, match="more items than a computer can count"):
            call(range(2**80), "p")
    with pytest.raises(sk.InvalidInputError, match="more than 2"):
        _validation.int_array([range(2**36)], "p", ndim=2)
