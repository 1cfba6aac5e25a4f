import {
  type BegunSpan,
  type LegObservation,
  type LegStart,
  parsePath,
  type TraceContext,
  traceContextOf,
} from "@hotmesh/core";
import type { EngineObserver, MessageFlow } from "@hotmesh/engine";
import type { Execution } from "@hotmesh/worker";
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import {
  codeText,
  executionAttributes,
  failureText,
  jobAttributes,
  legAttributes,
  messageAttributes,
  startAttributes,
} from "./attributes.js";

/** `info`: triggers, workers, and executions of workers. `debug`: everything. */
export type TelemetryLevel = "info" | "debug";

export interface TracingOptions {
  readonly appId: string;
  readonly level: TelemetryLevel;
  readonly tracer: Tracer;
}

/** A leg whose step has not committed yet, and the job that begins with it. */
interface Open {
  readonly span: Span;
  readonly job: Span | null;
}

/**
 * Most legs between their decision and its commit. Legs of steps that failed stay until others take their place: their
 * spans are never ended, so nobody exports them.
 */
const openMax = 10_000;

/** Makes spans of what an app does, at whichever provider the process has registered. */
export class Tracing {
  readonly #appId: string;
  readonly #isDebug: boolean;
  readonly #tracer: Tracer;
  readonly #open = new Map<string, Open>();

  constructor({ appId, level, tracer }: TracingOptions) {
    this.#appId = appId;
    this.#isDebug = level === "debug";
    this.#tracer = tracer;
  }

  /** What an engine asks and tells. */
  get observer(): Omit<EngineObserver, "channel"> {
    return {
      span: (leg) => quietly(() => this.#begin(leg)),
      leg: (leg) => void quietly(() => this.#end(leg)),
      ...(this.#isDebug && { message: (flow) => void quietly(() => this.#message(flow)) }),
    };
  }

  /** Runs a callback inside a span of its own, so that whatever it traces is part of the job's trace. */
  async execute({ message, trace: carried }: Execution, run: () => Promise<unknown>): Promise<unknown> {
    const { aid, topic } = message.metadata;
    const name = `EXECUTE/${this.#appId}/${aid}/${topic}`;
    const span = quietly(() => this.#start(name, traceContextOf(carried), executionAttributes(message)));
    if (span === null) return run();
    let failure: string | null = null;
    try {
      const answer = await context.with(trace.setSpan(ROOT_CONTEXT, span), run);
      failure = failedCode(answer);
      return answer;
    } catch (thrown) {
      failure = thrown instanceof Error ? thrown.message : String(thrown);
      throw thrown;
    } finally {
      quietly(() => end(span, failure));
    }
  }

  /** Tells of something that went wrong outside of any job. */
  system(event: string, reason: string): void {
    quietly(() => {
      const span = this.#start(`SYSTEM/${this.#appId}/${event}`, null, {});
      if (span !== null) end(span, reason);
    });
  }

  #begin(leg: LegStart): BegunSpan | null {
    const { app, activity, type, parent } = leg;
    if (!this.#isDebug && type !== "trigger" && type !== "worker") return null;
    const attributes = startAttributes(leg);
    const beginsJob = this.#isDebug && type === "trigger";
    const job = beginsJob ? this.#start(`JOB/${app}/${leg.graph}/1`, parent, attributes) : null;
    const above = job === null ? parent : placeOf(job);
    const span = this.#start(`${type.toUpperCase()}/${app}/${activity}/${leg.leg}`, above, attributes);
    if (span === null) return null;
    const isRecorded = span.isRecording();
    const place = placeOf(span);
    if (isRecorded) this.#keep(place.spanId, { span, job });
    return { ...place, isRecorded };
  }

  #end(leg: LegObservation): void {
    const open = leg.span === undefined ? undefined : this.#open.get(leg.span);
    if (leg.span === undefined || open === undefined) return;
    this.#open.delete(leg.span);
    end(open.span.setAttributes(legAttributes(leg)), failureText(leg));
    open.job?.setAttributes(jobAttributes(leg));
    open.job?.end();
  }

  #message({ direction, type, message }: MessageFlow): void {
    const parent = traceContextOf(message.trace);
    // What belongs to no trace would begin one of its own, with nothing else in it.
    if (parent === null) return;
    const flow = direction === "in" ? "FANIN" : "FANOUT";
    const activity = message.path === null ? [] : [parsePath(message.path).activity];
    const name = [flow, this.#appId, ...activity, message.topic ?? type].join("/");
    this.#start(name, parent, messageAttributes(message))?.end();
  }

  #keep(id: string, open: Open): void {
    this.#open.set(id, open);
    const [oldest] = this.#open.keys();
    if (this.#open.size > openMax && oldest !== undefined) this.#open.delete(oldest);
  }

  /** Null: nobody has registered a provider. */
  #start(name: string, parent: TraceContext | null, attributes: Attributes): Span | null {
    const above = parent === null ? ROOT_CONTEXT : contextOf(parent);
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, above);
    const own = span.spanContext();
    // Without a provider a span that has a parent shows the parent's ids as its own.
    const isNew = isSpanContextValid(own) && own.spanId !== trace.getSpanContext(above)?.spanId;
    return isNew ? span : null;
  }
}

function placeOf(span: Span): TraceContext & { readonly spanId: string } {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
}

function contextOf({ traceId, spanId, sampled }: TraceContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: spanId ?? unknownParent(traceId),
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

/** A span begins a trace of its own unless it has a parent. A caller may name a trace, and no span of it. */
function unknownParent(traceId: string): string {
  const half = traceId.slice(0, 16);
  return /^0+$/.test(half) ? traceId.slice(16) : half;
}

/** Why an answer is no success; null: it is one. */
function failedCode(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null || !("status" in answer) || answer.status !== "error") return null;
  return codeText("code" in answer ? answer.code : undefined);
}

function end(span: Span, failure: string | null): void {
  if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
  span.end();
}

/** A provider that throws costs a span, never a job. */
function quietly<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}

/** The reason in the facts of a log event. */
export function reasonOf(event: string, meta: readonly unknown[]): string {
  for (const facts of meta) {
    const error = typeof facts === "object" && facts !== null && "error" in facts ? facts.error : facts;
    if (error instanceof Error) return error.message;
  }
  return event;
}
