import { expect } from "vitest";
import { after, planId } from "../../brand.js";
import { HotMeshError } from "../../errors.js";
import {
  act,
  answer,
  leases,
  message,
  note,
  onlyLease,
  opened,
  opening,
  pass,
  readJob,
  topic,
  work,
} from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger, seenBy } from "./ledger.js";

const everything = law("a step consumes, writes and sends", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([note(job, "m")]);
  const program = ledger({ note: () => ({ sends: [work(job, "w")], passes: [pass(job)] }) });

  const report = await backend.store.step({ limit: 10 }, program);

  expect(report).toMatchObject({ missing: [], verdicts: [], answers: [], claimed: 1, parked: 0, handed: [] });
  const after = await readJob(backend, job);
  expect({ seen: seenBy(after), revision: after.revision }).toEqual({ seen: ["note m"], revision: 2 });
  expect(await backend.store.depth(null)).toBe(0);
  expect(await backend.store.depth(topic)).toBe(1);
  expect(await backend.store.readPasses(job.id, job.generation)).toHaveLength(1);
});

const throws = law("a program that throws gives everything back", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([note(job, "m"), work(job, "w")]);
  const lease = await onlyLease(backend);
  const broken = ledger({
    note: () => {
      throw new Error("a bug");
    },
  });

  await expect(backend.store.step({ limit: 10, answers: [answer(lease)] }, broken)).rejects.toThrow("a bug");

  expect(await readJob(backend, job)).toEqual(job);
  const report = await backend.store.step({ limit: 10, answers: [answer(lease)] }, ledger());
  expect(report).toMatchObject({ claimed: 1, answers: ["settled"] });
});

const lacksAtRead = law("a step whose program lacks plans to read with leaves no trace", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([note(job, "m")]);
  const plans = [planId("p1"), planId("p2")];

  const report = await backend.store.step(
    { limit: 10, events: [opening("b")] },
    ledger({}, { missing: { at: "reads", plans } }),
  );

  expect(report).toMatchObject({ missing: plans, claimed: 0, parked: 0, handed: [] });
  expect(await backend.store.depth(null)).toBe(1);
  expect(await backend.store.readJob(opening("b").job ?? job.id)).toBeNull();
});

const lacksAtDecide = law("a step whose program lacks plans to decide with leaves no trace", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([note(job, "m"), work(job, "w")]);
  const lease = await onlyLease(backend);
  const lacking = ledger({}, { missing: { at: "decide", plans: [planId("p1")] } });

  const report = await backend.store.step({ limit: 10, answers: [answer(lease)] }, lacking);

  expect(report.missing).toEqual(["p1"]);
  expect(await readJob(backend, job)).toEqual(job);
  const again = await backend.store.step({ limit: 10, answers: [answer(lease)] }, ledger());
  expect(again).toMatchObject({ claimed: 1, answers: ["settled"] });
});

const wrongRevision = law("a commit on another revision than the job has changes nothing", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, {});
  const before = await readJob(backend, job);
  await backend.stream.send([note(job, "m")]);
  const program = ledger({ note: () => ({ sends: [work(job, "w")] }) }, { expected: 1 });

  const failure = await backend.store.step({ limit: 10 }, program).catch((thrown: unknown) => thrown);

  expect(HotMeshError.is(failure) && failure.retryable).toBe(true);
  expect(await readJob(backend, job)).toEqual(before);
  expect(await backend.store.depth(topic)).toBe(0);
  expect((await backend.store.step({ limit: 10 }, ledger())).claimed).toBe(1);
});

const insertOverLive = law("a commit that inserts a job over a live one changes nothing", async ({ backend }) => {
  const job = await opened(backend, "a");
  const program = ledger({}, { expected: null });

  const step = backend.store.step({ limit: 0, events: [note(job, "m", { kind: "note" })] }, program);

  await expect(step).rejects.toThrow();
  expect(await readJob(backend, job)).toEqual(job);
});

const revisions = law("the revision counts the writes of a job", async ({ backend }) => {
  const job = await opened(backend, "a");
  const revisions = [(await readJob(backend, job)).revision];

  for (const key of ["m1", "m2", "m3"]) {
    await backend.store.step({ limit: 0, events: [note(job, key)] }, ledger());
    revisions.push((await readJob(backend, job)).revision);
  }

  expect(revisions).toEqual([1, 2, 3, 4]);
});

const time = law("a step has one time, and that is the storage's", async ({ backend, clock }) => {
  const program = ledger();
  clock.advance(12_345);

  const report = await backend.store.step({ limit: 0, events: [opening("a")] }, program);

  expect(report.now).toBe(clock.now());
  expect(program.snapshots.map((snapshot) => snapshot.now)).toEqual([clock.now()]);
});

const due = law("a step says when the next engine message becomes due", async ({ backend, clock }) => {
  const at = after(clock.now(), 5_000);
  expect((await backend.store.step({ limit: 10 }, ledger())).nextDueAt).toBeNull();

  const program = ledger({ note: () => ({ sends: [message("later", { visibleAt: at })] }) });
  const sender = await backend.store.step({ limit: 0, events: [message("m")] }, program);
  const claimer = await backend.store.step({ limit: 10 }, ledger());

  expect(sender.nextDueAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(at);
  expect(claimer.nextDueAt).toBe(at);
});

const workIsNotClaimed = law("a step leaves the messages of workers alone", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);

  expect((await backend.store.step({ limit: 10 }, ledger())).claimed).toBe(0);
  expect(await leases(backend)).toHaveLength(1);
});

export const stepLaws: readonly Law[] = [
  everything,
  throws,
  lacksAtRead,
  lacksAtDecide,
  wrongRevision,
  insertOverLive,
  revisions,
  time,
  due,
  workIsNotClaimed,
];
