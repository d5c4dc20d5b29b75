"""Progress that deserves attention: work that links did not let begin or end, and work done after its deadline."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from .._text import printable, short_fields
from . import critical, dates, lengths
from ._refusal import listed
from .conflict_parts import link_text
from .elements import Activity, Link, PlanContent
from .going_on import turn_of
from .past import after, present
from .plan_model import PlanModel
from .working_times import WorkClock


@dataclasses.dataclass(frozen=True, slots=True)
class PlanWarning:
    """A fact about the progress of a plan that deserves attention. It does not keep the plan from being scheduled.

    Attributes
    ----------
    code : str
        ``"out_of_sequence"``: an activity began or ended although a link to its predecessor did not let it.
        ``"start_unknown"``: an activity has an ``actual_end`` and no ``actual_start``, so the lag of a link behind its start
        counts from its end. ``"deadline_missed"``: an activity was done after its deadline. ``"held"``: an activity is under
        way and does not go on in its turn, or does not end at `now`, because links to its end wait for what has not happened,
        or because a deadline or another link could not be kept.
    activities : tuple of str
        Those involved: the predecessors, then the other one; or the one that missed its deadline.
    detail : str
        A description with names and dates.
    """

    code: str
    activities: tuple[str, ...]
    detail: str

    __repr__ = short_fields


def warnings(plan: PlanContent, made: PlanModel, spans: Sequence[tuple[int, int]] | None) -> list[PlanWarning]:
    """What happened before the links of a plan let it, unknown starts, then what was done after its deadline.

    Each in the order of the plan.

    Parameters
    ----------
    plan : Plan
    made : PlanModel
    spans : list of (int, int) or None
        When the activities start and end in a schedule in which each is as early as it can be; None without a schedule.
    """
    return [*_out_of_sequence(plan, made, spans), *_unknown_starts(plan, made), *_missed_deadlines(plan)]


def _missed_deadlines(plan: PlanContent) -> Iterator[PlanWarning]:
    for activity in plan.activities:
        end, deadline = activity.actual_end, activity.deadline
        if end is not None and deadline is not None and dates.elapsed(deadline, end) > 0:
            late = f"{lengths.moved(deadline, end)} after its deadline {dates.shown(deadline)}"
            text = printable(f"{activity.name!r} ended at {dates.shown(end)}, {late}")
            yield PlanWarning("deadline_missed", (activity.name,), text)


def _out_of_sequence(plan: PlanContent, made: PlanModel, spans: Sequence[tuple[int, int]] | None) -> Iterator[PlanWarning]:
    times, clock = made.times, made.times.clock(plan.calendar)
    position = {activity.name: k for k, activity in enumerate(plan.activities)}
    for activity in plan.activities:
        for link in activity.predecessors:
            i = position[link.name]
            when, before = _fact(activity, link.type[1]), plan.activities[i]
            if when is None or (link.type[0] == "S" and _has_unknown_start(before)):
                continue  # it has not happened, or the start of what has ended is not known
            event = _fact(before, link.type[0])
            if event is not None:
                since = times.tick(event)
            else:
                since = _least(made, i, link.type[0]) if spans is None else spans[i][link.type[0] == "F"]
            if _too_early(clock, times.tick(when), since, times.ticks(link.lag), elapsed=link.elapsed):
                yield PlanWarning("out_of_sequence", (link.name, activity.name), _words(activity, link, when, event))


def _least(made: PlanModel, k: int, event: str) -> int:
    """A tick before which an activity cannot start, or end, which has not yet done so."""
    now = present(made.plan, made.times)
    assert now is not None  # there is a fact, so there is a present
    if event == "S":
        return now
    end = WorkClock(critical.opens_for(made, made.plan.activities[k])).after(now, int(made.project.duration[k]))
    return made.times.horizon if end is None else end


def _unknown_starts(plan: PlanContent, made: PlanModel) -> Iterator[PlanWarning]:
    """Links from a start that is not known which hold back what has not happened yet, because they count from an end."""
    times, clock, now = made.times, made.times.clock(plan.calendar), present(plan, made.times)
    for bound in made.bounds:
        before, link = plan.activities[bound.before], bound.link
        if now is None or before.actual_end is None or link.type[0] != "S" or not _has_unknown_start(before):
            continue
        earliest = after(times, clock, link, times.tick(before.actual_end))
        if earliest is None or earliest > now:
            name = plan.activities[bound.after].name
            words = f"{before.name!r} ended at {dates.shown(before.actual_end)}, and its start is not known"
            text = f"{words}: {name!r}, which waits for {link_text(link)}, counts from that end"
            yield PlanWarning("start_unknown", (before.name, name), printable(text))


def _has_unknown_start(activity: Activity) -> bool:
    return activity.actual_start is None and activity.actual_end is not None


def _too_early(clock: WorkClock, at: int, since: int, lag: int, *, elapsed: bool) -> bool:
    """Whether a tick is before the lag of a link has passed since another one, or by more than its lead before that one."""
    if elapsed or not lag:
        return at < since + lag
    return clock.reading(at) < clock.reading(since) + lag


def held(made: PlanModel, spans: Sequence[tuple[int, int]]) -> Iterator[PlanWarning]:
    """What is under way but does not go on in its turn in a schedule, and why.

    Parameters
    ----------
    made : PlanModel
    spans : list of (int, int)
        The ticks at which the activities of the plan start and end.
    """
    for k in made.running:
        activity, work = made.plan.activities[k], int(made.project.duration[k])
        bounds = [bound for bound in made.bounds if bound.after == k]
        turn = turn_of(made, k, spans) if work or bounds else None
        if turn is None or (work and spans[k][1] <= turn[1]):
            continue
        opens = critical.opens_for(made, activity)
        clock = WorkClock(opens)
        begin = clock.after(spans[k][1], -work)
        binding = ((made.earliest(bound, *spans[bound.before]), bound.link) for bound in bounds)
        links = {link: at for at, link in binding if at is not None and at > turn[1]}
        if begin is None or not (links or work):
            continue  # it ends at once
        if work:
            begin = max(begin, int(opens[opens[:, 1] > begin][0, 0]))
        verb = "goes on" if work else "ends"
        words = f"{activity.name!r} is under way and {verb} at {dates.shown(made.times.moment(begin))}, not at once"
        names = tuple(dict.fromkeys(link.name for link in links))
        text = f"{words}: {_why(clock, spans[k][1], links)}"
        yield PlanWarning("held", (*names, activity.name), printable(text))


def _why(clock: WorkClock, end: int, links: Mapping[Link, int]) -> str:
    """Why work under way ends no earlier: links, with the ticks from which on they let it, and the units that others hold."""
    if not links:
        return "in its turn a deadline or a link could not be kept"
    units = ", and for units" if clock.reading(end) > clock.reading(max(links.values())) else ""
    return f"its end waits for {listed(map(link_text, links))}{units}"


def _fact(activity: Activity, event: str) -> datetime | None:
    return activity.actual_start if event == "S" else activity.actual_end


def _words(activity: Activity, link: Link, when: datetime, event: datetime | None) -> str:
    verb, other = ("started" if link.type[1] == "S" else "ended"), ("started" if link.type[0] == "S" else "ended")
    reason = f"which has not {other} yet" if event is None else f"which {other} at {dates.shown(event)}"
    return printable(f"{activity.name!r} {verb} at {dates.shown(when)}, although it waits for {link_text(link)}, {reason}")
