"""A dispatching rule that is learned by trying: an evolution strategy with NumPy alone, on the step environment of shops.

The rule scores each job by six features times six weights, and the job with the highest score goes first. The strategy
begins with the weights of most work remaining (MWKR), tries small random changes of them on random 10 x 10 shops, all side by
side in one environment, and moves to the mean of the best. Shops that it has never seen judge the result. Seeds are fixed, so
every run prints the same.

    python examples/learned_rule.py
"""

from __future__ import annotations

import numpy as np
import schedkit as sk
from numpy.typing import NDArray

Floats = NDArray[np.float64]

JOBS, MACHINES = 10, 10
FEATURES = 6


def random_shops(count: int, seed: int) -> list[sk.shop.Shop]:
    """Job shops as Taillard draws them: durations 1 to 99, every job on every machine, in any order."""
    random = np.random.default_rng(seed)
    shops = []
    for _ in range(count):
        routes = [random.permutation(MACHINES) for _ in range(JOBS)]
        durations = random.integers(1, 100, (JOBS, MACHINES))
        shops.append(
            sk.shop.Shop([list(zip(r.tolist(), d.tolist(), strict=True)) for r, d in zip(routes, durations, strict=True)])
        )
    return shops


def described(env: sk.shop.Environment) -> Floats:
    """What the rule sees of each job: numbers around 0 to 1, shape (shops, jobs, features)."""
    seen = dict(zip(env.FEATURES, np.moveaxis(env.features, 2, 0), strict=True))
    scale = 50.0 * MACHINES  # the mean work of a job
    ahead = seen["completion_bound"] - seen["completion_bound"].max(axis=1, keepdims=True)
    columns = [
        seen["remaining_work"] / scale,
        seen["operations_left"] / MACHINES,
        seen["next_duration"] / 100,
        (seen["machine_ready"] - seen["job_ready"]) / scale,
        ahead / scale,
        (seen["remaining_work"] - seen["next_duration"]) / scale,
    ]
    return np.stack(columns, axis=2)


def makespans(shops: list[sk.shop.Shop], weights: Floats) -> Floats:
    """The makespan of each shop under each rule, shape (rules, shops)."""
    env = sk.shop.Environment([shop for _ in weights for shop in shops], scheme="non_delay")
    rules = np.repeat(weights, len(shops), axis=0)
    while not env.done.all():
        scores = (described(env) @ rules[:, :, None])[:, :, 0]
        env.step(np.where(env.legal, scores, -np.inf).argmax(axis=1))
    return env.makespan.reshape(len(weights), len(shops)).astype(float)


def learned(generations: int = 30, rules: int = 24, shops: int = 16, seed: int = 3) -> Floats:
    """The weights that the strategy arrives at."""
    random = np.random.default_rng(seed)
    mean = np.zeros(FEATURES)
    mean[0] = 1.0  # most work remaining
    step = 0.5
    for generation in range(generations):
        tried = mean + step * random.standard_normal((rules, FEATURES))
        tried[0] = mean
        results = makespans(random_shops(shops, seed=1000 + generation), tried)
        quality = (results / results.min(axis=0)).mean(axis=1)
        best = np.argsort(quality, kind="stable")[: rules // 4]
        mean = tried[best].mean(axis=0)
        step *= 0.95
    return mean


def main() -> float:
    """Learns, and compares with the rule that the strategy began with; returns the share by which makespans are shorter."""
    unseen = random_shops(200, seed=1)
    weights = learned()
    found = makespans(unseen, weights[None])[0]
    usual = np.array([sk.shop.dispatch(shop, "mwkr", "non_delay").makespan for shop in unseen], float)
    print("weights:", np.round(weights, 2).tolist())
    print(f"200 unseen shops of {JOBS} x {MACHINES}, mean makespan: MWKR {usual.mean():.1f}, learned {found.mean():.1f}")
    print(f"shorter in {int((found < usual).sum())}, longer in {int((found > usual).sum())}")
    return float(1.0 - found.mean() / usual.mean())


if __name__ == "__main__":
    main()
