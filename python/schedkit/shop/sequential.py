"""Schedules in which one job follows the other, for shops whose jobs must not wait or keep their machines."""

from __future__ import annotations

from .cp_sat_model import closed_times
from .problem import Shop
from .schedule import ShopSchedule

_TRIES = 1000
"""How often the start of a job is moved on."""


def one_by_one(shop: Shop) -> ShopSchedule | None:
    """A schedule in which each job begins when the one before has left, and never waits.

    Each operation takes the first of its machines. Such a schedule is feasible with blocking and without waiting. None if
    calendars do not open soon enough, or if a job would have to wait for a setup of its own.
    """
    machines: list[int] = []
    starts: list[int] = []
    free: dict[int, tuple[int, int]] = {}  # by machine when it is free, and the job before
    clock = 0
    for j, job in enumerate(shop.jobs):
        route = [choices[0] for choices in job]
        begin = max(clock, int(shop.release_time[j]))
        for _ in range(_TRIES):
            times, delay = _times(shop, j, route, begin, free)
            if delay == 0:
                break
            begin += delay
        else:
            return None
        for (machine, duration), start in zip(route, times, strict=True):
            free[machine] = start + duration, j
            clock = max(clock, start + duration)
        machines += [machine for machine, _ in route]
        starts += times
    return ShopSchedule.from_placement(shop, machines, starts)


def _times(
    shop: Shop, j: int, route: list[tuple[int, int]], begin: int, free: dict[int, tuple[int, int]]
) -> tuple[list[int], int]:
    """The starts of the operations of a job that begins at a moment, and by how much it must begin later."""
    family = shop.family
    kind = {i: i if family is None else int(family[i]) for i in (j, *(i for _, i in free.values()))}
    free = dict(free)
    times: list[int] = []
    clock, delay, before = begin, 0, None
    for machine, duration in route:
        if before is not None and shop.transport is not None:
            clock += int(shop.transport[before, machine])
        ready = 0
        if machine in free:
            ready, other = free[machine]
            if machine in shop.setup:
                ready += int(shop.setup[machine][kind[other], kind[j]])
        elif machine in shop.initial_setup:
            ready = int(shop.initial_setup[machine][kind[j]])
        delay = max(delay, ready - clock)
        shut = None
        if machine in shop.calendars and duration > 0:
            shut = next(closed_times(shop.calendars[machine], clock, clock + duration), None)
        if shut is not None:
            delay = max(delay, shut[1] - clock)
        times.append(clock)
        clock += duration
        free[machine], before = (clock, j), machine
    return times, delay
