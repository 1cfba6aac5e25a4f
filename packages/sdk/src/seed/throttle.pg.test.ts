import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { messagesOf } from "../testing/elsewhere.js";
import { documentOf } from "../testing/mesh.js";
import { SeedApp } from "../testing/seed-app.js";

const topics = ["label.print", "fee.collect"];
/** Two processes, each with an engine and a worker for both topics; `desk` has an engine only. */
const guids = ["van-17", "van-18"];

/** A worker begins with a message when it claims it, but a busy machine may be late with one of them. */
const lateMs = 200;

let app: SeedApp;

beforeAll(async () => {
  app = await SeedApp.open("seedslow");
  await app.activate(documentOf(app.appId, topics));
  await Promise.all(guids.map((guid) => app.join(guid, topics)));
});

afterEach(() => app.calm());
afterAll(() => app.close());

const everybody = ["desk engine", ...guids.flatMap((guid) => ["engine", ...topics].map((name) => `${guid} ${name}`))];
const allAt = (rate: number, members = everybody) => Object.fromEntries(members.map((member) => [member, rate]));

/** Orders this many of both topics and waits until all that may begin have begun: this many of each topic. */
async function begins(count: number, expected: Readonly<Record<string, number>>): Promise<void> {
  for (const topic of topics) await app.order(topic, count);
  await vi.waitFor(() => {
    for (const topic of topics) expect(app.begun(topic)).toHaveLength(expected[topic] ?? 0);
  }, 10_000);
}

/** Who has begun with what: `van-17 label.print`. */
const beginners = (): readonly string[] =>
  [...new Set(app.begun().map(({ guid, topic }) => `${guid} ${topic}`))].sort();

const statusesOf = (ids: readonly string[]) => Promise.all(ids.map((id) => app.desk.getStatus(id)));
const completed = (ids: readonly string[]) =>
  vi.waitFor(async () => expect(await statusesOf(ids)).toEqual(ids.map(() => 0)), 10_000);

test("S93 throttle broadcasts a command that every process hears, whoever it is meant for", async () => {
  const command = { throttle: 1, topic: "label.print", guid: "van-18" };

  expect(await app.desk.throttle(command)).toBe(true);

  await vi.waitFor(() => {
    for (const { heard } of [app, ...app.elsewhere]) {
      expect(messagesOf(heard, "throttle")).toEqual([{ type: "throttle", ...command }]);
    }
  }, 3_000);
});

test("S94 a targeted member waits before it processes its next message, and holds none meanwhile", async () => {
  await app.desk.throttle({ throttle: -1, guid: "van-18" });
  await app.desk.throttle({ throttle: 400, topic: "label.print", guid: "van-17" });
  await app.obeys({
    ...allAt(-1, ["van-18 engine", "van-18 label.print", "van-18 fee.collect"]),
    "van-17 label.print": 400,
  });

  await app.order("label.print", 4);
  await vi.waitFor(() => expect(app.begun("label.print")).toHaveLength(1), 5_000);
  const leased = (await app.rows("worker_streams where topic = 'label.print'")).filter(
    ({ reserved_by: by }) => by !== null,
  );
  await vi.waitFor(() => expect(app.begun("label.print")).toHaveLength(4), 10_000);

  expect(leased.length).toBeLessThanOrEqual(1);
  const instants = app.begun("label.print").map(({ at }) => at);
  expect((instants.at(-1) ?? 0) - (instants[0] ?? 0)).toBeGreaterThanOrEqual(3 * 400 - lateMs);
});

test("S95 any combination of engines and workers is held back at once", async () => {
  const combinations = [
    { options: { throttle: -1, topic: "fee.collect" }, held: guids.map((guid) => `${guid} fee.collect`) },
    { options: { throttle: -1, guid: "van-17", topic: "label.print" }, held: ["van-17 label.print"] },
    { options: { throttle: -1, scope: "engines", guid: "van-18" }, held: ["van-18 engine"] },
    { options: { throttle: -1, guid: "desk" }, held: ["desk engine"] },
  ] as const;
  const held: string[] = [];

  for (const combination of combinations) {
    await app.desk.throttle(combination.options);
    held.push(...combination.held);
    // Every few seconds they would look for themselves; this is sooner.
    await vi.waitFor(async () => expect(await app.rates()).toEqual({ ...allAt(0), ...allAt(-1, held) }), 4_000);
  }

  await begins(6, { "label.print": 6 });
  expect(beginners()).toEqual(["van-18 label.print"]);
});

test("S96 throttling loses no data: messages gather in the stream and are processed when it is lifted", async () => {
  await app.desk.throttle({ throttle: -1, scope: "workers" });
  await app.obeys(
    allAt(
      -1,
      everybody.filter((member) => !member.endsWith("engine")),
    ),
  );
  const ids = await app.order("label.print", 25);
  await vi.waitFor(async () => expect(await app.rows("worker_streams")).toHaveLength(25), 5_000);

  expect(app.begun()).toEqual([]);
  expect((await app.rows("worker_streams")).map(({ topic, reserved_by: by }) => [topic, by])).toEqual(
    ids.map(() => ["label.print", null]),
  );
  await app.desk.throttle({ throttle: 0 });
  await completed(ids);

  expect(
    app
      .begun()
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...ids].sort());
  expect(await app.rows("worker_streams")).toEqual([]);
});

test("S97 S102 without a target -1 pauses all engines and all workers until further notice", async () => {
  await app.desk.throttle({ throttle: -1 });
  await app.obeys(allAt(-1));
  const ids = [...(await app.order("label.print", 3)), ...(await app.order("fee.collect", 3))];

  // Engines are told to look for work, and everybody is there and hears it.
  await app.desk.pubQuorum({ type: "work", originator: "desk" });
  await app.desk.pubQuorum({ type: "cron", originator: "desk" });
  await app.obeys(allAt(-1));

  expect(app.begun()).toEqual([]);
  expect(await statusesOf(ids)).toEqual(ids.map(() => 1));
  expect(await app.rows("worker_streams")).toEqual([]);
  expect((await app.rows("engine_streams")).map(({ reserved_by: by }) => by)).toEqual(ids.map(() => null));
});

test("S98 a topic: all workers that are subscribed to it, and nobody else", async () => {
  await app.desk.throttle({ throttle: -1, topic: "label.print" });
  await app.obeys(
    allAt(
      -1,
      guids.map((guid) => `${guid} label.print`),
    ),
  );

  await begins(8, { "fee.collect": 8 });

  await vi.waitFor(async () => expect(await app.rows("worker_streams")).toHaveLength(8), 5_000);
  expect(new Set(app.begun().map(({ topic }) => topic))).toEqual(new Set(["fee.collect"]));
});

test("S99 a guid: the engine and the workers of one instance, and nobody else", async () => {
  await app.desk.throttle({ throttle: -1, guid: "van-17" });
  await app.obeys(allAt(-1, ["van-17 engine", "van-17 label.print", "van-17 fee.collect"]));

  await begins(8, { "label.print": 8, "fee.collect": 8 });

  expect(beginners()).toEqual(["van-18 fee.collect", "van-18 label.print"]);
});

test("S100 topic and guid: that topic on that instance, and nothing else", async () => {
  await app.desk.throttle({ throttle: -1, topic: "label.print", guid: "van-17" });
  await app.desk.throttle({ throttle: -1, topic: "fee.collect", guid: "van-18" });
  await app.obeys({ "van-17 label.print": -1, "van-18 fee.collect": -1 });

  await begins(8, { "label.print": 8, "fee.collect": 8 });

  expect(beginners()).toEqual(["van-17 fee.collect", "van-18 label.print"]);
});

test("S101 0 removes a throttle, also from a member that waits, and processing resumes", async () => {
  await app.desk.throttle({ throttle: 600_000, topic: "label.print" });
  await app.obeys(
    allAt(
      600_000,
      guids.map((guid) => `${guid} label.print`),
    ),
  );
  const ids = await app.order("label.print", 12);
  // Each of the two may begin with one, and waits for ten minutes before or after it.
  await vi.waitFor(async () => expect((await app.rows("worker_streams")).length).toBeGreaterThanOrEqual(10), 5_000);
  await app.obeys(
    allAt(
      600_000,
      guids.map((guid) => `${guid} label.print`),
    ),
  );
  expect(app.begun().length).toBeLessThanOrEqual(2);

  await app.desk.throttle({ throttle: 0, topic: "label.print" });
  await completed(ids);

  expect(app.begun()).toHaveLength(12);
  expect(await app.rates()).toEqual(allAt(0));
});

test("S103 500 leaves 500 ms between two messages", async () => {
  await app.desk.throttle({ throttle: 500, topic: "fee.collect" });
  await app.obeys(
    allAt(
      500,
      guids.map((guid) => `${guid} fee.collect`),
    ),
  );

  await begins(7, { "label.print": 7, "fee.collect": 7 });

  for (const guid of guids) {
    const instants = app
      .begun("fee.collect")
      .filter((begun) => begun.guid === guid)
      .map(({ at }) => at);
    const [first = 0] = instants;
    for (const [index, at] of instants.entries()) expect(at - first).toBeGreaterThanOrEqual(index * 500 - lateMs);
  }
  const [slowest] = app.begun("fee.collect").slice(-1);
  const [fastest] = app.begun("label.print").slice(-1);
  expect(fastest?.at).toBeLessThan(slowest?.at ?? 0);
});
