import { context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { packageTracer } from "./tracer.js";

/** What a span tells besides its name. */
export interface SpanFacts {
  readonly attributes?: object;
  /** What went wrong. */
  readonly failure?: string | undefined;
  /** How long it took, when it is recorded afterwards. */
  readonly durationMs?: number | undefined;
}

/** Records a span of something that is over, in the trace of whoever calls. */
export function recordSpan(name: string, { attributes = {}, failure, durationMs = 0 }: SpanFacts = {}): void {
  quietly(() => {
    const endTime = Date.now();
    const span = packageTracer().startSpan(name, { kind: SpanKind.INTERNAL, startTime: endTime - durationMs });
    for (const [key, value] of Object.entries(attributes)) span.setAttribute(key, attributeOf(value));
    finish(span, failure, endTime);
  });
}

/** Runs something inside a span. `failureIn` tells whether what it comes to is a failure. */
export async function insideSpan<Result>(
  name: string,
  { run, failureIn }: { run: () => Promise<Result>; failureIn: (result: Result) => string | undefined },
): Promise<Result> {
  const span = quietly(() => packageTracer().startSpan(name, { kind: SpanKind.INTERNAL }));
  if (span === null) return run();
  let failure: string | undefined;
  try {
    const result = await context.with(trace.setSpan(context.active(), span), run);
    failure = failureIn(result);
    return result;
  } catch (thrown) {
    failure = thrown instanceof Error ? thrown.message : String(thrown);
    throw thrown;
  } finally {
    quietly(() => finish(span, failure));
  }
}

function finish(span: Span, failure: string | undefined, endTime?: number): void {
  if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
  span.end(endTime);
}

function attributeOf(value: unknown): string | number | boolean {
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isPlain ? value : JSON.stringify(value ?? null);
}

/** A provider that throws costs a span, never a workflow. */
function quietly<Result>(run: () => Result): Result | null {
  try {
    return run();
  } catch {
    return null;
  }
}
