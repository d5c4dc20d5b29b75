"""One decision of a Snakemake scheduler at 10,000 ready jobs: the plugin against the greedy default, in one run.

Both get the same jobs, resources and input sizes through the plugin interface. The first decision of the plugin, which ranks
the whole workflow, is recorded separately. The selected jobs are checked against the resources before the clock starts.
"""

from __future__ import annotations

import importlib
import logging
from pathlib import Path
from typing import Any

import pytest

from benches.measure import seconds

PLUGIN = Path(__file__).parents[1] / "integrations" / "snakemake-scheduler-plugin-schedkit"
READY = 10_000
FREE: dict[str, dict[str, int]] = {
    "1 core": {"_cores": 1},
    "2 cores": {"_cores": 2},
    "16 cores": {"_cores": 16},
    "64 cores": {"_cores": 64},
    "256 cores": {"_cores": 256},
    "memory for two jobs": {"_cores": 100, "mem_mb": 200},
}


@pytest.mark.parametrize("free", FREE)
def test_a_decision(benchmark: Any, free: str, monkeypatch: pytest.MonkeyPatch) -> None:
    greedy = pytest.importorskip("snakemake.scheduling.greedy", reason="snakemake is not installed")
    for folder in (PLUGIN / "src", PLUGIN / "tests"):
        monkeypatch.syspath_prepend(str(folder))
    jobs_module = importlib.import_module("snakemake_jobs")  # those of the plugin's own tests
    jobs = [jobs_module.Job(f"{k:05}", cores=1 + k % 4, mem_mb=100 * (k % 3 + 1)) for k in range(READY)]
    last = jobs_module.Job("last")
    dag = jobs_module.Dag([*jobs, last], {last: jobs})
    sizes = {path: 1000 for job in jobs for path in job.input}
    unlimited = jobs_module.UNLIMITED
    resources = {"_cores": unlimited, "_nodes": unlimited, "_job_count": unlimited, "mem_mb": 10**6, **FREE[free]}
    theirs = greedy.Scheduler(dag, greedy.SchedulerSettings(), logging.getLogger("greedy"))
    ours = jobs_module.scheduler(dag)

    def decide(scheduler: Any) -> list[Any]:
        return list(scheduler.select_jobs(jobs, jobs, resources, sizes))

    (first,) = seconds(lambda: decide(jobs_module.scheduler(dag)), repeat=1)
    for scheduler in (ours, theirs):
        selected = decide(scheduler)
        assert selected
        for name in ("_cores", "mem_mb"):
            assert sum(job.scheduler_resources[name] for job in selected) <= resources[name]
    mine, greedys = seconds(lambda: decide(ours), lambda: decide(theirs), repeat=5)
    benchmark.extra_info |= {
        "family": "embedding",
        "instance": f"{READY} ready jobs, free: {free}",
        "selected": [len(decide(ours)), len(decide(theirs))],
        "milliseconds": round(1e3 * mine, 3),
        "milliseconds, greedy": round(1e3 * greedys, 1),
        "milliseconds, first decision": round(1e3 * first, 1),
        "greedy takes longer by": round(greedys / mine),
    }
    benchmark(decide, ours)
