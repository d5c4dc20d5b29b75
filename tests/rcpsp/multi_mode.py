"""Small projects with modes, at random, and what is best by trying every combination of modes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import schedkit as sk
from hypothesis import strategies as st

from . import constrained

SMALL: dict[str, Any] = {
    "duration": [2, 5, 3, 1],
    "demand": [[2], [1], [1], [2]],
    "capacity": [2],
    "activity": [0, 0, 1, 1],
    "nonrenewable": [5],
    "consumption": [[4], [0], [0], [2]],
}
"""Two activities in two modes: fast and dear, or slow and cheap."""


def small(**changes: Any) -> sk.rcpsp.Project:
    return sk.rcpsp.Project(**{**SMALL, **changes})


def combinations(project: sk.rcpsp.Project) -> Iterator[tuple[list[int], sk.rcpsp.Project]]:
    """Rows of modes that stocks and capacities allow, and the project with one mode for each activity."""
    assert project.activity is not None
    assert project.nonrenewable is not None
    assert project.consumption is not None
    n, owner = project.num_activities, project.activity.tolist()
    own = [[row for row, i in enumerate(owner) if i == activity] for activity in range(n)]
    for rows in itertools.product(*own):
        used = [sum(int(project.consumption[row, k]) for row in rows) for k in range(project.nonrenewable.size)]
        if any(units > stock for units, stock in zip(used, project.nonrenewable.tolist(), strict=True)):
            continue
        if any(project.duration[row] > 0 and (project.demand[row] > project.capacity).any() for row in rows):
            continue
        yield (
            list(rows),
            sk.rcpsp.Project(
                [int(project.duration[row]) for row in rows],
                [project.demand[row].tolist() for row in rows],
                project.capacity,
                precedence=project.precedence,
                relation=list(project.relation),
                lag=project.lag,
                release_time=project.release_time,
                deadline=[None if time == constrained.NONE else time for time in project.deadline.tolist()],
            ),
        )


def best_makespan(project: sk.rcpsp.Project, horizon: int) -> int | None:
    """The shortest makespan in any modes; None if there is no schedule."""
    lengths = []
    for _, single in combinations(project):
        length = constrained.best_makespan(constrained.Plain.of(single), horizon)
        if length is not None:
            lengths.append(length)
            horizon = min(horizon, length)
    return min(lengths, default=None)


@st.composite
def projects(draw: Any, most: int = 4, kinds: tuple[str, ...] = ("lag", "release_time", "deadline")) -> sk.rcpsp.Project:
    """A tiny project with one to three modes for each activity, and some kinds of constraints."""
    chosen = draw(st.sets(st.sampled_from(kinds))) if kinds else set()
    n, width, stocks = draw(st.integers(1, most)), draw(st.integers(0, 2)), draw(st.integers(0, 2))
    owner = sorted([*range(n), *draw(st.lists(st.integers(0, n - 1), max_size=n + 1))])
    if draw(st.booleans()):
        owner = draw(st.permutations(owner))
    size = len(owner)
    capacity = draw(st.lists(st.integers(1, 3), min_size=width, max_size=width))
    duration = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    demand = [[draw(st.integers(0, c)) for c in capacity] for _ in owner]
    consumption = [[draw(st.integers(0, 4)) for _ in range(stocks)] for _ in owner]
    stock = [draw(st.integers(n, 3 * n)) for _ in range(stocks)]
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=n)) if pairs else []
    extra: dict[str, Any] = {}
    if "relation" in chosen:
        extra["relation"] = [draw(st.sampled_from(["FS", "SS", "FF", "SF"])) for _ in edges]
        extra["lag"] = [draw(st.integers(-2, 2)) for _ in edges]
    elif "lag" in chosen:
        extra["lag"] = [draw(st.integers(0, 2)) for _ in edges]
    if "release_time" in chosen:
        extra["release_time"] = draw(st.lists(st.sampled_from([0, 0, 1, 2, 4]), min_size=n, max_size=n))
    if "deadline" in chosen:
        extra["deadline"] = draw(st.lists(st.sampled_from([None, None, 3, 4, 6, 8, 10]), min_size=n, max_size=n))
    return sk.rcpsp.Project(
        duration,
        demand,
        capacity,
        activity=owner,
        nonrenewable=stock,
        consumption=consumption,
        precedence=edges,
        **extra,
    )
