// { vega, themed, drag, sketch } -> { picture, module, said, grips, sheet }: a Vega specification as it opens, drawn and in words, and as a
// JavaScript module that is parsed already; and for each mark that is dragged what its grip is told.
// themed: words that stand for the theme's in the specification, { text: colour, muted: …, line: …, font: … }.
// drag: { mark: { x: slider, y: slider } }, one of the two or both. sketch: the mark on which a reader draws; sheet: its place.
import { answer } from "./worker.mjs";
import { found, placeIn } from "../scripts/drag.js";
import { lean } from "./pictures.mjs";
import { transform } from "esbuild";
import { openSync } from "fontkit";
import { fileURLToPath } from "node:url";
import * as vega from "vega";
import { adjustSpatial } from "../../node_modules/vega-runtime/src/util.js";

// Vega's own way to write an expression as the body of a function (vega-runtime, src/expression.js).
const body = (code) => (code.endsWith(";") ? code : `return(${code});`);
function painter({ marktype, channels }) {
  const set = Object.entries(channels).map(([name, { code }]) => {
    const place = `o[${JSON.stringify(name)}]`;
    return `$=${code};if(${place}!==$)${place}=$,m=1;`;
  });
  return `var o=item,datum=o.datum,m=0,$;${set.join("")}${adjustSpatial(channels, marktype)}return m;`;
}

// Moves the expressions of a dataflow into a list of functions, equal ones once, and leaves their numbers in their places.
function moveOut(flow) {
  const functions = new Map();
  const number = (args, code) => {
    const source = `function(${args}){${code}}`;
    if (!functions.has(source)) functions.set(source, functions.size);
    return functions.get(source);
  };
  (function walk(node) {
    if (node === null || typeof node !== "object") return;
    for (const set of Object.values(node.$encode ?? {})) set.$expr = { code: number("item,_", painter(set.$expr)) };
    for (const [key, value] of Object.entries(node)) {
      if (key === "$expr" && typeof value.code === "string") value.code = number("datum,_", body(value.code));
      else if (key === "update" && typeof value?.code === "string") value.code = number("_", body(value.code));
      else if (key !== "value" && key !== "$ingest" && key !== "$encode") walk(value);
    }
  })(flow.operators);
  return [...functions.keys()];
}

// Words are as wide as in a browser that sets them in Arial, or in a font of its widths: Vega only guesses without a canvas.
const face = (style) => openSync(fileURLToPath(import.meta.resolve(`@expo-google-fonts/arimo/${style}/Arimo_${style}.ttf`)));
const FACES = { normal: face("400Regular"), bold: face("700Bold") };
vega.textMetrics.width = ({ fontSize = 11, fontWeight = 400 }, text) => {
  const font = FACES[fontWeight === "bold" || fontWeight >= 600 ? "bold" : "normal"];
  return (font.layout(String(text ?? "").trim()).advanceWidth / font.unitsPerEm) * fontSize;
};

async function opened(spec, themed, drag, sketch) {
  const view = await new vega.View(vega.parse(spec), { renderer: "none" }).runAsync();
  const svg = await view.toSVG();
  const [, width, height] = svg.match(/width="([\d.]+)" height="([\d.]+)"/).map(Number);
  const grips = Object.entries(drag).map(([name, sliders]) => {
    const mark = `${name}_marks`, moves = withScales(spec, mark, sliders), { x, y } = placeIn(view, mark, moves);
    return { mark, moves, left: (100 * x) / width, top: (100 * y) / height };
  });
  return { picture: lean(svg, themed), said: said(view), grips, sheet: sketch && sheetIn(view, sketch, width, height) };
}

// Where a mark lies, in shares of the picture.
function sheetIn(view, mark, width, height) {
  const { item, start } = found(view, `${mark}_marks`), { x1, x2, y1, y2 } = item.bounds;
  return [(start.x + x1) / width, (start.y + y1) / height, (x2 - x1) / width, (y2 - y1) / height];
}

// { x: [slider, scale], … }: each slider with the scale that the mark of this name is placed by.
function withScales(spec, name, sliders) {
  const found = (marks) => marks.flatMap((mark) => (mark.name === name ? [mark] : found(mark.marks ?? [])));
  const [mark] = found(spec.marks);
  if (!mark) throw Error(`no mark is called ${name}, which should be dragged`);
  return Object.fromEntries(Object.entries(sliders).map(([axis, slider]) => [axis, [slider, mark.encode.update[axis].scale]]));
}

function said(view) {
  const names = Object.keys(view.getState({ data: () => true, signals: () => false }).data);
  const rows = names.flatMap((name) => view.data(name) ?? []).filter((row) => row.readout !== undefined);
  return [...new Set(rows.map(({ readout, shown }) => `${readout}: ${shown}`))].join(", ");
}

answer(async ({ vega: spec, themed, drag, sketch }) => {
  for (const signal of spec.signals ?? []) delete signal.bind; // the page has controls of its own
  delete spec.description;
  const { operators, streams, updates, eventConfig, locale } = vega.parse(structuredClone(spec));
  if (streams.length || updates.length) throw Error("the chart listens to events in its picture: charts.mjs does not know them");
  const flow = { operators, streams, updates, eventConfig, locale };
  let functions = moveOut(flow).join(",\n");
  for (const [name, word] of Object.entries(themed)) functions = functions.replaceAll(`"${word}"`, `this.theme.${name}`);
  const left = Object.values(themed).filter((word) => JSON.stringify(flow).includes(word));
  if (left.length) throw Error(`the theme's ${left} stands in the dataflow, where no function can replace it`);
  const source = `export const flow = () => JSON.parse(${JSON.stringify(JSON.stringify(flow))});\nexport const functions = [${functions}];`;
  const { code } = await transform(source, { minify: true, format: "esm", target: "es2022" });
  return { module: code, ...(await opened(spec, themed, drag, sketch)) };
});
