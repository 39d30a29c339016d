// What the charts' expressions call, in place of all of vega-functions: `this` of every expression.
import { range as sequence } from "d3-array";
import { isTuple } from "vega-dataflow";
import { cumulativeNormal, densityNormal, quantileNormal } from "vega-statistics";
import { flush, lerp, span } from "vega-util";
import { format } from "vega-functions/src/functions/format.js";
import { bandspace, bandwidth, copy, domain, invert, range, scale } from "vega-functions/src/functions/scale.js";
import gradient from "vega-functions/src/functions/scale-gradient.js";
import { indexof, join, slice } from "vega-functions/src/functions/sequence.js";

export const functionContext = {
  bandspace, bandwidth, copy, cumulativeNormal, densityNormal, domain, flush, format, gradient, indexof, invert, isArray: Array.isArray,
  isTuple, isValid: (value) => value != null && value === value, join, lerp, quantileNormal, range, scale, sequence, slice, span,
  __bandwidth: (scale) => (scale && scale.bandwidth ? scale.bandwidth() : 0),
};
