"""Shops: what is refused, with its place; equality, pickling, tables, charts and the checker's door."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from tests.shop import oracles

JOBS: list[list[tuple[int, int] | dict[int, int]]] = [[(0, 3), (1, 2)], [(1, 4), {0: 2, 1: 1}]]
INVALID, TYPE = sk.InvalidInputError, sk.InputTypeError

BAD: dict[str, tuple[dict[str, Any], type[sk.SchedkitError], str]] = {
    "no list": ({"jobs": 3}, TYPE, "jobs"),
    "no operation": ({"jobs": [[5]]}, INVALID, "jobs[0, 0] = 5: must be (machine, duration) or a mapping"),
    "bool": ({"jobs": [[(0, True)]]}, TYPE, "not bool"),
    "fraction": ({"jobs": [[(0, 1.5)]]}, INVALID, "1.5"),
    "no machine": ({"jobs": [[{}]]}, INVALID, "jobs[0, 0] = {}: the operation needs at least one machine"),
    "negative": ({"jobs": [[(0, 1)], [(0, -2)]]}, INVALID, "jobs[1, 0] = duration -2: must be >= 0"),
    "machine": ({"num_machines": 1}, INVALID, "jobs[0, 1] = machine 1: there is no such machine, expected 0 <= machine < 1"),
    "name": ({"names": ["axle", "axle"]}, INVALID, "names[1] = 'axle': duplicate of names[0]"),
    "owner": ({"names": ["axle", "hub"], "release_time": [0, -1]}, INVALID, "release_time[1] = -1 (job 'hub'): must be >= 0"),
    "due dates": ({"due_date": [1]}, INVALID, "due_date: has length 1, expected 2"),
    "weights": ({"weight": [1.0, -1.0]}, INVALID, "weight[1] = -1.0: must be >= 0"),
    "setup": ({"setup": {0: [[0, 1]]}}, INVALID, "setup[0]: has shape (1, 2), expected as many rows as columns"),
    "setups": ({"setup": np.zeros((1, 2, 2), int)}, INVALID, "setup: has 1 machines, expected 2"),
    "transport": ({"transport": [[0, 1]]}, INVALID, "transport: has shape (1, 2), expected (2, 2)"),
    "blocking": ({"blocking": "wait"}, INVALID, "blocking = 'wait': unknown kind of blocking, expected one of swap, no_swap"),
    "blocking True": ({"blocking": True}, TYPE, "blocking: must be False, 'swap' or 'no_swap', not bool"),
    "both": ({"blocking": "swap", "no_wait": True}, INVALID, "no_wait: cannot be combined with blocking"),
    "ways": ({"blocking": "no_swap", "transport": np.ones((2, 2), int)}, INVALID, "transport: cannot be combined with"),
    "calendar": ({"calendars": {0: 5}}, TYPE, "must be a Calendar"),
    "units": ({"calendars": {0: sk.shop.Calendar([0], [2])}}, INVALID, "calendars[0] = 2: the capacity of a machine is 1"),
    "setups with calendars": (
        {"calendars": {0: sk.shop.Calendar([0], [1])}, "setup": {0: np.zeros((2, 2), int)}},
        INVALID,
        "calendars: cannot be combined with setups",
    ),
    "sum": ({"jobs": [[(0, 2**53)], [(0, 1)]]}, INVALID, "exceeds 2**53"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str) -> None:
    options, kind, text = BAD[case]
    with pytest.raises(kind) as caught:
        sk.shop.Shop(**{"jobs": JOBS, **options})
    assert text in str(caught.value)


def test_shops_keep_what_they_are_given() -> None:
    setup = {1: [[0, 1], [2, 0]]}
    shop = sk.shop.Shop(JOBS, due_date=[9, None], weight=[1, 2], setup=setup, transport=[[0, 1], [1, 0]], blocking="swap")
    assert (shop.num_jobs, shop.num_machines, shop.num_operations, shop.is_flexible) == (2, 2, 4, True)
    assert shop.job.tolist() == [0, 0, 1, 1]
    assert shop.due_date is not None
    assert shop.due_date.tolist() == [9, 2**63 - 1]
    assert {m: t.tolist() for m, t in shop.setup.items()} == setup
    assert shop.transport is not None
    assert shop.transport.tolist() == [[0, 1], [1, 0]]
    assert (shop.blocking, shop.no_wait, shop.release_time.tolist()) == ("swap", False, [0, 0])
    with pytest.raises(AttributeError, match="immutable"):
        shop.names = ()  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        shop.due_date[0] = 1


def test_tables_of_rows_make_the_same_shop() -> None:
    arrays = sk.shop.Shop.from_arrays([1, 0, 0, 1, 1], [1, 0, 1, 0, 1], [4, 3, 2, 2, 1], [0, 0, 1, 1, 1], due_date=[3, 4])
    assert arrays == sk.shop.Shop(JOBS, due_date=[3, 4])
    with pytest.raises(INVALID, match="operation 0 of job 0 has no row"):
        sk.shop.Shop.from_arrays([0, 1], [0, 0], [1, 1], [1, 0])
    with pytest.raises(INVALID, match="stands twice for operation 0 of job 0"):
        sk.shop.Shop.from_arrays([0, 0], [0, 0], [1, 2], [0, 0])


def test_tables_of_rows_in_any_order_are_those_of_a_plain_reading() -> None:
    rng = np.random.default_rng(5)
    seen = {"shops": 0, "gaps": 0, "repeats": 0}
    for _ in range(3000):
        n = int(rng.integers(0, 8))
        rows = [rng.integers(0, limit, n).tolist() for limit in (3, 4, 5, 3)]
        plain: list[list[dict[int, int]]] = [[] for _ in range(max(rows[0], default=-1) + 1)]
        repeat = None
        for k, (j, m, d, o) in enumerate(zip(*rows, strict=True)):
            plain[j].extend({} for _ in range(o + 1 - len(plain[j])))
            if repeat is None and m in plain[j][o]:
                repeat = rf"machine\[{k}\].*stands twice for operation {o} of job {j}"
            plain[j][o][m] = d
        gaps = [(j, job.index({})) for j, job in enumerate(plain) if {} in job]
        if max(rows[0] + rows[3], default=-1) >= n:
            continue
        if repeat is not None:
            with pytest.raises(INVALID, match=repeat):
                sk.shop.Shop.from_arrays(*rows)
        elif gaps:
            with pytest.raises(INVALID, match=f"operation {gaps[0][1]} of job {gaps[0][0]} has no row"):
                sk.shop.Shop.from_arrays(*rows)
        else:
            assert sk.shop.Shop.from_arrays(*rows) == sk.shop.Shop(plain)
        seen["repeats" if repeat is not None else "gaps" if gaps else "shops"] += 1
    assert min(seen.values()) > 50, seen


def test_shops_and_schedules_pickle_and_compare_by_content() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        shop = oracles.random_shop(rng, dispatchable=False)
        again = pickle.loads(pickle.dumps(shop))
        assert again == shop
        assert hash(again) == hash(shop)
        assert not any(a.flags.writeable for a in again._columns.values() if isinstance(a, np.ndarray))
    shop = sk.shop.Shop(JOBS)
    s = sk.shop.dispatch(shop)
    assert pickle.loads(pickle.dumps(s)) == s
    assert shop != sk.shop.Shop(JOBS, due_date=[3, 4])


def test_a_schedule_has_sequences_a_table_and_charts() -> None:
    pytest.importorskip("matplotlib").use("agg")
    shop = sk.shop.Shop(JOBS, names=["axle", "hub"], setup={1: [[0, 2], [2, 0]]}, initial_setup={0: [1, 0]})
    s = sk.shop.dispatch(shop, "spt")
    for machine in range(2):
        starts = s.start_time[s.sequence(machine)]
        assert (np.diff(starts) >= 0).all()
        assert (s.machine[s.sequence(machine)] == machine).all()
    assert s.to_dict()["kind"] == "shop"
    assert s.to_pandas()["name"].tolist() == ["axle", "axle", "hub", "hub"]
    for by in ("machine", "job"):
        assert s.plot(by=by).get_ylabel() == by
    blocked = sk.shop.Shop([[(0, 3), (1, 2)], [(1, 4), (0, 1)]], blocking="swap")
    placed = sk.shop.ShopSchedule.from_placement(blocked, [0, 1, 1, 0], [0, 4, 0, 4])
    assert sk.check(blocked, placed) == []
    assert len(placed.plot().patches) > 4


def test_schedules_of_any_source_are_judged() -> None:
    shop = sk.shop.Shop([[(0, 3), (1, 2)], [(1, 4), (0, 1)]])
    s = sk.shop.dispatch(shop)
    assert sk.check(shop, s.to_dict()) == []
    assert [v.kind for v in sk.check(shop, {**s.to_dict(), "makespan": 1})] == ["objective"]
    rows = [
        {"operation": k, "machine": int(s.machine[k]), "start": int(s.start_time[k]), "end": int(s.completion_time[k])}
        for k in range(4)
    ]
    assert sk.check(shop, {"operations": rows}) == []
    assert [v.kind for v in sk.check(shop, {"operations": rows[:3]})] == ["missing"]
    assert [v.kind for v in sk.check(shop, {"operations": [*rows, rows[0]]})] == ["duplicate"]
    with pytest.raises(TYPE, match="must be a ShopSchedule or a mapping"):
        sk.check(shop, 5)
    with pytest.raises(INVALID, match="network: has no meaning for a shop"):
        sk.check(shop, s, network=3)
