// How many exercises of each chapter the reader has answered, on the map of the book.
import { right } from "./answers.js";

const rows = [...document.querySelectorAll(".book-map li")].map((row) => [row.dataset.letter, row.querySelector("output")]);
const all = new Map(rows.map(([letter, output]) => [letter, output.textContent]));

function show() {
  const answered = right();
  for (const [letter, output] of rows) {
    const done = answered.filter((code) => code.startsWith(letter)).length;
    output.textContent = done ? `${done} of ${all.get(letter)} right` : all.get(letter);
  }
}
window.addEventListener("pageshow", show); // also when the reader comes back
window.addEventListener("storage", show);
