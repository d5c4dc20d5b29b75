"""Charts of all families refuse axes that are none, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schedkit as sk

pytest.importorskip("matplotlib")

RESULTS: dict[str, Callable[[], Any]] = {
    "project": lambda: sk.rcpsp.solve(sk.rcpsp.Project([2], [[1]], [1]), max_schedules=10).schedule,
    "search": lambda: sk.rcpsp.solve(sk.rcpsp.Project([2], [[1]], [1]), max_schedules=10),
    "task graph": lambda: sk.dag.heft(sk.dag.TaskGraph([[2, 3], [4, 1]], [(0, 1)], [1.0])),
    "stream": lambda: sk.online.simulate(sk.online.Jobs([0, 1], [2, 1])),
    "sequence": lambda: sk.tardiness.edd([1, 2], [3, 4]),
    "shop": lambda: sk.shop.dispatch(sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2)]])),
    "plan": lambda: sk.plan.Plan(start="2026-03-23", activities=[{"name": "dig", "duration": "2h"}]).solve(),
}


@pytest.mark.parametrize("family", RESULTS)
@pytest.mark.parametrize("ax", [5, "here", [], object()])
def test_axes_that_are_none_are_refused(family: str, ax: object) -> None:
    with pytest.raises(sk.InputTypeError, match=r"^ax: must be the axes of a matplotlib figure, not "):
        RESULTS[family]().plot(ax=ax)


@pytest.mark.parametrize("family", RESULTS)
def test_charts_are_drawn_on_given_axes(family: str) -> None:
    from matplotlib import pyplot  # noqa: PLC0415

    axes = pyplot.subplots()[1]
    assert RESULTS[family]().plot(ax=axes) is axes
    pyplot.close("all")
