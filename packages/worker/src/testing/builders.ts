import {
  generationId,
  instant,
  jobId,
  type Lease,
  leaseToken,
  messageKey,
  type OutgoingMessage,
  pathText,
  type RetryPolicy,
} from "@hotmesh/core";

/** A worker message about no job: the storage hands it out whatever becomes of jobs. */
export function message(key: string, over: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    key: messageKey(key),
    topic: "kiln.fire",
    kind: "work",
    job: null,
    generation: null,
    path: null,
    body: { temp: 900 },
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: "pot.throw",
    trace: null,
    ...over,
  };
}

export function lease(over: Partial<Lease> = {}): Lease {
  return {
    ...message("Hm1", { job: jobId("P1"), generation: generationId("Hg1"), path: pathText("k1,0,0") }),
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
