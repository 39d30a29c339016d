// How an answer is judged, by the rule of helpers/page/exercises.py.
import { readings } from "./arithmetic.js";

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
  const rounded = (digits) => Math.floor(answer * 10 ** digits + 0.5) / 10 ** digits;
  if (!whole && value && [0, 1, 2, 3, 4, 5].some((digits) => Math.abs(value - rounded(digits)) < 1e-12)) {
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
