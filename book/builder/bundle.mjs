// { modules, target, before } -> true: writes the scripts of book/scripts into the folder `target`, with the engine for the charts in the
// folder `modules`. before: what live.js begins with.
import { answer } from "./worker.mjs";
import { build } from "esbuild";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PACKAGES = here("../../node_modules/");
const SCRIPTS = here("../scripts/");
const ENTRIES = ["live.js", "exercises.js", "glossary.js"]; // what pages ask for; what these import when it is needed lies in chunks/

const undefinedNames = (names) => names.split(" ").map((name) => `export const ${name} = undefined;`).join("");
const nothing = "const f = () => () => '';";
// Packages that no chart needs, each with what stands in for it.
const STAND_INS = {
  "d3-geo": undefinedNames(
    "geoArea geoBounds geoCentroid geoPath geoGraticule geoAlbers geoAlbersUsa geoAzimuthalEqualArea geoAzimuthalEquidistant geoConicConformal geoConicEqualArea geoConicEquidistant geoEqualEarth geoEquirectangular geoGnomonic geoIdentity geoMercator geoNaturalEarth1 geoOrthographic geoStereographic geoTransverseMercator",
  ),
  "d3-geo-projection": undefinedNames("geoMollweide"),
  "vega-projection": "export const projection = () => {}, projectionProperties = [], getProjectionPath = () => {};",
  "topojson-client": undefinedNames("feature mesh"),
  "d3-dsv": undefinedNames("dsvFormat"),
  "d3-time-format": `${nothing} const all = { format: f, parse: f, utcFormat: f, utcParse: f }; export const timeFormatLocale = () => all, timeFormatDefaultLocale = () => all, timeFormat = f, timeParse = f, utcFormat = f, utcParse = f;`,
  "vega-selections": undefinedNames("selectionIdTest selectionResolve selectionTest selectionTuples selectionVisitor"),
};

function replaced(text, old, replacement) {
  if (!text.includes(old)) throw Error(`Vega has changed: no ${old}`);
  return text.replace(old, replacement);
}

// A canvas has the pixels that are seen: no more than its column (live.js says it), or WebKit drops rows of the letters; twice
// as many where a phone has three times, which takes twice as long to paint.
const fitted = (resize) =>
  replaced(
    replaced(resize, "? devicePixelRatio()", "? Math.min(2, devicePixelRatio()) * Math.min(1, (canvas.parentNode.room ?? width) / width)"),
    "canvas.width = width * ratio;",
    "canvas.width = Math.round(width * ratio);",
  );

// Vega's packages from their sources, so that what is not used falls away; without the definitions that only its parser reads.
const cut = {
  name: "cut",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(d3|vega|topojson)-[a-z-]+$/ }, ({ path }) => {
      if (path in STAND_INS) return { path, namespace: "stand-in" };
      if (path === "vega-functions") return { path: `${SCRIPTS}functions.js` };
      const source = ["index.browser.js", "index.js"].map((name) => `${PACKAGES}${path}/${name}`).find(existsSync);
      if (path.startsWith("vega-") && source) return { path: source, sideEffects: false };
    });
    onResolve({ filter: /^vega-functions\/src\// }, ({ path }) => ({ path: PACKAGES + path, sideEffects: false }));
    onLoad({ filter: /.*/, namespace: "stand-in" }, ({ path }) => ({ contents: STAND_INS[path], loader: "js" }));
    onLoad({ filter: /vega-(transforms|view-transforms|encode)\/src\/.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/^\w+\.Definition = \{[\s\S]*?^\};?$/gm, ""),
    }));
    onLoad({ filter: /vega-scenegraph\/src\/util\/canvas\/resize\.js$/ }, ({ path }) => ({ contents: fitted(readFileSync(path, "utf8")) }));
    onLoad({ filter: /vega-scale\/src\/palettes\.js$/ }, ({ path }) => ({
      contents: `export const discrete = {}, continuous = { ${readFileSync(path, "utf8").match(/viridis: *'\w+'/)} };`,
    }));
  },
};

async function bundle(entries, more) {
  const options = { bundle: true, minify: true, format: "esm", target: "es2022", legalComments: "inline", logLevel: "error", plugins: [cut] };
  return build({ entryPoints: entries.map((name) => SCRIPTS + name), nodePaths: [PACKAGES], ...options, ...more });
}

// What a chart's module needs of the engine.
async function needs(path) {
  const source = readFileSync(path, "utf8"), transforms = new Set();
  const { flow } = await import(pathToFileURL(path));
  (function walk(node) {
    if (node === null || typeof node !== "object") return;
    if (typeof node.type === "string" && "id" in node) transforms.add(node.type);
    Object.values(node).forEach(walk);
  })(flow().operators);
  return { transforms, functions: new Set([...source.matchAll(/\bthis\.(\w+)/g)].map(([, name]) => name)) };
}

async function names(entry) {
  const { outputFiles } = await bundle([entry], { write: false, minify: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

// The scripts of the pages: live.js begins with `before`, and the engine is a file that is made already.
const pages = (before, engine) => ({
  name: "pages",
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /scripts\/live\.js$/ }, ({ path }) => ({ contents: before + readFileSync(path, "utf8") }));
    onResolve({ filter: /^\.\/engine\.js$/ }, () => ({ path: `./chunks/${engine}`, external: true }));
  },
});

answer(async ({ modules, target, before }) => {
  const { functionContext } = await names("functions.js");
  const known = readFileSync(`${SCRIPTS}engine.js`, "utf8");
  for (const file of readdirSync(modules)) {
    const { transforms, functions } = await needs(modules + "/" + file);
    const lost = [...transforms].filter((name) => name !== "operator" && !RegExp(`\\b${name}\\b`).test(known));
    lost.push(...[...functions].filter((name) => name !== "theme" && !(name in functionContext)));
    if (lost.length) throw Error(`${file} needs ${lost}: add it to book/scripts/engine.js or functions.js`);
  }
  rmSync(`${target}/chunks`, { recursive: true, force: true });
  const { metafile } = await bundle(["engine.js"], { outdir: `${target}/chunks`, entryNames: "[name]-[hash]", metafile: true });
  const [engine] = Object.keys(metafile.outputs).map((path) => basename(path));
  await bundle(ENTRIES, { outdir: target, splitting: true, chunkNames: "chunks/[name]-[hash]", plugins: [pages(before, engine)] });
  await bundle(["progress.js"], { outdir: target }); // by itself: what it shares with exercises.js is smaller than a request
  return true;
});
