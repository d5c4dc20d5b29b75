"""Rules for shops: numbers for dispatching, or whole placements."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from .. import _validation, shop
from ._family import Family, plain, sized

_SCHEMES = ("active", "non_delay")


def _by_rule(rule: str, scheme: Any, problem: shop.Shop) -> shop.ShopSchedule:
    """The schedule of a rule of this package."""
    return shop.dispatch(problem, rule, scheme)


class Shops(Family):
    """Priorities of operations for dispatching, or a machine and a start for each."""

    problem_type = shop.Shop
    kinds = ("priority", "placement")
    names = MappingProxyType({name: functools.partial(_by_rule, name) for name in shop.RULES})
    options: ClassVar[dict[str, Any]] = {"scheme": "active"}

    def prepare(self) -> None:
        super().prepare()
        if self.given["scheme"] not in _SCHEMES:
            raise _validation.refuse("scheme", f"expected one of {', '.join(_SCHEMES)}", value=self.given["scheme"])
        if self.by_name:
            self.rule = functools.partial(self.rule, self.given["scheme"])

    def answer(self, problem: shop.Shop) -> Any:
        answer = self.rule(problem)
        if isinstance(answer, shop.ShopSchedule):
            answer = (answer.machine, answer.start_time)
        return {"placement": [plain(part) for part in answer]} if isinstance(answer, tuple) else plain(answer)

    def schedule(self, problem: shop.Shop, value: Any) -> tuple[Any, float]:
        if isinstance(value, Mapping) or self.kind == "placement":
            pair = value.get("placement") if isinstance(value, Mapping) else value
            if not isinstance(pair, list) or len(pair) != 2:
                raise _validation.refuse("placement", "must be a pair (machine, start_time)")
            schedule = shop.ShopSchedule.from_placement(problem, pair[0], pair[1])
        else:
            priority = sized(value, "priority", problem.num_operations)
            schedule = shop.dispatch(problem, priority, self.given["scheme"])
        return schedule, float(schedule.makespan)

    def reference(self, problem: shop.Shop) -> float:
        return float(shop.lower_bound(problem))
