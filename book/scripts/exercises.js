// Answers the exercises of a page at once, with no kernel, by the rule of helpers/page/exercises.py.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const THOUSANDS = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/;

// The numbers that a reader's text may mean: "0,5", "−3", "1/8", "50 %", "14 000"; "3,989" is 3989 or 3.989.
function readings(text) {
  const joined = text.trim().replace("−", "-").replace(/(\d)[ \u00a0\u202f](?=\d{3})/g, "$1");
  const scale = joined.endsWith("%") ? 0.01 : 1;
  const plain = joined.replace(/%$/, "").trim();
  const versions = THOUSANDS.test(plain) ? [plain.replaceAll(",", "")] : [];
  if (plain.split(",").length < 3) versions.push(plain.replace(",", "."));
  return versions
    .map((version) => version.split("/").map((part) => part.trim()))
    .filter((parts) => parts.length < 3 && parts.every((part) => NUMBER.test(part)))
    .map(([top, bottom = "1"]) => (scale * Number(top)) / Number(bottom))
    .filter(Number.isFinite);
}

// How far down the list of cases the first that fits stands, and its words.
function judge({ answer, tolerance, mistakes }, value) {
  const near = (goal, share = 0) => Math.abs(value - goal) <= Math.max(tolerance, share * Math.abs(goal));
  if (near(answer)) return [0, `Right: ${answer}.`];
  const nearest = [...mistakes].sort(([a], [b]) => Math.abs(value - a) - Math.abs(value - b));
  for (const [wrong, says] of nearest) {
    const alike = Math.abs(wrong - answer) <= 0.01 * Math.abs(wrong); // too near to the answer to be read generously
    if (near(wrong, alike ? 0 : 0.01)) return [1, `Not yet. ${says}`];
  }
  if (near(-answer)) return [2, "Not yet. The size is right; look at the sign."];
  const whole = Number.isInteger(answer) && tolerance >= 0.2;
  const rounded = (digits) => Math.floor(answer * 10 ** digits + 0.5) / 10 ** digits;
  if (!whole && value && [0, 1, 2, 3, 4, 5].some((digits) => Math.abs(value - rounded(digits)) < 1e-12)) {
    return [3, "Close. Give more digits."];
  }
  if (!whole && answer && Math.abs(value / answer - 1) < 0.03) return [4, "Not yet, but within 3 %. Look for a small slip."];
  return [5, "Not yet. Try again, or open the solution."];
}

function reply(exercise, text) {
  const replies = readings(text).map((value) => judge(exercise, value));
  const [best] = replies.sort(([i, a], [j, b]) => i - j || (a < b ? -1 : 1));
  return best ? best[1] : "Type a number, such as 0.25 or 1/4.";
}

for (const form of document.querySelectorAll("form.exercise")) {
  const exercise = JSON.parse(form.querySelector("script").textContent);
  const output = form.querySelector("output");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    output.textContent = reply(exercise, form.querySelector("input").value);
    output.dataset.right = String(output.textContent.startsWith("Right"));
  });
}
