"""The CP-SAT model of a project with modes, options, maximal lags or stores: an optional interval for each mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .constraints import NO_DEADLINE, NO_LAG
from .cp_sat_mode_calendars import RowCalendars
from .problem import Project, core_of
from .schedule import ProjectSchedule


class ModeModel:
    """Variables, constraints, and the way back from a solution to start times and modes."""

    def __init__(
        self,
        cp_model: Any,
        project: Project,
        started: tuple[Mapping[int, tuple[int, int | None]], Mapping[int, int]],
        now: int,
        best: ProjectSchedule | None,
        lower_bound: int | None,
    ) -> None:
        self.model = cp_model.CpModel()
        fixed, modes = started
        self.fixed = {i: (start, start if end is None else end) for i, (start, end) in fixed.items()}
        self.complete = best is not None or self._is_sufficient(project)
        begin = min([now, 0, *(start for start, _ in self.fixed.values())])
        n = project.num_activities
        owner = list(range(n)) if project.activity is None else project.activity.tolist()
        rows = {i: self._started_row(project, owner, i, modes, span) for i, span in self.fixed.items()}
        self._calendars: RowCalendars | None = None
        if project.calendars:
            spans = {i: (row, self.fixed[i]) for i, row in rows.items()}
            is_two_sided = project.has_max_lags or project.has_stores
            horizon = self._horizon(project, now) if is_two_sided else None
            self._calendars = RowCalendars(project, spans, now, horizon if best is None else best.makespan)
            self.complete, self.horizon = self._calendars.complete, self._calendars.horizon
        else:
            self.horizon = self._horizon(project, now) if best is None else best.makespan
        self._start = [self.model.new_int_var(begin, self.horizon, f"start[{i}]") for i in range(n)]
        self._end = [self.model.new_int_var(begin, self.horizon, f"end[{i}]") for i in range(n)]
        self._present: list[dict[int, Any]] = [{} for _ in range(n)]
        runs = self._rows(cp_model.Domain, project, owner)
        for i, row in rows.items():
            self.model.add_bool_and([self._present[i][row]])
        self._runs = [self._presence(project, i) for i in range(n)]
        self._windows(project, now)
        for group in project.alternatives:
            self.model.add_exactly_one([self._runs[i] for i in group])
        self._resources(project, owner, runs)
        literal_of = {row: literal for literals in self._present for row, literal in literals.items()}
        for k, stock in enumerate([] if project.nonrenewable is None else project.nonrenewable.tolist()):
            used = project.consumption[:, k].tolist() if project.consumption is not None else []
            self.model.add(sum(used[row] * literal for row, literal in literal_of.items()) <= stock)
        self._levels(project)
        self._makespan = self.model.new_int_var(max(0, lower_bound or 0), max(self.horizon, lower_bound or 0), "makespan")
        for end, is_run in zip(self._end, self._runs, strict=True):
            self._if(self.model.add(self._makespan >= end), is_run)
        self.model.minimize(self._makespan)
        if best is not None:
            self._hint(best)

    def _rows(self, domain: Any, project: Project, owner: list[int]) -> list[tuple[Any, list[Any]]]:
        """For each row its literal; its interval, and those in which it works."""
        runs = []
        for row, i in enumerate(owner):
            literal = self._present[i][row] = self.model.new_bool_var(f"mode[{row}]")
            times = (self._start[i], self._end[i])
            if self._calendars is not None and i not in self.fixed:
                runs.append(self._calendars.place((self.model, domain), row, times, literal))
                continue
            duration = int(project.duration[row])
            if i in self.fixed:  # what has happened may have taken another time
                duration = self.fixed[i][1] - self.fixed[i][0]
            interval = self.model.new_optional_interval_var(times[0], duration, times[1], literal, f"run[{row}]")
            runs.append((interval, [interval]))
        return runs

    def _resources(self, project: Project, owner: list[int], runs: list[tuple[Any, list[Any]]]) -> None:
        """Renewable resources and disjunctive groups."""
        works = [row for row in range(len(runs)) if project.duration[row] > 0]
        for r, capacity in enumerate(project.capacity.tolist()):
            holders = [row for row in works if project.demand[row, r] > 0]
            if self._calendars is not None:  # what has started is a part of what is taken
                holders = [row for row in holders if owner[row] not in self.fixed]
            users = [(part, int(project.demand[row, r])) for row in holders for part in runs[row][1]]
            if self._calendars is not None:
                users += self._taken(self._calendars, r, capacity)
            self.model.add_cumulative([part for part, _ in users], [units for _, units in users], capacity)
        for group in project.disjunctive:
            self.model.add_no_overlap([runs[row][0] for row in works if owner[row] in group])

    @staticmethod
    def _started_row(project: Project, owner: list[int], i: int, modes: Mapping[int, int], span: tuple[int, int]) -> int:
        """The row of an activity that has started: the one that is named, else the first that lasts so long, else the first."""
        own = [row for row, activity in enumerate(owner) if activity == i]
        alike = (row for row in own if project.duration[row] == span[1] - span[0])
        return modes.get(i, next(alike, own[0]))

    def _taken(self, calendars: RowCalendars, resource: int, capacity: int) -> list[tuple[Any, int]]:
        """What calendars and activities that have started take from a resource, as intervals with their demands."""
        missing = [(begin, end, capacity - units) for begin, end, units in calendars.left(resource) if units < capacity]
        interval = self.model.new_fixed_size_interval_var
        return [(interval(begin, end - begin, f"taken of {resource} from {begin}"), units) for begin, end, units in missing]

    def _presence(self, project: Project, i: int) -> Any:
        """The literal that an activity runs, in one of its modes; True if it always does."""
        literals = list(self._present[i].values())
        if not project.optional[i] or i in self.fixed:
            self.model.add_exactly_one(literals)
            return True
        runs = self.model.new_bool_var(f"runs[{i}]")
        self.model.add_exactly_one([*literals, runs.negated()])
        return runs

    @staticmethod
    def _if(constraint: Any, *literals: Any) -> None:
        """Lets a constraint hold where these activities run."""
        needed = [literal for literal in literals if literal is not True]
        if needed:
            constraint.only_enforce_if(needed)

    @staticmethod
    def _is_sufficient(project: Project) -> bool:
        """Whether some schedule ends within the horizon, if there is any."""
        if project.has_max_lags or project.has_stores:
            return True
        bounded = project.deadline != NO_DEADLINE
        follows = all(relation == "FS" for relation in project.relation) and bool((project.lag >= 0).all())
        return follows or not bounded.any() or bool(bounded.all())

    def _horizon(self, project: Project, now: int) -> int:
        """A time by which everything is done if the longest modes run one by one."""
        longest = [0] * project.num_activities
        owner = range(project.num_activities) if project.activity is None else project.activity.tolist()
        for row, i in enumerate(owner):
            longest[i] = max(longest[i], int(project.duration[row]))
        if project.has_max_lags or project.has_stores:
            rows: list[tuple[int, int, int | None]] = [(i, *span) for i, span in self.fixed.items()]
            return int(core_of(project).sufficient_horizon(rows, now) or 0)
        ends = (end for _, end in self.fixed.values())
        begin = max([now, 0, *project.release_time.tolist(), *ends])
        return int(begin + sum(longest) + sum(max(0, lag) for lag in project.lag.tolist()))

    def _windows(self, project: Project, now: int) -> None:
        for i, (start, end) in enumerate(zip(self._start, self._end, strict=True)):
            if i in self.fixed:
                self.model.add(start == self.fixed[i][0])
                continue
            self._if(self.model.add(start >= max(now, int(project.release_time[i]))), self._runs[i])
            if project.deadline[i] != NO_DEADLINE:
                self._if(self.model.add(end <= int(project.deadline[i])), self._runs[i])
        columns = (project.precedence.tolist(), project.relation, project.lag.tolist(), project.max_lag.tolist())
        for (i, j), relation, lag, max_lag in zip(*columns, strict=True):
            if j not in self.fixed or i not in self.fixed:
                before = self._end[i] if relation[0] == "F" else self._start[i]
                after = self._end[j] if relation[1] == "F" else self._start[j]
                if lag != NO_LAG:
                    self._if(self.model.add(after >= before + lag), self._runs[i], self._runs[j])
                if max_lag != NO_DEADLINE:
                    self._if(self.model.add(after <= before + max_lag), self._runs[i], self._runs[j])

    def _levels(self, project: Project) -> None:
        """The levels of stores: what activities take at their starts and give at their ends."""
        if project.storage is None or project.initial is None or project.taken is None or project.given is None:
            return
        for store, (capacity, initial) in enumerate(zip(project.storage.tolist(), project.initial.tolist(), strict=True)):
            taken, given = project.taken[:, store].tolist(), project.given[:, store].tolist()
            times = [*self._start, *self._end]
            changes = [*(-units for units in taken), *given]
            used = [k for k, units in enumerate(changes) if units]
            most = min(capacity, initial + sum(given)) - initial
            if used:
                self.model.add_reservoir_constraint([times[k] for k in used], [changes[k] for k in used], -initial, most)

    def _hint(self, best: ProjectSchedule) -> None:
        rows = range(len(self._start)) if best._mode is None else best.mode.tolist()
        for i, (start, row) in enumerate(zip(best.start_time.tolist(), rows, strict=True)):
            if row != -1:
                self.model.add_hint(self._start[i], start)
            for other, literal in self._present[i].items():
                self.model.add_hint(literal, other == row)

    def makespan(self, objective: float) -> int:
        """The makespan that a value of the objective, or a bound on it, stands for."""
        return round(objective)

    def start_time(self, value: Callable[[Any], int]) -> list[int]:
        """The start times of a solution."""
        return [value(start) for start in self._start]

    def mode(self, value: Callable[[Any], int]) -> list[int]:
        """The rows of the modes of a solution, -1 for what does not run."""
        return [next((row for row, literal in literals.items() if value(literal)), -1) for literals in self._present]
