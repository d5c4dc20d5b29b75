"""A runner for continuous integration: steps with limits per tool, flaky tests, and pushes that overtake each other.

Every push starts a pipeline: build, tests, a device test, packaging, deployment. Cores, phones, licences and the staging system
are limited. A test that fails is run again, and a new push to a branch cancels the steps of the push before it on that branch
that have not ended. A runner that works through its steps in order starts nothing while the next step waits for the phone or
the licence. It is compared with one that starts other steps meanwhile, and with one that also puts the longest remaining chain
first, which prefers new pushes to those that are almost done. Time is simulated, so every run prints the same.

    python examples/ci_runner.py [--figure FILE.png]
"""

from __future__ import annotations

import argparse
import heapq
import random
from typing import NamedTuple

import schedkit as sk

LIMITS = {"cores": 24, "phones": 1, "licences": 1, "staging": 1}
"""What the steps share."""

STEPS: dict[str, tuple[tuple[str, ...], dict[str, int], int]] = {
    "lint": ((), {"cores": 1}, 60),
    "build": ((), {"cores": 8}, 360),
    "unit": (("build",), {"cores": 4}, 300),
    "integration": (("build",), {"cores": 4, "licences": 1}, 540),
    "device": (("build",), {"cores": 1, "phones": 1}, 420),
    "package": (("lint", "unit"), {"cores": 2}, 120),
    "deploy": (("package", "integration", "device"), {"cores": 1, "staging": 1}, 180),
}
"""By name: the steps before it, its demands, and its usual seconds."""


class Step(NamedTuple):
    """A step of the pipeline of one push."""

    push: int
    name: str


class Push(NamedTuple):
    """A push: when, to which branch, and what its steps will take and how often they fail first."""

    time: int
    branch: int
    seconds: dict[str, int]
    failures: dict[str, int]


class Attempt(NamedTuple):
    """One attempt of a step; `end` is when it ended or was cancelled."""

    step: Step
    start: int
    end: int
    outcome: str


def pushes(n: int = 300, seed: int = 1) -> list[Push]:
    """The pushes of some days, in bursts."""
    draw, time, made = random.Random(seed), 0, []
    for _ in range(n):
        time += round(draw.expovariate(1 / (180 if draw.random() < 0.4 else 960)))
        seconds = {name: max(1, round(mean * draw.lognormvariate(0.0, 0.4))) for name, (_, _, mean) in STEPS.items()}
        failures = {name: int(name in ("unit", "integration", "device") and draw.random() < 0.15) for name in STEPS}
        made.append(Push(time, draw.randrange(8), seconds, failures))
    return made


def run(history: list[Push], policy: str, backfill: str) -> tuple[list[Attempt], list[int]]:
    """All attempts, and the seconds from each push to the end of its deployment; pushes that were overtaken have none."""
    d: sk.online.Dispatcher[Step] = sk.online.Dispatcher(LIMITS, policy=policy, backfill=backfill)
    attempts: list[Attempt] = []
    deployed: list[int] = []
    newest: dict[int, int] = {}
    begun: dict[Step, int] = {}
    ends: list[tuple[int, Step]] = []
    left = {Step(p, name): count for p, push in enumerate(history) for name, count in push.failures.items()}

    def cancel_steps(push: int, now: int) -> None:
        for step in (Step(push, name) for name in STEPS):
            if d.state(step) in ("waiting", "ready", "running"):
                d.cancel(step, now=now)
                if step in begun:
                    attempts.append(Attempt(step, begun.pop(step), now, "cancelled"))

    def submit(push: int, now: int) -> None:
        for name, (after, demand, usual) in STEPS.items():
            needed = [Step(push, before) for before in after]
            d.submit(Step(push, name), after=needed, demand=demand, estimate=usual, now=now)

    def end(step: Step, now: int) -> None:
        failed = left[step] > 0
        attempts.append(Attempt(step, begun.pop(step), now, "failed" if failed else "passed"))
        if failed:
            left[step] -= 1
            d.failed(step, now=now)
            return
        d.finished(step, now=now)
        if step.name == "deploy":
            deployed.append(now - history[step.push].time)

    arrived = 0
    while arrived < len(history) or ends:
        if arrived < len(history) and (not ends or history[arrived].time <= ends[0][0]):
            now, branch = history[arrived].time, history[arrived].branch
            if branch in newest:
                cancel_steps(newest[branch], now)
            submit(arrived, now)
            newest[branch] = arrived
            arrived += 1
        else:
            now, step = heapq.heappop(ends)
            if step in begun:  # else it was cancelled
                end(step, now)
        for step in d.next(now=now):
            begun[step] = now
            heapq.heappush(ends, (now + history[step.push].seconds[step.name], step))
    return attempts, deployed


def figure(drawn: dict[str, list[int]], path: str) -> None:
    """Draws which part of the pushes is deployed after how many minutes."""
    import matplotlib.pyplot as plt

    page, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
    for name, deployed in drawn.items():
        minutes = [seconds / 60 for seconds in sorted(deployed)]
        ax.step(minutes, [(k + 1) / len(minutes) for k in range(len(minutes))], where="post", label=name)
    ax.set(xlabel="minutes from the push to the end of its deployment", ylabel="part of the pushes", ylim=(0, 1))
    ax.legend(frameon=False, loc="lower right")
    page.savefig(path, dpi=110)
    plt.close(page)


def main(path: str | None = None) -> dict[str, tuple[float, float, int]]:
    """Prints the table; by rule the mean and the longest minutes from push to deployment, and how many pushes got there."""
    rules = {
        "in order": ("fcfs", "none"),
        "in order, gaps filled": ("fcfs", "easy"),
        "longest chain first, gaps filled": ("critical_path", "easy"),
    }
    history, table, drawn = pushes(), {}, {}
    print(f"{len(history)} pushes                         mean minutes   longest   deployed")
    for name, (policy, backfill) in rules.items():
        _, drawn[name] = run(history, policy, backfill)
        minutes = [seconds / 60 for seconds in drawn[name]]
        table[name] = sum(minutes) / len(minutes), max(minutes), len(minutes)
        print(f"{name:34} {table[name][0]:12.1f} {table[name][1]:9.1f} {table[name][2]:10}")
    if path is not None:
        figure(drawn, path)
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Runs the pipelines of many pushes under three rules.")
    parser.add_argument("--figure", help="file for the figure; needs matplotlib")
    main(parser.parse_args().figure)
