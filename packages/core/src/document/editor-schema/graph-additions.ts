import type { JsonObject } from "../../json.js";
import { schemaOr, value } from "./activity-additions.js";
import { is } from "./keyword.js";

const match = (expected: JsonObject): JsonObject => ({
  description: "What has to be equal.",
  items: { properties: { expected, actual: value("The value that is compared.") } },
});

const gate = { description: "and: all must match; or: one is enough. and when absent." };

/** What editors tell and check about an edge, over what the compiler checks of its structure. */
export const edgeAdditions: JsonObject = {
  title: "Transition",
  properties: {
    to: { description: "Id of the activity that comes next." },
    conditions: {
      description: "When the edge fires; without conditions it fires for every outcome, errors included.",
      properties: {
        code: { description: "A code, or a list of codes; 200 when absent." },
        gate,
        match: match({ description: "A literal; it is not evaluated." }),
      },
    },
  },
};

/** The same about a hook rule. */
export const ruleAdditions: JsonObject = {
  title: "Hook rule",
  properties: {
    to: { description: "Id of the hook that waits." },
    conditions: {
      description: "Which signals are for which job.",
      properties: { gate, match: match(value("Evaluated in the job that waits.")) },
    },
  },
};

/** The same about a graph. */
export const graphAdditions: JsonObject = {
  title: "Graph",
  description: "Activities that begin with one trigger, and the transitions between them.",
  properties: {
    subscribes: { description: "The topic that starts a job; unique in the app." },
    publishes: { description: "The topic on which results are announced." },
    expire: value("Seconds a finished job is kept: a number, a reference or a pipe."),
    persistent: value("Kept as metadata of the job."),
    title: { description: "Documentation." },
    description: { description: "Documentation." },
    input: {
      description: "The payload that starts a job.",
      properties: {
        schema: schemaOr("JSON Schema of the payload."),
        validate: { description: "true: a payload that breaks the schema starts no job." },
      },
    },
    output: {
      description: "What a job yields.",
      properties: { schema: schemaOr("JSON Schema of the job data; documentation.") },
      patternProperties: { "^\\d{3}$": { properties: { schema: schemaOr("JSON Schema; documentation.") } } },
    },
    transitions: { description: "For each activity, the edges that lead away from it." },
    hooks: { description: "For each signal topic, the hooks that wait for it." },
  },
};

const isTrigger: JsonObject = {
  type: "object",
  required: ["type"],
  properties: { type: { anyOf: [{ const: "trigger" }, is("reference")] } },
};

/** The map of activities: what ids may be, and that one of them is the trigger. */
export const activitiesSchema: JsonObject = {
  description: "Activities by their id, which is unique in the whole app.",
  type: "object",
  patternProperties: { "^(?!\\$)(?!(?:data|metadata)$)(?![\\s\\S]*::)[^./,[\\]{}]+$": is("activity") },
  additionalProperties: {
    type: "null",
    errorMessage: "An id holds none of . / , [ ] { } ::, does not begin with $, and is neither data nor metadata.",
  },
  allOf: [
    {
      not: { additionalProperties: { not: { anyOf: [isTrigger, is("reference")] } } },
      errorMessage: "A graph needs exactly one activity of type trigger.",
    },
  ],
};

/** The same about the app. */
export const appAdditions: JsonObject = {
  description: "A named, versioned bundle of graphs.",
  properties: {
    app: {
      title: "App",
      properties: {
        id: { description: "Name of the app: letters, digits and -." },
        version: { description: "Any text; quote it, since 1.10 is the number 1.1." },
        settings: { description: "Accepted; not available at run time." },
        graphs: { description: "One or more graphs." },
      },
    },
  },
};
