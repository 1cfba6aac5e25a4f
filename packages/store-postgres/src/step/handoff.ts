import {
  after,
  type Commit,
  type Handoff,
  type JobRecord,
  type Lease,
  type MessageKey,
  type OutgoingMessage,
} from "@hotmesh/core";
import { newToken } from "../rows/token.js";
import type { Ground } from "./batch.js";

/** Leases for messages that this process is about to store and has free slots for, by message key. */
export function handedLeases(
  sends: readonly OutgoingMessage[],
  handoff: Handoff | null,
  ground: Ground & { readonly commit: Commit },
): ReadonlyMap<MessageKey, Lease> {
  const handed = new Map<MessageKey, Lease>();
  if (handoff === null) return handed;
  const free = new Map(handoff.slots);
  const written = new Map(ground.commit.jobs.map(({ record }) => [record.id, record]));
  for (const message of sends) {
    const slots = message.topic === null ? 0 : (free.get(message.topic) ?? 0);
    if (message.topic === null || slots <= 0 || (message.visibleAt ?? 0) > ground.now) continue;
    const job = message.job === null ? null : (written.get(message.job) ?? ground.jobs.get(message.job) ?? null);
    if (message.job !== null && !isWanted(message, job)) continue;
    free.set(message.topic, slots - 1);
    handed.set(message.key, {
      ...message,
      token: newToken(message.key),
      until: after(ground.now, handoff.leaseMs),
      deliveries: 1,
      plan: job?.plan ?? null,
      createdAt: ground.now,
    });
  }
  return handed;
}

/** Work of a job without open obligations, or of an earlier incarnation, is nobody's. stream_claim says the same. */
function isWanted(message: OutgoingMessage, job: JobRecord | null): boolean {
  if (job === null || (message.generation !== null && message.generation !== job.generation)) return false;
  return job.status > 0 || job.phase === "pending" || job.phase === "running";
}
