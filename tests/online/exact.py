"""The sharing policies in exact rationals, event by event: what theory says of ties, which no rounding may decide otherwise.

Nothing here is shared with the package. Slow (denominators grow with every change of who shares), obvious, and free of error.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction

Number = Fraction | float  # a float only for an infinite one


@dataclasses.dataclass
class Job:
    """A job; `attained` is its service so far."""

    index: int
    release: Fraction
    size: Fraction
    estimate: Fraction
    deadline: Number
    attained: Fraction = Fraction(0)
    served: bool = False


@dataclasses.dataclass
class Rank:
    """A job's rank now, whether it rises with service (so that equals share), and until which service this holds."""

    value: Number
    rises: bool
    until: Fraction


def las(j: Job) -> Rank:
    """Foreground-background."""
    return Rank(j.attained, True, j.size)


def llf(j: Job) -> Rank:
    """Least laxity first."""
    return Rank(j.deadline - (j.size - j.attained), j.deadline != math.inf, j.size)


def slf(j: Job) -> Rank:
    """Smallest lower bound first, epsilon one half."""
    known = 2 * j.attained >= j.size
    return Rank(j.size - j.attained, False, j.size) if known else Rank(j.attained, True, j.size / 2)


def srpt_b(j: Job) -> Rank:
    """SRPT on estimates with a bounce."""
    if j.attained < j.estimate:
        return Rank(j.estimate - j.attained, False, min(j.estimate, j.size))
    if j.attained < 2 * j.estimate:
        return Rank(j.attained - j.estimate, True, min(2 * j.estimate, j.size))
    return Rank(j.estimate, False, j.size)


RULES: dict[str, Callable[[Job], Rank]] = {"las": las, "llf": llf, "slf": slf, "srpt_b": srpt_b}


def completion_times(jobs: list[Job], name: str) -> list[Fraction]:
    """When each job is done. Equal ranks: one that does not share, the running one first, then by index; else all who share."""
    done = [j.release for j in jobs]
    coming = sorted(jobs, key=lambda j: j.release)
    alive: list[Job] = []
    now = Fraction(0)
    while coming or alive:
        if not alive:
            now = coming[0].release
        while coming and coming[0].release <= now:
            alive.append(coming.pop(0))
        if name == "ps":
            served, stretch = alive, min(j.size - j.attained for j in alive)
        else:
            served, stretch = _decide(alive, RULES[name])
        if empty := [j for j in served if j.size == 0]:  # it has its part of the server, and is gone in no time
            for j in empty:
                done[j.index] = now
                alive.remove(j)
            continue
        step = stretch * len(served)
        if coming:
            step = _until(now + step, float(coming[0].release)) - now
        for j in alive:
            j.served = any(j is other for other in served)
            j.attained += step / len(served) if j.served else 0
        now += step
        for j in [j for j in alive if j.attained == j.size > 0]:
            done[j.index] = now
            alive.remove(j)
    return done


def _until(end: Fraction, release: float) -> Fraction:
    """The arrival, or what ends before it: also what ends within two digits of that float, and time goes on from the end."""
    return end if end <= release or release + 0.25 * float(end - Fraction(release)) == release else Fraction(release)


def _decide(alive: list[Job], rule: Callable[[Job], Rank]) -> tuple[list[Job], Fraction]:
    """Who is served, and how much service each of them gets until something changes."""
    ranked = [(rule(j), j) for j in alive]
    least = min(rank.value for rank, _ in ranked)
    alone = [(not j.served, j.index, j, rank) for rank, j in ranked if rank.value == least and not rank.rises]
    if alone:
        *_, chosen, rank = min(alone, key=lambda row: row[:2])
        return [chosen], rank.until - chosen.attained
    sharers = [(rank, j) for rank, j in ranked if rank.value == least]
    stretch = min(rank.until - j.attained for rank, j in sharers)
    others = [rank.value - least for rank, _ in ranked if rank.value > least]
    return [j for _, j in sharers], min([stretch, *(Fraction(gap) for gap in others if gap != math.inf)])
