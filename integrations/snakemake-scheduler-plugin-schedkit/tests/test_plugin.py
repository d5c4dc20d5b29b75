"""Decisions, one by one; and the plugin interface's own tests."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_scheduler_plugins.tests import TestSchedulerBase
from snakemake_jobs import UNLIMITED, Dag, Group, Job, scheduler, select
from snakemake_scheduler_plugin_schedkit import Scheduler, SchedulerSettings


class TestInterface(TestSchedulerBase):
    """What every scheduler plugin has to pass."""

    __test__ = True

    def get_scheduler_cls(self) -> type[Scheduler]:
        return Scheduler

    def get_scheduler_settings(self) -> SchedulerSettings:
        return SchedulerSettings()


def test_the_longest_way_goes_first() -> None:
    a, b, c, d = (Job(name) for name in "abcd")
    chosen = scheduler(Dag([a, b, c, d], {c: [b], d: [c]}))
    assert select(chosen, [a, b], _cores=1) == [b]
    assert select(chosen, [a, b], _cores=2) == [b, a]
    assert select(chosen, [a, b]) == [b, a]


def test_priorities_come_before_levels_and_names_after() -> None:
    a, b, c, urgent = Job("a"), Job("b"), Job("c"), Job("z", priority=5)
    chosen = scheduler(Dag([c, b, a, urgent]))
    for _ in range(5):
        ready = random.sample([a, b, c, urgent], 4)
        assert select(chosen, ready, _cores=3) == [urgent, a, b]


def test_durations_from_a_file_then_resources_then_the_default(tmp_path: Path) -> None:
    path = tmp_path / "durations.json"
    path.write_text(json.dumps({"known": 100}))
    known, stated, default = Job("a", rule="known", runtime=999), Job("b", rule="other", runtime=3), Job("c", rule="third")
    late = Job("d", rule="fourth", runtime=lambda: 5)  # a function is not asked
    dag = Dag([known, stated, default, late])
    assert select(scheduler(dag, durations=path, default_duration=150), [known, stated, default], _cores=3) == [
        stated,  # 180 s
        default,
        known,
    ]
    assert select(scheduler(dag), [known, stated, default, late]) == [known, stated, default, late]


@pytest.mark.parametrize("content", ["{", "[1]", '{"a": -1}', '{"a": "1"}', '{"a": true}', '{"a": NaN}', '{"a": Infinity}'])
def test_bad_durations_are_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "durations.json"
    path.write_text(content)
    with pytest.raises(WorkflowError, match=r"durations\.json"):
        scheduler(Dag([]), durations=path)
    with pytest.raises(WorkflowError, match="cannot read"):
        scheduler(Dag([]), durations=tmp_path / "missing.json")


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan")])
def test_bad_defaults_are_refused(seconds: float) -> None:
    with pytest.raises(WorkflowError, match="finite"):
        SchedulerSettings(default_duration=seconds)


def test_resources_are_respected_and_smaller_jobs_pass() -> None:
    big, middle, small = Job("a", cores=4, mem_mb=100), Job("b", cores=3, mem_mb=900), Job("c", cores=1, mem_mb=50)
    chosen = scheduler(Dag([big, middle, small]))
    assert select(chosen, [big, middle, small], _cores=5, mem_mb=1000) == [big, small]
    assert select(chosen, [big, middle, small], _cores=4, mem_mb=949) == [big]
    assert select(chosen, [big, middle, small], _cores=4, mem_mb=60) == [small]
    assert select(chosen, [big, middle, small], _cores=0) == []


def test_wide_jobs_are_not_passed_without_backfilling() -> None:
    wide, middle, small = Job("a", cores=4, mem_mb=100), Job("b", cores=3, mem_mb=900), Job("c", cores=1, mem_mb=50)
    ready = [wide, middle, small]
    strict, greedy = (scheduler(Dag(ready), backfill=word) for word in ("none", "greedy"))
    for chosen in (strict, greedy):
        assert select(chosen, ready, _cores=8, mem_mb=1000) == ready[:2]  # the most that there is
    assert select(greedy, ready, _cores=3, mem_mb=1000) == [middle]
    assert select(strict, ready, _cores=3, mem_mb=1000) == []
    assert select(strict, ready, _cores=4, mem_mb=1000) == [wide]
    assert select(strict, ready, _cores=7, mem_mb=1000) == [wide, middle]
    assert select(strict, [middle, small], _cores=3, mem_mb=1000) == [middle]


def test_a_job_that_never_fits_stops_no_other_one() -> None:
    huge, small = Job("a", cores=9), Job("b", cores=1)
    chosen = scheduler(Dag([huge, small]), backfill="none")
    assert select(chosen, [huge, small], _cores=8) == [small]


def test_unknown_backfilling_is_refused() -> None:
    with pytest.raises(WorkflowError, match=r"--scheduler-schedkit-backfill is 'easy', expected 'greedy' or 'none'"):
        SchedulerSettings(backfill="easy")


def test_unlimited_and_unknown_resources_never_hinder() -> None:
    jobs = [Job(f"{k:03}", cores=7, gpu=3, license="text") for k in range(200)]
    chosen = scheduler(Dag(jobs))
    assert select(chosen, jobs) == jobs
    assert select(chosen, jobs, gpu=UNLIMITED - 600) == jobs  # less what runs already
    assert len(select(chosen, jobs, gpu=7)) == 2
    assert select(chosen, jobs, license="text") == jobs
    assert len(select(chosen, jobs, _job_count=5)) == 5  # a rate limit


def test_random_rounds_never_exceed_what_is_free() -> None:
    rng = random.Random(4)
    for _ in range(50):
        jobs = [Job(str(k), cores=rng.randint(1, 4), mem_mb=rng.randint(0, 9), priority=rng.randint(0, 2)) for k in range(30)]
        before: dict[Any, list[Any]] = {jobs[k]: rng.sample(jobs[:k], min(k, 2)) for k in range(30)}
        chosen, ready = scheduler(Dag(jobs, before)), rng.sample(jobs, 20)
        free = {"_cores": rng.randint(0, 12), "mem_mb": rng.randint(0, 20)}
        selected = select(chosen, ready, **free)
        assert len(set(map(id, selected))) == len(selected)
        left = {name: amount - sum(job.scheduler_resources[name] for job in selected) for name, amount in free.items()}
        assert min(left.values()) >= 0
        # Nothing that would still fit is left behind.
        for job in set(ready) - set(selected):
            assert any(job.scheduler_resources[name] > amount for name, amount in left.items())


def test_a_job_that_needs_more_at_its_next_attempt() -> None:
    job, other = Job("a", mem_mb=10), Job("b", mem_mb=10)
    chosen = scheduler(Dag([job, other]))
    assert select(chosen, [job, other], mem_mb=20) == [job, other]
    job.scheduler_resources["mem_mb"] = 15
    assert select(chosen, [job, other], mem_mb=12) == [other]


def test_jobs_that_appear_later_are_ranked() -> None:
    a, b = Job("a"), Job("b")
    dag = Dag([a])
    chosen = scheduler(dag)
    assert select(chosen, [a]) == [a]
    c = Job("c")
    dag.jobs += [b, c]
    dag.before[c] = [b]
    assert select(chosen, [a, b], _cores=1) == [b]


def test_groups_stand_where_their_most_urgent_member_stands() -> None:
    a, b, c, d = (Job(name) for name in "abcd")
    group = Group(a, b)
    chosen = scheduler(Dag([a, b, c, d], {d: [b]}))
    assert select(chosen, [c, group], _cores=1) == [group]
    assert select(chosen, [Job("unknown"), c], _cores=1) == [c]


def test_jobs_are_looked_up_once() -> None:
    """Caches are kept by identity: a second round asks only what it might take."""
    asked: list[str] = []

    class Counting(Job):
        def __init__(self, name: str) -> None:
            super().__init__(name, mem_mb=10)
            self.own = self.__dict__.pop("scheduler_resources")

        def __getattr__(self, name: str) -> Any:
            assert name == "scheduler_resources"
            asked.append(self.name)
            return self.own

    jobs = [Counting(f"{k:03}") for k in range(1000)]
    chosen = scheduler(Dag(jobs))
    assert select(chosen, jobs, mem_mb=5) == []
    assert len(asked) == 1000
    asked.clear()
    assert select(chosen, jobs, mem_mb=5) == []
    assert len(asked) == 32  # the first portion, then all the others are known to ask too much
    asked.clear()
    assert select(chosen, jobs, _cores=2) == jobs[:2]
    assert asked == ["000", "001"]


def test_a_graph_that_cannot_be_ranked_leaves_it_to_snakemake(caplog: pytest.LogCaptureFixture) -> None:
    a, b = Job("a"), Job("b")
    chosen = scheduler(Dag([a, b], {a: [b], b: [a]}))
    assert chosen.select_jobs([a, b], [a, b], {"_cores": 1}, {}) is None
    assert "greedy takes over" in caplog.text
