interface KindOfError {
  /** HTTP-like. */
  readonly code: number;
  /** True: the same call may succeed when it is made again. */
  readonly retryable: boolean;
}

/**
 * Every `kind` an error of HotMesh can have, with its code. `docs/errors.md` says what each means and what to do; a
 * test holds that page, and the tests of the errors, to this table.
 */
export const errorKinds = {
  "invalid-config": { code: 400, retryable: false },
  "invalid-argument": { code: 400, retryable: false },
  "no-engine": { code: 400, retryable: false },
  "no-workflow": { code: 400, retryable: false },
  "no-activity": { code: 400, retryable: false },
  forbidden: { code: 403, retryable: false },
  "topic-not-found": { code: 404, retryable: false },
  "app-not-found": { code: 404, retryable: false },
  "version-not-found": { code: 404, retryable: false },
  "job-not-found": { code: 404, retryable: false },
  "no-hook-rule": { code: 404, retryable: false },
  "role-not-found": { code: 404, retryable: false },
  "job-exists": { code: 409, retryable: false },
  "not-active": { code: 409, retryable: false },
  "not-pending": { code: 409, retryable: false },
  "job-completed": { code: 409, retryable: false },
  "hook-closed": { code: 409, retryable: false },
  "version-active": { code: 409, retryable: false },
  "role-exists": { code: 409, retryable: false },
  "escalation-pending": { code: 409, retryable: false },
  stopped: { code: 409, retryable: false },
  "inactive-job": { code: 409, retryable: false },
  "earlier-generation": { code: 409, retryable: false },
  collation: { code: 409, retryable: false },
  "payload-invalid": { code: 422, retryable: false },
  "compile-failed": { code: 422, retryable: false },
  // The code of these two is that of the failure, when it has one.
  "job-failed": { code: 500, retryable: false },
  "mapping-failed": { code: 500, retryable: false },
  "decision-failed": { code: 500, retryable: false },
  "plan-not-found": { code: 500, retryable: false },
  "codec-missing": { code: 500, retryable: false },
  "codec-failed": { code: 500, retryable: false },
  protocol: { code: 500, retryable: false },
  "storage-failed": { code: 500, retryable: false },
  "set-state": { code: 500, retryable: false },
  "map-data": { code: 500, retryable: false },
  "register-timeout": { code: 500, retryable: false },
  "exec-activity": { code: 500, retryable: false },
  "replay-mismatch": { code: 500, retryable: true },
  "connection-failed": { code: 503, retryable: true },
  "storage-busy": { code: 503, retryable: true },
  "quorum-not-reached": { code: 503, retryable: true },
  "schema-timeout": { code: 504, retryable: true },
  timeout: { code: 504, retryable: false },
  // Each class of this one has a code of its own.
  interruption: { code: 588, retryable: true },
  "durable-timeout": { code: 596, retryable: true },
  "durable-maxed": { code: 597, retryable: false },
  "durable-fatal": { code: 598, retryable: false },
  cancelled: { code: 598, retryable: false },
  "lease-expired": { code: 598, retryable: true },
  "durable-retry": { code: 599, retryable: true },
} as const satisfies Readonly<Record<string, KindOfError>>;

/** Stable word that tells what went wrong, `topic-not-found`. */
export type ErrorKind = keyof typeof errorKinds;
