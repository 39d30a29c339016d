// Answers the exercises of a page at once, with no kernel; remembers the answers, and counts them.
import { forget, keep, kept, right } from "./answers.js";
import { draw, reply } from "./judge.js";

const forms = [...document.querySelectorAll("form.exercise")];
const specs = new Map(forms.map((form) => [form, JSON.parse(form.querySelector("script").textContent)]));

const drawn = new Map(); // form -> which draw of its exercise is shown, if not the first
const now = (form) => draw(specs.get(form), drawn.get(form) ?? 0);

function show(form, k) {
  if (!specs.get(form).drawn) return;
  drawn.set(form, k);
  form.querySelector("label span").textContent = now(form).question;
}

const typed = (form) => (form.querySelector("input:checked") ?? form.querySelector("input:not([type=radio])"))?.value ?? "";

function put(form, text) {
  for (const input of form.querySelectorAll("input")) {
    if (input.type === "radio") input.checked = input.value === text;
    else input.value = text;
  }
}

function say(form, words) {
  const output = form.querySelector("output");
  output.textContent = words;
  output.dataset.right = String(words.startsWith("Right"));
}

// How many are right, on this page and in the book; nothing before the first answer.
function count() {
  const line = document.querySelector(".answered"), done = right();
  const here = done.filter((code) => forms.some((form) => specs.get(form).code === code)).length;
  line.hidden = !Object.keys(kept()).length;
  line.querySelector("span").textContent = `${here} of ${forms.length} right on this page, ${done.length} of ${line.dataset.total} in the book.`;
}

for (const [form, spec] of specs) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = typed(form), words = reply(now(form), text);
    say(form, words);
    if (text) keep(spec.code, text, words.startsWith("Right"), drawn.get(form));
    count();
  });
  form.querySelector(".another")?.addEventListener("click", () => {
    const k = drawn.get(form) ?? 0;
    show(form, k + 1 + Math.floor(3 * Math.random())); // not the one that is shown
    put(form, "");
    say(form, "");
  });
}

function remember() {
  const answers = kept();
  for (const [form, spec] of specs) {
    const [text, , k] = answers[spec.code] ?? [""];
    show(form, k ?? 0);
    put(form, text);
    say(form, text && reply(now(form), text));
  }
  count();
}
remember();
window.addEventListener("storage", remember); // answered, or forgotten, in another window

document.querySelector(".answered button").addEventListener("click", () => {
  forget();
  remember();
});
