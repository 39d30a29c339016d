// Vega's pictures, for a page: small, in the theme's colours, a heat map as one image.
import { deflateSync, crc32 } from "node:zlib";
import { optimize } from "svgo";

const MANY = 500; // cells: from here on an image is smaller than their outlines

// Vega's SVG with variables for the theme's colours. Names of clips and gradients are left for the page to prefix.
export function lean(svg, { text, muted, line }) {
  const colors = { [text]: "currentColor", [muted]: "var(--pst-color-text-muted)", [line]: "var(--pst-color-border)" };
  for (const [color, variable] of Object.entries(colors)) svg = svg.replaceAll(`"${color}"`, `"${variable}"`);
  const floatPrecision = svg.includes("scale(") ? 2 : 1; // shapes drawn small and scaled up need more
  const places = { convertPathData: { floatPrecision }, convertTransform: { floatPrecision } };
  const overrides = { cleanupIds: false, removeUnknownsAndDefaults: false, cleanupNumericValues: { floatPrecision: 2 }, ...places };
  const { data } = optimize(svg.replaceAll("xlink:href", "href"), {
    plugins: [
      { name: "preset-default", params: { overrides } }, // opacities keep two digits
      { name: "removeAttrs", params: { attrs: ["class", "role", "aria-.*", "font-family"] } },
      "removeXMLNS",
    ],
  });
  return data;
}

// Replaces the cells of a heat map in a scene by an image with a pixel for each cell.
export function rasterize(mark) {
  for (const item of mark.items ?? []) {
    if (mark.marktype === "group") item.items.forEach(rasterize);
  }
  if (mark.marktype !== "rect" || mark.items.length < MANY) return;
  const places = (name) => [...new Set(mark.items.map((cell) => cell[name]))].sort((a, b) => a - b);
  const xs = places("x"), ys = places("y");
  if (xs.length * ys.length !== mark.items.length) throw Error("a heat map has to be a whole grid");
  const rows = ys.map(() => new Uint8Array(1 + 3 * xs.length)); // a row of a PNG begins with its filter, 0
  for (const { x, y, fill } of mark.items) rows[ys.indexOf(y)].set(fill.match(/\d+/g).map(Number), 1 + 3 * xs.indexOf(x));
  const [first] = mark.items, last = mark.items.reduce((a, b) => (b.x + b.y > a.x + a.y ? b : a));
  const box = { x: xs[0], y: ys[0], width: last.x + last.width - xs[0], height: last.y + last.height - ys[0] };
  const url = `data:image/png;base64,${png(xs.length, ys.length, Buffer.concat(rows)).toString("base64")}`;
  mark.marktype = "image";
  mark.items = [Object.assign(first, box, { url, aspect: false, smooth: false, fill: undefined })];
}

function png(width, height, rows) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  const parts = { IHDR: head, IDAT: deflateSync(rows, { level: 9 }), IEND: Buffer.alloc(0) };
  const chunks = Object.entries(parts).map(([name, data]) => {
    const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(name), data, Buffer.alloc(4)]);
    chunk.writeUInt32BE(data.length, 0);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
    return chunk;
  });
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]);
}
