// All that is known of one cell.
const heading = (text) => make("h3", {}, text);
const paragraph = (text, look = "text") => make("p", {class: look}, text);
const lines = (text) => make("pre", {class: "text"}, text);

/** The outputs of a cell by name; page_data.h says in which order they come. */
function readOutput([what, maxAbs, maxRel, differ = 0, nonfinite = 0, worst = "", evidence]) {
  const [path, dtype, shape, total] = shared(what);
  return {path, evidence, numbers: [dtype, shape, total, differ, maxAbs, maxRel, worst, nonfinite]};
}

/** A column for each output: most cells have few, and a phone has room for two. */
function drawNumbers(outputs, more) {
  const names = ["dtype", "shape", "elements", "differ", "max abs", "max rel", "worst at", "non-finite"];
  const head = make("tr", {}, make("td", {}), ...outputs.map(({path}) => make("th", {scope: "col", class: "number text"}, path)));
  const rows = names.map((name, row) => make("tr", {}, make("th", {scope: "row"}, name),
    ...outputs.map(({numbers}) => make("td", {class: "number"}, `${numbers[row]}`))));
  const table = make("table", {class: "facts"}, make("thead", {}, head), make("tbody", {}, ...rows));
  const nodes = [heading("Numbers"), make("div", {class: "scroll", tabindex: 0, role: "group", "aria-label": "Numbers"}, table)];
  if (more) nodes.push(paragraph(`and ${more} more; the JSON report has all`, "dim"));
  return nodes;
}

/** The line of a message that says how what differs is spread: `by |expected|: 4 of 4 from 1 to 10, 2 of 8 from 10 to 100`. */
function drawHistogram(spread) {
  const rows = [...spread.matchAll(/(\d+) of (\d+) ([^,]+)/g)].map(([, differ, all, where]) => {
    const share = `${differ} of ${all}`;
    const bar = make("meter", {max: all, value: differ, optimum: 0, low: 0, high: 0, "aria-label": `${share} differ`});
    return make("tr", {}, make("th", {scope: "row"}, where), make("td", {}, bar), make("td", {class: "number"}, share));
  });
  return [heading("What differs, by |expected|"), make("table", {class: "facts"}, make("tbody", {}, ...rows))];
}

function drawMessage(message) {
  const spreads = [...message.matchAll(/^ *by \|expected\|: (.+)$/gm)];
  return [heading("Message"), lines(message), ...spreads.flatMap(([, spread]) => drawHistogram(spread))];
}

function drawEvidence({path, evidence: [referee, referenceError, deviceError, factor, limit, decided]}) {
  const nodes = [paragraph(`${path}: referee ${shared(referee)}`)];
  if (factor === "nan") return nodes;
  nodes.push(paragraph(`The device is up to ${deviceError} from it, the reference up to ${referenceError}: ` +
    `${factor} times the noise, limit ${limit}. ${decided ? "This decided." : "The tolerance decided."}`));
  return nodes;
}

function drawCause(id) {
  const finding = findings.get(id);
  if (!finding) return [paragraph(id)];
  const title = make("p", {}, make("span", {class: `badge ${finding.severity}`}, finding.severity), " ",
    make("span", {class: "text"}, `${finding.title} [${id}]`));
  return [title, ...explain(finding)];
}

function explain(finding) {
  const nodes = finding.lines.map((line) => paragraph(line));
  return finding.details ? [...nodes, lines(finding.details)] : nodes;
}

/** The line is one text that can be marked and copied; the button is for those whose browser lets it. */
function drawCommand(command) {
  const text = lines(command);
  const button = make("button", {type: "button"}, "Copy");
  button.onclick = async () => {
    getSelection().selectAllChildren(text);
    await navigator.clipboard?.writeText(command).then(() => button.textContent = "Copied", () => {});
  };
  return [heading("Run it again"), make("div", {class: "command"}, text, button)];
}

function drawHeading(place) {
  const badge = make("span", {class: `badge ${place.kind.outcome}${isSimulated(place) ? " simulated" : ""}`}, place.kind.meaning);
  const nodes = [make("h2", {id: "cell-title", class: "text"}, place.map.title), paragraph(describe(place)), make("p", {}, badge)];
  if (isSimulated(place)) {
    nodes.push(paragraph("Simulated in host memory: good for finding what is tied to a device, no proof of CUDA kernels or numerics.", "warn"));
  }
  return nodes;
}

function drawDetails({cell}) {
  const nodes = [];
  if (cell.message !== undefined) nodes.push(...drawMessage(shared(cell.message)));
  if (cell.declared !== undefined) nodes.push(heading("Declared to fail"), paragraph(shared(cell.declared)));
  if (cell.causes) nodes.push(heading("Causes"), ...cell.causes.map(shared).flatMap(drawCause));
  if (cell.moreCauses) nodes.push(paragraph(`and ${cell.moreCauses} more; the JSON report has all`, "dim"));
  if (cell.outputs) {
    const outputs = cell.outputs.map(readOutput);
    const judged = outputs.filter((output) => output.evidence);
    nodes.push(...drawNumbers(outputs, cell.moreOutputs));
    if (judged.length) nodes.push(heading("Evidence"), ...judged.flatMap(drawEvidence));
  }
  if (cell.precision !== undefined) nodes.push(heading("As exported"), paragraph(shared(cell.precision)));
  if (cell.placement !== undefined) nodes.push(heading("Where its operators ran"), paragraph(shared(cell.placement)));
  if (cell.repeat) nodes.push(...drawCommand(shared(cell.repeat[0]) + cell.repeat[1]));
  nodes.push(paragraph(`Took ${cell.ms} ms.`, "dim"));
  return nodes;
}
