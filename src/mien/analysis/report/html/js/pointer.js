// Mouse, wheel and touch on the timeline and its overview strip.
function pointers() {
  const held = new Map();
  let moved = 0, pinch = 0;
  const distance = () => { const [one, two] = [...held.values()]; return Math.abs(one.clientX - two.clientX); };
  rows.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".pick") || event.button) return;
    held.set(event.pointerId, event);
    moved = 0;
    if (held.size === 2) pinch = distance();
  });
  rows.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) { hover(event); return; }
    held.set(event.pointerId, event);
    if (held.size === 2) {
      const [one, two] = [...held.values()], now = distance();
      if (pinch > 8 && now > 8) zoom(pinch / now, timeAtX((one.clientX + two.clientX) / 2));
      pinch = now;
      moved = 99;
      return;
    }
    moved += Math.abs(event.clientX - before.clientX);
    if (moved < 4) return;
    const [, width] = field();
    const shift = (before.clientX - event.clientX) / width * (state.to - state.from);
    setView(state.from + shift, state.to + shift);
  });
  const release = (event) => {
    const was = held.delete(event.pointerId);
    if (!was || moved >= 4 || event.type !== "pointerup") return;
    const row = event.target.closest(".row");
    if (row) setPerson(+row.dataset.person);
    setTime(timeAtX(event.clientX));
  };
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, release);
  rows.addEventListener("pointerleave", () => { state.hover = null; $("#ghost").hidden = true; emit("hover"); });
  rows.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !rows.matches(":focus") && !event.shiftKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    const [, width] = field();
    const along = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    if (Math.abs(along) > Math.abs(event.deltaY) || event.shiftKey) {
      const shift = along / width * (state.to - state.from);
      setView(state.from + shift, state.to + shift);
    } else zoom(Math.exp(clamp(event.deltaY, -120, 120) * 0.0025), timeAtX(event.clientX));
  }, { passive: false });
}

function hover(event) {
  const row = event.target.closest(".row");
  if (!row || event.pointerType === "touch" || !event.target.matches("canvas")) return;
  const time = timeAtX(event.clientX);
  state.hover = { person: +row.dataset.person, time };
  const [left, width] = field();
  $("#ghost").hidden = false;
  $("#ghost").style.transform = `translateX(${left + (time - state.from) / (state.to - state.from) * width}px)`;
  emit("hover");
}

function overviewDrag() {
  const canvas = $("#overview");
  let grip = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    const time = event.offsetX / canvas.clientWidth * END;
    const width = state.to - state.from;
    if (width >= END - 1e-6) { setTime(time); return; }
    if (time < state.from || time > state.to) setView(time - width / 2, time + width / 2);
    grip = time - state.from;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (grip === null) return;
    const from = event.offsetX / canvas.clientWidth * END - grip;
    setView(from, from + state.to - state.from);
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { grip = null; });
}
