// The player: film with face boxes, sound with its wave, a still, or outlines alone.
const media = $("#media");
const screen_ = $("#screen");
const overlay = $("#overlay");
const peaks = Uint8Array.from(atob(data.envelope), (sign) => sign.charCodeAt(0));
const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 0);
const tracks = data.tracks.map((track) => ({ ...track, t: Float64Array.from(track.t, (time) => time / 100) }));
let missing = false;

function drawEnvelope(pen, x, y, width, height, colour) {
  if (!peaks.length) return;
  pen.fillStyle = colour;
  const bars = Math.floor(width / 2);
  for (let bar = 0; bar < bars; bar += 1) {
    const first = Math.floor(bar * peaks.length / bars), last = Math.max(first + 1, Math.floor((bar + 1) * peaks.length / bars));
    let peak = 0;
    for (let at = first; at < last; at += 1) peak = Math.max(peak, peaks[at] || 0);
    const tall = Math.max(1, height * peak / Math.max(loudest, 12));
    pen.fillRect(x + bar * 2, y + (height - tall) / 2, 1.4, tall);
  }
}

// A face's box at a time, [x1, y1, x2, y2] in source pixels; null where it is not seen.
function boxAt(track, time) {
  const at = lastBefore(track.t, time);
  const next = at + 1;
  const box = (index) => track.box.slice(index * 4, index * 4 + 4);
  if (at < 0) return track.t[0] - time < 0.3 ? box(0) : null;
  if (next >= track.t.length) return track.t.length === 1 || time - track.t[at] < 0.5 ? box(at) : null;
  const gap = track.t[next] - track.t[at];
  const part = gap > 0 ? (time - track.t[at]) / gap : 0;
  return box(at).map((value, side) => value + (box(next)[side] - value) * part);
}

// The picture's own size and where it lies on the screen.
function frame(width, height) {
  const shown = $("#picture") || (data.kind === "video" ? media : null);
  const own = shown && !missing ? [shown.videoWidth || shown.naturalWidth, shown.videoHeight || shown.naturalHeight] : null;
  const [wide, tall] = own && own[0] ? own : data.size || boxesSize();
  const scale = Math.min(width / wide, height / tall);
  return { scale, left: (width - wide * scale) / 2, top: (height - tall * scale) / 2, wide, tall };
}

function boxesSize() {
  let wide = 16, tall = 9;
  for (const track of tracks) for (let at = 0; at < track.box.length; at += 4) { wide = Math.max(wide, track.box[at + 2] * 1.05); tall = Math.max(tall, track.box[at + 3] * 1.05); }
  return [wide, tall];
}

function drawScreen() {
  const place = overlay && sharp(overlay);
  if (!place) return;
  const { pen, width, height } = place;
  const blank = missing || !(media || $("#picture"));
  if (data.kind === "audio" || (blank && !tracks.length)) { drawWave(pen, width, height); return; }
  const view = frame(width, height);
  if (blank) {
    pen.strokeStyle = inks.rule;
    pen.strokeRect(view.left + 0.5, view.top + 0.5, view.wide * view.scale - 1, view.tall * view.scale - 1);
  }
  if ($("#boxes") && !$("#boxes").checked) return;
  for (const track of tracks) {
    const box = boxAt(track, state.time);
    if (!box) continue;
    const [x1, y1, x2, y2] = box.map((value, side) => value * view.scale + (side % 2 ? view.top : view.left));
    const chosen = track.person === state.person;
    const name = people[track.person] ? people[track.person].id : "";
    const face = blank && $(`.chip[data-pick="${track.person}"] img`);
    if (face && face.complete && face.naturalWidth) pen.drawImage(face, x1, y1, x2 - x1, y2 - y1);
    outline(pen, x1, y1, x2 - x1, y2 - y1, chosen, blank);
    if (name) tag(pen, name, x1, y1, chosen, blank);
  }
}

function outline(pen, x, y, width, height, chosen, blank) {
  if (!blank) { pen.strokeStyle = "rgb(0 0 0 / .55)"; pen.lineWidth = chosen ? 4 : 3; pen.strokeRect(x, y, width, height); }
  pen.strokeStyle = blank ? (chosen ? inks.accent : inks.faint) : "#ffffff";
  pen.lineWidth = chosen ? 2 : 1;
  pen.strokeRect(x, y, width, height);
}

function tag(pen, name, x, y, chosen, blank) {
  const wide = pen.measureText(name).width + 8;
  pen.fillStyle = blank ? inks.ground : "#111111";
  pen.fillRect(x - 1, y - 15, wide, 14);
  pen.fillStyle = blank ? (chosen ? inks.accent : inks.soft) : "#ffffff";
  pen.fillText(name, x + 3, y - 4);
}

function drawWave(pen, width, height) {
  drawEnvelope(pen, 0, 6, width, height - 12, inks.hatch);
  const x = END ? state.time / END * width : 0;
  pen.save();
  pen.beginPath();
  pen.rect(0, 0, x, height);
  pen.clip();
  drawEnvelope(pen, 0, 6, width, height - 12, inks.soft);
  pen.restore();
  pen.fillStyle = inks.accent;
  pen.fillRect(x - 0.75, 0, 1.5, height);
}

function explain(text) {
  const note = $("#absent");
  note.textContent = text;
  note.hidden = !text;
}

function mediaGone() {
  missing = true;
  (media || $("#picture")).hidden = true;
  for (const id of ["play", "speed", "mute"]) if ($("#" + id)) $("#" + id).disabled = true;
  explain("The recording is not beside this page, so it cannot be played; everything else works.");
  drawScreen();
}

function follow() {
  if (media.paused || media.ended) return;
  setTime(media.currentTime, true);
  if (state.time > state.to - (state.to - state.from) * 0.05 && state.to < END - 0.01) setView(state.time - 0.1 * (state.to - state.from), state.time + 0.9 * (state.to - state.from));
  requestAnimationFrame(follow);
}

function togglePlay() {
  if (!media || missing) return;
  if (media.paused) media.play().catch(() => {}); else media.pause();
}

if (media) {
  media.addEventListener("error", mediaGone);
  if (media.error) mediaGone();
  media.addEventListener("loadedmetadata", () => { if (Math.abs(media.currentTime - state.time) > 0.05) media.currentTime = state.time; drawScreen(); });
  media.addEventListener("play", () => { $("#play").classList.add("on"); $("#play").setAttribute("aria-label", "Pause"); requestAnimationFrame(follow); });
  media.addEventListener("pause", () => { $("#play").classList.remove("on"); $("#play").setAttribute("aria-label", "Play"); emit("rest"); });
  $("#play").addEventListener("click", togglePlay);
  $("#speed").addEventListener("change", (event) => { media.playbackRate = +event.target.value; });
  $("#mute").addEventListener("click", (event) => { media.muted = !media.muted; event.target.setAttribute("aria-pressed", media.muted); });
  on("seek", (time) => { if (!missing && Number.isFinite(media.duration)) media.currentTime = Math.min(time, media.duration); });
}
if ($("#picture")) {
  $("#picture").addEventListener("load", drawScreen);
  $("#picture").addEventListener("error", mediaGone);
  if ($("#picture").complete && !$("#picture").naturalWidth) mediaGone();
}
if (screen_) {
  if (!media && !$("#picture") && data.kind !== "audio") explain($("#screen").dataset.hidden !== undefined ? "Faces are hidden: outlines only." : "");
  if ($("#boxes")) $("#boxes").addEventListener("change", drawScreen);
  overlay.addEventListener("click", (event) => {
    if (data.kind === "audio" || !tracks.length && !media) { setTime(event.offsetX / overlay.clientWidth * END); return; }
    const view = frame(overlay.clientWidth, overlay.clientHeight);
    const x = (event.offsetX - view.left) / view.scale, y = (event.offsetY - view.top) / view.scale;
    const hit = tracks.find((track) => { const box = boxAt(track, state.time); return box && x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]; });
    if (hit && hit.person >= 0) setPerson(hit.person); else togglePlay();
  });
  for (const name of ["time", "person", "redraw"]) on(name, drawScreen);
}
const frameStep = 1 / (data.fps || 25);
if ($("#back")) {
  $("#back").addEventListener("click", () => setTime(state.time - (LINES ? 1 : frameStep)));
  $("#forth").addEventListener("click", () => setTime(state.time + (LINES ? 1 : frameStep)));
  on("time", () => { $("#clock").textContent = `${stamp(state.time, 1)} / ${stamp(END)}`; });
}
