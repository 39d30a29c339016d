// Uses the page's charts by hand: drags every grip, plays and steps, resets, asks for the link; opens
// the definition of every term.
// Gives { charts: { chart: what came of it }, terms: [whether each opened] } and what went wrong on the way.
async () => {
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  async function until(ready, what) {
    for (let tries = 0; !ready(); tries++) {
      if (tries > 2000) throw new Error(`waited in vain for ${what}`);
      await wait(20);
    }
  }
  const sliders = (figure) => Object.fromEntries([...figure.querySelectorAll("input[type=range]")].map(({ name, value }) => [name, Number(value)]));
  const middle = (element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return [(left + right) / 2, (top + bottom) / 2];
  };
  const point = (target, type, [clientX, clientY], buttons) =>
    target.dispatchEvent(new PointerEvent(type, { clientX, clientY, buttons, pointerId: 1, bubbles: true, cancelable: true }));

  // How far a grip is from where it was dragged to, 40 pixels right and up, along the axes that it moves; and what its sliders say.
  async function dragged(figure, grip) {
    const [x, y] = middle(grip), target = [x + 40, y - 40], before = sliders(figure);
    point(grip, "pointerdown", [x, y], 1);
    const followed = () => JSON.stringify(sliders(figure)) !== JSON.stringify(before);
    await until(() => point(window, "pointermove", target, 1) && followed(), "a slider to follow"); // the file that drags comes
    await wait(100);
    const [nowX, nowY] = middle(grip);
    point(window, "pointerup", target, 0);
    const after = sliders(figure);
    point(window, "pointermove", [x, y], 0); // nobody holds it any more
    await wait(50);
    const moves = JSON.parse(grip.dataset.moves);
    const grown = Object.fromEntries(Object.entries(moves).map(([axis, [name]]) => [axis, after[name] - before[name]]));
    const off = Math.max("x" in moves ? Math.abs(nowX - target[0]) : 0, "y" in moves ? Math.abs(nowY - target[1]) : 0);
    return { off, grown, held: JSON.stringify(sliders(figure)) === JSON.stringify(after) };
  }

  async function played(figure, button) {
    const slider = button.closest(".vega-bind").querySelector("input");
    slider.value = slider.min;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    button.click();
    await until(() => Number(slider.value) > Number(slider.min), "the slider to run");
    button.click();
    await wait(200);
    const rested = slider.value;
    await wait(300);
    const stays = slider.value === rested;
    button.nextElementSibling.click();
    await wait(100);
    return { stays, step: Math.round((slider.value - rested) / slider.step) };
  }

  window.dispatchEvent(new Event("pointermove"));
  const charts = {};
  for (const figure of document.querySelectorAll("figure.live-chart")) {
    figure.scrollIntoView({ block: "center" });
    await until(() => figure.dataset.drawn, figure.id);
    const opened = sliders(figure), found = { drags: [], plays: [] };
    for (const grip of figure.querySelectorAll(".live .grip")) found.drags.push(await dragged(figure, grip));
    for (const button of figure.querySelectorAll(".play")) found.plays.push(await played(figure, button));
    figure.querySelector(".share").click();
    await until(() => location.hash.startsWith(`#${figure.id}?`), "the address");
    const shared = Object.fromEntries(new URLSearchParams(location.hash.split("?")[1]));
    found.shared = Object.entries(sliders(figure)).every(([name, value]) => Number(shared[name]) === value);
    figure.querySelector("[type=reset]").click();
    await wait(100);
    found.reset = JSON.stringify(sliders(figure)) === JSON.stringify(opened);
    const { view } = window.liveCharts[figure.id];
    found.drawn = Object.entries(opened).every(([name, value]) => view.signal(name) === value);
    charts[figure.id] = found;
  }
  const terms = [];
  for (const term of document.querySelectorAll("a.term")) {
    const box = document.getElementById(term.getAttribute("aria-describedby")), hidden = !box.matches(":popover-open");
    term.dispatchEvent(new PointerEvent("pointerenter", { pointerType: "mouse" }));
    await wait(50);
    terms.push(hidden && box.matches(":popover-open") && box.textContent.length > 20);
    term.dispatchEvent(new PointerEvent("pointerleave", { pointerType: "mouse" }));
    await until(() => !box.matches(":popover-open"), "a definition to close");
  }
  return { charts, terms, faults: window.faults ?? [] };
}
