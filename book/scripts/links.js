// Links in the text: #mode_averaging?w=0.7 sets a chart, #mode_averaging?mark=mean lights up a mark of it under the pointer.

const linked = ({ target }) => target.closest?.("a.to-chart");

// change(figure): draws what its controls say. viewOf(figure): its view, once it lives.
export function listen(change, viewOf) {
  const open = async (hash) => (await import("./state.js")).open(hash, change);

  async function lighten(event) {
    const link = linked(event);
    if (!link?.hash.includes("mark=")) return;
    const [{ read }, { light, fade }] = await Promise.all([import("./state.js"), import("./light.js")]);
    const { figure, values } = read(link.hash);
    await change(figure);
    if (!link.matches(":hover, :focus")) return; // the pointer has gone on
    light(viewOf(figure), values.mark);
    const later = ({ pointerType }) => setTimeout(fade, pointerType === "touch" ? 1500 : 0); // a finger leaves at once
    for (const end of ["pointerout", "focusout"]) link.addEventListener(end, later, { once: true });
  }

  document.addEventListener("pointerover", lighten);
  document.addEventListener("focusin", lighten);
  document.addEventListener("click", (event) => {
    const link = linked(event);
    if (!link) return;
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    open(link.hash);
  });
  const opened = () => location.hash.includes("?") && open(location.hash);
  window.addEventListener("hashchange", opened);
  opened();
}
