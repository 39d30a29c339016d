// { css, icons, pages, scripts } -> the rules of `css` that a page or a script may use, and the icons' rules, minified.
// pages, scripts: the paths of the files. Fails if a rule was cut that some element of a page matches.
import { answer } from "./worker.mjs";
import { selectAll, compile } from "css-select";
import { transform } from "esbuild";
import { parseDocument } from "htmlparser2";
import { readFileSync } from "node:fs";
import { PurgeCSS } from "purgecss";

// States and parts that no element of a page as it is written has.
const STATES = /::?(?:before|after|placeholder|selection|marker|backdrop|(?:-\w+)+|hover|focus(?:-\w+)?|active|visited|link|target|checked|disabled|enabled|(?:in)?valid|autofill|details-content|file-selector-button|placeholder-shown|indeterminate|default|required|read-only|modal)(?![\w(-])/g;

// Whether an element of the documents matches; `words` are all their classes and ids, as .class and #id.
function matches(selector, documents, words) {
  const bare = selector.replace(STATES, "").replace(/(^|[\s>+~(,])(?=[>+~,)]|$)/g, "$1*").trim();
  const needed = bare.replace(/:(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)/g, "").match(/[.#](?:[\w-]|\\.|[^\x00-\x7f])+/g) ?? [];
  if (!needed.every((word) => words.has(word.replaceAll("\\", "")))) return false; // most: that is why they were cut
  const query = compile(bare);
  return documents.some((page) => selectAll(query, page).length);
}

function wordsOf(documents) {
  const words = new Set();
  for (const { attribs } of documents.flatMap((page) => selectAll("*", page))) {
    if (attribs.id) words.add(`#${attribs.id}`);
    for (const name of (attribs.class ?? "").split(/\s+/)) words.add(`.${name}`);
  }
  return words;
}

answer(async ({ css, icons, pages, scripts }) => {
  const [{ css: kept, rejected }] = await new PurgeCSS().purge({
    content: [...pages, ...scripts],
    css: [{ raw: css }],
    safelist: { standard: [/^:/] }, // selectors that name a state only
    keyframes: true,
    variables: true,
    rejected: true,
  });
  const documents = pages.map((path) => parseDocument(readFileSync(path, "utf8")));
  const words = wordsOf(documents);
  const lost = rejected.filter((selector) => matches(selector, documents, words));
  if (lost.length) throw Error(`the stylesheet lost what a page uses: ${lost}`);
  return (await transform(kept + icons, { loader: "css", minify: true, legalComments: "eof", target: ["safari15"] })).code;
});
