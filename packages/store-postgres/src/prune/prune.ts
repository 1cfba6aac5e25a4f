import { HotMeshError, parseSeconds } from "@hotmesh/core";
import type { PostgresConnection } from "../connection/connection.js";
import type { Database } from "../connection/database.js";
import { borrow, thisProcess } from "../connection/shared-connections.js";
import { readEnvironment } from "../environment.js";
import { call } from "../rows/call.js";
import { stored } from "../rows/stored-text.js";
import { migrate } from "../schema/migrate.js";
import { quoted } from "../schema/quoted.js";
import { defaultNamespace, schemaName } from "../schema/schema-name.js";

/** What to prune of an app. Jobs that have not finished, and open waits, are never touched. */
export interface PruneOptions {
  /** The app. */
  appId: string;
  /** Of somebody who owns the schema. */
  connection: PostgresConnection;
  /** `hmsh`. */
  namespace?: string;
  /** How long something has to be expired: seconds or a duration; `7 days`. */
  expire?: string | number;
  /** True: expired jobs are deleted with all that belongs to them. */
  jobs?: boolean;
  /** True: dead letters, and attempts of jobs that have finished. */
  streams?: boolean;
  /** As `streams`, of engine messages only. */
  engineStreams?: boolean;
  /** As `streams`, of worker messages only. */
  workerStreams?: boolean;
  /** Of engine messages, in place of `expire`. */
  engineStreamsExpire?: string | number;
  /** Of worker messages, in place of `expire`. */
  workerStreamsExpire?: string | number;
  /** False. Takes what activities made from jobs that finished so long ago; their data and search fields stay. */
  attributes?: boolean;
  /** False. With `attributes`: what hooks received stays as well. */
  keepHmark?: boolean;
  /** Only jobs with these labels. */
  entities?: readonly string[];
  /** False. Expired jobs without a label as well. */
  pruneTransient?: boolean;
  /** True: early signals that have expired. */
  signals?: boolean;
  /** False. Jobs without an expiry as well, when they finished so long ago. */
  kept?: boolean;
}

/** Numbers of rows. */
export interface PruneResult {
  /** Jobs that were deleted. */
  jobs: number;
  /** Messages that were deleted: `engineStreams` and `workerStreams`. */
  streams: number;
  /** Messages of engines that were deleted. */
  engineStreams: number;
  /** Messages of workers, and attempts, that were deleted. */
  workerStreams: number;
  /** What was stripped of finished jobs. */
  attributes: number;
  /** Jobs without a label that were deleted. */
  transient: number;
  /** Jobs that were stripped. */
  marked: number;
  /** Early signals that were deleted. */
  signals: number;
}

interface AppOf {
  readonly connection: PostgresConnection;
  readonly appId: string;
  readonly namespace?: string;
}

/** Creates or migrates the schema of an app: with it comes the function `prune`, for SQL and pg_cron. */
export function deployApp(app: AppOf): Promise<void> {
  return withApp(app, async () => {});
}

/** Prunes an app, and counts what it deletes. The work is done in portions, each a transaction of its own. */
export function pruneApp(options: PruneOptions): Promise<PruneResult> {
  const values = valuesOf(options);
  const text = `select ${quoted(schemaName(options.namespace ?? defaultNamespace, options.appId))}.prune(
    $1::double precision * interval '1 second', $2, $3, $4, $5, $6::text[], $7, $8, $9, $10, $11,
    $12::double precision * interval '1 second', $13::double precision * interval '1 second')::text as result`;
  return withApp(options, async (database) => {
    let total = nothing;
    for (;;) {
      const portion = await call<PruneResult>((statement) => database.query(statement), { text, values });
      total = sum(total, portion);
      if (portion.jobs + portion.transient + portion.marked === 0) return total;
    }
  });
}

async function withApp<T>(app: AppOf, work: (database: Database) => Promise<T>): Promise<T> {
  const { connection, appId, namespace = defaultNamespace } = app;
  for (const [noun, name] of Object.entries({ appId, namespace })) {
    if (!/^[A-Za-z0-9-]+$/.test(name)) throw invalid(noun, name, "letters, digits and '-' only");
  }
  const lent = borrow(connection, "", thisProcess);
  try {
    await migrate(lent.database, { namespace, appId, waitMs: readEnvironment().migrationWaitMs });
    return await work(lent.database);
  } finally {
    await lent.giveBack();
  }
}

/** In the order of the function's parameters. */
function valuesOf(options: PruneOptions): readonly unknown[] {
  return [
    secondsOf("expire", options.expire ?? "7 days"),
    options.jobs ?? true,
    options.streams ?? true,
    options.attributes ?? false,
    options.keepHmark ?? false,
    options.entities?.map((entity) => stored(entity)) ?? null,
    options.pruneTransient ?? false,
    options.signals ?? true,
    options.kept ?? false,
    options.engineStreams ?? null,
    options.workerStreams ?? null,
    secondsOf("engineStreamsExpire", options.engineStreamsExpire),
    secondsOf("workerStreamsExpire", options.workerStreamsExpire),
  ];
}

function secondsOf(name: string, given: string | number | undefined): number | null {
  if (given === undefined) return null;
  const seconds = parseSeconds(given);
  if (seconds === undefined) throw invalid(name, given, "seconds, or a duration such as '7 days'");
  return seconds;
}

const nothing: PruneResult = {
  jobs: 0,
  streams: 0,
  engineStreams: 0,
  workerStreams: 0,
  attributes: 0,
  transient: 0,
  marked: 0,
  signals: 0,
};

function sum(one: PruneResult, other: PruneResult): PruneResult {
  return {
    jobs: one.jobs + other.jobs,
    streams: one.streams + other.streams,
    engineStreams: one.engineStreams + other.engineStreams,
    workerStreams: one.workerStreams + other.workerStreams,
    attributes: one.attributes + other.attributes,
    transient: one.transient + other.transient,
    marked: one.marked + other.marked,
    signals: one.signals + other.signals,
  };
}

function invalid(name: string, given: unknown, expected: string): HotMeshError {
  return new HotMeshError("invalid-argument", `${name} is '${String(given)}'; expected ${expected}`);
}
