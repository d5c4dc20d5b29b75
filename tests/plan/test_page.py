"""The page for browsers as text: complete without its scripts, loads nothing, names cannot break out, small."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import pickle
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from hypothesis import given, settings
from schedkit._text import printable
from schedkit.plan import dates, html_data, html_page, plot

from . import samples
from .strategies import schedulable


class Page(HTMLParser):
    """The elements and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[list[str]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": [], "title": [], "h1": []}
        self._open: list[str] = []
        self._small: list[bool] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)
        self._small.append(dict(attrs).get("class") in ("small", "small late"))
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            self._small.pop()
        if self._small:
            self._small.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in self.raw:
            self.raw[self._open[-1]][-1] += data
        elif {"td", "th"} & set(self._open) and not any(self._small) and self.cells:
            self.cells[-1][-1] += data

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw["script"][0])
        return found


def page(r: sk.plan.PlanSolution, folder: Path, **options: Any) -> tuple[str, Page]:
    r.to_html(folder / "plan.html", **options)
    text = (folder / "plan.html").read_text("utf-8")
    return text, Page(text)


def name(cells: list[str]) -> str:
    """The name of an activity, which stands in the first cell before its tags."""
    return re.sub(r"( decides the end)?( done| under way)?$", "", cells[0])


def moments(first: int, unit: int, differences: list[int]) -> list[int]:
    found, at = [], 0
    for difference in differences:
        at += difference
        found.append(first + at * unit)
    return found


def column(found: Page, head: str) -> int:
    """The position of a column in the table of activities, which is the last one."""
    heads = next(cells for cells in reversed(found.cells) if cells[0] == "Activity")
    return heads.index(head)


def test_the_table_is_complete_without_scripts(tmp_path: Path) -> None:
    r = samples.migration().solve(max_schedules=200)
    _, found = page(r, tmp_path)
    rows = {name(cells): cells for cells in found.cells}
    for row in r.table():
        cells = rows[row["name"]]
        assert cells[1:3] == [dates.with_weekday(row["start"]), dates.with_weekday(row["end"])]
        assert ("decides the end" in cells[0]) == row["critical"]
        assert bool(cells[column(found, "Late")]) == bool(row["late"])
    assert rows["network engineers"][1:4] == ["3", "608", "1,686"]  # 70 days of 24 hours, and 6
    assert found.raw["h1"] == ["Moving a data centre"]
    titles = [attrs["id"] for tag, attrs in found.tags if tag == "h2" and "id" in attrs]
    assert titles == ["drawing-title", "load-title", "chain-title", "resources-title", "table-title"]  # the longest comes last


def test_the_data_are_the_schedule(tmp_path: Path) -> None:
    now, baseline = samples.under_way()
    r = now.solve(max_schedules=200)
    _, found = page(pickle.loads(pickle.dumps(r)), tmp_path, baseline=baseline)
    data, drawn = found.data, plot.drawn(r, baseline)
    first, unit = data["first"], data["unit"]
    assert unit == 120  # now is at 9:10, and 40 percent of 96 hours are 2304 minutes
    for item, bar, row in zip(data["activities"], drawn.bars, r.table(), strict=True):
        assert item["n"] == row["name"]
        assert first + item["e"] * unit == row["end"].timestamp()
        assert first + item["s"] * unit == row["start"].timestamp()
        pieces = moments(first, unit, item["p"]) if "p" in item else [bar.begin, bar.end]
        assert pieces == bar.pieces.ravel().tolist() or bar.milestone
        assert item["f"] == row["critical"] + 2 * bar.done + 4 * bar.milestone
    assert [moments(first, unit, hours) for hours in data["hours"]] == [hours.ravel().tolist() for hours in drawn.hours]
    for item, use in zip(data["resources"], drawn.resources, strict=True):
        assert (item["n"], item["c"]) == (use.name, use.capacity)
        assert moments(first, unit, item["u"][0]) == use.used.time.tolist()
    assert [now.activities[k].name for k in data["chain"]] == r.critical
    moved = {name(cells): cells[column(found, "Moved")] for cells in found.cells if len(cells) > 7}
    shift = {row["name"]: row["end_shift"] for row in r.compare(baseline)}
    assert moved["test power and cooling"] == "2 hours later"
    for activity, by in shift.items():
        assert moved[activity].endswith("later" if by > timedelta(0) else "earlier" if by else ""), activity
        assert bool(moved[activity]) == bool(by)


def test_the_page_loads_nothing_and_runs_only_its_own_script(tmp_path: Path) -> None:
    text, found = page(samples.migration().solve(max_schedules=200), tmp_path)
    assert set(re.findall(r"\w+://[^\"'\s]*", text)) == {"http://www.w3.org/2000/svg"}  # the name of a language
    assert not any({"src", "href", "action", "style"} & attrs.keys() for tag, attrs in found.tags if tag != "a")
    assert [attrs["href"] for tag, attrs in found.tags if tag == "a"] == ["#table"]
    assert not re.search(r"\burl\(|@import|\bfetch\(|XMLHttpRequest|\beval\(|innerHTML", text)
    (policy,) = [attrs["content"] for tag, attrs in found.tags if attrs.get("http-equiv") == "Content-Security-Policy"]

    def digest(part: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"

    (style,), (_, script) = found.raw["style"], found.raw["script"]
    assert policy == f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}"


def test_names_cannot_break_out(tmp_path: Path) -> None:
    plan = samples.hostile()
    text, found = page(plan.solve(), tmp_path)
    assert len([tag for tag, _ in found.tags if tag == "script"]) == 2
    assert not {"b", "img"} & {tag for tag, _ in found.tags}
    assert found.raw["h1"] == [plan.name]
    assert found.raw["title"] == [f"{plan.name}: schedule"]
    assert [item["n"] for item in found.data["activities"]] == [printable(word) for word in samples.HOSTILE]
    names = [cells[0] for cells in found.cells]
    for word in samples.HOSTILE:
        assert any(cell.startswith(printable(word)) for cell in names)
    assert "\u202e" not in text
    assert "<" not in html_data.text(plot.drawn(plan.solve(), None))


def test_a_thousand_activities_with_five_calendars_are_small(tmp_path: Path) -> None:
    plan = samples.large(1000)
    r = plan.solve(max_schedules=1)
    assert sk.check(plan, r) == []
    text, found = page(r, tmp_path)
    assert len(text.encode()) < 2_000_000
    assert len(found.data["activities"]) == 1000
    assert len(found.data["hours"]) == 5


def test_without_a_schedule_the_page_says_why(tmp_path: Path) -> None:
    plan = sk.plan.Plan(start="2026-03-23", activities=[{"name": "dig <b>", "duration": "3d", "deadline": "2026-03-23"}])
    r = plan.solve()
    text, found = page(r, tmp_path)
    assert "No schedule exists." in text
    assert "dig &lt;b&gt;" in text
    assert found.data["activities"] == []
    for reason in plan.explain():
        for words in (reason.detail, *(part.text for part in reason.conflict), *reason.help):
            assert html.escape(words) in text
    assert "Any of these changes would help:" in text


def test_the_table_has_due_dates_and_deadlines_if_there_are_any(tmp_path: Path) -> None:
    for dates_given, heads in (({}, []), ({"deadline": "2026-04-01"}, ["Deadline"]), ({"due": "2026-03-24"}, ["Due"])):
        plan = sk.plan.Plan(start="2026-03-23", activities=[{"name": "dig", "duration": "3d", **dates_given}])
        _, found = page(plan.solve(), tmp_path)
        assert found.cells[0][5:-2] == heads
        if heads:
            assert found.cells[1][5] == {"Deadline": "Wed 2026-04-01", "Due": "Tue 2026-03-24"}[heads[0]]


def test_a_missed_deadline_is_late(tmp_path: Path) -> None:
    """Sixteen hours end on Tuesday at 17:00, which is 17 hours after Monday."""
    plan = sk.plan.Plan(start="2026-03-23", activities=[{"name": "dig", "duration": "2d", "deadline": "2026-03-23"}])
    text, found = page(plan.solve(soft_deadlines=True), tmp_path)
    assert found.cells[1][column(found, "Late")] == "17 hours"
    assert found.data["activities"][0]["k"] == 17 * 3600
    assert '<dt>Late</dt><dd><span class="late">1</span></dd>' in text


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("pauses", [False, True])
def test_the_legend_has_what_is_drawn(tmp_path: Path, late: bool, pauses: bool) -> None:
    work = {"name": "dig", "duration": "8h" if pauses else "4h", "due": "2026-03-22" if late else "2026-03-25"}
    sk.plan.Plan(start="2026-03-23", activities=[work]).solve(max_schedules=10).to_html(tmp_path / "plan.html")
    (legend,) = re.findall(r'<ul class="legend".*?</ul>', (tmp_path / "plan.html").read_text("utf-8"))
    assert ("late until the end" in legend, "pauses or waits" in legend) == (late, pauses)


def test_what_is_new_and_what_is_gone(tmp_path: Path) -> None:
    plans = [
        sk.plan.Plan(start="2026-03-23", activities=[{"name": name, "duration": "1h"} for name in names])
        for names in (["dig", "old <b>"], ["dig", "new"])
    ]
    text, found = page(plans[1].solve(), tmp_path, baseline=plans[0].solve().table())
    assert [(cells[0].split(" decides")[0], cells[column(found, "Moved")]) for cells in found.cells[1:]] == [
        ("dig", ""),
        ("new", "new"),
    ]
    assert "In the baseline alone: old &lt;b&gt;." in text


@given(keys=schedulable())
@settings(max_examples=20)
def test_random_plans_have_pages(keys: dict[str, Any]) -> None:
    plan = sk.plan.Plan(**keys)
    r = plan.solve(max_schedules=10)
    found = Page(html_page.page(r))
    assert [len(found.raw[tag]) for tag in ("script", "style", "title", "h1")] == [2, 1, 1, 1]
    assert found.raw["h1"] == [printable(plan.name)]
    assert [item["n"] for item in found.data["activities"]] == [printable(row["name"]) for row in r.table()]
    rows = {cells[1] for cells in found.cells if len(cells) > 4}
    assert {dates.with_weekday(row["start"]) for row in r.table() if row["start"] is not None} <= rows
    for item, row in zip(found.data["activities"], r.table(), strict=True):
        assert found.data["first"] + item["e"] * found.data["unit"] == row["end"].timestamp()


def test_an_empty_plan_has_a_page(tmp_path: Path) -> None:
    text, found = page(sk.plan.Plan(start="2026-03-23").solve(), tmp_path)
    assert "Ends <strong>Mon 2026-03-23 00:00</strong>" in text
    assert found.data["activities"] == []


def test_bad_arguments(tmp_path: Path) -> None:
    r = sk.plan.Plan(start="2026-03-23", activities=[{"name": "dig", "duration": "1h"}]).solve()
    with pytest.raises(sk.InputTypeError, match="path"):
        r.to_html(3)  # type: ignore[arg-type]
    with pytest.raises(sk.InputTypeError, match="baseline"):
        r.to_html(tmp_path / "plan.html", baseline=3)  # type: ignore[arg-type]
    assert not (tmp_path / "plan.html").exists()
    with pytest.raises(FileNotFoundError):
        r.to_html(tmp_path / "missing" / "plan.html")


def test_equal_results_give_equal_pages(tmp_path: Path) -> None:
    r = samples.migration().solve(max_schedules=200)
    again = samples.migration().solve(max_schedules=200)
    assert page(r, tmp_path)[0] == page(again, tmp_path)[0]


def test_the_page_and_the_chart_have_the_same_load_line(tmp_path: Path) -> None:
    """Hours that there are in each period of the chart, counted from the steps of the page; that of the deadline is whole."""
    pytest.importorskip("matplotlib")
    from matplotlib import pyplot  # noqa: PLC0415

    crew = {"name": "crew", "capacity": 2, "outages": [{"from": "2026-03-24", "to": "2026-03-25", "capacity": 1}]}
    dig = {"name": "dig", "duration": "7d", "resources": "crew", "deadline": "2026-04-15 10:00"}
    r = sk.plan.Plan(start="2026-03-23", resources=[crew], activities=[dig]).solve()
    _, found = page(r, tmp_path)
    stairs: Any = r.plot().figure.axes[1].patches[-1]
    data, line = found.data, stairs.get_data()
    changes, units = data["resources"][0]["v"]
    times = moments(data["first"], data["unit"], changes)
    pieces = list(zip(times, times[1:], units, strict=False))
    for begin, end, hours in zip(line.edges * 86400, line.edges[1:] * 86400, line.values, strict=False):
        there = sum(max(0, min(end, b) - max(begin, a)) * u for a, b, u in pieces) / 3600
        assert there == pytest.approx(hours)
    assert line.values[(date(2026, 4, 15) - date(2026, 3, 23)).days] == 16
    pyplot.close("all")


def test_a_page_without_schedule_names_the_zone() -> None:
    late = {"name": "dig", "duration": "2d", "deadline": "2026-03-23"}
    plan = sk.plan.Plan(start="2026-03-23", timezone="Asia/Kolkata", activities=[late])
    page = html_page.page(plan.solve(max_schedules=100))
    assert "Reasons" in page
    assert "Dates are on the clocks of Asia/Kolkata." in page


def test_a_baseline_of_another_plan_is_refused(tmp_path: Path) -> None:
    def schedule(name: str) -> sk.plan.PlanSolution:
        return sk.plan.Plan(start="2026-03-23", activities=[{"name": name, "duration": "1d"}]).solve()

    r, other = schedule("dig"), schedule("paint")
    words = "baseline: is a schedule of 'paint', and the plan has none of them, but 'dig'"
    for baseline in (other, other.table()):
        with pytest.raises(sk.InvalidInputError, match=words):
            r.to_html(tmp_path / "plan.html", baseline=baseline)
        with pytest.raises(sk.InvalidInputError, match=words):
            r.plot(baseline=baseline)
    assert list(tmp_path.iterdir()) == []
    r.to_html(tmp_path / "plan.html", baseline=[])
