"""The policy queue with the interfaces of the standard library, and the dispatcher in front of pools and event loops.

Items of queues need not be hashable or unique here: each one travels under a `Ticket` of its own, by which it can be changed or
taken back while it waits.
"""

from ._chains import BlockedError
from .coroutines import AsyncDispatcher
from .dispatching import DispatchExecutor
from .executor import Executor
from .queues import AsyncQueue, PriorityQueue, Ticket, by_priority

__all__ = [
    "AsyncDispatcher",
    "AsyncQueue",
    "BlockedError",
    "DispatchExecutor",
    "Executor",
    "PriorityQueue",
    "Ticket",
    "by_priority",
]
