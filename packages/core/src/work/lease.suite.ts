import { generationId, instant, jobId, leaseToken, messageKey, pathText } from "../brand.js";
import type { Lease, RetryPolicy } from "../ports/message.js";

/** Work that somebody has taken. */
export function lease(over: Partial<Lease> = {}): Lease {
  return {
    key: messageKey("Hm1"),
    topic: "kiln.fire",
    kind: "work",
    job: jobId("P1"),
    generation: generationId("Hg1"),
    path: pathText("k1,0,0"),
    body: { temp: 900 },
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: "pot.throw",
    trace: null,
    token: leaseToken("T1"),
    until: instant(1_800_000_030_000),
    deliveries: 1,
    plan: null,
    createdAt: instant(1_800_000_000_000),
    ...over,
  };
}

export function policy(over: Partial<RetryPolicy> = {}): RetryPolicy {
  return {
    maximumAttempts: 3,
    backoffCoefficient: 10,
    maximumIntervalSeconds: 120,
    initialIntervalSeconds: 1,
    ...over,
  };
}
