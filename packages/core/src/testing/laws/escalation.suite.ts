import { expect } from "vitest";
import { after } from "../../brand.js";
import type { Backend } from "../../ports/backend.js";
import type { JobRecord } from "../../ports/records.js";
import { act, actBy, closing, item, message, opened, opening, readJob } from "./builders.js";
import { type Law, law } from "./law.js";
import { jobRecord, type Ledger, type LedgerOptions, ledger, type Turn } from "./ledger.js";

/** The items of a key as `wait status`, newest first. */
async function itemsOf<Tx>({ store }: Backend<Tx>, key = "k"): Promise<readonly string[]> {
  return (await store.readEscalations(key)).map(({ wait, status }) => `${wait} ${status}`);
}

/** Opens an item for its job, unless it is shown that another one is pending: then it notes whose. */
function polite(wait: string, options: LedgerOptions = { items: ["k"] }): Ledger {
  return ledger(
    {
      act: ({ job, snapshot }: Turn) => {
        const holder = snapshot.escalations?.get("k") ?? null;
        if (job === null) return {};
        return holder === null
          ? { escalationsOpened: [item(job, wait)] }
          : { job: { ...job, fields: { holder }, updatedAt: snapshot.now } };
      },
    },
    options,
  );
}

async function holderSeenBy<Tx>(backend: Backend<Tx>, job: JobRecord): Promise<string | undefined> {
  return (await readJob(backend, job)).fields["holder"];
}

const kept = law("a work item is kept as it was opened, whatever its texts", async ({ backend, clock }) => {
  const odd = `it's "\u0000\u0001\\ {{x}} %_ \u{1f600} ${"long ".repeat(3_000)}${"\u{1f4a9}".repeat(3_000)}`;
  const half = "\ud83d";
  const job = await opened(backend, "a");
  const full = item(job, odd, {
    key: odd,
    topic: odd,
    role: odd,
    type: odd,
    subtype: odd,
    entity: odd,
    description: odd,
    priority: -3,
    metadata: { [odd]: [odd, { b: odd, a: [null, true, 1.5e-300, half] }], [half]: {} },
    envelope: { b: odd, a: { [odd]: half } },
    originId: odd,
    parentId: odd,
    initiatedBy: odd,
    traceId: odd,
    spanId: odd,
    taskQueue: odd,
    workflowType: odd,
    expiresAt: after(clock.now(), 123_457),
  });

  await act(backend, job, { escalationsOpened: [full, item(job, "w2")] });

  const { closed: _, ...record } = full;
  const createdAt = clock.now();
  const state = { status: "pending", resolverPayload: null, createdAt, resolvedAt: null };
  expect(await backend.store.readEscalations(odd)).toEqual([{ ...record, ...state }]);
  expect(await itemsOf(backend)).toEqual(["w2 pending"]);
  expect(await backend.store.readEscalations("another")).toEqual([]);
});

const closes = law("closing says how an item ended, with what, and when", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const payload = { said: ["\u0000", "\ud83d", "\u{1f600}", null], b: 1, a: 2 };
  await act(backend, job, { escalationsOpened: [item(job, "w")] });
  const createdAt = clock.now();
  clock.advance(1_234);

  await act(backend, job, { escalationsClosed: [{ key: "k", wait: "w", status: "resolved", payload }] });

  const { closed: _, ...record } = item(job, "w");
  const state = { status: "resolved", resolverPayload: payload, createdAt, resolvedAt: clock.now() };
  expect(await backend.store.readEscalations("k")).toEqual([{ ...record, ...state }]);
});

const pendingOnly = law("closing touches the pending item of its wait and nothing else", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { escalationsOpened: [item(job, "w1")] });
  const close = { key: "k", wait: "w1", status: "resolved", payload: 1 } as const;
  await act(backend, job, { escalationsClosed: [close, { ...close, wait: "nobody" }] });
  await act(backend, job, { escalationsOpened: [item(job, "w2"), item(job, "w3", { key: "other" })] });

  const late = { status: "expired", payload: "too late" } as const;
  await act(backend, job, {
    escalationsClosed: [
      { ...late, key: "k", wait: "w1" },
      { ...late, key: "k", wait: "w3" },
      { ...late, key: "other", wait: "w2" },
      { ...late, key: "nothing", wait: "nothing" },
    ],
  });

  expect(await itemsOf(backend)).toEqual(["w2 pending", "w1 resolved"]);
  expect(await itemsOf(backend, "other")).toEqual(["w3 pending"]);
  expect((await backend.store.readEscalations("k"))[1]?.resolverPayload).toBe(1);
});

const again = law("a key can be opened again once its item is closed, also in one commit", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  await act(backend, a, { escalationsOpened: [item(a, "w1")] });
  const close = (wait: string) => [{ key: "k", wait, status: "resolved", payload: null } as const];

  await act(backend, a, { escalationsClosed: close("w1") });
  await act(backend, b, { escalationsOpened: [item(b, "w2")] });
  await act(backend, b, { escalationsClosed: close("w2"), escalationsOpened: [item(b, "w3")] });

  expect(await itemsOf(backend)).toEqual(["w3 pending", "w2 resolved", "w1 resolved"]);
});

const overAtOnce = law(
  "items that are over at once are seen beside one that is pending",
  async ({ backend, clock }) => {
    const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
    await act(backend, a, { escalationsOpened: [item(a, "w1")] });
    const closed = { status: "expired", payload: { late: true } } as const;

    await act(backend, b, { escalationsOpened: [item(b, "w2", { closed }), item(b, "w3", { closed })] });
    const other = { closed: { status: "cancelled", payload: null }, key: "other" } as const;
    await act(backend, b, { escalationsOpened: [item(b, "w4", other), item(b, "w5", { key: "other" })] });

    expect(await itemsOf(backend)).toEqual(["w3 expired", "w2 expired", "w1 pending"]);
    expect(await itemsOf(backend, "other")).toEqual(["w5 pending", "w4 cancelled"]);
    const [newest] = await backend.store.readEscalations("k");
    expect(newest).toMatchObject({ resolverPayload: { late: true }, createdAt: clock.now(), resolvedAt: clock.now() });
  },
);

const newestFirst = law("items of a key come newest first, also those of one moment", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const closed = { status: "resolved", payload: null } as const;
  const batch = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => item(job, `w${from + n}`, { closed }));
  await act(backend, job, { escalationsOpened: batch(10, 30) });
  await act(backend, job, { escalationsOpened: batch(40, 1) });
  await act(backend, job, { escalationsOpened: batch(41, 1) });
  clock.advance(5);
  await act(backend, job, { escalationsOpened: batch(42, 2) });

  const waits = (await backend.store.readEscalations("k")).map(({ wait }) => wait);

  expect(waits).toEqual(Array.from({ length: 34 }, (_, n) => `w${43 - n}`));
});

const shown = law("a program is shown whose item is pending of the keys it asks for", async ({ backend }) => {
  const job = await opened(backend, "a");
  const closed = { status: "resolved", payload: null } as const;
  const odd = "\u0000 ' \u{1f600}";
  const items = [item(job, odd, { key: odd }), item(job, "w1", { closed }), item(job, "w2", { key: "other" })];
  await act(backend, job, { escalationsOpened: items });
  const program = ledger({}, { items: ["k", odd, "other", "nothing"] });

  await actBy(backend, job, program);

  expect([...(program.snapshots.at(-1)?.escalations ?? [])]).toEqual([
    ["k", null],
    [odd, odd],
    ["other", "w2"],
    ["nothing", null],
  ]);
});

const unique = law("a key has one pending work item, whoever opens another at the same time", async (bench) => {
  const { backend } = bench;
  const backends = [backend, await bench.another(), backend, await bench.another()];
  const jobs = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => opened(backend, `job ${n}`)));

  // Half of them do not even ask: they are shown what is in their way all the same.
  await Promise.all(
    jobs.map((job, n) => {
      const program = polite(`w${n}`, n % 2 === 0 ? { items: ["k"] } : {});
      return actBy(backends[n % 4] ?? backend, job, program);
    }),
  );

  const items = await backend.store.readEscalations("k");
  expect(items.map(({ status }) => status)).toEqual(["pending"]);
  const holders = await Promise.all(jobs.map((job) => holderSeenBy(backend, job)));
  const others = jobs.map(({ id }) => (id === items[0]?.job ? undefined : items[0]?.wait));
  expect(holders).toEqual(others);
});

const insistent = law("a step that insists on a second pending item changes nothing", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  await act(backend, a, { escalationsOpened: [item(a, "w1")] });

  const insisting = act(backend, b, { escalationsOpened: [item(b, "w2")] });

  await expect(insisting).rejects.toMatchObject({ retryable: true });
  expect(await itemsOf(backend)).toEqual(["w1 pending"]);
  expect(await readJob(backend, b)).toEqual(b);
});

const together = law("an item is opened and closed with its job's commit, or not at all", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { escalationsOpened: [item(job, "w1", { key: "old" })] });
  const program = ledger(
    {
      act: () => ({
        escalationsOpened: [item(job, "w2")],
        escalationsClosed: [{ key: "old", wait: "w1", status: "resolved", payload: null }],
      }),
    },
    { expected: 99 },
  );

  await expect(actBy(backend, job, program)).rejects.toMatchObject({ retryable: true });

  expect(await itemsOf(backend)).toEqual([]);
  expect(await itemsOf(backend, "old")).toEqual(["w1 pending"]);
});

const started = law("a start can open an item", async ({ backend }) => {
  const program = ledger({
    open: ({ message: start, snapshot }) => ({ escalationsOpened: [item(jobRecord(start, snapshot.now), "w")] }),
  });

  await backend.store.step({ limit: 0, events: [opening("a")] }, program);

  expect(await itemsOf(backend)).toEqual(["w pending"]);
});

const outlives = law("items outlive their job, and those still pending are cancelled with it", async (bench) => {
  const { backend, clock } = bench;
  const [swept, taken] = [await opened(backend, "swept"), await opened(backend, "taken")];
  const closed = { status: "resolved", payload: 1 } as const;
  for (const job of [swept, taken]) {
    const { id } = job;
    const items = [item(job, `${id} 1`, { closed }), item(job, `${id} 2`, { key: id })];
    await act(backend, job, { escalationsOpened: items });
  }
  const expireAt = after(clock.now(), 10);
  await backend.store.step(
    { limit: 0, events: [closing(swept, { expireAt }), closing(taken, { expireAt })] },
    ledger(),
  );
  clock.advance(10);

  await opened(backend, "taken");
  await backend.store.sweep(10);

  expect(await itemsOf(backend)).toEqual(["taken 1 resolved", "swept 1 resolved"]);
  expect(await itemsOf(backend, "swept")).toEqual(["swept 2 cancelled"]);
  expect(await itemsOf(backend, "taken")).toEqual(["taken 2 cancelled"]);
  expect(await backend.store.readEscalations("taken")).toMatchObject([
    { resolverPayload: null, resolvedAt: clock.now() },
  ]);
});

const transactional = law(
  "items of a caller's transaction are there with it, and whoever wants their key waits for its end",
  async ({ backend, another, transact }) => {
    const other = await another();
    const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
    const events = [message("act", { kind: "act", job: a.id })];

    await transact("rollback", async (within) => {
      await backend.store.step({ limit: 0, events, within }, polite("w1"));
      expect(await itemsOf(other)).toEqual([]);
    });
    expect(await itemsOf(other)).toEqual([]);

    let waiting: Promise<unknown> = Promise.resolve();
    await transact("commit", async (within) => {
      await backend.store.step({ limit: 0, events, within }, polite("w2"));
      waiting = actBy(other, b, polite("w3"));
    });
    await waiting;

    expect(await itemsOf(other)).toEqual(["w2 pending"]);
    expect(await holderSeenBy(other, b)).toBe("w2");
  },
  ["transact"],
);

export const escalationLaws: readonly Law[] = [
  kept,
  closes,
  pendingOnly,
  again,
  overAtOnce,
  newestFirst,
  shown,
  unique,
  insistent,
  together,
  started,
  outlives,
  transactional,
];
