import { expect } from "vitest";
import { after, messageKey, pathText } from "../../brand.js";
import { act, answer, leases, message, note, onlyLease, opened, readJob, topic, work } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger, seenBy } from "./ledger.js";

const sameKey = law("a send whose key is stored is left alone", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { sends: [work(job, "w", { body: "first" })] });

  await act(backend, job, { sends: [work(job, "w", { body: "second" })] });

  expect((await leases(backend)).map((lease) => lease.body)).toEqual(["first"]);
});

const leasedKey = law("a send whose key is leased is left alone", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { sends: [work(job, "w")] });
  const lease = await onlyLease(backend);

  await act(backend, job, { sends: [work(job, "w")] });

  expect(await leases(backend)).toEqual([]);
  expect(await backend.stream.settle([answer(lease)])).toEqual(["settled"]);
});

const annihilate = law("a send and a cancel of one key in one commit annihilate", async ({ backend }) => {
  const job = await opened(backend, "a");
  const cancels = [
    { by: "key", key: messageKey("w") },
    { by: "key", key: messageKey("t") },
  ] as const;

  await act(backend, job, { sends: [work(job, "w"), note(job, "t"), note(job, "u")], cancels });

  expect(await backend.store.depth(topic)).toBe(0);
  expect(await backend.store.depth(null)).toBe(1);
});

const byKey = law("a cancel by key removes that message", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w1"), work(job, "w2")]);

  await act(backend, job, { cancels: [{ by: "key", key: messageKey("w1") }] });

  expect((await leases(backend)).map((lease) => lease.key)).toEqual(["w2"]);
});

const byPath = law("a cancel by path removes what serves that pass, in every stream", async ({ backend, clock }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  const path = pathText("work,0,1");
  await backend.stream.send([
    work(a, "w1", { path }),
    work(a, "w2", { path: pathText("work,0,10") }),
    work(b, "w3", { path }),
    note(a, "timer", { path, visibleAt: after(clock.now(), 1_000) }),
    note(a, "note"),
  ]);

  await act(backend, a, { cancels: [{ by: "path", job: a.id, path }] });

  expect((await leases(backend)).map((lease) => lease.key)).toEqual(["w2", "w3"]);
  expect(await backend.store.depth(null)).toBe(1);
});

const byJob = law("a cancel by job removes all its messages", async ({ backend, clock }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  await backend.stream.send([
    work(a, "w1"),
    work(b, "w2"),
    note(a, "timer", { visibleAt: after(clock.now(), 1_000) }),
    note(a, "note"),
    note(b, "other"),
  ]);

  await act(backend, a, { cancels: [{ by: "job", job: a.id }] });

  expect((await leases(backend)).map((lease) => lease.key)).toEqual(["w2"]);
  expect(await backend.store.depth(null)).toBe(1);
});

const sparesSends = law("a cancel by job or path spares what the same commit sends", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "old")]);
  const fresh = work(job, "new");

  await act(backend, job, {
    sends: [fresh],
    cancels: [
      { by: "job", job: job.id },
      { by: "path", job: job.id, path: fresh.path ?? pathText("") },
    ],
  });

  expect((await leases(backend)).map((lease) => lease.key)).toEqual(["new"]);
});

const consumedOnce = law("a message that cancels its job's messages is consumed itself", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([note(job, "m1"), note(job, "m2")]);
  const program = ledger({ note: () => ({ cancels: [{ by: "job", job: job.id }] }) });

  const report = await backend.store.step({ limit: 1 }, program);

  expect(report.claimed).toBe(2);
  expect(seenBy(await readJob(backend, job))).toEqual(["note m1", "note m2"]);
  expect(await backend.store.depth(null)).toBe(0);
});

const cancelledLease = law("whoever holds a lease of a cancelled message has lost it", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(backend);

  await act(backend, job, { cancels: [{ by: "path", job: job.id, path: lease.path ?? pathText("") }] });

  expect(await backend.stream.extend([lease.token], 10_000)).toEqual([]);
  expect(await backend.stream.settle([answer(lease)])).toEqual(["lease-lost"]);
  expect(await backend.store.depth(null)).toBe(0);
});

const keys = law("the stream answers a send with the keys by position", async ({ backend }) => {
  await backend.stream.send([message("b")]);

  expect(await backend.stream.send([message("a"), message("b"), message("c")])).toEqual(["a", "b", "c"]);
  expect(await backend.store.depth(null)).toBe(3);
});

const streamKey = law("a key that is sent twice is stored once", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w", { body: 1 })]);

  await backend.stream.send([work(job, "w", { body: 2 })]);
  await Promise.all([backend, other].map(({ stream }) => stream.send([work(job, "x", { body: 3 })])));

  expect((await leases(backend)).map((lease) => [lease.key, lease.body])).toEqual([
    ["w", 1],
    ["x", 3],
  ]);
});

export const sendLaws: readonly Law[] = [
  sameKey,
  leasedKey,
  annihilate,
  byKey,
  byPath,
  byJob,
  sparesSends,
  consumedOnce,
  cancelledLease,
  keys,
  streamKey,
];
