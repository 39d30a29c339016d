// Vega's pictures, for a page: small and in the theme's colours.
import { optimize } from "svgo";

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
