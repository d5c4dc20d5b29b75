"""Published numbers: the worked example, the averages over the shared benchmark sets, and what is known about each instance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import schedkit as sk

from tests import data
from tests.rcpsp.instances import SETS, benchmark, known

Scheme = Callable[..., sk.rcpsp.ProjectSchedule]


@pytest.fixture(name="worked")
def _worked() -> sk.rcpsp.Project:
    """Seven activities on one resource; a hand-worked example with the optimum 9."""
    return sk.rcpsp.Project(
        [1, 3, 5, 2, 1, 4, 4], [[1], [3], [1], [1], [1], [2], [2]], [4], precedence=[(0, 1), (1, 5), (4, 6)]
    )


def test_critical_path_of_the_worked_example(worked: sk.rcpsp.Project) -> None:
    times = sk.rcpsp.critical_path(worked)
    assert times.length == 8
    assert times.latest_finish.tolist() == [1, 4, 8, 8, 4, 8, 8]


def test_serial_scheme_on_the_worked_example(worked: sk.rcpsp.Project) -> None:
    schedule = sk.rcpsp.serial_sgs(worked, "lft")
    assert schedule.makespan == 10
    assert sk.check(worked, schedule) == []


def test_parallel_scheme_and_justification_on_the_worked_example(worked: sk.rcpsp.Project) -> None:
    schedule = sk.rcpsp.parallel_sgs(worked, "lft")
    assert schedule.makespan == 12
    assert sk.check(worked, schedule) == []
    better = sk.rcpsp.justify(worked, schedule)
    assert better.makespan == 9
    assert better.start_time.tolist() == [0, 2, 0, 0, 0, 5, 5]
    assert sk.check(worked, better) == []


def average(name: str, schedule: Callable[[sk.rcpsp.Project], sk.rcpsp.ProjectSchedule]) -> str:
    """Mean deviation from the critical path over a set, in percent, to two decimals."""
    over = []
    for project in benchmark(name).values():
        length = sk.rcpsp.critical_path(project).length
        over.append((schedule(project).makespan - length) / length)
    return f"{100 * np.mean(over):.2f}"


@pytest.mark.parametrize(("name", "expected"), [("j30", "20.47"), ("j60", "17.84"), ("j90", "16.43"), ("j120", "48.27")])
def test_serial_latest_finish_first(name: str, expected: str) -> None:
    assert average(name, sk.rcpsp.serial_sgs) == expected


@pytest.mark.parametrize(
    ("rule", "serial", "parallel"),
    [
        ("lft", "20.47", "19.20"),
        ("lst", "19.91", "19.49"),
        ("mts", "21.79", "20.09"),
        ("grpw", "26.74", "23.86"),
        ("spt", "34.00", "26.13"),
        ("mslk", "25.70", "22.58"),
    ],
)
def test_single_passes_on_j30(rule: str, serial: str, parallel: str) -> None:
    assert average("j30", lambda p: sk.rcpsp.serial_sgs(p, rule)) == serial
    assert average("j30", lambda p: sk.rcpsp.parallel_sgs(p, rule)) == parallel


@pytest.mark.parametrize(("scheme", "expected"), [(sk.rcpsp.serial_sgs, "18.42"), (sk.rcpsp.parallel_sgs, "16.88")])
def test_justification_on_j30(scheme: Scheme, expected: str) -> None:
    assert average("j30", lambda p: sk.rcpsp.justify(p, scheme(p))) == expected


@pytest.mark.parametrize("name", SETS)
def test_every_file_reads_with_the_known_counts_and_bounds(name: str) -> None:
    projects, rows = benchmark(name), known(name)
    assert len(projects) == {"j120": 300, "rg300": 24}.get(name, 240)
    assert projects.keys() == rows.keys()
    for file, project in projects.items():
        row = rows[file]
        assert project.num_activities == int(row["n_jobs"]) + 2, file
        assert project.num_resources == 4, file
        assert sk.rcpsp.critical_path(project).length == int(row["cpm_lb"]), file
        assert sk.rcpsp.critical_path(project).length <= sk.rcpsp.lower_bound(project) <= int(row["upper_bound"]), file
        assert project.duration.sum() == int(row.get("horizon", project.duration.sum())), file


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("rule", sk.rcpsp.RULES)
def test_every_schedule_is_feasible_and_justification_never_lengthens(name: str, rule: str) -> None:
    rows = known(name)
    for file, project in benchmark(name).items():
        for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
            schedule = scheme(project, rule)
            better = sk.rcpsp.justify(project, schedule)
            assert sk.check(project, schedule) == [], file
            assert sk.check(project, better) == [], file
            assert int(rows[file]["lower_bound"]) <= better.makespan <= schedule.makespan, file


def numbers(line: str) -> list[int]:
    return [int(word) for word in line.split()]


def by_hand(path: Path) -> tuple[list[int], list[list[int]], list[int], list[list[int]]]:
    """Durations, demands, capacities and pairs by the fixed layout of these sets, line by line."""
    lines = path.read_text().splitlines()
    if path.suffix == ".rcp":
        rows = [numbers(line) for line in lines if line.strip()][1:]
        after = [row[6:] for row in rows[1:]]
        return (
            [r[0] for r in rows[1:]],
            [r[1:5] for r in rows[1:]],
            rows[0],
            [[i, j - 1] for i, a in enumerate(after) for j in a],
        )
    first = next(k for k, line in enumerate(lines) if line.startswith("PRECEDENCE")) + 2
    second = next(k for k, line in enumerate(lines) if line.startswith("REQUESTS")) + 3
    n = second - first - 4
    after = [numbers(line)[3:] for line in lines[first : first + n]]
    rows = [numbers(line) for line in lines[second : second + n]]
    pairs = [[i, j - 1] for i, a in enumerate(after) for j in a]
    return [r[2] for r in rows], [r[3:] for r in rows], numbers(lines[second + n + 3]), pairs


@pytest.mark.parametrize("name", SETS)
def test_every_file_reads_with_the_values_that_stand_in_it(name: str) -> None:
    archive, suffix = (("rg300", "rg300_sample.tar.gz"), ".rcp") if name == "rg300" else (("psplib", f"{name}.tar.gz"), ".sm")
    for file, path in data.files(archive, suffix).items():
        project = benchmark(name)[file]
        duration, demand, capacity, pairs = by_hand(path)
        assert project.duration.tolist() == duration, file
        assert project.demand.tolist() == demand, file
        assert project.capacity.tolist() == capacity, file
        assert project.precedence.tolist() == pairs, file
