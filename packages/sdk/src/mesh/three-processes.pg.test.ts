import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { QuorumProfile } from "../index.js";
import type { Elsewhere } from "../testing/elsewhere.js";
import type { Begun } from "../testing/mesh.js";
import { documentOf } from "../testing/mesh.js";
import { SeedApp } from "../testing/seed-app.js";

const topics = ["label.print", "fee.collect"];
const rateMs = 500;
/** Real time passes here, and other processes start. */
const patience = { timeout: 120_000 };

/** Two processes with an engine and workers, and `yard` with workers only. Each does 10 messages a second. */
let app: SeedApp;

beforeAll(async () => {
  app = await SeedApp.open("meshof3");
  await app.activate(documentOf(app.appId, topics));
  const pace = { concurrency: 1, workMs: 100, metronomeMs: rateMs };
  await Promise.all([
    app.join("north", topics, pace),
    app.join("south", topics, pace),
    app.join("yard", topics, { ...pace, engine: "none" }),
  ]);
}, 60_000);

afterEach(async () => {
  // Orders that nobody has to wait for.
  for (const { id } of await app.rows("jobs where status > 0")) await app.desk.scrub(String(id));
  await app.calm();
});
afterAll(() => app.close());

const workersOf = (guid: string): readonly string[] => topics.map((topic) => `${guid} ${topic}`);
const workers = ["north", "south", "yard"].flatMap(workersOf);
const everybody = ["desk engine", "north engine", "south engine", ...workers];
const allAt = (rate: number, members = everybody) => Object.fromEntries(members.map((member) => [member, rate]));
const nameOf = ({ engine_id: id, worker_topic: topic }: QuorumProfile): string => `${id} ${topic ?? "engine"}`;

function process(guid: string): Elsewhere {
  const found = app.elsewhere.find(({ spec }) => spec.guid === guid);
  if (found === undefined) throw new Error(`no process ${guid}`);
  return found;
}

const begunBy = (member: string): readonly Begun[] =>
  app.begun().filter(({ guid, topic }) => `${guid} ${topic}` === member);

test("A2 S87 S89 S90 a roll call of three processes is complete within 500 ms", patience, async () => {
  await app.desk.throttle({ throttle: -1, scope: "workers" });
  await app.obeys(allAt(-1, workers));
  await app.order("label.print", 2);
  await app.order("fee.collect", 3);
  const begin = performance.now();

  const [profiles, again] = await Promise.all([app.desk.rollCall(450), app.desk.rollCall(400)]);

  expect(performance.now() - begin).toBeGreaterThanOrEqual(449);
  expect([...profiles.map(nameOf)].sort()).toEqual([...everybody].sort());
  expect(again.map(nameOf).sort()).toEqual([...everybody].sort());
  for (const { worker_topic: topic, stream_depth: depth } of profiles) {
    expect(depth).toBe(topic === "label.print" ? 2 : topic === "fee.collect" ? 3 : 0);
  }
});

/** The mean of so many gaps between instants, in milliseconds. */
const meanGap = (instants: readonly number[]): number =>
  ((instants.at(-1) ?? Number.NaN) - (instants[0] ?? Number.NaN)) / (instants.length - 1);

test.each([
  {
    whom: "one worker beside an engine",
    options: { topic: "label.print", guid: "north" },
    targets: ["north label.print"],
  },
  {
    whom: "one worker without an engine",
    options: { topic: "label.print", guid: "yard" },
    targets: ["yard label.print"],
  },
  {
    whom: "all workers of a topic",
    options: { topic: "fee.collect" },
    targets: ["north fee.collect", "south fee.collect", "yard fee.collect"],
  },
])(
  "A2 S94 S98 S100 S103 at 500 ms a message the mean of 20 gaps is 500 ms ± 20 %, on $whom and nobody else",
  patience,
  async ({ options, targets }) => {
    await app.desk.throttle({ throttle: rateMs, ...options });
    await app.obeys(allAt(rateMs, targets));
    const others = workers.filter((worker) => !targets.includes(worker));
    // More of both topics than all workers can do meanwhile, so that there is always something to claim.
    for (const topic of topics) await app.order(topic, 800);

    await vi.waitFor(() => {
      for (const member of targets) expect(begunBy(member).length).toBeGreaterThan(20);
    }, 60_000);

    for (const member of targets) {
      const instants = begunBy(member)
        .slice(0, 21)
        .map(({ at }) => at);
      const [from = 0, to = 0] = [instants[0], instants.at(-1)];
      // The same process did the like without a rate. What that took longer than its wait, the machine was late.
      const beats = process(member.split(" ")[0] ?? "").beats.filter((at) => at >= from && at <= to);
      const lateMs = Math.max(0, meanGap(beats) - rateMs);
      expect(meanGap(instants)).toBeGreaterThanOrEqual(0.8 * rateMs);
      expect(meanGap(instants) - lateMs).toBeLessThanOrEqual(1.2 * rateMs);
      // Whoever was not told began at least twice as often in the very same time.
      for (const other of others) {
        const meanwhile = begunBy(other).filter(({ at }) => at >= from && at <= to);
        expect(meanwhile.length, other).toBeGreaterThan(40);
      }
    }
  },
);

test(
  "A2 S96 S97 S102 F20 a pause holds no message and loses none, and who joins meanwhile obeys it",
  patience,
  async () => {
    // Workers first, so that there are worker messages to wait; then everybody, so that jobs wait as well.
    await app.desk.throttle({ throttle: -1, scope: "workers" });
    await app.obeys(allAt(-1, workers));
    const waiting = [...(await app.order("label.print", 10))];
    await app.desk.throttle({ throttle: -1 });
    await app.obeys(allAt(-1));
    waiting.push(...(await app.order("fee.collect", 10)));

    const [east, quay] = await Promise.all([app.join("east", topics), app.join("quay", topics, { engine: "none" })]);
    const joined = ["east engine", ...workersOf("east"), ...workersOf("quay")];
    await app.obeys(allAt(-1, [...everybody, ...joined]));

    expect(app.begun()).toEqual([]);
    expect((await app.rows("worker_streams")).map(({ topic, reserved_by: by }) => [topic, by])).toEqual(
      Array(10).fill(["label.print", null]),
    );
    expect((await app.rows("engine_streams where reserved_at is not null")).length).toBe(0);
    await app.desk.throttle({ throttle: 0 });
    await vi.waitFor(async () => {
      expect(await Promise.all(waiting.map((id) => app.desk.getStatus(id)))).toEqual(waiting.map(() => 0));
    }, 20_000);
    expect(
      app
        .begun()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...waiting].sort());
    await Promise.all([east.leave(), quay.leave()]);
    // Either of them may have joined first.
    for (const one of [east, quay]) app.elsewhere.splice(app.elsewhere.indexOf(one), 1);
  },
);

test("A2 S96 S101 a pause in the middle of the work neither loses nor repeats a message", patience, async () => {
  const ids: string[] = [];
  for (const topic of topics) ids.push(...(await app.order(topic, 60)));
  await vi.waitFor(() => expect(app.begun().length).toBeGreaterThan(20), 10_000);

  await app.desk.throttle({ throttle: -1 });
  await app.obeys(allAt(-1));
  // What ran when the pause began has ended, and nobody holds anything.
  await vi.waitFor(async () => {
    const held = await app.rows("worker_streams where reserved_at is not null");
    expect(held).toEqual([]);
  }, 10_000);
  const begun = app.begun().length;

  expect(begun).toBeLessThan(ids.length);
  expect(await app.rows("jobs where status < 0")).toEqual([]);
  await app.desk.throttle({ throttle: 0 });
  await vi.waitFor(async () => {
    expect(await Promise.all(ids.map((id) => app.desk.getStatus(id)))).toEqual(ids.map(() => 0));
  }, 20_000);
  expect(
    app
      .begun()
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...ids].sort());
});

test("A2 F23 a process that is killed is missing in the next roll call", patience, async () => {
  const pier = await app.join("pier", topics);
  await vi.waitFor(async () => expect((await app.desk.rollCall(300)).length).toBe(everybody.length + 3), 10_000);

  await pier.kill("SIGKILL");
  app.elsewhere.splice(app.elsewhere.indexOf(pier), 1);

  await vi.waitFor(async () => {
    expect((await app.desk.rollCall(300)).map(nameOf).sort()).toEqual([...everybody].sort());
  }, 10_000);
});
