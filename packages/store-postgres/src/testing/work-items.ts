import { type EscalationOpening, jobId, messageKey, type OutgoingMessage, type Program } from "@hotmesh/core";
import type { PostgresBackend } from "../open-postgres.js";

/** A pending work item that is kept beside a wait of no graph. */
export function workItem(wait: string, change: Partial<EscalationOpening> = {}): EscalationOpening {
  return {
    wait,
    key: "k",
    topic: "order.approved",
    job: jobId("a"),
    role: null,
    type: null,
    subtype: null,
    entity: null,
    description: null,
    priority: 5,
    metadata: null,
    envelope: null,
    originId: null,
    parentId: null,
    initiatedBy: null,
    traceId: null,
    spanId: null,
    taskQueue: null,
    workflowType: null,
    expiresAt: null,
    closed: null,
    ...change,
  };
}

/** A step that opens these items and does nothing else. */
export async function openItems(backend: PostgresBackend, items: readonly EscalationOpening[]): Promise<void> {
  await backend.store.step({ limit: 0, events: [event] }, opening(items));
}

const event: OutgoingMessage = {
  key: messageKey("event"),
  topic: null,
  kind: "note",
  job: null,
  generation: null,
  path: null,
  body: null,
  visibleAt: null,
  attempt: 0,
  policy: null,
  codeRetries: [],
  workflow: null,
  trace: null,
};

function opening(escalationsOpened: readonly EscalationOpening[]): Program {
  return {
    reads: () => ({ passes: [], ranges: [], activation: false }),
    decide: (messages) => ({
      jobs: [],
      passes: [],
      sends: [],
      cancels: [],
      hooksOpened: [],
      hooksClosed: [],
      signals: [],
      counters: [],
      escalationsOpened,
      publications: [],
      parked: [],
      deferred: [],
      verdicts: messages.map(() => ({ outcome: "applied", job: null })),
    }),
  };
}
