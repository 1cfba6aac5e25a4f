import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh, type HotMeshConfig } from "./index.js";
import { documentOf } from "./testing/mesh.js";
import { connection, SeedApp } from "./testing/seed-app.js";

const timed = `
    - subscribes: nap
      activities:
        lie: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        sleep: { type: hook, sleep: '{lie.output.data.seconds}' }
      transitions: { lie: [ { to: sleep } ] }
    - subscribes: draft
      expire: 60
      activities:
        pen: { type: trigger, stats: { id: '{$self.input.data.id}' }, persist: true, job: { maps: { a: 1 } } }
        ink: { type: hook, sleep: '{pen.output.data.seconds}' }
      transitions: { pen: [ { to: ink } ] }
    - subscribes: note
      activities:
        jot: { type: trigger, stats: { id: '{$self.input.data.id}' } }
`;
/** Resolves a callback that hangs, by job. */
const hanging = new Map<string, () => void>();
let app: SeedApp;
let mesh: HotMesh;

beforeAll(async () => {
  app = await SeedApp.open("limits");
  mesh = app.desk;
  await app.activate(documentOf(app.appId, ["press", "kiln"]) + timed);
});

afterAll(() => app.close());

const init = (over: Partial<HotMeshConfig>): Promise<HotMesh> =>
  HotMesh.init({ appId: app.appId, logLevel: "silent", ...over });

test.each([
  ["of work that its own engine hands over", true],
  ["of work that waits", false],
])("F31 concurrency bounds callbacks and leases, %s", async (name, isLocal) => {
  let running = 0;
  let most = 0;
  const leased: unknown[] = [];
  const callback = async () => {
    running += 1;
    most = Math.max(most, running);
    const reserved = `select count(*)::int as n from "${app.appId}".worker_streams where reserved_at is not null`;
    leased.push((await app.sql(`${reserved} and topic = 'press'`))[0]?.["n"]);
    running -= 1;
    return { data: { by: "press" } };
  };
  const ids = Array.from({ length: 60 }, (_, n) => `${name}/${n}`);
  const start = (from: HotMesh) => Promise.all(ids.map((id) => from.pub("do.press", { id })));
  if (!isLocal) await start(mesh);
  const workers = [{ topic: "press", connection: connection(), callback, concurrency: 4 }];
  const bench = await init({ workers, ...(isLocal && { engine: { connection: connection() } }) });
  if (isLocal) await start(bench);

  await vi.waitFor(async () => expect(await app.rows("jobs where status > 0")).toEqual([]), 10_000);

  expect(most).toBe(4);
  expect(leased).toHaveLength(60);
  expect(Math.max(...leased.map(Number))).toBeLessThanOrEqual(4);
  await bench.stop();
});

test("a callback that outlives the cap gets no answer in: it is logged, and the message handed out again", async () => {
  vi.stubEnv("HMSH_RESERVATION_TIMEOUT_S", "0.4");
  vi.stubEnv("HMSH_RESERVATION_TIMEOUT_MAX_S", "0.9");
  vi.stubEnv("HOTMESH_POSTGRES_FALLBACK_INTERVAL", "50");
  const logged: unknown[] = [];
  const quiet = () => {};
  const error = (_: string, ...meta: unknown[]) => void logged.push(...meta);
  const calls: unknown[] = [];
  const callback = async ({ metadata }: { readonly metadata: { readonly jid?: string; readonly guid: string } }) => {
    calls.push(metadata.guid);
    if (calls.length === 1) await new Promise<void>((resolve) => hanging.set(String(metadata.jid), resolve));
    return { data: { by: calls.length === 1 ? "late" : "again" } };
  };
  const bench = await init({
    workers: [{ topic: "kiln", connection: connection(), callback }],
    logger: { error, warn: quiet, info: quiet, debug: quiet },
  });
  vi.unstubAllEnvs();
  await mesh.pub("do.kiln", { id: "slow" });

  await vi.waitFor(async () => expect(await mesh.getStatus("slow")).toBe(0), 10_000);
  hanging.get("slow")?.();
  await bench.stop();

  expect(calls).toHaveLength(2);
  expect(new Set(calls).size).toBe(1);
  expect((await mesh.getState("do.kiln", "slow")).data).toEqual({ by: "again" });
  expect(logged).toContainEqual(
    expect.objectContaining({
      error: expect.objectContaining({ name: "LeaseExpiredError", code: 598, deadlineMs: 900 }),
    }),
  );
});

test("no timer fires early, and all fire soon", async () => {
  const ids = Array.from({ length: 20 }, (_, n) => `nap ${n}`);
  await Promise.all(ids.map((id, n) => mesh.pub("nap", { id, seconds: 0.3 + n * 0.017 })));
  await vi.waitFor(async () => expect(await app.rows("jobs where topic = 'nap' and status > 0")).toEqual([]), 5_000);

  const rows = await app.sql(
    `select replace(job_id, 'nap ', '')::int as n, extract(epoch from completed_at - started_at)::float8 * 1000 as ms
     from "${app.appId}".activities where activity_id = 'sleep'`,
  );
  expect(rows).toHaveLength(20);
  for (const { n, ms } of rows) {
    expect(Number(ms)).toBeGreaterThanOrEqual(300 + Number(n) * 17);
    expect(Number(ms)).toBeLessThan(300 + Number(n) * 17 + 1_000);
  }
});

test("persist announces a job that does not expire while it is open, and the time runs from its end", async () => {
  await mesh.pub("draft", { id: "open", seconds: 0.2 });

  expect(await app.rows("jobs where id = 'open'")).toMatchObject([{ state: "running", expired_at: null }]);
  await vi.waitFor(async () => expect(await mesh.getStatus("open")).toBe(0), 5_000);
  const [job] = await app.sql(`select extract(epoch from expired_at - updated_at)::int as kept,
    updated_at - created_at >= interval '0.2 s' as lasted from "${app.appId}".jobs where id = 'open'`);
  expect(job).toEqual({ kept: 60, lasted: true });
});

test.each([
  ["24 hours", undefined, undefined, 86_400],
  ["what the environment says", undefined, "7", 7],
  ["what the engine says, in seconds", 90, "7", 90],
  ["what the engine says, as a duration", "2m", "7", 120],
  ["until it is removed by hand, when the engine says 0", 0, undefined, null],
])("a job of a graph without expire is kept %s", async (...[id, retention, environment, seconds]) => {
  if (environment !== undefined) vi.stubEnv("HMSH_EXPIRE_JOB_SECONDS", environment);
  const engine = { connection: connection(), ...(retention !== undefined && { retention }) };
  const keeping = await init({ engine });
  vi.unstubAllEnvs();

  await keeping.pub("note", { id });

  const kept = `select extract(epoch from expired_at - updated_at)::int as kept from "${app.appId}".jobs where id = $1`;
  expect(await app.sql(kept, [id])).toEqual([{ kept: seconds }]);
  await keeping.stop();
});
