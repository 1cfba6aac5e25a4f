import type { CodeRetry, Lease, RetryPolicy } from "../ports/message.js";

/**
 * The wait in milliseconds before a failed message is tried again, null when it is not. The first source that exists
 * counts: the policy on the message, the worker's own, the retries of exactly this code.
 */
export function retryDelayMs(lease: RetryFacts, code: number, fallback: RetryPolicy | null): number | null {
  const executions = lease.attempt + 1;
  const policy = lease.policy ?? fallback;
  if (policy !== null) return executions < policy.maximumAttempts ? policyDelayMs(policy, executions) : null;
  const rule = lease.codeRetries.find((retry) => retry.code === String(code));
  return rule !== undefined && executions <= rule.retries ? Math.min(10 * 10 ** (executions - 1), 10_000) : null;
}

export type RetryFacts = Pick<Lease, "attempt" | "policy"> & { readonly codeRetries: readonly CodeRetry[] };

/** After any instant of ours this is still one that a date can say. */
const longestMs = 4e15;

/** The wait before retry number `retry` (1 the first): no jitter, capped. */
function policyDelayMs(policy: RetryPolicy, retry: number): number {
  const seconds = policy.initialIntervalSeconds * policy.backoffCoefficient ** retry;
  const ms = Math.round(Math.min(seconds, policy.maximumIntervalSeconds) * 1_000);
  // What is no wait at all, such as none multiplied for ever, is none.
  return ms > 0 ? Math.min(ms, longestMs) : 0;
}

/** How often a message may be handed out before it counts as one that kills its workers. */
export function deliveriesMax(lease: RetryFacts, fallback: RetryPolicy | null, poisonThreshold: number): number {
  const policy = lease.policy ?? fallback;
  const planned = policy?.maximumAttempts ?? 1 + Math.max(0, ...lease.codeRetries.map((retry) => retry.retries));
  return Math.max(planned, poisonThreshold);
}
