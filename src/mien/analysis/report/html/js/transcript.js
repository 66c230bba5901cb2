// The transcript: click seeks, search filters, the line being said is marked.
const lineNodes = $$("#lines .line").map((node) => ({
  node, item: node.parentElement, start: +node.dataset.t, end: +node.dataset.end, person: +node.dataset.person,
  holder: $(".text", node), text: $(".text", node).textContent, speaker: ($("b", node) || {}).textContent || "",
}));
const lineStarts = Float64Array.from(lineNodes, (line) => line.start);
let currentLine = null;

function markLine() {
  const at = lastBefore(lineStarts, state.time);
  const line = at >= 0 && state.time < Math.max(lineNodes[at].end, lineNodes[at].start + 0.5) ? lineNodes[at] : null;
  if (line === currentLine) return;
  if (currentLine) currentLine.node.removeAttribute("aria-current");
  currentLine = line;
  if (!line) return;
  line.node.setAttribute("aria-current", "true");
  const list = $("#lines");
  if ($("#search").value || list.scrollHeight <= list.clientHeight || list.contains(document.activeElement)) return;
  const top = line.item.getBoundingClientRect().top - list.getBoundingClientRect().top;
  if (top < 10 || top > list.clientHeight - 50) list.scrollTop += top - list.clientHeight / 3;
}

function searchLines() {
  const wanted = $("#search").value.trim().toLocaleLowerCase();
  let hits = 0;
  for (const line of lineNodes) {
    const hay = line.text.toLocaleLowerCase();
    const at = wanted ? hay.indexOf(wanted) : -1;
    const fits = !wanted || at >= 0 || line.speaker.toLocaleLowerCase().includes(wanted);
    line.item.hidden = !fits;
    hits += fits;
    if (at >= 0 && hay.length === line.text.length) {
      line.holder.replaceChildren(line.text.slice(0, at), make("mark", {}, line.text.slice(at, at + wanted.length)), line.text.slice(at + wanted.length));
      line.marked = true;
    } else if (line.marked) { line.holder.replaceChildren(line.text); line.marked = false; }
  }
  $("#hits").textContent = wanted ? `${hits} of ${lineNodes.length}` : "";
}

if (lineNodes.length) {
  on("time", markLine);
  $("#search").addEventListener("input", searchLines);
  $("#search").addEventListener("keydown", (event) => { if (event.key === "Escape") { event.target.value = ""; searchLines(); event.target.blur(); } });
  $("#lines").addEventListener("click", (event) => {
    const node = event.target.closest(".line");
    if (!node) return;
    if (+node.dataset.person >= 0) setPerson(+node.dataset.person);
    setTime(+node.dataset.t + 0.01);
    if (rows) show(state.time);
  });
}
