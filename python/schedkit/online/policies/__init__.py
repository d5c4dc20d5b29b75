"""The policies as frozen objects with parameters: what each may know, its rule, ties, guarantee and source."""

from __future__ import annotations

from ... import _validation
from .base import BuiltIn
from .blind import EDF, FCFS, LAS, MLF, PS, RMLF, RR, SLF, Gittins
from .estimates import PSJFE, SRPTB, SRPTE, Balance
from .operations import ChunkBalance, OpSRPT
from .sizes import HDF, HRRN, LLF, PSJF, SJF, SRPT, WSRPT, BansalDhamdhere, SRPTAgeing

__all__ = [
    "EDF",
    "FCFS",
    "HDF",
    "HRRN",
    "LAS",
    "LLF",
    "MLF",
    "POLICIES",
    "PS",
    "PSJF",
    "PSJFE",
    "RMLF",
    "RR",
    "SJF",
    "SLF",
    "SRPT",
    "SRPTB",
    "SRPTE",
    "WSRPT",
    "Balance",
    "BansalDhamdhere",
    "BuiltIn",
    "ChunkBalance",
    "Gittins",
    "OpSRPT",
    "SRPTAgeing",
    "from_name",
]

POLICIES: dict[str, type[BuiltIn]] = {
    policy.name: policy
    for policy in (
        SJF,
        SRPT,
        PSJF,
        HDF,
        WSRPT,
        BansalDhamdhere,
        HRRN,
        SRPTAgeing,
        LLF,
        FCFS,
        RR,
        PS,
        LAS,
        MLF,
        RMLF,
        Gittins,
        EDF,
        SLF,
        SRPTE,
        PSJFE,
        SRPTB,
        Balance,
        OpSRPT,
        ChunkBalance,
    )
}
"""Every policy by name."""

_OTHER_NAMES = {"fb": "las", "setf": "las"}


def from_name(name: str) -> BuiltIn:
    """The policy of that name, with its usual parameters.

    Parameters
    ----------
    name : str
        One of `schedkit.online.POLICIES`, or another name of one.
    """
    policy = POLICIES.get(_OTHER_NAMES.get(name, name))
    if policy is None:
        known = ", ".join([*POLICIES, *_OTHER_NAMES])
        raise _validation.refuse("policy", f"unknown policy, expected one of {known}", value=name)
    return policy()
