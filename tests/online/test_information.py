"""A policy sees what its information model reveals and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.online import POLICIES, EstimatedJob, JobView, OperationJob, SizedJob

SEEN: dict[str, set[str]] = {
    "nothing": set(),
    "size": {"size", "remaining"},
    "estimate": {"estimate"},
    "operation": {"operation_size", "operation_remaining"},
}
ALWAYS = {"index", "release_time", "weight", "deadline", "attained"}
VIEWS = {"nothing": JobView, "size": SizedJob, "estimate": EstimatedJob, "operation": OperationJob}


@pytest.mark.parametrize("model", SEEN)
def test_a_view_has_no_more_than_its_model(model: str) -> None:
    views: list[JobView] = []

    class Spy(sk.online.Policy):
        information = model  # type: ignore[assignment]

        def rank(self, now: float, job: JobView) -> float:
            views.append(job)
            return job.release_time

    jobs = sk.online.Jobs([0, 1], operations=[[2, 3], [1]], estimate=[4, 4])
    sk.online.simulate(jobs, Spy())
    assert views
    for view in views:
        assert type(view) is VIEWS[model]
        assert {name for name in dir(view) if not name.startswith("_")} == ALWAYS | SEEN[model]
        assert not hasattr(view, "__dict__")
        with pytest.raises(AttributeError):
            view.attained = 1.0


def test_an_operation_is_visible_when_it_starts() -> None:
    seen: list[tuple[float, float, float]] = []

    class Spy(sk.online.Policy):
        information = "operation"

        def rank(self, now: float, job: OperationJob) -> float:
            if job.index == 0:
                seen.append((now, job.operation_size, job.operation_remaining))
            return job.index

    sk.online.simulate(sk.online.Jobs([0, 1, 2], operations=[[2, 3], [1], [1]]), Spy())
    assert (0.0, 2.0, 2.0) in seen
    assert (1.0, 2.0, 1.0) in seen
    assert (2.0, 3.0, 3.0) in seen
    assert all(size == 2.0 for now, size, _ in seen if now < 2.0)


def hidden_twin(name: str) -> tuple[sk.online.Jobs, sk.online.Jobs, float]:
    """Two streams that differ only in what the policy cannot know before the returned moment."""
    rng = np.random.default_rng(3)
    release = np.sort(rng.integers(0, 12, 8)).astype(float)
    size = rng.integers(4, 9, 8).astype(float)
    rows = [[2.0, s - 2.0] for s in size]
    information = POLICIES[name].information
    columns: dict[str, Any] = {"estimate": size + rng.integers(-2, 3, 8), "deadline": release + 30}
    if information == "operation":
        other = [[2.0, s + 5.0 - j] for j, (_, s) in enumerate(rows)]
        return sk.online.Jobs(release, operations=rows, **columns), sk.online.Jobs(release, operations=other, **columns), 2.0
    other_size = size + np.arange(8) % 3 + 1
    return sk.online.Jobs(release, size, **columns), sk.online.Jobs(release, other_size, **columns), 0.0


@pytest.mark.parametrize("name", [n for n in POLICIES if POLICIES[n].information in ("nothing", "estimate", "operation")])
def test_what_is_hidden_changes_nothing_until_it_shows(name: str) -> None:
    one, two, grain = hidden_twin(name)
    a, b = (sk.online.simulate(jobs, name, segments=True) for jobs in (one, two))
    assert a.segments is not None
    assert b.segments is not None
    # Nothing is revealed before the first completion, or before the first operation's end.
    first = min(a.completion_time.min(), b.completion_time.min())
    until = float(one.release_time.min()) + grain if grain else float(first)

    def before(s: sk.online.Segments) -> list[tuple[int, float, float]]:
        rows = [(job, start, min(end, until)) for job, _, start, end in s if start < until]
        return sorted(rows)

    assert before(a.segments) == before(b.segments)
    assert before(a.segments)


def test_custom_policies_equal_those_of_the_package() -> None:
    class Custom(sk.online.Policy):
        information = "size"

        def rank(self, now: float, job: SizedJob) -> float:
            return job.remaining

    class Operations(sk.online.Policy):
        information = "operation"

        def rank(self, now: float, job: OperationJob) -> float:
            return job.operation_remaining

    class Turns(sk.online.Policy):
        def rank(self, now: float, job: JobView) -> float:
            return job.attained

        def review(self, job: JobView) -> float:
            return 1.0

    rng = np.random.default_rng(4)
    for _ in range(40):
        n = int(rng.integers(1, 9))
        release = np.sort(rng.integers(0, 9, n))
        jobs = sk.online.Jobs(release, rng.integers(0, 6, n))
        for servers in (1, 2):
            mine = sk.online.simulate(jobs, Custom(), servers=servers, segments=True)
            assert sk.check(jobs, mine) == []
            assert mine.completion_time.tolist() == sk.online.simulate(jobs, "srpt", servers=servers).completion_time.tolist()
        turns = sk.online.simulate(jobs, Turns(), segments=True)
        assert sk.check(jobs, turns) == []
        gradual = sk.online.Jobs(np.arange(n) * 2, operations=[rng.integers(1, 6, 3).tolist() for _ in range(n)])
        assert sk.check(gradual, sk.online.simulate(gradual, Operations(), segments=True)) == []


def test_an_exception_in_a_policy_propagates() -> None:
    class Broken(sk.online.Policy):
        def rank(self, now: float, job: JobView) -> float:
            if now > 0:
                raise RuntimeError("no idea")
            return 0.0

    class NotANumber(sk.online.Policy):
        def rank(self, now: float, job: JobView) -> float:
            return float("nan")

    class NoTime(sk.online.Policy):
        def rank(self, now: float, job: JobView) -> float:
            return 0.0

        def review(self, job: JobView) -> float:
            return 0.0

    class Huge(sk.online.Policy):
        def rank(self, now: float, job: JobView) -> float:
            return 10**400

    class Several(sk.online.Policy):
        def rank(self, now: float, job: JobView) -> Any:
            return np.array([1.0, 2.0])

    jobs = sk.online.Jobs([0, 1], [3, 1])
    with pytest.raises(sk.InvalidInputError, match=r"rank = 10+.*beyond the range of floats"):
        sk.online.simulate(jobs, Huge())
    with pytest.raises(sk.InputTypeError, match="rank: must be a number, not ndarray"):
        sk.online.simulate(jobs, Several())
    with pytest.raises(RuntimeError, match="no idea"):
        sk.online.simulate(jobs, Broken())
    with pytest.raises(sk.InvalidInputError, match=r"rank.*NaN"):
        sk.online.simulate(jobs, NotANumber())
    with pytest.raises(sk.InvalidInputError, match="review"):
        sk.online.simulate(jobs, NoTime())
    with pytest.raises(TypeError, match="rank"):
        sk.online.simulate(jobs, sk.online.Policy())  # type: ignore[abstract]
