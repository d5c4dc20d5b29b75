"""What a plan is asked: when it ends, and why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from .._anytime import OnInterrupt
from .._core import CancelToken
from .._problem import Problem
from . import explanation, search
from ._refusal import Refusal
from .elements import Activity, Resource, WorkCalendar
from .feasibility import Inquiry
from .improvement import PlanImprovement
from .reasons import PlanReason
from .solution import PlanSolution


class PlanQuestions(Problem):
    """The questions that `Plan` answers, apart from what a plan is made of."""

    __slots__ = ()

    name: str
    start: datetime
    timezone: str
    calendar: str
    tick: timedelta | None
    now: datetime | None
    hours_per_day: float
    days_per_week: float
    calendars: tuple[WorkCalendar, ...]
    resources: tuple[Resource, ...]
    activities: tuple[Activity, ...]

    def solve(
        self,
        *,
        objective: str = "makespan",
        soft_deadlines: bool = False,
        late: bool = False,
        time_limit: float | None = None,
        max_schedules: int | None = None,
        seed: int = 0,
        threads: int | None = 1,
        on_improvement: Callable[[PlanImprovement], object] | None = None,
        stop: CancelToken | None = None,
        on_interrupt: OnInterrupt = "raise",
    ) -> PlanSolution:
        """Schedules the plan.

        Parameters
        ----------
        objective : str, default "makespan"
            What is to be as small as possible, one of `schedkit.rcpsp.OBJECTIVES`: ``"makespan"``, so that the plan ends as
            early as possible, or one that counts from ``due``: ``"total_tardiness"``, ``"total_weighted_tardiness"`` (by
            ``weight``), ``"num_tardy"``, the number of late activities, or ``"max_lateness"``. Lateness is the time that
            passes between due date and end. Activities without due date do not count, and a deadline stays hard.
        soft_deadlines : bool, default False
            Deadlines may be missed: first the largest miss is as small as possible, then the objective.
            The status is ``"optimal"`` if both are proven, and `lower_bound` is that of schedules that miss deadlines no more.
        late : bool, default False
            Whether every activity starts as late as the objective, the end of the plan and the deadlines allow, for planners
            who pull; `schedkit.rcpsp.solve` has the rule.
            `critical` is the chain of the schedule that starts everything as early as possible.
        time_limit : float, optional
            Seconds; 10 if `max_schedules` is not given either.
        max_schedules : int, optional
            Budget of schedules; with it and without `time_limit` the answer depends on `seed` alone.
        seed : int, default 0
        threads : int or None, default 1
            None means all cores.
        on_improvement : callable, optional
            Called with a `PlanImprovement` whenever the schedule or the bound gets better.
        stop : CancelToken, optional
            Ends the search from another thread.
        on_interrupt : {"raise", "return"}, default "raise"
            On Ctrl-C: ``KeyboardInterrupt`` with the best so far as its ``.result``, or the best so far as the answer.

        Returns
        -------
        PlanSolution

        Raises
        ------
        InvalidInputError, InputTypeError
            An unknown objective, or one that counts from due dates in a plan without; a limit that is negative; a date,
            duration or opening time that does not lie on the plan's own tick.

        Notes
        -----
        The search is that of `schedkit.rcpsp.solve`; then each activity, in the order of the starts, starts as early as those
        before it let it, or as late as those after it let it with `late`. What is under way goes on at `now` and pauses while
        it is closed; where units do not suffice for all that has started, those that started first go on first, unless a link
        or a deadline leaves no schedule then. A plan with facts but without `now` has the last fact as its present.

        Examples
        --------
        >>> import schedkit as sk
        >>> plan = sk.plan.Plan(
        ...     start="2026-03-25",
        ...     resources=[{"name": "crew"}],
        ...     activities=[
        ...         {"name": "dig", "duration": "1d 4h", "resources": "crew"},
        ...         {"name": "pour", "duration": "4h", "resources": "crew", "predecessors": "dig FS+1ed", "due": "2026-03-27"},
        ...     ],
        ... )
        >>> r = plan.solve()
        >>> r.status, r.critical
        ('optimal', ['dig', 'pour'])
        >>> for row in r.table():
        ...     print(row["name"], f"{row['start']:%a %H:%M} to {row['end']:%a %H:%M}", row["late"])
        dig Wed 08:00 to Thu 12:00 0:00:00
        pour Fri 13:00 to Fri 17:00 0:00:00
        """
        try:
            return search.solve(
                self,
                objective=objective,
                soft_deadlines=soft_deadlines,
                late=late,
                time_limit=time_limit,
                max_schedules=max_schedules,
                seed=seed,
                threads=threads,
                on_improvement=on_improvement,
                stop=stop,
                on_interrupt=on_interrupt,
            )
        except Refusal as refusal:
            raise refusal.error() from None

    def explain(
        self,
        *,
        time_limit: float | None = None,
        max_schedules: int | None = None,
        seed: int = 0,
        threads: int | None = 1,
    ) -> list[PlanReason]:
        """Why the plan has no schedule, in names, dates and hours, and what would help.

        Parameters
        ----------
        time_limit : float, optional
            Seconds for everything; 10 if `max_schedules` is not given either.
        max_schedules : int, optional
            Budget of schedules for each question that has to be answered; with it and without `time_limit` the answer depends
            on `seed` alone.
        seed : int, default 0
        threads : int or None, default 1
            None means all cores.

        Returns
        -------
        list of PlanReason
            Empty if there is a schedule. Otherwise one reason for each conflict that was found: ``detail`` is the description,
            ``conflict`` the parts of the plan that cannot go together, ``relaxations`` changes that help, and ``help`` their
            texts. If it is not known whether there is a schedule, the only reason has the code ``"unknown"``.

        Raises
        ------
        InvalidInputError, InputTypeError
            As in `solve`.

        Notes
        -----
        A conflict is found by leaving out one part after another, as long as the rest is proven to have no schedule. Where
        ``irreducible`` is True, leaving out any further part gives a schedule. Of work that is left out a start and an end
        remain, which take no time and may lie apart; milestones stay in one piece. Then one part, if possible the latest
        deadline, is given up, so that the next conflict is seen, until there is a schedule, or 20 conflicts.

        Every relaxation was tried by solving. The first one of each reason is about the part that was given up, and with all
        first ones together the plan has a schedule; `Relaxation.resolves` tells what the others do alone. There are at most
        three of a kind: those of the parts that come first in the plan.

        Complexity: for a conflict of k of n parts O(k log n) questions. Each is a search of `schedkit.rcpsp.solve` that ends
        with the first schedule or a proof.

        References
        ----------
        Chinneck, J. W., Dravnieks, E. W. (1991). Locating minimal infeasible constraint sets in linear programs. ORSA Journal
        on Computing 3.

        Examples
        --------
        >>> import schedkit as sk
        >>> plan = sk.plan.Plan(
        ...     start="2026-03-23",
        ...     resources=[{"name": "crew"}],
        ...     activities=[
        ...         {"name": "dig", "duration": "2d", "resources": "crew", "deadline": "2026-03-25"},
        ...         {"name": "paint", "duration": "2d", "resources": "crew", "deadline": "2026-03-25"},
        ...     ],
        ... )
        >>> (reason,) = plan.explain()
        >>> print(reason.detail)
        'crew' is 8 working hours too short for 'dig', 'paint' before 2026-03-26 00:00
        >>> for text in reason.help[1:4]:
        ...     print(text)
        move the deadline of 'paint' to 2026-03-26 17:00, 17 hours later; no earlier one would do
        have 2 units of 'crew' instead of 1; fewer would not do
        work 3 hours longer on each working day of calendar 'standard'; fewer hours would not do
        >>> reason.relaxations[1].apply(plan).solve().status
        'optimal'
        """
        inquiry = Inquiry(time_limit=time_limit, max_schedules=max_schedules, seed=seed, threads=threads)
        try:
            return explanation.explain(self, inquiry)
        except Refusal as refusal:
            raise refusal.error() from None
