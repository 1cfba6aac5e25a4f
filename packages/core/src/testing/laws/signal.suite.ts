import { expect } from "vitest";
import { after, type Instant, pathText } from "../../brand.js";
import type { Backend } from "../../ports/backend.js";
import type { InboundMessage } from "../../ports/message.js";
import type { HookRecord } from "../../ports/records.js";
import { act, closing, hook, message, opened, signal } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger } from "./ledger.js";

/** The signals that are under way, consumed by a step. */
async function delivered<Tx>(backend: Backend<Tx>): Promise<readonly InboundMessage[]> {
  const program = ledger();
  await backend.store.step({ limit: 50 }, program);
  return program.batches.flat().filter((inbound) => inbound.kind === "signal");
}

const said = (signals: readonly InboundMessage[]): readonly unknown[] => signals.map(({ job, body }) => [job, body]);

const open = law("a signal is delivered to the hook that waits for it", async ({ backend }) => {
  const job = await opened(backend, "a");
  const waiting = hook(job, "k");
  await act(backend, job, { hooksOpened: [waiting] });

  await act(backend, job, { signals: [signal("s", job, { body: { deep: [null, { x: 1 }] } })] });

  expect(await delivered(backend)).toMatchObject([
    {
      kind: "signal",
      topic: null,
      job: job.id,
      generation: job.generation,
      path: waiting.path,
      body: { deep: [null, { x: 1 }] },
      source: "stored",
    },
  ]);
});

const early = law(
  "a signal before its hook is kept and delivered when the hook opens, with the body to keep",
  async ({ backend, clock }) => {
    const job = await opened(backend, "a");
    const keepUntil = after(clock.now(), 1_000);
    await act(backend, job, { signals: [signal("s", job, { keepUntil })] });
    expect(await delivered(backend)).toEqual([]);
    clock.advance(999);

    await act(backend, job, { hooksOpened: [hook(job, "k")] });

    const signals = await delivered(backend);
    expect(said(signals)).toEqual([["a", { kept: "s" }]]);
    expect(signals[0]?.path).toBe(hook(job, "k").path);
  },
);

const consumed = law("a kept signal is delivered once", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  await act(backend, a, { signals: [signal("s", a)] });

  await act(backend, a, { hooksOpened: [hook(a, "k")] });
  await act(backend, b, { hooksOpened: [hook(b, "k")] });

  expect(said(await delivered(backend))).toEqual([["a", { kept: "s" }]]);
});

const expired = law("a kept signal is dropped after its time", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { signals: [signal("s", job, { keepUntil: after(clock.now(), 1_000) })] });
  clock.advance(1_000);

  await act(backend, job, { hooksOpened: [hook(job, "k")] });

  expect(await delivered(backend)).toEqual([]);
});

const newest = law("a newer early signal replaces the older", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { signals: [signal("old", job)] });
  await act(backend, job, { signals: [signal("new", job)] });

  await act(backend, job, { hooksOpened: [hook(job, "k")] });

  expect(said(await delivered(backend))).toEqual([["a", { kept: "new" }]]);
});

const afresh = law("a kept signal that expired makes room for a new one", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { signals: [signal("old", job, { keepUntil: after(clock.now(), 10) })] });
  clock.advance(10);

  await act(backend, job, { signals: [signal("new", job)] });
  await act(backend, job, { hooksOpened: [hook(job, "k")] });

  expect(said(await delivered(backend))).toEqual([["a", { kept: "new" }]]);
});

const everyHook = law("every open hook that matches gets the signal exactly once", async ({ backend }) => {
  const [a, b, c] = [await opened(backend, "a"), await opened(backend, "b"), await opened(backend, "c")];
  const [here, there] = [pathText("wait,0,0"), pathText("wait,0,1")];
  await act(backend, a, { hooksOpened: [hook(a, "k", here), hook(a, "k", there)] });
  await act(backend, b, { hooksOpened: [hook(b, "k", here)] });
  await act(backend, c, { hooksOpened: [hook(c, "another", here)] });

  await act(backend, c, { signals: [signal("s", c)] });

  const signals = await delivered(backend);
  expect(signals.map(({ job, path }) => `${job} ${path}`).sort()).toEqual(["a wait,0,0", "a wait,0,1", "b wait,0,0"]);
  expect(new Set(signals.map(({ key }) => key)).size).toBe(3);
});

const newestHook = law("a signal for the newest hook is delivered to that one alone", async ({ backend, clock }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  const [ninth, tenth] = [pathText("wait,0,9"), pathText("wait,0,10")];
  await act(backend, b, { hooksOpened: [hook(b, "k", ninth)] });
  clock.advance(1);
  await act(backend, a, {
    hooksOpened: [hook(a, "k", tenth), hook(a, "k", ninth)].map((opening) => late(opening, clock)),
  });
  const paths: unknown[] = [];

  for (const id of ["first", "second", "third"]) {
    await act(backend, a, { signals: [signal(id, a, { closes: true, newest: true })] });
    for (const { job, path, body } of await delivered(backend)) paths.push([job, path, body]);
  }

  expect(paths).toEqual([
    ["a", tenth, { said: "first" }],
    ["a", ninth, { said: "second" }],
    ["b", ninth, { said: "third" }],
  ]);
});

/** As if it were opened now. */
function late(opening: HookRecord, clock: { now(): Instant }): HookRecord {
  return { ...opening, openedAt: clock.now() };
}

const oneOfKeys = law("a pass that waits for several of a signal's keys gets it once", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { hooksOpened: [hook(job, "k1"), hook(job, "k2")] });

  await act(backend, job, { signals: [signal("s", job, { keys: ["k0", "k1", "k2"] })] });

  expect(await delivered(backend)).toHaveLength(1);
});

const keptUnderAll = law("an early signal is kept under each of its keys", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  await act(backend, a, { signals: [signal("s", a, { keys: ["k1", "k2"] })] });

  await act(backend, b, { hooksOpened: [hook(b, "k2")] });

  expect(said(await delivered(backend))).toEqual([["b", { kept: "s" }]]);
});

const others = law("a signal is for its topic and its key only", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { hooksOpened: [hook(job, "k"), { ...hook(job, "k2"), topic: "another topic" }] });

  await act(backend, job, { signals: [signal("s1", job, { keys: ["K"] }), signal("s2", job, { keys: ["k2"] })] });

  expect(await delivered(backend)).toEqual([]);
});

const closes = law("a signal that closes a wait makes the next one early", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { hooksOpened: [hook(job, "k")] });

  await act(backend, job, { signals: [signal("first", job)] });
  await act(backend, job, { signals: [signal("second", job)] });
  const before = said(await delivered(backend));
  await act(backend, job, { hooksOpened: [hook(job, "k", pathText("wait,0,1"))] });

  expect(before).toEqual([["a", { said: "first" }]]);
  expect(said(await delivered(backend))).toEqual([["a", { kept: "second" }]]);
});

const closesPass = law("a signal that closes a wait removes every hook of that pass", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { hooksOpened: [hook(job, "k1"), hook(job, "k2")] });

  await act(backend, job, { signals: [signal("first", job, { keys: ["k1"] })] });
  await act(backend, job, { signals: [signal("second", job, { keys: ["k2"] })] });

  expect(said(await delivered(backend))).toEqual([["a", { said: "first" }]]);
});

const notKept = law("a signal that was delivered is not kept", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  await act(backend, a, { hooksOpened: [hook(a, "k")] });
  await act(backend, a, { signals: [signal("s", a)] });

  await act(backend, b, { hooksOpened: [hook(b, "k")] });

  expect(said(await delivered(backend))).toEqual([["a", { said: "s" }]]);
});

const ghosts = law("the hook of an expired job catches no signal", async ({ backend, clock }) => {
  const [gone, next] = [await opened(backend, "gone"), await opened(backend, "next")];
  await act(backend, gone, { hooksOpened: [hook(gone, "k")] });
  await backend.store.step({ limit: 0, events: [closing(gone, { expireAt: after(clock.now(), 10) })] }, ledger());
  clock.advance(10);

  await act(backend, next, { signals: [signal("s", next)] });
  await act(backend, next, { hooksOpened: [hook(next, "k")] });

  expect(said(await delivered(backend))).toEqual([["next", { kept: "s" }]]);
});

const leavesOpen = law("a signal that does not close its wait leaves it open for the next", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { hooksOpened: [hook(job, "k")] });

  await act(backend, job, { signals: [signal("first", job, { closes: false })] });
  await act(backend, job, { signals: [signal("second", job, { closes: false })] });
  await act(backend, job, { signals: [signal("third", job)] });

  expect(said(await delivered(backend))).toEqual([
    ["a", { said: "first" }],
    ["a", { said: "second" }],
    ["a", { said: "third" }],
  ]);
});

const keptCloses = law("a kept signal closes the wait it is delivered to, if it closes waits", async ({ backend }) => {
  const job = await opened(backend, "a");
  const [shut, left] = [hook(job, "shut"), hook(job, "left", pathText("wait,0,1"))];
  await act(backend, job, {
    signals: [signal("s1", job, { keys: ["shut"] }), signal("s2", job, { keys: ["left"], closes: false })],
  });
  await act(backend, job, { hooksOpened: [shut, left] });
  await delivered(backend);

  await act(backend, job, { signals: [signal("s3", job, { keys: ["shut"] }), signal("s4", job, { keys: ["left"] })] });

  expect(said(await delivered(backend))).toEqual([["a", { said: "s4" }]]);
});

const oneCloses = law("of two kept signals the one that closes the pass leaves the other kept", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, {
    signals: [signal("s1", job, { keys: ["k1"] }), signal("s2", job, { keys: ["k2"] })],
  });

  await act(backend, job, { hooksOpened: [hook(job, "k1"), hook(job, "k2")] });
  const first = await delivered(backend);
  const next = pathText("wait,0,1");
  await act(backend, job, { hooksOpened: [hook(job, "k1", next), hook(job, "k2", next)] });
  const second = await delivered(backend);

  expect([first.length, second.length]).toEqual([1, 1]);
  expect([...first, ...second].map((inbound) => inbound.body)).toEqual(
    expect.arrayContaining([{ kept: "s1" }, { kept: "s2" }]),
  );
});

const repeated = law("the same dispatch twice delivers once", async ({ backend }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { hooksOpened: [hook(job, "k")] });

  await act(backend, job, { signals: [signal("s", job, { closes: false })] });
  await act(backend, job, { signals: [signal("s", job, { closes: false })] });

  expect(await delivered(backend)).toHaveLength(1);
});

const closedByPath = law("a hook that its program closed gets nothing", async ({ backend }) => {
  const job = await opened(backend, "a");
  const [shut, left] = [hook(job, "k", pathText("wait,0,1")), hook(job, "k", pathText("wait,0,10"))];
  await act(backend, job, { hooksOpened: [shut, left] });

  await act(backend, job, { hooksClosed: [{ job: job.id, path: shut.path }] });
  await act(backend, job, { signals: [signal("s", job)] });

  expect((await delivered(backend)).map((inbound) => inbound.path)).toEqual([left.path]);
});

const closedByJob = law("a job can close all its hooks at once, and only its own", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  await act(backend, a, { hooksOpened: [hook(a, "k1"), hook(a, "k2", pathText("wait,0,1"))] });
  await act(backend, b, { hooksOpened: [hook(b, "k1")] });

  await act(backend, a, { hooksClosed: [{ job: a.id, path: null }] });
  await act(backend, b, { signals: [signal("s1", b, { keys: ["k1"] }), signal("s2", b, { keys: ["k2"] })] });

  expect(said(await delivered(backend))).toEqual([["b", { said: "s1" }]]);
});

const sameCommit = law("a signal reaches a hook that the same commit opens", async ({ backend }) => {
  const job = await opened(backend, "a");

  await act(backend, job, { hooksOpened: [hook(job, "k")], signals: [signal("s", job)] });

  expect(said(await delivered(backend))).toEqual([["a", { said: "s" }]]);
});

const atomic = law("a step that fails leaves neither hook nor signal behind", async ({ backend }) => {
  const job = await opened(backend, "a");
  const events = [message("act", { kind: "act", job: job.id })];
  const reaction = { hooksOpened: [hook(job, "k1")], signals: [signal("s", job, { keys: ["k2"] })] };
  const failing = ledger({ act: () => reaction }, { expected: 7 });

  await expect(backend.store.step({ limit: 0, events }, failing)).rejects.toThrow();
  await act(backend, job, { hooksOpened: [hook(job, "k2")], signals: [signal("other", job, { keys: ["k1"] })] });

  expect(await delivered(backend)).toEqual([]);
});

const race = law("a signal and its hook that race always meet", async ({ backend, another }) => {
  const other = await another();
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  const keys = ["k1", "k2", "k3", "k4"];

  await Promise.all(
    keys.flatMap((key) => [
      act(backend, a, { hooksOpened: [hook(a, key, pathText(`${key},0`))] }),
      act(other, b, { signals: [signal(`s ${key}`, b, { keys: [key] })] }),
    ]),
  );

  expect((await delivered(backend)).map((inbound) => inbound.path).sort()).toEqual(keys.map((key) => `${key},0`));
});

export const signalLaws: readonly Law[] = [
  open,
  early,
  consumed,
  expired,
  newest,
  afresh,
  everyHook,
  newestHook,
  oneOfKeys,
  keptUnderAll,
  others,
  closes,
  closesPass,
  notKept,
  ghosts,
  leavesOpen,
  keptCloses,
  repeated,
  oneCloses,
  closedByPath,
  closedByJob,
  sameCommit,
  atomic,
  race,
];
