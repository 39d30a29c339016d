// A slider that runs by itself: its button starts and stops it, a second one moves it a single step.

const frame = () => new Promise((done) => requestAnimationFrame(done));

// change(): draws what the slider says; a promise.
export async function press(button, change) {
  const slider = button.closest(".vega-bind").querySelector("input");
  const low = Number(slider.min), high = Number(slider.max);
  const move = (value) => {
    slider.value = value;
    return change();
  };
  const now = Number(slider.value), ended = now === high; // then it begins anew
  if (button.className === "step") return move(ended ? low : now + Number(slider.step));
  const starts = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(starts));
  if (starts) await run(button, slider, ended ? low : now, move);
}

async function run(button, slider, value, move) {
  const low = Number(slider.min), high = Number(slider.max), speed = (high - low) / Number(button.dataset.seconds) / 1000;
  await move(value);
  let shown = slider.value, before = await frame();
  while (button.getAttribute("aria-pressed") === "true") {
    const now = await frame();
    if (slider.value !== shown) break; // the reader has taken it
    value = Math.min(high, value + speed * Math.min(now - before, 100));
    before = now;
    slider.value = value;
    if (slider.value !== shown) await move(value);
    shown = slider.value;
    if (value === high) break;
  }
  button.setAttribute("aria-pressed", "false");
}
