import { createHash } from "node:crypto";
import type { Entry } from "./entry.js";

/** An id that every entry derives again at this position, and nobody else does. */
export function derivedId(entry: Entry, n: number): string {
  return `H${derived(entry, n).toString("base64url").slice(0, 22)}`;
}

/** Bytes that belong to a position of one function of one job. */
export function derived({ options, body }: Entry, n: number): Buffer {
  const { namespace, jobId, generation } = options;
  return createHash("sha256")
    .update(JSON.stringify([namespace, jobId, generation, body.at, n]))
    .digest();
}
