"""An agent's tool calls: started as soon as their inputs are there, against one tier after the other.

An agent plans calls that need each other's results: searches, pages to read, code to run, summaries by a model. Each tool takes
a limited number of calls at a time, and some calls fail and are tried again. Many agents wait for a whole tier of calls before
they start the next one; the dispatcher starts each call as soon as what it needs is done. Time is simulated, so every run
prints the same.

    python examples/agent_tools.py [--figure FILE.png]

`live` makes the calls of one plan for real, as coroutines.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import random
from typing import NamedTuple

import schedkit as sk

LIMITS = {"search": 3, "browser": 4, "sandbox": 2, "model": 2, "notebook": 1}
"""Calls that each tool takes at a time. The notebook is a file, which two calls must not write together."""


COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:purple", "tab:brown")
"""Of the tools, in the figure."""


class Call(NamedTuple):
    """One call: the tools that it uses, the calls whose results it needs, its milliseconds, and how often it fails first."""

    name: str
    tools: tuple[str, ...]
    after: tuple[str, ...]
    time: int
    failures: int


class Run(NamedTuple):
    """One attempt of a call."""

    call: Call
    start: int
    end: int
    failed: bool


def plan(seed: int, questions: int = 6) -> list[Call]:
    """What an agent plans in order to answer some questions and to write one report."""
    draw, calls = random.Random(seed), []

    def add(name: str, tools: tuple[str, ...], after: tuple[str, ...], mean: int) -> str:
        failures = sum(draw.random() < 0.12 for _ in range(2))
        calls.append(Call(name, tools, after, round(mean * draw.lognormvariate(0.0, 0.7)), failures))
        return name

    answers = []
    for q in range(questions):
        found = add(f"search {q}", ("search",), (), 1500)
        read = tuple(add(f"read {q}.{page}", ("browser",), (found,), 3000) for page in range(draw.randint(1, 4)))
        answer = add(f"extract {q}", ("model",), read, 4000)
        if draw.random() < 0.5:
            answer = add(f"compute {q}", ("sandbox",), (answer,), 6000)
        answers.append(add(f"note {q}", ("model", "notebook"), (answer,), 2000))
    add("report", ("model", "notebook"), tuple(answers), 8000)
    return calls


def tiers(calls: list[Call]) -> list[list[Call]]:
    """The calls by the length of the longest chain of calls before them."""
    depth: dict[str, int] = {}
    for call in calls:  # each stands after those that it needs
        depth[call.name] = max((depth[name] + 1 for name in call.after), default=0)
    return [[call for call in calls if depth[call.name] == tier] for tier in range(max(depth.values()) + 1)]


def run(calls: list[Call], limits: dict[str, int], begin: int = 0) -> list[Run]:
    """Makes calls in simulated time. What they need outside this list is done already."""
    d: sk.online.Dispatcher[str] = sk.online.Dispatcher(limits, policy="critical_path", backfill="greedy")
    known = {call.name: call for call in calls}
    for call in calls:
        needed = [name for name in call.after if name in known]
        d.submit(call.name, demand=dict.fromkeys(call.tools, 1), after=needed, estimate=call.time, now=begin)
    ends: list[tuple[int, str, int]] = []
    runs, now = [], begin
    while True:
        for name in d.next(now=now):
            heapq.heappush(ends, (now + known[name].time, name, now))
        if not ends:
            return runs
        now, name, start = heapq.heappop(ends)
        failed = sum(done.call.name == name for done in runs) < known[name].failures
        runs.append(Run(known[name], start, now, failed))
        if failed:
            d.failed(name, now=now)
        else:
            d.finished(name, now=now)


def tier_by_tier(calls: list[Call], limits: dict[str, int]) -> list[Run]:
    """Waits for all calls of a tier before it begins the next one."""
    runs: list[Run] = []
    for tier in tiers(calls):
        runs += run(tier, limits, max((done.end for done in runs), default=0))
    return runs


async def live(calls: list[Call], limits: dict[str, int], speed: float = 1000.0) -> dict[str, str]:
    """Makes the calls as coroutines, in real time that runs faster by a factor; returns what each call answered."""
    d: sk.online.Dispatcher[str] = sk.online.Dispatcher(limits, policy="critical_path", backfill="greedy")
    pool = sk.online.adapters.AsyncDispatcher(d, retries=3)
    attempts = dict.fromkeys((call.name for call in calls), 0)

    async def make(call: Call) -> str:
        await asyncio.sleep(call.time / 1000 / speed)
        attempts[call.name] += 1
        if attempts[call.name] <= call.failures:
            raise ConnectionError(f"{call.name} did not answer")
        return f"{call.name}: attempt {attempts[call.name]}"

    answers = {}
    for call in calls:
        facts = {"demand": dict.fromkeys(call.tools, 1), "after": call.after, "estimate": call.time / 1000 / speed}
        answers[call.name] = pool.submit(call.name, make, call, **facts)
    return {name: await answer for name, answer in answers.items()}


def figure(drawn: dict[str, list[Run]], path: str) -> None:
    """Draws who uses which tool when, a panel for each way of running the calls."""
    import matplotlib.pyplot as plt

    page, panels = plt.subplots(len(drawn), sharex=True, figsize=(8, 4.6), layout="constrained")
    for ax, (name, runs) in zip(panels, drawn.items(), strict=True):
        for row, tool in enumerate(LIMITS):
            lanes = [0] * LIMITS[tool]
            height = 0.8 / len(lanes)
            for use in sorted((use for use in runs if tool in use.call.tools), key=lambda use: use.start):
                lane = next(lane for lane, free in enumerate(lanes) if free <= use.start)
                lanes[lane] = use.end
                colour = "tab:red" if use.failed else COLOURS[row]
                ax.barh(
                    row - 0.4 + (lane + 0.5) * height,
                    (use.end - use.start) / 1000,
                    height * 0.9,
                    use.start / 1000,
                    color=colour,
                )
        ax.set(yticks=range(len(LIMITS)), yticklabels=list(LIMITS))
        ax.set_title(name, loc="left", fontsize="medium")
        ax.invert_yaxis()
    panels[-1].set_xlabel("seconds; failed attempts in red")
    page.savefig(path, dpi=110)
    plt.close(page)


def main(path: str | None = None) -> tuple[float, float]:
    """Prints the mean time to the report, tier by tier and dispatched."""
    ways = {"one tier after the other": tier_by_tier, "as soon as the inputs are there": run}
    plans = [plan(seed) for seed in range(200)]
    means = []
    print("200 plans                         mean seconds to the report   longest")
    for name, way in ways.items():
        ends = [max(done.end for done in way(calls, LIMITS)) for calls in plans]
        means.append(sum(ends) / len(ends) / 1000)
        print(f"{name:33} {means[-1]:26.1f} {max(ends) / 1000:9.1f}")
    if path is not None:
        figure({name: way(plans[1], LIMITS) for name, way in ways.items()}, path)
    return means[0], means[1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Runs an agent's tool calls tier by tier and as a dispatcher does.")
    parser.add_argument("--figure", help="file for the figure; needs matplotlib")
    main(parser.parse_args().figure)
