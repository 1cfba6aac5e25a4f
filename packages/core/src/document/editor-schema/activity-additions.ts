import type { Json, JsonObject } from "../../json.js";
import { activityTypes } from "../graph-document.js";
import { described, is, when } from "./keyword.js";

/** A value that is evaluated, and what it is for. */
export const value = (description: string): JsonObject => described("value", description);
/** A tree of values. */
const tree = (description: string): JsonObject => described("maps", description);
/** Anything: its content is not evaluated here, or not checked. */
const free = (description: string): JsonObject => ({ description });

/** A JSON Schema, or null, which counts as none. */
export const schemaOr = (description: string): JsonObject => ({
  description,
  anyOf: [is("schema"), { type: "null" }],
});

const byCode: JsonObject = {
  "^\\d{3}$": { properties: { schema: schemaOr("JSON Schema of the data that come with this code; documentation.") } },
};

const block = (description: string, schema: string): JsonObject => ({
  description,
  properties: { schema: schemaOr(schema) },
  patternProperties: byCode,
});

const explanations: Readonly<Record<string, string>> = {
  trigger: "Starts a job of the graph; exactly one per graph.",
  worker: "Sends work to a topic and waits for the answer.",
  await: "Starts a job of another graph and waits for its end.",
  hook: "Passes through, pauses, or waits for a signal.",
  signal: "Sends a signal to activities that wait for it.",
  interrupt: "Stops the own job, or another one.",
  cycle: "Jumps back to an activity before it.",
  activity: "Another spelling of hook.",
};

const typeNames = [...activityTypes, "activity"];

const announcing: JsonObject = {
  emit: value("true: publishes an interim result once this pass has committed."),
  persist: value("true: announces the job as finished while the rest of it goes on."),
};
const threshold: JsonObject = {
  statusThreshold: value("A number of open obligations: at or below it the activity is not executed."),
};
const jobMaps: JsonObject = {
  job: { properties: { maps: tree("Writes job data: each leaf is one field of it.") } },
};
const telemetry: JsonObject = { telemetry: tree("Attributes of the span of this activity.") };
const payload: JsonObject = { input: { properties: { maps: tree("Builds the payload that is sent.") } } };
const ownOutput: JsonObject = { output: { properties: { maps: tree("Computes the output of this activity.") } } };
const pivot: JsonObject = { cycle: free("true: a cycle may enter this activity again; implied when one names it.") };

const only = (type: string | readonly string[]): JsonObject => ({
  properties: { type: { enum: typeof type === "string" ? [type] : type } },
  required: ["type"],
});
const ofType = (type: string | readonly string[], properties: JsonObject): JsonObject =>
  when(only(type), { properties });

const trigger: JsonObject = {
  ...jobMaps,
  ...telemetry,
  ...announcing,
  entity: value("A label of the job, for searches."),
  stats: {
    description: "Id, key and statistics of the job.",
    properties: {
      id: value("Id of the job; one is drawn when this gives nothing."),
      key: value("Groups jobs for statistics and broadcast signals."),
      granularity: free("Length of a time slice; 5m when absent."),
      measures: {
        description: "What is counted per time slice.",
        items: { properties: { measure: free("How it is counted."), target: value("The field that is counted.") } },
      },
    },
  },
  join: { type: "null" },
};

const signal: JsonObject = {
  ...jobMaps,
  ...telemetry,
  ...announcing,
  ...threshold,
  ...ownOutput,
  topic: free("The signal topic."),
  subtype: { description: "one: whoever the rules find; all: every job of an index.", examples: ["one", "all"] },
  signal: { description: "What is sent.", properties: { maps: tree("Builds the payload of the signal.") } },
  resolver: {
    description: "For all: finds the index of jobs.",
    properties: { maps: free("data, range, start, end.") },
  },
  key_name: free("For all: the field of the index."),
  key_value: free("For all: the value of that field."),
  scrub: free("For all: true deletes the index afterwards."),
  status: value("success, pending or error; success when absent."),
  code: value("A three-digit code; 200 when absent."),
};

const interrupt: JsonObject = {
  ...jobMaps,
  ...telemetry,
  ...threshold,
  target: value("Id of the job to stop; the own job when absent."),
  topic: value("Graph topic of that job; the own graph's when absent."),
  reason: value("Message of the error."),
  code: value("Code of the error; 410 when absent."),
  throw: value("false: stops without an error."),
  stack: value("Stack of the error."),
  descend: value("true: stops unfinished jobs that are awaited, too."),
  emit: free("With a target, true: publishes an interim result once this pass has committed."),
  persist: free("With a target, true: announces the job as finished while the rest of it goes on."),
};

// Not looked into: the hook may be one that waits for no signal, and then nothing of it is evaluated.
const escalation = {
  role: "Who is to do it. An item needs a role, a type, a priority or metadata.",
  type: "What is to be done.",
  subtype: "What is to be done, in more detail.",
  entity: "What it is about.",
  description: "What people read.",
  priority: "Lower is more urgent; 5 when absent.",
  metadata: "An object to search by.",
  envelope: "An object that whoever does it needs.",
  expiresAt: "When it is too late: a date, ISO text or epoch milliseconds. It is shown and ends nothing.",
  originId: "Id of the job it all began with.",
  parentId: "Id of the job that started this one.",
  initiatedBy: "Who asked for it.",
  traceId: "Id of the trace.",
  spanId: "Id of the span.",
  taskQueue: "Queue of the workflow.",
  workflowType: "Name of the workflow.",
};

const hook: JsonObject = {
  ...jobMaps,
  ...telemetry,
  ...announcing,
  ...threshold,
  ...ownOutput,
  ...pivot,
  sleep: value("Seconds to pause; with a signal rule, the longest wait."),
  hook: schemaOr("JSON Schema of the signal that is expected; documentation."),
  escalation: {
    description: "Creates a work item while the hook waits for a signal.",
    properties: Object.fromEntries(
      Object.entries(escalation).map(([field, text]): [string, Json] => [field, free(text)]),
    ),
  },
};

const working: JsonObject = { ...jobMaps, ...telemetry, ...announcing, ...threshold, ...payload, ...pivot };

/** What editors tell and check about an activity, over what the compiler checks of its structure. */
export const activityAdditions: JsonObject = {
  title: "Activity",
  properties: {
    type: { description: "What the activity does.", enum: typeNames, enumDescriptions: typeNames.map(explain) },
    title: free("Documentation."),
    description: free("Documentation."),
    join: free("Merges several arrivals: all waits for every incoming edge, any enters at the first."),
    job: block("What the activity writes to the job.", "JSON Schema of the job data; documentation."),
    input: block("What the activity sends.", "JSON Schema of the payload; documentation."),
    output: block("What the activity yields.", "JSON Schema of the output; documentation."),
  },
  allOf: [
    ofType("trigger", trigger),
    ofType("worker", {
      ...working,
      topic: value("The worker topic."),
      subtype: free("May be written in place of topic."),
      retry: { description: "Per code how often it is tried again at once: { '503': [2] }." },
    }),
    ofType("await", {
      ...working,
      topic: value("The topic of the graph to start."),
      subtype: free("May be written in place of topic."),
      await: value("false: goes on as soon as the other job exists."),
    }),
    ofType(["hook", "activity"], hook),
    ofType("signal", signal),
    when(
      {
        required: ["type"],
        properties: { type: { enum: ["signal"] }, subtype: { not: { anyOf: [{ const: "all" }, is("reference")] } } },
      },
      { properties: { topic: is("value") } },
    ),
    ofType("interrupt", interrupt),
    ofType("cycle", {
      ...telemetry,
      ...threshold,
      ...payload,
      ancestor: free("The activity to jump back to: a hook on the way from the trigger."),
    }),
  ],
};

function explain(name: string): string {
  return explanations[name] ?? "";
}
