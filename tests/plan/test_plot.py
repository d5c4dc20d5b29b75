"""Gantt charts of plans: what is drawn is what was scheduled, on pages that can be read."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
import schedkit as sk
from hypothesis import given, settings
from matplotlib import pyplot
from matplotlib.colors import to_hex
from schedkit.plan import plot, plot_load

from . import samples
from .strategies import schedulable

mpl.use("agg")


@pytest.fixture(autouse=True)
def _close() -> Any:
    yield
    pyplot.close("all")


def labels(ax: Any) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def spans(ax: Any, *colours: str) -> list[tuple[float, float]]:
    """The bars of some colours: begin and end in days since 1970."""
    found = [bar for bar in ax.patches if to_hex(bar.get_facecolor()) in colours]
    return sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in found)


def day(when: datetime) -> float:
    return when.timestamp() / 86400


def plan(*activities: dict[str, Any], **keys: Any) -> sk.plan.Plan:
    return sk.plan.Plan(**{"start": "2026-03-23", "timezone": "Europe/Berlin", "activities": activities, **keys})


def test_bars_stand_at_their_dates_and_the_chain_is_red() -> None:
    r = plan(
        {"name": "dig", "duration": "2h"},
        {"name": "pour", "duration": "3h", "predecessors": "dig"},
        {"name": "look", "duration": "1h"},
    ).solve()
    ax: Any = r.plot()
    rows = {row["name"]: (day(row["start"]), day(row["end"])) for row in r.table()}
    assert labels(ax) == ["look", "dig", "pour"]  # by start, then by end
    assert spans(ax, plot.WORK) == [pytest.approx(rows["look"])]
    # pour pauses from 12:00 to 13:00, in a picture of nine hours
    noon, one = (day(datetime(2026, 3, 23, hour, tzinfo=UTC)) for hour in (11, 12))
    expected = [rows["dig"], (rows["pour"][0], noon), (one, rows["pour"][1])]
    assert spans(ax, plot.CHAIN) == [pytest.approx(span) for span in expected]
    assert {label.get_text(): label.get_color() for label in ax.get_yticklabels()}["look"] == "black"


def test_pauses_too_short_to_be_seen_are_not_drawn() -> None:
    r = plan({"name": "dig", "duration": "40w"}).solve()
    ax: Any = r.plot()
    assert len(spans(ax, plot.CHAIN)) == 1
    weeks: Any = plan({"name": "dig", "duration": "3w"}).solve().plot()
    assert len(spans(weeks, plot.CHAIN)) == 3 * 5  # nights, but no lunch


def test_all_that_has_a_date_is_drawn_and_explained(tmp_path: Path) -> None:
    now, baseline = samples.under_way()
    r = now.solve(max_schedules=200)
    ax: Any = r.plot(baseline=baseline)
    ax.figure.savefig(tmp_path / "chart.png")
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == [
        "decides the end",
        "other work",
        "has happened",
        "baseline",
        "closed",
        "pauses or waits",
        "due, and late until the end",
        "milestone",
    ]
    (line,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert now.now is not None
    assert line.get_xdata()[0] == pytest.approx(day(now.now))
    past = spans(ax, plot.PAST)
    assert past
    table = {row["name"]: row for row in r.table()}
    goes_on = max(end for _, end in past)
    assert goes_on <= day(table["lay structured cabling"]["end"])
    shown = sorted(r.table(), key=lambda row: (row["start"], row["end"]))[:50]
    before = {row["name"]: row for row in baseline.table()}
    expected = [(day(before[row["name"]]["start"]), day(before[row["name"]]["end"])) for row in shown]
    drawn = spans(ax, plot.BASELINE)
    assert len(drawn) == len(expected)
    assert [begin for begin, _ in drawn] == pytest.approx(sorted(begin for begin, _ in expected))


def test_nothing_is_grey_behind_the_present() -> None:
    """a has worked from 06:00 to 08:00, and goes on at 12:00, because x ends at 16:00."""
    found = plan(
        {"name": "x", "duration": "8h"},
        {"name": "a", "duration": "4h", "predecessors": "x FF", "actual_start": "2026-03-23 06:00"},
        calendar="always",
        now="2026-03-23 08:00",
    )
    ax: Any = found.solve(max_schedules=100).plot()
    assert found.now is not None
    now, hour = day(found.now), 1 / 24
    assert spans(ax, plot.PAST) == [pytest.approx((now - 2 * hour, now))]
    grey = [line for line in ax.lines if line.get_color() == plot.PAST]
    assert max(float(x) for line in grey for x in line.get_xdata()) == pytest.approx(now)
    assert spans(ax, plot.WORK, plot.CHAIN)[-1] == pytest.approx((now + 4 * hour, now + 8 * hour))
    assert "pauses or waits" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_due_dates_and_deadlines() -> None:
    r = plan(
        {"name": "dig", "duration": "3d", "due": "2026-03-24", "deadline": "2026-03-25"},
        {"name": "far", "duration": "1h", "deadline": "2027-03-25"},
    ).solve()
    ax: Any = r.plot()
    late = [line for line in ax.lines if line.get_color() == plot.LATE]
    ends = sorted(float(x) for line in late for x in line.get_xdata())
    due, end = day(datetime(2026, 3, 24, 23, tzinfo=UTC)), day(r.table()[0]["end"])
    assert ends == pytest.approx([due, due, end])
    (deadline,) = [line for line in ax.lines if line.get_color() == "black"]
    assert deadline.get_xdata()[0] == pytest.approx(due + 1)
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "deadline" in words


def test_pages_hold_all_activities_once() -> None:
    r = samples.large(120).solve(max_schedules=1)
    pages = [labels(r.plot(page=page)) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    order = sorted(r.table(), key=lambda row: (row["start"], row["end"]))
    assert [name for page in pages for name in page] == [row["name"] for row in order]
    for page in (0, 4):
        with pytest.raises(sk.InvalidInputError, match="page"):
            r.plot(page=page)
    with pytest.raises(sk.InputTypeError, match="page"):
        r.plot(page=True)


def test_a_page_spans_its_own_time() -> None:
    r = samples.large(120).solve(max_schedules=1)
    ax: Any = r.plot(page=1)
    order = sorted(r.table(), key=lambda row: (row["start"], row["end"]))[:50]
    last = max(day(row["end"]) for row in order)
    assert ax.get_xlim()[1] < last + 0.2 * (last - day(order[0]["start"]))


def test_the_load_is_below_a_new_figure_only(tmp_path: Path) -> None:
    r = samples.migration().solve(max_schedules=200)
    figure: Any = r.plot().figure
    assert len(figure.axes) == 1 + 4
    assert [ax.get_ylabel().splitlines() for ax in figure.axes[1:]] == [
        [name, "hours a day"] for name in ("network engineers", "storage engineers", "movers", "change windows")
    ]
    # As many hours of work as activities on all pages ask for, up to the end of the first page.
    first = figure.axes[1]
    assert 0 < sum(bar.get_height() for bar in first.patches if hasattr(bar, "get_height")) <= 608
    own_figure, own = pyplot.subplots()
    assert r.plot(ax=own) is own
    assert own_figure.axes == [own]
    own_figure.savefig(tmp_path / "own.png")


def test_the_load_of_a_week_by_hand() -> None:
    """Two of three people for 8 hours a day, then the weekend; on a plan of two days the units themselves are drawn."""
    crew = [{"name": "crew", "capacity": 3}]
    r = plan({"name": "dig", "duration": "5d", "resources": "crew[2]"}, resources=crew).solve()
    panel: Any = r.plot().figure.axes[1]
    assert [bar.get_height() for bar in panel.patches if type(bar).__name__ == "Rectangle"] == [16.0] * 5 + [0.0]
    (line,) = [patch for patch in panel.patches if type(patch).__name__ == "StepPatch"]
    assert line.get_data().values.tolist() == [24.0] * 5 + [0.0]
    short: Any = plan({"name": "dig", "duration": "1d", "resources": "crew[2]"}, resources=crew).solve().plot()
    assert short.figure.axes[1].get_ylabel() == "crew\nof 3"


def test_the_busiest_resources_are_shown() -> None:
    resources = [{"name": f"r{k}", "capacity": 1} for k in range(12)]
    activities = [{"name": f"a{k}", "duration": f"{k + 1}h", "resources": f"r{k}"} for k in range(12)]
    r = plan(*activities, resources=resources).solve()
    names = [ax.get_ylabel().splitlines()[0] for ax in r.plot().figure.axes[1:]]
    assert names == [f"r{k}" for k in range(12 - plot_load.MOST_RESOURCES, 12)]


@pytest.mark.parametrize(
    "found", [plan(), plan({"name": "m", "duration": 0}), samples.hostile()], ids=["empty", "milestone", "hostile"]
)
@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")  # the font of matplotlib has no Chinese letters
def test_small_and_hostile_plans_are_drawn(found: sk.plan.Plan, tmp_path: Path) -> None:
    r = found.solve()
    ax: Any = pickle.loads(pickle.dumps(r)).plot()
    ax.figure.savefig(tmp_path / "chart.png")
    assert len(labels(ax)) == len(found.activities)
    assert not any("\u202e" in label for label in labels(ax))


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
@given(keys=schedulable())
@settings(max_examples=15)
def test_random_plans_are_drawn(keys: dict[str, Any]) -> None:
    r = sk.plan.Plan(**keys).solve(max_schedules=10)
    if r.end is not None:
        ax: Any = r.plot()
        assert len(labels(ax)) == len(r.table())
        ax.figure.canvas.draw()
        pyplot.close(ax.figure)


def test_long_plans_have_months_and_years(tmp_path: Path) -> None:
    r = plan({"name": "dig", "duration": "200w"}).solve()
    ax: Any = r.plot()
    ax.figure.savefig(tmp_path / "chart.png")
    assert ax.get_xlabel() == "2026 to 2030, Europe/Berlin"
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["Apr\n2026", "Jul\n2026"]


@pytest.mark.parametrize("number", [3, 12])
def test_names_of_resources_are_whole_at_the_right_edge(number: int) -> None:
    crews = ["network engineers of the night", "storage engineers"]
    names = [f"business applications and their data bases: cut over {k}" for k in range(number)]
    work = [{"name": name, "duration": "4h", "resources": "; ".join(crews)} for name in names]
    r = sk.plan.Plan(start="2026-03-23", resources=[{"name": name} for name in crews], activities=work).solve()
    ax = r.plot()
    assert ax.figure is not None
    ax.figure.canvas.draw()
    edge = ax.get_window_extent()
    written = [text.get_window_extent() for text in ax.texts if text.get_text().startswith("network")]
    assert len(written) == number
    assert all(edge.x0 <= box.x0 and box.x1 <= edge.x1 for box in written)


def test_a_baseline_of_something_else_is_refused() -> None:
    r = plan({"name": "dig", "duration": "1h"}).solve()
    with pytest.raises(sk.InputTypeError, match="baseline"):
        r.plot(baseline="yesterday")  # type: ignore[arg-type]
    with pytest.raises(sk.InvalidInputError, match=r"baseline\[0\]"):
        r.plot(baseline=[{"name": "dig"}])


def test_without_a_schedule_there_is_nothing_to_draw() -> None:
    r = plan({"name": "dig", "duration": "3d", "deadline": "2026-03-23"}).solve()
    assert r.status == "infeasible"
    with pytest.raises(sk.SchedkitError, match="no schedule to draw: the status is 'infeasible'"):
        r.plot()


@pytest.mark.parametrize("days", [1, 8, 60])
def test_what_there_is_of_a_resource_is_drawn_to_the_end_of_the_axis(days: int) -> None:
    plan = sk.plan.Plan(
        start="2026-03-23",
        resources=[{"name": "crew"}],
        activities=[{"name": "dig", "duration": f"{days}d", "resources": "crew"}],
    )
    ax = plan.solve(max_schedules=10).plot()
    panel: Any = ax.figure.axes[1]
    drawn = [patch.get_path().vertices[:, 0].max() for patch in panel.patches if hasattr(patch, "get_data")]
    drawn += [line.get_xdata().max() for line in panel.lines]
    assert max(drawn) >= panel.get_xlim()[1] - 1e-4


def test_hours_that_occur_two_times_have_their_offset_on_the_axis() -> None:
    work = {"name": "watch", "duration": "6h"}
    ax: Any = plan(work, start="2026-10-25", calendar="always").solve().plot()
    found = [label.get_text() for label in ax.figure.axes[-1].get_xticklabels()]
    assert found == ["00:00\nSun 25 Oct", "01:00", "02:00\n+02:00", "02:00\n+01:00", "03:00", "04:00", "05:00"]
