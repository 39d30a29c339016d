// What a reader does with a chart beside its controls; the files behind it come when they are used.

let drag; // the module, once a chart with grips lives
const grips = (figure) => figure.querySelector(".grip") !== null;

// Puts the grips of a chart where its marks are.
export async function placeGrips(figure, view) {
  if (figure.dataset.sketch) (await import("./sketch.js")).place(figure, view);
  if (!grips(figure)) return;
  drag ??= await import("./drag.js");
  drag.place(figure, view);
}

// change(): draws what the controls of the figure say. viewOf(): its view, once it lives. settings(): its controls' values.
export function listen(figure, change, viewOf, settings) {
  figure.addEventListener("reset", () => setTimeout(change)); // the browser puts the controls back after this
  figure.addEventListener("click", async ({ target }) => {
    const button = target.closest(".play, .step");
    if (button) (await import("./play.js")).press(button, change);
    if (target.closest(".back, .clear")) (await import("./sketch.js")).press(figure, target, change, viewOf);
    if (target.closest(".share")) (await import("./state.js")).share(figure, settings(), target);
  });
  figure.addEventListener("pointerdown", async (event) => {
    const sheet = event.target.closest(".start")?.parentElement, grip = event.target.closest(".grip");
    if (sheet) return (await import("./sketch.js")).follow(figure, sheet, event, change, viewOf);
    if (!grip) return;
    event.preventDefault(); // no text is selected on the way
    change();
    drag ??= await import("./drag.js");
    drag.follow(figure, grip, event, change, viewOf);
  });
}
