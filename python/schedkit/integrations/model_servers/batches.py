"""The admission of waiting requests to the next batch, as LightLLM's queue asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ... import _validation
from ...errors import InputTypeError, InvalidInputError
from ...serving.admission import Admission, AdmissionPolicy


class BatchAdmission:
    """How many waiting requests join the next batch, from what the running ones hold and may still produce.

    The question is that of ``generate_new_batch`` in ``lightllm.server.router.req_queue.continues_batch.impl`` (LightLLM,
    commit 2600053): a newcomer must fit by tokens, by the number of running requests, and by the tokens of prompts that one
    step computes; the first that does not fit ends the batch. The shape is another one: LightLLM's method gets its current
    batch, reads the line from its own queue and returns a batch; this one gets numbers of tokens and returns how many join.
    Leave requests that were aborted out of `waiting`, take tokens that are reserved for other uses (LightLLM's frozen tokens)
    off the capacity, and paused requests that do not wait here off `max_running`. LightLLM itself is not imported, and the
    class was not run inside it.

    Parameters
    ----------
    capacity : int
        Tokens that the cache holds (``max_total_tokens``).
    policy : str, default "future"
        As in `Admission`, with one difference: because the batch is given anew, ``"past_future"`` draws the lengths of all
        answers at every call, as the published scheduler does. A request that does not fit may be let in by a later draw.
    max_running : int, optional
        Requests that run at most (``running_max_req_size``); no limit by default.
    max_prompt_tokens : int, optional
        Tokens of prompts that may join at once (``batch_max_tokens``); no limit by default.
    reserve : float, default 0.0
        Part of the capacity that stays free.
    seed : int, default 0
        Seed of the random draws of ``"past_future"``.

    Raises
    ------
    InvalidInputError, InputTypeError
        As `Admission`; rows of another length.

    Notes
    -----
    O(n log n) a call for n running requests. A server that reports each start and end can use `Admission` itself, at O(log n).

    Examples
    --------
    >>> from schedkit.integrations.model_servers import BatchAdmission
    >>> gate = BatchAdmission(20, max_running=8)
    >>> gate.generate_new_batch([(3, 4)], [(10, 1), (5, 5)])  # the first two come to 15 tokens, all three to 21
    1
    """

    def __init__(
        self,
        capacity: int,
        policy: AdmissionPolicy = "future",
        *,
        max_running: int | None = None,
        max_prompt_tokens: int | None = None,
        reserve: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._admission: Admission[int] = Admission(capacity, policy, reserve=reserve, seed=seed)
        self._max_running = _at_least_0(max_running, "max_running")
        self._max_prompt_tokens = _at_least_0(max_prompt_tokens, "max_prompt_tokens")

    def generate_new_batch(self, running: Sequence[Sequence[int]], waiting: Iterable[Sequence[int]]) -> int:
        """How many of the waiting requests join, in their order.

        Parameters
        ----------
        running : sequence of (tokens held, tokens left) or (tokens held, tokens left, tokens produced)
            The batch that runs. The tokens produced matter to ``"past_future"`` alone.
        waiting : iterable of (prompt tokens, most new tokens)
            Read no further than the first that does not join.

        Returns
        -------
        int
        """
        _validation.iterable(waiting, "waiting", "rows of numbers of tokens")
        rows = [
            _row(row, "running", k, 3)
            for k, row in enumerate(_validation.iterable(running, "running", "rows of numbers of tokens"))
        ]
        started: list[int] = []
        try:
            for key, (held, left, produced) in enumerate(rows):
                self._admission.start(key, held, left, produced=produced)
                started.append(key)
            return self._admission.admit(self._within_limits(len(rows), waiting))
        finally:
            for key in started:
                self._admission.remove(key)

    def _within_limits(self, count: int, waiting: Iterable[Sequence[int]]) -> Iterable[tuple[int, int, int]]:
        """The waiting requests up to the first that breaks a limit other than the cache."""
        prompts = 0
        for k, given in enumerate(waiting):
            prompt, most, _ = _row(given, "waiting", k, 2)
            count += 1
            prompts += prompt
            if self._max_running is not None and count > self._max_running:
                return
            if self._max_prompt_tokens is not None and prompts > self._max_prompt_tokens:
                return
            yield -1 - k, prompt, most

    def finished(self, length: int) -> None:
        """An answer of this length has ended, which ``"past_future"`` remembers.

        Parameters
        ----------
        length : int
            Its tokens, >= 0.
        """
        length = _validation.int_scalar(length, "length", minimum=0)
        self._admission.start(0, 0, length)
        self._admission.finished(0, length)

    def __repr__(self) -> str:
        return f"BatchAdmission({self._admission._options['capacity']}, {self._admission._options['policy']!r})"


def _at_least_0(value: Any, field: str) -> int | None:
    return None if value is None else _validation.int_scalar(value, field, minimum=0)


def _row(given: Any, field: str, position: int, most: int) -> tuple[int, int, int]:
    """Two or three numbers, of which a missing third is 0."""
    if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):
        raise _validation.refuse_type(field, "must be rows of numbers of tokens", given, index=(position,))
    if not 2 <= len(given) <= most:
        expected = "2" if most == 2 else f"2 or {most}"
        raise _validation.refuse(field, f"has {len(given)} entries, expected {expected}", index=(position,), value=given)
    columns = (("held", "left", "produced") if most > 2 else ("prompt tokens", "most new tokens"))[: len(given)]
    numbers = []
    for column, value in zip(columns, given, strict=True):
        try:
            numbers.append(_validation.int_scalar(value, field, minimum=0))
        except (InvalidInputError, InputTypeError) as error:
            reason = str(error).partition(": ")[2]
            kind = type(error)
            raise _validation.refuse(
                field, f"{column} {reason}", index=(position, len(numbers)), value=value, kind=kind
            ) from None
    held, left, produced = (*numbers, 0)[:3]
    if produced > held:
        reason = f"produced exceeds what is held, {held}, which includes it"
        raise _validation.refuse(field, reason, index=(position, 2), value=produced)
    return held, left, produced
