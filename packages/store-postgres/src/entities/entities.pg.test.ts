import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import type { Statement } from "../connection/database.js";
import { openPostgres } from "../open-postgres.js";
import { queryBuilder } from "../schema/query-builder.js";
import { quoted } from "../schema/quoted.js";
import { DatabaseClock } from "../step/database-clock.js";
import { postgresUrl } from "../testing/postgres-url.js";
import { Entities, type EntityQuery } from "./entities.js";

/** The statement that a query becomes. */
async function statementOf(name: string, query: EntityQuery): Promise<Statement> {
  const statements: Statement[] = [];
  const never = async (): Promise<never> => {
    throw new Error("find runs one statement");
  };
  const database = {
    query: async (statement: Statement) => {
      statements.push(statement);
      return [{ result: "[]" }];
    },
    transaction: never,
    listenWith: never,
  };
  await new Entities({ database, name, builder: queryBuilder(name), clock: new DatabaseClock(null) }).find(query);
  return statements[0] ?? { text: "", values: [] };
}

test("the conditions of find are served by the indexes that are made for them", async () => {
  const backend = await openPostgres({ connection: postgresUrl(), appId: `t-${randomUUID()}` });
  const { schema } = backend;
  const client = new Client({ connectionString: postgresUrl() });
  await client.connect();
  onTestFinished(async () => {
    await backend.close();
    await client.query(`drop schema ${quoted(schema)} cascade`);
    await client.end();
  });
  const label = "pot's \\ kiln";
  await backend.entities.createIndex(label, ["lot", "glaze"], "gin");
  await backend.entities.createIndex(label, ["bowls"], "btree");
  await client.query(
    `insert into ${quoted(schema)}.job (id, generation, revision, plan, topic, version, phase, status, control, fields,
       entity, created_at, updated_at)
     select n, n, 1, 'p', 't', '1', 'running', 1, '{}', json_build_object('@', json_build_object(
       'bowls', n, 'lot', json_build_object('glaze', 'glaze ' || n))::text), $1, n, n
     from generate_series(1, 3000) as n`,
    [label],
  );
  await client.query(`analyze ${quoted(schema)}.job`);
  const plan = async (query: Omit<EntityQuery, "entity">): Promise<string> => {
    const { text, values } = await statementOf(schema, { ...query, entity: label });
    const { rows } = await client.query(`explain ${text}`, [...values]);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  };
  const glaze = { path: ["lot", "glaze"] } as const;

  expect(await plan({ conditions: [{ ...glaze, operator: "=", value: "glaze 7" }] })).toMatch(
    /Bitmap Index Scan on entity_lot_glaze_\w+\s.*\s+Index Cond/,
  );
  const either = await plan({ conditions: [{ ...glaze, operator: "in", value: ["glaze 7", 3] }] });
  expect(either).toContain("BitmapOr");
  expect(either.match(/Bitmap Index Scan on entity_lot_glaze_.*\s+Index Cond/g)).toHaveLength(2);
  expect(await plan({ conditions: [{ path: ["bowls"], operator: ">", value: 2990 }] })).toMatch(
    /Index Scan using entity_bowls_.*\s+Index Cond/,
  );
});
