// Dates on the clocks of the plan's time zone, and the periods of the axis.

const ZONE = DATA.zone; // rows: until (seconds since 1970), offset
const DAY_NAMES = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const HOUR = 3600, DAY = 86400;

function offset(at) { return (ZONE.find((row) => at < row[0]) || ZONE[ZONE.length - 1])[1]; }

// A date whose universal fields are those of the clocks.
function clock(at) { return new Date((at + offset(at)) * 1000); }

function two(number) { return String(number).padStart(2, "0"); }

function dateText(date) { return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`; }

function timeText(date) { return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`; }

// The offset of a moment, such as "+01:00", if clocks show its time again because they go back; empty otherwise.
function offsetText(at) {
  const shown = at + offset(at);
  const times = ZONE.filter(([until, shift], k) => shown - shift < until && (k === 0 || shown - shift >= ZONE[k - 1][0]));
  if (times.length < 2) return "";
  const minutes = Math.abs(offset(at)) / 60;
  return `${offset(at) < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(Math.floor(minutes % 60))}`;
}

function fullText(at) {
  const date = clock(at);
  return `${DAY_NAMES[date.getUTCDay()]} ${dateText(date)} ${timeText(date)}${offsetText(at)}`;
}

// The first moment of a day, which is given by its number since 1970.
function dayStart(day) {
  let since = -Infinity;
  for (const [until, shift] of ZONE) {
    const found = day * DAY - shift;
    if (found < until) return Math.max(found, since);
    since = until;
  }
  return day * DAY - ZONE[ZONE.length - 1][1];
}

function dayOf(at) { return Math.floor((at + offset(at)) / DAY); }

function dayNumber(year, month) { return Date.UTC(year, month, 1) / 1000 / DAY; }

// The moments at which periods begin, from the one at or before `first` to the one after `last`.
function periods(kind, first, last) {
  const found = [], date = clock(first);
  let day = dayOf(first), month = date.getUTCMonth(), year = date.getUTCFullYear();
  if (kind.name === "week") day -= (date.getUTCDay() + 6) % 7;
  month -= month % kind.count;
  while (found.length < 5000) {
    if (kind.name === "hour") {
      const end = dayStart(day + 1);
      for (let at = dayStart(day); at < end; at += kind.count * HOUR) {
        if (at + kind.count * HOUR > first) found.push(at);
        if (at > last) return found;
      }
      day += 1;
      continue;
    }
    if (kind.name === "month") { day = dayNumber(year, month); month += kind.count; }
    if (kind.name === "year") { day = dayNumber(year, 0); year += 1; }
    found.push(dayStart(day));
    if (found[found.length - 1] > last) return found;
    if (kind.name === "week") day += 7;
    if (kind.name === "day") day += 1;
  }
  return found;
}

const KINDS = [
  { name: "hour", count: 1, length: HOUR, least: 40, above: "day" },
  { name: "hour", count: 6, length: 6 * HOUR, least: 40, above: "day" },
  { name: "day", count: 1, length: DAY, least: 26, above: "month" },
  { name: "week", count: 1, length: 7 * DAY, least: 46, above: "month" },
  { name: "month", count: 1, length: 30.4 * DAY, least: 34, above: "year" },
  { name: "month", count: 3, length: 91.2 * DAY, least: 44, above: "year" },
  { name: "year", count: 1, length: 365 * DAY, least: 40, above: "year" },
];
const ABOVE = { day: KINDS[2], month: KINDS[4], year: KINDS[6] };

// The shortest kind of period that is wide enough; `scale` is pixels per second.
function kindFor(scale, least) { return KINDS.find((kind) => kind.length * scale >= (least || kind.least)) || KINDS[6]; }

// The text of a period; `width` is the number of pixels that it has.
function periodText(kind, at, width = Infinity) {
  const date = clock(at);
  if (kind.name === "hour") return `${timeText(date)}${width < 76 ? "" : offsetText(at)}`;
  if (kind.name === "day" && width < 38) return String(date.getUTCDate());
  if (kind.name === "day") return `${DAY_NAMES[date.getUTCDay()][0]} ${date.getUTCDate()}`;
  if (kind.name === "week") return `${date.getUTCDate()} ${MONTH_NAMES[date.getUTCMonth()]}`;
  if (kind.name === "month") return kind.count === 3 ? `Q${date.getUTCMonth() / 3 + 1}` : MONTH_NAMES[date.getUTCMonth()];
  return String(date.getUTCFullYear());
}

function aboveText(kind, at) {
  const date = clock(at);
  if (kind === "day") return `${DAY_NAMES[date.getUTCDay()]} ${dateText(date)}`;
  return kind === "month" ? `${MONTH_NAMES[date.getUTCMonth()]} ${date.getUTCFullYear()}` : String(date.getUTCFullYear());
}
