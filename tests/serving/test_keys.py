"""Keys of requests that are unusual: texts without UTF-8 of their own, and objects whose comparison calls the engine again."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, cast

import pytest
import schedkit as sk
from schedkit.serving import Admission, Router

HALVES = ("\ud800", "a\udfff", "\udc00\ud800")  # halves of surrogate pairs have no UTF-8 of their own


@pytest.mark.parametrize("policy", ["bounded_load", "dual_hash", "prefix"])
def test_half_surrogate_pairs_are_keys_and_blocks(policy: Any) -> None:
    """They are routed as other texts are: by their own hash, equally in every router."""
    routers = [Router(8, policy, seed=3) for _ in range(2)]
    for key in HALVES:
        places = [router.route(key, 5, prefix=[key, "\udfff"]) for router in routers]
        assert places[0] == places[1]
    copy = pickle.loads(pickle.dumps(routers[0]))
    for key in HALVES:
        for router in (routers[0], copy):
            router.finished(key)
            with pytest.raises(sk.UnknownKeyError):
                router.finished(key)
    assert sum(routers[0].load.values()) == sum(copy.load.values()) == 0


def test_half_surrogate_pairs_in_a_batch() -> None:
    admission: Admission[str] = Admission(100)
    assert admission.admit([(key, 3, 5) for key in HALVES]) == len(HALVES)
    for key in HALVES:
        admission.start(key, 3, 5)
    for key in HALVES:
        assert key in admission
        admission.finished(key, 5)
    assert len(admission) == 0


class Text(str):
    """A text that does something whenever it is compared."""

    act: Callable[[], object]

    def __new__(cls, text: str, act: Callable[[], object]) -> Text:
        made = super().__new__(cls, text)
        made.act = act
        return made

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        self.act()
        return str.__eq__(self, other)


def test_a_comparison_may_call_the_router() -> None:
    router = Router(2, "least_loaded")
    router.route("other", 1)
    seen: list[int] = []

    def look() -> None:
        seen.append(len(router))
        assert router.load

    router.route(Text("a", look), 4)
    router.finished(Text("a", lambda: None))
    assert len(router) == 1
    assert seen


def test_a_comparison_may_end_the_request_that_is_looked_up() -> None:
    """The look-up begins again, and says that the request is not under way any more."""
    router = Router(2, "least_loaded")
    once = iter([True])
    plain = cast(Any, "key")
    held = Text("key", lambda: next(once, False) and router.remove(0))
    router.route(held, 4)
    with pytest.raises(sk.UnknownKeyError):
        router.finished(Text("key", lambda: None))
    assert len(router) == 0
    router.route(plain, 4)
    assert len(router) == 1


def test_a_comparison_may_advance_the_batch() -> None:
    """Each comparison makes a token; the batch holds as many as were made, and lets the request go."""
    admission: Admission[str] = Admission(1000)
    made: list[None] = []

    def advance() -> None:
        made.append(None)
        admission.advance()

    admission.start(Text("a", advance), 3, 50)
    admission.start("b", 10, 50)
    assert Text("a", lambda: None) in admission
    assert made
    assert admission.held == 3 + 10 + 2 * len(made)
    admission.finished(Text("a", lambda: None), 50)
    assert len(admission) == 1
    assert admission.held == 10 + len(made)
