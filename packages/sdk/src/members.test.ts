import { afterEach, expect, test } from "vitest";
import { HotMesh } from "./hotmesh.js";
import type { QuorumMessage, QuorumProfile } from "./index.js";
import { documentOf, memoryMesh } from "./testing/mesh.js";

afterEach(() => HotMesh.stop());

async function harbour() {
  const mesh = memoryMesh();
  const desk = await mesh.join("desk", ["label.print", "fee.collect"]);
  await desk.deploy(documentOf("harbour", ["label.print", "fee.collect"]));
  await mesh.store.store.activate("1");
  const call = async (): Promise<readonly QuorumProfile[]> => {
    const called = desk.rollCall(300);
    await mesh.pass(400);
    return called;
  };
  const profileOf = async (topic: string | undefined): Promise<QuorumProfile | undefined> =>
    (await call()).find((profile) => profile.worker_topic === topic);
  const order = async (topic: string, count: number): Promise<void> => {
    const started = Array.from({ length: count }, (_, id) => desk.pub(`do.${topic}`, { id: `${topic}/${id}` }));
    await mesh.pass(0);
    await Promise.all(started);
  };
  return { ...mesh, desk, call, profileOf, order };
}

test("S89 S90 S91 an engine tells all about itself", async () => {
  const { order, profileOf, pass } = await harbour();
  await order("label.print", 3);
  await pass(100);

  const profile = await profileOf(undefined);

  expect(profile).toEqual({
    namespace: "hmsh",
    app_id: "harbour",
    engine_id: "desk",
    stream: "hmsh:harbour:x:",
    stream_depth: 0,
    counts: { "200": 3 },
    error_count: 0,
    inited: "20270115080000.000",
    timestamp: expect.stringMatching(/^20270115080000\.\d{3}$/),
    throttle: 0,
    concurrency: 1,
    in_flight: 0,
    version: "1",
    reclaimDelay: 60_000,
    reclaimCount: 3,
    is_scout: true,
    duress_level: "healthy",
    duress_score_ms: 0,
    duress_per_type: { await: 0, response: 0 },
    system: {
      TotalMemoryGB: expect.stringMatching(/^\d+\.\d\d GB$/),
      FreeMemoryGB: expect.stringMatching(/^\d+\.\d\d GB$/),
      UsedMemoryGB: expect.stringMatching(/^\d+\.\d\d GB$/),
      CPULoad: expect.arrayContaining([{ "CPU 0": expect.stringMatching(/^\d+\.\d%$/) }]),
      NetworkStats: expect.any(Array),
    },
  });
});

test("S90 a worker tells of its topic, its stream and its throttle, and of no engine's affairs", async () => {
  const { desk, order, profileOf } = await harbour();
  await desk.throttle({ throttle: -1, topic: "label.print" });
  await desk.throttle({ throttle: 700, topic: "fee.collect" });
  await order("label.print", 4);

  expect(await profileOf("label.print")).toMatchObject({
    engine_id: "desk",
    worker_topic: "label.print",
    stream: "hmsh:harbour:x:label.print",
    stream_depth: 4,
    counts: {},
    error_count: 0,
    throttle: -1,
    concurrency: 10,
    in_flight: 0,
    version: "1",
  });
  expect(await profileOf("fee.collect")).toMatchObject({ stream_depth: 0, throttle: 700 });
  expect(Object.keys((await profileOf("fee.collect")) ?? {})).not.toEqual(
    expect.arrayContaining(["is_scout", "duress_level", "signature"]),
  );
});

test("a throttle of the engine is its profile's", async () => {
  const { desk, profileOf } = await harbour();
  await desk.throttle({ throttle: 500, scope: "engines" });

  expect([(await profileOf(undefined))?.throttle, (await profileOf("fee.collect"))?.throttle]).toEqual([500, 0]);
});

test("signatures are the source of callbacks, shown only when a roll call asks for them", async () => {
  const { desk, pass } = await harbour();
  const pongs: QuorumMessage[] = [];
  await desk.subQuorum((_, message) => message.type === "pong" && pongs.push(message));

  await desk.pubQuorum({ type: "rollcall", topic: "label.print", signature: true });
  await pass(1_500);

  expect(pongs).toEqual([
    expect.objectContaining({
      originator: null,
      guid: "desk",
      profile: expect.objectContaining({ signature: expect.stringContaining("begun.push") }),
    }),
  ]);
});

test("members are on record from init to stop, and an engine's version with them", async () => {
  const { desk, store, pass, order } = await harbour();
  expect((await store.registry.members()).map(({ role, topic }) => [role, topic])).toEqual([
    ["engine", null],
    ["worker", "fee.collect"],
    ["worker", "label.print"],
  ]);
  await order("label.print", 1);
  await pass(65_000);
  expect((await store.registry.members()).map(({ version }) => version)).toEqual(["1", "1", "1"]);

  await desk.stop();

  expect(await store.registry.members()).toEqual([]);
});

test("S82 the mesh hears of a job that somebody waits for, though its graph publishes nothing", async () => {
  const { desk, store, join, pass } = await harbour();
  const other = await join("other", []);
  await desk.deploy(documentOf("harbour", ["label.print"], "2").replace(/ +publishes: .*\n/, ""));
  await store.store.activate("2");
  const jobs: unknown[] = [];
  await other.subQuorum((_, message) => message.type === "job" && jobs.push([message.topic, message.job.data]));

  const waited = desk.pubsub("do.label.print", { id: "P1" });
  await pass(100);
  await waited;
  await desk.pub("do.label.print", { id: "P2" });
  await pass(100);

  expect(jobs).toEqual([["do.label.print", { by: "desk" }]]);
});

test("S76 S77 S115 a live board of the mesh shows what other instances do", async () => {
  const { join, desk, pass, store } = await harbour();
  const board = await join("board", []);
  const lines: string[] = [];
  await board.subQuorum((topic, message) => {
    expect(topic).toBe("hmsh:harbour:q:");
    switch (message.type) {
      case "pong":
        lines.push(
          `pong ${message.guid} ${message.profile?.worker_topic ?? "engine"} ${message.profile?.stream_depth}`,
        );
        break;
      case "throttle":
        lines.push(`throttle ${message.throttle} ${message.topic} ${message.guid}`);
        break;
      case "job":
        lines.push(`job ${message.topic} ${message.job.metadata["jid"]} ${message.job.data?.["by"]}`);
        break;
      case "user":
        lines.push(`user ${message.topic} ${message.message["version"]}`);
        break;
      case "activate":
        lines.push(`activate ${message.until_version} ${message.cache_mode}`);
    }
  });

  const called = desk.rollCall();
  await pass(300);
  await called;
  await desk.throttle({ throttle: 500, topic: "fee.collect", guid: "van-17" });
  const waited = desk.pubsub("do.label.print", { id: "P1" });
  await pass(100);
  await waited;
  await desk.pubQuorum({ type: "user", topic: "release.done", message: { version: "3.4.0" } });
  await desk.deploy(documentOf("harbour", ["label.print"], "2"));
  const activated = desk.activate("2", 50);
  await pass(500);
  await activated;

  expect(lines.filter((line) => !line.startsWith("pong")).sort()).toEqual([
    "activate 2 cache",
    "activate 2 nocache",
    "job done.label.print P1 desk",
    "throttle 500 fee.collect van-17",
    "user release.done 3.4.0",
  ]);
  expect(lines).toEqual(
    expect.arrayContaining([
      "pong desk engine 0",
      "pong desk label.print 0",
      "pong desk fee.collect 0",
      "pong board engine 0",
    ]),
  );
  expect((await store.store.activation())?.version).toBe("2");
});
