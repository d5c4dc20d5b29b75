"""Plans for tests of charts and pages."""

from __future__ import annotations

import random
from typing import Any

import schedkit as sk

WEEK = ("mon", "tue", "wed", "thu", "fri")
SHIFTS = {"early": "06:00-14:00", "late": "14:00-22:00", "nights": "22:00-06:00"}


def migration() -> sk.plan.Plan:
    """The plan that ships with the package."""
    return sk.plan.read(sk.example_path("migration.csv"))


def under_way() -> tuple[sk.plan.Plan, sk.plan.PlanSolution]:
    """The plan that ships with the package in its fourth week, and the schedule with which it began."""
    plan = migration()
    baseline = plan.solve(max_schedules=200)
    rows = {row["name"]: row for row in baseline.table()}
    news: dict[str, dict[str, Any]] = {
        name: {"actual_start": row["start"], "actual_end": row["end"]}
        for name, row in rows.items()
        if row["end"].date().isoformat() < "2027-01-28"
    }
    news["order carrier links"] = {"actual_start": "2027-01-20 08:00", "percent": 60}
    news["test power and cooling"] = {"actual_start": "2027-01-26 13:00", "actual_end": "2027-01-28 10:00"}
    news["lay structured cabling"] = {"actual_start": "2027-01-28 10:00", "percent": 25}
    return plan.update(news, now="2027-02-01 09:10"), baseline


def large(count: int, seed: int = 1) -> sk.plan.Plan:
    """A plan with ten crews on five calendars."""
    rng = random.Random(seed)
    calendars = [{"name": name, "weekly": dict.fromkeys(WEEK, hours)} for name, hours in SHIFTS.items()]
    calendars.append({"name": "weekend", "weekly": dict.fromkeys(("fri", "sat", "sun"), "08:00-16:00")})
    names = ["standard", *(str(calendar["name"]) for calendar in calendars)]
    resources = [{"name": f"crew {c}", "capacity": rng.randint(2, 5), "calendar": names[c % 5]} for c in range(10)]
    activities = []
    for k in range(count):
        before = sorted(rng.sample(range(max(0, k - 60), k), min(k, rng.randint(0, 2))))
        activities.append(
            {
                "name": f"activity {k} of section {k % 17}",
                "duration": f"{rng.randint(2, 40)}h",
                "predecessors": "; ".join(f"activity {j} of section {j % 17}" for j in before),
                "resources": f"crew {rng.randrange(10)}[{rng.randint(1, 2)}]",
            }
        )
    return sk.plan.Plan(
        name="Large",
        start="2027-01-11",
        timezone="Europe/Berlin",
        calendars=calendars,
        resources=resources,
        activities=activities,
    )


HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "{{data}} {{style}} ]]> <!-- '\"",
    "$x^_{ & \\ \u202eabc",
    "</title></style><b>bold</b>",
    "Größe مرحبا 調査 \U0001f3d7",
)


def hostile() -> sk.plan.Plan:
    """A plan whose names try to break out of charts and pages."""
    activities = [
        {"name": name, "duration": f"{k + 2}h", "resources": {"</script><i>crew": 1}} for k, name in enumerate(HOSTILE)
    ]
    return sk.plan.Plan(
        name="</title><script>window.hacked = 1</script>{{script}}",
        start="2027-01-11",
        resources=[{"name": "</script><i>crew"}],
        activities=activities,
    )
