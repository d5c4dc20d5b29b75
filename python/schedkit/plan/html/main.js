// The behaviour of the page: zoom, keys, choice of an activity, filters, order, printing.

const $ = (id) => document.getElementById(id);
const chart = $("chart"), extent = $("extent"), table = $("activities"), rows = table ? [...table.tBodies[0].rows] : [];
const byIndex = rows.slice(); // rows of the table by position of the activity, which is their first order
const sorting = { key: "start" };
let waiting = false;

// Takes over how far the chart has been scrolled.
function look() { view.left = chart.scrollLeft; view.top = chart.scrollTop; }

function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    look();
    drawChart(); drawLoad();
  });
}

// Pixels beside the time of the plan: before it, and behind it for the names of resources.
function margin() { return PAD + (view.narrow ? 24 : 150); }

function wholeScale() { return (view.width - view.names - margin()) / Math.max(LAST - FIRST, HOUR); }

// The scale with which the page opens: the whole plan, or as much of it as leaves activities wide enough to be seen.
function firstScale() {
  const lengths = ACTIVITIES.map((one) => one.end - one.start).filter((length) => length > 0).sort((a, b) => a - b);
  const usual = lengths.length ? lengths[lengths.length >> 1] : LAST - FIRST;
  return usual * wholeScale() >= 5 ? wholeScale() : 16 / usual;
}

function layout() {
  view.narrow = chart.clientWidth < 640;
  view.row = view.narrow ? 42 : 27;
  view.names = view.narrow ? 0 : Math.min(300, Math.round(chart.clientWidth * .26));
  view.width = chart.clientWidth; view.height = chart.clientHeight;
}

function resized() {
  const whole = Math.abs(view.scale - wholeScale()) < 1e-12;
  layout();
  zoomTo(whole ? wholeScale() : view.scale, view.names);
}

// Changes the scale so that the moment under a pixel stays there.
function zoomTo(scale, pixel) {
  const fixed = at(pixel), most = Math.min(120 / HOUR, 1.5e7 / Math.max(LAST - FIRST, HOUR));
  view.scale = Math.max(wholeScale(), Math.min(scale, Math.max(most, wholeScale())));
  prepareClosed();
  // Rounded, because a pixel more than the whole plan needs would bring a scroll bar.
  const wide = Math.round(view.names + (LAST - FIRST) * view.scale + margin());
  extent.style.width = `${wide}px`;
  extent.style.height = `${HEADER + view.order.length * view.row}px`;
  const bar = wide > chart.clientWidth ? chart.offsetHeight - chart.clientHeight : 0;
  chart.style.height = `${HEADER + Math.max(view.order.length, 3) * view.row + bar}px`;
  chart.scrollLeft = view.names + PAD + (fixed - FIRST) * view.scale - pixel;
  view.left = chart.scrollLeft;
  redraw();
}

function zoomBy(factor, pixel) { zoomTo(view.scale * factor, pixel === undefined ? (view.names + view.width) / 2 : pixel); }

function showMoment(when) {
  const wide = view.width - view.names;
  chart.scrollLeft = (when - FIRST) * view.scale - wide / 3;
}

function showRow(place) {
  const top = place * view.row, low = top + view.row, space = view.height - HEADER;
  if (top < chart.scrollTop) chart.scrollTop = top;
  if (low > chart.scrollTop + space) chart.scrollTop = low - space + 4;
}

// Scrolls to the right or left when rows have come into sight of which no bar is.
function follow() {
  const before = view.top, top = chart.scrollTop;
  look();
  if (before === top) return;
  const from = Math.floor(top / view.row), to = Math.min(view.order.length, Math.ceil((top + view.height - HEADER) / view.row));
  const begin = at(view.names), end = at(view.width);
  const shown = view.order.slice(from, to).map((index) => ACTIVITIES[index]);
  if (shown.length && shown.every((one) => one.end < begin || one.start > end)) {
    chart.scrollLeft = (Math.min(...shown.map((one) => one.start)) - FIRST) * view.scale;
  }
}

function describe(one) {
  const lines = [one.name, `${fullText(one.start)} to ${fullText(one.end)}${one.text ? ` · ${one.text}` : ""}`];
  if (one.resources) lines.push(`holds ${one.resources}`);
  if (one.after) lines.push(`after ${one.after}`);
  if (one.due !== null) lines.push(`due ${one.dueText}${one.end > one.due ? ", late" : ""}`);
  if (one.deadline !== null) lines.push(`deadline ${one.deadlineText}${one.end > one.deadline ? ", missed" : ""}`);
  if (one.critical) lines.push("decides the end");
  if (one.base && one.base.end !== null) lines.push(`baseline ${fullText(one.base.start === null ? one.base.end : one.base.start)} to ${fullText(one.base.end)}`);
  return lines;
}

function choose(index, { scroll = true } = {}) {
  if (view.chosen !== null && byIndex[view.chosen]) byIndex[view.chosen].classList.remove("chosen-row");
  view.chosen = index;
  if (byIndex[index]) byIndex[index].classList.add("chosen-row");
  const one = ACTIVITIES[index];
  look();
  $("chosen").textContent = describe(one).join("\n");
  $("chosen").classList.add("filled");
  if (scroll && view.place.has(index)) {
    showRow(view.place.get(index));
    if (x(one.start) < view.names || x(one.start) > view.width - 40) showMoment(one.start);
  }
  redraw();
}

const KEYS = {
  start: (a, b) => a.start - b.start || a.end - b.end || a.index - b.index,
  end: (a, b) => a.end - b.end || a.start - b.start || a.index - b.index,
  name: (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  late: (a, b) => b.late - a.late || a.start - b.start || a.index - b.index,
  plan: (a, b) => a.index - b.index,
};

// Puts the activities that pass the filters in order, in the chart and in the table.
function arrange() {
  const words = $("find").value.trim().toLowerCase(), chain = $("only-chain").checked, late = $("only-late").checked;
  const found = ACTIVITIES.filter((one) => (!chain || one.critical) && (!late || one.late)
    && (!words || one.name.toLowerCase().includes(words) || one.resources.toLowerCase().includes(words)));
  view.order = found.sort(KEYS[sorting.key]).map((one) => one.index);
  view.place = new Map(view.order.map((index, place) => [index, place]));
  const all = ACTIVITIES.length, shown = view.order.length;
  $("count").textContent = shown === all ? `${all} ${all === 1 ? "activity" : "activities"}` : `${shown} of ${all} activities`;
  if (table) {
    for (const row of rows) row.hidden = true;
    for (const index of view.order) byIndex[index].hidden = false;
    table.tBodies[0].append(...view.order.map((index) => byIndex[index]));
    for (const cell of table.tHead.querySelectorAll("[data-key]")) {
      if (cell.dataset.key === sorting.key) cell.setAttribute("aria-sort", sorting.key === "late" ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
  }
  zoomTo(view.scale, view.names);
}

function move(step) {
  if (!view.order.length) return;
  const place = view.place.has(view.chosen) ? view.place.get(view.chosen) + step : 0;
  choose(view.order[Math.max(0, Math.min(view.order.length - 1, place))]);
}

chart.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = (view.width - view.names) / 6, page = Math.max(1, Math.floor((view.height - HEADER) / view.row) - 1);
  const actions = {
    ArrowDown: () => move(1), ArrowUp: () => move(-1), PageDown: () => move(page), PageUp: () => move(-page),
    Home: () => move(-Infinity), End: () => move(Infinity),
    ArrowLeft: () => { chart.scrollLeft -= step; }, ArrowRight: () => { chart.scrollLeft += step; },
    "+": () => zoomBy(1.5), "=": () => zoomBy(1.5), "-": () => zoomBy(1 / 1.5), 0: () => zoomTo(0, view.names),
  };
  if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
});

function under(event) {
  const box = chart.getBoundingClientRect(), y = event.clientY - box.top;
  const place = Math.floor((y - HEADER + view.top) / view.row);
  return y < HEADER || place < 0 || place >= view.order.length ? null : ACTIVITIES[view.order[place]];
}

// A click on a name, unlike one on a bar, also scrolls to the bar.
chart.addEventListener("click", (event) => {
  const one = under(event);
  if (one) choose(one.index, { scroll: event.clientX - chart.getBoundingClientRect().left < view.names });
});
chart.addEventListener("scroll", () => { $("tip").hidden = true; follow(); redraw(); }, { passive: true });
chart.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoomBy(Math.exp(-event.deltaY / 300), Math.max(view.names, event.clientX - chart.getBoundingClientRect().left));
}, { passive: false });
chart.addEventListener("pointermove", (event) => {
  const one = event.pointerType === "mouse" ? under(event) : null, tip = $("tip");
  tip.hidden = !one;
  if (!one) return;
  tip.textContent = describe(one).join("\n");
  const box = chart.getBoundingClientRect(), left = event.clientX - box.left + 14, top = event.clientY - box.top + 16;
  tip.style.left = `${Math.min(left, box.width - tip.offsetWidth - 6)}px`;
  tip.style.top = `${top + tip.offsetHeight > box.height ? Math.max(0, top - tip.offsetHeight - 28) : top}px`;
});
chart.addEventListener("pointerleave", () => { $("tip").hidden = true; });

$("zoom-in").addEventListener("click", () => zoomBy(1.5));
$("zoom-out").addEventListener("click", () => zoomBy(1 / 1.5));
$("zoom-all").addEventListener("click", () => zoomTo(0, view.names));
$("to-now").addEventListener("click", () => showMoment(NOW));
$("to-now").hidden = NOW === null;
$("show-links").addEventListener("change", (event) => { view.links = event.target.checked; redraw(); });
for (const id of ["find", "only-chain", "only-late"]) $(id).addEventListener("input", arrange);
document.querySelector(".if-late").hidden = !ACTIVITIES.some((one) => one.late);
if (table) {
  for (const cell of table.tHead.querySelectorAll("[data-key]")) {
    const button = document.createElement("span"); // real buttons are not printed in the heads of later pages
    button.setAttribute("role", "button"); button.tabIndex = 0;
    button.textContent = cell.textContent; button.title = `Sort by ${cell.textContent.toLowerCase()}, or as in the plan`;
    cell.replaceChildren(button);
    const sort = () => { sorting.key = sorting.key === cell.dataset.key ? "plan" : cell.dataset.key; arrange(); };
    button.addEventListener("click", sort);
    button.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); } });
  }
  table.tBodies[0].addEventListener("click", (event) => {
    const place = byIndex.indexOf(event.target.closest("tr"));
    if (place >= 0 && !String(window.getSelection())) choose(place);
  });
}
new ResizeObserver(resized).observe(chart);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); redraw(); });
window.addEventListener("beforeprint", printBars);

$("drawing").hidden = !ACTIVITIES.length;
for (const part of [$("load-title"), $("load-title").nextElementSibling, $("loads")]) part.hidden = !RESOURCES.length;
readColours();
layout();
zoomTo(firstScale(), view.names);
arrange();
