"""Runs a rule in a separate process, on copies of the problems, with a time limit; the process returns numbers only."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .. import _validation
from ._family import Family

_GRACE = 1.0  # seconds beyond the limit for copying and for a busy machine


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a rule for one instance: numbers in lists, or the reason for a failure."""

    status: str
    detail: str = ""
    runtime: float = float("nan")
    value: Any = None


def answers(family: Family, problems: Sequence[Any], time_limit: float, repeats: int, *, isolate: bool) -> Iterator[Answer]:
    """Yields one answer for each problem, in order."""
    if not isolate:
        for problem in problems:
            yield _run(family, problem, time_limit, repeats)
        return
    with contextlib.closing(_Child(family, problems, time_limit, repeats)) as child:
        for index in range(len(problems)):
            yield child.answer(index)


class _Child:
    """The process of the rule, which is replaced after it has died."""

    def __init__(self, family: Family, problems: Sequence[Any], time_limit: float, repeats: int) -> None:
        self._work = (family, problems, time_limit, repeats)
        self._patience = min(repeats * time_limit + _GRACE, 1e6)
        self._process: Any = None
        self._pipe: Any = None

    def answer(self, index: int) -> Answer:
        if self._process is None:
            self._start()
        try:
            self._pipe.send_bytes(str(index).encode())
            if not self._pipe.poll(self._patience):
                self.close()
                return Answer("too_slow", f"killed after {self._patience:g} s")
            text = self._pipe.recv_bytes()
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode
            self.close()
            return Answer("crashed", f"its process ended with exit code {code}")
        try:
            return Answer(**json.loads(text))
        except (ValueError, TypeError, RecursionError):  # the rule wrote into the pipe
            self.close()
            return Answer("crashed", "its process sent something that is no answer")

    def _start(self) -> None:
        # A fork takes along rules that cannot be pickled, such as those compiled from text; elsewhere they must be importable.
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, *self._work), daemon=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # forks beside threads: the child touches none of theirs
                self._process.start()
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise _validation.refuse("rule", f"cannot be sent to a process of its own ({error}); use isolate=False") from None
        except AssertionError as error:
            raise _validation.refuse("isolate", f"no process can be started here ({error}); use isolate=False") from None
        theirs.close()

    def close(self) -> None:
        if self._process is not None:
            with contextlib.suppress(AttributeError, OSError):  # the call does not exist here, or the process has ended
                os.killpg(self._process.pid, signal.SIGKILL)  # what the rule has started too
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None


def _serve(
    pipe: multiprocessing.connection.Connection, family: Family, problems: Sequence[Any], time_limit: float, repeats: int
) -> None:
    """The loop of the separate process: it reads an index and writes an answer."""
    with contextlib.suppress(AttributeError, OSError):
        os.setsid()
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            index = int(pipe.recv_bytes())
            answer = _run(family, problems[index], time_limit, repeats, caught=(BaseException,))
            pipe.send_bytes(json.dumps(dataclasses.asdict(answer)).encode())


def _run(
    family: Family,
    problem: Any,
    time_limit: float,
    repeats: int,
    clock: Callable[[], float] = time.perf_counter,
    *,
    caught: tuple[type[BaseException], ...] = (Exception, SystemExit),  # in the caller's process Ctrl-C is the user's
) -> Answer:
    """Runs the rule on new copies, and compares its answers and the copies afterwards."""
    original = pickle.dumps(problem)
    best = float("inf")
    answers = []
    for _ in range(repeats):
        copy = pickle.loads(original)
        start = clock()
        try:
            text = json.dumps(family.answer(copy))
        except caught as error:  # whatever a rule raises is its own fault
            return Answer("error", f"{type(error).__name__}: {error}"[:1000])
        best = min(best, clock() - start)
        if copy != problem:
            return Answer("changed_input", "the problem was another one after the call", best)
        if best > time_limit:
            return Answer("too_slow", f"took more than {time_limit:g} s", best)
        answers.append(text)
    if any(text != answers[0] for text in answers):
        return Answer("not_repeatable", "another answer to the same question", best)
    return Answer("ok", "", best, json.loads(answers[0]))
