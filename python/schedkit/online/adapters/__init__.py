"""The policy queue with the interfaces of the standard library: `asyncio.Queue`, `queue.PriorityQueue`, `concurrent.futures`.

Items need not be hashable or unique here: each one travels under a `Ticket` of its own, by which it can be changed or taken
back while it waits.
"""

from .executor import Executor
from .queues import AsyncQueue, PriorityQueue, Ticket, by_priority

__all__ = ["AsyncQueue", "Executor", "PriorityQueue", "Ticket", "by_priority"]
