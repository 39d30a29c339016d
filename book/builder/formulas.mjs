// [TeX, whether it stands on a line of its own] -> MathML, by Temml.
import { selectAll } from "css-select";
import { DomUtils, parseDocument } from "htmlparser2";
import temml from "temml";
import { answer } from "./worker.mjs";

// Spaces that TeX sets and Temml forgets, each with what makes Temml set it.
const NAMES = "log|exp|max|min|det|tanh";
const spaced = (tex) =>
  tex
    .replace(RegExp(String.raw`(?<!\\begin\{\w+)([)\]}\d-])\s*\\(${NAMES})(?![a-z])`, "g"), "$1{}\\$2") // before a function
    .replace(/(?:\\!)?\s*\\left(?![a-z])/g, "\\mkern1.5mu\\left") // E_p [ ... ]: the bracket keeps clear of the subscript
    .replace(/(_\{[^{}]*\}|_\w)\s*\\([bB]ig)(?![a-z])/g, "$1\\mkern1.5mu\\$2")
    .replace(/[_^]\{(?:[^{}]|\{[^{}]*\})*\}/g, (script) => script.replace(/\\(?:sim|mid|ge|le)(?![a-z])|[=+-]/g, "{$&}")) // in scripts: none
    .replace(/&\s*([+-])/g, "&{}$1"); // a line that begins with a sign: it adds, it does not negate

// What browsers want said, and Temml leaves to them: that an accent or a brace is one; that the invisible sign behind a function
// takes no room.
function explicit(mathml) {
  const xml = { xmlMode: true, decodeEntities: false };
  const root = parseDocument(mathml, xml);
  for (const { parent } of selectAll("mover > mo[style*=math-depth], munder > mo[style*=math-depth]", root, xml)) {
    parent.attribs[parent.name === "mover" ? "accent" : "accentunder"] = "true";
  }
  for (const { attribs } of selectAll("mo:contains('\u2061')", root, xml)) Object.assign(attribs, { lspace: "0em", rspace: "0em" });
  return DomUtils.getOuterHTML(root, { ...xml, selfClosingTags: false });
}

answer(([tex, display]) =>
  explicit(temml.renderToString(spaced(tex), { displayMode: display, throwOnError: true, wrap: display ? "none" : "tex" })),
);
