import { expect } from "vitest";
import { address, after, generationId } from "../../brand.js";
import type { Backend } from "../../ports/backend.js";
import { type ReadSet, readRoundsMax } from "../../ports/program.js";
import type { JobRecord, PassRecord } from "../../ports/records.js";
import { act, message, opened, pass, readJob } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger, seenBy } from "./ledger.js";

/** What a program that reads `reads` is shown, by activity and address. */
async function shown<Tx>(backend: Backend<Tx>, job: JobRecord, reads: Partial<ReadSet>): Promise<readonly string[]> {
  const program = ledger({}, { reads });
  await backend.store.step({ limit: 0, events: [message("look", { kind: "look", job: job.id })] }, program);
  return (program.snapshots[0]?.passes ?? []).map((found) => `${found.activity}${found.address}`).sort();
}

const whole = law("a pass is read as it was written", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const { inputOf, ...record } = pass(job, {
    activity: "k1",
    address: address(",0,2,0"),
    type: "hook",
    topic: null,
    open: true,
    output: ["a", { b: null }],
    hook: { said: "yes" },
    metadata: { code: 200, deep: { er: [] } },
    input: { asked: "this" },
    startedAt: after(clock.now(), -5),
    completedAt: null,
  });

  await act(backend, job, { passes: [{ ...record, inputOf }] });

  expect(await backend.store.readPasses(job.id, job.generation)).toEqual([record]);
  expect(await backend.store.readPasses(job.id, generationId("another"))).toEqual([]);
});

const replaced = law("a pass is replaced by its next write", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { passes: [pass(job, { open: true, completedAt: null, output: 1, input: "i" })] });

  await act(backend, job, { passes: [pass(job, { output: 2, input: "j" })] });

  const passes = await backend.store.readPasses(job.id, job.generation);
  expect(passes.map(({ open, output, input }) => ({ open, output, input }))).toEqual([
    { open: false, output: 2, input: "j" },
  ]);
});

const order = law("the passes of a job are read in the order they were started", async ({ backend, clock }) => {
  const [job, other] = [await opened(backend, "a"), await opened(backend, "b")];
  const at = (activity: string, ms: number): ReturnType<typeof pass> =>
    pass(job, { activity, startedAt: after(clock.now(), ms) });

  await act(backend, job, { passes: [at("z", 1), at("b", 2), at("y", 0)] });
  await act(backend, job, { passes: [at("a", 2)] });
  await act(backend, other, { passes: [pass(other)] });

  const passes = await backend.store.readPasses(job.id, job.generation);
  expect(passes.map((found) => found.activity)).toEqual(["y", "z", "a", "b"]);
});

const byKey = law("a program reads passes by their exact keys", async ({ backend }) => {
  const [job, other] = [await opened(backend, "a"), await opened(backend, "b")];
  const at = (text: string): ReturnType<typeof pass> => pass(job, { address: address(text) });
  await act(backend, job, { passes: [at(",0"), at(",0,1"), at(",0,10")] });
  await act(backend, other, { passes: [pass(other, { address: address(",0,1") })] });
  const wanted = (text: string, activity = "work") => ({ job: job.id, activity, address: address(text) });

  const passes = [wanted(",0,1"), wanted(",0,2"), wanted(",0", "another"), wanted(",0,10")];

  expect(await shown(backend, job, { passes })).toEqual(["work,0,1", "work,0,10"]);
  expect(await shown(backend, job, {})).toEqual([]);
});

const byRange = law(
  "a range holds the passes with data at and below an address, and two of them tell",
  async ({ backend }) => {
    const job = await opened(backend, "a");
    const at = (text: string, activity: string): ReturnType<typeof pass> =>
      pass(job, { activity, address: address(text) });
    await act(backend, job, {
      passes: [
        at(",0,1", "one"),
        at(",0,10", "one"),
        at(",0,1,0", "two"),
        at(",0,1,7,3", "two"),
        at(",0,2,0", "two"),
        at(",0,1,0", "many"),
        at(",0,1,1", "many"),
        at(",0,1,2", "many"),
        { ...at(",0,1", "few"), output: null, hook: null },
        { ...at(",0,1,0", "few"), output: null, hook: null },
        { ...at(",0,1,1", "few"), output: null, hook: false },
        at(",0,1,2", "few"),
      ],
    });
    const under = (activity: string) =>
      shown(backend, job, { ranges: [{ job: job.id, activity, under: address(",0,1") }] });

    expect(await under("one")).toEqual(["one,0,1"]);
    expect(await under("two")).toEqual(["two,0,1,0", "two,0,1,7,3"]);
    expect(await under("many")).toHaveLength(2);
    expect(await under("few")).toEqual(["few,0,1,1", "few,0,1,2"]);
    expect(await under("none")).toEqual([]);
  },
);

const rounds = law("a program that wants to see more is asked again, with that in addition", async ({ backend }) => {
  const [job, other] = [await opened(backend, "a"), await opened(backend, "b")];
  const key = (of: JobRecord, activity: string) => ({ job: of.id, activity, address: address(",0,0") });
  await act(backend, job, { passes: ["w", "x", "y", "z"].map((activity) => pass(job, { activity })) });
  await act(backend, other, { passes: [pass(other, { activity: "o" })] });
  const first = { passes: [key(job, "w")], ranges: [] };
  const second = { passes: [key(job, "x"), key(other, "o"), key(job, "absent")], ranges: [] };
  const third = { passes: [key(job, "x")], ranges: [{ job: job.id, activity: "y", under: address(",0") }] };
  const program = ledger({}, { reads: first, rounds: [second, third] });

  const report = await backend.store.step(
    { limit: 0, events: [message("look", { kind: "look", job: job.id })] },
    program,
  );

  const seen = program.snapshots.map(({ passes }) =>
    passes
      .map(({ activity }) => activity)
      .sort()
      .join(""),
  );
  expect(seen).toEqual(["w", "owx", "owxy"]);
  expect(program.snapshots.map(({ asked }) => [asked.passes.length, asked.ranges.length])).toEqual([
    [1, 0],
    [4, 0],
    [5, 1],
  ]);
  expect(report.verdicts).toMatchObject([{ outcome: "applied" }]);
  expect(seenBy(await readJob(backend, job)).filter((line) => line === "look look")).toEqual(["look look"]);
});

const endless = law(
  "a program that wants more and more fails its step, and nothing has happened",
  async ({ backend }) => {
    const job = await opened(backend, "a");
    const before = await readJob(backend, job);
    const more = { passes: [{ job: job.id, activity: "work", address: address(",0,0") }], ranges: [] };
    // Twice as often, because an adapter may ask once before it takes its locks.
    const program = ledger({}, { rounds: Array.from({ length: 2 * readRoundsMax + 2 }, () => more) });

    const step = backend.store.step({ limit: 0, events: [message("look", { kind: "look", job: job.id })] }, program);

    await expect(step).rejects.toThrow(`the program wants to read more after ${readRoundsMax} rounds`);
    expect(await readJob(backend, job)).toEqual(before);
  },
);

const overlap = law("a pass that is asked for twice is shown once", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { passes: [pass(job)] });
  const [activity, at] = ["work", address(",0,0")];

  const found = await shown(backend, job, {
    passes: [{ job: job.id, activity, address: at }],
    ranges: [{ job: job.id, activity, under: at }],
  });

  expect(found).toEqual(["work,0,0"]);
});

const otherJobs = law("a program may read passes of jobs that no message is about", async ({ backend }) => {
  const [job, other] = [await opened(backend, "a"), await opened(backend, "b")];
  await act(backend, other, { passes: [pass(other)] });

  const passes = [{ job: other.id, activity: "work", address: address(",0,0") }];

  expect(await shown(backend, job, { passes })).toEqual(["work,0,0"]);
});

const shownWhole = law("a program is shown a pass whole", async ({ backend }) => {
  const job = await opened(backend, "a");
  const { inputOf, ...record } = pass(job, { input: { asked: "this" } });
  await act(backend, job, { passes: [{ ...record, inputOf }] });
  const program = ledger({}, { reads: { passes: [{ job: job.id, activity: "work", address: record.address }] } });

  await backend.store.step({ limit: 0, events: [message("look", { job: job.id })] }, program);

  const expected: PassRecord = record;
  expect(program.snapshots[0]?.passes).toEqual([expected]);
  expect((await readJob(backend, job)).generation).toBe(record.generation);
});

export const passLaws: readonly Law[] = [
  whole,
  replaced,
  order,
  byKey,
  byRange,
  rounds,
  endless,
  overlap,
  otherJobs,
  shownWhole,
];
