// The data, made ready to draw; what is selected; small helpers.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const data = JSON.parse($("#data").textContent);
const END = data.end / 100;
const LINES = data.clock === "lines";
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const narrow = matchMedia("(max-width: 699px)");
const dark = matchMedia("(prefers-color-scheme: dark)");

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in node && name !== "style") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function stamp(time, decimals = 0) {
  if (LINES) return `line ${Math.floor(time + 1e-6) + 1}`;
  const unit = 10 ** decimals;
  const total = Math.floor(Math.max(time, 0) * unit + 1e-6);
  const pad = (number, width = 2) => String(number).padStart(width, "0");
  const seconds = Math.floor(total / unit);
  const tail = decimals ? "." + pad(total % unit, decimals) : "";
  const hours = Math.floor(seconds / 3600);
  return (hours ? hours + ":" : "") + pad(Math.floor(seconds / 60) % 60) + ":" + pad(seconds % 60) + tail;
}

const people = data.people.map((person, index) => ({
  ...person, index,
  start: Float64Array.from(person.start, (time) => time / 100),
  end: Float64Array.from(person.end, (time) => time / 100),
  lanes: person.lanes.map((lane) => {
    const where = new Int32Array(person.start.length).fill(-1); // span -> row of this lane
    lane.at.forEach((span, row) => { where[span] = row; });
    return { ...lane, where };
  }),
}));

const marks = data.marks.map(([person, at, start, end, conflict, chosen, words]) =>
  ({ person, at: at / 100, start: start / 100, end: end / 100, conflict, chosen, words }));

// Index of the last span that starts at or before a time; -1 before the first.
function lastBefore(starts, time) {
  let low = 0, high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= time + 1e-6) low = middle + 1; else high = middle;
  }
  return low - 1;
}

// The span of a person at a time, or -1 where there is none.
function spanAt(person, time) {
  const at = lastBefore(person.start, time);
  if (at < 0) return -1;
  const inside = time < person.end[at] || person.end[at] === person.start[at] || (at === person.start.length - 1 && time <= person.end[at] + 1e-6);
  return inside ? at : -1;
}

// Per cents of a row in a holder ({space, p}); null where it has no answer.
function shares(holder, row) {
  if (holder.space < 0 || row < 0) return null;
  const size = data.spaces[holder.space].labels.length;
  let at = 0;
  if (holder.p[offset(holder, row)] === -1) return null;
  at = offset(holder, row);
  return holder.p.slice(at, at + size);
}

// Rows without an answer take one number, the others one per label.
function offset(holder, row) {
  if (!holder.offsets) {
    const size = data.spaces[holder.space].labels.length;
    const found = [];
    for (let at = 0; at < holder.p.length; at += holder.p[at] === -1 ? 1 : size) found.push(at);
    holder.offsets = Int32Array.from(found);
  }
  return holder.offsets[row];
}

function topOf(values) {
  let best = 0;
  for (let at = 1; at < values.length; at += 1) if (values[at] > values[best]) best = at;
  return best;
}

const state = { time: 0, person: 0, from: 0, to: END, hover: null };
const hooks = {};
function on(name, act) { (hooks[name] ||= []).push(act); }
function emit(name, ...values) { for (const act of hooks[name] || []) act(...values); }

function setTime(time, quiet = false) {
  state.time = clamp(time, 0, END);
  if (!quiet) emit("seek", state.time);
  emit("time");
}

function setPerson(index) {
  if (!people.length) return;
  state.person = clamp(index, 0, people.length - 1);
  emit("person");
}

function setView(from, to) {
  const least = Math.min(END, LINES ? 3 : 2);
  const width = clamp(to - from, least, END);
  state.from = clamp(from, 0, END - width);
  state.to = state.from + width;
  emit("view");
}

function zoom(factor, about = state.time) {
  const anchor = clamp(about, state.from, state.to);
  setView(anchor - (anchor - state.from) * factor, anchor + (state.to - anchor) * factor);
}

// Keep a time in the window, moving the window by its width when needed.
function show(time) {
  const width = state.to - state.from;
  if (time < state.from || time > state.to) setView(time - width * 0.2, time + width * 0.8);
}

function sureWords(percent) {
  const often = clamp(Math.round(percent / 10), 1, 9);
  return `right about ${often} time${often > 1 ? "s" : ""} in 10`;
}
