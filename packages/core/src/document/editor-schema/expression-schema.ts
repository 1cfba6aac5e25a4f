import { functionNames } from "../../expression/functions/registry.js";
import type { JsonObject } from "../../json.js";
import { described, is, mapWith, unlessReference, when } from "./keyword.js";

/** `{$name.…}` whose first segment is none of the names that references begin with: nothing else begins with `$`. */
const unknownRoot =
  "^\\{\\$(?!(?:self|job|app|graph|hook|item|key|index|input|output)\\.)[A-Za-z0-9_$-]*\\.[\\s\\S]*\\}$";

const isPipe = mapWith("@pipe");
const onlyPipe = { ...mapWith("@pipe"), not: { required: ["@reduce"] } };
const onlyReduce = { ...mapWith("@reduce"), not: { required: ["@pipe"] } };

/** Whatever is evaluated: texts, single values, trees of them, pipes and their rows. */
export const expressionDefinitions: JsonObject = {
  reference: {
    title: "Reference",
    description: "Stands for what a file, or a place in it, holds: ./graphs/pick.yaml#/section/key.",
    ...mapWith("$ref"),
    properties: { $ref: { type: "string" } },
  },
  function: {
    title: "Mapping function",
    enum: functionNames().map((name) => `{@${name}}`),
  },
  text: {
    ...when({ type: "string", pattern: "^\\{@[\\s\\S]*\\}$" }, is("function")),
    not: { type: "string", pattern: unknownRoot },
  },
  value: {
    title: "Value",
    description: "A literal, a reference such as {start.output.data.name} or {$job.data.name}, or a map with @pipe.",
    examples: ["{$self.output.data.name}", "{$job.data.name}", "{$job.metadata.jid}"],
    ...when(isPipe, is("pipe")),
    else: is("text"),
  },
  maps: {
    title: "Mapping",
    description: "A tree whose leaves are literals, references such as {start.output.data.name}, or maps with @pipe.",
    ...unlessReference({
      ...when(isPipe, is("pipe")),
      else: { allOf: [is("text")], items: is("maps"), additionalProperties: is("maps") },
    }),
  },
  pipe: {
    title: "Pipe",
    ...unlessReference({
      properties: {
        "@pipe": described("rows", "The first row holds inputs; each later one begins with a function."),
      },
    }),
  },
  rows: unlessReference({ type: "array", minItems: 1, items: [is("firstRow")], additionalItems: is("row") }),
  firstRow: unlessReference({
    title: "Inputs",
    type: ["array", "object"],
    allOf: [when({ type: "array" }, { items: is("cell") }), when(onlyPipe, is("pipe"))],
  }),
  row: unlessReference({
    title: "Row",
    description: "A function and further inputs, a nested @pipe, or a @reduce.",
    type: ["array", "object"],
    allOf: [
      when({ type: "array" }, { minItems: 1, items: [is("operator")], additionalItems: is("cell") }),
      when({ type: "object" }, { anyOf: [{ required: ["@pipe"] }, { required: ["@reduce"] }] }),
      when(onlyPipe, is("pipe")),
      when(onlyReduce, is("reduce")),
    ],
  }),
  reduce: {
    title: "Reduce",
    properties: {
      "@reduce": {
        description: "Rows that fold a collection; they see {$item}, {$key}, {$index}, {$input} and {$output}.",
        ...unlessReference({ type: "array", items: is("row") }),
      },
    },
  },
  operator: {
    anyOf: [
      is("function"),
      { type: "string", pattern: "^\\{\\$(?:item|key|index|input|output)(?:\\.[\\s\\S]*)?\\}$" },
      is("reference"),
    ],
  },
  cell: { anyOf: [is("function"), is("text")] },
};
