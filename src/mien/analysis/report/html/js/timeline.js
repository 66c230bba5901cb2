// The timeline: an overview strip, an axis, a block per person.
const rows = $("#rows");
const blocks = $$(".row").map((node) => ({ node, canvas: $("canvas", node), gutter: $(".gutter", node), person: people[+node.dataset.person] }));
let timelineDue = false;

const stressOnly = (person) => person.fused.space < 0 && !person.valence.some((value) => value !== null) && person.lanes.some((lane) => lane.stress);
const rowHeight = (lane, person) => (lane.stress ? (stressOnly(person) ? FUSED : STRESS) : LANE);
const openBlock = (block) => people.length <= 3 || block.person.index === state.person;
function blockHeight(block) {
  const lanes = openBlock(block) ? block.person.lanes : [];
  return MARKS + fusedHeight(block.person) + lanes.reduce((sum, lane) => sum + GAP + rowHeight(lane, block.person), 0) + 2;
}
function fusedHeight(person) {
  if (stressOnly(person)) return 0;
  return people.length > 3 && person.index !== state.person ? 34 : FUSED;
}

function nameLanes(block) {
  $$(".lane-name", block.gutter).forEach((node) => node.remove());
  if (!openBlock(block)) return;
  let y = MARKS + fusedHeight(block.person);
  for (const lane of block.person.lanes) {
    const height = rowHeight(lane, block.person);
    block.gutter.append(make("span", { className: "lane-name", style: `top: ${y + GAP + (height - 13) / 2}px` }, lane.word));
    y += GAP + height;
  }
}

const askTimeline = () => { if (!timelineDue) { timelineDue = true; requestAnimationFrame(drawTimeline); } };

function drawTimeline() {
  timelineDue = false;
  if (!rows) return;
  for (const block of blocks) drawBlock(block);
  drawAxis();
  drawOverview();
  placeNow();
}

function drawBlock(block) {
  const place = sharp(block.canvas, blockHeight(block));
  if (!place) return;
  const { pen, width } = place;
  const tall = fusedHeight(block.person);
  if (tall) drawFused(pen, block.person, width, MARKS, tall);
  drawMarks(pen, block.person, width);
  if (!openBlock(block)) return;
  let y = MARKS + tall + GAP;
  for (const lane of block.person.lanes) {
    if (lane.stress) drawStress(pen, block.person, lane, width, y); else drawLane(pen, block.person, lane, width, y);
    y += rowHeight(lane, block.person) + GAP;
  }
}

function readFused(person) {
  return (span) => {
    const values = shares(person.fused, span);
    if (values) return { values, strength: person.sure[span] / 100 };
    if (person.valence[span] !== null) return { values: [person.valence[span] / 100], strength: person.sure[span] / 100 };
    return { mute: true };
  };
}

function drawFused(pen, person, width, top, tall) {
  pen.fillStyle = inks.rule;
  pen.fillRect(0, top, width, 1);
  pen.fillRect(0, top + tall / 2, width, 1);
  const colours = person.fused.space < 0 ? null : data.spaces[person.fused.space].colours;
  for (const piece of pieces(person, state.from, state.to, width, readFused(person))) {
    const gap = piece.width > 6 ? 1 : 0;
    if (piece.mute) { hatch(pen, piece.x, top + 1, piece.width - gap, tall - 1); continue; }
    const height = Math.max(3, tall * piece.strength);
    if (!colours) {
      pen.fillStyle = valenceColour(piece.values[0]);
      pen.fillRect(piece.x, top + tall - height, piece.width - gap, height);
      continue;
    }
    let total = 0, y = top + tall;
    for (const value of piece.values) total += value;
    piece.values.forEach((value, label) => {
      const part = height * value / (total || 1);
      pen.fillStyle = colours[label];
      pen.fillRect(piece.x, y - part, piece.width - gap, part + 0.25);
      y -= part;
    });
  }
  pen.fillStyle = inks.faint;
  pen.fillRect(0, top + tall, width, 1);
}

function readLane(lane) {
  return (span) => {
    const row = lane.where[span];
    if (row < 0) return null;
    const values = shares(lane, row);
    return values ? { values, strength: lane.guest ? 1 : lane.quality[row] / 100 } : { mute: true };
  };
}

function drawLane(pen, person, lane, width, y) {
  const colours = lane.space < 0 ? [] : data.spaces[lane.space].colours;
  pen.fillStyle = inks.rule;
  pen.fillRect(0, y + LANE, width, 1);
  for (const piece of pieces(person, state.from, state.to, width, readLane(lane))) {
    if (piece.mute) { hatch(pen, piece.x, y + 1, piece.width, LANE - 1, 4); continue; }
    const top = topOf(piece.values);
    let total = 0;
    for (const value of piece.values) total += value;
    const share = data.spaces[lane.space].kind === "categorical" ? piece.values[top] / (total || 1) : Math.min(1, piece.values[top] / 100);
    pen.globalAlpha = clamp(share * piece.strength * 1.15, 0.14, 1);
    pen.fillStyle = colours[top];
    pen.fillRect(piece.x, y, piece.width - (piece.width > 6 ? 1 : 0), LANE);
    pen.globalAlpha = 1;
  }
}

function drawStress(pen, person, lane, width, y) {
  const space = data.spaces[lane.space], at = space.labels.indexOf("stress"), tall = rowHeight(lane, person);
  pen.fillStyle = inks.rule;
  pen.fillRect(0, y, width, 1);
  pen.fillRect(0, y + tall / 2, width, 1);
  const read = readLane(lane);
  for (const piece of pieces(person, state.from, state.to, width, stressOnly(person) ? (span) => read(span) || { mute: true } : read)) {
    if (piece.mute) { hatch(pen, piece.x, y + 1, piece.width, tall - 1, 4); continue; }
    let total = 0;
    for (const value of piece.values) total += value;
    const height = tall * piece.values[at] / (total || 1);
    pen.globalAlpha = clamp(0.25 + piece.strength, 0.3, 1);
    pen.fillStyle = space.colours[at];
    pen.fillRect(piece.x, y + tall - height, piece.width + 0.3, height);
    pen.globalAlpha = 1;
  }
  pen.fillStyle = inks.faint;
  pen.fillRect(0, y + tall, width, 1);
}

function drawMarks(pen, person, width) {
  const scale = width / (state.to - state.from);
  const space = person.fused.space < 0 ? null : data.spaces[person.fused.space];
  let free = -1;
  const seen = marks.filter((mark) => mark.person === person.index && mark.end >= state.from && mark.start <= state.to);
  const crowded = seen.length > width / 14;
  for (const mark of seen) {
    if (crowded && !mark.chosen) continue;
    const x = clamp((mark.at - state.from) * scale, 5, width - 5);
    if (mark.conflict) {
      pen.strokeStyle = inks.ink;
      pen.lineWidth = 1.4;
      pen.beginPath();
      pen.moveTo(x, 2.5); pen.lineTo(x + 4.5, 7); pen.lineTo(x, 11.5); pen.lineTo(x - 4.5, 7); pen.closePath();
      pen.fillStyle = inks.ground;
      pen.fill();
      pen.stroke();
      free = Math.max(free, x + 8);
      continue;
    }
    pen.fillStyle = hueOf(mark.words, space);
    if (!mark.chosen) { pen.fillRect(x - 1, MARKS - 5, 2, 4); continue; }
    pen.beginPath();
    pen.moveTo(x - 4, 4); pen.lineTo(x + 4, 4); pen.lineTo(x, 11); pen.closePath();
    pen.fill();
    const wide = pen.measureText(mark.words).width;
    if (x + 7 > free && x + 7 + wide < width) {
      const next = seen.find((other) => other.at > mark.at && (other.chosen || other.conflict));
      if (next && (next.at - state.from) * scale - 8 < x + 7 + wide) continue;
      pen.fillStyle = inks.soft;
      pen.fillText(mark.words, x + 7, 11);
      free = x + 7 + wide + 6;
    }
  }
}

function hueOf(label, space) {
  for (const one of space ? [space, ...data.spaces] : data.spaces) if (one.labels.includes(label)) return one.colours[one.labels.indexOf(label)];
  return inks.soft;
}

function niceStep(span, width) {
  const least = span / Math.max(2, width / 90);
  const steps = LINES ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] : [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  return steps.find((step) => step >= least) || steps[steps.length - 1] * Math.ceil(least / steps[steps.length - 1]);
}

function drawAxis() {
  const place = sharp($("#axis"), 20);
  if (!place) return;
  const { pen, width } = place;
  const span = state.to - state.from;
  const step = niceStep(span, width);
  pen.fillStyle = inks.soft;
  for (let time = Math.ceil(state.from / step) * step; time <= state.to + 1e-6; time += step) {
    const x = (time + (LINES ? 0.5 : 0) - state.from) / span * width;
    if (x > width) break;
    const text = LINES ? String(Math.round(time) + 1) : stamp(time + 1e-4, step < 1 ? 1 : 0);
    const wide = pen.measureText(text).width;
    pen.fillRect(Math.min(x, width - 1), 15, 1, 5);
    pen.fillText(text, clamp(x - wide / 2, 0, width - wide), 11);
  }
}

function drawOverview() {
  const place = sharp($("#overview"), 40);
  if (!place) return;
  const { pen, width, height } = place;
  drawEnvelope(pen, 0, 0, width, height, inks.hatch);
  const tall = Math.min(5, (height - 6) / Math.max(1, people.length));
  people.forEach((person, number) => {
    const colours = person.fused.space < 0 ? null : data.spaces[person.fused.space].colours;
    const y = height - tall * (people.length - number);
    if (stressOnly(person)) drawStrip(pen, person, width, height);
    for (const piece of pieces(person, 0, END, width, readFused(person))) {
      if (piece.mute || !colours) continue;
      pen.globalAlpha = clamp(piece.strength, 0.2, 1);
      pen.fillStyle = colours[topOf(piece.values)];
      pen.fillRect(piece.x, y, piece.width, tall - 1);
    }
    pen.globalAlpha = 1;
  });
  const left = state.from / END * width, right = state.to / END * width;
  if (right - left < width - 1) {
    pen.fillStyle = inks.ground;
    pen.globalAlpha = 0.6;
    pen.fillRect(0, 0, left, height);
    pen.fillRect(right, 0, width - right, height);
    pen.globalAlpha = 1;
  }
  pen.strokeStyle = inks.faint;
  pen.strokeRect(left + 0.5, 0.5, Math.max(3, right - left - 1), height - 1);
  pen.fillStyle = inks.accent;
  pen.fillRect(state.time / END * width - 0.75, 0, 1.5, height);
}

// Stress over the whole recording, for the overview.
function drawStrip(pen, person, width, height) {
  const lane = person.lanes.find((one) => one.stress);
  const space = data.spaces[lane.space], at = space.labels.indexOf("stress");
  pen.fillStyle = space.colours[at];
  for (const piece of pieces(person, 0, END, width, readLane(lane))) {
    if (piece.mute) continue;
    const tall = (height - 4) * piece.values[at] / 100;
    pen.fillRect(piece.x, height - 2 - tall, piece.width + 0.3, tall);
  }
}

// Where the drawing lies inside #rows: [left edge, width] in CSS pixels.
function field() {
  const canvas = (blocks.find((block) => block.canvas.clientWidth) || {}).canvas;
  if (!canvas) return [0, 0];
  return [canvas.getBoundingClientRect().left - rows.getBoundingClientRect().left, canvas.clientWidth];
}

function placeNow() {
  const [left, width] = field();
  const x = (state.time - state.from) / (state.to - state.from) * width;
  $("#now").hidden = x < -1 || x > width + 1;
  $("#now").style.transform = `translateX(${left + clamp(x, 0, width)}px)`;
}

function timeAtX(clientX) {
  const [left, width] = field();
  const x = clientX - rows.getBoundingClientRect().left - left;
  return clamp(state.from + x / width * (state.to - state.from), 0, END);
}

function sayTime() {
  const person = people[state.person];
  rows.setAttribute("aria-valuemax", END.toFixed(2));
  rows.setAttribute("aria-valuenow", state.time.toFixed(2));
  rows.setAttribute("aria-valuetext", `${stamp(state.time, 1)}${person ? `, ${person.name}, ${spoken(person, spanAt(person, state.time))}` : ""}`);
}

// What a span says, in a few words.
function spoken(person, span) {
  if (span < 0) return "not present";
  const values = shares(person.fused, span);
  if (values) return `${data.spaces[person.fused.space].labels[topOf(values)]} ${Math.round(values[topOf(values)])} %, ${sureWords(person.sure[span])}`;
  if (person.valence[span] !== null) return `valence ${(person.valence[span] / 100).toFixed(2)}`;
  return data.texts[person.why[span]] || "not enough evidence";
}

if (rows) {
  pointers();
  overviewDrag();
  on("view", askTimeline);
  on("time", () => { placeNow(); sayTime(); });
  on("time", (() => { let last = -1; return () => { if (Math.abs(state.time - last) > END / 900) { last = state.time; drawOverview(); } }; })());
  on("person", () => { for (const block of blocks) { block.node.setAttribute("aria-current", block.person.index === state.person); nameLanes(block); } askTimeline(); sayTime(); });
  on("redraw", askTimeline);
}
