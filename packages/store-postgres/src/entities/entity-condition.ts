import type { Json } from "@hotmesh/core";
import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { stored } from "../rows/stored-text.js";

/** How a value is compared. Greater and less hold between two numbers or two texts only. */
export type EntityOperator = "=" | "!=" | ">" | ">=" | "<" | "<=" | "like" | "in";

/** What has to hold of one place in an entity document. Where nothing stands, it is as if null did. */
export interface EntityCondition {
  /** Names of members, from the outermost. */
  readonly path: readonly string[];
  /** How the place is compared with the value. */
  readonly operator: EntityOperator;
  /** Of `in`, a list; of `like`, a text. */
  readonly value: Json;
}

/** The document of a row, as an index can be built on it. `schema`: its name, not quoted. */
export function documentOf(schema: string): RawBuilder<Json> {
  return sql`${sql.id(schema, "entity_of")}(${sql.ref("fields")})`;
}

/** The condition in SQL. */
export function holds(schema: string, { path, operator, value }: EntityCondition): Expression<SqlBool> {
  const place = sql<Json>`${documentOf(schema)} #> ${path}::text[]`;
  switch (operator) {
    case "=":
      return equal(schema, place, value);
    case "!=":
      return sql<SqlBool>`(${equal(schema, place, value)}) is not true`;
    case "in": {
      const values = Array.isArray(value) ? value : [];
      if (values.length === 0) return sql<SqlBool>`false`;
      return sql<SqlBool>`(${sql.join(
        values.map((one) => equal(schema, place, one)),
        sql` or `,
      )})`;
    }
    case "like":
      return sql<SqlBool>`(jsonb_typeof(${place}) = 'string' and ${place} #>> '{}' like ${stored(String(value))})`;
    default:
      return compared(schema, place, { operator, value });
  }
}

/** A GIN index serves the containment, which is true of more than the equality. */
function equal(schema: string, place: Expression<Json>, value: Json): RawBuilder<SqlBool> {
  if (value === null) return sql<SqlBool>`coalesce(${place}, 'null') = 'null'`;
  const wanted = asDocument(schema, value);
  return sql<SqlBool>`(${place} = ${wanted} and ${place} @> ${wanted})`;
}

/** A B-tree index serves it: `jsonb` values of one type have the order of what they hold. */
function compared(
  schema: string,
  place: Expression<Json>,
  { operator, value }: { readonly operator: ">" | ">=" | "<" | "<="; readonly value: Json },
): RawBuilder<SqlBool> {
  const wanted = asDocument(schema, value);
  return sql<SqlBool>`(${place} ${sql.raw(operator)} ${wanted} and jsonb_typeof(${place}) = jsonb_typeof(${wanted}))`;
}

/** A value in the form in which documents are compared. */
function asDocument(schema: string, value: Json): RawBuilder<Json> {
  return sql`${sql.id(schema, "as_columns")}(${JSON.stringify(value)}::json)::jsonb`;
}
