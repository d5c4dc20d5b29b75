"""Files of another kind than the one asked for, misspelt tables and tables without rows: messages say what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
import schedkit as sk
from schedkit.cli import main

PLAN = "name,duration,due\ndig,2d,2026-03-24\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.csv").write_text(PLAN)
    (tmp_path / "blocks.csv").write_text(f"[plan]\nkey,value\nstart,2026-03-23\n[activities]\n{PLAN}")
    (tmp_path / "news.csv").write_text("name,percent\ndig,0\n")
    r = sk.plan.read("plan.csv", start="2026-03-23").solve()
    for name in ("table.csv", "solution.json"):
        r.write(name)
    r.to_html("page.html")
    sk.plan.read("blocks.csv").write("plan.json")
    sk.plan.read("blocks.csv").write("plan.xml")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3\n")
    (tmp_path / "other.json").write_text('{"a": 1}')
    return tmp_path


WORDS = {
    "plan.csv": "a plan",
    "blocks.csv": "a plan",
    "plan.json": "a plan",
    "table.csv": "the schedule of a plan",
    "solution.json": "the schedule of a plan",
    "news.csv": "a table of progress",
    "page.html": "a page for browsers",
    "picture.png": "a picture",
    "paper.pdf": "a PDF document",
}


@pytest.mark.parametrize("name", [*WORDS, "plan.xml", "other.json"])
@pytest.mark.parametrize("kind", ["plan", "progress", "schedule"])
def test_a_file_of_another_kind_is_refused_by_what_it_is(kind: str, name: str, folder: Path) -> None:
    plan = sk.plan.read(folder / "blocks.csv")
    readers: dict[str, Callable[[], object]] = {
        "plan": lambda: sk.plan.read(folder / name, start="2026-03-23"),
        "progress": lambda: plan.update(folder / name, now="2026-03-23"),
        "schedule": lambda: plan.solve().compare(folder / name),
    }
    right = {"plan": ("plan.csv", "blocks.csv", "plan.json", "plan.xml"), "progress": ("news.csv",)}
    if name in right.get(kind, ("table.csv", "solution.json")):
        readers[kind]()
        return
    with pytest.raises(sk.FormatError) as caught:
        readers[kind]()
    if name in WORDS:
        assert f"{name}: is {WORDS[name]}, expected a" in str(caught.value)
    assert "NUL" not in str(caught.value)


def test_a_compressed_plan_is_a_plan(folder: Path) -> None:
    import gzip  # noqa: PLC0415

    (folder / "plan.csv.gz").write_bytes(gzip.compress(PLAN.encode()))
    assert sk.plan.read(folder / "plan.csv.gz", start="2026-03-23").activities[0].name == "dig"
    with pytest.raises(sk.FormatError, match="is a plan, expected a table of progress"):
        sk.plan.read(folder / "blocks.csv").update(folder / "plan.csv.gz", now="2026-03-23")


def workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def test_misspelt_sheets_are_named(tmp_path: Path) -> None:
    activities, calendars = (
        [["name", "duration"], ["dig", "2h"]],
        [["calendar", "days", "hours"], ["standard", "mon", "8:00-10:00"]],
    )
    path = tmp_path / "book.xlsx"
    with pytest.raises(sk.FormatError, match=r"the sheet 'calenders' is none of the tables .*; is it 'calendars'\?"):
        sk.plan.read(workbook(path, activities=activities, calenders=calendars), start="2026-03-23")
    with pytest.raises(sk.FormatError, match=r"has no sheet 'activities'; found 'activites', 'notes'; is it 'activites'\?"):
        sk.plan.read(workbook(path, activites=activities, notes=[]), start="2026-03-23")
    for others in ({"notes": [["x"]]}, {"calendars": calendars, "Calendars 2": calendars}, {"plans of mine": [["x"]]}):
        sk.plan.read(workbook(path, activities=activities, **others), start="2026-03-23")  # other sheets are ignored


def test_misspelt_blocks_are_named(folder: Path) -> None:
    (folder / "plan.csv").write_text(f"[resorces]\nname\ncrew\n[activities]\n{PLAN}")
    with pytest.raises(sk.FormatError, match=r"unknown block \[resorces\].*; is it 'resources'\?"):
        sk.plan.read(folder / "plan.csv", start="2026-03-23")


def test_tables_without_rows_give_a_warning(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, header in (("a.csv", "name,duration"), ("p.csv", "name,percent"), ("s.csv", "name,start,end")):
        (folder / name).write_text(f"{header}\n")
    plan = sk.plan.read(folder / "blocks.csv")
    with pytest.warns(UserWarning, match="the table of activities has a header and no rows") as caught:
        assert sk.plan.read(folder / "a.csv", start="2026-03-23").activities == ()
    with pytest.warns(UserWarning, match="the table of progress has a header and no rows") as also:
        plan.update(folder / "p.csv", now="2026-03-23")
    with pytest.warns(UserWarning, match="the schedule has no rows") as last:
        plan.solve().compare(folder / "s.csv")
    assert {warning.filename for record in (caught, also, last) for warning in record} == {__file__}
    assert main(["plan", "solve", "a.csv", "--start", "2026-03-23"]) == 0
    assert capsys.readouterr().err == "schedkit: a.csv: the table of activities has a header and no rows\n"


def test_a_project_without_tasks_gives_a_warning(folder: Path) -> None:
    (folder / "empty.xml").write_text(
        '<Project xmlns="http://schemas.microsoft.com/project"><StartDate>2026-03-23T08:00:00</StartDate></Project>'
    )
    with pytest.warns(UserWarning, match=r"empty\.xml: the file has no tasks") as caught:
        assert sk.plan.read(folder / "empty.xml").activities == ()
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("units", ["1.5", "x", "-1", ""])
def test_units_that_are_no_whole_number_are_named(units: str) -> None:
    work = [{"name": "a", "duration": "1h", "resources": f"r[{units}]"}]
    with pytest.raises(sk.InvalidInputError, match=rf"the units of 'r' must be a whole number, not '{units}'"):
        sk.plan.Plan(start="2026-03-23", resources=[{"name": "r"}], activities=work)


def test_commands_name_options_instead_of_arguments(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "solve", "plan.csv"]) == 2
    assert capsys.readouterr().err == "schedkit: plan.csv: the plan has no start; give it in the file, or with --start\n"
    assert main(["plan", "solve", "blocks.csv", "--max-schedules", "-1"]) == 2
    assert capsys.readouterr().err == "schedkit: --max-schedules = -1: must be >= 0\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["solve", "sub"], "a plan in CSV, XLSX, JSON or the XML of MS Project"),
        (["update", "blocks.csv", "sub", "--now", "2026-03-24", "-o", "new.csv"], "a table of progress, CSV or XLSX"),
        (["compare", "blocks.csv", "sub"], "a schedule: the table.csv that `schedkit plan solve -o` writes"),
    ],
)
def test_a_folder_is_refused_by_what_was_expected(
    arguments: list[str], expected: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sub").mkdir()
    assert main(["plan", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"schedkit: sub: is a folder, expected {expected}")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        sk.plan.read("sub")


def test_large_weights_do_not_matter_for_the_makespan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "heavy.csv").write_text("name,duration,weight,due\nlook,1h,2,2026-03-23\ndig,2d,1e300,2026-03-23\n")
    plan = sk.plan.read(folder / "heavy.csv", start="2026-03-23")
    assert plan.solve().status == "optimal"
    assert plan.explain() == []
    with pytest.raises(sk.InvalidInputError, match=r"activities\[1\]\.weight = 1e\+300 \(activity 'dig'\)") as caught:
        plan.solve(objective="total_weighted_tardiness")
    assert (caught.value.field, caught.value.index) == ("weight", 1)
    arguments = ["plan", "solve", "heavy.csv", "--start", "2026-03-23", "--objective", "total_weighted_tardiness"]
    assert main(arguments) == 2
    assert "heavy.csv: line 3: weight = 1e+300 (activity 'dig')" in capsys.readouterr().err


def test_a_baseline_is_read_before_the_search(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sk.plan.Plan, "solve", lambda *_, **__: pytest.fail("searched"))
    assert main(["plan", "compare", "blocks.csv", "missing.csv"]) == 2
    assert main(["plan", "compare", "blocks.csv", "news.csv"]) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 0}, "threads"),
        ({"on_interrupt": "stop"}, "on_interrupt"),
        ({"on_improvement": 3}, "on_improvement"),
        ({"stop": 3}, "stop"),
        ({"seed": -1}, "seed"),
        ({"late": 3}, "late"),
        ({"objective": "num_tardy"}, "no activity has one"),
    ],
)
@pytest.mark.parametrize("soft", [False, True])
def test_options_are_refused_before_the_search_for_deadlines(
    options: dict[str, object], message: str, soft: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from schedkit.plan import lateness  # noqa: PLC0415

    monkeypatch.setattr(lateness, "postponed", lambda *_: pytest.fail("searched"))
    plan = sk.plan.Plan(start="2026-03-23", activities=[{"name": "dig", "duration": "2d", "deadline": "2026-03-23"}])
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError), match=message):
        plan.solve(soft_deadlines=soft, **options)  # type: ignore[arg-type]


def test_a_page_is_html(tmp_path: Path) -> None:
    r = sk.plan.Plan(start="2026-03-23").solve()
    with pytest.raises(sk.InvalidInputError, match=r"expected a name that ends with \.html"):
        r.to_html(tmp_path / "page.doc")
    for name in ("page.html", "PAGE.HTM"):
        r.to_html(tmp_path / name)


@pytest.mark.parametrize("text", ["08:00-12:00 11:00-15:00", "22:00-06:00 05:00-07:00", "24h", "8:00-8:00 9:00-10:00"])
def test_hours_that_overlap(text: str) -> None:
    calendars = [{"name": "day", "weekly": {"mon": text}}]
    if text in ("24h", "22:00-06:00 05:00-07:00"):  # the second shift begins in the morning before the first one
        sk.plan.Plan(start="2026-03-23", calendars=calendars)
        return
    with pytest.raises(sk.InvalidInputError, match="hours overlap: "):
        sk.plan.Plan(start="2026-03-23", calendars=calendars)
