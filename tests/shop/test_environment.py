"""Step environments: the plain environment as oracle, rewards, dispatching rules, pickling, gymnasium, and graphs."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from tests.shop.oracles import random_shop
from tests.shop.plain_environment import PlainEnvironment


def steppable(rng: np.random.Generator, count: int) -> list[sk.shop.Shop]:
    shops: list[sk.shop.Shop] = []
    while len(shops) < count:
        shop = random_shop(rng)
        if not shop.calendars:
            shops.append(shop)
    return shops


@pytest.mark.parametrize("objective", sk.shop.OBJECTIVES)
def test_every_step_is_that_of_the_plain_environment(objective: str) -> None:
    rng = np.random.default_rng(3)
    shops = steppable(rng, 40)
    env = sk.shop.Environment(shops, reward=objective)
    plain = [PlainEnvironment(shop) for shop in shops]
    sums = np.zeros(len(shops))
    while not env.done.all():
        actions = []
        for k, one in enumerate(plain):
            legal = one.legal()
            assert np.flatnonzero(env.legal[k]).tolist() == legal
            job = int(rng.choice(legal)) if legal else -1
            choices = one.jobs[job][len(one.runs[job])] if legal else ()
            machine = int(rng.choice([m for m, _ in choices])) if choices else -1
            actions.append((job, machine))
            if legal:
                one.step(job, machine)
        before = env.lower_bound
        reward = env.step(actions)
        assert reward.tolist() == env.reward.tolist() == (before - env.lower_bound).tolist()
        sums += reward
        begun = [bool(any(one.runs)) for one in plain]
        expected = [one.bound(objective) for one in plain]
        assert env.lower_bound[begun].tolist() == pytest.approx(
            [e for e, b in zip(expected, begun, strict=True) if b], rel=1e-12
        )
    for k, shop in enumerate(shops):
        schedule = env.schedule(k)
        assert sk.check(shop, schedule) == []
        assert env.makespan[k] == schedule.makespan
        assert env.lower_bound[k] == pytest.approx(getattr(schedule, objective), rel=1e-12)
        if shop.num_operations:
            assert -sums[k] == pytest.approx(getattr(schedule, objective), rel=1e-9)
        assert [run for runs in plain[k].runs for run in runs] == list(
            zip(schedule.machine.tolist(), schedule.start_time.tolist(), schedule.completion_time.tolist(), strict=True)
        )


@pytest.mark.parametrize("scheme", ["active", "non_delay"])
@pytest.mark.parametrize(("rule", "feature"), [("mwkr", "remaining_work"), ("mopnr", "operations_left")])
def test_rules_by_features_make_the_schedules_of_dispatch(scheme: Any, rule: str, feature: str) -> None:
    shops = steppable(np.random.default_rng(8), 60)
    env = sk.shop.Environment(shops, scheme=scheme)
    column = env.FEATURES.index(feature)
    while not env.done.all():
        env.step(np.where(env.legal, env.features[:, :, column], -1.0).argmax(axis=1))
    for k, shop in enumerate(shops):
        expected = sk.shop.dispatch(shop, rule, scheme)
        assert env.schedule(k).start_time.tolist() == expected.start_time.tolist()
        assert env.schedule(k).machine.tolist() == expected.machine.tolist()


def test_features_are_those_of_the_next_operations() -> None:
    shop = sk.shop.Shop([[(0, 3), (1, 2)], [{0: 2, 1: 9}, (1, 4)], []], release_time=[1, 0, 5])
    env = sk.shop.Environment(shop)
    names = env.FEATURES
    first = dict(zip(names, env.features[0, 0].tolist(), strict=True))
    assert first == {
        "remaining_work": 5,
        "next_duration": 3,
        "job_ready": 1,
        "machine_ready": 0,
        "earliest_start": 1,
        "completion_bound": 6,
        "operations_left": 2,
    }
    assert not env.features[0, 2].any()
    assert not env.legal[0, 2]
    env.step([1])
    assert env.features[0, :, names.index("earliest_start")].tolist() == [2, 2, 0]
    assert env.features[0, :, names.index("completion_bound")].tolist() == [6, 6, 0]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_where_the_first_was(again: Any) -> None:
    rng = np.random.default_rng(4)
    env = sk.shop.Environment(steppable(rng, 30), "total_weighted_tardiness", scheme="active")
    for _ in range(4):
        env.step(env.legal.argmax(axis=1))
    other = again(env)
    for name in ("legal", "features", "reward", "done", "makespan", "lower_bound"):
        assert np.array_equal(getattr(env, name), getattr(other, name)), name
    state = env.features
    while not other.done.all():
        other.step(other.legal.argmax(axis=1))
    assert np.array_equal(env.features, state)
    while not env.done.all():
        env.step(env.legal.argmax(axis=1))
    assert env.lower_bound.tolist() == other.lower_bound.tolist()


BAD: dict[str, tuple[Any, str]] = {
    "short": ([0], "actions: has length 1, expected 2"),
    "job": ([0, 7], "actions[1] = 7: the job may not be placed next, expected one of 0, 1"),
    "negative": ([-1, 0], "actions[0] = -1: the job may not be placed next, expected one of 0, 1"),
    "machine": ([[0, 0], [0, 5]], "actions[1] = 0: its next operation cannot take machine 5"),
    "float": ([0, 0.5], "actions[1] = 0.5: must be a whole number"),
    "nan": ([0, float("nan")], "actions[1] = nan: must be finite"),
    "bool": ([0, True], "actions[1] = True: must be a number, not bool"),
    "columns": ([[0, 1, 2], [0, 1, 2]], "actions: has 3 columns, expected 2"),
    "cube": (np.zeros((2, 1, 1), int), "actions: has 3 dimensions, expected 2"),
    "text": ("01", "actions: must be an array of numbers, not str"),
    "huge": ([0, 10**30], "actions[1] = 1000000000000000000000000000000: beyond the 64-bit range"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_actions_are_refused_and_change_nothing(case: str) -> None:
    actions, message = BAD[case]
    shop = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2), (1, 4)]])
    env = sk.shop.Environment([shop, shop])
    before = env.features
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        env.step(actions)
    assert str(caught.value).startswith(message)
    assert np.array_equal(env.features, before)
    assert not env.makespan.any()


def test_bad_environments_are_refused() -> None:
    shop = sk.shop.Shop([[(0, 3)]])
    refused: list[tuple[Any, str]] = [
        (lambda: sk.shop.Environment([shop, 5]), "shops[1] = 5: must be a Shop, not int"),  # type: ignore[list-item]
        (lambda: sk.shop.Environment(7), "shops: must be a Shop or several, not int"),  # type: ignore[arg-type]
        (lambda: sk.shop.Environment(shop, "speed"), "objective = 'speed': unknown objective"),
        (lambda: sk.shop.Environment(shop, scheme="lazy"), "scheme = 'lazy': unknown scheme"),  # type: ignore[arg-type]
        (
            lambda: sk.shop.Environment([shop, sk.shop.Shop([[(0, 1)]], no_wait=True)]),
            "shops[1] = a Shop: an environment does not",
        ),
        (lambda: sk.shop.Environment(shop).schedule(0), "shop = 0: 1 of its operations are not placed"),
        (lambda: sk.shop.Environment(shop).graph(1), "shop = 1: must be <= 0"),
    ]
    for call, message in refused:
        with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
            call()
        assert message in str(caught.value)


def test_no_shops_and_empty_shops_are_done() -> None:
    assert sk.shop.Environment([]).step([]).tolist() == []
    env = sk.shop.Environment(sk.shop.Shop([[], []], release_time=[2, 9], due_date=[1, 10]), "total_tardiness")
    assert env.done.tolist() == [True]
    assert env.lower_bound.tolist() == [1]
    assert sk.check(env.shops[0], env.schedule(0)) == []


@pytest.mark.parametrize("scheme", [None, "active"])
def test_gymnasium_accepts_the_environment(scheme: Any) -> None:
    pytest.importorskip("gymnasium", reason="gymnasium is not installed")
    from gymnasium.utils.env_checker import check_env  # noqa: PLC0415

    shop = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2), (1, 4)], [(1, 1), (0, 1)]])
    env = sk.shop.Environment([shop], scheme=scheme).gymnasium()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*(maximum value is infinity|not within|spec|render).*")
        check_env(env, skip_render_check=True)
    _, info = env.reset(seed=1)
    total, over = 0.0, False
    while not over:
        action = env.action_space.sample(info["action_mask"])
        _, reward, over, cut, info = env.step(action)
        total += reward
        assert not info["illegal"]
        assert not cut
    assert -total == info["makespan"] == info["lower_bound"]
    observation, info = env.reset()
    steps = 0
    cut = False
    while not cut:
        same, reward, over, cut, info = env.step(np.int64(2) if steps else np.int64(0))
        steps += 1
        if steps > 3 and scheme is None:
            assert info["illegal"]
            assert reward == 0.0
            assert not over
    assert steps == 10 * shop.num_operations
    assert set(same) == set(observation) == {"features", "legal"}


def test_a_disjunctive_graph_orders_what_is_placed() -> None:
    rng = np.random.default_rng(6)
    for shop in steppable(rng, 60):
        env = sk.shop.Environment(shop)
        while not env.done.all():
            graph = env.graph(0)
            placed = set(np.flatnonzero(graph.placed).tolist())
            machines = [{m for m, _ in choices} for job in shop.jobs for choices in job]
            job = shop.job.tolist()
            pairs = {
                (a, b)
                for a in range(len(job))
                for b in range(a + 1, len(job))
                if not {a, b} & placed and job[a] != job[b] and machines[a] & machines[b]
            }
            assert set(map(tuple, graph.disjunctive.T.tolist())) == pairs
            assert all(job[a] == job[b] and b == a + 1 for a, b in graph.conjunctive.T.tolist())
            assert graph.conjunctive.shape[1] == len(job) - len(set(job))
            for a, b in graph.ordered.T.tolist():
                assert a in placed
                assert graph.machine[a] == graph.machine[b]
            env.step(env.legal.argmax(axis=1))
        schedule = env.schedule(0)
        whole = sk.shop.disjunctive_graph(shop, schedule)
        assert whole.placed.all()
        assert not whole.disjunctive.size
        assert whole.earliest_completion.tolist() == schedule.completion_time.tolist()
        # The longest path through the arcs takes no longer than the schedule, setups and waiting apart.
        assert len(whole.ordered.T) == sum(max(len(schedule.sequence(m)) - 1, 0) for m in range(shop.num_machines))
        assert len(whole.to_dict()["job"]) == shop.num_operations


def test_a_disjunctive_graph_is_drawn() -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("Agg")
    shop = sk.shop.Shop([[(0, 3), (1, 2)], [{0: 2, 1: 2}, (1, 4)]])
    ax = sk.shop.disjunctive_graph(shop).plot()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["job 0", "job 1"]
    assert {text.get_text() for text in ax.texts} >= {"3", "2", "4"}
    given = matplotlib.pyplot.figure().subplots()
    assert sk.shop.disjunctive_graph(shop, sk.shop.dispatch(shop)).plot(given) is given
    matplotlib.pyplot.close("all")
    with pytest.raises(sk.InvalidInputError, match="schedule: holds 4 operations, expected 1"):
        sk.shop.disjunctive_graph(sk.shop.Shop([[(0, 1)]]), sk.shop.dispatch(shop))
