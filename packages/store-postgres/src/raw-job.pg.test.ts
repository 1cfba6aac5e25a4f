import {
  address,
  generationId,
  graphProgram,
  instant,
  type JobRecord,
  type Json,
  jobId,
  messageKey,
  type PassRecord,
  pathText,
  planId,
  rawJob,
} from "@hotmesh/core";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stored } from "./rows/stored-text.js";
import { quoted } from "./schema/quoted.js";
import { openHarness, type PostgresHarness } from "./testing/harness.js";
import { activate, answer, program, start, topic } from "./testing/one-worker.js";
import { postgresUrl } from "./testing/postgres-url.js";

let harness: PostgresHarness;

beforeEach(async () => {
  harness = await openHarness(postgresUrl());
});

afterEach(() => harness.close());

/** The view's rows of a job, as getRaw would have them. */
async function shown(id: string): Promise<Record<string, string>> {
  const client = await harness.client();
  const schema = quoted(harness.backend.schema);
  const { rows } = await client.query(
    `select symbol || dimension as key, value from ${schema}.jobs_attributes where job_id = $1`,
    [id],
  );
  await client.end();
  return Object.fromEntries(rows.map(({ key, value }) => [String(key), String(value)]));
}

/**
 * Texts that are stored as they are. Slashes in keys are left out: they would make different places look the same,
 * and then the last one wins.
 */
const text = fc
  .oneof(fc.string({ unit: "binary" }), fc.constantFrom("/t", "/true", "//", "/n", "/s{}", "/", "", "$hotmesh", "red"))
  .filter((value) => stored(value) === value);
const key = text.map((value) => value.replaceAll("/", "").replaceAll(",", ""));
const number = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1e21, 1e-7, -5e-324))
  .map((value) => (Object.is(value, -0) ? 0 : value));
const tagged = fc.oneof(
  fc
    .oneof(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.constantFrom(null, -1, -62_135_596_800_001, 8.64e15, 9e15))
    .map((v): Json => ({ $hotmesh: "date", v })),
  fc.constantFrom("NaN", "Infinity").map((v): Json => ({ $hotmesh: "number", v })),
  fc.constantFrom<Json>({ $hotmesh: "map", v: { $hotmesh: "date" } }, { $hotmesh: "map" }, { $hotmesh: "other", v: 1 }),
);
const { json } = fc.letrec<{ json: Json; map: Json; list: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    tagged,
    tie("list"),
    tie("map"),
  ),
  list: fc.array(tie("json"), { maxLength: 4 }),
  map: fc.dictionary(key, tie("json"), { maxKeys: 4 }),
}));
const map = fc.dictionary(key, json, { maxKeys: 5 });
const orNull = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const time = fc.integer({ min: 0, max: 4e12 }).map(instant);

const control = fc.record({
  app: text,
  trigger: key,
  slice: fc.constantFrom("0", "202611221015"),
  persistent: json,
});
const parent = fc.record({
  job: text.map(jobId),
  generation: text.map(generationId),
  path: fc.constantFrom(pathText("call,0,0"), pathText("call,0,0,2")),
  awaits: fc.boolean(),
});
const job: fc.Arbitrary<JobRecord> = fc
  .record({
    topic: text,
    version: text,
    phase: fc.constantFrom("running" as const, "failed" as const, "interrupted" as const),
    status: fc.constantFrom(0, 2, -1, -999_999_999),
    data: orNull(map),
    fields: fc.dictionary(
      key.chain((name) => fc.constantFrom(`_${name}`, `-${name}`)),
      text,
    ),
    failure: orNull(map),
    key: orNull(text),
    waiter: orNull(text),
    trace: orNull(text),
    parent: orNull(parent),
    control,
    createdAt: time,
    updatedAt: time,
    numeric: fc.boolean(),
  })
  .map(({ numeric, control: made, ...some }) => ({
    ...some,
    id: jobId("17"),
    generation: generationId("G"),
    revision: 1,
    plan: planId("P"),
    entity: null,
    origin: null,
    expireAt: null,
    control: numeric ? { ...made, numericId: true } : made,
  }));
const pass: fc.Arbitrary<PassRecord> = fc
  .record({ activity: key, output: json, hook: json, input: json, metadata: map, startedAt: time })
  .map((some) => ({
    ...some,
    job: jobId("17"),
    generation: generationId("G"),
    address: address(",0,1"),
    type: "hook",
    topic: null,
    open: false,
    completedAt: null,
  }));

test("getRaw and the view of attributes give the same of any job", async () => {
  const { store } = harness.backend;
  const nothing = graphProgram({ plans: new Map(), policy: null });
  const message = {
    ...{ key: messageKey("m"), topic: null, kind: "write", job: jobId("17"), generation: null, path: null, body: null },
    ...{ visibleAt: null, attempt: 0, policy: null, codeRetries: [], workflow: null, trace: null },
  };
  const empty = nothing.decide([], {
    ...{ now: harness.clock.now(), jobs: new Map(), passes: [], activation: null },
    asked: { passes: [], ranges: [] },
  });
  if ("missing" in empty || "wanted" in empty) throw new Error("nothing was asked for");

  await fc.assert(
    fc.asyncProperty(
      job,
      fc.uniqueArray(pass, { maxLength: 3, selector: (one) => one.activity }),
      async (record, passes) => {
        await store.scrub(record.id);
        await store.step(
          { limit: 0, events: [message] },
          {
            reads: () => ({ passes: [], ranges: [], activation: false }),
            decide: () => ({
              ...empty,
              jobs: [{ record, expected: null }],
              passes: passes.map((one) => ({ ...one, inputOf: null })),
              verdicts: [{ outcome: "applied", job: null }],
            }),
          },
        );

        const stored = await store.readJob(record.id);

        expect(stored).toEqual(record);
        expect(await shown(record.id)).toEqual(rawJob(record, await store.readPasses(record.id, record.generation)));
      },
    ),
    { numRuns: 150 },
  );
});

test("getRaw and the view of attributes give the same of a job that ran", async () => {
  const { store } = harness.backend;
  await activate(harness.backend);
  const handoff = { slots: new Map([[topic, 1]]), leaseMs: 30_000 };
  const { handed } = await store.step({ limit: 0, events: [start("a", harness.clock.now())], handoff }, program);
  await store.step({ limit: 0, answers: handed.map((lease) => answer(lease)) }, program);
  const record = await store.readJob(jobId("a"));
  if (record === null) throw new Error("the job is not there");

  const raw = rawJob(record, await store.readPasses(record.id, record.generation));

  expect(await shown("a")).toEqual(raw);
  expect(raw).toMatchObject({
    ":": "0",
    "data/fired": "/t",
    "metadata/js": "/d0",
    "metadata/state": "completed",
    "k1/input/data/clay,0,0": "red",
    "k1/output/data/fired,0,0": "/t",
    "k1/output/metadata/stp,0,0": topic,
  });
});
