"""Files of shops: formats by content, lines of errors, and the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.cli import main
from schedkit.shop import files

from tests import data
from tests.shop import oracles

CLASSIC = "2 2\n0 3 1 2\n1 4 0 1\n"
FLEXIBLE = "2 2 1.5\n2 1 1 3 1 2 2\n1 2 1 4 2 5\n"


def written(tmp_path: Path, text: str, name: str = "shop.txt") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_formats_are_recognised_by_content(tmp_path: Path) -> None:
    classic = sk.shop.read(written(tmp_path, f"# a comment\n\n{CLASSIC}"))
    assert classic.jobs == ((((0, 3),), ((1, 2),)), (((1, 4),), ((0, 1),)))
    flexible = sk.shop.read(written(tmp_path, FLEXIBLE))
    assert flexible.jobs == ((((0, 3),), ((1, 2),)), (((0, 4), (1, 5)),))
    # Also pairs of machine and duration, but not one of each machine for each job.
    assert sk.shop.read(written(tmp_path, "1 2\n1 1 2 7\n")).jobs == ((((1, 7),),),)
    assert sk.shop.read(written(tmp_path, "1 3\n1 1 2 7\n"), format="jsp").jobs == ((((1, 1),), ((2, 7),)),)


def test_nested_brackets_are_no_shop() -> None:
    assert not files.recognised('{"a": ' + "[" * 100_000)


def test_published_files_have_their_sizes() -> None:
    for folder in ("jobshop", "fjsp"):
        for row in data.table(folder, "bks.csv"):
            shop = sk.shop.read(data.find(folder, "instances", f"{row['instance']}.txt"))
            assert (shop.num_jobs, shop.num_machines) == (int(row["n_jobs"]), int(row["n_machines"]))
            if folder == "fjsp":
                assert shop.num_operations == int(row["n_operations"])
            shortest = [sum(min(d for _, d in choices) for choices in job) for job in shop.jobs]
            assert max(shortest) <= int(row["trivial_lb"])


BAD = {
    "empty": ("\n", None, None, "is empty"),
    "words": ("2 2\n0 3 x 2\n1 4 0 1\n", None, 2, "expected whole numbers, found '0 3 x 2'"),
    "first line": ("2\n0 3\n", None, 1, "expected the numbers of jobs and of machines"),
    "lines": ("3 2\n0 3 1 2\n1 4 0 1\n", None, 1, "holds 2 lines of jobs, expected 3"),
    "pairs": ("2 2\n0 3 1 2\n1 4 0\n", "jsp", 3, "expected pairs of machine and duration, found 3 numbers"),
    "machine": ("2 2\n0 3 1 2\n1 4 2 1\n", None, 3, "there is no machine 2, expected 0 to 1"),
    "negative": ("2 2\n0 3 1 2\n1 4 0 -1\n", None, 3, "duration -1: must be >= 0"),
    "machines beyond all numbers": (
        f"2 {'9' * 25}\n0 3 1 2\n1 4 0 1\n",
        None,
        1,
        "num_machines = 9999999999999999999999999: must be <= 1000000",
    ),
    "more machines than memory": ("1 3000000000\n1 1 1 4\n", None, 1, "num_machines = 3000000000: must be <= 1000000"),
    "jobs beyond all numbers": (f"{'9' * 25} 2\n0 3 1 2\n", None, 1, f"holds 1 lines of jobs, expected {'9' * 25}"),
    "flexible": ("2 2\n1 1 1 3\n1 2 1 4\n", "fjs", 3, "expected the number of operations"),
}


@pytest.mark.parametrize("case", BAD)
def test_errors_name_the_line(tmp_path: Path, case: str) -> None:
    text, kind, line, reason = BAD[case]
    path = written(tmp_path, text)
    with pytest.raises(sk.FormatError) as caught:
        sk.shop.read(path, format=kind)
    assert (caught.value.line, caught.value.path) == (line, str(path))
    assert reason in str(caught.value)


def test_json_keeps_everything(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    for _ in range(100):
        shop = oracles.random_shop(rng, dispatchable=False)
        path = tmp_path / "shop.json"
        sk.shop.write(shop, path)
        assert sk.shop.read(path) == shop


def test_text_keeps_routes_and_refuses_the_rest(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        shop = oracles.random_shop(rng)
        plain = sk.shop.Shop([[dict(choices) for choices in job] for job in shop.jobs], num_machines=shop.num_machines)
        sk.shop.write(plain, tmp_path / "shop.fjs")
        assert sk.shop.read(tmp_path / "shop.fjs", format="fjs") == plain
    dated = sk.shop.Shop([[(0, 1)]], due_date=[4])
    with pytest.raises(sk.InvalidInputError, match="has no place for due_date; 'json' has"):
        sk.shop.write(dated, tmp_path / "dated.txt")
    with pytest.raises(sk.InvalidInputError, match="'fjs' has"):
        sk.shop.write(sk.shop.Shop([[{0: 1, 1: 2}]]), tmp_path / "choice.txt", format="jsp")


HEAD: dict[str, Any] = {"schedkit": "shop", "schema_version": 1}
BAD_JSON: dict[str, tuple[dict[str, Any], str]] = {
    "kind": ({"schedkit": "project"}, 'is not a shop, which is an object with "schedkit": "shop"'),
    "version": ({"schedkit": "shop", "schema_version": 2}, "expected schema_version 1"),
    "jobs": (HEAD, "has no 'jobs'"),
    "key": ({**HEAD, "jobs": [], "due_dates": []}, "unknown key 'due_dates'"),
    "value": ({**HEAD, "jobs": [[[0, 1]]], "release_time": [-1]}, "release_time[0] = -1: must be >= 0"),
    "operation": ({**HEAD, "jobs": [[[0, 1], "x"]]}, "must be (machine, duration)"),
    "setup": ({**HEAD, "jobs": [], "setup": [{"machine": 0}]}, "expected a list of objects with machine and ticks"),
    "calendar": (
        {**HEAD, "jobs": [[[0, 1]]], "calendars": [{"machine": 0, "time": [0], "capacity": [-1]}]},
        "capacity[0] = -1: must be >= 0",
    ),
}


@pytest.mark.parametrize("case", BAD_JSON)
def test_bad_json_is_named(tmp_path: Path, case: str) -> None:
    content, reason = BAD_JSON[case]
    with pytest.raises(sk.FormatError) as caught:
        sk.shop.read(written(tmp_path, json.dumps(content, indent=1), "shop.json"))
    assert reason in str(caught.value)
    assert caught.value.line is not None


def test_the_command_line_knows_shops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, CLASSIC)
    assert main(["info", str(path)]) == 0
    assert "operations  4" in capsys.readouterr().out
    assert main(["solve", str(path), "--rule", "spt", "--json"]) == 0
    answer = capsys.readouterr().out
    assert json.loads(answer)["start_time"] == sk.shop.dispatch(sk.shop.read(path), "spt").start_time.tolist()
    plan = written(tmp_path, answer, "plan.json")
    assert main(["check", str(path), str(plan)]) == 0
    assert capsys.readouterr().out == "feasible\n"
    wrong = written(tmp_path, json.dumps({**json.loads(answer), "makespan": 3}), "wrong.json")
    assert main(["check", str(path), str(wrong)]) == 1
    assert "objective" in capsys.readouterr().out
    assert main(["solve", str(path), "--algorithm", "heft"]) == 2
    assert "unknown for shops" in capsys.readouterr().err
    pytest.importorskip("matplotlib")
    for given in ([], ["--schedule", str(plan)]):
        assert main(["gantt", str(path), "-o", str(tmp_path / "chart.svg"), *given]) == 0
    assert (tmp_path / "chart.svg").read_text(encoding="utf-8").count("<path") > 4
