import { untagged } from "../job/exotic.js";
import { metadataOf } from "../job/output.js";
import { isJsonObject, type Json } from "../json.js";
import type { JobRecord, PassRecord } from "../ports/records.js";

/**
 * Every stored value of a job as one flat map of texts: `:` the status, `@` the entity document, `_x` search fields,
 * `-m` markers, then `metadata/…` and `data/…` of the job and `<activity>/…,<address>` of its passes. The first four
 * are stable. The view `jobs_attributes` shows the same.
 */
export function rawJob(record: JobRecord, passes: readonly PassRecord[]): Readonly<Record<string, string>> {
  return Object.fromEntries([...rawRecord(record), ...passes.flatMap((pass) => [...rawPass(pass)])]);
}

/** What belongs to the job itself. */
export function* rawRecord(record: JobRecord): Iterable<Entry> {
  yield [":", String(record.status)];
  for (const [name, value] of Object.entries(record.fields)) yield [name, valueText(value)];
  yield* leaves("metadata", metadataOf(record));
  yield* leaves("data", record.data);
}

function* rawPass(pass: PassRecord): Iterable<Entry> {
  const { activity, address, metadata, input, output, hook } = pass;
  const values = {
    "output/metadata": metadata,
    "input/data": input,
    "output/data": output,
    "hook/data": hook,
  };
  for (const [place, value] of Object.entries(values)) {
    for (const [path, text] of leaves(`${activity}/${place}`, value)) yield [path + address, text];
  }
}

type Entry = readonly [path: string, text: string];

/** Everything in a document that is no map of other things, with the path to it. */
function* leaves(path: string, value: Json): Iterable<Entry> {
  if (value === null) return;
  yield* leavesOf(path, value);
}

function* leavesOf(path: string, value: Json): Iterable<Entry> {
  const entries = isJsonObject(value) && untagged(value) === null ? Object.entries(value) : [];
  if (entries.length === 0) yield [path, valueText(value)];
  for (const [key, item] of entries) yield* leavesOf(`${path}/${key}`, item);
}

/** A stored value as one text, whose beginning tells its type. */
export function valueText(value: Json): string {
  if (value === null) return "/n";
  switch (typeof value) {
    case "string":
      return /^\/[tfdnsb/]/.test(value) ? `/${value}` : value;
    case "boolean":
      return value ? "/t" : "/f";
    case "number":
      return `/d${JSON.stringify(value)}`;
  }
  const encoded = encodedOf(value);
  if (encoded !== null) return `/b${encoded}`;
  const tagged = isJsonObject(value) ? untagged(value) : null;
  if (tagged === null) return `/s${JSON.stringify(value)}`;
  return tagged.isMap ? `/s${JSON.stringify(tagged.shown)}` : valueText(tagged.shown);
}

/** What a storage that was asked for its own form gives of a value that it has encoded. */
function encodedOf(value: Json): string | null {
  if (!isJsonObject(value) || value["$hotmesh"] !== "codec") return null;
  return typeof value["v"] === "string" ? value["v"] : null;
}
