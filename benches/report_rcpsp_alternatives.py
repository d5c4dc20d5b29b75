"""`rcpsp.solve` beside CP-SAT on projects with alternatives: a table of docs/results/rcpsp.md (minutes; needs data, ortools).

PSPLIB projects in which groups of three activities, drawn at random, are alternatives. Both get the same time on one processor.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import schedkit as sk
from schedkit.rcpsp import cp_sat

from benches.tables import Makers, Table, producer, table
from tests import data

SETS = {"j30": 8, "j60": 15, "j120": 30}
"""How many groups of three the projects of a set get."""
SHARE = 8
"""The number of instances of a set."""
SECONDS = 4.0


def instances(name: str) -> Iterator[sk.rcpsp.Project]:
    """Projects of a set, evenly from the whole, with groups of three activities that are drawn by the number of the project."""
    paths = list(data.files(("psplib", f"{name}.tar.gz"), ".sm").values())
    for number, path in enumerate(paths[:: max(1, len(paths) // SHARE)][:SHARE]):
        plain = sk.rcpsp.read(path)
        inner = [i for i in range(plain.num_activities) if plain.duration[i] > 0]
        drawn = random.Random(number).sample(inner, 3 * SETS[name])
        groups = [drawn[k : k + 3] for k in range(0, len(drawn), 3)]
        yield sk.rcpsp.Project(plain.duration, plain.demand, plain.capacity, precedence=plain.precedence, alternatives=groups)


def by_cp_sat(project: sk.rcpsp.Project) -> tuple[int | None, bool]:
    """The makespan that CP-SAT finds alone, and whether it proves it."""
    run = cp_sat.Run(project, cp_sat.Past({}, 0), None, None, 0, 1)
    run.wait(SECONDS, None, lambda *_: None)
    answer = run.answer()
    if answer.schedule is None:
        return None, False
    assert sk.check(project, answer.schedule) == []
    return answer.schedule.makespan, answer.lower_bound == answer.schedule.makespan


def row(name: str) -> tuple[object, ...]:
    """One set: shorter, equal and longer schedules, proofs of both, and the mean difference; schedules are checked."""
    better = equal = worse = proved = theirs = missing = 0
    gaps: list[float] = []
    for project in instances(name):
        ours = sk.rcpsp.solve(project, time_limit=SECONDS)
        assert ours.makespan is not None
        assert sk.check(project, ours.schedule) == []
        length, is_proved = by_cp_sat(project)
        proved += ours.status == "optimal"
        theirs += is_proved
        if length is None:
            missing += 1
            continue
        assert length >= ours.lower_bound
        assert not is_proved or length <= ours.makespan
        better += ours.makespan < length
        equal += ours.makespan == length
        worse += ours.makespan > length
        gaps.append(100 * (ours.makespan / length - 1))
    mean = f"{sum(gaps) / len(gaps):.2f}" if gaps else ""
    return (name, SHARE, better, equal, worse, missing, proved, theirs, mean)


def quality() -> Table:
    """One row for each set."""
    columns = (
        "set",
        "instances",
        "shorter than CP-SAT",
        "equal",
        "longer",
        "CP-SAT has none",
        "proved",
        "by CP-SAT",
        "% against CP-SAT",
    )
    return table(columns, [row(name) for name in SETS])


TAKES = "minutes"
TABLES: Makers = {"rcpsp-alternatives": quality}
tables = producer(TABLES)
