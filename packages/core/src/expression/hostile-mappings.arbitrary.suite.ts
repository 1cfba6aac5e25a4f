import fc from "fast-check";
import { functionNames } from "./functions/registry.js";

/** Keys that mean something to JavaScript, or to us, and have to be keys like any other. */
const HOSTILE_KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "hasOwnProperty",
  "toString",
  "valueOf",
  "toJSON",
  "then",
  "length",
  "__defineGetter__",
  "get",
  "set",
  "value",
  "@pipe",
  "@reduce",
];
const TEXTS = [
  "return globalThis",
  "#{1+1}",
  "{@math.constructor}",
  "{@object.__proto__}",
  "(a+)+$",
  "2024-02-29T13:45:30.250Z",
  "* * * * *",
  "$&$`$'",
  "[[1,[2]],3]",
  '{"__proto__":{"x":1}}',
];

const key = fc.oneof(fc.constantFrom(...HOSTILE_KEYS, "a", "b", "0", "1"), fc.string({ maxLength: 3 }));
const number = fc.oneof(
  fc.integer({ min: -3, max: 12 }),
  fc.constantFrom(-0, 0.5, 1e21, 1e300, 100_001, 1_048_577, 2 ** 32, -(2 ** 53)),
);
// By namespace first: a quarter of all functions are about dates, and would refuse most inputs of the others.
const namespaces = [...new Set(functionNames().map((name) => name.split(".")[0]))];
const call = fc
  .oneof(
    ...namespaces.map((space) => fc.constantFrom(...functionNames().filter((name) => name.startsWith(`${space}.`)))),
  )
  .map((name) => `{@${name}}`);
const variable = fc.constantFrom(
  "{$item}",
  "{$output}",
  "{$key}",
  "{$index}",
  "{$input}",
  "{$input.a}",
  "{$item.__proto__}",
  "{$output.length}",
);
const path = fc.array(key, { maxLength: 3 }).map((keys) => `{${["a", ...keys].join(".")}}`);
const scalar = fc.oneof(number, fc.boolean(), fc.constant(null), key, fc.constantFrom(...TEXTS), path, call);

/** Data as a payload or a document has it: any keys, any depth within reason, and texts that look like references. */
export const hostileData = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
  ),
})).value;

// Functions out of their usual company mostly refuse; these give them something to work on.
const handy = fc.constantFrom<unknown>("text", 3, [3, 1, 2], { a: { b: 1 } }, [["k", 1]], "{a}", "2024-02-29", [
  [1],
  [2],
]);
const cell = fc.oneof(
  { weight: 3, arbitrary: handy },
  { weight: 1, arbitrary: path },
  { weight: 1, arbitrary: variable },
  { weight: 1, arbitrary: hostileData },
  { weight: 1, arbitrary: call },
);
const cells = fc.array(cell, { maxLength: 3 });

/** Rows of a pipe: mostly such that run, with nested pipes and reduces, now and then none at all. */
export const hostileRows = fc.letrec<{ rows: unknown[]; row: unknown }>((tie) => ({
  rows: fc
    .tuple(handy, cells, fc.array(tie("row"), { maxLength: 4 }))
    .map(([first, more, rest]) => [[first, ...more], ...rest]),
  row: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    {
      weight: 6,
      arbitrary: fc.tuple(call, cells).map(([operator, rest]) => [operator, ...rest]),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom("{$output}", "{$item}"), cells, call)
        .map(([operator, rest, fn]) => ({ "@reduce": [[operator, ...rest], [fn]] })),
    },
    { weight: 2, arbitrary: fc.record({ "@pipe": tie("rows") }) },
    { weight: 1, arbitrary: fc.record({ "@reduce": tie("rows") }) },
    { weight: 1, arbitrary: fc.tuple(variable, cells).map(([operator, rest]) => [operator, ...rest]) },
    { weight: 1, arbitrary: hostileData },
  ),
})).rows;

const graph = {
  app: {
    id: "strange",
    version: "1",
    graphs: [
      {
        subscribes: "strange.start",
        publishes: "strange.end",
        expire: 60,
        input: { schema: { type: "object" } },
        activities: {
          t: { type: "trigger", stats: { id: "{$self.input.data.id}", key: "{$self.input.data.key}" } },
          w: { type: "worker", topic: "strange.work", input: { maps: { x: "{t.output.data.a}" } } },
          h: { type: "hook", sleep: 5, output: { maps: { y: { "@pipe": [["{t.output.data.a}"], ["{@math.add}"]] } } } },
          e: { type: "signal", topic: "strange.signal", signal: { maps: { z: 1 } }, job: { maps: { "list[-]": [1] } } },
        },
        transitions: {
          t: [
            { to: "w" },
            { to: "h", conditions: { code: 200, match: [{ expected: 1, actual: "{t.output.data.a}" }] } },
          ],
          w: [{ to: "e", conditions: { code: [404, "500"] } }],
        },
        hooks: { "strange.signal": [{ to: "h", conditions: { match: [{ expected: "{$job.data.x}", actual: 1 }] } }] },
      },
    ],
  },
};

/** A graph in which one or two values are something else, or keys are called something else. */
export const hostileDocument = fc
  .array(fc.tuple(fc.nat(), hostileData, fc.option(key)), { minLength: 1, maxLength: 2 })
  .map((changes) => changes.reduce<unknown>((document, change) => changed(document, change), graph));

function changed(document: unknown, [at, value, name]: readonly [number, unknown, string | null]): unknown {
  let left = at % countOf(document);
  const visit = (node: unknown): unknown => {
    if (left === 0) {
      left = -1;
      return value;
    }
    left -= 1;
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([own, item]) => {
        const isHere = left === 0;
        return [isHere && name !== null ? name : own, visit(item)];
      }),
    );
  };
  return visit(document);
}

function countOf(node: unknown): number {
  if (typeof node !== "object" || node === null) return 1;
  return Object.values(node).reduce((sum: number, item) => sum + countOf(item), 1);
}
