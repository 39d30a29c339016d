/*! Vega, BSD-3-Clause, University of Washington Interactive Data Lab; D3, ISC, Mike Bostock */
// Vega for charts that are compiled already: its view and the transforms in use, without its parser and its compiler of
// expressions. book/builder/bundle.mjs bundles it, and fails where a chart needs a transform or a function that is not here.
import { transforms } from "vega-dataflow";
import { View } from "vega-view";
import {
  aggregate, collect, compare, expression, extent, facet, field, filter, flatten, fold, formula, impute, joinaggregate, key,
  multiextent, multivalues, params, prefacet, proxy, relay, sequence, sieve, subflow, tupleindex, values, window,
} from "vega-transforms";
import { bound, identifier, mark, overlap, render, viewlayout } from "vega-view-transforms";
import { axisticks, datajoin, encode, legendentries, scale, sortitems, stack } from "vega-encode";

Object.assign(transforms, {
  aggregate, collect, compare, expression, extent, facet, field, filter, flatten, fold, formula, impute, joinaggregate, key,
  multiextent, multivalues, params, prefacet, proxy, relay, sequence, sieve, subflow, tupleindex, values, window,
  bound, identifier, mark, overlap, render, viewlayout, axisticks, datajoin, encode, legendentries, scale, sortitems, stack,
});
export { View };
