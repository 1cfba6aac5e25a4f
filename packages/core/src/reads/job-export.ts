import { define } from "../job/document.js";
import { plainValue } from "../job/exotic.js";
import { jobOutput } from "../job/output.js";
import type { Json, JsonObject } from "../json.js";
import type { JobRecord, PassRecord } from "../ports/records.js";
import type { ActivityDetail } from "./activity-details.js";

/** A job with all its passes. */
export interface JobExport {
  /** Empty: it is there for those who look for it. */
  readonly dependencies: readonly [];
  /** Digits of addresses are nested keys, then comes the activity's id; the job itself is under `$` and its topic. */
  readonly process: JsonObject;
  /** The status number as text; undefined: no live job has the id. */
  readonly status: string | undefined;
  /** One per attempt, in the order they were started. */
  readonly activities?: readonly ActivityDetail[];
}

/** A job and its passes as `export` gives them; null: there is no such job. */
export function jobExport(record: JobRecord | null, passes: readonly PassRecord[]): JobExport {
  if (record === null) return { dependencies: [], process: {}, status: undefined };
  const process = new Place();
  for (const pass of passes) {
    const digits = pass.address.split(",").slice(1);
    process.at([...digits, pass.activity]).values.push(...shownPass(pass));
  }
  const { metadata, data } = jobOutput(record);
  const root = process.at([`$${record.topic}`]).values;
  if (data !== undefined) root.push(["data", data]);
  root.push(["metadata", metadata]);
  return { dependencies: [], process: process.json(), status: String(record.status) };
}

function shownPass({ metadata, output, hook }: PassRecord): readonly (readonly [string, Json])[] {
  const data = output === null ? {} : { data: plainValue(output) };
  const shown: readonly [string, Json] = ["output", { metadata, ...data }];
  return hook === null ? [shown] : [shown, ["hook", { data: plainValue(hook) }]];
}

/** A node of the nested map while it is being made. */
class Place {
  readonly values: (readonly [string, Json])[] = [];
  readonly #places = new Map<string, Place>();

  at(keys: readonly string[]): Place {
    const [key, ...rest] = keys;
    if (key === undefined) return this;
    const place = this.#places.get(key) ?? new Place();
    this.#places.set(key, place);
    return place.at(rest);
  }

  json(): JsonObject {
    const made: Record<string, Json> = {};
    for (const [key, place] of this.#places) define(made, key, place.json());
    for (const [key, value] of this.values) define(made, key, value);
    return made;
  }
}
