import {
  type CodeRetry,
  generationId,
  type InboundMessage,
  type Instant,
  type Json,
  jobId,
  type Lease,
  type LeaseToken,
  messageKey,
  type OutgoingMessage,
  type PlanId,
  pathText,
  type RetryPolicy,
} from "@hotmesh/core";
import { documentText, type Open } from "../codec/encoded.js";
import { restored, stored } from "./stored-text.js";

/** What every reader of `message` gets, as row_to_json makes it. */
export interface MessageRow {
  readonly key: string;
  readonly topic?: string | null;
  readonly kind: string;
  readonly job_id: string | null;
  readonly generation: string | null;
  readonly path: string | null;
  readonly body: Json;
  readonly scheduled_at: Instant | null;
  readonly attempt: number;
  readonly max_retry_attempts: number | null;
  readonly backoff_coefficient: number | null;
  readonly maximum_interval_seconds: number | null;
  readonly initial_interval_seconds: number | null;
  readonly code_retries: readonly CodeRetry[] | null;
  readonly workflow: string | null;
  readonly trace: string | null;
  readonly request: string | null;
}

export interface LeaseRow extends MessageRow {
  readonly lease_token: LeaseToken;
  readonly lease_until: Instant;
  readonly deliveries: number;
  readonly created_at: Instant;
  readonly plan: PlanId | null;
}

/** The right to a message that a step wrote for its own process. */
export interface HandedLease {
  readonly token: LeaseToken;
  readonly until: Instant;
}

export function messageOf(row: MessageRow, open: Open): OutgoingMessage {
  return {
    key: messageKey(restored(row.key)),
    topic: restored(row.topic ?? null),
    kind: restored(row.kind),
    job: row.job_id === null ? null : jobId(restored(row.job_id)),
    generation: row.generation === null ? null : generationId(restored(row.generation)),
    path: row.path === null ? null : pathText(restored(row.path)),
    body: open(row.body),
    visibleAt: row.scheduled_at,
    attempt: row.attempt,
    policy: policyOf(row),
    codeRetries: row.code_retries ?? [],
    workflow: restored(row.workflow),
    trace: restored(row.trace),
  };
}

export function inboundOf(row: MessageRow, plan: PlanId | null, open: Open): InboundMessage {
  const request = row.request === null ? null : messageKey(restored(row.request));
  return { ...messageOf(row, open), source: "stored", plan, request };
}

export function leaseOf(row: LeaseRow, open: Open): Lease {
  return {
    ...messageOf(row, open),
    token: row.lease_token,
    until: row.lease_until,
    deliveries: row.deliveries,
    plan: row.plan,
    createdAt: row.created_at,
  };
}

/** The largest integer of PostgreSQL: as good as any larger one. */
const attemptsMax = 2_147_483_647;

export function messageParameter(message: OutgoingMessage, lease: HandedLease | null = null, holder = "") {
  const { policy, codeRetries } = message;
  return {
    key: stored(message.key),
    topic: stored(message.topic),
    kind: stored(message.kind),
    job_id: stored(message.job),
    generation: stored(message.generation),
    path: stored(message.path),
    body: documentText(message.body),
    scheduled_at: message.visibleAt,
    attempt: message.attempt,
    max_retry_attempts: policy === null ? null : Math.min(policy.maximumAttempts, attemptsMax),
    backoff_coefficient: policy?.backoffCoefficient ?? null,
    maximum_interval_seconds: policy?.maximumIntervalSeconds ?? null,
    initial_interval_seconds: policy?.initialIntervalSeconds ?? null,
    code_retries: codeRetries.length === 0 ? null : JSON.stringify(codeRetries),
    workflow: stored(message.workflow),
    trace: stored(message.trace),
    lease_token: lease?.token ?? null,
    lease_until: lease?.until ?? null,
    lease_holder: lease === null ? null : holder,
  };
}

/** Of the policy columns all are set, or none. */
function policyOf(row: MessageRow): RetryPolicy | null {
  const { max_retry_attempts, backoff_coefficient, maximum_interval_seconds, initial_interval_seconds } = row;
  if (max_retry_attempts === null || backoff_coefficient === null) return null;
  if (maximum_interval_seconds === null || initial_interval_seconds === null) return null;
  return {
    maximumAttempts: max_retry_attempts,
    backoffCoefficient: backoff_coefficient,
    maximumIntervalSeconds: maximum_interval_seconds,
    initialIntervalSeconds: initial_interval_seconds,
  };
}
