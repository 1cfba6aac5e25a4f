import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Client } from "pg";
import { spawnFile } from "../spawned-example.js";
import type { Guide, GuideQuery } from "./guide.js";

/** What came of a page that was run as it stands. */
export interface GuideRun {
  readonly code: number | string;
  readonly lines: readonly string[];
  /** The rows of each query, or null where the page does not show them. */
  readonly rows: readonly (readonly string[] | null)[];
}

/** Runs a page as a reader would: its files in a folder, its program there, then its queries. */
export async function runGuide(guide: Guide, url: string): Promise<GuideRun> {
  return inFolder(async (folder) => {
    const program = await layOut(guide, folder);
    const env = { DATABASE_URL: url, HMSH_LOGLEVEL: "error" };
    const run = spawnFile(program, [], { folder, env });
    const code = await run.ended();
    return { code, lines: run.lines, rows: code === 0 ? await answers(guide.queries, url) : [] };
  });
}

/** What TypeScript says of the programs of all pages together. */
export async function checkTypes(guides: readonly Guide[]): Promise<readonly string[]> {
  return inFolder(async (folder) => {
    const files = await Promise.all(
      guides.map(async (guide) => layOut(guide, join(folder, guide.name.replace(/\W/g, "-")))),
    );
    const run = spawnFile(join(root, "scripts", "check-types.ts"), files);
    await run.ended();
    return run.lines;
  });
}

const root = resolve(import.meta.dirname, "..", "..", "..", "..");

async function layOut(guide: Guide, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of guide.files) await writeFile(join(folder, name), text);
  const program = join(folder, "main.ts");
  await writeFile(program, guide.program);
  return program;
}

/** Lends a folder from which the packages are found. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = resolve(import.meta.dirname, "..", "..", ".hotmesh", randomUUID());
  await mkdir(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** They leave nothing behind, not even what belongs to the whole server. */
async function answers(queries: readonly GuideQuery[], url: string): Promise<GuideRun["rows"]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("begin");
  const all: (readonly string[] | null)[] = [];
  for (const { sql, rows } of queries) {
    const answer = await client.query<unknown[]>({ text: sql, rowMode: "array" });
    all.push(rows && answer.rows.map((row) => row.map(asText).join(" | ")));
  }
  await client.query("rollback");
  await client.end();
  return all;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
