import {
  generationId,
  graphProgram,
  type Instant,
  jobId,
  type Lease,
  messageKey,
  type OutgoingMessage,
  type Program,
  prepareStart,
  type Settlement,
} from "@hotmesh/core";
import { compileText } from "@hotmesh/core/compiler";
import type { PostgresBackend } from "../open-postgres.js";

const document = `
app:
  id: one
  version: "1"
  graphs:
    - subscribes: pot.throw
      expire: 100
      activities:
        t1:
          type: trigger
        k1:
          type: worker
          topic: kiln.fire
          input:
            maps:
              clay: "{t1.output.data.clay}"
          job:
            maps:
              fired: "{$self.output.data.fired}"
      transitions:
        t1:
          - to: k1
`;

export const plan = compileText(document).plan;
export const topic = "kiln.fire";
export const program: Program = graphProgram({ plans: new Map([[plan.id, plan]]), policy: null });

/** A trigger and one worker: the smallest job that does something. */
export async function activate(backend: PostgresBackend): Promise<void> {
  await backend.store.deploy(plan);
  await backend.store.activate(plan.version);
  // So that the process knows the database's time.
  await backend.store.step({ limit: 1 }, program);
}

export function start(id: string, now: Instant): OutgoingMessage {
  return prepareStart(plan, {
    topic: "pot.throw",
    payload: { clay: "red" },
    generatedId: jobId(id),
    generation: generationId(`generation of ${id}`),
    key: messageKey(`start ${id}`),
    now,
  });
}

export function answer(lease: Lease): Settlement {
  return {
    lease,
    outcome: { kind: "answer", answer: { status: "success", code: 200, data: { fired: true } } },
  };
}
