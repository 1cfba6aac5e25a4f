import type { Instant } from "@hotmesh/core";
import {
  type Compilable,
  DummyDriver,
  type Expression,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from "kysely";
import type { Run, Statement } from "../connection/database.js";
import { call, callSealed, type Sealed } from "../rows/call.js";
import type { Tables } from "./tables.js";

/** Builds the statements that are not hot (those are functions of the schema). It never runs one. */
export type QueryBuilder = Kysely<Tables>;

/** `schema`: its name, not quoted. */
export function queryBuilder(schema: string): QueryBuilder {
  const dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (builder: Kysely<unknown>) => new PostgresIntrospector(builder),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
  return new Kysely<Tables>({ dialect }).withSchema(schema);
}

export function statementOf(query: Compilable): Statement {
  const { sql: text, parameters } = query.compile();
  return { text, values: parameters };
}

/** The rows of a query. They come as one JSON text, like the results of our functions and for the same reason. */
export function listOf<Row>(run: Run, query: Compilable<Row>): Promise<readonly Row[]> {
  return call(run, asList(query));
}

/** The same of rows that hold values of users. */
export function sealedListOf<Row>(run: Run, query: Compilable<Row>): Promise<Sealed<readonly Row[]>> {
  return callSealed(run, asList(query));
}

function asList(query: Compilable): Statement {
  const { text, values } = statementOf(query);
  return { text: `select coalesce(json_agg(row_to_json(r)), '[]')::text as result from (${text}) as r`, values };
}

/** A timestamp of the shared table as an instant. */
export function millisecondsOf<T extends string | null>(column: Expression<T>) {
  return sql<T extends null ? Instant | null : Instant>`round(extract(epoch from ${column}) * 1000)::bigint`;
}

/** The time that was given, or the server's. */
export function instantOr(now: Instant | null): RawBuilder<Instant> {
  return sql<Instant>`coalesce(${now}::bigint, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`;
}
