"""What every family of problems offers to `sk.evaluate`: calls of a rule, and plain data from its answers."""

from __future__ import annotations

import abc
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from .. import _validation
from ..checking import Violation, check


class Family(abc.ABC):
    """A problem family with one kind of rule."""

    problem_type: ClassVar[type]
    kinds: ClassVar[tuple[str, ...]]
    names: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    """The rules of this package that may be given by name."""
    options: ClassVar[dict[str, Any]] = {}

    def __init__(self, rule: Any, kind: str, **options: Any) -> None:
        self.rule = rule
        self.kind = kind
        self.by_name = isinstance(rule, str) and bool(self.names)
        self.given = {**self.options, **options}
        self.prepare()

    def prepare(self) -> None:
        """Validates the rule and its options once."""
        if self.by_name:
            if self.kind == "dispatch":
                raise _validation.refuse("kind", "a rule that is given by name gives whole sequences", value=self.kind)
            self.rule = self._named(self.rule)
        if not callable(self.rule):
            raise _validation.refuse_type("rule", "must be callable", self.rule)

    def _named(self, name: str) -> Callable[..., Any]:
        """The rule of that name, with its own options."""
        if name not in self.names:
            raise _validation.refuse("rule", f"unknown name, expected a callable or one of {', '.join(self.names)}", value=name)
        own = {key: self.given.pop(key) for key in list(self.given) if key not in self.options}
        return functools.partial(self.names[name], **own) if own else self.names[name]

    @classmethod
    def own_options(cls, rule: Any) -> set[str]:
        """The options of a rule that is given by name."""
        function = cls.names.get(rule) if isinstance(rule, str) else None
        if function is None:
            return set()
        parameters = inspect.signature(function).parameters.values()
        own = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY or p.default is not p.empty}
        return own - {"weight", "network", "fixed", "now", "threads"}

    @abc.abstractmethod
    def answer(self, problem: Any) -> Any:
        """The answer of the rule for a copy of the problem, as lists of numbers."""

    @abc.abstractmethod
    def schedule(self, problem: Any, value: Any) -> tuple[Any, float]:
        """The schedule that an answer describes, and its objective."""

    @abc.abstractmethod
    def reference(self, problem: Any) -> float:
        """A lower bound, or the optimum; NaN if neither is known."""

    def violations(self, problem: Any, schedule: Any) -> list[Violation]:
        """The violations of the schedule."""
        return check(problem, schedule)

    def call(self, problem: Any, columns: tuple[Any, ...]) -> Any:
        """``rule(problem)``, or ``rule(*columns)`` for a rule with two or more parameters that have no default."""
        required, names = parameters(self.rule)
        if required < 2:
            return self.rule(problem)
        return self.rule(*columns[: len(columns) if "weight" in names else required])


def plain(answer: Any) -> Any:
    """The answer of a rule as plain Python data, not validated yet."""
    return answer.tolist() if isinstance(answer, (np.ndarray, np.generic)) else list(map(_item, answer))


def _item(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else plain(value) if isinstance(value, (list, tuple)) else value


def sized(value: Any, field: str, size: int) -> Any:
    array = _validation.float_array(value, field)
    if array.size != size:
        raise _validation.refuse(field, f"has length {array.size}, expected {size}")
    return array


def parameters(rule: Any) -> tuple[int, set[str]]:
    """The number of positional parameters without default, and the names of all parameters."""
    try:
        parameters = inspect.signature(rule).parameters.values()
    except (TypeError, ValueError):
        return 1, set()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is p.empty for p in parameters), {p.name for p in parameters}
