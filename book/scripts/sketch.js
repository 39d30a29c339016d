// A sheet over a scene on which a reader draws from a ring on the gripper: where a stroke crosses the gates is a demonstration.

import { canvas, found } from "./drag.js";

const input = (figure) => figure.querySelector(".sketching input");
const status = (figure) => figure.querySelector(".sketching [role=status]");
const say = (figure, words) => (status(figure).textContent = words);

// Puts the sheet over the scene.
export function place(figure, view) {
  const live = figure.querySelector(".live:has(canvas)");
  if (!live) return; // on paper nobody draws
  const { mark } = JSON.parse(figure.dataset.sketch), { item, start } = found(view, `${mark}_marks`);
  const { x, y, zoom } = canvas(figure), origin = live.getBoundingClientRect(), { x1, x2, y1, y2 } = item.bounds;
  let sheet = live.querySelector(".sheet");
  if (!sheet) live.append((sheet = figure.querySelector(".still .sheet").cloneNode(true)));
  sheet.style.left = `${x - origin.x + zoom * (start.x + x1)}px`;
  sheet.style.top = `${y - origin.y + zoom * (start.y + y1)}px`;
  sheet.style.width = `${zoom * (x2 - x1)}px`;
  sheet.style.height = `${zoom * (y2 - y1)}px`;
  const own = figure.querySelector('input[value="own"]').checked, { length } = view.signal("drawn");
  say(figure, own && length ? `${length / 2} demonstrations of your own` : status(figure).dataset.hint);
}

// Where a stroke, points [x, y], crosses the gate at y: { i, x } for each time, i being the number of the point before.
function crossings(stroke, gate) {
  const found = [];
  for (let i = 0; i + 1 < stroke.length; i++) {
    const [x, y] = stroke[i], [xx, yy] = stroke[i + 1];
    if (y !== yy && (y - gate) * (yy - gate) <= 0) found.push({ i, x: x + ((gate - y) / (yy - y)) * (xx - x) });
  }
  return found;
}

// The offsets at both gates: at the second one the first time, at the first one the last time before; nothing if one is missed.
function actionOf(stroke, [near, far]) {
  const [second] = crossings(stroke, far), first = second && crossings(stroke, near).findLast(({ i }) => i <= second.i);
  return first && [first.x, second.x];
}

// Follows a finger or the mouse over the sheet; what it has drawn is added when it lets go.
export function follow(figure, sheet, event, change, viewOf) {
  const { x, y, gates, most } = JSON.parse(figure.dataset.sketch), box = sheet.getBoundingClientRect();
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline"), stroke = [];
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.append(line);
  sheet.append(picture);
  const listening = new AbortController();
  const point = ({ clientX, clientY }) => {
    const across = (clientX - box.left) / box.width, down = (clientY - box.top) / box.height;
    stroke.push([x[0] + across * (x[1] - x[0]), y[1] + down * (y[0] - y[1])]);
    line.setAttribute("points", `${line.getAttribute("points") ?? ""} ${clientX - box.left},${clientY - box.top}`);
  };
  const end = () => {
    listening.abort();
    picture.remove();
    const action = actionOf(stroke, gates), shown = viewOf()?.signal("drawn");
    if (!shown) change(); // the engine is on its way
    else if (!action) say(figure, "It has to cross both gates.");
    else if (shown.length >= 2 * most) say(figure, `${most} are the most.`);
    else keep(figure, [...shown, ...action.map((x) => Number(x.toFixed(2)))], change);
  };
  point(event);
  const { signal } = listening;
  window.addEventListener("pointermove", (moved) => (moved.buttons ? point(moved) : end()), { signal });
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, end, { signal });
}

function keep(figure, demonstrations, change) {
  input(figure).value = demonstrations.join(",");
  figure.querySelector('input[value="own"]').checked = true;
  change();
}

// Take one back, or clear: what is shown, an example too, becomes the reader's own.
export function press(figure, button, change, viewOf) {
  keep(figure, button.className === "clear" ? [] : (viewOf()?.signal("drawn") ?? []).slice(0, -2), change);
}
