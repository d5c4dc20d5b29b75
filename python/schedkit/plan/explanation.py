"""Why a plan has no schedule, and what would help."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Sequence
from datetime import timedelta

from .._text import printable
from . import conflict, dates, lengths, reasons, relaxation, shortage, variants
from ._refusal import listed
from .conflict import Conflict
from .conflict_parts import OF_ACTIVITIES, ConflictPart, parts_of
from .elements import Link, PlanContent
from .feasibility import Answer, Inquiry
from .reasons import PlanReason
from .relaxation import Relaxation
from .relaxer import Relaxer
from .restriction import restricted

_SOFT = ("deadline", "capacity", "outage", "release", "work", "link", "hours")
"""The kinds of parts of a conflict, in the order in which one is given up, so that further conflicts are seen."""
_MOST_REASONS = 20
_MOST_OF_A_KIND = 3
_FIRST_SHARE, _SEARCH_SHARE = 0.5, 0.6
"""How the time limit is divided: the first share goes to the question whether there is a schedule, the second is that of
the search for conflicts in what remains."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """A conflict, what the engine says about it, and the part of it that is given up first."""

    conflict: Conflict
    certificate: PlanReason | None
    soft: ConflictPart


def explain(plan: PlanContent, inquiry: Inquiry) -> list[PlanReason]:
    """The reasons why a plan has no schedule; the method `Plan.explain` has the description.

    Raises
    ------
    Refusal
        What `model` refuses.
    """
    whole = inquiry.answer(plan, share=_FIRST_SHARE)
    if whole.feasible:
        return []
    settled = _settled(plan, whole)
    if whole.feasible is None:
        return [_unknown(settled, whole, inquiry)]
    found, background, complete = _conflicts(settled, whole, inquiry)
    if not found:
        return background
    any_tick = plan.tick is None
    relaxed = _first_relaxations(settled, found, inquiry, any_tick) if complete else None
    found, first = (found, []) if relaxed is None else relaxed
    explained = []
    for k, item in enumerate(found):
        if relaxed is not None:
            others = _with(settled, first[:k] + first[k + 1 :])
            relaxer = Relaxer(others, item.conflict.parts, inquiry, resolves="rest", any_tick=any_tick)
            some = _alternatives(item, first[k : k + 1], relaxer)
            some = tuple(_judged(settled, relaxed, inquiry, only=len(found) == 1) for relaxed in some)
        else:
            parts = item.conflict.parts
            alone = restricted(settled, parts)
            relaxer = Relaxer(alone, parts, inquiry, resolves="conflict", any_tick=any_tick)
            some = _alternatives(item, [], relaxer)
        explained.append(_reason(item, some))
    return explained


def _judged(plan: PlanContent, relaxed: Relaxation, inquiry: Inquiry, *, only: bool) -> Relaxation:
    """A relaxation that resolves the rest, or even all: then it helps alone."""
    if only or inquiry.feasible(relaxed.content(plan)):
        return dataclasses.replace(relaxed, resolves="all")
    return relaxed


def _settled(plan: PlanContent, whole: Answer) -> PlanContent:
    """The plan with its tick and its present, which must not change when parts are left out."""
    times, now = whole.model.times, plan.now
    facts = [when for a in plan.activities for when in (a.actual_start, a.actual_end) if when is not None]
    if now is None and facts:
        now = times.moment(max(map(times.tick, facts)))
    return variants.variant(plan, tick=times.axis.tick, now=now)


def _unknown(plan: PlanContent, whole: Answer, inquiry: Inquiry) -> PlanReason:
    """The reason that is given if neither a schedule nor a proof was found."""
    times = whole.model.times
    late = [
        (k, activity)
        for k, activity in enumerate(plan.activities)
        if activity.deadline is not None and whole.ends and whole.ends[k] > times.tick(activity.deadline)
    ]
    words = "within the limit neither a schedule was found nor a proof that there is none; a longer one may tell"
    relaxations = []
    if late:
        misses = (
            f"that of {a.name!r} by {lengths.moved(a.deadline, times.moment(whole.ends[k]))}" for k, a in late if a.deadline
        )
        words += f"; the best attempt misses deadlines: {listed(misses, 5)}"
    if len(late) == 1:
        ((k, activity),) = late
        value = times.moment(whole.ends[k])
        if inquiry.feasible(variants.with_activity(plan, activity.name, deadline=value)):
            text = f"move the deadline of {activity.name!r} to {dates.shown(value)}; an earlier one may do"
            relaxations.append(Relaxation("deadline", activity.name, value, False, "all", text))
    names = tuple(activity.name for _, activity in late)
    return PlanReason("unknown", names, (), None, printable(words), relaxations=tuple(relaxations))


def _conflicts(plan: PlanContent, whole: Answer, inquiry: Inquiry) -> tuple[list[_Found], list[PlanReason], bool]:
    """Conflicts of a plan, each found after one part of each earlier one was given up.

    Returns
    -------
    found : list of _Found
    background : list of PlanReason
        What the engine says if the plan has no schedule without all its parts either.
    complete : bool
        Whether there is a schedule if the soft part of each conflict is given up.
    """
    kept, found = parts_of(plan), list[_Found]()
    names = {activity.name for activity in plan.activities}
    answer: Answer | None = whole
    search = inquiry.part(_SEARCH_SHARE)
    while answer is not None and answer.feasible is False and len(found) < _MOST_REASONS and (search.left > 0 or not found):
        certificates = reasons.of_plan(answer.model, answer.reasons)
        certificate = next((c for c in certificates if c.code != "exhausted" and names.issuperset(c.activities)), None)
        here = conflict.smallest(plan, kept, () if certificate is None else certificate.activities, search)
        if not here.parts:
            return [], certificates, False
        if found and not here.irreducible:
            break  # out of time: the ones before it are worth more
        soft = _softest(plan, here.parts)
        counted = _counted(plan, here.parts, soft, inquiry) if certificate is None else None
        found.append(_Found(here, certificate or counted, soft))
        kept.remove(soft)
        answer = inquiry.attempt(restricted(plan, kept))
    return found, [], answer is not None and answer.feasible is True


def _softest(plan: PlanContent, parts: Iterable[ConflictPart]) -> ConflictPart:
    """The part that is given up: by kind, then the latest deadline, then the first in the plan."""
    deadline = {activity.name: activity.deadline for activity in plan.activities}

    def key(part: ConflictPart) -> tuple[int, float]:
        when = deadline[part.name] if part.kind == "deadline" else None
        return _SOFT.index(part.kind), 0.0 if when is None else -when.timestamp()

    return min(parts, key=key)


def _first_relaxations(
    plan: PlanContent, found: Sequence[_Found], inquiry: Inquiry, any_tick: bool
) -> tuple[list[_Found], list[Relaxation]] | None:
    """The conflicts that have to be resolved, with a relaxation for each, so that the plan has a schedule with all of them.

    No conflict contains what was given up for the ones before it. So from the last one on each is either resolved by what was
    changed for those behind it, or it needs a relaxation of its own, while the soft parts of those before it are given up. None
    if the time does not suffice.
    """
    needed, first = list[_Found](), list[Relaxation]()
    for k, item in reversed(list(enumerate(found))):
        given_up = {earlier.soft for earlier in found[:k]}
        others = _with(restricted(plan, [p for p in parts_of(plan) if p not in given_up]), first)
        resolved = inquiry.feasible(others) if first else False
        if resolved:
            continue
        relaxer = Relaxer(others, item.conflict.parts, inquiry, resolves="rest", any_tick=any_tick)
        relaxed = None if resolved is None else next(relaxer.of(item.soft, relaxation.KINDS), None)
        if relaxed is None:
            return None
        needed.insert(0, item)
        first.insert(0, relaxed)
    return needed, first


def _with(plan: PlanContent, relaxations: Iterable[Relaxation]) -> PlanContent:
    for relaxed in relaxations:
        plan = relaxed.content(plan)
    return plan


def _alternatives(item: _Found, known: list[Relaxation], relaxer: Relaxer) -> tuple[Relaxation, ...]:
    """The first relaxation, then others, at most three of a kind: those of the parts that come first in the plan."""
    found = list(known)
    for part in sorted(item.conflict.parts, key=lambda part: _ORDER.index(part.kind)):
        counts = collections.Counter(relaxed.kind for relaxed in found)
        done = {relaxed.kind for relaxed in known if part == item.soft}
        wanted = [kind for kind in relaxation.KINDS if counts[kind] < _MOST_OF_A_KIND and kind not in done]
        found += relaxer.of(part, wanted)
    others = sorted(found[len(known) :], key=lambda relaxed: relaxation.KINDS.index(relaxed.kind))
    return (*known, *others)


_ORDER = ("deadline", "capacity", "outage", "hours", "release", "link", "work")
"""The order in which parts of a conflict are tried for relaxations."""


def _reason(item: _Found, relaxations: tuple[Relaxation, ...]) -> PlanReason:
    parts, certificate = item.conflict.parts, item.certificate
    if certificate is None:
        certificate = _uncounted(parts)
    return dataclasses.replace(certificate, conflict=parts, irreducible=item.conflict.irreducible, relaxations=relaxations)


def _uncounted(parts: Sequence[ConflictPart]) -> PlanReason:
    """The reason that names the parts of a conflict, of which the engine has said only that every order was tried."""
    links = {part: [part.value.name] if isinstance(part.value, Link) else [] for part in parts}
    named = (name for part in parts if part.kind in OF_ACTIVITIES for name in (*links[part], part.name))
    activities = tuple(dict.fromkeys(named))
    resources = tuple(dict.fromkeys(part.name for part in parts if part.kind in ("capacity", "outage")))
    together = "; ".join(part.text for part in parts)
    words = f"these cannot go together, though any of them alone could be done without: {together}"
    return PlanReason("exhausted", activities, resources, None, printable(words))


def _counted(plan: PlanContent, parts: tuple[ConflictPart, ...], soft: ConflictPart, inquiry: Inquiry) -> PlanReason | None:
    """What is missing in a conflict: hours of a resource, which are counted, or the time by which a deadline has to be missed.

    The latter is found by solving. None if the time does not suffice, or no deadline is part of the conflict.
    """
    alone = restricted(plan, parts)
    answer = inquiry.attempt(alone)
    missing = None if answer is None else shortage.largest(answer.model)
    if missing is not None:
        words = (
            f"{missing.resource!r} is {lengths.work(missing.amount)} too short for {listed(map(repr, missing.activities))}"
            f" from {dates.shown(missing.start)} to {dates.shown(missing.end)}, where at least"
            f" {lengths.work(missing.needed)} of their work fall and there are {lengths.work(missing.available)}"
        )
        return PlanReason("too_much_work", missing.activities, (missing.resource,), missing.amount, printable(words))
    relaxer = Relaxer(alone, parts, inquiry, resolves="conflict", any_tick=plan.tick is None)
    later = next(relaxer.of(soft, ("deadline",)), None)
    deadline = next((activity.deadline for activity in plan.activities if activity.name == soft.name), None)
    if later is None or not later.least or deadline is None:
        return None
    found = _uncounted(parts)
    when = f"{dates.shown(later.value)} at the earliest, {lengths.moved(deadline, later.value)} after its deadline"
    words = f"{found.detail}; with the others {soft.name!r} ends at {when}"
    amount = timedelta(seconds=dates.elapsed(deadline, later.value))
    return dataclasses.replace(found, amount=amount, detail=printable(words))
