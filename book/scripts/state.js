// The state of a chart in an address, #mode_averaging?w=0.7&head=flow: read from it, and written for others.

// { figure, values: { name: value } } of such an address; nothing if the page has no such chart.
export function read(hash) {
  const [place, query] = hash.slice(1).split("?");
  const figure = document.getElementById(place);
  return figure?.matches("figure.live-chart") ? { figure, values: Object.fromEntries(new URLSearchParams(query)) } : {};
}

// Sets the controls that the address names, and shows the chart.
export function open(hash, change) {
  const { figure, values } = read(hash);
  if (!figure) return;
  for (const control of figure.querySelectorAll(".vega-bind input")) {
    if (!(control.name in values)) continue;
    if (control.type !== "radio") control.value = values[control.name];
    else control.checked = control.value === values[control.name];
  }
  change(figure);
  figure.scrollIntoView({ block: "nearest" });
}

// Puts the state into the page's address and into the clipboard, and says so.
export async function share(figure, settings, button) {
  history.replaceState(null, "", `#${figure.id}?${new URLSearchParams(settings)}`);
  const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
  const words = button.textContent;
  button.textContent = copied ? "Link copied" : "It is in the address bar";
  setTimeout(() => (button.textContent = words), 2000);
}
