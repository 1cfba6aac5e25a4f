import { describe, expect, test } from "vitest";
import { compileText } from "../compile/compile.js";
import type { ActivityPlan, GraphPlan } from "./plan.js";

function planOf(graph: string): GraphPlan {
  const { plan } = compileText(
    `app:\n  id: demo\n  version: 1\n  graphs:\n    - subscribes: t\n${graph.replace(/^/gm, "      ")}`,
  );
  const [first] = plan.graphs;
  if (first === undefined) throw new Error("no graph");
  return first;
}

function activity(graph: GraphPlan, id: string): ActivityPlan {
  const found = graph.activities.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

const only = (definition: string): ActivityPlan =>
  activity(planOf(`activities:\n  a: { type: trigger }\n  b: ${definition}\ntransitions: { a: [ { to: b } ] }`), "b");

const ref = (root: string, ...path: readonly string[]) => ({ op: "ref", root, path });
const literal = (value: unknown) => ({ op: "literal", value });

describe("edges", () => {
  test("an edge without conditions always fires, one with conditions fires on 200 unless it says otherwise", () => {
    const graph = planOf(
      "activities: { a: { type: trigger }, b: { type: hook }, c: { type: hook } }\n" +
        "transitions:\n  a:\n    - { to: b }\n" +
        "    - { to: c, conditions: { gate: or, match: [ { expected: null, actual: '{a.x}' } ] } }",
    );

    expect(activity(graph, "a").edges).toEqual([
      { to: "b", when: { on: "always" } },
      {
        to: "c",
        when: { on: "code", codes: ["200"], gate: "or", match: [{ expected: null, actual: ref("a", "x") }] },
      },
    ]);
    expect(activity(graph, "c").inbound).toEqual(["a"]);
  });

  test("the second edge to a target replaces the first", () => {
    const graph = planOf(
      "activities: { a: { type: trigger }, b: { type: hook }, c: { type: hook } }\n" +
        "transitions:\n  a:\n    - { to: b, conditions: { code: 404 } }\n    - { to: c }\n" +
        "    - { to: b, conditions: { code: [206, '207'] } }",
    );

    expect(activity(graph, "a").edges).toMatchObject([{ to: "c" }, { to: "b", when: { codes: ["206", "207"] } }]);
    expect(activity(graph, "b").inbound).toEqual(["a"]);
  });

  test("null in conditions counts as absent", () => {
    const graph = planOf(
      "activities: { a: { type: trigger }, b: { type: hook } }\n" +
        "transitions: { a: [ { to: b, conditions: { code: , gate: , match: [ { actual: } ] } } ] }",
    );

    expect(activity(graph, "a").edges[0]?.when).toEqual({
      on: "code",
      codes: ["200"],
      gate: "and",
      match: [{ actual: { op: "undefined" } }],
    });
  });
});

describe("job data", () => {
  const writes = (maps: string) => only(`{ type: hook, job: { maps: ${maps} } }`).writes;

  test("leaves are scalars, references, pipes and lists; empty maps write nothing", () => {
    expect(
      writes("{ a: { b: 1, c: '{a.x}', d: {} }, e: [5, '{a.x}'], f: null, g: { '@pipe': [ [1] ] } }"),
    ).toMatchObject([
      { kind: "leaf", path: ["a", "b"], value: literal(1) },
      { kind: "leaf", path: ["a", "c"], value: ref("a", "x") },
      { kind: "leaf", path: ["e"], value: { op: "list" } },
      { kind: "leaf", path: ["f"], value: literal(null) },
      { kind: "leaf", path: ["g"], value: { op: "pipe" } },
    ]);
  });

  test("suffixes declare slots and marks at the top level, other suffixes are ignored", () => {
    const maps =
      "{ 's[3]': '{a.x}', 't[_]': '{a.x}', 'm[-]': '{a.x}', 'x[*]': 1, 'y[q]': 1, 'z[]': 1, n: { 'b[3]': 1, c: 2 } }";

    expect(writes(maps)).toEqual([
      { kind: "slots", name: "s", count: 3, value: ref("a", "x") },
      { kind: "marks", mark: "_", value: ref("a", "x") },
      { kind: "marks", mark: "-", value: ref("a", "x") },
      { kind: "leaf", path: ["n", "c"], value: literal(2) },
    ]);
  });

  test("the fields of a graph are the leaves of all its activities, each once", () => {
    const graph = planOf(
      "activities:\n" +
        "  a: { type: trigger, job: { maps: { x: 1, y: { z: 2 } } } }\n" +
        "  b: { type: hook, job: { maps: { x: 3, w: 4, 's[2]': 5 } } }\n" +
        "transitions: { a: [ { to: b } ] }",
    );

    expect(graph.jobFields).toEqual([["x"], ["y", "z"], ["w"]]);
  });

  test("a cycle writes nothing", () => {
    const graph = planOf(
      "activities:\n" +
        "  a: { type: trigger }\n" +
        "  b: { type: hook }\n" +
        "  c: { type: cycle, ancestor: b, job: { maps: { x: 1 } } }\n" +
        "transitions: { a: [ { to: b } ], b: [ { to: c } ] }",
    );

    expect(activity(graph, "c").writes).toEqual([]);
    expect(activity(graph, "b").pivot).toBe(true);
    expect(activity(graph, "a").pivot).toBe(false);
  });
});

describe("settings", () => {
  test("what is null counts as absent", () => {
    expect(only("{ type: hook, sleep: , emit: , statusThreshold: , telemetry: , output: { maps: } }")).toMatchObject({
      sleep: null,
      emit: null,
      statusThreshold: null,
      telemetry: null,
      output: null,
    });
  });

  test("activity is another name of hook, and cycle: true makes a pivot", () => {
    expect(only("{ type: activity, cycle: true, sleep: '{a.s}' }")).toMatchObject({
      type: "hook",
      pivot: true,
      sleep: ref("a", "s"),
    });
  });

  test("subtype is another name of topic", () => {
    expect(only("{ type: worker, subtype: w, retry: { 503: [2, 9] } }")).toMatchObject({
      type: "worker",
      topic: literal("w"),
      input: null,
      retry: [{ code: "503", retries: 2 }],
    });
    expect(only("{ type: await, topic: '{a.t}', subtype: w, await: false }")).toMatchObject({
      topic: ref("a", "t"),
      awaits: literal(false),
    });
  });

  test("a signal for all has a literal topic, a key and a resolver; one for one has none of these", () => {
    const body =
      "topic: '{a.t}', key_name: k, scrub: true, resolver: { maps: { data: 1 } }, signal: { maps: { x: 1 } }";

    expect(only(`{ type: signal, subtype: all, ${body} }`)).toMatchObject({
      subtype: "all",
      topic: literal("{a.t}"),
      keyName: literal("k"),
      scrub: literal(true),
      resolver: { op: "object" },
      payload: { op: "object" },
    });
    expect(only(`{ type: signal, ${body} }`)).toMatchObject({
      subtype: "one",
      topic: ref("a", "t"),
      keyName: null,
      resolver: null,
    });
  });

  test("an interrupt of its own job has no output and announces nothing", () => {
    const body = "throw: false, code: 408, output: { maps: { x: 1 } }, emit: true";

    expect(only(`{ type: interrupt, ${body} }`)).toMatchObject({
      target: null,
      output: null,
      emit: null,
      code: literal(408),
    });
    expect(only(`{ type: interrupt, target: '{a.j}', ${body} }`)).toMatchObject({
      target: ref("a", "j"),
      output: { op: "object" },
      emit: literal(true),
      throws: literal(false),
    });
  });

  test("statistics have a granularity, and labels from the path of the target", () => {
    const measures = "[ { measure: count, target: '{$self.input.data.b.c}' } ]";
    const graph = planOf(
      `activities: { a: { type: trigger, entity: e, stats: { id: '{$self.input.data.i}', measures: ${measures} } } }`,
    );

    expect(activity(graph, "a")).toMatchObject({
      entity: literal("e"),
      stats: {
        id: ref("$self", "input", "data", "i"),
        key: null,
        granularity: "5m",
        measures: [{ measure: "count", label: "b/c", target: ref("$self", "input", "data", "b", "c") }],
      },
    });
  });
});

describe("the graph", () => {
  test("an input schema is kept when payloads are validated with it", () => {
    const body = "activities: { a: { type: trigger } }";

    expect(planOf(`input: { schema: { type: object } }\n${body}`).inputSchema).toBeNull();
    expect(planOf(`input: { validate: true, schema: { default: null } }\n${body}`).inputSchema).toEqual({
      default: null,
    });
  });

  test("rules of hooks are kept in order, those for other types are left out", () => {
    const graph = planOf(
      "activities:\n" +
        "  a: { type: trigger }\n" +
        "  b: { type: hook, escalation: { role: r } }\n" +
        "  c: { type: hook, escalation: { role: r } }\n" +
        "transitions: { a: [ { to: b }, { to: c } ] }\n" +
        "hooks:\n  x:\n    - { to: a }\n" +
        "    - { to: b, conditions: { gate: or, match: [ { expected: '{a.x}', actual: '{$hook.data.y}' } ] } }\n",
    );

    expect(graph.hooks).toEqual([
      { topic: "x", to: "b", gate: "or", match: [{ expected: ref("a", "x"), actual: ref("$hook", "data", "y") }] },
    ]);
    expect([activity(graph, "b"), activity(graph, "c")]).toMatchObject([
      { escalation: { op: "object" } },
      { escalation: null },
    ]);
  });

  test("an activity mentions what its maps, settings, edges, hooks and the graph's expiry read", () => {
    const graph = planOf(
      "expire: '{a.output.data.keep}'\n" +
        "activities:\n  a: { type: trigger }\n  b: { type: hook }\n  c: { type: hook }\n" +
        "  d: { type: hook, sleep: '{b.x}', job: { maps: { x: '{$job.data.x}', y: '{d.y}' } } }\n" +
        "  e: { type: hook }\n" +
        "transitions:\n  a: [ { to: b } ]\n  b: [ { to: c } ]\n  c: [ { to: d } ]\n" +
        "  d: [ { to: e, conditions: { match: [ { actual: '{c.x}' } ] } } ]\n" +
        "hooks: { x: [ { to: e, conditions: { match: [ { expected: '{d.x}', actual: '{b.x}' } ] } } ] }\n",
    );

    expect(Object.fromEntries(graph.activities.map(({ id, mentions }) => [id, mentions]))).toEqual({
      a: [],
      b: ["a"],
      c: ["a"],
      d: ["a", "b", "c"],
      e: ["a", "d"],
    });
  });
});
