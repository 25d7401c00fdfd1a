// The address says what the page shows (#search=...&verdict=...&cell=...); every action changes the address, and every
// change of the address is drawn. So each view can be linked to, and Back works.
const byId = (id) => document.getElementById(id);
const panel = byId("cell");
const wide = matchMedia("(min-width: 64rem)");
let state = {search: "", verdicts: new Set(), cell: ""};

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function readAddress() {
  const found = {search: "", verdicts: new Set(), cell: ""};
  for (const part of location.hash.slice(1).split("&")) {
    const [name, value] = [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)];
    if (name === "search") found.search = decode(value);
    if (name === "verdict") found.verdicts.add(decode(value));
    if (name === "cell") found.cell = value;
  }
  return found;
}

/** A cell is a step that Back undoes; a letter of a search is none. */
function go(change) {
  const next = {...state, ...change};
  const parts = [...next.verdicts].map((verdict) => `verdict=${encode(verdict)}`);
  if (next.search) parts.unshift(`search=${encode(next.search)}`);
  if (next.cell) parts.push(`cell=${next.cell}`);
  const address = "#" + parts.join("&");
  if (change.cell) location.hash = address;
  else location.replace(address);
}

function textOf(place) {
  if (place.text) return place.text;
  const {cell, kind, map} = place;
  const said = [cell.message, cell.declared, cell.placement].filter((index) => index !== undefined).map(shared);
  const causes = (cell.causes ?? []).map(shared).map((id) => `${id} ${findings.get(id)?.title ?? ""}`);
  place.text = [map.title, describe(place), kind.meaning, ...said, ...causes].join("\n").toLowerCase();
  return place.text;
}

function drawFilter() {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (place) => (state.verdicts.size === 0 || state.verdicts.has(place.kind.meaning)) &&
    words.every((word) => textOf(place).includes(word));
  let shown = 0, models = 0;
  for (const map of maps) {
    let entry;
    for (const row of map.rows) {
      const found = row.places.filter(matches);
      for (const place of row.places) place.button.classList.toggle("other", !found.includes(place));
      row.node.hidden = found.length === 0;
      shown += found.length;
      entry ??= found[0];
    }
    map.node.hidden = !entry;
    models += entry ? 1 : 0;
    setEntry(map, entry);
  }
  const lost = state.cell && !opened() ? " The cell of this link is not in the report." : "";
  byId("shown").textContent = `${shown} of ${places.length} cells in ${models} of ${maps.length} models shown.${lost}`;
  for (const button of byId("verdicts").children) {
    button.setAttribute("aria-pressed", button.verdict ? state.verdicts.has(button.verdict) : state.verdicts.size === 0);
  }
  if (document.activeElement !== byId("search")) byId("search").value = state.search;
}

const opened = () => places.find((place) => place.link === state.cell);

/** Beside the maps where there is room, else over them. */
function drawPanel() {
  const place = opened();
  document.querySelector("[aria-current]")?.removeAttribute("aria-current");
  document.body.classList.toggle("beside", Boolean(place) && wide.matches);
  if (!place) return panel.close();
  place.button.setAttribute("aria-current", "true");
  byId("cell-head").replaceChildren(...drawHeading(place));
  byId("cell-body").replaceChildren(...drawDetails(place));
  panel.scrollTop = 0;
  byId("previous").disabled = !follower(place, -1);
  byId("next").disabled = !follower(place, 1);
  if (panel.open) return;
  place.button.scrollIntoView({block: "nearest"});
  if (wide.matches) panel.show();
  else panel.showModal();
}

function follower(place, step) {
  const shown = places.filter((other) => isShown(other) || other === place);
  return shown[shown.indexOf(place) + step];
}

function closePanel() {
  const place = opened();
  panel.close();  // What is below a modal dialog takes no focus.
  go({cell: ""});
  if (!place) return;
  setEntry(place.map, place);
  place.button.focus();
}

function draw() {
  state = readAddress();
  drawFilter();
  drawPanel();
}

function drawVerdicts() {
  const counts = new Map();
  for (const place of places) counts.set(place.kind, (counts.get(place.kind) ?? 0) + 1);
  const add = (verdict, ...children) => {
    const button = make("button", {type: "button"}, ...children);
    button.verdict = verdict;
    byId("verdicts").append(button);
  };
  add("", "all");
  for (const kind of data.kinds) {
    add(kind.meaning, make("span", {class: `badge ${kind.outcome}`}, kind.mark), ` ${kind.meaning} `, make("small", {}, `${counts.get(kind) ?? 0}`));
  }
}

/** Each names the first cells that it explains. */
function drawFinding(finding) {
  const open = finding.severity === "note" ? {} : {open: ""};
  const summary = make("summary", {}, make("span", {class: `badge ${finding.severity}`}, finding.severity), " ",
    make("span", {class: "text"}, `${finding.title} [${finding.id}]`));
  const node = make("details", open, summary, ...explain(finding));
  const cells = places.filter((place) => place.cell.causes?.some((index) => shared(index) === finding.id));
  const links = cells.slice(0, 8).map((place) => make("li", {}, make("a", {href: `#cell=${place.link}`, class: "text"}, `${place.map.title}: ${describe(place)}`)));
  if (cells.length > links.length) links.push(make("li", {class: "dim"}, `and ${cells.length - links.length} more`));
  if (links.length) node.append(make("p", {}, "It explains"), make("ul", {}, ...links));
  return node;
}

function onKey(event) {
  if (event.key === "Escape" && panel.open) closePanel();
  if (event.key !== "/" || panel.open || event.target.matches("input")) return;
  event.preventDefault();
  byId("search").focus();
}

function toggle(verdict) {
  const verdicts = new Set(verdict ? state.verdicts : []);
  if (verdict && !verdicts.delete(verdict)) verdicts.add(verdict);
  go({verdicts});
}

function listen() {
  byId("search").oninput = (event) => go({search: event.target.value});
  byId("tools").onsubmit = (event) => event.preventDefault();
  byId("verdicts").onclick = (event) => {
    const button = event.target.closest("button");
    if (button) toggle(button.verdict);
  };
  byId("maps").onclick = (event) => event.target.place && go({cell: event.target.place.link});
  byId("maps").onkeydown = moveInMap;
  byId("close").onclick = closePanel;
  byId("previous").onclick = () => go({cell: follower(opened(), -1).link});
  byId("next").onclick = () => go({cell: follower(opened(), 1).link});
  panel.oncancel = (event) => event.preventDefault();  // Escape is closePanel's.
  document.onkeydown = onKey;
  onhashchange = draw;
  wide.onchange = () => {
    panel.close();
    drawPanel();
  };
}

byId("main").hidden = false;
byId("maps").append(...data.maps.map(drawMap));
drawVerdicts();
byId("findings").append(...data.findings.map(drawFinding));
byId("findings").hidden = data.findings.length === 0;
listen();
draw();
