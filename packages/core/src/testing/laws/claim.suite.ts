import { expect } from "vitest";
import { after, type Instant, jobId, messageKey } from "../../brand.js";
import { act, message, note, opened, readJob } from "./builders.js";
import { type Law, law } from "./law.js";
import { type Ledger, ledger, seenBy } from "./ledger.js";

const keysSeen = (program: Ledger): readonly string[] => program.batches.flat().map((inbound) => inbound.key);

const visible = law("nothing is claimed before it is visible", async ({ backend, clock }) => {
  await backend.stream.send([message("m", { visibleAt: after(clock.now(), 1_000) })]);

  clock.advance(999);
  const early = await backend.store.step({ limit: 10 }, ledger());
  clock.advance(1);
  const due = await backend.store.step({ limit: 10 }, ledger());

  expect([early.claimed, due.claimed]).toEqual([0, 1]);
});

const dueOrder = law("messages of one job are seen in due order", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const inMs = (ms: number): Instant => after(clock.now(), ms);
  await backend.stream.send([
    note(job, "third", { visibleAt: inMs(30) }),
    note(job, "first", { visibleAt: inMs(10) }),
    note(job, "second", { visibleAt: inMs(20) }),
  ]);

  clock.advance(20);
  await backend.store.step({ limit: 10 }, ledger());
  clock.advance(20);
  await backend.store.step({ limit: 10 }, ledger());

  expect(seenBy(await readJob(backend, job))).toEqual(["note first", "note second", "note third"]);
});

const sameInstant = law("messages due at one instant are seen in the order they were stored", async ({ backend }) => {
  const job = await opened(backend, "a");
  const names = ["d", "a", "c", "b", "e"];
  await backend.stream.send(names.slice(0, 3).map((name) => note(job, name)));
  await backend.stream.send(names.slice(3).map((name) => note(job, name)));

  await backend.store.step({ limit: 10 }, ledger());

  expect(seenBy(await readJob(backend, job))).toEqual(names.map((name) => `note ${name}`));
});

const limit = law(
  "a step claims the jobs that wait longest, with all that is due of each",
  async ({ backend, clock }) => {
    const [a, b, c] = [await opened(backend, "a"), await opened(backend, "b"), await opened(backend, "c")];
    await backend.stream.send([note(c, "c1", { visibleAt: after(clock.now(), 3) })]);
    await backend.stream.send([note(a, "a1", { visibleAt: after(clock.now(), 1) })]);
    await backend.stream.send([note(b, "b1", { visibleAt: after(clock.now(), 2) })]);
    await backend.stream.send([note(a, "a2", { visibleAt: after(clock.now(), 4) })]);
    await backend.stream.send([note(a, "a3", { visibleAt: after(clock.now(), 9) })]);
    clock.advance(5);
    const program = ledger();

    const report = await backend.store.step({ limit: 2 }, program);

    expect(report.claimed).toBe(3);
    expect(keysSeen(program)).toEqual(["a1", "b1", "a2"]);
  },
);

const jobless = law("a message about no job counts as a job of its own", async ({ backend }) => {
  await backend.stream.send([message("m1"), message("m2"), message("m3")]);
  const program = ledger();

  const first = await backend.store.step({ limit: 2 }, program);
  const second = await backend.store.step({ limit: 2 }, program);

  expect([first.claimed, second.claimed]).toEqual([2, 1]);
  expect(keysSeen(program)).toEqual(["m1", "m2", "m3"]);
});

const none = law("a limit of zero claims nothing", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([note(job, "m")]);
  const program = ledger();

  const report = await backend.store.step({ limit: 0, events: [note(job, "event")] }, program);

  expect(report.claimed).toBe(0);
  expect(keysSeen(program)).toEqual(["event"]);
});

const parked = law("a parked message stays, and only its job's later messages wait", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  await backend.stream.send([note(a, "a1", { kind: "bad" }), note(b, "b1")]);
  const program = ledger({ bad: () => ({ park: "it threw" }) });

  const first = await backend.store.step({ limit: 10 }, program);
  await backend.stream.send([note(a, "a2"), note(b, "b2"), message("about nothing")]);
  const second = await backend.store.step({ limit: 10 }, ledger());

  expect(first).toMatchObject({ claimed: 1, parked: 1 });
  expect(second).toMatchObject({ claimed: 2, parked: 0 });
  expect(seenBy(await readJob(backend, a))).toEqual([]);
  expect(seenBy(await readJob(backend, b))).toEqual(["note b1", "note b2"]);
  expect(await backend.store.depth(null)).toBe(1);
});

const deferred = law("messages that are deferred behind a parked one stay as they are", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  await backend.stream.send([note(a, "a1"), note(a, "bad", { kind: "bad" }), note(a, "a2"), note(b, "b1")]);

  const report = await backend.store.step({ limit: 10 }, ledger({ bad: () => ({ park: "it threw" }) }));
  await act(backend, a, { cancels: [{ by: "key", key: messageKey("bad") }] });
  await backend.store.step({ limit: 10 }, ledger());

  expect(report).toMatchObject({ claimed: 2, parked: 1 });
  expect(seenBy(await readJob(backend, a))).toEqual(["note a1", "act act", "note a2"]);
  expect(seenBy(await readJob(backend, b))).toEqual(["note b1"]);
});

const parkedAlone = law("a parked message about no job stops nothing, and does not come back", async ({ backend }) => {
  await backend.stream.send([message("bad", { kind: "bad" }), message("m1")]);

  const first = await backend.store.step({ limit: 10 }, ledger({ bad: () => ({ park: "it threw" }) }));
  await backend.stream.send([message("m2")]);
  const second = await backend.store.step({ limit: 10 }, ledger());

  expect(first).toMatchObject({ claimed: 1, parked: 1 });
  expect(second).toMatchObject({ claimed: 1, parked: 0, nextDueAt: null });
});

const parkedEvents = law("events of a job with a parked message are decided", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([note(job, "bad", { kind: "bad" })]);
  await backend.store.step({ limit: 10 }, ledger({ bad: () => ({ park: "it threw" }) }));

  await backend.store.step({ limit: 10, events: [note(job, "event")] }, ledger());

  expect(seenBy(await readJob(backend, job))).toEqual(["note event"]);
});

const unparked = law("a job goes on when its parked message is cancelled", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([note(job, "bad", { kind: "bad" })]);
  await backend.store.step({ limit: 10 }, ledger({ bad: () => ({ park: "it threw" }) }));
  await backend.stream.send([note(job, "m")]);

  await act(backend, job, { cancels: [{ by: "key", key: messageKey("bad") }] });
  await backend.store.step({ limit: 10 }, ledger());

  expect(seenBy(await readJob(backend, job))).toEqual(["act act", "note m"]);
});

const idle = law("a parked message is not announced as due", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const at = after(clock.now(), 60_000);
  await backend.stream.send([note(job, "bad", { kind: "bad" }), message("later", { visibleAt: at })]);
  await backend.store.step({ limit: 10 }, ledger({ bad: () => ({ park: "it threw" }) }));

  const report = await backend.store.step({ limit: 10 }, ledger());

  expect(report).toMatchObject({ claimed: 0, nextDueAt: at });
});

const homeless = law("a message for a job that does not exist is decided without it", async ({ backend }) => {
  await backend.stream.send([message("m", { job: jobId("nobody") })]);
  const program = ledger();

  const report = await backend.store.step({ limit: 10 }, program);

  expect(report.claimed).toBe(1);
  expect(program.snapshots[0]?.jobs.size).toBe(0);
  expect(await backend.store.depth(null)).toBe(0);
});

export const claimLaws: readonly Law[] = [
  visible,
  dueOrder,
  sameInstant,
  limit,
  jobless,
  none,
  parked,
  deferred,
  parkedAlone,
  parkedEvents,
  unparked,
  idle,
  homeless,
];
