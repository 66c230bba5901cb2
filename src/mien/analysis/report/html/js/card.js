// The detail card: what one moment says, and why.
const card = $("#card");
let cardShown = "";

function fillCard() {
  if (!card || !people.length) return;
  const about = state.hover || { person: state.person, time: state.time };
  const person = people[about.person];
  const span = spanAt(person, about.time);
  const key = `${person.index}/${span}/${span < 0 ? Math.floor(about.time) : ""}/${state.hover ? 1 : 0}`;
  if (key === cardShown) return;
  cardShown = key;
  card.replaceChildren(...(span < 0 ? emptyCard(person, about.time) : spanCard(person, span)));
}

function cardHead(person, when) {
  const head = make("header");
  const face = $(`.chip[data-pick="${person.index}"] .face`);
  if (face) head.append(face.cloneNode(true));
  head.append(make("div", {}, make("h2", {}, person.name), make("span", { className: "soft" }, when)));
  if (END) {
    const share = make("button", { type: "button", className: "act" }, "Copy link");
    share.setAttribute("aria-label", "Copy a link to this moment");
    share.addEventListener("click", () => copyLink(share));
    head.append(share);
  }
  return head;
}

function emptyCard(person, time) {
  const before = lastBefore(person.start, time), after = before + 1 < person.start.length ? person.start[before + 1] : null;
  const last = before >= 0 ? `last at ${stamp(person.end[before])}` : "";
  const next = after !== null ? `next at ${stamp(after)}` : "";
  return [cardHead(person, stamp(time, 1)), make("p", { className: "verdict" }, "Neither seen nor heard here."), make("p", { className: "soft" }, [last, next].filter(Boolean).join(", "))];
}

function spanCard(person, span) {
  const from = person.start[span], to = person.end[span];
  const when = LINES ? stamp(from) : END ? `${stamp(from, 1)} to ${stamp(to, 1)}` : "";
  const lanes = person.lanes.filter((lane) => lane.where[span] >= 0);
  const parts = [cardHead(person, when), verdict(person, span)];
  if (data.texts[person.clashWords[span]]) parts.push(make("p", { className: "clash" }, make("b", {}, "Disagreement "), `${person.clash[span]} %: ${data.texts[person.clashWords[span]]}`));
  parts.push(...tables(person, span, lanes), ...tone(person, span), causes(lanes, span), ...said(person, from, to, lanes, span));
  return parts;
}

function verdict(person, span) {
  const line = make("p", { className: "verdict" });
  const values = shares(person.fused, span);
  if (values) {
    const sure = person.sure[span];
    const how = sure >= 75 ? "Quite sure" : sure >= 50 ? "Fairly sure" : sure >= 35 ? "Unsure" : "Little more than a guess";
    line.append(make("b", {}, data.spaces[person.fused.space].labels[topOf(values)]), make("span", { className: "soft" }, `. ${how}: ${sureWords(sure)}.`));
  } else if (person.valence[span] !== null) {
    line.append(make("b", {}, person.valence[span] > 15 ? "Positive tone" : person.valence[span] < -15 ? "Negative tone" : "Even tone"));
  } else if (stressOf(person, span) !== null) {
    line.append(make("b", {}, `Stress ${stressOf(person, span)} %`), make("span", { className: "soft" }, ". No emotion is read from signals."));
  } else line.append(make("i", { className: "hatch", style: "display: inline-block; width: 12px; height: 12px; margin-right: 6px; vertical-align: -1px" }), upper(data.texts[person.why[span]] || "not enough evidence"), ".");
  return line;
}

function stressOf(person, span) {
  const lane = person.lanes.find((one) => one.stress && one.where[span] >= 0);
  const values = lane && shares(lane, lane.where[span]);
  return values ? values[data.spaces[lane.space].labels.indexOf("stress")] : null;
}

const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// Bars of the fused answer with the senses beside it; senses that speak of other labels get a table of their own.
function tables(person, span, lanes) {
  const fused = shares(person.fused, span);
  const labels = fused ? data.spaces[person.fused.space].labels : [];
  const columns = lanes.map((lane) => ({ lane, row: lane.where[span], values: shares(lane, lane.where[span]) })).filter((column) => column.values);
  const kin = ({ space }) => data.spaces[space].kind === "categorical" && data.spaces[space].labels.filter((label) => labels.includes(label)).length * 2 > data.spaces[space].labels.length;
  const far = columns.filter((column) => !kin(column.lane));
  const near = columns.flatMap((column) => {
    if (kin(column.lane)) return [{ ...column, space: column.lane.space }];
    const plain = column.lane.basic && kin(column.lane.basic) && shares(column.lane.basic, column.row);
    return plain ? [{ ...column, space: column.lane.basic.space, values: plain }] : [];
  });
  const found = [];
  if (fused) found.push(barTable(person, span, near));
  for (const group of grouped(far)) found.push(barTable(person, -1, group.map((column) => ({ ...column, space: column.lane.space })), near.length > 0));
  return found;
}

function grouped(columns) {
  const spaces = new Map();
  for (const column of columns) spaces.set(column.lane.space, [...(spaces.get(column.lane.space) || []), column]);
  return [...spaces.values()];
}

function barTable(person, span, columns, bare = false) {
  const all = span >= 0 ? [{ name: "together", space: person.fused.space, values: shares(person.fused, span) }] : [];
  for (const { lane, space, values } of columns) all.push({ name: bare ? `${lane.word}, ${data.spaces[space].name}` : lane.word, space, values });
  const labels = [...new Set(all.flatMap((column) => data.spaces[column.space].labels))];
  const read = (column, label) => { const at = data.spaces[column.space].labels.indexOf(label); return at < 0 ? null : column.values[at]; };
  const rank = (label) => (all.length ? read(all[0], label) ?? -1 : 0);
  const order = labels.map((label, at) => [label, at]).sort((one, two) => rank(two[0]) - rank(one[0]) || one[1] - two[1]).map(([label]) => label);
  const loud = order.filter((label) => all.some((column) => (read(column, label) ?? 0) >= 3));
  const kept = bare ? loud.slice(0, 4) : loud.length > 9 ? loud.slice(0, 7) : loud;
  const table = make("table", { className: kept.some((label) => label.length > 12) ? "bars wide" : "bars" });
  table.append(make("thead", {}, make("tr", {}, make("th", { scope: "col", className: "own" }, make("span", { className: "unseen" }, "emotion")), ...all.map((column) => make("th", { scope: "col" }, column.name)))));
  const body = make("tbody");
  for (const label of kept) body.append(make("tr", {}, make("th", { scope: "row" }, label), ...all.map((column) => barCell(column, label, read(column, label)))));
  const rest = order.filter((label) => !kept.includes(label));
  const names = rest.length > 8 ? `${rest.length} others` : rest.join(", ");
  if (rest.length && !bare) body.append(make("tr", {}, make("td", { className: "rest soft", colSpan: all.length + 1 }, `${names}: ${loud.length > kept.length ? "smaller" : "under 3"}`)));
  table.append(body);
  const foot = make("tfoot");
  const blank = span >= 0 ? [make("td")] : [];
  if (columns.some(({ lane, row }) => lane.weight[row])) foot.append(make("tr", {}, make("th", { scope: "row" }, "weight"), ...blank, ...columns.map(({ lane, row }) => make("td", {}, lane.guest ? "beside" : lane.weight[row] ? `${lane.weight[row]} %` : "left out"))));
  foot.append(make("tr", {}, make("th", { scope: "row" }, "quality"), ...blank.map((cell) => cell.cloneNode()), ...columns.map(({ lane, row }) => make("td", {}, lane.guest ? "unknown" : `${lane.quality[row]} %`))));
  if (columns.length && !bare) table.append(foot);
  return table;
}

function barCell(column, label, value) {
  if (value === null) return make("td", { className: "soft" }, make("span", { className: "unseen" }, "not asked"));
  const space = data.spaces[column.space];
  const hue = space.colours[space.labels.indexOf(label)];
  const cell = make("span", { className: "cell" });
  cell.append(make("i", { style: `width: calc((100% - 27px) * ${value / 100}); background: ${hue}` }), make("span", {}, String(value)));
  return make("td", {}, cell);
}

function tone(person, span) {
  if (person.valence[span] === null) return [];
  const arousal = person.arousal[span] === null ? "" : `, arousal ${signed(person.arousal[span])}`;
  return [make("p", { className: "soft" }, `Valence ${signed(person.valence[span])}${arousal}`)];
}

// What was measured: each sense with its cues, further readings, or why it is silent.
function causes(lanes, span) {
  const list = make("dl", { className: "cues" });
  for (const lane of lanes) {
    const row = lane.where[span];
    const lines = lane.cues[row].map(cueText);
    if (data.texts[lane.why[row]]) lines.unshift(data.texts[lane.why[row]]);
    for (const [space, ...pairs] of lane.more[row]) lines.push(moreText(space, pairs));
    if (!lines.length) continue;
    list.append(make("div", {}, make("dt", {}, lane.word), make("dd", {}, ...lines.map((text) => make("span", {}, text)))));
  }
  return list;
}

function cueText([pattern, ...numbers]) {
  return data.cues[pattern].split("\0").map((text, at) => text + (numbers[at] ?? "")).join("");
}

function moreText(space, pairs) {
  const told = [];
  for (let at = 0; at < pairs.length; at += 2) told.push(`${data.spaces[space].labels[pairs[at]]} ${pairs[at + 1]} %`);
  return `${data.spaces[space].name}: ${told.join(", ") || "nothing above 10 %"}`;
}

function said(person, from, to, lanes, span) {
  const heard = lineNodes.filter((line) => line.person === person.index && line.start < Math.max(to, from + 0.01) && line.end > from);
  const moving = new Map();
  for (const lane of lanes) for (const cue of lane.cues[lane.where[span]]) {
    const told = cueText(cue).match(/^"(.+)" (raised|lowered) .+ by ([\d.]+)$/);
    if (told) moving.set(told[1], { down: told[2] === "lowered", much: +told[3] });
  }
  return heard.slice(0, 3).map((line) => make("p", { className: "quote" }, "“", ...weighed(line.text, moving), "”"));
}

// A sentence with the words that moved the answer underlined, the more the thicker; dotted where they spoke against it.
function weighed(text, moving) {
  const found = [];
  let rest = text;
  for (const [word, { down, much }] of moving) {
    const at = rest.indexOf(word);
    if (at < 0) continue;
    found.push([text.indexOf(word), word, down, much]);
    rest = rest.slice(0, at) + " ".repeat(word.length) + rest.slice(at + word.length);
  }
  found.sort((one, two) => one[0] - two[0]);
  const parts = [];
  let reached = 0;
  for (const [at, word, down, much] of found) {
    if (at < reached) continue;
    parts.push(text.slice(reached, at), make("u", { className: down ? "against" : "for", style: `text-decoration-thickness: ${(1 + 3 * Math.min(1, much)).toFixed(1)}px` }, word));
    reached = at + word.length;
  }
  return [...parts, text.slice(reached)];
}

function copyLink(button) {
  saveState();
  const done = () => { button.textContent = "Copied"; setTimeout(() => { button.textContent = "Copy link"; }, 1500); };
  const byHand = () => {
    const field = make("input", { value: location.href });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    done();
  };
  if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(location.href).then(done, byHand); else byHand();
}

for (const name of ["time", "person", "hover", "redraw"]) on(name, fillCard);
