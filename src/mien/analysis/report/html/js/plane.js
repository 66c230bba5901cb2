// The valence-arousal plane of the selected person: the path with time as shade, the current point large.
const planeCanvas = $("#plane");

// At most 300 points of a path, averaged in equal parts of the spans: [valence, arousal, share of the time gone by].
function path(person) {
  if (person.path) return person.path;
  const known = [];
  person.valence.forEach((value, span) => { if (value !== null) known.push(span); });
  const step = Math.max(1, Math.ceil(known.length / 300));
  person.path = [];
  for (let at = 0; at < known.length; at += step) {
    const part = known.slice(at, at + step);
    const mean = (values) => part.reduce((sum, span) => sum + (values[span] ?? 0), 0) / part.length / 100;
    person.path.push([mean(person.valence), mean(person.arousal), END ? person.start[part[0]] / END : 0]);
  }
  return person.path;
}

function drawPlane() {
  const place = planeCanvas && sharp(planeCanvas);
  const person = people[state.person];
  if (!place || !person) return;
  const { pen, width, height } = place;
  const pad = 14, size = Math.min(width, height) - 2 * pad;
  const at = (valence, arousal) => [pad + (valence + 1) / 2 * size, pad + (1 - arousal) / 2 * size];
  planeGrid(pen, pad, size);
  const points = path(person);
  for (let to = 1; to < points.length; to += 1) {
    pen.globalAlpha = 0.08 + 0.4 * points[to][2];
    pen.strokeStyle = inks.soft;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(...at(points[to - 1][0], points[to - 1][1]));
    pen.lineTo(...at(points[to][0], points[to][1]));
    pen.stroke();
  }
  for (const [valence, arousal, gone] of points) {
    pen.globalAlpha = points.length > 60 ? 0.15 + 0.45 * gone : 0.35 + 0.5 * gone;
    pen.fillStyle = valenceColour(valence * 1.4);
    pen.beginPath();
    pen.arc(...at(valence, arousal), 2.4, 0, 7);
    pen.fill();
  }
  pen.globalAlpha = 1;
  planePoint(pen, person, at);
}

function planeGrid(pen, pad, size) {
  pen.strokeStyle = inks.rule;
  pen.lineWidth = 1;
  pen.strokeRect(pad + 0.5, pad + 0.5, size, size);
  pen.beginPath();
  pen.moveTo(pad + size / 2, pad); pen.lineTo(pad + size / 2, pad + size);
  pen.moveTo(pad, pad + size / 2); pen.lineTo(pad + size, pad + size / 2);
  pen.stroke();
  pen.fillStyle = inks.soft;
  const right = (text, x, y) => pen.fillText(text, x - pen.measureText(text).width, y);
  pen.fillText("tense", pad + 5, pad + 14);
  right("excited", pad + size - 5, pad + 14);
  pen.fillText("gloomy", pad + 5, pad + size - 6);
  right("calm", pad + size - 5, pad + size - 6);
}

function planePoint(pen, person, at) {
  const hover = state.hover && state.hover.person === person.index ? state.hover.time : state.time;
  const span = spanAt(person, hover);
  const known = span >= 0 && person.valence[span] !== null;
  const words = known
    ? `Valence ${signed(person.valence[span])}${person.arousal[span] === null ? "" : `, arousal ${signed(person.arousal[span])}`}${person.derived ? ". Partly computed from the emotions." : ""}`
    : "No point here.";
  $("#plane-words").textContent = words;
  planeCanvas.setAttribute("aria-label", `Valence and arousal of ${person.name}${END ? " at " + stamp(hover, 1) : ""}. ${words}`);
  if (!known) return;
  const [x, y] = at(person.valence[span] / 100, (person.arousal[span] ?? 0) / 100);
  pen.fillStyle = valenceColour(person.valence[span] / 70);
  pen.strokeStyle = inks.ground;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(x, y, 7, 0, 7);
  pen.fill();
  pen.stroke();
  pen.strokeStyle = inks.ink;
  pen.lineWidth = 1.2;
  pen.beginPath();
  pen.arc(x, y, 8, 0, 7);
  pen.stroke();
}

const signed = (percent) => (percent < 0 ? "−" : "+") + (Math.abs(percent) / 100).toFixed(2);

if (planeCanvas) for (const name of ["time", "person", "hover", "redraw"]) on(name, drawPlane);
