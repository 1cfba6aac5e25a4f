import { cpus, networkInterfaces, totalmem } from "node:os";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { QuorumProfile } from "../index.js";
import { type Elsewhere, messagesOf } from "../testing/elsewhere.js";
import { documentOf } from "../testing/mesh.js";
import { SeedApp } from "../testing/seed-app.js";

let app: SeedApp;
let van: Elsewhere;

beforeAll(async () => {
  app = await SeedApp.open("seedroll");
  await app.activate(documentOf(app.appId, ["label.print", "fee.collect"]));
  [van] = await Promise.all([
    app.join("van-17", ["label.print", "cold.store"]),
    app.join("porter-3", ["fee.collect"], { engine: "none" }),
  ]);
});

afterEach(() => app.calm());
afterAll(() => app.close());

const members = ["desk engine", "porter-3 fee.collect", "van-17 cold.store", "van-17 engine", "van-17 label.print"];
const nameOf = ({ engine_id: id, worker_topic: topic }: QuorumProfile): string => `${id} ${topic ?? "engine"}`;
const namesOf = (profiles: readonly QuorumProfile[]): readonly string[] => profiles.map(nameOf).sort();

test("S87 rollCall collects the answer of every connected engine and worker, each once", async () => {
  const [one, other, third] = await Promise.all([
    app.desk.rollCall(500),
    app.desk.rollCall(400),
    van.call("rollCall", 500),
  ]);

  expect(namesOf(one)).toEqual(members);
  expect(namesOf(other)).toEqual(members);
  expect(third).toHaveLength(5);
});

test("S88 delay is the time given for answering: who is slower is missing, who is not is there", async () => {
  await van.kill("SIGSTOP");
  const begun = performance.now();
  const hurried = await app.desk.rollCall(600);
  const took = performance.now() - begun;

  const patient = app.desk.rollCall(4_000);
  await vi.waitFor(() => expect(messagesOf(app.heard, "ping")).toHaveLength(2));
  await van.kill("SIGCONT");

  expect(namesOf(hurried)).toEqual(["desk engine", "porter-3 fee.collect"]);
  expect(took).toBeGreaterThanOrEqual(590);
  expect(namesOf(await patient)).toEqual(members);
});

test("S89 every member answers with its profile", async () => {
  const profiles = await app.desk.rollCall(500);

  expect(namesOf(profiles)).toEqual(members);
  for (const profile of profiles) {
    const { worker_topic: topic } = profile;
    expect(profile).toMatchObject({
      namespace: "hmsh",
      app_id: app.appId,
      stream: topic === undefined ? `hmsh:${app.appId}:x:` : `hmsh:${app.appId}:x:${topic}`,
      timestamp: expect.stringMatching(/^\d{14}\.\d{3}$/),
      inited: expect.stringMatching(/^\d{14}\.\d{3}$/),
      error_count: 0,
      in_flight: 0,
      concurrency: expect.toSatisfy((slots: number) => slots > 0),
    });
  }
});

test("S90 a profile holds the guid, the topic, the depth of its own stream and the rate in force", async () => {
  await app.desk.throttle({ throttle: -1, scope: "workers" });
  await app.desk.throttle({ throttle: 700, topic: "cold.store" });
  await app.obeys({ "van-17 label.print": -1, "van-17 cold.store": 700, "porter-3 fee.collect": -1 });
  await app.order("label.print", 2);
  await app.order("fee.collect", 3);
  await vi.waitFor(async () => expect(await app.rows("worker_streams")).toHaveLength(5), 5_000);
  await app.desk.throttle({ throttle: -1, scope: "engines" });
  await app.obeys({
    "desk engine": -1,
    "van-17 engine": -1,
    "van-17 label.print": -1,
    "van-17 cold.store": 700,
    "porter-3 fee.collect": -1,
  });
  await app.order("label.print", 1);

  const profiles = await app.desk.rollCall(500);

  const told = profiles.map(({ engine_id, worker_topic, stream_depth, throttle }) => ({
    engine_id,
    worker_topic,
    stream_depth,
    throttle,
  }));
  expect(told).toHaveLength(5);
  expect(told).toEqual(
    expect.arrayContaining([
      { engine_id: "desk", worker_topic: undefined, stream_depth: 1, throttle: -1 },
      { engine_id: "van-17", worker_topic: undefined, stream_depth: 1, throttle: -1 },
      { engine_id: "van-17", worker_topic: "label.print", stream_depth: 2, throttle: -1 },
      { engine_id: "van-17", worker_topic: "cold.store", stream_depth: 0, throttle: 700 },
      { engine_id: "porter-3", worker_topic: "fee.collect", stream_depth: 3, throttle: -1 },
    ]),
  );
});

const gigabytes = (text = ""): number => Number(/^(\d+\.\d\d) GB$/.exec(text)?.[1]);

/** The health that the worker of `porter-3` tells. */
async function healthElsewhere() {
  const profiles = await app.desk.rollCall(500);
  const { system } = profiles.find((profile) => nameOf(profile) === "porter-3 fee.collect") ?? {};
  if (system === undefined) throw new Error("porter-3 has told nothing of its system");
  return system;
}

function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(end);
}

test("S91 a profile holds the memory of the machine and the load of each of its cores", async () => {
  await healthElsewhere();
  work(1_000);
  const system = await healthElsewhere();

  expect(gigabytes(system.TotalMemoryGB)).toBeCloseTo(totalmem() / 2 ** 30, 1);
  expect(gigabytes(system.FreeMemoryGB)).toBeGreaterThan(0);
  expect(gigabytes(system.UsedMemoryGB)).toBeGreaterThan(0);
  expect(gigabytes(system.UsedMemoryGB) + gigabytes(system.FreeMemoryGB)).toBeCloseTo(totalmem() / 2 ** 30, 1);
  expect(system.CPULoad.map((load) => Object.keys(load))).toEqual(cpus().map((_, core) => [`CPU ${core}`]));
  const shares = system.CPULoad.flatMap((load) => Object.values(load).map((share) => Number(share.replace("%", ""))));
  for (const share of shares) expect(share).toSatisfy((each: number) => each >= 0 && each <= 100);
  // For about a second of the last second and a half one core was busy with this test.
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(30);
});

test.runIf(process.platform === "linux")("S91 a profile holds what each network interface has carried", async () => {
  const bytes = 20_000_000;
  const carried = ({ NetworkStats: stats }: { NetworkStats: readonly { readonly rx_bytes: number }[] }): number =>
    stats.reduce((sum, { rx_bytes: received }) => sum + received, 0);

  const before = await healthElsewhere();
  await app.sql(`select repeat('x', ${bytes}) as text`);
  const after = await healthElsewhere();

  expect(carried(after) - carried(before)).toBeGreaterThanOrEqual(bytes);
  const names = after.NetworkStats.map(({ iface }) => iface);
  expect(names).toEqual(expect.arrayContaining(Object.keys(networkInterfaces())));
  for (const stat of after.NetworkStats) {
    expect(stat).toEqual({
      iface: expect.any(String),
      operstate: expect.stringMatching(/^[a-z]+$/),
      ...Object.fromEntries(
        ["rx_bytes", "rx_dropped", "rx_errors", "tx_bytes", "tx_dropped", "tx_errors", "rx_sec", "tx_sec", "ms"].map(
          (field) => [field, expect.toSatisfy((value: unknown) => Number.isInteger(value) && Number(value) >= 0)],
        ),
      ),
    });
  }
  expect(Math.max(...after.NetworkStats.map(({ rx_sec: rate }) => rate))).toBeGreaterThan(bytes / 10);
});

test("S92 a roll call serves service discovery, health checks and capacity planning", async () => {
  await app.desk.throttle({ throttle: -1, topic: "fee.collect" });
  await app.obeys({ "porter-3 fee.collect": -1 });
  await app.order("fee.collect", 4);
  await vi.waitFor(async () => expect(await app.rows("worker_streams")).toHaveLength(4), 5_000);
  const brief = await app.join("porter-4", ["fee.collect"], { engine: "none" });
  const serving = async (topic: string) =>
    (await app.desk.rollCall(500)).filter(({ worker_topic }) => worker_topic === topic);

  const able = await serving("fee.collect");
  expect(able.map(({ engine_id: id }) => id).sort()).toEqual(["porter-3", "porter-4"]);
  expect(able.map(({ stream_depth, throttle, in_flight }) => [stream_depth, throttle, in_flight])).toEqual(
    Array(2).fill([4, -1, 0]),
  );
  expect(able.every(({ concurrency }) => Number(concurrency) > 0)).toBe(true);
  await brief.kill("SIGKILL");
  app.elsewhere.pop();

  await vi.waitFor(async () => {
    expect((await serving("fee.collect")).map(({ engine_id: id }) => id)).toEqual(["porter-3"]);
  }, 10_000);
  await app.desk.throttle({ throttle: 0 });
  await vi.waitFor(async () => {
    const [only] = await serving("fee.collect");
    expect(only).toMatchObject({ stream_depth: 0, counts: { "200": expect.any(Number) } });
  }, 10_000);
});
