"""Validation of the lines of a file before the psplib package reads it.

The package assumes well-formed files, allocates what a file declares, and fails with errors of many types. This pass lets only
files with the expected lines and counts reach the package, and records the line and the name of each activity for messages.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from .. import _files
from ..errors import FormatError


@dataclasses.dataclass
class Layout:
    """The names of the activities, and the lines of their successors, of their durations and demands, and of the capacities."""

    names: list[str] = dataclasses.field(default_factory=list)
    successors: list[int] = dataclasses.field(default_factory=list)
    rows: list[int] = dataclasses.field(default_factory=list)
    capacity: int | None = None


class _Lines:
    """The lines of a file that are not blank, one after the other."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.rows = [(number, row.strip()) for number, row in enumerate(_files.lines(text), 1) if row.strip()]
        self.at = 0

    def fail(self, line: int | None, reason: str) -> FormatError:
        return _files.fail(self.path, reason, line)

    def next(self, what: str) -> tuple[int, list[str]]:
        """The words of the next line."""
        if self.at >= len(self.rows):
            last = self.rows[-1][0] if self.rows else None
            raise self.fail(last, f"the file ends before {what}" if self.rows else "the file is empty")
        line, row = self.rows[self.at]
        self.at += 1
        return line, row.split()

    def numbers(self, what: str, *, exactly: int | None = None, least: int = 0) -> tuple[int, list[int]]:
        """The next line, which holds whole numbers alone."""
        line, words = self.next(what)
        values = [self.whole(line, word) for word in words]
        if exactly is not None and len(values) != exactly:
            raise self.fail(line, f"expected {what}, {exactly} number{'s' * (exactly != 1)}, found {len(values)}")
        if len(values) < least:
            raise self.fail(line, f"expected {what}, at least {least} numbers, found {len(values)}")
        return line, values

    def whole(self, line: int, word: str) -> int:
        try:
            value = _files.whole(word)
        except ValueError:
            raise self.fail(line, f"expected a whole number, found {word[:40]!r}") from None
        if not -(2**63) <= value < 2**63:
            raise self.fail(line, f"expected a whole number, found {word[:40]}, which is beyond 64 bits")
        return value

    def count(self, line: int, what: str, value: int) -> int:
        if not 0 <= value <= 10**9:
            raise self.fail(line, f"{what} is {value}, must be >= 0" if value < 0 else f"{what} is {value}, more than 10**9")
        return value

    def bounded(self, line: int, what: str, value: int) -> int:
        """A number of lines that must still follow."""
        left = len(self.rows) - self.at
        if self.count(line, what, value) > left:
            raise self.fail(line, f"{what} is {value}, but only {left} lines follow")
        return value

    def known(self, line: int, indices: list[int], first: int, count: int, what: str) -> None:
        for index in indices:
            if not first <= index < first + count:
                raise self.fail(line, f"unknown {what} {index}, expected {first} to {first + count - 1}")

    def end(self, what: str) -> None:
        if self.at < len(self.rows):
            line, row = self.rows[self.at]
            raise self.fail(line, f"unexpected text after {what}: {row[:40]!r}")


def layout(path: str, text: str, kind: str) -> Layout:
    """Validates the lines of a file; raises `FormatError` with line for the first that does not fit."""
    return _LAYOUTS[kind](_Lines(path, text))


def _mm(lines: _Lines) -> Layout:
    found = Layout()
    begin, middle, end = _sections(lines)
    lines.at = end + 1
    line, headings = lines.next("the headings of the capacities")
    kinds = [word for word in headings if word in ("R", "N")]
    counts = {"jobs": middle - 3 - begin, "renewable": kinds.count("R"), "nonrenewable": kinds.count("N"), "doubly": 0}
    _declared(lines, begin, counts)
    found.capacity, capacity = lines.numbers("the capacities")
    if len(kinds) != len(capacity):
        reason = f"{len(capacity)} capacities below headings for {len(kinds)} (such as 'R 1  N 1')"
        raise lines.fail(found.capacity, reason)
    lines.at = begin + 2
    modes = [_successors_of(lines, found, job, middle - 3 - begin) for job in range(1, middle - 2 - begin)]
    lines.at = middle + 3
    for job, count in enumerate(modes, 1):
        for mode in range(1, count + 1):
            if lines.at >= end - 1:
                raise lines.fail(lines.rows[end][0], f"the section ends before mode {mode} of job {job}")
            line = _mode(lines, job, mode, len(capacity))
            if mode == 1:
                found.rows.append(line)
    if lines.at != end - 1:
        raise lines.fail(lines.rows[lines.at][0], f"unexpected row after the modes of {len(modes)} jobs")
    return found


def _declared(lines: _Lines, begin: int, counts: dict[str, int]) -> None:
    """Compares the numbers that the header declares with those of the sections."""
    for line, row in lines.rows[:begin]:
        key, colon, rest = row.partition(":")
        words = key.lower().replace("non-renewable", "nonrenewable").split()
        what = next((word for word in counts if word in words), None)
        if not colon or what is None:
            continue
        stated = lines.whole(line, (rest.split() or [""])[0])
        if stated != counts[what]:
            raise lines.fail(line, f"{key.strip()!r} is {stated}, but the sections have {counts[what]}")


def _sections(lines: _Lines) -> tuple[int, int, int]:
    """The positions of the three titles; the rulers that the package counts on are there."""
    place: list[int] = []
    for title in ("PRECEDENCE RELATIONS", "REQUESTS/DURATIONS", "AVAILABILITIES"):
        at = next((k for k, (_, row) in enumerate(lines.rows) if title in row), None)
        if at is None:
            raise lines.fail(None, f"the section {title} is missing")
        if place and at <= place[-1]:
            raise lines.fail(lines.rows[at][0], f"the section {title} is out of order")
        place.append(at)
    begin, middle, end = place
    for at, mark in ((middle - 1, "*"), (middle + 2, "-*"), (end - 1, "*")):
        line, row = lines.rows[min(at, len(lines.rows) - 1)]
        if row.strip(mark):
            raise lines.fail(line, f"expected a line of {mark[0]!r} here, found {row[:40]!r}")
    if not begin + 2 <= middle - 1 <= end - 4:
        raise lines.fail(lines.rows[end][0], "the section before this one has no rows")
    return begin, middle, end


def _successors_of(lines: _Lines, found: Layout, job: int, jobs: int) -> int:
    """A row of PRECEDENCE RELATIONS; returns the number of modes."""
    line, row = lines.numbers("job, modes, number of successors, successors", least=3)
    if row[0] != job:
        raise lines.fail(line, f"expected job {job}, found {row[0]}")
    if row[1] < 1:
        raise lines.fail(line, f"job {job} has {row[1]} modes")
    after = [successor for successor in row[3:] if successor]  # 0 is no job, and dropped
    if row[2] != len(after):
        raise lines.fail(line, f"job {job} declares {row[2]} successors, {len(after)} follow")
    lines.known(line, after, 1, jobs, "job")
    found.names.append(f"job {job}")
    found.successors.append(line)
    return row[1]


def _mode(lines: _Lines, job: int, mode: int, width: int) -> int:
    """A row of REQUESTS/DURATIONS, of which only the first of a job names it; returns the line."""
    line, row = lines.numbers("mode, duration, demands")
    first = ("job", job) if mode == 1 else ("mode", mode)
    if len(row) != width + (3 if mode == 1 else 2):
        names = "job, mode" if mode == 1 else "mode"
        raise lines.fail(line, f"expected {names}, duration and {width} demands of job {job}, found {len(row)} numbers")
    if row[0] != first[1]:
        raise lines.fail(line, f"expected {first[0]} {first[1]}, found {row[0]}")
    return line


def _mplib(lines: _Lines) -> Layout:
    found = Layout()
    line, (projects,) = lines.numbers("the number of projects", exactly=1)
    lines.bounded(line, "the number of projects", projects)
    line, (width,) = lines.numbers("the number of resources", exactly=1)
    lines.count(line, "the number of resources", width)
    found.capacity, _ = lines.numbers("the capacities", exactly=width)
    successors: list[tuple[int, list[str]]] = []
    for project in range(1, projects + 1):
        line, (count, _) = lines.numbers(f"activities and release date of project {project}", exactly=2)
        lines.bounded(line, "the number of activities", count)
        lines.next(f"the resources that project {project} uses")
        for activity in range(1, count + 1):
            line, words = lines.next(f"activity {project}:{activity}")
            row = [lines.whole(line, word) for word in words[: width + 2]]
            if len(row) < width + 2 or len(words) != width + 2 + row[-1]:
                raise lines.fail(line, f"expected duration, {width} demands, number of successors, successors")
            found.names.append(f"activity {project}:{activity}")
            found.rows.append(line)
            successors.append((line, words[width + 2 :]))
    known = {name.removeprefix("activity ") for name in found.names}
    for line, after in successors:
        for name in after:
            if name not in known:
                raise lines.fail(line, f"unknown activity {name[:40]!r}, expected project:activity such as '1:2'")
    lines.end("the last activity")
    found.successors = found.rows
    return found


def _rcpsp_ps(lines: _Lines) -> Layout:
    found = Layout()
    line, (n, renewable, other) = lines.numbers("the numbers of activities and of both kinds of resources", exactly=3)
    lines.bounded(line, "the number of activities", n)
    width = lines.count(line, "the number of renewable resources", renewable) + lines.count(line, "the number of others", other)
    found.capacity, _ = lines.numbers("the capacities", exactly=width)
    for i in range(n):
        line, _ = lines.numbers(f"duration and {width} demands of activity {i}", exactly=1 + width)
        found.rows.append(line)
        line, row = lines.numbers(f"the groups of activity {i}", least=1)
        at = 1
        for _ in range(lines.count(line, "the number of groups", row[0])):
            size = lines.count(line, "the size of a group", row[at]) if at < len(row) else len(row)
            lines.known(line, row[at + 1 : at + 1 + size], 0, n, "activity")
            at += 1 + size
            if at > len(row):
                raise lines.fail(line, f"expected {row[0]} groups of activity {i}, each with its size and its members")
        line, row = lines.numbers(f"the successors of activity {i}", least=1)
        if row[0] != len(row) - 1:
            raise lines.fail(line, f"activity {i} declares {row[0]} successors, {len(row) - 1} follow")
        lines.known(line, row[1:], 0, n, "activity")
        found.names.append(f"activity {i}")
        found.successors.append(line)
    lines.end("the last activity")
    return found


def _aslib(lines: _Lines) -> Layout:
    found = Layout()
    line, (n, width) = lines.numbers("the numbers of activities and resources", exactly=2)
    lines.bounded(line, "the number of activities", n)
    lines.count(line, "the number of resources", width)
    if width:
        found.capacity, _ = lines.numbers("the capacities", exactly=width)
    for i in range(1, n + 1):
        line, row = lines.numbers(f"duration, {width} demands and the successors of activity {i}", least=2 + width)
        if row[1 + width] != len(row) - 2 - width:
            raise lines.fail(line, f"activity {i} declares {row[1 + width]} successors, {len(row) - 2 - width} follow")
        lines.known(line, row[2 + width :], 1, n, "activity")
        found.names.append(f"activity {i}")
        found.rows.append(line)
    found.successors = found.rows
    line, words = lines.next("the shares of flexible, nested and linked alternatives")
    try:
        shares = [_files.number(word) for word in words]
    except ValueError:
        raise lines.fail(line, f"expected three numbers, found {' '.join(words)[:40]!r}") from None
    if len(shares) != 3:
        raise lines.fail(line, f"expected three numbers, found {len(shares)}")
    line, (subgraphs,) = lines.numbers("the number of alternative subgraphs", exactly=1)
    branches = 1
    for _ in range(lines.bounded(line, "the number of alternative subgraphs", subgraphs)):
        line, row = lines.numbers("the branches of a subgraph", least=1)
        if row[0] != len(row) - 1:
            raise lines.fail(line, f"a subgraph promises more than it holds: {row[0]} branches, {len(row) - 1} follow")
        branches += row[0]
    for i in range(1, n + 1):
        line, row = lines.numbers(f"the branches of activity {i}", least=1)
        if row[0] != len(row) - 1:
            raise lines.fail(line, f"activity {i} declares {row[0]} branches, {len(row) - 1} follow")
        lines.known(line, row[1:], 1, branches, "branch")
    lines.end("the last activity")
    return found


def _mslib(lines: _Lines) -> Layout:
    found = Layout()
    lines.next("the heading of the project")
    line, (n, resources, _, _) = lines.numbers("activities, resources, skills and levels", exactly=4)
    lines.bounded(line, "the number of activities", n)
    lines.bounded(line, "the number of resources", resources)
    lines.next("the deadline")
    lines.next("the deadline of skills")
    for i in range(1, n + 1):
        line, row = lines.numbers(f"duration and successors of activity {i}", least=2)
        if len(row) < 2 + max(0, row[1]):
            raise lines.fail(line, f"activity {i} declares {row[1]} successors, {len(row) - 2} follow")
        lines.known(line, row[2 : 2 + max(0, row[1])], 1, n, "activity")
        found.names.append(f"activity {i}")
        found.rows.append(line)
    found.successors = found.rows
    lines.next("the heading of the workforce")
    for r in range(1, resources + 1):
        lines.numbers(f"the skills of resource {r}", least=1)
    lines.next("the heading of skill levels")
    for r in range(1, resources + 1):
        lines.next(f"the skill levels of resource {r}")
    lines.next("the heading of requirements")
    for i in range(1, n + 1):
        lines.numbers(f"the requirements of activity {i}")
    return found


_LAYOUTS: dict[str, Callable[[_Lines], Layout]] = {
    "mm": _mm,
    "mplib": _mplib,
    "rcpsp_ps": _rcpsp_ps,
    "aslib": _aslib,
    "mslib": _mslib,
}
