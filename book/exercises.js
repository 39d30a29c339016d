// Answers the exercises of a page at once, with no kernel, by the rule of helpers/exercises.py.

// "0,5", "−3" and "1/8" are numbers to a reader.
function toNumber(text) {
  const plain = text.trim().replace(",", ".").replace("−", "-").replace("%", "");
  const [top, bottom, ...rest] = plain.split("/");
  const value = bottom === undefined ? Number(top) : Number(top) / Number(bottom);
  if (plain === "" || rest.length || !Number.isFinite(value)) return NaN;
  return text.includes("%") ? value / 100 : value;
}

function reply({ answer, tolerance, mistakes }, value) {
  if (Number.isNaN(value)) return "Type a number, such as 0.25 or 1/4.";
  if (Math.abs(value - answer) <= tolerance) return `Right: ${answer}.`;
  for (const [wrong, says] of mistakes) if (Math.abs(value - wrong) <= tolerance) return `Not yet. ${says}`;
  if (Math.abs(value + answer) <= tolerance) return "Not yet. The size is right; look at the sign.";
  if (answer && Math.abs(value / answer - 1) < 0.03) return "Close. Give one or two digits more.";
  return "Not yet. Try again, or open the solution.";
}

for (const form of document.querySelectorAll("form.exercise")) {
  const exercise = JSON.parse(form.querySelector("script").textContent);
  const output = form.querySelector("output");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    output.textContent = reply(exercise, toNumber(form.querySelector("input").value));
    output.dataset.right = String(output.textContent.startsWith("Right"));
  });
}
