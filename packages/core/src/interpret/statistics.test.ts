import { expect, test } from "vitest";
import { jobId } from "../brand.js";
import { type CounterField, counterField, counterName } from "../statistics/counter-field.js";
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
              - { measure: index, target: '{$self.input.data.kind}' }
              - { measure: sum, target: '{$self.input.data.cents}' }
              - { measure: avg, target: '{$self.input.data.cents}' }
              - { measure: mdn, target: '{$self.input.data.cents}' }
              - { measure: sum, target: '{$self.input.data.cents}' }
              - { measure: index, target: '{$self.input.data.kind}' }
              - { measure: max, target: '{$self.input.data.cents}' }
`);

function changes(payload: Parameters<typeof start>[1]) {
  const { effects } = play(counting, [start(counting, payload)]);
  return effects.flatMap((effect) => (effect.kind === "count" ? [effect.change] : []));
}

const counted = (payload: Parameters<typeof start>[1]): readonly (readonly [CounterField | null, number])[] =>
  changes(payload).map(({ field, add }) => [counterField(field), add]);

const total: readonly [CounterField, number] = [{ kind: "total" }, 1];

test("counts and indexes are kept by value, sums, means and medians by path, whatever is named twice once", () => {
  const payload = { key: "eu", kind: 7, tags: { first: "a:b" }, cents: "5" };

  expect(counted(payload)).toEqual([
    total,
    [{ kind: "count", label: "kind", value: "7" }, 1],
    [{ kind: "index", label: "tags/first", value: "a:b", job: jobId("j1"), rank: 0 }, 1],
    [{ kind: "index", label: "kind", value: "7", job: jobId("j1"), rank: 1 }, 1],
    [{ kind: "sum", label: "cents" }, 5],
    [{ kind: "avg", label: "cents" }, 5],
    [{ kind: "values", label: "cents" }, 1],
    [{ kind: "mdn", label: "cents", number: 5 }, 1],
  ]);
});

test("it is counted by graph and key, in the slice in which the job was started", () => {
  expect(changes({ key: "eu" })).toEqual([
    { name: counterName("t", "eu"), slice: "202605282000", field: 'm["total"]', add: 1 },
  ]);
});

test("a target that is missing or no number is skipped", () => {
  expect(counted({ key: "eu", kind: null, cents: "many" })).toEqual([total]);
  for (const cents of ["", " ", true, [], {}]) expect(counted({ key: "eu", cents })).toEqual([total]);
});

test("without a key nothing is counted", () => {
  expect([counted({ kind: "a" }), counted({ key: "", kind: "a" })]).toEqual([[], []]);
});
