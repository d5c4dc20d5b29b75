"""The policies as immutable objects with parameters: what each one may know, its rule, ties, guarantee and source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import _validation
from . import blind, estimates, operations, sizes  # noqa: F401  # the classes register themselves
from .base import DECLARATIONS, registered
from .base import BuiltIn as BuiltIn

if TYPE_CHECKING:
    from .blind import *  # noqa: F403
    from .estimates import *  # noqa: F403
    from .operations import *  # noqa: F403
    from .sizes import *  # noqa: F403

POLICIES: dict[str, type[BuiltIn]] = registered()
"""Every policy by name."""

_ALIASES = {alias: name for name, declaration in DECLARATIONS.items() for alias in declaration["aliases"]}

if not TYPE_CHECKING:
    globals().update({policy.__name__: policy for policy in POLICIES.values()})
    __all__ = ["POLICIES", "BuiltIn", "from_name", *(policy.__name__ for policy in POLICIES.values())]  # noqa: PLE0604


def from_name(name: str) -> BuiltIn:
    """The policy of that name, with its default parameters.

    Parameters
    ----------
    name : str
        One of `schedkit.online.POLICIES`, or another name of one.
    """
    policy = POLICIES.get(_ALIASES.get(name, name))
    if policy is None:
        known = ", ".join([*POLICIES, *_ALIASES])
        raise _validation.refuse("policy", f"unknown policy, expected one of {known}", value=name)
    return policy()
