// On a desk the formulas' font is asked for before the page is painted: a line that breaks anew would shift it. Not in Firefox,
// which keeps fonts from page to page and then warns that nobody took the one that was asked for.
if (matchMedia("(min-width: 660px)").matches && !CSS.supports("-moz-appearance", "none")) {
  const href = `${document.documentElement.dataset.content_root}_static/math.woff2`;
  document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href }));
}
