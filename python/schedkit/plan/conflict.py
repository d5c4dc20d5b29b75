"""Parts of a plan that cannot go together, none of which is superfluous.

A conflict is found by leaving out parts of a plan as long as no schedule exists (the deletion filter of Chinneck and Dravnieks,
1991), many at a time first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Sequence

from .conflict_parts import KINDS, OF_ACTIVITIES, ConflictPart
from .elements import Link, PlanContent
from .feasibility import Inquiry
from .restriction import restricted


@dataclasses.dataclass(frozen=True, slots=True)
class Conflict:
    """Parts that cannot go together.

    Attributes
    ----------
    parts : tuple of ConflictPart
    irreducible : bool
        Whether it is known that the rest goes together if any part is left out.
    """

    parts: tuple[ConflictPart, ...]
    irreducible: bool


def smallest(plan: PlanContent, kept: Sequence[ConflictPart], involved: Collection[str], inquiry: Inquiry) -> Conflict:
    """A conflict among some parts of a plan, of which it is known that they cannot go together.

    Parameters
    ----------
    plan : Plan
    kept : list of ConflictPart
    involved : collection of str
        Activities that are likely to be part of it.
    inquiry : Inquiry
    """
    filtered = _Filter(plan, _narrowed(plan, kept, involved, inquiry), inquiry)
    filtered.leave_out_what_may_wait()
    for kind in KINDS:
        filtered.leave_out([part for part in filtered.kept if part.kind == kind])
        if kind in ("deadline", "link"):
            filtered.leave_out_what_may_wait()
    irreducible = filtered.confirmed()  # which may leave out more
    return Conflict(tuple(filtered.kept), irreducible)


def _narrowed(
    plan: PlanContent, kept: Sequence[ConflictPart], involved: Collection[str], inquiry: Inquiry
) -> Sequence[ConflictPart]:
    """The parts around some activities, with those before and after them if needed, if they cannot go together."""
    names = set(involved)
    for _ in range(2 if names else 0):
        resources = {name for a in plan.activities if a.name in names for name in a.resources}
        near = [part for part in kept if _touches(part, names, resources)]
        if inquiry.feasible(restricted(plan, near)) is False:
            return near
        names = _connected(plan, names)
    return kept


def _touches(part: ConflictPart, names: Collection[str], resources: Collection[str]) -> bool:
    if part.kind == "hours":
        return True
    if part.kind in ("capacity", "outage"):
        return part.name in resources
    if part.name not in names:
        return False
    return not isinstance(part.value, Link) or part.value.name in names


def _connected(plan: PlanContent, names: Collection[str]) -> set[str]:
    """Some activities, all that come before them and all that come after them."""
    before = {a.name: {link.name for link in a.predecessors} for a in plan.activities}
    after: dict[str, set[str]] = {name: set() for name in before}
    for name, others in before.items():
        for other in others:
            after[other].add(name)
    found = set(names)
    for neighbours in (before, after):
        reached, waiting = set(names), list(names)
        while waiting:
            new = neighbours[waiting.pop()] - reached
            reached |= new
            waiting += new
        found |= reached
    return found


class _Filter:
    """Leaves out parts as long as the rest has no schedule."""

    def __init__(self, plan: PlanContent, kept: Iterable[ConflictPart], inquiry: Inquiry) -> None:
        self.kept = list(kept)
        self._plan, self._inquiry = plan, inquiry
        self._needed: dict[ConflictPart, frozenset[ConflictPart]] = {}
        """Parts without which the others of a set go together, with that set."""

    def leave_out(self, some: Sequence[ConflictPart]) -> None:
        """Leaves out as many of some parts as possible."""
        if not some:
            return
        if self._without(some) is False:
            return
        if len(some) > 1:
            half = len(some) // 2
            self.leave_out(some[:half])
            self.leave_out(some[half:])

    def leave_out_what_may_wait(self) -> None:
        """Leaves out all activities that no activity with a deadline waits for, if the rest has no schedule."""
        before: dict[str, list[str]] = {}
        for part in self.kept:
            if isinstance(part.value, Link):
                before.setdefault(part.name, []).append(part.value.name)
        waiting = [part.name for part in self.kept if part.kind == "deadline"]
        reached = set(waiting)
        while waiting:
            new = set(before.get(waiting.pop(), ())) - reached
            reached |= new
            waiting += new
        late = [part for part in self.kept if part.kind in OF_ACTIVITIES and part.name not in reached]
        if late:
            self._without(late)

    def confirmed(self) -> bool:
        """Tries once more to leave out each part that is left; returns whether it is known that none can be left out."""
        tried: frozenset[ConflictPart] | None = None
        while tried != frozenset(self.kept):
            tried = frozenset(self.kept)
            for part in list(self.kept):
                if self._needed.get(part) != frozenset(self.kept):
                    self._without([part])
        return all(self._needed.get(part) == tried for part in self.kept)

    def _without(self, some: Sequence[ConflictPart]) -> bool | None:
        """Leaves out some parts if it is proven that the rest has no schedule; returns whether it has one."""
        if self._inquiry.left <= 0:
            return None
        without = set(some)
        rest = [part for part in self.kept if part not in without]
        feasible = self._inquiry.feasible(restricted(self._plan, rest))
        if feasible is False:
            self.kept = rest
        elif feasible and len(some) == 1:
            self._needed[some[0]] = frozenset(self.kept)
        return feasible
