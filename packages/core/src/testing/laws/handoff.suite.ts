import { expect } from "vitest";
import { after } from "../../brand.js";
import type { Backend } from "../../ports/backend.js";
import type { OutgoingMessage } from "../../ports/message.js";
import type { JobRecord } from "../../ports/records.js";
import type { Handoff, StepReport } from "../../ports/store.js";
import { answer, leases, message, opened, topic, work } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger } from "./ledger.js";

interface Offer {
  readonly sends: readonly OutgoingMessage[];
  readonly slots: Handoff["slots"];
}

/** A step that sends work and offers to take some of it. */
function offer<Tx>(backend: Backend<Tx>, job: JobRecord, { sends, slots }: Offer): Promise<StepReport> {
  const events = [message("act", { kind: "act", job: job.id })];
  return backend.store.step(
    { limit: 0, events, handoff: { slots, leaseMs: 8_000 } },
    ledger({ act: () => ({ sends }) }),
  );
}

const leased = law("work that is handed over is leased to who sent it", async ({ backend, another, clock }) => {
  const other = await another();
  const job = await opened(backend, "a");
  const request = work(job, "w");

  const report = await offer(backend, job, { sends: [request], slots: new Map([[topic, 3]]) });

  const [lease] = report.handed;
  const until = after(clock.now(), 8_000);
  expect(report.handed).toEqual([
    { ...request, token: lease?.token, until, deliveries: 1, plan: job.plan, createdAt: clock.now() },
  ]);
  expect(await backend.store.depth(topic)).toBe(1);
  clock.advance(7_999);
  expect(await leases(other)).toEqual([]);
  clock.advance(1);
  expect(await leases(other)).toMatchObject([{ key: "w", deliveries: 2 }]);
});

const slots = law("no more work is handed over than there are slots of its topic", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");
  const sends = [
    ...["w1", "w2", "w3"].map((key) => work(job, key)),
    work(job, "full", { topic: "full" }),
    work(job, "else", { topic: "else" }),
    work(job, "unasked", { topic: "unasked" }),
  ];

  const report = await offer(backend, job, {
    sends,
    slots: new Map([
      [topic, 2],
      ["full", 0],
      ["else", 5],
    ]),
  });

  expect(report.handed.map((lease) => lease.key).sort()).toEqual(["else", "w1", "w2"]);
  expect(new Set(report.handed.map((lease) => lease.token)).size).toBe(3);
  expect((await leases(other)).map((lease) => lease.key)).toEqual(["w3"]);
});

const later = law("work that is not visible yet is not handed over", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const sends = [work(job, "later", { visibleAt: after(clock.now(), 10) })];

  const report = await offer(backend, job, { sends, slots: new Map([[topic, 3]]) });

  clock.advance(10);
  expect(report.handed).toEqual([]);
  expect(await leases(backend)).toMatchObject([{ key: "later", deliveries: 1 }]);
});

const engine = law("engine messages are not handed over", async ({ backend }) => {
  const job = await opened(backend, "a");

  const report = await offer(backend, job, { sends: [message("m")], slots: new Map([["", 3]]) });

  expect(report.handed).toEqual([]);
  expect((await backend.store.step({ limit: 10 }, ledger())).claimed).toBe(1);
});

const known = law("work that is stored already is not handed over again", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);

  const report = await offer(backend, job, { sends: [work(job, "w")], slots: new Map([[topic, 3]]) });

  expect(report.handed).toEqual([]);
  expect(await leases(backend)).toHaveLength(1);
});

const loop = law(
  "work that was handed over is answered in the next step, which hands over more",
  async ({ backend }) => {
    const job = await opened(backend, "a");
    const handoff = { slots: new Map([[topic, 1]]), leaseMs: 8_000 };
    const program = ledger({ complete: ({ message: { request } }) => ({ sends: [work(job, `after ${request}`)] }) });
    const first = await offer(backend, job, { sends: [work(job, "w")], slots: handoff.slots });

    const second = await backend.store.step(
      { limit: 0, answers: first.handed.map((l) => answer(l)), handoff },
      program,
    );
    const third = await backend.store.step(
      { limit: 0, answers: second.handed.map((l) => answer(l)), handoff },
      program,
    );

    expect([second.answers, third.answers]).toEqual([["settled"], ["settled"]]);
    expect(third.handed.map((lease) => lease.key)).toEqual(["after after w"]);
    expect(await backend.store.depth(topic)).toBe(1);
    expect(await backend.stream.settle(third.handed.map((lease) => answer(lease)))).toEqual(["settled"]);
  },
);

export const handoffLaws: readonly Law[] = [leased, slots, later, engine, known, loop];
