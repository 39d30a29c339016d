// A plain script -> the same, smaller. Its top-level names stay: pages and other scripts use them.
import { answer } from "./worker.mjs";
import { transform } from "esbuild";

answer(async (source) => (await transform(source, { minify: true, legalComments: "eof" })).code);
