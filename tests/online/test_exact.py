"""The sharing policies against exact rationals: every digit, and every tie that theory makes."""

from __future__ import annotations

import math
import os
from fractions import Fraction

import numpy as np
import pytest
import schedkit as sk

from . import exact

INSTANCES = max(1, int(os.environ.get("SCHEDKIT_INSTANCES", "60")) // 4)


def exact_jobs(jobs: sk.online.Jobs) -> list[exact.Job]:
    """The same jobs for the oracle."""
    n = jobs.num_jobs
    estimate = np.zeros(n) if jobs.estimate is None else jobs.estimate
    deadline = np.full(n, math.inf) if jobs.deadline is None else jobs.deadline
    rows = zip(jobs.release_time.tolist(), jobs.processing_time.tolist(), estimate.tolist(), deadline.tolist(), strict=True)
    return [
        exact.Job(k, Fraction(r), Fraction(p), Fraction(z), d if math.isinf(d) else Fraction(d))
        for k, (r, p, z, d) in enumerate(rows)
    ]


def assert_exact(jobs: sk.online.Jobs, name: str, note: str = "", digits: int = 2) -> None:
    """Equal but for the rounding of the answer itself."""
    got = sk.online.simulate(jobs, name).completion_time
    expected = np.array([float(c) for c in exact.completion_times(exact_jobs(jobs), name)])
    np.testing.assert_array_less(np.abs(got - expected), digits * np.spacing(np.abs(expected)) + 5e-324, err_msg=note)


@pytest.mark.parametrize("name", ["ps", *exact.RULES])
@pytest.mark.parametrize(
    ("whole", "start", "unit"),
    [(True, 0.0, 1.0), (False, 0.0, 1.0), (True, 1.7e9, 2.0**-10), (False, 1.7e9, 1e-3), (True, 0.0, 1e-30), (True, 1e17, 1.0)],
    ids=["whole", "real", "thousandths today", "thousandths today, real", "tiny", "less than a digit of the clock"],
)
def test_every_digit(name: str, whole: bool, start: float, unit: float) -> None:
    rng = np.random.default_rng(5)
    for trace in range(INSTANCES):
        n = int(rng.integers(1, 24))
        draw = rng.integers if whole else rng.uniform
        release = draw(0, 4 * n // 3 + 2, n) * 1.0
        deadline = np.where(rng.random(n) < 0.2, np.inf, release + rng.integers(0, 30, n))
        size, estimate = draw(0, 16, n) * unit, rng.integers(0, 16, n) * unit
        jobs = sk.online.Jobs(start + release * unit, size, estimate=estimate, deadline=start + deadline * unit)
        # An end within two digits of an arrival counts as at that instant: where all lies within one, each job may add some.
        assert_exact(jobs, name, str(trace), digits=2 * n + 2 if start == 1e17 else 2)


def test_a_tie_after_many_shares() -> None:
    """Job 0 is done when job 4 catches up, at 24; a crumb of 10^-15 left of it would wait until 34."""
    jobs = sk.online.Jobs(
        [3, 16, 14, 5, 22, 13, 24, 3, 23], [6, 4, 1, 6, 6, 7, 15, 6, 4], deadline=[19, 16, 18, 23, 25, 24, 24, 6, math.inf]
    )
    assert sk.online.simulate(jobs, "llf").completion_time.tolist() == [24, 20, 21, 50, 54, 53, 53, 9, 58]
    assert_exact(jobs, "llf")


def test_who_becomes_known_at_a_tie_goes_on() -> None:
    """At 22 the size of job 1 becomes known with 1 left, as much as of job 10, which waits: the served one stays."""
    release = [6, 17, 7, 6, 4, 18, 17, 11, 18, 0, 3, 17, 11]
    jobs = sk.online.Jobs(release, [12, 2, 14, 1, 2, 13, 6, 8, 5, 11, 4, 5, 7])
    assert sk.online.simulate(jobs, "slf").completion_time[[1, 10]].tolist() == [23, 24]
    assert_exact(jobs, "slf")


def test_less_than_a_digit_is_a_tie() -> None:
    """At 0.4 job 1 has 0.8 - (0.4 - 0.1) left of its estimate: 0.5 and 3e-17, and as a float 0.5 like job 0. So it goes on."""
    for unit in (0.1, 1.0):
        release, size, estimate = (unit * np.array(column, dtype=float) for column in ([4, 1], [3, 5], [5, 8]))
        jobs = sk.online.Jobs(release, size, estimate=estimate)
        np.testing.assert_allclose(sk.online.simulate(jobs, "srpt_b").completion_time / unit, [9, 6], rtol=1e-12)
