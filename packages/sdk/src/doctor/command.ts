import { parseArgs } from "node:util";
import { HotMeshError } from "@hotmesh/core";
import { type Audit, audit } from "@hotmesh/store-postgres";
import { auditReport } from "./audit-report.js";

/** Where a command is given. */
export interface Terminal {
  /** `DATABASE_URL` of the environment. */
  readonly databaseUrl: string | undefined;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const usage = `Usage: hotmesh doctor --app <app id> [options]

Looks for what contradicts itself in the storage of an app, or needs somebody. It reads, and changes nothing.

  --url <url>          the database; DATABASE_URL unless given
  --app <app id>       the app
  --namespace <name>   its namespace; hmsh unless given
  --limit <number>     at most so many findings of each check; 100 unless given
  --json               the findings as JSON
  --help               this text

Exit code: 0 when nothing is broken or needs attention, 1 when something is, 2 when it could not be looked at.`;

/** The command `hotmesh`. Gives its exit code, and never rejects. */
export async function hotmeshCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const wish = wishOf(args, terminal);
    if (wish === "help") {
      terminal.out(usage);
      return 0;
    }
    const { connection, isJson, ...app } = wish;
    return tell(await audit(connection, app), { isJson, out: terminal.out });
  } catch (thrown) {
    terminal.err(thrown instanceof UsageError ? `${thrown.message}\n\n${usage}` : whyOf(thrown));
    return 2;
  }
}

interface Wish {
  readonly connection: string;
  readonly appId: string;
  readonly namespace?: string;
  readonly limit?: number;
  readonly isJson: boolean;
}

class UsageError extends Error {}

function wishOf(args: readonly string[], { databaseUrl }: Terminal): Wish | "help" {
  const { values, positionals } = parsed(args);
  if (values.help === true) return "help";
  const [command, ...others] = positionals;
  if (command === undefined) throw new UsageError("Which command? There is one: doctor.");
  if (command !== "doctor" || others.length > 0) throw new UsageError(`There is no command ${positionals.join(" ")}.`);
  const connection = values.url ?? databaseUrl;
  if (connection === undefined || connection === "")
    throw new UsageError("Which database? Give --url or DATABASE_URL.");
  if (values.app === undefined || values.app === "") throw new UsageError("Which app? Give --app.");
  return {
    connection,
    appId: values.app,
    ...(values.namespace !== undefined && { namespace: values.namespace }),
    ...(values.limit !== undefined && { limit: limitOf(values.limit) }),
    isJson: values.json === true,
  };
}

function parsed(args: readonly string[]) {
  const options = {
    url: { type: "string" },
    app: { type: "string" },
    namespace: { type: "string" },
    limit: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function limitOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--limit is '${text}'; expected a whole number above 0.`);
  return Number(text);
}

function tell(found: Audit, { isJson, out }: { readonly isJson: boolean; readonly out: Terminal["out"] }): number {
  const isClean = found.findings.every(({ severity }) => severity === "information");
  out(isJson ? JSON.stringify({ ...found, isClean }, null, 2) : auditReport(found));
  return isClean ? 0 : 1;
}

function whyOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return HotMeshError.is(thrown) ? `${thrown.kind}: ${message}` : message;
}
