import { type Instant, invariant } from "@hotmesh/core";
import { type Open, openerOf } from "../codec/encoded.js";
import type { Row, Run, Statement } from "../connection/database.js";

/** A function of the app's schema that takes JSON and returns JSON. It comes as text: the driver's own JSON parser can
 *  be replaced by whoever shares the process. */
export function callOf(schema: string, name: string, ...values: readonly unknown[]): Statement {
  const parameters = values.map((_, at) => `$${at + 1}`).join(", ");
  return { text: `select ${schema}.${name}(${parameters})::text as result`, values };
}

/** The result of {@link callOf}. The functions are ours: their results have the shape that the caller names. */
export function resultOf<T>(rows: readonly Row[]): T {
  return JSON.parse(textOf(rows)) as T;
}

export async function call<T>(run: Run, statement: Statement): Promise<T> {
  return resultOf<T>(await run(statement));
}

/** A result with values of users, and what opens them. */
export interface Sealed<T> {
  readonly result: T;
  readonly open: Open;
}

export async function callSealed<T>(run: Run, statement: Statement): Promise<Sealed<T>> {
  const text = textOf(await run(statement));
  return { result: JSON.parse(text) as T, open: openerOf(text) };
}

function textOf(rows: readonly Row[]): string {
  const text = rows[0]?.["result"];
  invariant(typeof text === "string", "a function returned nothing");
  return text;
}

/** Every function that reads the clock says what it read. */
export interface Timed {
  readonly now: Instant;
}
