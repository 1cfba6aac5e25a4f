import { expect, test } from "vitest";
import { planOf, play, start } from "../testing/builders.js";

const counting = planOf(`
    - subscribes: t
      activities:
        start:
          type: trigger
          stats:
            key: '{$self.input.data.key}'
            granularity: 1h
            measures:
              - { measure: count, target: '{$self.input.data.kind}' }
              - { measure: index, target: '{$self.input.data.tags.first}' }
              - { measure: sum, target: '{$self.input.data.cents}' }
              - { measure: avg, target: '{$self.input.data.kg}' }
`);

function counted(payload: Parameters<typeof start>[1]): object {
  const { effects } = play(counting, [start(counting, payload)]);
  return Object.fromEntries(
    effects.flatMap((effect) => (effect.kind === "count" ? [[effect.change.field, effect.change.add]] : [])),
  );
}

test("counts and indexes are kept by value, sums and averages by path", () => {
  expect(counted({ key: "eu", kind: 7, tags: { first: "a" }, cents: "5", kg: 2.5 })).toEqual({
    count: 1,
    "count:kind:7": 1,
    "index:tags/first:a:j1": 1,
    "sum:cents": 5,
    "values:cents": 1,
    "sum:kg": 2.5,
    "values:kg": 1,
  });
});

test("a target that is missing or no number is skipped", () => {
  expect(counted({ key: "eu", kind: null, cents: "many" })).toEqual({ count: 1 });
});

test("without a key nothing is counted", () => {
  expect([counted({ kind: "a" }), counted({ key: "", kind: "a" })]).toEqual([{}, {}]);
});
