import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh, type RetryPolicyConfig } from "./index.js";
import { connection, SeedApp } from "./testing/seed-app.js";

const topics = ["with.policy", "without"];

/** Workers that have reserved inputs where the payload brings them, and retries of their own for code 500. */
const document = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:${topics
    .map(
      (topic, n) => `
    - subscribes: do.${topic}
      activities:
        ask${n}: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        work${n}:
          type: worker
          topic: ${topic}
          retry: { '500': [ 2 ] }
          input:
            maps:
              maximumAttempts: '{ask${n}.output.data.attempts}'
              maximumInterval: '{ask${n}.output.data.interval}'
      transitions: { ask${n}: [ { to: work${n} } ] }`,
    )
    .join("")}`;

/** The code that the callback of a job throws. */
const codes = new Map<string, number>();
let app: SeedApp;
let stamping: HotMesh;

beforeAll(async () => {
  vi.stubEnv("HOTMESH_POSTGRES_FALLBACK_INTERVAL", "50");
  const worker = (topic: string, retryPolicy?: RetryPolicyConfig) => ({
    ...{ topic, connection: connection(), ...(retryPolicy !== undefined && { retryPolicy }) },
    callback: async ({ metadata }: { readonly metadata: { readonly jid?: string } }): Promise<never> => {
      throw Object.assign(new Error("not now"), { code: codes.get(String(metadata.jid)) ?? 500 });
    },
  });
  app = await SeedApp.open("retrysrc", [
    worker("with.policy", { maximumAttempts: 3, backoffCoefficient: 60, maximumInterval: "2m" }),
    worker("without"),
  ]);
  await app.activate(document(app.appId));
  const retryPolicy = { maximumAttempts: 4, backoffCoefficient: 50, maximumInterval: "2 minutes" };
  const engine = { connection: connection(), retryPolicy };
  stamping = await HotMesh.init({ appId: app.appId, logLevel: "silent", engine });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await app.close();
});

/** Starts a job and lets time pass: the seconds between its attempts, in order. */
async function pauses(mesh: HotMesh, topic: string, payload: { id: string; [input: string]: unknown }) {
  await mesh.pub(`do.${topic}`, payload);
  const waits = new Map<number, number>();
  await vi.waitFor(async () => {
    // What waits for longer is due at once, its wait noted.
    for (const row of await app.sql(
      `with waiting as (
         select w.key, w.attempt, w.visible_at - f.failed_at as ms
         from "${app.appId}".message w
         join "${app.appId}".failed_attempt f on f.job_id = w.job_id and f.attempt = w.attempt - 1
         where w.job_id = $1 and w.lease_token is null
       )
       update "${app.appId}".message m set visible_at = 1 from waiting w
       where m.key = w.key and m.visible_at > 1 and w.ms > 1000 returning w.attempt, w.ms::float8 / 1000 as seconds`,
      [payload.id],
    )) {
      waits.set(Number(row["attempt"]), Number(row["seconds"]));
    }
    expect(await mesh.getStatus(payload.id)).toBe(0);
  }, 10_000);
  const tried = await app.rows(`worker_streams where jid = '${payload.id}'`);
  return tried.slice(1).map((_, index) => waits.get(index + 1) ?? "soon");
}

test("reserved inputs come before the policy of the engine, which stamps what has none", async () => {
  const reserved = { attempts: 2, interval: "2m" };

  expect(await pauses(stamping, "with.policy", { id: "reserved", ...reserved })).toEqual([10, 100]);
  expect(await pauses(stamping, "without", { id: "more", attempts: 3, interval: "2m" })).toEqual([10, 100, 120]);
  expect(await app.rows("worker_streams where jid = 'more' and maximum_interval_seconds = 120")).toHaveLength(4);
});

test("the policy of the engine comes before that of the worker", async () => {
  expect(await pauses(stamping, "with.policy", { id: "stamped" })).toEqual([50, 120, 120]);
});

test("the policy of the worker comes before the retries of the activity, and is for every code", async () => {
  codes.set("business", 422);

  expect(await pauses(app.desk, "with.policy", { id: "fallback" })).toEqual([60, 120]);
  expect(await pauses(app.desk, "with.policy", { id: "business" })).toEqual([60, 120]);
});

test("the retries of the activity are for their code alone, and without any there is one attempt", async () => {
  codes.set("another", 503);

  expect(await pauses(app.desk, "without", { id: "own" })).toEqual(["soon", "soon"]);
  expect(await pauses(app.desk, "without", { id: "another" })).toEqual([]);
});
