"""Requests to a model server as they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _validation
from .._problem import Problem


class Trace(Problem):
    """Requests to a language model over time: when they arrived, and how long prompts and answers are. Immutable.

    Parameters
    ----------
    arrival : array_like of float, shape (n,)
        Seconds, finite, in any order.
    prompt_tokens : array_like of int, shape (n,)
        Tokens of each prompt, 1 to 2**40.
    output_tokens : array_like of int, shape (n,)
        Tokens of each answer, 1 to 2**40.
    prefix : sequence of sequences of int, optional
        The identities of the blocks of each prompt, from its beginning on; prompts with equal first blocks can share cached
        work. Blocks beyond the tokens of a prompt are allowed: no more than the prompt is ever found.
    block_tokens : int, default 512
        Tokens of a block, 1 to 2**53.

    Attributes
    ----------
    arrival, prompt_tokens, output_tokens : ndarray
        As given, as arrays that cannot be written to.
    block_tokens : int
        As given.

    Raises
    ------
    InvalidInputError
        Unequal lengths, values out of range; names field and index.
    InputTypeError
        Anything but numbers where numbers belong.

    Notes
    -----
    Construction costs O(n + blocks). Traces compare by content and pickle.

    Examples
    --------
    >>> import schedkit as sk
    >>> trace = sk.serving.Trace([0.0, 0.5], [1000, 40], [10, 200])
    >>> trace
    Trace(requests=2)
    >>> trace.num_requests
    2
    """

    __slots__ = ("_begin", "_blocks", "arrival", "block_tokens", "output_tokens", "prompt_tokens")

    arrival: NDArray[np.float64]
    prompt_tokens: NDArray[np.int64]
    output_tokens: NDArray[np.int64]
    block_tokens: int
    _blocks: NDArray[np.int64] | None
    """The blocks of all prompts, one prompt behind the other; `_begin` says where those of each begin."""
    _begin: NDArray[np.int64] | None

    def __init__(
        self,
        arrival: ArrayLike,
        prompt_tokens: ArrayLike,
        output_tokens: ArrayLike,
        *,
        prefix: Sequence[Sequence[int]] | None = None,
        block_tokens: int = 512,
    ) -> None:
        columns: dict[str, Any] = {"arrival": _validation.float_array(arrival, "arrival")}
        for field, column in (("prompt_tokens", prompt_tokens), ("output_tokens", output_tokens)):
            columns[field] = _positive(_validation.int_array(column, field), field)
        n = columns["arrival"].size
        for field, column in columns.items():
            if column.size != n:
                raise _validation.refuse(field, f"has length {column.size}, expected {n}")
            columns[field] = _validation.readonly(column)
        columns["block_tokens"] = _validation.int_scalar(block_tokens, "block_tokens", minimum=1, maximum=2**53)
        columns["_blocks"], columns["_begin"] = (None, None) if prefix is None else _flat(prefix, n)
        for name, value in columns.items():
            object.__setattr__(self, name, value)

    @property
    def num_requests(self) -> int:
        """Number of requests."""
        return self.arrival.size

    @property
    def prefix(self) -> list[list[int]] | None:
        """The blocks of each prompt, None if they are not known."""
        if self._blocks is None or self._begin is None:
            return None
        return [part.tolist() for part in np.split(self._blocks, self._begin[1:-1])] if self.num_requests else []

    def faster(self, factor: float) -> Trace:
        """The same requests, which arrive `factor` times as often.

        Parameters
        ----------
        factor : float
            Positive; below 1 they arrive less often.

        Returns
        -------
        Trace

        Raises
        ------
        InvalidInputError
            A factor of 0 or below, or so small that arrivals get beyond the range of floats.

        Examples
        --------
        >>> import schedkit as sk
        >>> sk.serving.Trace([0.0, 3.0], [5, 5], [1, 1]).faster(2).arrival
        array([0. , 1.5])
        """
        number = _validation.float_scalar(factor, "factor")
        if number <= 0:
            raise _validation.refuse("factor", "must be positive", value=factor)
        with np.errstate(over="ignore"):
            arrival = self.arrival / number
        if not np.isfinite(arrival).all():
            raise _validation.refuse("factor", "is so small that arrivals get beyond the range of floats", value=factor)
        return _restored(arrival, self.prompt_tokens, self.output_tokens, self.prefix, self.block_tokens)

    def __repr__(self) -> str:
        return f"Trace(requests={self.num_requests}{'' if self._blocks is None else ', with prefixes'})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        return self.block_tokens == other.block_tokens and all(
            mine is theirs or (mine is not None and theirs is not None and np.array_equal(mine, theirs))
            for mine, theirs in zip(self._arrays(), other._arrays(), strict=True)
        )

    def __hash__(self) -> int:
        return hash((self.block_tokens, *(None if array is None else array.tobytes() for array in self._arrays())))

    def _arrays(self) -> tuple[NDArray[Any] | None, ...]:
        return self.arrival, self.prompt_tokens, self.output_tokens, self._blocks, self._begin

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.arrival, self.prompt_tokens, self.output_tokens, self.prefix, self.block_tokens)


def _restored(arrival: Any, prompt_tokens: Any, output_tokens: Any, prefix: Any, block_tokens: int) -> Trace:
    return Trace(arrival, prompt_tokens, output_tokens, prefix=prefix, block_tokens=block_tokens)


def _positive(column: NDArray[np.int64], field: str) -> NDArray[np.int64]:
    bad = np.flatnonzero((column < 1) | (column > 2**40))
    if bad.size:
        first = int(bad[0])
        reason = "must be >= 1" if column[first] < 1 else "must be at most 2**40"
        raise _validation.refuse(field, reason, index=(first,), value=int(column[first]), more=bad.size - 1)
    return column


def _flat(prefix: Any, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if isinstance(prefix, (bytes, bytearray, Mapping, Set)):
        raise _validation.refuse_type("prefix", "must be a list of blocks for each request", prefix)
    rows = _validation.rows(prefix, "prefix", "a list of blocks for each request")
    for k, row in enumerate(rows):
        if isinstance(row, (bytes, bytearray, Mapping, Set)):
            raise _validation.refuse_type("prefix", "must be a list of blocks", row, index=(k,))
    if len(rows) != n:
        raise _validation.refuse("prefix", f"has length {len(rows)}, expected {n}")
    parts = [_validation.int_array(row, f"prefix[{k}]") for k, row in enumerate(rows)]
    begin = np.zeros(n + 1, np.int64)
    np.cumsum([part.size for part in parts], out=begin[1:])
    blocks = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    return _validation.readonly(blocks), _validation.readonly(begin)
