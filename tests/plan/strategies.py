"""Random plans, as keys of `sk.plan.Plan`; names that look like links and units are frequent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kolkata",
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = (
    "08:00-12:00 13:00-17:00", "24h", "closed", "", "22:00-06:00", "00:00-22:00 22:00-06:00", "06:00-06:00",
    "07:30-16:15", "18:45-24:00, 00:15-03:00", "10:00-11:00 11:00-12:00",
)  # fmt: skip
_ENDS = st.sampled_from(
    ["", " SS", " FS+4h", "-2h", " ff", "[2]", " [2]", " FS", "+1ed", " SS+0h", ",x", '"', "'", " FS-1d 4h"]
)
_LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn"), exclude_characters=";")
_BASES = st.sampled_from(["A", "B", "dig", "pour", "=A1", "Größe", "a b", "-3", "+1h", "[x]", "x-y", "12", "0", "yes", "مرحبا"])
NAMES = st.builds("".join, st.tuples(st.one_of(_BASES, st.text(_LETTERS, min_size=1, max_size=6)), _ENDS))
NAMES = NAMES.map(str.strip).filter(bool)

_UNIT = st.sampled_from(["m", "h", "d", "w"])
DURATIONS = st.one_of(
    st.builds(lambda n, u: f"{n}{u}", st.integers(0, 90), _UNIT),
    st.builds(lambda d, h, m: f"{d}d {h}h {m}m", st.integers(0, 5), st.integers(0, 9), st.integers(0, 90)),
    st.sampled_from([0, 1.5, 12, "90m", "1.5h", "2,5d", "1 week"]),
    st.builds(lambda minutes: timedelta(minutes=minutes), st.integers(0, 5000)),
)
_FIRST = datetime(2026, 1, 5)
CLOCKS = st.builds(lambda quarters: _FIRST + timedelta(minutes=15 * quarters), st.integers(0, 96 * 365))
DATES = st.one_of(
    CLOCKS.map(lambda when: f"{when:%Y-%m-%d}"),
    CLOCKS.map(lambda when: f"{when:%Y-%m-%dT%H:%M}+01:00"),
    CLOCKS.map(datetime.date),
)


@st.composite
def calendars(draw: st.DrawFn, names: list[str]) -> list[dict[str, Any]]:
    found = []
    for name in names:
        weekly = {day: draw(st.sampled_from(HOURS)) for day in draw(st.sets(st.sampled_from(DAYS)))}
        days = draw(st.lists(CLOCKS.map(datetime.date), max_size=4, unique=True))
        exceptions: dict[str, str] = {str(day): draw(st.sampled_from(HOURS)) for day in days}
        found.append({"name": name, "weekly": weekly, "exceptions": exceptions})
    return found


@st.composite
def outages(draw: st.DrawFn, capacity: int) -> list[dict[str, Any]]:
    found = []
    for start in draw(st.lists(CLOCKS, max_size=3)):
        end = start + timedelta(minutes=15 * draw(st.integers(1, 2000)))
        whole = draw(st.booleans())
        left = draw(st.integers(0, capacity))
        found.append(
            {"from": start.date() if whole else _text(start), "to": end.date() if whole else _text(end), "capacity": left}
        )
    return found


def _text(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M}Z"


@st.composite
def keys(draw: st.DrawFn, *, progress: bool = True) -> dict[str, Any]:
    """The keys of a plan."""
    unique = st.lists(NAMES, max_size=6, unique=True)
    calendar_names = draw(st.lists(NAMES.filter(lambda name: name not in ("standard", "always")), max_size=3, unique=True))
    known = [None, "standard", "always", *calendar_names]
    resources: list[dict[str, Any]] = []
    for name in draw(st.lists(NAMES, max_size=3, unique=True)):
        capacity = draw(st.integers(1, 5))
        resources.append(
            {
                "name": name,
                "capacity": capacity,
                "calendar": draw(st.sampled_from(known)),
                "outages": draw(outages(capacity)),
            }
        )
    now = draw(CLOCKS) if progress and draw(st.booleans()) else None
    activities: list[dict[str, Any]] = []
    for name in draw(unique):
        activity: dict[str, Any] = {"name": name, "duration": draw(DURATIONS)}
        before = draw(st.lists(st.sampled_from([a["name"] for a in activities]), max_size=3, unique=True)) if activities else []
        activity["predecessors"] = [
            {"name": other, "type": draw(st.sampled_from(["FS", "SS", "FF", "SF"])), "lag": draw(LAGS)} for other in before
        ]
        used = draw(st.lists(st.sampled_from(resources), max_size=2, unique_by=lambda r: r["name"])) if resources else []
        activity["resources"] = {r["name"]: draw(st.integers(1, r["capacity"])) for r in used}
        activity["calendar"] = draw(st.sampled_from(known))
        activity["pausable"] = draw(st.booleans())
        for column in ("release", "deadline", "due"):
            activity[column] = draw(st.one_of(st.none(), DATES))
        activity["weight"] = draw(st.sampled_from([1, 0, 2, 0.5, 1e-3, 7.25]))
        activity |= draw(progress_of(now)) if now is not None else {}
        activities.append(activity)
    return {
        "name": draw(NAMES),
        "start": draw(DATES),
        "timezone": draw(st.sampled_from(ZONES)),
        "calendar": draw(st.sampled_from(known[1:])),
        "now": None if now is None else _text(now),
        "hours_per_day": draw(st.sampled_from([8, 7.5, 6, 24, 10])),
        "days_per_week": draw(st.sampled_from([5, 4, 7, 4.5])),
        "calendars": draw(calendars(calendar_names)),
        "resources": resources,
        "activities": activities,
    }


@st.composite
def schedulable(draw: st.DrawFn) -> dict[str, Any]:
    """The keys of a plan with links and lags that can be scheduled, often without deadlines."""
    found = draw(keys())
    for activity in found["activities"]:
        activity["deadline"] = None if len(found["activities"]) % 3 else activity["deadline"]
        for link in activity["predecessors"]:
            link |= {"type": "FS", "lag": str(link["lag"]).replace("-", "+")}
    return found


LAGS = st.one_of(
    st.just(0),
    st.builds(
        lambda sign, n, u: f"{sign}{n}{u}",
        st.sampled_from("+-"),
        st.integers(0, 40),
        st.sampled_from(["m", "h", "d", "em", "eh", "ed", "ew"]),
    ),
)


@st.composite
def progress_of(draw: st.DrawFn, now: datetime) -> dict[str, Any]:
    if draw(st.booleans()):
        return {}
    start = now - timedelta(minutes=15 * draw(st.integers(0, 500)))
    found: dict[str, Any] = {"actual_start": _text(start)}
    if draw(st.booleans()):
        found["actual_end"] = (
            _text(start + (now - start) / 2) if ((now - start) / 2) % timedelta(minutes=1) == timedelta(0) else _text(now)
        )
        return found
    found["percent"] = draw(st.sampled_from([None, 0, 25, 33, 37.5, 100]))
    found["remaining"] = draw(st.one_of(st.none(), DURATIONS))
    return found
