"use strict";
// The content of the page. Times are seconds since 1970, from numbers that count `unit` seconds since `first`.

const DATA = JSON.parse(document.getElementById("data").textContent);
const CRITICAL = 1, DONE = 2, MILESTONE = 4;

function moment(number) { return number === null || number === undefined ? null : DATA.first + number * DATA.unit; }

// Moments from the differences between neighbours.
function moments(differences) {
  const found = new Float64Array(differences.length);
  let at = 0;
  for (let k = 0; k < differences.length; k++) found[k] = moment(at += differences[k]);
  return found;
}

function activity(item, index) {
  const end = moment(item.e), start = item.s === null ? end : moment(item.s);
  const base = item.b ? { start: moment(item.b[0]), end: moment(item.b[1]) } : null;
  return {
    index, name: item.n, start, end, pieces: item.p ? moments(item.p) : Float64Array.of(start, end), hours: item.h,
    happened: item.f & DONE ? end : item.g === undefined ? start : moment(item.g), critical: !!(item.f & CRITICAL), done: !!(item.f & DONE), milestone: !!(item.f & MILESTONE) || item.s === null,
    late: item.k || 0, due: item.d ? moment(item.d[0]) : null, deadline: item.x ? moment(item.x[0]) : null,
    dueText: item.d ? item.d[1] : "", deadlineText: item.x ? item.x[1] : "", base,
    resources: item.r || "", after: item.a || "", before: (item.l || []).map(([from, type]) => ({ from, to: index, type })), behind: [],
    text: item.t,
  };
}

// An amount that is constant between moments, with its integral at each moment.
function steps(item) {
  const time = moments(item[0]), value = item[1], whole = new Float64Array(time.length);
  for (let k = 1; k < time.length; k++) whole[k] = whole[k - 1] + (time[k] - time[k - 1]) * value[k - 1];
  return { time, value, whole };
}

function integral(amount, at) {
  const k = last(amount.time, at);
  return k < 0 ? 0 : amount.whole[k] + (at - amount.time[k]) * amount.value[k];
}

// The position of the last number of a sorted array that is at most `at`; -1 if none is.
function last(sorted, at) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= at) low = middle + 1; else high = middle;
  }
  return low - 1;
}

const ACTIVITIES = DATA.activities.map(activity);
for (const one of ACTIVITIES) for (const link of one.before) ACTIVITIES[link.from].behind.push(link);
const HOURS = DATA.hours.map(moments);
const RESOURCES = DATA.resources.map((item) => ({ name: item.n, capacity: item.c, used: steps(item.u), available: steps(item.v) }));
const CHAIN = DATA.chain.slice(1).map((to, k) => ({ from: DATA.chain[k], to, type: "FS", decides: true }));
const IN_CHAIN = new Set(CHAIN.map((link) => `${link.from} ${link.to}`));
const FIRST = DATA.first, LAST = moment(DATA.last), EDGE = moment(DATA.edge), NOW = moment(DATA.now);

// The due date and the deadline of an activity that lie behind the end of the time axis, with an arrow; empty if none does.
function farDates(one) {
  const words = [["due", one.due, one.dueText], ["deadline", one.deadline, one.deadlineText]]
    .filter(([, when]) => when !== null && when > LAST).map(([word, , text]) => `${word} ${text}`);
  return words.length ? `${words.join(", ")} \u2192` : "";
}
