// Numbers as people type them: ln 2, 1/3, 2^-3, sqrt(2), 2 pi, 50 %, 14 000, 31,858, 0,5. As helpers/page/arithmetic.py reads them.

const NUMBER = /\d+(,\d+)*(\.\d+)?|\.\d+/g;
const THOUSANDS = /^\d{1,3}(,\d{3})+(\.\d+)?$/;
const TOKEN = /\s*((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|log(?:2|10)(?=\s*\()|ln|log|exp|sqrt|pi|e|[-+*/^()])/iy;
const SAME = { "−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "**": "^", "√": "sqrt", "π": "pi", "½": "(1/2)" };
const FUNCTIONS = { ln: Math.log, log: Math.log, log2: Math.log2, log10: Math.log10, exp: Math.exp, sqrt: Math.sqrt };
const CONSTANTS = { pi: Math.PI, e: Math.E };

// The numbers that the text may mean: 3,989 is 3989 or 3.989. None if it is no number.
export function readings(typed) {
  let text = typed;
  for (const [sign, plain] of Object.entries(SAME)) text = text.replaceAll(sign, plain);
  text = text.trim().replace(/(\d)[ \u00a0\u202f](?=\d{3})/g, "$1");
  const scale = text.endsWith("%") ? 0.01 : 1, found = [];
  for (const commas of [betweenThousands, decimal]) {
    try {
      const value = scale * valueOf(text.replace(/[% ]+$/, "").replace(NUMBER, (number) => commas(number)));
      if (Number.isFinite(value) && !found.includes(value)) found.push(value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return found;
}

// Its commas taken to stand between thousands, if they can.
const betweenThousands = (number) => (THOUSANDS.test(number) ? number.replaceAll(",", "") : decimal(number));

// Its comma taken for the point.
function decimal(number) {
  if (number.replace(/[^,.]/g, "").length > 1) throw RangeError(number);
  return number.replace(",", ".");
}

// Sums, products, powers, functions and brackets.
export function valueOf(text) {
  const rest = [];
  for (TOKEN.lastIndex = 0; text.slice(TOKEN.lastIndex).trim(); ) {
    const token = TOKEN.exec(text);
    if (!token) throw RangeError(text);
    rest.unshift(token[1].toLowerCase());
  }
  const value = total(rest);
  if (rest.length) throw RangeError(text);
  return value;
}

const next = (rest, any) => rest.length > 0 && any.includes(rest.at(-1)[0]); // rest: what is not read yet, the next token last

function total(rest) {
  let value = product(rest);
  while (next(rest, "+-")) value += rest.pop() === "+" ? product(rest) : -product(rest);
  return value;
}

function product(rest) {
  let value = signed(rest);
  while (rest.length && !next(rest, "+-)")) {
    if (next(rest, "/")) value /= (rest.pop(), signed(rest));
    else if (next(rest, "*")) value *= (rest.pop(), signed(rest));
    else if (next(rest, "0123456789.^")) throw RangeError("two numbers and nothing between them");
    else value *= power(rest); // 2 ln 2, 3 pi, 2 (1 + 1)
  }
  return value;
}

function signed(rest) {
  if (next(rest, "+-")) return rest.pop() === "+" ? signed(rest) : -signed(rest);
  return power(rest);
}

function power(rest) {
  const base = atom(rest);
  if (!next(rest, "^")) return base;
  rest.pop();
  return base ** signed(rest);
}

function atom(rest) {
  const token = rest.pop();
  if (token === "(") {
    const value = total(rest);
    if (rest.pop() !== ")") throw RangeError("a bracket stays open");
    return value;
  }
  if (token in FUNCTIONS) return FUNCTIONS[token](power(rest));
  if (token in CONSTANTS) return CONSTANTS[token];
  if (!/^[\d.]/.test(token)) throw RangeError("it ends too early");
  return Number(token);
}
