// What a reader sees of the notebook that is open in JupyterLab. lab.py adds this to the page.
const panel = () => jupyterapp.shell.currentWidget;
const cells = () => panel().content.widgets;

// Opens a notebook in place of the one that is open.
async function openNotebook(path, kernelPreference) {
  if (panel()?.context) await closeNotebook();
  const opened = await jupyterapp.commands.execute("docmanager:open", { path, kernelPreference });
  await Promise.all([opened.context.ready, opened.context.sessionContext.ready, opened.revealed]);
}

async function closeNotebook() {
  const closed = panel();
  const gone = new Promise((resolve) => closed.context.disposed.connect(resolve));
  await closed.context.sessionContext.shutdown();
  closed.context.model.dirty = false; // else it asks
  closed.close();
  await gone; // else it is found again when it is opened next
}

// The charts that are drawn and in their places, as Vega's own views; _result is what JupyterLab keeps of each.
function views() {
  const outputs = cells().flatMap((cell) => cell.outputArea?.widgets ?? []);
  const drawn = outputs.flatMap((output) => output.widgets).filter((shown) => shown?._result);
  return drawn.map((shown) => shown._result.view).filter((view) => view.container().isConnected);
}

// Contrast, after WCAG 2.

function rgba(color) {
  const dot = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  dot.fillStyle = color;
  dot.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = dot.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}

const blend = (over, under, alpha = over[3]) => [0, 1, 2].map((i) => alpha * over[i] + (1 - alpha) * under[i]);

function luminance(color) {
  const [r, g, b] = color.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

// The colour behind an element: of its nearest ancestor that has one.
function paper(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = rgba(getComputedStyle(at).backgroundColor);
    if (color[3] > 0) return color;
  }
  return [255, 255, 255, 1];
}

// Every text that the view draws: {item, box}, the box in pixels of its canvas.
function texts(view) {
  const found = [];
  const place = view.container().querySelector("canvas").getContext("2d").getTransform();
  const walk = (mark, x, y) => {
    for (const item of mark.items) {
      if (mark.marktype === "group") item.items.forEach((inner) => walk(inner, x + (item.x || 0), y + (item.y || 0)));
      if (mark.marktype !== "text" || !String(item.text ?? "").trim() || !item.fill || item.opacity === 0) continue;
      const [from, to] = [[item.bounds.x1, item.bounds.y1], [item.bounds.x2, item.bounds.y2]].map(([right, down]) =>
        place.transformPoint({ x: x + right, y: y + down }));
      found.push({ item, box: [from.x, from.y, to.x - from.x, to.y - from.y].map(Math.round) });
    }
  };
  walk(view.scenegraph().root, 0, 0);
  return found;
}

// Each word and number of a chart with its contrast: its colour against the pixels that are there without any text.
// Lines may cross a word: what counts is the contrast that three quarters of its pixels reach.
function contrasts(view) {
  const canvas = view.container().querySelector("canvas");
  const behind = paper(canvas);
  const words = texts(view);
  const kept = words.map(({ item }) => item.opacity);
  const redraw = () => view._renderer.render(view.scenegraph().root);
  words.forEach(({ item }) => { item.opacity = 0; });
  redraw();
  const found = words.map(({ item, box }, i) => {
    const { data } = canvas.getContext("2d").getImageData(box[0], box[1], Math.max(box[2], 1), Math.max(box[3], 1));
    const ink = rgba(item.fill);
    const alpha = ink[3] * (kept[i] ?? 1) * (item.fillOpacity ?? 1);
    const ratios = [];
    for (let at = 0; at < data.length; at += 4) {
      const pixel = blend([...data.slice(at, at + 3), data[at + 3] / 255], behind);
      ratios.push(ratio(blend(ink, pixel, alpha), pixel));
    }
    return [String(item.text), ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 4)]];
  });
  words.forEach(({ item }, i) => { item.opacity = kept[i]; });
  redraw();
  return [...found, ...controlContrasts(view.container())];
}

// The same of the words beside its controls, which are not drawn but written.
function controlContrasts(chart) {
  const written = [...chart.querySelectorAll(".vega-bindings *")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()));
  return written.map((element) => {
    const under = paper(element);
    return [element.textContent, ratio(blend(rgba(getComputedStyle(element).color), under), under)];
  });
}

// Space: what of a chart is out of sight, or must be scrolled to.
function outOfSight(view) {
  const chart = view.container();
  const canvas = chart.querySelector("canvas");
  const parts = [canvas, ...chart.querySelectorAll(".vega-bindings, .vega-bindings *")];
  const frame = chart.closest(".jp-OutputArea-output");
  const { left, right } = frame.getBoundingClientRect();
  const end = Math.min(right, frame.closest(".jp-WindowedPanel-outer").getBoundingClientRect().right);
  const cut = parts.filter((part) => part.getBoundingClientRect().left < left - 1 || part.getBoundingClientRect().right > end + 1);
  const broken = [...chart.querySelectorAll(".vega-bind-radio label")].filter((label) => label.getClientRects().length > 1);
  const lost = texts(view).filter(({ box }) => box[0] < -1 || box[0] + box[2] > canvas.width + 1);
  return [
    ...(frame.scrollWidth > frame.clientWidth ? [`scrolls: ${frame.scrollWidth} px in ${frame.clientWidth}`] : []),
    ...cut.map((part) => `cut: ${part.tagName} ${part.textContent}`),
    ...broken.map((label) => `broken: ${label.textContent}`),
    ...lost.map(({ item }) => `outside the picture: ${item.text}`),
  ];
}

// Answers: the ids of the cells of which something is readable that their tags hide, run or not.
function unfolded() {
  const visible = (cell, part) => [...cell.node.querySelectorAll(part)].some((node) => node.checkVisibility());
  return cells().filter((cell) => {
    const tags = cell.model.getMetadata("tags") ?? [];
    if (tags.includes("answer") || !tags.some((tag) => /^(hide|remove)-(cell|input)$/.test(tag))) return false;
    if (visible(cell, ".jp-InputArea-editor")) return true;
    if (!tags.includes("hide-cell")) return false;
    const folded = cell.node.querySelector(".jp-InputPlaceholder")?.textContent.trim(); // a line of what it hides
    return visible(cell, ".jp-OutputArea pre, .jp-OutputArea img, .jp-OutputArea table") || folded === cell.model.sharedModel.getSource().trim();
  }).map((cell) => cell.model.id);
}

// Running.

async function runCell(index) {
  panel().content.activeCellIndex = index;
  await jupyterapp.commands.execute("notebook:run-cell");
}

// Runs the cell of a lab; after how many ms it showed its controls and its bar, and was done.
async function runLab(index) {
  const times = {};
  const parts = { controls: ".noUi-handle", bar: ".progress" };
  const begun = performance.now();
  cells()[index].model.clearExecution(); // what it showed before
  const timer = setInterval(() => {
    for (const [name, selector] of Object.entries(parts)) {
      if (cells()[index].outputArea.node.querySelector(selector)?.checkVisibility()) times[name] ??= performance.now() - begun;
    }
  }, 20);
  await runCell(index);
  clearInterval(timer);
  return { ...times, done: performance.now() - begun };
}
