import { isKeyed, isList, type Keyed } from "./functions/own.js";

/** What a row is, as the document has it. */
export type RawRow =
  | { readonly kind: "cells"; readonly cells: readonly unknown[] }
  | { readonly kind: "pipe"; readonly rows: unknown }
  | { readonly kind: "reduce"; readonly rows: unknown }
  /** An object with neither mark. */
  | { readonly kind: "unmarked" }
  | { readonly kind: "scalar"; readonly value: unknown };

/** With both marks on one object, `@pipe` counts until a list row has run, `@reduce` after that. */
export function rawRow(row: unknown, hasListRun: boolean): RawRow {
  if (isList(row)) return { kind: "cells", cells: row };
  if (!isKeyed(row)) return { kind: "scalar", value: row };
  const isReduce = Object.hasOwn(row, "@reduce");
  if (isPipe(row) && !(isReduce && hasListRun)) return { kind: "pipe", rows: row["@pipe"] };
  return isReduce ? { kind: "reduce", rows: row["@reduce"] } : { kind: "unmarked" };
}

/** An object with the key `@pipe`: it is run, wherever a value is evaluated. */
export function isPipe(value: unknown): value is Keyed {
  return isKeyed(value) && !isList(value) && Object.hasOwn(value, "@pipe");
}
