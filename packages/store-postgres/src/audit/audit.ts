import { HotMeshError, type Instant, memberForgottenMs, memberGoneMs } from "@hotmesh/core";
import type { PostgresConnection } from "../connection/connection.js";
import type { Run } from "../connection/database.js";
import { borrow, thisProcess } from "../connection/shared-connections.js";
import { codeOf } from "../connection/storage-error.js";
import { migrations } from "../generated/migrations.js";
import { restored } from "../rows/stored-text.js";
import { filled } from "../schema/migrate.js";
import { quoted } from "../schema/quoted.js";
import { defaultNamespace, schemaName } from "../schema/schema-name.js";
import type { Check, Severity } from "./check.js";
import { jobChecks } from "./job-checks.js";
import { leaseChecks } from "./lease-checks.js";
import { leftoverChecks } from "./leftover-checks.js";
import { messageChecks } from "./message-checks.js";
import { planChecks, planState } from "./plan-checks.js";
import { storedState } from "./stored-state.js";
import { waitChecks } from "./wait-checks.js";

/** Which app to audit. */
export interface AuditOptions {
  /** The app. */
  readonly appId: string;
  /** `hmsh` unless given. */
  readonly namespace?: string;
  /** At most so many findings of each check; 100. How many there are is counted all the same. */
  readonly limit?: number;
  /** The time to judge by, in epoch milliseconds; the server's unless given. */
  readonly now?: number;
}

/** Something that an audit found. */
export interface Finding {
  /** Which check found it, a name of {@link auditChecks}. */
  readonly check: string;
  /** How bad it is. */
  readonly severity: Severity;
  /** Id of the job it is about. */
  readonly job?: string;
  /** Key of the message it is about. */
  readonly message?: string;
  /** What is the matter, for people. */
  readonly detail: string;
}

/** What an audit found. */
export interface Audit {
  /** The schema of the app. */
  readonly schema: string;
  /** The time it judged by. */
  readonly at: Date;
  /** The worst first, of each check at most `limit`. */
  readonly findings: readonly Finding[];
  /** How many there are of each check that found something, also beyond `limit`. */
  readonly counts: Readonly<Record<string, number>>;
}

const checks: readonly Check[] = [
  ...jobChecks,
  ...planChecks,
  ...messageChecks,
  ...leaseChecks,
  ...waitChecks,
  ...leftoverChecks,
];

/** Every check of an audit: its name, how bad a finding is, and what it means. */
export const auditChecks: readonly Pick<Check, "name" | "severity" | "meaning">[] = checks.map(
  ({ name, severity, meaning }) => ({ name, severity, meaning }),
);

/**
 * Looks for what contradicts itself in the storage of an app, or needs somebody. It only reads: one snapshot, in which
 * no step is half done, so it may run beside a busy mesh. Rejects with `app-not-found` when there is no such app.
 */
export async function audit(connection: PostgresConnection, options: AuditOptions): Promise<Audit> {
  const { appId, namespace = defaultNamespace } = options;
  const name = schemaName(namespace, appId);
  const lent = borrow(connection, "", thisProcess);
  try {
    return await lent.database.transaction(async (run) => {
      await run({ text: "set transaction isolation level repeatable read, read only", values: [] });
      await checkLayout(run, name);
      // Whoever joins all with all hashes it. Statistics of tables that come and go would advise otherwise.
      for (const setting of ["enable_nestloop", "jit"]) await run({ text: `set local ${setting} = off`, values: [] });
      const now = options.now ?? (await timeOn(run));
      const text = filled(statement, { schema: quoted(name), name, namespace, app: appId });
      const rows = await run({ text, values: [now, options.limit ?? 100] });
      return { schema: name, at: new Date(now), ...found(rows) };
    });
  } finally {
    await lent.giveBack();
  }
}

const order: readonly Severity[] = ["broken", "attention", "information"];

const statement = `with ${[storedState, planState].join(",")}
${checks.map(limited).join("\nunion all\n")}
order by place, job nulls last, message nulls last, detail`
  .replaceAll("{{gone}}", String(memberGoneMs))
  .replaceAll("{{forgotten}}", String(memberForgottenMs));

/** One check as a part of the statement: its first findings, and how many there are. */
function limited({ name, severity, sql }: Check, index: number): string {
  const place = order.indexOf(severity) * checks.length + index;
  return `(
    select ${place} as place, '${name}' as name, f.job, f.message, f.detail,
      (count(*) over ())::double precision as total
    from (${sql}) as f
    order by f.job nulls last, f.message nulls last
    limit $2::bigint
  )`;
}

function found(rows: readonly Readonly<Record<string, unknown>>[]): Pick<Audit, "findings" | "counts"> {
  const counts: Record<string, number> = {};
  const findings = rows.map((row): Finding => {
    const check = checks[Number(row["place"]) % checks.length];
    if (check === undefined) throw new Error(`no check has place ${String(row["place"])}`);
    const { job, message } = row;
    counts[check.name] = Number(row["total"]);
    return {
      check: check.name,
      severity: check.severity,
      ...(typeof job === "string" && { job: restored(job) }),
      ...(typeof message === "string" && { message: restored(message) }),
      detail: restored(String(row["detail"])),
    };
  });
  return { findings, counts };
}

async function timeOn(run: Run): Promise<Instant | number> {
  const text = "select floor(extract(epoch from clock_timestamp()) * 1000)::double precision as now";
  return Number((await run({ text, values: [] }))[0]?.["now"]);
}

/** It looks into tables, so it has to know them. */
async function checkLayout(run: Run, schema: string): Promise<void> {
  const latest = migrations.at(-1)?.version ?? 0;
  const text = `select coalesce(max(version), 0)::int as version from ${quoted(schema)}.migration`;
  const rows = await run({ text, values: [] }).catch((thrown: unknown) => {
    const code = codeOf(HotMeshError.is(thrown) ? thrown.cause : thrown);
    if (code !== "42P01" && code !== "3F000") throw thrown;
    throw new HotMeshError("app-not-found", `There is no schema ${schema}, so no app of that name`, { cause: thrown });
  });
  const version = Number(rows[0]?.["version"]);
  if (version === latest) return;
  const message = `schema ${schema} has layout ${version}, and this library knows ${latest}`;
  const hint =
    version < latest ? "start an engine of this version, or call DBA.deploy" : "use the library that made it";
  throw new HotMeshError("invalid-config", `${message}: ${hint}`);
}
