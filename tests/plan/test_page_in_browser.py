"""The page in Chromium: what it draws, its dates, keys, filters, sizes, colours, and its silence on the network."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit._text import printable
from schedkit.plan import dates, periods, plot

from tests import browser
from tests.browser import Browser

from . import samples

pytestmark = [browser.needed, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser.browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def migration(folder: Path) -> tuple[Path, sk.plan.PlanSolution]:
    r = samples.migration().solve(max_schedules=200)
    r.to_html(folder / "migration.html")
    return folder / "migration.html", r


@pytest.fixture(scope="module")
def progress(folder: Path) -> tuple[Path, sk.plan.PlanSolution]:
    plan, baseline = samples.under_way()
    r = plan.solve(max_schedules=200)
    r.to_html(folder / "progress.html", baseline=baseline)
    return folder / "progress.html", r


def colour(window: Browser, x: float, y: float, canvas: str = "bars") -> str:
    """The colour of a pixel of a canvas, as #rrggbb."""
    script = (
        "return [...document.getElementById(arguments[0]).getContext('2d').getImageData(arguments[1], arguments[2], 1, 1).data]"
    )
    red, green, blue, _ = window.run(script, canvas, round(x), round(y))
    return f"#{red:02x}{green:02x}{blue:02x}"


SAMPLES = """
zoomTo(16 / HOUR, view.names);
view.links = false;
const pen = barsCanvas.getContext("2d"), found = [];
const place = (when) => view.names + PAD + (when - FIRST) * view.scale - view.left;
const pixel = (when, y) => "#" + [...pen.getImageData(Math.round(place(when)), Math.round(y), 1, 1).data].slice(0, 3)
  .map((part) => part.toString(16).padStart(2, "0")).join("");
for (const [k, [start, middleOfWork, end]] of arguments[0].entries()) {
  const colours = [];
  for (const when of [start - 300, middleOfWork, end + 300]) {
    view.left = (when - FIRST) * view.scale - 300;
    view.top = k * view.row;
    drawChart();
    colours.push(pixel(when, middle(k) + 5));
  }
  found.push(colours);
}
return found;
"""


def test_bars_are_drawn_at_their_dates(window: Browser, migration: tuple[Path, sk.plan.PlanSolution]) -> None:
    """Pixels of the first work of each activity have its colour, and those before its start and behind its end have not."""
    path, r = migration
    window.open(path)
    data = plot.drawn(r, None)
    rows = sorted(zip(data.bars, r.table(), strict=True), key=lambda pair: (pair[1]["start"], pair[1]["end"]))
    moments = [[bar.begin, sum(bar.pieces[0].tolist() if len(bar.pieces) else [bar.end] * 2) / 2, bar.end] for bar, _ in rows]
    colours = window.run("return view.colours")
    for (bar, row), (before, inside, behind) in zip(rows, window.run(SAMPLES, moments), strict=True):
        if not bar.milestone:
            assert inside == colours["chain" if row["critical"] else "work"], row["name"]
            assert not {before, behind} & {colours["chain"], colours["work"]}, row["name"]
    assert window.complaints() == []


def test_the_present_and_the_past(window: Browser, progress: tuple[Path, sk.plan.PlanSolution]) -> None:
    path, _ = progress
    window.open(path, height=2000)
    colours = window.run("return view.colours")
    x, below = window.run("return [x(NOW), HEADER + 3]")
    line = {colour(window, x + side, below + k) for k in range(12) for side in (-1, 0, 1)}
    green = {tuple(int(pixel[k : k + 2], 16) for k in (1, 3, 5)) for pixel in line}
    assert any(g > r + 40 and g > b + 40 for r, g, b in green)
    done = window.run(
        "const one = ACTIVITIES.find((a) => a.name === 'order racks and cabling');"
        "return [x((one.pieces[0] + one.pieces[1]) / 2), middle(view.place.get(one.index))]"
    )
    assert colour(window, done[0], done[1] + 4) == colours["past"]
    assert window.complaints() == []


def test_dates_are_those_of_python(window: Browser, folder: Path, progress: tuple[Path, sk.plan.PlanSolution]) -> None:
    path, r = progress
    window.open(path)
    shown = window.run("return ACTIVITIES.map((one) => [fullText(one.start), fullText(one.end)])")
    assert shown == [[dates.with_weekday(row["start"]), dates.with_weekday(row["end"])] for row in r.table()]


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", "2026-03-20"),
        ("Europe/Berlin", "2026-10-05"),
        ("Australia/Lord_Howe", "2026-03-27"),
        ("America/Santiago", "2026-08-28"),
        ("Asia/Kathmandu", "2026-12-20"),
        ("UTC", "2026-02-20"),
    ],
)
def test_clocks_that_change(zone: str, start: str, window: Browser, folder: Path) -> None:
    """Dates and the periods of the axis agree with Python's, over changes of the clocks and a midnight that does not exist.

    Clock times that occur two times have their offset.
    """
    plan = sk.plan.Plan(start=start, timezone=zone, activities=[{"name": "watch", "duration": "40d", "calendar": "always"}])
    r = plan.solve()
    r.to_html(folder / "clocks.html")
    window.open(folder / "clocks.html")
    first, end = (round(moment.timestamp()) for moment in (r.table()[0]["start"], r.table()[0]["end"]))
    moments = [*range(first, end, 1800)]
    expected = [dates.with_weekday(datetime.fromtimestamp(at, UTC).astimezone(dates.zone(zone))) for at in moments]
    assert window.run("return arguments[0].map(fullText)", moments) == expected
    for kind in periods.PERIODS:
        last = min(end, first + 60 * kind.length)
        script = "return periods({name: arguments[0], count: arguments[1]}, arguments[2], arguments[3])"
        found = window.run(script, kind.name, kind.count, first, last)
        expected_starts = periods.starts(kind, first, last, dates.zone(zone))
        assert [at for at in found if at > first] == [at for at in expected_starts if at > first]
        assert min(found) <= first


def test_the_load_is_that_of_python(window: Browser, progress: tuple[Path, sk.plan.PlanSolution]) -> None:
    path, r = progress
    window.open(path)
    data = plot.drawn(r, None)
    edges = [data.first + k * 3 * 86400 for k in range(30)]
    for k, use in enumerate(data.resources):
        for name, steps in (("used", use.used), ("available", use.available)):
            script = "return arguments[1].map((at) => integral(RESOURCES[arguments[0]][arguments[2]], at))"
            whole = window.run(script, k, edges, name)
            inside = [at for at in edges if at <= data.last]
            found = [b - a for a, b in itertools.pairwise(whole)][: len(inside) - 1]
            assert found == steps.sums(inside).tolist()
    assert window.run("return loadCanvas.height") == 22 + 4 * window.run("return LOAD_ROW")


def test_keys_choose_zoom_and_scroll(window: Browser, migration: tuple[Path, sk.plan.PlanSolution]) -> None:
    path, r = migration
    window.open(path)
    order = [row["name"] for row in sorted(r.table(), key=lambda row: (row["start"], row["end"]))]
    keys = _keys()
    window.press("#chart", keys.ARROW_DOWN)
    assert window.text("#chosen").splitlines()[0] == order[0]
    window.press("#chart", keys.ARROW_DOWN, keys.ARROW_DOWN, keys.ARROW_UP)
    assert window.text("#chosen").splitlines()[0] == order[1]
    window.press("#chart", keys.END)
    assert window.text("#chosen").splitlines()[0] == order[-1]
    assert window.run("return rowTop(view.place.get(view.chosen)) + view.row <= view.height && chart.scrollTop > 0")
    row = next(row for row in r.table() if row["name"] == order[-1])
    assert dates.with_weekday(row["end"]) in window.text("#chosen")
    assert "due Fri 2027-04-30\ndeadline Fri 2027-05-14" in window.text("#chosen")
    before = window.run("return view.scale")
    window.press("#chart", "+", "+")
    assert window.run("return view.scale") == pytest.approx(before * 2.25)
    left = window.run("return chart.scrollLeft")
    window.press("#chart", keys.ARROW_LEFT)
    assert window.run("return chart.scrollLeft") < left
    window.press("#chart", "0")
    assert window.run("return view.scale") == pytest.approx(window.run("return wholeScale()"))
    assert window.run("return document.querySelectorAll('.chosen-row').length") == 1
    assert window.complaints() == []


def test_filters_and_order(window: Browser, migration: tuple[Path, sk.plan.PlanSolution]) -> None:
    path, r = migration
    window.open(path)
    shown = (
        "return [...document.querySelectorAll('#activities tbody tr')].filter((row) => !row.hidden)"
        ".map((row) => row.cells[0].firstChild.data)"
    )
    window.press("#find", "CUT over")
    assert len(window.run(shown)) == 5
    assert window.text("#count") == "5 of 61 activities"
    assert window.run("return view.order.length") == 5
    window.run("document.getElementById('find').value = ''")
    window.click("#only-chain")
    assert [name.strip() for name in window.run(shown)] == [
        row["name"] for row in sorted(r.table(), key=lambda row: (row["start"], row["end"])) if row["critical"]
    ]
    window.click("#only-chain")
    window.click("#only-late")
    assert len(window.run(shown)) == sum(bool(row["late"]) for row in r.table()) > 0
    window.click("#only-late")
    window.press("th[data-key=end] span", _keys().ENTER)
    ends = {row["name"]: row["end"] for row in r.table()}
    found = [ends[name.strip()] for name in window.run(shown)]
    assert found == sorted(found)
    assert window.run("return document.querySelector('th[data-key=end]').getAttribute('aria-sort')") == "ascending"
    window.press("th[data-key=end] span", _keys().ENTER)
    assert [name.strip() for name in window.run(shown)] == [row["name"] for row in r.table()]  # as in the plan


def test_a_click_chooses(window: Browser, migration: tuple[Path, sk.plan.PlanSolution]) -> None:
    path, _ = migration
    window.open(path)
    x, y = window.run("return [x(ACTIVITIES[view.order[3]].start) + 2, middle(3)]")
    window.click("#chart", int(x), int(y))
    assert window.text("#chosen").splitlines()[0] == window.run("return ACTIVITIES[view.order[3]].name")


def test_scrolling_down_follows_the_bars(window: Browser, folder: Path) -> None:
    samples.large(300).solve(max_schedules=1).to_html(folder / "large.html")
    window.open(folder / "large.html")
    window.run("zoomTo(view.scale * 6, view.names); chart.scrollLeft = 0")
    window.settle()
    window.run("chart.scrollTop = 150 * view.row")
    window.settle()
    seen = (
        "const from = Math.floor(view.top / view.row);"
        "return view.order.slice(from, from + 15).map((k) => ACTIVITIES[k])"
        ".some((one) => x(one.start) < view.width && x(one.end) > view.names)"
    )
    assert window.run(seen)
    assert window.run("return barsCanvas.height") == window.run("return chart.clientHeight")  # not as high as all rows


def test_choosing_scrolls_to_the_bar_however_fast(window: Browser, folder: Path) -> None:
    samples.large(300).solve(max_schedules=1).to_html(folder / "large.html")
    window.open(folder / "large.html")
    window.run("zoomTo(view.scale * 6, view.names)")
    window.settle()
    window.run("choose(view.order[200])")
    window.settle()
    window.run("choose(view.order[0]); choose(view.order[200])")  # before anything has been drawn
    window.settle()
    assert window.run(
        "const one = ACTIVITIES[view.chosen]; return x(one.start) >= view.names && x(one.start) <= view.width - 40"
    )
    assert window.run("const top = rowTop(view.place.get(view.chosen)); return top >= HEADER && top + view.row <= view.height")


@pytest.fixture(scope="module")
def dock(folder: Path) -> Path:
    """A page with outages, two calendars, a change of the clocks, deadlines with a time of day, and work that is late."""
    plan = sk.plan.Plan(
        start="2026-10-19",
        timezone="Europe/Berlin",
        calendars=[{"name": "nights", "weekly": {"mon-sun": "22:00-06:00"}}],
        resources=[
            {"name": "crane", "outages": [{"from": "2026-10-22", "to": "2026-10-23"}]},
            {"name": "night crew", "capacity": 2, "calendar": "nights"},
        ],
        activities=[
            {"name": "strip", "duration": "3d"},
            {"name": "lift", "duration": "4h", "predecessors": "strip FS-4h", "resources": "crane"},
            {"name": "paint", "duration": "20h", "predecessors": "strip", "resources": "night crew[2]", "due": "2026-10-26"},
            {"name": "order", "duration": "14d"},
            {"name": "trial", "duration": "1d", "predecessors": "order; paint; lift", "resources": "night crew"},
            {"name": "hand over", "duration": 0, "predecessors": "trial", "deadline": "2026-11-04 12:00"},
        ],
    )
    plan = plan.update({"strip": {"actual_start": "2026-10-19 09:00", "percent": 60}}, now="2026-10-21 12:00")
    plan.solve(max_schedules=500, soft_deadlines=True).to_html(folder / "dock.html")
    return folder / "dock.html"


@pytest.mark.parametrize(("width", "height"), [(1280, 2072), (1280, 700), (1279, 900), (1111, 900), (700, 900), (390, 900)])
def test_the_whole_plan_needs_no_scroll_bar(width: int, height: int, window: Browser, dock: Path) -> None:
    """The chart is as high as its rows, and what is drawn as high as the chart."""
    window.open(dock, width=width, height=height)
    client, whole, high, drawn = window.run(
        "return [chart.clientWidth, chart.scrollWidth, chart.clientHeight, barsCanvas.height]"
    )
    rows = window.run("return HEADER + view.order.length * view.row")
    assert whole == client
    assert high == drawn == rows


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_of_an_unusual_plan_is_as_wide_as_the_window(width: int, window: Browser, dock: Path) -> None:
    window.open(dock, width=width)
    assert window.run("return document.documentElement.scrollWidth") <= width
    wide = "return [...document.querySelectorAll('table')].map((t) => t.scrollWidth - t.parentElement.clientWidth)"
    assert max(window.run(wide)) <= 0
    assert window.complaints() == []


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(width: int, window: Browser, progress: tuple[Path, sk.plan.PlanSolution]) -> None:
    window.open(progress[0], width=width)
    assert window.run("return document.documentElement.scrollWidth") <= width
    wide = "return [...document.querySelectorAll('table')].filter((t) => t.scrollWidth > t.parentElement.clientWidth).length"
    assert window.run(wide) == 0
    assert window.run("return view.narrow") == (width == 390)
    assert window.complaints() == []


def test_light_and_dark(window: Browser, migration: tuple[Path, sk.plan.PlanSolution]) -> None:
    for dark in (False, True):
        window.open(migration[0], dark=dark)
        light = window.run("return getComputedStyle(document.body).backgroundColor")
        assert light == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)")
        pixel = colour(window, *window.run("return [view.width - 4, view.height - 4]"))
        assert (sum(int(pixel[k : k + 2], 16) for k in (1, 3, 5)) < 200) == dark
        for name in ("ink", "quiet", "chain", "late", "accent"):
            assert contrast(*window.run("return [view.colours[arguments[0]], view.colours.paper]", name)) >= 4.5, name


def contrast(a: str, b: str) -> float:
    """The ratio of contrast of the Web Content Accessibility Guidelines, which ask for 4.5."""

    def luminance(text: str) -> float:
        parts = [int(text[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_screen_readers_get_names_and_tables(window: Browser, migration: tuple[Path, sk.plan.PlanSolution]) -> None:
    path, r = migration
    window.open(path)
    found = window.accessible()
    controls = [name.strip() for role, name in found if role in ("button", "checkbox", "searchbox", "link")]
    assert all(controls)
    assert {"Zoom in", "Zoom out", "Whole plan", "links", "To the table of activities"} <= set(controls)
    assert [name for role, name in found if role == "heading"] == [
        *("Moving a data centre", "Schedule", "Resources over time", "What decides the end", "Resources", "Activities"),
    ]
    heads = [name for role, name in found if role == "rowheader"]
    assert len(heads) == 4 + len(r.table())
    assert ("group", "Gantt chart. The table below holds the same dates.") in found
    assert any(role in ("image", "img") and name.startswith("Load of the resources") for role, name in found)
    assert ("LayoutTableCell", "") not in found


def test_every_row_has_a_bar_on_paper(window: Browser, progress: tuple[Path, sk.plan.PlanSolution]) -> None:
    path, r = progress
    window.open(path)
    assert window.printed() > 10_000
    assert window.run("return document.querySelectorAll('#activities td.track svg').length") == len(r.table())
    begin, wide = window.run(
        "const bar = document.querySelectorAll('#activities tbody tr')[60].querySelector('rect.chain, rect.work');"
        "return [Number(bar.getAttribute('x')), (ACTIVITIES[60].end - FIRST) / (LAST - FIRST) * 1000]"
    )
    assert begin == pytest.approx(wide - 3)  # the last milestone
    assert window.complaints() == []


def test_names_do_not_break_out(window: Browser, folder: Path) -> None:
    plan = samples.hostile()
    plan.solve().to_html(folder / "hostile.html")
    window.open(folder / "hostile.html")
    assert window.run("return window.hacked === undefined")
    assert window.text("h1") == plan.name
    assert window.run("return ACTIVITIES.map((one) => one.name)") == [printable(name) for name in samples.HOSTILE]
    assert window.run("return document.images.length + document.querySelectorAll('main b').length") == 0
    for k, name in enumerate(samples.HOSTILE):
        window.run("choose(arguments[0])", k)
        assert window.run("return document.getElementById('chosen').textContent").splitlines()[0] == printable(name)
    assert window.complaints() == []


def test_the_policy_stops_other_scripts(window: Browser, folder: Path, migration: tuple[Path, sk.plan.PlanSolution]) -> None:
    """Even if a name were not escaped."""
    text = (
        migration[0]
        .read_text("utf-8")
        .replace("<h1>", "<h1><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>")
    )
    (folder / "broken.html").write_text(text, "utf-8")
    window.open(folder / "broken.html")
    assert window.run("return window.hacked === undefined")
    assert len(window.complaints()) >= 2


def test_the_page_loads_nothing(window: Browser, migration: tuple[Path, sk.plan.PlanSolution]) -> None:
    window.open(migration[0])
    assert window.run("return performance.getEntriesByType('resource').length") == 0


@pytest.mark.parametrize("kind", ["empty", "infeasible", "milestone"])
def test_pages_without_work(kind: str, window: Browser, folder: Path) -> None:
    activities: dict[str, list[dict[str, Any]]] = {
        "empty": [],
        "infeasible": [{"name": "dig", "duration": "3d", "deadline": "2026-03-23"}],
        "milestone": [{"name": "done", "duration": 0}],
    }
    sk.plan.Plan(start="2026-03-23", activities=activities[kind]).solve().to_html(folder / "small.html")
    window.open(folder / "small.html")
    assert window.run("return document.getElementById('drawing').hidden") == (kind != "milestone")
    assert window.complaints() == []


def _keys() -> Any:
    from selenium.webdriver.common.keys import Keys  # noqa: PLC0415

    return Keys


def test_far_due_dates_and_deadlines_stand_at_the_edge(window: Browser, folder: Path) -> None:
    """Only dates behind the end of the time axis; the row at the edge has ink where the words are."""
    activities = [
        {"name": "dig", "duration": "3d"},
        {"name": "look", "duration": "3d", "deadline": "2026-03-27"},
        {"name": "pour", "duration": "2d", "due": "2026-12-24", "deadline": "2027-06-30"},
    ]
    sk.plan.Plan(start="2026-03-23", activities=activities).solve(max_schedules=10).to_html(folder / "far.html")
    window.open(folder / "far.html")
    assert window.run("return ACTIVITIES.map(farDates)") == ["", "", "due Thu 2026-12-24, deadline Wed 2027-06-30 \u2192"]
    script = """
    drawChart();
    const size = devicePixelRatio, pen = barsCanvas.getContext("2d"), dark = (k) => {
      const part = pen.getImageData((view.width - 100) * size, (middle(k) - 6) * size, 96 * size, 12 * size).data;
      let count = 0;
      for (let i = 0; i < part.length; i += 4) count += part[i] + part[i + 1] + part[i + 2] < 200;
      return count;
    };
    return [dark(view.place.get(0)), dark(view.place.get(2))];
    """
    without, written = window.run(script)
    assert without == 0
    assert written > 50
