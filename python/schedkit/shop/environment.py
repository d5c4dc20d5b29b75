"""Learning environments: several shops that are scheduled side by side, one operation of each for every action."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .dispatching import Scheme
from .graph import DisjunctiveGraph, graph_of
from .problem import Shop, core_of
from .schedule import ShopSchedule, schedule_of

if TYPE_CHECKING:
    from .gymnasium_env import ShopEnv


class Environment:
    """Several shops that are scheduled side by side, step by step, ``J, FJ | r_j, s_jk | C_max, sum w_j T_j``.

    An action places the next operation of a job behind those that are on its machine already, as early as possible. Of a
    choice of machines the operation takes the one of its earliest completion, or the one that the action names.

    Parameters
    ----------
    shops : Shop or iterable of Shop
        Without blocking, `no_wait` and calendars. k shops of up to n jobs; shorter ones have rows that end with False and 0.
    reward : str, default "makespan"
        The objective, one of `OBJECTIVES`. An action is rewarded by what the lower bound of the objective grows by, negative;
        the bound before the first action counts as 0, so the rewards of a whole schedule add up to minus the objective.
    scheme : {"active", "non_delay"}, optional
        Restricts the legal jobs to those among which the scheme lets a rule choose, as in `dispatch`; None: every job that has
        an operation left.

    Raises
    ------
    InvalidInputError
        An unknown objective or scheme; blocking, `no_wait` or calendars.
    InputTypeError
        Something that is not a `Shop`.

    Notes
    -----
    The lower bound takes each job to complete after its remaining work with the shortest durations, from the time at which it
    is ready; for the makespan each machine also runs the work that can go to no other machine, from the time at which it is
    free. An action takes O(choices of the operation), with a scheme O(n); ties of machines go to the lowest one, ties of
    schemes as in `dispatch`. Every array is a new one, and an environment pickles and goes on where it was.

    Examples
    --------
    The two jobs of a shop, the second one first, and all decisions by the most work remaining:

    >>> import schedkit as sk
    >>> shop = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2), (1, 4)]])
    >>> env = sk.shop.Environment([shop])
    >>> env.step([1]).tolist(), env.legal.tolist()
    ([-6.0], [[True, True]])
    >>> work = env.FEATURES.index("remaining_work")
    >>> while not env.done.all():
    ...     _ = env.step(env.features[:, :, work].argmax(axis=1))
    >>> env.makespan.tolist(), env.schedule(0).start_time.tolist()
    ([8], [2, 6, 0, 2])
    """

    FEATURES: tuple[str, ...] = tuple(_core.ShopEnvironment.features_of_job)
    """What `features` says of each job: of its remaining operations the work and the number, of the next one the duration on
    its machine, the times at which the job and the machine are ready, its earliest start, and a bound on the job's
    completion."""

    def __init__(self, shops: Shop | Iterable[Shop], reward: str = "makespan", *, scheme: Scheme | None = None) -> None:
        given = (shops,) if isinstance(shops, Shop) else _validation.iterable(shops, "shops", "a Shop or several")
        self._shops: tuple[Shop, ...] = tuple(given)
        for k, shop in enumerate(self._shops):
            _validation.expect(shop, Shop, "shops", "a Shop", index=(k,))
        self._reward = _validation.word(reward, "reward")
        self._scheme: Scheme | None = scheme
        name = None if scheme is None else _validation.word(scheme, "scheme")
        self._native = _core.ShopEnvironment([core_of(shop) for shop in self._shops], self._reward, name)

    @property
    def shops(self) -> tuple[Shop, ...]:
        """The shops."""
        return self._shops

    @property
    def legal(self) -> NDArray[np.bool_]:
        """Which jobs may be placed next, shape (k, jobs)."""
        return self._native.legal

    @property
    def features(self) -> NDArray[np.float64]:
        """The `FEATURES` of each job, in ticks, shape (k, jobs, features); 0 for a job that has no operation left."""
        return self._native.features

    @property
    def reward(self) -> NDArray[np.float64]:
        """What the last action brought, shape (k,): at most 0 but for a first action under "max_lateness"."""
        return self._native.reward

    @property
    def done(self) -> NDArray[np.bool_]:
        """Whether every operation is placed, shape (k,)."""
        return self._native.done

    @property
    def makespan(self) -> NDArray[np.int64]:
        """The latest completion of what is placed, shape (k,)."""
        return self._native.makespan

    @property
    def lower_bound(self) -> NDArray[Any]:
        """The bound of the objective, shape (k,): 0 before the first action, the objective itself where all is done.

        Integers; floats for weighted sums with float weights.
        """
        return self._native.lower_bound

    def __len__(self) -> int:
        """Number of shops."""
        return len(self._shops)

    def reset(self) -> None:
        """Begins all shops anew.

        Examples
        --------
        >>> import schedkit as sk
        >>> env = sk.shop.Environment(sk.shop.Shop([[(0, 3)], [(0, 2)]]))
        >>> _ = env.step([0])
        >>> env.reset()
        >>> env.makespan.tolist(), env.legal.tolist()
        ([0], [[True, True]])
        """
        self._native.reset()

    def step(self, actions: ArrayLike) -> NDArray[np.float64]:
        """Takes one action in each shop.

        Parameters
        ----------
        actions : array_like of int, shape (k,) or (k, 2)
            For each shop the job whose next operation is placed; or rows of job and machine. What stands for a shop that is
            done is not looked at.

        Returns
        -------
        ndarray of float64, shape (k,)
            The rewards, as `reward`.

        Raises
        ------
        InvalidInputError
            A job that is not legal, a machine that its operation cannot take, or any machine where a scheme chooses it; the
            message names the shop. Nothing has changed then.

        Examples
        --------
        A flexible shop whose operation goes to machine 1, although it would complete earlier on machine 0:

        >>> import schedkit as sk
        >>> env = sk.shop.Environment(sk.shop.Shop([[{0: 3, 1: 5}]]))
        >>> env.step([[0, 1]]).tolist()
        [-5.0]
        >>> env.reset()
        >>> env.step([0]).tolist()
        [-3.0]
        """
        pairs = _is_of_pairs(actions)
        self._native.step(_validation.int_array(actions, "actions", ndim=1 + pairs, columns=2 if pairs else None))
        return self._native.reward

    def schedule(self, shop: int) -> ShopSchedule:
        """The schedule of a shop that is done.

        Parameters
        ----------
        shop : int
            Its index.

        Returns
        -------
        ShopSchedule

        Raises
        ------
        InvalidInputError
            There is no such shop, or some of its operations are not placed.

        Examples
        --------
        >>> import schedkit as sk
        >>> env = sk.shop.Environment(sk.shop.Shop([[(0, 3)], [(0, 2)]]))
        >>> _ = env.step([1]), env.step([0])
        >>> env.schedule(0).start_time.tolist()
        [2, 0]
        """
        k = self._index(shop)
        if not self.done[k]:
            left = self._shops[k].num_operations - self._native.order(k).size
            raise _validation.refuse("shop", f"{left} of its operations are not placed, expected a shop that is done", value=k)
        return schedule_of(self._native.placed(k), self._shops[k])

    def graph(self, shop: int) -> DisjunctiveGraph:
        """The disjunctive graph of a shop in its present state, as arrays.

        Parameters
        ----------
        shop : int
            Its index.

        Returns
        -------
        DisjunctiveGraph

        Raises
        ------
        InvalidInputError
            There is no such shop.

        Examples
        --------
        >>> import schedkit as sk
        >>> env = sk.shop.Environment(sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2)]]))
        >>> _ = env.step([1])
        >>> g = env.graph(0)
        >>> g.conjunctive.tolist(), g.ordered.tolist(), g.disjunctive.tolist()
        ([[0], [1]], [[2], [0]], [[], []])
        """
        k = self._index(shop)
        placed = self._native.placed(k)
        return graph_of(self._shops[k], self._native.order(k), placed["machine"], placed["completion_time"])

    def gymnasium(self, shop: int = 0) -> ShopEnv:
        """A shop as an environment of the package gymnasium (extra ``rl``); it has a state of its own.

        Parameters
        ----------
        shop : int, default 0
            Its index.

        Returns
        -------
        gymnasium.Env
            Actions are jobs; see the class `schedkit.shop.gymnasium_env.ShopEnv`.

        Raises
        ------
        InvalidInputError
            There is no such shop.
        SchedkitError
            The package gymnasium is not installed.
        """
        from .. import _extras  # noqa: PLC0415

        k = self._index(shop)
        _extras.load("gymnasium", "environments for gymnasium need the package: pip install 'schedkit[rl]'")
        from .gymnasium_env import ShopEnv  # noqa: PLC0415

        return ShopEnv(Environment(self._shops[k], self._reward, scheme=self._scheme))

    def _index(self, shop: Any) -> int:
        return _validation.int_scalar(shop, "shop", minimum=0, maximum=len(self._shops) - 1)

    def __reduce__(self) -> tuple[Any, ...]:
        orders = [self._native.order(k) for k in range(len(self))]
        machines = [self._native.placed(k)["machine"][order] for k, order in enumerate(orders)]
        return _resumed, (self._shops, self._reward, self._scheme, orders, machines, self.reward)

    def __repr__(self) -> str:
        return f"Environment(shops={len(self)}, done={int(self.done.sum())}, reward={self._reward!r})"


def _is_of_pairs(actions: Any) -> bool:
    """Whether actions are rows of job and machine."""
    if isinstance(actions, np.ndarray):
        return actions.ndim > 1
    return isinstance(actions, (list, tuple)) and len(actions) > 0 and isinstance(actions[0], (list, tuple, np.ndarray))


def _resumed(shops: Any, reward: str, scheme: Any, orders: Any, machines: Any, rewards: Any) -> Environment:
    environment = Environment(shops, reward, scheme=scheme)
    for k, (order, machine) in enumerate(zip(orders, machines, strict=True)):
        environment._native.resume(k, order, machine, float(rewards[k]))
    return environment
