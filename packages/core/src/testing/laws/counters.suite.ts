import { expect } from "vitest";
import type { CounterChange, CounterRange, CounterRecord } from "../../ports/records.js";
import { act, actBy, opened } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger } from "./ledger.js";

function one(slice: string, field: string, add = 1): CounterChange {
  return { name: "orders", slice, field, add };
}

/** What `one` leaves behind. */
function at(slice: string, field: string, value = 1): CounterRecord {
  return { name: "orders", slice, field, value };
}

/** Every slice of digits, every field. */
function all(change: Partial<CounterRange> = {}): CounterRange {
  return { name: "orders", from: "0", to: "9", prefix: "", after: null, limit: 100, ...change };
}

const summed = law("counters add up, and each by its name, slice and field", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { counters: [one("1", "x"), one("1", "x", 2.5), one("1", "y"), one("2", "x", -4)] });
  await act(backend, job, { counters: [one("1", "x"), { ...one("1", "x"), name: "returns" }] });

  const counted = await backend.store.readCounters(all());

  expect(counted).toEqual([at("1", "x", 4.5), at("1", "y"), at("2", "x", -4)]);
  expect(await backend.store.readCounters(all({ name: "returns" }))).toEqual([{ ...at("1", "x"), name: "returns" }]);
  expect(await backend.store.readCounters(all({ name: "nothing" }))).toEqual([]);
});

const ordered = law(
  "pages are in the order of slice and field by code point, and miss nothing",
  async ({ backend }) => {
    const job = await opened(backend, "a");
    const fields = ["", "A", "Z", "_", "a", "aa", "b", "\u00e9", "\uffee", "\u{1f600}"];
    const counters = [...fields].reverse().flatMap((field) => [one("2", field), one("10", field), one("1", field)]);
    await act(backend, job, { counters });

    const pages: (readonly CounterRecord[])[] = [];
    for (let after: CounterRange["after"] = null; pages.length < 20; after = pages.at(-1)?.at(-1) ?? null) {
      pages.push(await backend.store.readCounters(all({ after, limit: 7 })));
      if ((pages.at(-1)?.length ?? 0) < 7) break;
    }

    expect(pages.map((page) => page.length)).toEqual([7, 7, 7, 7, 2]);
    expect(pages.flat()).toEqual(["1", "10", "2"].flatMap((slice) => fields.map((field) => at(slice, field))));
  },
);

const exact = law("a span has the slices from its first to its last, and the fields that begin so", async (bench) => {
  const { store } = bench.backend;
  const job = await opened(bench.backend, "a");
  const last = "\u{10ffff}";
  const fields = ["a", "a%", "a%b", "a_", "ab", "a\ud7ff", "a\ue000", `a${last}`, `a${last}x`, "b", last];
  const slices = ["1", "2", "20", "3", "4"];
  await act(bench.backend, job, { counters: slices.flatMap((slice) => fields.map((field) => one(slice, field))) });

  const beginning = async (prefix: string) =>
    (await store.readCounters(all({ from: "2", to: "2", prefix }))).map(({ field }) => field);

  const between = await store.readCounters(all({ from: "2", to: "3", prefix: "ab" }));
  expect(between).toEqual([at("2", "ab"), at("20", "ab"), at("3", "ab")]);
  expect(await store.readCounters(all({ from: "3", to: "2" }))).toEqual([]);
  expect(await beginning("a%")).toEqual(["a%", "a%b"]);
  expect(await beginning("a_")).toEqual(["a_"]);
  expect(await beginning("a\ud7ff")).toEqual(["a\ud7ff"]);
  expect(await beginning(`a${last}`)).toEqual([`a${last}`, `a${last}x`]);
  expect(await beginning(last)).toEqual([last]);
  expect(await beginning("")).toEqual(fields);
});

const afterwards = law("a page begins in its span, wherever the counter is that it follows", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { counters: ["1", "2", "3"].flatMap((slice) => [one(slice, "a"), one(slice, "b")]) });
  const following = async (slice: string, field: string) =>
    (await backend.store.readCounters(all({ from: "2", to: "2", prefix: "b", after: { slice, field } }))).length;

  expect([await following("1", "z"), await following("2", "a"), await following("2", "")]).toEqual([1, 1, 1]);
  expect([await following("2", "b"), await following("2", "c"), await following("3", "")]).toEqual([0, 0, 0]);
});

const snapshots = law("a program is shown the pages it asks for, by their names", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { counters: [one("1", "x"), one("1", "y"), one("2", "x")] });
  const counters = new Map([
    ["first page", all({ limit: 2 })],
    ["nothing", all({ prefix: "z" })],
    ["of '2'", all({ from: "2", to: "2" })],
  ]);
  const program = ledger({}, { reads: { counters } });

  await actBy(backend, job, program);

  expect([...(program.snapshots.at(-1)?.counters ?? [])]).toEqual([
    ["first page", [at("1", "x"), at("1", "y")]],
    ["nothing", []],
    ["of '2'", [at("2", "x")]],
  ]);
});

const together = law("what concurrent steps count is all there", async ({ backend, another }) => {
  const backends = [backend, await another(), backend, await another()];
  const jobs = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((n) => opened(backend, `job ${n}`)));
  const [forth, back] = [
    [one("1", "x"), one("1", "y")],
    [one("1", "y"), one("1", "x", 2)],
  ];

  await Promise.all(
    jobs.map((job, n) => act(backends[n % 4] ?? backend, job, { counters: n % 2 === 0 ? forth : back })),
  );

  expect(await backend.store.readCounters(all())).toEqual([at("1", "x", 12), at("1", "y", 8)]);
});

const dropped = law("counters are dropped before others are counted in the same commit", async ({ backend }) => {
  const job = await opened(backend, "a");
  const counted = ["1", "2", "3"].flatMap((slice) => [one(slice, "x1", 5), one(slice, "x2", 5), one(slice, "y", 5)]);
  await act(backend, job, { counters: [...counted, { ...one("2", "x1", 5), name: "returns" }] });

  const spans = [
    { name: "orders", from: "2", to: "3", prefix: "x" },
    { name: "orders", from: "1", to: "1", prefix: "y" },
  ];
  await act(backend, job, { countersDropped: spans, counters: [one("2", "x1"), one("1", "x1")] });

  expect(await backend.store.readCounters(all())).toEqual([
    at("1", "x1", 6),
    at("1", "x2", 5),
    at("2", "x1"),
    at("2", "y", 5),
    at("3", "y", 5),
  ]);
  expect(await backend.store.readCounters(all({ name: "returns" }))).toHaveLength(1);
});

const undone = law("a step that fails counts nothing and drops nothing", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { counters: [one("1", "x")] });
  const spans = [{ name: "orders", from: "0", to: "9", prefix: "" }];
  const program = ledger({ act: () => ({ countersDropped: spans, counters: [one("1", "y")] }) }, { expected: 99 });

  await expect(actBy(backend, job, program)).rejects.toMatchObject({ retryable: true });

  expect(await backend.store.readCounters(all())).toEqual([at("1", "x")]);
});

const texts = law("names of counters are texts of any characters", async ({ backend }) => {
  const job = await opened(backend, "a");
  const odd = "it's \"\u0000\u0001\\ {{x}} %_ \u{1f600}";
  await act(backend, job, { counters: [{ name: odd, slice: odd, field: odd, add: 1 }, one("1", `${odd}!`)] });

  const named = await backend.store.readCounters({ ...all(), name: odd, from: odd, to: odd, prefix: odd });
  const rest = { name: odd, from: odd, to: odd, prefix: "", after: { slice: odd, field: odd }, limit: 9 };

  expect(named).toEqual([{ name: odd, slice: odd, field: odd, value: 1 }]);
  expect(await backend.store.readCounters(rest)).toEqual([]);
  expect(await backend.store.readCounters(all({ prefix: odd }))).toEqual([at("1", `${odd}!`)]);
});

export const counterLaws: readonly Law[] = [
  summed,
  ordered,
  exact,
  afterwards,
  snapshots,
  together,
  dropped,
  undone,
  texts,
];
