"""Progress that deserves attention: work that links did not let begin or end, and work done after its deadline."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import datetime

from .._text import printable, short_fields
from . import critical, dates, lengths
from ._refusal import listed
from .conflict import link_text
from .elements import Activity, Link, PlanContent
from .model import PlanModel
from .past import present
from .working_times import WorkClock, WorkingTimes


@dataclasses.dataclass(frozen=True, slots=True)
class PlanWarning:
    """A fact about the progress of a plan that deserves attention. It does not keep the plan from being scheduled.

    Attributes
    ----------
    code : str
        ``"out_of_sequence"``: an activity began or ended although a link to its predecessor did not let it.
        ``"deadline_missed"``: an activity was done after its deadline. ``"held"``: an activity is under way and does not go
        on, or does not end, at `now`, because links to its end wait for what has not happened.
    activities : tuple of str
        Those involved: the predecessors, then the other one; or the one that missed its deadline.
    detail : str
        A description with names and dates.
    """

    code: str
    activities: tuple[str, ...]
    detail: str

    __repr__ = short_fields


def warnings(plan: PlanContent, times: WorkingTimes) -> list[PlanWarning]:
    """What happened before the links of a plan let it, then what was done after its deadline, in the order of the plan."""
    return [*_out_of_sequence(plan, times), *_missed_deadlines(plan)]


def _missed_deadlines(plan: PlanContent) -> Iterator[PlanWarning]:
    for activity in plan.activities:
        end, deadline = activity.actual_end, activity.deadline
        if end is not None and deadline is not None and dates.elapsed(deadline, end) > 0:
            late = f"{lengths.moved(deadline, end)} after its deadline {dates.shown(deadline)}"
            text = printable(f"{activity.name!r} ended at {dates.shown(end)}, {late}")
            yield PlanWarning("deadline_missed", (activity.name,), text)


def _out_of_sequence(plan: PlanContent, times: WorkingTimes) -> Iterator[PlanWarning]:
    activities = {activity.name: activity for activity in plan.activities}
    clock, now = times.clock(plan.calendar), present(plan, times)
    for activity in plan.activities:
        for link in activity.predecessors:
            when, before = _fact(activity, link.type[1]), activities[link.name]
            if when is None or (link.type[0] == "S" and before.actual_start is None and before.actual_end is not None):
                continue  # it has not happened, or the start of what has ended is not known
            event = _fact(before, link.type[0])
            since = times.tick(event) if event is not None else now
            assert since is not None  # there is a fact, so there is a present
            lag = times.ticks(link.lag)
            missing = event is None and lag >= 0
            if missing or _too_early(clock, times.tick(when), since, lag, elapsed=link.elapsed):
                yield PlanWarning("out_of_sequence", (link.name, activity.name), _words(activity, link, when, event))


def _too_early(clock: WorkClock, at: int, since: int, lag: int, *, elapsed: bool) -> bool:
    """Whether a tick is before the lag of a link has passed since another one, or by more than its lead before that one."""
    if elapsed or not lag:
        return at < since + lag
    return clock.reading(at) < clock.reading(since) + lag


def held(made: PlanModel, end: Sequence[int]) -> Iterator[PlanWarning]:
    """What is under way but does not go on at once in a schedule, because of its links.

    Parameters
    ----------
    made : PlanModel
    end : list of int
        The ticks at which the activities of the plan end.
    """
    for k in made.held:
        activity, work = made.plan.activities[k], int(made.project.duration[k])
        opens = critical.opens_for(made, activity)
        clock = WorkClock(opens)
        begin = clock.after(end[k], -work)
        if begin is None or end[k] == clock.after(made.now, work):
            continue  # it goes on at once
        if work:
            begin = max(begin, int(opens[opens[:, 1] > begin][0, 0]))
        links = [bound.link for bound in made.bounds if bound.after == k]
        verb = "goes on" if work else "ends"
        words = f"{activity.name!r} is under way and {verb} at {dates.shown(made.times.moment(begin))}, not at once"
        names = tuple(dict.fromkeys(link.name for link in links))
        text = f"{words}: its end waits for {listed(map(link_text, links))}"
        yield PlanWarning("held", (*names, activity.name), printable(text))


def _fact(activity: Activity, event: str) -> datetime | None:
    return activity.actual_start if event == "S" else activity.actual_end


def _words(activity: Activity, link: Link, when: datetime, event: datetime | None) -> str:
    verb, other = ("started" if link.type[1] == "S" else "ended"), ("started" if link.type[0] == "S" else "ended")
    reason = f"which has not {other} yet" if event is None else f"which {other} at {dates.shown(event)}"
    return printable(f"{activity.name!r} {verb} at {dates.shown(when)}, although it waits for {link_text(link)}, {reason}")
