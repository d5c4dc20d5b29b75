"""Project formats that the psplib package reads (imported when one is asked for), as far as a `Project` says the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import CycleError, FormatError, InvalidInputError, SchedkitError
from .project import Project

FORMATS = {
    "mm": "psplib",
    "rcpsp_max": "rcpsp_max",
    "mplib": "mplib",
    "rcpsp_ps": "rcpsp_ps",
    "aslib": "aslib",
    "mslib": "mslib",
}
"""Our names, and what the package calls them."""


def read_foreign(path: str, kind: str) -> Project:
    """A file in one of `FORMATS`; what has no counterpart is refused by name."""
    try:
        import psplib  # noqa: PLC0415
    except ImportError as error:
        raise SchedkitError(f"the format {kind} needs psplib: pip install 'schedkit[formats]'") from error
    try:
        _refuse_false_counts(path, kind)
        instance = psplib.parse(path, instance_format=FORMATS[kind])
    except (OSError, FormatError):
        raise
    except Exception as error:  # the package raises whatever its parsing runs into
        raise FormatError(f"{path}: not a file in the format {kind}: {error!r}", path=path) from error
    try:
        return _project(path, instance)
    except (CycleError, FormatError):
        raise
    except InvalidInputError as error:
        raise FormatError(f"{path}: {error}", path=path) from error


def _refuse_false_counts(path: str, kind: str) -> None:
    """What the package does not look at itself.

    It makes room for some counts before it has seen what they count, so they must not exceed what the file holds; and it takes
    the successors of a line for all, however many the line declares.
    """
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    lines = [line.split() for line in text.split("\n") if line.strip()]
    if sum(_counts(lines, kind)) > sum(map(len, lines)):
        raise FormatError(f"{path}: not a file in the format {kind}: it promises more than it holds", path=path)
    if kind == "mm":
        titles = ("PRECEDENCE RELATIONS", "REQUESTS/DURATIONS")
        begin, end = (next(k for k, line in enumerate(lines) if title in " ".join(line)) for title in titles)
        for job, _, count, *successors in lines[begin + 2 : end - 1]:
            found = len(successors) - successors.count("0")  # no job, and dropped
            if int(count) != found:
                reason = f"job {job} declares {count} successors, {found} follow"
                raise FormatError(f"{path}: not a file in the format {kind}: {reason}", path=path)


def _counts(lines: list[list[str]], kind: str) -> Iterator[int]:
    """Activities of each project, or branches of each subgraph."""
    if kind == "mplib":
        header = 3
        for _ in range(int(lines[0][0])):
            if header >= len(lines):
                return
            activities = max(0, int(lines[header][0]))
            yield activities
            header += 2 + activities
    elif kind == "aslib":
        activities, resources = map(int, lines[0])
        subgraphs = activities + (3 if resources else 2)
        for line in lines[subgraphs + 1 :][: int(lines[subgraphs][0])]:
            yield max(0, int(line[0]))


def _project(path: str, instance: Any) -> Project:
    def refuse(feature: str) -> FormatError:
        return FormatError(f"{path}: {feature}, which a project here cannot have", path=path)

    if instance.skills or any(resource.skills for resource in instance.resources):
        raise refuse("resources have skills")
    if not all(resource.renewable for resource in instance.resources):
        raise refuse("a resource is not renewable")
    for i, activity in enumerate(instance.activities):
        if len(activity.modes) != 1:
            raise refuse(f"activity {i} has {len(activity.modes)} modes")
        if activity.optional or activity.selection_groups:
            raise refuse(f"activity {i} is optional or selects others")
    duration = [activity.modes[0].duration for activity in instance.activities]
    pairs, lags = [], []
    for i, activity in enumerate(instance.activities):
        delays = activity.delays or [duration[i]] * len(activity.successors)
        for j, delay in zip(activity.successors, delays, strict=True):
            if delay < 0:
                raise refuse(f"a maximum time lag from activity {j} to {i}")
            if delay < duration[i]:
                raise refuse(f"activity {j} may start before activity {i} has completed, {delay} after its start")
            pairs.append((i, j))
            lags.append(delay - duration[i])
    release = [0] * len(duration)
    for project in instance.projects:
        for i in project.activities:
            release[i] = project.release_date
    return Project(
        duration,
        [activity.modes[0].demands for activity in instance.activities],
        [resource.capacity for resource in instance.resources],
        precedence=pairs,
        lag=lags if any(lags) else None,
        release_time=release if any(release) else None,
    )
