// Greys out each control that another one makes meaningless: follows = { control: [other, value or values] }.
function followOthers(root, follows) {
  for (const [name, [other, value]] of Object.entries(follows)) {
    const control = root.querySelector(`.vega-bind input[name="${name}"]`);
    const chosen = root.querySelector(`.vega-bind input[name="${other}"]:checked`);
    if (!control || !chosen) continue; // not drawn yet
    control.disabled = ![].concat(value).includes(chosen.value);
    control.closest(".vega-bind").classList.toggle("idle", control.disabled);
  }
}
