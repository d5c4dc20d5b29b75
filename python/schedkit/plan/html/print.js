// Bars in the table, for printing only.

const SVG = "http://www.w3.org/2000/svg";

function shape(parent, name, attributes) {
  const found = document.createElementNS(SVG, name);
  for (const key in attributes) found.setAttribute(key, attributes[key]);
  parent.append(found);
  return found;
}

function printBars() {
  if (!table || table.querySelector(".track svg")) return;
  const wide = 1000, place = (when) => (when - FIRST) / Math.max(LAST - FIRST, 1) * wide;
  const kind = KINDS.slice(2).find((one) => (LAST - FIRST) / one.length <= 14) || KINDS[6];
  const starts = periods(kind, FIRST, LAST).filter((when) => when >= FIRST && when <= LAST);
  const drawing = (cell, height) => shape(cell, "svg", { viewBox: `0 0 ${wide} ${height}`, preserveAspectRatio: "none" });
  const scale = table.tHead.querySelector(".track");
  scale.textContent = "";
  const dates = document.createElement("div");
  dates.className = "dates";
  for (const when of starts) {
    const mark = document.createElement("span");
    mark.textContent = kind.name === "day" || kind.name === "week" ? periodText(KINDS[3], when) : periodText(kind, when);
    mark.style.left = `${place(when) / wide * 100}%`;
    dates.append(mark);
  }
  scale.append(dates);
  byIndex.forEach((row, index) => {
    const one = ACTIVITIES[index], svg = drawing(row.querySelector(".track"), 13);
    for (const when of starts) shape(svg, "line", { class: "grid", x1: place(when), x2: place(when), y1: 0, y2: 13, "vector-effect": "non-scaling-stroke" });
    const colour = one.critical ? "chain" : "work", ahead = Math.max(one.happened, goesOn(one));
    if (one.milestone) shape(svg, "rect", { class: one.done ? "past" : colour, x: place(one.end) - 3, y: 3, width: 6, height: 7 });
    for (const [a, b, name] of [[one.start, one.happened, "past"], [ahead, one.end, colour]]) {
      if (a < b) shape(svg, "rect", { class: name, x: place(a), y: 2, width: Math.max(2, place(b) - place(a)), height: 9 });
    }
    if (NOW !== null) shape(svg, "line", { class: "now", x1: place(NOW), x2: place(NOW), y1: 0, y2: 13, "vector-effect": "non-scaling-stroke" });
  });
}
