"""Replicated balance: experts of a model on devices, with replicas of those in demand."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from ..errors import InvalidInputError
from ..schedule import Result
from ._charted import Charted

ReplicationMethod = Literal["eplb", "balanced"]


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ReplicationResult(Result, Charted):
    """Experts in the slots of devices; read-only arrays, with a leading axis of layers if the load has one.

    ``plot()`` draws the load of each device, with the bound as a line; with layers boxes show the spread over them.

    Attributes
    ----------
    expert : ndarray of int64, shape (replicas,) or (layers, replicas)
        The expert in each slot.
    device : ndarray of int64, shape (replicas,)
        The device of each slot, ``slot // (replicas / devices)``.
    replica_count : ndarray of int64, shape (experts,) or (layers, experts)
        How many slots each expert has.
    max_load : float, or ndarray of float64, shape (layers,)
        The largest load of a device; each replica has its part of the load of its expert.
    lower_bound : float, or ndarray of float64, shape (layers,)
        No replication has a largest load that is smaller by more than rounding, a part of 2e-12.
    """

    kind: ClassVar[str] = "replication"
    _row: ClassVar[str | None] = "slot"

    expert: NDArray[np.int64]
    device: NDArray[np.int64]
    replica_count: NDArray[np.int64]
    max_load: Any
    lower_bound: Any
    _load: NDArray[np.float64] = dataclasses.field(repr=False)
    _layout: tuple[int, int, int] = dataclasses.field(repr=False)
    """Groups, nodes and devices."""

    def _columns(self) -> dict[str, Any]:
        """One row per slot: its device and its expert, or one expert for each layer."""
        if self.expert.ndim == 1:
            return {"device": self.device, "expert": self.expert}
        return {"device": self.device, **{f"expert_{layer}": row for layer, row in enumerate(self.expert)}}


def replicate(
    load: ArrayLike,
    replicas: int,
    groups: int = 1,
    nodes: int = 1,
    devices: int = 1,
    method: ReplicationMethod = "eplb",
) -> ReplicationResult:
    """Puts experts, and replicas of those in demand, into the slots of devices so that the largest load of a device is small.

    Parameters
    ----------
    load : array_like of float, shape (experts,) or (layers, experts)
        >= 0, in any unit, such as tokens; with layers each one is balanced by itself.
    replicas : int
        Slots of a layer on all devices, at least the number of experts, a multiple of `devices`.
    groups : int, default 1
        Groups of consecutive experts of equal size. A group stays on one node if the groups divide evenly over the nodes;
        otherwise groups and nodes are disregarded.
    nodes : int, default 1
        Nodes of as many devices each.
    devices : int, default 1
        Devices of as many slots each, a multiple of `nodes`.
    method : {"eplb", "balanced"}, default "eplb"
        ``"eplb"``: the rule of DeepSeek's expert parallelism load balancer. ``"balanced"``: replicas are then exchanged between
        devices as long as the largest load falls; never worse than ``"eplb"``.

    Returns
    -------
    ReplicationResult
        ``.expert``, ``.device``, ``.replica_count``, ``.max_load`` and ``.lower_bound``.

    Raises
    ------
    InvalidInputError
        Loads that are negative, not finite or too large for 32-bit floats; counts that do not divide evenly; fewer replicas
        than experts; an unknown method.
    InputTypeError
        Anything but numbers where numbers belong.

    Notes
    -----
    The rule ``"eplb"``, in 32-bit floats that are added up one after the other: (1) Groups go to nodes, equally many to each,
    the largest load first, each to the least loaded node with a place. (2) In each node every expert has one replica, and every
    further slot goes to the expert with the largest load over replicas. (3) The replicas of a node go to its devices like
    groups to nodes. If each pack holds one item, item i goes to pack i. Ties: lower index first, lowest pack.

    The bound is the largest of: the whole load over all devices; for each group the load of its node at least, over the devices
    of a node; for each group its largest part if it gets all slots that its node can do without.

    O(r log r) for each layer of r replicas; ``"balanced"`` adds O(r s) for each exchange, with s slots on a device.

    References
    ----------
    DeepSeek-AI (2025). Expert parallelism load balancer, https://github.com/deepseek-ai/EPLB.

    Examples
    --------
    >>> import schedkit as sk
    >>> load = [[90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86], [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27]]
    >>> r = sk.packing.replicate(load, 16, groups=4, nodes=2, devices=8)
    >>> r.expert[0].tolist()
    [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1]
    >>> r.max_load.tolist(), sk.packing.replicate(load, 16, 4, 2, 8, "balanced").max_load.tolist()
    ([156.0, 179.5], [156.0, 179.5])
    """
    given = _validation.number_array(load, "load", ndim=2 if _has_layers(load) else 1)
    numbers = np.asarray(given, np.float64)
    rows = np.ascontiguousarray(np.atleast_2d(numbers))
    counts = {"replicas": replicas, "groups": groups, "nodes": nodes, "devices": devices}
    layout = {name: _validation.int_scalar(count, name, minimum=1, maximum=2**32 - 2) for name, count in counts.items()}
    try:
        answer = _core.replicate_experts(rows, numbers.ndim == 2, layout, _validation.word(method, "method"))
    except InvalidInputError as error:
        raise _as_given(error, given) from None
    slots, experts = layout["replicas"], rows.shape[1]
    columns: dict[str, Any] = {
        "expert": answer["expert"].reshape(-1, slots),
        "replica_count": answer["replica_count"].reshape(-1, experts),
        "max_load": answer["max_load"],
        "lower_bound": answer["lower_bound"],
    }
    if numbers.ndim == 1:
        columns = {name: column[0] for name, column in columns.items()}
        columns |= {name: float(columns[name]) for name in ("max_load", "lower_bound")}
    device = _validation.readonly(np.arange(slots, dtype=np.int64) // (slots // layout["devices"]))
    kept: dict[str, Any] = {
        "_load": _validation.readonly(numbers),
        "_layout": (layout["groups"], layout["nodes"], layout["devices"]),
    }
    return ReplicationResult(**columns, device=device, **kept)


def _as_given(error: InvalidInputError, given: NDArray[Any]) -> InvalidInputError:
    """The error with the value of a load as the caller wrote it, not as a float."""
    if error.field != "load" or error.index is None:
        return error
    value = given[error.index].item()
    text = str(error).replace(f" = {error.value}: ", f" = {value}: ", 1)
    return InvalidInputError(text, field=error.field, index=error.index, value=value)


def _has_layers(load: Any) -> bool:
    """Whether a load has two axes: whether its first item has a length."""
    shape = getattr(load, "shape", None)
    if shape is not None:
        return len(shape) == 2
    return isinstance(load, (list, tuple)) and len(load) > 0 and hasattr(load[0], "__len__")
