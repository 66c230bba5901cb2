// The timeline as a table: what is in the window, a hundred rows at a time.
const tableFold = $("#table-fold");
const PAGE = 100;
let tableRows = PAGE;

function fillTable() {
  if (!tableFold || !tableFold.open) return;
  const found = [];
  for (const person of people) for (let span = 0; span < person.start.length; span += 1) {
    if (person.start[span] <= state.to && person.end[span] >= state.from) found.push([person, span]);
  }
  found.sort((one, two) => one[0].start[one[1]] - two[0].start[two[1]] || one[0].index - two[0].index);
  const words = [...new Set(people.flatMap((person) => person.lanes.map((lane) => lane.word)))];
  const head = ["from", "to", "person", "reading", "how sure", ...words, "disagreement"];
  const table = make("table", {}, make("caption", { className: "unseen" }, `What was read from ${stamp(state.from)} to ${stamp(state.to)}`));
  table.append(make("thead", {}, make("tr", {}, ...head.map((word) => make("th", { scope: "col" }, word)))));
  const body = make("tbody");
  for (const [person, span] of found.slice(0, tableRows)) body.append(tableRow(person, span, words));
  table.append(body);
  const parts = [table];
  if (found.length > tableRows) {
    const more = make("button", { type: "button", className: "key small" }, `Show more (${found.length - tableRows} left in this window)`);
    more.addEventListener("click", () => { tableRows += PAGE; fillTable(); });
    parts.push(more);
  }
  $("#table").replaceChildren(...parts);
}

function tableRow(person, span, words) {
  const values = shares(person.fused, span);
  const reading = values ? `${data.spaces[person.fused.space].labels[topOf(values)]} ${Math.round(values[topOf(values)])} %` : person.valence[span] !== null ? `valence ${signed(person.valence[span])}` : data.texts[person.why[span]] || "not enough evidence";
  const told = (word) => {
    const lane = person.lanes.find((one) => one.word === word && one.where[span] >= 0);
    const own = lane && shares(lane, lane.where[span]);
    return own ? `${data.spaces[lane.space].labels[topOf(own)]} ${Math.round(own[topOf(own)])} %` : lane ? "not enough" : "";
  };
  const cells = [stamp(person.start[span], 1), stamp(person.end[span], 1), person.name, reading, values ? `${person.sure[span]} %` : "", ...words.map(told), data.texts[person.clashWords[span]] || ""];
  return make("tr", {}, ...cells.map((text) => make("td", {}, text)));
}

if (tableFold) {
  tableFold.addEventListener("toggle", fillTable);
  let due = 0;
  on("view", () => { tableRows = PAGE; clearTimeout(due); due = setTimeout(fillTable, 200); });
}
