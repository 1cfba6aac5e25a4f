import { afterEach, expect, test } from "vitest";
import { HotMesh } from "./hotmesh.js";
import type { HotMeshConfig, QuorumMessage } from "./index.js";
import { documentOf, memoryMesh } from "./testing/mesh.js";

const topics = ["label.print", "fee.collect"];

afterEach(() => HotMesh.stop());

/** Three instances, each with an engine and a worker for both topics, and a version that is active. */
async function harbour(over: Partial<HotMeshConfig> = {}) {
  const mesh = memoryMesh();
  const desk = await mesh.join("desk", []);
  await desk.deploy(documentOf("harbour", topics));
  await mesh.store.store.activate("1");
  const vans = [await mesh.join("van-17", topics, over), await mesh.join("van-18", topics, over)];
  const countBy = (pick: (begun: (typeof mesh.begun)[number]) => string) => {
    const counts: Record<string, number> = {};
    for (const each of mesh.begun) counts[pick(each)] = (counts[pick(each)] ?? 0) + 1;
    return counts;
  };
  return {
    ...mesh,
    desk,
    vans,
    countBy,
    /** Starts this many jobs of each topic. */
    order: async (count: number): Promise<void> => {
      const started = topics.flatMap((topic) =>
        Array.from({ length: count }, (_, index) => desk.pub(`do.${topic}`, { id: `${topic}/${index}` })),
      );
      await mesh.pass(0);
      await Promise.all(started);
    },
  };
}

const gapsOf = (instants: readonly number[]) => instants.slice(1).map((at, index) => at - (instants[index] ?? 0));

test("S97 S102 S116 a pause of the whole mesh: no engine and no worker starts another message", async () => {
  const { desk, order, begun, pass } = await harbour();

  expect(await desk.throttle({ throttle: -1 })).toBe(true);
  await order(5);
  await pass(60_000);

  expect(begun).toEqual([]);
  expect(await desk.getStatus("label.print/0")).toBe(1);
});

test("S96 S101 S117 when it is lifted everything goes on, nothing was lost or done twice", async () => {
  const { desk, order, begun, pass } = await harbour();
  await desk.throttle({ throttle: -1 });
  await order(10);
  await pass(10_000);

  await desk.throttle({ throttle: 0 });
  await pass(2_000);

  expect(new Set(begun.map(({ id }) => id)).size).toBe(20);
  expect(begun).toHaveLength(20);
  for (const { id } of begun) expect(await desk.getStatus(String(id))).toBe(0);
});

test("what was handed out when a pause begins ends, and its answer is decided when the pause does", async () => {
  let end = (): void => {};
  const mesh = memoryMesh();
  const desk = await mesh.join("desk", [], {
    workers: [
      {
        topic: "label.print",
        backend: mesh.store,
        callback: async () => {
          await new Promise<void>((resolve) => (end = resolve));
          return { data: { by: "desk" } };
        },
      },
    ],
  });
  await desk.deploy(documentOf("harbour", topics));
  await mesh.store.store.activate("1");
  await desk.pub("do.label.print", { id: "P1" });
  await mesh.pass(100);
  await desk.throttle({ throttle: -1 });

  end();
  await mesh.pass(1_000);
  expect([await desk.getStatus("P1"), await mesh.store.store.depth("label.print")]).toEqual([1, 0]);
  await desk.throttle({ throttle: 0 });
  await mesh.pass(1_000);

  expect(await desk.getStatus("P1")).toBe(0);
});

test("S98 S118 a topic's workers start one message a second each, and others are not slowed", async () => {
  const { desk, order, begun, pass, countBy } = await harbour();
  await desk.throttle({ throttle: 1_000, topic: "label.print" });
  await pass(100);

  await order(30);
  await pass(4_900);

  expect(countBy(({ topic }) => topic)["fee.collect"]).toBe(30);
  for (const guid of ["van-17", "van-18"]) {
    const mine = begun.filter((each) => each.guid === guid && each.topic === "label.print").map(({ at }) => at);
    expect(gapsOf(mine)).toEqual([1_000, 1_000, 1_000, 1_000]);
  }
});

test("S94 S103 at 500 ms a message 20 messages take 500 ms each, on exactly the members that were told", async () => {
  const { desk, order, begun, pass } = await harbour();
  await desk.throttle({ throttle: 500, topic: "label.print" });
  await desk.throttle({ throttle: -1, topic: "label.print", guid: "van-18" });
  await pass(100);

  await order(21);
  await pass(10_500);

  const slow = begun.filter(({ topic }) => topic === "label.print");
  expect(gapsOf(slow.map(({ at }) => at))).toEqual(Array(20).fill(500));
  expect(new Set(slow.map(({ guid }) => guid))).toEqual(new Set(["van-17"]));
});

test("S99 S119 a guid: that instance leaves 2 s between two messages, others do not", async () => {
  const { desk, order, begun, pass } = await harbour();
  await desk.throttle({ throttle: 2_000, guid: "van-17" });
  await pass(100);

  await order(30);
  await pass(3_000);

  const told = begun.filter(({ guid }) => guid === "van-17");
  expect(told.filter(({ topic }) => topic === "label.print").length).toBeLessThanOrEqual(2);
  expect(told.filter(({ topic }) => topic === "fee.collect").length).toBeLessThanOrEqual(2);
  expect(begun).toHaveLength(60);
});

test("S100 S120 topic and guid: that topic on that instance, and nothing else", async () => {
  const { desk, order, pass, countBy } = await harbour();
  await desk.throttle({ throttle: -1, guid: "van-18" });
  await desk.throttle({ throttle: 500, guid: "van-17", topic: "fee.collect" });
  await pass(100);

  await order(30);
  await pass(2_000);

  expect(countBy(({ guid, topic }) => `${guid} ${topic}`)).toEqual({
    "van-17 label.print": 30,
    "van-17 fee.collect": 5,
  });
});

test("F20 engines alone: workers go on with what is stored for them, and their answers wait", async () => {
  const { desk, order, begun, pass } = await harbour();
  await desk.throttle({ throttle: -1, scope: "workers" });
  await order(3);
  await pass(100);
  await desk.throttle({ throttle: -1, scope: "engines" });
  await desk.throttle({ throttle: 0, scope: "workers" });
  await pass(1_000);

  expect(begun).toHaveLength(6);
  expect(await desk.getStatus("label.print/0")).toBe(1);
  await desk.throttle({ throttle: 0, scope: "engines" });
  await pass(1_000);
  expect(await desk.getStatus("label.print/0")).toBe(0);
});

test("while engines are paused a start stores its job, and everything after the trigger waits", async () => {
  const { desk, order, begun, pass, store } = await harbour();
  await desk.throttle({ throttle: -1, scope: "engines" });

  await order(2);
  await pass(10_000);

  expect([begun, await desk.getStatus("fee.collect/1")]).toEqual([[], 1]);
  expect(await store.store.depth(null)).toBe(4);
});

test("F20 a member that joins during a pause obeys it", async () => {
  const { desk, order, begun, join, pass } = await harbour();
  await desk.throttle({ throttle: -1 });
  await order(2);

  await join("van-19", topics);
  await pass(10_000);
  expect(begun).toEqual([]);
  await desk.throttle({ throttle: 0 });
  await pass(100);

  expect(begun).toHaveLength(4);
});

test("a command to a guid waits for the instance that has it", async () => {
  const { desk, order, begun, join, pass, vans } = await harbour();
  await Promise.all(vans.map((van) => van.stop()));
  await desk.throttle({ throttle: -1, guid: "van-17" });

  await join("van-17", topics);
  await order(1);
  await pass(10_000);

  expect(begun).toEqual([]);
});

test("S93 S80 a throttle message of pubQuorum is a call of throttle, and is heard by all", async () => {
  const { desk, vans, order, begun, pass } = await harbour();
  const heard: QuorumMessage[] = [];
  await vans[0]?.subQuorum((_, message) => heard.push(message));

  expect(await desk.pubQuorum({ type: "throttle", throttle: -1, topic: "label.print" })).toBe(true);
  await order(2);
  await pass(10_000);

  expect(heard.filter(({ type }) => type !== "job")).toEqual([
    { type: "throttle", throttle: -1, topic: "label.print" },
  ]);
  expect(new Set(begun.map(({ topic }) => topic))).toEqual(new Set(["fee.collect"]));
});

test("F9 a throttle that means nothing is refused, by either way, and changes nothing", async () => {
  const { desk, order, begun, pass } = await harbour();
  const wrong = { throttle: 3e9 };

  await expect(desk.throttle(wrong)).rejects.toThrow(
    "Throttle must be -1 (pause) or a non-negative integer (ms delay); 0 = resume; it is 3000000000",
  );
  await expect(desk.pubQuorum({ type: "throttle", ...wrong })).rejects.toMatchObject({ kind: "invalid-argument" });
  await order(1);
  await pass(100);

  expect(begun).toHaveLength(2);
});

test("a notification that was forged changes nothing: what is stored counts", async () => {
  const { desk, order, begun, pass, store } = await harbour();

  await store.sub.publish([{ channel: "quorum", body: { type: "throttle", throttle: -1 } }]);
  await order(1);
  await pass(100);

  expect([begun.length, await desk.getStatus("fee.collect/0")]).toEqual([2, 0]);
});

test("stopping ends a wait at once", async () => {
  const { desk, order, vans, clock } = await harbour();
  await desk.throttle({ throttle: 2_000_000_000 });
  await order(3);
  const before = clock.now();

  await Promise.all([desk, ...vans].map((mesh) => mesh.stop()));

  expect([clock.now(), clock.sleeping]).toEqual([before, 0]);
});

test("S46 throttle, activate, lift: a version is switched without losing a job", async () => {
  const { desk, order, begun, pass, store } = await harbour();
  await desk.throttle({ throttle: -1 });
  await order(3);
  await desk.deploy(documentOf("harbour", topics, "2"));

  const activated = desk.activate("2", 50);
  await pass(1_000);
  expect(await activated).toBe(true);
  await desk.throttle({ throttle: 0 });
  await pass(1_000);

  expect([begun.length, (await store.store.activation())?.version]).toEqual([6, "2"]);
});
