// Draws the live charts of a page. Bundled at build time with Vega, Vega-Lite and Vega-Embed by book/site_extension.py.
// Each chart waits in the page as <figure class="live-chart"><script type="application/json">…</script>…</figure>.

const NARROW = 660; // pixels: below this, views stand under each other
const AXIS = 62; // pixels that the axis of a view takes beside it
const charts = new Map(); // figure -> { view, spec, signals }
let printing = false;
let theme; // to go back to, after printing

// Vega-Lite's configuration in the colours and the font of the page, light or dark.
function themeConfig() {
  const style = getComputedStyle(document.documentElement);
  const text = style.getPropertyValue("--pst-color-text-base").trim();
  const muted = style.getPropertyValue("--pst-color-text-muted").trim();
  const line = style.getPropertyValue("--pst-color-border").trim();
  return {
    background: null,
    padding: { left: 12, top: 5, right: 5, bottom: 14 }, // slack: labels change their size while a slider moves
    axisY: { minExtent: 32 },
    font: getComputedStyle(document.body).fontFamily,
    text: { color: text },
    title: { color: text, fontSize: 14, fontWeight: 600 },
    view: { stroke: line },
    header: { labelColor: text, titleColor: text },
    legend: { labelColor: text, titleColor: text, labelFontSize: 12, titleFontSize: 12 },
    axis: {
      labelColor: muted, titleColor: text, titleFontWeight: 400, labelFontSize: 11, titleFontSize: 12,
      labelSeparation: 6, domainColor: line, tickColor: line, gridColor: line, gridOpacity: 0.6, aria: false,
    },
    mark: { aria: false },
  };
}

// A title in lines of at most `most` letters, or a long one would make the whole chart shrink.
function lines(title, most) {
  const found = [""];
  for (const word of title.split(" ")) {
    if (found.at(-1).length + word.length >= most) found.push(word);
    else found.push(`${found.pop()} ${word}`.trim());
  }
  return found;
}

// The same chart for a column `width` pixels wide.
function fitted(node, width, narrow) {
  if (Array.isArray(node)) return node.map((child) => fitted(child, width, narrow));
  if (node === null || typeof node !== "object") return node;
  const copy = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "data" || key === "datasets" || key === "transform" || key === "encoding") copy[key] = value;
    else if (key === "hconcat" && narrow) copy.vconcat = fitted(value, width, narrow);
    else if (key === "width" && typeof value === "number" && narrow) copy.width = Math.min(value, width - AXIS);
    else if (key === "fontSize" && narrow) copy.fontSize = Math.min(value, 15); // of the numbers above a picture
    else if (key === "title" && typeof value === "string" && narrow) copy.title = lines(value, width / 8.5);
    else copy[key] = fitted(value, width, narrow);
  }
  return copy;
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

// Names for what Vega leaves unnamed: a group of radio buttons, a slider's value.
function nameControls(figure) {
  for (const bind of figure.querySelectorAll(".vega-bind")) {
    const radios = bind.querySelector(".vega-bind-radio");
    if (radios) {
      radios.setAttribute("role", "radiogroup");
      radios.setAttribute("aria-label", bind.querySelector(".vega-bind-name").textContent);
    }
    const range = bind.querySelector("input[type=range]");
    if (range) range.nextElementSibling.setAttribute("aria-hidden", "true");
  }
}

// One drawing after the other: two at once, for a new theme and a new width, would leave a view that nobody ends.
function draw(figure) {
  figure.drawing = (figure.drawing ?? Promise.resolve()).catch(() => {}).then(() => drawNow(figure));
  return figure.drawing;
}

async function drawNow(figure) {
  const source = JSON.parse(figure.querySelector("script").textContent);
  const old = charts.get(figure);
  const signals = old ? settings(old.view, source) : [];
  const width = figure.clientWidth;
  const spec = fitted(source, width, width < NARROW);
  spec.config = { ...source.config, ...themeConfig() };
  const place = figure.querySelector(".live-view");
  const { view } = await vegaEmbed(place, spec, { actions: false, renderer: printing ? "svg" : "canvas", tooltip: false });
  if (old) old.view.finalize();
  charts.set(figure, { view });
  const { follows } = source.usermeta;
  for (const [key, value] of signals) view.signal(key, value);
  for (const key of bound(source)) {
    view.addSignalListener(key, () => {
      followOthers(figure, follows);
      announce(figure, view);
    });
  }
  await view.runAsync();
  followOthers(figure, follows);
  nameControls(figure);
  announce(figure, view);
  figure.style.minHeight = "0"; // its true height is known now
  figure.dataset.drawn = String(width < NARROW);
  (window.liveCharts ??= {})[figure.id] = { view, readouts: () => readouts(view) };
}

function bound(spec) {
  return (spec.params ?? []).filter((param) => param.bind).map((param) => param.name);
}

// What the reader has set: [name, value] of each control. Not in drawNow, whose closures would keep the old view for ever.
function settings(view, spec) {
  return bound(spec).map((name) => [name, view.signal(name)]);
}

function redrawAll() {
  for (const figure of charts.keys()) draw(figure);
}

const figures = [...document.querySelectorAll("figure.live-chart")];
const begun = new Set(); // figures that are drawn, or being drawn for the first time
function drawOnce(figure) {
  if (!begun.has(figure)) draw(figure);
  begun.add(figure);
}

const soon = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) drawOnce(target);
  },
  { rootMargin: "600px" },
);
for (const figure of figures) soon.observe(figure);

// A link to a chart leads to its top, and stays there while everything above takes its true height, until the reader moves.
const goal = figures.find((figure) => `#${figure.id}` === location.hash);
if (goal) {
  const hold = new ResizeObserver(() => goal.scrollIntoView({ behavior: "instant" }));
  hold.observe(document.body);
  for (const move of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    window.addEventListener(move, () => hold.disconnect(), { once: true, passive: true });
  }
  for (const figure of figures.slice(0, figures.indexOf(goal) + 1)) drawOnce(figure);
}

// On paper: every chart, drawn or not yet, sharp, as it stands, in the light colours.
window.addEventListener("beforeprint", () => {
  printing = true;
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  for (const figure of figures) {
    begun.add(figure);
    draw(figure);
  }
});
window.addEventListener("afterprint", () => {
  printing = false;
  document.documentElement.dataset.theme = theme;
  redrawAll();
});

new MutationObserver(() => printing || redrawAll()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
let widthBefore = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === widthBefore) return; // a phone's address bar changes the height only
  widthBefore = window.innerWidth;
  clearTimeout(window.liveResize);
  window.liveResize = setTimeout(redrawAll, 150);
});
