"""The outline of tasks in MS Project: which tasks are activities, below which summaries, and under which names."""

from __future__ import annotations

import collections
import dataclasses

from .mspdi_names import cleaned, unique
from .mspdi_xml import Document, Element, below, text


@dataclasses.dataclass(slots=True)
class Task:
    """A task that counts.

    Attributes
    ----------
    uid : int
    element : Element
    title : str
        Its name in MS Project.
    parents : list of Task
        The summaries above it, the outermost first.
    summary : bool
    name : str
        The name of its activity; empty for summaries.
    """

    uid: int
    element: Element
    title: str
    parents: list[Task]
    summary: bool = False
    name: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Outline:
    """The tasks of a file.

    Attributes
    ----------
    tasks : dict of int to Task
        By UID in the order of the file, without those that are left out: UID 0, blank rows, inactive and external tasks.
    uids : set of int
        The UIDs of all tasks.
    """

    tasks: dict[int, Task]
    uids: set[int]


def read(document: Document) -> Outline:
    """The tasks of a document.

    Raises
    ------
    FormatError
        A UID that stands more than once.
    """
    found: dict[int, Task] = {}
    seen: set[int] = set()
    has_tasks_below: set[int] = set()
    above: list[tuple[int, Task]] = []
    marked = False
    for element in below(document.root, "Tasks", "Task"):
        uid = document.integer(element, "UID")
        if uid in seen:
            raise document.fail(element, f"the task UID {uid} stands more than once")
        seen.add(uid)
        if uid == 0 or document.flag(element, "IsNull"):
            continue
        level = _level(document, element)
        while above and above[-1][0] >= level:
            above.pop()
        marked = marked or element.find("Summary") is not None
        task = Task(uid, element, cleaned(text(element, "Name")) or f"Task {uid}", [parent for _, parent in above])
        has_tasks_below |= {parent.uid for parent in task.parents[-1:]}
        above.append((level, task))
        left_out = not document.flag(element, "Active", default=True) or document.flag(element, "ExternalTask")
        if not left_out:
            found[uid] = task
    for task in found.values():
        task.summary = task.uid in has_tasks_below and (not marked or document.flag(task.element, "Summary"))
    for task in found.values():
        task.parents = [parent for parent in task.parents if parent.summary]
    _name([task for task in found.values() if not task.summary])
    return Outline(found, seen)


def _level(document: Document, element: Element) -> int:
    """The depth of a task; files that say nothing about it are flat."""
    if element.find("OutlineLevel") is not None:
        return document.integer(element, "OutlineLevel")
    number = text(element, "OutlineNumber")
    return 1 if number is None else number.count(".") + 1


def _name(leaves: list[Task]) -> None:
    """Gives each activity a name of its own: its title, with the outline in front if several have that title."""
    counts = collections.Counter(task.title for task in leaves)
    taken: set[str] = {task.title for task in leaves if counts[task.title] == 1}
    for task in leaves:
        if counts[task.title] == 1:
            task.name = task.title
            continue
        wanted = " / ".join([*(parent.title for parent in task.parents), task.title])[-950:].strip()
        task.name = unique(wanted, task.uid, taken)
        taken.add(task.name)


def leaves_below(tasks: dict[int, Task]) -> dict[int, list[Task]]:
    """For each task the activities that it stands for: itself, or all below a summary."""
    found: dict[int, list[Task]] = {uid: [] for uid in tasks}
    for task in tasks.values():
        if not task.summary:
            for owner in (*task.parents, task):
                if owner.uid in found:
                    found[owner.uid].append(task)
    return found
