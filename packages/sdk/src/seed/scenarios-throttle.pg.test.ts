import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { documentOf } from "../testing/mesh.js";
import { SeedApp } from "../testing/seed-app.js";

/** `cold.store` is in one of the two other processes only. */
const topics = ["label.print", "fee.collect", "cold.store"];
const vans = { "van-17": topics, "van-18": ["label.print", "fee.collect"] };

let app: SeedApp;

beforeAll(async () => {
  app = await SeedApp.open("seedpace");
  await app.activate(documentOf(app.appId, topics));
  await Promise.all(Object.entries(vans).map(([guid, served]) => app.join(guid, served)));
});

afterEach(() => app.calm());
afterAll(() => app.close());

const workers = Object.entries(vans).flatMap(([guid, served]) => served.map((topic) => `${guid} ${topic}`));
const membersOf = (guid: string): readonly string[] => [
  `${guid} engine`,
  ...workers.filter((worker) => worker.startsWith(`${guid} `)),
];
const all = ["desk engine", "van-17 engine", "van-18 engine", ...workers];
const allAt = (rate: number, members: readonly string[]) => Object.fromEntries(members.map((member) => [member, rate]));

/** When a worker began with its messages, in order. */
const startsOf = (guid: string, topic: string): readonly number[] =>
  app
    .begun(topic)
    .filter((begun) => begun.guid === guid)
    .map(({ at }) => at);

/** A worker begins with a message when it claims it, but a busy machine may be late with one of them. */
const lateMs = 200;

function leavesBetween(ms: number, starts: readonly number[]): void {
  const [first = 0] = starts;
  for (const [index, at] of starts.entries()) expect(at - first).toBeGreaterThanOrEqual(index * ms - lateMs);
}

const begun = (topic: string, count: number) => vi.waitFor(() => expect(app.begun(topic)).toHaveLength(count), 15_000);

test("S116 a pause: no engine and no worker starts another message", async () => {
  const hotMesh = app.desk;

  await hotMesh.throttle({ throttle: -1 });
  await app.obeys(allAt(-1, all));
  const ids = [...(await app.order("label.print", 4)), ...(await app.order("cold.store", 4))];
  await hotMesh.pubQuorum({ type: "work", originator: "desk" });
  await app.obeys(allAt(-1, all));

  expect(app.begun()).toEqual([]);
  expect(await Promise.all(ids.map((id) => hotMesh.getStatus(id)))).toEqual(ids.map(() => 1));
  expect((await app.rows("engine_streams")).map(({ reserved_by: by }) => by)).toEqual(ids.map(() => null));
});

test("S117 when the pause is lifted everything goes on, nothing was lost or done twice", async () => {
  const hotMesh = app.desk;
  // Some wait in the streams of the workers, and some in that of the engines.
  await hotMesh.throttle({ throttle: -1, scope: "workers" });
  await app.obeys(allAt(-1, workers));
  const ids = [...(await app.order("label.print", 10)), ...(await app.order("fee.collect", 10))];
  await vi.waitFor(async () => expect(await app.rows("worker_streams")).toHaveLength(20), 5_000);
  await hotMesh.throttle({ throttle: -1 });
  await app.obeys(allAt(-1, all));
  ids.push(...(await app.order("label.print", 10)), ...(await app.order("cold.store", 10)));
  expect(app.begun()).toEqual([]);

  await hotMesh.throttle({ throttle: 0 });
  await vi.waitFor(async () => {
    expect(await Promise.all(ids.map((id) => hotMesh.getStatus(id)))).toEqual(ids.map(() => 0));
  }, 15_000);

  expect(
    app
      .begun()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(ids.sort());
});

test("S118 workers of one topic start at most one message a second, others are not slowed", async () => {
  const hotMesh = app.desk;

  await hotMesh.throttle({ throttle: 1000, topic: "label.print" });
  await app.obeys(allAt(1000, ["van-17 label.print", "van-18 label.print"]));
  await app.order("label.print", 8);
  await app.order("fee.collect", 20);
  await app.order("cold.store", 20);
  await Promise.all([begun("label.print", 8), begun("fee.collect", 20), begun("cold.store", 20)]);

  for (const guid of Object.keys(vans)) leavesBetween(1000, startsOf(guid, "label.print"));
  const slow = app.begun("label.print").at(-1)?.at ?? 0;
  for (const topic of ["fee.collect", "cold.store"]) expect(app.begun(topic).at(-1)?.at).toBeLessThan(slow);
});

test("S119 the instance van-17 leaves 2 s between messages, others do not", async () => {
  const hotMesh = app.desk;

  await hotMesh.throttle({ throttle: 2000, guid: "van-17" });
  await app.obeys(allAt(2000, membersOf("van-17")));
  await app.order("cold.store", 3);
  await app.order("label.print", 30);
  await Promise.all([begun("cold.store", 3), begun("label.print", 30)]);

  leavesBetween(2000, startsOf("van-17", "cold.store"));
  leavesBetween(2000, startsOf("van-17", "label.print"));
  const other = startsOf("van-18", "label.print");
  expect(other.length).toBeGreaterThanOrEqual(20);
  expect((other.at(-1) ?? 0) - (other[0] ?? 0)).toBeLessThan(10_000);
});

test("S120 only one topic on van-17: neither that topic elsewhere nor other topics there are slowed", async () => {
  const hotMesh = app.desk;

  await hotMesh.throttle({ throttle: 500, guid: "van-17", topic: "fee.collect" });
  await app.obeys({ "van-17 fee.collect": 500 });
  await app.order("fee.collect", 30);
  await app.order("cold.store", 30);
  await Promise.all([begun("fee.collect", 30), begun("cold.store", 30)]);

  leavesBetween(500, startsOf("van-17", "fee.collect"));
  for (const [guid, topic] of [
    ["van-18", "fee.collect"],
    ["van-17", "cold.store"],
  ] as const) {
    const starts = startsOf(guid, topic);
    expect(starts.length).toBeGreaterThanOrEqual(20);
    // At the rate of the other one this would take 10 s or more.
    expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeLessThan(5_000);
  }

  // Now van-17 has to do it alone.
  const before = startsOf("van-17", "fee.collect").length;
  await hotMesh.throttle({ throttle: -1, guid: "van-18", topic: "fee.collect" });
  await app.obeys({ "van-17 fee.collect": 500, "van-18 fee.collect": -1 });
  await app.order("fee.collect", 4);
  await begun("fee.collect", 34);

  const alone = startsOf("van-17", "fee.collect");
  expect(alone).toHaveLength(before + 4);
  leavesBetween(500, alone);
});
