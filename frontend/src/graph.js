// The picture of a large cooperation graph to move around in. The server has laid it out; nothing is computed here.
import { NodeSquareProgram } from "@sigma/node-square";
import Graph from "graphology";
import Sigma from "sigma"; // 3, because 4 is three times as large for what is needed here

const place = document.getElementById("graph");
const image = place?.querySelector("img");

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    actor: of("--blue"),
    network: of("--orange"),
    listed: of("--line"),
    reported: of("--purple"),
    ink: of("--ink"),
  };
}

function graphOf(told, colour) {
  const graph = new Graph({ multi: true });
  told.nodes.forEach((node, number) => {
    graph.addNode(number, {
      x: node.x,
      y: node.y,
      size: Math.min(2 + 1.1 * Math.sqrt(node.ties), 12),
      label: node.label.length > 34 ? `${node.label.slice(0, 33)}…` : node.label,
      type: node.kind === "network" ? "square" : "circle",
      color: colour[node.kind],
      page: node.page,
    });
  });
  for (const [first, second] of told.listed) graph.addEdge(first, second, { size: 1, color: colour.listed });
  for (const [first, second] of told.reported) graph.addEdge(first, second, { size: 2, color: colour.reported });
  return graph;
}

function open(page) {
  const target = new URL(page, location.href);
  target.searchParams.set("lang", document.documentElement.lang);
  const release = new URL(location.href).searchParams.get("release");
  if (release) target.searchParams.set("release", release);
  location.assign(target);
}

function walk(event, camera) {
  if (event.ctrlKey || event.altKey || event.metaKey) return; // those keys are the browser's: zoom of the page, back
  const { x, y, ratio } = camera.getState();
  const step = 0.12 * ratio;
  const moves = {
    ArrowLeft: { x: x - step },
    ArrowRight: { x: x + step },
    ArrowUp: { y: y + step },
    ArrowDown: { y: y - step },
    "+": { ratio: ratio / 1.4 },
    "=": { ratio: ratio / 1.4 }, // the same key without Shift on many keyboards
    "-": { ratio: ratio * 1.4 },
    0: { x: 0.5, y: 0.5, ratio: 1 },
  };
  const next = moves[event.key];
  if (!next) return;
  event.preventDefault();
  camera.setState(next);
}

async function draw() {
  const answer = await fetch(place.dataset.source, { headers: { accept: "application/json" } });
  if (!answer.ok) return; // the image stays
  const colour = colours();
  const graph = graphOf(await answer.json(), colour);
  const stage = document.createElement("div");
  stage.className = "stage";
  place.append(stage);
  let drawn;
  try {
    drawn = new Sigma(graph, stage, {
      allowInvalidContainer: true, // while the window changes its size
      nodeProgramClasses: { square: NodeSquareProgram },
      labelColor: { color: colour.ink },
      labelDensity: 0.25,
      labelGridCellSize: 140,
      labelRenderedSizeThreshold: 6,
    });
  } catch {
    stage.remove(); // no WebGL here: the image stays
    return;
  }
  image.hidden = true;
  place.tabIndex = 0;
  place.setAttribute("role", "application");
  place.setAttribute("aria-label", place.dataset.label);
  place.setAttribute("aria-describedby", "moving");
  document.getElementById("moving").hidden = false;
  drawn.on("clickNode", ({ node }) => {
    const page = graph.getNodeAttribute(node, "page");
    if (page) open(page);
  });
  place.addEventListener("keydown", (event) => walk(event, drawn.getCamera()));
}

if (place && image) draw();
