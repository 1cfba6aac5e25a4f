import { Canceller, generationId, type JobRecord, type Json, jobId, planId } from "@hotmesh/core";
import { TestClock } from "@hotmesh/core/testing";
import { expect, test, vi } from "vitest";
import { Results } from "./results.js";

const generation = generationId("Hg1");
const id = jobId("P1");

/** What a step says on the result channel; `output` only to listeners of its own process. */
function announcement(over: { readonly [key: string]: Json } = {}): Json {
  return { job: id, generation, topic: null, final: true, output: { metadata: { jid: id } }, failure: null, ...over };
}

function record(clock: TestClock, over: Partial<JobRecord>): JobRecord {
  const now = clock.now();
  const lists = { open: [], queue: [], counters: [], joins: [] };
  return {
    id,
    generation,
    revision: 1,
    plan: planId("p"),
    topic: "pot.throw",
    version: "1",
    phase: "running",
    status: 1,
    control: { app: "studio", trigger: "t1", slice: "202611221015", ...lists },
    data: null,
    fields: {},
    failure: null,
    key: null,
    entity: null,
    parent: null,
    origin: null,
    waiter: "H1",
    trace: null,
    createdAt: now,
    updatedAt: now,
    expireAt: null,
    ...over,
  };
}

function setup() {
  const clock = new TestClock();
  const readJob = vi.fn(async (): Promise<JobRecord | null> => null);
  const logger = { debug: () => {}, info: () => {}, warn: vi.fn(), error: () => {} };
  const results = new Results({ store: { readJob }, clock, logger });
  const wait = (final = false) => {
    const result = results.wait(generation, final);
    results.name(generation, id);
    result.catch(() => {});
    return result;
  };
  /** Moves time, and lets everything run that follows. */
  const advance = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return { clock, readJob, logger, results, wait, advance };
}

test("an announcement of this process brings the result along", async () => {
  const { results, wait, readJob } = setup();
  const result = wait();

  results.hear(announcement(), true);

  expect(await result).toEqual({ metadata: { jid: "P1" } });
  expect(readJob).not.toHaveBeenCalled();
});

test("what an announcement from elsewhere says of the result is not believed", async () => {
  const { clock, results, wait, readJob } = setup();
  readJob.mockResolvedValue(record(clock, { phase: "completed", status: 0, data: { fired: true } }));
  const result = wait();

  results.hear(
    announcement({ output: { metadata: {}, data: { fired: false } }, failure: { message: "forged" } }),
    false,
  );

  expect(await result).toMatchObject({ metadata: { state: "completed" }, data: { fired: true } });
});

test("an announcement from elsewhere is a reference to what is read", async () => {
  const { clock, results, wait, readJob } = setup();
  readJob.mockResolvedValue(record(clock, { phase: "completed", status: 0, data: { fired: true } }));
  const result = wait();

  results.hear({ job: id, generation, topic: null, final: true }, false);

  expect(await result).toMatchObject({ metadata: { state: "completed" }, data: { fired: true } });
});

test("F25 a failure rejects with an error that carries its code and the job's id", async () => {
  const { results, wait } = setup();
  const result = wait();

  results.hear(announcement({ failure: { message: "glaze ran", code: 422, is_stream_error: true } }), true);

  await expect(result).rejects.toMatchObject({
    name: "JobFailedError",
    code: 422,
    message: "glaze ran",
    job_id: "P1",
    error: { message: "glaze ran", code: 422, is_stream_error: true },
  });
});

test("an interim document is a result, unless the caller waits for the final one", async () => {
  const { results, wait } = setup();
  const final = wait(true);
  results.hear(announcement({ final: false, output: { metadata: { jid: id, js: 1 } } }), true);
  results.hear(announcement({ output: { metadata: { jid: id, js: 0 } } }), true);

  expect((await final).metadata).toEqual({ jid: "P1", js: 0 });
  const interim = wait(false);
  results.hear(announcement({ final: false, output: { metadata: { jid: id, js: 1 } } }), true);
  expect((await interim).metadata).toEqual({ jid: "P1", js: 1 });
});

test("a lost announcement costs latency only: the storage is asked after 250 ms, then in doubling gaps", async () => {
  const { clock, wait, readJob, advance } = setup();
  const result = wait();
  const asked: number[] = [];
  readJob.mockImplementation(async () => {
    asked.push(clock.now() - 1_800_000_000_000);
    return record(clock, asked.length < 8 ? {} : { phase: "completed", status: 0 });
  });

  for (let step = 0; step < 400; step += 1) await advance(50);

  expect(asked).toEqual([250, 750, 1_750, 3_750, 7_750, 12_750, 17_750]);
  for (let step = 0; step < 100; step += 1) await advance(50);
  expect((await result).metadata["state"]).toBe("completed");
});

test("another job of the same id is somebody else's", async () => {
  const { clock, wait, readJob, advance, results } = setup();
  readJob.mockResolvedValue(record(clock, { phase: "completed", generation: generationId("Hg2") }));
  void wait();

  await advance(250);
  results.hear(announcement({ generation: "Hg2" }), true);

  expect(results.size).toBe(1);
});

test("a read that fails is made again", async () => {
  const { clock, wait, readJob, advance, logger } = setup();
  readJob.mockRejectedValueOnce(new Error("gone"));
  const result = wait();
  await advance(250);
  readJob.mockResolvedValue(record(clock, { phase: "completed", status: 0 }));

  await advance(500);

  expect((await result).metadata["js"]).toBe(0);
  expect(logger.warn).toHaveBeenCalledOnce();
});

test("whoever waits no more leaves no timer behind", async () => {
  const { clock, wait, results, advance } = setup();
  void wait();
  expect(clock.sleeping).toBe(1);

  results.forget(generation);
  await advance(0);

  expect(clock.sleeping).toBe(0);
});

test("F9 what is no announcement moves nobody", () => {
  const { results, wait } = setup();
  void wait();

  for (const body of [null, "P1", {}, { job: 7, generation }, []]) results.hear(body, true);

  expect(results.size).toBe(1);
});

test("a job that is watched is looked at when the watch begins, and then like any other", async () => {
  const { clock, results, readJob, advance } = setup();
  readJob.mockResolvedValue(record(clock, {}));
  const result = results.watch(generation, id, () => false);
  expect(results.watch(generation, id, () => false)).toBe(result);
  await advance(0);
  expect(readJob).toHaveBeenCalledTimes(1);

  readJob.mockResolvedValue(record(clock, { phase: "completed", status: 0, data: { fired: true } }));
  await advance(250);

  expect(await result).toMatchObject({ data: { fired: true } });
  expect(results.size).toBe(0);
});

test("a job that is watched and goes on has a result when its document says so", async () => {
  const { clock, results, readJob } = setup();
  readJob.mockResolvedValue(record(clock, { data: { done: true } }));

  const result = results.watch(generation, id, ({ data }) => data?.["done"] === true);

  expect(await result).toMatchObject({ metadata: { state: "running" }, data: { done: true } });
});

test.each([
  ["is gone", null],
  ["is another one", { generation: generationId("Hg2") }],
] as const)("the watch of a job that %s rejects", async (_, found) => {
  const { clock, results, readJob } = setup();
  readJob.mockResolvedValue(found === null ? null : record(clock, found));

  await expect(results.watch(generation, id, () => false)).rejects.toMatchObject({ kind: "job-not-found" });
  expect(results.size).toBe(0);
});

test("who starts a job and who watches it both have its result", async () => {
  const { clock, results, readJob, wait } = setup();
  readJob.mockResolvedValue(record(clock, {}));
  const waits = [
    wait(true),
    results.watch(generation, id, () => false),
    results.follow(generation, id, new Canceller()),
  ];

  results.hear(announcement(), true);

  for (const result of waits) expect(await result).toEqual({ metadata: { jid: "P1" } });
  expect(results.size).toBe(0);
});

test("who does not follow a job any more is forgotten, and nobody else", async () => {
  const { clock, results, readJob, wait } = setup();
  readJob.mockResolvedValue(record(clock, {}));
  const result = wait(true);
  const done = new Canceller();
  void results.follow(generation, id, done);

  done.cancel();
  expect(results.size).toBe(1);
  results.hear(announcement(), true);

  expect(await result).toEqual({ metadata: { jid: "P1" } });
});
