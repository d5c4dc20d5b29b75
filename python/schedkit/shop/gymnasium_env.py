"""A shop as an environment of the package gymnasium, which must be installed."""

from __future__ import annotations

from typing import Any, Protocol

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from .problem import Shop

Observation = dict[str, NDArray[Any]]


class _Stepped(Protocol):
    """What is used of `schedkit.shop.Environment`."""

    FEATURES: tuple[str, ...]

    @property
    def shops(self) -> tuple[Shop, ...]: ...
    @property
    def legal(self) -> NDArray[np.bool_]: ...
    @property
    def features(self) -> NDArray[np.float64]: ...
    @property
    def done(self) -> NDArray[np.bool_]: ...
    @property
    def makespan(self) -> NDArray[np.int64]: ...
    @property
    def lower_bound(self) -> NDArray[Any]: ...
    def reset(self) -> None: ...
    def step(self, actions: NDArray[np.int64]) -> NDArray[np.float64]: ...


class ShopEnv(gym.Env[Observation, np.int64]):
    """One shop, ``J, FJ | r_j, s_jk | C_max, sum w_j T_j``: an action is the job whose next operation is placed.

    `schedkit.shop.Environment.gymnasium` makes it. Observations hold the features of each job ("features", float64, shape
    (jobs, features)) and which jobs are legal ("legal", int8, shape (jobs,)), as do ``info["action_mask"]`` and the method
    `action_masks`, which agents with masks ask for. An action that is not legal changes nothing, is rewarded by 0, and is
    marked by ``info["illegal"]``. An episode ends with the last operation; it is cut off ("truncated") after ten times as
    many steps as there are operations, which only illegal actions can use up.

    Parameters
    ----------
    environment : Environment
        Of one shop with at least one job.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 (gymnasium's name and type)

    def __init__(self, environment: _Stepped) -> None:
        self.environment = environment
        shop = environment.shops[0]
        self._limit = 10 * shop.num_operations
        self._steps = 0
        shape = (shop.num_jobs, len(environment.FEATURES))
        self.action_space = gym.spaces.Discrete(shop.num_jobs)
        spaces: Any = {
            "features": gym.spaces.Box(0.0, np.inf, shape, np.float64),
            "legal": gym.spaces.MultiBinary(shop.num_jobs),
        }
        self.observation_space = gym.spaces.Dict(spaces)  # type: ignore[assignment]

    def action_masks(self) -> NDArray[np.bool_]:
        """Which jobs are legal, shape (jobs,)."""
        legal: NDArray[np.bool_] = self.environment.legal[0]
        return legal

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Begins anew.

        Parameters
        ----------
        seed : int, optional
            Of `np_random`; the shop itself holds nothing that is drawn.
        options : dict, optional
            Not used.

        Returns
        -------
        tuple
            The observation and the info.
        """
        super().reset(seed=seed, options=options)
        self.environment.reset()
        self._steps = 0
        return self._observation(), self._info(illegal=False)

    def step(self, action: np.int64) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Places the next operation of a job.

        Parameters
        ----------
        action : int
            The job.

        Returns
        -------
        tuple
            Observation, reward, terminated, truncated, info.
        """
        job, reward = int(action), 0.0
        legal = self.environment.legal[0]
        illegal = not (0 <= job < legal.size and legal[job])
        if not illegal:
            reward = float(self.environment.step(np.array([job], np.int64))[0])
        self._steps += 1
        terminated = bool(self.environment.done[0])
        return (
            self._observation(),
            reward,
            terminated,
            not terminated and self._steps >= self._limit,
            self._info(illegal=illegal),
        )

    def _observation(self) -> Observation:
        return {"features": self.environment.features[0].copy(), "legal": self.environment.legal[0].astype(np.int8)}

    def _info(self, *, illegal: bool) -> dict[str, Any]:
        info: dict[str, Any] = {"action_mask": self.environment.legal[0].astype(np.int8), "illegal": illegal}
        return info | {"makespan": int(self.environment.makespan[0]), "lower_bound": self.environment.lower_bound[0].item()}
