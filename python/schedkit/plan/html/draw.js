// What the charts share: the view, the colours, sharp canvases, the axis of dates.

const HEADER = 44, PAD = 12; // pixels: the height of the dates, the space before the first date
const DUST = 12; // pixels; closed time and pauses that are narrower are not drawn
const view = {
  order: [], place: new Map(), scale: 1, left: 0, top: 0, width: 0, height: 0, names: 0, row: 26, narrow: false,
  chosen: null, links: true, colours: {}, closed: [],
};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["paper", "ink", "quiet", "line", "panel", "closed", "work", "chain", "past", "baseline", "late", "now", "load", "over",
    "accent", "chosen", "link"]) view.colours[name] = style.getPropertyValue(`--${name}`).trim();
}

function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1, w = Math.round(width * ratio), h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w; canvas.height = h;
    canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

function x(at) { return view.names + PAD + (at - FIRST) * view.scale - view.left; }

function at(pixel) { return FIRST + (pixel - view.names - PAD + view.left) / view.scale; }

function font(pen, size, weight) { pen.font = `${weight || 400} ${size}px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif`; }

const fitted = new Map();
// The text, cut at the end if it is wider than a number of pixels.
function fit(pen, text, width) {
  const key = `${pen.font}|${Math.round(width)}|${text}`;
  if (fitted.has(key)) return fitted.get(key);
  let found = text;
  if (pen.measureText(text).width > width) {
    let low = 0, high = text.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (pen.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle; else high = middle - 1;
    }
    found = `${text.slice(0, low).trimEnd()}…`;
  }
  if (fitted.size > 20000) fitted.clear();
  fitted.set(key, found);
  return found;
}

// Closed time of each set of hours that is wide enough to be seen, as pairs of moments.
function prepareClosed() {
  view.closed = HOURS.map((hours) => {
    const found = [], least = DUST / view.scale;
    let before = FIRST;
    for (let k = 0; k < hours.length; k += 2) {
      if (hours[k] - before >= least) found.push(before, hours[k]);
      before = hours[k + 1];
    }
    if (EDGE - before >= least) found.push(before, EDGE);
    return Float64Array.from(found);
  });
}

function axis(pen, height) {
  const c = view.colours, kind = kindFor(view.scale), begin = at(view.names), end = at(view.width);
  const starts = periods(kind, Math.max(begin, FIRST - 10 * kind.length), end);
  pen.strokeStyle = c.line; pen.lineWidth = 1;
  pen.beginPath();
  for (const when of starts) { const px = Math.round(x(when)) + .5; pen.moveTo(px, HEADER); pen.lineTo(px, height); }
  pen.stroke();
  return { kind, starts, begin, end };
}

function header(pen, { kind, starts, begin, end }) {
  const c = view.colours;
  pen.fillStyle = c.panel; pen.fillRect(0, 0, view.width, HEADER);
  pen.save(); pen.beginPath(); pen.rect(view.names, 0, view.width, HEADER); pen.clip();
  pen.fillStyle = c.ink; font(pen, 12); pen.textBaseline = "middle"; pen.textAlign = "left";
  pen.strokeStyle = c.line; pen.beginPath();
  starts.forEach((when, k) => {
    const px = x(when), width = (k + 1 < starts.length ? x(starts[k + 1]) : px + kind.length * view.scale) - px;
    pen.moveTo(Math.round(px) + .5, 22); pen.lineTo(Math.round(px) + .5, HEADER);
    const from = Math.max(px, view.names), space = px + width - from - 4;
    if (space >= Math.min(width - 4, 18)) pen.fillText(fit(pen, periodText(kind, when, width), space), from + 4, 33);
  });
  pen.stroke(); font(pen, 12, 600); pen.beginPath();
  if (kind.above !== kind.name) {
    const larger = periods(ABOVE[kind.above], begin, end);
    larger.forEach((when, k) => {
      const px = x(when), next = k + 1 < larger.length ? x(larger[k + 1]) : view.width, from = Math.max(px, view.names);
      pen.moveTo(Math.round(px) + .5, 0); pen.lineTo(Math.round(px) + .5, 22);
      if (next - from > 30) pen.fillText(fit(pen, aboveText(kind.above, when), next - from - 6), from + 4, 12);
    });
  }
  pen.stroke(); pen.restore();
  pen.strokeStyle = c.line; pen.beginPath(); pen.moveTo(0, HEADER - .5); pen.lineTo(view.width, HEADER - .5); pen.stroke();
}
