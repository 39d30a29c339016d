// Walks the page as a reader does: starts the engine, scrolls to each chart, moves every control to its ends, clicks every choice.
// Gives { chart: [{ control, to, moved, numbers }] } and what went wrong on the way.
async () => {
  const until = async (ready, what) => {
    for (let tries = 0; !ready(); tries++) {
      if (tries > 2000) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  const moves = (figure) =>
    [...figure.querySelectorAll(".vega-bind input")].flatMap((input) =>
      input.type === "range" ? [input.min, input.max, input.defaultValue].map((to) => [input, to]) : [[input, input.value]],
    );

  function put(input, to) {
    if (input.type === "radio") return input.click();
    input.value = to;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // An idle control wakes when another is set to what it needs.
  function wake(figure, input) {
    if (!input.disabled) return;
    const [other, values] = JSON.parse(figure.dataset.follows)[input.name];
    figure.querySelector(`input[name="${other}"][value="${[values].flat()[0]}"]`).click();
  }

  async function look(figure) {
    const { view, readouts } = window.liveCharts[figure.id];
    await view.runAsync();
    const sent = (value) => (Number.isFinite(value) ? value : String(value)); // no infinity travels as JSON
    const numbers = Object.entries(readouts()).map(([name, { value, shown }]) => [name, sent(value), shown]);
    return { picture: figure.querySelector("canvas").toDataURL(), numbers };
  }

  async function walk(figure) {
    figure.scrollIntoView();
    await until(() => figure.dataset.drawn, figure.id);
    window.liveCharts[figure.id].view.logLevel(2); // warnings too
    const found = [];
    for (const [input, to] of moves(figure)) {
      wake(figure, input);
      const before = await look(figure), still = input.type === "radio" ? input.checked : input.value === to;
      put(input, to);
      const { picture, numbers } = await look(figure);
      found.push({ control: input.name, to, moved: still || picture !== before.picture, numbers });
    }
    return found;
  }

  window.dispatchEvent(new Event("pointermove"));
  const charts = {};
  for (const figure of document.querySelectorAll("figure.live-chart")) charts[figure.id] = await walk(figure);
  window.scrollTo(0, document.body.scrollHeight);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const foreign = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => !name.startsWith(location.origin));
  return { charts, faults: [...window.faults, ...foreign] };
}
