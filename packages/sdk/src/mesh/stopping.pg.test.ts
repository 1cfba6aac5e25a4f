import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from "vitest";
import { SeedApp } from "../testing/seed-app.js";
import { Shift, type ShiftSpec } from "../testing/shift.js";

const topics = ["label.print", "fee.collect", "box.fold", "van.load"];
const concurrency = 50;
const drainMs = 1_000;
const patience = { timeout: 120_000 };
/** Less than the 30 s of a lease and the 5 s between looks, so that only what was given back is done by then. */
const atOnceMs = 3_000;

const graph = (topic: string, n: number): string => `
    - subscribes: do.${topic}
      activities:
        begin${n}: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        work${n}:
          type: worker
          topic: ${topic}
          input: { maps: { id: '{begin${n}.output.data.id}', slow: '{begin${n}.output.data.slow}' } }
          job: { maps: { by: '{$self.output.data.by}' } }
        after${n}: { type: hook, job: { maps: { done: true } } }
      transitions:
        begin${n}: [ { to: work${n} } ]
        work${n}: [ { to: after${n} } ]
`;

let app: SeedApp;
const shifts: Shift[] = [];

beforeAll(async () => {
  app = await SeedApp.open("shifts");
  await app.activate(`
app:
  id: ${app.appId}
  version: '1'
  graphs:${topics.map(graph).join("")}`);
});

afterEach(async () => {
  for (const shift of shifts.splice(0)) await shift.kill();
  await app.desk.throttle({ throttle: 0 });
});
afterAll(() => app.close());

async function begin(guid: string, over: Partial<ShiftSpec> = {}): Promise<Shift> {
  const { appId } = app;
  const common = {
    connection: inject("postgresUrl"),
    appId,
    topics,
    concurrency,
    drainMs,
    hasEngine: true,
    isHeld: false,
  };
  const shift = await Shift.begin({ ...common, guid, ...over });
  shifts.push(shift);
  return shift;
}

/** Starts jobs of all topics in turn; every second one is slow. */
async function order(name: string, count: number): Promise<{ readonly quick: string[]; readonly slow: string[] }> {
  const quick: string[] = [];
  const slow: string[] = [];
  const starts = Array.from({ length: count }, (_, n) => {
    const isSlow = Math.floor(n / topics.length) % 2 === 1;
    const id = `${name}/${n}`;
    (isSlow ? slow : quick).push(id);
    return app.desk.pub(`do.${topics[n % topics.length]}`, { id, slow: isSlow });
  });
  await Promise.all(starts);
  return { quick: quick.sort(), slow: slow.sort() };
}

const executed = (...of: readonly Shift[]): readonly string[] =>
  of.flatMap(({ begun }) => begun.map(({ id }) => id)).sort();

/** Jobs by who has done their work; null: nobody yet. */
async function doneBy(name: string): Promise<Record<string, string[]>> {
  const done: Record<string, string[]> = {};
  for (const { id, status, context } of await app.rows(`jobs where id like '${name}/%' order by id collate "C"`)) {
    const { by } = (context ?? {}) as { readonly by?: string };
    const key = Number(status) === 0 ? String(by) : `open since ${by}`;
    done[key] = [...(done[key] ?? []), String(id)];
  }
  return done;
}

const messagesOf = (name: string) => app.rows(`worker_streams where jid like '${name}/%'`);

test.each([
  { name: "beside an engine", hasEngine: true },
  { name: "without an engine", hasEngine: false },
])(
  "A6 F33 200 callbacks in flight $name, stop, restart: none is lost, and only what had not answered is done again",
  patience,
  async ({ name, hasEngine }) => {
    // With its engine paused, this process starts jobs and nothing else: the shift does the rest.
    if (hasEngine) await app.desk.throttle({ throttle: -1, guid: "desk" });
    const first = await begin("first", { isHeld: true, hasEngine });
    const { quick, slow } = await order(name, 200);
    await vi.waitFor(() => expect(first.begun).toHaveLength(200), 20_000);

    const end = await first.end();

    expect(executed(first)).toEqual([...quick, ...slow].sort());
    // Given back: they are there, and nobody holds them.
    const waiting = await messagesOf(name);
    expect(waiting.map(({ jid }) => String(jid)).sort()).toEqual(slow);
    expect(waiting.filter(({ reserved_at: at, reserved_by: by }) => at !== null || by !== null)).toEqual([]);
    expect(end.stopMs).toBeGreaterThanOrEqual(drainMs);
    expect(end.stopMs).toBeLessThan(5_000);
    expect(end).toMatchObject({ exitCode: 0, resources: [] });
    expect(end.exitMs).toBeLessThan(1_000);

    const second = await begin("second", { hasEngine });
    await vi.waitFor(async () => expect(await doneBy(name)).toEqual({ first: quick, second: slow }), 15_000);
    expect(executed(second)).toEqual(slow);
    expect(await messagesOf(name)).toEqual([]);
    const passes = await app.rows(`activities where job_id like '${name}/%'`);
    expect(passes).toHaveLength(3 * 200);
    expect(await second.end()).toMatchObject({ exitCode: 0, resources: [] });
  },
);

test("A6 F33 what a process gives back when it stops, another one begins with at once", patience, async () => {
  const first = await begin("first", { isHeld: true, drainMs: 0, hasEngine: false });
  await order("back", 40);
  await vi.waitFor(() => expect(first.begun).toHaveLength(40), 20_000);
  const second = await begin("second", { hasEngine: false });

  const end = await first.end();

  await vi.waitFor(() => expect(executed(second)).toEqual(executed(first)), 20_000);
  expect(Math.max(...second.begun.map(({ at }) => at)) - end.at).toBeLessThan(atOnceMs);
  expect(end.exitMs).toBeLessThan(1_000);
  await vi.waitFor(async () => expect(Object.keys(await doneBy("back"))).toEqual(["second"]), 10_000);
});

test(
  "A6 a process that stops with nothing to do is gone within a second, and leaves no connection",
  patience,
  async () => {
    const connection = `${inject("postgresUrl")}?application_name=${app.appId}-idle`;
    const shift = await begin("idle", { connection });

    const end = await shift.end();

    expect(end).toMatchObject({ exitCode: 0, resources: [] });
    expect(end.exitMs).toBeLessThan(1_000);
    const connections = "select count(*)::int as open from pg_stat_activity where application_name = $1";
    await vi.waitFor(
      async () => expect(await app.sql(connections, [`${app.appId}-idle`])).toEqual([{ open: 0 }]),
      5_000,
    );
  },
);

test(
  "A6 F33 processes that stop in the middle of their own load leave no message behind that has to time out",
  patience,
  async () => {
    for (const guid of ["early", "noon", "late"]) {
      const one = await app.join(guid, topics, { concurrency: 5, workMs: 10 });
      for (const topic of ["label.print", "fee.collect"]) await one.call("beginLoad", topic, { callers: 8 });
      await vi.waitFor(() => expect(one.begun.length).toBeGreaterThan(100), 20_000);
      // It has jobs to start, steps under way, work handed over, callbacks running and answers to decide.
      await one.leave();
      expect(await app.rows("worker_streams where reserved_at is not null")).toEqual([]);
    }

    await app.join("night", topics);
    await vi.waitFor(async () => expect(await app.rows("jobs where status <> 0 limit 1")).toEqual([]), 15_000);
    const ids = app.begun().map(({ id }) => id);
    const jobs = await app.rows("jobs where id similar to '(early|noon|late)/%'");
    expect(new Set(ids).size).toBe(jobs.length);
    expect(ids.length).toBeLessThanOrEqual(2 * jobs.length);
    expect(jobs.filter(({ context }) => (context as { done?: boolean }).done !== true)).toEqual([]);
  },
);
