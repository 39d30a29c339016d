// What the reader has answered, kept on this device and sent nowhere: { exercise: [text, whether it was right, which draw] }.

const PLACE = "answers";

// Without a store, in a private window for example, nothing is kept, and the page works as before.
export function kept() {
  try {
    return JSON.parse(localStorage.getItem(PLACE)) ?? {};
  } catch {
    return {};
  }
}

// The exercises that are answered right.
export const right = () => Object.entries(kept()).filter(([, [, is]]) => is).map(([code]) => code);

export function keep(code, text, right, drawn) {
  try {
    localStorage.setItem(PLACE, JSON.stringify({ ...kept(), [code]: [text, right, drawn] }));
  } catch {
    // the answer is judged all the same
  }
}

export function forget() {
  try {
    localStorage.removeItem(PLACE);
  } catch {
    // there is nothing to forget
  }
}
