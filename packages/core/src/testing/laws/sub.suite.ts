import { expect } from "vitest";
import { after } from "../../brand.js";
import { laneChannel } from "../../ports/sub.js";
import { act, answer, message, note, onlyLease, opened, topic, work } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger } from "./ledger.js";
import { caughtUp, type Ear, listen } from "./listening.js";

const everywhere = law("a publication is heard in every process that listens to its channel", async (bench) => {
  const { backend } = bench;
  const other = await bench.another();
  const ears = [await listen(backend, "news"), await listen(backend, "news"), await listen(other, "news")];
  const elsewhere = await listen(other, "news.too");
  const body = { text: "ü€", deep: [null, { x: 1 }] };

  await backend.sub.publish([
    { channel: "news", body },
    { channel: "news", body: "second" },
  ]);
  await Promise.all(ears.map((ear) => ear.heard(2)));
  await caughtUp(backend, other);

  expect(ears.map((ear) => ear.bodies)).toEqual(Array(3).fill([body, "second"]));
  expect(elsewhere.bodies).toEqual([]);
});

const large = law("a publication of any size arrives whole", async ({ backend, another }) => {
  const other = await another();
  const ear = await listen(other, "news");
  const body = { text: "ü€😀 ".repeat(4_000) };

  await backend.sub.publish([{ channel: "news", body }]);
  await ear.heard(1);

  expect(ear.bodies).toEqual([body]);
});

const localFirst = law(
  "listeners of the publishing process have been called when a publication is sent",
  async ({ backend }) => {
    const ear = await listen(backend, "news");

    await backend.sub.publish([{ channel: "news", body: 1 }]);

    expect(ear.bodies).toEqual([1]);
  },
);

const local = law(
  "listeners of the publishing process get the local body and know it, others the body",
  async ({ backend, another }) => {
    const other = await another();
    const [here, there] = [await listen(backend, "news"), await listen(other, "news")];
    const origins: (readonly [string, boolean])[] = [];
    await backend.sub.subscribe("news", (_, isLocal) => origins.push(["here", isLocal]));
    await other.sub.subscribe("news", (_, isLocal) => origins.push(["there", isLocal]));

    await backend.sub.publish([{ channel: "news", body: "look it up", local: { all: "of it" } }]);
    await there.heard(1);
    await caughtUp(other, backend);

    expect([here.bodies, there.bodies]).toEqual([[{ all: "of it" }], ["look it up"]]);
    expect(origins).toEqual([
      ["here", true],
      ["there", false],
    ]);
  },
);

const trusted = law(
  "listeners of the publishing process trust a publication, others when it is vouched",
  async ({ backend, another }) => {
    const other = await another();
    const heard: { readonly here: unknown[]; readonly there: unknown[] } = { here: [], there: [] };
    await backend.sub.subscribe("news", (body, isTrusted) => heard.here.push([body, isTrusted]));
    await other.sub.subscribe("news", (body, isTrusted) => heard.there.push([body, isTrusted]));
    const ear = await listen(other, "news");

    await backend.sub.publish([
      { channel: "news", body: "said" },
      { channel: "news", body: { long: "ü".repeat(9_000) } },
      { channel: "news", body: "vouched", vouched: true },
    ]);
    await ear.heard(3);
    await caughtUp(backend, other);

    const long = { long: "ü".repeat(9_000) };
    expect(heard.here).toEqual([
      ["said", true],
      [long, true],
      ["vouched", true],
    ]);
    expect(heard.there).toHaveLength(3);
    expect(heard.there).toEqual(
      expect.arrayContaining([
        ["said", false],
        [long, false],
        ["vouched", true],
      ]),
    );
  },
);

const twice = law("two equal publications are heard twice", async ({ backend, another }) => {
  const other = await another();
  const [here, there] = [await listen(backend, "news"), await listen(other, "news")];
  const long = { text: "ü".repeat(9_000) };
  const publications = ["short", long].flatMap((body) => [
    { channel: "news", body },
    { channel: "news", body },
  ]);

  await backend.sub.publish(publications);
  await there.heard(4);
  await caughtUp(backend, other);

  const sizes = ({ bodies }: Ear) => bodies.map((body) => JSON.stringify(body).length).sort((a, b) => a - b);
  expect([sizes(here), sizes(there)]).toEqual(Array(2).fill([7, 7, 9_011, 9_011]));
});

const exclusive = law(
  "an exclusive publication reaches its one listener, wherever it is",
  async ({ backend, another }) => {
    const other = await another();
    const there = await listen(other, "waiter there");
    const here = await listen(backend, "waiter here");

    await backend.sub.publish([
      { channel: "waiter there", body: 1, exclusive: true },
      { channel: "waiter here", body: 2, exclusive: true },
    ]);
    await there.heard(1);
    await here.heard(1);

    expect([there.bodies, here.bodies]).toEqual([[1], [2]]);
  },
);

const committed = law("what a step publishes is heard when it has committed", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");
  const [here, there] = [await listen(backend, "news"), await listen(other, "news")];

  await act(backend, job, { publications: [{ channel: "news", body: 1, local: 2 }] });
  await Promise.all([here.heard(1), there.heard(1)]);
  await caughtUp(backend, other);

  expect([here.bodies, there.bodies]).toEqual([[2], [1]]);
});

const silent = law("what a failed step publishes is heard by nobody", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");
  const ears = [await listen(backend, "news"), await listen(other, "news")];
  const failing = ledger(
    { act: () => ({ publications: [{ channel: "news", body: 1 }], sends: [work(job, "w")] }) },
    { expected: 7 },
  );
  const events = [message("act", { kind: "act", job: job.id })];

  await expect(backend.store.step({ limit: 0, events }, failing)).rejects.toThrow();
  await caughtUp(backend, other);

  expect(ears.map((ear) => ear.bodies)).toEqual([[], []]);
});

const throwing = law("a listener that throws harms nobody", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");
  for (const one of [backend, other]) {
    await one.sub.subscribe("news", () => {
      throw new Error("a listener's bug");
    });
  }
  const ears = [await listen(backend, "news"), await listen(other, "news")];

  await backend.sub.publish([{ channel: "news", body: 1 }]);
  await act(backend, job, { publications: [{ channel: "news", body: 2 }] });
  await Promise.all(ears.map((ear) => ear.heard(2)));

  expect(ears.map((ear) => ear.bodies)).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

const closed = law("a listener that was closed hears nothing more, and only that one", async ({ backend, another }) => {
  const other = await another();
  const [left, stays] = [await listen(other, "news"), await listen(other, "news")];
  await backend.sub.publish([{ channel: "news", body: 1 }]);
  await Promise.all([left.heard(1), stays.heard(1)]);

  await left.close();
  await left.close();
  await backend.sub.publish([{ channel: "news", body: 2 }]);
  await stays.heard(2);

  expect(left.bodies).toEqual([1]);
});

const sameListener = law("one function that listens twice is called twice", async ({ backend }) => {
  let calls = 0;
  const listener = (): void => {
    calls += 1;
  };
  const first = await backend.sub.subscribe("news", listener);
  await backend.sub.subscribe("news", listener);

  await backend.sub.publish([{ channel: "news", body: 1 }]);
  await first.close();
  await backend.sub.publish([{ channel: "news", body: 2 }]);

  expect(calls).toBe(3);
});

const lanes = law("lanes are told of work that has become due", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");
  const [workers, engines] = [await listen(other, laneChannel(topic)), await listen(other, laneChannel(null))];

  await backend.stream.send([message("m1")]);
  await engines.heard(1);
  await act(backend, job, { sends: [work(job, "w")] });
  await workers.heard(1);
  await backend.stream.settle([answer(await onlyLease(backend))]);
  await engines.heard(2);

  expect(workers.bodies.length).toBeGreaterThanOrEqual(1);
});

const quiet = law("lanes are not told of work that nobody else can take now", async ({ backend, another, clock }) => {
  const other = await another();
  const job = await opened(backend, "a");
  const ears = [await listen(other, laneChannel(topic)), await listen(other, laneChannel(null))];
  const later = { visibleAt: after(clock.now(), 60_000) };
  const program = ledger({
    act: () => ({ sends: [work(job, "w"), work(job, "later", later), note(job, "t", later)] }),
  });
  const events = [message("act", { kind: "act", job: job.id })];

  const handoff = { slots: new Map([[topic, 1]]), leaseMs: 8_000 };
  const report = await backend.store.step({ limit: 0, events, handoff }, program);
  await backend.stream.send([work(job, "sent", later), message("m", later)]);
  const [lease] = report.handed;
  const failure = { message: "no clay", code: 503 };
  const retries = lease === undefined ? [] : [{ lease, outcome: { kind: "retry", delayMs: 1_000, failure } as const }];
  const settled = await backend.stream.settle(retries);
  await caughtUp(backend, other);

  expect(settled).toEqual(["settled"]);
  expect(ears.map((ear) => ear.bodies)).toEqual([[], []]);
});

const gaps = law(
  "whoever asked is told when hints may have been lost, and hears later ones",
  async ({ backend, another, interrupt }) => {
    const other = await another();
    const ear = await listen(backend, "news");
    const told = new Promise<void>((resolve) => backend.sub.onGap(resolve));
    const left = backend.sub.onGap(() => ear.close());
    await left.close();

    await interrupt();
    await told;
    await other.sub.publish([{ channel: "news", body: "later" }]);
    await ear.heard(1);

    expect(ear.bodies).toEqual(["later"]);
  },
  ["interrupt"],
);

export const subLaws: readonly Law[] = [
  everywhere,
  large,
  localFirst,
  local,
  trusted,
  twice,
  exclusive,
  committed,
  silent,
  throwing,
  closed,
  sameListener,
  lanes,
  quiet,
  gaps,
];
