import { expect, test } from "vitest";
import { accepts, problemsOf } from "./editor-schema.suite.js";

const a = { type: "trigger" };
const app = { id: "demo", version: "1", graphs: [{ subscribes: "t", activities: { a } }] };

/** The smallest document, with more in its app, its graph, its trigger, or a second activity. */
const withApp = (more: object) => ({ app: { ...app, ...more } });
const graph = (more: object) => withApp({ graphs: [{ subscribes: "t", activities: { a }, ...more }] });
const trigger = (more: object) => graph({ activities: { a: { ...a, ...more } } });
const second = (b: unknown) => graph({ activities: { a, b }, transitions: { a: [{ to: "b" }] } });
const edge = (conditions: unknown) =>
  graph({ activities: { a, b: { type: "hook" } }, transitions: { a: [{ to: "b", conditions }] } });
const rule = (hooks: unknown) => graph({ activities: { a, b: { type: "hook" } }, hooks });
const pipe = (rows: unknown) => trigger({ job: { maps: { x: { "@pipe": rows } } } });
const schema = (input: unknown) => graph({ input: { schema: input } });

test("the smallest document is fine", () => {
  expect([accepts({ app }), problemsOf({ app })]).toEqual([true, []]);
});

test.each<readonly [reason: string, code: string, document: unknown]>([
  ["a text", "not-a-document", "app"],
  ["a map without app", "not-a-document", { graphs: [] }],
  ["an app that is no map", "bad-value", { app: [] }],
  ["no id", "missing-key", withApp({ id: undefined })],
  ["an id that is null", "missing-key", withApp({ id: null })],
  ["an id with a dot", "bad-value", withApp({ id: "a.b" })],
  ["the reserved id", "bad-value", withApp({ id: "a" })],
  ["an id that is a number", "bad-value", withApp({ id: 5 })],
  ["no version", "missing-key", withApp({ version: undefined })],
  ["an empty version", "bad-value", withApp({ version: "" })],
  ["a version that is a list", "bad-value", withApp({ version: [1] })],
  ["no graphs", "missing-key", withApp({ graphs: undefined })],
  ["an empty list of graphs", "bad-value", withApp({ graphs: [] })],
  ["graphs that are a map", "bad-value", withApp({ graphs: { t: {} } })],
  ["a graph that is null", "bad-value", withApp({ graphs: [null] })],
  ["no topic", "missing-key", graph({ subscribes: undefined })],
  ["a topic that begins with a dot", "bad-value", graph({ subscribes: ".t" })],
  ["an empty topic", "bad-value", graph({ subscribes: "" })],
  ["a topic that is a number", "bad-value", graph({ subscribes: 5 })],
  ["publishing on nothing", "bad-value", graph({ publishes: "" })],
  ["publishing on a list", "bad-value", graph({ publishes: ["a"] })],
  ["validate that is a text", "bad-value", graph({ input: { validate: "yes" } })],
  ["validate without a schema", "bad-value", graph({ input: { validate: true } })],
  ["an input that is a list", "bad-value", graph({ input: [] })],
  ["an output that is a text", "bad-value", graph({ output: "x" })],
  ["an expire that calls nothing", "unknown-function", graph({ expire: "{@math.ad}" })],
  ["an expire with an empty pipe", "bad-pipe", graph({ expire: { "@pipe": [] } })],
  ["no activities", "missing-key", graph({ activities: undefined })],
  ["an empty map of activities", "no-trigger", graph({ activities: {} })],
  ["no trigger", "no-trigger", graph({ activities: { h: { type: "hook" } } })],
  ["an id with a dot in it", "bad-id", graph({ activities: { a, "x.y": { type: "hook" } } })],
  ["an id that begins with $", "bad-id", graph({ activities: { a, $x: { type: "hook" } } })],
  ["the id data", "bad-id", graph({ activities: { a, data: { type: "hook" } } })],
  ["an id with ::", "bad-id", graph({ activities: { a, "x::y": { type: "hook" } } })],
  ["an activity without a type", "missing-key", second({ topic: "x" })],
  ["an activity that is a text", "bad-value", second("worker")],
  ["a type that does not exist", "unknown-type", second({ type: "emit" })],
  ["a type that is null", "missing-key", second({ type: null })],
  ["a join of one", "bad-value", second({ type: "hook", join: "one" })],
  ["a join on a trigger", "bad-join", trigger({ join: "all" })],
  ["a job that is a list", "bad-value", second({ type: "hook", job: [] })],
  ["a cycle without an ancestor", "missing-key", second({ type: "cycle" })],
  ["a cycle with two ancestors", "bad-value", second({ type: "cycle", ancestor: ["a", "b"] })],
  ["a pivot of text", "bad-value", second({ type: "hook", cycle: "yes" })],
  ["retries without a list", "bad-value", second({ type: "worker", retry: { 503: 2 } })],
  ["retries that are negative", "bad-value", second({ type: "worker", retry: { 503: [-1] } })],
  ["an empty list of retries", "bad-value", second({ type: "worker", retry: { 503: [] } })],
  ["a granularity of a day", "bad-value", trigger({ stats: { granularity: "1d" } })],
  ["a measure without its kind", "missing-key", trigger({ stats: { measures: [{ target: "{a.b.c.d}" }] } })],
  ["a measure of another kind", "bad-value", trigger({ stats: { measures: [{ measure: "total" }] } })],
  ["an escalation that is a text", "bad-value", second({ type: "hook", escalation: "role" })],
  ["a signal that is a list", "bad-value", second({ type: "signal", topic: "k", signal: [] })],
  ["a subtype that is a list", "bad-value", second({ type: "signal", topic: "k", subtype: ["all"] })],
  ["a topic of a function that is none", "unknown-function", second({ type: "worker", topic: "{@a.b}" })],
  ["a signal topic of such a function", "unknown-function", second({ type: "signal", topic: "{@a.b}" })],
  ["a pause of such a function", "unknown-function", second({ type: "hook", sleep: "{@date.later}" })],
  ["an interrupt with such a reason", "unknown-function", second({ type: "interrupt", reason: "{@a.b}" })],
  ["a payload with such a function", "unknown-function", second({ type: "await", input: { maps: ["{@a.b}"] } })],
  ["a reference to $jobs", "unknown-reference", trigger({ job: { maps: { x: { y: "{$jobs.data.x}" } } } })],
  ["a job id from $input without it", "unknown-reference", trigger({ stats: { id: "{$payload.id}" } })],
  ["a pipe that is a map", "bad-pipe", pipe({})],
  ["a pipe without rows", "bad-pipe", pipe([])],
  ["a pipe that begins with a text", "bad-pipe", pipe(["{a.output.data.x}"])],
  ["a row without a function", "bad-pipe", pipe([[1], [2]])],
  ["an empty later row", "bad-pipe", pipe([[1], []])],
  ["a later row that is a map without a mark", "bad-pipe", pipe([[1], { x: 1 }])],
  ["a later row that is null", "bad-pipe", pipe([[1], null])],
  ["a function in a row that does not exist", "unknown-function", pipe([["a"], ["{@string.trimm}"]])],
  ["a nested pipe that is none", "bad-pipe", pipe([{ "@pipe": 5 }, ["{@math.add}"]])],
  ["a reduce that is no list", "bad-pipe", pipe([[[1]], { "@reduce": 5 }])],
  ["a reduce that begins with inputs", "bad-pipe", pipe([[[1]], { "@reduce": [["{a.output.data.x}"]] }])],
  ["transitions that are a list", "bad-value", graph({ transitions: [] })],
  ["edges that are a map", "bad-value", graph({ transitions: { a: { to: "a" } } })],
  ["an edge to nowhere", "missing-key", graph({ transitions: { a: [{ conditions: { code: 200 } }] } })],
  ["an edge that is a text", "bad-value", graph({ transitions: { a: ["b"] } })],
  ["conditions that are a list", "bad-value", edge([])],
  ["a gate that is neither", "bad-value", edge({ gate: "xor" })],
  ["a code that is true", "bad-value", edge({ code: true })],
  ["codes with null among them", "bad-value", edge({ code: [200, null] })],
  ["a match that is a map", "bad-value", edge({ match: { expected: 1 } })],
  ["a comparison that is a text", "bad-value", edge({ match: ["x"] })],
  ["a comparison with a function that is none", "unknown-function", edge({ match: [{ actual: "{@a.b}" }] })],
  ["hooks that are a list", "bad-value", rule([])],
  ["a rule without a target", "missing-key", rule({ k: [{}] })],
  ["rules that are a map", "bad-value", rule({ k: { to: "b" } })],
  ["a rule with conditions true", "bad-value", rule({ k: [{ to: "b", conditions: true }] })],
  [
    "a rule expecting a bad pipe",
    "bad-pipe",
    rule({ k: [{ to: "b", conditions: { match: [{ expected: { "@pipe": 1 } }] } }] }),
  ],
  ["a schema that is a text", "bad-schema", schema("object")],
  ["a schema of no type", "bad-schema", schema({ type: "objekt" })],
  ["a schema with a bad property", "bad-schema", schema({ properties: { x: null } })],
  ["a schema that requires a text", "bad-schema", schema({ required: "x" })],
  ["a schema of no alternatives", "bad-schema", schema({ anyOf: [] })],
  ["a schema of the job that is none", "bad-schema", trigger({ job: { schema: { minimum: "1" } } })],
  ["a schema by code that is none", "bad-schema", trigger({ output: { 422: { schema: { enum: 1 } } } })],
  ["a schema of a signal that is none", "bad-schema", second({ type: "hook", hook: { items: [5] } })],
])("%s is refused, by the schema and by the compiler: %s", (_, code, document) => {
  expect([accepts(document), problemsOf(document)]).toEqual([false, expect.arrayContaining([code])]);
});
