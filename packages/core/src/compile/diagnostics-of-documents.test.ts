import { describe, expect, test } from "vitest";
import { activities, type Case, G, graph, said } from "./diagnostics.suite.js";

describe("the whole document", () => {
  const cases: readonly Case[] = [
    ["empty text", "", ["1:1 not-a-document"]],
    ["a scalar", "42", ["1:1 not-a-document"]],
    ["a file name", "./flows/none.yaml", ["1:1 not-a-document"]],
    ["a map without app", "\napps: {}\n", ["2:1 not-a-document"]],
    ["an app that is null", "app:\n", ["1:1 not-a-document"]],
    ["an app that is text", "app: demo", ["1:6 bad-value app"]],
    ["not YAML", "app: [", ["1:7 malformed-yaml"]],
    ["a key twice", "app:\n  id: demo\n  id: demo\n", ["3:3 malformed-yaml app.id"]],
    [
      "an empty app",
      "app: {}",
      ["1:6 missing-key app.id", "1:6 missing-key app.version", "1:6 missing-key app.graphs"],
    ],
    [
      "an id with a blank",
      "app: { id: 'a b', version: 1, graphs: [] }",
      ["1:12 app-mismatch app.id", "1:12 bad-value app.id", "1:39 bad-value app.graphs"],
    ],
    [
      "the reserved id",
      graph("activities: { a: { type: trigger } }").replace("demo", "a"),
      ["2:7 app-mismatch app.id", "2:7 bad-value app.id"],
    ],
    [
      "another app",
      graph("activities: { a: { type: trigger } }").replace("demo", "other"),
      ["2:7 app-mismatch app.id"],
    ],
    [
      "an empty version",
      graph("activities: { a: { type: trigger } }").replace("'1'", "''"),
      ["3:12 bad-value app.version"],
    ],
    [
      "a version that is true",
      graph("activities: { a: { type: trigger } }").replace("'1'", "true"),
      ["3:12 bad-value app.version"],
    ],
    [
      "a version that is null",
      graph("activities: { a: { type: trigger } }").replace("'1'", ""),
      ["2:3 missing-key app.version"],
    ],
    ["a graph that is text", "app: { id: demo, version: 1, graphs: [ x ] }", ["1:40 bad-value app.graphs[0]"]],
  ];

  test.each(cases)("%s", (_name, text, expected) => expect(said(text)).toEqual(expected));
});

describe("graphs", () => {
  const cases: readonly Case[] = [
    ["no activities", graph(), [`5:7 missing-key ${G}.activities`]],
    ["activities that are null", graph("activities:"), [`5:7 missing-key ${G}.activities`]],
    [
      "activities in a list",
      graph("activities: [ a ]"),
      [`6:19 bad-value ${G}.activities`, `6:19 no-trigger ${G}.activities`],
    ],
    [
      "no topic",
      graph("activities: { a: { type: trigger } }").replace("subscribes: t", "publishes: t"),
      [`5:7 missing-key ${G}.subscribes`],
    ],
    [
      "a topic that begins with a dot",
      graph("activities: { a: { type: trigger } }").replace(": t", ": .t"),
      [`5:19 bad-value ${G}.subscribes`],
    ],
    ["no trigger", graph("activities: { b: { type: hook } }"), [`6:19 no-trigger ${G}.activities`]],
    [
      "two triggers",
      activities("  b: { type: trigger }", "  c: { type: trigger }"),
      [`8:20 many-triggers ${G}.activities.b.type`, `9:20 many-triggers ${G}.activities.c.type`],
    ],
    [
      "validate that is text",
      graph("input: { validate: 'yes', schema: {} }", "activities: { a: { type: trigger } }"),
      [`6:26 bad-value ${G}.input.validate`],
    ],
    [
      "validate without schema",
      graph("input: { validate: true }", "activities: { a: { type: trigger } }"),
      [`6:26 bad-value ${G}.input.validate`],
    ],
    [
      "a schema of no known type",
      graph("output: { schema: { items: { type: objekt } } }", "activities: { a: { type: trigger } }"),
      [`6:42 bad-schema ${G}.output.schema.items.type`],
    ],
    [
      "a schema that is text",
      graph("input: { schema: any }", "activities: { a: { type: trigger } }"),
      [`6:24 bad-schema ${G}.input.schema`],
    ],
    [
      "a schema that cannot be used",
      graph(
        "input: { validate: true, schema: { type: string, pattern: '[' } }",
        "activities: { a: { type: trigger } }",
      ),
      [`6:40 bad-schema ${G}.input.schema`],
    ],
    [
      "a schema under a code",
      graph("output: { 422: { schema: { type: 5 } } }", "activities: { a: { type: trigger } }"),
      [`6:40 bad-schema ${G}.output.422.schema.type`],
    ],
    [
      "an expiry in words",
      graph("expire: soon", "activities: { a: { type: trigger } }"),
      [`6:15 literal-expire ${G}.expire`],
    ],
    ["transitions in a list", activities("transitions: []"), [`8:20 bad-value ${G}.transitions`]],
    ["hooks in a list", activities("hooks: []"), [`8:14 bad-value ${G}.hooks`]],
  ];

  test.each(cases)("%s", (_name, text, expected) => expect(said(text)).toEqual(expected));
});

describe("activities", () => {
  const at = (id: string): string => `${G}.activities.${id}`;
  const linked = "transitions: { a: [ { to: b } ] }";
  const cases: readonly Case[] = [
    ["no type", activities("  b: { topic: x }", linked), [`8:12 missing-key ${at("b")}.type`]],
    ["a type that is null", activities("  b: { type: }", linked), [`8:12 missing-key ${at("b")}.type`]],
    ["a type that is a number", activities("  b: { type: 5 }", linked), [`8:20 bad-value ${at("b")}.type`]],
    ["an unknown type", activities("  b: { type: wroker }", linked), [`8:20 unknown-type ${at("b")}.type`]],
    [
      "an activity that is text",
      activities("  b: hook", linked),
      [`8:12 bad-value ${at("b")}`, `9:33 unknown-activity ${G}.transitions.a[0].to`],
    ],
    [
      "an id with a dot",
      activities("  b.c: { type: hook }", "transitions: { a: [ { to: b.c } ] }"),
      [`8:9 bad-id ${G}.activities["b.c"]`],
    ],
    [
      "an id with a mark",
      activities("  b,c: { type: hook }", "transitions: { a: [ { to: 'b,c' } ] }"),
      [`8:9 bad-id ${G}.activities["b,c"]`],
    ],
    [
      "an id with two colons",
      activities("  b::c: { type: hook }", "transitions: { a: [ { to: 'b::c' } ] }"),
      [`8:9 bad-id ${G}.activities["b::c"]`],
    ],
    [
      "a reserved id",
      activities("  metadata: { type: hook }", "transitions: { a: [ { to: metadata } ] }"),
      [`8:9 bad-id ${at("metadata")}`],
    ],
    [
      "an id with a dollar in front",
      activities("  $b: { type: hook }", "transitions: { a: [ { to: $b } ] }"),
      [`8:9 bad-id ${at("$b")}`],
    ],
    [
      "an id twice in the app",
      `${activities()}    - subscribes: u\n      activities: { a: { type: trigger } }\n`,
      ["9:21 duplicate-activity app.graphs[1].activities.a"],
    ],
    [
      "a topic twice",
      `${activities()}    - subscribes: t\n      activities: { b: { type: trigger } }\n`,
      ["8:19 duplicate-topic app.graphs[1].subscribes"],
    ],
    [
      "retries that are a number",
      activities("  b: { type: worker, topic: w, retry: { 503: 2 } }", linked),
      [`8:52 bad-value ${at("b")}.retry.503`],
    ],
    [
      "retries without a number",
      activities("  b: { type: worker, topic: w, retry: { 503: [] } }", linked),
      [`8:52 bad-value ${at("b")}.retry.503`],
    ],
    [
      "an unknown way to join",
      activities("  b: { type: hook, join: some }", linked),
      [`8:32 bad-value ${at("b")}.join`],
    ],
    [
      "a join on a trigger",
      graph("activities:", "  a: { type: trigger, join: all }"),
      [`7:35 bad-join ${at("a")}.join`],
    ],
    [
      "a join with one edge",
      activities("  b: { type: hook, join: all }", linked),
      [`8:32 no-join-needed ${at("b")}.join`],
    ],
    [
      "an unknown granularity",
      graph("activities:", "  a: { type: trigger, stats: { granularity: 7m } }"),
      [`7:51 bad-value ${at("a")}.stats.granularity`],
    ],
    [
      "an unknown measure",
      graph("activities:", "  a: { type: trigger, stats: { measures: [ { measure: all } ] } }"),
      [`7:61 bad-value ${at("a")}.stats.measures[0].measure`],
    ],
    [
      "a schema of a signal that is none",
      activities("  b: { type: hook, hook: { type: objekt } }", linked),
      [`8:40 bad-schema ${at("b")}.hook.type`],
    ],
    ["an unreachable activity", activities("  b: { type: hook }"), [`8:9 unreachable-activity ${at("b")}`]],
    [
      "maps in the wrong place",
      activities("  b: { type: worker, topic: w, output: { maps: { x: 1 } } }", linked),
      [`8:48 ignored-key ${at("b")}.output.maps`],
    ],
    [
      "input of a hook",
      activities("  b: { type: hook, input: { maps: { x: 1 } } }", linked),
      [`8:35 ignored-key ${at("b")}.input.maps`],
    ],
    [
      "job data by code",
      activities("  b: { type: hook, job: { 422: { maps: { x: 1 } } } }", linked),
      [`8:33 ignored-key ${at("b")}.job.422`],
    ],
    [
      "output of an interrupt of its own job",
      activities("  b: { type: interrupt, output: { maps: { x: 1 } } }", linked),
      [`8:41 ignored-key ${at("b")}.output.maps`],
    ],
    [
      "retries of an await",
      activities("  b: { type: await, topic: w, retry: { 503: [1] } }", linked),
      [`8:37 ignored-key ${at("b")}.retry`],
    ],
  ];

  test.each(cases)("%s", (_name, text, expected) => expect(said(text)).toEqual(expected));
});
