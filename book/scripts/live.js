// The live charts of a page: pictures and controls are there already; the engine starts at the reader's first touch. What
// else a reader may do with a chart, dragging, playing, sharing, is in files of its own, which come when they are used.

import * as links from "./links.js";
import * as touch from "./touch.js";

const NARROW = 660; // pixels: the rule of the container query in charts.css
const figures = [...document.querySelectorAll("figure.live-chart")];
const charts = new Map(); // figure -> its view
const here = import.meta.url;
const modules = new Map(); // address -> what it exports
let engine; // a promise of Vega
let printing = false;

const controls = (figure) => [...figure.querySelectorAll(".vega-bind input")];
const kind = (figure) => (figure.clientWidth < NARROW ? "narrow" : "wide");
const moduleOf = (figure) => new URL(`charts/${figure.dataset.chart}.${kind(figure)}.js`, here);

// { name: value } of the controls, as they stand; null for a choice that is not made yet.
function settings(figure) {
  const found = {};
  for (const { type, name, value, checked, dataset } of controls(figure)) {
    if (type === "range") found[name] = Number(value);
    else if (type === "text") found[name] = value.split(",").filter(Boolean).map(Number).filter(Number.isFinite);
    else if (checked) found[name] = dataset.type === "number" ? Number(value) : value;
    else found[name] ??= null;
  }
  return found;
}

function theme() {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--pst-color-${name}`).trim();
  return { text: color("text-base"), muted: color("text-muted"), line: color("border"), font: style.getPropertyValue("--chart-font") };
}

// The numbers a chart shows: { name: { value, shown } }, from its rows with a field `readout`.
function readouts(view) {
  const found = {};
  const names = Object.keys(view.getState({ data: () => true, signals: () => false }).data);
  for (const row of names.flatMap((name) => view.data(name) ?? [])) {
    if (row.readout === undefined) continue;
    const { readout, value } = row, shown = String(row.shown);
    if (found[readout] && found[readout].shown !== shown) console.error(`two numbers are called ${readout}`);
    found[readout] = { value, shown };
  }
  return found;
}

// Says the key numbers to a screen reader, once the reader has stopped moving a control.
function announce(figure, view) {
  clearTimeout(figure.announcing);
  figure.announcing = setTimeout(() => {
    const said = Object.entries(readouts(view)).map(([name, { shown }]) => `${name}: ${shown}`);
    figure.querySelector(".live-text").textContent = said.join(", ");
  }, 600);
}

// A chart's module. On paper nothing is waited for, so one that has come is not asked for again.
async function moduleFor(figure) {
  const address = moduleOf(figure).href;
  if (!modules.has(address)) modules.set(address, await import(address));
  return modules.get(address);
}

// A view of the chart that shows what its controls say, drawn in `place`.
async function viewIn(place, figure) {
  const [{ View }, { flow, functions }] = await Promise.all([engine, moduleFor(figure)]);
  const find = (context, { code }) => functions[code].bind(context.functions);
  const renderer = printing ? "svg" : "canvas";
  const view = new View(flow(), { renderer, tooltip: () => {}, expr: { operator: find, parameter: find, encode: find } });
  view._runtime.functions.theme = theme(); // before anything is drawn
  place.room = figure.clientWidth;
  view.initialize(place, document.createElement("form")); // its own form for controls stays out of the page
  await set(view, figure);
  return view;
}

async function set(view, figure) {
  const { recording } = figure.dataset;
  if (recording) figure.played ??= await (await import("./recording.js")).fetched(new URL(`recordings/${recording}`, here));
  const values = settings(figure);
  if (recording) values.recorded = figure.played(values);
  for (const [name, value] of Object.entries(values)) view.signal(name, value);
  await view.runAsync();
  if (charts.get(figure) === view) await touch.placeGrips(figure, view);
}

// One drawing after the other: two at once, for a new theme and a new width, would leave a view that nobody ends.
function draw(figure) {
  figure.drawing = (figure.drawing ?? Promise.resolve()).catch(() => {}).then(() => drawNow(figure));
  return figure.drawing;
}

async function drawNow(figure) {
  const place = document.createElement("div");
  place.className = "live";
  const view = await viewIn(place, figure);
  await set(view, figure); // whatever was moved meanwhile
  const box = figure.querySelector(".live-view");
  box.querySelector(".live")?.remove();
  box.append(place);
  charts.get(figure)?.finalize();
  charts.set(figure, view);
  await touch.placeGrips(figure, view);
  figure.dataset.drawn = kind(figure);
  performance.mark("live");
  (window.liveCharts ??= {})[figure.id] = { view, readouts: () => readouts(view) };
  announce(figure, view);
}

const redrawAll = () => [...charts.keys()].forEach(draw);
const begun = new Set(); // figures that are drawn, or being drawn for the first time
function drawOnce(figure) {
  if (begun.has(figure)) return;
  begun.add(figure);
  draw(figure).catch((error) => {
    begun.delete(figure); // what did not come is asked for at the next move
    throw error;
  });
}

function start() {
  if (engine) return;
  performance.mark("touch");
  engine = import("./engine.js");
  const near = new IntersectionObserver(
    (entries) => entries.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => drawOnce(target)),
    { rootMargin: "600px" },
  );
  for (const figure of figures) near.observe(figure);
  new MutationObserver(() => printing || redrawAll()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

let widthBefore = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === widthBefore) return; // a phone's address bar changes the height only
  widthBefore = window.innerWidth;
  clearTimeout(window.liveResize);
  window.liveResize = setTimeout(redrawAll, 150);
});

// Shows what the controls of a chart say: beside them, in the controls that depend on them, in the picture.
async function change(figure) {
  for (const control of controls(figure)) if (control.type === "range") control.nextElementSibling.textContent = control.value;
  followOthers(figure, JSON.parse(figure.dataset.follows));
  start();
  drawOnce(figure);
  const view = charts.get(figure);
  if (!view) return figure.drawing;
  await set(view, figure);
  announce(figure, view);
}

for (const figure of figures) {
  figure.addEventListener("input", () => change(figure));
  touch.listen(figure, () => change(figure), () => charts.get(figure), () => settings(figure));
  const kept = controls(figure).some((c) => c.value !== c.defaultValue || c.checked !== c.defaultChecked);
  if (kept) change(figure); // over a reload
}
links.listen(change, (figure) => charts.get(figure));

for (const move of ["pointerdown", "pointermove", "touchstart", "keydown", "wheel", "scroll"]) {
  window.addEventListener(move, start, { once: true, passive: true });
}

// On paper: every chart that lives, sharp, as it stands, in the light colours; the others are pictures anyway.
let themeBefore;
window.addEventListener("beforeprint", () => {
  printing = true;
  themeBefore = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  redrawAll();
});
window.addEventListener("afterprint", () => {
  printing = false;
  document.documentElement.dataset.theme = themeBefore;
  redrawAll();
});
