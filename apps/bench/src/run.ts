import { HotMesh } from "@hotmesh/sdk";
import { Pool } from "pg";
import type { Subject } from "./graphs.js";
import { type Counts, Meter } from "./measure.js";
import { withOwnDatabase } from "./own-database.js";

export interface RunOptions {
  /** A server, as a role that may create databases. */
  readonly url: string;
  readonly subject: Subject;
  readonly jobs: number;
  /** Callers that wait for one job at a time. */
  readonly callers: number;
  /** Every message takes the way through the storage, as if engine and workers were in different processes. */
  readonly strict: boolean;
  /** Jobs that run before anything is measured. */
  readonly warmUp: number;
}

export interface Measurement {
  readonly graph: string;
  readonly jobs: number;
  readonly callers: number;
  readonly strict: boolean;
  readonly seconds: number;
  readonly jobsPerSecond: number;
  /** Executions of worker callbacks. */
  readonly stepsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perJob: Counts;
}

/** Runs jobs on a database of their own and measures. One mesh: an engine, and a worker for each topic. */
export async function run(options: RunOptions): Promise<Measurement> {
  return withOwnDatabase(options.url, async (own) => {
    const pool = new Pool({ connectionString: own.url, max: 10 });
    // The database is dropped while the last connections are still closing.
    pool.on("error", () => undefined);
    try {
      const meter = await Meter.open({ url: options.url, pool, database: own.name });
      try {
        return await onMesh(options, pool, meter);
      } finally {
        await meter.close();
      }
    } finally {
      await pool.end();
    }
  });
}

async function onMesh(options: RunOptions, pool: Pool, meter: Meter): Promise<Measurement> {
  const { subject, strict, callers, jobs } = options;
  const connection = { class: pool, options: {} };
  let steps = 0;
  const callback = async ({ data }: { data: Record<string, unknown> }) => {
    steps += 1;
    return { data };
  };
  const mesh = await HotMesh.init({
    appId: subject.appId,
    engine: { connection, ...(strict && { handoff: false }) },
    workers: subject.workerTopics.map((topic) => ({ topic, connection, callback, concurrency: Math.max(10, callers) })),
  });
  try {
    await mesh.deploy(subject.document);
    await mesh.activate(subject.version, 20);
    await callAll(mesh, subject.topic, { jobs: options.warmUp, callers });
    steps = 0;
    const { result, counts } = await meter.count(() => callAll(mesh, subject.topic, { jobs, callers }));
    const { seconds, latenciesMs } = result;
    return {
      ...{ graph: subject.name, jobs, callers, strict, seconds },
      jobsPerSecond: jobs / seconds,
      stepsPerSecond: steps / seconds,
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
      perJob: {
        statements: counts.statements / jobs,
        transactions: counts.transactions / jobs,
        walBytes: counts.walBytes / jobs,
      },
    };
  } finally {
    await mesh.stop();
  }
}

async function callAll(mesh: HotMesh, topic: string, load: { readonly jobs: number; readonly callers: number }) {
  const latenciesMs: number[] = [];
  let left = load.jobs;
  const startedAt = performance.now();
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const calledAt = performance.now();
      await mesh.pubsub(topic, {}, null, 60_000);
      latenciesMs.push(performance.now() - calledAt);
    }
  };
  await Promise.all(Array.from({ length: load.callers }, caller));
  return { seconds: (performance.now() - startedAt) / 1_000, latenciesMs };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
