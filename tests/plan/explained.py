"""Explains random plans without a schedule within five seconds each, and judges what is said: a command, not a test.

    SCHEDKIT_INSTANCES=300 python -m tests.plan.explained

Two thirds of the plans have 3 to 10 activities, the others 20 to 60. CP-SAT judges whether each conflict is one, and whether
it is none any more without any one of its parts; each change is made and the plan solved and checked. Counts are printed after
every ten plans.
"""

from __future__ import annotations

import collections
import os
import time
from collections.abc import Iterator

import schedkit as sk

from . import infeasible, start_indexed

LIMIT = 5.0
HOURS = 24 * 28


def candidates(least: int, most: int) -> Iterator[sk.plan.Plan]:
    """Plans that are proven to have no schedule, by their seed."""
    seed = 0
    while True:
        plan = infeasible.plan(seed, least, most)
        if plan.solve(max_schedules=300).status == "infeasible":
            yield plan
        seed += 1


def irreducible(plan: sk.plan.Plan, reason: sk.plan.PlanReason) -> bool:
    """Whether the parts of a conflict have no schedule, and have one if any of them is left out."""
    fewer = ([other for other in reason.conflict if other != part] for part in reason.conflict)
    return not start_indexed.feasible(plan, HOURS, reason.conflict) and all(
        start_indexed.feasible(plan, HOURS, parts) for parts in fewer
    )


def works(
    plan: sk.plan.Plan, change: sk.plan.Relaxation, others: list[sk.plan.Relaxation], parts: tuple[sk.plan.ConflictPart, ...]
) -> bool:
    """Whether a plan has a schedule with a change; unless it suffices alone, with the first one of each other reason too.

    A change of which no more is claimed is judged by the parts of the conflict, which have to go together then.
    """
    if change.resolves == "conflict":
        return start_indexed.feasible(change.apply(plan), HOURS, parts)
    for other in [] if change.resolves == "all" else others:
        plan = other.apply(plan)
    changed = change.apply(plan)
    for number in (300, 20_000):  # the first of them suffices nearly always
        r = changed.solve(max_schedules=number, time_limit=20)
        if r.end is not None:
            return sk.check(changed, r) == []
    return False


def main() -> None:
    """Prints the counts."""
    number = int(os.environ.get("SCHEDKIT_INSTANCES", "300"))
    count: collections.Counter[str] = collections.Counter()
    slowest = 0.0
    for share, (least, most) in ((2 * number // 3, (3, 10)), (number // 3, (20, 60))):
        plans = candidates(least, most)
        for k in range(share):
            plan = next(plans)
            begun = time.perf_counter()
            found = plan.explain(time_limit=LIMIT)
            seconds = time.perf_counter() - begun
            slowest = max(slowest, seconds)
            count["plans"] += 1
            count["explained"] += bool(found) and all(reason.code != "unknown" and reason.conflict for reason in found)
            count["counted in hours"] += bool(found) and all(reason.amount is not None for reason in found)
            first = [reason.relaxations[0] for reason in found if reason.relaxations]
            for reason in found:
                others = [change for change in first if change not in reason.relaxations]
                count["conflicts"] += 1
                count["irreducible by CP-SAT"] += irreducible(plan, reason)
                count["changes"] += len(reason.relaxations)
                count["for a conflict alone"] += sum(change.resolves == "conflict" for change in reason.relaxations)
                count["changes that work"] += sum(works(plan, c, others, reason.conflict) for c in reason.relaxations)
            if k % 10 == 9 or k == share - 1:
                words = ", ".join(f"{name} {value}" for name, value in count.items())
                print(f"{least} to {most} activities: {words}; slowest {slowest:.1f} s", flush=True)


if __name__ == "__main__":
    main()
