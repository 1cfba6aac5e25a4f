import { type ErrorKind, HotMeshError } from "@hotmesh/core";

/** What is to be done about an error. */
export const ErrorCategory = {
  /** The right to answer is gone: whatever was worked out does not count. */
  FATAL: "fatal",
  /** It has been done before, or is done by somebody else: nothing is to be done. */
  COLLATION: "collation",
  /** The same again may succeed. */
  RETRYABLE: "retryable",
  /** The same again will fail again. */
  TERMINAL: "terminal",
} as const;

export type ErrorCategory = (typeof ErrorCategory)[keyof typeof ErrorCategory];

const categories: ReadonlyMap<ErrorKind, ErrorCategory> = new Map([
  ["lease-expired", ErrorCategory.FATAL],
  ["collation", ErrorCategory.COLLATION],
  ["job-exists", ErrorCategory.COLLATION],
  ["inactive-job", ErrorCategory.TERMINAL],
  ["earlier-generation", ErrorCategory.TERMINAL],
  ["job-not-found", ErrorCategory.TERMINAL],
  ["durable-fatal", ErrorCategory.TERMINAL],
  ["durable-maxed", ErrorCategory.TERMINAL],
  ["cancelled", ErrorCategory.TERMINAL],
]);

/** The category of anything that was thrown; `retryable` where nothing is known of it. */
export function classifyError(thrown: unknown): ErrorCategory {
  const known = HotMeshError.is(thrown) ? categories.get(thrown.kind) : undefined;
  return known ?? ErrorCategory.RETRYABLE;
}
