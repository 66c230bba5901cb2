// Keys, the address of a moment, printing, and the start.
const lastState = () => `t=${state.time.toFixed(2)}${people[state.person] && people[state.person].id ? `&p=${encodeURIComponent(people[state.person].id)}` : ""}${state.to - state.from < END - 0.01 ? `&z=${state.from.toFixed(1)}-${state.to.toFixed(1)}` : ""}`;
let saving = 0;

function saveState() {
  clearTimeout(saving);
  const hash = "#" + lastState();
  if (hash === location.hash) return;
  try { history.replaceState(null, "", hash); } catch { /* some browsers refuse on file: */ }
}
const saveSoon = () => { clearTimeout(saving); saving = setTimeout(saveState, 250); };

function loadState() {
  const told = new URLSearchParams(location.hash.slice(1));
  const zoomed = (told.get("z") || "").match(/^([\d.]+)-([\d.]+)$/);
  if (zoomed && rows) setView(+zoomed[1], +zoomed[2]);
  const person = people.findIndex((one) => one.id === told.get("p"));
  if (person >= 0) setPerson(person);
  const time = parseFloat(told.get("t"));
  if (Number.isFinite(time)) { setTime(time); if (rows) show(state.time); }
}

function jumpMark(step) {
  const own = marks.filter((mark) => mark.chosen);
  const all = own.length ? own : marks;
  const next = step > 0 ? all.find((mark) => mark.at > state.time + 0.02) : [...all].reverse().find((mark) => mark.at < state.time - 0.02);
  if (next) goTo(next.person, next.at);
}

function goTo(person, time) {
  if (person >= 0) setPerson(person);
  setTime(time);
  if (rows) show(state.time);
}

const step = LINES ? 1 : 5, fine = LINES ? 1 : 0.5;
const keys = {
  ArrowLeft: (event) => nudge(-(event.shiftKey ? fine : step)),
  ArrowRight: (event) => nudge(event.shiftKey ? fine : step),
  ArrowUp: () => setPerson(state.person - 1),
  ArrowDown: () => setPerson(state.person + 1),
  Home: () => nudge(-END), End: () => nudge(END),
  j: () => jumpMark(1), k: () => jumpMark(-1),
  "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: () => setView(0, END),
  t: () => { const field = $("#search"); if (field) { field.closest("details").open = true; field.focus(); } },
  "?": () => openHelp(),
  " ": () => togglePlay(),
};

function nudge(by) {
  setTime(state.time + by);
  if (rows) show(state.time);
}

const openHelp = () => { if (!$("#help").open) $("#help").showModal(); };
const onTimeline = (target) => rows && (target === rows || target === document.body);

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || $("#help").open) return;
  const field = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (field) return;
  if (event.key === " " && event.target.closest("button, summary, input, a")) return;
  if (["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key) && event.target !== rows) return;
  if (!rows && event.key !== "?" && event.key !== "t") return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act(event);
}

function wire() {
  document.addEventListener("keydown", press);
  document.addEventListener("click", (event) => {
    const jump = event.target.closest(".jump");
    if (jump) goTo(+jump.dataset.person, +jump.dataset.t);
    const pick = event.target.closest("[data-pick]");
    if (pick) setPerson(+pick.dataset.pick);
  });
  const acts = { "zoom-in": () => zoom(0.5), "zoom-out": () => zoom(2), "zoom-all": () => setView(0, END), "help-open": openHelp };
  for (const [id, act] of Object.entries(acts)) if ($("#" + id)) $("#" + id).addEventListener("click", act);
  on("person", () => { for (const chip of $$(".chip")) chip.setAttribute("aria-pressed", +chip.dataset.pick === state.person); });
  for (const name of ["time", "person", "view"]) on(name, saveSoon);
  addEventListener("hashchange", () => { if (location.hash !== "#" + lastState()) loadState(); });
}

function redraw() {
  readInks();
  cardShown = "";
  emit("redraw");
}

// On paper: the whole recording, every fold open, light colours.
function printing() {
  let before = null;
  addEventListener("beforeprint", () => {
    before = { from: state.from, to: state.to, folds: $$("details:not(.as-table)").map((node) => [node, node.open]) };
    for (const [node] of before.folds) node.open = true;
    state.from = 0;
    state.to = END;
    redrawNow();
  });
  addEventListener("afterprint", () => {
    if (!before) return;
    for (const [node, open] of before.folds) node.open = open;
    state.from = before.from;
    state.to = before.to;
    redrawNow();
  });
}

function redrawNow() {
  redraw();
  drawTimeline();
}

function start() {
  if (narrow.matches) for (const fold of $$(".transcript, .plane, .people, .reading")) fold.open = false;
  readInks();
  wire();
  printing();
  dark.addEventListener("change", redraw);
  new ResizeObserver(redraw).observe($(".sheet"));
  for (const fold of $$("details")) fold.addEventListener("toggle", redraw);
  setPerson(0);
  const open = people[0] && people[0].start.length ? (people[0].start[0] + Math.min(people[0].end[0], people[0].start[0] + 0.2)) / 2 : 0;
  if (data.first) { setPerson(data.first[0]); setTime(data.first[1] / 100); } else setTime(open);
  loadState();
  emit("view");
  document.documentElement.dataset.ready = "true";
}

start();
