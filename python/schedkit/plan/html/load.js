// The load of the resources in the time that the chart shows: hours of work in each period under the hours that there are.

const loadCanvas = document.getElementById("load"), LOAD_ROW = 66;

function loadKind() { return view.scale * DAY >= 200 ? null : KINDS.slice(2).find((kind) => kind.length * view.scale >= 9) || KINDS[6]; }

function drawLoad() {
  const count = RESOURCES.length, height = 22 + count * LOAD_ROW, pen = sharp(loadCanvas, view.width, height), c = view.colours;
  pen.fillStyle = c.paper; pen.fillRect(0, 0, view.width, height);
  const kind = loadKind(), begin = Math.max(FIRST, at(view.names)), end = Math.min(EDGE, at(view.width));
  const edges = kind ? periods(kind, begin, end) : [begin, end];
  loadAxis(pen, height);
  RESOURCES.forEach((resource, r) => {
    const top = 22 + r * LOAD_ROW, floor = top + LOAD_ROW - 8, tall = LOAD_ROW - (view.narrow ? 30 : 18);
    pen.save(); pen.beginPath(); pen.rect(view.names, top, view.width, LOAD_ROW); pen.clip();
    const most = kind ? mostHours(resource, kind) : Math.max(resource.capacity, 1);
    if (kind) hoursOfPeriods(pen, resource, edges, floor, tall / most); else units(pen, resource, floor, tall / most);
    pen.restore();
    pen.strokeStyle = c.line; pen.lineWidth = 1; pen.beginPath(); pen.moveTo(0, top + LOAD_ROW - .5); pen.lineTo(view.width, top + LOAD_ROW - .5); pen.stroke();
    pen.textAlign = "left"; pen.textBaseline = "middle"; pen.fillStyle = c.ink; font(pen, 13, 600);
    const scale = kind ? `up to ${Math.round(most)} h a ${kind.count === 3 ? "quarter" : kind.name}` : `of ${resource.capacity}`;
    if (view.narrow) {
      pen.fillText(fit(pen, resource.name, view.width - 150), 5, top + 10);
      const wide = Math.min(pen.measureText(resource.name).width, view.width - 150);
      pen.fillStyle = c.quiet; font(pen, 11); pen.fillText(scale, wide + 14, top + 10);
    } else {
      pen.fillText(fit(pen, resource.name, view.names - 18), 10, top + 24);
      pen.fillStyle = c.quiet; font(pen, 12); pen.fillText(scale, 10, top + 43);
    }
  });
}

const mostKnown = new Map();
// The most hours that a resource has in a period of a kind, anywhere in the plan.
function mostHours(resource, kind) {
  const key = `${resource.name}|${kind.name}|${kind.count}`;
  if (!mostKnown.has(key)) {
    const edges = periods(kind, FIRST, LAST);
    let most = 1;
    for (let k = 1; k < edges.length; k++) {
      for (const amount of [resource.available, resource.used]) {
        most = Math.max(most, (integral(amount, edges[k]) - integral(amount, edges[k - 1])) / HOUR);
      }
    }
    mostKnown.set(key, most);
  }
  return mostKnown.get(key);
}

function hoursOfPeriods(pen, resource, edges, floor, scale) {
  const c = view.colours, line = [];
  for (let k = 1; k < edges.length; k++) {
    const [a, b] = [edges[k - 1], edges[k]], left = x(a), width = x(b) - left;
    const used = (integral(resource.used, b) - integral(resource.used, a)) / HOUR;
    const there = (integral(resource.available, b) - integral(resource.available, a)) / HOUR;
    pen.fillStyle = c.load; pen.fillRect(left, floor - Math.min(used, there) * scale, Math.max(1, width - 1), Math.min(used, there) * scale);
    if (used > there + 1e-6) { pen.fillStyle = c.over; pen.fillRect(left, floor - used * scale, Math.max(1, width - 1), (used - there) * scale); }
    line.push([left, floor - there * scale], [left + width, floor - there * scale]);
  }
  outline(pen, line);
}

function units(pen, resource, floor, scale) {
  const c = view.colours, begin = at(view.names), end = at(view.width);
  pen.fillStyle = c.load;
  const { time, value } = resource.used;
  for (let k = Math.max(0, last(time, begin)); k + 1 < time.length && time[k] < end; k++) {
    pen.fillRect(x(time[k]), floor - value[k] * scale, x(time[k + 1]) - x(time[k]) + .5, value[k] * scale);
  }
  const line = [], there = resource.available;
  for (let k = Math.max(0, last(there.time, begin)); k < there.time.length && there.time[k] < end; k++) {
    const next = k + 1 < there.time.length ? there.time[k + 1] : end;
    line.push([x(there.time[k]), floor - there.value[k] * scale], [x(next), floor - there.value[k] * scale]);
  }
  outline(pen, line);
}

function outline(pen, points) {
  pen.strokeStyle = view.colours.ink; pen.lineWidth = 1.2; pen.beginPath();
  points.forEach(([px, py], k) => { if (k) pen.lineTo(px, py); else pen.moveTo(px, py); });
  pen.stroke();
}

function loadAxis(pen, height) {
  const c = view.colours, kind = kindFor(view.scale), starts = periods(kind, Math.max(FIRST, at(view.names)), at(view.width));
  pen.save(); pen.beginPath(); pen.rect(view.names, 0, view.width, height); pen.clip();
  pen.strokeStyle = c.line; pen.lineWidth = 1; pen.fillStyle = c.quiet; font(pen, 11); pen.textAlign = "left"; pen.textBaseline = "middle";
  for (const when of starts) {
    const px = Math.round(x(when)) + .5, width = kind.length * view.scale, from = Math.max(px, view.names), space = px + width - from - 4;
    pen.beginPath(); pen.moveTo(px, 0); pen.lineTo(px, height); pen.stroke();
    if (space >= Math.min(width - 4, 18)) pen.fillText(fit(pen, periodText(kind, when, width), space), from + 4, 12);
  }
  pen.restore();
}
