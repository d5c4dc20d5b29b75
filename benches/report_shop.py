"""The tables of docs/results/shop.md (sixteen minutes on an idle machine; needs the benchmark data).

Every schedule passes the check. A search gets seconds of processor time, so that other programs on the machine make little
difference.
"""

from __future__ import annotations

import functools
import re
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import schedkit as sk

from benches.tables import Makers, Table, producer, table
from tests import data
from tests.shop.plain_environment import PlainEnvironment

SCHEMES: tuple[sk.shop.dispatching.Scheme, ...] = ("active", "non_delay")


def instances(kind: str) -> Iterator[tuple[str, sk.shop.Shop, int]]:
    """Name, shop and best known makespan of the instances of a folder of the benchmark data."""
    for row in data.table(kind, "bks.csv"):
        path = data.find(kind, "instances", f"{row['instance']}.txt")
        yield row["instance"], sk.shop.read(path), int(row["upper_bound"])


def checked(shop: sk.shop.Shop, schedule: sk.shop.ShopSchedule) -> int:
    """The makespan of a schedule that the checker accepts."""
    assert sk.check(shop, schedule) == []
    return schedule.makespan


def searched(shop: sk.shop.Shop, limit: float, threads: int = 1) -> sk.shop.ShopSolution:
    """The answer of a search that is stopped after so many seconds of processor time for each thread."""
    token, done, end = sk.CancelToken(), threading.Event(), time.process_time() + threads * limit

    def watch() -> None:
        while not done.wait(0.005):
            if time.process_time() >= end:
                token.cancel()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        found = sk.shop.solve(shop, time_limit=60 * limit, threads=threads, seed=1, stop=token)
    finally:
        done.set()
        watcher.join()
    return found


def rules() -> Table:
    """Percent over the best known makespan, on average over the twenty instances of Taillard."""
    taillard = [(shop, best) for name, shop, best in instances("jobshop") if name.startswith("ta")]
    cells = []
    for rule in sk.shop.RULES:
        gaps = []
        for scheme in SCHEMES:
            over = [checked(shop, sk.shop.dispatch(shop, rule, scheme)) / best - 1 for shop, best in taillard]
            gaps.append(f"{100 * np.mean(over):.1f}")
        cells.append((f"`{rule}`", *gaps))
    return table(("rule", *(f"`{scheme}`" for scheme in SCHEMES)), cells)


def plainly(jobs: list[list[tuple[int, int]]], machines: int, priority: list[list[float]]) -> int:
    """Giffler and Thompson's method in plain Python, as one would write it; the makespan."""
    step, ready, free = [0] * len(jobs), [0] * len(jobs), [0] * machines
    waiting = {j for j, job in enumerate(jobs) if job}
    while waiting:
        places = {}
        for j in waiting:
            machine, duration = jobs[j][step[j]]
            start = max(ready[j], free[machine])
            places[j] = (start + duration, start, machine)
        first = min(waiting, key=lambda j: (places[j][0], j))
        end, _, machine = places[first]
        competing = [j for j in waiting if places[j][2] == machine and (places[j][1] < end or j == first)]
        chosen = min(competing, key=lambda j: (priority[j][step[j]], j))
        ready[chosen] = free[machine] = places[chosen][0]
        step[chosen] += 1
        if step[chosen] == len(jobs[chosen]):
            waiting.remove(chosen)
    return max(ready)


def spent(function: Callable[[], object], repeat: int) -> float:
    """Seconds of processor time, the least of several runs."""
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def speed() -> Table:
    """Time of an operation in `dispatch_many`, by numbers, active, and how many times as long a plain program takes."""
    cells = []
    for title, kind, name in (
        ("15 x 15", "jobshop", "ta01"),
        ("100 x 20", "jobshop", "ta73"),
        ("15 x 15, 7 machines to choose from", "fjsp", "la36_vdata"),
    ):
        shop = sk.shop.read(data.find(kind, "instances", f"{name}.txt"))
        numbers = np.random.default_rng(1).random((50, shop.num_operations))
        ours = functools.partial(sk.shop.dispatch_many, shop, numbers)
        found = ours().objective.tolist()
        assert found == [checked(shop, sk.shop.dispatch(shop, row)) for row in numbers]
        best, times = spent(ours, 50), "-"
        if not shop.is_flexible:
            routes = [[choices[0] for choices in job] for job in shop.jobs]
            cuts = np.cumsum([len(job) for job in routes])[:-1]
            split = [part.tolist() for part in np.split(numbers[0], cuts)]
            theirs = functools.partial(plainly, routes, shop.num_machines, split)
            assert theirs() == found[0]
            times = f"{spent(theirs, 5) / (best / len(numbers)):.0f}"
        cells.append((title, name, f"{1e9 * best / numbers.size:.0f} ns", times))
    return table(("jobs x machines", "instance", "an operation", "plain Python takes times as long"), cells)


def searches(kind: str, limit: float) -> Table:
    """Percent over the best known makespan after so many seconds of processor time on one core, by group of instances."""
    groups: dict[str, list[tuple[float, bool]]] = {}
    for name, shop, best in instances(kind):
        found = searched(shop, limit)
        gap = 100 * (checked(shop, found) / best - 1)
        group = name.rpartition("_")[2] if "_" in name else re.sub(r"\d.*", "", name)
        groups.setdefault(group, []).append((gap, found.status == "optimal"))
    groups = {**groups, "all": [row for rows in groups.values() for row in rows]}
    cells = []
    for group, rows in groups.items():
        gaps = [gap for gap, _ in rows]
        reached, proved = sum(gap <= 0 for gap in gaps), sum(proof for _, proof in rows)
        cells.append((group, len(rows), f"{np.mean(gaps):.2f}", f"{max(gaps):.2f}", reached, proved))
    return table(("instances", "number", "mean gap, %", "largest, %", "best known reached", "equal to our bound"), cells)


def long_shop(seed: int, jobs: int, operations: int, machines: int = 20) -> sk.shop.Shop:
    """A flexible shop whose operations choose among 3 to 5 machines, with durations within a fifth of each other."""
    random = np.random.default_rng(seed)

    def operation() -> dict[int, int]:
        usual, chosen = random.integers(10, 100), random.permutation(machines)[: random.integers(3, 6)]
        return {int(m): max(1, int(usual * random.integers(80, 121) / 100)) for m in chosen}

    return sk.shop.Shop([[operation() for _ in range(operations)] for _ in range(jobs)])


def long_shops() -> Table:
    """Percent over the lower bound after ten seconds, by `solve` and by `roll`."""
    cells = []
    for seed, jobs, operations in ((1, 20, 30), (2, 30, 30), (3, 40, 25), (4, 50, 30), (5, 50, 40)):
        shop = long_shop(seed, jobs, operations)
        rules = min(sk.shop.dispatch(shop, rule, "non_delay").makespan for rule in ("mwkr", "mopnr", "spt"))
        whole = sk.shop.solve(shop, time_limit=10.0, seed=1)
        windows = sk.shop.roll(shop, time_limit=10.0, seed=1)
        gaps = [100 * (found / whole.lower_bound - 1) for found in (rules, checked(shop, windows), checked(shop, whole))]
        cells.append((f"{jobs} x {operations}", *(f"{gap:.1f}" for gap in gaps)))
    mean = [f"{np.mean([float(row[k]) for row in cells]):.1f}" for k in (1, 2, 3)]
    return table(("jobs x operations", "best of three rules, %", "`roll`, %", "`solve`, %"), [*cells, ("mean", *mean)])


def plain_episode(shop: sk.shop.Shop, actions: list[int]) -> int:
    """The makespan of actions in the plain environment, which gives the bound after each."""
    plain = PlainEnvironment(shop)
    for action in actions:
        plain.step(action)
        plain.bound("makespan")
    return max(plain.free)


def environments() -> Table:
    """Time of a step of one shop of 64 that are stepped at once from Python, and how much longer a plain environment takes."""
    cells = []
    for jobs, machines in ((6, 6), (15, 15), (100, 20)):
        random = np.random.default_rng(1)

        def job(machines: int = machines, random: np.random.Generator = random) -> list[tuple[int, int]]:
            return list(zip(random.permutation(machines).tolist(), random.integers(1, 100, machines).tolist(), strict=True))

        shops = [sk.shop.Shop([job() for _ in range(jobs)]) for _ in range(64)]
        actions = np.stack([random.permutation(np.repeat(np.arange(jobs), machines)) for _ in shops], axis=1)
        env = sk.shop.Environment(shops)

        def ours(env: sk.shop.Environment = env, actions: np.ndarray = actions) -> None:
            env.reset()
            for row in actions:
                env.step(row)

        theirs = functools.partial(plain_episode, shops[0], actions[:, 0].tolist())
        best, plain = spent(ours, 10) / actions.size, spent(theirs, 1) / len(actions)
        assert theirs() == env.makespan[0] == checked(shops[0], env.schedule(0))
        cells.append((f"{jobs} x {machines}", f"{1e9 * best:.0f} ns", f"{1e-6 / best:.1f}", f"{plain / best:.0f}"))
    return table(("jobs x machines", "a step", "million steps a second", "plain Python takes times as long"), cells)


TAKES = "sixteen minutes"
TABLES: Makers = {
    "shop-rules": rules,
    "shop-speed": speed,
    "shop-environment": environments,
    "shop-long": long_shops,
    "shop-search": functools.partial(searches, "jobshop", 1.0),
    "shop-flexible": functools.partial(searches, "fjsp", 1.0),
    "shop-flexible-ten-seconds": functools.partial(searches, "fjsp", 10.0),
}
tables = producer(TABLES)
