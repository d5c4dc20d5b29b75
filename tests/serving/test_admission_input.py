"""What admission refuses, and how it says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.serving import Admission

BAD: list[tuple[str, Any, type[Exception], str]] = [
    ("capacity below 0", lambda: Admission(-1), sk.InvalidInputError, "capacity = -1"),
    ("capacity of text", lambda: Admission("x"), sk.InputTypeError, "capacity"),  # type: ignore[arg-type]
    ("unknown policy", lambda: Admission(5, "no's"), sk.InvalidInputError, "past_future, future"),  # type: ignore[arg-type]
    ("unknown victim", lambda: Admission(5, victim="x"), sk.InvalidInputError, "newest"),  # type: ignore[arg-type]
    ("reserve above 1", lambda: Admission(5, reserve=1.5), sk.InvalidInputError, "reserve = 1.5"),
    ("reserve NaN", lambda: Admission(5, reserve=float("nan")), sk.InvalidInputError, "reserve"),
    ("no samples", lambda: Admission(5, samples=0), sk.InvalidInputError, "samples = 0"),
    ("a window below 0", lambda: Admission(5, window=-1), sk.InvalidInputError, "window = -1"),
    ("a seed below 0", lambda: Admission(5, seed=-1), sk.InvalidInputError, "seed = -1"),
    ("a prompt below 0", lambda: Admission(5).start("a", -1, 2), sk.InvalidInputError, "prompt_tokens = -1"),
    ("a fraction", lambda: Admission(5).start("a", 1.5, 2), sk.SchedkitError, "prompt_tokens"),  # type: ignore[arg-type]
    ("too large", lambda: Admission(5).start("a", 2**60, 2), sk.InvalidInputError, "prompt_tokens"),
    ("larger than any integer", lambda: Admission(5).start("a", 10**30, 2), sk.InvalidInputError, "prompt_tokens"),
    ("waiting without end", lambda: Admission(5).admit(7), sk.InputTypeError, "waiting"),  # type: ignore[arg-type]
    ("a row of text", lambda: Admission(5).admit(["abc"]), sk.InputTypeError, r"waiting\[0\]"),
    ("a short row", lambda: Admission(50).admit([("a", 1, 1), ("b", 1)]), sk.InvalidInputError, r"waiting\[1\]"),
    (
        "a row without prompt",
        lambda: Admission(50).admit([("b", None, 1)]),
        sk.InputTypeError,
        r"prompt_tokens\[0\]",
    ),
    (
        "a row without maximum",
        lambda: Admission(50).admit([("a", 1, 1), ("b", 1, None)]),
        sk.InputTypeError,
        r"max_new_tokens\[1\]",
    ),
    ("a maximum too large", lambda: Admission(2**53).start("a", 1, 2**53), sk.InvalidInputError, "max_new_tokens = 9007"),
    ("no key", lambda: Admission(5).finished(None, 1), sk.UnknownKeyError, "key: None does not run"),
    ("a prefix of truth", lambda: Admission(50).admit([("b", 5, 1, 0, np.True_, 2)]), sk.InputTypeError, r"prefix\[0\]"),
    (
        "a row with a text",
        lambda: Admission(50).admit([("a", 1, 1), ("b", "x", 1)]),
        sk.InputTypeError,
        r"prompt_tokens\[1\] = 'x'",
    ),
    ("a prefix of floats", lambda: Admission(50).admit([("b", 5, 1, 0, 1.5, 2)]), sk.InputTypeError, r"prefix\[0\] = 1.5"),
    (
        "a prefix without length",
        lambda: Admission(50).start("a", 5, 1, prefix="p"),
        sk.InvalidInputError,
        "prefix_tokens: is missing",
    ),
    ("a bad row", lambda: Admission(50).admit([("a", 1, 1), ("b", 1, -4)]), sk.InvalidInputError, r"max_new_tokens\[1\] = -4"),
    ("an unknown key", lambda: Admission(5).finished("x", 1), sk.UnknownKeyError, "key = 'x'"),
    ("nothing to evict", lambda: Admission(5).evict(), IndexError, "no request runs"),
    ("negative tokens", lambda: Admission(5).advance(-1), sk.InvalidInputError, "tokens = -1"),
    ("a time that is not finite", lambda: Admission(5).admit([], now=float("nan")), sk.InvalidInputError, "now = NaN"),
    ("waiting in a mapping", lambda: Admission(5).admit({1: 2}), sk.InputTypeError, "waiting"),
    ("a time that is none", lambda: Admission(5).admit([], now="x"), sk.InputTypeError, "now"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("call", "kind", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


def test_numbers_of_numpy_name_the_same_prefix() -> None:
    numbers: list[Any] = [3, np.int64(3), np.uint8(3), np.array(3)]
    for number in numbers:
        admission: Admission[str] = Admission(100, "future", reserve=0)
        admission.start("a", 50, 1, prefix=number, prefix_tokens=40)
        assert admission.admit([("b", 50, 1, 0, 3, 40), ("c", 50, 1, 0, number, 40)]) == 2
