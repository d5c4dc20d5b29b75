"""Large calls under a limit of the address space: an answer or a `MemoryError`, never the end of the process."""

from __future__ import annotations

import sys

import pytest

from ..memory_limit import outcomes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of the address space are enforced on Linux alone")

SETUP = """
n = 400_000
rng = np.random.default_rng(1)
release, size = np.sort(rng.uniform(0, 1, n)), rng.uniform(1, 2, n)
jobs = sk.online.Jobs(release, size, weight=2.0 ** rng.integers(-680, 320, n))
queue = sk.online.PolicyQueue("srpt")
keys = list(range(n))
"""


@pytest.mark.parametrize(
    "call",
    [
        "sk.online.simulate(jobs, 'srpt', segments=True)",
        "sk.online.simulate(jobs, 'ps')",
        "sk.online.simulate(jobs, 'las')",
        "sk.online.simulate(jobs, 'bansal_dhamdhere')",
        "queue.add_many(keys, size=size)",
    ],
)
def test_memory_that_is_refused(call: str) -> None:
    found = outcomes(SETUP, call, [4, 30, 80, 150])
    assert set(found) <= {"answer", "MemoryError"}, found
    assert found[0] == "MemoryError"
    assert outcomes(SETUP, call, [4000]) == ["answer"]
