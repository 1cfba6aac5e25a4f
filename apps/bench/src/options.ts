import { parseArgs } from "node:util";
import { builtInNames } from "./graphs.js";

export interface Options {
  /** `jobs` runs them on a database; the others need none. */
  readonly mode: "jobs" | "compile" | "decide";
  /** A server to measure on; null: start one, as durable as a server is. */
  readonly url: string | null;
  /** Names of built-in graphs; empty when a file is given. */
  readonly graphs: readonly string[];
  readonly file: { readonly path: string; readonly topic: string } | null;
  readonly jobs: number;
  readonly callers: number;
  readonly strict: boolean;
  readonly json: boolean;
}

const help = `Measures the engine and its storage.

  npm run bench -- [options]

  --graph NAME     ${builtInNames.join(", ")}; may be repeated (all of them)
  --graph FILE --topic T
                   a graph of your own; each of its workers answers with what it was given
  --jobs N         jobs of each run (2000)
  --callers N      callers that wait for one job at a time (50)
  --strict         engine and workers meet in the storage only, as if they were in different processes
  --url URL        measure on this PostgreSQL, which preloads pg_stat_statements; a database is made and dropped
  --json           one JSON object a line instead of a table

  --compile        compiles a generated graph of 500 activities instead, in fresh processes: milliseconds and megabytes
  --decide         takes simple decisions instead, on one core and without a storage: decisions per second
`;

/** Null: help was asked for and has been printed. */
export function readOptions(args: readonly string[]): Options | null {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      graph: { type: "string", multiple: true },
      ...{ topic: text, jobs: text, callers: text, url: text },
      ...{ strict: flag, json: flag, help: flag, compile: flag, decide: flag },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return null;
  }
  if (values.compile && values.decide) throw new Error("--compile and --decide are two measurements; choose one");
  const [path] = values.graph ?? [];
  const file = values.topic !== undefined && path !== undefined ? { path, topic: values.topic } : null;
  return {
    mode: values.compile ? "compile" : values.decide ? "decide" : "jobs",
    file,
    graphs: file === null ? (values.graph ?? builtInNames) : [],
    url: values.url ?? null,
    jobs: count("--jobs", values.jobs, 2_000),
    callers: count("--callers", values.callers, 50),
    strict: values.strict,
    json: values.json,
  };
}

function count(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a number of at least 1, not '${text}'`);
  return value;
}
