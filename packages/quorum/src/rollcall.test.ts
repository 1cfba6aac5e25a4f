import { expect, test } from "vitest";
import type { PongMessage, RollCallMessage } from "./message.js";
import { member, mesh } from "./testing/mesh.js";

async function setup(members = [member()]) {
  const { clock, join } = mesh();
  const { quorum: operator } = await join("A");
  const { quorum } = await join("B", members);
  const begin = clock.now();
  const pongs: { readonly at: number; readonly pong: PongMessage }[] = [];
  operator.subscribe((_, message) => {
    if (message.type === "pong") pongs.push({ at: clock.now() - begin, pong: message });
  });
  return {
    quorum,
    pongs,
    clock,
    call: (over: Partial<RollCallMessage>) => operator.publish({ type: "rollcall", ...over }),
    pass: async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 100) {
        for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
        clock.advance(100);
      }
      for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
    },
  };
}

test("S79 without an interval every member shows itself once, unasked and in detail, within a second", async () => {
  const { call, pass, pongs } = await setup([member(), member({ topic: "kiln.fire" })]);

  await call({});
  await pass(60_000);

  const byTopic = pongs.map(({ pong }) => pong).sort((a, b) => (String(a.topic) > String(b.topic) ? -1 : 1));
  expect(byTopic).toEqual([
    { type: "pong", guid: "B", originator: null, profile: expect.objectContaining({ engine_id: "H" }) },
    {
      type: "pong",
      guid: "B",
      originator: null,
      topic: "kiln.fire",
      profile: expect.objectContaining({ worker_topic: "kiln.fire" }),
    },
  ]);
  expect(pongs.every(({ at }) => at <= 1_000)).toBe(true);
});

test("with an interval members show themselves again after half of it to all of it, 12 times in all", async () => {
  const { call, pass, pongs } = await setup();

  await call({ interval: 10 });
  await pass(200_000);

  const gaps = pongs.slice(1).map(({ at }, index) => at - (pongs[index]?.at ?? 0));
  expect(pongs).toHaveLength(12);
  expect(gaps.every((gap) => gap >= 5_000 && gap <= 10_100)).toBe(true);
  expect(new Set(gaps).size).toBeGreaterThan(1);
});

test("as often as it says, and no more", async () => {
  const { call, pass, pongs } = await setup();

  await call({ interval: 2, max: 3 });
  await pass(60_000);

  expect(pongs).toHaveLength(3);
});

test("a new roll call replaces the one before", async () => {
  const { call, pass, pongs } = await setup();
  await call({ interval: 2, max: 1_000 });
  await pass(10_000);

  await call({});
  await pass(1_000);
  const { length } = pongs;
  await pass(60_000);

  expect(pongs).toHaveLength(length);
});

test("whoever leaves does not show itself any more, and leaves no timer", async () => {
  const { call, pass, pongs, quorum, clock } = await setup();
  await call({ interval: 2 });
  await pass(1_000);

  await quorum.leave();
  await pass(60_000);

  expect([pongs.length, clock.sleeping]).toEqual([1, 0]);
});

test("the source of callbacks is shown when it is asked for", async () => {
  const asked: boolean[] = [];
  const profile = async ({ signature }: { readonly signature: boolean }) => {
    asked.push(signature);
    return { namespace: "hmsh", app_id: "studio", engine_id: "H" };
  };
  const { call, pass } = await setup([member({ profile })]);

  await call({ signature: true });
  await pass(2_000);
  await call({});
  await pass(2_000);

  expect(asked).toEqual([true, false]);
});

test("a profile that cannot be told ends no roll call", async () => {
  let asked = 0;
  const profile = async () => {
    asked += 1;
    if (asked === 1) throw new Error("no connection");
    return { namespace: "hmsh", app_id: "studio", engine_id: "H" };
  };
  const { call, pass, pongs } = await setup([member({ profile })]);

  await call({ interval: 2, max: 3 });
  await pass(60_000);

  expect([asked, pongs.length]).toEqual([3, 2]);
});
