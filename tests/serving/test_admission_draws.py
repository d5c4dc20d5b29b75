"""What a question to admission may draw, and that a refused one changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schedkit as sk
from schedkit.serving import Admission
from schedkit.serving.admission import AdmissionPolicy

ALL: tuple[AdmissionPolicy, ...] = ("future", "conservative", "aggressive", "past_future")


def state_of(admission: Admission[int]) -> Any:
    """All that a pickle holds but the options."""
    return admission.__reduce__()[2]


@pytest.mark.parametrize("form", [list, iter, lambda rows: [list(row) for row in rows]])
def test_a_refused_question_changes_nothing(form: Callable[[Any], Any]) -> None:
    """Neither the counter of draws nor the lengths that answers have outlived, which a question draws anew."""
    for policy in ALL:
        admission: Admission[int] = Admission(10_000, policy, seed=3)
        for key in range(80):
            admission.start(key, 5, 60)
            if key < 40:
                admission.finished(key, key)
        admission.advance(20)
        state = state_of(admission)
        wrong: list[list[Any]] = [
            [(-1, -1, 1)],
            [(-1, 5, 5), (-2, 5, -5)],
            [*[(-1, 5, 5)] * 12, (-2, 5, -5)],
            [(-1, 5, 5), (-2, 5, "x")],
        ]
        for rows in wrong:
            with pytest.raises(sk.SchedkitError):
                admission.admit(form(rows))
            assert state_of(admission) == state, (policy, rows)
        admission.admit(form([(-1, 5, 5)]))
        assert (state_of(admission) == state) == (policy != "past_future")


def test_drawn_lengths_are_at_most_the_maximum_of_the_request() -> None:
    admission: Admission[int] = Admission(100, "past_future", window=1)
    admission.start(0, 1, 1)
    admission.finished(0, 1000)
    assert admission.admit([(1, 9, 1)]) == 1
    admission.start(1, 9, 5)
    assert admission.peak() == 14
    for held in range(10, 17):
        admission.advance()
        assert admission.peak() == max(14, held)
    assert admission.evict() == 1
    # Its whole answer has 7 to 10 tokens, and each token that is drawn above the 7 is held beside the 16.
    admission.start(1, 16, 3, produced=7)
    assert 16 <= admission.peak() <= 19
