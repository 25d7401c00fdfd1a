// The heat maps, one for each model. What a model, a path or an exception said becomes text nodes and attributes, never
// markup: nothing here assigns to innerHTML.
const data = JSON.parse(document.getElementById("data").textContent);
const shared = (index) => data.shared[index];
const findings = new Map(data.findings.map((finding) => [finding.id, finding]));

/** An element; strings among the children become text. */
function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** All cells in the order of the page: {map, row, column, transfer, cell, kind, link, button}. */
const places = [];
const maps = [];

const encode = (text) => encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%3A", ":");

/** What `#cell=` says of a cell: model/export/trace device/transfer/run device. */
function linkOf(place) {
  const parts = [place.map.title, place.row.export, place.row.device, place.transfer, place.column.device];
  return parts.map((part) => encode(part).replaceAll("/", "%2F")).join("/");
}

const isSimulated = (place) => Boolean(place.column.note || place.row.note);
const withNote = (text, note) => note ? `${text} (${note})` : text;

function describe({row, column, transfer}) {
  return `${withNote(row.label, row.note)}, ${transfer}, ${withNote(`run on ${column.device}`, column.note)}`;
}

function drawCell(map, row, column, transfer, cell) {
  if (!cell) return make("td", {});
  const kind = data.kinds[cell.kind];
  const place = {map, row, column, transfer, cell, kind};
  place.link = linkOf(place);
  const look = kind.outcome + (isSimulated(place) ? " simulated" : "");
  const label = `${kind.mark}: ${kind.meaning}, ${describe(place)}`;
  place.button = make("button", {type: "button", class: look, tabindex: -1, "aria-label": label}, kind.mark);
  place.button.place = place;
  places.push(place);
  row.places.push(place);
  return make("td", {}, place.button);
}

function drawRow(map, row, cells) {
  row.places = [];
  const note = row.note ? [" ", make("small", {}, row.note)] : [];
  row.node = make("tr", {}, make("th", {scope: "row"}, make("span", {class: "text"}, row.label), ...note));
  let at = 0;
  for (const column of map.columns) {
    for (const transfer of column.transfers) row.node.append(drawCell(map, row, column, transfer, cells[at++]));
  }
  return row.node;
}

function drawHead(map) {
  const devices = make("tr", {}, make("td", {rowspan: 2}));
  const transfers = make("tr", {});
  for (const column of map.columns) {
    const note = column.note ? [" ", make("small", {}, column.note)] : [];
    const name = make("span", {class: "text"}, `run on ${column.device}`);
    devices.append(make("th", {scope: "colgroup", colspan: column.transfers.length}, name, ...note));
    for (const transfer of column.transfers) transfers.append(make("th", {scope: "col"}, transfer));
  }
  return make("thead", {}, devices, transfers);
}

function countOutcomes(map) {
  const counts = {failed: 0, untrusted: 0, passed: 0, skipped: 0};
  for (const row of map.rows) {
    for (const place of row.places) ++counts[place.kind.outcome === "declared" ? "passed" : place.kind.outcome];
  }
  return Object.entries(counts).filter((entry) => entry[1] > 0).map(([word, count]) => `${count} ${word}`).join(", ");
}

function drawMap(map, number) {
  const body = make("tbody", {});
  map.rows.forEach((row, index) => body.append(drawRow(map, row, map.cells[index])));
  const id = `model-${number}`;
  const title = make("h3", {id}, make("span", {class: "text"}, map.title), " ", make("small", {}, countOutcomes(map)));
  const table = make("table", {class: "map", "aria-labelledby": id}, drawHead(map), body);
  map.node = make("section", {class: "model"}, title, make("div", {class: "scroll"}, table));
  maps.push(map);
  return map.node;
}

const isShown = (place) => !place.button.classList.contains("other");

/** The cell that Tab reaches in a map; arrow keys go on from there. */
function setEntry(map, entry) {
  for (const row of map.rows) {
    for (const place of row.places) place.button.tabIndex = place === entry ? 0 : -1;
  }
}

/** From a cell to the next one shown, by the distance that its row and its place in it are to change. */
function neighbour(place, down, right) {
  const table = place.map.rows.map((row) => [...row.node.cells].slice(1).map((cell) => cell.firstChild?.place));
  let y = place.map.rows.indexOf(place.row);
  let x = table[y].indexOf(place);
  do {
    y += down;
    x += right;
  } while (table[y] && x >= 0 && x < table[y].length && !(table[y][x] && isShown(table[y][x])));
  return table[y]?.[x];
}

const steps = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};

function moveInMap(event) {
  const place = event.target.place;
  if (!place || !steps[event.key]) return;
  event.preventDefault();
  const next = neighbour(place, ...steps[event.key]);
  if (!next) return;
  setEntry(place.map, next);
  next.button.focus();
}
