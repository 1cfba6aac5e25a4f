import { describe, expect, test } from "vitest";
import { compileText } from "./compile.js";
import { activities, type Case, G, graph, said } from "./diagnostics.suite.js";

describe("transitions", () => {
  const at = (source: string, index: number): string => `${G}.transitions.${source}[${index}]`;
  const hooks = ["  b: { type: hook }", "  c: { type: hook }"];
  const cases: readonly Case[] = [
    ["from nowhere", activities("transitions: { x: [ { to: a } ] }"), [`8:22 unknown-activity ${G}.transitions.x`]],
    ["to nowhere", activities("transitions: { a: [ { to: x } ] }"), [`8:33 unknown-activity ${at("a", 0)}.to`]],
    [
      "without target",
      activities("transitions: { a: [ { code: 200 } ] }"),
      [`8:27 missing-key ${at("a", 0)}.to`, `8:29 ignored-key ${at("a", 0)}.code`],
    ],
    ["that are no list", activities("transitions: { a: { to: b } }"), [`8:25 bad-value ${G}.transitions.a`]],
    [
      "that are text",
      activities("  b: { type: hook }", "transitions: { a: [ b ] }"),
      [`9:27 bad-value ${at("a", 0)}`, `8:9 unreachable-activity ${G}.activities.b`],
    ],
    [
      "with an unknown gate",
      activities("  b: { type: hook }", "transitions: { a: [ { to: b, conditions: { gate: xor } } ] }"),
      [`9:56 bad-value ${at("a", 0)}.conditions.gate`],
    ],
    [
      "with a match that is no list",
      activities("  b: { type: hook }", "transitions: { a: [ { to: b, conditions: { match: 1 } } ] }"),
      [`9:57 bad-value ${at("a", 0)}.conditions.match`],
    ],
    [
      "in a loop of two",
      activities(...hooks, "transitions: { a: [ { to: b } ], b: [ { to: c } ], c: [ { to: b } ] }"),
      [`10:69 transition-loop ${at("c", 0)}.to`],
    ],
    [
      "to itself",
      activities("  b: { type: hook }", "transitions: { a: [ { to: b } ], b: [ { to: b } ] }"),
      [`9:51 transition-loop ${at("b", 0)}.to`],
    ],
    [
      "back to the trigger",
      activities("  b: { type: hook }", "transitions: { a: [ { to: b } ], b: [ { to: a } ] }"),
      [`9:51 transition-loop ${at("b", 0)}.to`],
    ],
    [
      "in a loop that nothing leads to",
      activities(...hooks, "transitions: { b: [ { to: c } ], c: [ { to: b } ] }"),
      [
        `10:51 transition-loop ${at("c", 0)}.to`,
        `8:9 unreachable-activity ${G}.activities.b`,
        `9:9 unreachable-activity ${G}.activities.c`,
      ],
    ],
    [
      "without conditions from a worker",
      activities(
        "  b: { type: worker, topic: w }",
        "  c: { type: hook }",
        "transitions: { a: [ { to: b } ], b: [ { to: c } ] }",
      ),
      [`10:45 unconditional-edge ${at("b", 0)}`],
    ],
    [
      "with conditions that are null, from an await",
      activities(
        "  b: { type: await, topic: w }",
        "  c: { type: hook }",
        "transitions: { a: [ { to: b } ], b: [ { to: c, conditions: } ] }",
      ),
      [`10:45 unconditional-edge ${at("b", 0)}`],
    ],
    [
      "twice to one target",
      activities("  b: { type: hook }", "transitions: { a: [ { to: b }, { to: b } ] }"),
      [`9:38 edge-replaced ${at("a", 1)}`],
    ],
    [
      "with a code beside the target",
      activities("  b: { type: hook }", "transitions: { a: [ { to: b, code: 404 } ] }"),
      [`9:36 ignored-key ${at("a", 0)}.code`],
    ],
    [
      "with a code that a pass-through never has",
      activities(...hooks, "transitions: { a: [ { to: b } ], b: [ { to: c, conditions: { code: [404, 410] } } ] }"),
      [`10:74 edge-never-fires ${at("b", 0)}.conditions.code`],
    ],
    [
      "away from a cycle",
      activities(
        "  b: { type: hook }",
        "  c: { type: cycle, ancestor: b }",
        "  d: { type: hook }",
        "transitions: { a: [ { to: b } ], b: [ { to: c } ], c: [ { to: d } ] }",
      ),
      [`11:63 edge-never-fires ${at("c", 0)}`],
    ],
    [
      "away from an interrupt of its own job",
      activities(
        "  b: { type: interrupt }",
        "  c: { type: hook }",
        "transitions: { a: [ { to: b } ], b: [ { to: c } ] }",
      ),
      [`10:45 edge-never-fires ${at("b", 0)}`],
    ],
    [
      "with an expression as expected",
      activities(
        "  b: { type: hook }",
        "transitions:",
        "  a:",
        "    - to: b",
        "      conditions: { match: [ { expected: '{a.output.data.x}', actual: 1 } ] }",
      ),
      [`12:48 literal-expected ${at("a", 0)}.conditions.match[0].expected`],
    ],
  ];

  test.each(cases)("%s", (_name, text, expected) => expect(said(text)).toEqual(expected));

  test("the message of a loop names it, and its hint suggests a cycle", () => {
    const text = activities(...hooks, "transitions: { a: [ { to: b } ], b: [ { to: c } ], c: [ { to: b } ] }");

    expect(() => compileText(text)).toThrow("transitions form a loop: b → c → b (use an activity of type cycle");
  });
});

describe("cycles and joins", () => {
  const loop = (ancestor: string, ...more: readonly string[]): string =>
    activities(
      "  b: { type: hook }",
      `  c: { type: cycle${ancestor} }`,
      ...more,
      "transitions:",
      "  a: [ { to: b } ]",
      "  b: [ { to: c } ]",
    );
  const diamond = (ancestor: string): string =>
    activities(
      "  f: { type: hook }",
      "  l: { type: hook }",
      "  r: { type: hook }",
      "  j: { type: hook, join: all }",
      `  z: { type: cycle, ancestor: ${ancestor} }`,
      "transitions:",
      "  a: [ { to: f } ]",
      "  f: [ { to: l }, { to: r } ]",
      "  l: [ { to: j } ]",
      "  r: [ { to: j } ]",
      "  j: [ { to: z } ]",
    );
  const cases: readonly Case[] = [
    ["a cycle without ancestor", loop(""), [`9:12 missing-key ${G}.activities.c.ancestor`]],
    ["a cycle to nowhere", loop(", ancestor: x"), [`9:37 unknown-activity ${G}.activities.c.ancestor`]],
    ["a cycle to the trigger", loop(", ancestor: a"), [`9:37 not-an-ancestor ${G}.activities.c.ancestor`]],
    ["a cycle to itself", loop(", ancestor: c"), [`9:37 not-an-ancestor ${G}.activities.c.ancestor`]],
    [
      "a cycle to another branch",
      loop(", ancestor: d", "  d: { type: hook }"),
      [`9:37 not-an-ancestor ${G}.activities.c.ancestor`, `10:9 unreachable-activity ${G}.activities.d`],
    ],
    [
      "a cycle to a worker",
      loop(", ancestor: b").replace("b: { type: hook", "b: { type: worker, topic: w"),
      [`9:37 cycle-to-worker ${G}.activities.c.ancestor`, `12:14 unconditional-edge ${G}.transitions.b[0]`],
    ],
    ["a cycle to the fork of a join", diamond("f"), []],
    ["a cycle to the join itself", diamond("j"), []],
    ["a cycle to a branch of a join", diamond("l"), [`12:37 bad-join ${G}.activities.z.ancestor`]],
  ];

  test.each(cases)("%s", (_name, text, expected) => expect(said(text)).toEqual(expected));
});

describe("hook rules", () => {
  const rule = (text: string): string =>
    activities("  b: { type: hook }", "transitions: { a: [ { to: b } ] }", "hooks:", "  x.y:", `    - ${text}`);
  const at = `${G}.hooks["x.y"][0]`;
  const cases: readonly Case[] = [
    ["for nobody", rule("{ to: z }"), [`12:19 unknown-activity ${at}.to`]],
    ["without target", rule("{ conditions: {} }"), [`12:13 missing-key ${at}.to`]],
    ["for a trigger", rule("{ to: a }"), [`12:19 rule-target ${at}.to`]],
    ["with a condition that is a list", rule("{ to: b, conditions: [] }"), [`12:34 bad-value ${at}.conditions`]],
    [
      "that expects an unknown activity",
      rule("{ to: b, conditions: { match: [ { expected: '{z.output.data.i}', actual: '{$hook.data.i}' } ] } }"),
      [`12:57 unknown-reference ${at}.conditions.match[0].expected`],
    ],
    [
      "that reads an unknown root of a signal",
      rule("{ to: b, conditions: { match: [ { expected: 1, actual: '{$signal.data.i}' } ] } }"),
      [`12:68 unknown-reference ${at}.conditions.match[0].actual`],
    ],
  ];

  test.each(cases)("%s", (_name, text, expected) => expect(said(text)).toEqual(expected));
});

describe("expressions", () => {
  const linked = "transitions: { a: [ { to: b } ], b: [ { to: c } ] }";
  const maps = (expression: string): string =>
    activities("  b:", "    type: hook", `    job: { maps: { x: ${expression} } }`, "  c: { type: hook }", linked);
  const at = `${G}.activities.b.job.maps.x`;
  const cases: readonly Case[] = [
    ["a reference to nobody", maps("'{z.output.data.n}'"), [`10:29 unknown-reference ${at}`]],
    ["a reference to an unknown root", maps("'{$jobs.data.n}'"), [`10:29 unknown-reference ${at}`]],
    ["a reference to itself", maps("'{b.output.data.n}'"), []],
    ["references to everything known", maps("['{$self.x}', '{$job.x}', '{$app.x}', '{$graph.x}', '{a.x}', '{a}']"), []],
    ["a reference to a descendant", maps("'{c.output.data.n}'"), [`10:29 unreadable-reference ${at}`]],
    ["a reference in a list", maps("[1, '{z.output.data.n}']"), [`10:33 unknown-reference ${at}[1]`]],
    [
      "a reference in a pipe",
      maps("{ '@pipe': [ ['{z.output.data.n}'] ] }"),
      [`10:43 unknown-reference ${at}["@pipe"][0][0]`],
    ],
    ["text in braces", maps("'{hello world}'"), [`10:29 brace-text ${at}`]],
    ["a name in braces", maps("'{zebra}'"), [`10:29 brace-text ${at}`]],
    ["empty braces", maps("'{}'"), [`10:29 brace-text ${at}`]],
    ["text with braces inside", maps("'Hello {z.output.data.n}'"), []],
    ["an unknown function", maps("'{@math.ad}'"), [`10:29 unknown-function ${at}`]],
    [
      "an unknown function in a pipe",
      maps("{ '@pipe': [ [1, 2], ['{@math.ad}'] ] }"),
      [`10:51 unknown-function ${at}["@pipe"][1][0]`],
    ],
    ["a pipe without rows", maps("{ '@pipe': [] }"), [`10:40 bad-pipe ${at}["@pipe"]`]],
    ["a pipe that is text", maps("{ '@pipe': x }"), [`10:40 bad-pipe ${at}["@pipe"]`]],
    ["a literal as an operator", maps("{ '@pipe': [ [1], [2] ] }"), [`10:48 bad-pipe ${at}["@pipe"][1][0]`]],
    [
      "cells after the result",
      maps("{ '@pipe': [ [1, 2], ['{@math.add}', 3] ] }"),
      [`10:66 dead-cells ${at}["@pipe"][1][1]`],
    ],
    [
      "a pipe as the last row",
      maps("{ '@pipe': [ [1], { '@pipe': [ [2] ] } ] }"),
      [`10:47 dead-rows ${at}["@pipe"][1]`],
    ],
    ["a variable outside of a reduce", maps("'{$item.x}'"), [`10:29 context-outside-reduce ${at}`]],
    [
      "an expiry that reads nobody",
      graph("expire: '{z.output.data.n}'", "activities: { a: { type: trigger } }"),
      [`6:15 unknown-reference ${G}.expire`],
    ],
    [
      "an id from a descendant",
      graph(
        "activities:",
        "  a: { type: trigger, stats: { id: '{b.output.data.n}' } }",
        "  b: { type: hook }",
        "transitions: { a: [ { to: b } ] }",
      ),
      [`7:42 unreadable-reference ${G}.activities.a.stats.id`],
    ],
    [
      "a condition that reads nobody",
      activities(
        "  b: { type: hook }",
        "transitions: { a: [ { to: b, conditions: { match: [ { actual: '{z.o}' } ] } } ] }",
      ),
      [`9:69 unknown-reference ${G}.transitions.a[0].conditions.match[0].actual`],
    ],
    [
      "an activity of another graph",
      `${maps("'{o.output.data.n}'")}    - subscribes: u\n      activities: { o: { type: trigger } }\n`,
      [`10:29 unreadable-reference ${at}`],
    ],
    [
      "expressions in places that nobody evaluates",
      activities(
        "  b: { type: hook, title: '{z.x}', timeout: '{@no.fn}', retry: '{y.x}' }",
        "transitions: { a: [ { to: b } ] }",
      ),
      [],
    ],
  ];

  test.each(cases)("%s", (_name, text, expected) => expect(said(text)).toEqual(expected));

  test("pipes nested too deep are refused", () => {
    const deep = `${"{ '@pipe': [ ".repeat(257)}[1]${" ] }".repeat(257)}`;

    expect(said(maps(deep)).map((text) => text.split(" ")[1])).toContain("bad-pipe");
  });

  test("findings at one place are in the order of their codes", () => {
    const text = graph("activities:", "  '': { type: hook }");

    expect(said(text)).toEqual([`7:9 bad-id ${G}.activities[""]`, `7:9 no-trigger ${G}.activities`]);
  });
});

describe("warnings of $ref in inline text", () => {
  test("one for each place, none inside a schema", () => {
    const text = graph(
      "input: { schema: { $ref: '#/x' } }",
      "activities:",
      "  a: { type: trigger, job: { $ref: maps.yaml } }",
    );

    expect(said(text)).toEqual([`8:42 inline-ref ${G}.activities.a.job.$ref`]);
  });
});
