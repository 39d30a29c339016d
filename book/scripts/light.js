// A phrase of the text lights up the mark that it names: all others fade.

const FADED = 0.15;
let putBack = () => {};

// Calls visit(item) for everything that is drawn as data: neither axes nor legends nor the numbers above the picture.
function each(mark, visit) {
  for (const item of mark.items) {
    if (mark.marktype === "group") item.items.forEach((child) => each(child, visit));
    else if (mark.role === "mark" && item.datum?.readout === undefined) visit(item);
  }
}

// Fades what is not called `name`, until fade().
export function light(view, name) {
  fade();
  const before = new Map(), draw = () => view._renderer.render(view._scenegraph.root);
  each(view.scenegraph().root, (item) => {
    if (item.mark.name === `${name}_marks`) return;
    before.set(item, item.opacity);
    item.opacity = FADED * (item.opacity ?? 1);
  });
  draw();
  putBack = () => {
    before.forEach((opacity, item) => (item.opacity = opacity));
    draw();
  };
}

export function fade() {
  putBack();
  putBack = () => {};
}
