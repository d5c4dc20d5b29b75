"""What a router refuses, and how it says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.serving import Router

BAD: list[tuple[str, Any, type[Exception], str]] = [
    ("unknown policy", lambda: Router(2, "no's"), sk.InvalidInputError, "two_choices"),  # type: ignore[arg-type]
    ("replicas below 0", lambda: Router(-1), sk.InvalidInputError, "replicas = -1"),
    ("a replica that comes again", lambda: Router([3, 4, 3]), sk.InvalidInputError, r"replicas\[2\] = 3: is there already"),
    ("weights too short", lambda: Router(2, weights=[1]), sk.InvalidInputError, "weights"),
    ("a weight of 0", lambda: Router(2, weights=[1, 0]), sk.InvalidInputError, r"weights\[1\] = 0"),
    ("epsilon below 0", lambda: Router(2, epsilon=-1), sk.InvalidInputError, "epsilon = -1"),
    ("an objective without rate", lambda: Router(2, "dual_hash", ttft=1.0), sk.InvalidInputError, "ttft: needs rate"),
    ("a rate of 0", lambda: Router(2, "dual_hash", ttft=1.0, rate=0), sk.InvalidInputError, "rate = 0"),
    ("nowhere to go", lambda: Router(0).route("a"), sk.InvalidInputError, "replicas"),
    ("a key of another type", lambda: Router(2).route(1.5), sk.InputTypeError, "key"),  # type: ignore[arg-type]
    ("a block of another type", lambda: Router(2, "prefix").route("a", 1, [1, 1.5]), sk.InputTypeError, r"prefix\[1\] = 1.5"),  # type: ignore[list-item]
    (
        "blocks without order",
        lambda: Router(2, "prefix").route("a", 1, {1, 2}),
        sk.InputTypeError,
        "prefix: must be a sequence",
    ),
    ("blocks of bytes", lambda: Router(2, "prefix").route("a", 1, b"ab"), sk.InputTypeError, "prefix: must be a sequence"),
    ("a key without a hash", lambda: Router(2).finished([]), sk.InputTypeError, "key"),  # type: ignore[arg-type]
    ("an empty choice", lambda: Router(2).route("a", among=[]), sk.InvalidInputError, "among: there is none"),
    ("a choice of no sequence", lambda: Router(2).route("a", among=5), sk.InputTypeError, "among: must be a sequence"),  # type: ignore[arg-type]
    ("blocks in a single value", lambda: Router(2, "prefix").route("a", 1, np.array(3)), sk.InputTypeError, "prefix: must be"),
    (
        "a choice without end",
        lambda: Router(2).route("a", among=range(2**40)),
        sk.InvalidInputError,
        "among: has 1,099,511,627,776",
    ),
    (
        "a choice of many",
        lambda: Router(2).route("a", among=np.broadcast_to(1, 2**40)),
        sk.InvalidInputError,
        "at most 65,536 ids",
    ),
    (
        "more blocks than a prompt has",
        lambda: Router(2, "prefix").route("a", 1, np.broadcast_to(1, 2**40)),
        sk.InvalidInputError,
        "prefix: has 1,099,511,627,776 entries, expected at most 16,777,216 blocks",
    ),
    ("an id that is not there", lambda: Router(2).route("a", among=[0, 5]), sk.InvalidInputError, r"among\[1\] = 5"),
    ("tokens below 0", lambda: Router(2).route("a", -1), sk.InvalidInputError, "tokens = -1"),
    ("a key that is not under way", lambda: Router(2).finished("a"), sk.UnknownKeyError, "key = 'a'"),
    ("more replicas than any router has", lambda: Router(2**16 + 1), sk.InvalidInputError, "replicas = 65537"),
    ("an end at no time", lambda: Router(2).finished("a", now=float("inf")), sk.InvalidInputError, "now = inf"),
    ("a replica that is not there", lambda: Router(2).remove(7), sk.UnknownKeyError, "replica = 7"),
    ("a replica that is there", lambda: Router(2).add(1), sk.InvalidInputError, "replica = 1"),
]


@pytest.mark.parametrize(("call", "kind", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()
