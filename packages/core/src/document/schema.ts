import type { JsonObject } from "../json.js";
import { granularities, measures } from "./graph-document.js";

/**
 * The structure of a document as JSON Schema (2020-12): which keys must be there, and of which kind and range values
 * are. Keys whose value is null count as absent and are left out before a document is held against it. What names
 * mean, and expressions, are not its business; neither are types of activities, which have a diagnostic of their own.
 */
const text: JsonObject = { type: "string" };
const name: JsonObject = { type: "string", minLength: 1 };
const map: JsonObject = { type: "object" };
const gate: JsonObject = { enum: ["and", "or"] };
const code: JsonObject = { type: ["number", "string"] };
const block: JsonObject = { type: "object" };
const listOf = (items: JsonObject): JsonObject => ({ type: "array", items });
const mapOf = (additionalProperties: JsonObject): JsonObject => ({ type: "object", additionalProperties });

const match = listOf(map);

const edge: JsonObject = {
  type: "object",
  required: ["to"],
  properties: {
    to: text,
    conditions: {
      type: ["object", "boolean"],
      properties: { code: { type: ["number", "string", "array"], items: code }, gate, match },
    },
  },
};

const rule: JsonObject = {
  type: "object",
  required: ["to"],
  properties: { to: text, conditions: { type: "object", properties: { gate, match } } },
};

const stats: JsonObject = {
  type: "object",
  properties: {
    granularity: { enum: granularities },
    measures: listOf({ type: "object", required: ["measure"], properties: { measure: { enum: measures } } }),
  },
};

const ofType = (types: readonly string[], properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  if: { properties: { type: { enum: types } }, required: ["type"] },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema.
  then: { properties, ...more },
});

const activity: JsonObject = {
  type: "object",
  required: ["type"],
  properties: { type: text, join: { enum: ["all", "any"] }, job: block, input: block, output: block },
  allOf: [
    ofType(["trigger"], { stats }),
    ofType(["worker"], { retry: mapOf({ type: "array", minItems: 1, items: { type: "integer", minimum: 0 } }) }),
    ofType(["worker", "await", "hook", "activity"], { cycle: { type: "boolean" } }),
    ofType(["hook", "activity"], { escalation: map }),
    ofType(["signal"], { subtype: text, signal: block, resolver: block }),
    ofType(["cycle"], { ancestor: text }, { required: ["ancestor"] }),
  ],
};

const graph: JsonObject = {
  type: "object",
  required: ["subscribes", "activities"],
  properties: {
    subscribes: { type: "string", minLength: 1, pattern: "^[^.]" },
    publishes: name,
    input: {
      type: "object",
      properties: { validate: { type: "boolean" } },
      if: { properties: { validate: { const: true } }, required: ["validate"] },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema.
      then: { required: ["schema"] },
    },
    output: block,
    activities: mapOf(activity),
    transitions: mapOf(listOf(edge)),
    hooks: mapOf(listOf(rule)),
  },
};

/** The JSON Schema of a whole document. */
export const documentSchema: JsonObject = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "HotMesh app",
  type: "object",
  required: ["app"],
  properties: {
    app: {
      type: "object",
      required: ["id", "version", "graphs"],
      properties: {
        id: { type: "string", pattern: "^[A-Za-z0-9-]+$", not: { const: "a" } },
        version: { type: ["string", "number"], minLength: 1 },
        graphs: { type: "array", minItems: 1, items: graph },
      },
    },
  },
};
