import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { HotMeshError } from "@hotmesh/core";
import type { Database } from "../connection/database.js";
import { codeOf } from "../connection/storage-error.js";
import { literal, quoted } from "../schema/quoted.js";

/** What an index is to serve. `gin`: equality; `btree`: equality and order. */
export type EntityIndexType = "gin" | "btree";

/** An index for conditions on one place in the documents of one label. */
export interface EntityIndex {
  /** As it is stored. */
  readonly entity: string;
  /** SQL identifiers. */
  readonly path: readonly string[];
  readonly type: EntityIndexType;
}

const attemptsMax = 20;

/**
 * Builds an index unless it is there, without keeping anybody from writing meanwhile. Postgres leaves an index that is
 * of no use when it did not come to the end of it; that one is built anew.
 */
export async function buildIndex(database: Database, schema: string, index: EntityIndex): Promise<void> {
  const name = nameOf(index);
  for (let attempt = 1; ; ) {
    const state = await stateOf(database, schema, name);
    if (state === "ready") return;
    if (state !== "building") {
      try {
        if (state === "broken") {
          await run(database, `drop index concurrently if exists ${quoted(schema)}.${quoted(name)}`);
        }
        await run(database, statementFor(schema, name, index));
        continue;
      } catch (thrown) {
        attempt += 1;
        if (!isRace(thrown) || attempt > attemptsMax) throw thrown;
      }
    }
    // Somebody else is about it, and those who try again at once would be in each other's way.
    await pause(50 + Math.random() * 100);
  }
}

function statementFor(schema: string, name: string, { entity, path, type }: EntityIndex): string {
  const place = `${quoted(schema)}.entity_of(fields) #> ${literal(`{${path.join(",")}}`)}::text[]`;
  return `create index concurrently if not exists ${quoted(name)} on ${quoted(schema)}.job
    using ${type} ((${place})) where entity = ${literal(entity)}`;
}

/** The same for the same index, and within the bytes of an identifier. */
function nameOf({ entity, path, type }: EntityIndex): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([entity, path, type]))
    .digest("hex");
  return `entity_${path.join("_").slice(0, 32)}_${digest.slice(0, 16)}`;
}

async function stateOf(
  database: Database,
  schema: string,
  name: string,
): Promise<"none" | "building" | "broken" | "ready"> {
  const text = `select i.indisvalid as ready, exists (
      select 1 from pg_stat_progress_create_index as p where p.relid = i.indrelid
    ) as building
    from pg_index as i
    join pg_class as c on c.oid = i.indexrelid
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relname = $2`;
  const [row] = await database.query({ text, values: [schema, name] });
  if (row === undefined) return "none";
  if (row["ready"] === true) return "ready";
  return row["building"] === true ? "building" : "broken";
}

async function run(database: Database, text: string): Promise<void> {
  await database.query({ text, values: [] });
}

/** Another process builds or drops it just now: a deadlock, a name that is taken or gone, a row of the catalogue. */
function isRace(thrown: unknown): boolean {
  const code = codeOf(HotMeshError.is(thrown) ? thrown.cause : thrown);
  return ["40P01", "23505", "42P07", "42704", "XX000"].includes(code);
}
