// How an answer is judged, by the rule of helpers/page/exercises.py.
import { readings, valueOf } from "./arithmetic.js";

const rounded = (value, digits) => Math.floor(value * 10 ** digits + 0.5) / 10 ** digits;

// The exercise with the numbers of draw k, in its question, its answer and its mistakes.
export function draw(exercise, k) {
  if (!exercise.drawn) return exercise;
  const { question, answer, mistakes, numbers, decimals, ending } = exercise.drawn;
  const text = (template, form = String) =>
    Object.entries(numbers).reduce((found, [name, values]) => found.replaceAll(`{${name}}`, form(values[k % values.length])), template);
  const number = (expression) => rounded(valueOf(text(expression, (value) => `(${value})`)), decimals ?? 0);
  const named = Object.values(mistakes).map(({ value, reply }) => [number(value), reply]);
  return { ...exercise, question: text(question) + ending, answer: number(answer), mistakes: named };
}

// How far down the list of cases the first that fits stands, and its words.
function judge({ answer, tolerance, mistakes, options }, value) {
  const near = (goal, share = 0) => Math.abs(value - goal) <= Math.max(tolerance, share * Math.abs(goal));
  if (near(answer)) return [0, options ? "Right." : `Right: ${answer}.`];
  const nearest = [...mistakes].sort(([a], [b]) => Math.abs(value - a) - Math.abs(value - b));
  for (const [wrong, says] of nearest) {
    const alike = Math.abs(wrong - answer) <= 0.01 * Math.abs(wrong); // too near to the answer to be read generously
    if (near(wrong, alike ? 0 : 0.01)) return [1, `Not yet. ${says}`];
  }
  if (near(-answer)) return [2, "Not yet. The size is right; look at the sign."];
  const whole = Number.isInteger(answer) && tolerance >= 0.2;
  if (!whole && value && [0, 1, 2, 3, 4, 5].some((digits) => Math.abs(value - rounded(answer, digits)) < 1e-12)) {
    return [3, "Close. Give more digits."];
  }
  if (!whole && answer && Math.abs(value / answer - 1) < 0.03) return [4, "Not yet, but within 3 %. Look for a small slip."];
  return [5, "Not yet. Try again, or open the solution."];
}

// What to say to a text that was typed, or to the number of the option that was chosen.
export function reply(exercise, text) {
  if (exercise.options && !text) return "Choose one.";
  const replies = readings(text).map((value) => judge(exercise, value));
  const [best] = replies.sort(([i, a], [j, b]) => i - j || (a < b ? -1 : 1));
  return best ? best[1] : "Type a number, such as 0.25, 1/4 or ln 2.";
}
