import {
  type GenerationId,
  generationId,
  guid,
  type Instant,
  type JobId,
  type JobRecord,
  type JsonObject,
  jobId,
  messageKey,
  prepareStart,
} from "@hotmesh/core";
import type { Engine } from "./engine.js";
import { startError } from "./verdict-error.js";

/** What a caller wants started. */
export interface StartJob<Tx = never> {
  readonly topic: string;
  readonly payload: JsonObject;
  /** Search fields (`_x`) and markers (`-m`). */
  readonly fields?: Readonly<Record<string, string>>;
  readonly entity?: string | null;
  /** The instance whose caller waits for the result. */
  readonly waiter?: string | null;
  readonly trace?: string | null;
  readonly pendingSeconds?: number | null;
  /** Identity of the job to be; drawn unless given. */
  readonly generation?: GenerationId;
  /** Start within this open transaction. */
  readonly within?: Tx;
}

export interface StartPorts<Tx> {
  readonly engine: Engine<Tx>;
  readonly now: () => Instant;
  /** Draws job ids and generations; the host's `crypto` unless given. */
  readonly newId?: () => string;
  /** Runs before a start is submitted, with the id the job will have. */
  readonly onPrepared?: (id: JobId) => void;
}

export interface StartedJob {
  readonly jobId: JobId;
  /** The job as the step left it. */
  readonly record: JobRecord | null;
}

/** Between two tries lies a switch of the active version; nobody switches this often. */
const triesMax = 5;

/**
 * Starts a job of the active version: it exists, with all that follows from its trigger, when the promise resolves.
 * A start that was prepared for a version that is no longer active is prepared anew.
 */
export async function startJob<Tx>(ports: StartPorts<Tx>, request: StartJob<Tx>): Promise<StartedJob> {
  const { engine, newId = () => guid(globalThis.crypto) } = ports;
  const { within, generation = generationId(newId()), ...wanted } = request;
  const generatedId = jobId(newId());
  for (let attempt = 1; ; attempt += 1) {
    const activation = await engine.activations.current();
    const plan = await engine.plan(activation.plan);
    const event = prepareStart(plan, {
      ...wanted,
      generatedId,
      generation,
      key: messageKey(newId()),
      now: ports.now(),
      violations: engine.violations,
    });
    const id = event.job ?? generatedId;
    ports.onPrepared?.(id);
    const verdict = await (within === undefined ? engine.submit(event) : engine.submitWithin(event, within));
    if (verdict.outcome === "applied") return { jobId: id, record: verdict.job };
    if (verdict.outcome !== "stale" || attempt === triesMax) throw startError(verdict, id);
    engine.activations.forget();
  }
}
