"""Random streams with failures, losses, joins and cancelled jobs, on a simulated host with a real timeline."""

from __future__ import annotations

import math

import numpy as np
import pytest
import schedkit as sk

from .stream_host import Host

POLICY_AND_KEY = [(policy, sk.dag.KEYS[k]) for k, policy in enumerate(sk.dag.POLICIES)]


def random_graph(rng: np.random.Generator, width: int) -> sk.dag.TaskGraph:
    n = int(rng.integers(1, 9))
    cost = np.where(rng.random((n, width)) < 0.2, math.inf, rng.choice([0.0, 1.0, 2.0, 5.0, 7.5], (n, width)))
    cost[np.isinf(cost).all(axis=1), -1] = 3.0
    label = rng.permutation(n)
    edges = [(int(label[a]), int(label[b])) for a in range(n) for b in range(a + 1, n) if rng.random() < 0.4]
    return sk.dag.TaskGraph(cost, edges, rng.choice([0.0, 1.0, 4.0], len(edges)))


def add_processor(host: Host, rng: np.random.Generator, *, able: bool = False) -> None:
    """One that can run most tasks of most jobs, or all of them."""
    cost = {}
    for job in host.under_way():
        n = len(host.cost[job])
        if able or rng.random() < 0.8:
            cost[job] = np.where(rng.random(n) < (0.0 if able else 0.2), math.inf, rng.choice([0.0, 1.0, 4.0], n)).tolist()
    to, back = rng.choice([0.5, 1.0, 4.0], (2, host.width)).tolist()
    host.join(cost, to, back, float(rng.choice([0.0, 0.5])), old=skewed(rng))


def skewed(rng: np.random.Generator) -> float:
    return float(rng.choice([0.0, 0.0, 0.0, 1e-6, 0.25]))


def start_elsewhere(host: Host, rng: np.random.Generator) -> bool:
    """Starts a random task on a random idle processor where its data are, whatever was assigned."""
    able = [
        (task, p)
        for task in sorted(host.phase)
        if host.startable(task)
        for p in host.present()
        if p not in host.running and host.cost[task[0]][task[1]][p] < math.inf and host.arrival(task, p) <= host.time
    ]
    if able:
        task, p = able[rng.integers(len(able))]
        host.start(task, p, elsewhere=True, old=skewed(rng))
    return bool(able)


def run(seed: int, policy: str, key: str, kind: type[Host] = Host) -> Host:
    """Three to five jobs, whose tasks take up to twice their cost, and up to fifteen accidents; then all runs to its end."""
    rng = np.random.default_rng(seed)
    width = int(rng.integers(1, 5))
    links = rng.choice([0.5, 1.0, 4.0, math.inf], (width, width)).tolist(), rng.choice([0.0, 0.5], (width, width)).tolist()
    host = kind(*links, policy=policy, key=key, delta=0.05, phi=0.05)
    ends: dict[int, tuple[float, tuple[int, int]]] = {}
    jobs, accidents = int(rng.integers(3, 6)), int(rng.integers(0, 16))
    for _ in range(10_000):
        # What ends now, ends; reports of cancelled and lost tasks do not come.
        ends = {p: (end, task) for p, (end, task) in ends.items() if host.running.get(p) == task}
        for p, (end, _) in sorted(ends.items()):
            if end <= host.now and host.running.get(p) == ends.pop(p)[1]:
                if accidents and rng.random() < 0.15:
                    accidents -= 1
                    host.fail(p, old=skewed(rng))
                else:
                    host.finish(p, old=skewed(rng))
                host.compare()
        if jobs and rng.random() < 0.4:
            jobs -= 1
            host.submit(random_graph(rng, host.width), old=skewed(rng))
        if accidents and rng.random() < 0.5:
            accidents -= 1
            accident(host, rng)
        if not accidents and host.unrunnable():
            add_processor(host, rng, able=True)
        host.compare()
        for task, p in host.decide(old=skewed(rng) if accidents else 0.0):
            host.start(task, p, old=skewed(rng))
        for p, task in host.running.items():
            if p not in ends or ends[p][1] != task:
                ends[p] = (host.now + host.cost[task[0]][task[1]][p] * (0.5 + 1.5 * rng.random()), task)
        if not host.under_way() and not jobs:
            return host
        moments = [end for p, (end, task) in ends.items() if host.running.get(p) == task]
        wake = host.wake()
        if not jobs and not accidents:
            assert min([*moments, wake]) < math.inf  # nothing waits for ever
        host.advance(min([*moments, wake, *([host.now + rng.random()] if jobs or accidents else [])]))
    raise AssertionError("the stream does not end")


def accident(host: Host, rng: np.random.Generator) -> None:
    kind = rng.choice(["lose", "join", "cancel", "elsewhere", "pickle", "copy"], p=[0.35, 0.2, 0.05, 0.25, 0.1, 0.05])
    if kind == "lose" and host.present():
        host.lose(int(rng.choice(host.present())), old=skewed(rng))
    elif kind == "join":
        add_processor(host, rng)
    elif kind == "cancel" and host.under_way():
        host.cancel(int(rng.choice(host.under_way())), old=skewed(rng))
    elif kind == "elsewhere":
        start_elsewhere(host, rng)
    elif kind in ("pickle", "copy"):
        host.reload(by_copy=kind == "copy")


@pytest.mark.parametrize(("policy", "key"), POLICY_AND_KEY)
@pytest.mark.parametrize("part", range(4))
def test_every_job_that_is_not_cancelled_completes(policy: str, key: str, part: int) -> None:
    """1,000 random graphs and more: 4 policies x 4 x 20 streams of 3 to 5 jobs."""
    happened = {"runs": 0, "again": 0, "lost": 0, "joined": 0, "cancelled": 0}
    for seed in range(20 * part, 20 * part + 20):
        host = run(seed, policy, key)
        host.judge()
        assert host.completed | host.cancelled == set(host.release)
        done = [r.task for r in host.runs if r.done]
        happened["runs"] += len(done)
        happened["again"] += len(done) - len(set(done))
        happened["lost"] += len(host.lost)
        happened["joined"] += sum(step > 0 for step in host.born.values())
        happened["cancelled"] += len(host.cancelled)
    assert all(happened.values()), happened  # the streams hold what they are meant to hold


@pytest.mark.parametrize(("policy", "key"), POLICY_AND_KEY)
def test_a_pickle_in_the_middle_decides_alike(policy: str, key: str) -> None:
    """A stream whose scheduler is pickled before and after every decision gives the same runs."""

    class Pickled(Host):
        def compare(self) -> None:
            self.reload()
            super().compare()

        def wake(self, old: float = 0.0) -> float:
            self.reload()
            return super().wake(old)

    for seed in range(6):
        assert run(seed, policy, key, Pickled).runs == run(seed, policy, key).runs
