// Builds the islands of the pages into src/integgraph/web/static/built: one ES module each, and the outlines of the map.
// Usage: node build.mjs
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { feature } from "topojson-client";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "src", "integgraph", "web", "static", "built");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const sources = readdirSync(join(here, "src")).filter((name) => name.endsWith(".js"));
await build({
  absWorkingDir: here,
  entryPoints: sources.map((name) => join("src", name)),
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "eof",
  logLevel: "warning",
});

// Outlines of countries: Natural Earth (public domain), 1:50m, as longitudes and latitudes to two digits (1 km).
// What lies outside the window of the map is left out; the server projects and draws. It reaches from the Azores and the
// Canary Islands to Cyprus and the north of Norway.
const WINDOW = { west: -32, south: 27, east: 50, north: 72 };
const world = JSON.parse(readFileSync(join(here, "node_modules", "world-atlas", "countries-50m.json"), "utf8"));
const countries = feature(world, world.objects.countries).features;
const near = ([longitude, latitude]) =>
  longitude > WINDOW.west && longitude < WINDOW.east && latitude > WINDOW.south && latitude < WINDOW.north;
const round = (ring) =>
  ring
    .map(([longitude, latitude]) => [Math.round(longitude * 100) / 100, Math.round(latitude * 100) / 100])
    .filter((point, at, all) => at === 0 || point[0] !== all[at - 1][0] || point[1] !== all[at - 1][1]);
const outlines = countries
  .map(({ id, properties, geometry }) => ({
    id: id ?? "",
    name: properties.name,
    rings: (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates)
      .map(([outer]) => outer)
      .filter((ring) => ring.some(near))
      .map(round)
      .filter((ring) => ring.length > 3),
  }))
  .filter(({ rings }) => rings.length > 0)
  .sort((one, other) => (one.name < other.name ? -1 : 1));
writeFileSync(
  join(out, "outlines.json"),
  JSON.stringify({ source: "Natural Earth 1:50m, public domain", window: WINDOW, countries: outlines }),
);
