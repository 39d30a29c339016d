// Marks that a reader drags: over each lies a grip, which moves the sliders that it stands for.

const AXES = { x: ["left", "clientX"], y: ["top", "clientY"] };

// The first item of the mark `name`, and the pixel where its group begins; nothing if it is not drawn now.
function search(mark, name, x, y) {
  if (mark.name === name) return mark.items[0] && { item: mark.items[0], start: { x, y } };
  if (mark.marktype !== "group") return null;
  for (const group of mark.items) {
    for (const child of group.items) {
      const found = search(child, name, x + (group.x ?? 0), y + (group.y ?? 0));
      if (found) return found;
    }
  }
  return null;
}
export function found(view, name) {
  const [x, y] = view.origin(), { left, top } = view.padding();
  return search(view.scenegraph().root, name, x + left, y + top);
}

// The pixel of a view where the grip of a mark belongs: on the axes that it moves the mark's own place, its middle on the other.
export function placeIn(view, name, moves) {
  const mark = found(view, name);
  if (!mark) return null;
  const { item, start } = mark, { x1, x2, y1, y2 } = item.bounds;
  return { x: start.x + ("x" in moves ? item.x : (x1 + x2) / 2), y: start.y + ("y" in moves ? item.y : (y1 + y2) / 2) };
}

const movesOf = (grip) => JSON.parse(grip.dataset.moves); // { x: [slider, scale], y: … }, one of them or both
const sliderOf = (figure, name) => figure.querySelector(`.vega-bind input[name="${name}"]`);

// Where the canvas begins on the page, and how many of the page's pixels one of the chart's takes.
export function canvas(figure) {
  const picture = figure.querySelector(".live canvas"), box = picture.getBoundingClientRect();
  return { x: box.left, y: box.top, zoom: box.width / parseFloat(picture.style.width) };
}

// Puts the grips of a chart where its marks are; away where a slider is greyed out.
export function place(figure, view) {
  const live = figure.querySelector(".live:has(canvas)");
  if (!live) return; // on paper nothing is dragged
  const origin = live.getBoundingClientRect(), picture = canvas(figure);
  if (!live.querySelector(".grip")) live.append(...[...figure.querySelectorAll(".still.wide .grip")].map((grip) => grip.cloneNode()));
  for (const grip of live.querySelectorAll(".grip")) {
    const moves = movesOf(grip), at = placeIn(view, grip.dataset.mark, moves);
    grip.hidden = !at || Object.values(moves).some(([name]) => sliderOf(figure, name).disabled);
    if (!at) continue;
    for (const [axis, [side]] of Object.entries(AXES)) {
      grip.style[side] = `${picture[axis] + picture.zoom * at[axis] - origin[axis]}px`;
    }
  }
}

// Follows a finger or the mouse from where it took a grip until it lets go.
export function follow(figure, grip, { clientX, clientY }, change, viewOf) {
  const box = grip.getBoundingClientRect();
  const from = { x: clientX - (box.left + box.right) / 2, y: clientY - (box.top + box.bottom) / 2 }; // beside its middle
  const moves = Object.entries(movesOf(grip)), listening = new AbortController();
  sliderOf(figure, moves[0][1][0]).focus({ preventScroll: true }); // the arrow keys go on where the finger stopped
  const end = () => listening.abort();
  const move = (event) => {
    if (!event.buttons) return end(); // let go while this file was on its way
    const view = viewOf();
    if (!view) return; // the engine is on its way
    const picture = canvas(figure), { start } = found(view, grip.dataset.mark);
    for (const [axis, [name, scale]] of moves) {
      const pixel = (event[AXES[axis][1]] - from[axis] - picture[axis]) / picture.zoom - start[axis];
      sliderOf(figure, name).value = view.scale(scale).invert(pixel);
    }
    change();
  };
  for (const [name, listener] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) {
    window.addEventListener(name, listener, { signal: listening.signal });
  }
}
