// The Gantt chart: draws the rows that are in sight.

const barsCanvas = document.getElementById("bars");

function rowTop(place) { return HEADER + place * view.row - view.top; }

function middle(place) { return rowTop(place) + (view.narrow ? view.row - 11 : view.row / 2); }

function drawChart() {
  const pen = sharp(barsCanvas, view.width, view.height), c = view.colours;
  pen.fillStyle = c.paper; pen.fillRect(0, 0, view.width, view.height);
  const from = Math.max(0, Math.floor(view.top / view.row));
  const to = Math.min(view.order.length, Math.ceil((view.top + view.height - HEADER) / view.row));
  pen.save(); pen.beginPath(); pen.rect(view.names, HEADER, view.width, view.height); pen.clip();
  for (let k = from; k < to; k++) background(pen, ACTIVITIES[view.order[k]], k);
  const bounds = axis(pen, view.height);
  if (view.links) drawLinks(pen, from, to);
  for (let k = from; k < to; k++) bar(pen, ACTIVITIES[view.order[k]], k);
  if (NOW !== null) {
    pen.strokeStyle = c.now; pen.lineWidth = 2; pen.setLineDash([6, 4]);
    pen.beginPath(); pen.moveTo(x(NOW), HEADER); pen.lineTo(x(NOW), view.height); pen.stroke(); pen.setLineDash([]);
  }
  pen.restore();
  names(pen, from, to);
  header(pen, bounds);
  if (!view.narrow) {
    pen.fillStyle = c.ink; font(pen, 12, 600); pen.textAlign = "left"; pen.fillText("Activity", 10, 33);
    pen.strokeStyle = c.line; pen.lineWidth = 1; pen.beginPath(); pen.moveTo(view.names - .5, 0); pen.lineTo(view.names - .5, view.height); pen.stroke();
  }
}

function background(pen, one, k) {
  const c = view.colours, top = rowTop(k), closed = view.closed[one.hours];
  if (view.chosen === one.index) { pen.fillStyle = c.chosen; pen.fillRect(view.names, top, view.width, view.row); }
  pen.fillStyle = c.closed;
  const begin = at(view.names), end = at(view.width);
  for (let i = Math.max(0, last(closed, begin) & ~1); i < closed.length && closed[i] < end; i += 2) {
    const px = x(closed[i]);
    pen.fillRect(px, top, x(closed[i + 1]) - px, view.row - 1);
  }
}

// The periods of work, without pauses too short to be seen, as pairs of moments.
function pieces(one) {
  const found = [], least = DUST / view.scale, all = one.pieces;
  for (let k = 0; k < all.length; k += 2) {
    if (found.length && all[k] - found[found.length - 1] < least) found[found.length - 1] = all[k + 1];
    else found.push(all[k], all[k + 1]);
  }
  return found;
}

// When the work that is left begins: what is under way goes on.
function goesOn(one) { return one.pieces.find((when, k) => k % 2 === 0 && when >= one.happened) ?? one.start; }

function bar(pen, one, k) {
  const c = view.colours, y = middle(k), colour = one.critical ? c.chain : c.work, half = view.narrow ? 6 : 7;
  const begin = at(view.names), end = at(view.width);
  if (one.base && one.base.end !== null) {
    const from = x(one.base.start === null ? one.base.end : one.base.start);
    pen.fillStyle = c.baseline; pen.fillRect(from, y + half + 1, Math.max(2, x(one.base.end) - from), 3);
  }
  if (one.start <= end && one.end >= begin) {
    if (one.milestone) {
      const px = x(one.end);
      pen.fillStyle = one.done ? c.past : colour;
      pen.beginPath(); pen.moveTo(px, y - half); pen.lineTo(px + half, y); pen.lineTo(px, y + half); pen.lineTo(px - half, y); pen.fill();
    } else {
      for (const [a, b, shade] of [[one.start, one.happened, c.past], [one.happened, one.end, colour]]) {
        if (a >= b) continue;
        pen.fillStyle = shade; pen.fillRect(x(a), y - 1, x(b) - x(a), 2);
        const all = pieces(one);
        for (let i = 0; i < all.length; i += 2) {
          const left = Math.max(all[i], a), right = Math.min(all[i + 1], b);
          if (left < right) pen.fillRect(x(left), y - half, Math.max(2, x(right) - x(left)), 2 * half);
        }
      }
    }
    if (one.resources && !view.narrow) {
      pen.fillStyle = c.quiet; font(pen, 11); pen.textAlign = "left"; pen.textBaseline = "middle";
      pen.fillText(fit(pen, one.resources, 220), x(one.end) + (one.milestone ? 12 : 8), y + .5);
    }
  }
  pen.fillStyle = c.late;
  if (one.late) pen.fillRect(x(one.end - one.late), y - half - 3, one.late * view.scale, 2);
  if (one.due !== null) {
    const px = x(one.due);
    pen.beginPath(); pen.moveTo(px - 5, y - half - 4); pen.lineTo(px + 5, y - half - 4); pen.lineTo(px, y - half + 3); pen.fill();
  }
  if (one.deadline !== null) { pen.fillStyle = c.ink; pen.fillRect(x(one.deadline) - 1.5, y - 9, 3, 18); }
  beyond(pen, one, y);
}

// Names the due date and the deadline that lie behind the end of the time axis, at the right edge.
function beyond(pen, one, y) {
  const words = farDates(one);
  if (!words) return;
  font(pen, 11); pen.textAlign = "right"; pen.textBaseline = "middle";
  const width = pen.measureText(words).width;
  pen.fillStyle = view.colours.paper; pen.globalAlpha = .8; pen.fillRect(view.width - width - 8, y - 8, width + 8, 16); pen.globalAlpha = 1;
  pen.fillStyle = view.colours.ink; pen.fillText(words, view.width - 4, y + .5);
}

function names(pen, from, to) {
  const c = view.colours;
  if (!view.narrow) { pen.fillStyle = c.paper; pen.fillRect(0, HEADER, view.names, view.height); }
  pen.textAlign = "left"; pen.textBaseline = "middle";
  for (let k = from; k < to; k++) {
    const one = ACTIVITIES[view.order[k]], top = rowTop(k);
    font(pen, 13, one.critical ? 600 : 400);
    if (view.narrow) {
      const words = fit(pen, one.name, view.width - 12);
      pen.fillStyle = c.paper; pen.globalAlpha = .8; pen.fillRect(0, top + 2, pen.measureText(words).width + 10, 17); pen.globalAlpha = 1;
      pen.fillStyle = one.critical ? c.chain : c.ink; pen.fillText(words, 5, top + 11);
    } else {
      if (view.chosen === one.index) { pen.fillStyle = c.chosen; pen.fillRect(0, top, view.names, view.row); }
      pen.fillStyle = one.critical ? c.chain : c.ink; pen.fillText(fit(pen, one.name, view.names - 18), 10, top + view.row / 2);
    }
    pen.strokeStyle = c.line; pen.lineWidth = 1; pen.beginPath(); pen.moveTo(0, top + view.row - .5);
    pen.lineTo(view.narrow ? view.width : view.names, top + view.row - .5); pen.stroke();
  }
}

function drawLinks(pen, from, to) {
  const c = view.colours, seen = new Set(), plain = [], strong = [], chosen = [];
  for (let k = from; k < to; k++) {
    const one = ACTIVITIES[view.order[k]];
    for (const link of [...one.before, ...one.behind]) {
      const key = `${link.from} ${link.to}`;
      if (seen.has(key) || !view.place.has(link.from) || !view.place.has(link.to)) continue;
      seen.add(key);
      if (view.chosen === link.from || view.chosen === link.to) chosen.push(link);
      else if (!IN_CHAIN.has(key)) plain.push(link);
    }
  }
  for (const link of CHAIN) if (view.place.has(link.from) && view.place.has(link.to)) strong.push(link);
  for (const [links, colour, width] of [[plain, c.link, 1], [strong, c.chain, 2], [chosen, c.accent, 2]]) {
    pen.strokeStyle = colour; pen.fillStyle = colour; pen.lineWidth = width;
    for (const link of links) arrow(pen, link);
  }
}

function arrow(pen, link) {
  const a = ACTIVITIES[link.from], b = ACTIVITIES[link.to], up = view.place.get(link.to) < view.place.get(link.from);
  const xa = x(link.type[0] === "F" ? a.end : a.start), xb = x(link.type[1] === "F" ? b.end : link.decides ? goesOn(b) : b.start);
  const ya = middle(view.place.get(link.from)), yb = middle(view.place.get(link.to));
  if (Math.max(ya, yb) < HEADER || Math.min(ya, yb) > view.height || Math.max(xa, xb) < 0 || Math.min(xa, xb) > view.width) return;
  pen.beginPath(); pen.moveTo(xa, ya);
  if (Math.abs(xa - xb) < 7) {
    const tip = yb + (up ? 8 : -8), s = up ? 5 : -5;
    pen.lineTo(xa, tip); pen.stroke();
    pen.beginPath(); pen.moveTo(xa, tip); pen.lineTo(xa - 4, tip + s); pen.lineTo(xa + 4, tip + s); pen.fill();
  } else {
    const s = xb > xa ? -5 : 5;
    pen.lineTo(xa, yb); pen.lineTo(xb, yb); pen.stroke();
    pen.beginPath(); pen.moveTo(xb, yb); pen.lineTo(xb + s, yb - 4); pen.lineTo(xb + s, yb + 4); pen.fill();
  }
}
