"""Memory that the system refuses becomes MemoryError, however much or little there is: never the end of the process."""

from __future__ import annotations

import sys

import pytest

from .memory_limit import outcomes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of the address space are for Linux")

JOBS = "p = np.arange(1, 1_000_001); d = p[::-1].copy()"
PROJECT = (
    "n = 300_000; columns = (np.ones(n, int), np.ones((n, 2), int), [n, n]); "
    "edges = np.column_stack([np.arange(n - 1), np.arange(1, n)])"
)
NAMED = (
    f"{PROJECT}; import tempfile; f = tempfile.mktemp('.json'); "
    "project = sk.rcpsp.Project(*columns, precedence=edges, names=[f'a{i}' for i in range(n)])"
)
SHOP = (
    "r = np.random.default_rng(1); n = 300_000; job = np.arange(n) // 100; "
    "columns = (job, r.integers(0, 50, n), r.integers(1, 99, n), np.arange(n) % 100)"
)
CALLS: dict[str, tuple[str, str]] = {
    "instance": (JOBS, "sk.tardiness.Instance(p, d)"),
    "edd": (JOBS, "sk.tardiness.edd(p, d)"),
    "mdd": (JOBS, "sk.tardiness.mdd(p, d)"),
    "mddc": (JOBS.replace("1_000_001", "100_001"), "sk.tardiness.mddc(p, d)"),
    "batch": (JOBS.replace("1_000_001", "5_000_001"), "sk.tardiness.mdd(p.reshape(5000, 1000), d.reshape(5000, 1000))"),
    "threads": (JOBS, "sk.tardiness.edd(p.reshape(1000, 1000), d.reshape(1000, 1000), threads=2)"),
    "improve": (JOBS, "sk.tardiness.improve(p, d, time_limit=0.1)"),
    "solve_exact": (
        "p = np.random.default_rng(1).integers(1, 100, 500); d = np.random.default_rng(2).integers(5000, 20000, 500)",
        "sk.tardiness.solve_exact(p, d, time_limit=0.5)",
    ),
    "solve_exact_weighted": ("p = np.arange(1, 23); d = p * 5", "sk.tardiness.solve_exact_weighted(p, d)"),
    "potts_van_wassenhove": ("", "sk.tardiness.potts_van_wassenhove(2_000_000, 0.2, 0.6)"),
    "check a sequence": (
        f"{JOBS}; i = sk.tardiness.Instance(p, d); s = {{'sequence': sk.tardiness.edd(p, d).sequence}}",
        "sk.check(i, s)",
    ),
    "project": (PROJECT, "sk.rcpsp.Project(*columns, precedence=edges)"),
    "project with names": (f"{PROJECT}; names = [str(i) for i in range(n)]", "sk.rcpsp.Project(*columns, names=names)"),
    "check a project": (
        f"{PROJECT}; project = sk.rcpsp.Project(*columns); start = np.zeros(n, int)",
        "sk.check(project, {'start_time': start, 'completion_time': start + 1})",
    ),
    "check a stream": (
        "n = 500_000; jobs = sk.online.Jobs(np.arange(n), np.ones(n)); t = np.arange(n, dtype=float); "
        "s = {'job': np.arange(n), 'server': np.zeros(n, int), 'start': t, 'end': t + 1}",
        "sk.check(jobs, {'segments': s, 'completion_time': t + 1})",
    ),
    "read_swf": (
        "import tempfile; f = tempfile.mktemp('.swf'); open(f, 'w').write('1 0 -1 5 1 -1 -1 1 9\\n' * 1_500_000)",
        "sk.online.read_swf(f)",
    ),
    "read_swf of partial executions": (
        "import tempfile; f = tempfile.mktemp('.swf'); "
        "open(f, 'w').writelines(f'{k} 0 -1 5 1 -1 -1 1 9 -1 2\\n' for k in range(200_000))",
        "sk.online.read_swf(f)",
    ),
    "read a project in JSON": (f"{NAMED}; sk.rcpsp.write(project, f)", "sk.rcpsp.read(f)"),
    "read a project in JSON with a demand for each resource": (
        "import json, tempfile; f = tempfile.mktemp('.json'); "
        "activities = [{'name': f'a{k}', 'duration': 1} for k in range(20_000)]; "
        "resources = [{'name': f'r{k}', 'capacity': 1} for k in range(500)]; "
        "project = {'schedkit': 'project', 'schema_version': 1, 'resources': resources, 'activities': activities}; "
        "open(f, 'w').write(json.dumps(project))",
        "sk.rcpsp.read(f)",
    ),
    "read a project of PSPLIB": (
        f"{PROJECT}; import tempfile; f = tempfile.mktemp('.sm'); "
        "sk.rcpsp.write(sk.rcpsp.Project(*columns, precedence=edges), f)",
        "sk.rcpsp.read(f)",
    ),
    "write a project in JSON": (NAMED, "sk.rcpsp.write(project, f)"),
    "shop": (SHOP.replace("300_000", "1_000_000"), "sk.shop.Shop.from_arrays(*columns)"),
    "dispatch a shop": (f"{SHOP}; shop = sk.shop.Shop.from_arrays(*columns)", "sk.shop.dispatch(shop)"),
    "solve a shop": (f"{SHOP}; shop = sk.shop.Shop.from_arrays(*columns)", "sk.shop.solve(shop, time_limit=0.5)"),
    "roll a shop": (f"{SHOP}; shop = sk.shop.Shop.from_arrays(*columns)", "sk.shop.roll(shop, time_limit=0.5)"),
    "simulate a shop": (
        f"{SHOP}; shop = sk.shop.Shop.from_arrays(*columns)",
        "sk.shop.simulate(shop, breakdowns=sk.shop.Breakdowns(1, probability=1))",
    ),
    "step a shop": (f"{SHOP}; shop = sk.shop.Shop.from_arrays(*columns)", "sk.shop.Environment([shop] * 4).features"),
    "check a shop": (
        f"{SHOP}; shop = sk.shop.Shop.from_arrays(*columns); t = np.arange(n)",
        "sk.check(shop, {'machine': columns[1], 'start_time': t, 'completion_time': t + 1})",
    ),
    "read a shop": (
        "import tempfile; f = tempfile.mktemp('.txt'); "
        "job = ' '.join(f'{k % 50} {k + 1000}' for k in range(100)) + '\\n'; "
        "open(f, 'w').writelines(['2000 50\\n'] + [job] * 2000)",
        "sk.shop.read(f)",
    ),
    "memory offsets": (
        "b = sk.packing.model(300_000, seed=1)",
        "sk.packing.offsets(b.start, b.end, b.size, time_limit=0.5)",
    ),
    "place": (
        "r = np.random.default_rng(1); d = r.integers(1, 9, (300_000, 2)); c = r.integers(1, 99, (100, 2))",
        "sk.packing.place(d, c, time_limit=0.5)",
    ),
    "bins": ("s = np.random.default_rng(1).integers(1, 99, 2_000_000)", "sk.packing.bins(s, 100)"),
    "bins of floats": ("s = np.random.default_rng(1).random(1_000_000)", "sk.packing.bins(s, 1.0)"),
    "partition": ("s = np.random.default_rng(1).integers(1, 10**9, 1_000_000)", "sk.packing.partition(s, 64)"),
    "partition exactly": ("s = np.arange(200_000)", "sk.packing.partition(s, 3, method='exact', time_limit=0.1)"),
    "replicate": ("s = np.random.default_rng(1).random((2_000, 256))", "sk.packing.replicate(s, 288, 8, 4, 32)"),
    "check bins": ("b = sk.packing.bins(np.ones(1_000_000, int), 100)", "sk.check(b)"),
    "trace of requests": (
        "n = 3_000_000; columns = (np.arange(n, dtype=float), np.ones(n, int), np.ones(n, int))",
        "sk.serving.Trace(*columns)",
    ),
    "simulate a model server": (
        "n = 100_000; t = sk.serving.Trace(np.arange(n, dtype=float), np.full(n, 9), np.full(n, 3))",
        "sk.serving.simulate(t, step=(1, 0, 0, 0))",
    ),
    "simulate a model server whose requests come at once": (
        "n = 100_000; t = sk.serving.Trace(np.zeros(n), np.full(n, 9), np.full(n, 3))",
        "sk.serving.simulate(t, step=(1, 0, 0, 0), admission='past_future')",
    ),
    "simulate a model server with prefixes": (
        "n = 20_000; p = [[k, k + 1, k + 2] for k in range(n)]; "
        "t = sk.serving.Trace(np.arange(n, dtype=float), np.full(n, 9), np.full(n, 3), prefix=p)",
        "sk.serving.simulate(t, step=(1, 0, 0, 0), replicas=8, router='prefix')",
    ),
    "a router of many replicas": ("", "sk.serving.Router(60_000, 'bounded_load').route('a')"),
    "check a task graph": (
        "n = 300_000; graph = sk.dag.TaskGraph.from_work(np.ones(n), [1.0], edges=[]); t = np.arange(n, dtype=float)",
        "sk.check(graph, {'processor': np.zeros(n, int), 'start_time': t, 'completion_time': t + 1})",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_calls_return_or_raise_memory_error(name: str) -> None:
    setup, call = CALLS[name]
    seen = outcomes(setup, call, [1, 2, 4, 8, 12, 16, 24, 32, 40, 48, 56, 64, 80, 96, 128, 192, 256, 384, 2000])
    assert set(seen) <= {"answer", "MemoryError"}, seen
    assert seen[-1] == "answer"
    assert "MemoryError" in seen or name in SMALL


SMALL = {"check bins", "instance", "mddc", "replicate", "solve_exact"}
"""What may find all its memory in what the process has already."""
