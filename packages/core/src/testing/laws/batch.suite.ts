import { expect } from "vitest";
import { after, messageKey } from "../../brand.js";
import {
  answer,
  closing,
  message,
  note,
  onlyLease,
  opened,
  opening,
  readJob,
  success,
  work,
  workPath,
} from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger, seenBy } from "./ledger.js";

const asSent = law("a stored message reaches the program as it was sent", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const sent = note(job, "m", {
    path: workPath,
    body: { deep: [1, "two", null, { three: true }], empty: "", big: "ü€😀".repeat(3_000) },
    visibleAt: after(clock.now(), -1),
    attempt: 2,
    policy: { maximumAttempts: 3, backoffCoefficient: 10, maximumIntervalSeconds: 120, initialIntervalSeconds: 1 },
    codeRetries: [{ code: "503", retries: 2 }],
    workflow: "pot.throw",
    trace: "00-trace-01",
  });
  await backend.stream.send([sent]);
  const program = ledger();

  await backend.store.step({ limit: 10 }, program);

  expect(program.batches).toEqual([[{ ...sent, source: "stored", plan: job.plan, request: null }]]);
});

const asBrought = law("an event reaches the program as it was brought, and is not stored", async ({ backend }) => {
  const job = await opened(backend, "a");
  const event = note(job, "m", { body: { n: 1 } });
  const program = ledger();

  await backend.store.step({ limit: 0, events: [event, message("about nothing")] }, program);

  expect(program.batches).toEqual([
    [
      { ...event, source: "event", plan: job.plan, request: null },
      { ...message("about nothing"), source: "event", plan: null, request: null },
    ],
  ]);
  expect(await backend.store.depth(null)).toBe(0);
});

const order = law("a batch is answers, then events, then stored messages in due order", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([
    work(job, "w"),
    note(job, "stored second", { visibleAt: after(clock.now(), 20) }),
    note(job, "stored first", { visibleAt: after(clock.now(), 10) }),
  ]);
  const lease = await onlyLease(backend);
  clock.advance(20);
  const program = ledger();

  await backend.store.step(
    { limit: 10, events: [note(job, "event 1"), note(job, "event 2")], answers: [answer(lease)] },
    program,
  );

  const batch = program.batches[0] ?? [];
  expect(batch.map((inbound) => inbound.source)).toEqual(["answer", "event", "event", "stored", "stored"]);
  expect(batch.slice(1).map((inbound) => inbound.key)).toEqual(["event 1", "event 2", "stored first", "stored second"]);
});

const verdicts = law("verdicts come back by the position of the event", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([note(job, "stored"), work(job, "w")]);
  const lease = await onlyLease(backend);
  const failure = { message: "no such thing", code: 422 };
  const program = ledger({
    refuse: () => ({ verdict: { outcome: "rejected", kind: "payload-invalid", failure } }),
  });
  const events = [
    opening("a"),
    message("r", { kind: "refuse" }),
    opening("b"),
    note({ ...job, id: opening("c").job ?? job.id }, "m"),
  ];

  const report = await backend.store.step({ limit: 10, events, answers: [answer(lease, success())] }, program);

  const b = await backend.store.readJob(opening("b").job ?? job.id);
  expect(report.verdicts).toEqual([
    { outcome: "duplicate" },
    { outcome: "rejected", kind: "payload-invalid", failure },
    { outcome: "applied", job: b },
    { outcome: "stale", reason: "not-found" },
  ]);
});

const refused = law("a refused event changes nothing for its neighbours", async ({ backend }) => {
  const job = await opened(backend, "a");
  const events = [note(job, "m1"), opening("a"), note(job, "m2")];

  await backend.store.step({ limit: 0, events }, ledger());

  expect(seenBy(await readJob(backend, job))).toEqual(["note m1", "note m2"]);
});

const duplicates = law("of two starts of one id in one step one wins", async ({ backend }) => {
  const report = await backend.store.step({ limit: 0, events: [opening("a"), opening("a")] }, ledger());

  expect(report.verdicts.map((verdict) => verdict.outcome)).toEqual(["applied", "duplicate"]);
});

const planHint = law("a message about no live job comes without a plan", async ({ backend, clock }) => {
  const gone = await opened(backend, "gone");
  await backend.store.step({ limit: 0, events: [closing(gone, { expireAt: after(clock.now(), 10) })] }, ledger());
  clock.advance(10);
  const program = ledger();

  await backend.store.step({ limit: 0, events: [note(gone, "m"), opening("never")] }, program);

  expect(program.batches.flat().map((inbound) => inbound.plan)).toEqual([null, null]);
  expect(program.snapshots[0]?.jobs.size).toBe(0);
});

const snapshotJobs = law("the snapshot holds the jobs of the messages, whole", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a", { control: { deep: [1, { x: null }] } }), await opened(backend, "b")];
  await opened(backend, "c");
  await backend.stream.send([note(b, "stored")]);
  const program = ledger();

  await backend.store.step({ limit: 10, events: [note(a, messageKey("m"))] }, program);

  expect([...(program.snapshots[0]?.jobs ?? [])].sort()).toEqual([
    ["a", a],
    ["b", b],
  ]);
});

export const batchLaws: readonly Law[] = [
  asSent,
  asBrought,
  order,
  verdicts,
  refused,
  duplicates,
  planHint,
  snapshotJobs,
];
