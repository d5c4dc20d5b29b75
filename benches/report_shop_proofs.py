"""`shop.solve` beside OR-Tools CP-SAT: proofs for shops with and without a choice of machines, for docs/results/shop.md.

The benchmark data are needed.

Both get two threads and as much processor time on each instance, one after the other, so that other programs on the machine
make little difference. The clock of CP-SAT starts when its model is built.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import schedkit as sk
from ortools.sat.python import cp_model

from benches.report_shop import checked, instances
from benches.tables import Makers, Table, producer, table

LARGEST = ((10, 10), (15, 10))
"""All shared instances of up to so many jobs and machines are proved, and those of Taillard with 15 jobs and machines."""
SECONDS, THREADS = 60.0, 2
MOST_FLEXIBLE, SECONDS_FLEXIBLE = 150, 10.0
"""Operations of flexible shops that are proved, at most, and the seconds that each thread gets."""


def stopped(run: Callable[[], object], stop: Callable[[], None], limit: float = SECONDS, threads: int = THREADS) -> float:
    """Runs a solver, stops it when its threads have spent their processor time, and returns their mean."""
    done, begin = threading.Event(), time.process_time()

    def watch() -> None:
        while not done.wait(0.01):
            if time.process_time() - begin >= threads * limit:
                stop()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run()
    finally:
        done.set()
        watcher.join()
    return (time.process_time() - begin) / threads


def ours(shop: sk.shop.Shop, limit: float = SECONDS) -> tuple[int, bool, float]:
    """Makespan, whether it is proved, and the seconds."""
    token, found = sk.CancelToken(), []
    seconds = stopped(
        lambda: found.append(sk.shop.solve(shop, time_limit=100 * SECONDS, threads=THREADS, seed=1, stop=token)),
        token.cancel,
        limit,
    )
    return checked(shop, found[0]), found[0].status == "optimal", seconds


def cp_sat_model(shop: sk.shop.Shop) -> tuple[cp_model.CpModel, int, list[cp_model.LinearExprT]]:
    """The shop for CP-SAT, its horizon and the completion of each job, by an interval for each operation and machine."""
    model = cp_model.CpModel()
    horizon = sum(max(duration for _, duration in choices) for job in shop.jobs for choices in job)
    on_machine: dict[int, list[cp_model.IntervalVar]] = {}
    completion: list[cp_model.LinearExprT] = []
    for job in shop.jobs:
        ready: cp_model.LinearExprT = 0
        for choices in job:
            start = model.new_int_var(0, horizon, "start")
            model.add(start >= ready)
            if len(choices) == 1:
                ((machine, duration),) = choices
                on_machine.setdefault(machine, []).append(model.new_fixed_size_interval_var(start, duration, "operation"))
                ready = start + duration
                continue
            end = model.new_int_var(0, horizon, "end")
            taken = [model.new_bool_var("machine") for _ in choices]
            model.add_exactly_one(taken)
            for (machine, duration), is_taken in zip(choices, taken, strict=True):
                option = model.new_optional_interval_var(start, duration, end, is_taken, "option")
                on_machine.setdefault(machine, []).append(option)
            ready = end
        completion.append(ready)
    for intervals in on_machine.values():
        model.add_no_overlap(intervals)
    return model, horizon, completion


def makespan_model(shop: sk.shop.Shop) -> cp_model.CpModel:
    """The shop for CP-SAT, with the makespan to be minimised."""
    model, horizon, completion = cp_sat_model(shop)
    makespan = model.new_int_var(0, horizon, "makespan")
    for end in completion:
        model.add(makespan >= end)
    model.minimize(makespan)
    return model


def theirs(shop: sk.shop.Shop, limit: float = SECONDS) -> tuple[int, bool, float]:
    """The same for CP-SAT."""
    model = makespan_model(shop)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = THREADS
    solver.parameters.max_time_in_seconds = 100 * SECONDS
    answers: list[cp_model.CpSolverStatus] = []
    seconds = stopped(lambda: answers.append(solver.solve(model)), solver.stop_search, limit)
    return round(solver.objective_value), answers == [cp_model.OPTIMAL], seconds


def row(name: str, shop: sk.shop.Shop, best: int, limit: float = SECONDS) -> tuple[str, ...]:
    """One row: the seconds of a proof, or the makespan that is not proved."""
    cells = []
    for makespan, proved, seconds in (ours(shop, limit), theirs(shop, limit)):
        assert makespan == best if proved else makespan >= best, name
        cells.append(f"{seconds:.1f} s" if proved else f"no proof, {makespan}")
    return name, f"{shop.num_jobs} x {shop.num_machines}", str(best), *cells


def is_asked(name: str, shop: sk.shop.Shop) -> bool:
    """Whether the table has a row for this instance."""
    size = (shop.num_jobs, shop.num_machines)
    return any(n >= size[0] and m >= size[1] for n, m in LARGEST) or (name.startswith("ta") and size == (15, 15))


def with_count(rows: list[tuple[str, ...]]) -> Table:
    """The rows, and how many are proved."""
    proved = [str(sum(cells[k].endswith(" s") for cells in rows)) for k in (3, 4)]
    columns = ("instance", "jobs x machines", "best known", "`solve` proves it in", "CP-SAT proves it in")
    return table(columns, [*rows, ("proved", "", "", *proved)])


def proofs() -> Table:
    """One row for each job shop."""
    return with_count([row(name, shop, best) for name, shop, best in instances("jobshop") if is_asked(name, shop)])


def flexible_proofs() -> Table:
    """One row for each flexible shop."""
    asked = [case for case in instances("fjsp") if case[1].num_operations <= MOST_FLEXIBLE]
    return with_count([row(*case, SECONDS_FLEXIBLE) for case in asked])


TAKES = "a quarter of an hour"
TABLES: Makers = {"shop-proofs": proofs, "shop-flexible-proofs": flexible_proofs}
tables = producer(TABLES)
