"""Edges of the normalisation that mutation testing found without a witness."""

from __future__ import annotations

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
