"""A naive policy queue: a list, scanned from end to end, every rule read from its definition; no code of the package."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable, Hashable

SHARING = ("ps", "las", "llf", "srpt_b", "slf")
SIZED = ("sjf", "srpt", "psjf", "hdf", "wsrpt", "bansal_dhamdhere", "hrrn", "srpt_ageing", "llf", "op_srpt", "chunk_balance")
ATOM = 4.0  # the only size that the Gittins policy of the tests knows
AGEING = 0.25


@dataclasses.dataclass(eq=False)
class Item:
    """One key in line."""

    key: Hashable
    index: int
    release: float
    size: float
    attained: float
    weight: float
    estimate: float
    deadline: float
    phase: int = 0
    joined: int = 0
    operation: int = 0
    before: float = 0.0
    known: bool = False
    partial: bool = False
    chunk: int = 0
    chunk_before: float = 0.0
    tag: float = 0.0
    level: int = 0
    order: tuple[float, int] = (0.0, 0)


class NaiveQueue:
    """The queue of `policy`."""

    def __init__(self, policy: str) -> None:
        self.policy = policy
        self.items: list[Item] = []
        self.running: Item | None = None
        self.count = self.turns = 0
        self.since = -math.inf
        self.ran: dict[Hashable, bool] = {}  # keys that ran; whether they have to wait again

    # --- the rules ---------------------------------------------------------------------------------------------------------

    def rank(self, j: Item, now: float) -> float:
        left = j.size - j.attained
        bounce = (j.estimate - j.attained, j.attained - j.estimate, j.estimate)
        ranks: dict[str, Callable[[], float]] = {
            "fcfs": lambda: j.release,
            "sjf": lambda: j.size,
            "srpt": lambda: left,
            "psjf": lambda: j.size,
            "hdf": lambda: j.size / j.weight,
            "wsrpt": lambda: max(left, 0.0) / j.weight,
            "hrrn": lambda: -(now - j.release) / j.size,
            "srpt_ageing": lambda: left + AGEING * j.release,
            "llf": lambda: j.deadline - left,
            "rr": lambda: 0.0,
            "ps": lambda: j.tag,
            "las": lambda: j.attained,
            "mlf": lambda: float(j.phase),
            "rmlf": lambda: float(j.phase),
            "gittins": lambda: ATOM - j.attained if j.attained < ATOM else math.inf,
            "edf": lambda: j.deadline,
            "slf": lambda: left if j.known else j.attained,
            "srpt_e": lambda: max(j.estimate - j.attained, 0.0),
            "psjf_e": lambda: j.estimate,
            "srpt_b": lambda: bounce[j.phase],
            "op_srpt": lambda: j.size - (j.attained - j.before),
        }
        return ranks[self.policy]()

    def phase_end(self, j: Item) -> float:
        if self.policy == "rr":
            return j.phase + 1.0
        if self.policy == "mlf":
            return 2.0 ** (j.phase + 1) - 1.0
        if self.policy == "rmlf":  # gamma is so large that every job but the first has twice the quantum
            return 2.0**j.phase * (1.0 if j.index == 0 else 2.0)
        if self.policy == "srpt_b" and j.phase < 2:
            return (j.phase + 1) * j.estimate
        return ATOM if self.policy == "gittins" and j.phase == 0 else math.inf

    def rises(self, j: Item) -> bool:
        return {
            "las": True,
            "llf": j.deadline < math.inf,
            "srpt_b": j.phase == 1,
            "slf": not j.known,
        }.get(self.policy, False)

    def tie(self, j: Item) -> tuple[float, ...]:
        if self.policy in ("rr", "mlf", "rmlf"):
            return (j.joined,)
        return (-j.operation, *j.order) if self.policy == "op_srpt" else j.order

    def first(self, now: float) -> Item | None:
        if not self.items:
            return None
        if self.policy in ("fcfs", "sjf", "hrrn") and self.running:
            return self.running
        lowest = min(j.level for j in self.items)
        items = [j for j in self.items if j.level == lowest]
        if self.policy in ("balance", "chunk_balance"):
            return self._balanced(items)
        if self.policy == "bansal_dhamdhere":
            return self._heaviest(items)
        return min(items, key=lambda j: (self.rank(j, now), j is not self.running, self.rises(j), self.tie(j)))

    def _heaviest(self, items: list[Item]) -> Item:
        def weight(j: Item) -> float:
            return 2.0 ** math.floor(math.log2(j.weight))

        total = {weight(j): 0.0 for j in items}
        for j in items:
            total[weight(j)] += weight(j)
        best = max(total, key=lambda w: (total[w], w))
        members = [j for j in items if weight(j) == best]
        return min(members, key=lambda j: (j.size - j.attained, j is not self.running, j.order))

    def _balanced(self, items: list[Item]) -> Item:
        queue = sorted((j for j in items if not j.partial), key=lambda j: (j.chunk, j.joined))
        stack = sorted((j for j in items if j.partial), key=lambda j: j.joined)
        moves = queue and stack and queue[0].chunk < stack[-1].chunk and 4 * len(queue) >= len(items)
        if self.running in items and not moves:
            return self.running
        return queue[0] if queue and (not stack or moves) else stack[-1]

    def sharers(self, now: float) -> list[Item]:
        first = self.first(now)
        if first is None:
            return []
        if self.policy == "ps":
            return [j for j in self.items if j.level == first.level]
        if not self.rises(first):
            return [first]
        return [
            j for j in self.items if j.level == first.level and self.rises(j) and self.rank(j, now) == self.rank(first, now)
        ]

    # --- the operations ----------------------------------------------------------------------------------------------------

    def find(self, key: Hashable) -> Item:
        return next(j for j in self.items if j.key == key)

    def turn(self) -> int:
        self.turns += 1
        return self.turns

    def advance(self, j: Item) -> bool:
        """Whether the phase ends here."""
        before = j.phase
        while self.phase_end(j) <= j.attained:
            j.phase += 1
        if j.phase != before:
            j.joined = self.turn()
        return j.phase != before

    def chunk_class(self, j: Item) -> int:
        value = j.estimate if self.policy == "balance" else j.size
        return math.frexp(value)[1] if value > 0 else -(10**6)

    def add(
        self,
        key: Hashable,
        now: float,
        size: float,
        attained: float,
        weight: float,
        estimate: float,
        deadline: float,
        arrival: float | None = None,
        level: int = 0,
    ) -> None:
        release = now if arrival is None else arrival
        j = Item(key, self.count, release, size, attained, weight, estimate, deadline, before=attained, chunk_before=attained)
        j.level, j.order = level, (release, self.count)
        self.count += 1
        j.joined = self.turn()
        j.chunk = self.chunk_class(j)
        j.tag = min((other.tag for other in self.items if other.level == level), default=0.0)
        self.items.append(j)
        self.advance(j)

    def limit(self, j: Item) -> float:
        if self.policy in ("op_srpt", "chunk_balance"):
            return j.before + j.size
        return j.size if self.policy in SIZED or (self.policy == "slf" and j.known) else math.inf

    def run(self, j: Item) -> None:
        if not j.partial:
            j.partial = True
            if self.policy in ("balance", "chunk_balance"):
                j.joined = self.turn()
        self.running = None if self.policy == "ps" else j

    def stays(self, j: Item, now: float) -> Item | None:
        """Of jobs that share the server the first one that is reported at an instant is the running one."""
        shares = self.running is not None and self.policy in SHARING and self.running.level == j.level
        stays = self.running if shares and self.since == now and self.running is not j else None
        self.since = now
        return stays

    def progress(self, key: Hashable, amount: float, now: float) -> None:
        j = self.find(key)
        if amount == 0:
            return
        stays = self.stays(j, now)
        j.attained += amount
        j.tag += amount
        self.run(j)
        expired = self.advance(j)
        self.ran[key] = expired
        if self.policy in SHARING:
            self.running = None if self.rises(j) or self.policy == "ps" else j
        elif expired:
            self.running = None
        self.running = stays or self.running

    def reveal(self, key: Hashable, size: float, now: float) -> None:
        j = self.find(key)
        stays = self.stays(j, now)
        if self.policy != "slf":
            j.attained = j.before = j.before + j.size
            j.operation += 1
        j.size, j.known = size, True
        waits = False
        self.run(j)
        if self.policy == "chunk_balance" and self.chunk_class(j) > j.chunk:
            j.chunk, j.partial, j.joined = self.chunk_class(j), False, self.turn()
            self.running = None
            waits = True
        self.running = stays or self.running
        if key in self.ran:
            self.ran[key] = waits

    def reprioritise(
        self,
        key: Hashable,
        size: float | None,
        weight: float | None,
        estimate: float | None,
        deadline: float | None,
        level: int | None,
    ) -> None:
        j = self.find(key)
        before = (j.size, j.estimate)
        if size is not None and (self.policy != "slf" or j.known):
            j.size = size
        j.weight = j.weight if weight is None else weight
        j.estimate = j.estimate if estimate is None else estimate
        j.deadline = j.deadline if deadline is None else deadline
        self.advance(j)
        if level is not None and level != j.level:
            j.level, j.joined = level, self.turn()
        decides = 1 if self.policy == "balance" else 0
        if self.policy in ("balance", "chunk_balance") and (j.size, j.estimate)[decides] != before[decides]:
            if self.chunk_class(j) != j.chunk and not j.partial:
                j.joined = self.turn()
            j.chunk = self.chunk_class(j)
        if self.running is j and self.policy in SHARING and self.rises(j):
            self.running = None

    def remove(self, key: Hashable) -> None:
        j = self.find(key)
        self.items.remove(j)
        self.ran.pop(key, None)
        if self.running is j:
            self.running = None

    def order(self, now: float) -> list[Hashable]:
        rest, order = copy.deepcopy(self), []
        while (j := rest.first(now)) is not None:
            order.append(j.key)
            rest.remove(j.key)
        return order

    # --- several at a time -------------------------------------------------------------------------------------------------

    def alone(self, *members: Item, running: Item | None) -> NaiveQueue:
        """The queue if it had only these."""
        queue = NaiveQueue(self.policy)
        queue.items, queue.running = list(members), running
        return queue

    def goes_before(self, waiting: Item, runs: Item, now: float) -> bool:
        """Whether a waiting key takes the place of one that runs, which wins ties unless it has to wait again."""
        if self.ran[runs.key]:
            return self.alone(waiting, runs, running=None).first(now) is waiting
        order = (-math.inf, -1)
        favoured = dataclasses.replace(runs, order=order)
        running = None if self.policy == "ps" else favoured
        return self.alone(waiting, favoured, running=running).first(now) is waiting

    def runners(self, now: float) -> list[Item]:
        """Those that ran, in order."""
        members = [j for j in self.items if j.key in self.ran]
        order = self.alone(*members, running=self.running if self.running in members else None).order(now)
        return [self.find(key) for key in order]

    def waiters(self, now: float) -> list[Item]:
        return [self.find(key) for key in self.order(now) if key not in self.ran]

    def preempts(self) -> bool:
        return self.policy not in ("fcfs", "sjf", "hrrn")

    def victim(self, now: float) -> Hashable | None:
        runners, waiters = self.runners(now), self.waiters(now)
        if not (runners and waiters and self.preempts() and self.goes_before(waiters[0], runners[-1], now)):
            return None
        return runners[-1].key

    def peek_many(self, k: int, now: float) -> list[Hashable]:
        runners, waiters = self.runners(now)[:k], self.waiters(now)
        chosen = waiters[: k - len(runners)]
        waiters = waiters[len(chosen) :]
        while runners and waiters and self.preempts() and self.goes_before(waiters[0], runners[-1], now):
            runners.pop()
            chosen.append(waiters.pop(0))
        members = {j.key for j in chosen + runners}
        return [key for key in self.order(now) if key in members]
