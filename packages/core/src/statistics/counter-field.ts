import { type JobId, jobId } from "../brand.js";
import { base64url, sha256 } from "../plan/sha-256.js";

/** What one counter of a job key counts. */
export type CounterField =
  /** Jobs. */
  | { readonly kind: "total" }
  /** Jobs that had this value. */
  | { readonly kind: "count"; readonly label: string; readonly value: string }
  | { readonly kind: "sum"; readonly label: string }
  /** The sum that belongs to a mean, and how many values it is of. */
  | { readonly kind: "avg"; readonly label: string }
  | { readonly kind: "values"; readonly label: string }
  /** Jobs that had this number: what a median is found in. */
  | { readonly kind: "mdn"; readonly label: string; readonly number: number }
  | IndexField;

/** A job that had this value. `rank`: how many other lists of the index the job is in before this one. */
export interface IndexField extends Facet {
  readonly kind: "index";
  readonly job: JobId;
  readonly rank: number;
}

/** A list of an index: the jobs that had one value at one place of their payload. */
export interface Facet {
  readonly label: string;
  readonly value: string;
}

const longestText = 200;

/** The name under which the jobs of one graph and one job key are counted. */
export function counterName(topic: string, key: string): string {
  return JSON.stringify([topic, shortened(key)]);
}

/**
 * A field as the storage keeps it: a letter and a JSON list. JSON tells where each text ends, so that nothing in a
 * label, a value or a job's id can be taken for a border. Lists of an index have a letter of their own, and whoever
 * counts does not read them.
 */
export function fieldText(field: CounterField): string {
  switch (field.kind) {
    case "total":
      return `${measurePrefix}${JSON.stringify([field.kind])}`;
    case "count":
      return `${measurePrefix}${JSON.stringify([field.kind, field.label, shortened(field.value)])}`;
    case "sum":
    case "avg":
    case "values":
      return `${measurePrefix}${JSON.stringify([field.kind, field.label])}`;
    case "mdn":
      return `${measurePrefix}${JSON.stringify([field.kind, field.label, field.number])}`;
    case "index": {
      const list = [field.label, shortened(field.value), field.job];
      return `${indexPrefix}${JSON.stringify(field.rank === 0 ? list : [...list, field.rank])}`;
    }
  }
}

/** The field behind a stored text; null for one that nothing here has written. */
export function counterField(text: string): CounterField | null {
  const parts = partsOf(text.slice(1));
  if (text.startsWith(indexPrefix)) {
    const [label, value, job, rank = 0] = parts;
    if (typeof label !== "string" || typeof value !== "string" || typeof job !== "string") return null;
    return typeof rank === "number" ? { kind: "index", label, value, job: jobId(job), rank } : null;
  }
  const [kind, label, value] = parts;
  if (kind === "total") return { kind };
  if (typeof label !== "string") return null;
  if (kind === "sum" || kind === "avg" || kind === "values") return { kind, label };
  if (kind === "count" && typeof value === "string") return { kind, label, value };
  return kind === "mdn" && typeof value === "number" ? { kind, label, number: value } : null;
}

/** How every field begins that is no list of an index. */
export const measurePrefix = "m";

/** How every field of an index begins. */
export const indexPrefix = "i";

/** How every field of one list of an index begins. */
export function facetPrefix({ label, value }: Facet): string {
  return `${indexPrefix}${JSON.stringify([label, shortened(value)]).slice(0, -1)},`;
}

/** A facet as people write it. */
export function facetText({ label, value }: Facet): string {
  return `${label}:${shortened(value)}`;
}

/**
 * Reads `<path>:<value>`. Where a path has colons itself it is told by the paths that are there: the longest that fits
 * is meant.
 */
export function facetOf(text: string, labels: readonly string[]): Facet {
  const [label = text.split(":", 1)[0] ?? ""] = labels
    .filter((known) => text.startsWith(`${known}:`))
    .sort((one, other) => other.length - one.length);
  return { label, value: text.slice(label.length + 1) };
}

/** Counters are found by their text, and storages bound its length: a long one keeps its beginning and a digest. */
function shortened(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…${base64url(sha256(text))}`;
}

function partsOf(text: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
