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
  type OutgoingMessage,
  prepareStart,
} from "@hotmesh/core";
import type { Engine } from "./engine.js";
import { mappingError, startError } from "./verdict-error.js";

/** What a caller wants started. */
export interface StartJob<Tx = never> {
  /** What the graph subscribes to. */
  readonly topic: string;
  /** What its trigger receives. */
  readonly payload: JsonObject;
  /** Search fields (`_x`) and markers (`-m`). */
  readonly fields?: Readonly<Record<string, string>>;
  /** Label of the job; wins over the trigger's. */
  readonly entity?: string | null;
  /** The instance whose caller waits for the result. */
  readonly waiter?: string | null;
  /** A W3C `traceparent`, or the id of a trace, that the job continues. */
  readonly trace?: string | null;
  /** Start it pending: it expires after so many seconds unless it is resumed. */
  readonly pendingSeconds?: number | null;
  /** Identity of the job to be; drawn unless given. */
  readonly generation?: GenerationId;
  /** Start within this open transaction. */
  readonly within?: Tx;
}

/** What a start needs. */
export interface StartPorts<Tx> {
  /** Decides the start. */
  readonly engine: Engine<Tx>;
  /** The time of this process. */
  readonly now: () => Instant;
  /** Draws job ids and generations; the host's `crypto` unless given. */
  readonly newId?: () => string;
  /** Runs before a start is submitted, with the id the job will have. */
  readonly onPrepared?: (id: JobId) => void;
}

/** A job that was started. */
export interface StartedJob {
  /** Its id: that of its trigger's `stats.id`, or one that was drawn. */
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
    const event = prepared(plan, {
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

function prepared(...given: Parameters<typeof prepareStart>): OutgoingMessage {
  try {
    return prepareStart(...given);
  } catch (thrown) {
    throw mappingError(thrown);
  }
}
