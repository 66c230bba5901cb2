// Drawing: sharp canvases, the page's colours, spans gathered into as many pieces as can be seen.
const FUSED = 64, MARKS = 19, LANE = 12, STRESS = 26, GAP = 4;
let inks = {};

function readInks() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ground", "ink", "soft", "faint", "rule", "panel", "accent", "wash", "hatch"]) inks[name] = style.getPropertyValue("--" + name).trim();
}

// A context in CSS pixels on a canvas made as sharp as the screen; null while it is not shown.
function sharp(canvas, height) {
  const width = canvas.clientWidth;
  if (height) canvas.style.height = height + "px";
  const tall = height || canvas.clientHeight;
  if (!width || !tall) return null;
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(tall * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = "11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  return { pen, width, height: tall };
}

function hatch(pen, x, y, width, height, spacing = 5) {
  if (width <= 0) return;
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.strokeStyle = inks.hatch;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let at = Math.floor((x - height) / spacing) * spacing; at < x + width + height; at += spacing) {
    pen.moveTo(at, y + height);
    pen.lineTo(at + height, y);
  }
  pen.stroke();
  pen.restore();
}

// Pieces of a person's spans in the window, for a canvas this wide: {x, width, values, strength, mute}.
// `read(span)` gives {values, strength} , null for nothing there, or {mute: true} for "not enough evidence".
// More spans than half the pixels are averaged by time in pieces of two pixels.
function pieces(person, from, to, width, read) {
  const scale = width / (to - from);
  const first = Math.max(0, lastBefore(person.start, from));
  const last = lastBefore(person.start, to);
  if (last < first) return [];
  const found = [];
  if (last - first < width / 3) {
    for (let at = first; at <= last; at += 1) {
      const told = read(at);
      if (!told || person.end[at] < from) continue;
      const x = (person.start[at] - from) * scale;
      found.push({ x, width: Math.max((person.end[at] - person.start[at]) * scale, 1), span: at, ...told });
    }
    return found;
  }
  const bins = Array.from({ length: Math.ceil(width / 2) }, () => ({ time: 0, quiet: 0, strength: 0, values: null }));
  for (let at = first; at <= last; at += 1) {
    const told = read(at);
    if (!told) continue;
    const bin = bins[clamp(Math.floor(((person.start[at] + person.end[at]) / 2 - from) * scale / 2), 0, bins.length - 1)];
    const seconds = person.end[at] - person.start[at] || 1;
    if (told.mute) { bin.quiet += seconds; continue; }
    bin.time += seconds;
    bin.strength += seconds * told.strength;
    bin.values ||= new Float64Array(told.values.length);
    for (let label = 0; label < told.values.length; label += 1) bin.values[label] += seconds * told.values[label];
  }
  bins.forEach((bin, at) => {
    if (bin.time) found.push({ x: at * 2, width: 2, values: Array.from(bin.values, (value) => value / bin.time), strength: bin.strength / bin.time });
    else if (bin.quiet) found.push({ x: at * 2, width: 2, mute: true });
  });
  return found;
}

// Blue - grey - amber for valence in [-1, 1].
function valenceColour(value) {
  const ends = value < 0 ? [0, 103, 168] : [184, 134, 11];
  const part = Math.min(1, Math.abs(value));
  return `rgb(${ends.map((end, at) => Math.round([138, 143, 152][at] + (end - [138, 143, 152][at]) * part)).join(" ")})`;
}
