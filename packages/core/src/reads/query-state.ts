import { HotMeshError } from "../errors.js";
import type { JobRecord } from "../ports/records.js";
import { rawRecord } from "./raw-job.js";

/**
 * Named fields of a job, as they are stored. A name is that of a search field, which is stored with a
 * `_` in front; `:` is the status; what is in double quotes is read as it stands: `":"`, `"-lot"`, `"data/potId"`. The
 * keys of the answer are the names without quotes; what the job does not have is null, and so is all of no job.
 */
export function queryState(
  record: JobRecord | null,
  names: readonly string[],
): Readonly<Record<string, string | null>> {
  checkNames(names);
  let raw: ReadonlyMap<string, string> | null = null;
  const read = (key: string): string | null => {
    if (record === null) return null;
    if (Object.hasOwn(record.fields, key)) return record.fields[key] ?? null;
    raw ??= new Map(rawRecord(record));
    return raw.get(key) ?? null;
  };
  return Object.fromEntries(
    names.map((name): [string, string | null] => {
      const literal = literalOf(name);
      if (literal !== null) return [literal, read(literal)];
      return [name, read(name === ":" ? ":" : `_${name}`)];
    }),
  );
}

/** The name between double quotes; null: it has none. */
function literalOf(name: string): string | null {
  return name.length >= 2 && name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : null;
}

function checkNames(names: unknown): void {
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return;
  const found = Array.isArray(names) ? "a list with other things in it" : typeof names;
  throw new HotMeshError("invalid-argument", `The names of fields are ${found}; expected a list of texts`);
}
