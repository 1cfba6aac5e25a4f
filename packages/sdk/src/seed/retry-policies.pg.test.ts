import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { HotMesh, type HotMeshConfig, type RetryPolicyConfig } from "../index.js";
import { documentOf } from "../testing/mesh.js";
import { connection, SeedApp } from "../testing/seed-app.js";

/** What the worker of a topic is given; a topic without a policy has a worker without one. */
const policies: Readonly<Record<string, RetryPolicyConfig | undefined>> = {
  none: undefined,
  five: { maximumAttempts: 5, backoffCoefficient: 2, maximumInterval: "30s" },
  attempts: { backoffCoefficient: 2 },
  coefficient: { maximumAttempts: 3 },
  interval: { maximumAttempts: 4 },
  seconds: { maximumAttempts: 3, backoffCoefficient: 5, maximumInterval: 7 },
  duration: { maximumAttempts: 4, backoffCoefficient: 9, maximumInterval: "30s" },
  minutes: { maximumAttempts: 4, backoffCoefficient: 11, maximumInterval: "2m" },
  formula: { maximumAttempts: 6, backoffCoefficient: 2 },
};

let app: SeedApp;
const others: HotMesh[] = [];

beforeAll(async () => {
  // A wait is ended by moving the instant at which its message is due, and the workers look for that often.
  vi.stubEnv("HOTMESH_POSTGRES_FALLBACK_INTERVAL", "50");
  app = await SeedApp.open("seedretry");
  await app.activate(documentOf(app.appId, [...Object.keys(policies), "lone"]));
  const workers = Object.entries(policies).map(([topic, retryPolicy]) => ({
    ...{ topic, connection: connection(), callback: refuse },
    ...(retryPolicy !== undefined && { retryPolicy }),
  }));
  await HotMesh.init({ appId: app.appId, guid: "bench", logLevel: "silent", workers });
});

afterEach(async () => {
  for (const mesh of others.splice(0)) await mesh.stop();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await app.close();
});

async function refuse(): Promise<never> {
  throw new Error("out of ink");
}

/** An instance whose engine has a policy. */
async function engineWith(retryPolicy: RetryPolicyConfig, workers: NonNullable<HotMeshConfig["workers"]> = []) {
  const engine = { connection: connection(), retryPolicy };
  const mesh = await HotMesh.init({ appId: app.appId, logLevel: "silent", engine, workers });
  others.push(mesh);
  return mesh;
}

const attemptsOf = (jobId: string) =>
  app.sql(
    `select id, message, created_at, expired_at, retry_attempt, error is not null as failed,
       max_retry_attempts, backoff_coefficient, maximum_interval_seconds
     from "${app.appId}".worker_streams where jid = $1 order by retry_attempt`,
    [jobId],
  );

/** Seconds between each failure of the job's only work and the instant at which the next attempt is due. */
async function pausesOf(jobId: string): Promise<readonly number[]> {
  const pauses: number[] = [];
  for (;;) {
    const waits = await vi.waitFor(async () => {
      const waiting = await app.sql(
        `select w.id, extract(epoch from w.visible_at - f.expired_at)::float8 as pause
         from "${app.appId}".worker_streams w
         join "${app.appId}".worker_streams f on f.jid = w.jid and f.retry_attempt = w.retry_attempt - 1
         where w.jid = $1 and w.expired_at is null and w.visible_at > clock_timestamp()`,
        [jobId],
      );
      const ended = await app.sql(`select id from "${app.appId}".jobs where id = $1 and state <> 'running'`, [jobId]);
      expect(waiting.length + ended.length).toBe(1);
      return waiting;
    }, 5_000);
    const [next] = waits;
    if (next === undefined) return pauses;
    pauses.push(Number(next["pause"]));
    await app.sql(`update "${app.appId}".message set visible_at = created_at where key = $1`, [next["id"]]);
  }
}

async function pausesOfWorker(topic: string): Promise<readonly number[]> {
  const [id = ""] = await app.order(topic, 1);
  return pausesOf(id);
}

test("S23 engine.retryPolicy and workers[].retryPolicy each set a policy with exponential backoff", async () => {
  const mesh = await engineWith({ maximumAttempts: 4, backoffCoefficient: 3 });
  await mesh.pub("do.none", { id: "P23" });

  expect(await pausesOf("P23")).toEqual([3, 9, 27]);
  expect(await pausesOfWorker("five")).toEqual([2, 4, 8, 16]);
});

test("S24 neither policy is inherited: each acts at its own level", async () => {
  const attempts: string[] = [];
  const callback = async () => {
    attempts.push("lone");
    throw new Error("out of ink");
  };
  const lone = { topic: "lone", connection: connection(), callback };
  await engineWith({ maximumAttempts: 3, backoffCoefficient: 2 }, [lone]);

  // The engine of this worker's instance has a policy, that which publishes has none: so the worker has none.
  const [id = ""] = await app.order("lone", 1);

  expect(await pausesOf(id)).toEqual([]);
  expect(attempts).toEqual(["lone"]);
  expect(await app.desk.getState("do.lone", id)).toMatchObject({ metadata: { state: "failed" } });
  // And the policy of a worker is not stamped on what engines publish.
  const [five = ""] = await app.order("five", 1);
  expect(await attemptsOf(five)).toContainEqual(
    expect.objectContaining({ max_retry_attempts: null, backoff_coefficient: null, maximum_interval_seconds: null }),
  );
  await pausesOf(five);
});

test("S25 what an engine with a policy publishes is stamped with it, in columns of the message", async () => {
  const mesh = await engineWith({ maximumAttempts: 2, backoffCoefficient: 7, maximumInterval: "90s" });

  await mesh.pub("do.none", { id: "P25" });
  await pausesOf("P25");

  const stamped = { max_retry_attempts: 2, backoff_coefficient: 7, maximum_interval_seconds: 90 };
  expect((await attemptsOf("P25")).map((row) => row)).toEqual([
    expect.objectContaining({ retry_attempt: 0, ...stamped }),
    expect.objectContaining({ retry_attempt: 1, ...stamped }),
  ]);
});

test("S26 a worker handles the failure of a stamped message by the policy on the message", async () => {
  const mesh = await engineWith({ maximumAttempts: 3, backoffCoefficient: 4 });

  // The policy of this worker would give 2, 4, 8 and 16.
  await mesh.pub("do.five", { id: "P26" });

  expect(await pausesOf("P26")).toEqual([4, 16]);
});

test("S27 the policy of a worker is the fallback for messages that carry none", async () => {
  const [id = ""] = await app.order("five", 1);

  expect(await pausesOf(id)).toEqual([2, 4, 8, 16]);
  expect((await attemptsOf(id)).map((row) => row["max_retry_attempts"])).toEqual([null, null, null, null, null]);
});

test("S28 a policy without maximumAttempts makes three attempts", async () => {
  expect(await pausesOfWorker("attempts")).toEqual([2, 4]);
});

test("S29 a policy without backoffCoefficient has a base of ten", async () => {
  expect(await pausesOfWorker("coefficient")).toEqual([10, 100]);
});

test("S30 maximumInterval is seconds or a duration, and 120 s when it is not given", async () => {
  expect(await pausesOfWorker("interval")).toEqual([10, 100, 120]);
  expect(await pausesOfWorker("seconds")).toEqual([5, 7]);
  expect(await pausesOfWorker("duration")).toEqual([9, 30, 30]);
  expect(await pausesOfWorker("minutes")).toEqual([11, 120, 120]);
});

test("S31 the wait before retry n is the coefficient to the n in seconds: 2, 4, 8, 16, 32", async () => {
  expect(await pausesOfWorker("formula")).toEqual([2, 4, 8, 16, 32]);
});

test("S32 policies can be asked for by the columns they live in", async () => {
  const mesh = await engineWith({ maximumAttempts: 2, backoffCoefficient: 6, maximumInterval: 66 });
  await Promise.all(["P32a", "P32b"].map((id) => mesh.pub("do.none", { id })));
  const found = await vi.waitFor(async () => {
    const rows = await app.sql(
      `select jid from "${app.appId}".worker_streams
       where max_retry_attempts > 1 and backoff_coefficient between 5.5 and 6.5
         and maximum_interval_seconds = 66 and visible_at > clock_timestamp()`,
    );
    expect(rows).toHaveLength(2);
    return rows;
  }, 5_000);

  expect(found.map(({ jid }) => jid).sort()).toEqual(["P32a", "P32b"]);
  await Promise.all(["P32a", "P32b"].map(pausesOf));
});

test("S33 every retry is a new message, and none is ever altered", async () => {
  const seen: (readonly Record<string, unknown>[])[] = [];
  const columns =
    "id, message::text, created_at, retry_attempt, max_retry_attempts, backoff_coefficient, maximum_interval_seconds";
  const callback = async ({ metadata }: { readonly metadata: { readonly guid: string } }) => {
    seen.push(await app.sql(`select ${columns} from "${app.appId}".worker_streams where id = $1`, [metadata.guid]));
    throw new Error("out of ink");
  };
  const mesh = await engineWith({ maximumAttempts: 3, backoffCoefficient: 2 }, [
    { topic: "lone", connection: connection(), callback },
  ]);
  await mesh.pub("do.lone", { id: "P33" });
  await pausesOf("P33");

  const kept = await app.sql(
    `select ${columns} from "${app.appId}".worker_streams where jid = 'P33' order by retry_attempt`,
  );
  expect(kept.map((row) => row["retry_attempt"])).toEqual([0, 1, 2]);
  expect(new Set(kept.map(({ id }) => id)).size).toBe(3);
  expect(seen.flat()).toEqual(kept);
});

test("S122 messages of an engine with a policy carry 5, 2, 300 s, and a worker without one retries by it", async () => {
  const mesh = await engineWith({ maximumAttempts: 5, backoffCoefficient: 2, maximumInterval: "300s" });

  await mesh.pub("do.none", { id: "P122" });

  expect(await pausesOf("P122")).toEqual([2, 4, 8, 16]);
  const stamped = { max_retry_attempts: 5, backoff_coefficient: 2, maximum_interval_seconds: 300 };
  const rows = await attemptsOf("P122");
  expect(rows).toHaveLength(5);
  for (const row of rows) expect(row).toMatchObject(stamped);
});

test("S123 a callback that keeps throwing runs 5 times, after 2, 4, 8, 16 s, each as a new message", async () => {
  const [id = ""] = await app.order("five", 1);

  expect(await pausesOf(id)).toEqual([2, 4, 8, 16]);
  const rows = await attemptsOf(id);
  expect(rows.map(({ retry_attempt: attempt, failed }) => [attempt, failed])).toEqual(
    [0, 1, 2, 3, 4].map((attempt) => [attempt, true]),
  );
  expect(new Set(rows.map((row) => row["id"])).size).toBe(5);
  expect(await app.desk.getState("do.five", id)).toMatchObject({ metadata: { js: 0, state: "failed" } });
});
